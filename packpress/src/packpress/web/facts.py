"""Facts about the served data that many pages need, read once each: the data never change."""

import asyncio
import re
import sqlite3
from collections.abc import Awaitable, Callable, Hashable, Mapping
from contextlib import nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from datasette.app import Datasette
from datasette.database import QueryInterrupted
from datasette.utils import sqlite_timelimit, tilde_encode

Row = dict[str, Any]

# Text that Datasette writes into addresses unchanged.
PLAIN = re.compile(r"[A-Za-z0-9_-]*")


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
Question = Callable[..., Awaitable[Answer]]


class KeptQuestion(Generic[Answer]):
    """A question about the served data, with its answer for each site.

    Further arguments, such as the table that is asked about, have answers of their own.
    """

    def __init__(self, question: Question[Answer]) -> None:
        self.question = question
        self.answers: WeakKeyDictionary[Datasette, dict[Hashable, Answer]] = WeakKeyDictionary()
        self.running: WeakKeyDictionary[Datasette, dict[Hashable, asyncio.Task[Answer]]] = WeakKeyDictionary()

    async def __call__(self, datasette: Datasette, *about: Hashable) -> Answer:
        """The answer, computed on first use, and only once when several visitors ask at the same time.

        A visitor whose time is up does not interrupt it: nobody would ever get an answer that takes longer.
        """
        answers = self.answers.setdefault(datasette, {})
        if about not in answers:
            running = self.running.setdefault(datasette, {})
            if about not in running:
                running[about] = asyncio.create_task(self._answer(datasette, about))
            await asyncio.shield(running[about])
        return answers[about]

    async def _answer(self, datasette: Datasette, about: tuple[Hashable, ...]) -> Answer:
        _has_time.set(True)  # in the context of this task alone
        try:
            self.answers[datasette][about] = await self.question(datasette, *about)
        finally:
            del self.running[datasette][about]
        return self.answers[datasette][about]

    def known(self, datasette: Datasette, *about: Hashable) -> Answer:
        """The answer, which was asked for before."""
        return self.answers[datasette][about]


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
    is_limited = not _has_time.get()

    def read(connection: Connection) -> list[list[Row]]:
        return [_run(connection, sql, values) for sql, values in statements]

    def _run(connection: Connection, sql: str, values: Mapping[str, Any]) -> list[Row]:
        with sqlite_timelimit(connection, datasette.sql_time_limit_ms) if is_limited else nullcontext():
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
    if not table:
        return None
    # Most keys are plain, and a page has hundreds.
    place = key if PLAIN.fullmatch(key) else tilde_encode(key)
    return f"{_table_path(datasette, facts.database, table)}/{place}"


# The addresses of tables, of which a page with many keys would otherwise ask hundreds of times.
_PATHS: WeakKeyDictionary[Datasette, dict[str, str]] = WeakKeyDictionary()


def _table_path(datasette: Datasette, database: str, table: str) -> str:
    paths = _PATHS.get(datasette)
    if paths is None:
        paths = _PATHS[datasette] = {}
    if table not in paths:
        paths[table] = str(datasette.urls.table(database, table))
    return paths[table]
