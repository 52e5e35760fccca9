"""The source reader: `/sources/<source_id>`, a document as printed with its claims beside it."""

import re
from typing import Any
from urllib.parse import urlencode

from datasette.app import Datasette
from datasette.utils import tilde_decode
from datasette.utils.asgi import Request, Response
from packpress.problems import CannotRunError
from packpress.web.facts import Row, read_rows
from packpress.web.pages import Arguments

from ketamine_site import facts
from ketamine_site.documents.choices import list_removals, match_choices, offer_choices
from ketamine_site.documents.documents import Claim, read_document
from ketamine_site.documents.outlines import FILTERS, Outline, find_place, read_outlines
from ketamine_site.documents.parts import cut_part, list_turns
from ketamine_site.facts import read_facts
from ketamine_site.marks import Frame

PASSAGES = """
select passages.*
from passages
where source_id = :source_id
and position between :first and :last
order by position
"""
CLAIMS = """
select
  claims_flat.*,
  anchors.start_offset - passages.start_offset as start_in_passage,
  anchors.end_offset - passages.start_offset as end_in_passage
from passages
join claims_flat using (passage_id)
join anchors
  on anchors.table_name = 'claims'
  and anchors.row_id = claims_flat.claim_id
  and anchors.field_name = 'quote'
where passages.source_id = :source_id
and passages.position between :first and :last
order by claims_flat.claim_id
"""
FRAMES = """
select distinct
  claims.passage_id,
  anchors.field_name,
  anchors.start_offset - passages.start_offset as start_in_passage,
  anchors.end_offset - passages.start_offset as end_in_passage
from passages
join claims using (passage_id)
join anchors
  on anchors.table_name = 'claims'
  and anchors.row_id = claims.claim_id
  and anchors.field_name in ('hedge', 'qualifier')
where passages.source_id = :source_id
and passages.position between :first and :last
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
from passages
join claims using (passage_id)
join claim_references using (claim_id)
join "references" using (reference_id)
where passages.source_id = :source_id
and passages.position between :first and :last
order by
  claim_references.claim_id,
  "references".ordinal,
  claim_references.reference_id
"""
PRINTED = """
select
  "references".passage_id,
  "references".reference_id,
  count(corrections.correction_id) as corrections,
  count(corrections.correction_id) filter (where corrections.kind = 'misprint') as misprints
from "references"
join passages using (passage_id)
left join corrections using (reference_id)
where passages.source_id = :source_id
and passages.position between :first and :last
group by "references".reference_id
"""


async def show_source(request: Request, datasette: Datasette) -> Response:
    """The reader of one source, in parts when it is long; a page that says so when there is none."""
    source_id = tilde_decode(request.url_vars["source_id"])
    rows = await read_rows(
        datasette, "select * from sources where source_id = :source_id", source_id=source_id
    )
    if not rows:
        return await refuse_source(request, datasette, source_id)
    outline = (await read_outlines(datasette)).get(source_id, Outline(0, 0, 0, 0, ()))
    place = await find_place(datasette, source_id, request.args.get("at") or "")
    part = cut_part(place, outline.passages, facts.PART)
    asked = {name: value for name in FILTERS if (value := request.args.get(name))}
    choices = offer_choices(FILTERS, outline.tallies, asked)
    matches = match_choices(FILTERS, choices)
    kept = {} if part.is_whole else {"at": str(part.first)}
    values = {"source_id": source_id, "first": part.first, "last": part.last}
    passages = await read_rows(datasette, PASSAGES, **values)
    context = {
        "source": rows[0],
        "database": (await read_facts(datasette)).database,
        "outline": outline,
        "part": part,
        "turns": list_turns(part, "at", asked),
        "blocks": read_document(
            passages, await read_claims(datasette, values), await read_frames(datasette, values), matches
        ),
        "choices": choices,
        "kept": kept,
        "removals": list_removals(choices, kept),
        "claim_count": sum(number for _, number in outline.tallies),
        "hedged_count": sum(number for row, number in outline.tallies if row["certainty"] == "hedged"),
        "match_count": sum(number for row, number in outline.tallies if matches(row)),
        "is_withheld": bool(passages) and not any(row["text"] for row in passages),
        "printed": {row["passage_id"]: row for row in await read_rows(datasette, PRINTED, **values)},
    }
    return Response.html(await datasette.render_template("source.html", context, request=request))


async def refuse_source(request: Request, datasette: Datasette, source_id: str) -> Response:
    """A page with status 404 that names the sources there are."""
    context = {"status": 404, "title": "No such source", "error": f"No document here is called {source_id}."}
    return Response.html(await datasette.render_template("error.html", context, request=request), status=404)


async def list_paths(datasette: Datasette) -> list[str]:
    """The path of each document."""
    return [f"/sources/{source_id}" for source_id in (await read_facts(datasette)).sources.values()]


async def find_part(site: Any, path: str, arguments: Arguments) -> Arguments:
    """The arguments of the part of a document that holds a place; a short one has but one, without any."""
    place = dict(arguments).get("at")
    if not place:
        return []
    page = await site.fetch(f"{path}?{urlencode({'at': place})}")
    first = re.search(r' id="p(\d+)"', page.text)
    if not first:
        raise CannotRunError(f"{path}: shows no passage")
    return [("at", first[1])] if first[1] != "1" else []


async def list_sources(request: Request, datasette: Datasette) -> Response:
    """The page of all sources."""
    return Response.html(await datasette.render_template("sources.html", {}, request=request))


async def read_claims(datasette: Datasette, values: dict[str, Any]) -> list[Claim]:
    """The claims of a part with what the margin shows of them."""
    references: dict[str, list[Row]] = {}
    for row in await read_rows(datasette, REFERENCES, **values):
        references.setdefault(row["claim_id"], []).append(row)
    return [
        Claim(
            row,
            row["start_in_passage"],
            row["end_in_passage"],
            tuple(references.get(row["claim_id"], ())),
        )
        for row in await read_rows(datasette, CLAIMS, **values)
    ]


async def read_frames(datasette: Datasette, values: dict[str, Any]) -> dict[str, list[Frame]]:
    """The words that doubt or narrow, by passage."""
    frames: dict[str, list[Frame]] = {}
    for row in await read_rows(datasette, FRAMES, **values):
        found = Frame(row["start_in_passage"], row["end_in_passage"], row["field_name"])
        frames.setdefault(row["passage_id"], []).append(found)
    return frames
