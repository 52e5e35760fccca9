"""Columns: the cells of one field in some rows, and the questions that the rest of the program asks of them.

Nobody outside this folder looks into the Arrow arrays of columns, but for what writes Parquet. Pandas is left
out, whose import Arrow's own ways would cost.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, cached_property
from typing import Any, Generic, TypeVar, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from packpress.tables.moments import count_nanoseconds

# Some cells of a column, as a truth for each; masks of one column combine by `|`, `&` and `~`.
Mask = npt.NDArray[np.bool_]

DECIMAL = r"^-?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]{1,2})?$"
T = TypeVar("T")

MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Verdicts(Generic[T]):
    """What is said of some cells of a column, in their order; as pairs of place and verdict."""

    places: npt.NDArray[np.int64]
    codes: npt.NDArray[np.int32]  # which verdict is on each
    verdicts: Sequence[T]

    @classmethod
    def none(cls) -> "Verdicts[T]":
        """Nothing is said of any cell."""
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int32), ())

    def __len__(self) -> int:
        return len(self.places)

    def __iter__(self) -> Iterator[tuple[int, T]]:
        for place, code in zip(self.places.tolist(), self.codes.tolist(), strict=True):
            yield place, self.verdicts[code]

    def take_from(self, cells: Mask) -> "Verdicts[T]":
        """Those on some cells, which are taken out of these."""
        if not len(self):
            return self
        is_among = cells[self.places]
        cells[self.places] = False
        return (
            self if is_among.all() else Verdicts(self.places[is_among], self.codes[is_among], self.verdicts)
        )

    def part(self) -> Iterator[tuple[T, "Verdicts[T]"]]:
        """The places of each verdict by itself."""
        numbers = {verdict: number for number, verdict in enumerate(dict.fromkeys(self.verdicts))}
        codes = np.array([numbers[verdict] for verdict in self.verdicts], np.int32)[self.codes]
        for verdict, number in numbers.items():
            is_such = codes == number
            if is_such.any():
                yield verdict, Verdicts(self.places[is_such], self.codes[is_such], self.verdicts)


class Column:
    """The cells of one field in some rows, as text; an empty cell is missing."""

    def __init__(self, array: pa.Array) -> None:
        self.array = array

    @classmethod
    def of(cls, texts: Sequence[str | None]) -> "Column":
        """A column of such cells."""
        return cls(make_texts(texts))

    @classmethod
    def repeat(cls, text: str, count: int) -> "Column":
        """A column of the same cell so many times."""
        return cls(make_texts([text or None]).take(make_places(np.zeros(count, np.int64))))

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, place: int) -> str:
        """The text of a cell."""
        return self.array[place].as_py() or ""

    def texts(self) -> list[str | None]:
        """The texts of all cells."""
        # To join all and cut them again takes half as long as to cut out each.
        texts: list[str | None] = list(_join_texts(self.array).decode("utf-8").split("\0"))
        if len(texts) != len(self):  # there is none, or some hold the separator
            data, ends = self._data.tobytes(), self._ends.tolist()
            texts = [data[begin:end].decode("utf-8") for begin, end in zip(ends, ends[1:], strict=False)]
        for place in self.missing():
            texts[place] = None
        return texts

    def distinct(self) -> list[str]:
        """Each text once, in order of its first place; missing cells have none."""
        return cast(list[str], Column(self.encoded.dictionary).texts())

    def map(self, function: Callable[[str], Any]) -> list[Any]:
        """What a function makes of each cell, asked once for each distinct text; None for missing cells."""
        distinct = self.distinct()
        made = np.empty(len(distinct) + 1, object)  # the last is what a missing cell leads to
        made[:-1] = np.fromiter(map(function, distinct), object, len(distinct))
        taken: list[Any] = made[_integers_of(self.encoded.indices)].tolist()
        return taken

    def judge(self, judge: Callable[[str], T], among: Mask | None = None) -> "Verdicts[T]":
        """The verdict on each cell, some of all, that is not empty; asked once a distinct text.

        Missing cells are not judged.
        """
        if among is not None and not among.any():
            return Verdicts.none()
        places = None if among is None else np.flatnonzero(among)
        chosen = self if places is None else Column(self.array.take(make_places(places)))
        verdicts = [judge(text) for text in chosen.distinct()]
        if not any(verdicts):
            return Verdicts.none()
        codes = _integers_of(chosen.encoded.indices)
        found = np.flatnonzero(np.array([*map(bool, verdicts), False])[codes])
        return Verdicts(found if places is None else places[found], codes[found], verdicts)

    def testing(self, test: Callable[[str], bool]) -> Mask:
        """The cells that pass a test, which each distinct text is put to once; missing ones do."""
        distinct = self.distinct()
        passed = np.ones(len(distinct) + 1, np.bool_)  # the last is for missing cells
        passed[:-1] = np.fromiter(map(test, distinct), np.bool_, len(distinct))
        return passed[_integers_of(self.encoded.indices)]

    def mark(self, verdict: T, among: Mask) -> "Verdicts[T]":
        """The same verdict on some cells."""
        places = np.flatnonzero(among)
        return Verdicts(places, np.zeros(len(places), np.int32), [verdict])

    @property
    def has_missing(self) -> bool:
        """Whether any cell is missing."""
        return bool(self.array.null_count)

    def missing_mask(self) -> Mask:
        """The missing cells."""
        return ~valid_mask(self.array)

    def missing(self) -> list[int]:
        """The places of missing cells."""
        places: list[int] = np.flatnonzero(~valid_mask(self.array)).tolist() if self.has_missing else []
        return places

    def fill(self, text: str) -> "Column":
        """The column with a text in its missing cells."""
        return Column(pc.fill_null(self.array, make_texts([text])[0])) if self.has_missing else self

    def without(self, texts: Sequence[str]) -> "Column":
        """The column with those cells missing that hold one of the texts."""
        if not texts:
            return self
        is_such = pc.is_in(self.array, value_set=make_texts(texts))
        return Column(pc.if_else(is_such, make_texts([None])[0], self.array))

    def keep(self, mask: Mask) -> "Column":
        """The column with the other cells missing."""
        bits = pa.py_buffer(np.packbits(mask, bitorder="little"))
        is_kept = pa.Array.from_buffers(pa.bool_(), len(mask), [None, bits])
        return Column(pc.if_else(is_kept, self.array, make_texts([None])[0]))

    @property
    def longest(self) -> int:
        """The length in bytes of the longest cell."""
        return int(self._lengths.max()) if len(self) else 0

    def is_within(self, least: str, greatest: str, longest: int) -> bool:
        """Whether cells hold no characters but those of ASCII from one to the other, and are no longer."""
        first, last = self._range
        return first >= ord(least) and last <= ord(greatest) and self.longest <= longest

    def count_lengths(self, among: Mask | None = None) -> dict[int, int]:
        """How many cells, some of all, have which length in bytes."""
        counts = np.bincount(self._lengths if among is None else self._lengths[among])
        return {length: count for length, count in enumerate(counts.tolist()) if count}

    def with_length(self, least: int, most: int) -> Mask:
        """The cells of such a length in bytes."""
        found: Mask = (self._lengths >= least) & (self._lengths <= most)
        return found

    def holding(self, signs: bytes) -> Mask:
        """The cells that hold one of the bytes."""
        sought = self._choose(signs)
        if not sought:
            return np.zeros(len(self), np.bool_)
        return self.holding_marked(lambda data: is_one_of(data, sought))

    def holding_marked(self, mark: Callable[[npt.NDArray[np.uint8]], Mask]) -> Mask:
        """The cells that hold a byte which a function marks in the bytes of all of them."""
        found, is_filled = np.zeros(len(self), np.bool_), self._lengths > 0
        if len(self._data):
            found[is_filled] = np.logical_or.reduceat(mark(self._data), self._ends[:-1][is_filled])
        return found

    def beginning(self, signs: bytes) -> Mask:
        """The cells that begin with one of the bytes."""
        return self._standing_at(self._ends[:-1], signs)

    def ending(self, signs: bytes) -> Mask:
        """The cells that end with one of the bytes."""
        return self._standing_at(self._ends[1:] - 1, signs)

    def matching(self, expression: str, among: Mask | None = None) -> Mask:
        """The cells, some of all, that hold a match of an expression of RE2; missing ones do not."""
        if among is None:
            return true_mask(pc.match_substring_regex(self.array, expression))
        found, places = np.zeros(len(self), np.bool_), np.flatnonzero(among)
        if 2 * len(places) > len(self):  # to look at a few cells more takes less long than to copy the others
            found = true_mask(pc.match_substring_regex(self.array, expression)) & among
        elif len(places):
            chosen = self.array.take(make_places(places))
            found[places] = true_mask(pc.match_substring_regex(chosen, expression))
        return found

    def cast_plain(self, kind: str, longest: int) -> pa.Array | None:
        """The values as Arrow reads them; None when it might read any other than Python does.

        Of cells no longer than `longest`, and made of nothing but -./0123456789, it reads the same, and of
        numbers with exponents of two digits.
        """
        if not longest or not len(self) or self.longest > longest or not self._is_plain(kind):
            return None
        try:
            return pc.cast(self.array, pa.type_for_alias(kind))
        except pa.ArrowInvalid:
            return None

    def _is_plain(self, kind: str) -> bool:
        if self.is_within("-", "9", self.longest):
            return True
        is_decimal = pc.match_substring_regex(self.array, DECIMAL) if kind == "float64" else None
        return is_decimal is not None and bool(pc.all(is_decimal).as_py())

    def read_plain(self, kind: str, longest: int) -> list[Any] | None:
        """Whole or floating numbers as Python has them; None when Arrow might read any other."""
        plain = self.cast_plain(kind, longest)
        if plain is None:
            return None
        numbers = np.frombuffer(plain.buffers()[1], kind)
        listed: list[Any] = numbers[plain.offset : plain.offset + len(plain)].tolist()
        for place in self.missing():
            listed[place] = None
        return listed

    @cached_property
    def encoded(self) -> pa.DictionaryArray:
        """The texts, each once, and which of them each cell holds."""
        return self.array.dictionary_encode()

    @cached_property
    def _ends(self) -> npt.NDArray[np.int32]:
        """Where the first cell begins in the bytes, which is at nought, and where each one ends."""
        offsets = offsets_of(self.array)
        return offsets - offsets[0] if offsets[0] else offsets

    @cached_property
    def _data(self) -> npt.NDArray[np.uint8]:
        return bytes_within(self.array)

    @cached_property
    def _lengths(self) -> npt.NDArray[np.int32]:
        return np.diff(self._ends)

    @cached_property
    def _range(self) -> tuple[int, int]:
        """The least and the greatest byte; of no bytes, what lies within every range."""
        return (int(self._data.min()), int(self._data.max())) if len(self._data) else (255, 0)

    def _choose(self, signs: bytes) -> bytes:
        """Those bytes that the cells may hold."""
        least, greatest = self._range
        return bytes(sign for sign in signs if least <= sign <= greatest)

    def _standing_at(self, positions: npt.NDArray[np.int32], signs: bytes) -> Mask:
        """The cells that hold one of the bytes at their place among the positions."""
        found, sought = np.zeros(len(self), np.bool_), self._choose(signs)
        if sought:
            is_filled = self._lengths > 0
            found[is_filled] = is_one_of(self._data[positions[is_filled]], sought)
        return found


def is_one_of(data: npt.NDArray[np.uint8], signs: bytes) -> Mask:
    """Which of the bytes are among the signs: a few comparisons take less long than to look up each byte."""
    found: Mask = np.zeros(len(data), np.bool_)
    for first, last in _join_ranges(signs):
        if first == last:
            found |= data == first
        elif last == 255:
            found |= data >= first
        else:
            found |= (data - np.uint8(first)) <= last - first  # of bytes, what is smaller wraps to the end
    return found


@cache
def _join_ranges(signs: bytes) -> list[tuple[int, int]]:
    """The first and the last of each run of bytes that follow each other."""
    known = frozenset(signs)
    firsts = sorted(sign for sign in known if sign - 1 not in known)
    lasts = sorted(sign for sign in known if sign + 1 not in known)
    return list(zip(firsts, lasts, strict=True))


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


def _integers_of(array: pa.Array) -> npt.NDArray[np.int32]:
    """The values of an array of 32 bit integers, -1 for null."""
    values = np.frombuffer(array.buffers()[1], np.int32)[array.offset : array.offset + len(array)]
    return np.where(valid_mask(array), values, np.int32(-1)) if array.null_count else values


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


def _join_texts(column: pa.Array) -> bytes:
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
    count = count_nanoseconds if pa.types.is_timestamp(kind) and kind.unit == "ns" else _count
    numbers = [0 if value is None else count(value) for value in values]
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


def offsets_of(column: pa.Array) -> npt.NDArray[np.int32]:
    """Where each cell of a column begins in its bytes, and the last one ends."""
    if not len(column):
        return np.zeros(1, np.int32)
    offsets = np.frombuffer(column.buffers()[1], np.int32)
    return offsets[column.offset : column.offset + len(column) + 1]


def bytes_within(column: pa.Array) -> npt.NDArray[np.uint8]:
    """The bytes of the cells of a column, one cell right behind the other."""
    data, offsets = column.buffers()[2], offsets_of(column)
    found = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(0, np.uint8)
    return found[offsets[0] : offsets[-1]]


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
