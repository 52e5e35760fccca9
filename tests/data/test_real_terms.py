"""The real mappings and references: every code is an address, every open identifier is said to be open."""

import re

import pytest
from packpress.package.profile import is_url
from packpress.tables.rows import Tables, read_tables

# The columns of mappings whose values are codes with a prefix.
CODES = ("predicate_id", "object_id", "mapping_justification")
# How notes call what identifies an article.
IDENTIFIERS = {"doi": "DOI", "pmid": "PubMed number"}
# Prefixes of ICD-11, with the form of what follows, as Bioregistry has them.
ICD_11 = {"icd11": r"[1-9][0-9]*", "icd11.code": r"[0-9A-Z]+(?:\.[0-9A-Z]+)?"}
# A DOI that ends in volume, issue and first page, and the number of an article, in which its DOI ends.
PLACE = re.compile(r"[a-z]+[./]([0-9]+)\.([0-9]+)\.([0-9]+)")
NUMBER = re.compile(r"e?([0-9]{5,})")


@pytest.fixture(scope="module")
def tables(package) -> Tables:
    return read_tables(package)


@pytest.fixture(scope="module")
def corrected(tables) -> dict[tuple[str, str], str]:
    """What is supplied or mended in references, by reference and field."""
    return {(row["reference_id"], row["field"]): row["corrected"] for row in tables["corrections"].rows}


def test_every_code_is_an_address(package, tables):
    for row in tables["mappings"].rows:
        for name in CODES:
            prefix, _, local = row[name].partition(":")
            assert is_url(package.prefixes[prefix] + local), row.key


def test_every_declared_prefix_is_used(package, tables):
    used = {row[name].partition(":")[0] for row in tables["mappings"].rows for name in CODES}
    assert used == {*package.prefixes}


def test_codes_of_icd_11_have_the_form_of_their_prefix(tables):
    seen = set()
    for row in tables["mappings"].rows:
        prefix, _, local = row["object_id"].partition(":")
        if prefix in ICD_11:
            assert re.fullmatch(ICD_11[prefix], local), row.key
            seen.add(prefix)
    assert seen == {*ICD_11}


def test_a_class_on_which_relations_lean_says_where_it_was_seen(tables):
    leaned_on = {row["mapping_id"] for row in tables["claim_relations"].rows} - {""}
    assert leaned_on
    for key in leaned_on:
        mapping = tables["mappings"].get(key)
        assert mapping["object_source_version"], key
        assert mapping["note"], key


def test_codes_of_one_terminology_are_of_one_version(tables):
    """Labels of two releases do not stand side by side, unless the note says why."""
    mesh = [row for row in tables["mappings"].rows if row["object_source"] == "MeSH"]
    newest = max(row["object_source_version"] for row in mesh)
    for row in mesh:
        assert row["object_source_version"] == newest or "label" in row["note"], row.key


@pytest.mark.parametrize("field", IDENTIFIERS)
def test_an_open_identifier_is_said_to_be_open(tables, corrected, field):
    for row in tables["references"].rows:
        if row["reference_type"] != "journal_article":
            continue
        is_known = bool(row[field] or (row.key, field) in corrected)
        is_open = bool(re.search(rf"\b{IDENTIFIERS[field]}\b[^.]*\bstays? open", row["note"]))
        assert is_known != is_open, row.key


def test_a_doi_agrees_with_the_place_that_it_holds(tables, corrected):
    compared = 0
    for row in tables["references"].rows:
        entry = {
            name: corrected.get((row.key, name), row[name]) for name in ("doi", "volume", "issue", "locator")
        }
        ending = entry["doi"].partition("/")[2]
        place, number = PLACE.fullmatch(ending), NUMBER.fullmatch(entry["locator"])
        if place:
            first_page = entry["locator"].partition("-")[0]
            assert place.groups() == (entry["volume"], entry["issue"], first_page), row.key
        elif number:
            assert ending.endswith(number[1]), row.key
        compared += bool(place or number)
    assert compared
