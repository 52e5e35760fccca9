"""Marks: the text of a passage cut where quotes begin and end, and shown without adding a character to it."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, Protocol, TypeVar

from markupsafe import Markup

from ketamine_site.stances import draw_glyph, stance_class


class Span(Protocol):
    """Something that stands between two places of a text."""

    @property
    def start(self) -> int:
        """Place of the first character."""

    @property
    def end(self) -> int:
        """Place behind the last character."""


S = TypeVar("S", bound=Span)


@dataclass(frozen=True)
class Frame:
    """Words that doubt or narrow, at their place in a text; `name` is hedge or qualifier."""

    start: int
    end: int
    name: str


@dataclass(frozen=True)
class Stretch(Generic[S]):
    """A piece of a text over which the same spans lie, and the spans that end with it."""

    start: int
    end: int
    spans: tuple[S, ...]
    ending: tuple[S, ...]


@dataclass(frozen=True)
class Mark:
    """The words of one margin entry: where they stand, how they judge, and how the entry is reached."""

    start: int
    end: int
    stance: str | None
    is_hedged: bool
    # Address of the entry within the page, its letters, and what it is called when read aloud.
    target: str
    letters: str
    spoken: str
    is_faded: bool


def cut_text(start: int, end: int, spans: list[S]) -> list[Stretch[S]]:
    """The stretches of a text from `start` to `end`, cut at every boundary of a span."""
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


def mix_stances(marks: tuple[Mark, ...]) -> str | None:
    """The stance that a stretch under several claims shows: theirs, or mixed when they judge both ways."""
    judged = {mark.stance for mark in marks} - {None, "neutral"}
    if len(judged) > 1:
        return "mixed"
    return judged.pop() if judged else ("neutral" if any(mark.stance for mark in marks) else None)


def mark_text(text: str, marks: list[Mark], frames: list[Frame]) -> Markup:
    """The text with its claims tinted, its doubts and limits framed, and a link at the end of each claim.

    Letters are drawn by the style sheet, so that what is copied is the document's own words.
    """
    pieces: list[Markup] = []
    # An edition may withhold the text; then there is nothing to mark.
    for stretch in cut_text(0, len(text), marks) if text else ():
        words = _frame_text(text, stretch.start, stretch.end, frames)
        if stretch.spans:
            live = tuple(mark for mark in stretch.spans if not mark.is_faded)
            name = stance_class(mix_stances(live or stretch.spans)) + ("" if live else " faded")
            words = Markup('<mark class="{}">{}</mark>').format(name, words)
        pieces += [words, *(_link_mark(mark) for mark in stretch.ending)]
    return Markup("").join(pieces)


def mark_quote(text: str, start: int, end: int, frames: list[Frame], stance: str | None) -> Markup:
    """The text with one quote tinted and the words that doubt or narrow it framed."""
    return Markup('{}<mark class="{}">{}</mark>{}').format(
        text[:start], stance_class(stance), _frame_text(text, start, end, frames), text[end:]
    )


def _frame_text(text: str, start: int, end: int, frames: list[Frame]) -> Markup:
    pieces = []
    for stretch in cut_text(start, end, frames):
        words = Markup("{}").format(text[stretch.start : stretch.end])
        for name in sorted({span.name for span in stretch.spans}):
            words = Markup('<em class="{}">{}</em>').format(name, words)
        pieces.append(words)
    return Markup("").join(pieces)


def _link_mark(mark: Mark) -> Markup:
    return Markup('<a class="k {}{}" href="#{}" aria-label="{}" data-k="{}">{}</a>').format(
        stance_class(mark.stance),
        " faded" if mark.is_faded else "",
        mark.target,
        mark.spoken,
        mark.letters,
        draw_glyph(mark.stance, mark.is_hedged),
    )
