"""The edited rows of one table: their cells as text, and whether keys and rows are still what they were."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from openpyxl.utils import get_column_letter

from packpress.checks.register import ROW, TABLE
from packpress.editing.workbook.beside import State
from packpress.editing.workbook.book import Book, SheetRow
from packpress.editing.workbook.damage import interpret_cell, make_judge, read_cell
from packpress.editing.workbook.layout import Page
from packpress.package.descriptor import Package
from packpress.package.resource import Resource
from packpress.problems import Problem
from packpress.tables.canonical import Record

Key = tuple[str, ...]


@dataclass(frozen=True)
class Edited:
    """The rows of a table in a workbook as they are now, each with its line, and as they were.

    Cells with faults, which spreadsheet programs damaged, are read as empty.
    """

    page: Page
    lines: tuple[int, ...]
    records: tuple[Record, ...]
    before: Sequence[Record]
    faults: tuple[Problem, ...]

    @property
    def name(self) -> str:
        """Name of the table."""
        return self.page.resource.name

    @property
    def has_keys(self) -> bool:
        """Whether rows have keys, and no fault is in one."""
        key = self.page.resource.primary_key
        return bool(key) and not any(fault.field in key for fault in self.faults)

    def key_of(self, record: Record) -> Key:
        """The values of the primary key; nothing without one."""
        names = self.page.resource.field_names
        return tuple(record[names.index(name)] for name in self.page.resource.primary_key)

    def address(self, line: int) -> str:
        """Where the key of a row begins."""
        resource = self.page.resource
        return f"{get_column_letter(resource.field_names.index(resource.primary_key[0]) + 1)}{line}"


def read_edited(book: Book, page: Page, rows: Sequence[SheetRow], before: Sequence[Record]) -> Edited:
    """The rows of a sheet, and a fault for every cell of them that a spreadsheet program damaged."""
    resource = page.resource
    judges = [
        make_judge(resource, field, frozenset(record[place] for record in before))
        for place, field in enumerate(resource.fields)
    ]
    faults, records = [], []
    for row, old in zip(rows, _match_rows(resource, rows, before), strict=True):
        record = []
        for place, (cell, field) in enumerate(zip(row.cells, resource.fields, strict=True)):
            text, fault = read_cell(cell), ""
            if text is None:
                text, fault = interpret_cell(cell, field)
            fault = fault or judges[place](text, old[place] if old else "")
            if fault:
                shown = text or str(cell.value)
                faults.append(book.problem(page.sheet, cell.coordinate, fault, field.name, shown))
            record.append(text)
        records.append(tuple(record))
    return Edited(page, tuple(row.line for row in rows), tuple(records), before, tuple(faults))


def _match_rows(
    resource: Resource, rows: Sequence[SheetRow], before: Sequence[Record]
) -> list[Record | None]:
    """The record that each row was at the export: the one of its key, or without keys of its place."""
    if not resource.primary_key:
        by_line = dict(enumerate(before, 2))
        return [by_line.get(row.line) for row in rows]
    places = [resource.field_names.index(name) for name in resource.primary_key]
    by_key = {tuple(record[place] for place in places): record for record in before}
    return [by_key.get(tuple(read_cell(row.cells[place]) or "" for place in places)) for row in rows]


def check_keys(book: Book, edited: Edited, others: Sequence[Record]) -> Iterator[Problem]:
    """Every row has a key, and one that no other row has."""
    resource = edited.page.resource
    name = resource.primary_key[0]
    elsewhere = {edited.key_of(record) for record in others}
    lines: dict[Key, int] = {}
    for line, record in zip(edited.lines, edited.records, strict=True):
        key = edited.key_of(record)
        message = ""
        if not any(key):
            message = "the row has no key; packpress next-id offers one"
        elif key in lines:
            message = f"row {lines[key]} has the same key; a key names one row"
        elif key in elsewhere:
            message = (
                f"{resource.paths[0]} has a row of this key that is not in this workbook; choose another"
            )
        if message:
            yield book.problem(edited.page.sheet, edited.address(line), message, name, ",".join(key))
        lines.setdefault(key, line)


def check_removed(
    book: Book, edited: Edited, package: Package, state: State, drafts: Collection[str]
) -> Iterator[Problem]:
    """No key changed, and a row that is gone stands in the register, if there is one.

    A row of `drafts`, which was never published, may go without.
    """
    resource = edited.page.resource
    register = package.register
    registered = _list_registered(package, state, register)
    old = {edited.key_of(record): record for record in edited.before}
    new = dict(zip(map(edited.key_of, edited.records), edited.lines, strict=True))
    added = [
        (line, record)
        for line, record in zip(edited.lines, edited.records, strict=True)
        if edited.key_of(record) not in old
    ]
    for key, record in old.items():
        row_id = ",".join(key)
        if key in new or (edited.name, row_id) in registered:
            continue
        is_draft = row_id in drafts
        twin = _find_twin(edited, record, added)
        if twin and (len(key) == 1 or not is_draft):
            line, other = twin
            message = f'was "{row_id}" at the export; a key never changes: write the old one back, or remove '
            message += "the row and write a new one below"
            value = ",".join(edited.key_of(other))
            yield book.problem(
                edited.page.sheet, edited.address(line), message, resource.primary_key[0], value
            )
        elif edited.name == register:
            message = f'the entry "{row_id}" is gone; put it back, the register only grows'
            yield book.problem(edited.page.sheet, "", message)
        elif register in state and not is_draft:
            message = f'the row "{row_id}" is gone; put it back, or enter it in {register} with the reason'
            yield book.problem(edited.page.sheet, "", message)


def _list_registered(package: Package, state: State, register: str) -> set[tuple[str, str]]:
    """Table and key of each row that the register says is withdrawn."""
    if register not in state:
        return set()
    names = package.by_name[register].field_names
    if not {TABLE, ROW} <= {*names}:
        return set()
    return {(record[names.index(TABLE)], record[names.index(ROW)]) for record in state[register]}


def _find_twin(
    edited: Edited, record: Record, added: Sequence[tuple[int, Record]]
) -> tuple[int, Record] | None:
    """The new row that holds most of what a row held that is gone; None when none holds half of it."""
    resource = edited.page.resource
    places = [place for place, name in enumerate(resource.field_names) if name not in resource.primary_key]
    held = sum(len(record[place]) for place in places)

    def likeness(candidate: tuple[int, Record]) -> int:
        return sum(len(record[place]) for place in places if record[place] == candidate[1][place])

    best = max(added, key=likeness, default=None)
    return best if best and held and 2 * likeness(best) >= held else None


def check_belonging(book: Book, edited: Edited, belonging: Sequence[Record]) -> Iterator[Problem]:
    """Every row belongs to what the workbook was exported for, as its foreign keys say."""
    known = {*belonging}
    for line, record in zip(edited.lines, edited.records, strict=True):
        if record not in known:
            message = f"the row does not belong to {book.manifest.selection.key}; mend its foreign keys, "
            message += "or export a workbook of all rows"
            name = edited.page.resource.primary_key[0]
            value = ",".join(edited.key_of(record))
            yield book.problem(edited.page.sheet, edited.address(line), message, name, value)
