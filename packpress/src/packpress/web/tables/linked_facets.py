"""Facets over link tables: `?_facet_linked=port_id` counts the ports that the rows are tied to."""

from collections.abc import Iterable
from typing import Any

from datasette.app import Datasette
from datasette.database import QueryInterrupted
from datasette.facets import Facet
from datasette.utils import escape_sqlite, path_with_added_args, path_with_removed_args
from datasette.utils.asgi import Request

from packpress.web.facts import Row
from packpress.web.tables.linked import Link, label_values, name_link, read_links

# The kind of facet, as Datasette's addresses and metadata have it.
KIND = "linked"


async def count_links(facet: Facet) -> tuple[list[Row], list[str]]:
    """The counts of each facet asked for, and the names of those that took too long.

    A row that is tied to several things counts in each.
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


def write_counts(facet: Facet, links: list[Link], size: int) -> str:
    """The statement that counts by every link; the rows at hand are found once for all."""
    key = escape_sqlite(links[0].key)
    # Every row of the table is linked or not; then the link tables alone can tell.
    is_whole = facet.sql.strip().endswith(f" from {escape_sqlite(facet.table)}")
    counts = []
    for number, link in enumerate(links):
        own, other, table = map(escape_sqlite, (link.own, link.other, link.table))
        rows = table if is_whole else f"at_hand cross join {table} on {table}.{own} = at_hand.key"
        counts.append(
            f"select * from ("
            f"select {number} as facet, value, count(*) as count, count(*) over () as total"
            f" from (select distinct {own}, {other} as value from {rows})"
            f" group by value order by count desc, value limit {size})"
        )
    return f"with at_hand(key) as materialized (select {key} from ({facet.sql})) {' union all '.join(counts)}"


async def describe_counts(facet: Facet, link: Link, source: str, rows: list[Any], size: int) -> Row:
    """The facet as Datasette's pages want it, each value with the address that chooses it or lets it go."""
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
    """Further facets over link tables that a page with one could show: their names and addresses."""
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
