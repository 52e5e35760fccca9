"""SQL: quoting, splitting scripts, and what a statement that somebody else wrote may do.

Datasette interrupts statements that run too long, but only between two steps of SQLite, and a single step can
build a text of a gigabyte. So the sizes of texts, statements and results are limited, and functions whose
time is the product of the lengths of two texts are replaced by ones whose time is their sum.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any

# ---- text


def quote_identifier(name: str) -> str:
    """The name of a table or column, quoted for use in any statement.

    >>> quote_identifier("references")
    '"references"'
    """
    return '"' + name.replace('"', '""') + '"'


def quote_identifiers(names: tuple[str, ...]) -> str:
    """The names, quoted and separated by commas.

    >>> quote_identifiers(("boat_id", "name"))
    '"boat_id", "name"'
    """
    return ", ".join(map(quote_identifier, names))


def quote_literal(value: Any) -> str:
    """The value as an SQL literal: null, a number, or a string.

    >>> quote_literal("Ida's"), quote_literal(2011), quote_literal(None)
    ("'Ida''s'", '2011', 'null')
    """
    if value is None or value != value:  # SQLite has no NaN, and stores it as null
        return "null"
    if isinstance(value, bool | int):
        return str(int(value))
    if isinstance(value, float):
        # SQLite has no literal for infinity, but reads a number that is too large as infinity.
        return {float("inf"): "9e999", float("-inf"): "-9e999"}.get(value) or repr(value)
    return "'" + str(value).replace("'", "''") + "'"


def split_statements(script: str) -> Iterator[str]:
    """The statements of a script, one by one, so that they can run inside a transaction.

    `executescript` would commit the transaction first.

    >>> list(split_statements("select 1; select ';'"))
    ['select 1', "select ';'"]
    """
    statement = ""
    for piece in script.split(";"):
        statement += piece
        if sqlite3.complete_statement(statement + ";"):
            yield statement.strip()
            statement = ""
        else:
            statement += ";"
    if statement.strip("; \n\t"):
        yield statement.removesuffix(";").strip()


def run_script(db: sqlite3.Connection, script: str) -> None:
    """Runs every statement of the script in the current transaction.

    >>> from contextlib import closing
    >>> with closing(sqlite3.connect(":memory:")) as db:
    ...     run_script(db, "create table t (a); insert into t values (1);")
    ...     db.execute("select a from t").fetchall()
    [(1,)]
    """
    for statement in split_statements(script):
        db.execute(statement)


# ---- functions

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


# ---- limits

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


# The largest size of a text that SQLite can be told to allow.
LONGEST = 10**9


def limit_sizes(longest: int, widest: int) -> dict[int, int]:
    """The limits, with room for the longest row, in bytes, and for the columns of the widest table.

    >>> limit_sizes(longest=10**6, widest=3)[sqlite3.SQLITE_LIMIT_LENGTH]
    2000000
    """
    room = {
        sqlite3.SQLITE_LIMIT_LENGTH: 2 * longest,
        # Datasette selects the columns of a table and, again, those of its key.
        sqlite3.SQLITE_LIMIT_COLUMN: widest + 20,
        sqlite3.SQLITE_LIMIT_VDBE_OP: 50 * widest,
        sqlite3.SQLITE_LIMIT_SQL_LENGTH: 200 * widest,
    }
    return {limit: max(value, room.get(limit, 0)) for limit, value in LIMITS.items()}


def restrict(connection: sqlite3.Connection, limits: Mapping[int, int] = LIMITS) -> None:
    """Restricts a connection to reading, within the limits.

    >>> from contextlib import closing
    >>> with closing(sqlite3.connect(":memory:")) as db:
    ...     restrict(db)
    ...     db.execute("create table t (a)")
    Traceback (most recent call last):
    sqlite3.DatabaseError: not authorized
    """
    for limit, value in limits.items():
        connection.setlimit(limit, value)
    replace_functions(connection, limits[sqlite3.SQLITE_LIMIT_LENGTH])
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
