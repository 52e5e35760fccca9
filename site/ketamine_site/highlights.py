"""Highlights: overlapping quotes in a passage, cut into stretches that can be marked."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, Protocol, TypeVar

from datasette.app import Datasette
from markupsafe import Markup, escape
from packpress.web.facts import Row, read_rows

from ketamine_site.cells import draw_glyph, stance_class

# Stands for each character of a text that the edition leaves out, so that offsets stay those of the document.
UNKNOWN = "\0"
GAP = re.compile(f"{UNKNOWN}+")
GAP_CLASS = 'class="gap"'


class MarkedSpan(Protocol):
    """Something with a start and an end in a text."""

    @property
    def start(self) -> int:
        """The offset of the first character."""

    @property
    def end(self) -> int:
        """The offset after the last character."""


S = TypeVar("S", bound=MarkedSpan)


@dataclass(frozen=True)
class Frame:
    """Words with their span in a text that are set off: `name` is hedge, qualifier or cite.

    The last are printed citation markers, with the address of what they cite, and its name.
    """

    start: int
    end: int
    name: str
    url: str = ""
    title: str = ""


@dataclass(frozen=True)
class Stretch(Generic[S]):
    """A stretch of a text that is covered by the same spans, and the spans that end with it."""

    start: int
    end: int
    spans: tuple[S, ...]
    ending: tuple[S, ...]


@dataclass(frozen=True)
class Highlight:
    """The quote of one margin entry: its span, its stance, and its link."""

    start: int
    end: int
    stance: str | None
    is_hedged: bool
    # The anchor of the entry in the page, its letters, and its accessible name.
    target: str
    letters: str
    spoken: str
    is_faded: bool
    # The place of the entry in the margin of the passage, counted from 1.
    place: int = 1


def cut_text(start: int, end: int, spans: list[S]) -> list[Stretch[S]]:
    """The stretches of a text from `start` to `end`, cut at every boundary of a span.

    >>> spans = [Frame(2, 6, "hedge"), Frame(4, 8, "qualifier")]
    >>> [(stretch.start, stretch.end, len(stretch.spans)) for stretch in cut_text(0, 8, spans)]
    [(0, 2, 0), (2, 4, 1), (4, 6, 2), (6, 8, 1)]
    """
    bounds = sorted(
        {start, end, *(place for span in spans for place in (span.start, span.end) if start < place < end)}
    )
    return [
        Stretch(
            left,
            right,
            tuple(span for span in spans if span.start <= left and span.end >= right),
            tuple(span for span in spans if span.end == right),
        )
        for left, right in pairwise(bounds)
    ]


def mix_stances(marks: tuple[Highlight, ...]) -> str | None:
    """The stance shown where several claims overlap: theirs, or mixed when they judge both ways."""
    judged = {mark.stance for mark in marks} - {None, "neutral"}
    if len(judged) > 1:
        return "mixed"
    return judged.pop() if judged else ("neutral" if any(mark.stance for mark in marks) else None)


def mark_text(text: str, marks: list[Highlight], frames: list[Frame]) -> Markup:
    """The text with claims tinted, hedges and qualifiers framed, and a link at the end of each claim.

    Letters are drawn by the style sheet, so that copying yields only the document's own text.
    """
    pieces: list[Markup] = []
    # In an edition without the text there is nothing to mark.
    for stretch in cut_text(0, len(text), marks) if text else ():
        words = _frame_text(text, stretch.start, stretch.end, frames)
        if stretch.spans:
            live = tuple(mark for mark in stretch.spans if not mark.is_faded)
            name = stance_class(mix_stances(live or stretch.spans)) + ("" if live else " faded")
            # So that the style sheet lights the words of the entry that an address names.
            words = tint(words, " ".join([name, *(f"e{mark.place}" for mark in stretch.spans)]))
        pieces += [words, *(_link_mark(mark) for mark in stretch.ending)]
    return Markup("").join(pieces)


def mark_quote(text: str, start: int, end: int, frames: list[Frame], stance: str | None) -> Markup:
    """The text with one quote tinted, and its hedges and qualifiers framed."""
    words = tint(_frame_text(text, start, end, frames), stance_class(stance))
    return escape_text(text[:start]) + words + escape_text(text[end:])


def escape_text(text: str) -> Markup:
    """The text as HTML, with a gap for each run of characters that the edition leaves out.

    >>> escape_text("Rest" + UNKNOWN).striptags(), "1 character left out" in escape_text("Rest" + UNKNOWN)
    ('Rest', True)
    """
    return Markup(GAP.sub(_draw_gap, str(escape(text))))


def _draw_gap(run: re.Match[str]) -> str:
    words = f"{len(run[0])} character{'s' if len(run[0]) > 1 else ''} left out"
    return f'<span {GAP_CLASS} role="img" aria-label="{words}" title="{words}"></span>'


def tint(words: Markup, name: str) -> Markup:
    """The words on the colour of a stance, by its name in the style sheet."""
    return Markup(f'<mark class="{name}">{words}</mark>')


def _frame_text(text: str, start: int, end: int, frames: list[Frame]) -> Markup:
    pieces = []
    for stretch in cut_text(start, end, frames):
        words = escape_text(text[stretch.start : stretch.end])
        for span in sorted({span.name: span for span in stretch.spans}.values(), key=lambda span: span.name):
            words = _set_off(words, span)
        pieces.append(words)
    return Markup("").join(pieces)


def _set_off(words: Markup, frame: Frame) -> Markup:
    if frame.url:
        link = Markup('<sup class="{}"><a href="{}" title="{}">{}</a></sup>')
        return link.format(frame.name, frame.url, frame.title, words)
    return Markup(f'<em class="{frame.name}">{words}</em>')


def _link_mark(mark: Highlight) -> Markup:
    return Markup('<a class="k {}{}" href="#{}" aria-label="{}" data-k="{}">{}</a>').format(
        stance_class(mark.stance),
        " faded" if mark.is_faded else "",
        mark.target,
        mark.spoken,
        mark.letters,
        draw_glyph(mark.stance, mark.is_hedged),
    )


CLAIMS = """
select
  claims_flat.*,
  passages.text,
  passages.position as passage_position,
  passages.start_offset as passage_start,
  passages.end_offset as passage_end,
  sources.position as source_position,
  sources.source_type,
  sources.url,
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
    """A claim (columns of claims_flat, and its position) with its quote marked in the passage.

    `words` is empty in an edition without the text; the offsets in the row then say where the quote is.
    """

    row: Row
    words: Markup

    @property
    def is_hedged(self) -> bool:
        """Whether the source hedges the claim."""
        return bool(self.row["certainty"] == "hedged")


async def read_quotes(datasette: Datasette, claim_ids: Iterable[str]) -> list[Quoted]:
    """These claims, in the order of sources and documents."""
    return mark_claims(await read_rows(datasette, CLAIMS, claim_ids=json.dumps(list(claim_ids))))


def mark_claims(rows: Iterable[Row]) -> list[Quoted]:
    """The claims of these rows, by `CLAIMS`, with their quotes marked."""
    return [Quoted(row, mark_claim(row)) for row in rows]


def mark_claim(row: Row) -> Markup:
    """The passage with the quote marked.

    In an edition without the text, the quote with its context, and gaps for the rest of the passage.
    """
    quote = row["quote"]
    if not quote:
        return Markup("")
    before = row["passage_start"]
    if row["text"]:
        text = row["text"]
    else:
        context = row["context_before"] or ""
        text = UNKNOWN * (row["start_offset"] - len(context) - before) + context + quote
        text += row["context_after"] or ""
        text += UNKNOWN * (row["passage_end"] - before - len(text))
    frames = [
        Frame(row[f"{name}_start"] - before, row[f"{name}_end"] - before, name)
        for name in ("hedge", "qualifier")
        if row[f"{name}_start"] is not None
    ]
    return mark_quote(text, row["start_offset"] - before, row["end_offset"] - before, frames, row["stance"])
