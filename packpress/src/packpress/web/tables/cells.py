"""Cells: how a value of a table or a query is shown, in the voice it belongs to."""

import re
from typing import Any

from datasette.app import Datasette
from markupsafe import Markup

from packpress.web.facts import Facts, ask_once, read_facts, read_rows, row_path

SEPARATOR = "; "
VERBATIM = """
select field_name
from data_dictionary
group by field_name
having min(coalesce(verbatim, 0)) = 1
"""


@ask_once
async def read_verbatim_columns(datasette: Datasette) -> frozenset[str]:
    """Columns that hold a source's own words wherever a column has that name."""
    return frozenset(row["field_name"] for row in await read_rows(datasette, VERBATIM))


async def show_cell(datasette: Datasette, row: Any, value: Any, column: str) -> Markup | None:
    """The cell as it is shown, or None where Datasette's own way will do."""
    key, label = split_label(value)
    if not key:
        return None
    if column in await read_verbatim_columns(datasette):
        return Markup('<span class="src">{}</span>').format(key)
    return show_key(datasette, await read_facts(datasette), row, key, label, column)


def split_label(value: Any) -> tuple[str, str | None]:
    """The text of a cell, and its label where Datasette has looked one up; empty for what is no text."""
    key, label = (value["value"], value["label"]) if isinstance(value, dict) else (value, None)
    return (key if isinstance(key, str) else "", label)


def show_key(
    datasette: Datasette, facts: Facts, row: Any, key: str, label: str | None, column: str
) -> Markup | None:
    """A key leads to its row, also in views and queries, where Datasette does not know it for one."""
    # Beside its label an identifier is shown by Datasette, unless the label already says it.
    if label is not None and re.sub(r"\W+", "-", label.lower()) != key:
        return None
    links = []
    for part in key.split(SEPARATOR):
        if path := row_path(datasette, facts, column, part):
            links.append(Markup('<a href="{}">{}</a>').format(path, label or part))
    return Markup(SEPARATOR).join(links) or None


def read_cell(row: Any, name: str) -> Any:
    """The value of a column of a row, without its label; None where the row has no such column."""
    value = row[name] if name in row.keys() else None  # noqa: SIM118 (a row of SQLite iterates over its values)
    return value["value"] if isinstance(value, dict) else value
