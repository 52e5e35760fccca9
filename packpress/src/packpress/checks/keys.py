"""Checks of keys: none stands twice in a table, and every foreign key points to a row that exists."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from packpress.package.descriptor import Package
from packpress.package.resource import ForeignKey, Resource
from packpress.problems import Problem, shorten_value
from packpress.similar import Nearest
from packpress.tables.constraints import make_reader
from packpress.tables.fast.batches import Block, read_blocks
from packpress.tables.fast.keys import KeyReader, KeySet, RepeatedKeys
from packpress.tables.rows import Row, Table, Tables


@dataclass
class UniqueCheck:
    """Finds the rows whose key stands in an earlier row too."""

    resource: Resource
    names: tuple[str, ...]
    what: str
    may_be_missing: bool

    def __post_init__(self) -> None:
        self._reader = KeyReader(self.resource, self.names, has_defaults=True)
        self._repeated = RepeatedKeys(self._reader)
        self._read = {name: make_reader(self.resource.field(name), self.resource) for name in self.names}

    def add(self, block: Block) -> Iterator[Problem]:
        """Notes the keys of a block; yields the rows that must have a key and have none."""
        keys = self._reader.read(block)
        self._repeated.add(keys)
        for place, name in () if self.may_be_missing else keys.missing():
            # A required field already says that it is empty, and a cell that is wrong that it is.
            problem = block.problem(
                place, self.resource, name, "part of the primary key; fill it in", "schema/key-missing"
            )
            if not self._read[name](problem.value)[1]:
                yield problem

    def find_repeated(self, read_blocks: Callable[[], Iterable[Block]]) -> Iterator[Problem]:
        """The rows whose key was there before; the blocks are read again only when there may be such."""
        first: dict[bytes, tuple[str, int]] = {}
        for block, place, key in self._repeated.find(read_blocks):
            if key not in first:
                first[key] = block.path, block.line(place)
                continue
            path, line = first[key]
            before = f"line {line}" if path == block.path else f"{path}:{line}"
            message = f"{self.what} already stands on {before}; change one of them or remove the row"
            yield block.problem(place, self.resource, self.names[-1], message, "schema/duplicate")


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


# The keys that are compared, by table and fields.
Keys = Mapping[str, Mapping[tuple[str, ...], KeySet]]


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
    used: KeySet
    existing: KeySet

    def find_rows(self, package: Package) -> Iterator[Row]:
        """The rows that use a key which does not exist."""
        missing = self.used.without(self.existing)
        for block in read_blocks(package.root, self.table.resource) if len(missing) else ():
            for place in missing.find_rows(block):
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
    kinds = check.existing.reader.kinds
    is_used = any(
        other.target is check.target and other.used.reader.kinds == kinds and value in other.used
        for other in foreign
    )
    return None if is_used else row
