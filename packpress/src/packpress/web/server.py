"""The server: uvicorn, which here also has an eye on the clock and room for whoever is not slow."""

import asyncio
import socket
import sqlite3
import warnings
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from packpress.problems import CannotRunError
from packpress.publish.build import recover
from packpress.publish.site_file import read_build
from packpress.web.profiles import Profile
from packpress.web.serving.reload import ReloadingApp
from packpress.web.site import open_site

# All that SQLite may take in this process; beyond it a statement fails and the server goes on.
SQLITE_BYTES = 100_000_000
# Running requests have so long to end once the server is told to stop.
GRACE_SECONDS = 10


def serve_build(
    folder: Path,
    address: tuple[str, int],
    profile: Profile,
    origin: str,
    say: Callable[[str], None],
) -> None:
    """Serves the build in a folder on a host and a port until a signal; `say` is told where.

    `origin` is where people find the site, if that is elsewhere. A build that takes the place of the one in
    the folder is served from then on. CannotRunError when there is no such build, or somebody listens on the
    port.
    """
    host, port = address
    recover(folder)
    require_free_port(host, port)
    # What Datasette prepares and then does not ask for, because a visitor's time was up, is no fault.
    warnings.filterwarnings("ignore", message="coroutine .* was never awaited", category=RuntimeWarning)
    app = ReloadingApp(folder, lambda: open_site(read_build(folder), profile, origin))

    async def run() -> None:
        site = await app.open()
        # Of the whole process, and for good: it can only be lowered.
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.execute(f"pragma hard_heap_limit = {SQLITE_BYTES}")
        title = " ".join(filter(None, map(site.metadata, ("title", "version"))))
        say(f"Serving {title} on http://{host}:{port}{site.setting('base_url')} (Ctrl-C stops)")
        await make_server(app, host, port, profile).serve()

    with suppress(KeyboardInterrupt):
        asyncio.run(run())


def require_free_port(host: str, port: int) -> None:
    """Nobody listens on the port; CannotRunError otherwise."""
    try:
        (family, kind, protocol, _, address), *_ = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise CannotRunError(f"host {host}: {error.strerror}; name an address of this machine") from None
    with socket.socket(family, kind, protocol) as probe:
        # As the server itself will: a port in the last moments of a closed connection is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise CannotRunError(f"port {port}: {error.strerror}; choose another with --port") from None


def make_server(app: Any, host: str, port: int, profile: Profile) -> uvicorn.Server:
    """The server: after a signal no connection is taken any more, and running requests are answered."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=make_protocol(profile),
        ws="none",
        # The application is ready before.
        lifespan="off",
        # Our own log, which tells no address of a visitor; and what this server is, is nobody's concern.
        log_level="error",
        access_log=False,
        server_header=False,
        # Who forwards a request is not asked who it is from.
        proxy_headers=False,
        limit_concurrency=profile.connections,
        h11_max_incomplete_event_size=profile.head_bytes,
        timeout_keep_alive=profile.timeout_seconds,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return uvicorn.Server(config)


def make_protocol(profile: Profile) -> type[H11Protocol]:
    """HTTP for one server, with the time limits of its profile."""
    return type("Protocol", (TimedProtocol,), {"profile": profile, "waiting": {}})


class TimedProtocol(H11Protocol):
    """HTTP as uvicorn speaks it, to clients that keep up; uvicorn itself waits for a slow one for ever.

    An object is one connection: who is slow to ask or to listen loses it, the slowest first when room is
    short.
    """

    profile: Profile
    # All connections from which a request is expected, in the order in which they began to wait.
    waiting: dict["TimedProtocol", None]
    clock: asyncio.TimerHandle | None = None
    stall: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection begins, and with it the wait for its first request."""
        super().connection_made(transport)
        self.await_request()

    def await_request(self) -> None:
        """From now the whole request must arrive in time, however many pieces it comes in."""
        self.stop_waiting()
        self.clock = self.loop.call_later(self.profile.timeout_seconds, self.transport.abort)
        self.waiting[self] = None
        if len(self.waiting) > self.profile.connections // 2:
            slowest = next(iter(self.waiting))
            slowest.stop_waiting()
            slowest.transport.abort()

    def stop_waiting(self) -> None:
        """Nothing is expected of the client."""
        self.waiting.pop(self, None)
        if self.clock:
            self.clock.cancel()

    def data_received(self, data: bytes) -> None:
        """Part of a request has arrived, perhaps the last."""
        super().data_received(data)
        # A request that has been read whole is ours to answer, whatever comes behind it.
        if self.cycle and not self.cycle.more_body and not self.cycle.response_complete:
            self.stop_waiting()

    def on_response_complete(self) -> None:
        """An answer is sent; the next request is expected, if the connection stays open."""
        super().on_response_complete()
        if not self.transport.is_closing() and (not self.cycle or self.cycle.response_complete):
            self.await_request()

    def pause_writing(self) -> None:
        """The client does not take what is sent; the wait for it begins."""
        super().pause_writing()
        self.stall = self.loop.call_later(self.profile.timeout_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """The client takes what is sent again."""
        super().resume_writing()
        if self.stall:
            self.stall.cancel()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone, and nobody waits for it."""
        self.stop_waiting()
        if self.stall:
            self.stall.cancel()
        super().connection_lost(exc)
