"""Error pages: say plainly what was wrong with the request, and log what is a fault of the site."""

import sqlite3
import sys
import traceback
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import datasette as datasette_package
from datasette.app import Datasette
from datasette.database import QueryInterrupted
from datasette.utils import tilde_decode
from datasette.utils.asgi import Base400, Request, Response
from datasette.views.base import DatasetteError
from markupsafe import Markup

from packpress.console import is_out_of_memory
from packpress.web.pages import find_pages

PAGE = Markup("""<!DOCTYPE html>
<html lang="en">
<head>
    <meta charset="utf-8">
    <title>Error {status}</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <link rel="stylesheet" href="{root}-/static/app.css">
    <link rel="stylesheet" href="{root}static/site.css">
</head>
<body>
<section class="content"><main id="main">
<p class="eye">Error {status}</p>
<h1>{title}</h1>
<p class="lede">{words}</p>
<p><a href="{root}">Home</a></p>
</main></section>
</body>
</html>
""")
TITLES = {503: "The site is busy"}


async def refuse(send: Any, root: str, status: int, words: str, **headers: str) -> None:
    """Sends a page that says what is wrong, with headers that forbid caching it."""
    body = write_plain_page(root, status, words).encode()
    headers = {"cache-control": "no-store", **headers, "content-length": str(len(body))}
    await answer(send, status, "text/html; charset=utf-8", body, headers)


def write_plain_page(root: str, status: int, words: str) -> str:
    """An error page that needs neither templates nor data.

    >>> "<h1>The site is busy</h1>" in write_plain_page("/", 503, "Try again in a moment")
    True
    """
    title = TITLES.get(status, "This request could not be answered")
    return str(PAGE.format(root=root, status=status, title=title, words=words))


async def answer(send: Any, status: int, kind: str, body: bytes, headers: dict[str, str]) -> None:
    """Sends a complete response."""
    named = [(name.encode(), value.encode()) for name, value in {"content-type": kind, **headers}.items()]
    await send({"type": "http.response.start", "status": status, "headers": named})
    await send({"type": "http.response.body", "body": body})


OURS = Path(__file__).resolve().parent
# Only passes statements on, so an error here is not a fault of this module.
HANDS_ON = OURS / "site.py"
# The modules of Datasette that interpret addresses.
READERS = tuple(
    str(Path(datasette_package.__file__).parent / name)
    for name in ("views", "filters", "facets", "utils/asgi")
)
TOO_LONG = "This took too long; narrow it down with another word or a filter"
# Actions that are not allowed, by Datasette's names for them.
CLOSED = {"execute-sql": "This site does not accept SQL; packpress serve on your own machine does"}
NO_MEMORY = "The server is out of memory; try again in a moment, or ask for less"
DAMAGED = "The data of this site cannot be read; its log says why"
# SQLite's errors for files that are damaged, unreadable, gone, or not databases.
UNREADABLE = frozenset(
    {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOTADB}
)
TOO_LARGE = "This needs more memory than one request may use; ask for less"
# Datasette's message for an unknown first part of an address.
NO_DATABASE = "Database not found"
# Formats whose readers expect plain text rather than a page.
PLAIN = (".csv", ".parquet", ".svg", ".txt", ".bib", ".ris")


def answer_error(
    datasette: Datasette, request: Request, exception: Exception
) -> Callable[[], Awaitable[Response]]:
    """Returns the response to a request that raised an exception."""

    async def answer() -> Response:
        if isinstance(exception, QueryInterrupted) and _is_ours(datasette, exception):
            # The address is fine, and there is nothing to log: the answer is simply too large.
            status, message = 503, TOO_LONG
        elif fault := describe_damage(exception):
            _tell_damage(datasette, fault)
            status, message = 500, DAMAGED
        elif is_out_of_memory(exception) and _is_ours(datasette, exception):
            print("out of memory: a page could not be rendered", file=sys.stderr)
            status, message = 503, NO_MEMORY
        elif isinstance(exception, Base400 | DatasetteError) or not _is_ours(datasette, exception):
            status, message = find_status(exception), describe_error(exception)
        else:
            traceback.print_exception(exception)
            status, message = 500, "This is an error of the site, not of the address; its log has the details"
        return await _show_error(datasette, request, status, message)

    return answer


async def answer_forbidden(datasette: Datasette, request: Request, action: str) -> Response:
    """The response to an action that is not allowed."""
    return await _show_error(datasette, request, 403, CLOSED.get(action, "This is not available here"))


def describe_damage(exception: BaseException) -> str:
    """SQLite's message about a damaged or missing file, if that was the cause; otherwise the empty string."""
    for cause in _list_causes(exception):
        if isinstance(cause, sqlite3.Error):
            # The low byte is the primary code (https://sqlite.org/rescode.html).
            code = getattr(cause, "sqlite_errorcode", None)
            return str(cause) if code is not None and code & 0xFF in UNREADABLE else ""
    return ""


# Damage that was already reported for each site; otherwise every page would report it again.
_TOLD: WeakKeyDictionary[Datasette, set[str]] = WeakKeyDictionary()


def _tell_damage(datasette: Datasette, fault: str) -> None:
    told = _TOLD.setdefault(datasette, set())
    if fault not in told:
        told.add(fault)
        print(f"{datasette.get_database().path}: {fault}; rebuild the package", file=sys.stderr)


def _list_causes(exception: BaseException | None) -> Iterator[BaseException]:
    while exception:
        yield exception
        exception = exception.__cause__ or exception.__context__


def find_status(exception: Exception) -> int:
    """The HTTP status for an exception; exceptions without one are faults of the address."""
    if isinstance(exception, OSError):
        # A name that no file can have.
        return 404
    status: int = exception.status if isinstance(exception, Base400 | DatasetteError) else 400
    # Datasette answers an unknown sort order with 500, as if the server had failed.
    return 400 if status == 500 else status


def describe_error(exception: Exception) -> str:
    """What is wrong, on one line of plain text; empty when there is nothing to add."""
    if isinstance(exception, QueryInterrupted) or getattr(exception, "message_is_html", False):
        return TOO_LONG
    if isinstance(exception, DatasetteError):
        return str(exception.message)
    if isinstance(exception, OSError):
        return ""
    if isinstance(exception, sqlite3.ProgrammingError) and "supply a value" in str(exception):
        return "The key of this table has more columns than this address"
    if isinstance(exception, MemoryError):
        return TOO_LARGE
    message = str(exception.args[0]) if exception.args else ""
    if message == NO_DATABASE:
        return "No page has this name"
    if isinstance(exception, Base400):
        return "" if message.isdigit() else message
    return f"A value in this address cannot be read: {message}" if message else ""


def _is_ours(datasette: Datasette, exception: Exception) -> bool:
    """Whether a page or template, ours or the extension's, is at fault rather than the address."""
    templates = find_pages(datasette).templates
    folders = [OURS, *([templates.resolve().parent] if templates else [])]
    for frame in reversed(traceback.extract_tb(exception.__traceback__)):
        if frame.filename.startswith(READERS):
            return False
        file = Path(frame.filename).resolve()
        if file != HANDS_ON and any(file.is_relative_to(folder) for folder in folders):
            break
    return True


@dataclass(frozen=True)
class LostRow:
    """The row that an address names and its table does not have."""

    table: str
    title: str
    key: str


async def _find_lost_row(datasette: Datasette, request: Request) -> LostRow | None:
    """The table and key of an address that has the form of a row's; None for other addresses."""
    names = request.path.removeprefix(datasette.setting("base_url")).strip("/").split("/")
    database = datasette.get_database()
    if len(names) != 3 or tilde_decode(names[0]) != database.route:
        return None
    table, key = map(tilde_decode, names[1:])
    if table not in await database.table_names():
        return None
    pages = find_pages(datasette)
    # The table to browse, when its rows are shown as those of this one.
    table = pages.browsed if pages.aliases.get(pages.browsed) == table else table
    return LostRow(table, datasette.table_metadata(database.name, table).get("title") or table, key)


async def _show_error(datasette: Datasette, request: Request, status: int, message: str) -> Response:
    facts = {"ok": False, "error": message, "status": status, "title": None}
    if request.path.endswith(".json"):
        return Response.json(facts, status=status)
    if request.path.endswith(PLAIN):
        return Response.text(f"{status} {message}".strip() + "\n", status=status)
    # Without its arguments, the address of a table or query works.
    back = request.path if status == 400 and request.query_string else None
    try:
        lost = await _find_lost_row(datasette, request) if status == 404 else None
        page = await datasette.render_template(
            "error.html", facts | {"back": back, "lost": lost}, request=request
        )
    except Exception:
        # Page headers and footers need the data too, and may fail for the same reason.
        page = write_plain_page(datasette.setting("base_url"), status, message)
    return Response.html(page, status=status)
