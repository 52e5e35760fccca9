"""Arguments of a table's address: what names nothing is said, not ignored and not left to the database."""

import json
from collections.abc import Collection

from datasette.app import Datasette
from datasette.filters import Filters
from datasette.utils.asgi import BadRequest, Request

from .linked import read_links

LOOKUPS = frozenset(key for key, _, _ in Filters([]).lookups())
FACETS = ("column", "array", "date", "linked")


async def check_arguments(datasette: Datasette, database: str, table: str, request: Request) -> None:
    """Every filter, sort order and facet names a column; BadRequest otherwise.

    SQLite takes the name of a column that does not exist for a text, and then every row or none matches.
    """
    links = (await read_links(datasette)).get(table, {})
    columns = {*await datasette.get_database(database).table_columns(table), "rowid"}
    for key, values in ((key, request.args.getlist(key)) for key in request.args):
        if not key.startswith("_") or "__" in key:
            _check_filter(key, columns, links)
        elif key in ("_sort", "_sort_desc"):
            _check_names(key, [value for value in values if value], columns)
        elif key.startswith("_facet") and key != "_facet_size":
            kind = key.removeprefix("_facet").removeprefix("_") or "column"
            if kind not in FACETS:
                raise BadRequest(f"{key}: there is no such kind of facet; there are {', '.join(FACETS)}")
            _check_names(key, values, links if kind == "linked" else columns)


def _check_filter(key: str, columns: Collection[str], links: Collection[str]) -> None:
    column, _, lookup = key.rpartition("__") if "__" in key else (key, "", "exact")
    if lookup not in LOOKUPS:
        raise BadRequest(f"{key}: there is no comparison {lookup}; there are {', '.join(sorted(LOOKUPS))}")
    if column not in columns:
        mend = f"; use _{column}" if column in links else ""
        raise BadRequest(f"{key}: this table has no column {column}{mend}")


def _check_names(key: str, names: list[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known and _read_facet(name) not in known:
            raise BadRequest(f"{key}={name}: this table has nothing of that name")


def _read_facet(text: str) -> str:
    """The column of a facet that is written as JSON, which Datasette takes too; empty where there is none."""
    try:
        config = json.loads(text) if text.startswith("{") else {}
    except ValueError:
        return ""
    name = config.get("column") or config.get("simple")
    return name if isinstance(name, str) else ""
