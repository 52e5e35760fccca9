"""SQLite limits: how much a request may ask of a build, set on every connection to the data."""

import sqlite3
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from sys import getsizeof
from typing import Any

from datasette.app import Datasette

from packpress.sql import limit_sizes, restrict
from packpress.web.pages import read_settings

# The size of a result in memory, in bytes: enough for a page of the longest rows, up to the second number.
ANSWER_BYTES, MOST_ANSWER_BYTES = 16 * 2**20, 256 * 2**20
ROWS_A_PAGE = 60


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
    limits = limit_sizes(longest, widest)
    return Bounds(limits, min(max(ANSWER_BYTES, ROWS_A_PAGE * longest), MOST_ANSWER_BYTES))


def bound_connection(connection: sqlite3.Connection, bounds: Bounds) -> None:
    """Restricts a connection to reading, within the limits."""
    restrict(connection, bounds.limits)
    connection.row_factory = Allowance(bounds.answer_bytes)
