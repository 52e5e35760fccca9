"""The text of passages as far as an edition has it: the words that its rows quote, each in its place."""

import json
from collections.abc import Iterable

from datasette.app import Datasette
from packpress.web.facts import Row, read_rows

from ketamine_site.highlights import UNKNOWN

# The words that these passages lend to things and references, each with its place.
QUOTES = "\n".join(
    f"""union all
select
  shown.passage_id,
  anchors.start_offset,
  quoted.quote
from shown
join "{table}" as quoted using (passage_id)
join anchors
  on anchors.table_name = '{table}'
  and anchors.row_id = quoted."{key}"
  and anchors.field_name = 'quote'"""
    for table, key in (
        ("adverse_effects", "adverse_effect_id"),
        ("concepts", "concept_id"),
        ("conditions", "condition_id"),
        ("references", "reference_id"),
        ("routes", "route_id"),
    )
)
KNOWN = f"""
with shown as (
  select
    passage_id,
    source_id,
    kind,
    start_offset,
    end_offset
  from passages
  where source_id = :source_id
  and position in (select value from json_each(:positions))
)
select
  shown.passage_id,
  anchors.start_offset - length(coalesce(context_before, '')) as start,
  coalesce(context_before, '') || quote || coalesce(context_after, '') as words
from shown
join claims_flat using (passage_id)
join anchors
  on anchors.table_name = 'claims'
  and anchors.row_id = claims_flat.claim_id
  and anchors.field_name = 'quote'
{QUOTES}
union all
select distinct
  shown.passage_id,
  anchors.start_offset,
  marker
from shown
join claims using (passage_id)
join claim_references using (claim_id)
join anchors
  on anchors.table_name = 'claim_references'
  and anchors.row_id = claim_references.claim_id || ',' || claim_references.reference_id
  and anchors.field_name = 'marker'
union all
select distinct
  shown.passage_id,
  anchors.start_offset,
  passages.section
from shown
join anchors
  on anchors.table_name = 'passages'
  and anchors.field_name = 'section'
  and anchors.source_id = shown.source_id
  and anchors.start_offset >= shown.start_offset
  and anchors.end_offset <= shown.end_offset
join passages on passages.passage_id = anchors.row_id
union all
select
  passage_id,
  start_offset,
  sources.title
from shown
join sources using (source_id)
where kind = 'title'
and length(sources.title) = end_offset - start_offset
"""


async def fill_texts(datasette: Datasette, source_id: str, passages: Iterable[Row]) -> list[Row]:
    """These passages of a source; where the edition lacks the text, as much of it as its rows quote.

    Every character that no row quotes is `UNKNOWN`; a passage that no row quotes keeps no text.
    """
    filled = list(passages)
    bare = [row for row in filled if row["text"] is None]
    if not bare:
        return filled
    positions = json.dumps([row["position"] for row in bare])
    pieces: dict[str, list[Row]] = {}
    for piece in await read_rows(datasette, KNOWN, source_id=source_id, positions=positions):
        pieces.setdefault(piece["passage_id"], []).append(piece)
    return [
        {**row, "text": join_pieces(row["start_offset"], row["end_offset"], found)}
        if row["text"] is None
        and (found := [(p["start"], p["words"]) for p in pieces.get(row["passage_id"], ())])
        else row
        for row in filled
    ]


def join_pieces(start: int, end: int, pieces: Iterable[tuple[int, str | None]]) -> str | None:
    """The text from `start` to `end` with these pieces in their places, and `UNKNOWN` elsewhere.

    None when the pieces have no words.

    >>> join_pieces(10, 22, [(10, "The"), (12, "e patch")]).replace(UNKNOWN, ".")
    'The patch...'
    """
    text = [UNKNOWN] * (end - start)
    for at, words in pieces:
        if words:
            text[at - start : at - start + len(words)] = words
    return "".join(text) if set(text) != {UNKNOWN} else None
