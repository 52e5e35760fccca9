"""Documents: the contents of the reader, passage by passage, computed from rows alone."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from string import ascii_lowercase

from markupsafe import Markup
from packpress.web.facts import Row

from ketamine_site.highlights import Frame, Highlight, mark_text

# Notes for passages of these kinds, which make no claims.
FURNITURE = {
    "title": "Title",
    "heading": "Heading",
    "label": "Label",
    "metadata": "Metadata",
    "navigation": "Navigation",
    "entry_line": "Bibliography",
}
NO_CLAIM_IN_TITLES = "What only a title says is not counted as a claim."


@dataclass(frozen=True)
class Claim:
    """A claim, with the span of its quote in its passage."""

    row: Row
    start: int
    end: int
    references: tuple[Row, ...]


@dataclass(frozen=True)
class MarginEntry:
    """An entry in the margin: the claims with the same quote and the same judgement."""

    claims: tuple[Claim, ...]
    letters: tuple[str, ...]
    number: int
    is_faded: bool

    @property
    def first(self) -> Claim:
        """The claim whose judgement, hedges and references represent all."""
        return self.claims[0]

    @property
    def label(self) -> str:
        """The letters as displayed: `a`, `a–d` or `a, c`."""
        places = [ascii_lowercase.find(letter) for letter in self.letters]
        if len(places) > 2 and places == list(range(places[0], places[0] + len(places))):
            return f"{self.letters[0]}–{self.letters[-1]}"
        return ", ".join(self.letters)


@dataclass(frozen=True)
class Passage:
    """One passage with its marked text, its margin, and a note on it and the following ones."""

    row: Row
    text: Markup
    entries: tuple[MarginEntry, ...]
    is_faded: bool
    starts_paragraph: bool
    note_title: str = ""
    note: str = ""
    note_until: int = 0


@dataclass(frozen=True)
class DocumentBlock:
    """Consecutive passages; a bibliography is collapsed and counted."""

    passages: tuple[Passage, ...]
    is_folded: bool

    @property
    def entry_count(self) -> int:
        """How many printed entries the lines form."""
        return len({passage.row["part_of"] or passage.row["passage_id"] for passage in self.passages})


def read_document(
    passages: Iterable[Row],
    claims: Iterable[Claim],
    frames: dict[str, list[Frame]],
    matches: Callable[[Row], bool],
) -> list[DocumentBlock]:
    """The document in blocks; claims whose rows `matches` rejects are faded, but stay in place."""
    by_passage: dict[str, list[Claim]] = {}
    for claim in claims:
        by_passage.setdefault(claim.row["passage_id"], []).append(claim)
    shown, before = [], None
    for row in passages:
        entries = list_entries(row["position"], by_passage.get(row["passage_id"], []), matches)
        shown.append(
            Passage(
                row,
                mark_text(
                    row["text"] or "",
                    [_mark(entry, place) for place, entry in enumerate(entries, 1)],
                    frames.get(row["passage_id"], []),
                ),
                entries,
                bool(entries) and all(entry.is_faded for entry in entries),
                _starts_paragraph(row, before),
            )
        )
        before = row
    noted = list(_add_notes(shown))
    return [
        DocumentBlock(tuple(run), is_folded)
        for is_folded, run in groupby(
            noted, lambda passage: passage.row["kind"] == "entry_line" and not passage.entries
        )
    ]


def list_entries(number: int, claims: list[Claim], matches: Callable[[Row], bool]) -> tuple[MarginEntry, ...]:
    """The margin of a passage in reading order; claims with the same quote and judgement share an entry."""
    groups: dict[tuple[object, ...], list[Claim]] = {}
    for claim in sorted(claims, key=lambda claim: (claim.start, claim.end, claim.row["claim_id"])):
        names = ("claim_type", "stance", "certainty", "hedge", "qualifier", "about", "attributed_to")
        cited = tuple(reference["reference_id"] for reference in claim.references)
        key = (claim.start, claim.end, matches(claim.row), cited, *(claim.row.get(name) for name in names))
        groups.setdefault(key, []).append(claim)
    letters = iter(name_letters(len(claims)))
    return tuple(
        MarginEntry(tuple(group), tuple(next(letters) for _ in group), number, not matches(group[0].row))
        for group in groups.values()
    )


def name_letters(count: int) -> list[str]:
    """Letters for the claims of one passage: none for a single one, then `a` to `z`, `aa` and so on.

    >>> name_letters(1), name_letters(3)
    ([''], ['a', 'b', 'c'])
    """
    if count == 1:
        return [""]
    return [ascii_lowercase[n % 26] * (n // 26 + 1) for n in range(count)]


def _mark(entry: MarginEntry, place: int) -> Highlight:
    row = entry.first.row
    spoken = [
        f"claim {entry.number} {entry.label}".strip(),
        row["stance"] or row["claim_type"].replace("_", " "),
    ]
    if row["certainty"] == "hedged":
        spoken.append("hedged")
    return Highlight(
        entry.first.start,
        entry.first.end,
        row["stance"],
        row["certainty"] == "hedged",
        row["claim_id"],
        entry.label,
        ", ".join(spoken),
        entry.is_faded,
        place,
    )


def _starts_paragraph(row: Row, before: Row | None) -> bool:
    if before is None:
        return True
    is_line = row["kind"] == before["kind"] and row["kind"] not in ("sentence", "title", "heading")
    if is_line or before["kind"] == "label":
        return False
    return bool(row["starts_line"] or row["kind"] != before["kind"])


def _add_notes(passages: list[Passage]) -> Iterable[Passage]:
    """The passages; in a run without claims that has one reason, the first carries the note for all."""
    for (title, note, _), run in groupby(passages, _note_key):
        first, *rest = run
        until = (rest[-1] if rest else first).row["position"]
        yield Passage(
            first.row, first.text, first.entries, first.is_faded, first.starts_paragraph, title, note, until
        )
        yield from rest


def _note_key(passage: Passage) -> tuple[str, str, object]:
    if passage.entries:
        return "", "", passage.row["position"]
    kind = passage.row["kind"]
    if kind in FURNITURE:
        return FURNITURE[kind], NO_CLAIM_IN_TITLES if kind == "title" else "", None
    return "No claim", passage.row["reason"] or "", None
