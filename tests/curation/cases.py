"""The cases of the curation rules: each breaks a copy of the invented data set and says what must be reported."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from invented.copies import validate
from packpress import read_package
from tests.conftest import ROOT, PackageCopy

# For its tables and fields, which are those of the invented data set too.
PACKAGE = read_package(ROOT / "datapackage.json")

# A case breaks the copy and returns every message that must come of it; notices begin with `notice: `.
Break = Callable[[PackageCopy], list[str]]
CASES: dict[str, dict[tuple[str, str], Break]] = {}


def case(rule: str) -> Callable[[Break], Break]:
    """Registers a function as a case of a rule, under the module that it stands in."""

    def register(break_copy: Break) -> Break:
        module = break_copy.__module__.rpartition(".")[2]
        CASES.setdefault(module, {})[rule, break_copy.__name__] = break_copy
        return break_copy

    return register


def cases_of(module: str) -> list[Any]:
    """The parameters of a test that runs every case of a module; quickly only the first of each rule."""
    cases = CASES[module.rpartition(".")[2]]
    first = dict(reversed(cases))
    return [
        pytest.param(rule, run, id=f"{rule}: {name}", marks=() if first[rule] == name else pytest.mark.long)
        for (rule, name), run in cases.items()
    ]


def check_case(rule: str, break_copy: Break, copy: PackageCopy) -> None:
    """Asserts that a case is reported by its rule, in the words that it gives, and that nothing else is."""
    expected = break_copy(copy)
    report = validate(copy)
    reported = [*report.problems, *report.notices]
    assert sorted(str(problem) for problem in reported) == sorted(expected)
    assert f"rules/{rule}" in {problem.code for problem in reported}


def at(copy: PackageCopy, table: str, key: str) -> str:
    """Path and line of a row, as messages give them; every row of ours is one line."""
    keys = [key_of(table, row) for row in copy.rows(table)]
    return f"data/{table}.csv:{keys.index(key) + 2}: "


def add_source(copy: PackageCopy, status: str, text: str) -> None:
    """Adds a source without passages, called new."""
    (copy.root / "data/sources/new.txt").write_text(text, encoding="utf-8", newline="")
    plain = next(row for row in copy.rows("sources") if not row["title"])
    row = plain | {"source_id": "new", "position": "99", "short_name": "New", "title": ""}
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    copy.append("sources", **row | {"path": "data/sources/new.txt", "sha256": sha256, "status": status})


def find(copy: PackageCopy, table: str, **cells: str | bool) -> str:
    """Key of the first row with these cells; True asks for any value and False for none."""
    for row in copy.rows(table):
        if all(bool(row[name]) is wanted or row[name] == wanted for name, wanted in cells.items()):
            return key_of(table, row)
    raise LookupError(f"no row of {table} has {cells}")


def cell(copy: PackageCopy, table: str, key: str, name: str) -> str:
    """One cell of the row with that key."""
    return next(row[name] for row in copy.rows(table) if key_of(table, row) == key)


def key_of(table: str, row: dict[str, str]) -> str:
    """The values of the primary key of a row, joined by commas."""
    return ",".join(row[name] for name in PACKAGE.by_name[table].primary_key)
