"""SQLite limits: what a statement may do, whoever wrote it, set on every connection to the data.

Datasette interrupts statements that run too long, but only between two steps of SQLite, and a single step can
build a text of a gigabyte. So the sizes of texts, statements and results are limited, and functions whose
time is the product of the lengths of two texts are replaced by ones whose time is their sum.
"""

import sqlite3
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from sys import getsizeof
from typing import Any

from datasette.app import Datasette

from packpress.web.pages import read_settings

Value = str | bytes | int | float | None


def replace_functions(connection: sqlite3.Connection, most: int) -> None:
    """Registers our functions; texts of more than `most` characters are refused."""

    def replace(text: str, old: str, new: str) -> str:
        grown = text.count(old) * (len(new) - len(old)) if old else 0
        if len(text) + grown > most:
            # SQLite refuses this as too long before building it.
            return " " * (most + 1)
        return text.replace(old, new) if old else text

    for name, arguments, function in (
        ("instr", 2, find),
        ("replace", 3, of_texts(replace)),
        ("trim", 2, of_texts(lambda text, signs: cut_end(cut_start(text, signs), signs))),
        ("ltrim", 2, of_texts(cut_start)),
        ("rtrim", 2, of_texts(cut_end)),
    ):
        connection.create_function(name, arguments, function, deterministic=True)


def find(value: Value, part: Value) -> int | None:
    """The position of a part, counted from 1; 0 when it does not occur."""
    if isinstance(value, bytes) and isinstance(part, bytes):
        return value.find(part) + 1
    place: int | None = of_texts(lambda text, word: text.find(word) + 1)(value, part)
    return place


def of_texts(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adapts a function of texts to values of any type."""

    @wraps(function)
    def call(*values: Value) -> Any:
        return None if None in values else function(*map(write_value, values))

    return call


def write_value(value: Value) -> str:
    """The value as text."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def cut_start(text: str, signs: str) -> str:
    """The text without leading characters that are in `signs`.

    >>> cut_start("--ida", "-")
    'ida'
    """
    known = {*signs}
    return text[next((place for place, sign in enumerate(text) if sign not in known), len(text)) :]


def cut_end(text: str, signs: str) -> str:
    """The text without trailing characters that are in `signs`.

    >>> cut_end("ida--", "-")
    'ida'
    """
    return cut_start(text[::-1], signs)[::-1]


# The size of a result in memory, in bytes: enough for a page of the longest rows, up to the second number.
ANSWER_BYTES, MOST_ANSWER_BYTES = 16 * 2**20, 256 * 2**20
ROWS_A_PAGE = 60
LIMITS = {
    # The length of a text, and of a row during sorting; twice the longest row if a build has longer ones.
    sqlite3.SQLITE_LIMIT_LENGTH: 250_000,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    # The number of columns of a table or result; a few more than its own if a build has wider tables.
    sqlite3.SQLITE_LIMIT_COLUMN: 200,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 100,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 50_000,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 300,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 10_000,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE})
# Pragmas that Datasette reads from the schema, and the full-text index from its file.
PRAGMAS = frozenset(
    ("table_info", "table_xinfo", "index_list", "index_info", "index_xinfo")
    + ("foreign_key_list", "schema_version", "data_version")
)
# Datasette sends these, but works without the answer, which would disclose the path of the file.
UNANSWERED = frozenset({"database_list"})
# Tables about other statements or the file, and functions that reach beyond the data.
CLOSED_TABLES = frozenset({"sqlite_stmt", "dbstat", "sqlite_dbpage", "sqlite_memstat"})
CLOSED_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer"})
# A single call of these can produce any number of characters, beyond every limit.
ENDLESS_FUNCTIONS = frozenset({"printf", "format"})


@dataclass(frozen=True)
class Bounds:
    """Limits of SQLite by their numbers, and the largest size of a result in bytes."""

    limits: Mapping[int, int]
    answer_bytes: int


class TooMuchError(sqlite3.OperationalError):
    """A result is larger than one request may have."""


class Allowance:
    """Builds rows as Datasette does, as long as their total size stays within the limit."""

    def __init__(self, answer_bytes: int) -> None:
        self.answer_bytes = answer_bytes
        self.cursor: weakref.ref[sqlite3.Cursor] | None = None
        self.left = 0

    def __call__(self, cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> sqlite3.Row:
        """The row; TooMuchError when the limit is exceeded."""
        if not self.cursor or self.cursor() is not cursor:
            self.cursor, self.left = weakref.ref(cursor), self.answer_bytes
        self.left -= sum(map(getsizeof, values))
        if self.left < 0:
            raise TooMuchError(f"This result is larger than {self.answer_bytes >> 20} MB; ask for less")
        return sqlite3.Row(cursor, values)


def make_bounds(datasette: Datasette) -> Bounds:
    """The limits for a site, with room for the longest row and the widest table of its build."""
    told = read_settings(datasette)
    longest, widest = int(told.get("longest_row") or 0), int(told.get("widest_table") or 0)
    room = {
        sqlite3.SQLITE_LIMIT_LENGTH: 2 * longest,
        # Datasette selects the columns of a table and, again, those of its key.
        sqlite3.SQLITE_LIMIT_COLUMN: widest + 20,
        sqlite3.SQLITE_LIMIT_VDBE_OP: 50 * widest,
        sqlite3.SQLITE_LIMIT_SQL_LENGTH: 200 * widest,
    }
    limits = {limit: max(value, room.get(limit, 0)) for limit, value in LIMITS.items()}
    return Bounds(limits, min(max(ANSWER_BYTES, ROWS_A_PAGE * longest), MOST_ANSWER_BYTES))


def bound_connection(connection: sqlite3.Connection, bounds: Bounds) -> None:
    """Restricts a connection to reading, within the limits."""
    for limit, value in bounds.limits.items():
        connection.setlimit(limit, value)
    replace_functions(connection, bounds.limits[sqlite3.SQLITE_LIMIT_LENGTH])
    connection.row_factory = Allowance(bounds.answer_bytes)
    connection.set_authorizer(authorize)


def authorize(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    """Decides what SQLite may do: read tables, call functions, and read the schema."""
    if action == sqlite3.SQLITE_PRAGMA:
        name = str(first).lower()
        if name in UNANSWERED:
            return sqlite3.SQLITE_IGNORE
        return sqlite3.SQLITE_OK if name in PRAGMAS else sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION:
        is_closed = str(second).lower() in CLOSED_FUNCTIONS | ENDLESS_FUNCTIONS
        return sqlite3.SQLITE_DENY if is_closed else sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_UPDATE and first == "sqlite_master":
        # SQLite asks this when a function such as json_each acts as a table; the file itself is immutable.
        return sqlite3.SQLITE_OK
    if action not in ALLOWED or (action == sqlite3.SQLITE_READ and str(first).lower() in CLOSED_TABLES):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK
