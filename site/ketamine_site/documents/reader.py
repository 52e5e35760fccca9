"""The reader: a source's document with its quotes, split into parts if it is long, and its filters."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from datasette.app import Datasette
from datasette.utils import tilde_decode
from datasette.utils.asgi import Request, Response
from packpress.problems import CannotRunError
from packpress.web.facts import Row, ask_once, read_all, read_rows, row_path
from packpress.web.pages import Arguments

from ketamine_site import facts
from ketamine_site.cells import STANCES
from ketamine_site.documents.documents import Claim, read_document
from ketamine_site.documents.known_text import fill_texts
from ketamine_site.facts import read_facts
from ketamine_site.highlights import Frame

# When the first part is also the previous one, it is labelled so.
NEARER = {"First": "Previous", "Last": "Next"}


@dataclass(frozen=True)
class Part:
    """The part of a list that one page shows: items `first` to `last` of `end`, counted from 1."""

    first: int
    last: int
    end: int
    size: int

    @property
    def is_whole(self) -> bool:
        """Whether there is only one part."""
        return self.end <= self.size


def read_number(words: str) -> int | None:
    """The number in a text, or None; numbers too long for a position are rejected.

    >>> read_number("12"), read_number("twelve"), read_number("1" * 5000)
    (12, None, None)
    """
    return int(words) if words.isdecimal() and len(words) < 10 else None


def cut_part(place: int, end: int, size: int) -> Part:
    """The part that contains a position; the nearest one when there is no such position.

    >>> part = cut_part(place=250, end=450, size=200)
    >>> part.first, part.last
    (201, 400)
    """
    first = (max(1, min(place, end)) - 1) // size * size + 1
    return Part(first, min(first + size - 1, end), end, size)


def list_turns(part: Part, name: str, kept: Mapping[str, str]) -> list[tuple[str, str]]:
    """The other parts that a page links to, each with its query string."""
    last = cut_part(part.end, part.end, part.size).first
    places = {"First": 1, "Previous": part.first - part.size, "Next": part.last + 1, "Last": last}
    return [
        (label, urlencode({**kept, name: place}))
        for label, place in places.items()
        if 1 <= place <= part.end and place != part.first and places.get(NEARER.get(label, "")) != place
    ]


Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Filter(Generic[Thing]):
    """A filter to offer: its label, the values of a thing, and values to offer even if nothing has them."""

    label: str
    read: Callable[[Thing], Collection[str]]
    always: tuple[str, ...] = ()


@dataclass(frozen=True)
class FilterChoice:
    """A drop-down list: its parameter, its label, the chosen value, and each value with its count."""

    name: str
    label: str
    chosen: str
    counts: tuple[tuple[str, int], ...]


def offer_choices(
    filters: Mapping[str, Filter[Thing]], things: Collection[tuple[Thing, int]], asked: Mapping[str, str]
) -> list[FilterChoice]:
    """The drop-down lists for things, each of which counts as often as the number beside it."""
    choices = []
    for name, filter_ in filters.items():
        counts: Counter[str] = Counter()
        for thing, number in things:
            for value in filter_.read(thing):
                counts[value] += number
        chosen = asked.get(name, "")
        values = (*filter_.always, *sorted({*counts, chosen} - {"", *filter_.always}))
        choices.append(
            FilterChoice(name, filter_.label, chosen, tuple((value, counts[value]) for value in values))
        )
    return choices


def match_choices(
    filters: Mapping[str, Filter[Thing]], choices: Iterable[FilterChoice]
) -> Callable[[Thing], bool]:
    """A function that says whether a thing has all chosen values."""
    chosen = [(filters[choice.name].read, choice.chosen) for choice in choices if choice.chosen]
    return lambda thing: all(value in read(thing) for read, value in chosen)


def list_removals(choices: Iterable[FilterChoice], kept: Mapping[str, str]) -> list[tuple[str, str]]:
    """Each chosen value in words, with the query string without it."""
    chosen = {choice.name: choice.chosen for choice in choices if choice.chosen}
    return [
        (
            f"{name.removesuffix('_id').replace('_', ' ')} = {value}",
            urlencode({**kept, **{other: left for other, left in chosen.items() if other != name}}),
        )
        for name, value in chosen.items()
    ]


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
# The value of the stance filter for claims without a stance.
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
    """A document in numbers: passages, characters, and claims by filter values."""

    passages: int
    characters: int
    with_claims: int
    without_claims: int
    tallies: tuple[tuple[Row, int], ...]

    @property
    def other(self) -> int:
        """How many passages are neither sentences nor have claims."""
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
    """The number of the requested passage, or of the passage with the requested claim; 1 otherwise."""
    if number := read_number(at.removeprefix("p")):
        return number
    found = await read_rows(datasette, PLACE, claim_id=at, source_id=source_id)
    return int(found[0]["position"]) if found else 1


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


MARKERS = """
select
  claims.passage_id,
  anchors.start_offset - passages.start_offset as start_in_passage,
  anchors.end_offset - passages.start_offset as end_in_passage,
  min(cited.position) as cited_position,
  count(distinct claim_references.reference_id) as cited_count,
  min(claim_references.reference_id) as reference_id,
  group_concat(distinct coalesce("references".ordinal, claim_references.reference_id)) as names
from passages
join claims using (passage_id)
join claim_references using (claim_id)
join "references" using (reference_id)
join passages as cited on cited.passage_id = "references".passage_id
join anchors
  on anchors.table_name = 'claim_references'
  and anchors.row_id = claim_references.claim_id || ',' || claim_references.reference_id
  and anchors.field_name = 'marker'
where passages.source_id = :source_id
and passages.position between :first and :last
group by
  claims.passage_id,
  anchors.start_offset,
  anchors.end_offset
"""
# The claims of a source that have the chosen values; NULL stands for a filter that is not used.
FIRST_MATCH = """
select claim_id
from claims_flat
join passages using (passage_id)
join anchors
  on anchors.table_name = 'claims'
  and anchors.row_id = claim_id
  and anchors.field_name = 'quote'
where claims_flat.source_id = :source_id
and coalesce(stance, 'none') = coalesce(:stance, stance, 'none')
and certainty = coalesce(:certainty, certainty)
and claim_type = coalesce(:type, claim_type)
and (:condition is null or '; ' || coalesce(conditions, '') || '; ' like '%; ' || :condition || '; %')
order by
  anchors.start_offset,
  anchors.end_offset,
  claim_id
limit 1
"""


async def show_source(request: Request, datasette: Datasette) -> Response:
    """The reader of one source, in parts if it is long; a 404 page when there is no such source."""
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
    printed = await read_rows(datasette, PASSAGES, **values)
    passages = await fill_texts(datasette, source_id, printed)
    claims = await read_claims(datasette, values)
    frames = await read_frames(datasette, values)
    for passage_id, markers in (await read_markers(datasette, values)).items():
        frames.setdefault(passage_id, []).extend(markers)
    context = {
        "source": rows[0],
        "database": (await read_facts(datasette)).database,
        "outline": outline,
        "part": part,
        "turns": list_turns(part, "at", asked),
        "blocks": read_document(passages, claims, frames, matches),
        "marks": list_marks(passages, claims),
        "choices": choices,
        "kept": kept,
        "removals": list_removals(choices, kept),
        "claim_count": sum(number for _, number in outline.tallies),
        "hedged_count": sum(number for row, number in outline.tallies if row["certainty"] == "hedged"),
        "first_match": await find_match(datasette, source_id, asked) if asked else "",
        "match_count": sum(number for row, number in outline.tallies if matches(row)),
        "is_withheld": bool(printed) and not any(row["text"] for row in printed),
        "printed": {row["passage_id"]: row for row in await read_rows(datasette, PRINTED, **values)},
    }
    return Response.html(await datasette.render_template("source.html", context, request=request))


def list_marks(passages: Iterable[Row], claims: Iterable[Claim]) -> frozenset[str]:
    """What is on the page of these passages and their claims for the key to explain."""
    rows = [claim.row for claim in claims]
    claimed = {row["passage_id"] for row in rows}
    marks = {row["stance"] or "no stance" for row in rows}
    marks |= {"hedge" for row in rows if row["certainty"] == "hedged"}
    marks |= {"qualifier" for row in rows if row["qualifier"]}
    for passage in passages:
        marks |= {"no claim"} if passage["passage_id"] not in claimed else set()
        marks |= {"quoted words"} if passage["text"] and passage["kind"] != "title" else set()
    return frozenset(marks)


async def refuse_source(request: Request, datasette: Datasette, source_id: str) -> Response:
    """A page with status 404 that lists the existing sources."""
    context = {"status": 404, "title": "No such source", "error": f"No document here is called {source_id}."}
    return Response.html(await datasette.render_template("error.html", context, request=request), status=404)


async def list_paths(datasette: Datasette) -> list[str]:
    """The path of each document."""
    return [f"/sources/{source_id}" for source_id in (await read_facts(datasette)).sources.values()]


async def find_part(site: Any, path: str, arguments: Arguments) -> Arguments:
    """The arguments of the part that contains a position; empty for a document with a single part."""
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
    """The claims of a part, with what the margin shows of them."""
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


async def find_match(datasette: Datasette, source_id: str, asked: Mapping[str, str]) -> str:
    """The address of the first claim that has the chosen values; empty when there is none."""
    found = await read_rows(
        datasette, FIRST_MATCH, source_id=source_id, **{name: asked.get(name) for name in FILTERS}
    )
    if not found:
        return ""
    page, _, anchor = facts.source_path(datasette, source_id, found[0]["claim_id"]).partition("#")
    return f"{page}{'&' if '?' in page else '?'}{urlencode(asked)}#{anchor}"


async def read_markers(datasette: Datasette, values: dict[str, Any]) -> dict[str, list[Frame]]:
    """The printed citation markers of a part, by passage; each leads to the first work that it cites."""
    await read_facts(datasette)
    markers: dict[str, list[Frame]] = {}
    for row in await read_rows(datasette, MARKERS, **values):
        url = (
            row_path(datasette, read_facts.known(datasette), "reference_id", row["reference_id"])
            if row["cited_count"] == 1
            else facts.source_path(datasette, values["source_id"], row["cited_position"])
        )
        names = row["names"].replace(",", ", ")
        title = f"reference{'s' if row['cited_count'] > 1 else ''} {names}"
        span = (row["start_in_passage"], row["end_in_passage"])
        markers.setdefault(row["passage_id"], []).append(Frame(*span, "cite", url or "", title))
    return markers


async def read_frames(datasette: Datasette, values: dict[str, Any]) -> dict[str, list[Frame]]:
    """The spans of hedges and qualifiers, by passage."""
    frames: dict[str, list[Frame]] = {}
    for row in await read_rows(datasette, FRAMES, **values):
        found = Frame(row["start_in_passage"], row["end_in_passage"], row["field_name"])
        frames.setdefault(row["passage_id"], []).append(found)
    return frames
