"""Checks of a table page's arguments: unknown ones are reported, not ignored."""

import json
from collections.abc import Collection

from datasette.app import Datasette
from datasette.filters import Filters
from datasette.utils.asgi import BadRequest, Request

from packpress.web.profiles import Limits
from packpress.web.serving.request_limits import read_limits
from packpress.web.tables.linked import read_links
from packpress.web.tables.page_cost import check_cost, is_facet, name_kind, read_facet

LOOKUPS = frozenset(key for key, _, _ in Filters([]).lookups())
FACETS = ("column", "array", "date", "linked")


async def check_arguments(datasette: Datasette, database: str, table: str, request: Request) -> None:
    """Raises BadRequest unless every filter, sort order and facet names a column.

    SQLite would take the name of a missing column for a text, so that every row or none would match.
    """
    limits = read_limits(datasette)
    _check_amounts(request, limits, datasette.setting("max_returned_rows"))
    links = (await read_links(datasette)).get(table, {})
    for value in request.args.getlist("_through"):
        await _check_through(datasette, database, value)
    columns = {*await datasette.get_database(database).table_columns(table), "rowid"}
    for key, values in ((key, request.args.getlist(key)) for key in request.args):
        if not key.startswith("_") or "__" in key:
            _check_filter(key, columns, links)
        elif key in ("_sort", "_sort_desc"):
            _check_names(key, [value for value in values if value], columns)
        elif is_facet(key):
            kind = name_kind(key)
            if kind not in FACETS:
                raise BadRequest(f"{key}: unknown kind of facet; the known ones are {', '.join(FACETS)}")
            _check_names(key, values, links if kind == "linked" else columns)
    await check_cost(datasette, database, table, request)


def _check_amounts(request: Request, limits: Limits, most: int) -> None:
    """Raises BadRequest when a page would be too large, or when a raw search is not allowed."""
    facets = [key for key in request.args if is_facet(key)]
    if sum(len(request.args.getlist(key)) for key in facets) > limits.facets:
        raise BadRequest(f"_facet: at most {limits.facets} at once; leave some out")
    size = request.args.get("_size") or ""
    rows = most if size == "max" else int(size) if size.isdecimal() else 0
    if request.url_vars.get("format") is None and rows > limits.page_rows:
        raise BadRequest(f"_size={size}: a page has at most {limits.page_rows} rows; CSV and JSON have more")
    if not limits.raw_search and not {"_searchmode", "_fts_table", "_fts_pk"}.isdisjoint(request.args):
        raise BadRequest("_searchmode: this site does not support raw search syntax; leave it out")


async def _check_through(datasette: Datasette, database: str, text: str) -> None:
    """Raises BadRequest unless the table that rows are filtered through has the named column."""
    try:
        through = json.loads(text)
        table, column = str(through["table"]), str(through["column"])
    except (ValueError, LookupError, TypeError, RecursionError):
        raise BadRequest("_through: write it as JSON with table, column and value") from None
    if column not in await datasette.get_database(database).table_columns(table):
        raise BadRequest(f"_through: there is no table {table} with a column {column}")


def _check_filter(key: str, columns: Collection[str], links: Collection[str]) -> None:
    column, _, lookup = key.rpartition("__") if "__" in key else (key, "", "exact")
    if lookup not in LOOKUPS:
        raise BadRequest(f"{key}: there is no comparison {lookup}; there are {', '.join(sorted(LOOKUPS))}")
    if column not in columns:
        mend = f"; use _{column}" if column in links else ""
        raise BadRequest(f"{key}: this table has no column {column}{mend}")


def _check_names(key: str, names: list[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known and read_facet(name) not in known:
            raise BadRequest(f"{key}={name}: this table has no column of that name")
