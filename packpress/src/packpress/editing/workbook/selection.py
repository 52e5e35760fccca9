"""Selection: the rows of a package that belong to one row of a table, such as those of one source."""

from collections.abc import Sequence
from dataclasses import dataclass

from packpress.editing.workbook.beside import State, owner_keys
from packpress.package.descriptor import Package
from packpress.package.resource import Resource
from packpress.problems import CannotRunError
from packpress.similar import nearest_value
from packpress.tables.canonical import Record


@dataclass(frozen=True)
class Selection:
    """The row of a table whose rows are wanted; all rows when it names no table."""

    table: str = ""
    key: str = ""


ALL = Selection()


def select_rows(package: Package, state: State, selection: Selection) -> dict[str, list[Record]]:
    """The records of each table that belong to the selected row.

    A row belongs where its first foreign key leads, table by table. A table that leads there by no key, or
    whose rows no key tells apart, is taken whole.
    """
    if not selection.table:
        return {name: list(records) for name, records in state.items()}
    return _Selector(package, state, selection).select()


class _Selector:
    def __init__(self, package: Package, state: State, selection: Selection) -> None:
        self.package = package
        self.state = state
        self.selection = selection
        self.leading = _find_leading(package, selection.table)
        self.chosen: dict[str, list[Record]] = {}

    def select(self) -> dict[str, list[Record]]:
        return {
            resource.name: self._choose(resource)
            if resource.primary_key and resource.name in self.leading
            else list(self.state[resource.name])
            for resource in self.package.resources
        }

    def _choose(self, resource: Resource) -> list[Record]:
        if resource.name not in self.chosen:
            # Where foreign keys go round in a circle, whoever comes back here finds nothing more.
            self.chosen[resource.name] = []
            self.chosen[resource.name] = [
                record
                for record, belongs in zip(
                    self.state[resource.name], self._find_belonging(resource), strict=True
                )
                if belongs
            ]
        return self.chosen[resource.name]

    def _find_belonging(self, resource: Resource) -> list[bool]:
        """Whether each record of the table belongs to the selected row."""
        records = self.state[resource.name]
        if resource.name == self.selection.table:
            return [
                value == (self.selection.key,) for value in _read(resource, resource.primary_key, records)
            ]
        belonging = [False] * len(records)
        for key in owner_keys(resource, self.leading):
            target = self.package.by_name[key.resource]
            owners = {*_read(target, key.reference_fields, self._choose(target))}
            values = _read(resource, key.fields, records)
            belonging = [one or value in owners for one, value in zip(belonging, values, strict=True)]
        return belonging


def _find_leading(package: Package, table: str) -> set[str]:
    """The tables whose foreign keys lead to a table, and the table itself."""
    leading, before = {table}, 0
    while before != (before := len(leading)):
        leading |= {resource.name for resource in package.resources if owner_keys(resource, leading)}
    return leading


def _read(resource: Resource, names: tuple[str, ...], records: Sequence[Record]) -> list[tuple[str, ...]]:
    places = [resource.field_names.index(name) for name in names]
    return [tuple(record[place] for place in places) for record in records]


def find_selection(package: Package, state: State, table: str, key: str) -> Selection:
    """The selection of one row; CannotRunError when there is no such table or row."""
    resource = package.by_name.get(table)
    if resource is None or table not in state or len(resource.primary_key) != 1:
        raise CannotRunError(f"{package.path}: has no table {table} with a key of one column")
    known = [value for (value,) in _read(resource, resource.primary_key, state[table])]
    if key not in known:
        nearest = nearest_value(key, known)
        offer = f'did you mean "{nearest}"?' if nearest else f"known are {', '.join(known) or 'none'}"
        raise CannotRunError(f"{key}: no row of {table}; {offer}")
    return Selection(table, key)
