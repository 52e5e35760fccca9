"""Export: rows of a package as a workbook for editing, with instructions."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from packpress.editing.workbook.book import Manifest, Selection, fingerprint, select_rows
from packpress.editing.workbook.layout import (
    EXPORT,
    LISTS,
    READ_ME,
    Choices,
    Lookup,
    Page,
    State,
    describe_field,
    lay_out,
    read_state,
    validate_cells,
)
from packpress.package.descriptor import Package
from packpress.publish.archive import date_package
from packpress.publish.sheet import MOST_ROWS, WIDEST, measure_rows
from packpress.publish.xlsx import write_text

# An indented line continues the one before.
INSTRUCTIONS = """\
what it is: Each table of the package is a sheet. Edit the cells, save the file as .xlsx and import it.
  Nothing changes on disk before you have seen the difference and said yes.
colours: White cells are yours. Grey cells are locked: the keys of existing rows and, in italics
  after the table, text from other tables to read next to the row.
help: Hold the pointer over the name of a column to read its description. A cell with an arrow
  offers its values in a list.
add a row: Write it below the last row. packpress next-id TABLE prints its key. The text next to it comes with
  the next export.
remove a row: Review, Unprotect Sheet (there is no password), then delete the whole row.
change a key: Never. Other rows refer to the row by its key. Remove the row and add another under a new key.
take care: Every cell is text, so that nothing turns into a date or a number. Write dates like
  2021-11-08. Paste values only, without formats. Do not move or rename columns and sheets.
  No formulas, no merged cells, no line breaks within a cell.
bring it back: packpress import shows what differs and asks. Damaged cells are refused, with their
  addresses. Then packpress validate lists what is left to correct. The same workbook may be edited and
  imported again.
others: If somebody else changed a table that you changed too, the import says so and refuses. Export
  a new workbook and repeat your changes there.
"""


def list_instructions(package: Package, selection: Selection) -> Iterator[tuple[str, str]]:
    """The instructions for the workbook, each under a short heading.

    >>> from packpress import read_package
    >>> next(list_instructions(read_package("fleet"), Selection()))
    ('workbook of', 'A small fleet, version 1.0.0')
    """
    yield "workbook of", package.titled_version
    if selection.table:
        yield "rows", f"Those of {selection.key} in {selection.table}, and tables that belong to no such row."
    for line in INSTRUCTIONS.replace("\n  ", " ").splitlines():
        name, text = line.split(": ", 1)
        if name == "remove a row" and (register := package.register):
            text += f" Enter a row that was ever published in {register}, with the reason."
        yield name, text


# What a protected sheet allows; it has no password.
ALLOWED = {"format_columns": True, "format_rows": True, "sort": True, "autofilter": True}
LOCKED = "#EDEDED"
# The height of a line in points, and how many lines a row shows at first.
LINE, MOST_LINES = 15, 6


@dataclass(frozen=True)
class _Look:
    header: Format
    editable: Format
    locked: Format
    beside: Format
    plain: Format
    name: Format
    link: Format


def write_workbook(package: Package, selection: Selection) -> tuple[bytes, dict[str, str]]:
    """The workbook as bytes, and the reasons why tables are left out, by table name.

    The same tables give the same bytes. Raises CannotRunError when a table cannot be read.

    >>> from packpress import read_package
    >>> data, left_out = write_workbook(read_package("fleet"), Selection())
    >>> data[:2], left_out
    (b'PK', {})
    """
    state = read_state(package)
    selected = select_rows(package, state, selection)
    pages, left_out = lay_out(package, state)
    manifest = Manifest(
        package.name,
        selection,
        {page.resource.name: fingerprint(page.resource, selected[page.resource.name]) for page in pages},
    )
    data = io.BytesIO()
    workbook = Workbook(data, {"in_memory": True})
    workbook.set_properties({"title": package.name, "created": datetime(*date_package(package))})
    look = _make_look(workbook)
    _write_read_me(workbook, look, package, selection, pages, selected, left_out)
    choices = Choices(package, pages, state, selected)
    lookup = Lookup(package, state)
    for page in pages:
        _write_page(workbook.add_worksheet(page.sheet), look, page, selected, choices, lookup)
    _write_hidden(workbook.add_worksheet(LISTS), zip_longest(*choices.lists, fillvalue=""), look.plain)
    _write_hidden(workbook.add_worksheet(EXPORT), manifest.rows(), look.plain)
    for formula, name in choices.ranges.items():
        workbook.define_name(name, formula)
    workbook.close()
    return data.getvalue(), left_out


def _make_look(workbook: Workbook) -> _Look:
    # As text; otherwise spreadsheets turn input into dates and numbers.
    text = {"num_format": "@", "valign": "top", "text_wrap": True}
    return _Look(
        header=workbook.add_format({"bold": True, "valign": "top", "bottom": 1, "num_format": "@"}),
        editable=workbook.add_format({**text, "locked": False}),
        locked=workbook.add_format({**text, "bg_color": LOCKED}),
        beside=workbook.add_format({**text, "bg_color": LOCKED, "italic": True}),
        plain=workbook.add_format(text),
        name=workbook.add_format({"bold": True, "valign": "top"}),
        link=workbook.add_format({"font_color": "blue", "underline": 1, "valign": "top"}),
    )


def _write_page(
    sheet: Worksheet,
    look: _Look,
    page: Page,
    selected: State,
    choices: Choices,
    lookup: Lookup,
) -> None:
    resource = page.resource
    records = selected[resource.name]
    rows = [
        (*record, *(lookup.find(resource, column, record) for column in page.lookups)) for record in records
    ]
    measure = measure_rows(page.headings, rows)
    own = len(resource.fields)
    for column, (heading, width) in enumerate(zip(page.headings, measure.widths, strict=True)):
        sheet.set_column(column, column, width, look.editable if column < own else look.beside)
        write_text(sheet, 0, column, heading, look.header)
    for column, field in enumerate(resource.fields):
        help_text = describe_field(resource, field)
        size = {"x_scale": 3, "y_scale": 1 + len(help_text) / 250}
        sheet.write_comment(0, column, help_text, size)
        sheet.data_validation(
            1, column, MOST_ROWS - 1, column, validate_cells(field, choices.find(resource, field))
        )
    for line, row in enumerate(rows, 1):
        sheet.set_row(line, _find_height(row, measure.widths))
        for column, text in enumerate(row):
            # Blank cells of new rows have the same format, so only formats that differ from the column's are
            # written.
            is_key = column < own and resource.fields[column].name in resource.primary_key
            if text or is_key:
                form = look.locked if is_key else look.editable if column < own else look.beside
                write_text(sheet, line, column, text, form)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(rows), 1), len(page.headings) - 1)
    sheet.protect("", ALLOWED)


def _find_height(texts: Sequence[str], widths: Sequence[int]) -> int:
    """The row height in points at which its wrapped texts can be read, up to a limit."""
    lines = max(-(-len(text) // width) for text, width in zip(texts, widths, strict=True))
    return LINE * min(max(lines, 1), MOST_LINES)


def _write_read_me(
    workbook: Workbook,
    look: _Look,
    package: Package,
    selection: Selection,
    pages: Sequence[Page],
    selected: State,
    left_out: Mapping[str, str],
) -> None:
    sheet = workbook.add_worksheet(READ_ME)
    widths = (24, 2 * WIDEST, 10)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width, look.plain)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    line = 0
    for name, text in list_instructions(package, selection):
        write_text(sheet, line, 0, name, look.name)
        write_text(sheet, line, 1, text, look.plain)
        sheet.set_row(line, _find_height((name, text), widths[:2]))
        line += 1
    line += 1
    for column, text in enumerate(("sheet", "what one row is", "rows")):
        write_text(sheet, line, column, text, look.header)
    for page in pages:
        line += 1
        place = page.sheet.replace("'", "''")
        sheet.write_url(line, 0, f"internal:'{place}'!A1", look.link, page.sheet)
        text = page.resource.description or page.resource.title
        write_text(sheet, line, 1, text, look.plain)
        sheet.set_row(line, _find_height((text,), widths[1:2]))
        sheet.write_number(line, 2, len(selected[page.resource.name]))
    for name, reason in left_out.items():
        line += 1
        write_text(sheet, line, 0, name, look.plain)
        write_text(sheet, line, 1, f"Left out: {reason}; edit its file.", look.plain)
    sheet.protect("", {"format_columns": True})


def _write_hidden(sheet: Worksheet, rows: Iterable[Sequence[str]], form: Format) -> None:
    for line, row in enumerate(rows):
        for column, text in enumerate(row):
            if text:
                write_text(sheet, line, column, text, form)
    sheet.protect()
    sheet.very_hidden()
