"""The tables of a package as rows of text, each knowing its file and line."""

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from scripts.lib.descriptor import Package
from scripts.lib.problems import CannotReadError, Problem
from scripts.lib.records import read_lines
from scripts.lib.resource import Resource


@dataclass(frozen=True, slots=True)
class Row:
    """One record: its cells as text, by name, and the physical line it begins on."""

    table: "Table"
    path: str
    line: int
    cells: tuple[str, ...]

    def __getitem__(self, name: str) -> str:
        """The cell as text, empty when it is missing; KeyError for a column that is not declared."""
        position = self.table.positions[name]
        # A short record is reported as such; its absent cells are read as missing.
        return self.cells[position] if position < len(self.cells) else ""

    def number(self, name: str) -> int | None:
        """The cell as a whole number, or None when it is missing or no number."""
        return int(self[name]) if self[name].isdecimal() else None

    @property
    def key(self) -> str:
        """The primary key; the values of a composite key are joined by commas."""
        return ",".join(self[name] for name in self.table.resource.primary_key)

    def problem(self, name: str, message: str, code: str = "", is_notice: bool = False) -> Problem:
        """A problem of one cell of this row; of the whole row when `name` is empty."""
        return Problem(self.path, self.line, message, name, self[name] if name else "", code, is_notice)


@dataclass
class Table:
    """The rows of one resource in the order of its files."""

    resource: Resource
    rows: list[Row] = field(default_factory=list)
    visits: Counter[str] = field(default_factory=Counter)
    visitor: str = ""

    def __post_init__(self) -> None:
        self.positions = {name: i for i, name in enumerate(self.resource.field_names)}
        self._groups: dict[str, dict[str, list[Row]]] = {}

    def __iter__(self) -> Iterator[Row]:
        """The rows; each one handed out is counted for the rule that is running."""
        for row in self.rows:
            self.visits[self.visitor] += 1
            yield row

    def __len__(self) -> int:
        return len(self.rows)

    def group(self, name: str) -> dict[str, list[Row]]:
        """The rows by the text of one column; not counted as visits."""
        if name not in self._groups:
            groups: dict[str, list[Row]] = {}
            for row in self.rows:
                groups.setdefault(row[name], []).append(row)
            self._groups[name] = groups
        return self._groups[name]

    def replace_row(self, old: Row, new: Row) -> None:
        """Puts `new` in the place of `old`."""
        self.rows[self.rows.index(old)] = new
        self._groups.clear()

    def get(self, key: str) -> Row | None:
        """The row with that primary key, or None; only for keys of one column."""
        return next(iter(self.group(self.resource.primary_key[0]).get(key, ())), None)


Tables = dict[str, Table]


def read_tables(package: Package) -> Tables:
    """Every declared table of the package; CannotReadError when a file is missing or is not text."""
    return {resource.name: read_table(package, resource) for resource in package.resources}


def read_table(package: Package, resource: Resource) -> Table:
    """The rows of one table, all its files in order, headers left out.

    Raises CannotReadError when a file is missing, cannot be decoded or is no CSV.
    """
    table = Table(resource)
    for path in resource.paths:
        for line, cells in read_records(package.root, path, resource):
            table.rows.append(Row(table, path, line, cells))
    return table


def read_header(package: Package, resource: Resource, path: str) -> tuple[str, ...]:
    """The first record of a file: the names that its columns really have."""
    text = read_text(package.root / path, path, resource.encoding)
    return next((cells for _, cells in parse_records(text, path, resource)), ())


def read_records(root: Path, path: str, resource: Resource) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Line and cells of every record of one file behind its header."""
    records = parse_records(read_text(root / path, path, resource.encoding), path, resource)
    if resource.dialect.get("header", True):
        next(records, None)
    return records


def parse_records(text: str, path: str, resource: Resource) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Line and cells of every record, the header included; blank lines are no records."""
    return read_lines(io.StringIO(text, newline=""), path, resource.dialect)


def read_text(file: Path, path: str, encoding: str) -> str:
    """The text of a file, line ends as they are and without a byte order mark; CannotReadError otherwise."""
    try:
        return file.read_bytes().decode("utf-8-sig" if encoding.lower() in {"utf-8", "utf8"} else encoding)
    except FileNotFoundError:
        raise CannotReadError(path, 0, "no such file; restore it or correct path in the descriptor") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        message = f"not {encoding} at byte {error.start}; save the file as {encoding}"
        raise CannotReadError(path, line, message) from None
    except LookupError:
        raise CannotReadError(path, 0, f"encoding {encoding} is not known; name one such as utf-8") from None
    except OSError as error:
        raise CannotReadError(path, 0, f"cannot be read: {error.strerror}; mend the file") from None
