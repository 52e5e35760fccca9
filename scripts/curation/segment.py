"""Proposes how a document is cut into passages; a curator reads and corrects the result."""

import re
from dataclasses import dataclass

from scripts.curation.documents import is_line_start

# A sentence ends at a stop, with the citation marker that may be glued to it, before white space.
SENTENCE_END = re.compile(r"[.!?](?:\d+(?:[-,]\d+)*)?(?=\s+[A-Z\"'(])")
LABEL = re.compile(r"[A-Z][A-Za-z]*(?: [A-Z][a-z]+)?:(?=\s)")
NUMBERED_ENTRY = re.compile(r"\d+\.\s+\S")
BARE_NUMBER = re.compile(r"\d+\.")
METADATA = re.compile(r"(?:Journal|Date|PMID|Citations)\s+\S")
FURNITURE = re.compile(r"»|Authors$|Affiliations$|Soon will be listed here\.$|Share Now")
LISTS = {"References", "Citing Articles"}


@dataclass(frozen=True)
class Span:
    """A proposed passage: `text == document[start:end]`, with what it seems to be."""

    kind: str
    section: str
    start: int
    end: int
    text: str
    part_of: int | None  # index of the span that begins the entry or record


def segment_document(document: str) -> list[Span]:
    """The proposed passages of a document, in order; they tile it and none crosses a printed line."""
    spans: list[Span] = []
    section, entry, offset = "", None, 0
    for line in document.splitlines(keepends=True):
        start, offset = offset, offset + len(line)
        text = line.strip()
        if not text:
            entry = None if section == "References" and BARE_NUMBER.match(_last_text(spans)) else entry
            continue
        start += len(line) - len(line.lstrip())
        if section in LISTS and text not in LISTS:
            entry = _entry_start(text, section, entry, spans)
            spans.append(Span("entry_line", section, start, start + len(text), text, entry))
            entry = len(spans) - 1 if entry is None else entry
            continue
        kind = _kind_of_line(text, spans)
        if kind == "sentence":
            spans.extend(_split_line(text, start, section))
            continue
        title = next((i for i, span in enumerate(spans) if span.kind == "title"), None)
        part_of = title if kind == "metadata" else None
        spans.append(
            Span(kind, "" if kind == "heading" else section, start, start + len(text), text, part_of)
        )
        if kind == "heading":
            section, entry = text, None
    return spans


def _last_text(spans: list[Span]) -> str:
    return spans[-1].text if spans else ""


def _entry_start(text: str, section: str, entry: int | None, spans: list[Span]) -> int | None:
    """Index of the first line of the entry that `text` continues, or None when `text` begins one."""
    if entry is None or NUMBERED_ENTRY.match(text) or BARE_NUMBER.fullmatch(text):
        return None
    closed = section == "Citing Articles" and _last_text(spans).startswith("PMID:")
    return None if closed else entry


def _kind_of_line(text: str, spans: list[Span]) -> str:
    if FURNITURE.match(text):
        return "navigation"
    if METADATA.match(text) and len(text) < 40:
        return "metadata"
    if len(text) < 100 and not re.search(r"[.!]\d*(?:-\d+)?$", text):
        has_title = any(span.kind == "title" for span in spans)
        has_body = any(span.kind == "sentence" for span in spans)
        return "heading" if has_title or has_body else "title"
    return "sentence"


def _split_line(text: str, start: int, section: str) -> list[Span]:
    """The label and the sentences of one printed line."""
    spans, at = [], 0
    label = LABEL.match(text)
    cuts = [label.end()] if label else []
    cuts += [match.end() for match in SENTENCE_END.finditer(text)] + [len(text)]
    for cut in cuts:
        piece = text[at:cut]
        lead = len(piece) - len(piece.lstrip())
        kind = "label" if label and at == 0 else "sentence"
        first = start + at + lead
        spans.append(Span(kind, section, first, start + cut, text[at + lead : cut], None))
        at = cut
    return spans


def propose_passages(document: str, source_id: str) -> list[dict[str, str]]:
    """The proposed rows of passages.csv for a document, `reason` left to the curator."""
    spans = segment_document(document)
    ids = [f"{source_id}-p{position:03}" for position in range(1, len(spans) + 1)]
    return [
        {
            "passage_id": ids[index],
            "source_id": source_id,
            "position": str(index + 1),
            "section": span.section,
            "kind": span.kind,
            "part_of": "" if span.part_of is None else ids[span.part_of],
            "start_offset": str(span.start),
            "end_offset": str(span.end),
            "starts_line": "true" if is_line_start(document, span.start) else "false",
            "text": span.text,
            "reason": "",
        }
        for index, span in enumerate(spans)
    ]
