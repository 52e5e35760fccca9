"""Saved files: rows of a table as people keep them in CSV, from whatever spreadsheet program.

Commas, semicolons or tabs; a byte order mark or none; columns in any order, empty ones left out.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from packpress.package.resource import Resource
from packpress.problems import Problem
from packpress.tables.canonical import Record, canonical_bytes

# By which spreadsheet programs know UTF-8.
MARK = "\ufeff".encode()
DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True)
class SavedRow:
    """One row: its table, its cells in the order of the fields, and where it stands."""

    resource: Resource
    record: Record
    path: str
    line: int

    @property
    def key(self) -> tuple[str, ...]:
        """The values of its primary key."""
        return tuple(self.cells[name] for name in self.resource.primary_key)

    @property
    def cells(self) -> dict[str, str]:
        """The cells by the names of the fields."""
        return dict(zip(self.resource.field_names, self.record, strict=True))


def render_saved(resource: Resource, records: Iterable[Record]) -> bytes:
    """The rows as spreadsheet programs open them without a question."""
    return MARK + canonical_bytes(resource, records)


def read_saved(file: Path, resource: Resource) -> Iterator[SavedRow | Problem]:
    """The rows of a file, and what is wrong with it; rows without any value are passed over."""
    path = str(file)
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        yield Problem(path, 0, "not UTF-8; save it from the spreadsheet as CSV UTF-8")
        return
    delimiter = max(DELIMITERS, key=text.partition("\n")[0].count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = next(lines, [])
        if fault := _describe_header(header, resource):
            yield Problem(path, 1, f"{fault}; write it as {','.join(resource.field_names)}")
            return
        line = lines.line_num + 1
        for cells in lines:
            named = dict(zip(header, cells, strict=False))
            if any(cells[len(header) :]):
                yield Problem(path, line, f"has {len(cells)} cells, not {len(header)}; mend the row")
            elif any(cells):
                record = tuple(named.get(name, "") for name in resource.field_names)
                yield SavedRow(resource, record, path, line)
            line = lines.line_num + 1
    except csv.Error as error:
        yield Problem(path, lines.line_num, f"cannot be read as CSV: {error}; mend the quotes there")


def _describe_header(header: list[str], resource: Resource) -> str:
    """What is wrong with a header, or nothing."""
    unknown = [name for name in header if name not in resource.field_names]
    if unknown:
        return f"the header has {', '.join(unknown)}, which {resource.name} has not"
    missing = [name for name in resource.primary_key if name not in header]
    if missing:
        return f"the header lacks {', '.join(missing)}"
    return "the header repeats a name" if len({*header}) < len(header) else ""
