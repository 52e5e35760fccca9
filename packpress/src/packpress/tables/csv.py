"""CSV: from lines to records, strictly as Python's csv module reads them, and back to canonical bytes.

This reader defines what a file contains; the fast reader must agree with it. The canonical form is the only
sequence of bytes for a table, whoever writes it.
"""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import partial
from itertools import chain, islice
from typing import Any

from packpress.package.resource import Resource
from packpress.problems import CannotReadError
from packpress.tables.dialect import LINE_ENDS, Cells, Layout, layout_of, quote_of
from packpress.tables.types import type_of

# Longer lines are refused before they exhaust the memory.
LONGEST_LINE = 1 << 25
# After an error, this many bytes are searched for an encoding error, which may be its cause.
MOST_DRAINED = 1 << 26


class LineReader:
    """The physical lines of a file, one by one; `data` holds bytes that were read but not yet returned.

    `line` is the number of the next line, `passed` the number of bytes returned so far. A `terminator`
    replaces the usual line ends.

    >>> reader = LineReader(iter([b"boat_id,na", b"me\\nada,Ada\\n"]), "boats.csv")
    >>> list(reader), reader.line
    (['boat_id,name\\n', 'ada,Ada\\n'], 3)
    """

    def __init__(self, pieces: Iterator[bytes], path: str, terminator: bytes = b"") -> None:
        self._pieces = pieces
        self._terminator = terminator
        self.path = path
        self.data = b""
        self.position = 0
        self.passed = 0
        self.line = 1
        self.has_ended = False

    def fill(self, size: int) -> None:
        """Reads until at least so many bytes are available, or the file ends."""
        if self.position:
            self.data, self.position = self.data[self.position :], 0
        parts, length = [self.data], len(self.data)
        while length < size and not self.has_ended:
            piece = next(self._pieces, b"")
            self.has_ended = not piece
            parts.append(piece)
            length += len(piece)
        self.data = b"".join(parts) if len(parts) > 1 else self.data

    def skip(self, size: int, lines: int) -> None:
        """Skips so many bytes, which contain so many lines."""
        self.position += size
        self.passed += size
        self.line += lines

    @property
    def last(self) -> bytes:
        """The last byte that was returned, if it is still known."""
        return self.data[self.position - 1 : self.position] if self.position else b""

    def give_back(self, lines: Sequence[str]) -> None:
        """Makes the last lines that were returned the next ones again."""
        data = "".join(lines).encode("utf-8")
        self.data, self.position = data + self.data[self.position :], 0
        self.passed -= len(data)
        self.line -= len(lines)

    def drain(self) -> bool:
        """Reads the rest of the file, so that an encoding error is reported before any other.

        Returns whether all of it was read: if too much is left, reading stops early.
        """
        passed, self.has_ended = 0, True
        for piece in self._pieces:
            passed += len(piece)
            if passed > MOST_DRAINED:
                return False
        return True

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        """The next line with its end: a line feed, a carriage return, or both."""
        end = self._find_end()
        while end < 0 and not self.has_ended:
            ahead = len(self.data) - self.position
            if ahead > LONGEST_LINE:
                message = "longer than 32 MB, too long for a line of a table; split it into records"
                raise CannotReadError(self.path, self.line, message, "file/too-long")
            self.fill(2 * ahead + 1024)
            end = self._find_end()
        if end < 0:
            end = len(self.data)
        if end == self.position:
            raise StopIteration
        line = self.data[self.position : end].decode("utf-8")
        self.skip(end - self.position, 1)
        return line

    def _find_end(self) -> int:
        """The position after the next line end; -1 if it has not been read yet."""
        if self._terminator:
            found = self.data.find(self._terminator, self.position)
            return found + len(self._terminator) if found >= 0 else -1
        feed = self.data.find(b"\n", self.position)
        carriage = self.data.find(b"\r", self.position, feed if feed >= 0 else len(self.data))
        if carriage < 0 or carriage == feed - 1:
            return feed + 1 if feed >= 0 else -1
        if carriage + 1 == len(self.data) and not self.has_ended:
            return -1  # a line feed may follow
        return carriage + 1


# The maximum length of a cell, in characters.
LONGEST_CELL = 1 << 20
# Messages of the csv module, and ours, which say what to do.
FAULTS = {
    "unexpected end of data": "opens a quote that is never closed; close it, or declare quoteChar of the "
    'dialect as "" where no cell is quoted',
    "field larger than field limit": f"has a cell of more than {LONGEST_CELL:,} characters; shorten it, "
    "or close the quote that it begins with",
    "expected after": "has text after a closing quote; double the quotes inside the cell, or declare "
    'quoteChar of the dialect as "" where no cell is quoted',
}
# The csv module supports one-character delimiters and usual line ends only. For other dialects, these
# noncharacters, which Unicode reserves for internal use, replace them while it reads.
BETWEEN, FEED, RETURN = "\ufdd0", "\ufdd1", "\ufdd2"
# These replace texts of missing cells in which it would interpret the escape character.
NULLS = tuple(map(chr, range(0xFDD3, 0xFDF0)))


@dataclass(frozen=True)
class Signs:
    """The character sequences of a dialect that the csv module does not support.

    >>> signs = signs_of(Layout({"delimiter": "||"}))
    >>> signs.restore(signs.hide("ada||Ada"))
    'ada||Ada'
    """

    delimiter: str  # if it has several characters, else empty
    terminator: str  # if it is not a usual line end, else empty
    nulls: Mapping[str, tuple[str, str]]  # by replacement: its text, and its meaning within a cell
    find_null: re.Pattern[str] | None  # its groups are what precedes such a text, and the text

    def hide(self, line: str) -> str:
        """The line as the csv module can read it."""
        if self.terminator:
            if not line.endswith(self.terminator):  # the last line, which editors end with a usual line end
                line = line.removesuffix("\n").removesuffix("\r")
            line = line.removesuffix(self.terminator).replace("\n", FEED).replace("\r", RETURN) + "\n"
        if self.find_null:
            signs = {text: sign for sign, (text, _) in self.nulls.items()}
            line = self.find_null.sub(lambda match: match["before"] + signs[match["null"]], line)
        return line.replace(self.delimiter, BETWEEN) if self.delimiter else line

    def restore(self, cell: str) -> str:
        """The actual content of a cell."""
        if cell in self.nulls:
            return self.nulls[cell][0]
        for sign, (_, within) in self.nulls.items():
            cell = cell.replace(sign, within)
        if self.delimiter:
            cell = cell.replace(BETWEEN, self.delimiter)
        if self.terminator:
            cell = cell.replace("\n", self.terminator).replace(FEED, "\n").replace(RETURN, "\r")
        return cell


def signs_of(layout: Layout) -> Signs | None:
    """The sequences of the dialect that must be replaced; None if there are none.

    >>> signs_of(Layout({"delimiter": "||"})).delimiter, signs_of(Layout({}))
    ('||', None)
    """
    delimiter, terminator = (str(layout.dialect.get(name) or "") for name in ("delimiter", "lineTerminator"))
    escape = re.escape(str(layout.dialect.get("escapeChar") or ""))
    nulls = {
        sign: (text, re.sub(f"{escape}(.)", r"\1", text))
        for sign, text in zip(NULLS, layout.escaped_nulls, strict=False)
    }
    signs = Signs(
        delimiter if len(delimiter) > 1 else "",
        "" if terminator in {"", *LINE_ENDS} else terminator,
        nulls,
        _make_null_pattern(layout, [text for text, _ in nulls.values()]) if nulls else None,
    )
    return signs if signs.delimiter or signs.terminator or nulls else None


def _make_null_pattern(layout: Layout, texts: Sequence[str]) -> re.Pattern[str]:
    """A pattern for whole cells that equal one of the texts, quoted or not."""
    delimiter, quote = re.escape(layout.dialect.get("delimiter", ",")), re.escape(quote_of(layout.dialect))
    blanks = " *" if layout.dialect.get("skipInitialSpace") else ""
    mark = f"(?P<quote>{quote}{'?' if quote else ''})"
    longest_first = "|".join(map(re.escape, sorted(texts, key=len, reverse=True)))
    return re.compile(
        f"(?P<before>(?:^|{delimiter}){blanks}{mark})(?P<null>{longest_first})"
        f"(?=(?P=quote)(?:{delimiter}|[\r\n]|$))"
    )


# Quotes in a row to skip that are not closed within so many lines are none.
MOST_LINES = 100


class _RowLines:
    """The lines of a file for the csv module; comments are removed before it interprets quotes in them."""

    def __init__(
        self, lines: Iterable[str], layout: Layout, signs: Signs | None, line: int, row: int
    ) -> None:
        self._lines = iter(lines)
        self._layout, self._signs = layout, signs
        self._pending: list[str] = []
        # Whether a line ends within a quoted cell.
        self.is_open: Callable[[str], bool] = lambda _: False
        self.next_line = line
        self.start = line
        self.row = row - 1

    def begin_row(self) -> None:
        """Advances to the first line of the next row that is not a comment."""
        comment, rows = self._layout.comment, self._layout.comment_rows
        self.row += 1
        if comment or rows:
            while (line := self._next_line()) is not None:
                if self.row not in rows and not (comment and line.startswith(comment)):
                    self._pending.insert(0, line)
                    break
                if self.row in rows:
                    self._skip_rest(line)
                self.row += 1
                self.next_line += 1
        self.start = self.next_line

    def _next_line(self) -> str | None:
        return self._pending.pop(0) if self._pending else next(self._lines, None)

    def _skip_rest(self, text: str) -> None:
        """Skips the other lines of a row that begins with this one, if they close its quotes."""
        taken: list[str] = []
        while len(taken) < MOST_LINES and self.is_open(text) and (line := self._next_line()) is not None:
            taken.append(line)
            text += line
        if not self.is_open(text):
            self.next_line += len(taken)
        elif isinstance(self._lines, LineReader):
            self._lines.give_back(taken)  # another reader goes on with them
        else:
            self._pending = taken + self._pending

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._next_line()
        if line is None:
            raise StopIteration
        self.next_line += 1
        return self._signs.hide(line) if self._signs else line


def _ends_in_quotes(make_reader: Callable[..., Any], signs: Signs | None, text: str) -> bool:
    """Whether a text ends within a quoted cell."""
    try:
        for _ in make_reader([signs.hide(text) if signs else text]):
            pass
    except csv.Error as error:
        return "unexpected end of data" in str(error)
    return False


def read_rows(
    lines: Iterable[str], path: str, layout: Layout, line: int = 1, row: int = 1
) -> Iterator[tuple[int, int, Cells]]:
    """Number, line and cells of every row that is not a comment; a blank line is a row without cells.

    `line` and `row` are the numbers of the first line. Lines are consumed one by one, only as many as the row
    needs.

    >>> layout = Layout({"commentChar": "#"})
    >>> list(read_rows(["boat_id,name\\n", "# sold\\n", "ada,Ada\\n"], "boats.csv", layout))
    [(1, 1, ('boat_id', 'name')), (3, 3, ('ada', 'Ada'))]
    """
    dialect, signs, quote = layout.dialect, signs_of(layout), quote_of(layout.dialect)
    source = _RowLines(lines, layout, signs, line, row)
    csv.field_size_limit(LONGEST_CELL)  # it is global, and other libraries set it too
    try:
        make_reader = partial(
            csv.reader,
            delimiter=BETWEEN if signs and signs.delimiter else dialect.get("delimiter", ","),
            quotechar=quote or None,
            quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
            doublequote=dialect.get("doubleQuote", True),
            escapechar=dialect.get("escapeChar"),
            skipinitialspace=dialect.get("skipInitialSpace", False),
            strict=True,  # otherwise an unclosed quote would silently swallow the rest of the file
        )
        source.is_open = partial(_ends_in_quotes, make_reader, signs)
        reader = make_reader(source)
        while True:
            source.begin_row()
            cells = next(reader, None)
            if cells is None:
                return
            yield source.row, source.start, tuple(map(signs.restore, cells) if signs else cells)
    except (TypeError, ValueError) as error:
        message = f"its dialect cannot be used: {error}; correct it in the descriptor"
        raise CannotReadError(path, 0, message) from None
    except csv.Error as error:
        message = next(
            (words for sign, words in FAULTS.items() if sign in str(error)),
            f"cannot be read as CSV: {error}; correct the quotes there",
        )
        raise CannotReadError(path, source.start, message, "file/quotes") from None


def read_records(
    lines: Iterable[str], path: str, layout: Layout, line: int = 1
) -> Iterator[tuple[int, Cells]]:
    """Line and cells of every record after the counted rows; blank lines are not records.

    >>> list(read_records(["ada,Ada\\n", "\\n", "ida,Ida\\n"], "boats.csv", Layout({})))
    [(1, ('ada', 'Ada')), (3, ('ida', 'Ida'))]
    """
    return (
        (start, cells)
        for _, start, cells in read_rows(lines, path, layout, line, layout.counted + 1)
        if cells
    )


def find_stray_quote(record: str, cells: Sequence[str], quote: str) -> int:
    """The index of the first cell of a record that contains a quote but is not quoted; -1 if there is none.

    >>> find_stray_quote('ada,12" hull', ("ada", '12" hull'), '"')
    1
    """
    place = 0
    for number, cell in enumerate(cells):
        if record.startswith(quote, place):
            place += len(cell) + cell.count(quote) + 2
        elif quote in cell:
            return number
        else:
            place += len(cell)
        place += 1  # the delimiter
    return -1


Record = tuple[str, ...]

LINES_AT_ONCE = 10_000


def canonical_bytes(resource: Resource, records: Iterable[Record]) -> bytes:
    """The table as CSV in its encoding and dialect: rows sorted by key, minimal quoting, line feeds.

    >>> from packpress import read_package
    >>> canonical_bytes(read_package("fleet").by_name["boats"], [("una", "Una", ""), ("ada", "Ada", "1998")])
    b'boat_id,name,built\\nada,Ada,1998\\nuna,Una,\\n'
    """
    return b"".join(canonical_pieces(resource, sort_records(resource, records)))


def canonical_pieces(resource: Resource, records: Iterable[Record]) -> Iterator[bytes]:
    """The same in pieces, for records that are sorted by key already.

    >>> from packpress import read_package
    >>> list(canonical_pieces(read_package("fleet").by_name["boats"], [("ada", "Ada", "1998")]))
    [b'boat_id,name,built\\nada,Ada,1998\\n']
    """
    header = [resource.field_names] if resource.dialect.get("header", True) else []
    # One encoder for all pieces; otherwise, in some encodings, each would begin with a byte order mark.
    encoder = codecs.getincrementalencoder(written_encoding(resource))()
    format_record = make_formatter(resource)
    lines = map(format_record, chain(header, records))
    while piece := "".join(islice(lines, LINES_AT_ONCE)):
        yield encoder.encode(piece)


def written_encoding(resource: Resource) -> str:
    """The encoding in which a table is written: the declared one, but without a byte order mark in UTF-8.

    >>> from packpress import read_package
    >>> written_encoding(read_package("fleet").by_name["boats"])
    'utf-8'
    """
    return "utf-8" if resource.encoding.lower() == "utf-8-sig" else resource.encoding


def render_lines(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    """A header and rows as CSV of an undeclared table: commas, line feeds, minimal quoting.

    >>> render_lines(["boat_id", "name"], [["ada", "Ada, of Lerwick"]])
    b'boat_id,name\\nada,"Ada, of Lerwick"\\n'
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def sort_records(resource: Resource, records: Iterable[Record]) -> list[Record]:
    """The records sorted by primary key, numbers by value, others by code point; unchanged without a key.

    >>> from packpress import read_package
    >>> sort_records(read_package("fleet").by_name["boats"], [("una", "Una", ""), ("ada", "Ada", "1998")])
    [('ada', 'Ada', '1998'), ('una', 'Una', '')]
    """
    return sorted(records, key=key_order(resource)) if resource.primary_key else list(records)


def key_order(resource: Resource) -> Callable[[Record], list[tuple[Any, ...]]]:
    """A function that returns the sort key of a record.

    >>> from packpress import read_package
    >>> key_order(read_package("fleet").by_name["boats"])(("ada", "Ada", "1998"))
    [(1, 'ada')]
    """
    positions = [resource.field_names.index(name) for name in resource.primary_key]
    numeric = [type_of(resource.fields[position]).text_order == "number" for position in positions]

    def order(record: Record) -> list[tuple[Any, ...]]:
        return [_order_of(record[at], is_number) for at, is_number in zip(positions, numeric, strict=True)]

    return order


def _order_of(text: str, is_number: bool) -> tuple[Any, ...]:
    if is_number:
        try:
            value = Decimal(text)
            if not value.is_nan():
                return (0, value, text)
        except InvalidOperation:
            pass  # the validator reports it; here it only needs a position
    return (1, text)


def make_formatter(resource: Resource) -> Callable[[Record], str]:
    """A function that formats a record as a line.

    >>> from packpress import read_package
    >>> make_formatter(read_package("fleet").by_name["boats"])(("ida", "Ida, of Lerwick", ""))
    'ida,"Ida, of Lerwick",\\n'
    """
    dialect, nulls = resource.dialect, set(layout_of(resource).escaped_nulls)
    delimiter, quote = str(dialect.get("delimiter", ",")), quote_of(dialect)
    escape = str(dialect.get("escapeChar") or "")
    needs_quotes = re.compile(f"[{re.escape(delimiter + quote + escape)}\r\n]")
    doubled = quote * 2 if dialect.get("doubleQuote", True) else escape + quote

    def format_cell(cell: str) -> str:
        if cell in nulls or not needs_quotes.search(cell):
            return cell
        if not quote:
            # Without an escape character either, the cell is ambiguous, which the caller checks.
            return needs_quotes.sub(lambda match: escape + match[0], cell)
        inner = cell.replace(escape, escape * 2) if escape else cell
        return f"{quote}{inner.replace(quote, doubled)}{quote}"

    def format_record(record: Record) -> str:
        # In a table with one column, an empty cell must not look like a blank line, which is not a record.
        if record == ("",):
            return quote * 2 + "\n"
        line = delimiter.join(record)
        # Most records need no quotes, which one search of the line shows.
        if needs_other(line) or line.count(delimiter) >= len(record):
            line = delimiter.join(map(format_cell, record))
        return line + "\n"

    needs_other = re.compile(f"[{re.escape(quote + escape)}\r\n]").search
    return format_record
