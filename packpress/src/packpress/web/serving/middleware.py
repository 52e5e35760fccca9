"""Middleware: what a request passes through before a page is made, and its answer on the way back."""

from functools import partial
from typing import Any

import httpx
from datasette.app import Datasette

from packpress.web.routes import HEALTH, list_main_pages
from packpress.web.security_headers import App, add_headers
from packpress.web.serving.access_log import log_requests
from packpress.web.serving.client_limits import share_fairly
from packpress.web.serving.request_limits import limit_requests, read_limits
from packpress.web.serving.response_cache import cache_responses


def end_honestly(app: App) -> App:
    """The application, whose CSV is not ended when an error or its limit cut it short.

    Datasette writes the error as a last line and ends. Where it comes to a good end it writes an empty piece
    before it. By that both are told apart, and without an end the client knows that the file is not whole.
    """

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].endswith(".csv"):
            await app(scope, receive, send)
            return
        is_stream, last = True, b""

        async def send_on(message: dict[str, Any]) -> None:
            nonlocal is_stream, last
            if message["type"] == "http.response.start":
                is_stream = not any(name.lower() == b"content-length" for name, _ in message["headers"])
            if is_stream and message["type"] == "http.response.body":
                if not message.get("more_body") and last:
                    return
                last = message.get("body", b"")
            await send(message)

        await app(scope, receive, send_on)

    return answer


# Asked for once, so that what makes such files is there when a visitor wants one.
SMALL_FILE = "/data_dictionary_tables.parquet"
# No statement that a main page is made of takes longer, whatever the size of the data.
READY_MS = 60_000


def wrap(datasette: Datasette, app: App) -> App:
    """The application as the profile wants it."""
    limits = read_limits(datasette)
    app = end_honestly(app)
    share = partial(share_fairly, limits=limits, root=datasette.setting("base_url"), free=HEALTH)
    app = cache_responses(app, limits.cache_mb * 2**20, share) if limits.cache_mb else share(app)
    if limits.is_ready:
        app = make_ready(app, datasette)
    app = add_headers(limit_requests(app, datasette))
    return log_requests(app) if limits.access_log else app


def make_ready(app: App, datasette: Datasette) -> App:
    """The application, which has answered every main page once before it takes a request.

    What is read once of all the data may take longer than a visitor should wait, or than is allowed.
    """

    async def visit_pages() -> None:
        transport = httpx.ASGITransport(app=app)
        # By the name by which visitors will ask, so that its copy is theirs.
        address = read_limits(datasette).origin or "http://localhost"
        async with httpx.AsyncClient(transport=transport, base_url=address) as client:
            file = str(datasette.urls.path(f"/{datasette.get_database().name}{SMALL_FILE}"))
            for path in (*await list_main_pages(datasette), file):
                await client.get(path)

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        async def send_on(message: dict[str, Any]) -> None:
            if message["type"] == "lifespan.startup.complete":
                usual, datasette.sql_time_limit_ms = datasette.sql_time_limit_ms, READY_MS
                await visit_pages()
                datasette.sql_time_limit_ms = usual
            await send(message)

        await app(scope, receive, send_on if scope["type"] == "lifespan" else send)

    return answer
