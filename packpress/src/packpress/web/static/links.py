"""Links: where a page says what it leads to, and how that is said without a server."""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from posixpath import dirname, relpath
from urllib.parse import quote

# How a page in this process calls the machine that it is served by.
ORIGIN = "http://localhost"
INDEX = "index.html"
# A start tag; what stands in a script belongs to its tag, for it is no HTML.
INSIDE = r"""(?:[^"'>]|"[^"]*"|'[^']*')*>"""
TAG = re.compile(
    rf"(?P<tag><(?:script\b{INSIDE}(?=(?P<script>))|[a-z]{INSIDE}))(?(script).*?</script>)", re.DOTALL
)
ATTRIBUTE = re.compile(r'\s(?:href|src|action)="([^"]*)"')


@dataclass(frozen=True)
class Link:
    """An address in the text of a page: where it stands, and what it is."""

    start: int
    end: int
    address: str


def find_links(text: str) -> list[Link]:
    """Every address that an element of the page leads to or loads, in their order."""
    return [
        Link(match.start(1), match.end(1), html.unescape(match[1]))
        for tag in TAG.finditer(text)
        for match in ATTRIBUTE.finditer(text, tag.start(), tag.end("tag"))
    ]


def find_origins(text: str, origins: tuple[str, ...]) -> list[Link]:
    """Every whole string that is an address beginning with an origin, in JSON or XML."""
    pattern = "|".join(map(re.escape, origins))
    return [
        Link(match.start(1), match.end(1), html.unescape(match[1]))
        for match in re.finditer(rf'(?<=[">])((?:{pattern})(?:/[^"<\s]*)?)(?=["<])', text)
    ]


def replace_links(text: str, new: Mapping[Link, str]) -> str:
    """The text with new addresses in the places of the links; all others stay."""
    pieces, place = [], 0
    for link in sorted(new, key=lambda link: link.start):
        pieces += [text[place : link.start], html.escape(new[link])]
        place = link.end
    return "".join([*pieces, text[place:]])


def relative_to(page: str) -> Callable[[str], str]:
    """How a page, by the path of its file in the folder, calls another file there."""
    return lambda file: _call(relpath(file, dirname(page) or "."))


def below(root: str) -> Callable[[str], str]:
    """How a file in the folder is called where the folder stands at an address that ends with a slash."""
    return lambda file: root + _call(file).removeprefix("./")


def _call(path: str) -> str:
    # Folders are called by their own name, for hosts show the index in them.
    if path == INDEX or path.endswith(f"/{INDEX}"):
        path = path.removesuffix(INDEX) or "./"
    return quote(path, safe="/=,~@+")
