"""Checks of the keys across tables: every foreign key points to a row that exists."""

from collections.abc import Iterator

from scripts.lib.checks.schema import make_key_reader
from scripts.lib.nearest import nearest_value
from scripts.lib.problems import Problem
from scripts.lib.resource import ForeignKey
from scripts.lib.tables import Row, Table, Tables


def check_foreign_keys(table: Table, tables: Tables) -> Iterator[Problem]:
    """Every foreign key of the table that is filled in points to exactly one row."""
    for key in table.resource.foreign_keys:
        # A target that is not declared, or could not be read, has been reported where it is at fault.
        if key.resource in tables:
            yield from _check_foreign_key(table, tables[key.resource], key)


def _check_foreign_key(table: Table, target: Table, key: ForeignKey) -> Iterator[Problem]:
    read_key = make_key_reader(table, key.fields)
    read_target = make_key_reader(target, key.reference_fields)
    existing = {read_target(row) for row in target.rows}
    for row in table:
        value = read_key(row)
        if None not in value and value not in existing:
            yield row.problem(key.fields[-1], _describe_missing(row, target, key), "keys/foreign")


def _describe_missing(row: Row, target: Table, key: ForeignKey) -> str:
    name = key.reference_fields[-1]
    nearest = nearest_value(row[key.fields[-1]], [other[name] for other in target.rows])
    mend = f'use "{nearest}" or add the row' if nearest else "correct it or add the row"
    return (
        f"not in {target.resource.name}.csv; {mend}"
        if len(key.fields) == 1
        else f"no such row in {target.resource.name}.csv; {mend}"
    )
