"""Parquet files of answers: written in a thread, batch by batch, into an anonymous temporary file."""

import base64
import pickle
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from tempfile import TemporaryFile
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from datasette.utils import sqlite3

from packpress.tables.types import TYPES
from packpress.web.tables.answers import Answer, AnswerColumn, FileLimits, Rows, check_size, read_batches

GROUP_BYTES = 2**24
# Rows kept for a second pass may take this many times the size limit of the file.
PLAIN = 10
# Up to this number, integers are exact as doubles.
EXACT = 2**53
# The Arrow types for SQLite's storage classes.
HELD = {"INTEGER": pa.int64(), "REAL": pa.float64(), "TEXT": pa.string()}
BINARY = "binary"


def write_answer(connection: sqlite3.Connection, answer: Answer, bounds: FileLimits) -> IO[bytes]:
    """The whole answer as an open Parquet file, which vanishes when it is closed."""
    with ExitStack() as stack:
        file = stack.enter_context(TemporaryFile())
        with closing(read_batches(connection, answer, bounds)) as batches:
            if all(column.kind for column in answer.columns):
                _write_table(file, answer.columns, batches, bounds)
            else:
                with TemporaryFile() as store:
                    columns = _infer_kinds(answer.columns, _keep(batches, store, bounds))
                    _write_table(file, columns, _read_kept(store), bounds)
        # Complete, so it stays open for sending.
        stack.pop_all()
        return file


def _keep(batches: Iterable[Rows], store: IO[bytes], bounds: FileLimits) -> Iterator[Rows]:
    """The batches, each stored for a second pass: running a query twice need not give the same rows."""
    for batch in batches:
        pickle.dump(batch, store)
        check_size(store, bounds.file_bytes * PLAIN)
        yield batch


def _read_kept(store: IO[bytes]) -> Iterator[Rows]:
    end = store.tell()
    store.seek(0)
    while store.tell() < end:
        yield pickle.load(store)


def _infer_kinds(columns: Sequence[AnswerColumn], batches: Iterable[Rows]) -> list[AnswerColumn]:
    """The columns with types that fit all values.

    Columns without values become text, which Spark can read.
    """
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
                check_size(file, bounds.file_bytes)
        if group:
            writer.write_table(pa.Table.from_batches(group))
    check_size(file, bounds.file_bytes)


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
    """The Arrow types of a column, as stored in SQLite and as written to the file."""
    if kind == BINARY:
        return pa.binary(), pa.binary()
    declared = TYPES.get(kind, TYPES["any"])
    # Whether date-times have time zones is not known before all rows are read, so they stay text.
    arrow = "string" if declared.name == "datetime" else declared.arrow
    return HELD[declared.sql], pa.type_for_alias(arrow)


def _as_text(value: Any) -> str | None:
    """The value as JSON would write it."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return None if value is None else str(value)
