"""Checks of the keys inside one table: none is there twice, and no primary key is empty."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from packpress.package.resource import Resource
from packpress.problems import Problem
from packpress.tables.fast.arrays import join_arrays, true_mask, valid_mask
from packpress.tables.fast.block import Block
from packpress.tables.fast.keyvalues import KeyReader, hash_keys


@dataclass
class UniqueCheck:
    """Finds the rows whose key stands in an earlier row too.

    Nothing is kept of keys that only rise, for no two of them are the same. Where they do not, a number of
    64 bits is kept of each; only keys that share one are compared, in a second reading.
    """

    resource: Resource
    names: tuple[str, ...]
    what: str
    may_be_missing: bool
    _hashes: list[npt.NDArray[np.uint64]] = field(default_factory=list)
    _rising: int = 0  # how many blocks at the beginning hold keys that only rise
    _last: pa.Array | None = None

    def __post_init__(self) -> None:
        self.reader = KeyReader(self.resource, self.names, has_defaults=True)

    def add(self, block: Block) -> Iterator[Problem]:
        """Notes the keys of a block; yields the rows that must have a key and have none."""
        parts = self.reader.read_parts(block)
        keys = self.reader.join(parts)
        if keys.null_count:
            if not self.may_be_missing:
                yield from self._find_missing(block, parts, keys)
            keys = keys.drop_null()
        if not self._hashes and self._go_on_rising(keys):
            self._rising += 1
        else:
            self._hashes.append(hash_keys(keys))

    def _go_on_rising(self, keys: pa.Array) -> bool:
        """Whether each key is greater than the one before it, in this block and at the end of the last."""
        joined = keys if self._last is None else pa.concat_arrays([self._last, keys])
        self._last = joined.slice(max(len(joined) - 1, 0))
        before, behind = joined.slice(0, max(len(joined) - 1, 0)), joined.slice(1)
        rises = pc.greater(behind, before)
        if self.reader.kinds == ("number",):
            # Of whole numbers as they are written the longer is the greater.
            lengths = pc.binary_length(before), pc.binary_length(behind)
            rises = pc.or_(pc.less(*lengths), pc.and_(pc.equal(*lengths), rises))
        return bool(true_mask(rises).all())

    def _find_missing(self, block: Block, parts: list[pa.Array], keys: pa.Array) -> Iterator[Problem]:
        for place in np.flatnonzero(~valid_mask(keys)).tolist():
            name = next(
                name for name, part in zip(self.names, parts, strict=True) if not part[place].is_valid
            )
            # A required field already says that it is empty.
            if not self.resource.field(name).is_required:
                message = "part of the primary key; fill it in"
                yield block.problem(place, self.resource, name, message, "schema/key-missing")

    def find_repeated(self, read_blocks: Callable[[], Iterable[Block]]) -> Iterator[Problem]:
        """The rows whose key was there before; the blocks are read again only when there may be such."""
        if not self._hashes:
            return
        risen = [self._read_hashes(block) for block in islice(read_blocks(), self._rising)]
        hashes = np.concatenate([*risen, *self._hashes])
        self._hashes.clear()
        hashes.sort()
        suspects = np.unique(hashes[1:][hashes[1:] == hashes[:-1]])
        if not len(suspects):
            return
        first: dict[bytes, tuple[str, int]] = {}
        for block in read_blocks():
            keys = self.reader.read(block)
            places = np.flatnonzero(valid_mask(keys))
            is_suspect = np.isin(hash_keys(keys.drop_null()), suspects)
            for place in places[is_suspect].tolist():
                key, path, line = keys[place].as_py(), block.path, block.line(place)
                if key in first:
                    before = f"line {first[key][1]}" if first[key][0] == path else "{}:{}".format(*first[key])
                    message = f"{self.what} already stands on {before}"
                    yield block.problem(
                        place,
                        self.resource,
                        self.names[-1],
                        f"{message}; change one of them or remove the row",
                        "schema/duplicate",
                    )
                else:
                    first[key] = (path, line)

    def _read_hashes(self, block: Block) -> npt.NDArray[np.uint64]:
        return hash_keys(self.reader.read(block).drop_null())


def make_unique_checks(resource: Resource, targets: Iterable[tuple[str, ...]] = ()) -> list[UniqueCheck]:
    """A check of each key of a table: the primary key, the unique keys, the unique fields, other targets.

    Targets are what foreign keys point to, which must say which row is meant.
    """
    checks = []
    if resource.primary_key:
        checks.append(UniqueCheck(resource, resource.primary_key, "the primary key", may_be_missing=False))
    checks += [
        UniqueCheck(resource, key, f"the unique key {', '.join(key)}", may_be_missing=True)
        for key in resource.unique_keys
    ]
    checks += [
        UniqueCheck(resource, (field.name,), "the value", may_be_missing=True)
        for field in resource.fields
        if field.is_unique and (field.name,) != resource.primary_key
    ]
    known = {frozenset(check.names) for check in checks}
    what = "the value that foreign keys point to"
    checks += [UniqueCheck(resource, key, what, True) for key in targets if frozenset(key) not in known]
    return checks


# A larger heap of keys that are there many times is thinned out.
MOST_REPEATED = 1 << 20


class KeyValues:
    """The distinct keys of some fields of a table, gathered block by block."""

    def __init__(self, resource: Resource, names: tuple[str, ...]) -> None:
        self.reader = KeyReader(resource, names)
        self._chunks: list[pa.Array] = []
        self._count = 0
        self._limit = MOST_REPEATED

    def add(self, block: Block) -> None:
        """Takes the keys of a block in."""
        keys = self.reader.read(block).unique().drop_null()
        self._chunks.append(keys)
        self._count += len(keys)
        if self._count > self._limit:
            self._limit = max(MOST_REPEATED, 2 * len(self.values))

    @property
    def values(self) -> pa.Array:
        """The keys, each once."""
        if len(self._chunks) != 1:
            self._chunks = [join_arrays(self._chunks, pa.binary()).unique()]
        self._count = len(self._chunks[0])
        return self._chunks[0]
