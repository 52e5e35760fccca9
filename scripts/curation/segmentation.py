"""Segmentation: dividing documents into passages, and passages into sentences."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scripts.curation.corpus import is_line_start

# The end of a sentence: a stop, closing quotes or brackets, an attached citation marker, and then a new
# beginning. Digits between which a stop is printed are a number, not a marker.
_MARKER = r"(?:(?<!\d\.)\d+(?:[-–,]\d+)*|\[[^\[\]\s]{1,12}\])?"
CANDIDATE = re.compile(rf"(?P<stop>[.!?…]+)[\"'”’)\]]*{_MARKER}(?=\s+[\"'“‘(\[]*(?P<next>\w+))")
LAST_WORD = re.compile(r"(?:[^\W_]\.)*[^\W_]+$")

# Abbreviations that never end a sentence.
NEVER_LAST = {
    *("e.g", "i.e", "cf", "vs", "viz", "approx", "ca", "incl", "esp", "resp", "spp", "subsp"),
    *("dr", "prof", "mr", "mrs", "ms", "rev", "hon", "st", "mt", "ft", "dept", "univ", "tel"),
}
# Abbreviations that do not end a sentence before a number.
BEFORE_NUMBER = {
    *("no", "nos", "fig", "figs", "vol", "p", "pp", "ref", "refs", "sec", "ch", "eq", "art", "tab"),
    *("suppl", "ed", "max", "min", "apt", "ste", "rd", "ave", "blvd"),
    *("jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec"),
}
# Abbreviations in addresses of places, which do not end a sentence before the name of a town.
IN_ADDRESSES = {"rd", "ave", "blvd", "sq", "ln"}
# Words that begin a sentence even after an initial or `et al.`, unlike a name.
BEGINNERS = {
    *(
        "a",
        "after",
        "although",
        "an",
        "as",
        "at",
        "because",
        "both",
        "but",
        "by",
        "each",
        "for",
        "from",
        "he",
    ),
    *(
        "her",
        "his",
        "how",
        "however",
        "if",
        "in",
        "it",
        "its",
        "most",
        "no",
        "of",
        "on",
        "one",
        "other",
        "our",
    ),
    *("overall", "she", "since", "some", "such", "that", "the", "their", "then", "there", "these", "they"),
    *("this", "those", "to", "two", "we", "what", "when", "where", "while", "with"),
}


def find_sentence_ends(text: str) -> Iterator[int]:
    """The offsets at which the sentences of a line end, in order, except for the last one.

    >>> list(find_sentence_ends("Ketamine helps. It may also harm, e.g. the bladder."))
    [15]
    """
    start = 0
    for match in CANDIDATE.finditer(text):
        if _is_end(text[start : match.start()], match["stop"], match["next"]):
            yield match.end()
            start = match.end()


def _is_end(sentence: str, stop: str, following: str) -> bool:
    """Whether a sentence ends at this stop, given the word that follows."""
    if following[0].islower() or following[0] == "_":
        return False
    words = LAST_WORD.search(sentence)
    if stop != "." or words is None:
        return bool(sentence.strip())
    last = words[0]
    if last.lower() in NEVER_LAST or (last.isdecimal() and sentence.strip() == last):
        # A number at the beginning numbers the sentence that follows.
        return False
    if last.lower() in BEFORE_NUMBER and following[0].isdecimal():
        return False
    if last.lower() in IN_ADDRESSES and following[0].isupper():
        return following.lower() in BEGINNERS
    is_dotted = "." in last and not last[0].isdecimal()
    is_cut_short = is_dotted or last == "al" or (len(last) == 1 and last.isupper())
    return not is_cut_short or following.lower() in BEGINNERS


LABEL = re.compile(r"[A-Z][A-Za-z]*(?: [A-Z][a-z]+)?:(?=\s)")
NUMBERED_ENTRY = re.compile(r"[\[(]?\d+[.)\]]\s+\S")
BARE_NUMBER = re.compile(r"[\[(]?\d+[.)\]]")
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
METADATA = re.compile(r"(?:Journal|Date|PMID|Citations|(?:Published|Updated|Authors?|DOI):)\s+\S")
FURNITURE = re.compile(
    r"»|Authors$|Affiliations$|Soon will be listed here\.$"
    r"|Share Now|Skip to |Back to top|©|Copyright |[\W_]+$"
)
ITEM = re.compile(r"[•‣◦▪●○·∙*–—-]\s+\S|\t|[^\t]+\t")
NUMBERED_ITEM = re.compile(r"\(?(?:\d{1,2}|[A-Za-z]|[ivx]{1,4})[.)]\s+\S")
FINISHED = re.compile(r"[.!?…:][\"'”’)\]]*\d*(?:[-–]\d+)?$")
# Headings may end with a question mark or a colon, but not with these.
NO_HEADING = re.compile(r"(?:[.!…]\d*(?:-\d+)?|[,;])$")
LONGEST_HEADING = 100
LISTS = {"references", "bibliography", "works cited", "literature cited", "literature", "citing articles"}
# Headings that end a bibliography.
BACK_MATTER = {
    *("acknowledgements", "acknowledgments", "funding", "conflicts of interest", "conflict of interest"),
    *("disclosures", "competing interests", "author contributions", "about the author", "about the authors"),
    *("data availability", "appendix", "further reading", "related articles"),
}


@dataclass(frozen=True)
class Span:
    """A proposed passage with its probable kind; its text is `document[start:end]`.

    >>> segment_document("Ketamine helps.")[0].text
    'Ketamine helps.'
    """

    kind: str
    section: str
    start: int
    end: int
    text: str
    part_of: int | None  # index of the span that begins the entry or record


@dataclass(frozen=True)
class Line:
    """A printed line without surrounding white space.

    >>> Line("2. Adverse effects:", 0, is_apart=True).name
    'adverse effects'
    """

    text: str
    start: int
    is_apart: bool  # an empty line, or nothing, stands before it

    @property
    def name(self) -> str:
        """The line as the name of a section: without number, colon and capitals."""
        return re.sub(r"^[\d.]*\s*|\s*:$", "", self.text).casefold()


def split_lines(document: str) -> list[Line]:
    """The printed lines of a document that are not blank.

    >>> [line.text for line in split_lines("Pain\\n\\n  Ketamine helps. \\n")]
    ['Pain', 'Ketamine helps.']
    """
    lines: list[Line] = []
    offset, is_apart = 0, True
    for line in document.splitlines(keepends=True):
        text = line.strip()
        if text:
            lines.append(Line(text, offset + len(line) - len(line.lstrip()), is_apart))
        is_apart = not text
        offset += len(line)
    return lines


def segment_document(document: str) -> list[Span]:
    """The proposed passages of a document, in order; they cover its text, and none crosses a printed line.

    >>> [(span.text, span.kind) for span in segment_document("Pain\\n\\nKetamine helps. It may harm.\\n")]
    [('Pain', 'title'), ('Ketamine helps.', 'sentence'), ('It may harm.', 'sentence')]
    """
    lines = split_lines(document)
    width = max((len(line.text) for line in lines), default=0)
    spans: list[Span] = []
    section, entry, in_list = "", None, False
    for before, line, after in zip([None, *lines], lines, [*lines[1:], None], strict=False):
        text, start = line.text, line.start
        if line.name in LISTS or (in_list and line.name in BACK_MATTER):
            spans.append(Span("heading", "", start, start + len(text), text, None))
            section, entry, in_list = text, None, line.name in LISTS
        elif in_list:
            entry = None if _begins_entry(line, entry, spans, section) else entry
            spans.append(Span("entry_line", section, start, start + len(text), text, entry))
            entry = len(spans) - 1 if entry is None else entry
        else:
            kind = _kind_of_line(line, before, after, spans, width)
            spans += _cut_line(line, kind, section, spans)
            section = text if kind == "heading" else section
    return spans


def _begins_entry(line: Line, entry: int | None, spans: list[Span], section: str) -> bool:
    """Whether a line of a bibliography begins another work."""
    if entry is None or NUMBERED_ENTRY.match(line.text) or BARE_NUMBER.fullmatch(line.text):
        return True
    if section.casefold() == "citing articles":
        return spans[-1].text.startswith("PMID:")
    if BARE_NUMBER.match(spans[entry].text):
        return False
    # Without numbers, a work ends when its year has been printed and the next line begins with a capital.
    begins_anew = line.text[0].isupper() and FINISHED.search(spans[-1].text) is not None
    return line.is_apart or (begins_anew and any(YEAR.search(span.text) for span in spans[entry:]))


def _kind_of_line(line: Line, before: Line | None, after: Line | None, spans: list[Span], width: int) -> str:
    text = line.text
    if FURNITURE.match(text):
        return "navigation"
    if _is_metadata(text):
        return "metadata"
    if not spans and after and _is_metadata(after.text):
        # The title of a record is often longer than a heading.
        return "title"
    is_continued = before is not None and not line.is_apart and _runs_on(before, line, spans[-1], width)
    if ITEM.match(text) or (is_continued and spans[-1].kind == "list_item"):
        return "list_item"
    is_numbered = NUMBERED_ITEM.match(text) is not None
    if is_numbered and any(other and NUMBERED_ITEM.match(other.text) for other in (before, after)):
        return "list_item"
    if (
        len(text) < LONGEST_HEADING
        and not (is_continued or NO_HEADING.search(text))
        and (after is None or after.is_apart or _is_broken_on_purpose(line, after, width))
    ):
        has_title = any(span.kind == "title" for span in spans)
        has_body = any(span.kind in ("sentence", "list_item") for span in spans)
        return "heading" if has_title or has_body else "title"
    return "list_item" if is_numbered else "sentence"


def _is_metadata(text: str) -> bool:
    """Whether a line describes the document; a long one does when its value is one word, such as a DOI."""
    return METADATA.match(text) is not None and (len(text) < 40 or len(text.split()) == 2)


def _runs_on(before: Line, line: Line, last: Span, width: int) -> bool:
    """Whether a line continues the sentence of the line before it."""
    is_open = last.kind in ("sentence", "list_item") and not FINISHED.search(before.text)
    return is_open and not _is_broken_on_purpose(before, line, width)


def _is_broken_on_purpose(line: Line, after: Line, width: int) -> bool:
    """Whether a line ends although the next word would fit, and the next line does not continue it."""
    following = after.text.split(maxsplit=1)[0]
    return not following[0].islower() and len(line.text) + 1 + len(following) <= width


def _cut_line(line: Line, kind: str, section: str, spans: list[Span]) -> list[Span]:
    """The passages of one printed line: its label and its sentences, or the whole line."""
    text, start = line.text, line.start
    if kind not in ("sentence", "list_item"):
        title = next((i for i, span in enumerate(spans) if span.kind == "title"), None)
        part_of = title if kind == "metadata" else None
        section = "" if kind == "heading" else section
        return [Span(kind, section, start, start + len(text), text, part_of)]
    label = LABEL.match(text) if kind == "sentence" else None
    cuts = [label.end()] if label else []
    cuts += [end for end in find_sentence_ends(text) if not label or end > label.end()] + [len(text)]
    pieces, at = [], 0
    for cut in cuts:
        piece = text[at:cut]
        first = start + at + len(piece) - len(piece.lstrip())
        what = "label" if label and at == 0 else kind
        pieces.append(Span(what, section, first, start + cut, piece.strip(), None))
        at = cut
    return pieces


def propose_passages(document: str, source_id: str) -> list[dict[str, str]]:
    """The proposed rows of passages.csv for a document; `reason` is left to the curator.

    >>> rows = propose_passages("Ketamine helps. It may also harm.", "leaflet")
    >>> [(row["passage_id"], row["text"]) for row in rows]
    [('leaflet-p001', 'Ketamine helps.'), ('leaflet-p002', 'It may also harm.')]
    """
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
