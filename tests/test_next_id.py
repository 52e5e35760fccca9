"""`packpress next-id`: the next identifier of a table, in its own form, never one that was used before."""

import pytest
from packpress.editing.identifiers import find_next
from packpress.package.descriptor import read_descriptor
from packpress.problems import CannotRunError
from packpress.tables.rows import read_tables

from tests.conftest import invoke
from tests.packages import field, table, write_package


def next_of(copy, name, owner=""):
    package = copy.read()
    return find_next(package, read_tables(package), name, owner)


@pytest.mark.parametrize(
    ("name", "key", "owner"),
    [
        ("claims", "claim_id", "fpm-ketamine"),
        ("passages", "passage_id", "pmid-37622028"),
        ("references", "reference_id", "pmid-34746491"),
    ],
)
def test_the_next_is_one_more_than_the_last_in_the_same_form(package_copy, name, key, owner):
    ids = [row[key] for row in package_copy.rows(name)]
    letter = name[0]
    (*_, last) = sorted(one for one in ids if one.startswith(f"{owner}-{letter}") and one[-1].isdigit())
    found = next_of(package_copy, name, owner)
    assert found not in ids
    assert len(found) == len(last)
    assert found[: len(owner) + 2] == last[: len(owner) + 2] == f"{owner}-{letter}"
    assert int(found[len(owner) + 2 :]) == int(last[len(owner) + 2 :]) + 1


def test_a_source_without_rows_takes_the_form_of_the_others(package_copy):
    (source, *_) = package_copy.rows("sources")
    package_copy.append("sources", **source | {"source_id": "new-text"})
    assert next_of(package_copy, "claims", "new-text") == "new-text-c001"


def test_a_withdrawn_identifier_never_returns(package_copy):
    found = next_of(package_copy, "claims", "fpm-ketamine")
    package_copy.append(
        "withdrawals", table_name="claims", row_id=found, version="1.1.0", reason="Withdrawn."
    )
    package_copy.append(
        "withdrawals", table_name="passages", row_id=f"{found}9", version="1.1.0", reason="Other."
    )
    again = next_of(package_copy, "claims", "fpm-ketamine")
    assert int(again[-3:]) == int(found[-3:]) + 1


def test_numbers_outgrow_their_width_and_keys_need_no_owner(tmp_path):
    letters = table("letters", "id\nx-8\nx-9\nx-9-old\n", [field("id")], primaryKey="id")
    numbers = table("numbers", "id\n1\n7\n", [field("id", "integer")], primaryKey="id")
    package = read_descriptor(write_package(tmp_path, letters, numbers))
    tables = read_tables(package)
    assert find_next(package, tables, "letters") == "x-10"
    assert find_next(package, tables, "numbers") == "8"
    with pytest.raises(
        CannotRunError, match="letters: its keys do not begin with that of another row; leave x out"
    ):
        find_next(package, tables, "letters", "x")


REFUSED = {
    ("claimz",): 'claimz: no such table; did you mean "claims"?',
    ("claims",): "claims: its rows are numbered for each of sources; name one: sources are article-ketamine, "
    "clinic-ketamine, fpm-ketamine, pmid-34746491, pmid-37622028",
    ("claims", "fpm-ketamin"): 'fpm-ketamin: no row of sources; did you mean "fpm-ketamine"?',
    (
        "claim_routes",
    ): "claim_routes: its key is made of claim_id, route_id, role; there is nothing to number",
    (
        "mappings",
    ): 'mappings: its keys are not numbered, such as "adverse-effects-altered-perceptions-hp-5200216"; '
    "choose one that no row has or ever had",
}


@pytest.mark.parametrize("words", REFUSED, ids=" ".join)
def test_what_cannot_be_numbered_is_one_line(package_copy, words):
    with pytest.raises(CannotRunError) as caught:
        next_of(package_copy, *words)
    assert str(caught.value) == REFUSED[words]


def test_the_command_prints_the_identifier_and_nothing_else():
    done = invoke("next-id", "claims", "fpm-ketamine")
    assert done.returncode == 0
    assert done.stdout.startswith("fpm-ketamine-c") and done.stdout.count("\n") == 1
    assert invoke("next-id", "claimz").returncode == 2
