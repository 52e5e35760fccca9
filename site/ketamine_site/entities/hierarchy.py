"""The hierarchy: broader and narrower rows, each with the number of claims that name it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from datasette.app import Datasette
from packpress.web.facts import ask_once, read_rows

from ketamine_site.entities.claim_counts import NO_CLAIMS, ClaimCounts
from ketamine_site.entities.topics import Topic

THINGS = """
select
  {key} as row_id,
  label,
  broader_id
from {table}
order by
  label,
  row_id
"""


@dataclass(frozen=True)
class Relative:
    """A broader or narrower row, its distance, and the number of claims that name it."""

    row_id: str
    depth: int
    label: str
    claims: int


@dataclass(frozen=True)
class Hierarchy:
    """The labels of all rows of a table, and how they are related."""

    labels: Mapping[str, str]
    # The next broader row of each row that has one.
    broader: Mapping[str, str]
    # The next narrower rows of each row that has any, by label.
    narrower: Mapping[str, list[str]]

    def list_broader(self, row_id: str) -> list[tuple[str, int]]:
        """The broader rows with their distance, broadest first."""
        found: dict[str, int] = {}
        # A row that is broader than itself would otherwise have no end.
        while (above := self.broader.get(row_id)) and above not in found:
            found[above], row_id = len(found) + 1, above
        return list(found.items())[::-1]

    def list_narrower(self, row_id: str) -> list[tuple[str, int]]:
        """The narrower rows with their distance, parents before children."""
        found: dict[str, int] = {}

        def walk(row_id: str, depth: int) -> Iterator[tuple[str, int]]:
            for below in self.narrower.get(row_id, ()):
                if below not in found:
                    found[below] = depth
                    yield below, depth
                    yield from walk(below, depth + 1)

        return list(walk(row_id, 1))


@ask_once
async def read_hierarchy(datasette: Datasette, topic: Topic) -> Hierarchy:
    """The hierarchy of the table of a topic."""
    rows = await read_rows(datasette, THINGS.format(table=topic.table, key=topic.key))
    narrower: dict[str, list[str]] = {}
    for row in rows:
        if row["broader_id"]:
            narrower.setdefault(row["broader_id"], []).append(row["row_id"])
    broader = {row["row_id"]: row["broader_id"] for row in rows if row["broader_id"]}
    return Hierarchy({row["row_id"]: row["label"] for row in rows}, broader, narrower)


def list_relatives(
    hierarchy: Hierarchy, counts: Mapping[str, ClaimCounts], row_id: str
) -> tuple[list[Relative], list[Relative]]:
    """The broader rows, broadest first, and the narrower ones, parents before children."""
    broader, narrower = [
        [
            Relative(found, depth, hierarchy.labels[found], counts.get(found, NO_CLAIMS).claims)
            for found, depth in listed
        ]
        for listed in (hierarchy.list_broader(row_id), hierarchy.list_narrower(row_id))
    ]
    return broader, narrower
