"""Reload: a build that is replaced while it is served is noticed, and the site opened anew over it.

What the site knows of a build, sums and copies of answers among it, never outlives the files that it was read
from: before each request these are looked at, and whoever asks while the site is opened waits for it.
"""

import asyncio
import os
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datasette.app import Datasette

from packpress.console import is_out_of_memory
from packpress.problems import CannotRunError
from packpress.web.error_pages import refuse
from packpress.web.security_headers import App, add_headers

# Between the two renames by which a build takes the place of another there is none for a moment.
MOMENT = 0.2
OUT_OF_MEMORY = "out of memory; serve this where there is more"

# Name, number, size and time of each file.
Identity = tuple[tuple[str, int, int, int], ...]


@dataclass
class OpenSite:
    """A site over the build as it was when it was opened."""

    datasette: Datasette
    app: App
    # Requests that it is answering.
    running: int = 0

    async def close(self) -> None:
        """Lets go of its threads and of its files, which may be gone from their folder already."""
        if self.datasette.executor:
            await asyncio.to_thread(self.datasette.executor.shutdown)
        for database in self.datasette.databases.values():
            database.close()


@dataclass
class ReloadingApp:
    """The application over whatever build is in a folder; `open_site` opens the one that is there now."""

    folder: Path
    open_site: Callable[[], Datasette]
    site: OpenSite | None = None
    # Of the build that was opened last, or could not be.
    identity: Identity = ()
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    closing: set[asyncio.Task[None]] = field(default_factory=set)

    async def open(self) -> Datasette:
        """Opens the site, ready for its first request; CannotRunError when the build cannot be served."""
        before = self.site
        # Taken first: if the build changes while it is read, the next request finds it changed.
        self.identity, self.site = identify_build(self.folder), None
        try:
            datasette = await asyncio.to_thread(self.open_site)
            site = OpenSite(datasette, datasette.app())
            await start_app(site.app)
        except sqlite3.Error as error:
            raise CannotRunError(f"{self.folder}: cannot be read: {error}; build the package anew") from None
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            raise CannotRunError(OUT_OF_MEMORY) from None
        finally:
            if before and not before.running:
                self._close(before)
        self.site = site
        return datasette

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answers a request by the build that is there when it comes."""
        site = await self._find_site()
        if not site:
            words = "The data of this site are being replaced; ask again in a moment"
            await add_headers(_refuse_all(words))(scope, receive, send)
            return
        site.running += 1
        try:
            await site.app(scope, receive, send)
        finally:
            site.running -= 1
            if site is not self.site and not site.running:
                self._close(site)

    async def _find_site(self) -> OpenSite | None:
        if identify_build(self.folder) != self.identity:
            async with self.lock:
                if not identify_build(self.folder):
                    await asyncio.sleep(MOMENT)
                if identify_build(self.folder) != self.identity:
                    await self._reopen()
        elif self.lock.locked():
            async with self.lock:
                pass
        return self.site

    async def _reopen(self) -> None:
        try:
            await self.open()
        except CannotRunError as error:
            print(f"{error} (until then nothing is served)", file=sys.stderr)
        else:
            print(f"{self.folder}: has changed, and is served as it is now", file=sys.stderr)

    def _close(self, site: OpenSite) -> None:
        task = asyncio.create_task(site.close())
        self.closing.add(task)
        task.add_done_callback(self.closing.discard)


def identify_build(folder: Path) -> Identity:
    """What tells the build in a folder from any other that takes its place; empty when there is none."""
    try:
        with os.scandir(folder) as entries:
            # What begins with a dot is none of the build, such as the lock of another that is being made.
            found = [(entry.name, entry.stat()) for entry in entries if not entry.name.startswith(".")]
    except OSError:
        return ()
    return tuple(sorted((name, stat.st_ino, stat.st_size, stat.st_mtime_ns) for name, stat in found))


async def start_app(app: App) -> None:
    """Lets the application get ready for requests, as a server does that begins; it has nothing to end."""
    events = iter(("lifespan.startup", "lifespan.shutdown"))

    async def receive() -> dict[str, Any]:
        return {"type": next(events)}

    async def send(message: dict[str, Any]) -> None:
        """Nobody listens."""

    await app({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send)


def _refuse_all(words: str) -> App:
    async def answer(scope: Any, receive: Any, send: Any) -> None:
        await refuse(send, "/", 503, words, **{"retry-after": "2"})

    return answer
