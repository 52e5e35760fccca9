"""Preview: the problems that an import would cause, by sheet and cell."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from openpyxl.utils import get_column_letter

from packpress.editing.format import find_problems, read_canonical, tolerate_known
from packpress.editing.workbook.book import Book
from packpress.editing.workbook.edits import Edited
from packpress.extension import find_extension
from packpress.package.descriptor import Package
from packpress.problems import Problem
from packpress.tables.csv import Record


def find_expected(
    package: Package, book: Book, files: Mapping[str, bytes], tables: Iterable[Edited]
) -> list[Problem]:
    """The problems that the package would have after the import and does not have now.

    Those of rows in the workbook name their sheet and cell.
    """
    extension = find_extension(package)
    is_known = tolerate_known(package, extension.rules)
    edited = {table.page.resource.paths[0]: table for table in tables}
    lines = {path: _find_lines(table, files[path]) for path, table in edited.items() if path in files}
    problems = []
    for problem in find_problems(package, files, extension.rules):
        if not is_known(problem):
            line = lines.get(problem.path, {}).get(problem.line)
            problems.append(_place_in_sheet(problem, book, edited[problem.path], line) if line else problem)
    return problems


def _find_lines(edited: Edited, data: bytes) -> dict[int, int]:
    """The line in the sheet of each record in the sheet, by its line in the new file."""
    resource = edited.page.resource
    in_sheet: dict[Record, int] = dict(zip(edited.records, edited.lines, strict=True))
    records = read_canonical(resource, resource.paths[0], data)
    return {line: in_sheet[cells] for line, cells in records if cells in in_sheet}


def _place_in_sheet(problem: Problem, book: Book, edited: Edited, line: int) -> Problem:
    names = edited.page.resource.field_names
    column = names.index(problem.field) if problem.field in names else 0
    address = f"{get_column_letter(column + 1)}{line}"
    placed = book.problem(edited.page.sheet, address, problem.message, problem.field, problem.value)
    return replace(placed, code=problem.code)
