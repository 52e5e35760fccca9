"""Listing: a table page's question in words, and its facets in the order in which they are declared."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from datasette.app import Datasette
from datasette.database import Database
from datasette.utils import escape_sqlite

from packpress.package.dictionary import OWN_TABLES
from packpress.web.facts import Facts, Row, ask_once
from packpress.web.pages import find_pages, is_static
from packpress.web.tables.linked import name_link
from packpress.web.tables.linked_facets import KIND

SORTED = " sorted by "
OWN_NAMES = frozenset(table.name for table in OWN_TABLES)
MS_TO_COUNT = 1000
FORMATS = {"json": "JSON", "parquet": "Parquet"}


# The rows of larger tables have no pages in a folder of files or a site map, unless an extension says so.
MOST_ROW_PAGES = 2_000
# What Windows takes for a device wherever it stands.
DEVICES = ("con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10)))


@ask_once
async def list_shown_tables(datasette: Datasette) -> list[str]:
    """The tables that people meet, in the order in which they are declared."""
    database = datasette.get_database()
    hidden = {*await database.hidden_table_names()}
    names = {*await database.table_names()} - hidden - OWN_NAMES
    declared = datasette.metadata(database=database.name).get("tables") or {}
    return [name for name in declared if name in names] + sorted(names - {*declared})


async def find_browsed(datasette: Datasette) -> str:
    """The table that people browse first: the extension's, or else the first that is shown."""
    shown = await list_shown_tables(datasette)
    browsed = find_pages(datasette).browsed
    return browsed if browsed in shown or not shown else shown[0]


@ask_once
async def list_row_tables(datasette: Datasette) -> list[str]:
    """The tables each of whose rows has a page to lead people and machines to."""
    pages, database = find_pages(datasette), datasette.get_database()
    if pages.row_tables:
        return list(pages.row_tables)
    counts = await database.table_counts(limit=MS_TO_COUNT)
    found = []
    for table in await list_shown_tables(datasette):
        keys = await database.primary_keys(table)
        is_small = (counts.get(table) or MOST_ROW_PAGES + 1) <= MOST_ROW_PAGES
        if is_small and keys and not (is_static(datasette) and await _has_clashes(database, table, keys)):
            found.append(table)
    return found


async def _has_clashes(database: Database, table: str, keys: list[str]) -> bool:
    """Whether Windows takes two keys for one folder, as capitals do not count or one for none."""
    columns = ", ".join(f"lower({escape_sqlite(key)})" for key in keys)
    first, name = escape_sqlite(keys[0]), escape_sqlite(table)
    devices = ", ".join(f"'{device}'" for device in DEVICES)
    rows = (
        await database.execute(
            f"select count(*) > (select count(*) from (select distinct {columns} from {name}))"
            f" or ({len(keys)} = 1 and count(*) filter (where lower({first}) in ({devices})) > 0)"
            f" from {name}"
        )
    ).rows
    return bool(rows[0][0])


def count_rows(facts: Facts, keys: list[str], count: int | None) -> str:
    """How many there are, of what: `50 claims`; rows where the key is not that of one thing."""
    table = facts.key_tables.get(keys[0], "rows") if len(keys) == 1 else "rows"
    noun = table.replace("_", " ")
    number = "More than can be counted in time:" if count is None else f"{count:,}"
    return f"{number} {noun.removesuffix('s') if count == 1 else noun}"


def name_format(name: str) -> str:
    """A format in the letters that its makers write it with."""
    return FORMATS.get(name, name)


def name_filter(column: str) -> str:
    """The argument of an address that asks for rows with one value of the column."""
    return f"{column}__exact" if column.startswith("_") or "__" in column else column


def describe_query(description: str, arguments: Iterable[str]) -> str:
    """The question in words, without quotation marks and without an order that nobody asked for."""
    if not {"_sort", "_sort_desc"} & {*arguments}:
        description = f" {description}".rpartition(SORTED)[0] if SORTED in f" {description}" else description
    return re.sub(r' = "([^"]*)"', r" = \1", description).strip()


def order_facets(results: Mapping[str, Row], declared: Iterable[Any]) -> list[Row]:
    """The facets of a page, each once: the declared ones in their order, then those asked for."""
    order = [_name_declared(facet) for facet in declared]
    facets: dict[tuple[str, str], Row] = {}
    for facet in results.values():
        facets.setdefault((facet["type"], facet["name"]), facet)
    return [
        facet
        | {"title": _name_facet(facet), "values": [_describe_value(value) for value in facet["results"]]}
        for place, facet in sorted(
            facets.items(), key=lambda item: order.index(item[0]) if item[0] in order else len(order)
        )
    ]


def drop_page(url: str) -> str:
    """The address without the place where a page begins, which belongs to other rows."""
    path, _, query = url.partition("?")
    kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != "_next"]
    return f"{path}?{urlencode(kept)}" if kept else path


def _name_declared(facet: Any) -> tuple[str, str]:
    ((kind, name),) = facet.items() if isinstance(facet, dict) else (("column", facet),)
    return kind, name


def _name_facet(facet: Row) -> str:
    name: str = facet["name"]
    return name_link(name) if facet["type"] == KIND else name


def _describe_value(value: Row) -> Row:
    label = value["label"] if value["label"] not in (None, "") else value["value"]
    return value | {
        "label": str(label) if label not in (None, "") else "(empty)",
        "url": drop_page(value["toggle_url"]),
    }
