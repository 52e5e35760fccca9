"""Counts of the claims about every entity of a table, and the selection of claims to show."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from datasette.app import Datasette
from packpress.web.facts import Row, ask_once, read_several

# How many claims of one source a page shows before it links to the rest.
MOST_CLAIMS = 12
# Of a source with more claims than this, it shows fewer, for a dozen does not stand for hundreds either.
MANY_CLAIMS, FEW_CLAIMS = 500, 4

# Both statements count for all things at once, so that a page takes its counts from memory: a thing may be
# named by thousands of claims.
GROUPS = """
select
  links.{key} as row_id,
  claims_flat.source_id,
  {role} as role,
  claims_flat.stance,
  claims_flat.certainty,
  max(claims_flat.quote is not null) as quote{states}
from {links} as links
join claims_flat using (claim_id)
group by
  links.{key},
  claims_flat.source_id,
  {role},
  claims_flat.stance,
  claims_flat.certainty
order by
  links.{key},
  claims_flat.source_id
"""
# A claim may be linked in several roles, and counts once. Those with a stance come first, in table order.
CLAIMS = """
with
named as (
  select
    {key} as row_id,
    claim_id,
    min(rowid) as link
  from {links}
  group by
    claim_id,
    {key}
),
numbered as (
  select
    named.row_id,
    claims_flat.source_id,
    named.claim_id,
    count(*) over (partition by named.row_id, claims_flat.source_id) as claims,
    row_number() over (
      partition by named.row_id, claims_flat.source_id
      order by
        claims_flat.stance is null,
        named.link
    ) as place
  from named
  join claims_flat using (claim_id)
)
select
  row_id,
  source_id,
  claim_id,
  claims
from numbered
where place <= case when claims > :many then :few else :most end
order by
  row_id,
  source_id,
  place
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
    groups: list[Row] = field(default_factory=list)
    # The number of claims of each source that makes any.
    counts: dict[str, int] = field(default_factory=dict)
    # The claims of each source that are shown: those with a stance first, in table order.
    shown: dict[str, list[str]] = field(default_factory=dict)

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


NO_CLAIMS = ClaimCounts()


@ask_once
async def count_claims(datasette: Datasette, linked: Linked) -> dict[str, ClaimCounts]:
    """The claims that a table of links joins to each row; rows without any are left out."""
    groups, claims = await read_several(datasette, *list_statements(linked))
    return arrange_counts(groups, claims)


def list_statements(linked: Linked) -> tuple[tuple[str, Row], tuple[str, Row]]:
    """The statements `GROUPS` and `CLAIMS` for a table of links, with their values."""
    names = {"links": linked.links, "key": linked.key}
    role = "links.role" if linked.has_role else "''"
    states = "".join(f",\n  max({column} is not null) as {column}" for column in linked.states)
    return (
        (GROUPS.format(**names, role=role, states=states), {}),
        (CLAIMS.format(**names), {"most": MOST_CLAIMS, "many": MANY_CLAIMS, "few": FEW_CLAIMS}),
    )


def arrange_counts(groups: Iterable[Row], claims: Iterable[Row]) -> dict[str, ClaimCounts]:
    """The counts of each thing, from the rows of `GROUPS` and `CLAIMS`."""
    found: dict[str, ClaimCounts] = {}
    for row in groups:
        found.setdefault(row["row_id"], ClaimCounts()).groups.append(row)
    for row in claims:
        counted = found[row["row_id"]]
        counted.counts[row["source_id"]] = row["claims"]
        counted.shown.setdefault(row["source_id"], []).append(row["claim_id"])
    return found
