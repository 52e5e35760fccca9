"""PDF pages: lines joined into paragraphs, without running heads, and with words at line ends rejoined."""

import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from packpress.problems import CannotRunError

from scripts.curation.originals import (
    MOST_SHOWN,
    PDF,
    ExtractedText,
    count_of,
    import_reader,
    name_extractor,
    shorten_text,
)

# The share of a page's height, above and below, in which running heads and page numbers stand.
MARGIN = 0.12
# Sizes of type that differ by less are the same size.
SAME_SIZE = 0.6
PAGE_NUMBER = re.compile(r"(?:page\s+)?\W?\d{1,4}\W?(?:\s*(?:of|/)\s*\d{1,4})?", re.IGNORECASE)
BEGINS_ITEM = re.compile(r"[•‣◦▪●○·∙]\s*\S|[\[(]?\d{1,3}[.)\]]\s+\S|[–—-]\s+\S")
CUT_WORD = re.compile(r"[^\W_]+(?:[-‐][^\W_]+)*[-‐]$")
FINISHED = re.compile(r"[.!?…:;][\"'”’)\]]*\d*(?:[-–,]\d+)*$")
# Glyphs that stand for several letters.
LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
SCAN = "a PDF without text, such as a scan; recognise its text first (OCR), or type it into a text file"


@dataclass(frozen=True)
class PrintedLine:
    """A printed line: its text, size of type, page and block, and whether it stands in the page's margin."""

    text: str
    size: float
    page: int
    block: int
    in_margin: bool


def extract_pdf(data: bytes, name: str) -> ExtractedText:
    """The text of a PDF; CannotRunError when it is encrypted, damaged, or has no text."""
    lines = read_lines(data, name)
    if not any(line.text for line in lines):
        raise CannotRunError(f"{name}: {SCAN}")
    heads = find_running_heads(lines)
    paragraphs = list(join_blocks([line for line in lines if line not in heads]))
    known = {word.lower() for line in lines for word in re.findall(r"[^\W_]+(?:[-‐][^\W_]+)+", line.text)}
    rejoined: list[str] = []
    texts = [join_lines(paragraph, known, rejoined) for paragraph in paragraphs]
    pages = count_of(lines[-1].page, "page")
    kept = [f"{pages}, {count_of(len(texts), 'paragraph or heading', 'paragraphs and headings')}"]
    if rejoined:
        kept.append(f"rejoined at line ends, check them: {', '.join(dict.fromkeys(rejoined))}")
    left_out = [
        f"running heads and page numbers: {shorten_text(text)} on {count_of(count, 'page')}"
        for text, count in Counter(mask_digits(line.text) for line in lines if line in heads).items()
    ]
    return ExtractedText("\n\n".join(texts) + "\n", name_extractor("pdfminer.six"), kept, left_out)


def read_lines(data: bytes, name: str) -> list[PrintedLine]:
    """The lines of all pages in reading order."""
    layout = import_reader("pdfminer.layout", "pdfminer.six", PDF)
    read = import_reader("pdfminer.high_level", "pdfminer.six", PDF).extract_pages
    try:
        return [
            line
            for number, page in enumerate(read(io.BytesIO(data), laparams=layout.LAParams()), 1)
            for line in _read_page(page, number, layout)
        ]
    except CannotRunError:
        raise
    except Exception as error:  # the reader raises errors of many types on files that are damaged
        what = type(error).__name__
        if "Password" in what or "Encryption" in what or "NotAllowed" in what:
            message = "an encrypted PDF; save a copy without a password"
        else:
            message = f"a damaged PDF ({what}); save it again, or save its text in a separate file"
        raise CannotRunError(f"{name}: {message}") from None


def _read_page(page: Iterable[object], number: int, layout: object) -> Iterator[PrintedLine]:
    height = getattr(page, "height", 0) or 1
    box_type, line_type = (getattr(layout, kind) for kind in ("LTTextContainer", "LTTextLine"))
    for block, box in enumerate(page):
        if not isinstance(box, box_type):
            continue
        for line in (part for part in box if isinstance(part, line_type)):
            text = clean_text(line.get_text())
            if text:
                in_margin = line.y0 > height * (1 - MARGIN) or line.y1 < height * MARGIN
                yield PrintedLine(text, _size_of(line), number, block, in_margin)


def _size_of(line: Iterable[object]) -> float:
    """The commonest size of type of a line."""
    sizes = Counter(round(float(getattr(char, "size", 0)), 1) for char in line if hasattr(char, "size"))
    return sizes.most_common(1)[0][0] if sizes else 0.0


def clean_text(text: str) -> str:
    """The text of a line without control characters, and with letters instead of ligatures.

    >>> clean_text("e\\ufb03cacy\\x00 \\n")
    'efficacy'
    """
    for glyph, letters in LIGATURES.items():
        text = text.replace(glyph, letters)
    text = re.sub(r"\(cid:\d+\)", "\ufffd", text)
    return re.sub(r"[ \t\r\n\f\v]+", " ", re.sub(r"[\x00-\x08\x0e-\x1f\x7f]", "", text)).strip(" ")


def mask_digits(text: str) -> str:
    """A line with `#` for each number, so that running heads with page numbers are alike.

    >>> mask_digits("Harp Letters, page 12")
    'Harp Letters, page #'
    """
    return re.sub(r"\d+", "#", text)


def find_running_heads(lines: list[PrintedLine]) -> set[PrintedLine]:
    """The lines in margins that recur on half of the pages, and page numbers.

    >>> heads = [PrintedLine(f"Harps {page}", 9, page, 0, True) for page in (1, 2)]
    >>> lines = [*heads, PrintedLine("Text", 9, 1, 1, False)]
    >>> sorted(line.text for line in find_running_heads(lines))
    ['Harps 1', 'Harps 2']
    """
    margins = [line for line in lines if line.in_margin]
    last = max((line.page for line in lines), default=1)
    pages: dict[str, set[int]] = {}
    for line in margins:
        pages.setdefault(mask_digits(line.text), set()).add(line.page)
    return {
        line
        for line in margins
        if PAGE_NUMBER.fullmatch(line.text) or len(pages[mask_digits(line.text)]) >= max(2, last / 2)
    }


def join_blocks(lines: list[PrintedLine]) -> Iterator[list[PrintedLine]]:
    """The lines of each paragraph, heading or item, also where it continues in another column or page."""
    paragraph: list[PrintedLine] = []
    for line in lines:
        if paragraph and not _continues(paragraph, line):
            yield paragraph
            paragraph = []
        paragraph.append(line)
    if paragraph:
        yield paragraph


def _continues(paragraph: list[PrintedLine], line: PrintedLine) -> bool:
    last = paragraph[-1]
    if BEGINS_ITEM.match(line.text) or abs(last.size - line.size) >= SAME_SIZE:
        return False
    if (last.page, last.block) == (line.page, line.block):
        return True
    is_open = not FINISHED.search(last.text) and len(last.text) > MOST_SHOWN / 2
    return is_open and (line.text[0].islower() or CUT_WORD.search(last.text) is not None)


def join_lines(paragraph: list[PrintedLine], known: set[str], rejoined: list[str]) -> str:
    """The lines of a paragraph as one; words that were cut at line ends are added to `rejoined`.

    The hyphen stays where the text has the word with a hyphen elsewhere, or beside digits and capitals.

    >>> lines = [PrintedLine(text, 9, 1, 0, False) for text in ("It is a long-", "term treat-", "ment.")]
    >>> join_lines(lines, {"long-term"}, [])
    'It is a long-term treatment.'
    """
    text = paragraph[0].text
    for line in paragraph[1:]:
        cut = CUT_WORD.search(text)
        if not cut:
            text += f" {line.text}"
            continue
        following = re.match(r"[^\W_]*", line.text)
        end = following[0] if following else ""
        whole = f"{cut[0]}{end}"
        last = re.split(r"[-‐]", cut[0])[-2]
        if whole.lower() not in known and last.islower() and end.islower():
            whole = f"{cut[0][:-1]}{end}"
        rejoined.append(whole)
        text = text[: cut.start()] + whole + line.text[len(end) :]
    return text
