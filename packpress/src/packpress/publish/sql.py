"""SQL text: identifiers and literals quoted in one place, and scripts cut into statements."""

import sqlite3
from collections.abc import Iterator
from typing import Any


def quote_identifier(name: str) -> str:
    """The name of a table or column, safe in any statement even when it is a keyword."""
    return '"' + name.replace('"', '""') + '"'


def quote_identifiers(names: tuple[str, ...]) -> str:
    """The names, each quoted, with commas between."""
    return ", ".join(map(quote_identifier, names))


def quote_literal(value: Any) -> str:
    """The value as a constant of SQL: null, a number, or a text."""
    if value is None:
        return "null"
    if isinstance(value, bool | int):
        return str(int(value))
    if isinstance(value, float):
        # SQLite has no word for infinity, but reads a number too large as one.
        return {float("inf"): "9e999", float("-inf"): "-9e999"}.get(value) or repr(value)
    return "'" + str(value).replace("'", "''") + "'"


def split_statements(script: str) -> Iterator[str]:
    """The statements of a script one by one, so that they can run inside a transaction.

    `executescript` would commit first.
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
    """Runs every statement of the script in the transaction that is open."""
    for statement in split_statements(script):
        db.execute(statement)
