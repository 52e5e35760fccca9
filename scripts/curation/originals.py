"""Originals: files that are no plain text, recognised by their content, and what is known of their text."""

import hashlib
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from importlib.metadata import version
from types import ModuleType

from packpress.problems import CannotRunError

# No edition carries this folder.
ORIGINALS = "data/originals"
MOST_SHOWN = 60

TEXT, PAGE, ARCHIVE, PDF = "text", "saved page", "saved page in one file", "PDF"
NBIB, RECORD_XML, RECORD_JSON = "record in NBIB", "record in XML", "record in JSON"
ARTICLE = "article in JATS"
RIS, BIBTEX = "RIS", "BibTeX"
SUFFIXES = {
    PAGE: "html",
    ARCHIVE: "mhtml",
    PDF: "pdf",
    NBIB: "nbib",
    RECORD_XML: "xml",
    RECORD_JSON: "json",
    ARTICLE: "xml",
}
CITATIONS = (RIS, BIBTEX)

# What begins a file of each kind; the name of a file says nothing, for browsers and mail programs change it.
_BEGINNINGS = (
    (ARCHIVE, re.compile(r"(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*?MIME-Version:", re.IGNORECASE)),
    (NBIB, re.compile(r"(?:PMID|OWN|STAT|DCOM) *- \S")),
    (RIS, re.compile(r"TY {1,2}- ?[A-Z]+")),
    (
        BIBTEX,
        re.compile(r"(?:%[^\n]*\n\s*)*@(?:comment|preamble|string|[a-z]+)\s*[{(][^@]*?=", re.IGNORECASE),
    ),
    (RECORD_JSON, re.compile(r'\{\s*"(?:version|hitCount|resultList|result|request)"')),
)
_PAGE = re.compile(r"(?:\s|<!--.*?-->|<\?xml[^>]*>)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
_XML = re.compile(r"(?:\s|<!--.*?-->)*<(?:\?xml|!doctype|pubmed\w*|responsewrapper)\b", re.I | re.S)

# The first element of an article, or of what PMC wraps it in.
_ARTICLE = re.compile(
    r"(?:\s|<!--.*?-->|<\?.*?\?>|<!doctype\s+article\b[^>]*>)*"
    r"<(?:pmc-articleset\b|OAI-PMH\b|article\b[^>]*(?:article-type|dtd-version|xmlns))",
    re.I | re.S,
)


def recognise_kind(data: bytes) -> str:
    """The kind of a file, told by what it contains; TEXT when it is of none of the known kinds.

    >>> recognise_kind(b"%PDF-1.4 all in ASCII"), recognise_kind(b"TY  - JOUR"), recognise_kind(b"Pain")
    ('PDF', 'RIS', 'text')
    """
    if b"%PDF-" in data[:1024] and not data.lstrip()[:1].isalnum():
        return PDF
    # Enough to tell; markup and tags are ASCII in every encoding but UTF-16 and UTF-32.
    text = data[:4096].replace(b"\0", b"").decode("latin-1").lstrip("ÿþï»¿ \t\r\n").replace("\r\n", "\n")
    if _PAGE.match(text):
        return PAGE
    if _ARTICLE.match(text):
        return ARTICLE
    if _XML.match(text):
        return RECORD_XML
    return next((kind for kind, pattern in _BEGINNINGS if pattern.match(text)), TEXT)


@dataclass(frozen=True)
class ExtractedText:
    """The text of an original, what was kept and left out, and what the original says of itself.

    - `cells`: values for the row of the source.
    - `extractor`: the name and version of what read the original.
    """

    text: str
    extractor: str
    kept: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    cells: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Original:
    """An original as it is kept: its bytes, its kind, and what read it."""

    data: bytes
    kind: str
    extractor: str

    def path(self, source_id: str) -> str:
        """Where it is kept."""
        return f"{ORIGINALS}/{source_id}.{SUFFIXES[self.kind]}"

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of its bytes."""
        return hashlib.sha256(self.data).hexdigest()


def import_reader(module: str, distribution: str, kind: str) -> ModuleType:
    """The module of a reader; CannotRunError when the package that holds it is not installed."""
    # What readers log of odd files is no message for curators.
    logging.getLogger(module.partition(".")[0]).setLevel(logging.CRITICAL)
    try:
        return import_module(module)
    except ImportError:
        message = f"{distribution} is not installed, which reads files of kind {kind}; run make install"
        raise CannotRunError(message) from None


def name_extractor(distribution: str) -> str:
    """The name and the version of an installed reader.

    >>> name_extractor("click").split()[0]
    'click'
    """
    return f"{distribution} {version(distribution)}"


def state_rights(who: str, owner: str) -> str:
    """The cell of rights for what a page or a record states of its owner.

    >>> state_rights("page", "© 2024 Harp Guild.")[:40]
    'The page states "© 2024 Harp Guild"; quo'
    """
    words = " ".join(owner.split()).strip(" .")
    return (
        f'The {who} states "{words}"; quoted here for review and not covered by the licence of this project.'
    )


def shorten_text(text: str) -> str:
    """The beginning of a text on one line, as summaries show it.

    >>> shorten_text("Home \\n About us")
    '"Home About us"'
    """
    line = " ".join(text.split())
    return f'"{line}"' if len(line) <= MOST_SHOWN else f'"{line[: MOST_SHOWN - 1].rstrip()}…"'


def count_of(number: int, singular: str, plural: str = "") -> str:
    """A number with its noun.

    >>> count_of(1, "table"), count_of(2, "picture")
    ('1 table', '2 pictures')
    """
    return f"{number} {singular if number == 1 else plural or singular + 's'}"
