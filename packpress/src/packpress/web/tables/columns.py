"""Columns: which of a wide table or answer are shown first, and how their names break."""

from datasette.app import Datasette
from markupsafe import Markup

from packpress.web.pages import find_pages


def choose_columns(datasette: Datasette, name: str | None) -> tuple[str, ...]:
    """The columns of a table, view or question that are shown first; none where all are.

    The rest is one link away.
    """
    return find_pages(datasette).first_columns.get(name or "", ())


def break_name(column: str) -> Markup:
    """The name of a column, which may break behind each underscore."""
    return Markup("_<wbr>").join(column.split("_"))
