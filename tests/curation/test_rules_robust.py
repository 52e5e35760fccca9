"""No cell, however wrong, makes a rule fail instead of reporting."""

import random

import pytest
from packpress.checks.rules import run_rules
from packpress.tables.rows import Row, Table, read_tables

from scripts.rules import RULE_SET
from tests.curation.cases import PACKAGE

WRONG = ["", "0", "9" * 20, "x", "guidance-p003", "(", "[2-", "\u2028"]
CELLS = [(resource.name, field.name) for resource in PACKAGE.resources for field in resource.fields]


@pytest.fixture(scope="module")
def tables(package):
    return read_tables(package)


def replace_cells(table, name, value, every):
    """A copy of a table with one value in the first cell of a column, or in every cell."""
    position = table.positions[name]
    copy = Table(table.resource)
    for number, row in enumerate(table.rows):
        cells = list(row.cells)
        if every or number == 0:
            cells[position] = value
        copy.rows.append(Row(copy, row.path, row.line, tuple(cells)))
    return copy


def run_with(package, tables, name, field, value, every):
    # Tables remember groups of their rows, but never change them, so the others can be shared.
    changed = tables | {name: replace_cells(tables[name], field, value, every)}
    return [str(problem) for problem in run_rules(RULE_SET, package, changed)]


@pytest.mark.long
def test_wrong_cells_are_survived(package, tables):
    choose = random.Random(20211108)
    for _ in range(40):
        name, field = choose.choice(CELLS)
        run_with(package, tables, name, field, choose.choice(WRONG), choose.random() < 0.5)


@pytest.mark.long
@pytest.mark.exhaustive
@pytest.mark.parametrize(("name", "field"), CELLS)
def test_every_wrong_cell_is_survived(package, tables, name, field):
    for number, value in enumerate(WRONG):
        run_with(package, tables, name, field, value, every=number % 2 == 0)


def cut_records(table):
    """A copy of a table whose records end after the first cell."""
    copy = Table(table.resource)
    copy.rows = [Row(copy, row.path, row.line, row.cells[:1]) for row in table.rows]
    return copy


def test_short_records_are_survived(package, tables):
    list(run_rules(RULE_SET, package, {name: cut_records(table) for name, table in tables.items()}))


@pytest.mark.long
@pytest.mark.parametrize("name", [resource.name for resource in PACKAGE.resources])
def test_short_records_of_one_table_are_survived(package, tables, name):
    list(run_rules(RULE_SET, package, tables | {name: cut_records(tables[name])}))


def test_empty_tables_are_survived(package, tables):
    empty = {name: Table(table.resource) for name, table in tables.items()}
    assert [problem for problem in run_rules(RULE_SET, package, empty) if problem.code == "rules/idle"] == []
