"""Blocks: the records of a file as columns of text, some thousands at a time.

The columns are the fields in declared order, whatever the order in the file.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from packpress.package.resource import Resource
from packpress.problems import Problem
from packpress.tables.dialect import Cells, Form
from packpress.tables.fast.regular import find_line_feeds


@dataclass
class Block:
    """Some records of one file: their cells by column, and the physical lines that they begin on."""

    path: str
    columns: list[pa.Array]  # of text; an empty cell is null
    first_line: int
    lines: list[int] = field(default_factory=list)  # of irregular blocks
    odd: dict[int, int] = field(default_factory=dict)  # how many cells records of another length have
    stray: dict[int, str] = field(default_factory=dict)  # cells that hold a quote without being quoted
    width: int = 0  # how many cells the header has
    data: bytes = b""  # of regular blocks; what follows the last record is not of them
    form: Form | None = None

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    @cached_property
    def _starts(self) -> npt.NDArray[np.int64]:
        """Line numbers of the records, counted from the first line of the block."""
        if self.form is None:  # an irregular block has its lines listed
            return np.zeros(0, np.int64)
        feeds, is_end = find_line_feeds(self.data, self.form)
        return np.concatenate(([0], np.flatnonzero(is_end) + 1))[: len(self)]

    def line(self, index: int) -> int:
        """The physical line that a record begins on."""
        return self.lines[index] if self.lines else self.first_line + int(self._starts[index])

    def cells(self, index: int) -> Cells:
        """The cells of a record, field by field; a cell too few is empty, one too many is left out."""
        return tuple(column[index].as_py() or "" for column in self.columns)

    def records(self) -> Iterator[tuple[int, Cells]]:
        """Line and cells of every record."""
        lines = self.lines or (self.first_line + self._starts).tolist()
        columns = [[text or "" for text in column.to_pylist()] for column in self.columns]
        return zip(lines, zip(*columns, strict=True), strict=True)

    def problem(
        self, index: int, resource: Resource, name: str, message: str, code: str, is_notice: bool = False
    ) -> Problem:
        """A problem of one cell of a record; of the whole record when `name` is empty."""
        text = self.columns[resource.field_names.index(name)][index].as_py() or "" if name else ""
        return Problem(self.path, self.line(index), message, name, text, code, is_notice)
