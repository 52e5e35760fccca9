"""Checks of the keys across tables: every foreign key points to a row that exists."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from packpress.checks.uniqueness import KeyValues
from packpress.package.descriptor import Package
from packpress.package.resource import ForeignKey
from packpress.problems import Problem, shorten_value
from packpress.similar import Nearest
from packpress.tables.fast.arrays import make_binary, true_mask
from packpress.tables.fast.blocks import read_blocks
from packpress.tables.rows import Row, Table, Tables

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
