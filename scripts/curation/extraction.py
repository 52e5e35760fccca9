"""Extraction: the text of a page, a PDF, a record or an article, by the reader for its kind.

What is extracted is shown to a curator, corrected, and only then added as the document of a source.
"""

from collections.abc import Callable
from email import message_from_bytes

from packpress.problems import CannotRunError

from scripts.curation.jats import extract_article
from scripts.curation.originals import (
    ARCHIVE,
    ARTICLE,
    NBIB,
    PAGE,
    PDF,
    RECORD_JSON,
    RECORD_XML,
    ExtractedText,
    count_of,
)
from scripts.curation.pdf_pages import extract_pdf
from scripts.curation.records import extract_json, extract_nbib, extract_xml
from scripts.curation.web_pages import extract_page

# What is invisible, and would keep words from being found.
INVISIBLE = {"\u00ad": "soft hyphen", "\u200b": "zero-width space", "\ufeff": "byte order mark"}


def extract_text(data: bytes, name: str, kind: str, encoding: str = "") -> ExtractedText:
    """The text of an original of one of the kinds that have a suffix; CannotRunError when it has none."""
    read: dict[str, Callable[[], ExtractedText]] = {
        PAGE: lambda: extract_page(data, name, encoding),
        ARCHIVE: lambda: extract_page(*find_page(data, name)),
        PDF: lambda: extract_pdf(data, name),
        NBIB: lambda: extract_nbib(data, name, encoding),
        RECORD_XML: lambda: extract_xml(data, name),
        RECORD_JSON: lambda: extract_json(data, name),
        ARTICLE: lambda: extract_article(data, name),
    }
    found = read[kind]()
    text, removed = remove_invisible(found.text)
    if not text.strip():
        raise CannotRunError(f"{name}: no text was found in this {kind}; save its text in a separate file")
    return ExtractedText(text, found.extractor, found.kept, [*found.left_out, *removed], found.cells)


def find_page(data: bytes, name: str) -> tuple[bytes, str, str]:
    """The page in an archive that a browser saved, its name, and its encoding."""
    for part in message_from_bytes(data).walk():
        content = part.get_payload(decode=True)
        if part.get_content_type() == "text/html" and isinstance(content, bytes):
            return content, name, part.get_content_charset("")
    raise CannotRunError(f"{name}: a message or archive without a page; save the page itself, as HTML")


def remove_invisible(text: str) -> tuple[str, list[str]]:
    """The text without characters that nobody sees, and a phrase for each kind of them.

    >>> remove_invisible("pain\\u00adful")
    ('painful', ['1 soft hyphen'])
    """
    removed = [count_of(text.count(mark), what) for mark, what in INVISIBLE.items() if mark in text]
    return text.translate({ord(mark): None for mark in INVISIBLE}), removed
