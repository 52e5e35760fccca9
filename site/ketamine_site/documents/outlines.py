"""Outlines: what is known of each document as a whole, and where in it a passage or a claim stands."""

from dataclasses import dataclass

from datasette.app import Datasette
from packpress.web.facts import Row, ask_once, read_all, read_rows

from ketamine_site.documents.choices import Filter
from ketamine_site.documents.parts import read_number
from ketamine_site.stances import STANCES

ACCOUNTS = """
select
  passages.source_id,
  count(*) as passages,
  max(passages.end_offset) as characters,
  count(claimed.passage_id) as with_claims,
  count(
    case when claimed.passage_id is null and passages.kind in ('sentence', 'list_item') then 1 end
  ) as without_claims
from passages
left join (select distinct passage_id from claims) as claimed using (passage_id)
group by passages.source_id
"""
TALLIES = """
select
  source_id,
  stance,
  certainty,
  claim_type,
  conditions,
  count(*) as claims
from claims_flat
group by
  source_id,
  stance,
  certainty,
  claim_type,
  conditions
"""
PLACE = """
select passages.position
from claims
join passages using (passage_id)
where claims.claim_id = :claim_id
and passages.source_id = :source_id
"""
# What a claim whose type does not judge is filed under.
NO_STANCE = "none"
# The filters of the reader, over rows of claims_flat.
FILTERS: dict[str, Filter[Row]] = {
    "stance": Filter("Stance", lambda row: (row["stance"] or NO_STANCE,), (*STANCES, NO_STANCE)),
    "certainty": Filter("Certainty", lambda row: (row["certainty"],), ("asserted", "hedged")),
    "type": Filter("Type", lambda row: (row["claim_type"],)),
    "condition": Filter("Condition", lambda row: (row["conditions"] or "").split("; ")),
}


@dataclass(frozen=True)
class Outline:
    """A document in numbers: passages, characters, and claims by the values that filters offer."""

    passages: int
    characters: int
    with_claims: int
    without_claims: int
    tallies: tuple[tuple[Row, int], ...]

    @property
    def other(self) -> int:
        """How many passages are neither sentences nor hold claims."""
        return self.passages - self.with_claims - self.without_claims


@ask_once
async def read_outlines(datasette: Datasette) -> dict[str, Outline]:
    """The outline of each source; a source without passages has none."""
    tallies: dict[str, list[tuple[Row, int]]] = {}
    for row in await read_all(datasette, TALLIES):
        tallies.setdefault(row["source_id"], []).append((row, row["claims"]))
    return {
        row["source_id"]: Outline(
            row["passages"],
            row["characters"],
            row["with_claims"],
            row["without_claims"],
            tuple(tallies.get(row["source_id"], ())),
        )
        for row in await read_all(datasette, ACCOUNTS)
    }


async def find_place(datasette: Datasette, source_id: str, at: str) -> int:
    """Number of the passage that is asked for, or that holds the claim asked for; 1 for anything else."""
    if number := read_number(at.removeprefix("p")):
        return number
    found = await read_rows(datasette, PLACE, claim_id=at, source_id=source_id)
    return int(found[0]["position"]) if found else 1
