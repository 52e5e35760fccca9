"""The content of a table as every format publishes it: columns of text in order of the key, and typed rows.

A content can be gone through any number of times, and holds no more than some thousand rows at once.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import pyarrow as pa

from packpress.package.field import Field
from packpress.package.resource import Resource
from packpress.publish.values import ValueColumn, as_plain, texts_of
from packpress.tables.canonical import Record, sort_records
from packpress.tables.fast.arrays import make_texts

Values = tuple[Any, ...]
# Columns of text of some rows; an empty cell is null.
Columns = list[pa.Array]
# Columns of typed values of some rows.
ValueColumns = Sequence[Sequence[Any]]

ROWS_AT_ONCE = 1 << 15


@dataclass(frozen=True)
class Rows:
    """Rows that can be gone through again and again."""

    start: Callable[[], Iterator[Values]]
    count: int

    def __iter__(self) -> Iterator[Values]:
        return self.start()

    def __len__(self) -> int:
        return self.count


@dataclass(frozen=True)
class Content:
    """One table, declared or derived, in the order of its key; `start` begins to read its columns."""

    resource: Resource
    start: Callable[[], Iterator[Columns]]
    count: int
    is_validated: bool = False

    def __len__(self) -> int:
        return self.count

    @property
    def records(self) -> Rows:
        """The rows as texts."""
        return Rows(self._iterate_records, self.count)

    @property
    def rows(self) -> Rows:
        """The rows as typed values; CannotRunError when a value is not of its type or fits in no database."""
        return Rows(self._iterate_rows, self.count)

    @property
    def plain_rows(self) -> Rows:
        """The rows with dates and times as ISO text, as SQLite and JSON hold them."""
        return Rows(lambda: self._iterate_rows(as_plain), self.count)

    @cached_property
    def columns(self) -> list[ValueColumn]:
        """What reads the values of each field."""
        return [ValueColumn(field, self.resource) for field in self.resource.fields]

    def read_columns(self) -> Iterator[Columns]:
        """The columns of text, some thousand rows at a time, known to be of their types."""
        for columns in self.start():
            if not self.is_validated:
                for reader, column in zip(self.columns, columns, strict=True):
                    reader.check(column)
            yield columns

    def read_values(self, convert: Callable[[Any], Any] | None = None) -> Iterator[ValueColumns]:
        """The columns of typed values, some thousand rows at a time, each value passed through `convert`."""
        for columns in self.read_columns():
            yield [
                reader.read_values(column, convert)
                for reader, column in zip(self.columns, columns, strict=True)
            ]

    def read_plain_values(self) -> Iterator[ValueColumns]:
        """The columns of values with dates and times as ISO text."""
        return self.read_values(as_plain)

    def _iterate_records(self) -> Iterator[Record]:
        for columns in self.start():
            yield from zip(*([text or "" for text in texts_of(column)] for column in columns), strict=True)

    def _iterate_rows(self, convert: Callable[[Any], Any] | None = None) -> Iterator[Values]:
        for values in self.read_values(convert):
            yield from zip(*values, strict=True)


def make_columns(records: Iterable[Record], width: int) -> Iterator[Columns]:
    """The records as columns, some thousand rows at a time."""
    source = iter(records)
    while chunk := list(islice(source, ROWS_AT_ONCE)):
        yield (
            [make_texts([cell or None for cell in column]) for column in zip(*chunk, strict=True)]
            if width
            else []
        )


def new_content(resource: Resource, records: Iterable[Record]) -> Content:
    """The content that the records make."""
    listed = sort_records(resource, records)
    return Content(resource, lambda: make_columns(listed, len(resource.fields)), len(listed))


def write_value(value: Any, field: Field, resource: Resource) -> str:
    """The text of a value that a database returned."""
    if value is None:
        return resource.missing_text(field)
    if field.type == "boolean":
        return "true" if value else "false"
    return str(value)
