"""Checks of the cells of one table against its Table Schema: types, constraints and its own keys."""

from collections.abc import Callable, Iterator
from typing import Any

from scripts.lib.cells import make_reader
from scripts.lib.nearest import nearest_value
from scripts.lib.problems import Problem
from scripts.lib.resource import Field
from scripts.lib.tables import Row, Table


def check_cells(table: Table) -> Iterator[Problem]:
    """Every cell has the declared type and keeps the declared constraints."""
    readers = [(field, make_reader(field, table.resource)) for field in table.resource.fields]
    count = len(readers)
    for row in table:
        if len(row.cells) != count:
            message = (
                f"has {len(row.cells)} cells where the header has {count}; quote commas, fill or remove cells"
            )
            yield row.problem("", message, "schema/cell-count")
            continue
        for (field, read), text in zip(readers, row.cells, strict=True):
            message = read(text)[1]
            if message:
                yield row.problem(field.name, _offer_value(message, text, field), "schema/cell")


def _offer_value(message: str, text: str, field: Field) -> str:
    if not field.enum or message.startswith("required"):
        return message
    nearest = nearest_value(text, [str(value) for value in field.enum])
    choices = f'use "{nearest}"' if nearest else f"use one of {', '.join(map(str, field.enum))}"
    return f"not an allowed value; {choices}"


def check_row_count(table: Table) -> Iterator[Problem]:
    """The table has as many rows as the descriptor demands."""
    if len(table) < table.resource.minimum_rows:
        message = f"has {len(table)} rows, fewer than minimumRows {table.resource.minimum_rows}; restore them"
        yield Problem(table.resource.paths[0], 0, message, code="schema/row-count")


def check_own_keys(table: Table) -> Iterator[Problem]:
    """No two rows share a key or the value of a unique field, and no primary key is empty."""
    resource = table.resource
    if resource.primary_key:
        yield from _check_unique(table, resource.primary_key, "the primary key", allow_missing=False)
    for key in resource.unique_keys:
        yield from _check_unique(table, key, f"the unique key {', '.join(key)}", allow_missing=True)
    for field in resource.fields:
        if field.is_unique and (field.name,) != resource.primary_key:
            yield from _check_unique(table, (field.name,), "the value", allow_missing=True)


def _check_unique(table: Table, names: tuple[str, ...], what: str, allow_missing: bool) -> Iterator[Problem]:
    read_key = make_key_reader(table, names)
    first_rows: dict[tuple[Any, ...], Row] = {}
    defaults = [table.resource.field(name).empty_counts_as for name in names]
    for row in table:
        key = tuple(
            default if part is None else part for part, default in zip(read_key(row), defaults, strict=True)
        )
        if None in key:
            # A required field already says that it is empty.
            fields = [
                table.resource.field(name) for name, part in zip(names, key, strict=True) if part is None
            ]
            if not allow_missing and not fields[0].is_required:
                yield row.problem(fields[0].name, "part of the primary key; fill it in", "schema/key-missing")
            continue
        first = first_rows.setdefault(key, row)
        if first is not row:
            message = f"{what} already stands on line {first.line}; change one of them or remove the row"
            yield row.problem(names[-1], message, "schema/duplicate")


def make_key_reader(table: Table, names: tuple[str, ...]) -> Callable[[Row], tuple[Any, ...]]:
    """A function from a row to the values of a key; a missing or unreadable part is None."""
    readers = [(name, make_reader(table.resource.field(name), table.resource)) for name in names]

    def read_key(row: Row) -> tuple[Any, ...]:
        return tuple(read(row[name])[0] for name, read in readers)

    return read_key
