"""XLSX: the tables of a build as one workbook.

xlsxwriter makes the workbook and all of its parts, but for the rows of tables, which are put into its sheets.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name, xl_range
from xlsxwriter.worksheet import Worksheet

from packpress.package.descriptor import Package
from packpress.package.dictionary import FIELDS, VALUES, build_dictionary
from packpress.package.resource import Field, Resource
from packpress.publish.archive import (
    EARLIEST,
    date_package,
    describe_edition,
    describe_licences,
    make_entry,
)
from packpress.publish.sheet import (
    WIDEST,
    Measure,
    count_units,
    find_excess,
    measure_content,
    write_sheet_rows,
)
from packpress.tables.values import Content, make_columns, write_value

Measured = tuple[Content, Measure]

LONGEST_NAME = 31
FORBIDDEN = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True)
class Sheet:
    """A table that has a sheet, and the number of the format of each column."""

    content: Content
    measure: Measure
    styles: Sequence[int]


@dataclass(frozen=True)
class Look:
    """The cell formats of a workbook."""

    header: Format
    text: Format
    long_text: Format
    day: Format
    moment: Format


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


def write_text(sheet: Worksheet, row: int, column: int, text: str, form: Format | None = None) -> None:
    """Writes a text as it is, never as a formula, a number or a link."""
    if text.startswith("<r>") and text.endswith("</r>"):
        # xlsxwriter would interpret such a text as its own markup, unless it is given in parts.
        sheet.write_rich_string(row, column, text[:1], Format(), text[1:], *([form] if form else []))
    else:
        sheet.write_string(row, column, text, form)


ABOUT = "about"
DIMENSION = re.compile(rb'(?<=<dimension ref=")[^"]*')


def write_xlsx(path: Path, package: Package, contents: Iterable[Content]) -> list[str]:
    """Writes the workbook, and returns a line for each table that is left out.

    The same package gives the same bytes. A table is included completely or not at all; one that no sheet can
    hold appears only in the list of tables.
    """
    tables = [(content, measure_content(content)) for content in (*contents, *_open_dictionary(package))]
    with io.BytesIO() as frame:
        sheets = _make_frame(frame, package, tables)
        _fill_frame(path, frame, sheets)
    return [
        f"{path.name}: {content.resource.name} is left out: {excess}; use the CSV or Parquet file"
        for content, measure in tables
        if (excess := find_excess(measure))
    ]


def _open_dictionary(package: Package) -> Iterator[Content]:
    """The tables of the data dictionary, in the order of the descriptor."""
    dictionary = build_dictionary(package, ())
    for resource, rows in ((FIELDS, dictionary.fields), (VALUES, dictionary.values)):
        fields = resource.fields
        records = [
            tuple(write_value(value, field, resource) for value, field in zip(row, fields, strict=True))
            for row in rows
        ]
        start = partial(make_columns, records, len(fields))
        yield Content(resource, start, len(records), is_validated=True)


def _make_frame(file: IO[bytes], package: Package, tables: Sequence[Measured]) -> dict[str, Sheet]:
    """Makes the workbook with the headers of its tables alone; returns the sheets by their files."""
    workbook = Workbook(file, {"in_memory": True})
    # No author: nobody is invented.
    workbook.set_properties({"title": package.title, "created": datetime(*date_package(package))})
    look = make_look(workbook)
    names = [content.resource.name for content, _ in tables]
    about = ABOUT
    while about in names:
        about += " this"
    sheets = name_sheets([*names, about])
    _write_about(look, workbook.add_worksheet(sheets[about]), sheets, package, tables)
    held = [(content, measure) for content, measure in tables if not find_excess(measure)]
    formats = [
        _make_sheet(workbook.add_worksheet(sheets[content.resource.name]), look, content.resource, measure)
        for content, measure in held
    ]
    workbook.close()
    # Formats have numbers only now, and files have those of the sheets, the first of which lists the others.
    return {
        f"xl/worksheets/sheet{number}.xml": Sheet(content, measure, [form.xf_index or 0 for form in forms])
        for number, ((content, measure), forms) in enumerate(zip(held, formats, strict=True), 2)
    }


def _make_sheet(sheet: Worksheet, look: Look, resource: Resource, measure: Measure) -> list[Format]:
    """Writes a header that stays in sight and filters; returns the formats of the columns."""
    forms = [
        {"date": look.day, "datetime": look.moment}.get(
            field.type, look.long_text if width == WIDEST else look.text
        )
        for field, width in zip(resource.fields, measure.widths, strict=True)
    ]
    for column, (field, width, form) in enumerate(zip(resource.fields, measure.widths, forms, strict=True)):
        sheet.set_column(column, column, width, form)
        write_text(sheet, 0, column, field.name, look.header)
        if note := describe_head(resource, field):
            # Beside the name, which is the same in every format.
            sheet.write_comment(0, column, note, {"x_scale": 2})
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, measure.rows, max(len(forms) - 1, 0))
    return forms


def describe_head(resource: Resource, field: Field) -> str:
    """The note on the head of a column: its unit, ordered or labelled values, and reasons for missing ones.

    >>> from packpress.package.resource import build_resource
    >>> fields = [{"name": "kg", "type": "number", "unit": "kg"}]
    >>> catches = build_resource({"name": "catches", "path": "catches.csv", "schema": {"fields": fields}})
    >>> describe_head(catches, catches.field("kg"))
    'unit: kg'
    """
    lines = [f"unit: {field.unit}"] if field.unit else []
    if field.is_ordered or field.labels:
        values = [
            f"{value}: {field.labels[value]}" if value in field.labels else str(value)
            for value in field.ordered_choices
        ]
        lines.append(f"values{', in order' * field.is_ordered}: {'; '.join(values)}")
    if reasons := resource.missing_reasons(field):
        # A missing cell is empty here, whatever it is in the files.
        lines.append(f"empty: {'; '.join(dict.fromkeys(reasons.values()))}")
    return "\n".join(lines)


def _fill_frame(path: Path, frame: IO[bytes], sheets: Mapping[str, Sheet]) -> None:
    """Writes the workbook with the rows in its sheets."""
    with (
        zipfile.ZipFile(frame) as empty,
        zipfile.ZipFile(path, "w") as full,
    ):
        for name in empty.namelist():
            if name in sheets:
                _fill_sheet(full, name, empty.read(name), sheets[name])
            else:
                full.writestr(make_entry(name, EARLIEST), empty.read(name))


def _fill_sheet(archive: zipfile.ZipFile, name: str, frame: bytes, sheet: Sheet) -> None:
    begin, end, rest = frame.partition(b"</sheetData>")
    # xlsxwriter knows of the header alone.
    reach = xl_range(0, 0, sheet.measure.rows, max(len(sheet.styles) - 1, 0)).encode()
    letters = [xl_col_to_name(place) for place in range(len(sheet.styles))]
    is_large = sheet.measure.size >= zipfile.ZIP64_LIMIT
    with archive.open(make_entry(name, EARLIEST), "w", force_zip64=is_large) as file:
        file.write(DIMENSION.sub(reach, begin, count=1))
        for rows in write_sheet_rows(sheet.content, letters, sheet.styles):
            file.write(rows)
        file.write(end + rest)


def _write_about(
    look: Look,
    sheet: Worksheet,
    sheets: dict[str, str],
    package: Package,
    tables: Sequence[Measured],
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
    for content, measure in tables:
        resource = content.resource
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
    for name, text in (
        ("version", package.declared_version),
        ("created", package.created),
        ("description", package.description),
        ("homepage", package.homepage),
        ("text from sources", describe_edition(package)),
        ("rows set aside", package.describe_set_aside()),
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
