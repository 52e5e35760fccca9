"""The response cache: complete responses in memory, because the data does not change while it is served.

A response depends on the host name, the path, the arguments, and whether it may be compressed; the request
limits remove everything else. Cached are successful responses that state their length or come in one piece:
never an error, and never a stream, whose end may still fail.
"""

import asyncio
import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from packpress.web.byte_ranges import ACCEPTED, choose_part
from packpress.web.security_headers import App

# A response may take at most this fraction of the cache, so that one file does not evict all pages.
LARGEST = 16
# Files that are answered without a body on HEAD requests anyway.
FILES = (b".parquet", b".db", b".zip", b".xlsx", b".whl")
# Shorter texts gain nothing from compression.
WORTH_PACKING = 1_000
PACKED_KINDS = (b"text/", b"application/json", b"application/xml", b"image/svg+xml")
# For how many seconds clients and proxies may use a response without revalidation.
KEPT_SECONDS = 300
# Headers that the cache sets itself; Datasette's cache-control is for personal responses, which do not exist
# here.
OWN_HEADERS = frozenset({b"vary", b"cache-control", b"content-length", b"etag", b"content-encoding"})

Headers = tuple[tuple[bytes, bytes], ...]
Key = tuple[bytes, bytes, bytes, bool]


@dataclass(frozen=True)
class Copy:
    """A complete response with status 200."""

    headers: Headers
    body: bytes
    etag: bytes

    @property
    def size(self) -> int:
        """The memory that it takes, in bytes."""
        return len(self.body) + sum(len(name) + len(value) for name, value in self.headers) + 500


class ResponseCache:
    """The most recently used responses, as many as fit."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.used = 0
        self.kept: OrderedDict[Key, Copy] = OrderedDict()

    def find(self, key: Key) -> Copy | None:
        """The cached response, which becomes the most recently used one."""
        if key in self.kept:
            self.kept.move_to_end(key)
        return self.kept.get(key)

    def keep(self, key: Key, copy: Copy) -> None:
        """Adds a response, and evicts the least recently used ones."""
        if copy.size > self.room // LARGEST:
            return
        if known := self.kept.pop(key, None):
            self.used -= known.size
        self.kept[key] = copy
        self.used += copy.size
        while self.used > self.room:
            _, oldest = self.kept.popitem(last=False)
            self.used -= oldest.size


def cache_responses(app: App, room: int, limit: Callable[[App], App] = lambda app: app) -> App:
    """The application behind a cache; `limit` wraps the part that is called on a cache miss."""
    return CachingApp(app, room, limit)


class CachingApp:
    """An application with its cached responses, and those being generated."""

    def __init__(self, app: App, room: int, limit: Callable[[App], App]) -> None:
        self.app, self.room = app, room
        self.cache = ResponseCache(room)
        # Responses being generated; further requests for the same one wait for it.
        self.made: dict[Key, asyncio.Event] = {}
        self.make_limited = limit(self.make)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Sends the cached response, or generates one."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        copy = await self.find_copy(name_answer(scope))
        scope.setdefault("state", {})["copy"] = "kept" if copy else "new"
        if copy:
            await send_copy(scope, send, copy)
        else:
            await self.make_limited(scope, receive, send)

    async def find_copy(self, key: Key) -> Copy | None:
        """The cached response, if necessary after it has been generated."""
        if key in self.made:
            await self.made[key].wait()
        return self.cache.find(key)

    async def make(self, scope: Any, receive: Any, send: Any) -> None:
        """Generates the response, unless another request did so while this one was waiting."""
        key = name_answer(scope)
        copy = await self.find_copy(key)
        if not copy and scope["method"] == "HEAD" and key[1].endswith(FILES):
            # Nothing has to be read or generated; other HEAD requests are answered like GET, without the
            # body.
            await self.app(scope, receive, send)
            return
        copy = copy or await self.make_copy(key, scope, receive, send)
        if copy:
            await send_copy(scope, send, copy)

    async def make_copy(self, key: Key, scope: Any, receive: Any, send: Any) -> Copy | None:
        """Generates the response and caches it; None when it was sent directly."""
        self.made[key] = asyncio.Event()
        listener = Listener(send, scope["method"] == "HEAD", self.room // LARGEST, self.made[key])
        try:
            await self.app({**scope, "method": "GET"}, receive, listener)
            copy = listener.make_copy(may_pack=key[3])
            if copy:
                self.cache.keep(key, copy)
            return copy
        finally:
            listener.is_known.set()
            self.made.pop(key, None)


def name_answer(scope: dict[str, Any]) -> Key:
    """Everything that a response depends on."""
    headers = dict(scope["headers"])
    # A part of a file is a part of the file itself, not of its compressed form.
    may_pack = accepts_gzip(headers.get(b"accept-encoding", b"")) and b"range" not in headers
    path = scope.get("raw_path") or scope["path"].encode()
    return headers.get(b"host", b""), path, scope["query_string"], may_pack


class Listener:
    """Collects a response as long as it may be cached; otherwise passes it on."""

    def __init__(self, send: Any, is_head: bool, largest: int, is_known: asyncio.Event) -> None:
        self.send, self.is_head, self.largest = send, is_head, largest
        # Set when it is known whether the response will be cached.
        self.is_known = is_known
        self.start: dict[str, Any] = {}
        self.pieces: list[bytes] = []
        self.is_whole = False
        self.is_passing = False

    async def __call__(self, message: dict[str, Any]) -> None:
        """Collects or passes on a message from the application."""
        if message["type"] == "http.response.start":
            self.start = message
            return
        body, has_more = message.get("body", b""), message.get("more_body", False)
        if not self.pieces and not self.may_keep(len(body), has_more):
            self.is_passing = True
            self.is_known.set()
            await self.send(self.start)
        if self.is_passing:
            await self.send({**message, "body": b"" if self.is_head else body})
        self.pieces.append(b"" if self.is_passing else body)
        self.is_whole = not has_more and not self.is_passing

    def may_keep(self, size: int, has_more: bool) -> bool:
        """Whether the response may be cached: it was successful, and its length is known."""
        headers = {name.lower(): value for name, value in self.start["headers"]}
        if has_more:
            length = headers.get(b"content-length", b"")
            size = int(length) if length.isdigit() else self.largest + 1
        is_refused = b"set-cookie" in headers or b"no-store" in headers.get(b"cache-control", b"")
        return self.start["status"] == 200 and not is_refused and size <= self.largest

    def make_copy(self, may_pack: bool) -> Copy | None:
        """The response to be cached, if it is complete; None when it was passed on."""
        if not self.is_whole:
            return None
        headers = tuple((n.lower(), v) for n, v in self.start["headers"] if n.lower() not in OWN_HEADERS)
        return pack_copy(headers, b"".join(self.pieces), may_pack)


def pack_copy(headers: Headers, body: bytes, may_pack: bool) -> Copy:
    """The response with an ETag, compressed if that is accepted and worthwhile."""
    name = hashlib.sha256(body).hexdigest()
    kind = dict(headers).get(b"content-type", b"")
    more: list[tuple[bytes, bytes]] = []
    if kind.startswith(PACKED_KINDS):
        more.append((b"vary", b"Accept-Encoding"))
        if may_pack and len(body) > WORTH_PACKING:
            body, name = gzip.compress(body, compresslevel=5, mtime=0), f"{name}-gzip"
            more.append((b"content-encoding", b"gzip"))
    etag = f'"{name}"'.encode()
    more += [(b"etag", etag), (b"cache-control", f"public, max-age={KEPT_SECONDS}".encode())]
    return Copy((*headers, *more), body, etag)


async def send_copy(scope: dict[str, Any], send: Any, copy: Copy) -> None:
    """Sends the response, or 304 if the client already has it."""
    if is_known(copy.etag, dict(scope["headers"]).get(b"if-none-match", b"")):
        headers = [item for item in copy.headers if item[0] in OWN_HEADERS - {b"content-encoding"}]
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    status, body, headers = 200, copy.body, list(copy.headers)
    # Only files say that they may be asked for in parts.
    if ACCEPTED in headers:
        status, part, told = choose_part(dict(scope["headers"]), len(body), copy.etag)
        headers += [item for item in told if item != ACCEPTED]
        body = body[part.start : part.stop]
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def is_known(etag: bytes, known: bytes) -> bool:
    """Whether the client sent this ETag as one that it has.

    >>> is_known(b'"a"', b'"b", W/"a"'), is_known(b'"a"', b"")
    (True, False)
    """
    names = [name.strip().removeprefix(b"W/") for name in known.split(b",")]
    return etag in names or b"*" in names


def accepts_gzip(header: bytes) -> bool:
    """Whether the client accepts gzip, with a weight above zero.

    >>> accepts_gzip(b"br, gzip"), accepts_gzip(b"gzip;q=0")
    (True, False)
    """
    for part in header.lower().split(b","):
        name, *weights = (word.strip() for word in part.split(b";"))
        if name in (b"gzip", b"*"):
            return not any(weight.replace(b" ", b"").rstrip(b"0") in (b"q=", b"q=0.") for weight in weights)
    return False
