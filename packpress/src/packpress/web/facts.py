"""Facts about the served data that every page needs, and answers about single rows; read once each.

The data does not change while it is served.
"""

import sqlite3
from collections.abc import Awaitable, Callable, Hashable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from sqlite3 import Connection
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from datasette.app import Datasette
from datasette.utils import tilde_encode

# How many answers to one question are kept; the oldest goes first.
MOST_KEPT = 1000

Subject = TypeVar("Subject", bound=Hashable)
RowAnswer = TypeVar("RowAnswer")
RowQuestion = Callable[[Datasette, Subject, str], Awaitable[RowAnswer]]


def keep_answers(question: RowQuestion[Subject, RowAnswer]) -> RowQuestion[Subject, RowAnswer]:
    """The question about a subject and a row of it, whose latest answers are kept."""
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
    """Where things stand in the served data."""

    database: str
    # Table whose key a column of that name holds: `boat_id` is that of boats. A name that is the key of
    # several tables is left out, for it tells nothing.
    key_tables: dict[str, str]


# Whether what is asked now is asked once, and may take as long as it does.
_has_time: ContextVar[bool] = ContextVar("has_time", default=False)

Answer = TypeVar("Answer")
Question = Callable[[Datasette], Awaitable[Answer]]


class KeptQuestion(Generic[Answer]):
    """A question to the served data, with the answer it had."""

    def __init__(self, question: Question[Answer]) -> None:
        self.question = question
        self.answers: WeakKeyDictionary[Datasette, Answer] = WeakKeyDictionary()

    async def __call__(self, datasette: Datasette) -> Answer:
        """The answer, asked for when it is not known yet."""
        if datasette not in self.answers:
            before = _has_time.set(True)
            try:
                self.answers[datasette] = await self.question(datasette)
            finally:
                _has_time.reset(before)
        return self.answers[datasette]


def ask_once(question: Question[Answer]) -> KeptQuestion[Answer]:
    """The question, whose first answer is kept: the database does not change while it is served."""
    return KeptQuestion(question)


@ask_once
async def read_facts(datasette: Datasette) -> Facts:
    """The facts, from the one database that is served."""
    database = datasette.get_database()
    holders: dict[str, list[str]] = {}
    hidden = await database.hidden_table_names()
    for table in sorted({*await database.table_names()} - {*hidden}):
        keys = await database.primary_keys(table)
        borrowed = {key["column"] for key in await database.foreign_keys_for_table(table)}
        # A table whose key is that of another holds more of the same things, which are found there.
        if len(keys) == 1 and keys[0] not in borrowed:
            holders.setdefault(keys[0], []).append(table)
    return Facts(database.name, {key: tables[0] for key, tables in holders.items() if len(tables) == 1})


async def read_rows(datasette: Datasette, sql: str, **values: Any) -> list[Row]:
    """Every row of the answer, as dictionaries."""
    if _has_time.get():
        return await read_all(datasette, sql, **values)
    database = datasette.get_database()
    # Not truncated: Datasette's limit on rows is made for strangers' queries.
    return [dict(row) for row in (await database.execute(sql, values, truncate=False)).rows]


async def read_all(datasette: Datasette, sql: str, **values: Any) -> list[Row]:
    """Every row of the answer to a question that is asked once, however long it takes and is."""

    def read(connection: Connection) -> list[Row]:
        cursor = connection.cursor()
        cursor.row_factory = sqlite3.Row
        return [dict(row) for row in cursor.execute(sql, values)]

    # Not `execute`, whose limit on time is made for strangers' queries too.
    rows: list[Row] = await datasette.get_database().execute_fn(read)
    return rows


def row_path(datasette: Datasette, facts: Facts, column: str, key: str) -> str | None:
    """Address of the row whose key a column of that name holds, or None when there is no such table."""
    table = facts.key_tables.get(column)
    return f"{datasette.urls.row(facts.database, table, tilde_encode(key))}" if table else None
