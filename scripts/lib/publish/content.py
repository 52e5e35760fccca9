"""The content of a table as every format publishes it: records of text, and the same rows as typed values."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from typing import Any

from scripts.lib.canonical import Record, sort_records
from scripts.lib.cells import make_reader
from scripts.lib.problems import CannotRunError
from scripts.lib.resource import Field, Resource

Values = tuple[Any, ...]

MOMENTS = frozenset({"date", "time", "datetime"})


@dataclass(frozen=True)
class Content:
    """One table, declared or derived, in the order of its key."""

    resource: Resource
    records: list[Record]

    @cached_property
    def rows(self) -> list[Values]:
        """The rows as typed values; CannotRunError when a value is not of its type or fits in no database."""
        readers = [_make_value_reader(field, self.resource) for field in self.resource.fields]
        return [
            tuple(read(text) for read, text in zip(readers, record, strict=True)) for record in self.records
        ]

    @cached_property
    def plain_rows(self) -> list[Values]:
        """The rows with dates and times as ISO text, as SQLite and JSON hold them."""
        if not any(field.type in MOMENTS for field in self.resource.fields):
            return self.rows
        return [tuple(map(as_plain, row)) for row in self.rows]


def new_content(resource: Resource, records: Iterable[Record]) -> Content:
    """The content that the records make."""
    return Content(resource, sort_records(resource, records))


def missing_values(field: Field, resource: Resource) -> tuple[str, ...]:
    """The texts that mean that a cell of the field is missing."""
    declared = field.raw.get("missingValues")
    return tuple(declared) if declared is not None else resource.missing_values


def missing_text(field: Field, resource: Resource) -> str:
    """How a missing cell is written: as nothing, unless the descriptor says otherwise."""
    texts = missing_values(field, resource)
    return "" if "" in texts or not texts else texts[0]


def write_value(value: Any, field: Field, resource: Resource) -> str:
    """The text of a value that a database returned."""
    if value is None:
        return missing_text(field, resource)
    if field.type == "boolean":
        return "true" if value else "false"
    return str(value)


def _make_value_reader(field: Field, resource: Resource) -> Callable[[str], Any]:
    read, kind = make_reader(field, resource), field.type

    def read_value(text: str) -> Any:
        value, message = read(text)
        try:
            if message:
                raise ValueError(message)
            return None if value is None else convert_value(value, text, kind)
        except (ValueError, OverflowError) as error:
            raise CannotRunError(f'{resource.name}: {field.name}="{text}": {error}') from None

    return read_value


def convert_value(value: Any, text: str, kind: str) -> Any:
    """The value in a type that every format knows; ValueError when a database cannot hold it.

    A value of a type that not every format has stays text, as it is written.
    """
    if kind in {"integer", "year"} and not -(2**63) <= value < 2**63:
        raise ValueError("does not fit in 64 bits; declare the field as a string")
    if kind in {"integer", "year", "boolean"} or kind in MOMENTS:
        return value
    if kind != "number":
        return text
    number = float(value)
    if number != number:
        raise ValueError("not a number, which SQLite cannot hold; leave the cell empty")
    return number


def as_plain(value: Any) -> Any:
    """The value, or its ISO text when it is a date or a time."""
    return value.isoformat() if isinstance(value, date | time | datetime) else value
