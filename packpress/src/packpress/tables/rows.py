"""The tables of a package as rows of text, each with its file and line."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from packpress.package.descriptor import Package
from packpress.package.resource import Resource
from packpress.problems import Problem
from packpress.tables.decoding import ByteFacts, open_pieces
from packpress.tables.fast.batches import Stamp, read_blocks


@dataclass(frozen=True, slots=True)
class Row:
    """One record: its cells as text, by name, and the physical line on which it begins.

    >>> from packpress import read_package
    >>> row = read_tables(read_package("fleet"))["voyages"].rows[1]
    >>> row["port"], row.key, row.place
    ('Scalloway', 'ada-v2', 'voyages.csv:3')
    """

    table: "Table"
    path: str
    line: int
    cells: tuple[str, ...]

    def __getitem__(self, name: str) -> str:
        """The cell as text, empty if it is missing; KeyError for an undeclared column."""
        position = self.table.positions[name]
        # A short record is reported elsewhere; the cells that it lacks count as missing.
        return self.cells[position] if position < len(self.cells) else ""

    def number(self, name: str) -> int | None:
        """The cell as a non-negative integer, or None if it is missing or not one.

        >>> from packpress import read_package
        >>> read_tables(read_package("fleet"))["boats"].rows[0].number("built")
        1998
        """
        return int(self[name]) if self[name].isdecimal() else None

    @property
    def key(self) -> str:
        """The primary key; the values of a composite key are joined by commas."""
        return ",".join(self[name] for name in self.table.resource.primary_key)

    @property
    def named(self) -> dict[str, str]:
        """The cells by field name."""
        return {name: self[name] for name in self.table.positions}

    @property
    def place(self) -> str:
        """File and line, as messages show them."""
        return f"{self.path}:{self.line}"

    def problem(self, name: str, message: str, code: str = "", is_notice: bool = False) -> Problem:
        """A problem with one cell of this row, or with the whole row if `name` is empty.

        >>> from packpress import read_package
        >>> row = read_tables(read_package("fleet"))["boats"].rows[1]
        >>> print(row.problem("name", "too short; write more"))
        boats.csv:3: name="Ida": too short; write more
        """
        return Problem(self.path, self.line, message, name, self[name] if name else "", code, is_notice)

    def with_cell(self, name: str, value: str) -> "Row":
        """The row with another value in one cell.

        >>> from packpress import read_package
        >>> read_tables(read_package("fleet"))["boats"].rows[1].with_cell("name", "Ida of Wick").cells
        ('ida', 'Ida of Wick', '2011')
        """
        cells = list(self.cells)
        cells[self.table.positions[name]] = value
        return replace(self, cells=tuple(cells))


RowReader = Callable[["Table"], Iterable[Row]]


class Table:
    """The rows of one resource, in the order of its files.

    With a `reader`, rows are read when they are first requested; checks of whole columns need none.

    >>> from packpress import read_package
    >>> voyages = read_tables(read_package("fleet"))["voyages"]
    >>> len(voyages), voyages.get("una-v1")["port"], [row.key for row in voyages.group("boat_id")["ida"]]
    (5, 'Stornoway', ['ida-v1', 'ida-v2'])
    """

    def __init__(
        self,
        resource: Resource,
        rows: Iterable[Row] | None = None,
        reader: RowReader | None = None,
        count: int = 0,
        is_in_order: bool = False,
        stamps: Mapping[str, Stamp] = MappingProxyType({}),
    ) -> None:
        self.resource = resource
        # The files in which all rows are known to be regular.
        self.stamps = stamps
        # Whether the rows in the files are known to be sorted by key.
        self.is_in_order = is_in_order
        self.positions = {name: i for i, name in enumerate(resource.field_names)}
        self.visits: Counter[str] = Counter()
        self.visitor = ""
        self._reader = reader
        self._count = count
        self._rows: list[Row] | None = None if reader and rows is None else list(rows or ())
        self._mended: dict[tuple[str, int], list[tuple[str, str]]] = {}
        self._groups: dict[str, dict[str, list[Row]]] = {}

    @property
    def rows(self) -> list[Row]:
        """The rows; accessing them does not count as visits."""
        if self._rows is None:
            self._rows = [self._mend(row) for row in (self._reader(self) if self._reader else ())]
        return self._rows

    @rows.setter
    def rows(self, rows: Iterable[Row]) -> None:
        self._rows = list(rows)
        self._groups.clear()

    @property
    def is_as_read(self) -> bool:
        """Whether the rows are those of the files, so that they may be read from there."""
        return self._reader is not None and not self._mended

    def __iter__(self) -> Iterator[Row]:
        """Iterates over the rows; each counts as a visit by the rule that is running."""
        for row in self.rows:
            self.visits[self.visitor] += 1
            yield row

    def __len__(self) -> int:
        return self._count if self._rows is None else len(self._rows)

    def group(self, name: str) -> dict[str, list[Row]]:
        """The rows grouped by the text of one column; does not count as visits."""
        if name not in self._groups:
            groups: dict[str, list[Row]] = {}
            for row in self.rows:
                groups.setdefault(row[name], []).append(row)
            self._groups[name] = groups
        return self._groups[name]

    def mend(self, row: Row, name: str, value: str) -> None:
        """Sets another value in one cell of a row, only in memory."""
        self._mended.setdefault((row.path, row.line), []).append((name, value))
        if self._rows is not None:
            self.rows = [self._mend(other) for other in self._rows]

    def _mend(self, row: Row) -> Row:
        for name, value in self._mended.get((row.path, row.line), ()):
            row = row.with_cell(name, value)
        return row

    def get(self, key: str) -> Row | None:
        """The row with that primary key, or None; only for single-column keys."""
        return next(iter(self.group(self.resource.primary_key[0]).get(key, ())), None)


Tables = dict[str, Table]


def read_tables(package: Package) -> Tables:
    """All tables of the package by name; CannotReadError if a file is missing or is not text.

    >>> from packpress import read_package
    >>> {name: len(table) for name, table in read_tables(read_package("fleet")).items()}
    {'boats': 3, 'voyages': 5}
    """
    return {resource.name: read_table(package, resource) for resource in package.resources}


def read_table(package: Package, resource: Resource) -> Table:
    """The rows of one table from all its files, without headers.

    Raises CannotReadError if a file is missing, cannot be decoded or is not CSV.

    >>> from packpress import read_package
    >>> package = read_package("fleet")
    >>> [row["name"] for row in read_table(package, package.by_name["boats"])]
    ['Ada of Lerwick', 'Ida', 'Una']
    """
    table = Table(resource)
    table.rows = read_rows(package, table)
    return table


def read_rows(package: Package, table: Table) -> list[Row]:
    """The rows in the files of a table.

    >>> from packpress import read_package
    >>> package = read_package("fleet")
    >>> [row.line for row in read_rows(package, Table(package.by_name["boats"]))]
    [2, 3, 4]
    """
    return [
        Row(table, block.path, line, cells)
        for block in read_blocks(package.root, table.resource)
        for line, cells in block.records()
    ]


def read_text(file: Path, path: str, encoding: str) -> str:
    """The text of a file without its byte order mark; CannotReadError if it cannot be decoded.

    >>> read_text(Path("fleet/boats.csv"), "boats.csv", "utf-8").splitlines()[0]
    'boat_id,name,built'
    """
    return b"".join(open_pieces(lambda: file.open("rb"), path, encoding, ByteFacts())).decode("utf-8")
