"""Anchors: where in its document every quote, and every other verbatim field, stands.

What stands where:

- `quote`: its occurrence in the row's passage (`quote_occurrence`, empty counts as 1).
- any other verbatim field of a claim, or of a link through its claim: first inside the claim's
  quote, else in the claim's passage. In both, an occurrence that cuts no word in two goes first, so
  that *can* is not found in *significant*.
- `passages.text`: its own offsets. `passages.section`: the nearest heading above with these words.
- `corrections.printed`: the line of its entry, when the words stand there once; a lone digit that
  recurs cannot be placed.

Fields that are empty, or whose words stand in no single passage, have no anchor.
"""

import hashlib
from bisect import bisect_left
from collections.abc import Iterator

from packpress.package.descriptor import Package
from packpress.tables.csv import Record
from packpress.tables.rows import Row, Tables

from scripts.curation.corpus import Corpus
from scripts.curation.words import cuts_word, find_places

# A passage, and the offset in its text at which the words begin.
Place = tuple[Row, int]


def derive_anchors(package: Package, tables: Tables) -> Iterator[Record]:
    """The records of the derived table `anchors`, from tables whose passages are right."""
    corpus = Corpus(package, tables, {})
    for table in tables.values():
        names = [field.name for field in table.resource.fields if field.verbatim]
        for row in table.rows if names else ():
            for name in names:
                place = _find_place(corpus, row, name) if row[name] else None
                if place:
                    yield _make_record(row, name, *place)


def _make_record(row: Row, name: str, passage: Row, at: int) -> Record:
    start = int(passage["start_offset"]) + at
    sha256 = hashlib.sha256(row[name].encode("utf-8")).hexdigest()
    end = start + len(row[name])
    return (row.table.resource.name, row.key, name, passage["source_id"], str(start), str(end), sha256)


def _find_place(corpus: Corpus, row: Row, name: str) -> Place | None:
    match row.table.resource.name, name:
        case "passages", "text":
            return row, 0
        case "passages", "section":
            return _find_heading(corpus, row)
        case "corrections", _:
            return _find_in_entry(corpus, row, name)
    passage = _passage_of(corpus, row)
    if passage is None:
        return None
    if name == "quote":
        at = find_occurrence(passage["text"], row["quote"], row.number("quote_occurrence") or 1)
        return None if at < 0 else (passage, at)
    at = find_words(passage["text"], row[name], _quoted_span(corpus, row, passage))
    return None if at < 0 else (passage, at)


def _passage_of(corpus: Corpus, row: Row) -> Row | None:
    linked = {"passage_id", "claim_id"} & row.table.positions.keys()
    return corpus.passage(row) if linked else None


def _quoted_span(corpus: Corpus, row: Row, passage: Row) -> tuple[int, int]:
    """Where in the passage the quote of the row, or of the claim that it links, stands."""
    quoting = row if "quote" in row.table.positions else corpus.claim(row)
    if quoting is None:
        return 0, 0
    start = find_occurrence(passage["text"], quoting["quote"], quoting.number("quote_occurrence") or 1)
    return (start, start + len(quoting["quote"])) if start >= 0 else (0, 0)


def _find_heading(corpus: Corpus, row: Row) -> Place | None:
    headings = corpus.headings.get((row["source_id"], row["section"]), [])
    above = bisect_left(headings, int(row["position"]), key=lambda other: int(other["position"]))
    return (headings[above - 1], 0) if above else None


def _find_in_entry(corpus: Corpus, row: Row, name: str) -> Place | None:
    reference = corpus["references"].get(row["reference_id"])
    passage = reference and corpus["passages"].get(reference["passage_id"])
    if not passage:
        return None
    places = [
        (line, start)
        for line in corpus.lines_of_entry(passage)
        for start, end in find_places(row[name], line["text"])
        if not is_cut(line["text"], start, end)
    ]
    return places[0] if len(places) == 1 else None


def find_occurrence(text: str, words: str, number: int) -> int:
    """Where the words stand in the text for the given time, counted from 1; -1 when they do not."""
    starts = [start for start, _ in find_places(words, text)]
    return starts[number - 1] if 0 < number <= len(starts) else -1


def find_words(text: str, words: str, span: tuple[int, int]) -> int:
    """Where the words stand, rather whole than cut, rather inside the span than first; -1 when nowhere."""

    def order(place: tuple[int, int]) -> tuple[bool, bool, int]:
        start, end = place
        return is_cut(text, start, end), not span[0] <= start <= end <= span[1], start

    return min(find_places(words, text), key=order, default=(-1, -1))[0]


def is_cut(text: str, start: int, end: int) -> bool:
    """Whether a stretch of the text begins or ends inside a word or a number."""
    return cuts_word(text, start) or cuts_word(text, end)
