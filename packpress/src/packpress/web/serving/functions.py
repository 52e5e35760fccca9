"""Functions of SQLite that take as long as one text is, times another: here as long as both together.

One call cannot be interrupted, so its length must bound its time. A number is taken for the text that it is
written as, and what is null stays null, as SQLite has it.
"""

import sqlite3
from collections.abc import Callable
from functools import wraps
from typing import Any

Value = str | bytes | int | float | None


def replace_functions(connection: sqlite3.Connection, most: int) -> None:
    """Makes the connection use ours; a text of more than `most` signs is refused."""

    def replace(text: str, old: str, new: str) -> str:
        grown = text.count(old) * (len(new) - len(old)) if old else 0
        if len(text) + grown > most:
            # SQLite itself says that this is too long, before it is made.
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
    """Place of the part, counted from 1; 0 when it is not there."""
    if isinstance(value, bytes) and isinstance(part, bytes):
        return value.find(part) + 1
    place: int | None = of_texts(lambda text, word: text.find(word) + 1)(value, part)
    return place


def of_texts(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function of texts, for values of any kind."""

    @wraps(function)
    def call(*values: Value) -> Any:
        return None if None in values else function(*map(write_value, values))

    return call


def write_value(value: Value) -> str:
    """The value as text."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def cut_start(text: str, signs: str) -> str:
    """The text without those of the signs that it begins with."""
    known = {*signs}
    return text[next((place for place, sign in enumerate(text) if sign not in known), len(text)) :]


def cut_end(text: str, signs: str) -> str:
    """The text without those of the signs that it ends with."""
    return cut_start(text[::-1], signs)[::-1]
