"""The site over a build, walked in this process from link to link."""

import asyncio
import hashlib
import re
from collections import Counter, deque
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urldefrag, urljoin, urlsplit

from httpx import Response
from packpress.publish.site_file import ServedBuild, read_build
from packpress.web.profiles import PROFILES
from packpress.web.site import open_site

from invented.profiles import be_patient

T = TypeVar("T")

ORIGIN = "http://localhost"
VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
# What packpress writes; any other element or attribute was written by somebody else.
ELEMENTS = VOID - {"base", "embed", "img"} | frozenset(
    [
        "a",
        "aside",
        "b",
        "body",
        "button",
        "code",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "em",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "head",
        "header",
        "html",
        "label",
        "li",
        "main",
        "nav",
        "noscript",
        "ol",
        "option",
        "p",
        "pre",
        "script",
        "section",
        "select",
        "span",
        "strong",
        "summary",
        "table",
        "tbody",
        "td",
        "template",
        "textarea",
        "th",
        "thead",
        "title",
        "tr",
        "ul",
    ]
)
# Of addresses that differ in the values of their arguments, so many are asked for.
MOST_ALIKE = 30
ATTRIBUTES_OF_LINKS = ("href", "src", "action")


class Page(HTMLParser):
    """A page, read strictly: AssertionError when its elements do not close one another, or are not ours."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.scripts: list[str] = []
        self.texts: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == [], f"left open: {self._open}"
        assert self.texts.get("title", "").strip(" –"), "no title"
        assert self.texts.get("h1", "").strip(), "no heading"
        assert len(self.ids) == len({*self.ids}), f"twice: {[i for i in self.ids if self.ids.count(i) > 1]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ELEMENTS, f"<{tag}> is none of ours"
        for name, value in attrs:
            assert re.fullmatch(r"[a-z-]+", name) and not name.startswith("on") and name != "style", name
            if name in ATTRIBUTES_OF_LINKS:
                self.links.append(value or "")
            if name == "id":
                self.ids.append(value or "")
        if tag == "script":
            kinds = dict(attrs)
            is_data = kinds.get("type") in ("application/ld+json", "application/json")
            assert is_data or (kinds.get("type") == "module" and kinds.get("src")), attrs
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open and self._open[-1] == tag, f"</{tag}> closes {self._open[-1:]}"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open:
            tag = self._open[-1]
            self.texts[tag] = self.texts.get(tag, "") + data
            if tag == "script" and data.strip():
                self.scripts.append(data)

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"<![{data}")


def wait_for(answer: Coroutine[Any, Any, T]) -> T:
    """What a coroutine returns; in a thread, because Playwright keeps a loop running in that of the tests."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, answer).result()


@dataclass
class Site:
    """The site over a build in one profile."""

    build: Path
    profile: str = "local"
    served: ServedBuild = field(init=False)

    def __post_init__(self) -> None:
        self.served = read_build(self.build)
        self.datasette = open_site(self.served, be_patient(PROFILES[self.profile]))

    @property
    def database(self) -> str:
        """The address of the database."""
        return str(self.datasette.urls.database(self.datasette.get_database().name))

    async def fetch(self, address: str) -> Response:
        """The answer to an address of the site; AssertionError when anything is printed meanwhile."""
        printed = StringIO()
        with redirect_stderr(printed):
            answer = await self.datasette.client.get(address)
        assert printed.getvalue() == "", f"{address}: {printed.getvalue()}"
        return answer

    def get(self, address: str) -> Response:
        """The answer to one address."""
        return wait_for(self.fetch(address))

    def walk(self, *starts: str) -> dict[str, Response]:
        """The answer to each address that is linked, from the home page on."""
        with redirect_stdout(StringIO()):
            return wait_for(self._walk(starts))

    async def _walk(self, starts: tuple[str, ...]) -> dict[str, Response]:
        found: dict[str, Response] = {}
        waiting = deque(["/", *starts])
        asked: Counter[tuple[str, ...]] = Counter()
        while waiting:
            address = waiting.popleft()
            if address in found:
                continue
            parts = urlsplit(address)
            kind = (parts.path, *sorted({name for name, _ in parse_qsl(parts.query)}))
            asked[kind] += 1
            if asked[kind] > MOST_ALIKE:
                continue
            answer = found[address] = await self.fetch(address)
            links = list(find_links(address, answer))
            # Filters of filters, and orders of those, have no end.
            waiting += [link for link in links if not parts.query or is_ending(link)]
        return found


def is_ending(link: str) -> bool:
    """Whether an address has no arguments, or is that of a file, which leads nowhere."""
    parts = urlsplit(link)
    return not parts.query or parts.path.endswith((".csv", ".json", ".parquet"))


def find_links(address: str, answer: Response) -> Iterator[str]:
    """The addresses of the site that an answer leads to, without their fragments."""
    if answer.status_code in (301, 302):
        yield from _stay(address, answer.headers["location"])
    elif answer.headers.get("content-type", "").startswith("text/html"):
        for link in Page(answer.text).links:
            yield from _stay(address, link)


def _stay(address: str, link: str) -> Iterator[str]:
    url = urldefrag(urljoin(ORIGIN + address, link)).url
    scheme = urlsplit(url).scheme
    assert scheme in ("http", "https"), f"{address} leads to {link}"
    if url.startswith(f"{ORIGIN}/"):
        yield url.removeprefix(ORIGIN)


def list_sums(folder: Path) -> dict[str, str]:
    """Every file below a folder with the sum of its bytes; folders too."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        if path.is_file()
        else ""
        for path in sorted(folder.rglob("*"))
    }


def list_dead_links(folder: Path, root: str) -> list[str]:
    """The links of the pages in a folder that lead to no file or no place of it, or away from below it."""
    ids = {file: Page(file.read_text(encoding="utf-8")) for file in folder.rglob("*.html")}
    dead = []
    for file, page in ids.items():
        for link in page.links:
            if re.match(r"https?://", link):
                continue
            path, _, place = link.partition("#")
            path = unquote(path.partition("?")[0])
            if file.name == "404.html" and path.startswith(root):
                target = folder / path.removeprefix(root)
            else:
                target = (file.parent / path).resolve() if path else file
            target = target / "index.html" if target.is_dir() else target
            is_dead = path.startswith("/") and file.name != "404.html"
            if is_dead or not target.is_file() or not target.resolve().is_relative_to(folder.resolve()):
                dead.append(f"{file.relative_to(folder)}: {link}")
            elif place and target in ids and unquote(place) not in ids[target].ids:
                dead.append(f"{file.relative_to(folder)}: {link} (no such place)")
    return dead
