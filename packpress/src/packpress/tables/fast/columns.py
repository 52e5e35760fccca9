"""Columns: the cells of one field in some rows, and everything that the rest of the program asks about them.

Only this folder and the Parquet writer access the Arrow arrays of columns. Some of Arrow's own functions
would import pandas, which is slow, and are avoided.
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

# Some cells of a column, as one boolean per cell; masks combine with `|`, `&` and `~`.
Mask = npt.NDArray[np.bool_]

NUMERIC = b"+-.0123456789eE"
T = TypeVar("T")

MICROSECOND = timedelta(microseconds=1)

# Places in the bytes of some cells, which begin at other places, and their marks.
Marker = Callable[
    [npt.NDArray[np.uint8], npt.NDArray[Any]], tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]
]


@dataclass(frozen=True)
class Verdicts(Generic[T]):
    """Verdicts on some cells of a column, in order; iterates over pairs of position and verdict.

    >>> list(Column.of(["ada", "x", "ida"]).judge(lambda text: "short" if len(text) < 2 else ""))
    [(1, 'short')]
    """

    places: npt.NDArray[np.int64]
    codes: npt.NDArray[np.int32]  # the index of the verdict on each
    verdicts: Sequence[T]

    @classmethod
    def none(cls) -> "Verdicts[T]":
        """No verdicts.

        >>> len(Verdicts.none())
        0
        """
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int32), ())

    def __len__(self) -> int:
        return len(self.places)

    def __iter__(self) -> Iterator[tuple[int, T]]:
        for place, code in zip(self.places.tolist(), self.codes.tolist(), strict=True):
            yield place, self.verdicts[code]

    def take_from(self, cells: Mask) -> "Verdicts[T]":
        """The verdicts on some cells, which are removed from `cells`."""
        if not len(self):
            return self
        is_among = cells[self.places]
        cells[self.places] = False
        return (
            self if is_among.all() else Verdicts(self.places[is_among], self.codes[is_among], self.verdicts)
        )

    def part(self) -> Iterator[tuple[T, "Verdicts[T]"]]:
        """The verdicts grouped by verdict."""
        numbers = {verdict: number for number, verdict in enumerate(dict.fromkeys(self.verdicts))}
        codes = np.array([numbers[verdict] for verdict in self.verdicts], np.int32)[self.codes]
        for verdict, number in numbers.items():
            is_such = codes == number
            if is_such.any():
                yield verdict, Verdicts(self.places[is_such], self.codes[is_such], self.verdicts)


class Column:
    """The cells of one field in some rows, as text; an empty cell is missing.

    >>> ports = Column.of(["Lerwick", None, "Lerwick"])
    >>> ports.texts(), ports.distinct(), ports.missing(), ports.longest
    (['Lerwick', None, 'Lerwick'], ['Lerwick'], [1], 7)
    """

    def __init__(self, array: pa.Array) -> None:
        self.array = array
        self._plain: dict[str, pa.Array | None] = {}

    @classmethod
    def of(cls, texts: Sequence[str | None]) -> "Column":
        """A column with these cells."""
        return cls(make_texts(texts))

    @classmethod
    def repeat(cls, text: str, count: int) -> "Column":
        """A column that repeats one cell.

        >>> Column.repeat("ada", 2).texts()
        ['ada', 'ada']
        """
        return cls(make_texts([text or None]).take(make_places(np.zeros(count, np.int64))))

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, place: int) -> str:
        """The text of a cell."""
        return self.array[place].as_py() or ""

    def texts(self) -> list[str | None]:
        """The texts of all cells."""
        # Joining all and splitting the result takes half as long as extracting each.
        texts: list[str | None] = list(_join_texts(self.array).decode("utf-8").split("\0"))
        if len(texts) != len(self):  # there are none, or some contain the separator
            data, ends = self._data.tobytes(), self._ends.tolist()
            texts = [data[begin:end].decode("utf-8") for begin, end in zip(ends, ends[1:], strict=False)]
        for place in self.missing():
            texts[place] = None
        return texts

    def distinct(self) -> list[str]:
        """Each text once, in order of first occurrence, without missing cells."""
        return cast(list[str], Column(self.encoded.dictionary).texts())

    def map(self, function: Callable[[str], Any]) -> list[Any]:
        """The result of a function for each cell, called once per distinct text; None for missing cells.

        >>> Column.of(["ada", None, "una"]).map(str.upper)
        ['ADA', None, 'UNA']
        """
        distinct = self.distinct()
        made = np.empty(len(distinct) + 1, object)  # the last is for missing cells
        made[:-1] = np.fromiter(map(function, distinct), object, len(distinct))
        taken: list[Any] = made[_integers_of(self.encoded.indices)].tolist()
        return taken

    def judge(self, judge: Callable[[str], T], among: Mask | None = None) -> "Verdicts[T]":
        """The verdicts, if not empty, on all or some cells; `judge` is called once per distinct text.

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
        """The cells that pass a test, called once per distinct text; missing cells pass.

        >>> Column.of(["ada", "x", None]).testing(lambda text: len(text) > 1).tolist()
        [True, False, True]
        """
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
        """The positions of missing cells."""
        places: list[int] = np.flatnonzero(~valid_mask(self.array)).tolist() if self.has_missing else []
        return places

    def fill(self, text: str) -> "Column":
        """The column with a text in its missing cells.

        >>> Column.of(["ada", None]).fill("una").texts()
        ['ada', 'una']
        """
        return Column(pc.fill_null(self.array, make_texts([text])[0])) if self.has_missing else self

    def without(self, texts: Sequence[str]) -> "Column":
        """The column in which cells with one of the texts are missing.

        >>> Column.of(["ada", "NA"]).without(["NA"]).texts()
        ['ada', None]
        """
        if not texts:
            return self
        is_such = pc.is_in(self.array, value_set=make_texts(texts))
        return Column(pc.if_else(is_such, make_texts([None])[0], self.array))

    def keep(self, mask: Mask) -> "Column":
        """The column in which all other cells are missing.

        >>> Column.of(["ada", "ida"]).keep(np.array([True, False])).texts()
        ['ada', None]
        """
        bits = pa.py_buffer(np.packbits(mask, bitorder="little"))
        is_kept = pa.Array.from_buffers(pa.bool_(), len(mask), [None, bits])
        return Column(pc.if_else(is_kept, self.array, make_texts([None])[0]))

    def first(self, count: int) -> "Column":
        """The column with at most so many cells.

        >>> Column.of(["ada", "ida", "una"]).first(2).texts()
        ['ada', 'ida']
        """
        return Column(self.array.slice(0, count))

    @property
    def longest(self) -> int:
        """The length in bytes of the longest cell."""
        return int(self._lengths.max()) if len(self) else 0

    @property
    def size(self) -> int:
        """The number of bytes of all cells."""
        return len(self._data)

    @property
    def is_ascii(self) -> bool:
        """Whether all characters are ASCII."""
        return self._range[1] < 0x80

    @property
    def has_controls(self) -> bool:
        """Whether there is an ASCII control character other than DEL."""
        return self._range[0] < ord(" ")

    def is_within(self, least: str, greatest: str, longest: int) -> bool:
        """Whether cells have only ASCII characters from `least` to `greatest`, and at most `longest` of them.

        >>> Column.of(["12", "7"]).is_within("0", "9", 2)
        True
        """
        first, last = self._range
        return first >= ord(least) and last <= ord(greatest) and self.longest <= longest

    def count_lengths(self, among: Mask | None = None) -> dict[int, int]:
        """The number of cells, or of some of them, by length in bytes.

        >>> Column.of(["ada", "una", "x"]).count_lengths()
        {1: 1, 3: 2}
        """
        counts = np.bincount(self._lengths if among is None else self._lengths[among])
        return {length: count for length, count in enumerate(counts.tolist()) if count}

    def with_length(self, least: int, most: int) -> Mask:
        """The cells whose length in bytes is in this range."""
        found: Mask = (self._lengths >= least) & (self._lengths <= most)
        return found

    def holding(self, signs: bytes) -> Mask:
        """The cells that contain one of the bytes.

        >>> Column.of(["ada", "x,y"]).holding(b",;").tolist()
        [False, True]
        """
        sought = self._choose(signs)
        if not sought:
            return np.zeros(len(self), np.bool_)
        found, is_filled = np.zeros(len(self), np.bool_), self._lengths > 0
        starts = self._ends[:-1][is_filled]
        marked = [
            _find_holding(is_one_of(self._data[begin:end], sought), starts[first:last] - begin)
            for first, last, begin, end in _split(starts, len(self._data))
        ]
        if marked:
            found[is_filled] = np.concatenate(marked)
        return found

    def combine_marks(self, mark: Marker) -> npt.NDArray[np.uint8]:
        """For each cell, the marks of its bytes combined with `|`; a function marks those of several cells.

        >>> column = Column.of(["ada", "ida"])
        >>> column.combine_marks(lambda data, starts: (starts[1:], data[:1])).tolist()
        [0, 97]
        """
        filled = np.flatnonzero(self._lengths)
        starts, found = self._ends[filled], np.zeros(len(self), np.uint8)
        for first, last, begin, end in _split(starts, len(self._data)):
            own = starts[first:last] - begin
            places, marks = mark(self._data[begin:end], own)
            if len(places):
                cells = filled[first + np.searchsorted(own, places, "right") - 1]
                np.bitwise_or.at(found, cells, marks)
        return found

    def beginning(self, signs: bytes) -> Mask:
        """The cells that begin with one of the bytes."""
        return self._standing_at(self._ends[:-1], signs)

    def ending(self, signs: bytes) -> Mask:
        """The cells that end with one of the bytes."""
        return self._standing_at(self._ends[1:] - 1, signs)

    def matching(self, expression: str, among: Mask | None = None) -> Mask:
        """The cells, or some of them, that contain a match of an RE2 expression; missing cells do not.

        >>> Column.of(["ada-v1", "ada", None]).matching("v[0-9]").tolist()
        [True, False, False]
        """
        if among is None:
            return true_mask(pc.match_substring_regex(self.array, expression))
        found, places = np.zeros(len(self), np.bool_), np.flatnonzero(among)
        if 2 * len(places) > len(self):  # checking a few more cells is faster than copying the others
            found = true_mask(pc.match_substring_regex(self.array, expression)) & among
        elif len(places):
            chosen = self.array.take(make_places(places))
            found[places] = true_mask(pc.match_substring_regex(chosen, expression))
        return found

    def cast_plain(self, kind: str, longest: int) -> pa.Array | None:
        """The values as Arrow parses them; None if Python might parse any of them differently.

        Both agree on cells that are no longer than `longest` and consist only of -./0123456789, and on finite
        numbers that consist of +-.0123456789eE.

        >>> Column.of(["3", "12"]).cast_plain("int64", 19).to_pylist()
        [3, 12]
        """
        if not longest or not len(self) or self.longest > longest:
            return None
        if kind not in self._plain:
            self._plain[kind] = self._cast(kind)
        return self._plain[kind]

    def _cast(self, kind: str) -> pa.Array | None:
        is_simple = self.is_within("-", "9", self.longest)
        if not is_simple and (kind != "float64" or self._data.tobytes().translate(None, NUMERIC)):
            return None
        try:
            values = pc.cast(self.array, pa.type_for_alias(kind))
        except pa.ArrowInvalid:
            return None
        return values if is_simple or pc.all(pc.is_finite(values), min_count=0).as_py() else None

    def read_plain(self, kind: str, longest: int) -> list[Any] | None:
        """Integers or floats as Python values; None if Arrow might parse any of them differently.

        >>> Column.of(["2.5", None]).read_plain("float64", 60), Column.of(["2,5"]).read_plain("float64", 60)
        ([2.5, None], None)
        """
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
        """The distinct texts, and the index of the one in each cell."""
        return self.array.dictionary_encode()

    @cached_property
    def _ends(self) -> npt.NDArray[np.int32]:
        """The start of the first cell in the bytes, which is 0, followed by the end of each cell."""
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
        """The smallest and greatest byte; without bytes, values that are within every range."""
        return (int(self._data.min()), int(self._data.max())) if len(self._data) else (255, 0)

    def _choose(self, signs: bytes) -> bytes:
        """Those of the bytes that may occur in the cells."""
        least, greatest = self._range
        return bytes(sign for sign in signs if least <= sign <= greatest)

    def _standing_at(self, positions: npt.NDArray[np.int32], signs: bytes) -> Mask:
        """The cells that contain one of the bytes at their entry in `positions`."""
        found, sought = np.zeros(len(self), np.bool_), self._choose(signs)
        if sought:
            is_filled = self._lengths > 0
            found[is_filled] = is_one_of(self._data[positions[is_filled]], sought)
        return found


# Larger arrays are returned to the system when they are freed, and each new one costs page faults, which take
# five times as long as what is computed in it.
MOST_AT_ONCE = 1 << 18


def _split(starts: npt.NDArray[np.int32], size: int) -> Iterator[tuple[int, int, int, int]]:
    """Runs of cells of about `MOST_AT_ONCE` bytes: their numbers, and their place in the bytes."""
    first = 0
    while first < len(starts):
        begin = int(starts[first])
        last = max(int(np.searchsorted(starts, starts.dtype.type(begin + MOST_AT_ONCE))), first + 1)
        yield first, last, begin, int(starts[last]) if last < len(starts) else size
        first = last


def is_one_of(data: npt.NDArray[np.uint8], signs: bytes) -> Mask:
    """Marks the bytes that are among `signs`; a few comparisons are faster than a lookup of each byte.

    >>> is_one_of(np.frombuffer(b"a,b;", np.uint8), b",;").tolist()
    [False, True, False, True]
    """
    found: Mask = np.zeros(len(data), np.bool_)
    for first, last in _join_ranges(signs):
        if first == last:
            found |= data == first
        elif last == 255:
            found |= data >= first
        else:
            found |= (data - np.uint8(first)) <= last - first  # smaller bytes wrap around
    return found


@cache
def _join_ranges(signs: bytes) -> list[tuple[int, int]]:
    """The first and last byte of each run of consecutive bytes."""
    known = frozenset(signs)
    firsts = sorted(sign for sign in known if sign - 1 not in known)
    lasts = sorted(sign for sign in known if sign + 1 not in known)
    return list(zip(firsts, lasts, strict=True))


def _find_holding(marked: Mask, starts: npt.NDArray[np.int32]) -> Mask:
    """The cells that contain a marked byte; none is empty."""
    if 8 * np.count_nonzero(marked) >= len(starts):
        held: Mask = np.logical_or.reduceat(marked, starts)
        return held
    found = np.zeros(len(starts), np.bool_)
    found[np.searchsorted(starts, np.flatnonzero(marked), "right") - 1] = True
    return found


def take_from(table: npt.NDArray[np.uint8], places: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint8]:
    """Some entries of a table of 65,536 bytes.

    >>> take_from(np.arange(1 << 16).astype(np.uint8), np.array([7, 256], np.uint16)).tolist()
    [7, 0]
    """
    values = pa.Array.from_buffers(pa.uint8(), len(table), [None, pa.py_buffer(table)])
    wanted = pa.Array.from_buffers(pa.uint16(), len(places), [None, pa.py_buffer(places)])
    # Several times as fast as numpy, which makes large integers of the places.
    taken = pc.take(values, wanted, boundscheck=False)
    return np.frombuffer(taken.buffers()[1], np.uint8, len(places))


def _bits(buffer: Any, offset: int, length: int) -> Mask:
    bits = np.unpackbits(np.frombuffer(buffer, np.uint8), bitorder="little", count=offset + length)
    return bits[offset:].astype(np.bool_)


def valid_mask(array: pa.Array) -> Mask:
    """The values that are not null.

    >>> valid_mask(make_texts(["ada", None])).tolist()
    [True, False]
    """
    validity = array.buffers()[0]
    if validity is None or not array.null_count:
        return np.ones(len(array), np.bool_)
    return _bits(validity, array.offset, len(array))


def true_mask(array: pa.Array) -> Mask:
    """The values of a boolean array that are true; null is not.

    >>> true_mask(pc.equal(make_texts(["ada", None]), "ada")).tolist()
    [True, False]
    """
    if not len(array):
        return np.zeros(0, np.bool_)
    return _bits(array.buffers()[1], array.offset, len(array)) & valid_mask(array)


def _integers_of(array: pa.Array) -> npt.NDArray[np.int32]:
    """The values of an array of 32-bit integers, with -1 for null."""
    values = np.frombuffer(array.buffers()[1], np.int32)[array.offset : array.offset + len(array)]
    return np.where(valid_mask(array), values, np.int32(-1)) if array.null_count else values


def make_buffer(data: npt.NDArray[np.uint8]) -> pa.Buffer:
    """A copy of the bytes in memory allocated by Arrow.

    Everything that Arrow reads in threads of its own needs such memory: a thread that releases memory of
    Python while Python exits aborts the process. Computations and Parquet output run in the calling thread,
    so their arrays may share memory with Python.

    >>> make_buffer(np.frombuffer(b"ada", np.uint8)).to_pybytes()
    b'ada'
    """
    buffer = pa.allocate_buffer(len(data))
    np.frombuffer(buffer, np.uint8)[:] = data
    return buffer


def make_places(places: npt.NDArray[np.int64]) -> pa.Array:
    """Positions as an Arrow array, for `take`.

    >>> make_places(np.array([2, 0])).to_pylist()
    [2, 0]
    """
    values = np.ascontiguousarray(places, np.int64)
    return pa.Array.from_buffers(pa.int64(), len(values), [None, pa.py_buffer(values)])


def make_integer(value: int) -> Any:
    """An integer that can be compared with an Arrow array.

    >>> make_integer(3).as_py()
    3
    """
    return make_places(np.array([value], np.int64))[0]


def make_float(value: float) -> Any:
    """A float that can be compared with an Arrow array.

    >>> make_float(2.5).as_py()
    2.5
    """
    return pa.Array.from_buffers(pa.float64(), 1, [None, pa.py_buffer(np.array([value], np.float64))])[0]


def make_binary(values: Sequence[bytes | None]) -> pa.Array:
    """An Arrow array of bytes.

    >>> make_binary([b"ada", None]).to_pylist()
    [b'ada', None]
    """
    return _make(pa.binary(), values)


def make_texts(texts: Sequence[str | None]) -> pa.Array:
    """An Arrow array of strings.

    >>> make_texts(["ada", None]).to_pylist()
    ['ada', None]
    """
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
    """The texts of a column joined by NUL; null counts as an empty text."""
    ends = pa.Array.from_buffers(pa.int32(), 2, [None, pa.py_buffer(np.array([0, len(column)], np.int32))])
    filled = pc.fill_null(column, make_texts([""])[0]) if column.null_count else column
    joined = pc.binary_join(pa.ListArray.from_arrays(ends, filled), make_texts(["\0"])[0])
    return bytes(joined.buffers()[2] or b"")


def make_values(values: Sequence[Any], kind: Any) -> pa.Array:
    """An Arrow array of Python values: texts, booleans, numbers, dates and times.

    >>> make_values([date(2024, 3, 1), None], pa.date32()).to_pylist()
    [datetime.date(2024, 3, 1), None]
    """
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
    """A value as Arrow stores it: a date as days, a time or date-time as microseconds."""
    if isinstance(value, datetime):
        epoch = datetime(1970, 1, 1)
        return (value.replace(tzinfo=None) - (value.utcoffset() or timedelta()) - epoch) // MICROSECOND
    if isinstance(value, date):
        return value.toordinal() - date(1970, 1, 1).toordinal()
    if isinstance(value, time):
        return ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond
    return value


def offsets_of(column: pa.Array) -> npt.NDArray[np.int32]:
    """The start of each cell in the bytes of a column, and the end of the last.

    >>> offsets_of(make_texts(["ada", "x"])).tolist()
    [0, 3, 4]
    """
    if not len(column):
        return np.zeros(1, np.int32)
    offsets = np.frombuffer(column.buffers()[1], np.int32)
    return offsets[column.offset : column.offset + len(column) + 1]


def bytes_within(column: pa.Array) -> npt.NDArray[np.uint8]:
    """The concatenated bytes of the cells of a column.

    >>> bytes_within(make_texts(["ada", "x"])).tobytes()
    b'adax'
    """
    data, offsets = column.buffers()[2], offsets_of(column)
    found = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(0, np.uint8)
    return found[offsets[0] : offsets[-1]]


def is_valid_utf8(data: memoryview) -> bool:
    """Whether bytes are UTF-8, which Arrow tells twice as fast as Python decodes them.

    >>> is_valid_utf8(memoryview("Möwe".encode())), is_valid_utf8(memoryview(b"M\\xf6we"))
    (True, False)
    """
    ends = pa.py_buffer(np.array([0, len(data)], np.int32))
    text = pa.Array.from_buffers(pa.string(), 1, [None, ends, pa.py_buffer(data)])
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def is_known_to_re2(expression: str) -> bool:
    """Whether RE2 can compile an expression, which may be too large.

    >>> is_known_to_re2("[a-z]+"), is_known_to_re2("(?=a)")
    (True, False)
    """
    try:
        pc.match_substring_regex(make_texts(["x"]), expression)
    except pa.ArrowInvalid:
        return False
    return True


def matches_re2(text: str, expression: str) -> bool:
    """Whether a text contains a match of an RE2 expression.

    >>> matches_re2("ada-v1", "v[0-9]")
    True
    """
    return bool(pc.match_substring_regex(make_texts([text]), expression)[0].as_py())
