"""Facts about the served data that every page needs; read once, for the database is immutable."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from datasette.app import Datasette

Row = dict[str, Any]


@dataclass(frozen=True)
class Facts:
    """Where things stand in the served data."""

    database: str
    # Table whose key a column of that name holds: `claim_id` is that of claims.
    key_tables: dict[str, str]
    # Source and place of each passage.
    passages: dict[str, tuple[str, int]]
    # Short names and identifiers of the sources in their order.
    sources: dict[str, str]


Answer = TypeVar("Answer")
Question = Callable[[Datasette], Awaitable[Answer]]


def ask_once(question: Question[Answer]) -> Callable[[Datasette], Coroutine[Any, Any, Answer]]:
    """The question, whose first answer is kept: the database does not change while it is served."""
    known: WeakKeyDictionary[Datasette, Answer] = WeakKeyDictionary()

    @wraps(question)
    async def ask(datasette: Datasette) -> Answer:
        if datasette not in known:
            known[datasette] = await question(datasette)
        return known[datasette]

    return ask


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
    passages = await read_rows(datasette, "select passage_id, source_id, position from passages")
    sources = await read_rows(datasette, "select source_id, short_name from sources order by position")
    return Facts(
        database.name,
        key_tables,
        {row["passage_id"]: (row["source_id"], row["position"]) for row in passages},
        {row["short_name"]: row["source_id"] for row in sources},
    )


async def read_rows(datasette: Datasette, sql: str, **values: Any) -> list[Row]:
    """Every row of the answer, as dictionaries."""
    database = datasette.get_database()
    # Not truncated: Datasette's limit on rows is made for strangers' queries.
    return [dict(row) for row in (await database.execute(sql, values, truncate=False)).rows]


def source_path(datasette: Datasette, source_id: str, passage: int | None = None) -> str:
    """Address of a document, or of one of its passages."""
    return str(datasette.urls.path(f"/sources/{source_id}")) + (f"#p{passage}" if passage else "")


def row_path(datasette: Datasette, facts: Facts, column: str, key: str) -> str | None:
    """Address of the row whose key a column of that name holds, or None when there is no such table."""
    table = facts.key_tables.get(column)
    return f"{datasette.urls.row(facts.database, table, key)}" if table else None
