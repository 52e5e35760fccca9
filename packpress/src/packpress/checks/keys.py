"""Checks of keys: they are unique, and every foreign key refers to an existing row."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

from packpress.checks.withdrawals import REPLACED, find_withdrawn
from packpress.package.descriptor import Package
from packpress.package.resource import ForeignKey, Resource
from packpress.problems import Findings, Problem, shorten_value
from packpress.similar import Nearest, offer_row
from packpress.tables.constraints import make_reader
from packpress.tables.fast.batches import Block, read_blocks
from packpress.tables.fast.columns import Mask
from packpress.tables.fast.keys import KeyReader, KeySet, RepeatedKeys
from packpress.tables.rows import Row, Table, Tables


@dataclass
class UniqueCheck:
    """Finds the rows whose key occurs in an earlier row too."""

    resource: Resource
    names: tuple[str, ...]
    what: str
    may_be_missing: bool

    def __post_init__(self) -> None:
        self._reader = KeyReader(self.resource, self.names, has_defaults=True)
        self._repeated = RepeatedKeys(self._reader)
        self._describe = {name: self._make_description(name) for name in self.names}

    def _make_description(self, name: str) -> Callable[[str], str]:
        read = make_reader(self.resource.field(name), self.resource)
        # An invalid cell, and an empty one of a required field, are reported already.
        return lambda text: "" if read(text)[1] else "part of the primary key; fill it in"

    def add(self, block: Block) -> Iterator[Findings]:
        """Remembers the keys of a block; yields problems for rows without a key that must have one."""
        keys = self._reader.read(block)
        self._repeated.add(keys)
        for name, rows in () if self.may_be_missing else keys.missing():
            column = block.columns[self.resource.field_names.index(name)].fill("")
            found = column.judge(self._describe[name], rows)
            yield block.findings(found, self.resource, name, str, "schema/key-missing")

    def find_repeated(self, read_blocks: Callable[[], Iterable[Block]]) -> Iterator[Problem]:
        """The rows whose key occurred before; the blocks are read again only if there may be any."""
        first: dict[bytes, tuple[str, int]] = {}
        for block, place, key in self._repeated.find(read_blocks):
            if key not in first:
                first[key] = block.path, block.line(place)
                continue
            path, line = first[key]
            before = f"line {line}" if path == block.path else f"{path}:{line}"
            message = f"{self.what} is already on {before}; change one of them, or remove the row"
            yield block.problem(place, self.resource, self.names[-1], message, "schema/duplicate")


def make_unique_checks(resource: Resource, targets: Iterable[tuple[str, ...]] = ()) -> list[UniqueCheck]:
    """A check for each key of a table: primary key, unique keys, unique fields, and `targets`.

    Targets are the fields to which foreign keys refer; they must be unique to identify a row.

    >>> from packpress import read_package
    >>> [check.names for check in make_unique_checks(read_package("fleet").by_name["boats"])]
    [('boat_id',)]
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
    what = "the value that foreign keys refer to"
    checks += [UniqueCheck(resource, key, what, True) for key in targets if frozenset(key) not in known]
    return checks


# The keys to compare, by table and fields.
Keys = Mapping[str, Mapping[tuple[str, ...], KeySet]]


def wanted_keys(package: Package) -> dict[str, set[tuple[str, ...]]]:
    """By table, the fields whose keys the foreign keys of the package compare.

    >>> from packpress import read_package
    >>> wanted_keys(read_package("fleet"))
    {'boats': {('boat_id',)}, 'voyages': {('boat_id',)}}
    """
    wanted: dict[str, set[tuple[str, ...]]] = {resource.name: set() for resource in package.resources}
    for resource in package.resources:
        for key in resource.foreign_keys:
            if key.resource in wanted:
                wanted[resource.name].add(key.fields)
                wanted[key.resource].add(key.reference_fields)
        for key in resource.loose_keys:
            if key.resource in wanted and not key.package:
                wanted[key.resource].add(key.reference_fields)
    return wanted


def list_targets(package: Package) -> dict[str, list[tuple[str, ...]]]:
    """By table, the fields to which foreign keys of the package refer.

    >>> from packpress import read_package
    >>> list_targets(read_package("fleet"))
    {'boats': [('boat_id',)], 'voyages': []}
    """
    targets: dict[str, list[tuple[str, ...]]] = {resource.name: [] for resource in package.resources}
    for resource in package.resources:
        for key in resource.declared_keys:
            if key.package:
                continue
            if key.resource in targets and key.reference_fields not in targets[key.resource]:
                targets[key.resource].append(key.reference_fields)
    return targets


Place = tuple[str, int, str]  # path, line and field

# Up to this many missing keys are compared with the existing ones, to find out which key was changed; beyond
# that, only the first few are.
MOST_CHANGED, MOST_SOUGHT = 1_000, 20


@dataclass
class ForeignKeyCheck:
    """One foreign key of one table, with the keys that it uses and those that exist."""

    table: Table
    key: ForeignKey
    target: Table
    used: KeySet
    existing: KeySet
    # Entries of the register for rows of the target, by key.
    withdrawn: Mapping[str, Row] = field(default_factory=dict)
    # Whether a key that is not there may be told as one that was changed.
    finds_changed: bool = True

    @cached_property
    def missing(self) -> KeySet:
        """The keys that are used but do not exist."""
        return self.used.without(self.existing)

    def find_missing(
        self, package: Package, foreign: Sequence["ForeignKeyCheck"], faulty: Iterable[Place]
    ) -> Iterator["Findings | Changed"]:
        """The rows with a key that does not exist, counted by block, without rows that are `faulty` already.

        Rows that refer to a changed key come one by one.
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
        """Whether missing keys may be changed primary keys of the target; with very many, none was."""
        is_own = self.key.reference_fields == self.target.resource.primary_key
        is_single = len(self.key.fields) == 1
        return self.finds_changed and is_own and is_single and len(self.missing) <= MOST_CHANGED

    def _find_unused(self, text: str, foreign: Iterable["ForeignKeyCheck"]) -> Row | None:
        """The row with the key most similar to a text, if nothing refers to it."""
        nearest = self.find_nearest(text)
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

    def find_nearest(self, text: str) -> str:
        """The existing key that was probably meant; empty for withdrawn keys and for composite ones."""
        return "" if text in self.withdrawn else self._nearest.find_key(text)

    @cached_property
    def _nearest(self) -> Nearest:
        """Finds the most similar existing key; only for keys of a single field."""
        name = self.key.reference_fields[-1]
        is_single = len(self.key.fields) == 1
        is_flooded = len(self.missing) > MOST_CHANGED
        most = MOST_SOUGHT * len(self.target) if is_flooded else None
        return Nearest(lambda: [row[name] for row in self.target.rows] if is_single else [], most)


@dataclass(frozen=True)
class Missing:
    """A row whose foreign key refers to nothing, with the most similar key of the target."""

    row: Row
    check: ForeignKeyCheck

    @property
    def value(self) -> str:
        """The key that does not exist."""
        return self.row[self.check.key.fields[-1]]

    @property
    def nearest(self) -> str:
        """The most similar existing key, or the empty string."""
        return self.check.find_nearest(self.value)

    def problem(self) -> Problem:
        """The problem, reported at the foreign key."""
        if entry := self.check.withdrawn.get(self.value):
            return self.row.problem(self.check.key.fields[-1], _describe_withdrawn(entry), "keys/foreign")
        others = [f'{name}="{shorten_value(self.row[name])}"' for name in self.check.key.fields[:-1]]
        beside = f"together with {' and '.join(others)} " if others else ""
        message = f"{beside}not in {self.check.target.resource.place}; {offer_row(self.nearest)}"
        return self.row.problem(self.check.key.fields[-1], message, "keys/foreign")


def _describe_withdrawn(entry: Row) -> str:
    """What to do about a key that the register lists."""
    replaced = entry[REPLACED] if REPLACED in entry.table.positions else ""
    mend = f'use "{replaced}", which replaces it, or remove this row' if replaced else "remove this row"
    return f"withdrawn, as {entry.place} says; {mend}"


@dataclass(frozen=True)
class Changed:
    """A row with a missing key, and the row whose key was changed."""

    row: Row
    missing: Missing


@dataclass
class Renamed:
    """A primary key that was changed while other rows still refer to its old value."""

    row: Row
    value: str
    missing: list[Missing] = field(default_factory=list)

    def problem(self) -> Problem:
        """The problem, reported at the changed key, or at the only row that refers to it."""
        if len(self.missing) == 1:
            return self.missing[0].problem()
        tables = ", ".join(sorted({missing.row.table.resource.name for missing in self.missing}))
        message = f'{len(self.missing)} rows of {tables} refer to "{self.value}"'
        name = self.row.table.resource.primary_key[0]
        return self.row.problem(name, f"{message}; restore it here, or change these rows", "keys/renamed")

    def restore(self) -> None:
        """Restores the key in memory, so that consequences are not reported too."""
        if len(self.missing) == 1:
            (missing,) = self.missing
            missing.row.table.mend(missing.row, missing.check.key.fields[0], missing.nearest)
        else:
            self.row.table.mend(self.row, self.row.table.resource.primary_key[0], self.value)


def check_foreign_keys(
    package: Package,
    tables: Tables,
    keys: Keys,
    found: Iterable[Problem] = (),
    finds_changed: bool = True,
) -> Iterator[Problem | Findings]:
    """Checks that every foreign key without missing parts refers to an existing row.

    If rows refer to a missing key, and a similar key is not referred to at all, the key was probably changed.
    This is reported once, where it was changed, and the key counts as restored for all later checks. Problems
    in `found` are not reported again: neither cells that are invalid already, nor references to the old key.
    Without `finds_changed`, every row that refers to a missing key is reported by itself.
    """
    faulty = {(problem.path, problem.line, problem.field) for problem in found}
    foreign = list(_list_foreign_keys(package, tables, keys, finds_changed))
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


def _list_foreign_keys(
    package: Package, tables: Tables, keys: Keys, finds_changed: bool
) -> Iterator[ForeignKeyCheck]:
    withdrawn = find_withdrawn(package, tables)
    for name, table in tables.items():
        for key in table.resource.foreign_keys:
            # A target that could not be read is reported there.
            if key.resource in tables:
                used, existing = keys[name][key.fields], keys[key.resource][key.reference_fields]
                target = tables[key.resource]
                is_own = key.reference_fields == target.resource.primary_key
                entries = withdrawn.get(key.resource, {}) if is_own else {}
                yield ForeignKeyCheck(table, key, target, used, existing, entries, finds_changed)
