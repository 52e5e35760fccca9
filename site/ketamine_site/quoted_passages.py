"""Passages as HTML, each printed once with the quotes of all claims that are listed from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from itertools import groupby

from datasette.app import Datasette
from markupsafe import Markup, escape
from packpress.web.facts import Row

from ketamine_site.documents.documents import name_letters
from ketamine_site.documents.known_text import join_pieces
from ketamine_site.facts import source_path
from ketamine_site.highlights import GAP_CLASS, Frame, Highlight, Quoted, mark_text


@dataclass(frozen=True)
class LetteredClaim:
    """A claim with the letter that ties it to its quote, which is empty when it is the only one."""

    letter: str
    quoted: Quoted
    # Where the letter in the text leads.
    anchor: str


@dataclass(frozen=True)
class QuotedPassage:
    """A passage with the quotes of these claims marked; `words` is empty in an edition without the text."""

    words: Markup
    claims: tuple[LetteredClaim, ...]

    @property
    def row(self) -> Row:
        """The first of the claims, which says where the passage is."""
        return self.claims[0].quoted.row


def group_passages(quotes: Iterable[Quoted], prefix: str = "") -> list[QuotedPassage]:
    """The passages of these claims, which are in the order of the document.

    `prefix` sets the anchors of these claims apart from those of the same claims elsewhere in the page.
    """
    passages = []
    for _, group in groupby(quotes, key=lambda quoted: quoted.row["passage_id"]):
        claims = list(group)
        passages.append(mark_passage(claims, name_letters(len(claims)), prefix))
    return passages


def mark_passage(quotes: list[Quoted], letters: Iterable[str], prefix: str = "") -> QuotedPassage:
    """One passage with the quotes of these claims marked, and a letter at the end of each."""
    claims = tuple(
        LetteredClaim(letter, quoted, f"{prefix}{quoted.row['claim_id']}")
        for letter, quoted in zip(letters, quotes, strict=True)
    )
    if not any(claim.letter for claim in claims):
        return QuotedPassage(quotes[0].words, claims)
    text = read_text([quoted.row for quoted in quotes])
    if not text:
        return QuotedPassage(Markup(""), claims)
    marks = [_highlight(claim, place) for place, claim in enumerate(claims, 1)]
    return QuotedPassage(mark_text(text, marks, list_frames(quotes)), claims)


def read_text(rows: list[Row]) -> str:
    """The text of the passage of these claims; in an edition without it, their quotes with context."""
    first = rows[0]
    pieces = [
        (row["start_offset"] - len(before), before + row["quote"] + (row["context_after"] or ""))
        for row in rows
        if row["quote"]
        for before in [row["context_before"] or ""]
    ]
    return first["text"] or join_pieces(first["passage_start"], first["passage_end"], pieces) or ""


def list_frames(quotes: Iterable[Quoted]) -> list[Frame]:
    """The words of these claims that doubt or narrow, each place in the passage once."""
    frames = {
        Frame(row[f"{name}_start"] - start, row[f"{name}_end"] - start, name)
        for row in [quoted.row for quoted in quotes]
        for start in [row["passage_start"]]
        for name in ("hedge", "qualifier")
        if row[f"{name}_start"] is not None
    }
    return sorted(frames, key=lambda frame: (frame.start, frame.end, frame.name))


def _highlight(claim: LetteredClaim, place: int) -> Highlight:
    row = claim.quoted.row
    start = row["passage_start"]
    spoken = [f"claim {claim.letter}", row["stance"] or row["claim_type"].replace("_", " ")]
    return Highlight(
        row["start_offset"] - start,
        row["end_offset"] - start,
        row["stance"],
        claim.quoted.is_hedged,
        claim.anchor,
        claim.letter,
        ", ".join([*spoken, "hedged"] if claim.quoted.is_hedged else spoken),
        is_faded=False,
        place=place,
    )


def has_gaps(shown: object) -> bool:
    """Whether words in these parts of a page, however deep inside, have a gap.

    >>> has_gaps([("a", {"b": [Markup(f"Rest <i {GAP_CLASS}>")]})]), has_gaps([GAP_CLASS])
    (True, False)
    """
    if isinstance(shown, Markup):
        return GAP_CLASS in shown
    if isinstance(shown, LetteredClaim):
        # Its words stand in the passage.
        return False
    if isinstance(shown, Mapping):
        # A row holds no words that are marked.
        return any(has_gaps(value) for value in shown.values() if isinstance(value, (list, tuple)))
    if isinstance(shown, (list, tuple)):
        return any(map(has_gaps, shown))
    return is_dataclass(shown) and any(has_gaps(getattr(shown, field.name)) for field in fields(shown))


def show_passage(datasette: Datasette, passage: QuotedPassage) -> Markup:
    """The words of the passage, with a link to their place in the document."""
    row = passage.row
    spans = sorted(
        {(claim.quoted.row["start_offset"], claim.quoted.row["end_offset"]) for claim in passage.claims}
    )
    withheld = ", ".join(f"{start} to {end}" for start, end in spans)
    words = passage.words or f'<span class="ours q3">Withheld; characters {withheld}</span>'
    place = row["claim_id"] if len(passage.claims) == 1 else row["passage_position"]
    path = escape(source_path(datasette, row["source_id"], place))
    name = f"{escape(row['short_name'])}, passage {row['passage_position']}"
    return Markup(
        f'<blockquote class="src">{words}\n<p class="by"><a href="{path}">{name}</a></p></blockquote>'
    )
