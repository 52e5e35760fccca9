"""The source reader: `/sources/<source_id>`, a document as printed with its claims beside it."""

from urllib.parse import urlencode

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from .choices import Choice, match_choices, offer_choices
from .documents import Block, Claim, read_document
from .facts import Row, read_facts, read_rows
from .marks import Frame

PASSAGES = """
select passages.*
from passages
where source_id = :source_id
order by position
"""
CLAIMS = """
select
  claims_flat.*,
  anchors.start_offset - passages.start_offset as start_in_passage,
  anchors.end_offset - passages.start_offset as end_in_passage
from claims_flat
join passages using (passage_id)
join anchors
  on anchors.table_name = 'claims'
  and anchors.row_id = claims_flat.claim_id
  and anchors.field_name = 'quote'
where claims_flat.source_id = :source_id
order by claims_flat.claim_id
"""
FRAMES = """
select distinct
  claims.passage_id,
  anchors.field_name,
  anchors.start_offset - passages.start_offset as start_in_passage,
  anchors.end_offset - passages.start_offset as end_in_passage
from anchors
join claims on claims.claim_id = anchors.row_id
join passages using (passage_id)
where anchors.table_name = 'claims'
and anchors.field_name in ('hedge', 'qualifier')
and anchors.source_id = :source_id
order by
  claims.passage_id,
  anchors.start_offset,
  anchors.end_offset
"""
REFERENCES = """
select
  claim_references.claim_id,
  claim_references.reference_id,
  claim_references.marker,
  "references".ordinal
from claim_references
join "references" using (reference_id)
where "references".source_id = :source_id
order by
  claim_references.claim_id,
  "references".ordinal,
  claim_references.reference_id
"""
CONDITIONS = """
select distinct
  claim_conditions.claim_id,
  conditions.label
from claim_conditions
join conditions using (condition_id)
order by
  claim_conditions.claim_id,
  conditions.label
"""
PRINTED = """
select
  "references".passage_id,
  "references".reference_id,
  count(corrections.correction_id) as corrections
from "references"
left join corrections using (reference_id)
where "references".source_id = :source_id
group by "references".reference_id
"""


async def show_source(request: Request, datasette: Datasette) -> Response:
    """The reader of one source; a page that says so when there is no such source."""
    source_id = request.url_vars["source_id"]
    rows = await read_rows(
        datasette, "select * from sources where source_id = :source_id", source_id=source_id
    )
    if not rows:
        return await refuse_source(request, datasette, source_id)
    claims = await read_claims(datasette, source_id)
    asked = {name: request.args.get(name) or "" for name in ("stance", "certainty", "type", "condition")}
    choices = offer_choices(claims, asked)
    matches = match_choices(choices)
    passages = await read_rows(datasette, PASSAGES, source_id=source_id)
    blocks = read_document(passages, claims, await read_frames(datasette, source_id), matches)
    printed = await read_rows(datasette, PRINTED, source_id=source_id)
    context = {
        "source": rows[0],
        "database": (await read_facts(datasette)).database,
        "blocks": blocks,
        "choices": choices,
        "removals": list_removals(choices),
        "claim_count": len(claims),
        "hedged_count": sum(claim.row["certainty"] == "hedged" for claim in claims),
        "match_count": sum(map(matches, claims)),
        "characters": passages[-1]["end_offset"] if passages else 0,
        "is_withheld": bool(passages) and not any(row["text"] for row in passages),
        "printed": {row["passage_id"]: row for row in printed},
        "account": count_passages(blocks),
    }
    return Response.html(await datasette.render_template("source.html", context, request=request))


async def refuse_source(request: Request, datasette: Datasette, source_id: str) -> Response:
    """A page with status 404 that names the sources there are."""
    context = {"status": 404, "title": "No such source", "error": f"No document here is called {source_id}."}
    return Response.html(await datasette.render_template("error.html", context, request=request), status=404)


async def list_sources(request: Request, datasette: Datasette) -> Response:
    """The page of all sources."""
    return Response.html(await datasette.render_template("sources.html", {}, request=request))


async def read_claims(datasette: Datasette, source_id: str) -> list[Claim]:
    """The claims of a source with what the margin shows of them."""
    references: dict[str, list[Row]] = {}
    for row in await read_rows(datasette, REFERENCES, source_id=source_id):
        references.setdefault(row["claim_id"], []).append(row)
    conditions: dict[str, list[str]] = {}
    for row in await read_rows(datasette, CONDITIONS):
        conditions.setdefault(row["claim_id"], []).append(row["label"])
    return [
        Claim(
            row,
            row["start_in_passage"],
            row["end_in_passage"],
            tuple(references.get(row["claim_id"], ())),
            tuple(conditions.get(row["claim_id"], ())),
        )
        for row in await read_rows(datasette, CLAIMS, source_id=source_id)
    ]


async def read_frames(datasette: Datasette, source_id: str) -> dict[str, list[Frame]]:
    """The words that doubt or narrow, by passage."""
    frames: dict[str, list[Frame]] = {}
    for row in await read_rows(datasette, FRAMES, source_id=source_id):
        found = Frame(row["start_in_passage"], row["end_in_passage"], row["field_name"])
        frames.setdefault(row["passage_id"], []).append(found)
    return frames


def list_removals(choices: list[Choice]) -> list[tuple[str, str]]:
    """Each condition that is chosen, in words, with the rest of the address once it is taken away."""
    chosen = {choice.name: choice.chosen for choice in choices if choice.chosen}
    return [
        (f"{name} = {value}", urlencode({other: kept for other, kept in chosen.items() if other != name}))
        for name, value in chosen.items()
    ]


def count_passages(blocks: list[Block]) -> dict[str, int]:
    """How many passages hold claims, hold none for a reason, or are no sentences."""
    passages = [passage for block in blocks for passage in block.passages]
    with_claims = sum(bool(passage.entries) for passage in passages)
    sentences = sum(
        not passage.entries and passage.row["kind"] in ("sentence", "list_item") for passage in passages
    )
    return {"with": with_claims, "without": sentences, "rest": len(passages) - with_claims - sentences}
