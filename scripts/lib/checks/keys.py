"""Checks of the keys across tables: every foreign key points to a row that exists."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from scripts.lib.checks.schema import make_key_reader
from scripts.lib.nearest import nearest_value
from scripts.lib.problems import Problem
from scripts.lib.resource import ForeignKey
from scripts.lib.tables import Row, Table, Tables


@dataclass(frozen=True)
class Missing:
    """A foreign key that points nowhere, and the key of its target that is most like it."""

    row: Row
    key: ForeignKey
    target: Table

    @property
    def value(self) -> str:
        """The key that no row has."""
        return self.row[self.key.fields[-1]]

    @property
    def nearest(self) -> str:
        """The key that exists and is most like it, or nothing."""
        name = self.key.reference_fields[-1]
        return nearest_value(self.value, [row[name] for row in self.target.rows])

    def problem(self) -> Problem:
        """The problem, where the foreign key stands."""
        mend = f'use "{self.nearest}" or add the row' if self.nearest else "correct it or add the row"
        message = f"not in {self.target.resource.name}.csv; {mend}"
        return self.row.problem(self.key.fields[-1], message, "keys/foreign")


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
            _replace_cell(missing.row, missing.key.fields[0], missing.nearest)
        else:
            _replace_cell(self.row, self.row.table.resource.primary_key[0], self.value)


def _replace_cell(row: Row, name: str, value: str) -> None:
    cells = list(row.cells)
    cells[row.table.positions[name]] = value
    row.table.replace_row(row, replace(row, cells=tuple(cells)))


def check_foreign_keys(tables: Tables) -> Iterator[Problem]:
    """Every foreign key that is filled in points to a row that exists.

    When rows miss a key, and a key like it is used by nobody, the cause is one: the key was changed.
    It is reported once, where it was changed, and counts as restored for every check that follows.
    """
    found, used = _find_missing(tables)
    renamed: dict[tuple[str, str], Renamed] = {}
    for missing in found:
        row = _find_unused(missing, used)
        if row is None:
            yield missing.problem()
        else:
            key = (missing.target.resource.name, missing.value)
            renamed.setdefault(key, Renamed(row, missing.value)).missing.append(missing)
    for change in renamed.values():
        yield change.problem()
        change.restore()


def _find_missing(tables: Tables) -> tuple[list[Missing], set[tuple[str, tuple[Any, ...]]]]:
    """The foreign keys that point nowhere, and every key that is used, with the name of its table."""
    missing, used = [], set()
    for table in tables.values():
        for key in table.resource.foreign_keys:
            # A target that could not be read has been reported where it is at fault.
            if key.resource not in tables:
                continue
            target = tables[key.resource]
            read_target = make_key_reader(target, key.reference_fields)
            existing = {read_target(row) for row in target.rows}
            read_key = make_key_reader(table, key.fields)
            for row in table:
                value = read_key(row)
                if None not in value:
                    used.add((key.resource, value))
                    if value not in existing:
                        missing.append(Missing(row, key, target))
    return missing, used


def _find_unused(missing: Missing, used: set[tuple[str, tuple[Any, ...]]]) -> Row | None:
    """The row with the nearest key, when that is the table's own key and nobody names it."""
    resource, key = missing.target.resource, missing.key
    if len(key.fields) != 1 or key.reference_fields != resource.primary_key or not missing.nearest:
        return None
    row = missing.target.get(missing.nearest)
    value = make_key_reader(missing.target, key.reference_fields)(row) if row else ()
    return None if (resource.name, value) in used else row
