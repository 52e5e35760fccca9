"""Sheets of a workbook: what one can hold, and the rows of a table as its XML, made by whole columns.

Libraries write a workbook cell by cell, which took longer than all other formats of a build together. So
xlsxwriter writes what is small, and only the rows of tables are written here.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.compute as pc

from packpress.publish.lines import (
    Part,
    cut_blocks,
    escape_texts,
    find_others,
    is_any,
    join_lines,
    join_texts,
    map_texts,
    replace_where,
)
from packpress.tables.csv import Record
from packpress.tables.fast.columns import Column, make_integer, make_texts
from packpress.tables.values import Columns, Content, ValueColumn, make_columns

# What a sheet can hold, as the format has it; the header is one of the rows.
MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384
LONGEST_CELL = 32_767
# Spreadsheet programs show no more digits than that, and nobody could tell the rest.
DIGITS = 15
SMALLEST, LARGEST = 2.2250738585072014e-308, 9.99999999999999e307
# Before, the days of spreadsheet programs are not those of the calendar.
FIRST_DAY, DAY_ZERO = date(1900, 3, 1), datetime(1899, 12, 30)
DAY = timedelta(days=1)
FIRST, EPOCH = ((day - DAY_ZERO.date()).days for day in (FIRST_DAY, date(1970, 1, 1)))
NARROWEST, WIDEST = 8, 60

# Numbers that stand in a sheet as they are written, for every program reads these as the same.
PLAIN_NUMBERS = {
    "int64": f"^(?:0|-?[1-9][0-9]{{0,{DIGITS - 1}}})$",
    "float64": r"^-?(?:(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,8})?(?:[eE][-+]?[0-9]{1,2})?|[1-9][0-9]{0,14})$",
}
XML_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# What XML cannot hold, and what looks like that once it is written in the way of the format.
CONTROL, LOOKALIKE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]"), re.compile("_(?=x[0-9A-Fa-f]{4}_)")
UNHOLDABLE = r"[\x00-\x08\x0b-\x1f\x{fffe}\x{ffff}]|_x[0-9A-Fa-f]{4}_"
# XML allows programs to drop these, unless they are told not to.
BLANK_ENDS = "^[ \t\n]|[ \t\n]$"
# The most bytes that a cell takes beside those of its text, and that one of these can become.
MARKUP, GROWTH = 110, 7


@dataclass(frozen=True)
class Measure:
    """How many rows there are, how wide each column is, how long the longest cell is that may be too long.

    `size` is more than the bytes of the sheet.
    """

    rows: int
    widths: tuple[int, ...]
    longest: int
    size: int = 0


def find_excess(measure: Measure) -> str:
    """Why a sheet cannot hold the table, or nothing when it can.

    >>> find_excess(Measure(rows=3, widths=(8, 4), longest=12)), find_excess(Measure(3, (8, 255), 40_000))
    ('', '40,000 characters are more than the 32,767 that a cell holds')
    """
    if measure.rows >= MOST_ROWS:
        return f"{measure.rows:,} rows are more than the {MOST_ROWS - 1:,} that a sheet holds"
    if len(measure.widths) > MOST_COLUMNS:
        return f"{len(measure.widths):,} columns are more than the {MOST_COLUMNS:,} that a sheet holds"
    if measure.longest > LONGEST_CELL:
        return f"{measure.longest:,} characters are more than the {LONGEST_CELL:,} that a cell holds"
    return ""


def measure_rows(names: Sequence[str], rows: Sequence[Record]) -> Measure:
    """The measure of a table of texts, its header included; of one that has too many rows, their number.

    >>> measure_rows(["boat_id", "name"], [("ada", "Ada of Lerwick")]).widths
    (10, 14)
    """
    return _measure(names, len(rows), make_columns(rows, len(names)), [True] * len(names))


def measure_content(content: Content) -> Measure:
    """The measure of a table, its header included; of one that has too many rows, their number alone."""
    names = content.resource.field_names
    blocks = (
        [reader.drop_missing(column) for reader, column in zip(content.columns, columns, strict=True)]
        for columns in content.start()
    )
    return _measure(names, len(content), blocks, [reader.type.store is None for reader in content.columns])


def _measure(names: Sequence[str], count: int, blocks: Iterable[Columns], is_text: Sequence[bool]) -> Measure:
    if count >= MOST_ROWS:
        return Measure(count, (), 0)
    # Room for the button of the filter.
    widths = [len(name) + 3 for name in names]
    longest = size = 0
    for columns in blocks:
        for place, column in enumerate(columns):
            widths[place] = max(widths[place], pc.max(pc.utf8_length(column.array)).as_py() or 0)
            size += MARKUP * len(column) + GROWTH * column.array.nbytes
            if is_text[place] and column.longest > LONGEST_CELL:
                chosen = column.array.filter(
                    pc.greater(pc.binary_length(column.array), make_integer(LONGEST_CELL))
                )
                longest = max(longest, *map(count_units, Column(chosen).distinct()))
    return Measure(count, tuple(min(max(width, NARROWEST), WIDEST) for width in widths), longest, size)


def count_units(text: str) -> int:
    """Length of the text as the format counts it.

    >>> count_units("ada"), count_units("🐟")
    (3, 2)
    """
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def write_sheet_rows(content: Content, letters: Sequence[str], styles: Sequence[int]) -> Iterator[memoryview]:
    """The rows below the header as XML, some thousand at a time.

    Of each column the sheet has letters, and a number for the format of its cells.
    """
    cells = [
        _Cells(reader, name, style)
        for reader, name, style in zip(content.columns, letters, styles, strict=True)
    ]
    line = 2
    for columns in cut_blocks(content.read_columns()):
        end = line + len(columns[0])
        lines = make_texts(list(map(str, range(line, end))))
        parts = [one.write(column, lines) for one, column in zip(cells, columns, strict=True)]
        yield join_lines(['<row r="', lines, '">', *parts, "</row>"])
        line = end


class _Cells:
    """Writes the cells of one column: each begins with its address, then comes what it holds."""

    def __init__(self, reader: ValueColumn, letters: str, style: int) -> None:
        self.reader, self.style = reader, style
        self.address = f'<c r="{letters}'

    def write(self, column: Column, lines: pa.Array) -> pa.Array:
        """The cells in these lines of the sheet; there is none where nothing is to be held."""
        texts = self.reader.drop_missing(column).array
        parts = self._write_texts(texts) if self.reader.type.store is None else self._write_values(texts)
        return join_texts([self.address, lines, *parts])

    def _write_texts(self, texts: pa.Array) -> list[Part]:
        is_odd = pc.match_substring_regex(texts, UNHOLDABLE)
        texts = replace_where(texts, is_odd, lambda: map_texts(texts.filter(is_odd), escape_unholdable))
        has_ends = pc.match_substring_regex(texts, BLANK_ENDS)
        begin: Part = self._begin_text()
        if is_any(has_ends):
            begins = (self._begin_text(keeps_ends=True), self._begin_text())
            begin = pc.if_else(has_ends, *(make_texts([text])[0] for text in begins))
        return [begin, escape_texts(texts, XML_ESCAPES), "</t></is></c>"]

    def _begin_text(self, keeps_ends: bool = False) -> str:
        space = ' xml:space="preserve"' if keeps_ends else ""
        return f'" s="{self.style}" t="inlineStr"><is><t{space}>'

    def _write_values(self, texts: pa.Array) -> list[Part]:
        if self.reader.is_plain_day:
            days = pc.add(pc.cast(pc.cast(texts, pa.date32()), pa.int32()), make_integer(EPOCH))
            numbers, is_other = pc.cast(days, pa.string()), pc.less(days, make_integer(FIRST))
        else:
            numbers, is_other = texts, find_others(self.reader, texts, PLAIN_NUMBERS)
        plain: list[Part] = [f'" s="{self.style}"><v>', numbers, "</v></c>"]
        if not is_any(is_other):
            return plain
        others = map_texts(texts.filter(is_other), lambda text: self._write_value(self.reader.read(text)))
        return [pc.replace_with_mask(join_texts(plain), is_other, others)]

    def _write_value(self, value: Any) -> str | None:
        """What follows the address in the cell of a value."""
        if value is None:
            return None
        if isinstance(value, bool):
            return f'" s="{self.style}" t="b"><v>{value:d}</v></c>'
        if isinstance(value, int | float) and _is_exact(value):
            return f'" s="{self.style}"><v>{value!r}</v></c>'
        if isinstance(value, datetime):
            if value.tzinfo is None and value == value.replace(microsecond=0) and value.date() >= FIRST_DAY:
                return f'" s="{self.style}"><v>{(value - DAY_ZERO) / DAY!r}</v></c>'
        elif isinstance(value, date) and value >= FIRST_DAY:
            return f'" s="{self.style}"><v>{(value - DAY_ZERO.date()).days}</v></c>'
        return f"{self._begin_text()}{escape(_write_text(value))}</t></is></c>"


def _write_text(value: Any) -> str:
    if isinstance(value, float) and math.isinf(value):
        return "INF" if value > 0 else "-INF"
    return str(value.isoformat() if hasattr(value, "isoformat") else value)


def _is_exact(value: float) -> bool:
    """Whether spreadsheet programs hold the number as it is and show what they hold."""
    size = abs(value)
    return size < 10**DIGITS if isinstance(value, int) else size == 0 or SMALLEST <= size <= LARGEST


def escape_unholdable(text: str) -> str:
    """The text with the number of each character in place of those that XML cannot hold.

    >>> escape_unholdable("a\\x0bb")
    'a_x000B_b'
    """
    text = LOOKALIKE.sub("_x005F_", text)
    return CONTROL.sub(lambda match: f"_x{ord(match[0]):04X}_", text)
