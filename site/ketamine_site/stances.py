"""Stances and the words that doubt or narrow, drawn the same way on every page."""

import re

from markupsafe import Markup

# The name of each stance in the style sheet and in the drawings of `_symbols.html`.
CLASSES = {"supports": "sup", "against": "aga", "mixed": "mix", "neutral": "neu", None: "non"}
STANCES = ("supports", "against", "mixed", "neutral")
# What the shape of a claim without a stance means.
NO_STANCE = "no stance: a type of claim that does not judge"


def stance_class(stance: str | None) -> str:
    """Name of the stance in the style sheet; that of a claim which does not judge for anything else."""
    return CLASSES.get(stance, "non")


def draw_glyph(stance: str | None, is_hedged: bool = False) -> Markup:
    """The shape of the stance, hollow where the claim is hedged; the word must stand beside it."""
    shape = stance_class(stance) + ("h" if is_hedged else "")
    return Markup('<svg class="g {}" aria-hidden="true"><use href="#g-{}"/></svg>').format(
        stance_class(stance), shape
    )


def show_stance(stance: str | None, is_hedged: bool = False) -> Markup:
    """Shape and word of a stance; nothing for a claim that does not judge."""
    if not stance:
        return Markup("")
    return Markup('<span class="st {}">{}{}</span>').format(
        stance_class(stance), draw_glyph(stance, is_hedged), stance
    )


def frame_words(quote: str, hedge: str | None, qualifier: str | None) -> Markup:
    """The quote with the words that doubt and those that narrow framed.

    A word that recurs in the quote stays unframed, for only the offsets of the reader know which is meant.
    """
    frames = []
    for words, name in ((hedge, "hedge"), (qualifier, "qualifier")):
        found = (
            [match.span() for match in re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", quote)]
            if words
            else []
        )
        if len(found) == 1:
            frames.append((*found[0], name))
    pieces, place = [], 0
    for start, end, name in sorted(frames):
        if start >= place:
            pieces += [Markup("{}").format(quote[place:start]), frame(quote[start:end], name)]
            place = end
    return Markup("").join([*pieces, Markup("{}").format(quote[place:])])


def frame(words: str | Markup, name: str) -> Markup:
    """The words in the frame of a hedge or of a qualifier."""
    return Markup('<em class="{}">{}</em>').format(name, words)
