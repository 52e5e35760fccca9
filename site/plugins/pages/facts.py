"""Facts about the served data that every page needs; read once, for the database is immutable."""

import sqlite3
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from datasette.app import Datasette

Row = dict[str, Any]
# A document of more passages is read in parts of so many.
PART = 200


@dataclass(frozen=True)
class Facts:
    """Where things stand in the served data."""

    database: str
    # Table whose key a column of that name holds: `claim_id` is that of claims.
    key_tables: dict[str, str]
    # Source and place of each passage.
    passages: dict[str, tuple[str, int]]
    # Number of the last passage of each source.
    lengths: dict[str, int]
    # Short names and identifiers of the sources in their order.
    sources: dict[str, str]
    # Short names of the sources in progress, which a published build has none of, by their identifiers.
    drafts: dict[str, str]


# Whether what is asked now is asked once, and may take as long as it does.
_has_time: ContextVar[bool] = ContextVar("has_time", default=False)

Answer = TypeVar("Answer")
Question = Callable[[Datasette], Awaitable[Answer]]


class Asked(Generic[Answer]):
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


def ask_once(question: Question[Answer]) -> Asked[Answer]:
    """The question, whose first answer is kept: the database does not change while it is served."""
    return Asked(question)


@ask_once
async def read_facts(datasette: Datasette) -> Facts:
    """The facts, from the first database that is served."""
    database = datasette.get_database()
    key_tables: dict[str, str] = {}
    hidden = await database.hidden_table_names()
    for table in sorted({*await database.table_names()} - {*hidden}):
        keys = await database.primary_keys(table)
        # The derived table of all claims has the key of claims, which comes first by name.
        if len(keys) == 1:
            key_tables.setdefault(keys[0], table)
    passages = await read_all(
        datasette, "select passage_id, source_id, position from passages order by source_id, position"
    )
    sources = await read_all(datasette, "select source_id, short_name, status from sources order by position")
    return Facts(
        database.name,
        key_tables,
        {row["passage_id"]: (row["source_id"], row["position"]) for row in passages},
        {row["source_id"]: row["position"] for row in passages},
        {row["short_name"]: row["source_id"] for row in sources},
        {row["source_id"]: row["short_name"] for row in sources if row["status"] == "in_progress"},
    )


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


def source_path(datasette: Datasette, source_id: str, place: int | str | None = None) -> str:
    """Address of a document, or of a place in it: the number of a passage or the identifier of a claim."""
    path = str(datasette.urls.path(f"/sources/{source_id}"))
    if not place:
        return path
    anchor = f"p{place}" if isinstance(place, int) else place
    # Nothing behind # reaches the server, which must know which part of a long document to show.
    is_long = read_facts.answers[datasette].lengths.get(source_id, 0) > PART
    return path + (f"?at={anchor}" if is_long else "") + f"#{anchor}"


def row_path(datasette: Datasette, facts: Facts, column: str, key: str) -> str | None:
    """Address of the row whose key a column of that name holds, or None when there is no such table."""
    table = facts.key_tables.get(column)
    return f"{datasette.urls.row(facts.database, table, key)}" if table else None
