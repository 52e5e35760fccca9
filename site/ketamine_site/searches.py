"""Search results: first the pages and answers, then claims by passage, then passages and references.

The query `search` decides what is found and in which order, on the server and in the browser alike.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from datasette.app import Datasette
from markupsafe import Markup, escape
from packpress.web.facts import Row, ask_once, read_all, read_rows, row_path

from ketamine_site.facts import Facts, read_facts, source_path

# As in the query itself: how much of the search terms it uses.
MOST_SIGNS, MOST_WORDS = 400, 16
# How many hits of each section are shown; the others are one link away.
SHOWN = {"pages": 6, "claims": 10, "mentions": 6, "passages": 8, "references": 8}
HEADINGS = {
    "pages": "Pages and answers",
    "claims": "Claims",
    "mentions": "Claims that mention it in passing",
    "passages": "Passages",
    "references": "References and sources",
}
# Views that a page of this site shows better than a table does.
DRAWN = {
    "condition_evidence": "/map",
    "routes_by_source": "/map/routes",
    "disagreements": "/disagreements",
    "bibliography": "/references",
}
CLAIMS = """
select
  claim_id,
  passage_id,
  stance,
  certainty,
  hedge,
  claim_type
from claims
where claim_id in (select value from json_each(:claim_ids))
"""
# Names that begin like a word which nothing holds: those that share most letters first.
NEAREST = """
with beginnings(size, beginning) as (
  values (4, substr(:word, 1, 4)), (3, substr(:word, 1, 3)), (2, substr(:word, 1, 2))
)
select
  search_index.kind,
  search_index.title,
  search_index.row_id
from beginnings
cross join search_index
where length(beginning) = size
and search_index match 'title : "' || replace(beginning, '"', '') || '" *'
and kind in ('condition', 'route', 'adverse effect', 'concept')
group by search_index.rowid
order by max(size) desc, title
limit 6
"""
PAGES = "select kind, row_id from search_index where kind in ('claim type', 'query')"


@dataclass(frozen=True)
class Hit:
    """One match: its kind, name, text and address; for a claim also its stance."""

    kind: str
    row_id: str
    url: str | None
    title: Markup
    words: Markup
    names: Markup
    asked: Markup
    notes: Markup
    source: str
    place: str
    place_url: str | None
    claim: Row

    @property
    def label(self) -> str:
        """The kind, as readers know it."""
        if self.kind != "query":
            return self.kind
        return "question" if self.title.endswith("?") else "page"


@dataclass(frozen=True)
class Section:
    """The hits of one section in runs: claims of one passage, and any other hit alone."""

    name: str
    runs: tuple[tuple[Hit, ...], ...]
    # Kinds of which there are more, with their number.
    more: tuple[tuple[str, int], ...]

    @property
    def heading(self) -> str:
        """The heading of the section."""
        return HEADINGS[self.name]


@dataclass(frozen=True)
class Found:
    """The sections, the number of matches of each kind, and how the words were read."""

    sections: tuple[Section, ...]
    counts: Mapping[str, int]
    corrected: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    dropped: tuple[str, ...]

    @property
    def total(self) -> int:
        """The number of matches."""
        return sum(self.counts.values())


async def read_hits(datasette: Datasette, rows: Sequence[Any], kind: str) -> Found:
    """The rows of the search query in sections; all of them if a kind was asked for."""
    facts = await read_facts(datasette)
    claim_ids = [row["row_id"] for row in rows if row["kind"] == "claim"]
    claims = {
        claim["claim_id"]: claim
        for claim in await read_rows(datasette, CLAIMS, claim_ids=json.dumps(claim_ids))
    }
    counts = {row["kind"]: row["found"] for row in rows}
    sections = []
    for name, group in groupby(rows, lambda row: str(row["section"])):
        hits = [_describe_hit(datasette, facts, row, claims) for row in group]
        shown = hits if kind else hits[: SHOWN[name]]
        sections.append(Section(name, _group_by_passage(shown), _count_more(hits, shown, counts)))
    reading = rows[0] if rows else {"corrected": None, "missing": None, "dropped": None}
    corrected = [entry.partition(": ") for entry in _split(reading["corrected"])]
    return Found(
        tuple(sections),
        counts,
        tuple((typed, word) for typed, _, word in corrected),
        _split(reading["missing"]),
        _split(reading["dropped"]),
    )


def _split(words: str | None) -> tuple[str, ...]:
    return tuple(words.split("; ")) if words else ()


def _group_by_passage(hits: Iterable[Hit]) -> tuple[tuple[Hit, ...], ...]:
    runs = groupby(hits, lambda hit: (hit.claim.get("passage_id"), hit.row_id if not hit.claim else ""))
    return tuple(tuple(run) for _, run in runs)


def _count_more(hits: list[Hit], shown: list[Hit], counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """The kinds of a section of which not all are shown, with the number of all of that kind."""
    cut = dict.fromkeys(hit.kind for hit in hits[len(shown) :])
    full = {hit.kind for hit in hits if counts[hit.kind] > sum(other.kind == hit.kind for other in hits)}
    return tuple(
        (kind, counts[kind]) for kind in counts if kind in cut or (kind in full and len(hits) > len(shown))
    )


async def read_nearest(datasette: Datasette, typed: str) -> list[tuple[str, str | None]]:
    """Names that begin like the longest word that was typed, each with its address."""
    words = sorted(typed[:MOST_SIGNS].lower().split(), key=len, reverse=True)
    facts = await read_facts(datasette)
    rows = await read_rows(datasette, NEAREST, word=words[0]) if words else []
    return [(row["title"], _find_page(datasette, facts, row["kind"], row["row_id"])) for row in rows]


@ask_once
async def list_search_pages(datasette: Datasette) -> list[tuple[str, str]]:
    """The addresses of results that are no rows: types of claim, queries and views."""
    facts = await read_facts(datasette)
    rows = await read_all(datasette, PAGES)
    return [
        (f"{row['kind']}:{row['row_id']}", _find_page(datasette, facts, row["kind"], row["row_id"]) or "")
        for row in rows
    ]


def describe_search() -> dict[str, object]:
    """What a static page needs to show the same sections."""
    return {"shown": SHOWN, "headings": HEADINGS, "nearest": NEAREST}


def is_cut(typed: str) -> bool:
    """Whether more was typed than is used."""
    return len(typed) > MOST_SIGNS or len(typed.split()) > MOST_WORDS


def embolden(text: str | None) -> Markup:
    """The text with matching words in bold."""
    return Markup(str(escape(text or "")).replace("⟦", "<b>").replace("⟧", "</b>"))


def _describe_hit(datasette: Datasette, facts: Facts, row: Any, claims: Mapping[str, Row]) -> Hit:
    kind, row_id, source = row["kind"], row["row_id"], row["source"]
    claim = claims.get(row_id, {}) if kind == "claim" else {}
    passage_id = claim.get("passage_id") or (row_id if kind == "passage" else None)
    place = facts.passages.get(passage_id) if passage_id else None
    if kind == "passage":
        url = source_path(datasette, *place) if place else None
    else:
        url = _find_page(datasette, facts, kind, row_id)
    return Hit(
        kind,
        row_id,
        url,
        embolden(row["title"] if row["title"] != kind else None),
        embolden(row["snippet"]),
        embolden(row["names"]),
        embolden(row["asked"]),
        embolden(row["notes"]),
        source or "",
        f"{source}, passage {place[1]}" if place else source or "",
        source_path(datasette, place[0], row_id if kind == "claim" else place[1]) if place else None,
        claim,
    )


def _find_page(datasette: Datasette, facts: Facts, kind: str, row_id: str) -> str | None:
    if kind == "source":
        return source_path(datasette, row_id)
    if kind == "claim type":
        return f"{datasette.urls.table(facts.database, 'claims_flat')}?claim_type={row_id}"
    if kind == "query":
        drawn = DRAWN.get(row_id)
        return str(datasette.urls.path(drawn) if drawn else datasette.urls.query(facts.database, row_id))
    return row_path(datasette, facts, kind.replace(" ", "_") + "_id", row_id)
