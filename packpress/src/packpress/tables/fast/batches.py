"""Batches: a file as blocks of rows in columns, parsed quickly where its CSV is regular.

CSV is regular if all readers agree about it: quotes occur only around whole cells, or doubled within such,
every line end is a line feed with or without a carriage return before it, no line is blank, and no byte is
NUL.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pa_csv

from packpress.package.paths import find_file
from packpress.package.resource import Resource
from packpress.problems import CannotReadError, Findings, Problem
from packpress.tables.csv import LONGEST_CELL, LineReader, find_stray_quote, read_rows, signs_of
from packpress.tables.decoding import BOM, PIECE, ByteFacts, is_utf8, make_opener, open_pieces
from packpress.tables.dialect import Cells, Form, Match, form_of, layout_of, looks_like_header
from packpress.tables.fast.columns import Column, Mask, T, Verdicts, make_buffer

FEED, RETURN = 10, 13
BARE_RETURN = re.compile(rb"\r(?!\n)")
# The line end at the end of a text.
END = re.compile(r"(?:\r\n|\r|\n)\Z")
# The most line ends within the last cell of a block to skip when searching for the end of its last record.
MOST_TRIES = 1000
# A block with many columns has more bytes, because each column of a block has fixed costs.
COLUMNS_PER_PIECE, MOST_PIECES = 16, 4
# Arrow parses in blocks of this size; it takes twice as long for the first as for each of the others.
BLOCK_SIZE = 1 << 18
# So many bytes, then twice as many and so on, are read line by line where something is irregular, until at
# least so many regular ones follow that reading these by columns is faster.
FEWEST_SLOWLY, FEWEST_QUICKLY = 1 << 10, 1 << 15


def find_line_feeds(data: bytes, form: Form) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """The positions of the line feeds in regular data that begin with a record, and which of them end one.

    >>> feeds, is_end = find_line_feeds(b'a,"x\\ny"\\n', Form(ord(","), ord('"')))
    >>> feeds.tolist(), is_end.tolist()
    ([4, 7], [False, True])
    """
    values = np.frombuffer(data, np.uint8)
    feeds = np.flatnonzero(values == FEED)
    if not form.has_quotes(data):
        return feeds, np.ones(len(feeds), np.bool_)
    quotes = np.flatnonzero(values == form.quote)
    return feeds, np.searchsorted(quotes, feeds) % 2 == 0


def find_regular(data: bytes, is_last: bool, form: Form, comment: bytes = b"") -> tuple[int, bool]:
    """The size of the regular records at the beginning of the data, and whether others follow these.

    What may be a comment is irregular too.

    >>> form = Form(ord(","), ord('"'))
    >>> find_regular(b"ada,1998\\nida,20", False, form), find_regular(b'ada,1998\\ni"da,2011\\n', True, form)
    ((9, False), (9, True))
    """
    quotes = np.flatnonzero(np.frombuffer(data, np.uint8) == form.quote) if form.has_quotes(data) else None
    size = len(data) if is_last else _find_last_end(data, len(data), quotes)
    faults = [_find_fault(data, size or len(data), quotes, form)]
    if comment:
        faults.append(0 if data.startswith(comment) else data.find(b"\n" + comment, 0, size or len(data)))
    fault = min((fault for fault in faults if fault >= 0), default=-1)
    return (size, False) if fault < 0 else (_find_last_end(data, fault, quotes), True)


def _find_last_end(data: bytes, size: int, quotes: npt.NDArray[np.int64] | None) -> int:
    """The position after the last line feed outside quotes, in the first bytes of the data."""
    end = data.rfind(b"\n", 0, size)
    for _ in range(MOST_TRIES):
        if end < 0 or quotes is None or np.searchsorted(quotes, end) % 2 == 0:
            return end + 1
        end = data.rfind(b"\n", 0, end)
    return 0


def _find_fault(data: bytes, size: int, quotes: npt.NDArray[np.int64] | None, form: Form) -> int:
    """The position of the first irregular byte, in the first bytes of the data; -1 if there is none."""
    has_returns = data.find(b"\r", 0, size) >= 0
    faults = [data.find(b"\0", 0, size), _find_blank_line(data, size, form, has_returns)]
    if has_returns and data.count(b"\r", 0, size) != data.count(b"\r\n", 0, size):
        bare = BARE_RETURN.search(data, 0, size)
        faults.append(bare.start() if bare else -1)
    if quotes is not None:
        faults.append(_find_irregular_quote(data, size, quotes[: np.searchsorted(quotes, size)], form))
    return min((fault for fault in faults if fault >= 0), default=-1)


def _find_irregular_quote(data: bytes, size: int, quotes: npt.NDArray[np.int64], form: Form) -> int:
    """The position of the first quote that neither surrounds a cell nor is doubled in one, or -1."""
    values = np.frombuffer(data, np.uint8, size)
    opening, closing = quotes[0::2], quotes[1::2]
    before = values[opening - 1]  # for a quote at the very beginning: the last byte, which is ignored
    is_doubled = np.zeros(len(opening), np.bool_)
    is_doubled[1:] = opening[1:] == closing[: len(opening) - 1] + 1
    opens = is_doubled | (before == form.delimiter) | (before == FEED) | (opening == 0)
    after = values[np.minimum(closing + 1, size - 1)]
    closes = (after == form.delimiter) | (after == FEED) | (after == RETURN) | (closing + 1 == size)
    closes[: len(opening) - 1] |= is_doubled[1:]
    found = [*opening[~opens][:1].tolist(), *closing[~closes][:1].tolist()]
    if len(quotes) % 2:
        found.append(int(quotes[-1]))
    return min(found, default=-1)


def _find_blank_line(data: bytes, size: int, form: Form, has_returns: bool) -> int:
    """The position where the first blank line begins, or -1."""
    may = data.startswith((b"\n", b"\r\n")) or _has_two_feeds(data, size)
    if not may and not (has_returns and data.find(b"\n\r\n", 0, size) >= 0):
        return -1
    feeds, is_end = find_line_feeds(data[:size], form)
    ends = feeds[is_end]
    lengths = np.diff(ends, prepend=-1)
    values = np.frombuffer(data, np.uint8)
    blank = np.flatnonzero((lengths == 1) | ((lengths == 2) & (values[ends - 1] == RETURN)))
    return int(ends[blank[0]] + 1 - lengths[blank[0]]) if len(blank) else -1


def _has_two_feeds(data: bytes, size: int) -> bool:
    """Whether there are two consecutive line feeds, found four times as fast as with `bytes.find`."""
    pairs = (np.frombuffer(data, np.uint16, (size - start) // 2, start) for start in (0, 1) if size > start)
    return any(bool((pair == FEED << 8 | FEED).any()) for pair in pairs)


def find_line_ends(root: Path, path: str, resource: Resource) -> ByteFacts | None:
    """How the rows of a readable file end, whatever their cells contain; None if no cell can be quoted.

    Positions are those in the file.

    >>> from packpress import read_package
    >>> find_line_ends(Path("fleet"), "boats.csv", read_package("fleet").by_name["boats"]).carriage_return_at
    -1
    """
    form = form_of(resource.dialect)
    if form is not None and form.quote is None:
        return None
    whole, facts = ByteFacts(), ByteFacts()
    pieces = open_pieces(make_opener(root, path, resource), path, resource.encoding, whole)
    hidden = _hide_within_rows(pieces, path, resource) if form is None else _hide_within_quotes(pieces, form)
    for piece in hidden:
        if not facts.size and whole.has_bom and is_utf8(resource.encoding):
            facts.note(BOM)
        facts.note(piece)
    return facts


def _hide_within_quotes(pieces: Iterator[bytes], form: Form) -> Iterator[bytes]:
    """The pieces of a file with blanks instead of the line ends in quoted cells."""
    count = 0
    for piece in pieces:
        values = np.frombuffer(piece, np.uint8).copy()
        quotes = np.cumsum(values == form.quote) + count
        values[(quotes % 2 == 1) & ((values == FEED) | (values == RETURN))] = ord(" ")
        count = int(quotes[-1])
        yield values.tobytes()


def _hide_within_rows(pieces: Iterator[bytes], path: str, resource: Resource) -> Iterator[bytes]:
    """The rows of a file, read as the dialect says, with blanks instead of all line ends but the last."""
    taken = list[str]()

    def take_lines() -> Iterator[str]:
        for line in LineReader(pieces, path):
            taken.append(line)
            yield line

    for _ in read_rows(take_lines(), path, layout_of(resource)):
        row = "".join(taken)
        cells = END.sub("", row)
        yield (cells.replace("\r", " ").replace("\n", " ") + row[len(cells) :]).encode()
        taken.clear()


@dataclass
class Block:
    """Some records of one file: their cells by column, and the physical lines on which they begin.

    >>> block = Block("boats.csv", [Column.of(["ada", "ida"])], 0, [2, 3])
    >>> list(block.records()), block.find_places([3, 9])
    ([(2, ('ada',)), (3, ('ida',))], [1])
    """

    path: str
    columns: list[Column]
    first_line: int
    lines: list[int] = field(default_factory=list)  # for irregular blocks
    odd: dict[int, int] = field(default_factory=dict)  # cell counts of records with too many or too few
    stray: dict[int, str] = field(default_factory=dict)  # unquoted cells that contain a quote
    width: int = 0  # the number of cells of the header
    has_idle_ends: bool = False  # whether the cells beyond the header's are all empty
    is_part: bool = False  # whether it begins within the records that were read at once
    data: bytes = b""  # for regular blocks; what follows the last record does not belong to the block
    form: Form | None = None

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    @cached_property
    def _starts(self) -> npt.NDArray[np.int64]:
        """The lines of the records, relative to the first line of the block."""
        if self.form is None:  # an irregular block lists its lines
            return np.zeros(0, np.int64)
        feeds, is_end = find_line_feeds(self.data, self.form)
        return np.concatenate(([0], np.flatnonzero(is_end) + 1))[: len(self)]

    def line(self, index: int) -> int:
        """The physical line on which a record begins."""
        return self.lines[index] if self.lines else self.first_line + int(self._starts[index])

    def find_places(self, lines: Iterable[int]) -> list[int]:
        """The records that begin on certain physical lines, which may include lines outside this block."""
        starts = np.array(self.lines) if self.lines else self._starts + self.first_line
        sought = np.fromiter(lines, np.int64)
        places: list[int] = np.flatnonzero(np.isin(starts, sought)).tolist()
        return places

    def cells(self, index: int) -> Cells:
        """The cells of a record, by field; absent cells are empty, surplus ones are omitted."""
        return tuple(column[index] for column in self.columns)

    def findings(
        self,
        found: Verdicts[T],
        resource: Resource,
        name: str,
        say: Callable[[T], str],
        code: str,
        is_notice: bool = False,
    ) -> Findings:
        """Findings about the cells of one field: all are counted, but made into problems only on demand."""
        problems = (
            self.problem(place, resource, name, say(verdict), code, is_notice) for place, verdict in found
        )
        return Findings((self.path, code, name), is_notice, len(found), problems)

    def regular_mask(self) -> Mask:
        """The records with as many cells as the header."""
        mask = np.ones(len(self), np.bool_)
        mask[list(self.odd)] = False
        return mask

    def find_empty(self, missing_values: Sequence[Sequence[str]]) -> list[int]:
        """Which records have nothing but missing values, given for each field."""
        is_empty = self.regular_mask() if len(self.columns) > 1 else np.zeros(len(self), np.bool_)
        for column, texts in zip(self.columns, missing_values, strict=True):
            if not is_empty.any():
                return []
            is_empty &= column.without([text for text in texts if text]).missing_mask()
        places: list[int] = np.flatnonzero(is_empty).tolist()
        return places

    def records(self) -> Iterator[tuple[int, Cells]]:
        """Line and cells of every record."""
        lines = self.lines or (self.first_line + self._starts).tolist()
        columns = [[text or "" for text in column.texts()] for column in self.columns]
        return zip(lines, zip(*columns, strict=True), strict=True)

    def problem(
        self, index: int, resource: Resource, name: str, message: str, code: str, is_notice: bool = False
    ) -> Problem:
        """A problem with one cell of a record, or with the whole record if `name` is empty."""
        text = self.columns[resource.field_names.index(name)][index] if name else ""
        return Problem(self.path, self.line(index), message, name, text, code, is_notice)


@dataclass
class BlankLines:
    """The blank lines of a file, which are not records: the first of them, and their number.

    >>> blank = BlankLines()
    >>> blank.add(4)
    >>> blank.add(7)
    >>> blank
    BlankLines(first=4, count=2)
    """

    first: int = 0
    count: int = 0

    def add(self, line: int) -> None:
        """Takes another blank line into account."""
        self.first = self.first or line
        self.count += 1


def drop_blank_ends(cells: Cells) -> Cells:
    """The cells without blank ones at their end.

    >>> drop_blank_ends(("boat_id", "", "name", "", ""))
    ('boat_id', '', 'name')
    """
    width = max((place for place, cell in enumerate(cells, 1) if cell), default=0)
    return cells[:width]


# So many rows of titles may stand above a header.
MOST_ABOVE = 100
# More columns than even the widest tables of measurements have.
MOST_COLUMNS = 1 << 16


# Size and time of change of a file.
Stamp = tuple[int, int]


def find_stamp(root: Path, path: str, resource: Resource) -> Stamp | None:
    """The state of a file; None if its bytes are not those of its text.

    >>> from packpress import read_package
    >>> find_stamp(Path("fleet"), "boats.csv", read_package("fleet").by_name["boats"])[0]
    65
    """
    if resource.is_inline or "://" in path or resource.compression_of(path) or not is_utf8(resource.encoding):
        return None
    try:
        file = find_file(root, path)
        str(file).encode("utf-8")  # as Arrow needs it
        found = file.stat()
    except (OSError, CannotReadError, UnicodeEncodeError):
        return None
    return found.st_size, found.st_mtime_ns


class FileReader:
    """The header of one file, then its blocks; `facts` is complete when all blocks have been read.

    >>> from packpress import read_package
    >>> reader = FileReader(Path("fleet"), "boats.csv", read_package("fleet").by_name["boats"])
    >>> reader.header, [len(block) for block in reader.blocks()], reader.facts.size
    (('boat_id', 'name', 'built'), [3], 65)
    """

    def __init__(self, root: Path, path: str, resource: Resource) -> None:
        self.path = path
        self.facts = ByteFacts()
        self._resource = resource
        self._layout = layout_of(resource)
        self._form = form_of(resource.dialect)
        signs = signs_of(self._layout)
        self._terminator = signs.terminator.encode() if signs else b""
        self._open = partial(open_pieces, make_opener(root, path, resource), path, resource.encoding)
        self._lines = LineReader(self._open(self.facts), path, self._terminator)
        self.blank_lines = BlankLines()
        self._first: list[tuple[int, Cells]] = []
        self.header_line = 1
        self._stray: dict[int, str] = {}  # by line
        self._slowly = FEWEST_SLOWLY
        self._has_fault = False  # whether something is irregular in the data at hand
        self._end = 0  # of what was at hand when something irregular was found, in bytes passed
        self.header = self._read_header()
        self.continues = path != resource.parts[0] and self._begins_with_row()
        if self.continues:
            self._first.insert(0, (self.header_line, self.header))
            self.header = resource.field_names
        if len(self.header) > MOST_COLUMNS:
            message = (
                f"has {len(self.header):,} columns, more than {MOST_COLUMNS:,}; split it into several tables"
            )
            raise CannotReadError(path, 1, message, "file/too-wide")
        self.match = Match(resource, self.header)
        # Without a right header, no column belongs to a field.
        self._is_arranged = resource.fields_match != "exact" and not self.match.describe()
        self._width = len(self.header)
        self._absent = {
            place: resource.missing_text(field)
            for place, field in enumerate(resource.fields)
            if self.match.places[place] is None
        }
        self._options = _make_options(self._form, self._width) if self._form else {}
        self._stamp = find_stamp(root, path, resource)
        # Whether all rows so far are such that Arrow reads them from the file alone as they are read here.
        has_plain_header = self._lines.line == 2 and self._lines.last == b"\n" and not self._first
        is_as_declared = self.header == resource.field_names
        self._is_regular = has_plain_header and is_as_declared and not self._layout.comment
        self._has_rows = False

    def find_idle_ends(self) -> str:
        """Which lines end with superfluous delimiters: the header, or it and all or some rows; empty if none.

        They are superfluous if without them the header would be right, and no row would lose a value.
        Reads the whole file.
        """
        named = drop_blank_ends(self.header)
        if len(named) == self._width or Match(self._resource, named).describe():
            return ""
        has_all, has_any = True, False
        try:
            for block in self.blocks():
                if any(len(column.missing()) < len(column) for column in block.columns[len(named) :]):
                    return ""
                widths = {*block.odd.values()} | ({self._width} if len(block.odd) < len(block) else set())
                has_all = has_all and min(widths) >= self._width
                has_any = has_any or max(widths) > len(named)
        except CannotReadError:
            return ""
        return "the header" if not has_any else "every line" if has_all else "the header and some rows"

    def find_other_header(self) -> tuple[int, bool]:
        """The number of another row that is the header, and whether it is a comment; 0 if there is none."""
        lines = LineReader(self._open(ByteFacts()), self.path, self._terminator)
        comment = self._layout.comment
        layout = replace(self._layout, dialect={**self._layout.dialect, "commentChar": None})
        with suppress(CannotReadError):
            for row, _, cells in islice(read_rows(lines, self.path, layout), MOST_ABOVE):
                is_comment = bool(comment and cells) and cells[0].startswith(comment)
                if is_comment:
                    first = cells[0].removeprefix(comment).lstrip()
                    cells = (first, *cells[1:]) if first else cells[1:]
                named = drop_blank_ends(cells)
                if named and (row > 1 or is_comment) and not Match(self._resource, named).describe():
                    return row, is_comment
        return 0, False

    def blocks(self) -> Iterator[Block]:
        """The records after the header, which must not be empty."""
        lines = self._lines
        if self._first:
            yield self._make_block(self._first)
        while self._width:
            lines.fill(PIECE * min(max(self._width // COLUMNS_PER_PIECE, 1), MOST_PIECES))
            if not lines.data:
                return
            block = self._read_regular() or self._read_irregular()
            if len(block):
                yield block

    def skip(self) -> bool:
        """Reads on without parsing; returns whether the end of the file was reached before the limit."""
        return self._lines.drain()

    def _read_header(self) -> Cells:
        """The names of the columns; everything before or between the rows of the header is skipped."""
        layout = self._layout
        rows = list[Cells]()
        is_open = layout.has_header and not layout.header_rows
        for row, line, cells in self._read_rows() if is_open or layout.counted else ():
            if row in layout.header_rows or (is_open and cells):
                self.header_line = self.header_line if rows else line
                is_open = False
                rows.append(cells)
            elif cells and row > max(layout.header_rows, default=0):
                self._first.append((line, cells))
            elif not cells and row > max(layout.header_rows, default=0):
                self.blank_lines.add(line)
            if row >= layout.counted and not is_open:
                break
        if not layout.has_header:
            return self._resource.field_names
        return layout.join_header(rows) if layout.header_rows else next(iter(rows), ())

    def _begins_with_row(self) -> bool:
        """Whether the first row is none of the header, as version 1 of the standard allows in later files."""
        names = self._resource.field_names
        is_open = self._layout.has_header and not self._layout.header_rows
        is_row = is_open and self._resource.fields_match == "exact" and len(self.header) == len(names)
        return is_row and not looks_like_header(self.header, names)

    def _read_rows(self) -> Iterator[tuple[int, int, Cells]]:
        try:
            yield from read_rows(self._lines, self.path, self._layout, self._lines.line)
        except CannotReadError:
            self._lines.drain()
            raise

    def _read_irregular(self) -> Block:
        """Records that are read line by line: all at hand, or few if others among them may be regular.

        All are needed to tell whether each has as many cells too many or too few.
        """
        lines, is_part = self._lines, self._lines.passed < self._end
        self._is_regular = False
        self._end = max(self._end, lines.passed + len(lines.data))
        if self._has_fault:
            records = self._read_records(min(self._slowly, len(lines.data)))
            self._slowly *= 2
        else:
            records = self._read_records(len(lines.data))
        if not is_part and lines.passed < self._end and self._are_alike(records):
            records += self._read_records(self._end - lines.passed)
        return replace(self._make_block(records), is_part=is_part)

    def _are_alike(self, records: list[tuple[int, Cells]]) -> bool:
        """Whether all records have the same number of cells, but another than the header."""
        counts = {len(cells) for _, cells in records}
        return len(counts) < 2 and self._width not in counts

    def _read_records(self, size: int) -> list[tuple[int, Cells]]:
        """The records that begin in the next `size` bytes."""
        lines, records, taken = self._lines, list[tuple[int, Cells]](), list[str]()
        end = lines.passed + size

        def take_lines() -> Iterator[str]:
            for line in lines:
                taken.append(line)
                yield line

        try:
            for _, line, cells in read_rows(
                take_lines(), self.path, self._layout, lines.line, self._layout.counted + 1
            ):
                if cells:
                    records.append((line, cells))
                    self._note_stray_quote(line, cells, "".join(taken))
                else:
                    self.blank_lines.add(line)
                taken.clear()
                if lines.passed >= end:
                    break
        except CannotReadError:
            lines.drain()
            raise
        return records

    def _note_stray_quote(self, line: int, cells: Cells, written: str) -> None:
        form = self._form
        if form and form.quote is not None and self._layout.is_plain and chr(form.quote) in written:
            number = find_stray_quote(written.lstrip("\r\n"), cells, chr(form.quote))
            if number >= 0:
                self._stray[line] = cells[number]

    def _make_block(self, records: list[tuple[int, Cells]]) -> Block:
        """The records as the csv module parses them."""
        width = self._width
        odd = {index: len(cells) for index, (_, cells) in enumerate(records) if len(cells) != width}
        rows = [
            (*cells, *("",) * width)[:width] if index in odd else cells
            for index, (_, cells) in enumerate(records)
        ]
        columns = [Column.of([cell or None for cell in column]) for column in zip(*rows, strict=True)]
        lines = [line for line, _ in records]
        stray = {index: self._stray[line] for index, line in enumerate(lines) if line in self._stray}
        self._stray.clear()
        is_idle = min(odd.values(), default=0) > width and not any(any(cells[width:]) for _, cells in records)
        return Block(self.path, self._arrange(columns), 0, lines, odd, stray, width, is_idle)

    def _arrange(self, columns: list[Column]) -> list[Column]:
        """The columns in order of the fields; the cells of a field without a column are missing."""
        if not self._is_arranged or not columns:
            return columns
        return [
            Column.repeat(self._absent[field], len(columns[0])) if place is None else columns[place]
            for field, place in enumerate(self.match.places)
        ]

    def _read_regular(self) -> Block | None:
        """The regular records in the data that have been read; None if there are none, or too few."""
        lines, form = self._lines, self._form
        self._has_fault = False
        if form is None or lines.data.startswith(BOM):
            return None
        size, has_fault = find_regular(lines.data, lines.has_ended, form, self._layout.comment.encode())
        table, right = self._parse(size) if size and self._is_worth(size, has_fault) else (None, size)
        self._has_fault = has_fault or right < size
        if right < size and self._is_worth(right, True):
            table, _ = self._parse(right)
        if table is None:
            return None
        columns = _join_chunks(table)
        if max(column.longest for column in columns) > LONGEST_CELL:
            return None
        block = Block(self.path, self._arrange(columns), lines.line, data=lines.data, form=form)
        if self._has_fault:
            self._end = max(self._end, lines.passed + len(lines.data))
        self._slowly, self._has_rows = FEWEST_SLOWLY, True
        lines.skip(right, int(np.count_nonzero(np.frombuffer(lines.data, np.uint8, right) == FEED)))
        return block

    def _is_worth(self, size: int, has_fault: bool) -> bool:
        """Whether so many bytes are read faster by columns, if something irregular follows them."""
        return size >= FEWEST_QUICKLY or not has_fault

    def _parse(self, size: int) -> tuple[pa.Table | None, int]:
        """The columns of so many bytes; None and the size of the records before one of another width."""
        data = make_buffer(np.frombuffer(self._lines.data, np.uint8, size))
        # A record that is longer than two blocks is refused.
        for block_size in (BLOCK_SIZE, size + 1) if size > BLOCK_SIZE else (size + 1,):
            try:
                table = self._parse_in_blocks(data, block_size)
            except pa.ArrowInvalid as error:
                odd = ODD_RECORD.match(str(error))
                if odd and self._form:
                    feeds, is_end = find_line_feeds(self._lines.data[:size], self._form)
                    before = int(odd[1]) - 1
                    return None, int(feeds[is_end][before - 1]) + 1 if before else 0
            else:
                self._is_regular &= block_size <= BLOCK_SIZE
                return table, size
        return None, size

    def _parse_in_blocks(self, data: pa.Buffer, block_size: int) -> pa.Table:
        names = [str(number) for number in range(self._width)]
        read = pa_csv.ReadOptions(use_threads=False, block_size=block_size, column_names=names)
        # Not read_csv, which waits over a millisecond for its own thread, even for little data.
        return pa_csv.open_csv(pa.BufferReader(data), read, **self._options).read_all()

    @property
    def stamp(self) -> Stamp | None:
        """The state of the file, if `read_columns` may read it again without looking for faults.

        It is known when all blocks have been read.
        """
        is_regular = self._is_regular and self._has_rows and not self.facts.has_bom
        return self._stamp if is_regular else None


# What Arrow says of the first record with more or fewer cells. It could call us for each, but a thread of its
# own that releases a function of Python while Python exits aborts the process.
ODD_RECORD = re.compile(r"CSV parse error: Row #([0-9]+): ")


def _make_options(form: Form, width: int) -> dict[str, Any]:
    """How Arrow parses so many columns."""
    names = [str(number) for number in range(width)]
    return {
        "parse_options": pa_csv.ParseOptions(
            delimiter=chr(form.delimiter),
            quote_char=False if form.quote is None else chr(form.quote),
            newlines_in_values=True,
        ),
        "convert_options": pa_csv.ConvertOptions(
            check_utf8=False,
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
        ),
    }


def _join_chunks(table: pa.Table) -> list[Column]:
    return [
        Column(column.chunk(0) if column.num_chunks == 1 else column.combine_chunks())
        for column in table.columns
    ]


def read_blocks(root: Path, resource: Resource) -> Iterator[Block]:
    """The blocks of all files of a table, which must be readable.

    >>> from packpress import read_package
    >>> [len(block) for block in read_blocks(Path("fleet"), read_package("fleet").by_name["voyages"])]
    [5]
    """
    for path in resource.parts:
        yield from FileReader(root, path, resource).blocks()


def read_columns(root: Path, resource: Resource, stamps: Mapping[str, Stamp]) -> Iterator[list[Column]]:
    """The columns of all files of a valid table, some megabytes at a time.

    Files that did not change since their rows were found regular are not checked for that again.

    >>> from packpress import read_package
    >>> boats = read_package("fleet").by_name["boats"]
    >>> reader = FileReader(Path("fleet"), "boats.csv", boats)
    >>> blocks = [*reader.blocks()]
    >>> (columns,) = read_columns(Path("fleet"), boats, {"boats.csv": reader.stamp})
    >>> columns[1].texts()
    ['Ada of Lerwick', 'Ida', 'Una']
    """
    form = form_of(resource.dialect)
    for path in resource.parts:
        if form and path in stamps and stamps[path] == find_stamp(root, path, resource):
            try:
                yield from _stream(find_file(root, path), form, len(resource.fields))
            except pa.ArrowInvalid:
                message = "changed while it was read; leave the file alone and try again"
                raise CannotReadError(path, 0, message) from None
        else:
            yield from (block.columns for block in FileReader(root, path, resource).blocks())


def _stream(file: Path, form: Form, width: int) -> Iterator[list[Column]]:
    """The columns of a file with regular rows and a header of one line."""
    names = [str(number) for number in range(width)]
    # No record is longer than two blocks of a fourth of this size.
    read = pa_csv.ReadOptions(use_threads=False, block_size=4 * BLOCK_SIZE, column_names=names, skip_rows=1)
    most = PIECE * min(max(width // COLUMNS_PER_PIECE, 1), MOST_PIECES)
    batches, size = list[pa.RecordBatch](), 0
    with pa.OSFile(str(file)) as source:
        for batch in pa_csv.open_csv(source, read, **_make_options(form, width)):
            batches.append(batch)
            size += batch.nbytes
            if size >= most:
                yield _join_chunks(pa.Table.from_batches(batches))
                batches, size = [], 0
    if batches and sum(map(len, batches)):
        yield _join_chunks(pa.Table.from_batches(batches))
