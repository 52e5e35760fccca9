"""Quotes: claims with their words in place, marked inside the passage that they come from."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from datasette.app import Datasette
from markupsafe import Markup
from packpress.web.facts import Row, read_rows

from ketamine_site.marks import Frame, mark_quote

CLAIMS = """
select
  claims_flat.*,
  passages.text,
  passages.position as passage_position,
  passages.start_offset as passage_start,
  sources.position as source_position,
  sources.source_type,
  quotes.start_offset,
  quotes.end_offset,
  hedges.start_offset as hedge_start,
  hedges.end_offset as hedge_end,
  qualifiers.start_offset as qualifier_start,
  qualifiers.end_offset as qualifier_end
from json_each(:claim_ids) as wanted
join claims_flat on claims_flat.claim_id = wanted.value
join passages using (passage_id)
join sources on sources.source_id = claims_flat.source_id
join anchors as quotes
  on quotes.table_name = 'claims'
  and quotes.row_id = claims_flat.claim_id
  and quotes.field_name = 'quote'
left join anchors as hedges
  on hedges.table_name = 'claims'
  and hedges.row_id = claims_flat.claim_id
  and hedges.field_name = 'hedge'
left join anchors as qualifiers
  on qualifiers.table_name = 'claims'
  and qualifiers.row_id = claims_flat.claim_id
  and qualifiers.field_name = 'qualifier'
order by
  sources.position,
  quotes.start_offset,
  quotes.end_offset,
  claims_flat.claim_id
"""


@dataclass(frozen=True)
class Quoted:
    """A claim (columns of claims_flat and where it stands) with its words marked in their passage.

    `words` is empty where an edition withholds them; then the characters of the row say where they stand.
    """

    row: Row
    words: Markup

    @property
    def is_hedged(self) -> bool:
        """Whether words of the source doubt the claim."""
        return bool(self.row["certainty"] == "hedged")


async def read_quotes(datasette: Datasette, claim_ids: Iterable[str]) -> list[Quoted]:
    """These claims, in the order of the sources and of the documents."""
    rows = await read_rows(datasette, CLAIMS, claim_ids=json.dumps(list(claim_ids)))
    return [Quoted(row, mark_claim(row)) for row in rows]


def mark_claim(row: Row) -> Markup:
    """The passage with the quote marked; without its text, the quote with the context that is left of it."""
    quote = row["quote"]
    if not quote:
        return Markup("")
    if row["text"]:
        text, before = row["text"], row["passage_start"]
    else:
        context = row["context_before"] or ""
        text = context + quote + (row["context_after"] or "")
        before = row["start_offset"] - len(context)
    frames = [
        Frame(row[f"{name}_start"] - before, row[f"{name}_end"] - before, name)
        for name in ("hedge", "qualifier")
        if row[f"{name}_start"] is not None
    ]
    return mark_quote(text, row["start_offset"] - before, row["end_offset"] - before, frames, row["stance"])
