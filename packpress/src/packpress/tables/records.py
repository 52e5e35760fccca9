"""Records as Python's csv module reads them, strictly: the one that decides what a CSV file says."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from packpress.problems import CannotReadError
from packpress.tables.dialect import LINE_ENDS, Cells, Form, Layout

# No cell of a table is longer; in characters.
LONGEST_CELL = 1 << 20
# What the csv module says, in words that tell what to mend.
FAULTS = {
    "unexpected end of data": "opens a quote that is never closed; close it",
    "field larger than field limit": f"holds a cell of more than {LONGEST_CELL:,} characters; shorten it, "
    "or close the quote that it begins with",
    "expected after": "has text behind a closing quote; double the quotes inside the cell",
}
# The csv module knows one character between cells and only line ends behind rows. Where a dialect has others,
# these stand in for them while it reads: Unicode keeps them out of texts.
BETWEEN, FEED, RETURN = "\ufdd0", "\ufdd1", "\ufdd2"


@dataclass(frozen=True)
class Signs:
    """The character sequences of a dialect that the csv module does not know."""

    delimiter: str  # of several characters, or empty
    terminator: str  # other than a line end, or empty

    def hide(self, line: str) -> str:
        """The line as the csv module can read it."""
        if self.terminator:
            if not line.endswith(
                self.terminator
            ):  # the last one, which editors end with a line end all the same
                line = line.removesuffix("\n").removesuffix("\r")
            line = line.removesuffix(self.terminator).replace("\n", FEED).replace("\r", RETURN) + "\n"
        return line.replace(self.delimiter, BETWEEN) if self.delimiter else line

    def restore(self, cell: str) -> str:
        """What a cell holds in truth."""
        if self.delimiter:
            cell = cell.replace(BETWEEN, self.delimiter)
        if self.terminator:
            cell = cell.replace("\n", self.terminator).replace(FEED, "\n").replace(RETURN, "\r")
        return cell


def signs_of(layout: Layout) -> Signs | None:
    """The sequences of the dialect that need stand-ins; None when none does."""
    delimiter, terminator = (str(layout.dialect.get(name) or "") for name in ("delimiter", "lineTerminator"))
    signs = Signs(
        delimiter if len(delimiter) > 1 else "", "" if terminator in {"", *LINE_ENDS} else terminator
    )
    return signs if signs.delimiter or signs.terminator else None


class _RowLines:
    """The lines of a file for the csv module; comments are left out before it looks for quotes in them."""

    def __init__(
        self, lines: Iterable[str], layout: Layout, signs: Signs | None, line: int, row: int
    ) -> None:
        self._lines = iter(lines)
        self._layout, self._signs = layout, signs
        self._pending: str | None = None
        self.next_line = line
        self.start = line
        self.row = row - 1

    def begin_row(self) -> None:
        """Goes to the first line of the next row that is no comment."""
        comment, rows = self._layout.comment, self._layout.comment_rows
        self.row += 1
        if comment or rows:
            while (line := next(self._lines, None)) is not None:
                if self.row not in rows and not (comment and line.startswith(comment)):
                    self._pending = line
                    break
                self.row += 1
                self.next_line += 1
        self.start = self.next_line

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line, self._pending = self._pending or next(self._lines), None
        self.next_line += 1
        return self._signs.hide(line) if self._signs else line


def read_rows(
    lines: Iterable[str], path: str, layout: Layout, line: int = 1, row: int = 1
) -> Iterator[tuple[int, int, Cells]]:
    """Number, line and cells of every row that is no comment; a blank line is a row without cells.

    `line` and `row` are the numbers of the first line. The lines are taken one by one, no more of them than
    the row needs.
    """
    dialect, signs = layout.dialect, signs_of(layout)
    source = _RowLines(lines, layout, signs, line, row)
    csv.field_size_limit(LONGEST_CELL)  # for the whole process, and other libraries set it too
    try:
        reader = csv.reader(
            source,
            delimiter=BETWEEN if signs and signs.delimiter else dialect.get("delimiter", ","),
            quotechar=dialect.get("quoteChar", '"'),
            doublequote=dialect.get("doubleQuote", True),
            escapechar=dialect.get("escapeChar"),
            skipinitialspace=dialect.get("skipInitialSpace", False),
            strict=True,  # or a quote that is never closed would swallow the rest of the file in silence
        )
        while True:
            source.begin_row()
            cells = next(reader, None)
            if cells is None:
                return
            yield source.row, source.start, tuple(map(signs.restore, cells) if signs else cells)
    except (TypeError, ValueError) as error:
        message = f"its dialect cannot be used: {error}; mend it in the descriptor"
        raise CannotReadError(path, 0, message) from None
    except csv.Error as error:
        message = next(
            (words for sign, words in FAULTS.items() if sign in str(error)),
            f"cannot be read as CSV: {error}; mend the quotes there",
        )
        raise CannotReadError(path, source.start, message, "file/quotes") from None


def read_records(
    lines: Iterable[str], path: str, layout: Layout, line: int = 1
) -> Iterator[tuple[int, Cells]]:
    """Line and cells of every record behind the rows that are counted; blank lines are no records."""
    return (
        (start, cells)
        for _, start, cells in read_rows(lines, path, layout, line, layout.counted + 1)
        if cells
    )


def find_stray_quote(record: str, cells: Sequence[str], form: Form) -> int:
    """Which cell of a record, as it is written, holds a quote without being quoted; -1 for none."""
    quote, place = chr(form.quote), 0
    for number, cell in enumerate(cells):
        if record.startswith(quote, place):
            place += len(cell) + cell.count(quote) + 2
        elif quote in cell:
            return number
        else:
            place += len(cell)
        place += 1  # the delimiter
    return -1
