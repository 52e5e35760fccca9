"""Addition of a source: its document is decoded without changing a byte, and its first rows are made."""

import codecs
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import chardet
from packpress.editing.format import make_record, render_rows
from packpress.problems import CannotRunError
from packpress.tables.rows import Row, Table

from scripts.curation.corpus import DOCUMENTS, RIGHTS_NOT_STATED, RUNNING_TEXT, Corpus
from scripts.curation.originals import Original
from scripts.curation.segmentation import propose_passages
from scripts.curation.words import normalise_spaces

# Longer marks first, because one begins with another.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Text files that are markup rather than the text that people read.
MARKUP = ("{\\rtf", "<!doctype", "<html", "<?xml", "<body", "<article")
SAVE_AS_TEXT = "save its text in a separate file, in UTF-8"
# Files that consist of text without being one, by a line that they begin with or contain.
NO_DOCUMENTS = (
    (re.compile(r"\A\s*%!PS"), f"a PostScript file, not its text; {SAVE_AS_TEXT}"),
    (
        re.compile(r"^(?:<{7}|>{7}|\|{7}) ", re.MULTILINE),
        "has conflict markers of git; finish the merge, or restore the document",
    ),
)


def decode_document(data: bytes, name: str, encoding: str = "") -> tuple[str, str]:
    """The encoding and text of a document; CannotRunError when it is not text that people read.

    UTF-8 is tried first, then the byte order mark, then detection from the bytes.

    >>> decode_document("Ketamin hält".encode("utf-8"), "clinic.txt")
    ('utf-8', 'Ketamin hält')
    """
    encoding, text = decode_bytes(data, name, encoding)
    if text.lstrip()[:9].lower().startswith(MARKUP):
        raise CannotRunError(f"{name}: contains markup, not plain text; {SAVE_AS_TEXT}")
    for form, what in NO_DOCUMENTS:
        if match := form.search(text.removeprefix("\ufeff")):
            line = text.count("\n", 0, match.start()) + 1
            raise CannotRunError(f"{name}:{line}: {what}")
    for character in text:
        if unicodedata.category(character) == "Cc" and not character.isspace():
            what = f"contains U+{ord(character):04X}, which does not occur in text"
            raise CannotRunError(f"{name}: {what}; {SAVE_AS_TEXT}, or name its encoding")
    return encoding, text


def decode_bytes(data: bytes, name: str, encoding: str = "") -> tuple[str, str]:
    """The encoding and text of a file, whatever is in it; CannotRunError when it is binary or empty.

    >>> decode_bytes(b"<p>Pain</p>", "page.html")
    ('utf-8', '<p>Pain</p>')
    """
    if not data.strip():
        raise CannotRunError(f"{name}: empty; name a document with text in it")
    encoding = encoding or _detect_encoding(data, name)
    try:
        text = data.decode(encoding)
    except LookupError:
        raise CannotRunError(f"{name}: {encoding} is not a known encoding; name one such as utf-8") from None
    except ValueError:
        raise CannotRunError(
            f"{name}: cannot be decoded as {encoding}; name the encoding it was saved in"
        ) from None
    if not text.strip():
        raise CannotRunError(f"{name}: empty; name a document with text in it")
    return encoding, text


def _detect_encoding(data: bytes, name: str) -> str:
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return encoding
    try:
        data.decode("utf-8")
    except ValueError:
        found = chardet.detect(data)
        if not found["encoding"]:
            raise CannotRunError(
                f"{name}: not text but {found['mime_type'] or 'binary data'}; {SAVE_AS_TEXT}"
            ) from None
        return codecs.lookup(found["encoding"]).name
    return "utf-8"


ADDED = ("sources", "passages")
GUESSED = {"source_type": "health_information_article", "text_extent": "article_text", "language": "en"}


@dataclass(frozen=True)
class Addition:
    """A document that is not in the package yet: its row, its passages, and the files to write."""

    source: Mapping[str, str]
    passages: list[dict[str, str]]
    text: str
    files: Mapping[str, bytes]


def plan_addition(
    corpus: Corpus,
    data: bytes,
    name: str,
    source_id: str,
    cells: Mapping[str, str],
    encoding: str = "",
    original: Original | None = None,
) -> Addition | None:
    """The document as a draft with that id; None when it is already in the package under this id.

    - `name`: what messages call the document.
    - `cells`: known values of its row.
    - `original`: the file from which the text was extracted, which is kept beside it.

    A draft from which nothing was extracted yet is replaced by another text. Raises CannotRunError when the
    id is malformed or taken, when the document is not text, and when the same text exists under another id.
    """
    _check_id(corpus, source_id)
    known = corpus["sources"].get(source_id)
    sha256 = hashlib.sha256(data).hexdigest()
    path = f"{DOCUMENTS}/{source_id}.txt"
    file = corpus.package.root / path
    if known and known["sha256"] == sha256:
        if corpus.documents[source_id].is_genuine:
            return None
        raise CannotRunError(
            f"{path}: no longer the document that was added; copy {name} there, byte for byte"
        )
    if is_worked_on(corpus, known) if known else file.exists() and file.read_bytes() != data:
        raise CannotRunError(
            f"{path}: another document has this id, and documents are never edited; choose another"
        )
    encoding, text = decode_document(data, name, encoding)
    _check_novelty(corpus, text, name, source_id)
    passages = propose_passages(text, source_id)
    title = next((row["text"] for row in passages if row["kind"] == "title"), "")
    source = {
        **(known.named if known else _describe_source(corpus, source_id)),
        "title": normalise_spaces(title),
        "path": path,
        "sha256": sha256,
        "encoding": encoding,
        **_describe_original(original, source_id),
        **{field: value for field, value in cells.items() if value},
    }
    rows = {"sources": [source], "passages": passages}
    files = {
        corpus[name].resource.paths[0]: _render_with(corpus[name], source_id, added)
        for name, added in rows.items()
    }
    kept = {original.path(source_id): original.data} if original else {}
    return Addition(source, passages, text, {path: data, **kept, **files})


def _describe_original(original: Original | None, source_id: str) -> dict[str, str]:
    """The cells that tell from which file a text was extracted; empty for one that was added as it is."""
    return {
        "original_path": original.path(source_id) if original else "",
        "original_sha256": original.sha256 if original else "",
        "extractor": original.extractor if original else "",
    }


def is_worked_on(corpus: Corpus, source: Row) -> bool:
    """Whether a source is published, or something was extracted from it, so that its text must stay."""
    passages = corpus.passages.get(source["source_id"], ())
    drawn = (row for name, table in corpus.tables.items() if name not in ADDED for row in table.rows)
    return (
        source["status"] == "published"
        or any(row["reason"] for row in passages)
        or any(corpus.source_id(row) == source["source_id"] for row in drawn)
    )


def _render_with(table: Table, source_id: str, added: Iterable[Mapping[str, str]]) -> bytes:
    """The table with these rows of the source, replacing all others of it."""
    others = Table(table.resource, (row for row in table.rows if row["source_id"] != source_id))
    return render_rows(others, [make_record(table.resource, row) for row in added])


def _check_id(corpus: Corpus, source_id: str) -> None:
    pattern = str(corpus["sources"].resource.field("source_id").constraints["pattern"])
    if not re.fullmatch(pattern, source_id):
        raise CannotRunError(
            f'"{source_id}": not a source id; use lower-case letters, digits and hyphens as in clinic-2024'
        )


def _check_novelty(corpus: Corpus, text: str, name: str, source_id: str) -> None:
    """Raises CannotRunError when another source has the same text, ignoring line breaks and spaces."""
    for other, document in corpus.documents.items():
        if other != source_id and _even_out(document.text) == _even_out(text):
            raise CannotRunError(f"{name}: {other} has the same text; a document is added once")


def _even_out(text: str) -> str:
    return normalise_spaces(unicodedata.normalize("NFC", text.removeprefix("\ufeff")))


def _describe_source(corpus: Corpus, source_id: str) -> dict[str, str]:
    last = max((row.number("position") or 0 for row in corpus["sources"].rows), default=0)
    return {
        "source_id": source_id,
        "position": str(last + 1),
        "short_name": source_id.replace("-", " ").capitalize(),
        "rights": RIGHTS_NOT_STATED,
        "status": "in_progress",
        **GUESSED,
    }


def count_broken(passages: list[dict[str, str]]) -> int:
    """How many passages continue a sentence that began on an earlier line.

    >>> count_broken([{"kind": "sentence", "starts_line": "true", "text": "and may harm."}])
    1
    """
    return sum(
        row["kind"] in RUNNING_TEXT and row["starts_line"] == "true" and row["text"][0].islower()
        for row in passages
    )
