"""The server: uvicorn, with time limits for clients, and priority for those that are not slow."""

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

# The memory limit of SQLite in this process, in bytes; beyond it a statement fails, and the server goes on.
SQLITE_BYTES = 100_000_000
# How long running requests may take once the server is told to stop, in seconds.
GRACE_SECONDS = 10


def serve_build(
    folder: Path,
    address: tuple[str, int],
    profile: Profile,
    origin: str,
    say: Callable[[str], None],
) -> None:
    """Serves the build in a folder until a signal arrives; `say` is called with the address.

    - `address`: host and port.
    - `origin`: the public address of the site, if it has one.

    When the build in the folder is replaced, the new one is served from then on. Raises CannotRunError when
    there is no build in the folder, or when the port is taken.
    """
    host, port = address
    recover(folder)
    require_free_port(host, port)
    # Coroutines that Datasette creates but never awaits, because a time limit was reached, are no fault.
    warnings.filterwarnings("ignore", message="coroutine .* was never awaited", category=RuntimeWarning)
    app = ReloadingApp(folder, lambda: open_site(read_build(folder), profile, origin))

    async def run() -> None:
        site = await app.open()
        # For the whole process, and permanent: the limit can only be lowered.
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.execute(f"pragma hard_heap_limit = {SQLITE_BYTES}")
        title = " ".join(filter(None, map(site.metadata, ("title", "version"))))
        say(f"Serving {title} on http://{host}:{port}{site.setting('base_url')} (Ctrl-C stops)")
        await make_server(app, host, port, profile).serve()

    with suppress(KeyboardInterrupt):
        asyncio.run(run())


def require_free_port(host: str, port: int) -> None:
    """Raises CannotRunError when another program listens on the port."""
    try:
        (family, kind, protocol, _, address), *_ = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise CannotRunError(f"host {host}: {error.strerror}; use an address of this machine") from None
    with socket.socket(family, kind, protocol) as probe:
        # As the server will: a port whose last connection is just closing counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise CannotRunError(f"port {port}: {error.strerror}; choose another with --port") from None


def make_server(app: Any, host: str, port: int, profile: Profile) -> uvicorn.Server:
    """The server; after a signal it accepts no more connections and finishes running requests."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=make_protocol(profile),
        ws="none",
        # The application is started beforehand.
        lifespan="off",
        # The access log is our own, without visitors' addresses; and the Server header would only help
        # attackers.
        log_level="error",
        access_log=False,
        server_header=False,
        # Forwarded headers are evaluated by our own code.
        proxy_headers=False,
        limit_concurrency=profile.connections,
        h11_max_incomplete_event_size=profile.head_bytes,
        timeout_keep_alive=profile.timeout_seconds,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return uvicorn.Server(config)


def make_protocol(profile: Profile) -> type[H11Protocol]:
    """The HTTP protocol class for one server, with the time limits of its profile."""
    return type("Protocol", (TimedProtocol,), {"profile": profile, "waiting": {}})


class TimedProtocol(H11Protocol):
    """HTTP as uvicorn implements it, with time limits; uvicorn itself waits for slow clients forever.

    An instance is one connection. Clients that are too slow to send or to receive lose it, the slowest first
    when connections run short.
    """

    profile: Profile
    # All connections on which a request is expected, longest wait first.
    waiting: dict["TimedProtocol", None]
    clock: asyncio.TimerHandle | None = None
    stall: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Starts the time limit for the first request of a new connection."""
        super().connection_made(transport)
        self.await_request()

    def await_request(self) -> None:
        """Starts the time limit for a complete request, however many packets it arrives in."""
        self.stop_waiting()
        self.clock = self.loop.call_later(self.profile.timeout_seconds, self.transport.abort)
        self.waiting[self] = None
        if len(self.waiting) > self.profile.connections // 2:
            slowest = next(iter(self.waiting))
            slowest.stop_waiting()
            slowest.transport.abort()

    def stop_waiting(self) -> None:
        """Stops the time limit."""
        self.waiting.pop(self, None)
        if self.clock:
            self.clock.cancel()

    def data_received(self, data: bytes) -> None:
        """Handles a part of a request, perhaps the last."""
        super().data_received(data)
        # Once a request is complete, the client has done its part, even if it sends more.
        if self.cycle and not self.cycle.more_body and not self.cycle.response_complete:
            self.stop_waiting()

    def on_response_complete(self) -> None:
        """Starts the time limit for the next request, if the connection stays open."""
        super().on_response_complete()
        if not self.transport.is_closing() and (not self.cycle or self.cycle.response_complete):
            self.await_request()

    def pause_writing(self) -> None:
        """Starts the time limit for a client that does not receive what is sent."""
        super().pause_writing()
        self.stall = self.loop.call_later(self.profile.timeout_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Stops the time limit when the client receives again."""
        super().resume_writing()
        if self.stall:
            self.stall.cancel()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops all time limits of a closed connection."""
        self.stop_waiting()
        if self.stall:
            self.stall.cancel()
        super().connection_lost(exc)
