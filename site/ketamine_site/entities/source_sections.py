"""Sections of an entity's page: the words of each source next to our statements."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from datasette.app import Datasette
from markupsafe import Markup, escape
from packpress.web.facts import Row, ask_once, read_rows

from ketamine_site.entities.claim_counts import ClaimCounts
from ketamine_site.highlights import Quoted, mark_claim, mark_claims
from ketamine_site.quoted_claims import show_statement, show_tags, show_words

SOURCES = """
select
  source_id,
  short_name,
  source_type
from sources
order by position
"""


@dataclass(frozen=True)
class Detail:
    """One detail of a link: its label, its value, and whether that is text from the source."""

    label: str
    value: str
    is_printed: bool


@dataclass(frozen=True)
class Said:
    """Quoted text with the claims based on it, and what links them to the thing."""

    words: Quoted
    claims: tuple[tuple[Quoted, tuple[tuple[Detail, ...], ...]], ...]


@dataclass(frozen=True)
class Near:
    """Claims of a silent source about a broader or narrower thing, which are not counted here."""

    label: str
    row_id: str
    claims: int
    # The first of them; empty for a narrower thing.
    shown: tuple[Row, ...]


@dataclass(frozen=True)
class SourceSection:
    """One source: what it says, or what comes closest if it says nothing."""

    source: Row
    # The number of its claims; `said` may show fewer.
    claims: int
    said: tuple[Said, ...]
    near: tuple[Near, ...] = ()

    @property
    def shown(self) -> int:
        """How many claims the page shows."""
        return sum(len(said.claims) for said in self.said)


@ask_once
async def list_sources(datasette: Datasette) -> list[Row]:
    """The sources in display order."""
    return await read_rows(datasette, SOURCES)


def arrange_sections(
    sources: Iterable[Row],
    counted: ClaimCounts,
    claims: Iterable[Row],
    details: Mapping[str, tuple[tuple[Detail, ...], ...]],
) -> list[SourceSection]:
    """A section for each source that makes claims, in display order.

    - `claims`: the claims that are shown, as rows of `CLAIMS` of `highlights`.
    - `details`: the details of each claim.
    """
    by_source: dict[str, list[Quoted]] = {}
    for quoted in mark_claims(claims):
        by_source.setdefault(quoted.row["source_id"], []).append(quoted)
    return [
        SourceSection(
            source, counted.counts[source["source_id"]], join_words(by_source[source["source_id"]], details)
        )
        for source in sources
        if source["source_id"] in by_source
    ]


def join_words(
    quotes: Iterable[Quoted], details: Mapping[str, tuple[tuple[Detail, ...], ...]]
) -> tuple[Said, ...]:
    """The claims by their quotes; claims with the same quote and the same marks are together.

    A passage is printed once; further quotes from it follow on their own.
    """
    said: list[Said] = []
    for _, group in groupby(quotes, key=_place_words):
        claims = list(group)
        words = claims[0]
        if said and said[-1].words.row["passage_id"] == words.row["passage_id"]:
            words = Quoted(words.row, mark_claim(words.row, is_alone=True))
        said.append(
            Said(words, tuple((quoted, details.get(quoted.row["claim_id"], ())) for quoted in claims))
        )
    return tuple(said)


def show_said(datasette: Datasette, said: Said) -> Markup:
    """The quoted text, next to the claims based on it with their details, as HTML."""
    claims = (
        f"""<div class="one">
{show_statement(datasette, quoted)}
{show_tags(quoted)}
{"".join(map(show_details, links))}
</div>"""
        for quoted, links in said.claims
    )
    words = show_words(datasette, said.words)
    return Markup(f'<div class="say">\n{words}\n<div>{"".join(claims)}</div>\n</div>\n')


def show_details(details: Iterable[Detail]) -> Markup:
    """The details of one link between a claim and the thing, as HTML."""
    words = " · ".join(
        f'{escape(detail.label)} <span class="src">{escape(detail.value)}</span>'
        if detail.is_printed
        else f"{escape(detail.label)}: {escape(detail.value)}"
        for detail in details
    )
    return Markup(f'<p class="link">{words}</p>')


def _place_words(quoted: Quoted) -> tuple[Any, ...]:
    row = quoted.row
    return row["passage_id"], row["start_offset"], row["end_offset"], quoted.words
