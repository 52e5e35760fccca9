"""Edits of single rows: merged into their tables with the checks of a workbook's import, all or none."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packpress.editing.row_edits import RowEdit, plan_edits
from packpress.editing.workbook.layout import read_state

from invented.workbooks import write_ports
from packpress import CannotRunError, Problem, read_package

PLAIN = st.text("abcdefghij", min_size=1, max_size=8)


@pytest.fixture
def ports(tmp_path):
    """The package, its records, and those of its ports."""
    package = read_package(write_ports(tmp_path))
    state = read_state(package)
    return package, state, state["ports"]


def plan(ports, *edits, drafts=None):
    package, state, _ = ports
    return plan_edits(package, state, edits, drafts or {})


def told(found):
    return [(problem.field, problem.value, problem.message) for problem in found.problems]


def with_cell(record, at, value):
    return (*record[:at], value, *record[at + 1 :])


def test_an_edited_row_stands_in_the_canonical_file(ports):
    _, _, (first, *others) = ports
    changed = with_cell(first, 1, "Elsewhere")
    found = plan(ports, RowEdit("ports", first, changed))
    assert told(found) == []
    assert found.records["ports"] == [changed, *others]
    assert found.edit_at(Problem("ports.csv", 2, "wrong")) == RowEdit("ports", first, changed)
    assert found.files["ports.csv"].decode().splitlines()[1] == "bergen,Elsewhere,,On a sound."


def test_a_row_that_is_no_longer_there_is_no_guess(ports):
    _, _, (first, *_) = ports
    gone = with_cell(first, 1, "Never there")
    with pytest.raises(CannotRunError, match="another row is there now, or none; look at it again"):
        plan(ports, RowEdit("ports", gone, first))


def test_a_key_that_is_taken_is_a_problem(ports):
    _, _, (first, *_) = ports
    found = plan(ports, RowEdit("ports", None, with_cell(first, 1, "Another")))
    assert [message for _, _, message in told(found)] == ["row 2 has the same key; keys must be unique"]


def test_a_removed_row_must_be_registered_unless_it_was_never_published(ports):
    _, _, (first, *_) = ports
    edit = RowEdit("ports", first, None)
    (problem,) = plan(ports, edit).problems
    assert (
        f'the row "{first[0]}" is gone; restore it, or enter it in withdrawals with the reason'
        in problem.message
    )
    assert plan(ports, edit, drafts={"ports": {first[0]}}).problems == []


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("#REF!", "a spreadsheet error; write the real value"),
        ("two\nlines", "contains a line break; write it on one line"),
        (" Oslo", "begins or ends with white space; remove it"),
    ],
)
def test_damaged_cells_are_told_as_in_a_workbook(ports, value, message):
    _, _, (first, *_) = ports
    found = plan(ports, RowEdit("ports", first, with_cell(first, 1, value)))
    assert [text for _, _, text in told(found)] == [message]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(PLAIN, PLAIN), min_size=1, max_size=4, unique_by=lambda pair: pair[0]))
def test_the_reverse_of_edits_undoes_them(ports, added):
    package, state, (first, *_) = ports
    width = len(first)
    known = {record[0] for record in state["ports"]}
    edits = [
        RowEdit("ports", None, (key, name, *[""] * (width - 2))) for key, name in added if key not in known
    ]
    edits.append(RowEdit("ports", first, with_cell(first, 1, "Elsewhere")))
    there = plan_edits(package, state, edits, {}).records["ports"]
    back = [edit.reversed for edit in reversed(edits)]
    assert plan_edits(package, {**state, "ports": there}, back, {}).records["ports"] == list(state["ports"])
