"""Cascade: what follows in all tables when the key of a row changes, or when a row goes."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from packpress.package.descriptor import Package
from packpress.package.resource import Resource
from packpress.problems import Problem, name_option, shorten_value
from packpress.tables.rows import Row, Tables

Cells = Mapping[str, str]
Key = tuple[str, ...]
Arrange = Callable[[str, Cells], Cells]


@dataclass(frozen=True)
class RowReference:
    """Fields of a table that hold the key of a row: a foreign key, or a field declared with `rowOf`.

    With a `selector`, the field holds the whole key of a row in the table that the selector names.
    """

    resource: Resource
    fields: Key
    target: Resource
    target_fields: Key
    selector: str = ""

    def read(self, cells: Cells) -> Key | None:
        """The key that a row holds; None when it holds none, or one of another table."""
        if self.selector and cells[self.selector] != self.target.name:
            return None
        missing = (self.resource.missing_values_of(self.resource.field(name)) for name in self.fields)
        values = tuple(cells[name] for name in self.fields)
        return None if any(map(_is_missing, values, missing)) else values

    def read_target(self, cells: Cells) -> Key:
        """The key by which this reference holds a row of its target."""
        values = tuple(cells[name] for name in self.target_fields)
        return (",".join(values),) if self.selector else values

    @property
    def optional(self) -> Key:
        """The fields that may be emptied, so that a row holds no key any more."""
        return tuple(
            name
            for name in self.fields
            if name not in self.resource.primary_key and not self.resource.field(name).is_required
        )

    @property
    def is_of_key(self) -> bool:
        """Whether the key of the row consists of the key that it holds, and of more."""
        return {*self.fields} <= {*self.resource.primary_key}


def _is_missing(value: str, missing: tuple[str, ...]) -> bool:
    return not value or value in missing


def list_references(package: Package) -> list[RowReference]:
    """All fields of a package that hold keys of its rows, by table.

    >>> from packpress import read_package
    >>> (reference,) = list_references(read_package("fleet"))
    >>> reference.resource.name, reference.fields, reference.target.name
    ('voyages', ('boat_id',), 'boats')
    """
    targets = {resource.name: resource for resource in package.resources}
    found = []
    for resource in package.resources:
        for key in resource.foreign_keys:
            if key.resource in targets and not key.package:
                found.append(RowReference(resource, key.fields, targets[key.resource], key.reference_fields))
        for one in resource.fields:
            choices = resource.field(one.row_of).choices or tuple(targets) if one.row_of else ()
            found += [
                RowReference(resource, (one.name,), targets[name], targets[name].primary_key, one.row_of)
                for name in choices
                if name in targets and targets[name].primary_key
            ]
    return found


@dataclass(eq=False)
class EditedRow:
    """A row as it is to be: its cells, whether it goes, and the row that replaces it then.

    `row` is how it was read; None for a row that is new.
    """

    resource: Resource
    path: str
    cells: dict[str, str]
    row: Row | None = None
    is_gone: bool = False
    successor: "EditedRow | None" = None

    @property
    def key(self) -> str:
        """The primary key as it is to be, joined by commas."""
        return ",".join(self.cells[name] for name in self.resource.primary_key)

    @property
    def is_changed(self) -> bool:
        """Whether the table is to be written anew because of this row."""
        if self.row is None:
            return not self.is_gone
        return self.is_gone or self.row.named != self.cells

    @property
    def heir(self) -> "EditedRow | None":
        """The row that holds what this row held: itself, or what replaces it; None when nothing does."""
        entry: EditedRow | None = self
        while entry and entry.is_gone:
            entry = entry.successor
        return entry


@dataclass(frozen=True)
class Move:
    """The cells of a row before and after a step, for the rows that refer to it; None when it is gone."""

    table: str
    before: Cells
    after: Cells | None


@dataclass
class Cascade:
    """The rows of all tables while keys change and rows go.

    Rows that refer to a changed key follow it. Rows that refer to a row that is gone lose the reference where
    it is optional, and go where it is part of their key or required. A row that would become a duplicate of
    another is dropped in its favour; where other cells differ, this is a conflict, unless `is_keeping`.
    """

    package: Package
    tables: Tables
    arrange: Arrange = lambda _, cells: cells
    is_keeping: bool = False
    conflicts: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.references = list_references(self.package)
        self.entries = {
            name: [EditedRow(table.resource, row.path, row.named, row) for row in table.rows]
            for name, table in self.tables.items()
        }

    def live(self, table: str) -> Iterator[EditedRow]:
        """The rows of a table that stay."""
        return (entry for entry in self.entries[table] if not entry.is_gone)

    def find(self, table: str, key: str) -> list[EditedRow]:
        """The rows of a table that stay under this key."""
        return [entry for entry in self.live(table) if entry.key == key]

    def list_holders(self, held: EditedRow, table: str) -> list[tuple[EditedRow, list[RowReference]]]:
        """The rows of a table that refer to a row, each with the references by which it does."""
        ours = [
            item for item in self.references if item.resource.name == table and item.target is held.resource
        ]
        found = (
            (entry, [item for item in ours if item.read(entry.cells) == item.read_target(held.cells)])
            for entry in self.live(table)
        )
        return [(entry, items) for entry, items in found if items]

    def remove(self, entry: EditedRow, successor: EditedRow | None = None) -> None:
        """Removes a row; what refers to it refers to its successor then, or follows the rules above."""
        entry.is_gone, entry.successor = True, successor
        after = dict(successor.cells) if successor else None
        self.follow([Move(entry.resource.name, dict(entry.cells), after)])

    def rekey(self, entry: EditedRow, key: Key) -> None:
        """Gives a row another key; what refers to it follows."""
        before: Cells = dict(entry.cells)
        entry.cells.update(zip(entry.resource.primary_key, key, strict=True))
        self.follow(self._settle([(entry, before)]))

    def hand_over(self, holders: Iterable[tuple[EditedRow, list[RowReference]]], held: EditedRow) -> None:
        """Makes rows refer to another row; what refers to them follows."""
        changed: list[tuple[EditedRow, Cells]] = []
        for entry, references in holders:
            changed.append((entry, dict(entry.cells)))
            for reference in references:
                entry.cells.update(zip(reference.fields, reference.read_target(held.cells), strict=True))
        self.follow(self._settle(changed))

    def follow(self, moves: list[Move]) -> None:
        """Lets everything follow rows that changed or went, through all tables."""
        while moves:
            moves = self._settle(self._apply(moves))

    def _apply(self, moves: list[Move]) -> list[tuple[EditedRow, Cells]]:
        """Changes the rows that refer to those that moved; returns them, each with its cells of before."""
        changed: dict[int, tuple[EditedRow, Cells]] = {}
        for reference in self.references:
            keys = _list_keys(reference, moves)
            for entry in self.live(reference.resource.name) if keys else ():
                held = reference.read(entry.cells)
                if held in keys:
                    changed.setdefault(id(entry), (entry, dict(entry.cells)))
                    self._change(entry, reference, keys[held])
        return [*changed.values()]

    def _change(self, entry: EditedRow, reference: RowReference, key: Key | None) -> None:
        if key is not None:
            entry.cells.update(zip(reference.fields, key, strict=True))
        elif reference.optional:
            self._let_go(entry, reference)
        else:
            entry.is_gone = True

    def _let_go(self, entry: EditedRow, reference: RowReference) -> None:
        """Empties a reference; the table that its selector names means nothing without it."""
        for name in (*reference.optional, *([reference.selector] if reference.selector else ())):
            one = reference.resource.field(name)
            if not one.is_required:
                entry.cells[name] = reference.resource.missing_text(one)

    def _settle(self, changed: list[tuple[EditedRow, Cells]]) -> list[Move]:
        """Sorts out what became of changed rows, and returns how they moved."""
        for entry, before in changed:
            if not entry.is_gone:
                self._drop_circle(entry, before)
                self._arrange(entry, before)
        names = dict.fromkeys(entry.resource.name for entry, _ in changed)
        twins = {name: self._index(name, [entry for entry, _ in changed]) for name in names}
        return [
            move
            for entry, before in changed
            if (move := self._conclude(entry, before, twins[entry.resource.name]))
        ]

    def _arrange(self, entry: EditedRow, before: Cells) -> None:
        if any(entry.cells[name] != before[name] for name in entry.resource.primary_key):
            entry.cells = dict(self.arrange(entry.resource.name, entry.cells))

    def _drop_circle(self, entry: EditedRow, before: Cells) -> None:
        """Lets go of what has become a reference of a row to itself, or a link of a row with itself."""
        ours = [item for item in self.references if item.resource is entry.resource]
        for item in ours:
            is_own = item.target is entry.resource and not item.selector
            if is_own and _is_now(item.read, item.read_target, entry.cells, before):
                self._change(entry, item, None)
        of_key = [item for item in ours if item.is_of_key]
        for place, item in enumerate(of_key):
            for other in of_key[:place]:
                is_same = (item.target, item.target_fields) == (other.target, other.target_fields)
                if is_same and _is_now(item.read, other.read, entry.cells, before):
                    entry.is_gone = True

    def _index(self, table: str, changed: list[EditedRow]) -> dict[tuple[Key, Key], EditedRow]:
        """The rows of a table that did not change, by each of their unique keys."""
        known = {id(entry) for entry in changed}
        found: dict[tuple[Key, Key], EditedRow] = {}
        for entry in self.live(table):
            if id(entry) not in known:
                found |= dict.fromkeys(_list_unique(entry), entry)
        return found

    def _conclude(
        self, entry: EditedRow, before: Cells, index: dict[tuple[Key, Key], EditedRow]
    ) -> Move | None:
        """How a changed row moved; it is dropped if another row has one of its unique keys already."""
        if not entry.is_gone:
            moved = {name for name, value in entry.cells.items() if value != before[name]}
            for names, values in _list_unique(entry):
                twin = index.get((names, values))
                if twin and moved & {*names} and not entry.is_gone:
                    self._join(entry, twin, names)
        holder = entry.successor if entry.is_gone else entry
        if holder is entry:
            index |= dict.fromkeys(_list_unique(entry), entry)
        after = dict(holder.cells) if holder else None
        return Move(entry.resource.name, before, after) if after != before else None

    def _join(self, entry: EditedRow, twin: EditedRow, names: Key) -> None:
        entry.is_gone, entry.successor = True, twin
        compared = [name for name in entry.cells if name not in {*names, *entry.resource.primary_key}]
        differing = [name for name in compared if entry.cells[name] != twin.cells[name]]
        if entry.row and differing and not self.is_keeping:
            name = differing[0]
            other = twin.row.place if twin.row else f"the new row {twin.key}"
            more = f", and others in {', '.join(differing[1:])}" if differing[1:] else ""
            message = (
                f'becomes a duplicate of {other}, which has "{shorten_value(twin.cells[name])}"{more}; make '
                f"them alike or remove one first, or keep the cells there with {name_option('keep')}"
            )
            self.conflicts.append(entry.row.problem(name, message))


def _list_keys(reference: RowReference, moves: list[Move]) -> dict[Key | None, Key | None]:
    """What becomes of each key that a reference may hold; None for the keys of rows that are gone."""
    keys: dict[Key | None, Key | None] = {}
    for move in moves:
        if move.table == reference.target.name:
            key = reference.read_target(move.before)
            after = None if move.after is None else reference.read_target(move.after)
            if all(key) and key != after:
                keys[key] = after
    return keys


def _is_now(
    one: Callable[[Cells], Key | None], other: Callable[[Cells], Key | None], cells: Cells, before: Cells
) -> bool:
    """Whether two keys that a row has are the same, and were not before."""
    return one(cells) is not None and one(cells) == other(cells) and one(before) != other(before)


def _list_unique(entry: EditedRow) -> Iterator[tuple[Key, Key]]:
    """The fields and the values of each key of a row that no other row of its table may have."""
    resource = entry.resource
    singles = [(one.name,) for one in resource.fields if one.is_unique]
    for names in dict.fromkeys([resource.primary_key, *resource.unique_keys, *singles]):
        values = tuple(_read_unique(resource, name, entry.cells[name]) for name in names)
        if values and all(values):
            yield names, values


def _read_unique(resource: Resource, name: str, value: str) -> str:
    """The text as which a cell is compared in unique keys; empty when it differs from every other."""
    one = resource.field(name)
    if not _is_missing(value, resource.missing_values_of(one)):
        return value
    return "" if one.empty_counts_as is None else str(one.empty_counts_as)
