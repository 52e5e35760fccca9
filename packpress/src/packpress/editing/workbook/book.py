"""Workbooks that come back from an editor: the rows they were made from, and their current sheets."""

import hashlib
import io
import json
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import openpyxl
from openpyxl.cell.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from packpress.editing.workbook.layout import EXPORT, LISTS, READ_ME, Page, State, owner_keys
from packpress.package.descriptor import Package
from packpress.package.resource import Resource
from packpress.problems import CannotRunError, Problem, shorten_value
from packpress.similar import nearest_value, offer_nearest
from packpress.tables.csv import Record, sort_records


@dataclass(frozen=True)
class Selection:
    """A row whose related rows are exported; all rows when it names no table.

    >>> Selection("boats", "ada") == ALL, Selection() == ALL
    (False, True)
    """

    table: str = ""
    key: str = ""


ALL = Selection()


def select_rows(package: Package, state: State, selection: Selection) -> dict[str, list[Record]]:
    """The records of each table that belong to the selected row.

    A row belongs to another if its first foreign key leads there, through any number of tables. A table from
    which no foreign keys lead there, or whose rows have no key, is exported completely.

    >>> from packpress import read_package
    >>> from packpress.editing.workbook.layout import read_state
    >>> package = read_package("fleet")
    >>> rows = select_rows(package, read_state(package), Selection("boats", "ida"))
    >>> {table: [record[0] for record in records] for table, records in rows.items()}
    {'boats': ['ida'], 'voyages': ['ida-v1', 'ida-v2']}
    """
    if not selection.table:
        return {name: list(records) for name, records in state.items()}
    return _Selector(package, state, selection).select()


class _Selector:
    def __init__(self, package: Package, state: State, selection: Selection) -> None:
        self.package = package
        self.state = state
        self.selection = selection
        self.leading = _find_leading(package, selection.table)
        self.chosen: dict[str, list[Record]] = {}

    def select(self) -> dict[str, list[Record]]:
        return {
            resource.name: self._choose(resource)
            if resource.primary_key and resource.name in self.leading
            else list(self.state[resource.name])
            for resource in self.package.resources
        }

    def _choose(self, resource: Resource) -> list[Record]:
        if resource.name not in self.chosen:
            # In a circle of foreign keys, the second visit finds nothing more.
            self.chosen[resource.name] = []
            self.chosen[resource.name] = [
                record
                for record, belongs in zip(
                    self.state[resource.name], self._find_belonging(resource), strict=True
                )
                if belongs
            ]
        return self.chosen[resource.name]

    def _find_belonging(self, resource: Resource) -> list[bool]:
        """For each record of the table, whether it belongs to the selected row."""
        records = self.state[resource.name]
        if resource.name == self.selection.table:
            return [
                value == (self.selection.key,) for value in _read(resource, resource.primary_key, records)
            ]
        belonging = [False] * len(records)
        for key in owner_keys(resource, self.leading):
            target = self.package.by_name[key.resource]
            owners = {*_read(target, key.reference_fields, self._choose(target))}
            values = _read(resource, key.fields, records)
            belonging = [one or value in owners for one, value in zip(belonging, values, strict=True)]
        return belonging


def _find_leading(package: Package, table: str) -> set[str]:
    """The tables whose foreign keys lead to a table, and the table itself."""
    leading, before = {table}, 0
    while before != (before := len(leading)):
        leading |= {resource.name for resource in package.resources if owner_keys(resource, leading)}
    return leading


def _read(resource: Resource, names: tuple[str, ...], records: Sequence[Record]) -> list[tuple[str, ...]]:
    places = [resource.field_names.index(name) for name in names]
    return [tuple(record[place] for place in places) for record in records]


def find_selection(package: Package, state: State, table: str, key: str) -> Selection:
    """The selection of one row; CannotRunError when there is no such table or row.

    >>> from packpress import read_package
    >>> from packpress.editing.workbook.layout import read_state
    >>> package = read_package("fleet")
    >>> find_selection(package, read_state(package), "boats", "ida")
    Selection(table='boats', key='ida')
    """
    resource = package.by_name.get(table)
    if resource is None or table not in state or len(resource.primary_key) != 1:
        raise CannotRunError(f"{package.path}: has no table {table} with a key of one column")
    known = [value for (value,) in _read(resource, resource.primary_key, state[table])]
    if key not in known:
        offer = offer_nearest(key, known, f"known are {', '.join(known) or 'none'}")
        raise CannotRunError(f"{key}: no row of {table}; {offer}")
    return Selection(table, key)


FORMAT = "packpress workbook 1"


@dataclass(frozen=True)
class Manifest:
    """Which package and rows were exported, with a fingerprint of each table's rows.

    >>> list(Manifest("fleet", ALL, {"boats": "9f"}).rows())[1:]
    [('package', 'fleet'), ('rows of', '', ''), ('table', 'boats', '9f')]
    """

    package: str
    selection: Selection
    fingerprints: dict[str, str]

    @property
    def identity(self) -> str:
        """A text that identifies the export; exports of other rows have another one."""
        return hashlib.sha256(json.dumps(list(self.rows())).encode("utf-8")).hexdigest()

    def rows(self) -> Iterator[tuple[str, ...]]:
        """The rows of the hidden sheet."""
        yield ("format", FORMAT)
        yield ("package", self.package)
        yield ("rows of", self.selection.table, self.selection.key)
        for name, fingerprint in self.fingerprints.items():
            yield ("table", name, fingerprint)


def read_manifest(rows: Iterable[Sequence[str]], path: str) -> Manifest:
    """Reads the hidden sheet; CannotRunError when it is not as the export wrote it.

    >>> read_manifest(Manifest("fleet", ALL, {"boats": "9f"}).rows(), "fleet.xlsx").fingerprints
    {'boats': '9f'}
    """
    # openpyxl ends a row at its last filled cell.
    found = [(*row, "", "", "")[:3] for row in rows]
    named = {name: values for name, *values in found}
    if named.get("format", [""])[0] != FORMAT or not {"package", "rows of"} <= named.keys():
        message = (
            "its hidden sheet is missing or was changed; export a new workbook and copy your changes there"
        )
        raise CannotRunError(f"{path}: {message}")
    tables = {name: value for kind, name, value in found if kind == "table"}
    return Manifest(named["package"][0], Selection(*named["rows of"]), tables)


def fingerprint(resource: Resource, records: Iterable[Record]) -> str:
    """The SHA-256 hash of the rows of a table, independent of the order and form of its file.

    >>> from packpress import read_package
    >>> boats = read_package("fleet").by_name["boats"]
    >>> rows = [("ada", "Ada", "1998"), ("ida", "Ida", "2011")]
    >>> fingerprint(boats, rows) == fingerprint(boats, rows[::-1])
    True
    """
    content = [resource.field_names, *sort_records(resource, records)]
    return hashlib.sha256(json.dumps(content).encode("utf-8")).hexdigest()


PLAIN_NAME = re.compile(r"[^\W\d]\w*")
NEVER = "never move, rename, add or remove columns"


@dataclass(frozen=True)
class SheetRow:
    """One row of a sheet: its line, and one openpyxl cell for each field."""

    line: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Book:
    """A workbook that `packpress workbook` wrote and somebody has edited."""

    path: Path
    workbook: Workbook
    manifest: Manifest

    def problem(self, sheet: str, address: str, message: str, field: str = "", value: str = "") -> Problem:
        """A problem with one cell, shown as `fleet.xlsx: boats!F14: …`."""
        name = sheet if PLAIN_NAME.fullmatch(sheet) else "'" + sheet.replace("'", "''") + "'"
        place = f"{self.path.name}: {name}!{address}" if address else f"{self.path.name}: {name}"
        return Problem(place, 0, message, field, value, "workbook/damage")

    def sheet_of(self, page: Page) -> Worksheet | None:
        """The sheet of a table; None when there is no sheet of that name."""
        found = self.workbook[page.sheet] if page.sheet in self.workbook.sheetnames else None
        return found if isinstance(found, Worksheet) else None


def open_book(path: Path) -> Book:
    """The workbook in a file; CannotRunError when it cannot be read, or was not exported by packpress.

    >>> from packpress import read_package
    >>> from packpress.editing.workbook.export import write_workbook
    >>> _ = Path("fleet.xlsx").write_bytes(write_workbook(read_package("fleet"), ALL)[0])
    >>> open_book(Path("fleet.xlsx")).manifest.package
    'fleet'
    """
    if not path.is_file():
        raise CannotRunError(f"{path}: no such file; name a workbook that packpress workbook wrote")
    data = path.read_bytes()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about features that do not matter here
            workbook = openpyxl.load_workbook(io.BytesIO(data))
    except Exception:  # a damaged file can raise anything in openpyxl
        raise CannotRunError(f"{path}: {_describe_unreadable(data)}") from None
    rows = workbook[EXPORT].values if EXPORT in workbook.sheetnames else ()
    texts = (["" if cell is None else str(cell) for cell in row] for row in rows)
    return Book(path, workbook, read_manifest(texts, str(path)))


# With what files begin: archives, of which workbooks are one kind; and files of Excel until 2003, in which
# workbooks with a password are wrapped too.
ARCHIVE, OLD_EXCEL = b"PK", b"\xd0\xcf\x11\xe0"
AS_XLSX = "save it as .xlsx in the program in which you edit it"


def _describe_unreadable(data: bytes) -> str:
    """What is wrong with a file that is no workbook, and what to do.

    >>> _describe_unreadable(b"")
    'empty; save the workbook again, or restore it'
    """
    if not data.strip(b"\0"):
        return "empty; save the workbook again, or restore it"
    if data.startswith(OLD_EXCEL):
        return f"a workbook with a password, or of Excel 2003 or older; {AS_XLSX}, without a password"
    if not data.startswith(ARCHIVE):
        return f"not a workbook; {AS_XLSX}"
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            is_open_document = "mimetype" in names and b"opendocument" in archive.read("mimetype")
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        return "damaged or cut off; copy or save the whole file again"
    if is_open_document:
        return f"an OpenDocument spreadsheet (.ods); {AS_XLSX}"
    if "[Content_Types].xml" not in names:
        return f"an archive, not a workbook; {AS_XLSX}"
    return "damaged; save it again, or restore an earlier copy"


# More comments than this are only counted.
MOST_COMMENTS = 20


def list_comments(book: Book, pages: Sequence[Page]) -> list[str]:
    """What to say of the comments on cells, which the tables cannot store; the header's are our own."""
    found = [
        book.problem(
            page.sheet,
            cell.coordinate,
            f"the comment “{shorten_value(cell.comment.text)}” is not imported; write it in a cell",
        )
        for page in pages
        if (sheet := book.sheet_of(page))
        for _, cell in sorted(sheet._cells.items())
        if cell.row > 1 and cell.comment
    ]
    more = len(found) - MOST_COMMENTS
    shown = [f"{problem.path}: {problem.message}" for problem in found[:MOST_COMMENTS]]
    return [*shown, *([f"and {more} comments more, which are not imported"] if more > 0 else [])]


def list_other_sheets(book: Book, pages: Sequence[Page]) -> list[str]:
    """The names of sheets that the export did not write."""
    expected = {READ_ME, EXPORT, LISTS, *(page.sheet for page in pages)}
    return [name for name in book.workbook.sheetnames if name not in expected]


def check_sheets(book: Book, pages: Sequence[Page]) -> Iterator[Problem]:
    """Checks that every table has its sheet, and no copy of it that was edited in its place."""
    others = list_other_sheets(book, pages)
    for page in pages:
        if book.sheet_of(page) is None:
            nearest = nearest_value(page.sheet, others)
            offer = f'rename "{nearest}" back' if nearest else "restore it, or export a new workbook"
            yield book.problem(page.sheet, "", f"the sheet is missing; {offer}")
            continue
        for name in others:
            if _is_edited_copy(book.workbook[name], book.workbook[page.sheet], page.headings):
                message = (
                    f'a copy of the sheet "{page.sheet}" with other cells; make the changes there instead, '
                )
                yield book.problem(name, "", f"{message}and remove the copy")


def _is_edited_copy(sheet: object, original: object, headings: Sequence[str]) -> bool:
    """Whether a sheet has the columns of another, and something else in its rows."""
    if not isinstance(sheet, Worksheet) or not isinstance(original, Worksheet):
        return False
    one, other = (
        {(cell.row, cell.column): cell.value for cell in _list_filled(found)} for found in (sheet, original)
    )
    has_headings = [value for (row, _), value in sorted(one.items()) if row == 1] == [*headings]
    return has_headings and one != other


def check_shape(book: Book, page: Page, sheet: Worksheet) -> Iterator[Problem]:
    """Checks that the columns are as exported, no cells are merged, and nothing is outside the table."""
    for merged in sorted(sheet.merged_cells.ranges, key=lambda item: (item.min_row, item.min_col)):
        message = "merged cells, which keep only the first value; unmerge them and fill them in"
        yield book.problem(page.sheet, merged.coord, message)
    cells = _list_filled(sheet)
    header = {cell.column: str(cell.value) for cell in cells if cell.row == 1}
    faults = list(
        _check_header(book, page, [header.get(at, "") for at in range(1, max(header, default=0) + 1)])
    )
    yield from faults
    for cell in cells:
        if not faults and cell.row > 1 and cell.column > len(page.headings):
            message = f'"{shorten_value(str(cell.value))}" is outside the table; remove it'
            yield book.problem(page.sheet, cell.coordinate, message)


def _check_header(book: Book, page: Page, header: list[str]) -> Iterator[Problem]:
    for place, expected in enumerate(page.headings):
        found = header[place] if place < len(header) else ""
        address = f"{get_column_letter(place + 1)}1"
        is_renamed = bool(found) and found not in page.headings
        if found == expected:
            continue
        if expected in header:
            where = get_column_letter(header.index(expected) + 1)
            message = f'the column "{expected}" belongs here but is in {where}; {NEVER}'
        elif is_renamed:
            message = f'the column "{expected}" belongs here but has another name; write "{expected}"'
        else:
            message = (
                f'the column "{expected}" belongs here and is missing; restore it, or export a new workbook'
            )
        yield book.problem(page.sheet, address, message, "header", found)
        if expected not in header and not is_renamed:
            return  # all following columns have moved one to the left
    for place in range(len(page.headings), len(header)):
        message = f"not a column of the table; remove it, {NEVER}"
        yield book.problem(page.sheet, f"{get_column_letter(place + 1)}1", message, "header", header[place])


def read_rows(page: Page, sheet: Worksheet) -> list[SheetRow]:
    """The rows below the header; rows whose own cells are all blank are skipped."""
    width = len(page.resource.fields)
    lines = {cell.row: None for cell in _list_filled(sheet) if cell.row > 1 and cell.column <= width}
    return [SheetRow(line, tuple(sheet.cell(line, at) for at in range(1, width + 1))) for line in lines]


def _list_filled(sheet: Worksheet) -> list[Cell]:
    """The cells with a value, row by row."""
    # When iterating over rows, openpyxl creates every cell up to the last one that is merely formatted.
    return [cell for _, cell in sorted(sheet._cells.items()) if cell.value not in (None, "")]
