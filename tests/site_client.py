"""What the tests of the site share: the real pages over a build, asked in this process."""

import asyncio
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, TypeVar

from httpx import Response
from packpress.package.dictionary import read_views
from packpress.publish.site_file import ServedBuild, read_texts
from packpress.web.profiles import PROFILES
from packpress.web.site import drop_traps, open_site

from invented.profiles import be_patient
from packpress import Package

T = TypeVar("T")

# What every page says that counts claims or sources.
NOT_VOTES = re.compile(r"\btexts are not studies\b")

VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)


def wait_for(answer: Coroutine[Any, Any, T]) -> T:
    """What a coroutine returns; run in a thread, because Playwright keeps a loop running in the one of the tests."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, answer).result()


class Site:
    """The site over one build; `get` asks for a page."""

    def __init__(
        self,
        root: Path,
        package: Package,
        build: Path,
        profile: str = "local",
        origin: str = "",
        change: Any = None,
    ) -> None:
        views, queries = (tuple(read_views(root / "sql" / name)) for name in ("views", "queries"))
        texts = read_texts(package.root, package.texts)
        served = ServedBuild(build, package, views, queries, texts, str(package.raw["validation"]["rules"]))
        self.database = f"/{package.database_name}"
        self.datasette = open_site(served, be_patient(PROFILES[profile]), origin)
        # What Datasette is told, before it has asked for anything.
        self.metadata = self.datasette._metadata_local
        if change:
            told = {name: value for name, value in self.metadata.items() if name != "plugins"}
            self.metadata.update(drop_traps(change(told)))

    def get(self, path: str, **options: Any) -> Response:
        return wait_for(self.datasette.client.get(path, **options))

    def rows(self, path: str) -> list[dict[str, Any]]:
        """The rows of a table, a view or a query, without our own way of showing them."""
        joint = "&" if "?" in path else "?"
        return self.get(f"{self.database}/{path}{joint}_shape=array&_size=max").json()

    def page(self, path: str, status: int = 200) -> "Page":
        answer = self.get(path)
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text[:200]}"
        return Page(answer.text)


@contextmanager
def serve_build(build: Path, *words: str) -> Iterator[str]:
    """Address of the site over a build, served by our own command on a port of its own."""
    with start_server(build, *words) as server:
        yield server.address


def find_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@dataclass
class Server:
    """Our own command, running: its address, its process, and the file that it prints into."""

    address: str
    process: subprocess.Popen[bytes]
    log: Any

    def read_log(self) -> str:
        """What it has printed so far."""
        self.log.seek(0)
        return str(self.log.read())


@contextmanager
def start_server(build: Path, *words: str, cwd: Path = Path(__file__).parents[1]) -> Iterator[Server]:
    """Our own command over a build, with further words, until it is no longer needed."""
    port = find_port()
    line = [sys.executable, "-m", "packpress", "serve", str(build), "--port", str(port), *words]
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(line, cwd=cwd, stdout=log, stderr=log)
        server = Server(f"http://127.0.0.1:{port}", process, log)
        try:
            while not _is_listening(port):
                assert process.poll() is None, f"the server has stopped:\n{server.read_log()}"
                time.sleep(0.1)
            yield server
        finally:
            process.terminate()
            process.wait()


def _is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Page(HTMLParser):
    """A page as a list of elements, each with its attributes and the text inside it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self._open: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = (tag, dict(attrs), [])
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert not self._open or self._open[-1][0] == tag, f"</{tag}> closes <{self._open[-1][0]}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for _, _, texts in self._open:
            texts.append(data)

    def texts(self, tag: str = "", **wanted: str) -> list[str]:
        """The text of every element of that tag whose class list holds `class_`."""
        return ["".join(texts) for name, attrs, texts in self.elements if _fits(name, attrs, tag, wanted)]

    def attributes(self, name: str, tag: str = "", **wanted: str) -> list[str]:
        found = [attrs.get(name) for tag_, attrs, _ in self.elements if _fits(tag_, attrs, tag, wanted)]
        return [value for value in found if value is not None]


def _fits(name: str, attrs: dict[str, str | None], tag: str, wanted: dict[str, str]) -> bool:
    classes = (attrs.get("class") or "").split()
    return (not tag or name == tag) and all(word in classes for word in wanted.get("class_", "").split())
