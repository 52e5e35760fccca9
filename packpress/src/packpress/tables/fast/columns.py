"""Columns: between Python, numpy and Arrow, without pandas, whose import Arrow's own ways would cost."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Mask = npt.NDArray[np.bool_]

MICROSECOND = timedelta(microseconds=1)


def _bits(buffer: Any, offset: int, length: int) -> Mask:
    bits = np.unpackbits(np.frombuffer(buffer, np.uint8), bitorder="little", count=offset + length)
    return bits[offset:].astype(np.bool_)


def valid_mask(array: pa.Array) -> Mask:
    """Which values are not null."""
    validity = array.buffers()[0]
    if validity is None or not array.null_count:
        return np.ones(len(array), np.bool_)
    return _bits(validity, array.offset, len(array))


def true_mask(array: pa.Array) -> Mask:
    """Which values of an array of booleans are true; null is not."""
    if not len(array):
        return np.zeros(0, np.bool_)
    return _bits(array.buffers()[1], array.offset, len(array)) & valid_mask(array)


def integers_of(array: pa.Array, null: int = -1) -> npt.NDArray[np.int32]:
    """The values of an array of 32 bit integers, with a number for null."""
    values = np.frombuffer(array.buffers()[1], np.int32)[array.offset : array.offset + len(array)]
    return np.where(valid_mask(array), values, np.int32(null)) if array.null_count else values


def make_buffer(data: npt.NDArray[np.uint8]) -> pa.Buffer:
    """The bytes in memory of Arrow's own.

    Whatever reads in threads of Arrow's must get such memory: a thread that gives back memory of Python's
    while Python ends aborts the process. Computing and writing Parquet happen in the thread that asks, so
    arrays may borrow from Python.
    """
    buffer = pa.allocate_buffer(len(data))
    np.frombuffer(buffer, np.uint8)[:] = data
    return buffer


def make_places(places: npt.NDArray[np.int64]) -> pa.Array:
    """Places to take from an array."""
    values = np.ascontiguousarray(places, np.int64)
    return pa.Array.from_buffers(pa.int64(), len(values), [None, pa.py_buffer(values)])


def make_integer(value: int) -> Any:
    """A whole number that compares with an array of such."""
    return make_places(np.array([value], np.int64))[0]


def make_float(value: float) -> Any:
    """A number that compares with an array of such."""
    return pa.Array.from_buffers(pa.float64(), 1, [None, pa.py_buffer(np.array([value], np.float64))])[0]


def make_binary(values: Sequence[bytes | None]) -> pa.Array:
    """An array of bytes."""
    return _make(pa.binary(), values)


def make_texts(texts: Sequence[str | None]) -> pa.Array:
    """An array of texts."""
    return _make(pa.string(), [None if text is None else text.encode("utf-8") for text in texts])


def _make(kind: Any, values: Sequence[bytes | None]) -> pa.Array:
    lengths = [0 if value is None else len(value) for value in values]
    offsets = np.zeros(len(values) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:], dtype=np.int32)
    is_valid = np.array([value is not None for value in values], np.bool_)
    validity = None if is_valid.all() else pa.py_buffer(np.packbits(is_valid, bitorder="little"))
    data = pa.py_buffer(b"".join(value for value in values if value is not None))
    return pa.Array.from_buffers(kind, len(values), [validity, pa.py_buffer(offsets), data])


def join_texts(column: pa.Array) -> bytes:
    """The texts of a column with NUL between them; null is like an empty one."""
    ends = pa.Array.from_buffers(pa.int32(), 2, [None, pa.py_buffer(np.array([0, len(column)], np.int32))])
    filled = pc.fill_null(column, make_texts([""])[0]) if column.null_count else column
    joined = pc.binary_join(pa.ListArray.from_arrays(ends, filled), make_texts(["\0"])[0])
    return bytes(joined.buffers()[2] or b"")


def make_values(values: Sequence[Any], kind: Any) -> pa.Array:
    """An array of Python's values: texts, truths, numbers, dates and times."""
    if kind == pa.string():
        return make_texts(values)
    is_valid = np.array([value is not None for value in values], np.bool_)
    numbers = [0 if value is None else _count(value) for value in values]
    if kind == pa.bool_():
        data = np.packbits(np.array(numbers, np.bool_), bitorder="little")
    else:
        data = np.array(numbers, {pa.float64(): np.float64, pa.date32(): np.int32}.get(kind, np.int64))
    validity = None if is_valid.all() else pa.py_buffer(np.packbits(is_valid, bitorder="little"))
    return pa.Array.from_buffers(kind, len(values), [validity, pa.py_buffer(data)])


def _count(value: Any) -> Any:
    """A value as the number that Arrow keeps of it: days or microseconds of a date or time."""
    if isinstance(value, datetime):
        epoch = datetime(1970, 1, 1)
        return (value.replace(tzinfo=None) - (value.utcoffset() or timedelta()) - epoch) // MICROSECOND
    if isinstance(value, date):
        return value.toordinal() - date(1970, 1, 1).toordinal()
    if isinstance(value, time):
        return ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond
    return value


def join_arrays(arrays: list[pa.Array], kind: Any) -> pa.Array:
    """The arrays one behind the other."""
    return pa.concat_arrays(arrays) if arrays else _make(kind, ())


def longest_cell(column: pa.Array) -> int:
    """The length in bytes of the longest cell of a column."""
    if not len(column):
        return 0
    return int(np.diff(offsets_of(column)).max())


def offsets_of(column: pa.Array) -> npt.NDArray[np.int32]:
    """Where each cell of a column begins in its bytes, and the last one ends."""
    offsets = np.frombuffer(column.buffers()[1], np.int32)
    return offsets[column.offset : column.offset + len(column) + 1]


def bytes_of(column: pa.Array) -> npt.NDArray[np.uint8]:
    """The bytes of a column, which its offsets point into; those outside its cells are left out behind."""
    data = column.buffers()[2]
    return np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(0, np.uint8)


def bytes_within(column: pa.Array) -> npt.NDArray[np.uint8]:
    """The bytes of the cells of a column, one cell right behind the other."""
    offsets = offsets_of(column)
    return bytes_of(column)[offsets[0] : offsets[-1]]


def is_known_to_re2(expression: str) -> bool:
    """Whether RE2 takes an expression, which may be too large for it."""
    try:
        pc.match_substring_regex(make_texts(["x"]), expression)
    except pa.ArrowInvalid:
        return False
    return True


def matches_re2(text: str, expression: str) -> bool:
    """Whether a text holds a match of an expression of RE2."""
    return bool(pc.match_substring_regex(make_texts([text]), expression)[0].as_py())
