"""Rules for documents and for the passages into which they are divided."""

import hashlib
import re
from collections.abc import Iterator

from packpress.checks.rules import rule
from packpress.problems import Problem, shorten_value
from packpress.tables.rows import Row

from scripts.curation.corpus import (
    DOCUMENTS,
    RIGHTS_NOT_STATED,
    RUNNING_TEXT,
    Corpus,
    Document,
    is_line_start,
)
from scripts.curation.originals import ORIGINALS
from scripts.curation.words import normalise_spaces


@rule("sources")
def check_document_can_be_read(corpus: Corpus) -> Iterator[Problem]:
    """Every source has a document that is named after it, and that its encoding decodes."""
    for source in corpus["sources"]:
        document = corpus.documents[source["source_id"]]
        if document.fault:
            yield source.problem(document.faulty_field, document.fault)


@rule("sources")
def check_document_is_genuine(corpus: Corpus) -> Iterator[Problem]:
    """Every document has the SHA-256 that its source records."""
    for source in corpus["sources"]:
        document = corpus.documents[source["source_id"]]
        if document.sha256 and document.sha256 != source["sha256"]:
            message = f"{source['path']} has another; restore the file, sources are never edited"
            yield source.problem("sha256", message)


@rule("sources")
def check_every_document_has_a_source(corpus: Corpus) -> Iterator[Problem]:
    """Every file in the folder of documents is the document of a source."""
    place = corpus["sources"].resource.place
    known = {f"{source['source_id']}.txt" for source in corpus["sources"]}
    for file in sorted((corpus.package.root / DOCUMENTS).glob("*")):
        if file.name not in known:
            yield Problem(
                f"{DOCUMENTS}/{file.name}",
                0,
                f"no row of {place} names this file; add the source or remove the file",
            )


@rule("sources")
def check_original_is_genuine(corpus: Corpus) -> Iterator[Problem]:
    """The original of an extracted text is kept, named after its source, with its SHA-256 and extractor."""
    for source in corpus["sources"]:
        named = {name: source[name] for name in ("original_path", "original_sha256", "extractor")}
        lacking = [name for name, value in named.items() if not value]
        if 0 < len(lacking) < len(named):
            message = f"{source['source_id']} has an original; fill in all three columns, or none"
            yield source.problem(lacking[0], message)
        elif not lacking and (corpus.package.root / ORIGINALS).is_dir():
            # No edition carries originals, and an edition is valid all the same.
            yield from _check_original(corpus, source)


def _check_original(corpus: Corpus, source: Row) -> Iterator[Problem]:
    path, source_id = source["original_path"], source["source_id"]
    if not re.fullmatch(rf"{ORIGINALS}/{re.escape(source_id)}\.[a-z]+", path):
        message = f"an original is named after its source; write {ORIGINALS}/{source_id}.html or the like"
        yield source.problem("original_path", message)
        return
    try:
        sha256 = hashlib.sha256((corpus.package.root / path).read_bytes()).hexdigest()
    except OSError:
        yield source.problem("original_path", "no such file; restore it, for example from git")
        return
    if sha256 != source["original_sha256"]:
        message = f"{path} has another; restore the file, originals are never edited"
        yield source.problem("original_sha256", message)


@rule("sources")
def check_title_is_as_printed(corpus: Corpus) -> Iterator[Problem]:
    """The title of a source is the text of its title passage, and empty where there is none."""
    for source in corpus["sources"]:
        passages = corpus.passages.get(source["source_id"], [])
        printed = next((normalise_spaces(row["text"]) for row in passages if row["kind"] == "title"), "")
        if passages and normalise_spaces(source["title"]) != printed:
            what = (
                f'its title passage has "{printed}"; copy it'
                if printed
                else "it has no title passage; leave it empty"
            )
            yield source.problem("title", what)


@rule("sources")
def check_published_source_states_its_rights(corpus: Corpus) -> Iterator[Problem]:
    """Every published source states whose its text is; a draft may have a placeholder."""
    for source in corpus["sources"]:
        if source["status"] == "published" and source["rights"] == RIGHTS_NOT_STATED:
            yield source.problem("rights", "say who owns the text, or set status to in_progress")


@rule("sources")
def check_declared_citing_count(corpus: Corpus) -> Iterator[Problem]:
    """The number of citing articles that a document declares is the number that it lists (a notice)."""
    for source in corpus["sources"]:
        references = corpus["references"].group("source_id").get(source["source_id"], [])
        listed = sum(row["listed_as"] == "citing_list" for row in references)
        if source["declared_citing_count"] and source.number("declared_citing_count") != listed:
            message = f"the document lists {listed}; compute nothing from a partial list"
            yield source.problem("declared_citing_count", message, is_notice=True)


# What lines of each kind can be part of.
WHOLES = {"entry_line": "entry_line", "metadata": "title"}


@rule("passages")
def check_passage_stands_at_its_offsets(corpus: Corpus) -> Iterator[Problem]:
    """Every passage is, character for character, the text of its document between its offsets."""
    for source_id, passages in _passages_to_visit(corpus):
        document = corpus.documents.get(source_id)
        if document and document.is_genuine:
            yield from _check_offsets(passages, document)


def _check_offsets(passages: list[Row], document: Document) -> Iterator[Problem]:
    shift = end_of_last = 0
    for row in passages:
        start, end, text = row.number("start_offset"), row.number("end_offset"), row["text"]
        if start is None or end is None or not text:
            continue
        # A shift that also explains the following passages is one mistake, not many.
        if text not in (document.text[start:end], document.text[start + shift : end + shift]):
            found = document.text.find(text, end_of_last)
            field, message = _describe_offsets(row, found)
            yield row.problem(field, message)
            shift = found - start if found >= 0 else 0
        end_of_last = max(end_of_last, end + shift)


def _describe_offsets(row: Row, found: int) -> tuple[str, str]:
    if found < 0:
        return "text", f"{row['source_id']} has different words there; copy them exactly, with their spaces"
    field = "end_offset" if found == row.number("start_offset") else "start_offset"
    return field, f"the words are at {found} to {found + len(row['text'])}; correct both offsets"


@rule("passages")
def check_passages_leave_nothing_out(corpus: Corpus) -> Iterator[Problem]:
    """The passages of a document are consecutive, with only white space between and around them."""
    for source_id, passages in _passages_to_visit(corpus):
        document = corpus.documents.get(source_id)
        if document and document.is_genuine and all(_is_in_place(row, document) for row in passages):
            yield from _check_gaps(passages, document)


def _is_in_place(row: Row, document: Document) -> bool:
    return document.text[row.number("start_offset") or 0 : row.number("end_offset") or 0] == row["text"]


def _check_gaps(passages: list[Row], document: Document) -> Iterator[Problem]:
    last = 0
    for row in passages:
        start, end = row.number("start_offset") or 0, row.number("end_offset") or 0
        if start < last:
            message = f"the passage before it ends at {last}; start there or later"
            yield row.problem("start_offset", message)
        elif left_out := document.text[last:start].strip():
            message = f'no passage contains "{shorten_value(left_out)}", which precedes it; add the passage'
            yield row.problem("start_offset", message)
        last = max(last, end)
    if left_out := document.text[last:].strip():
        message = f'no passage contains "{shorten_value(left_out)}", which follows it; add the passage'
        yield passages[-1].problem("end_offset", message)


@rule("sources")
def check_published_source_has_passages(corpus: Corpus) -> Iterator[Problem]:
    """Every published source is divided into passages."""
    for source in corpus["sources"]:
        if source["status"] == "published" and source["source_id"] not in corpus.passages:
            message = "has no passages; add them or set status to in_progress"
            yield source.problem("source_id", message)


@rule("passages")
def check_passage_is_one_printed_line(corpus: Corpus) -> Iterator[Problem]:
    """No passage crosses a printed line, and none begins or ends with white space."""
    for row in corpus["passages"]:
        if len(row["text"].splitlines()) > 1:
            yield row.problem("text", "crosses a printed line; make each line a passage")
        elif row["text"] != row["text"].strip():
            yield row.problem("text", "begins or ends with white space; remove it and correct the offsets")


@rule("passages")
def check_line_starts_are_those_printed(corpus: Corpus) -> Iterator[Problem]:
    """A passage is marked as the start of a line exactly when a line of its document begins with it."""
    for source_id, passages in _passages_to_visit(corpus):
        document = corpus.documents.get(source_id)
        last = 0
        for row in passages if document and document.is_genuine else ():
            start = row.number("start_offset")
            if start is None or document is None or not _is_in_place(row, document):
                continue
            between, last = document.text[last:start], start + len(row["text"])
            if between.strip():
                # The text before it is missing, which another rule reports.
                continue
            wanted = "true" if is_line_start(document.text, start) else "false"
            if row["starts_line"] in {"true", "false"} - {wanted}:
                what = "begins" if wanted == "true" else "does not begin"
                yield row.problem("starts_line", f"a printed line {what} here; write {wanted}")


@rule("passages")
def check_positions_are_consecutive(corpus: Corpus) -> Iterator[Problem]:
    """The positions of the passages of a source count from 1 without a gap."""
    for _, passages in _passages_to_visit(corpus):
        for expected, row in enumerate(passages, 1):
            if row.number("position") != expected:
                message = f"the passages of {row['source_id']} continue with {expected}; renumber them"
                yield row.problem("position", message)
                break  # The positions after the first wrong one are wrong for the same reason.


@rule("passages")
def check_passage_id_names_its_source(corpus: Corpus) -> Iterator[Problem]:
    """The id of every passage begins with the id of its source."""
    for row in corpus["passages"]:
        if not row["passage_id"].startswith(f"{row['source_id']}-"):
            message = f"does not begin with {row['source_id']}-; correct passage_id or source_id"
            yield row.problem("passage_id", message)


@rule("passages")
def check_section_is_the_heading_above(corpus: Corpus) -> Iterator[Problem]:
    """The section of every passage is the text of the nearest heading before it; headings have none."""
    for _, passages in _passages_to_visit(corpus):
        heading = ""
        for row in passages:
            expected = "" if row["kind"] == "heading" else heading
            if row["section"] != expected:
                mend = (
                    f'the heading above is "{expected}"; copy it'
                    if expected
                    else "no heading applies to it; leave it empty"
                )
                yield row.problem("section", mend)
            heading = row["text"] if row["kind"] == "heading" else heading


@rule("passages")
def check_part_of_is_the_first_line(corpus: Corpus) -> Iterator[Problem]:
    """Lines of an entry refer to its first line, and metadata to a title, earlier in the same document."""
    for row in corpus["passages"]:
        whole = corpus["passages"].get(row["part_of"])
        if not row["part_of"] or not whole:
            continue
        if WHOLES.get(row["kind"]) != whole["kind"] or whole["part_of"]:
            message = f"kind {row['kind']} is not part of kind {whole['kind']}; name a first line or a title"
            yield row.problem("part_of", message)
        elif whole["source_id"] != row["source_id"] or (whole.number("position") or 0) >= (
            row.number("position") or 0
        ):
            message = f"is not before it in {row['source_id']}; name the first line of its entry"
            yield row.problem("part_of", message)


@rule("passages")
def check_every_sentence_has_a_claim_or_a_reason(corpus: Corpus) -> Iterator[Problem]:
    """Every sentence and list item of a published source has a claim or a reason, and nothing has both."""
    for row in corpus["passages"]:
        if not corpus.is_published(row):
            continue
        needs_reason = row["kind"] in RUNNING_TEXT and not corpus.claims_of(row)
        if needs_reason and not row["reason"]:
            message = f"this {row['kind']} has no claim; add one, or say why it has none"
            yield row.problem("reason", message)
        elif row["reason"] and not needs_reason:
            why = "it has claims" if corpus.claims_of(row) else f"kind {row['kind']} needs none"
            yield row.problem("reason", f"{why}; leave reason empty")


def _passages_to_visit(corpus: Corpus) -> Iterator[tuple[str, list[Row]]]:
    """The passages of each source in order, all of them counted as visited."""
    for _ in corpus["passages"]:
        pass
    yield from corpus.passages.items()
