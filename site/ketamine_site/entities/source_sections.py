"""Sections of an entity's page: the words of each source next to our statements."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from datasette.app import Datasette
from markupsafe import Markup, escape
from packpress.web.facts import Row, ask_once, read_rows

from ketamine_site.highlights import Quoted, mark_claims
from ketamine_site.quoted_claims import show_statement, show_tags
from ketamine_site.quoted_passages import LetteredClaim, QuotedPassage, group_passages, show_passage

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
    """A passage with the claims based on it, and what links them to the thing."""

    passage: QuotedPassage
    claims: tuple[tuple[LetteredClaim, tuple[tuple[Detail, ...], ...]], ...]


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
    counts: Mapping[str, int],
    claims: Iterable[Row],
    details: Mapping[str, tuple[tuple[Detail, ...], ...]],
    prefix: str = "",
) -> list[SourceSection]:
    """A section for each source that makes claims, in display order.

    - `counts`: the number of claims of each source.
    - `claims`: the claims that are shown, as rows of `CLAIMS` of `highlights`.
    - `details`: the details of each claim.
    - `prefix`: what sets the anchors apart from those of the same claims elsewhere in the page.
    """
    by_source: dict[str, list[Quoted]] = {}
    for quoted in mark_claims(claims):
        by_source.setdefault(quoted.row["source_id"], []).append(quoted)
    return [
        SourceSection(
            source,
            counts[source["source_id"]],
            join_words(group_passages(by_source[source["source_id"]], prefix), details),
        )
        for source in sources
        if source["source_id"] in by_source
    ]


def join_words(
    passages: Iterable[QuotedPassage], details: Mapping[str, tuple[tuple[Detail, ...], ...]]
) -> tuple[Said, ...]:
    """The passages, each with its claims and their details."""
    return tuple(
        Said(
            passage,
            tuple((claim, details.get(claim.quoted.row["claim_id"], ())) for claim in passage.claims),
        )
        for passage in passages
    )


def show_said(datasette: Datasette, said: Said) -> Markup:
    """The passage, next to the claims based on it with their details, as HTML."""
    claims = Markup("").join(show_claim(datasette, claim, links) for claim, links in said.claims)
    words = show_passage(datasette, said.passage)
    return Markup(f'<div class="say">\n{words}\n<div class="claims">{claims}</div>\n</div>\n')


def show_claim(
    datasette: Datasette, claim: LetteredClaim, links: tuple[tuple[Detail, ...], ...] = ()
) -> Markup:
    """A claim with its letter, its statement and its tags, as HTML."""
    letter = f'<span class="id">{claim.letter}</span>' if claim.letter else ""
    names = "one lettered" if letter else "one"
    return Markup(f"""<div class="{names}" id="{escape(claim.anchor)}">{letter}<div>
{show_statement(datasette, claim.quoted)}
{show_tags(claim.quoted)}
{"".join(map(show_details, links))}
</div></div>""")


def show_details(details: Iterable[Detail]) -> Markup:
    """The details of one link between a claim and the thing, as HTML."""
    words = " · ".join(
        f'{escape(detail.label)} <span class="src">{escape(detail.value)}</span>'
        if detail.is_printed
        else f"{escape(detail.label)}: {escape(detail.value)}"
        for detail in details
    )
    return Markup(f'<p class="link">{words}</p>')
