"""Facets over link tables: `?_facet_linked=condition_id` counts the conditions that the rows are tied to."""

from collections.abc import Iterable
from typing import Any

from datasette.app import Datasette
from datasette.database import QueryInterrupted
from datasette.facets import Facet
from datasette.utils import escape_sqlite, path_with_added_args, path_with_removed_args
from datasette.utils.asgi import Request

from ..facts import Row
from .linked import Link, label_values, name_link, read_links


class LinkedFacet(Facet):  # type: ignore[misc]
    """Counts of the rows by what link tables tie them to; a row that is tied to several counts in each."""

    type = "linked"

    async def facet_results(self) -> tuple[list[Row], list[str]]:
        """The counts of each facet asked for, and the names of those that took too long."""
        links = (await read_links(self.ds)).get(self.table, {})
        wanted: dict[str, str] = {}
        for config in self.get_configs():
            if (column := config["config"].get("simple")) in links:
                wanted.setdefault(column, config["source"])
        if not wanted:
            return [], []
        size = self.get_facet_size()
        try:
            found = await self.ds.execute(
                self.database,
                self._count(list(map(links.__getitem__, wanted)), size),
                self.params,
                truncate=False,
                custom_time_limit=self.ds.setting("facet_time_limit_ms"),
            )
        except QueryInterrupted:
            return [], list(wanted)
        return [
            await self._describe(
                links[column], source, [row for row in found if row["facet"] == number], size
            )
            for number, (column, source) in enumerate(wanted.items())
        ], []

    def _count(self, links: list[Link], size: int) -> str:
        """The statement that counts by every link; the rows at hand are found once for all."""
        key = escape_sqlite(links[0].key)
        # Every row of the table is linked or not; then the link tables alone can tell.
        is_whole = self.sql.strip().endswith(f" from {escape_sqlite(self.table)}")
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
        return (
            f"with at_hand(key) as materialized (select {key} from ({self.sql})) {' union all '.join(counts)}"
        )

    async def _describe(self, link: Link, source: str, rows: list[Any], size: int) -> Row:
        labels = await label_values(self.ds, link, [row["value"] for row in rows])
        name = f"_{link.other}"
        chosen = self.request.args.getlist(name)
        results = []
        for row in rows:
            value = row["value"]
            change = path_with_removed_args if value in chosen else path_with_added_args
            path = path_with_removed_args(self.request, {"_next"}, path=change(self.request, {name: value}))
            url = self.ds.absolute_url(self.request, self.ds.urls.path(path))
            results.append(
                {
                    "value": value,
                    "label": labels[value],
                    "count": row["count"],
                    "toggle_url": url,
                    "selected": value in chosen,
                }
            )
        hide = path_with_removed_args(self.request, {f"_facet_{self.type}": link.other})
        total = rows[0]["total"] if rows else 0
        return {
            "name": link.other,
            "type": self.type,
            "hideable": source != "metadata",
            "toggle_url": self.ds.urls.path(hide),
            "results": results,
            "truncated": total > size,
            "total": total,
        }


async def offer_links(datasette: Datasette, request: Request, table: str, shown: Iterable[Row]) -> list[Row]:
    """Further facets over link tables that a page with one could show: their names and addresses."""
    there = {facet["name"] for facet in shown if facet["type"] == LinkedFacet.type}
    links = (await read_links(datasette)).get(table, {}) if there else {}
    return [
        {
            "name": name_link(column),
            "url": datasette.urls.path(path_with_added_args(request, {"_facet_linked": column})),
        }
        for column in links
        if column not in there
    ]
