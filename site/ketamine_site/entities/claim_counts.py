"""Counts of the claims about an entity, and which of them are shown."""

from dataclasses import dataclass

from datasette.app import Datasette
from packpress.web.facts import Row, keep_answers, read_rows

# How many claims of one source a page shows before it leads to the rest.
MOST_CLAIMS = 12

# One pass over the links of the thing; the places of a group in the table bound the search for its claims.
GROUPS = """
select
  claims_flat.source_id,
  {role} as role,
  claims_flat.stance,
  claims_flat.certainty,
  count(*) as links,
  min(links.rowid) as first,
  max(links.rowid) as last,
  max(claims_flat.quote is not null) as quote{states}
from {links} as links
join claims_flat using (claim_id)
where links.{key} = :row_id
group by
  claims_flat.source_id,
  {role},
  claims_flat.stance,
  claims_flat.certainty
order by claims_flat.source_id
"""
# Claims that are linked in more than one role would be counted for each.
REPEATED = """
select
  claims_flat.source_id,
  sum(repeated.links - 1) as links
from (
  select
    claim_id,
    count(*) as links
  from {links}
  where {key} = :row_id
  group by claim_id
  having count(*) > 1
) as repeated
join claims_flat using (claim_id)
group by claims_flat.source_id
"""
# `cross join` keeps the order of the tables, so that the search ends with the last claim that is shown.
CLAIMS = """
select links.claim_id
from {links} as links
cross join claims_flat using (claim_id)
where links.{key} = :row_id
and links.rowid between :first and :last
and claims_flat.source_id = :source_id
and claims_flat.stance is {null}
order by links.rowid
limit :most
"""


@dataclass(frozen=True)
class Linked:
    """A table of links: the column of the thing, whether a link has a role, and what is worth asking."""

    links: str
    key: str
    has_role: bool = True
    # Columns of the link or the claim of which to know whether any is filled.
    states: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClaimCounts:
    """What is known of all claims about one thing, and the first of them."""

    # A source, role, stance and certainty that occur together.
    groups: tuple[Row, ...]
    # Number of claims of each source that makes any.
    counts: dict[str, int]
    # The claims of each source that are shown: those that judge first, each kind in the order of the table.
    shown: dict[str, tuple[str, ...]]

    @property
    def claims(self) -> int:
        """Number of claims about the thing."""
        return sum(self.counts.values())

    @property
    def claim_ids(self) -> list[str]:
        """The claims that are shown."""
        return [claim_id for found in self.shown.values() for claim_id in found]

    @property
    def has_words(self) -> bool:
        """Whether the words of the sources are there; an edition may withhold them."""
        return any(row["quote"] for row in self.groups)

    def states(self, column: str) -> bool:
        """Whether the column is filled in any of the claims or links."""
        return any(row[column] for row in self.groups)


@keep_answers
async def count_claims(datasette: Datasette, linked: Linked, row_id: str) -> ClaimCounts:
    """The claims that a table of links joins to a row."""
    names = {"links": linked.links, "key": linked.key}
    role = "links.role" if linked.has_role else "''"
    states = "".join(f",\n  max({column} is not null) as {column}" for column in linked.states)
    groups = await read_rows(datasette, GROUPS.format(**names, role=role, states=states), row_id=row_id)
    counts: dict[str, int] = {}
    for row in groups:
        counts[row["source_id"]] = counts.get(row["source_id"], 0) + row["links"]
    if len({row["role"] for row in groups}) > 1:
        for row in await read_rows(datasette, REPEATED.format(**names), row_id=row_id):
            counts[row["source_id"]] -= row["links"]
    shown = {
        source_id: await pick_claims(
            datasette, linked, row_id, [row for row in groups if row["source_id"] == source_id]
        )
        for source_id in counts
    }
    return ClaimCounts(tuple(groups), counts, shown)


async def pick_claims(
    datasette: Datasette, linked: Linked, row_id: str, groups: list[Row]
) -> tuple[str, ...]:
    """The first claims of one source, whose groups these are: those that judge, then the others."""
    found: list[str] = []
    for null in ("not null", "null"):
        own = [row for row in groups if (row["stance"] is None) == (null == "null")]
        if own and len(found) < MOST_CLAIMS:
            rows = await read_rows(
                datasette,
                CLAIMS.format(links=linked.links, key=linked.key, null=null),
                row_id=row_id,
                source_id=own[0]["source_id"],
                first=min(row["first"] for row in own),
                last=max(row["last"] for row in own),
                # A claim may come once for each role.
                most=MOST_CLAIMS * len({row["role"] for row in own}),
            )
            found += dict.fromkeys(row["claim_id"] for row in rows)
    return tuple(found[:MOST_CLAIMS])
