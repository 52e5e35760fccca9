"""Headers of every answer: what a page may load, and what a browser may do with a file."""

import mimetypes
from collections.abc import Awaitable, Callable
from typing import Any

from datasette.utils.asgi import NotFound, Request

App = Callable[..., Awaitable[None]]

POLICY = {
    # Nothing but what is named: no script at all, no style within a page, nothing of another host.
    "default-src": "'none'",
    "style-src": "'self'",
    "img-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
# What a page could ask of a machine or of who sits before it; none of ours asks for anything.
DEVICES = ("camera", "display-capture", "geolocation", "microphone", "midi", "payment", "usb")
HEADERS = {
    "content-security-policy": "; ".join(f"{name} {source}" for name, source in POLICY.items()),
    "x-content-type-options": "nosniff",
    # What somebody searched for here is not told to the hosts that pages link to.
    "referrer-policy": "no-referrer",
    # For browsers that do not know frame-ancestors.
    "x-frame-options": "DENY",
    "permissions-policy": ", ".join(f"{device}=()" for device in DEVICES),
    # Other sites get no hold of our windows, and load none of our answers into their pages.
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
# Told to be what they are not, files would open as pages of letters now that browsers may not guess.
MEDIA_TYPES = {
    ".csv": "text/csv",
    ".db": "application/vnd.sqlite3",
    ".parquet": "application/vnd.apache.parquet",
    ".sql": "text/plain",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".zip": "application/zip",
}
# Pages on which Datasette's authors try things out, whose inline styles break the policy; pages to sign in
# and out, which nobody does; and pages that tell of the machine: where files lie, what runs there.
CLOSED = (
    r"^/-/(?:allow-debug|messages|patterns|permissions|auth-token|logout|actor|databases|threads|versions)"
    r"(?:\.json)?$"
)


def add_headers(app: App) -> App:
    """The application, whose every answer has the headers that it does not set itself."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        async def send_on(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                own = list(message.get("headers") or ())
                named = {name.lower() for name, _ in own}
                headers = HEADERS | ({"cache-control": "no-store"} if message["status"] >= 400 else {})
                ours = [(name.encode(), value.encode()) for name, value in headers.items()]
                message = {**message, "headers": [*own, *(item for item in ours if item[0] not in named)]}
            await send(message)

        await app(scope, receive, send_on)

    return answer


def name_media_types() -> None:
    """Files of a build are served as what they are, whatever the machine knows of their endings."""
    for ending, kind in MEDIA_TYPES.items():
        mimetypes.add_type(kind, ending)


async def refuse_format() -> None:
    """Pages have no ending."""
    raise NotFound("No page has this name; leave out the ending")


async def refuse(request: Request) -> None:
    """Nothing is here."""
    raise NotFound(f"{request.path} is closed on this site")
