"""Checks of keys: none stands twice in a table, and every foreign key points to a row that exists."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from packpress.package.descriptor import Package
from packpress.package.resource import ForeignKey, Resource
from packpress.problems import Problem, shorten_value
from packpress.similar import Nearest
from packpress.tables.fast.batches import Block, read_blocks
from packpress.tables.fast.columns import join_arrays, make_binary, true_mask, valid_mask
from packpress.tables.fast.keys import KeyReader, hash_keys
from packpress.tables.rows import Row, Table, Tables


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


# The keys that are compared, by table and fields.
Keys = Mapping[str, Mapping[tuple[str, ...], KeyValues]]


def wanted_keys(package: Package) -> dict[str, set[tuple[str, ...]]]:
    """By table, the fields whose keys the foreign keys of the package compare."""
    wanted: dict[str, set[tuple[str, ...]]] = {resource.name: set() for resource in package.resources}
    for resource in package.resources:
        for key in resource.foreign_keys:
            if key.resource in wanted:
                wanted[resource.name].add(key.fields)
                wanted[key.resource].add(key.reference_fields)
    return wanted


def list_targets(package: Package) -> dict[str, list[tuple[str, ...]]]:
    """By table, the fields that foreign keys of the package point to."""
    targets: dict[str, list[tuple[str, ...]]] = {resource.name: [] for resource in package.resources}
    for resource in package.resources:
        for key in resource.foreign_keys:
            if key.resource in targets and key.reference_fields not in targets[key.resource]:
                targets[key.resource].append(key.reference_fields)
    return targets


@dataclass
class ForeignKeyCheck:
    """One foreign key of one table, with the keys that it uses and those that exist."""

    table: Table
    key: ForeignKey
    target: Table
    used: KeyValues
    existing: KeyValues

    @cached_property
    def missing(self) -> pa.Array:
        """The keys that are used and do not exist."""
        used = self.used.values
        if self.used.reader.kinds != self.existing.reader.kinds:
            return used
        return used.filter(pc.invert(pc.is_in(used, value_set=self.existing.values)))

    def find_rows(self, package: Package) -> Iterator[Row]:
        """The rows that use a key which does not exist."""
        if not len(self.missing):
            return
        for block in read_blocks(package.root, self.table.resource):
            found = true_mask(pc.is_in(self.used.reader.read(block), value_set=self.missing))
            for place in np.flatnonzero(found).tolist():
                yield Row(self.table, block.path, block.line(place), block.cells(place))

    @cached_property
    def nearest(self) -> Nearest:
        """Finds the key that exists and is most like another; of keys of one field only."""
        name = self.key.reference_fields[-1]
        is_single = len(self.key.fields) == 1
        return Nearest(lambda: [row[name] for row in self.target.rows] if is_single else [])


@dataclass(frozen=True)
class Missing:
    """A row whose foreign key points nowhere, and the key of its target that is most like it."""

    row: Row
    check: ForeignKeyCheck

    @property
    def value(self) -> str:
        """The key that no row has."""
        return self.row[self.check.key.fields[-1]]

    @property
    def nearest(self) -> str:
        """The key that exists and is most like it, or nothing."""
        return self.check.nearest.find(self.value)

    def problem(self) -> Problem:
        """The problem, where the foreign key stands."""
        mend = f'use "{self.nearest}" or add the row' if self.nearest else "correct it or add the row"
        others = [f'{name}="{shorten_value(self.row[name])}"' for name in self.check.key.fields[:-1]]
        beside = f"beside {' and '.join(others)} " if others else ""
        message = f"{beside}not in {self.check.target.resource.place}; {mend}"
        return self.row.problem(self.check.key.fields[-1], message, "keys/foreign")


@dataclass
class Renamed:
    """A primary key that was changed while other rows still name it as it was."""

    row: Row
    value: str
    missing: list[Missing] = field(default_factory=list)

    def problem(self) -> Problem:
        """The problem, where the key was changed; or where one row alone names it, and may have it wrong."""
        if len(self.missing) == 1:
            return self.missing[0].problem()
        tables = ", ".join(sorted({missing.row.table.resource.name for missing in self.missing}))
        message = f'{len(self.missing)} rows of {tables} name "{self.value}"'
        name = self.row.table.resource.primary_key[0]
        return self.row.problem(name, f"{message}; restore it here, or change what names it", "keys/renamed")

    def restore(self) -> None:
        """Makes the keys meet again in memory, so that what follows from the fault is not reported too."""
        if len(self.missing) == 1:
            (missing,) = self.missing
            missing.row.table.mend(missing.row, missing.check.key.fields[0], missing.nearest)
        else:
            self.row.table.mend(self.row, self.row.table.resource.primary_key[0], self.value)


def check_foreign_keys(
    package: Package, tables: Tables, keys: Keys, found: Iterable[Problem] = ()
) -> Iterator[Problem]:
    """Every foreign key that is filled in points to a row that exists.

    When rows miss a key, and a key like it is used by nobody, the cause is one: the key was changed.
    It is reported once, where it was changed, and counts as restored for every check that follows. What has
    been `found` is not reported again: neither a cell that was wrong already, nor what names it as it was.
    """
    faulty = {(problem.path, problem.line, problem.field) for problem in found}
    foreign = list(_list_foreign_keys(tables, keys))
    renamed: dict[tuple[str, str], Renamed] = {}
    for check in foreign:
        for missing in (Missing(row, check) for row in check.find_rows(package)):
            if any((missing.row.path, missing.row.line, name) in faulty for name in check.key.fields):
                continue
            row = _find_unused(missing, foreign)
            if row is None:
                yield missing.problem()
            else:
                key = (check.target.resource.name, missing.value)
                renamed.setdefault(key, Renamed(row, missing.value)).missing.append(missing)
    for change in renamed.values():
        if (change.row.path, change.row.line, change.row.table.resource.primary_key[0]) not in faulty:
            yield change.problem()
        change.restore()


def _list_foreign_keys(tables: Tables, keys: Keys) -> Iterator[ForeignKeyCheck]:
    for name, table in tables.items():
        for key in table.resource.foreign_keys:
            # A target that could not be read has been reported where it is at fault.
            if key.resource in tables:
                used, existing = keys[name][key.fields], keys[key.resource][key.reference_fields]
                yield ForeignKeyCheck(table, key, tables[key.resource], used, existing)


def _find_unused(missing: Missing, foreign: list[ForeignKeyCheck]) -> Row | None:
    """The row with the nearest key, when that is the table's own key and nobody names it."""
    check = missing.check
    resource, key = check.target.resource, check.key
    if len(key.fields) != 1 or key.reference_fields != resource.primary_key or not missing.nearest:
        return None
    row = check.target.get(missing.nearest)
    value = check.existing.reader.read_texts([row[key.reference_fields[0]]]) if row else None
    if value is None:
        return None
    wanted = make_binary([value])
    is_used = any(
        pc.is_in(wanted, value_set=other.used.values)[0].as_py()
        for other in foreign
        if other.target is check.target and other.used.reader.kinds == check.existing.reader.kinds
    )
    return None if is_used else row
