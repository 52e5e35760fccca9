"""Reload: when the build is replaced while it is served, the site is reopened over the new one.

Nothing that the site knows about a build, such as checksums and cached responses, outlives its files: they
are checked before each request, and requests wait while the site is reopened.
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

# Between the two renames that replace a build, there is none for a moment.
MOMENT = 0.2
OUT_OF_MEMORY = "out of memory; serve this on a machine with more"

# Name, inode, size and modification time of each file.
Identity = tuple[tuple[str, int, int, int], ...]


@dataclass
class OpenSite:
    """A site over the build as it was when the site was opened."""

    datasette: Datasette
    app: App
    # The number of requests being handled.
    running: int = 0

    async def close(self) -> None:
        """Releases its threads and its files, which may already have been removed."""
        if self.datasette.executor:
            await asyncio.to_thread(self.datasette.executor.shutdown)
        for database in self.datasette.databases.values():
            database.close()


@dataclass
class ReloadingApp:
    """The application over the current build in a folder; `open_site` opens it."""

    folder: Path
    open_site: Callable[[], Datasette]
    site: OpenSite | None = None
    # Identifies the build that was opened last, or could not be opened.
    identity: Identity = ()
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    closing: set[asyncio.Task[None]] = field(default_factory=set)

    async def open(self) -> Datasette:
        """Opens the site, ready for its first request; CannotRunError when the build cannot be served."""
        before = self.site
        # Taken first: if the build changes while it is read, the next request notices.
        self.identity, self.site = identify_build(self.folder), None
        try:
            datasette = await asyncio.to_thread(self.open_site)
            site = OpenSite(datasette, datasette.app())
            await start_app(site.app)
        except sqlite3.Error as error:
            raise CannotRunError(f"{self.folder}: cannot be read: {error}; rebuild the package") from None
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
        """Handles a request with the build that exists when the request arrives."""
        site = await self._find_site()
        if not site:
            words = "The data of this site are being replaced; try again in a moment"
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
            print(f"{self.folder}: has changed; the new version is served", file=sys.stderr)

    def _close(self, site: OpenSite) -> None:
        task = asyncio.create_task(site.close())
        self.closing.add(task)
        task.add_done_callback(self.closing.discard)


def identify_build(folder: Path) -> Identity:
    """Identifies the build in a folder; empty when there is none."""
    try:
        with os.scandir(folder) as entries:
            # Names that begin with a dot are not part of the build, such as the lock of one in progress.
            found = [(entry.name, entry.stat()) for entry in entries if not entry.name.startswith(".")]
    except OSError:
        return ()
    return tuple(sorted((name, stat.st_ino, stat.st_size, stat.st_mtime_ns) for name, stat in found))


async def start_app(app: App) -> None:
    """Starts an application as a server would; it needs no shutdown."""
    events = iter(("lifespan.startup", "lifespan.shutdown"))

    async def receive() -> dict[str, Any]:
        return {"type": next(events)}

    async def send(message: dict[str, Any]) -> None:
        """Ignores the message."""

    await app({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send)


def _refuse_all(words: str) -> App:
    async def answer(scope: Any, receive: Any, send: Any) -> None:
        await refuse(send, "/", 503, words, **{"retry-after": "2"})

    return answer
