"""Headers of every answer: what a page may load, and what a browser may do with a file."""

import mimetypes
from collections.abc import Awaitable, Callable
from typing import Any

from datasette.utils.asgi import NotFound, Request

App = Callable[..., Awaitable[None]]

POLICY = {
    # No script and no style within a page, and nothing of another host.
    "default-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "content-security-policy": "; ".join(f"{name} {source}" for name, source in POLICY.items()),
    "x-content-type-options": "nosniff",
    # What somebody searched for here is not told to the hosts that pages link to.
    "referrer-policy": "no-referrer",
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
# Pages on which Datasette's authors try things out; their inline styles break the policy.
CLOSED = r"^/-/(?:allow-debug|messages|patterns|permissions)$"


def add_headers(app: App) -> App:
    """The application, whose every answer has the headers that it does not set itself."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        async def send_on(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                own = list(message.get("headers") or ())
                named = {name.lower() for name, _ in own}
                ours = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
                message = {**message, "headers": [*own, *(item for item in ours if item[0] not in named)]}
            await send(message)

        await app(scope, receive, send_on)

    return answer


def name_media_types() -> None:
    """Files of a build are served as what they are, whatever the machine knows of their endings."""
    for ending, kind in MEDIA_TYPES.items():
        mimetypes.add_type(kind, ending)


async def refuse(request: Request) -> None:
    """Nothing is here."""
    raise NotFound(f"{request.path} is closed on this site")
