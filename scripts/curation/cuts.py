"""Cuts between the passages of a draft, and their kinds: changed with everything that depends on them."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby

from packpress.editing.format import Files, make_record
from packpress.editing.row_edits import RowEdit
from packpress.problems import CannotRunError, InvalidPackageError, Problem
from packpress.similar import nearest_value
from packpress.tables.csv import canonical_bytes
from packpress.tables.rows import Row

from scripts.curation.addition import is_worked_on
from scripts.curation.agreement import READERS, READINGS
from scripts.curation.corpus import ENTITY_LINKS, RUNNING_TEXT, Corpus, is_line_start, require_source
from scripts.curation.originals import count_of, shorten_text
from scripts.curation.words import cuts_word, find_places, normalise_spaces

PASSAGES = "passages"
ENTRY_LINE = "entry_line"
ZERO_WIDTH_JOINER = "\u200d"
# Longer words are shortened in messages.
LONGEST_SHOWN = 200


@dataclass(frozen=True)
class NewPassage:
    """A passage as it is to be: the rows it is made of, its place in the document, its kind and its id.

    `is_part` says whether it continues an entry that a line before it begins.
    """

    rows: tuple[Row, ...]
    start: int
    end: int
    kind: str
    reason: str
    is_part: bool
    passage_id: str = ""


def _as_it_is(row: Row) -> NewPassage:
    """A row of passages as a piece that is not changed."""
    start, end = _offset(row, "start_offset"), _offset(row, "end_offset")
    return NewPassage((row,), start, end, row["kind"], row["reason"], bool(row["part_of"]))


@dataclass(frozen=True)
class Recut:
    """Rows with other cuts: their edits and files, the difference by lines, and what followed by itself."""

    edits: list[RowEdit] = field(default_factory=list)
    files: Files = field(default_factory=dict)
    difference: list[str] = field(default_factory=list)
    followed: list[str] = field(default_factory=list)


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
    has_reason = kind in RUNNING_TEXT and not any(corpus.claims_of(row) for row in joined)
    reason = " ".join(reasons) if has_reason else ""
    whole = NewPassage((*joined,), start, end, kind, reason, bool(first["part_of"]))
    return _recut(corpus, first["source_id"], [whole])


def plan_split(corpus: Corpus, passage_id: str, words: str, nth: int = 0) -> Recut:
    """A passage as two, of which the second begins with these words; CannotRunError when that is unclear.

    `nth` counts occurrences of the words from 1; without it, they occur once.
    """
    row = _require_draft(corpus, passage_id)
    at = _find_cut_place(row, words.strip(), nth)
    piece = _as_it_is(row)
    first = replace(piece, end=piece.start + len(row["text"][:at].rstrip()))
    return _recut(corpus, row["source_id"], [first, replace(piece, start=piece.start + at)])


def plan_kind(corpus: Corpus, passage_id: str, kind: str, *, is_part: bool = False) -> Recut:
    """A passage as one of another kind; CannotRunError when rows quote it and it would be no running text.

    - `is_part`: whether it continues the entry above; it counts for lines of entries.

    As when a document is cut anew, sections follow headings, lines of entries the line that begins the entry,
    and metadata and the title of the source the title. A reason goes where none is needed.
    """
    row = _require_draft(corpus, passage_id)
    quoting = [
        other.key
        for name in ("claims", *ENTITY_LINKS.values())
        for other in corpus[name].group("passage_id").get(passage_id, ())
    ]
    if quoting and kind not in RUNNING_TEXT:
        what = f"{', '.join(quoting)} {'quotes' if len(quoting) == 1 else 'quote'} it"
        message = "only sentences and list items are quoted; change or remove that first"
        raise CannotRunError(f"{passage_id}: {what}, and {message}")
    reason = row["reason"] if kind in RUNNING_TEXT else ""
    piece = replace(_as_it_is(row), kind=kind, reason=reason, is_part=is_part and kind == ENTRY_LINE)
    return _recut(corpus, row["source_id"], [piece])


def _find_cut_place(row: Row, words: str, nth: int) -> int:
    """Where in a passage the words begin before which it is split."""
    text = row["text"]
    places = [start for start, _ in find_places(words, text)] or _find_loosely(words, text)
    shown = f'"{words}"' if len(words) < LONGEST_SHOWN else shorten_text(words)
    if len(places) < nth or not nth and len(places) != 1:
        times = "once" if len(places) == 1 else f"{len(places)} times"
        found = f"occurs {times}" if places else "does not occur"
        mend = "give more of its words" if places else f"copy the words from {shorten_text(text)}"
        raise CannotRunError(f"{shown}: {found} in {row.key}; {mend}")
    at = places[max(nth, 1) - 1]
    if not text[:at].strip() or _is_inside(text, at):
        where = "inside a word" if at else "at the beginning"
        message = "give the words with which the second part begins"
        raise CannotRunError(f"{shown}: {where} of {row.key}; {message}")
    return at


def _find_loosely(words: str, text: str) -> list[int]:
    """Where words begin that differ from a text in the kind of space or in how letters are composed.

    >>> _find_loosely("b caf\u00e9", "a\u00a0b\u00a0cafe\u0301"), _find_loosely(" ", "a b")
    ([2], [])
    """
    places = [place for place, letter in enumerate(text) for _ in unicodedata.normalize("NFD", letter)]
    pattern = r"\s+".join(map(re.escape, unicodedata.normalize("NFD", words).split()))
    decomposed = "".join(unicodedata.normalize("NFD", letter) for letter in text)
    return [places[match.start()] for match in re.finditer(pattern, decomposed)] if pattern else []


def _is_inside(text: str, at: int) -> bool:
    """Whether a place is inside a word, or between letters and signs that are printed as one.

    >>> _is_inside("cafe\u0301s", 5), _is_inside("cafe\u0301s", 4), _is_inside("cafe\u0301 s", 6)
    (True, True, False)
    """
    if _is_attached(text[at]) or text[at - 1] == ZERO_WIDTH_JOINER:
        return True
    before = [letter for letter in text[:at] if not _is_attached(letter)]
    after = [letter for letter in text[at:] if not _is_attached(letter)]
    return cuts_word("".join((*before, *after)), len(before))


def _is_attached(letter: str) -> bool:
    """Whether a character is printed with the one before it, or not at all."""
    return unicodedata.category(letter) in ("Mn", "Mc", "Me", "Cf")


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
    if any((corpus.package.root / READINGS / reader / row["source_id"]).is_dir() for reader in READERS):
        message = "a second reading has begun, which refers to the passages as they are"
        raise CannotRunError(f"{passage_id}: {message}; correct them before it, or in the workbook")
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
    kept = [_as_it_is(row) for row in corpus.passages[source_id] if row.key not in replaced]
    pieces = _name_pieces(corpus, source_id, sorted([*changed, *kept], key=lambda piece: piece.start))
    cells = list(_describe_pieces(pieces, document))
    moved = list(
        _follow_links(corpus, [piece for piece in pieces if piece.rows[0].key in replaced], document)
    )
    moved += _follow_title(corpus, source_id, cells)
    edits = list(_edit_passages(corpus, pieces, cells))
    edits += [RowEdit(old.table.resource.name, old.cells, new.cells) for old, new in moved]
    followed = list(_describe_followed(pieces, replaced, cells))
    difference = [*_describe_cuts(pieces, replaced, document), *followed, *_describe_moved(moved)]
    return Recut(edits, _render_edits(corpus, edits), difference, followed)


def _name_pieces(corpus: Corpus, source_id: str, pieces: list[NewPassage]) -> list[NewPassage]:
    """The pieces with ids: counted anew as long as nothing refers to them, and otherwise those they have.

    Ids that are not in the order of counting stay too, so that no id is both gone and given.
    """
    counted = [f"{source_id}-p{place:03}" for place in range(1, len(pieces) + 1)]
    old = [row.key for row in corpus.passages[source_id]]
    is_counted = all(one == other for one, other in zip(old, counted, strict=False))
    if is_counted and not is_worked_on(corpus, require_source(corpus, source_id)):
        return [replace(piece, passage_id=key) for piece, key in zip(pieces, counted, strict=True)]
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


def _describe_pieces(pieces: list[NewPassage], document: str) -> Iterator[dict[str, str]]:
    """The rows of passages that the pieces become."""
    section = ""
    wholes = _find_wholes(pieces)
    for position, piece in enumerate(pieces, 1):
        yield {
            **piece.rows[0].named,
            "passage_id": piece.passage_id,
            "position": str(position),
            "section": "" if piece.kind == "heading" else section,
            "kind": piece.kind,
            "part_of": wholes.get(piece.passage_id, ""),
            "start_offset": str(piece.start),
            "end_offset": str(piece.end),
            "starts_line": "true" if is_line_start(document, piece.start) else "false",
            "text": document[piece.start : piece.end],
            "reason": piece.reason,
        }
        section = document[piece.start : piece.end] if piece.kind == "heading" else section


def _find_wholes(pieces: list[NewPassage]) -> dict[str, str]:
    """The ids of the lines that begin entries, and of the title, by the pieces that are part of them.

    When the line that began an entry no longer is one, the next line of that entry begins it.
    """
    kinds = {row.key: piece.kind for piece in pieces for row in piece.rows}
    wholes = dict[str, str]()
    orphaned = set[str]()
    title = entry = ""
    for piece in pieces:
        old = piece.rows[0]["part_of"]
        is_orphan = piece.is_part and bool(old) and kinds.get(old) != ENTRY_LINE and old not in orphaned
        if piece.kind == "title":
            title = title or piece.passage_id
        elif piece.kind == "metadata" and title:
            wholes[piece.passage_id] = title
        elif piece.kind == ENTRY_LINE and piece.is_part and entry and not is_orphan:
            wholes[piece.passage_id] = entry
        elif piece.kind == ENTRY_LINE:
            entry = piece.passage_id
            orphaned |= {old} if is_orphan else set()
    return wholes


def _edit_passages(
    corpus: Corpus, pieces: list[NewPassage], cells: list[dict[str, str]]
) -> Iterator[RowEdit]:
    """The edits of passages; one whose text changes is another row, and no correction of the old one."""
    resource = corpus[PASSAGES].resource
    gone = dict.fromkeys(row.cells for piece in pieces for row in piece.rows)
    for piece, named in zip(pieces, cells, strict=True):
        before, record = piece.rows[0], make_record(resource, named)
        if before["text"] != named["text"]:
            yield RowEdit(PASSAGES, None, record)
        else:
            gone.pop(before.cells)
            if before.cells != record:
                yield RowEdit(PASSAGES, before.cells, record)
    yield from (RowEdit(PASSAGES, record, None) for record in gone)


def _render_edits(corpus: Corpus, edits: list[RowEdit]) -> dict[str, bytes]:
    """The tables with the edits, by path."""
    files = dict[str, bytes]()
    for name in dict.fromkeys(edit.table for edit in edits):
        own = [edit for edit in edits if edit.table == name]
        gone = {edit.before for edit in own}
        kept = [row.cells for row in corpus[name].rows if row.cells not in gone]
        resource = corpus[name].resource
        records = [*kept, *(edit.after for edit in own if edit.after)]
        files[resource.paths[0]] = canonical_bytes(resource, records)
    return files


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


def _describe_cuts(pieces: list[NewPassage], replaced: set[str], document: str) -> Iterator[str]:
    """The passages that were cut in another way, before and after."""
    changed = [piece for piece in pieces if piece.rows[0].key in replaced]
    texts = [document[piece.start : piece.end] for piece in changed]
    olds = {row.key: row["text"] for piece in changed for row in piece.rows}
    if texts != [*olds.values()]:
        yield from (f"- {key}: {shorten_text(text)}" for key, text in olds.items())
        yield from (
            f"+ {piece.passage_id}: {shorten_text(text)}" for piece, text in zip(changed, texts, strict=True)
        )


def _describe_followed(
    pieces: list[NewPassage], replaced: set[str], cells: list[dict[str, str]]
) -> Iterator[str]:
    """What changed of passages because others did: their ids, sections and entries, and reasons that went."""
    others = [
        (piece, named)
        for piece, named in zip(pieces, cells, strict=True)
        if piece.rows[0].key not in replaced
    ]
    renamed = [piece for piece, _ in others if piece.passage_id != piece.rows[0].key]
    if renamed:
        before, after = renamed[0].rows[0].key, renamed[0].passage_id
        yield f"the {len(renamed)} after it are renumbered: {before} becomes {after}, and so on"
    moved = [named for piece, named in others if piece.rows[0]["section"] != named["section"]]
    for section, group in groupby(moved, key=lambda named: named["section"]):
        under = f"now in the section {shorten_text(section)}" if section else "in no section now"
        yield f"{count_of(len(list(group)), 'passage')} after it: {under}"
    names = {row.key: piece.passage_id for piece in reversed(pieces) for row in piece.rows}
    for piece, named in zip(pieces, cells, strict=True):
        if names.get(piece.rows[0]["part_of"], "") != named["part_of"]:
            whole = f"now part of {named['part_of']}" if named["part_of"] else "part of no other line now"
            yield f"{piece.passage_id}: {whole}"
    for piece in pieces:
        for reason in dict.fromkeys(row["reason"] for row in piece.rows if row["reason"]):
            if not piece.reason:
                yield f"{piece.passage_id}: needs no reason any more, which was {shorten_text(reason)}"


def _describe_moved(moved: list[tuple[Row, Row]]) -> Iterator[str]:
    """What changed in rows that refer to passages, cell by cell."""
    for old, new in moved:
        for name in old.named:
            if old[name] != new[name]:
                yield f'{old.place}: {name}="{old[name]}" becomes "{new[name]}"'
