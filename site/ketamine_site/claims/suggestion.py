"""Suggestions: the text of a proposed correction to a row, and the issue that takes it."""

from typing import Any
from urllib.parse import urlencode

from packpress.web.facts import Row

SUGGESTION = """\
Table: {table}
Row: {row_id}
Version of the data: {version}
Field:
What it says now:
What it should say:
Words of the document that show it:

What the row says now:
{cells}
"""


def write_suggestion(table: str, row_id: str, row: Row, version: str) -> str:
    """A form to fill in, with the cells of the row below it to copy from."""
    cells = "\n".join(f"{name}: {_show_value(value)}".rstrip() for name, value in row.items())
    return SUGGESTION.format(table=table, row_id=row_id, version=version, cells=cells)


def find_issue_form(repository: str, table: str, row_id: str, text: str) -> str:
    """Address of the form for a new issue in the repository, filled with the text."""
    title = f"Correction: {table} {row_id}"
    return f"{repository.rstrip('/')}/issues/new?" + urlencode({"title": title, "body": text})


def _show_value(value: Any) -> str:
    return "" if value is None else " ".join(str(value).split())
