"""Links: where a page says what it leads to, and how that is said without a server."""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from posixpath import dirname, relpath
from urllib.parse import quote

# How a page in this process calls the machine that it is served by.
ORIGIN = "http://localhost"
INDEX = "index.html"
ATTRIBUTE = re.compile(r'\s(?:href|src|action)="([^"]*)"')


@dataclass(frozen=True)
class Link:
    """An address in the text of a page: where it stands, and what it is."""

    start: int
    end: int
    address: str


def find_links(text: str) -> list[Link]:
    """Every address that an element of the page leads to or loads, in their order."""
    finder = _Finder(text)
    finder.feed(text)
    finder.close()
    return finder.found


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
    """How a page, by the path of its file in the folder, calls another file there; folders by their own name."""
    return lambda file: _call(relpath(file, dirname(page) or "."))


def below(root: str) -> Callable[[str], str]:
    """How a file in the folder is called where the folder stands at an address that ends with a slash."""
    return lambda file: root + _call(file).removeprefix("./")


def _call(path: str) -> str:
    # Folders are called by their own name, for hosts show the index in them.
    if path == INDEX or path.endswith(f"/{INDEX}"):
        path = path.removesuffix(INDEX) or "./"
    return quote(path, safe="/=,~@+")


class _Finder(HTMLParser):
    """Collects the addresses in the start tags; what stands in scripts is no tag."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[Link] = []
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line, column = self.getpos()
        begin = self._lines[line - 1] + column
        for match in ATTRIBUTE.finditer(self.get_starttag_text() or ""):
            self.found.append(Link(begin + match.start(1), begin + match.end(1), html.unescape(match[1])))
