"""Edits of single rows, as a form makes them: the checks of a workbook's import, and all rows or none.

A form shows some rows and sends them back. What comes back is merged into the tables as the rows of a
workbook are, with the same checks of cells, keys and removed rows, and becomes canonical files.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from packpress.editing.format import rewrite
from packpress.editing.workbook.edits import Edited, check_keys, check_removed, make_judge
from packpress.editing.workbook.layout import Page, State
from packpress.package.descriptor import Package
from packpress.package.resource import Resource
from packpress.problems import CannotRunError, Problem
from packpress.tables.csv import Record, sort_records


@dataclass(frozen=True)
class RowEdit:
    """One row as it was and as it is to be; without the first it is new, without the second it is removed.

    >>> RowEdit("boats", None, ("eda", "Eda", "")).reversed.before
    ('eda', 'Eda', '')
    """

    table: str
    before: Record | None
    after: Record | None

    @property
    def reversed(self) -> "RowEdit":
        """The edit that undoes this one."""
        return replace(self, before=self.after, after=self.before)


@dataclass
class EditPlan:
    """The tables with the edits: files by path, records by table, and what is wrong with single cells.

    `places` has the edit that put a row on a line, by path and line.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    records: dict[str, list[Record]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    places: dict[tuple[str, int], RowEdit] = field(default_factory=dict)

    def edit_at(self, problem: Problem) -> RowEdit | None:
        """The edit that put a row where the problem is; None when no edit did."""
        return self.places.get((problem.path, problem.line))


def plan_edits(
    package: Package, state: State, edits: Sequence[RowEdit], drafts: Mapping[str, set[str]]
) -> EditPlan:
    """The tables with the edits, and the problems that a workbook with these rows would have.

    - `state`: the records of every table, by name.
    - `drafts`: the keys of rows that were never published, by table; they may be removed without an entry in
      the register of withdrawals.

    Problems stand at the path and line that a row will have. Raises CannotRunError when a row is no longer as
    it was when the edit was made, or when a table cannot represent it.

    >>> from packpress import read_package
    >>> from packpress.editing.workbook.layout import read_state
    >>> package = read_package("fleet")
    >>> edit = RowEdit("boats", ("ida", "Ida", "2011"), ("ida", "Ida ", "2012"))
    >>> plan = plan_edits(package, read_state(package), [edit], {})
    >>> print(*plan.problems)
    boats.csv:3: name="Ida ": begins or ends with white space; remove it
    >>> plan.files["boats.csv"].decode().splitlines()[2]
    'ida,Ida ,2012'
    """
    plan = EditPlan()
    merged = {
        name: _merge(package.by_name[name], state[name], [edit for edit in edits if edit.table == name])
        for name in dict.fromkeys(edit.table for edit in edits)
    }
    for name, records in merged.items():
        resource = package.by_name[name]
        path = resource.paths[0]
        lines = {record: line for line, record in enumerate(records, 2)}
        for edit in edits:
            if edit.table == name and edit.after:
                plan.places[path, lines[edit.after]] = edit
        plan.records[name] = records
        plan.files[path] = rewrite(resource, path, records)
        plan.problems += _check_cells(resource, state[name], plan)
        plan.problems += _check_rows(package, {**state, **merged}, state[name], resource, drafts)
    return plan


def _merge(resource: Resource, records: Sequence[Record], edits: Sequence[RowEdit]) -> list[Record]:
    kept = list(records)
    for edit in edits:
        if edit.before:
            if edit.before not in kept:
                message = "another row is there now, or none; look at it again"
                raise CannotRunError(f"{resource.paths[0]}: {_show_key(resource, edit.before)}: {message}")
            kept.remove(edit.before)
    return sort_records(resource, [*kept, *(edit.after for edit in edits if edit.after)])


def _show_key(resource: Resource, record: Record) -> str:
    return ",".join(record[resource.field_names.index(name)] for name in resource.primary_key)


def _check_cells(resource: Resource, before: Sequence[Record], plan: EditPlan) -> Iterator[Problem]:
    """Checks the cells that edits changed."""
    for place, cell in enumerate(resource.fields):
        known = frozenset(record[place] for record in before)
        judge = make_judge(resource, cell, known)
        for (path, line), edit in plan.places.items():
            if path == resource.paths[0] and edit.after:
                text = edit.after[place]
                fault = judge(text, edit.before[place] if edit.before else "")
                if fault:
                    yield Problem(path, line, fault, cell.name, text, "workbook/damage")


@dataclass(frozen=True)
class _Files:
    """The files of tables, as the place of problems: each row is one line."""

    path: str

    def problem(self, sheet: str, address: str, message: str, field: str = "", value: str = "") -> Problem:
        line = int(re.sub("[^0-9]", "", address) or 0)
        return Problem(self.path, line, message, field, value, "workbook/damage")


def _check_rows(
    package: Package,
    state: State,
    before: Sequence[Record],
    resource: Resource,
    drafts: Mapping[str, set[str]],
) -> Iterator[Problem]:
    records = tuple(state[resource.name])
    edited = Edited(Page(resource, resource.name, ()), tuple(range(2, len(records) + 2)), records, before, ())
    files = _Files(resource.paths[0])
    if edited.has_keys:
        yield from check_keys(files, edited, ())
        if len({*map(edited.key_of, records)}) == len(records):
            yield from check_removed(files, edited, package, state, drafts.get(resource.name, set()))
