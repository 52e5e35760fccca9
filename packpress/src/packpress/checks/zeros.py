"""Lost zeros: numbers that a spreadsheet made of codes such as 0417, among others that it left alone."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pyarrow as pa

from packpress.checks.lint import FINDINGS
from packpress.package.resource import Resource
from packpress.problems import Problem
from packpress.tables.fast.arrays import bytes_of, offsets_of
from packpress.tables.fast.block import Block

CODE = "cell/lost-zeros"
ZERO, NINE = ord("0"), ord("9")
# Where more cells than one of so many are shorter, their length is no fault.
FEWEST = 5


class ZeroCheck:
    """Finds the short ones in a column of digits whose cells with leading zeros all have the same length."""

    def __init__(self, resource: Resource, place: int, is_strict: bool) -> None:
        self._resource = resource
        self._is_strict = is_strict
        self._place = place
        self._lengths: set[int] = set()  # of cells that begin with zero
        self._longest = 0
        self._counts = np.zeros(20, np.int64)  # of cells, by length
        self._is_of_digits = True

    def add(self, column: pa.Array) -> None:
        """Takes the next cells into account."""
        if not self._is_of_digits:
            return
        offsets = offsets_of(column)
        data = bytes_of(column)[offsets[0] : offsets[-1]]
        if not len(data):
            return
        lengths = np.diff(offsets)
        if data.min() < ZERO or data.max() > NINE or lengths.max() >= len(self._counts):
            self._is_of_digits = False
            return
        is_long = lengths > 1
        begins_zero = data[(offsets[:-1] - offsets[0])[is_long]] == ZERO
        self._lengths.update(np.unique(lengths[is_long][begins_zero]).tolist())
        self._counts += np.bincount(lengths, minlength=len(self._counts))
        self._longest = max(self._longest, int(lengths.max()))

    def find_short(self, read_blocks: Callable[[], Iterable[Block]]) -> Iterator[Problem]:
        """The cells that have probably lost zeros; the blocks are read again only when there are some."""
        full = self._longest
        short = int(self._counts[1:full].sum())
        if not self._is_of_digits or self._lengths != {full} or not 0 < short * FEWEST <= self._counts[full]:
            return
        name, finding = self._resource.fields[self._place].name, FINDINGS[CODE]
        is_notice = finding.is_notice(self._is_strict)
        for block in read_blocks():
            lengths = np.diff(offsets_of(block.columns[self._place]))
            for index in np.flatnonzero((lengths > 0) & (lengths < full)).tolist():
                yield block.problem(index, self._resource, name, finding.message, CODE, is_notice)
