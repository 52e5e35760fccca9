"""Counts of the claims about an entity, and the selection of claims to show."""

from dataclasses import dataclass

from datasette.app import Datasette
from packpress.web.facts import Row, keep_answers, read_rows

# How many claims of one source a page shows before it links to the rest.
MOST_CLAIMS = 12

# One pass over the links of the thing; the positions of a group in the table limit the search for its claims.
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
# Claims that are linked in several roles would be counted several times.
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
    """A table of links: the key column of the thing, whether links have roles, and columns to check."""

    links: str
    key: str
    has_role: bool = True
    # Columns of the link or claim for which to determine whether any row has a value.
    states: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClaimCounts:
    """The counts of all claims about one thing, and the first claims."""

    # Combinations of source, role, stance and certainty that occur.
    groups: tuple[Row, ...]
    # The number of claims of each source that makes any.
    counts: dict[str, int]
    # The claims of each source that are shown: those with a stance first, in table order.
    shown: dict[str, tuple[str, ...]]

    @property
    def claims(self) -> int:
        """The number of claims about the thing."""
        return sum(self.counts.values())

    @property
    def claim_ids(self) -> list[str]:
        """The claims that are shown."""
        return [claim_id for found in self.shown.values() for claim_id in found]

    @property
    def has_words(self) -> bool:
        """Whether the text of the sources is available; an edition may leave it out."""
        return any(row["quote"] for row in self.groups)

    def states(self, column: str) -> bool:
        """Whether the column has a value in any of the claims or links."""
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
    """The first claims of one source, given its groups: those with a stance, then the others."""
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
                # A claim may occur once for each role.
                most=MOST_CLAIMS * len({row["role"] for row in own}),
            )
            found += dict.fromkeys(row["claim_id"] for row in rows)
    return tuple(found[:MOST_CLAIMS])
