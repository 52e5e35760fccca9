"""The workbook: what the package is, every table as a sheet of typed cells, and what the columns mean."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.exceptions import XlsxFileError
from xlsxwriter.worksheet import Worksheet

from packpress.package.descriptor import Package
from packpress.package.dictionary import FIELDS, VALUES, build_dictionary
from packpress.package.resource import Resource
from packpress.problems import CannotRunError
from packpress.publish.archive import date_package
from packpress.publish.content import Content
from packpress.publish.readme import describe_edition, describe_licences
from packpress.publish.sheets import (
    WIDEST,
    Look,
    Measure,
    Rows,
    fill_sheet,
    find_excess,
    make_look,
    measure_rows,
    name_sheets,
    write_text,
)

ABOUT = "about"


def write_xlsx(path: Path, package: Package, contents: Iterable[Content]) -> list[str]:
    """Writes the workbook, the same bytes for the same package; returns why tables are left out, a line each.

    A table is there whole or not at all: one that no sheet can hold stands in the list of tables only.
    """
    dictionary = build_dictionary(package, ())
    tables: list[tuple[Resource, Rows]] = [(content.resource, content.rows) for content in contents]
    tables += [(FIELDS, dictionary.fields), (VALUES, dictionary.values)]
    measures = [measure_rows(resource.field_names, rows) for resource, rows in tables]
    # Temporary files stand beside the workbook, and rows are written as they come.
    workbook = Workbook(path, {"constant_memory": True, "tmpdir": str(path.parent)})
    # No author: nobody is invented.
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
            notices.append(f"{path.name}: {resource.name} is left out: {excess}; take it as CSV or Parquet")
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
    tables: Sequence[tuple[tuple[Resource, Rows], Measure]],
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
    """What the descriptor says of the package as a whole."""
    yield "title", package.title
    yield "name", package.name
    yield "version", package.version
    for name, text in (
        ("created", package.created),
        ("description", package.description),
        ("homepage", package.homepage),
        ("words of sources", describe_edition(package)),
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
