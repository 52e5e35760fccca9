"""Filters and facets across link tables."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from datasette.app import Datasette
from datasette.database import QueryInterrupted
from datasette.facets import Facet
from datasette.filters import FilterArguments
from datasette.utils import escape_sqlite, path_with_added_args, path_with_removed_args
from datasette.utils.asgi import Request

from packpress.web.facts import Row, ask_once


@dataclass(frozen=True)
class LinkTable:
    """A table that links rows of a page's table, by `own`, to rows of a `target` table, by `other`."""

    table: str
    own: str
    other: str
    target: str
    # The column of the page's table that holds its key.
    key: str
    # Further key columns of the link table, such as a role.
    more: tuple[str, ...] = ()


@dataclass(frozen=True)
class Restriction:
    """One restriction that the rows of a page meet, in words, and the address without it."""

    words: str
    remove_url: str


@dataclass(frozen=True)
class Asked:
    """A value of a link table's column in the arguments of an address."""

    column: str
    argument: str
    value: str
    label: str


@ask_once
async def read_links(datasette: Datasette) -> dict[str, dict[str, LinkTable]]:
    """The link tables of each table, by the name of the key that they lead to.

    A link table has the keys of two different tables in its own key, or declares them. It also links a table
    that shares its key with the one referred to, as `boats_flat` may share that of `boats`.
    """
    database = datasette.get_database()
    tables = await database.table_names()
    keys = {table: await database.primary_keys(table) for table in tables}
    outward = {
        table: {key["column"]: key["other_table"] for key in await database.foreign_keys_for_table(table)}
        for table in tables
    }
    links: dict[str, dict[str, LinkTable]] = {}
    for at_hand in tables:
        if len(keys[at_hand]) != 1:
            continue
        (key,) = keys[at_hand]
        same = {at_hand, outward[at_hand].get(key)}
        for table in tables:
            declared = datasette.table_metadata(database.name, table).get("links")
            named = declared if isinstance(declared, list) else keys[table]
            ends = {column: target for column, target in outward[table].items() if column in named}
            if len(ends) != 2 or len(set(ends.values())) != 2:
                continue
            more = () if declared else tuple(column for column in keys[table] if column not in ends)
            for (own, near), (other, far) in (tuple(ends.items()), tuple(ends.items())[::-1]):
                if near in same:
                    links.setdefault(at_hand, {}).setdefault(
                        other, LinkTable(table, own, other, far, key, more)
                    )
    return links


async def filter_rows(datasette: Datasette, table: str, request: Request) -> FilterArguments:
    """The where clauses, parameters and descriptions of filters such as `_port_id=…`."""
    wheres: list[str] = []
    params: dict[str, str] = {}
    asked: list[Asked] = []
    for column, link in (await read_links(datasette)).get(table, {}).items():
        ties, besides = await read_asked(datasette, column, link, request)
        asked += [*ties, *besides]
        for group in [[tie, *besides] for tie in ties] or ([besides] if besides else []):
            names = {f"linked{len(params) + nth}": one for nth, one in enumerate(group)}
            params |= {name: one.value for name, one in names.items()}
            equal = " and ".join(f"{escape_sqlite(one.column)} = :{name}" for name, one in names.items())
            wheres.append(
                f"{escape_sqlite(link.key)} in"
                f" (select {escape_sqlite(link.own)} from {escape_sqlite(link.table)} where {equal})"
            )
    shown = [
        Restriction(
            f"{name_link(one.argument)} is {one.label}",
            leave_out(datasette, request, one.argument, one.value),
        )
        for one in asked
    ]
    return FilterArguments(wheres, params, [one.words for one in shown], {"linked_filters": shown})


async def read_asked(
    datasette: Datasette, column: str, link: LinkTable, request: Request
) -> tuple[list[Asked], list[Asked]]:
    """The filters of an address on a link table: by target, and by further columns."""
    values = [value for value in request.args.getlist(f"_{column}") if value]
    labels = await label_values(datasette, link, values)
    ties = [Asked(link.other, f"_{column}", value, labels[value]) for value in values]
    besides = [
        Asked(more, argument, value, value.replace("_", " "))
        for more in link.more
        if (value := request.args.get(argument := f"_{column.removesuffix('_id')}_{more}"))
    ]
    return ties, besides


def leave_out(datasette: Datasette, request: Request, name: str, value: str) -> str:
    """The address without an argument, from its first page."""
    without = path_with_removed_args(request, {name: value})
    return str(datasette.urls.path(path_with_removed_args(request, {"_next"}, path=without)))


async def label_values(datasette: Datasette, link: LinkTable, values: list[str]) -> dict[str, str]:
    """The labels of keys of the target table; the key itself when it has no label."""
    database = datasette.get_database()
    found = await datasette.expand_foreign_keys(database.name, link.table, link.other, values)
    return {value: found.get((link.other, value)) or value for value in values}


def name_link(column: str) -> str:
    """The noun for the rows that a key, or an argument of its name, refers to.

    >>> name_link("_home_port_id")
    'home port'
    """
    return column.removeprefix("_").removesuffix("_id").replace("_", " ")


# The kind of facet in Datasette's addresses and metadata.
KIND = "linked"


async def count_links(facet: Facet) -> tuple[list[Row], list[str]]:
    """The counts of each requested facet, and the names of those that took too long.

    A row that is linked to several rows counts for each of them.
    """
    links = (await read_links(facet.ds)).get(facet.table, {})
    wanted: dict[str, str] = {}
    for config in facet.get_configs():
        if (column := config["config"].get("simple")) in links:
            wanted.setdefault(column, config["source"])
    if not wanted:
        return [], []
    size = facet.get_facet_size()
    try:
        found = await facet.ds.execute(
            facet.database,
            write_counts(facet, list(map(links.__getitem__, wanted)), size),
            facet.params,
            truncate=False,
            custom_time_limit=facet.ds.setting("facet_time_limit_ms"),
        )
    except QueryInterrupted:
        return [], list(wanted)
    return [
        await describe_counts(
            facet, links[column], source, [row for row in found if row["facet"] == number], size
        )
        for number, (column, source) in enumerate(wanted.items())
    ], []


def write_counts(facet: Facet, links: list[LinkTable], size: int) -> str:
    """The statement that counts by every link; the rows of the page are found only once."""
    key = escape_sqlite(links[0].key)
    # For all rows of the table, the link tables alone have the counts.
    is_whole = facet.sql.strip().endswith(f" from {escape_sqlite(facet.table)}")
    counts = []
    for number, link in enumerate(links):
        own, other, table = map(escape_sqlite, (link.own, link.other, link.table))
        rows = table if is_whole else f"at_hand cross join {table} on {table}.{own} = at_hand.key"
        counts.append(
            f"select * from ("
            f"select {number} as facet, value, count(*) as count, count(*) over () as total"
            f" from (select distinct {own}, {other} as value from {rows}"
            f" where {own} is not null and {other} is not null)"
            f" group by value order by count desc, value limit {size})"
        )
    return f"with at_hand(key) as materialized (select {key} from ({facet.sql})) {' union all '.join(counts)}"


async def describe_counts(facet: Facet, link: LinkTable, source: str, rows: list[Any], size: int) -> Row:
    """The facet as Datasette's pages expect it, with the address that toggles each value."""
    labels = await label_values(facet.ds, link, [row["value"] for row in rows])
    name = f"_{link.other}"
    chosen = facet.request.args.getlist(name)
    results = []
    for row in rows:
        value = row["value"]
        change = path_with_removed_args if value in chosen else path_with_added_args
        path = path_with_removed_args(facet.request, {"_next"}, path=change(facet.request, {name: value}))
        url = facet.ds.absolute_url(facet.request, facet.ds.urls.path(path))
        results.append(
            {
                "value": value,
                "label": labels[value],
                "count": row["count"],
                "toggle_url": url,
                "selected": value in chosen,
            }
        )
    hide = path_with_removed_args(facet.request, {f"_facet_{KIND}": link.other})
    total = rows[0]["total"] if rows else 0
    return {
        "name": link.other,
        "type": KIND,
        "hideable": source != "metadata",
        "toggle_url": facet.ds.urls.path(hide),
        "results": results,
        "truncated": total > size,
        "total": total,
    }


async def offer_links(datasette: Datasette, request: Request, table: str, shown: Iterable[Row]) -> list[Row]:
    """Further facets across link tables that a page can offer: their names and addresses."""
    there = {facet["name"] for facet in shown if facet["type"] == KIND}
    links = (await read_links(datasette)).get(table, {}) if there else {}
    return [
        {
            "name": name_link(column),
            "url": datasette.urls.path(path_with_added_args(request, {"_facet_linked": column})),
        }
        for column in links
        if column not in there
    ]
