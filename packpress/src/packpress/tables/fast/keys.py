"""Keys as bytes: which are repeated, which are missing elsewhere, and whether rows are sorted by them."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from packpress.package.resource import Field, Resource
from packpress.tables.constraints import make_reader
from packpress.tables.fast.acceptors import make_acceptor
from packpress.tables.fast.batches import Block
from packpress.tables.fast.columns import (
    Column,
    Mask,
    bytes_within,
    make_binary,
    offsets_of,
    true_mask,
    valid_mask,
)
from packpress.tables.moments import find_utc
from packpress.tables.types import type_of

# These bytes do not occur in UTF-8, so that the values of a composite key remain separate.
SEPARATOR, FOREIGN = b"\xff", b"\xfe"
MULTIPLIER = 0x9E3779B97F4A7C15


def kind_of(field: Field) -> str:
    """What the values of a field can be equal to: numbers, texts, or other values of their type.

    >>> kind_of(Field({"name": "built", "type": "year"})), kind_of(Field({"name": "landed", "type": "date"}))
    ('number', 'date')
    """
    return type_of(field).key_kind or field.type


class KeyColumn:
    """The keys of some rows; a key with a missing or invalid part is missing.

    >>> KeyColumn(("boat_id", "port"), [make_binary([b"ada"]), make_binary([b"Wick"])])[0]
    b'ada\\xffWick'
    """

    def __init__(self, names: tuple[str, ...], parts: list[pa.Array]) -> None:
        self._names, self._parts = names, parts
        self.array = (
            parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, make_binary([SEPARATOR])[0])
        )

    def __getitem__(self, place: int) -> bytes | None:
        """The key of a row."""
        key: bytes | None = self.array[place].as_py()
        return key

    def listed(self) -> list[bytes | None]:
        """The keys of all rows.

        >>> KeyColumn(("boat_id",), [make_binary([b"ada", None])]).listed()
        [b'ada', None]
        """
        keys: list[bytes | None] = self.array.to_pylist()
        return keys

    def missing(self) -> Iterator[tuple[str, Mask]]:
        """The rows without a key, each under the first field whose part is missing."""
        others = ~valid_mask(self.array)
        for name, part in zip(self._names, self._parts, strict=True):
            found = others & ~valid_mask(part)
            if found.any():
                yield name, found
            others &= ~found


class TextHashes:
    """Whether the texts of a column all differ, told by hashes in eight bytes for each.

    Two texts with the same hash, one pair in billions, would count as equal.

    >>> hashes = TextHashes()
    >>> hashes.add(["ada", "ida"], 2)
    >>> hashes.add(["una"], 1)
    >>> hashes.are_distinct
    True
    """

    def __init__(self) -> None:
        self._blocks: list[npt.NDArray[np.int64]] | None = []

    def add(self, distinct: list[str], count: int) -> None:
        """Takes the distinct texts of so many further cells into account."""
        if self._blocks is not None and len(distinct) < count:
            self._blocks = None
        if self._blocks is not None:
            self._blocks.append(np.fromiter(map(hash, distinct), np.int64, count))

    @property
    def are_distinct(self) -> bool:
        """Whether no text was repeated."""
        whole = None if self._blocks is None else np.concatenate([*self._blocks, np.zeros(0, np.int64)])
        return whole is not None and len(np.unique(whole)) == len(whole)


class KeyReader:
    """Reads the keys of some fields from blocks.

    >>> from packpress import read_package
    >>> KeyReader(read_package("fleet").by_name["boats"], ("boat_id", "built")).read_texts(["ada", "1998"])
    b'ada\\xff1998'
    """

    def __init__(self, resource: Resource, names: tuple[str, ...], has_defaults: bool = False) -> None:
        positions = {name: place for place, name in enumerate(resource.field_names)}
        self.names = names
        self._positions = [positions[name] for name in names]
        self._parts = [_PartReader(resource.field(name), resource, has_defaults) for name in names]
        # Values of different kinds are never equal.
        self.kinds = tuple(part.kind for part in self._parts)

    def read(self, block: Block) -> KeyColumn:
        """The keys of a block."""
        return self._read([block.columns[place] for place in self._positions])

    def read_texts(self, texts: list[str]) -> bytes | None:
        """The key that consists of these cells."""
        return self._read([Column.of([text or None]) for text in texts])[0]

    def _read(self, columns: Sequence[Column]) -> KeyColumn:
        parts = [part.read(column) for part, column in zip(self._parts, columns, strict=True)]
        return KeyColumn(self.names, parts)


class _PartReader:
    """Reads the values of one field of a key."""

    def __init__(self, field: Field, resource: Resource, has_defaults: bool) -> None:
        self.kind = kind_of(field)
        has_format = field.format != "default"
        self._is_text = field.type == "string" and not has_format
        # Texts in a format are values as they are written, if they have it.
        self._find_doubtful = make_acceptor(field) if field.type == "string" and has_format else None
        self._is_integer = field.type == "integer" and not {"bareNumber", "groupChar"} & field.declared
        self._read = make_reader(field, resource)
        self._missing = [text for text in resource.missing_values_of(field) if text]
        default = field.empty_counts_as if has_defaults else None
        self._default = None if default is None else self._write_default(default)

    def read(self, column: Column) -> pa.Array:
        """The values of a column; missing ones are null."""
        filled = column.without(self._missing)
        if self._is_text or self._are_certain(filled):
            values = filled.array.cast(pa.binary())
        else:
            distinct = [self._write(text) for text in column.distinct()]
            values = make_binary(distinct).take(column.encoded.indices)
        if column.has_missing and (empty := self._write("")) is not None:
            values = pc.if_else(column.array.is_null(), make_binary([empty])[0], values)
        return values if self._default is None else pc.fill_null(values, make_binary([self._default])[0])

    def _are_certain(self, column: Column) -> bool:
        """Whether the values of all cells are certainly written as these are."""
        if self._find_doubtful:
            return self._find_doubtful(column) is None
        return self._is_integer and is_canonical_integer(column)

    def _write(self, text: str) -> bytes | None:
        return write_value(self._read(text)[0])

    def _write_default(self, default: Any) -> bytes | None:
        is_alike = isinstance(default, str) == (self.kind != "number")
        written = write_value(default)
        return written if is_alike or written is None else FOREIGN + written


def is_canonical_integer(column: Column) -> bool:
    """Whether every cell is an integer in canonical form: digits without sign or leading zero.

    >>> is_canonical_integer(Column.of(["7", "12"])), is_canonical_integer(Column.of(["07"]))
    (True, False)
    """
    if not column.is_within("0", "9", 18):
        return False
    return not (column.beginning(b"0") & column.with_length(2, 18)).any()


def write_value(value: Any) -> bytes | None:
    """The value as bytes, which are the same for equal values; None if it is missing.

    >>> write_value(Decimal("1.50")) == write_value(1.5)
    True
    """
    if value is None:
        return None
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    if isinstance(value, bool):
        return str(int(value)).encode()
    return _write_whole(value).encode("utf-8", "surrogatepass")


def _write_whole(value: Any) -> str:
    """A value on its own or within lists and objects, where texts are quoted."""
    match value:
        case bool() | str() | None:
            return json.dumps(value)
        case int():
            return str(value)
        case float() | Decimal():
            return _write_number(Decimal(str(value)))
        case datetime() | time():
            return _write_moment(value)
        case date():
            return value.isoformat()
        case dict():  # members are unordered
            members = sorted((json.dumps(name), _write_whole(item)) for name, item in value.items())
            return "{" + ",".join(f"{name}:{item}" for name, item in members) + "}"
        case list() | tuple():
            return f"[{','.join(map(_write_whole, value))}]"
    return str(value)


def _write_moment(value: datetime | time) -> str:
    """The same text for the same time in any time zone."""
    try:
        return find_utc(value).isoformat()
    except OverflowError:  # beyond the calendar, where zones are not compared
        return value.isoformat()


def _write_number(value: Decimal) -> str:
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        return str(value)  # infinite, or NaN
    written = "".join(map(str, digits))
    stripped = written.rstrip("0")
    exponent += len(written) - len(stripped)
    if not stripped:
        return "0"
    if 0 <= exponent < 40:
        stripped, exponent = stripped + "0" * exponent, 0
    stripped = stripped.lstrip("0")
    return f"{'-' if sign else ''}{stripped}{f'e{exponent}' if exponent else ''}"


def hash_keys(keys: pa.Array) -> npt.NDArray[np.uint64]:
    """A hash for each key, none of which is null; equal for equal keys, and rarely equal for others.

    >>> ada, ida, same = hash_keys(make_binary([b"ada", b"ida", b"ada"]))
    >>> bool(ada == same), bool(ada == ida)
    (True, False)
    """
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


class RepeatedKeys:
    """Collects the keys of a table block by block, and finds rows whose key may be repeated.

    Nothing is stored while keys ascend, because they are unique then. Otherwise, a 64-bit hash of each key is
    stored; only keys with equal hashes are compared, when the blocks are read again.

    >>> from packpress import read_package
    >>> reader = KeyReader(read_package("fleet").by_name["boats"], ("boat_id",))
    >>> blocks = [Block("boats.csv", [Column.of(["ida", "ada", "ida"])] * 3, 2)]
    >>> repeated = RepeatedKeys(reader)
    >>> repeated.add(reader.read(blocks[0]))
    >>> [(place, key) for _, place, key in repeated.find(lambda: blocks)]
    [(0, b'ida'), (2, b'ida')]
    """

    def __init__(self, reader: KeyReader) -> None:
        self._reader = reader
        self._hashes: list[npt.NDArray[np.uint64]] = []
        self._rising = 0  # the number of blocks at the beginning with ascending keys
        self._last: pa.Array | None = None

    def add(self, keys: KeyColumn) -> None:
        """Adds the keys of the next block, except missing ones."""
        present = keys.array.drop_null()
        if not self._hashes and self._go_on_rising(present):
            self._rising += 1
        else:
            self._hashes.append(hash_keys(present))

    def find(self, read_blocks: Callable[[], Iterable[Block]]) -> Iterator[tuple[Block, int, bytes]]:
        """Block, position and key of each row whose hash is repeated, in order.

        The blocks are read again only if there may be any.
        """
        if not self._hashes:
            return
        risen = [self._read_hashes(block) for block in islice(read_blocks(), self._rising)]
        hashes = np.concatenate([*risen, *self._hashes])
        self._hashes.clear()
        hashes.sort()
        suspects = np.unique(hashes[1:][hashes[1:] == hashes[:-1]])
        for block in read_blocks() if len(suspects) else ():
            keys = self._reader.read(block).array
            is_suspect = np.isin(hash_keys(keys.drop_null()), suspects)
            for place in np.flatnonzero(valid_mask(keys))[is_suspect].tolist():
                yield block, place, keys[place].as_py()

    def _read_hashes(self, block: Block) -> npt.NDArray[np.uint64]:
        return hash_keys(self._reader.read(block).array.drop_null())

    def _go_on_rising(self, keys: pa.Array) -> bool:
        """Whether each key is greater than the one before it, including the last of the previous block."""
        joined = keys if self._last is None else pa.concat_arrays([self._last, keys])
        self._last = joined.slice(max(len(joined) - 1, 0))
        before, behind = joined.slice(0, max(len(joined) - 1, 0)), joined.slice(1)
        rises = pc.greater(behind, before)
        if self._reader.kinds == ("number",):
            # Of canonical integers, the longer is the greater.
            lengths = pc.binary_length(before), pc.binary_length(behind)
            rises = pc.or_(pc.less(*lengths), pc.and_(pc.equal(*lengths), rises))
        return bool(true_mask(rises).all())


# When more keys than this are collected, duplicates are removed.
MOST_REPEATED = 1 << 20


class KeySet:
    """The distinct keys of some fields of a table, collected block by block.

    >>> from packpress import read_package
    >>> keys = KeySet(KeyReader(read_package("fleet").by_name["boats"], ("boat_id",)))
    >>> keys.add(Block("boats.csv", [Column.of(["ada", "ida", "ada"])] * 3, 2))
    >>> len(keys), b"ada" in keys, b"una" in keys, list(keys)
    (2, True, False, [b'ada', b'ida'])
    """

    def __init__(self, reader: KeyReader, keys: pa.Array | None = None) -> None:
        self.reader = reader
        self._chunks: list[pa.Array] = [make_binary(()) if keys is None else keys]
        self._count = len(self._chunks[0])
        self._limit = MOST_REPEATED

    def add(self, block: Block) -> None:
        """Adds the keys of a block."""
        keys = self.reader.read(block).array.unique().drop_null()
        self._chunks.append(keys)
        self._count += len(keys)
        if self._count > self._limit:
            self._limit = max(MOST_REPEATED, 2 * len(self))

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[bytes]:
        yield from self._keys.to_pylist()

    def __contains__(self, key: bytes) -> bool:
        return bool(pc.is_in(make_binary([key]), value_set=self._keys)[0].as_py())

    def without(self, other: "KeySet") -> "KeySet":
        """The keys that are not in another set; keys of different kinds are never equal."""
        if self.reader.kinds != other.reader.kinds:
            return self
        is_there = pc.is_in(self._keys, value_set=other._keys)
        return KeySet(self.reader, self._keys.filter(pc.invert(is_there)))

    def find_mask(self, block: Block) -> Mask:
        """The rows of a block whose key is in this set."""
        return true_mask(pc.is_in(self.reader.read(block).array, value_set=self._keys))

    @property
    def _keys(self) -> pa.Array:
        """The distinct keys."""
        if len(self._chunks) != 1:
            self._chunks = [pa.concat_arrays(self._chunks).unique()]
        self._count = len(self._chunks[0])
        return self._chunks[0]


class OrderCheck:
    """Follows the columns of a table block by block; `holds` while all rows are known to be sorted by key.

    Without a primary key, every order is correct.

    >>> from packpress import read_package
    >>> check = OrderCheck(read_package("fleet").by_name["boats"])
    >>> check.add([Column.of(["ida", "ada"])] * 3)
    >>> check.holds
    False
    """

    def __init__(self, resource: Resource) -> None:
        self._positions = [resource.field_names.index(name) for name in resource.primary_key]
        kinds = [resource.fields[position].type for position in self._positions]
        self._are_numbers = [kind == "integer" for kind in kinds]
        # Numbers that may be written in several ways would have to be sorted by value.
        self.holds = not {"number", "year"} & set(kinds)
        self._last: list[pa.Array] = []

    def add(self, columns: Sequence[Column]) -> None:
        """Adds the next rows."""
        if not self._positions or not self.holds:
            return
        keys = [columns[position] for position in self._positions]
        for key, is_number in zip(keys, self._are_numbers, strict=True):
            if is_number and (key.has_missing or not is_canonical_integer(key)):
                self.holds = False
                return
        arrays = [key.fill("").array for key in keys]
        joined = (
            [pa.concat_arrays(pair) for pair in zip(self._last, arrays, strict=True)]
            if self._last
            else arrays
        )
        self.holds = _rises(joined, self._are_numbers)
        self._last = [array.slice(len(array) - 1) for array in arrays]


def _rises(keys: list[pa.Array], are_numbers: list[bool]) -> bool:
    """Whether no row has a smaller key than the one before it."""
    count = len(keys[0]) - 1
    is_open = np.ones(count, np.bool_)  # rows whose fields so far are equal to those before
    for key, is_number in zip(keys, are_numbers, strict=True):
        values = pc.cast(key, pa.int64()) if is_number else key
        before, behind = values.slice(0, count), values.slice(1)
        if (is_open & true_mask(pc.greater(before, behind))).any():
            return False
        is_open &= true_mask(pc.equal(before, behind))
    return True
