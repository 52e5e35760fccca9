"""Checks of keys: none stands twice in a table, and every foreign key points to a row that exists."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

from packpress.package.descriptor import Package
from packpress.package.resource import ForeignKey, Resource
from packpress.problems import Findings, Problem, shorten_value
from packpress.similar import MOST_COMPARISONS, Nearest
from packpress.tables.fast.batches import Block, read_blocks
from packpress.tables.fast.columns import Mask
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

    def add(self, block: Block) -> Iterator[Problem]:
        """Notes the keys of a block; yields the rows that must have a key and have none."""
        keys = self._reader.read(block)
        self._repeated.add(keys)
        for place, name in () if self.may_be_missing else keys.missing():
            # A required field already says that it is empty.
            if not self.resource.field(name).is_required:
                message = "part of the primary key; fill it in"
                yield block.problem(place, self.resource, name, message, "schema/key-missing")

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


Place = tuple[str, int, str]  # path, line and field

# Of so many keys that do not exist each is compared with those that do, to tell which was changed; of more,
# only the first.
MOST_CHANGED, MOST_SOUGHT = 1_000, 20


@dataclass
class ForeignKeyCheck:
    """One foreign key of one table, with the keys that it uses and those that exist."""

    table: Table
    key: ForeignKey
    target: Table
    used: KeySet
    existing: KeySet

    @cached_property
    def missing(self) -> KeySet:
        """The keys that are used and do not exist."""
        return self.used.without(self.existing)

    def find_missing(
        self, package: Package, foreign: Sequence["ForeignKeyCheck"], faulty: Iterable[Place]
    ) -> Iterator["Findings | Changed"]:
        """The rows that use a key which does not exist, but for those that are faulty, block by block.

        Those that name a key which was changed come one by one.
        """
        lines = {(path, line) for path, line, name in faulty if name in self.key.fields}
        column = self.table.resource.field_names.index(self.key.fields[-1])
        find_unused = cache(lambda text: self._find_unused(text, foreign))
        for block in read_blocks(package.root, self.table.resource) if len(self.missing) else ():
            is_missing = self.missing.find_mask(block)
            is_missing[block.find_places(line for path, line in lines if path == block.path)] = False
            if self._may_be_changed:
                changed = block.columns[column].judge(find_unused, is_missing)
                for place, row in changed:
                    if row:
                        yield Changed(row, Missing(self._make_row(block, place), self))
                is_missing[changed.places] = False
            yield self._gather(block, is_missing)

    def _gather(self, block: Block, is_missing: Mask) -> Findings:
        found = block.columns[0].mark("", is_missing)
        problems = (Missing(self._make_row(block, place), self).problem() for place, _ in found)
        return Findings((block.path, "keys/foreign", self.key.fields[-1]), False, len(found), problems)

    def _make_row(self, block: Block, place: int) -> Row:
        return Row(self.table, block.path, block.line(place), block.cells(place))

    @property
    def _may_be_changed(self) -> bool:
        """Whether a missing key may be one of the target's own that was changed; of very many, none was."""
        is_own = self.key.reference_fields == self.target.resource.primary_key
        return is_own and len(self.key.fields) == 1 and len(self.missing) <= MOST_CHANGED

    def _find_unused(self, text: str, foreign: Iterable["ForeignKeyCheck"]) -> Row | None:
        """The row with the key nearest to a text, when nobody names it."""
        nearest = self.nearest.find(text)
        row = self.target.get(nearest) if nearest else None
        value = self.existing.reader.read_texts([row[self.key.reference_fields[0]]]) if row else None
        if value is None:
            return None
        kinds = self.existing.reader.kinds
        is_used = any(
            other.target is self.target and other.used.reader.kinds == kinds and value in other.used
            for other in foreign
        )
        return None if is_used else row

    @cached_property
    def nearest(self) -> Nearest:
        """Finds the key that exists and is most like another; of keys of one field only."""
        name = self.key.reference_fields[-1]
        is_single = len(self.key.fields) == 1
        is_flooded = len(self.missing) > MOST_CHANGED
        most = MOST_SOUGHT * len(self.target) if is_flooded else MOST_COMPARISONS
        return Nearest(lambda: [row[name] for row in self.target.rows] if is_single else [], most)


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


@dataclass(frozen=True)
class Changed:
    """A row whose foreign key points nowhere, and the row whose key it named before that was changed."""

    row: Row
    missing: Missing


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
) -> Iterator[Problem | Findings]:
    """Every foreign key that is filled in points to a row that exists.

    When rows miss a key, and a key like it is used by nobody, the cause is one: the key was changed.
    It is reported once, where it was changed, and counts as restored for every check that follows. What has
    been `found` is not reported again: neither a cell that was wrong already, nor what names it as it was.
    """
    faulty = {(problem.path, problem.line, problem.field) for problem in found}
    foreign = list(_list_foreign_keys(tables, keys))
    renamed: dict[tuple[str, str], Renamed] = {}
    for check in foreign:
        for one in check.find_missing(package, foreign, faulty):
            if isinstance(one, Findings):
                yield one
            else:
                key = (check.target.resource.name, one.missing.value)
                renamed.setdefault(key, Renamed(one.row, key[1])).missing.append(one.missing)
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
