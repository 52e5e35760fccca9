"""Values: the rows of tables as typed values, the CSV that is published, and the hash of what they say."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from packpress.package.resource import Field, Resource
from packpress.problems import CannotRunError
from packpress.tables.constraints import make_reader
from packpress.tables.csv import Record, canonical_pieces, sort_records
from packpress.tables.fast.columns import (
    bytes_within,
    integers_of,
    join_texts,
    longest_cell,
    make_texts,
    make_values,
    offsets_of,
    valid_mask,
)
from packpress.tables.types import custom_keys, type_of


def texts_of(column: pa.Array) -> list[str | None]:
    """The texts of a column as Python has them."""
    # To join all and cut them again takes half as long as to cut out each.
    texts: list[str | None] = list(join_texts(column).decode("utf-8").split("\0"))
    if len(texts) != len(column):  # there is none, or some hold the separator
        offsets = offsets_of(column).tolist() if len(column) else []
        data = bytes(memoryview(column.buffers()[2] or b"")) if len(column) else b""
        texts = [data[begin:end].decode("utf-8") for begin, end in zip(offsets, offsets[1:], strict=False)]
    for place in np.flatnonzero(~valid_mask(column)).tolist() if column.null_count else ():
        texts[place] = None
    return texts


class ValueColumn:
    """Reads the values of one field; CannotRunError names a value that not every format can hold."""

    def __init__(self, field: Field, resource: Resource) -> None:
        self.field, self.resource = field, resource
        self._read = make_reader(field, resource)
        texts = [text for text in resource.missing_values_of(field) if text]
        self._missing = make_texts(texts) if texts else None
        # An empty cell is a text of its own where the declared missing values leave it out.
        self._type = type_of(field)
        is_missing = self._type.store is not None or "" in resource.missing_values_of(field)
        self._empty: str | None = None if is_missing else self._read("")[0]
        # Of texts no longer than this, and made of nothing but -./0123456789, Arrow reads what Python reads.
        self._longest_plain = 0 if custom_keys(field) else self._type.longest_plain

    def drop_missing(self, column: pa.Array) -> pa.Array:
        """The column with null wherever a cell is missing."""
        if column.null_count and self._empty is not None:
            column = pc.fill_null(column, make_texts([self._empty])[0])
        if self._missing is not None:
            is_missing = pc.is_in(column, value_set=self._missing)
            column = pc.if_else(is_missing, make_texts([None])[0], column)
        return column

    def read_array(self, column: pa.Array, kind: Any) -> pa.Array:
        """The values as an array of a type."""
        column = self.drop_missing(column)
        if self._type.store is None:
            return column.cast(kind)
        plain = self._cast_plain(column)
        if plain is not None:
            return plain
        encoded = column.dictionary_encode()
        distinct = [self._read_value(text) for text in texts_of(encoded.dictionary)]
        if kind == pa.string():
            distinct = list(map(as_plain, distinct))
        return make_values(distinct, kind).take(encoded.indices)

    def read_values(self, column: pa.Array, convert: Callable[[Any], Any] | None = None) -> list[Any]:
        """The values as Python has them, each distinct one passed through `convert`."""
        column = self.drop_missing(column)
        if self._type.store is None and not self.field.choices:
            return texts_of(column)
        # A date is made for each distinct text alone, which is the quicker way to those of Python.
        plain = self._cast_plain(column) if self.field.type != "date" else None
        if plain is not None:
            found = np.frombuffer(plain.buffers()[1], np.float64 if self.field.type == "number" else np.int64)
            listed: list[Any] = found[plain.offset : plain.offset + len(plain)].tolist()
            for place in np.flatnonzero(~valid_mask(plain)).tolist() if plain.null_count else ():
                listed[place] = None
            return listed
        encoded = column.dictionary_encode()
        distinct: list[Any] = texts_of(encoded.dictionary)
        if self._type.store:
            distinct = list(map(self._read_value, distinct))
            distinct = list(map(convert, distinct)) if convert else distinct
        found_once = np.empty(len(distinct) + 1, object)  # the last is what a null leads to
        found_once[:-1] = distinct
        taken: list[Any] = found_once[integers_of(encoded.indices)].tolist()
        return taken

    def read_distinct(self, column: pa.Array) -> list[Any]:
        """Each value of a column once, missing ones left out."""
        distinct = self.drop_missing(column).drop_null().unique()
        return [value for value in map(self._read_value, texts_of(distinct)) if value is not None]

    def _cast_plain(self, column: pa.Array) -> pa.Array | None:
        """The values as Arrow reads them; None when it might read any other than Python does."""
        longest = self._longest_plain
        if not longest or not len(column):
            return None
        data = bytes_within(column)
        if len(data) and (data.min() < ord("-") or data.max() > ord("9") or longest_cell(column) > longest):
            return None
        try:
            return pc.cast(column, pa.type_for_alias(self._type.arrow))
        except pa.ArrowInvalid:
            return None

    def _read_value(self, text: str | None) -> Any:
        text = text or ""  # null is an empty cell
        value, message = self._read(text)
        try:
            if message:
                raise ValueError(message)
            return None if value is None else self._type.convert(value, text)
        except (ValueError, OverflowError) as error:
            raise CannotRunError(f'{self.resource.name}: {self.field.name}="{text}": {error}') from None

    def check(self, column: pa.Array) -> None:
        """CannotRunError when a cell is not of its type or breaks a constraint."""
        if column.null_count:
            message = self._read("")[1]
            if message:
                raise CannotRunError(f'{self.resource.name}: {self.field.name}="": {message}')
        for text in texts_of(column.drop_null().unique()):
            if text and (message := self._read(text)[1]):
                raise CannotRunError(f'{self.resource.name}: {self.field.name}="{text}": {message}')


def as_plain(value: Any) -> Any:
    """The value, or its ISO text when it is a date or a time."""
    return value.isoformat() if isinstance(value, date | time | datetime) else value


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


def write_csv(path: Path, content: Content) -> None:
    """Writes the canonical CSV of a table; the bytes of its source file when that is canonical."""
    canonical = content.resource.replaced(dialect=None, encoding=None)
    with path.open("wb") as file:
        file.writelines(canonical_pieces(canonical, content.records))


def hash_rows(content: Content) -> str:
    """SHA-256 over the rows in order of their key, each a JSON array on a line of UTF-8, the names first.

    Numbers are JSON numbers, booleans true or false, dates ISO texts, and a missing cell is null.
    """
    digest = hashlib.sha256()
    write_row = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    rows = chain([content.resource.field_names], content.plain_rows)
    while lines := "\n".join(map(write_row, islice(rows, ROWS_AT_ONCE))):
        digest.update(lines.encode("utf-8") + b"\n")
    return digest.hexdigest()


def logical_sums(contents: Iterable[Content]) -> str:
    """One line a table with its hash, in order of their names, then `total`, the hash of these lines."""
    lines = sorted(f"{hash_rows(content)}  {content.resource.name}\n" for content in contents)
    lines.sort(key=lambda line: line.split("  ", 1)[1])
    text = "".join(lines)
    return f"{text}{hashlib.sha256(text.encode('utf-8')).hexdigest()}  total\n"
