"""Wordings: what packpress says of each kind of fault, gathered from the suites into one file.

Everywhere else a finding is compared by its place, its cell and its code, so that another wording is one
difference in `wordings.yml`, which `python -m tests.documents` writes.
"""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import yaml
from packpress.checks.queries import check_queries
from packpress.checks.rules import Rule, RuleSet
from packpress.checks.validation import validate_package
from packpress.editing.diff import compare_packages
from packpress.editing.release import check_version, check_withdrawals
from packpress.tables import csv
from packpress.tables.fast import batches
from packpress.tables.rows import read_tables

from invented.copies import FLEET, PackageCopy
from invented.packages import field, table, write_package
from packpress import Problem, read_package
from tests.suites.conformance import OWN, list_findings, read_cases
from tests.suites.damages import SHAPES, SITUATIONS, damage_cells, damage_table, export

WORDINGS = Path(__file__).with_suffix(".yml")
HEAD = "# What packpress says by code, and in which cases. Written by python -m tests.documents.\n"

# Where something is said, and what.
Said = Iterator[tuple[str, Problem]]


def render_wordings() -> str:
    """Every message once, under its code, with the cases that it is said in."""
    wordings: dict[str, dict[str, list[str]]] = {}
    for name, problem in list_said():
        wordings.setdefault(problem.code, {}).setdefault(problem.message, []).append(name)
    listed = {
        code: [{"says": message, "in": names} for message, names in sorted(messages.items())]
        for code, messages in sorted(wordings.items())
    }
    return HEAD + yaml.safe_dump(
        listed, sort_keys=False, default_flow_style=None, allow_unicode=True, width=2**20
    )


def list_said() -> Said:
    """Whatever the cases of all suites make packpress say."""
    for case in read_cases() + read_cases(OWN):
        with tempfile.TemporaryDirectory() as folder:
            for problem in list_findings(case, Path(folder)):
                yield f"{case.clause}: {case.name}", problem
    of_releases = (_say_release, _say_withdrawals, _say_lost_tables)
    for say in (_say_limits, _say_odd_files, _say_rules, _say_checks_on_web, *of_releases, _say_workbooks):
        with tempfile.TemporaryDirectory() as folder:
            yield from say(Path(folder))


def _say_limits(folder: Path) -> Said:
    """Cells, lines and headers that are too long to stand in a case."""
    texts = {
        "a cell": f"a,b\nx,{'x' * (1 << 21)}\n",
        "a line": f"a,b\n{'x' * (3 << 20)}",
        "a header": "a," * 100_000 + "\n",
    }
    for name, text in texts.items():
        path = write_package(folder, table("t", text, [field("a"), field("b")]))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(csv, "LONGEST_LINE", 1 << 20)
            patch.setattr(batches, "PIECE", 1 << 16)
            for problem in validate_package(read_package(path)).problems:
                yield f"Limits: {name} that is too long", problem
    names = [f"c{number}" for number in range(2_001)]
    path = write_package(folder, table("t", ",".join(names) + "\n", [field(name) for name in names]))
    for notice in validate_package(read_package(path)).notices:
        yield "Limits: more columns than SQLite holds", notice


def _say_odd_files(folder: Path) -> Said:
    """A table that is a folder, and one that is a link out of the folder of the package."""
    path = write_package(folder / "package", table("t", "a\nx\n", [field("a")]))
    file = folder / "package" / "t.csv"
    file.rename(folder / "t.csv")
    for name, make in {"a folder": file.mkdir, "a link": lambda: file.symlink_to(folder / "t.csv")}.items():
        make()
        for problem in validate_package(read_package(path)).problems:
            yield f"Files: {name} in place of a table", problem
        if name == "a folder":
            file.rmdir()


def _say_rules(folder: Path) -> Said:
    """Rules of a data set that look at nothing, or at a table that is not there."""
    for visited in ("t", "u"):
        path = write_package(folder, table("t", "a\nx\n", [field("a")]), validation={"rules": "r"})
        rules = RuleSet(lambda _, tables: tables, (Rule("idle", lambda _: iter(()), (visited,)),))
        for problem in validate_package(read_package(path), rules).problems:
            yield f"Rules: one that visits {visited}", problem


def _say_checks_on_web(folder: Path) -> Said:
    """SQL checks of a package that is on the web."""
    path = write_package(folder, table("t", "a\nx\n", [field("a")]), validation={"checks": ["c/x.sql"]})
    package = replace(read_package(path), address="https://example.org/datapackage.json")
    for notice in check_queries(package, {}):
        yield "SQL checks: of a package on the web", notice


def _say_release(folder: Path) -> Said:
    """A release of another version than descriptor, changelog and citation have, and of none."""
    path = write_package(folder, table("t", "a\nx\n", [field("a")]))
    for name, text in {"no entry": "", "an older entry": "## 1.0.0 (2024-05-06)\n"}.items():
        (folder / "CHANGELOG.md").write_text(text)
        for problem in check_version(read_package(path), "2.0.0"):
            yield f"Release: a changelog with {name}", problem


def _say_withdrawals(folder: Path) -> Said:
    """A row that was released and is gone."""
    copy = PackageCopy(folder)
    copy.delete("sightings", copy.rows("sightings")[-1]["sighting_id"])
    package = copy.read()
    changes = compare_packages(read_package(FLEET / "datapackage.json"), package)
    for problem in check_withdrawals(package, read_tables(package), changes):
        yield "Release: a row that is gone", problem


def _say_lost_tables(folder: Path) -> Said:
    """A table that was released and is gone."""
    copy = PackageCopy(folder)
    raw = json.loads(copy.descriptor.read_text(encoding="utf-8"))
    raw["resources"] = [one for one in raw["resources"] if one["name"] != "sighting_charts"]
    copy.descriptor.write_text(json.dumps(raw), encoding="utf-8")
    package = copy.read()
    changes = compare_packages(read_package(FLEET / "datapackage.json"), package)
    for problem in check_withdrawals(package, read_tables(package), changes):
        yield "Release: a table that is gone", problem


def _say_workbooks(folder: Path) -> Said:
    """Damaged workbooks."""
    damages = [partial(damage_table, shape) for shape in SHAPES]
    for place, damage in enumerate([*damages, *SITUATIONS]):
        with pytest.MonkeyPatch.context() as patch:
            desk, _ = damage(folder / str(place), patch)
            name = getattr(damage, "args", [damage])[0].__name__.replace("_", " ")
            for problem in desk.refusals():
                yield f"Workbooks: {name}", problem
    with pytest.MonkeyPatch.context() as patch:
        desk = export(PackageCopy(folder / "fleet").descriptor, patch)
        desk.edit(damage_cells)
        for problem in desk.refusals():
            yield f"Workbooks: damage {problem.place.rpartition(' ')[2]}", problem
