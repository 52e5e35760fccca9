"""Anchors: the position of each quote in its document, and the means to verify it."""

import hashlib
import sqlite3
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from packpress.package.descriptor import Package
from packpress.problems import CannotRunError
from packpress.sql import quote_identifier
from packpress.tables.csv import Record
from packpress.tables.rows import Row, Tables

from scripts.curation.corpus import Corpus
from scripts.curation.words import cuts_word, find_places

# A passage, and the offset in its text at which the quoted text begins.
Place = tuple[Row, int]


def derive_anchors(package: Package, tables: Tables) -> Iterator[Record]:
    """The records of the derived table `anchors`; the passages must be valid."""
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
        case "claim_reasons", _:
            return _find_connective(corpus, row)
    passage = _passage_of(corpus, row)
    if passage is None:
        return None
    if name == "quote":
        at = find_occurrence(passage["text"], row["quote"], row.number("quote_occurrence") or 1)
        return None if at < 0 else (passage, at)
    at = find_words(passage["text"], row[name], _quoted_span(corpus, row, passage))
    return None if at < 0 else (passage, at)


def _find_connective(corpus: Corpus, row: Row) -> Place | None:
    """The place of the words that tie two claims, in the passage of the claim or else of its reason."""
    claims = (corpus["claims"].get(row[name]) for name in ("claim_id", "reason_claim_id"))
    passages = [passage for claim in claims if claim and (passage := corpus.passage(claim))]
    places = ((passage, find_words(passage["text"], row["connective"], (0, 0))) for passage in passages)
    return next(((passage, at) for passage, at in places if at >= 0), None)


def _passage_of(corpus: Corpus, row: Row) -> Row | None:
    linked = {"passage_id", "claim_id"} & row.table.positions.keys()
    return corpus.passage(row) if linked else None


def _quoted_span(corpus: Corpus, row: Row, passage: Row) -> tuple[int, int]:
    """The span in the passage of the row's quote, or of the quote of the claim that it links."""
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
    """The offset of an occurrence of some words, counted from 1; -1 when there is none.

    >>> find_occurrence("pain and more pain", "pain", 2)
    14
    """
    starts = [start for start, _ in find_places(words, text)]
    return starts[number - 1] if 0 < number <= len(starts) else -1


def find_words(text: str, words: str, span: tuple[int, int]) -> int:
    """The best occurrence of some words: whole words first, then inside the span; -1 when there is none.

    >>> find_words("painful pain", "pain", (0, 12))
    8
    """

    def order(place: tuple[int, int]) -> tuple[bool, bool, int]:
        start, end = place
        return is_cut(text, start, end), not span[0] <= start <= end <= span[1], start

    return min(find_places(words, text), key=order, default=(-1, -1))[0]


def is_cut(text: str, start: int, end: int) -> bool:
    """Whether a span of the text begins or ends inside a word or a number.

    >>> is_cut("painful pain", 0, 4), is_cut("painful pain", 8, 12)
    (True, False)
    """
    return cuts_word(text, start) or cuts_word(text, end)


SOURCES = "select source_id, short_name, sha256, encoding from sources order by position"
ANCHORS = """
select table_name, row_id, field_name, start_offset, end_offset, sha256
from anchors
where source_id = ?
order by start_offset, end_offset, table_name, row_id, field_name
"""


@dataclass(frozen=True)
class Verified:
    """The result for one source: the file that is its document, and the anchors that hold or fail."""

    source_id: str
    short_name: str
    file: Path | None
    held: int
    failures: tuple[str, ...]


def verify_build(database: Path, folder: Path) -> Iterator[Verified]:
    """Each source of the build, with its anchors looked up in the documents of the folder.

    Documents are recognised by their SHA-256, whatever their names. Raises CannotRunError when the build or
    the folder is missing.
    """
    if not folder.is_dir():
        raise CannotRunError(f"{folder}: no such folder; name the one with the documents")
    files = {
        hashlib.sha256(file.read_bytes()).hexdigest(): file
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as db:
            for source_id, short_name, sha256, encoding in db.execute(SOURCES).fetchall():
                file = files.get(sha256)
                held, failures = 0, list[str]()
                if file:
                    text = file.read_bytes().decode(encoding)
                    for anchor in db.execute(ANCHORS, (source_id,)):
                        fault = _find_fault(db, anchor, text)
                        failures += [fault] if fault else []
                        held += not fault
                yield Verified(source_id, short_name, file, held, tuple(failures))
    except sqlite3.Error as error:
        raise CannotRunError(
            f"{database}: not a build with sources and anchors: {error}; run make build"
        ) from None


def _find_fault(db: sqlite3.Connection, anchor: tuple[str, str, str, int, int, str], text: str) -> str | None:
    """What is wrong with an anchor, or None: its characters must have its hash, and be those of the row."""
    table, row_id, field, start, end, sha256 = anchor
    words = text[start:end]
    place = f"{table} {row_id}: {field}"
    if hashlib.sha256(words.encode("utf-8")).hexdigest() != sha256:
        return f'{place}: characters {start} to {end} read "{words[:60]}", which is not what was recorded'
    recorded = _read_cell(db, table, row_id, field)
    if recorded and recorded != words:
        return f'{place}: the row says "{recorded[:60]}", characters {start} to {end} read "{words[:60]}"'
    return None


def _read_cell(db: sqlite3.Connection, table: str, row_id: str, field: str) -> str | None:
    """The cell that an anchor belongs to; None in an edition that leaves out its text."""
    name = quote_identifier(table)
    columns = db.execute(f"select name, pk from pragma_table_info({name})").fetchall()
    if field not in {column for column, _ in columns}:
        return None
    keys = [column for column, place in sorted(columns, key=lambda item: item[1]) if place]
    key = " || ',' || ".join(map(quote_identifier, keys))
    row = db.execute(f"select {quote_identifier(field)} from {name} where {key} = ?", (row_id,)).fetchone()
    return str(row[0]) if row and row[0] is not None else None
