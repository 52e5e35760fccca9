"""Blocks: the records of a file as columns of text, some thousands at a time.

Where the bytes of a block are regular, pyarrow cuts them into columns. What is unusual (quotes where none
belong, carriage returns alone, blank lines, records of another length, a dialect of its own) is read by
`records.read_lines`, block by block, so that both always say the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pa_csv

from scripts.lib.arrays import make_texts
from scripts.lib.headers import has_header
from scripts.lib.parts import make_opener
from scripts.lib.problems import CannotReadError, Problem
from scripts.lib.records import LineFeeder, read_lines
from scripts.lib.regular import FEED, Form, find_line_feeds, find_regular, form_of, longest_cell
from scripts.lib.resource import Resource
from scripts.lib.stream import BOM, PIECE, ByteFacts, open_pieces

# The longest cell that the csv module reads.
LONGEST_CELL = 131_072


@dataclass
class Block:
    """Some records of one file: their cells by column, and the physical lines that they begin on."""

    path: str
    columns: list[pa.Array]  # of text; an empty cell is null
    first_line: int
    lines: list[int] = field(default_factory=list)  # of irregular blocks
    odd: dict[int, tuple[str, ...]] = field(default_factory=dict)  # records of another length
    data: bytes = b""  # of regular blocks; what follows the last record is not of them
    form: Form | None = None

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    @cached_property
    def _starts(self) -> npt.NDArray[np.int64]:
        """Line numbers of the records, counted from the first line of the block."""
        assert self.form
        feeds, is_end = find_line_feeds(self.data, self.form)
        return np.concatenate(([0], np.flatnonzero(is_end) + 1))[: len(self)]

    def line(self, index: int) -> int:
        """The physical line that a record begins on."""
        return self.lines[index] if self.lines else self.first_line + int(self._starts[index])

    def cells(self, index: int) -> tuple[str, ...]:
        """The cells of a record as they are, however many."""
        odd = self.odd.get(index)
        return odd if odd is not None else tuple(column[index].as_py() or "" for column in self.columns)

    def problem(
        self, index: int, resource: Resource, name: str, message: str, code: str, is_notice: bool = False
    ) -> Problem:
        """A problem of one cell of a record; of the whole record when `name` is empty."""
        text = self.columns[resource.field_names.index(name)][index].as_py() or "" if name else ""
        return Problem(self.path, self.line(index), message, name, text, code, is_notice)


class FileReader:
    """The header of one file, then its blocks; `facts` is whole once all blocks have been read."""

    def __init__(self, root: Path, path: str, resource: Resource) -> None:
        self.path = path
        self.facts = ByteFacts()
        self._dialect = resource.dialect
        self._form = form_of(resource.dialect)
        pieces = open_pieces(make_opener(root, path, resource), path, resource.encoding, self.facts)
        self._feeder = LineFeeder(pieces, path)
        self.header = resource.field_names if resource.dialect.get("header", True) else ()
        self._width = len(resource.fields)
        if has_header(root, path, resource):
            self.header = next((cells for _, cells in self._read_records(0)), ())
            self._width = len(self.header)
        self._parse = self._form and pa_csv.ParseOptions(
            delimiter=chr(self._form.delimiter), quote_char=chr(self._form.quote), newlines_in_values=True
        )
        self._convert = pa_csv.ConvertOptions(
            check_utf8=False,
            column_types=dict.fromkeys(map(str, range(self._width)), pa.string()),
            null_values=[""],
            strings_can_be_null=True,
        )

    def blocks(self) -> Iterator[Block]:
        """The records behind the header, which must not be empty."""
        feeder = self._feeder
        while self._width:
            feeder.fill(PIECE)
            if not feeder.data:
                return
            block = self._read_regular() or self._read_irregular()
            if len(block):
                yield block

    def _read_records(self, size: int) -> list[tuple[int, tuple[str, ...]]]:
        """The records that begin in the next so many bytes; at least one, if there is one."""
        feeder, records = self._feeder, list[tuple[int, tuple[str, ...]]]()
        end = feeder.passed + size
        try:
            for record in read_lines(feeder, self.path, self._dialect, feeder.line):
                records.append(record)
                if feeder.passed >= end:
                    break
        except CannotReadError:
            feeder.drain()
            raise
        return records

    def _read_irregular(self) -> Block:
        """The records in what has been read of the file, as the csv module has them."""
        records, width = self._read_records(len(self._feeder.data)), self._width
        odd = {index: cells for index, (_, cells) in enumerate(records) if len(cells) != width}
        rows = [
            (*cells, *("",) * width)[:width] if index in odd else cells
            for index, (_, cells) in enumerate(records)
        ]
        columns = [make_texts([cell or None for cell in column]) for column in zip(*rows, strict=True)]
        return Block(self.path, columns, 0, [line for line, _ in records], odd)

    def _read_regular(self) -> Block | None:
        """The records in what has been read of the file; None when anything there is unusual."""
        feeder = self._feeder
        size = find_regular(feeder.data, feeder.has_ended, self._form) if self._form else 0
        if not size or feeder.data.startswith(BOM):
            return None
        names = [str(number) for number in range(self._width)]
        read = pa_csv.ReadOptions(use_threads=False, block_size=size + 1, column_names=names)
        data = pa.py_buffer(feeder.data).slice(0, size)
        try:
            table = pa_csv.read_csv(pa.BufferReader(data), read, self._parse, self._convert)
        except pa.ArrowInvalid:
            return None
        columns = [
            column.chunk(0) if column.num_chunks == 1 else column.combine_chunks() for column in table.columns
        ]
        if max(longest_cell(column) for column in columns) > LONGEST_CELL:
            return None
        block = Block(self.path, columns, feeder.line, data=feeder.data, form=self._form)
        feeder.skip(size, int(np.count_nonzero(np.frombuffer(feeder.data, np.uint8, size) == FEED)))
        return block


def read_blocks(root: Path, resource: Resource) -> Iterator[Block]:
    """The blocks of all files of a table, which must have been found readable."""
    for path in resource.parts:
        yield from FileReader(root, path, resource).blocks()
