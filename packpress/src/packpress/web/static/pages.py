"""Pages as files: the site is called in this process, and its links are made relative."""

import html
import re
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from posixpath import dirname, relpath
from urllib.parse import quote, urldefrag, urljoin

from datasette.utils import escape_sqlite

from packpress.console import Step
from packpress.problems import CannotRunError
from packpress.publish.site_file import ServedBuild, strip_header
from packpress.web.pages import load_pages
from packpress.web.profiles import Profile
from packpress.web.routes import name_database
from packpress.web.site import open_site

# The origin of the site when it is called in this process.
ORIGIN = "http://localhost"
INDEX = "index.html"
# The rest of a start tag; the contents of a script are part of its tag, because they are not HTML.
INSIDE = r"""(?:[^"'>]|"[^"]*"|'[^']*')*>"""
TAG = re.compile(
    rf"(?P<tag><(?:script\b{INSIDE}(?=(?P<script>))|[a-z]{INSIDE}))(?(script).*?</script>)", re.DOTALL
)
ATTRIBUTE = re.compile(r'\s(?:href|src|action)="([^"]*)"')


@dataclass(frozen=True)
class PageLink:
    """An address in the text of a page, and its position."""

    start: int
    end: int
    address: str


def find_links(text: str) -> list[PageLink]:
    """All addresses in attributes of a page that link or load, in order."""
    return [
        PageLink(match.start(1), match.end(1), html.unescape(match[1]))
        for tag in TAG.finditer(text)
        for match in ATTRIBUTE.finditer(text, tag.start(), tag.end("tag"))
    ]


def find_origins(text: str, origins: tuple[str, ...]) -> list[PageLink]:
    """All complete strings in JSON or XML that begin with one of the origins."""
    pattern = "|".join(map(re.escape, origins))
    return [
        PageLink(match.start(1), match.end(1), html.unescape(match[1]))
        for match in re.finditer(rf'(?<=[">])((?:{pattern})(?:/[^"<\s]*)?)(?=["<])', text)
    ]


def replace_links(text: str, new: Mapping[PageLink, str]) -> str:
    """The text with links replaced by new addresses; others stay."""
    pieces, place = [], 0
    for link in sorted(new, key=lambda link: link.start):
        pieces += [text[place : link.start], html.escape(new[link])]
        place = link.end
    return "".join([*pieces, text[place:]])


def relative_to(page: str) -> Callable[[str], str]:
    """Returns a function that gives the relative link from a page to a file of the folder."""
    return lambda file: _call(relpath(file, dirname(page) or "."))


def below(root: str) -> Callable[[str], str]:
    """Returns a function that gives the absolute link to a file, below a root that ends with a slash."""
    return lambda file: root + _call(file).removeprefix("./")


def _call(path: str) -> str:
    # The index of a folder is linked by the name of the folder.
    if path == INDEX or path.endswith(f"/{INDEX}"):
        path = path.removesuffix(INDEX) or "./"
    return quote(path, safe="/=,~@+")


# No time limit, so that slow machines produce the same pages; files have all their rows at once.
ROWS, MILLISECONDS = 1_000_000, 600_000
UNHURRIED = Profile(
    {
        "default_page_size": 50,
        "facet_time_limit_ms": MILLISECONDS,
        "max_csv_mb": 0,
        "max_returned_rows": ROWS,
        "sql_time_limit_ms": MILLISECONDS,
        "suggest_facets": False,
    },
    {"page_rows": ROWS},
)


@dataclass(frozen=True)
class FetchedPage:
    """A response of the site: its media type and content."""

    kind: str
    content: bytes

    @property
    def text(self) -> str:
        """The content as text."""
        return self.content.decode("utf-8")


class Site:
    """The site of one build, rendered as a static site; `fetch` requests an address."""

    def __init__(self, build: ServedBuild) -> None:
        self.database = name_database(build.package.database_name)
        self.file = build.database.name
        self.homepage = build.package.homepage.rstrip("/")
        self.pages = load_pages(build.extension)
        # The statement of each query, by name.
        self.queries = {query.name: strip_header(query.sql) for query in build.queries}
        self.datasette = open_site(build, UNHURRIED, is_static=True)
        self._tables: dict[str, list[str]] = {}

    async def fetch(self, address: str, status: int = 200) -> FetchedPage:
        """The response to an address; CannotRunError when its status differs."""
        answer = await self.datasette.client.get(address)
        if answer.status_code != status:
            raise CannotRunError(f"{address}: answers {answer.status_code}; correct the page linking to it")
        return FetchedPage(answer.headers.get("content-type", ""), answer.content)

    async def list_tables(self) -> dict[str, list[str]]:
        """The key columns of each table and view, by name."""
        if not self._tables:
            db = self.datasette.get_database()
            names = [*await db.table_names(), *await db.view_names()]
            self._tables = {name: list(await db.primary_keys(name)) for name in names}
        return self._tables

    async def has_row(self, table: str, keys: Sequence[str]) -> bool:
        """Whether the table has a row with this key, given as the values of the key columns."""
        names = (await self.list_tables())[table] or ["rowid"]
        wheres = " and ".join(f"{escape_sqlite(name)} = ?" for name in names)
        sql = f"select 1 from {escape_sqlite(table)} where {wheres}"
        return len(keys) == len(names) and bool((await self.datasette.get_database().execute(sql, keys)).rows)


# Media types that may contain links to the site itself.
TEXTS = ("text/html", "application/json", "application/xml")
LOST = "/404"


@dataclass(frozen=True)
class Target:
    """The target of a link: a file, the address of its contents, and the fragment after it.

    Files without an address have been copied already.
    """

    file: str
    address: str = ""
    query: str = ""


class NowhereError(Exception):
    """The address does not exist."""


Find = Callable[[str], Awaitable[Target]]
Call = Callable[[str], str]


class Writer:
    """Writes the pages of a site into a folder; `find` maps addresses to files."""

    def __init__(self, site: Site, find: Find, folder: Path, root: str) -> None:
        self.site = site
        self.find = find
        self.folder = folder
        self.root = root
        self.targets: dict[str, Target] = {}
        self.waiting: deque[Target] = deque()
        self.expected: set[str] = set()

    async def write_all(self, addresses: Iterable[str], step: Step) -> None:
        """Writes the pages at these addresses, everything they link to, and the 404 page.

        Raises CannotRunError when a link leads nowhere.
        """
        for address in addresses:
            await self._find(address)
        while self.waiting:
            done = len(self.expected) - len(self.waiting)
            step(f"writing pages: {done:,} of {len(self.expected):,} known so far")
            target = self.waiting.popleft()
            content = await self.read(target.address, relative_to(target.file))
            file = self.folder / target.file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        # A host shows this page at any address, so its links cannot be relative.
        lost = await self.read(LOST, below(self.root), status=404)
        (self.folder / "404.html").write_bytes(lost)

    async def read(self, address: str, call: Call, status: int = 200) -> bytes:
        """The content of an address, with links rewritten by `call`."""
        answer = await self.site.fetch(address, status)
        if not answer.kind.startswith(TEXTS):
            return answer.content
        links = find_origins(answer.text, self._origins)
        if answer.kind.startswith("text/html"):
            links += find_links(answer.text)
        try:
            new = {link: await self._move(link.address, address, call) for link in links}
        except NowhereError as error:
            raise CannotRunError(f"{address}: links to {error.args[0]}, which has no page") from None
        return replace_links(answer.text, new).encode("utf-8")

    async def _move(self, link: str, address: str, call: Call) -> str:
        url, fragment = urldefrag(urljoin(ORIGIN + address, link))
        origin = next((origin for origin in self._origins if _is_below(url, origin)), None)
        if origin is None or link.startswith("#"):
            return link
        try:
            target = await self._find(url.removeprefix(origin) or "/")
        except NowhereError:
            # The host may have more below the site's address than the site, such as its repository.
            if origin == self.site.homepage:
                return link
            raise
        # Links to the permanent address of the site stay as they are.
        is_lasting = self.site.homepage and _is_below(link, *self._origins)
        place = below(f"{self.site.homepage}/")(target.file) if is_lasting else call(target.file)
        return place + target.query + (f"#{fragment}" if fragment else "")

    async def _find(self, address: str) -> Target:
        if address not in self.targets:
            target = self.targets[address] = await self.find(address)
            if target.address and target.file not in self.expected:
                self.expected.add(target.file)
                self.waiting.append(target)
        return self.targets[address]

    @property
    def _origins(self) -> tuple[str, ...]:
        return (ORIGIN, self.site.homepage) if self.site.homepage else (ORIGIN,)


def _is_below(url: str, *origins: str) -> bool:
    return any(url == origin or url.startswith((f"{origin}/", f"{origin}?")) for origin in origins)
