"""XLSX: the tables of a build as one workbook."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

from xlsxwriter import Workbook
from xlsxwriter.exceptions import XlsxFileError
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from packpress.package.descriptor import Package
from packpress.package.dictionary import FIELDS, VALUES, build_dictionary
from packpress.package.resource import Resource
from packpress.problems import CannotRunError
from packpress.publish.archive import date_package, describe_edition, describe_licences
from packpress.publish.values import Content

# The limits of a sheet in the XLSX format; the header is one of the rows.
MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384
LONGEST_CELL = 32_767
LONGEST_NAME = 31
FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
# Spreadsheet programs keep no more significant digits.
DIGITS = 15
SMALLEST, LARGEST = 2.2250738585072014e-308, 9.99999999999999e307
# Before this day, the dates of spreadsheet programs are wrong: they count a 29 February 1900.
FIRST_DAY = date(1900, 3, 1)
NARROWEST, WIDEST = 8, 60


class SheetRows(Protocol):
    """Rows with a length that can be iterated over any number of times."""

    def __iter__(self) -> Iterator[Sequence[Any]]: ...  # noqa: D105
    def __len__(self) -> int: ...  # noqa: D105


@dataclass(frozen=True)
class Measure:
    """The number of rows of a table, the width of each column, and the length of the longest cell."""

    rows: int
    widths: tuple[int, ...]
    longest: int


@dataclass(frozen=True)
class Look:
    """The cell formats of a workbook."""

    header: Format
    text: Format
    long_text: Format
    day: Format
    moment: Format


class _Exact(float):
    """A number that is written with all its digits; xlsxwriter would write sixteen."""

    def __format__(self, _: str) -> str:
        return repr(float(self))


def make_look(workbook: Workbook) -> Look:
    """The formats for a new workbook: bold headers, cells aligned to the top, wrapped text."""
    return Look(
        *(
            workbook.add_format({"valign": "top", **properties})
            for properties in (
                {"bold": True},
                {},
                {"text_wrap": True},
                {"num_format": "yyyy-mm-dd"},
                {"num_format": "yyyy-mm-dd hh:mm:ss"},
            )
        )
    )


def name_sheets(names: Iterable[str]) -> dict[str, str]:
    """Sheet names for tables, by table name: shortened and made unique where the format requires it.

    >>> [*name_sheets(["boats", "a_table_with_quite_a_long_name_indeed"]).values()]
    ['boats', 'a_table_with_quite_a_long_name_']
    """
    # A name that the format reserves.
    taken = {"history"}
    sheets: dict[str, str] = {}
    for name in names:
        plain = FORBIDDEN.sub("_", name)
        sheet, number = _shorten(plain, LONGEST_NAME), 1
        while sheet.casefold() in taken:
            number += 1
            suffix = f"~{number}"
            sheet = _shorten(plain, LONGEST_NAME - len(suffix)) + suffix
        taken.add(sheet.casefold())
        sheets[name] = sheet
    return sheets


def _shorten(name: str, length: int) -> str:
    while count_units(name) > length:
        name = name[:-1]
    # A sheet name must not begin or end with an apostrophe.
    return name.strip("'") or "_"


def measure_rows(names: Sequence[str], rows: SheetRows) -> Measure:
    """The measure of a table with its header; for one with too many rows, only their number."""
    if len(rows) >= MOST_ROWS:
        return Measure(len(rows), (), 0)
    # Room for the filter button.
    widths = [len(name) + 3 for name in names]
    longest = 0
    for row in rows:
        for place, value in enumerate(row):
            length = 0 if value is None else len(value) if isinstance(value, str) else len(str(value))
            if length > widths[place]:
                widths[place] = length
            if length > LONGEST_CELL // 2:
                longest = max(longest, count_units(value))
    return Measure(len(rows), tuple(min(max(width, NARROWEST), WIDEST) for width in widths), longest)


def find_excess(measure: Measure) -> str:
    """Why a sheet cannot hold the table, or the empty string when it can."""
    if measure.rows >= MOST_ROWS:
        return f"{measure.rows:,} rows are more than the {MOST_ROWS - 1:,} that a sheet holds"
    if len(measure.widths) > MOST_COLUMNS:
        return f"{len(measure.widths):,} columns are more than the {MOST_COLUMNS:,} that a sheet holds"
    if measure.longest > LONGEST_CELL:
        return f"{measure.longest:,} characters are more than the {LONGEST_CELL:,} that a cell holds"
    return ""


def fill_sheet(
    sheet: Worksheet, look: Look, names: Sequence[str], rows: Iterable[Sequence[Any]], measure: Measure
) -> None:
    """Writes the table: a frozen header with filters, then the rows."""
    for column, width in enumerate(measure.widths):
        sheet.set_column(column, column, width, look.long_text if width == WIDEST else look.text)
    for column, name in enumerate(names):
        write_text(sheet, 0, column, name, look.header)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, measure.rows, max(len(names) - 1, 0))
    for line, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if value is not None:
                _write_cell(sheet, line, column, value, look)


def write_text(sheet: Worksheet, row: int, column: int, text: str, form: Format | None = None) -> None:
    """Writes a text as it is, never as a formula, a number or a link."""
    if text.startswith("<r>") and text.endswith("</r>"):
        # xlsxwriter would interpret such a text as its own markup, unless it is given in parts.
        sheet.write_rich_string(row, column, text[:1], Format(), text[1:], *([form] if form else []))
    else:
        sheet.write_string(row, column, text, form)


def _write_cell(sheet: Worksheet, row: int, column: int, value: Any, look: Look) -> None:
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float) and _is_exact(value):
        sheet.write_number(row, column, _Exact(value) if isinstance(value, float) else value)
    elif isinstance(value, datetime):
        if value.tzinfo is None and not value.microsecond and value.date() >= FIRST_DAY:
            sheet.write_datetime(row, column, value, look.moment)
        else:
            write_text(sheet, row, column, value.isoformat())
    elif isinstance(value, date) and value >= FIRST_DAY:
        sheet.write_datetime(row, column, value, look.day)
    elif isinstance(value, float) and math.isinf(value):
        write_text(sheet, row, column, "INF" if value > 0 else "-INF")
    else:
        write_text(sheet, row, column, value.isoformat() if hasattr(value, "isoformat") else str(value))


def _is_exact(value: float) -> bool:
    """Whether spreadsheet programs store the number exactly and show all of it."""
    size = abs(value)
    return size < 10**DIGITS if isinstance(value, int) else size == 0 or SMALLEST <= size <= LARGEST


def count_units(text: str) -> int:
    """The length of a text in UTF-16 code units, as the format counts it.

    >>> count_units("Ida"), count_units("🐟")
    (3, 2)
    """
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


ABOUT = "about"


def write_xlsx(path: Path, package: Package, contents: Iterable[Content]) -> list[str]:
    """Writes the workbook, and returns a line for each table that is left out.

    The same package gives the same bytes. A table is included completely or not at all; one that no sheet can
    hold appears only in the list of tables.
    """
    dictionary = build_dictionary(package, ())
    tables: list[tuple[Resource, SheetRows]] = [(content.resource, content.rows) for content in contents]
    tables += [(FIELDS, dictionary.fields), (VALUES, dictionary.values)]
    measures = [measure_rows(resource.field_names, rows) for resource, rows in tables]
    # Temporary files are written next to the workbook, and rows as they come.
    workbook = Workbook(path, {"constant_memory": True, "tmpdir": str(path.parent)})
    # No author, rather than an invented one.
    workbook.set_properties({"title": package.title, "created": datetime(*date_package(package))})
    look = make_look(workbook)
    names = [resource.name for resource, _ in tables]
    about = ABOUT
    while about in names:
        about += " this"
    sheets = name_sheets([*names, about])
    _write_about(
        look, workbook.add_worksheet(sheets[about]), sheets, package, list(zip(tables, measures, strict=True))
    )
    notices = []
    for (resource, rows), measure in zip(tables, measures, strict=True):
        if excess := find_excess(measure):
            notices.append(f"{path.name}: {resource.name} is left out: {excess}; use the CSV or Parquet file")
        else:
            sheet = workbook.add_worksheet(sheets[resource.name])
            fill_sheet(sheet, look, resource.field_names, rows, measure)
    try:
        workbook.close()
    except XlsxFileError as error:
        raise CannotRunError(f"{path.name}: cannot be written: {error}") from None
    return notices


def _write_about(
    look: Look,
    sheet: Worksheet,
    sheets: dict[str, str],
    package: Package,
    tables: Sequence[tuple[tuple[Resource, SheetRows], Measure]],
) -> None:
    sheet.set_column(0, 0, max(map(len, sheets.values())) + 2, look.text)
    sheet.set_column(1, 1, WIDEST, look.long_text)
    sheet.set_column(2, 2, 10, look.text)
    sheet.set_column(3, 3, 2 * WIDEST, look.long_text)
    line = 0
    for name, text in _list_facts(package):
        write_text(sheet, line, 0, name, look.header)
        write_text(sheet, line, 1, text)
        line += 1
    line += 1
    for column, text in enumerate(("sheet", "title", "rows", "what one row is")):
        write_text(sheet, line, column, text, look.header)
    for (resource, _), measure in tables:
        line += 1
        excess = find_excess(measure)
        if excess:
            write_text(sheet, line, 0, resource.name)
        else:
            name = sheets[resource.name]
            place = name.replace("'", "''")
            sheet.write_url(line, 0, f"internal:'{place}'!A1", look.text, name)
        write_text(sheet, line, 1, resource.title)
        sheet.write_number(line, 2, measure.rows)
        write_text(sheet, line, 3, f"Left out: {excess}." if excess else resource.description)


def _list_facts(package: Package) -> Iterable[tuple[str, str]]:
    """What the descriptor says about the package as a whole."""
    yield "title", package.title
    yield "name", package.name
    yield "version", package.version
    for name, text in (
        ("created", package.created),
        ("description", package.description),
        ("homepage", package.homepage),
        ("text from sources", describe_edition(package)),
        ("licence", describe_licences(package)),
    ):
        if text:
            yield name, text
    for name, items in (("contributor", package.contributors), ("source", package.sources)):
        for item in items:
            yield (
                name,
                " ".join(str(item[key]) for key in ("title", "path") if item.get(key)),
            )
