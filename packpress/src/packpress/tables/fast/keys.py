"""Keys: the values of key fields as bytes, their hashes, and whether rows stand in the order of their key."""

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from packpress.package.resource import Field, Resource
from packpress.tables.constraints import make_reader
from packpress.tables.fast.batches import Block
from packpress.tables.fast.columns import (
    bytes_within,
    longest_cell,
    make_binary,
    make_texts,
    offsets_of,
    true_mask,
)
from packpress.tables.types import type_of

# No byte of UTF-8, so that the values of a composite key cannot run into each other.
SEPARATOR, FOREIGN = b"\xff", b"\xfe"
MULTIPLIER = 0x9E3779B97F4A7C15


def kind_of(field: Field) -> str:
    """What the values of a field can be equal to: numbers, texts, or others of their type."""
    return type_of(field).key_kind or field.type


class KeyReader:
    """Reads the key of some fields from blocks; a key of which a part is missing or unreadable is null."""

    def __init__(self, resource: Resource, names: tuple[str, ...], has_defaults: bool = False) -> None:
        positions = {name: place for place, name in enumerate(resource.field_names)}
        self.names = names
        self._positions = [positions[name] for name in names]
        self._parts = [_PartReader(resource.field(name), resource, has_defaults) for name in names]
        # Values of different kinds are never equal.
        self.kinds = tuple(part.kind for part in self._parts)

    def read_parts(self, block: Block) -> list[pa.Array]:
        """The parts of the keys of a block, field by field."""
        return [
            part.read(block.columns[place]) for part, place in zip(self._parts, self._positions, strict=True)
        ]

    def join(self, parts: list[pa.Array]) -> pa.Array:
        """The keys that the parts make."""
        return (
            parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, make_binary([SEPARATOR])[0])
        )

    def read(self, block: Block) -> pa.Array:
        """The keys of a block."""
        return self.join(self.read_parts(block))

    def read_texts(self, texts: list[str]) -> bytes | None:
        """The key that some cells make."""
        columns = [make_texts([text or None]) for text in texts]
        parts = [part.read(column) for part, column in zip(self._parts, columns, strict=True)]
        key: bytes | None = self.join(parts)[0].as_py()
        return key


class _PartReader:
    """Reads the values of one field."""

    def __init__(self, field: Field, resource: Resource, has_defaults: bool) -> None:
        self.kind = kind_of(field)
        has_format = field.format != "default"
        self._is_text = field.type == "string" and not has_format
        self._is_integer = field.type == "integer" and not {"bareNumber", "groupChar"} & field.declared
        self._read = make_reader(field, resource)
        texts = [text for text in resource.missing_values_of(field) if text]
        self._missing = make_texts(texts) if texts else None
        default = field.empty_counts_as if has_defaults else None
        self._default = None if default is None else self._write_default(default)

    def read(self, column: pa.Array) -> pa.Array:
        """The values of a column, missing ones null."""
        if self._is_text or (self._is_integer and is_canonical_integer(column)):
            values = column
            if self._missing is not None:
                is_missing = pc.is_in(column, value_set=self._missing)
                values = pc.if_else(is_missing, make_texts([None])[0], column)
            values = values.cast(pa.binary())
        else:
            encoded = column.dictionary_encode()
            distinct = [self._write(text) for text in encoded.dictionary.to_pylist()]
            values = make_binary(distinct).take(encoded.indices)
        if column.null_count and (empty := self._write("")) is not None:
            values = pc.if_else(column.is_null(), make_binary([empty])[0], values)
        return values if self._default is None else pc.fill_null(values, make_binary([self._default])[0])

    def _write(self, text: str) -> bytes | None:
        return write_value(self._read(text)[0])

    def _write_default(self, default: Any) -> bytes | None:
        is_alike = isinstance(default, str) == (self.kind != "number")
        written = write_value(default)
        return written if is_alike or written is None else FOREIGN + written


def is_canonical_integer(column: pa.Array) -> bool:
    """Whether every cell is written as the whole number that it is: digits, no sign, no leading nought."""
    data = bytes_within(column)
    if not len(data):
        return True
    if data.min() < 48 or data.max() > 57 or longest_cell(column) > 18:
        return False
    offsets = offsets_of(column)
    long = np.flatnonzero(np.diff(offsets) > 1)
    return not (data[offsets[long] - offsets[0]] == 48).any()


def write_value(value: Any) -> bytes | None:
    """The value as bytes that are the same for every value equal to it; None for what is missing."""
    match value:
        case None:
            return None
        case str():
            return value.encode("utf-8", "surrogatepass")
        case bool() | int():
            return str(int(value)).encode()
        case float() | Decimal():
            return _write_number(Decimal(value))
        case datetime() if value.tzinfo is not None:
            return value.astimezone(UTC).isoformat().encode()
        case date() | time():
            return value.isoformat().encode()
        case dict():  # whose members have no order
            return json.dumps(value, sort_keys=True, default=str).encode()
    return repr(value).encode("utf-8", "surrogatepass")


def _write_number(value: Decimal) -> bytes:
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        return str(value).encode()  # infinite, or no number
    written = "".join(map(str, digits))
    stripped = written.rstrip("0")
    exponent += len(written) - len(stripped)
    if not stripped:
        return b"0"
    if 0 <= exponent < 40:
        stripped, exponent = stripped + "0" * exponent, 0
    stripped = stripped.lstrip("0")
    return f"{'-' if sign else ''}{stripped}{f'e{exponent}' if exponent else ''}".encode()


def hash_keys(keys: pa.Array) -> npt.NDArray[np.uint64]:
    """A number for each key, none of which is null; equal for equal keys, and rarely for others."""
    keys = keys.cast(pa.binary())
    offsets = offsets_of(keys)
    data = bytes_within(keys).astype(np.uint64)
    begins, lengths = (offsets[:-1] - offsets[0]).astype(np.int64), np.diff(offsets).astype(np.int64)
    if not len(data):
        return np.zeros(len(keys), np.uint64)
    longest = int(lengths.max())
    powers = np.cumprod(np.full(longest + 1, MULTIPLIER, np.uint64))
    if lengths.min() == longest:
        sums: Any = (data.reshape(len(keys), longest) + np.uint64(1)) @ powers[:longest]
    else:
        places = np.arange(len(data)) - np.repeat(begins, lengths)
        terms = np.append((data + np.uint64(1)) * powers[places], np.uint64(0))
        sums = np.add.reduceat(terms, begins)
        sums[lengths == 0] = 0
    hashes: npt.NDArray[np.uint64] = sums ^ (sums >> np.uint64(32))
    return hashes


class OrderCheck:
    """Takes the columns of a table in, some rows at a time; `holds` while all rows certainly stand in order.

    Without a key every order is right.
    """

    def __init__(self, resource: Resource) -> None:
        self._positions = [resource.field_names.index(name) for name in resource.primary_key]
        kinds = [resource.fields[position].type for position in self._positions]
        self._are_numbers = [kind == "integer" for kind in kinds]
        # Numbers that may be written in several ways are put in order by their values.
        self.holds = not {"number", "year"} & set(kinds)
        self._last: list[pa.Array] = []

    def add(self, columns: list[pa.Array]) -> None:
        """Takes the next rows in."""
        if not self._positions or not self.holds:
            return
        keys = [columns[position] for position in self._positions]
        for key, is_number in zip(keys, self._are_numbers, strict=True):
            if is_number and (key.null_count or not is_canonical_integer(key)):
                self.holds = False
                return
        keys = [pc.fill_null(key, make_texts([""])[0]) for key in keys]
        joined = (
            [pa.concat_arrays(pair) for pair in zip(self._last, keys, strict=True)] if self._last else keys
        )
        self.holds = _rises(joined, self._are_numbers)
        self._last = [key.slice(len(key) - 1) for key in keys]


def _rises(keys: list[pa.Array], are_numbers: list[bool]) -> bool:
    """Whether no row's key is smaller than the one before."""
    count = len(keys[0]) - 1
    is_open = np.ones(count, np.bool_)  # rows that all fields so far leave equal
    for key, is_number in zip(keys, are_numbers, strict=True):
        values = pc.cast(key, pa.int64()) if is_number else key
        before, behind = values.slice(0, count), values.slice(1)
        if (is_open & true_mask(pc.greater(before, behind))).any():
            return False
        is_open &= true_mask(pc.equal(before, behind))
    return True
