"""Pages: the site walked from link to link, each page written with links to the files of the folder."""

from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urldefrag, urljoin

from packpress.console import Step
from packpress.problems import CannotRunError
from packpress.web.static.links import ORIGIN, below, find_links, find_origins, relative_to, replace_links
from packpress.web.static.site import Site

# Kinds of answers that may hold addresses of the site itself.
TEXTS = ("text/html", "application/json", "application/xml")
LOST = "/404"


@dataclass(frozen=True)
class Target:
    """Where a link leads: a file of the folder, the address of what it holds, what follows it in the link.

    A file without such an address is there already.
    """

    file: str
    address: str = ""
    query: str = ""


class NowhereError(Exception):
    """An address that stands for nothing."""


Find = Callable[[str], Awaitable[Target]]
Call = Callable[[str], str]


class Writer:
    """Writes the pages of a site into a folder; `find` says what becomes of each address."""

    def __init__(self, site: Site, find: Find, folder: Path, root: str) -> None:
        self.site = site
        self.find = find
        self.folder = folder
        self.root = root
        self.targets: dict[str, Target] = {}
        self.waiting: deque[Target] = deque()
        self.expected: set[str] = set()

    async def write_all(self, addresses: Iterable[str], step: Step) -> None:
        """Writes what stands at the addresses, all that they lead to, and the page of what is not found.

        CannotRunError when a link leads nowhere.
        """
        for address in addresses:
            await self._find(address)
        while self.waiting:
            done = len(self.expected) - len(self.waiting)
            step(f"writing pages: {done:,} of {len(self.expected):,} that are known so far")
            target = self.waiting.popleft()
            content = await self.read(target.address, relative_to(target.file))
            file = self.folder / target.file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        # A host shows this page at any address, so its links cannot begin from its own.
        lost = await self.read(LOST, below(self.root), status=404)
        (self.folder / "404.html").write_bytes(lost)

    async def read(self, address: str, call: Call, status: int = 200) -> bytes:
        """The content of an address, its links changed into what `call` makes of the files they lead to."""
        answer = await self.site.fetch(address, status)
        if not answer.kind.startswith(TEXTS):
            return answer.content
        links = find_origins(answer.text, self._origins)
        if answer.kind.startswith("text/html"):
            links += find_links(answer.text)
        try:
            new = {link: await self._move(link.address, address, call) for link in links}
        except NowhereError as error:
            raise CannotRunError(f"{address}: leads to {error.args[0]}, for which there is no page") from None
        return replace_links(answer.text, new).encode("utf-8")

    async def _move(self, link: str, address: str, call: Call) -> str:
        url, fragment = urldefrag(urljoin(ORIGIN + address, link))
        origin = next((origin for origin in self._origins if _is_below(url, origin)), None)
        if origin is None or link.startswith("#"):
            return link
        try:
            target = await self._find(url.removeprefix(origin) or "/")
        except NowhereError:
            # A host may have more below the address of the site than the site, its repository for one.
            if origin == self.site.homepage:
                return link
            raise
        # What says where the site is at home goes on saying so.
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
