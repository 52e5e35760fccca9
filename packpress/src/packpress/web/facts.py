"""Facts about the served data that many pages need, and answers about single rows, read once each.

The data does not change while it is served.
"""

import sqlite3
from collections.abc import Awaitable, Callable, Hashable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from sqlite3 import Connection
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from datasette.app import Datasette
from datasette.database import QueryInterrupted
from datasette.utils import sqlite_timelimit, tilde_encode

# How many answers to a question are kept; the oldest is dropped first.
MOST_KEPT = 1000

Subject = TypeVar("Subject", bound=Hashable)
RowAnswer = TypeVar("RowAnswer")
RowQuestion = Callable[[Datasette, Subject, str], Awaitable[RowAnswer]]


def keep_answers(question: RowQuestion[Subject, RowAnswer]) -> RowQuestion[Subject, RowAnswer]:
    """Caches the latest answers to a question about a row."""
    known: WeakKeyDictionary[Datasette, dict[tuple[Subject, str], RowAnswer]] = WeakKeyDictionary()

    @wraps(question)
    async def ask(datasette: Datasette, subject: Subject, row_id: str) -> RowAnswer:
        answers = known.setdefault(datasette, {})
        if (subject, row_id) not in answers:
            answers[subject, row_id] = await question(datasette, subject, row_id)
            if len(answers) > MOST_KEPT:
                del answers[next(iter(answers))]
        return answers[subject, row_id]

    return ask


Row = dict[str, Any]


@dataclass(frozen=True)
class Facts:
    """How the tables of the served data relate."""

    database: str
    # The table identified by a key column, by column name: `boat_id` identifies boats. Columns that are the
    # key of several tables are left out, because they are ambiguous.
    key_tables: dict[str, str]


# Whether the current statement runs only once, and may therefore take any time.
_has_time: ContextVar[bool] = ContextVar("has_time", default=False)

Answer = TypeVar("Answer")
Question = Callable[[Datasette], Awaitable[Answer]]


class KeptQuestion(Generic[Answer]):
    """A question about the served data, with its answer for each site."""

    def __init__(self, question: Question[Answer]) -> None:
        self.question = question
        self.answers: WeakKeyDictionary[Datasette, Answer] = WeakKeyDictionary()

    async def __call__(self, datasette: Datasette) -> Answer:
        """The answer, computed on first use."""
        if datasette not in self.answers:
            before = _has_time.set(True)
            try:
                self.answers[datasette] = await self.question(datasette)
            finally:
                _has_time.reset(before)
        return self.answers[datasette]


def ask_once(question: Question[Answer]) -> KeptQuestion[Answer]:
    """Caches the answer to a question: the database does not change while it is served."""
    return KeptQuestion(question)


@ask_once
async def read_facts(datasette: Datasette) -> Facts:
    """The facts about the one database that is served."""
    database = datasette.get_database()
    holders: dict[str, list[str]] = {}
    hidden = await database.hidden_table_names()
    for table in sorted({*await database.table_names()} - {*hidden}):
        keys = await database.primary_keys(table)
        borrowed = {key["column"] for key in await database.foreign_keys_for_table(table)}
        # A table whose key is also a foreign key has more about the rows of another table, which is the one
        # to link to.
        if len(keys) == 1 and keys[0] not in borrowed:
            holders.setdefault(keys[0], []).append(table)
    return Facts(database.name, {key: tables[0] for key, tables in holders.items() if len(tables) == 1})


async def read_rows(datasette: Datasette, sql: str, **values: Any) -> list[Row]:
    """All rows of the result, as dictionaries."""
    if _has_time.get():
        return await read_all(datasette, sql, **values)
    database = datasette.get_database()
    # Not truncated: Datasette's row limit is for visitors' queries.
    return [dict(row) for row in (await database.execute(sql, values, truncate=False)).rows]


async def read_several(datasette: Datasette, *statements: tuple[str, Mapping[str, Any]]) -> list[list[Row]]:
    """The rows of several statements with their values, each as `read_rows` returns them.

    They are run in one visit to the thread of the database: a visit costs as much as a small statement.
    """

    def read(connection: Connection) -> list[list[Row]]:
        return [_run(connection, sql, values) for sql, values in statements]

    def _run(connection: Connection, sql: str, values: Mapping[str, Any]) -> list[Row]:
        with sqlite_timelimit(connection, datasette.sql_time_limit_ms):
            try:
                return [dict(row) for row in connection.execute(sql, values)]
            except sqlite3.OperationalError as error:
                if error.args == ("interrupted",):
                    raise QueryInterrupted(error, sql, values) from None
                raise

    found: list[list[Row]] = await datasette.get_database().execute_fn(read)
    return found


async def read_all(datasette: Datasette, sql: str, **values: Any) -> list[Row]:
    """All rows of a statement that runs only once, without limits on time or rows."""

    def read(connection: Connection) -> list[Row]:
        cursor = connection.cursor()
        cursor.row_factory = sqlite3.Row
        return [dict(row) for row in cursor.execute(sql, values)]

    # Not `execute`, whose time limit is for visitors' queries too.
    rows: list[Row] = await datasette.get_database().execute_fn(read)
    return rows


def row_path(datasette: Datasette, facts: Facts, column: str, key: str) -> str | None:
    """The address of the row that a key column refers to; None when the column is no known key."""
    table = facts.key_tables.get(column)
    return f"{_table_path(datasette, facts.database, table)}/{tilde_encode(key)}" if table else None


# The addresses of tables, of which a page with many keys would otherwise ask hundreds of times.
_PATHS: WeakKeyDictionary[Datasette, dict[str, str]] = WeakKeyDictionary()


def _table_path(datasette: Datasette, database: str, table: str) -> str:
    paths = _PATHS.setdefault(datasette, {})
    if table not in paths:
        paths[table] = str(datasette.urls.table(database, table))
    return paths[table]
