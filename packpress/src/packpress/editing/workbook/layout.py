"""How the tables of a package lie in a workbook: a sheet each, words of others beside."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from packpress.editing.format import can_rewrite, read_exact_records
from packpress.editing.workbook.beside import Beside, State, list_beside
from packpress.package.descriptor import Package
from packpress.package.resource import Resource
from packpress.publish.sheets import find_excess, measure_rows, name_sheets
from packpress.tables.canonical import Record
from packpress.tables.rows import read_table

READ_ME, EXPORT, LISTS = "Read me", "_export", "_lists"

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
# What XML cannot hold, or what the readers of workbooks take for a sign of their own.
UNHOLDABLE = re.compile(f"{CONTROL.pattern}|x005F_")


@dataclass(frozen=True)
class Page:
    """One table as a sheet."""

    resource: Resource
    sheet: str
    beside: tuple[Beside, ...]

    @property
    def headings(self) -> tuple[str, ...]:
        """The header of the sheet."""
        return (*self.resource.field_names, *(column.heading for column in self.beside))


def read_state(package: Package) -> dict[str, list[Record]]:
    """The records of every table; CannotRunError when one cannot be read or written back."""
    return {
        resource.name: (
            read_exact_records(package, resource, resource.paths[0])
            if _is_one_file(resource)
            else [row.cells for row in read_table(package, resource).rows]
        )
        for resource in package.resources
    }


def lay_out(package: Package, state: State) -> tuple[list[Page], dict[str, str]]:
    """The sheets of a workbook, and why tables are left out, by their names."""
    left_out = {
        resource.name: reason
        for resource in package.resources
        if (reason := _find_obstacle(resource, state[resource.name]))
    }
    resources = [resource for resource in package.resources if resource.name not in left_out]
    sheets = name_sheets([READ_ME, EXPORT, LISTS, *(resource.name for resource in resources)])
    pages = [
        Page(resource, sheets[resource.name], tuple(list_beside(package, resource))) for resource in resources
    ]
    return pages, left_out


def _is_one_file(resource: Resource) -> bool:
    return len(resource.paths) == 1 and can_rewrite(resource, resource.paths[0])


def _find_obstacle(resource: Resource, records: Sequence[Record]) -> str:
    """Why the table cannot be edited in a sheet; nothing when it can."""
    if resource.name in (READ_ME, EXPORT, LISTS):
        return "the workbook needs its name for a sheet of its own"
    if not _is_one_file(resource):
        return "its rows stand in no single plain file"
    if any(map(UNHOLDABLE.search, (resource.name, *resource.field_names))):
        return "a name in it holds a control character, which no sheet keeps"
    for number, record in enumerate(records, 1):
        if not any(record):
            return f"row {number} is empty, which a sheet cannot tell from none"
        if any(map(UNHOLDABLE.search, record)):
            return f"row {number} holds a control character, which no sheet keeps"
    return find_excess(measure_rows(resource.field_names, records))
