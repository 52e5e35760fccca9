"""Request limits: invalid requests, and those that ask for too much, are refused before they cost anything.

Headers that a response must never depend on, such as cookies and forwarded host names, are removed.
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from datasette.app import Datasette

from packpress.web.error_pages import refuse
from packpress.web.pages import read_settings
from packpress.web.profiles import Limits
from packpress.web.security_headers import App
from packpress.web.serving.client_limits import name_client

METHODS = ("GET", "HEAD")
# The only headers that pages may see.
KEPT = frozenset({b"host", b"accept-encoding", b"if-none-match", b"connection", b"range", b"if-range"})
# Headers of requests with a body, which no request here should have.
BODY = frozenset({b"content-length", b"transfer-encoding"})
NO_BODY = (b"content-length", b"0")
# Names of this machine. Any other name could be a foreign page that has its own domain resolve to this
# machine.
OWN_NAME = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?")
# Arguments with which Datasette's developers debug. With them, CSV responses would never end.
DEBUGGING = frozenset({b"_trace"})
# Files that may have to be written before they are sent.
WRITTEN = (".csv", ".parquet")
# Long responses are sent in pieces of this size, so that a slow client holds only one of them in memory.
PIECE = 2**16


@dataclass(frozen=True)
class RefusalError(Exception):
    """The reason why a request is refused."""

    status: int
    words: str


def read_limits(datasette: Datasette) -> Limits:
    """The limits with which the site was started."""
    told = read_settings(datasette).get("limits") or {}
    return Limits(**{**told, "proxies": frozenset(told.get("proxies") or ())})


def limit_requests(app: App, datasette: Datasette) -> App:
    """The application, which sees only requests within the limits."""
    limits = read_limits(datasette)
    root = datasette.setting("base_url")

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        try:
            checked = check_request(scope, limits)
        except RefusalError as refusal:
            more = {"allow": ", ".join(METHODS)} if refusal.status == 405 else {}
            more |= {"connection": "close"} if is_ambiguous(scope) or refusal.status == 431 else {}
            await refuse(send, root, refusal.status, refusal.words, **more)
            return
        await answer_in_time(app, (checked, receive, cut_pieces(send)), limits, root)

    return answer


def is_ambiguous(scope: dict[str, Any]) -> bool:
    """Whether two headers disagree about the end of the request, which enables request smuggling.

    The connection of such a request is closed (RFC 9112, section 6.1).
    """
    return {name for name, _ in scope["headers"]} >= BODY


def measure_head(scope: dict[str, Any]) -> int:
    """The size of a request's headers in bytes, up to the HTTP version."""
    path = scope.get("raw_path") or scope["path"].encode()
    line = len(scope["method"]) + len(path) + len(scope["query_string"]) + len(" ? HTTP/1.1")
    return line + sum(len(name) + len(value) + len(": \r\n") for name, value in scope["headers"])


def drop_debugging(query: bytes) -> bytes:
    """The arguments without those for debugging.

    >>> drop_debugging(b"a=1&_trace=1&%5Ftrace=1&_traces=2")
    b'a=1&_traces=2'
    """
    kept = (pair for pair in query.split(b"&") if unquote_to_bytes(pair.partition(b"=")[0]) not in DEBUGGING)
    return b"&".join(kept)


def check_request(scope: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """The request, reduced to what pages may see; RefusalError when it is not acceptable."""
    if limits.head_bytes and measure_head(scope) > limits.head_bytes:
        raise RefusalError(
            431, f"Request headers may have at most {limits.head_bytes} bytes; send fewer headers"
        )
    if scope["method"] not in METHODS:
        raise RefusalError(405, "This site is read-only: it only answers GET and HEAD")
    if any((name, value) != NO_BODY for name, value in scope["headers"] if name in BODY):
        raise RefusalError(400, "Requests to this site must not have a body")
    path, query = scope.get("raw_path") or scope["path"].encode(), scope["query_string"]
    if len(path) + len(query) > limits.address_bytes:
        raise RefusalError(414, f"An address has at most {limits.address_bytes} characters; ask for less")
    # Browsers treat a backslash as a slash, and \example.org after one as another site.
    if b"\\" in path or not path.startswith(b"/"):
        raise RefusalError(400, "This is not a valid address")
    if query and query.count(b"&") >= limits.arguments:
        raise RefusalError(400, f"An address has at most {limits.arguments} arguments; leave some out")
    client = (name_client(scope, limits.proxies), 0)
    scope = {**scope, "query_string": drop_debugging(query), "client": client}
    headers = [(name, value) for name, value in scope["headers"] if name in KEPT]
    if limits.origin:
        # Whatever host name was requested, links use the configured one.
        parts = urlsplit(limits.origin)
        headers = [(b"host", parts.netloc.encode()), *(item for item in headers if item[0] != b"host")]
        return {**scope, "headers": headers, "scheme": parts.scheme}
    names = [value.decode("latin-1") for name, value in headers if name == b"host"]
    if len(names) != 1 or not OWN_NAME.fullmatch(names[0]):
        raise RefusalError(421, "This site answers only to its own name, which is set with --site")
    return {**scope, "headers": headers}


async def answer_in_time(app: App, call: tuple[Any, Any, Any], limits: Limits, root: str) -> None:
    """Calls the application, and answers that the site is busy when no response begins in time."""
    scope, receive, send = call
    seconds = limits.file_seconds if scope["path"].endswith(WRITTEN) else limits.seconds
    try:
        async with asyncio.timeout(seconds or None) as clock:

            async def send_on(message: dict[str, Any]) -> None:
                # Once begun, a response may take as long as the client needs.
                clock.reschedule(None)
                await send(message)

            await app(scope, receive, send_on)
    except TimeoutError:
        words = "The response took too long; ask for less, or try again in a moment"
        await refuse(send, root, 503, words, **{"retry-after": "2"})


def cut_pieces(send: Any) -> Callable[[dict[str, Any]], Any]:
    """Passes messages on, with long bodies split into pieces."""

    async def send_on(message: dict[str, Any]) -> None:
        body, more = message.get("body", b""), message.get("more_body", False)
        for start in range(0, len(body) - PIECE, PIECE):
            await send({"type": message["type"], "body": body[start : start + PIECE], "more_body": True})
        if len(body) > PIECE:
            start = (len(body) - 1) // PIECE * PIECE
            message = {"type": message["type"], "body": body[start:], "more_body": more}
        await send(message)

    return send_on
