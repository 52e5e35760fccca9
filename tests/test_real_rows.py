"""Tests of code name no real row: what the real data hold may change, and breaks only the tests in `tests/data`."""

import re
from functools import cache
from pathlib import Path

import pytest
from packpress.tables.rows import read_tables

from packpress import read_package
from tests.conftest import ROOT

FOLDER = ROOT / "tests"
# What proves the data, and the questions that are put to them.
OF_THE_DATA = (FOLDER / "data", FOLDER / "competency", FOLDER / "competency.csv", FOLDER / "questions")
FILES = [
    path
    for path in sorted(FOLDER.rglob("*"))
    if path.suffix in {".py", ".csv", ".txt", ".sql", ".json"} and not {path, *path.parents} & {*OF_THE_DATA}
]
# Numbers by which works are known outside.
OUTSIDE = ("doi", "pmid", "pmcid")
SHORTEST = 7


@cache
def list_identifiers() -> frozenset[str]:
    """The keys of real rows and the numbers of real works; a key that is a plain word of the field is none."""
    tables = read_tables(read_package(ROOT / "datapackage.json"))
    # A withdrawn row of a composite key is registered under its values, joined by commas.
    cells = {
        cell
        for table in tables.values()
        for name in (*table.resource.primary_key, *OUTSIDE)
        if name in table.positions
        for row in table.rows
        for cell in row[name].split(",")
    }
    return frozenset(cell for cell in cells if len(cell) >= SHORTEST and re.search("[0-9-]", cell))


def find_identifiers(text: str) -> set[str]:
    """The identifiers of real rows that stand in a text as words of their own."""
    words = set(re.findall(r"[\w./-]+", text))
    parts = {part for word in words for part in re.split("[./]", word)}
    # Of `claims/x-c001.bib` the row is x-c001, which begins with the key of its source.
    beginnings = {word[: match.start()] for word in parts for match in re.finditer("-", word)}
    return list_identifiers() & {word.strip("./-") for word in words | parts | beginnings}


def test_identifiers_are_found_wherever_they_stand():
    known = sorted(list_identifiers())
    assert len(known) > 500
    for key in known[::50]:
        assert key in find_identifiers(f'page("/claims/{key}.bib") or "{key}-p001" or \'{key},oral\'')
    assert not find_identifiers("intravenous, neuropathic pain, claim_types and evidence_quality")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_a_test_of_code_names_no_real_row(path: Path):
    assert find_identifiers(path.read_text(encoding="utf-8")) == set()
