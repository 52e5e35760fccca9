"""Files of whole answers, or a clear error: Parquet wherever there are rows, and CSV and JSON of queries.

Datasette streams the CSV of a table page by page, but cuts the answer to a query at its limit of rows.
"""

import asyncio
import errno
import os
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from threading import Event
from typing import IO, Any
from weakref import WeakKeyDictionary

from datasette.app import Datasette
from datasette.database import QueryInterrupted
from datasette.utils import sqlite3
from datasette.utils.asgi import Request, Response, asgi_start
from datasette.views.base import DatasetteError, DataView

from packpress.web.byte_ranges import choose_part
from packpress.web.pages import is_static
from packpress.web.security_headers import name_attachment
from packpress.web.tables import text_file
from packpress.web.tables.answers import (
    Answer,
    FileLimits,
    TooLargeError,
    explain_interruption,
    explain_refusal,
    find_answer,
)

CHUNK = 2**16


class FileResponse(Response):  # type: ignore[misc]
    """An open file, or the part of it that is asked for; closed once it was sent or the client is gone.

    Temporary files vanish then.
    """

    def __init__(self, file: IO[bytes], kind: str, headers: dict[str, str], request: Request) -> None:
        size = file.seek(0, os.SEEK_END)
        asked, etag = dict(request.scope["headers"]), headers.get("etag", "").encode()
        status, self.part, told = choose_part(asked, size, etag)
        more = {name.decode(): value.decode() for name, value in told}
        super().__init__(
            status=status,
            headers={**headers, **more, "content-length": str(len(self.part))},
            content_type=kind,
        )
        self.file = file
        self.is_head = request.method == "HEAD"

    async def asgi_send(self, send: Any) -> None:
        """Sends the headers and, except for HEAD requests, the bytes."""
        with self.file:
            self.file.seek(self.part.start)
            left = 0 if self.is_head else len(self.part)
            await asgi_start(send, self.status, self.headers, self.content_type)
            while left and (chunk := await asyncio.to_thread(self.file.read, min(CHUNK, left))):
                left -= len(chunk)
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})


MEDIA_TYPE = "application/vnd.apache.parquet"
# A download may take this many times longer than a page.
TIMES_LIMIT = 10
# How many files are written at the same time; a large one must not block a small one, nor both all the pages.
WRITERS = 2

_writers: "WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore]" = WeakKeyDictionary()
# Writes an answer that is read on a connection, within limits, into a file.
WriteAnswer = Callable[..., IO[bytes]]


def can_offer(datasette: Datasette, columns: list[str], view_name: str) -> bool:
    """Whether a page can offer its rows as Parquet; pages of a single row do not."""
    return bool(columns) and not (view_name == "row" and is_static(datasette))


async def show_parquet(request: Request, datasette: Datasette) -> Response:
    """The whole answer as one Parquet file; nothing is sent before it is complete."""
    if request.method not in {"GET", "HEAD"}:
        return Response.text("Method not allowed", status=405)
    answer = await find_answer(datasette, request)
    if isinstance(answer, Response):
        return answer
    name = "-".join(filter(None, map(request.url_vars.get, ("table", "pks"))))
    headers = {"content-disposition": name_attachment(f"{name or answer.database}.parquet")}
    if request.method == "HEAD":
        response = Response("", headers=headers, content_type=MEDIA_TYPE)
        return DataView(datasette).set_response_headers(response, datasette.setting("default_cache_ttl"))
    from . import parquet_file  # a third of a second to import, so only when needed

    return await send_file(request, datasette, answer, parquet_file.write_answer, MEDIA_TYPE, headers)


def is_text_file(request: Request) -> bool:
    """Whether an address asks for CSV, or for JSON as an array, neither of which could say that it is cut."""
    ending, shape = request.url_vars.get("format"), request.args.get("_shape")
    return ending == "csv" or (ending == "json" and shape == "array" and "_json" not in request.args)


async def show_text(request: Request, datasette: Datasette) -> Response:
    """The whole answer to a query as CSV or JSON; nothing is sent before it is complete."""
    answer = await find_answer(datasette, request)
    if isinstance(answer, Response):
        return answer
    if request.url_vars["format"] == "csv":
        kind = "text/csv"
        write = text_file.write_csv if request.args.get("_header") != "off" else text_file.write_csv_rows
    else:
        is_lines = bool(request.args.get("_nl"))
        kind = "text/plain" if is_lines else "application/json"
        write = text_file.write_lines if is_lines else text_file.write_array
    write_answer = partial(text_file.write_text, write=write)
    return await send_file(request, datasette, answer, write_answer, f"{kind}; charset=utf-8", {})


async def send_file(
    request: Request,
    datasette: Datasette,
    answer: Answer,
    write: WriteAnswer,
    kind: str,
    headers: dict[str, str],
) -> Response:
    """The answer as a file, once it is written."""
    file = await _write_while_wanted(datasette, request, answer, write)
    response = (
        FileResponse(file, kind, headers, request) if file else Response.text("Nobody is waiting", status=499)
    )
    return DataView(datasette).set_response_headers(response, datasette.setting("default_cache_ttl"))


async def _write_while_wanted(
    datasette: Datasette, request: Request, answer: Answer, write: WriteAnswer
) -> IO[bytes] | None:
    """The file; None when the client disconnects first, which stops the work."""
    stop = Event()
    work = asyncio.ensure_future(_write(datasette, answer, write, stop))
    gone = asyncio.ensure_future(_wait_until_gone(request))
    try:
        await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
        return await work if work.done() else None
    finally:
        stop.set()
        work.cancel()
        gone.cancel()


async def _wait_until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _write(datasette: Datasette, answer: Answer, write: WriteAnswer, stop: Event) -> IO[bytes]:
    bounds = FileLimits(
        datasette.setting("sql_time_limit_ms") / 1000 * TIMES_LIMIT,
        # Datasette's limit on streamed CSV; 0 means no limit.
        datasette.setting("max_csv_mb") * 2**20 or 2**63,
        stop,
    )
    writers = _writers.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(WRITERS))
    # Rows that are at hand do not wait for those that have to be read.
    async with writers if answer.rows is None else nullcontext():
        try:
            file: IO[bytes] = await datasette.get_database(answer.database).execute_fn(
                partial(write, answer=answer, bounds=bounds)
            )
            return file
        except QueryInterrupted:
            raise explain_interruption() from None
        except sqlite3.OperationalError as error:
            raise explain_refusal(error) from None
        except TooLargeError:
            limit = f"more than {datasette.setting('max_csv_mb')} MB"
            raise DatasetteError(f"These rows are {limit}; ask for fewer", status=400) from None
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise DatasetteError("The server's disk is full", status=507) from None
            raise
