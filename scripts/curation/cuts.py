"""Cuts between the passages of a draft: joining and splitting them, with everything that refers to them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from packpress.editing.format import Files, make_record
from packpress.problems import CannotRunError, InvalidPackageError, Problem
from packpress.similar import nearest_value
from packpress.tables.csv import canonical_bytes
from packpress.tables.rows import Row

from scripts.curation.addition import is_worked_on
from scripts.curation.corpus import Corpus, is_line_start, require_source
from scripts.curation.originals import shorten_text
from scripts.curation.words import cuts_word, find_places, normalise_spaces

PASSAGES = "passages"


@dataclass(frozen=True)
class NewPassage:
    """A passage as it is to be: the rows it is made of, its place in the document, its kind and its id."""

    rows: tuple[Row, ...]
    start: int
    end: int
    kind: str
    reason: str
    passage_id: str = ""


@dataclass(frozen=True)
class Recut:
    """The files with other cuts, and the difference that they make, line by line."""

    files: Files = field(default_factory=dict)
    difference: list[str] = field(default_factory=list)


def plan_join(corpus: Corpus, first_id: str, last_id: str) -> Recut:
    """The passages from one to another as one; CannotRunError when they are not consecutive on one line."""
    first, last = _require_draft(corpus, first_id), _require_draft(corpus, last_id)
    rows = corpus.passages[first["source_id"]]
    joined = rows[rows.index(first) : rows.index(last) + 1] if last in rows else []
    if len(joined) < 2:
        raise CannotRunError(
            f"{last_id}: does not come after {first_id} in the same source; name the first first"
        )
    start, end = _offset(first, "start_offset"), _offset(last, "end_offset")
    if len(corpus.documents[first["source_id"]].text[start:end].splitlines()) > 1:
        message = (
            "not on one printed line, which no passage crosses; join the lines in the text, and add it again"
        )
        raise CannotRunError(f"{first_id}, {last_id}: {message}")
    reasons = dict.fromkeys(row["reason"] for row in joined if row["reason"])
    # A label is only what comes before a sentence.
    kind = last["kind"] if first["kind"] == "label" else first["kind"]
    whole = NewPassage((*joined,), start, end, kind, " ".join(reasons))
    return _recut(corpus, first["source_id"], [whole])


def plan_split(corpus: Corpus, passage_id: str, words: str) -> Recut:
    """A passage as two, of which the second begins with these words; CannotRunError when that is unclear."""
    row = _require_draft(corpus, passage_id)
    places = [start for start, _ in find_places(words, row["text"])]
    if len(places) != 1:
        found = f"occurs {len(places)} times" if places else "does not occur"
        mend = "give more of its words" if places else f"copy the words from {shorten_text(row['text'])}"
        raise CannotRunError(f'"{words}": {found} in {passage_id}; {mend}')
    at = places[0]
    if not row["text"][:at].strip() or cuts_word(row["text"], at):
        where = "inside a word" if at else "at the beginning"
        raise CannotRunError(
            f'"{words}": {where} of {passage_id}; give the words with which the second part begins'
        )
    start = _offset(row, "start_offset")
    halves = [
        NewPassage((row,), start, start + len(row["text"][:at].rstrip()), row["kind"], row["reason"]),
        NewPassage((row,), start + at, _offset(row, "end_offset"), row["kind"], row["reason"]),
    ]
    return _recut(corpus, row["source_id"], halves)


def _require_draft(corpus: Corpus, passage_id: str) -> Row:
    """The passage with that id, of a draft whose document is there."""
    row = corpus[PASSAGES].get(passage_id)
    if row is None:
        near = nearest_value(passage_id, [row.key for row in corpus[PASSAGES].rows])
        raise CannotRunError(
            f"{passage_id}: no passage has this id" + (f"; did you mean {near}?" if near else "")
        )
    if require_source(corpus, row["source_id"])["status"] == "published":
        raise CannotRunError(f"{passage_id}: of a published source, whose passages stay as they are")
    if not corpus.documents[row["source_id"]].is_genuine:
        raise CannotRunError(
            f"{passage_id}: the document has changed; run make validate and restore it first"
        )
    return row


def _offset(row: Row, name: str) -> int:
    found = row.number(name)
    if found is None:
        raise CannotRunError(f"{row.place}: {name} is no number; run make validate and correct it first")
    return found


def _recut(corpus: Corpus, source_id: str, changed: list[NewPassage]) -> Recut:
    """The source with the changed pieces in place of the passages that they are made of."""
    document = corpus.documents[source_id].text
    replaced = {row.key for piece in changed for row in piece.rows}
    pieces = changed + [
        NewPassage(
            (row,), _offset(row, "start_offset"), _offset(row, "end_offset"), row["kind"], row["reason"]
        )
        for row in corpus.passages[source_id]
        if row.key not in replaced
    ]
    pieces = _name_pieces(corpus, source_id, sorted(pieces, key=lambda piece: piece.start))
    names = {row.key: piece.passage_id for piece in reversed(pieces) for row in piece.rows}
    passages = list(_describe_pieces(pieces, names, document))
    others = [row.cells for row in corpus[PASSAGES].rows if row["source_id"] != source_id]
    resource = corpus[PASSAGES].resource
    files = {
        resource.paths[0]: canonical_bytes(
            resource, [*others, *(make_record(resource, row) for row in passages)]
        )
    }
    followed = list(
        _follow_links(corpus, [piece for piece in pieces if piece.rows[0].key in replaced], document)
    )
    followed += _follow_title(corpus, source_id, passages)
    return Recut(files | _replace_rows(followed), _describe_difference(pieces, replaced, document, followed))


def _name_pieces(corpus: Corpus, source_id: str, pieces: list[NewPassage]) -> list[NewPassage]:
    """The pieces with ids: counted anew as long as nothing refers to them, and otherwise those they have."""
    if not is_worked_on(corpus, require_source(corpus, source_id)):
        return [
            replace(piece, passage_id=f"{source_id}-p{place:03}") for place, piece in enumerate(pieces, 1)
        ]
    keys = [row.key for row in corpus[PASSAGES].rows]
    keys += [row["row_id"] for row in corpus["withdrawals"].rows if row["table_name"] == PASSAGES]
    numbers = [re.fullmatch(rf"{re.escape(source_id)}-p(\d+)", key) for key in keys]
    free = max((int(number[1]) for number in numbers if number), default=0) + 1
    named: list[NewPassage] = []
    taken = set[str]()
    for piece in pieces:
        key = piece.rows[0].key
        if key in taken:
            key, free = f"{source_id}-p{free:03}", free + 1
        taken.add(key)
        named.append(replace(piece, passage_id=key))
    return named


def _describe_pieces(
    pieces: list[NewPassage], names: dict[str, str], document: str
) -> Iterator[dict[str, str]]:
    """The rows of passages that the pieces become."""
    section = ""
    for position, piece in enumerate(pieces, 1):
        whole = names.get(piece.rows[0]["part_of"], "")
        yield {
            **piece.rows[0].named,
            "passage_id": piece.passage_id,
            "position": str(position),
            "section": "" if piece.kind == "heading" else section,
            "kind": piece.kind,
            "part_of": "" if whole == piece.passage_id else whole,
            "start_offset": str(piece.start),
            "end_offset": str(piece.end),
            "starts_line": "true" if is_line_start(document, piece.start) else "false",
            "text": document[piece.start : piece.end],
            "reason": piece.reason,
        }
        section = document[piece.start : piece.end] if piece.kind == "heading" else section


def _follow_links(corpus: Corpus, pieces: list[NewPassage], document: str) -> Iterator[tuple[Row, Row]]:
    """The rows of other tables that refer to passages which were joined or split, before and after.

    Raises InvalidPackageError when a cut would go through a quote.
    """
    olds = {row.key: row for piece in pieces for row in piece.rows}
    problems = list[Problem]()
    for table in corpus.tables.values():
        keys = (key for key in table.resource.foreign_keys if key.resource == PASSAGES)
        names = [key.fields[0] for key in keys if table.resource.name != PASSAGES]
        for row in (row for row in table.rows if any(row[name] in olds for name in names)):
            changed = row
            try:
                for name in (name for name in names if row[name] in olds):
                    changed = _move_row(changed, name, olds[row[name]], pieces, document)
            except CannotRunError as error:
                problems.append(row.problem("quote", str(error)))
            changed = _forget_own(changed, names)
            if changed.cells != row.cells:
                yield row, changed
    if problems:
        raise InvalidPackageError(problems, "nothing was changed")


def _forget_own(row: Row, names: list[str]) -> Row:
    """The row without references to another passage than its own that has become its own."""
    for name in names:
        if name != "passage_id" and "passage_id" in names and row[name] == row["passage_id"]:
            row = row.with_cell(name, "")
    return row


def _move_row(row: Row, name: str, passage: Row, pieces: list[NewPassage], document: str) -> Row:
    """A row with the piece that now holds its quote; with the first piece when it quotes nothing."""
    mine = [piece for piece in pieces if any(other.key == passage.key for other in piece.rows)]
    if name != "passage_id" or "quote" not in row.table.positions:
        return row.with_cell(name, mine[0].passage_id)
    places = list(find_places(row["quote"], passage["text"]))
    nth = row.number("quote_occurrence") or 1
    if len(places) < nth:
        return row.with_cell(name, mine[0].passage_id)
    start, end = (place + _offset(passage, "start_offset") for place in places[nth - 1])
    piece = next((piece for piece in mine if piece.start <= start and end <= piece.end), None)
    if piece is None:
        raise CannotRunError("the passage would be split inside these words; shorten the quote first")
    again = [place + piece.start for place, _ in find_places(row["quote"], document[piece.start : piece.end])]
    which = str(again.index(start) + 1) if len(again) > 1 and start in again else ""
    if "quote_occurrence" in row.table.positions:
        row = row.with_cell("quote_occurrence", which)
    return row.with_cell(name, piece.passage_id)


def _follow_title(
    corpus: Corpus, source_id: str, passages: list[dict[str, str]]
) -> Iterator[tuple[Row, Row]]:
    """The row of the source before and after, when its title is no longer what it was."""
    source = require_source(corpus, source_id)
    title = next((normalise_spaces(row["text"]) for row in passages if row["kind"] == "title"), "")
    if normalise_spaces(source["title"]) != title:
        yield source, source.with_cell("title", title)


def _replace_rows(followed: list[tuple[Row, Row]]) -> dict[str, bytes]:
    """The tables of rows that changed, with these in place."""
    files = dict[str, bytes]()
    for table in dict.fromkeys(row.table.resource.name for row, _ in followed):
        changed = {id(row): after for row, after in followed if row.table.resource.name == table}
        rows = next(row.table.rows for row, _ in followed if row.table.resource.name == table)
        resource = rows[0].table.resource
        files[resource.paths[0]] = canonical_bytes(
            resource, (changed.get(id(row), row).cells for row in rows)
        )
    return files


def _describe_difference(
    pieces: list[NewPassage], replaced: set[str], document: str, followed: list[tuple[Row, Row]]
) -> list[str]:
    changed = [piece for piece in pieces if piece.rows[0].key in replaced]
    olds = {row.key: row["text"] for piece in changed for row in piece.rows}
    lines = [f"- {key}: {shorten_text(text)}" for key, text in olds.items()]
    lines += [f"+ {piece.passage_id}: {shorten_text(document[piece.start : piece.end])}" for piece in changed]
    renamed = [piece for piece in pieces if piece not in changed and piece.passage_id != piece.rows[0].key]
    if renamed:
        before, after = renamed[0].rows[0].key, renamed[0].passage_id
        lines.append(f"the {len(renamed)} after it are renumbered: {before} becomes {after}, and so on")
    for old, new in followed:
        lines += [
            f'{old.place}: {name}="{old[name]}" becomes "{new[name]}"'
            for name in old.named
            if old[name] != new[name]
        ]
    return lines
