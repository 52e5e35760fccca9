"""Answers: all rows that an address of Datasette stands for, from one statement instead of page by page."""

import json
import time
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass
from threading import Event
from typing import IO, Any
from urllib.parse import parse_qsl, urlencode

from datasette.app import Datasette
from datasette.database import QueryInterrupted
from datasette.utils import InvalidSql, escape_sqlite, sqlite3
from datasette.utils.asgi import NotFound, Request, Response
from datasette.views.base import DatasetteError
from datasette.views.database import DatabaseView, MagicParameters
from datasette.views.row import RowView
from datasette.views.table import TableView

Rows = list[tuple[Any, ...]]

# Arguments that select or format one page; an answer has every row, unformatted.
OF_PAGES = frozenset({"_next", "_size", "_shape", "_labels", "_label", "_nocount", "_nofacet", "_nosuggest"})
# The cheapest request to Datasette: its checks and its statement, without rows, counts or facets.
LEAST = {"_size": "0", "_nocount": "1", "_nofacet": "1", "_nosuggest": "1"}
LIMIT = " limit 1"
DICTIONARY = """
select
  field_name,
  title,
  type,
  description,
  (
    select json_group_array(value)
    from (
      select value
      from data_dictionary_values as listed
      where
        listed.table_name = data_dictionary.table_name
        and listed.field_name = data_dictionary.field_name
      order by listed.rowid
    )
  ) as allowed
from data_dictionary
where table_name = :table
"""


@dataclass(frozen=True)
class AnswerColumn:
    """One column of an answer; `kind` is its Table Schema type, or empty when it has to be inferred."""

    name: str
    kind: str = ""
    title: str = ""
    description: str = ""
    allowed: tuple[str, ...] = ()
    is_required: bool = False


@dataclass(frozen=True)
class Answer:
    """The columns of an answer, and its rows: either available, or as a statement that returns them."""

    database: str
    columns: tuple[AnswerColumn, ...]
    rows: Rows | None = None
    sql: str = ""
    params: Mapping[str, Any] | None = None
    # Whether a visitor wrote the statement, which may then never end.
    is_query: bool = False


async def find_answer(datasette: Datasette, request: Request) -> Answer | Response:
    """The rows at an address, subject to Datasette's permissions and filters; or a redirect."""
    variables = request.url_vars
    view = RowView if variables.get("pks") else TableView if variables.get("table") else DatabaseView
    try:
        found = await view(datasette).data(_ask_least(request))
    except QueryInterrupted:
        raise explain_interruption() from None
    except (sqlite3.OperationalError, InvalidSql) as error:
        raise explain_refusal(error) from None
    if isinstance(found, Response):
        return found
    data = found[0]
    if data.get("error"):
        raise explain_refusal(data["error"])
    if not data.get("columns"):
        raise NotFound("This address names neither a table nor a query")
    return await _make_answer(datasette, request, data)


def explain_interruption() -> DatasetteError:
    """The error for rows that took too long."""
    return DatasetteError("Finding these rows took too long; ask for fewer", status=400)


def explain_refusal(reason: object) -> DatasetteError:
    """The error for a statement that SQLite refuses."""
    return DatasetteError(str(reason), status=400)


def _ask_least(request: Request) -> Request:
    arguments = parse_qsl(request.query_string, keep_blank_values=True)
    kept = [(name, value) for name, value in arguments if name not in OF_PAGES]
    query_string = urlencode([*kept, *LEAST.items()])
    return Request({**request.scope, "query_string": query_string.encode("latin-1")}, request.receive)


async def _make_answer(datasette: Datasette, request: Request, data: Mapping[str, Any]) -> Answer:
    name, table, query = data["database"], data.get("table"), data.get("query_name")
    database = datasette.get_database(name)
    declared: Iterable[AnswerColumn] = ()
    if table and await database.table_exists("data_dictionary"):
        declared = await _describe_columns(datasette, name, table, is_view=bool(data.get("is_view")))
    elif query:
        texts = (await datasette.get_canned_query(name, query, request.actor)).get("columns") or {}
        declared = [AnswerColumn(column, title=column, description=text) for column, text in texts.items()]
    columns = _match_columns(data["columns"], {column.name: column for column in declared})
    if not table and data["truncated"]:
        params = data["query"]["params"]
        params = MagicParameters(params, request, datasette) if query else params
        return Answer(name, columns, sql=data["query"]["sql"], params=params, is_query=True)
    if not table or "query" not in data:
        return Answer(name, columns, rows=[tuple(row) for row in data["rows"]])
    keys = [] if data["is_view"] else data["primary_keys"] or ["rowid"]
    return Answer(name, columns, sql=_unlimit(data["query"]["sql"], keys), params=data["query"]["params"])


async def _describe_columns(
    datasette: Datasette, database: str, table: str, is_view: bool
) -> list[AnswerColumn]:
    """The columns as the data dictionary describes them; columns of a view have no type."""
    found = await datasette.get_database(database).execute(DICTIONARY, {"table": table}, truncate=False)
    details = await datasette.get_database(database).table_column_details(table)
    required = {item.name for item in details if item.notnull}
    return [
        AnswerColumn(
            row["field_name"],
            "" if is_view else row["type"] or "",
            row["title"],
            row["description"] or "",
            tuple(json.loads(row["allowed"])) if row["type"] == "string" and not is_view else (),
            row["field_name"] in required and not is_view,
        )
        for row in found.rows
    ]


def _match_columns(names: Iterable[str], declared: Mapping[str, AnswerColumn]) -> tuple[AnswerColumn, ...]:
    """A column for each name, with repeated names numbered, because Spark and DuckDB refuse duplicates."""
    columns: dict[str, AnswerColumn] = {}
    for name in names:
        unused, place = name, 1
        while unused.lower() in columns:
            place += 1
            unused = f"{name}_{place}"
        columns[unused.lower()] = declared.get(unused) or AnswerColumn(unused)
    return tuple(columns.values())


def _unlimit(sql: str, keys: Iterable[str]) -> str:
    """The statement of a page without its limit, with ties sorted by key."""
    statement = sql.removesuffix(LIMIT)
    if statement == sql:
        raise DatasetteError("This version of Datasette paginates in an unknown way")
    return ", ".join([statement, *map(escape_sqlite, keys)])


# A file is written in batches of this many rows.
BATCH_ROWS = 1_000


class TooLargeError(Exception):
    """The file would exceed the size limit of the site."""


@dataclass(frozen=True)
class FileLimits:
    """How long SQLite may work, how large the file may become, and whether the client is still there."""

    seconds: float
    file_bytes: int
    stop: Event


def read_batches(connection: sqlite3.Connection, answer: Answer, bounds: FileLimits) -> Generator[Rows]:
    """The rows in order, in batches, until the client disconnects.

    Raises QueryInterrupted when SQLite takes too long: for a query in total, and for a table, which is known
    to end, between two batches.
    """
    if answer.rows is not None:
        yield from filter(None, [answer.rows])
        return
    spent, began = 0.0, time.perf_counter()

    def is_over() -> bool:
        return bounds.stop.is_set() or spent + time.perf_counter() - began > bounds.seconds

    connection.set_progress_handler(is_over, 1000)
    try:
        cursor = connection.cursor()
        cursor.row_factory = None
        cursor.execute(answer.sql, answer.params)
        while batch := cursor.fetchmany(BATCH_ROWS):
            spent += time.perf_counter() - began if answer.is_query else 0
            yield batch
            began = time.perf_counter()
    except sqlite3.OperationalError as error:
        if error.args == ("interrupted",):
            raise QueryInterrupted(error, answer.sql, answer.params) from None
        raise
    finally:
        connection.set_progress_handler(None, 0)


def check_size(file: IO[bytes], limit: int) -> None:
    """Raises TooLargeError when the file has become larger than the limit."""
    if file.tell() > limit:
        raise TooLargeError
