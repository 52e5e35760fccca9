"""`packpress next-id`: the next identifier of a table, in its own form, never one that was used before."""

import pytest
from packpress.editing.identifiers import find_next
from packpress.tables.rows import read_tables

from invented.commands import invoke
from invented.copies import FLEET
from invented.packages import field, table, write_package
from packpress import CannotRunError, read_package


def next_of(copy, name, owner=""):
    package = copy.read()
    return find_next(package, read_tables(package), name, owner)


@pytest.mark.parametrize(
    ("name", "key", "owner"),
    [
        ("sightings", "sighting_id", "north"),
        ("pages", "page_id", "south"),
        ("charts", "chart_id", "north"),
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


def test_a_log_without_rows_takes_the_form_of_the_others(package_copy):
    (log, *_) = package_copy.rows("logs")
    package_copy.append("logs", **log | {"log_id": "new-log"})
    assert next_of(package_copy, "sightings", "new-log") == "new-log-s001"


def test_a_withdrawn_identifier_never_returns(package_copy):
    found = next_of(package_copy, "sightings", "north")
    package_copy.append(
        "withdrawals", table_name="sightings", row_id=found, version="1.1.0", reason="Withdrawn."
    )
    package_copy.append(
        "withdrawals", table_name="pages", row_id=f"{found}9", version="1.1.0", reason="Other."
    )
    again = next_of(package_copy, "sightings", "north")
    assert int(again[-3:]) == int(found[-3:]) + 1


def test_numbers_outgrow_their_width_and_keys_need_no_owner(tmp_path):
    letters = table("letters", "id\nx-8\nx-9\nx-9-old\n", [field("id")], primaryKey="id")
    numbers = table("numbers", "id\n1\n7\n", [field("id", "integer")], primaryKey="id")
    package = read_package(write_package(tmp_path, letters, numbers))
    tables = read_tables(package)
    assert find_next(package, tables, "letters") == "x-10"
    assert find_next(package, tables, "numbers") == "8"
    with pytest.raises(
        CannotRunError, match="letters: its keys do not begin with the key of another row; leave out x"
    ):
        find_next(package, tables, "letters", "x")


REFUSED = {
    ("sightingz",): 'sightingz: no such table; did you mean "sightings"?',
    (
        "sightings",
    ): "sightings: its rows are numbered separately for each row of logs; name one: logs are east, north, south",
    ("sightings", "nort"): 'nort: no row of logs; did you mean "north"?',
    (
        "sighting_ports",
    ): "sighting_ports: its key is made of sighting_id, port_id, role; there is nothing to number",
    ("ports",): 'ports: its keys are not numbered, such as "bergen"; choose one that was never used',
}


@pytest.mark.parametrize("words", REFUSED, ids=" ".join)
def test_what_cannot_be_numbered_is_one_line(package_copy, words):
    with pytest.raises(CannotRunError) as caught:
        next_of(package_copy, *words)
    assert str(caught.value) == REFUSED[words]


def test_the_command_prints_the_identifier_and_nothing_else():
    done = invoke("next-id", "sightings", "north", "--descriptor", FLEET / "datapackage.json")
    assert done.returncode == 0
    assert done.stdout.startswith("north-s") and done.stdout.count("\n") == 1
    assert invoke("next-id", "sightingz", "--descriptor", FLEET / "datapackage.json").returncode == 2
