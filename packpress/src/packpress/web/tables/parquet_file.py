"""Parquet files of answers: written beside the server's loop, batch by batch, into a file without a name."""

import base64
import pickle
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from tempfile import TemporaryFile
from threading import Event
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from datasette.database import QueryInterrupted
from datasette.utils import sqlite3

from packpress.tables.types import TYPES
from packpress.web.tables.answers import Answer, AnswerColumn, Rows

BATCH_ROWS = 1_000
GROUP_BYTES = 2**24
# Rows kept for a second reading may take so many times the room of the file that they become.
PLAIN = 10
# Up to here every integer is a number of its own as a double too.
EXACT = 2**53
# How SQLite holds a value, by its word for it.
HELD = {"INTEGER": pa.int64(), "REAL": pa.float64(), "TEXT": pa.string()}
BINARY = "binary"


class TooLargeError(Exception):
    """The file would grow beyond what the site gives out."""


@dataclass(frozen=True)
class FileLimits:
    """How long SQLite may work, how large a file may grow, and whether anybody still wants it."""

    seconds: float
    file_bytes: int
    stop: Event


def write_answer(connection: sqlite3.Connection, answer: Answer, bounds: FileLimits) -> IO[bytes]:
    """The whole answer as an open Parquet file, which vanishes when it is closed."""
    with ExitStack() as stack:
        file = stack.enter_context(TemporaryFile())
        with closing(_read_batches(connection, answer, bounds)) as batches:
            if all(column.kind for column in answer.columns):
                _write_table(file, answer.columns, batches, bounds)
            else:
                with TemporaryFile() as store:
                    columns = _infer_kinds(answer.columns, _keep(batches, store, bounds))
                    _write_table(file, columns, _read_kept(store), bounds)
        # Complete, so it stays open for whoever sends it.
        stack.pop_all()
        return file


def _read_batches(connection: sqlite3.Connection, answer: Answer, bounds: FileLimits) -> Generator[Rows]:
    """The rows in order, some at a time, until nobody wants them any more.

    QueryInterrupted when SQLite works too long: on a query in all, on a table, whose end is known,
    between two batches.
    """
    if answer.rows is not None:
        yield from filter(None, [answer.rows])
        return
    spent, began = 0.0, time.perf_counter()

    def is_over() -> bool:
        return bounds.stop.is_set() or spent + time.perf_counter() - began > bounds.seconds

    connection.set_progress_handler(is_over, 1000)
    try:
        cursor = connection.cursor()
        cursor.row_factory = None
        cursor.execute(answer.sql, answer.params)
        while batch := cursor.fetchmany(BATCH_ROWS):
            spent += time.perf_counter() - began if answer.is_query else 0
            yield batch
            began = time.perf_counter()
    except sqlite3.OperationalError as error:
        if error.args == ("interrupted",):
            raise QueryInterrupted(error, answer.sql, answer.params) from None
        raise
    finally:
        connection.set_progress_handler(None, 0)


def _keep(batches: Iterable[Rows], store: IO[bytes], bounds: FileLimits) -> Iterator[Rows]:
    """The batches, each kept for a second reading: a query need not say the same thing twice."""
    for batch in batches:
        pickle.dump(batch, store)
        _check_size(store, bounds.file_bytes * PLAIN)
        yield batch


def _read_kept(store: IO[bytes]) -> Iterator[Rows]:
    end = store.tell()
    store.seek(0)
    while store.tell() < end:
        yield pickle.load(store)


def _infer_kinds(columns: Sequence[AnswerColumn], batches: Iterable[Rows]) -> list[AnswerColumn]:
    """The columns with kinds that hold every value; one without values is text, which Spark reads too."""
    seen: list[set[Any]] = [set() for _ in columns]
    for batch in batches:
        for types, values in zip(seen, zip(*batch, strict=True), strict=True):
            types |= set(map(type, values))
            if int in types and any(type(value) is int and abs(value) > EXACT for value in values):
                types.add("large")
    return [
        column if column.kind else replace(column, kind=_name_kind(types - {type(None)}))
        for column, types in zip(columns, seen, strict=True)
    ]


def _name_kind(types: set[Any]) -> str:
    for allowed, kind in (
        ({str}, "string"),
        ({int, "large"}, "integer"),
        ({int, float}, "number"),
        ({bytes}, BINARY),
    ):
        if types <= allowed:
            return kind
    return "mixed"


def _write_table(
    file: IO[bytes], columns: Sequence[AnswerColumn], batches: Iterable[Rows], bounds: FileLimits
) -> None:
    schema = pa.schema([_make_field(column) for column in columns])
    group: list[pa.RecordBatch] = []
    size = 0
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for rows in batches:
            pairs = zip(columns, zip(*rows, strict=True), strict=True)
            arrays = [_make_array(column, values) for column, values in pairs]
            group.append(pa.RecordBatch.from_arrays(arrays, schema=schema))
            size += group[-1].nbytes
            if size >= GROUP_BYTES:
                writer.write_table(pa.Table.from_batches(group))
                group, size = [], 0
                _check_size(file, bounds.file_bytes)
        if group:
            writer.write_table(pa.Table.from_batches(group))
    _check_size(file, bounds.file_bytes)


def _check_size(file: IO[bytes], limit: int) -> None:
    if file.tell() > limit:
        raise TooLargeError


def _make_field(column: AnswerColumn) -> pa.Field:
    kind = _find_types(column.kind)[1]
    described = column.title or column.description
    return pa.field(
        column.name,
        pa.dictionary(pa.int32(), kind) if column.allowed else kind,
        nullable=not column.is_required,
        metadata={"title": column.title, "description": column.description} if described else None,
    )


def _make_array(column: AnswerColumn, values: Iterable[Any]) -> pa.Array:
    if column.allowed:
        listed = pa.array(column.allowed, pa.string())
        return pa.DictionaryArray.from_arrays(pc.index_in(pa.array(values, pa.string()), listed), listed)
    stored, kind = _find_types(column.kind)
    return pa.array(map(_as_text, values) if column.kind == "mixed" else values, stored).cast(kind)


def _find_types(kind: str) -> tuple[pa.DataType, pa.DataType]:
    """The Arrow types of a column as SQLite holds it and as the file does."""
    if kind == BINARY:
        return pa.binary(), pa.binary()
    declared = TYPES.get(kind, TYPES["any"])
    # Whether moments name their zones is not known before all have been read, so they stay text here.
    arrow = "string" if declared.name == "datetime" else declared.arrow
    return HELD[declared.sql], pa.type_for_alias(arrow)


def _as_text(value: Any) -> str | None:
    """The value as JSON would write it."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return None if value is None else str(value)
