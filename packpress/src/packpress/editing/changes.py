"""Changes: what files of a package would hold, tried on it before they are written, all or none."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from packpress.checks.rules import RuleSet
from packpress.checks.validation import validate_package
from packpress.package.descriptor import Package
from packpress.package.resource import Resource
from packpress.problems import InvalidPackageError, Problem
from packpress.tables.canonical import Record, canonical_bytes
from packpress.tables.rows import Row, Table
from packpress.transaction import replace_files

Files = Mapping[str, bytes]


def render_rows(table: Table, added: Iterable[Record] = ()) -> bytes:
    """The canonical bytes of a table of one file with further rows in their places."""
    return canonical_bytes(table.resource, [*(row.cells for row in table.rows), *added])


def replace_row(row: Row, changed: Row) -> bytes:
    """The canonical bytes of the table of a row, which is of one file, with another row in its place."""
    rows = (changed.cells if other is row else other.cells for other in row.table.rows)
    return canonical_bytes(row.table.resource, rows)


def make_record(resource: Resource, cells: Mapping[str, str]) -> Record:
    """The cells in the order of the fields; those that are not named are empty."""
    return tuple(cells.get(name, "") for name in resource.field_names)


def make_changes(
    package: Package,
    files: Files,
    rules: RuleSet | None,
    outcome: str,
    is_tolerated: Callable[[Problem], bool] = lambda _: False,
) -> None:
    """Writes the files, by their paths below the package, unless it would have problems with them.

    InvalidPackageError, whose last words are the outcome, when it would; nothing is written then.
    """
    problems = [item for item in find_problems(package, files, rules) if not is_tolerated(item)]
    if problems:
        raise InvalidPackageError(problems, outcome)
    replace_files(package.root, files)


def tolerate_known(package: Package, rules: RuleSet | None) -> Callable[[Problem], bool]:
    """Whether the package has a problem already, on whatever line; found out when somebody asks."""

    @cache
    def find_known() -> set[Problem]:
        return {replace(problem, line=0) for problem in find_problems(package, {}, rules)}

    return lambda problem: replace(problem, line=0) in find_known()


def find_problems(package: Package, files: Files, rules: RuleSet | None) -> list[Problem]:
    """What would be wrong with the package if the files held this, by their paths below it."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for path in {*_list_files(package), *files}:
            place = root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            if path in files:
                place.write_bytes(files[path])
            else:
                _place(package.root / path, place)
        return validate_package(replace(package, path=root / package.path.name), rules).problems


def _place(file: Path, place: Path) -> None:
    """The file stands at the place too; a link costs nothing, where the two are on one disk."""
    try:
        os.link(file.resolve(), place)
    except OSError:
        shutil.copyfile(file, place)


def _list_files(package: Package) -> Iterator[str]:
    """The files of the tables that exist, and whatever stands in the folders of these."""
    paths = {path for resource in package.resources for path in resource.paths}
    for folder in {path.split("/")[0] for path in paths if "/" in path}:
        paths |= {
            file.relative_to(package.root).as_posix()
            for file in (package.root / folder).rglob("*")
            if file.is_file()
        }
    return (path for path in paths if (package.root / path).is_file())
