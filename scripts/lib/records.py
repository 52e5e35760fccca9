"""Records as Python's csv module reads them, strictly: the one that decides what a CSV file says."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from scripts.lib.problems import CannotReadError

# A line longer than this is refused before it fills the memory; the csv module refuses cells far shorter.
LONGEST_LINE = 1 << 25
# A fault of the encoding is looked for so far behind another fault, which it may have caused.
MOST_DRAINED = 1 << 26
# What the csv module says, in words that tell what to mend.
FAULTS = {
    "unexpected end of data": "opens a quote that is never closed; close it",
    "field larger than field limit": "holds a cell of more than 131,072 characters; shorten it, or close the "
    "quote that it begins with",
    "expected after": "has text behind a closing quote; double the quotes inside the cell",
}


class LineFeeder:
    """The physical lines of a file, one by one; what has not been handed out yet stays in `data`.

    `line` is the number of the line that comes next, `passed` how many bytes have been handed out.
    """

    def __init__(self, pieces: Iterator[bytes], path: str) -> None:
        self._pieces = pieces
        self.path = path
        self.data = b""
        self.position = 0
        self.passed = 0
        self.line = 1
        self.has_ended = False

    def fill(self, size: int) -> None:
        """Reads on until so many bytes lie ahead, or the file ends."""
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
        """Goes forward by so many bytes, which hold so many lines."""
        self.position += size
        self.passed += size
        self.line += lines

    def drain(self) -> None:
        """Reads the rest of the file, so that a fault of its encoding is found before any other."""
        passed = 0
        for piece in self._pieces:
            passed += len(piece)
            if passed > MOST_DRAINED:
                break
        self.has_ended = True

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        """The next line with its end: a line feed, a carriage return, or both."""
        end = self._find_end()
        while end < 0 and not self.has_ended:
            ahead = len(self.data) - self.position
            if ahead > LONGEST_LINE:
                message = "longer than 32 MB, which is no line of a table; break it into records"
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
        """The place behind the next line end; -1 when it does not lie in what has been read."""
        feed = self.data.find(b"\n", self.position)
        carriage = self.data.find(b"\r", self.position, feed if feed >= 0 else len(self.data))
        if carriage < 0 or carriage == feed - 1:
            return feed + 1 if feed >= 0 else -1
        if carriage + 1 == len(self.data) and not self.has_ended:
            return -1  # a line feed may follow
        return carriage + 1


def read_lines(
    lines: Iterable[str], path: str, dialect: Mapping[str, Any], line: int = 1
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Line and cells of every record; blank lines are no records. `line` is the number of the first line.

    The lines are taken one by one, no more of them than the record needs.
    """
    start = line
    try:
        reader = csv.reader(
            lines,
            delimiter=dialect.get("delimiter", ","),
            quotechar=dialect.get("quoteChar", '"'),
            doublequote=dialect.get("doubleQuote", True),
            escapechar=dialect.get("escapeChar"),
            skipinitialspace=dialect.get("skipInitialSpace", False),
            strict=True,  # or a quote that is never closed would swallow the rest of the file in silence
        )
        for cells in reader:
            if cells:
                yield start, tuple(cells)
            start = line + reader.line_num
    except (TypeError, ValueError) as error:
        message = f"its dialect cannot be used: {error}; mend it in the descriptor"
        raise CannotReadError(path, 0, message) from None
    except csv.Error as error:
        message = next(
            (words for sign, words in FAULTS.items() if sign in str(error)),
            f"cannot be read as CSV: {error}; mend the quotes there",
        )
        raise CannotReadError(path, start, message, "file/quotes") from None
