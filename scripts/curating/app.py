"""The server of the workbench: who may ask, what is asked, and what is answered.

It is for one person on one machine. Whoever asks must come from this machine, know the token that the command
printed, and call the server by the name it was printed with, so that no page of another site can ask through
the curator's browser.
"""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from packpress.problems import CannotRunError, InvalidPackageError
from packpress.web.security_headers import DEVICES

Values = dict[str, str]
LOOPBACK = ("127.0.0.1", "::1")
# The longest form: a claim with dozens of links is a hundredth of it.
MOST_BYTES = 1_000_000
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # With no-referrer, browsers would send our own forms as from nowhere, which is refused.
    "referrer-policy": "same-origin",
    "permissions-policy": ", ".join(f"{device}=()" for device in DEVICES),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@dataclass(frozen=True)
class Request:
    """What a browser asks for: a method, a path without its first slash, a query and a form."""

    method: str
    path: str
    query: Values = field(default_factory=dict)
    form: Values = field(default_factory=dict)

    @property
    def parts(self) -> list[str]:
        """The parts of the path."""
        return self.path.split("/")


@dataclass(frozen=True)
class Response:
    """What is answered."""

    body: str | bytes = ""
    status: int = 200
    media_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


def redirect(path: str) -> Response:
    """An answer that leads a browser to a page, after something was saved."""
    return Response(status=303, headers={"location": path})


def answer_json(value: object) -> Response:
    """A value for the script of a page."""
    return Response(json.dumps(value), media_type="application/json")


Handler = Callable[[Request], Response]


class RefusedRequest(Exception):  # noqa: N818
    """Somebody asks who may not, or asks for what cannot be."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)


class Gate:
    """Who may ask: whoever has the token, at the address that was printed."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.token = secrets.token_urlsafe(24)
        # Sent with every form, so that only pages of ours can save.
        self.form_token = secrets.token_urlsafe(24)

    @property
    def address(self) -> str:
        """The address that opens the workbench."""
        return f"http://127.0.0.1:{self.port}/?token={self.token}"

    @property
    def cookie(self) -> str:
        """The name of the cookie; browsers keep cookies of all ports of a host together."""
        return f"curate-{self.port}"

    def check(self, scope: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        """Raises RefusedRequest unless the request comes from this machine, in our own name."""
        client = scope.get("client")
        if client and client[0] not in LOOPBACK:
            raise RefusedRequest(403, "This page answers on this machine only.")
        hosts = {f"{name}:{self.port}" for name in ("127.0.0.1", "localhost")}
        if headers.get("host", "") not in hosts:
            raise RefusedRequest(
                403, "This page answers under 127.0.0.1 only; open the address that was printed."
            )
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != headers["host"]:
            raise RefusedRequest(403, "Another page asked for this; open the address that was printed.")
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            raise RefusedRequest(403, "Another page asked for this; open the address that was printed.")

    def knows(self, headers: Mapping[str, str]) -> bool:
        """Whether the browser has the cookie that the token was exchanged for."""
        try:
            found = SimpleCookie(headers.get("cookie", "")).get(self.cookie)
        except CookieError:
            return False
        return bool(found and secrets.compare_digest(found.value.encode(), self.token.encode()))

    def admits(self, token: str) -> bool:
        """Whether a token is the one that was printed."""
        return secrets.compare_digest(token.encode(), self.token.encode())

    def check_form(self, form: Values) -> None:
        """Raises RefusedRequest unless a form is one of ours."""
        sent = form.pop("form_token", "")
        if not secrets.compare_digest(sent.encode(), self.form_token.encode()):
            message = (
                "This form is of a server that has ended since; go back, reload the page and save again."
            )
            raise RefusedRequest(403, message)


class App:
    """The ASGI application: the gate, then one handler for each method and path.

    `find_handler` returns the handler of a request, or None. `show_error` makes a page of a message.
    """

    def __init__(
        self,
        gate: Gate,
        find_handler: Callable[[Request], Handler | None],
        show_error: Callable[[int, str, list[str]], str],
    ) -> None:
        self.gate = gate
        self.find_handler = find_handler
        self.show_error = show_error

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            return
        try:
            response = await self._answer(scope, receive)
        except RefusedRequest as refused:
            response = Response(self.show_error(refused.status, str(refused), []), refused.status)
        except InvalidPackageError as error:
            lines = [str(problem) for problem in error.problems]
            response = Response(self.show_error(409, f"{error}.", lines), 409)
        except CannotRunError as error:
            response = Response(self.show_error(409, f"{error}.", []), 409)
        body = response.body.encode() if isinstance(response.body, str) else response.body
        headers = {"content-type": response.media_type, **HEADERS, **response.headers}
        head = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        head.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": response.status, "headers": head})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def _answer(
        self, scope: dict[str, Any], receive: Callable[[], Awaitable[dict[str, Any]]]
    ) -> Response:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        self.gate.check(scope, headers)
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        if token := query.pop("token", ""):
            return self._let_in(token)
        if not self.gate.knows(headers):
            raise RefusedRequest(
                403, "This page needs the token in the address that make curate printed; open that."
            )
        form: Values = {}
        if method == "POST":
            form = dict(
                parse_qsl((await read_body(receive)).decode("utf-8", "replace"), keep_blank_values=True)
            )
            self.gate.check_form(form)
        elif method != "GET":
            raise RefusedRequest(405, "Pages are read or forms sent, and nothing else.")
        request = Request(method, scope["path"].strip("/"), query, form)
        handler = self.find_handler(request)
        if handler is None:
            raise RefusedRequest(404, "There is no such page; go to the start.")
        # In a thread, because a save waits for other commands.
        return await asyncio.to_thread(handler, request)

    def _let_in(self, token: str) -> Response:
        if not self.gate.admits(token):
            raise RefusedRequest(
                403, "This token is of a server that has ended; open the address printed last."
            )
        cookie = f"{self.gate.cookie}={self.gate.token}; Path=/; HttpOnly; SameSite=Strict"
        return Response(status=303, headers={"location": "/", "set-cookie": cookie})


async def read_body(receive: Callable[[], Awaitable[dict[str, Any]]]) -> bytes:
    """The body of a request; RefusedRequest when it is too long or was cut off."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RefusedRequest(400, "The form was cut off; nothing was saved.")
        body += message.get("body", b"")
        if len(body) > MOST_BYTES:
            raise RefusedRequest(413, "The form is too long; nothing was saved.")
        if not message.get("more_body"):
            return bytes(body)
