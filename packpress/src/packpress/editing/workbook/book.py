"""A workbook that comes back: its sheets against the layout, each fault with the address of its cell."""

import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import openpyxl
from openpyxl.cell.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from packpress.editing.workbook.layout import EXPORT, LISTS, READ_ME, Page
from packpress.editing.workbook.manifest import Manifest, read_manifest
from packpress.problems import CannotRunError, Problem, shorten_value
from packpress.similar import nearest_value

PLAIN_NAME = re.compile(r"[^\W\d]\w*")
NEVER = "never move, rename, add or remove columns"


@dataclass(frozen=True)
class SheetRow:
    """One row of a sheet: its line, and its cells as openpyxl has them, one for each field."""

    line: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Book:
    """A workbook that a command wrote and somebody edited."""

    path: Path
    workbook: Workbook
    manifest: Manifest

    def problem(self, sheet: str, address: str, message: str, field: str = "", value: str = "") -> Problem:
        """A problem of one cell, as `fleet.xlsx: boats!F14: …`."""
        name = sheet if PLAIN_NAME.fullmatch(sheet) else "'" + sheet.replace("'", "''") + "'"
        place = f"{self.path.name}: {name}!{address}" if address else f"{self.path.name}: {name}"
        return Problem(place, 0, message, field, value, "workbook/damage")

    def sheet_of(self, page: Page) -> Worksheet | None:
        """The sheet of a table; None when there is none of that name."""
        found = self.workbook[page.sheet] if page.sheet in self.workbook.sheetnames else None
        return found if isinstance(found, Worksheet) else None


def open_book(path: Path) -> Book:
    """The workbook in a file; CannotRunError when it is none, or none that an export wrote."""
    if not path.is_file():
        raise CannotRunError(f"{path}: no such file; name a workbook that packpress workbook wrote")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of parts that matter to nobody here
            workbook = openpyxl.load_workbook(path)
    except Exception as error:  # whatever a damaged file does to openpyxl
        reason = " ".join(str(error).split()) or type(error).__name__
        raise CannotRunError(f"{path}: no workbook that can be read: {reason}; save it as .xlsx") from None
    rows = workbook[EXPORT].values if EXPORT in workbook.sheetnames else ()
    texts = (["" if cell is None else str(cell) for cell in row] for row in rows)
    return Book(path, workbook, read_manifest(texts, str(path)))


def list_other_sheets(book: Book, pages: Sequence[Page]) -> list[str]:
    """The names of sheets that no export wrote."""
    expected = {READ_ME, EXPORT, LISTS, *(page.sheet for page in pages)}
    return [name for name in book.workbook.sheetnames if name not in expected]


def check_sheets(book: Book, pages: Sequence[Page]) -> Iterator[Problem]:
    """Every table has its sheet."""
    others = list_other_sheets(book, pages)
    for page in pages:
        if book.sheet_of(page) is None:
            nearest = nearest_value(page.sheet, others)
            offer = f'give "{nearest}" its name back' if nearest else "put it back, or export anew"
            yield book.problem(page.sheet, "", f"the sheet is missing; {offer}")


def check_shape(book: Book, page: Page, sheet: Worksheet) -> Iterator[Problem]:
    """The columns stand as they were exported, and no cells are merged or lie outside the table."""
    for merged in sorted(sheet.merged_cells.ranges, key=lambda item: (item.min_row, item.min_col)):
        message = "merged cells, of which all but the first lost what they held; unmerge and fill them in"
        yield book.problem(page.sheet, merged.coord, message)
    cells = _list_filled(sheet)
    header = {cell.column: str(cell.value) for cell in cells if cell.row == 1}
    faults = list(
        _check_header(book, page, [header.get(at, "") for at in range(1, max(header, default=0) + 1)])
    )
    yield from faults
    for cell in cells:
        if not faults and cell.row > 1 and cell.column > len(page.headings):
            message = f'"{shorten_value(str(cell.value))}" stands outside the table; take it out'
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
            message = f'the column "{expected}" belongs here and stands in {where}; {NEVER}'
        elif is_renamed:
            message = f'the column "{expected}" belongs here and has another name; write "{expected}"'
        else:
            message = f'the column "{expected}" belongs here and is missing; put it back, or export anew'
        yield book.problem(page.sheet, address, message, "header", found)
        if expected not in header and not is_renamed:
            return  # all that follow stand one column further left
    for place in range(len(page.headings), len(header)):
        message = f"a column that the table has not; take it out, {NEVER}"
        yield book.problem(page.sheet, f"{get_column_letter(place + 1)}1", message, "header", header[place])


def read_rows(page: Page, sheet: Worksheet) -> list[SheetRow]:
    """The rows below the header; a row whose own cells are all blank is none."""
    width = len(page.resource.fields)
    lines = {cell.row: None for cell in _list_filled(sheet) if cell.row > 1 and cell.column <= width}
    return [SheetRow(line, tuple(sheet.cell(line, at) for at in range(1, width + 1))) for line in lines]


def _list_filled(sheet: Worksheet) -> list[Cell]:
    """The cells that hold something, row by row."""
    # Asked for rows, openpyxl makes a cell for every place up to the last that has so much as a colour.
    return [cell for _, cell in sorted(sheet._cells.items()) if cell.value not in (None, "")]
