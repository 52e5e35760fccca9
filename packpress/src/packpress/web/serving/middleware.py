"""Middleware: what a request passes through before a page is made, and its response on the way back."""

import re
from functools import partial
from typing import Any

import httpx
from datasette.app import Datasette

from packpress.web.about.signposting import add_signposts
from packpress.web.routes import HEALTH, list_first_rows, list_main_pages
from packpress.web.security_headers import App, add_headers
from packpress.web.serving.access_log import log_requests
from packpress.web.serving.client_limits import share_fairly
from packpress.web.serving.request_limits import limit_requests, read_limits
from packpress.web.serving.response_cache import cache_responses


def end_honestly(app: App) -> App:
    """The application, with CSV responses left unfinished when an error or a limit cuts them short.

    Datasette would write the error as the last line and finish normally. On success, it sends an empty chunk
    before the end, by which the two cases can be distinguished. An unfinished response tells the client that
    the file is incomplete.
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


# What a file name may not hold in a header.
ODD = re.compile(r"[^\w.-]+", re.ASCII)


def name_downloads(app: App) -> App:
    """The application, with CSV saved as a file of its name, which a browser would show as text.

    Parquet and the files of the build say so themselves.
    """

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        async def send_on(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                told = {name.lower() for name, _ in message["headers"]}
                if b"content-disposition" not in told:
                    name = ODD.sub("_", scope["path"].rpartition("/")[2])
                    header = (b"content-disposition", f'attachment; filename="{name}"'.encode())
                    message = {**message, "headers": [*message["headers"], header]}
            await send(message)

        is_csv = scope["type"] == "http" and scope["path"].endswith(".csv")
        await app(scope, receive, send_on if is_csv else send)

    return answer


# Requested once, so that the code for such files is loaded before a visitor needs it.
SMALL_FILE = "/data_dictionary_tables.parquet"
# No statement of a main page takes longer, whatever the size of the data.
READY_MS = 60_000


def wrap(datasette: Datasette, app: App) -> App:
    """The application with the middleware that the profile asks for."""
    limits = read_limits(datasette)
    app = add_signposts(end_honestly(name_downloads(app)), datasette)
    share = partial(share_fairly, limits=limits, root=datasette.setting("base_url"), free=HEALTH)
    app = cache_responses(app, limits.cache_mb * 2**20, share) if limits.cache_mb else share(app)
    if limits.is_ready:
        app = make_ready(app, datasette)
    app = add_headers(limit_requests(app, datasette), limits.is_shared)
    return log_requests(app) if limits.access_log else app


def make_ready(app: App, datasette: Datasette) -> App:
    """The application, which renders every main page, and a page of each kind of row, before any request.

    What is read once from all the data may take longer than a visitor should wait, or than the limits allow.
    """

    async def visit_pages() -> None:
        transport = httpx.ASGITransport(app=app)
        # By the host name that visitors will use, so that they get the cached response.
        address = read_limits(datasette).origin or "http://localhost"
        async with httpx.AsyncClient(transport=transport, base_url=address) as client:
            file = str(datasette.urls.path(f"/{datasette.get_database().name}{SMALL_FILE}"))
            for path in (*await list_main_pages(datasette), *await list_first_rows(datasette), file):
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
