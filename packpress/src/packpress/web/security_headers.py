"""Security headers of every response: what a page may load, and how a browser may treat a file."""

import mimetypes
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from datasette.utils.asgi import NotFound, Request

App = Callable[..., Awaitable[None]]

POLICY = {
    # Nothing but what is listed: no scripts, no inline styles, nothing from other hosts.
    "default-src": "'none'",
    "style-src": "'self'",
    "img-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
# Devices that a page could ask for; ours ask for none.
DEVICES = ("camera", "display-capture", "geolocation", "microphone", "midi", "payment", "usb")
HEADERS = {
    "content-security-policy": "; ".join(f"{name} {source}" for name, source in POLICY.items()),
    "x-content-type-options": "nosniff",
    # Search terms must not be disclosed to the sites that pages link to.
    "referrer-policy": "no-referrer",
    # For browsers that do not support frame-ancestors.
    "x-frame-options": "DENY",
    "permissions-policy": ", ".join(f"{device}=()" for device in DEVICES),
    # Other sites can neither control our windows nor load our responses.
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
# With these, scripts of other sites may read what everybody can read, and ask for parts of files (the CORS
# protocol of the Fetch standard). No response depends on who asks.
SHARED = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "Accept-Ranges, Content-Length, Content-Range, ETag, Link",
    "cross-origin-resource-policy": "cross-origin",
}
PREFLIGHT = {
    **SHARED,
    "access-control-allow-methods": "GET, HEAD",
    "access-control-allow-headers": "If-None-Match, If-Range, Range",
    "access-control-max-age": "86400",
}
# With a wrong type, browsers would show these files as text, because they may not guess.
MEDIA_TYPES = {
    ".bib": "application/x-bibtex",
    ".cff": "application/yaml",
    ".csv": "text/csv",
    ".db": "application/vnd.sqlite3",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".parquet": "application/vnd.apache.parquet",
    ".ris": "application/x-research-info-systems",
    ".sql": "text/plain",
    ".whl": "application/octet-stream",
    ".tsv": "text/tab-separated-values",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".zip": "application/zip",
}
# What a plain file name may not contain in a header.
ODD = re.compile(r"[^\w.-]+", re.ASCII)


def name_attachment(name: str) -> str:
    """The value of Content-Disposition for a file to be saved, whatever its name (RFC 6266).

    >>> name_attachment("boats.csv")
    'attachment; filename="boats.csv"'
    >>> name_attachment("Größe.csv")
    'attachment; filename="Gr_e.csv"; filename*=UTF-8\\'\\'Gr%C3%B6%C3%9Fe.csv'
    """
    plain = ODD.sub("_", name)
    more = f"; filename*=UTF-8''{quote(name, safe='')}" if plain != name else ""
    return f'attachment; filename="{plain}"{more}'


# Datasette's developer pages, whose inline styles the policy forbids; login and logout, which nobody needs;
# and pages that disclose paths and versions of the machine.
CLOSED = (
    r"^/-/(?:allow-debug|messages|patterns|permissions|auth-token|logout|actor|databases|threads|versions)"
    r"(?:\.json)?$"
)


def add_headers(app: App, is_shared: bool = False) -> App:
    """The application, with the headers added to every response that does not set them itself.

    When it is shared, scripts of other sites may read the responses.
    """
    added = HEADERS | SHARED if is_shared else HEADERS

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if is_shared and scope["type"] == "http" and is_preflight(scope):
            headers = [(name.encode(), value.encode()) for name, value in PREFLIGHT.items()]
            await send({"type": "http.response.start", "status": 204, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return

        async def send_on(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                own = list(message.get("headers") or ())
                named = {name.lower() for name, _ in own}
                headers = added | ({"cache-control": "no-store"} if message["status"] >= 400 else {})
                ours = [(name.encode(), value.encode()) for name, value in headers.items()]
                message = {**message, "headers": [*own, *(item for item in ours if item[0] not in named)]}
            await send(message)

        await app(scope, receive, send_on)

    return answer


def is_preflight(scope: dict[str, Any]) -> bool:
    """Whether a browser asks what a script of another site may request."""
    return scope["method"] == "OPTIONS" and b"access-control-request-method" in dict(scope["headers"])


def name_media_types() -> None:
    """Registers the media types of a build's files, whatever the machine knows about their extensions."""
    for ending, kind in MEDIA_TYPES.items():
        mimetypes.add_type(kind, ending)


async def refuse_format() -> None:
    """Answers that pages have no file extension."""
    raise NotFound("No page has this name; leave out the extension")


async def refuse(request: Request) -> None:
    """Answers that nothing is served at this address."""
    raise NotFound(f"{request.path} is not available on this site")
