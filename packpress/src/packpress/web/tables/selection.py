"""The selection of a page's rows in words: its filters, each with the address without it, and its order."""

import json
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import parse_qsl

from datasette.app import Datasette
from datasette.filters import Filters
from datasette.utils.asgi import Request

from packpress.web.tables.column_titles import ColumnTitles, lower_first, read_titles
from packpress.web.tables.linked import Restriction, leave_out

# The comparisons of Datasette's addresses in words; the value stands behind them.
COMPARISONS = {
    "exact": "is",
    "not": "is not",
    "contains": "contains",
    "notcontains": "does not contain",
    "endswith": "ends with",
    "startswith": "starts with",
    "gt": "is more than",
    "gte": "is at least",
    "lt": "is less than",
    "lte": "is at most",
    "like": "is like",
    "notlike": "is not like",
    "glob": "matches",
    "in": "is one of",
    "notin": "is none of",
    "arraycontains": "includes",
    "arraynotcontains": "does not include",
    "date": "is on",
    "isnull": "is empty",
    "notnull": "is not empty",
    "isblank": "is blank",
    "notblank": "is not blank",
}


async def describe_selection(
    datasette: Datasette,
    request: Request,
    table: str,
    filters: Filters,
    linked: Iterable[Restriction],
    wheres: Iterable[Mapping[str, str]],
) -> tuple[Restriction, ...]:
    """The restrictions of an address: on link tables, searches, SQL, other tables, and columns.

    The linked filters and the restrictions in SQL are what Datasette passes to the template.
    """
    titles = await read_titles(datasette)
    found = [*linked]
    for name in request.args:
        if name == "_search" or name.startswith("_search_"):
            place = titles.mention(table, name.removeprefix("_search_")) if name != "_search" else "the text"
            words = f"{place} has “{request.args[name]}”"
            found += [Restriction(words, leave_out(datasette, request, name, request.args[name]))]
    found += [Restriction(f"SQL says {where['text']}", where["remove_url"]) for where in wheres]
    for text in request.args.getlist("_through"):
        through = json.loads(text)
        words = f"{titles.mention(through['table'], through['column'])} is {through['value']}"
        remove_url = leave_out(datasette, request, "_through", text)
        found.append(Restriction(f"in {through['table']}, {words}", remove_url))
    no_value = {key for key, _, has_none in filters.lookups() if has_none}
    keys = {key["column"] for key in await datasette.get_database().foreign_keys_for_table(table)}
    for column, lookup, value in filters.selections():
        title, label = titles.name(table, column), titles.show_value(table, column, value)
        if column in keys and (row := await _label_key(datasette, table, column, value)):
            title, label = titles.name_target(table, column), row
        words = f"{lower_first(title)} {COMPARISONS.get(lookup, lookup)}"
        name = _find_argument(request, column, lookup)
        remove_url = leave_out(datasette, request, name, value)
        found.append(Restriction(words if lookup in no_value else f"{words} {label}", remove_url))
    return tuple(found)


def _find_argument(request: Request, column: str, lookup: str) -> str:
    """The argument of a filter: that of an equal value may leave its comparison out."""
    name = f"{column}__{lookup}"
    return column if lookup == "exact" and name not in request.args else name


async def _label_key(datasette: Datasette, table: str, column: str, value: str) -> str:
    """The label of the row that a key refers to; empty when it has none but the key."""
    name = datasette.get_database().name
    label = (await datasette.expand_foreign_keys(name, table, column, [value])).get((column, value))
    return str(label) if label and str(label) != value else ""


def say_selection(restrictions: Sequence[Restriction], order: str = "") -> str:
    """The restrictions as one clause, with the order if one was asked for.

    >>> one, two = Restriction("port is Lerwick", ""), Restriction("catch is at least 5", "")
    >>> say_selection([one, two], "weight, largest first")
    'where port is Lerwick and catch is at least 5, sorted by weight, largest first'
    >>> say_selection([]), say_selection([], "port")
    ('', 'sorted by port')
    """
    *first, last = [restriction.words for restriction in restrictions] or [""]
    clause = f"where {', '.join(first)} and {last}" if first else f"where {last}" if last else ""
    return ", ".join(filter(None, (clause, f"sorted by {order}" if order else "")))


def name_order(titles: ColumnTitles, request: Request, table: str) -> str:
    """The order that an address asks for, in words; empty when it asks for none."""
    if column := request.args.get("_sort_desc"):
        return f"{titles.mention(table, column)}, descending"
    column = request.args.get("_sort")
    return titles.mention(table, column) if column else ""


def keep_arguments(request: Request, *leaving: str) -> list[tuple[str, str]]:
    """The arguments that a form on a page passes on, besides those that it has inputs for."""
    arguments = parse_qsl(request.query_string, keep_blank_values=True)
    return [(name, value) for name, value in arguments if name not in leaving]
