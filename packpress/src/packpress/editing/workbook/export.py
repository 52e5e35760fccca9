"""Writing a workbook to edit: a sheet of text cells for each table, with help, lists and protection."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from packpress.editing.workbook.beside import Lookup, State
from packpress.editing.workbook.choices import Choices, describe_field, validate_cells
from packpress.editing.workbook.layout import EXPORT, LISTS, READ_ME, Page, lay_out, read_state
from packpress.editing.workbook.manifest import Manifest, fingerprint
from packpress.editing.workbook.read_me import list_instructions
from packpress.editing.workbook.selection import Selection, select_rows
from packpress.package.descriptor import Package
from packpress.publish.archive import date_package
from packpress.publish.sheets import MOST_ROWS, WIDEST, measure_rows, write_text

# What an editor may do on a protected sheet; there is no password.
ALLOWED = {"format_columns": True, "format_rows": True, "sort": True, "autofilter": True}
LOCKED = "#EDEDED"
# Points of a line, and how many of them a row shows at first.
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
    """The workbook, the same bytes for the same tables, and why tables are left out, by their names.

    CannotRunError when a table cannot be read.
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
    rows_beside = Lookup(package, state)
    for page in pages:
        _write_page(workbook.add_worksheet(page.sheet), look, page, selected, choices, rows_beside)
    _write_hidden(workbook.add_worksheet(LISTS), zip_longest(*choices.lists, fillvalue=""), look.plain)
    _write_hidden(workbook.add_worksheet(EXPORT), manifest.rows(), look.plain)
    for formula, name in choices.ranges.items():
        workbook.define_name(name, formula)
    workbook.close()
    return data.getvalue(), left_out


def _make_look(workbook: Workbook) -> _Look:
    # As text, or a spreadsheet would make dates and numbers of what is typed.
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
        (*record, *(lookup.find(resource, column, record) for column in page.beside)) for record in records
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
            # Blank cells of new rows look the same, so only what differs from its column is written.
            is_key = column < own and resource.fields[column].name in resource.primary_key
            if text or is_key:
                form = look.locked if is_key else look.editable if column < own else look.beside
                write_text(sheet, line, column, text, form)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(rows), 1), len(page.headings) - 1)
    sheet.protect("", ALLOWED)


def _find_height(texts: Sequence[str], widths: Sequence[int]) -> int:
    """The height in points at which the wrapped texts of a row can be read; the longest only in part."""
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
