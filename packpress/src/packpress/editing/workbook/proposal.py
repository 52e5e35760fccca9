"""What a workbook proposes: the new rows of each table, or why they cannot be taken.

Three states are compared table by table: as exported, on disk, and in the workbook. A table that the
workbook left alone stays as it is on disk; one that both changed is refused.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from packpress.editing.diff import Change, compare_records
from packpress.editing.format import rewrite
from packpress.editing.workbook.book import (
    Book,
    check_shape,
    check_sheets,
    list_other_sheets,
    open_book,
    read_rows,
)
from packpress.editing.workbook.damage import read_cell
from packpress.editing.workbook.edits import Edited, check_belonging, check_keys, check_removed, read_edited
from packpress.editing.workbook.layout import Page, lay_out, read_state
from packpress.editing.workbook.lineage import Settled, read_settled
from packpress.editing.workbook.manifest import fingerprint
from packpress.editing.workbook.selection import select_rows
from packpress.package.descriptor import Package
from packpress.problems import CannotRunError, Problem
from packpress.tables.canonical import Record, sort_records

# The fingerprint of what was never imported.
NEVER = "never"
EXPORT_ANEW = "export anew and repeat your changes there"

# The keys of rows that were never published, by table, and thus may go without an entry in the register.
Drafts = Mapping[str, set[str]]


@dataclass
class Proposal:
    """The tables that differ with all their new records, the difference, and what stands against it."""

    records: dict[str, list[Record]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    # Fingerprints of the tables once they are imported: in the workbook, and on disk.
    settled: Settled = field(default_factory=dict)


def read_proposal(package: Package, book: Book, imported: Path, drafts: Drafts) -> Proposal:
    """What the workbook proposes; the folder `imported` remembers its last import.

    CannotRunError when the workbook is not of this package.
    """
    if book.manifest.package != package.name:
        message = f"a workbook of {book.manifest.package}, not of {package.name}; name the right descriptor"
        raise CannotRunError(f"{book.path}: {message}")
    return _Reader(package, book, read_settled(imported, book)).read(drafts)


def check_overwriting(package: Package, file: Path, imported: Path) -> None:
    """CannotRunError when a file holds what would be lost if another workbook took its place."""
    mend = "name another --output, or replace it with --force"
    try:
        proposal = read_proposal(package, open_book(file), imported, {})
    except CannotRunError:
        raise CannotRunError(f"{file}: no workbook of {package.name}, and in the way; {mend}") from None
    if proposal.problems or proposal.changes:
        raise CannotRunError(f"{file}: holds changes that were not imported; import it, {mend}")


def render_files(package: Package, proposal: Proposal) -> dict[str, bytes]:
    """The canonical CSV of each table that differs, by its path; CannotRunError when it cannot be written."""
    resources = [(package.by_name[name], records) for name, records in proposal.records.items()]
    return {
        resource.paths[0]: rewrite(resource, resource.paths[0], records) for resource, records in resources
    }


class _Reader:
    def __init__(self, package: Package, book: Book, settled: Settled) -> None:
        self.package = package
        self.book = book
        self.settled = settled
        self.state = read_state(package)
        self.selected = select_rows(package, self.state, book.manifest.selection)
        pages, self.left_out = lay_out(package, self.state)
        self.pages = [page for page in pages if page.resource.name in book.manifest.fingerprints]
        self.proposal = Proposal()

    def read(self, drafts: Drafts) -> Proposal:
        proposal = self.proposal
        proposal.problems += [*self._check_tables(), *check_sheets(self.book, self.pages)]
        others = list_other_sheets(self.book, self.pages)
        proposal.notes += [f'the sheet "{name}" is no table; it is left alone' for name in others]
        found = [edited for page in self.pages if (edited := self._read_page(page))]
        state = {**self.state, **{edited.name: self._merge(edited) for edited in found}}
        belonging = select_rows(self.package, state, self.book.manifest.selection)
        for edited in found:
            proposal.problems += edited.faults
            if edited.has_keys:
                free = drafts.get(edited.name, set())
                proposal.problems += check_keys(self.book, edited, self._others(edited.page))
                proposal.problems += check_removed(self.book, edited, self.package, state, free)
            if not edited.faults:
                proposal.problems += check_belonging(self.book, edited, belonging[edited.name])
            changes = list(compare_records(edited.page.resource, self.state[edited.name], state[edited.name]))
            if changes:
                proposal.records[edited.name] = sort_records(edited.page.resource, state[edited.name])
                proposal.changes += changes
            of_sheet = fingerprint(edited.page.resource, edited.records)
            of_disk = fingerprint(edited.page.resource, belonging[edited.name])
            proposal.settled[edited.name] = (of_sheet, of_disk)
        return proposal

    def _read_page(self, page: Page) -> Edited | None:
        """The rows of a table that the workbook changed and that may be changed; None for any other."""
        sheet = self.book.sheet_of(page)
        if sheet is None:
            return None
        faults = list(check_shape(self.book, page, sheet))
        self.proposal.problems += faults
        if faults:
            return None
        rows = read_rows(page, sheet)
        before = self.selected[page.resource.name]
        texts = [tuple(text for cell in row.cells if (text := read_cell(cell)) is not None) for row in rows]
        is_text = all(len(record) == len(page.resource.fields) for record in texts)
        of_sheet = fingerprint(page.resource, texts) if is_text else ""
        if not self._may_change(page, of_sheet, fingerprint(page.resource, before)):
            return None
        return read_edited(self.book, page, rows, before)

    def _check_tables(self) -> Iterator[Problem]:
        """Every table that was exported can still be imported."""
        known = {page.resource.name for page in self.pages}
        for name in self.book.manifest.fingerprints:
            if name not in known:
                reason = self.left_out.get(name, "the package has no such table any more")
                yield self.book.problem(name, "", f"cannot be imported: {reason}; {EXPORT_ANEW}")

    def _may_change(self, page: Page, of_sheet: str, of_disk: str) -> bool:
        """Whether the workbook, and nobody else, changed the table since it was exported or last imported."""
        name, path = page.resource.name, page.resource.paths[0]
        exported = self.book.manifest.fingerprints[name]
        settled_sheet, settled_disk = self.settled.get(name, (NEVER, NEVER))
        if of_sheet == of_disk:
            return False
        if of_disk == settled_disk:
            return of_sheet != settled_sheet
        if of_disk == exported:
            return True
        if of_sheet in {exported, settled_sheet}:
            self.proposal.notes.append(
                f"{path}: changed since the export, not in the workbook; stays as it is"
            )
        else:
            message = f"{path} changed since the export, and so did this sheet; {EXPORT_ANEW}"
            self.proposal.problems.append(self.book.problem(page.sheet, "", message))
        return False

    def _others(self, page: Page) -> list[Record]:
        """The records on disk that the workbook does not hold."""
        exported = {*self.selected[page.resource.name]}
        return [record for record in self.state[page.resource.name] if record not in exported]

    def _merge(self, edited: Edited) -> list[Record]:
        return [*self._others(edited.page), *edited.records]
