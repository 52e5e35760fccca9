"""Import: the edits of a workbook are proposed, validated and written, all or none."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from packpress.checks.descriptor import refuse_misdeclared
from packpress.editing.diff import Change, compare_records, list_changes
from packpress.editing.format import rewrite
from packpress.editing.workbook.book import (
    ALL,
    Book,
    Selection,
    check_shape,
    check_sheets,
    find_selection,
    fingerprint,
    list_comments,
    list_other_sheets,
    open_book,
    read_rows,
    select_rows,
)
from packpress.editing.workbook.edits import (
    Edited,
    check_belonging,
    check_keys,
    check_removed,
    read_cell,
    read_edited,
)
from packpress.editing.workbook.export import write_workbook
from packpress.editing.workbook.layout import Page, State, lay_out, read_state
from packpress.editing.workbook.moves import check_moved
from packpress.editing.workbook.preview import find_expected
from packpress.extension import find_extension
from packpress.package.descriptor import Package
from packpress.problems import CannotRunError, Problem, name_command, name_option
from packpress.tables.csv import Record, sort_records
from packpress.tables.rows import read_tables
from packpress.transaction import hold_for_editing, replace_files, write_file

IMPORTED = Path("dist") / "imported"

# Fingerprints of a table's rows at the last import, by table name: in the workbook, and on disk.
Settled = dict[str, tuple[str, str]]


def read_settled(folder: Path, book: Book) -> Settled:
    """What is remembered of the last import of the workbook; empty when it was never imported."""
    try:
        remembered = json.loads(_place_of(folder, book.path).read_text(encoding="utf-8"))
        if remembered["export"] != book.manifest.identity:
            return {}
        return {name: (of_sheet, of_disk) for name, (of_sheet, of_disk) in remembered["tables"].items()}
    except (OSError, ValueError, LookupError, AttributeError, TypeError):
        return {}  # an unreadable record means that a new export is needed


def write_settled(folder: Path, book: Book, settled: Settled) -> None:
    """Remembers an import of the workbook; CannotRunError when the record cannot be written."""
    tables = {**read_settled(folder, book), **settled}
    text = json.dumps({"export": book.manifest.identity, "tables": tables}, indent=1)
    write_file(_place_of(folder, book.path), text.encode("utf-8"))


def forget(folder: Path, workbook: Path) -> None:
    """Forgets the imports of a workbook that is replaced by another export."""
    _place_of(folder, workbook).unlink(missing_ok=True)


def _place_of(folder: Path, workbook: Path) -> Path:
    name = hashlib.sha256(str(workbook.resolve()).encode("utf-8", "surrogateescape")).hexdigest()
    return folder / f"{name[:32]}.json"


# The fingerprint of a table that was never imported.
NEVER = "never"
EXPORT_ANEW = "export a new workbook and repeat your changes there"

# The keys of rows that were never published, by table; they may be deleted without an entry in the register.
Drafts = Mapping[str, set[str]]


@dataclass
class Proposal:
    """The changed tables with their new records, the differences, and the problems that prevent an import."""

    records: dict[str, list[Record]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    tables: list[Edited] = field(default_factory=list)
    # Fingerprints of the tables after the import: in the workbook, and on disk.
    settled: Settled = field(default_factory=dict)


def read_proposal(
    package: Package, book: Book, imported: Path, drafts: Drafts, is_moved: bool = False
) -> Proposal:
    """What the workbook proposes to change; the folder `imported` has the record of its last import.

    Values that moved between rows in bulk are a problem, unless `is_moved` says that they were meant to.
    Raises CannotRunError when the workbook was exported from another package.
    """
    if book.manifest.package != package.name:
        message = f"a workbook of {book.manifest.package}, not of {package.name}; name the right descriptor"
        raise CannotRunError(f"{book.path}: {message}")
    return _Reader(package, book, read_settled(imported, book)).read(drafts, is_moved)


def check_overwriting(package: Package, file: Path, imported: Path) -> None:
    """Raises CannotRunError when replacing the file would lose changes that were not imported."""
    mend = f"move it away, or replace it with {name_option('force')}"
    try:
        proposal = read_proposal(package, open_book(file), imported, {})
    except CannotRunError:
        raise CannotRunError(f"{file}: exists, but is not a workbook of {package.name}; {mend}") from None
    if proposal.problems or proposal.changes:
        raise CannotRunError(f"{file}: contains changes that were not imported; import it, {mend}")


def render_files(package: Package, proposal: Proposal) -> dict[str, bytes]:
    """The canonical CSV of each changed table, by path; CannotRunError when one cannot be written."""
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

    def read(self, drafts: Drafts, is_moved: bool) -> Proposal:
        proposal = self.proposal
        proposal.problems += [*self._check_tables(), *check_sheets(self.book, self.pages)]
        others = list_other_sheets(self.book, self.pages)
        proposal.notes += [f'the sheet "{name}" is not a table and is ignored' for name in others]
        proposal.notes += list_comments(self.book, self.pages)
        found = [edited for page in self.pages if (edited := self._read_page(page))]
        state = {**self.state, **{edited.name: self._merge(edited) for edited in found}}
        belonging = select_rows(self.package, state, self.book.manifest.selection)
        for edited in found:
            proposal.problems += edited.faults
            moved = [] if is_moved else list(check_moved(self.book, edited))
            # What else is wrong with a sheet whose columns moved comes of that.
            proposal.problems += moved or self._check_rows(edited, state, belonging[edited.name], drafts)
            changes = list(compare_records(edited.page.resource, self.state[edited.name], state[edited.name]))
            if changes:
                proposal.tables.append(edited)
                proposal.records[edited.name] = sort_records(edited.page.resource, state[edited.name])
                proposal.changes += changes
            of_sheet = fingerprint(edited.page.resource, edited.records)
            of_disk = fingerprint(edited.page.resource, belonging[edited.name])
            proposal.settled[edited.name] = (of_sheet, of_disk)
        return proposal

    def _check_rows(
        self, edited: Edited, state: State, belonging: list[Record], drafts: Drafts
    ) -> Iterator[Problem]:
        if edited.has_keys:
            free = drafts.get(edited.name, set())
            yield from check_keys(self.book, edited, self._others(edited.page))
            yield from check_removed(self.book, edited, self.package, state, free)
        if not edited.faults:
            yield from check_belonging(self.book, edited, belonging)

    def _read_page(self, page: Page) -> Edited | None:
        """The rows of a table that the workbook changed and that may be replaced; None for other tables."""
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
        """Checks that every exported table can still be imported."""
        known = {page.resource.name for page in self.pages}
        for name in self.book.manifest.fingerprints:
            if name not in known:
                reason = self.left_out.get(name, "the package no longer has this table")
                yield self.book.problem(name, "", f"cannot be imported: {reason}; {EXPORT_ANEW}")

    def _may_change(self, page: Page, of_sheet: str, of_disk: str) -> bool:
        """Whether only the workbook changed the table since it was exported or last imported."""
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
                f"{path}: changed since the export, but not in the workbook; it is kept"
            )
        else:
            message = f"{path} changed since the export, and so did this sheet; {EXPORT_ANEW}"
            self.proposal.problems.append(self.book.problem(page.sheet, "", message))
        return False

    def _others(self, page: Page) -> list[Record]:
        """The records on disk that were not exported to the workbook."""
        exported = {*self.selected[page.resource.name]}
        return [record for record in self.state[page.resource.name] if record not in exported]

    def _merge(self, edited: Edited) -> list[Record]:
        return [*self._others(edited.page), *edited.records]


# More problems than this have a single cause, such as a shifted column.
MOST_SHOWN = 100


def export_workbook(
    package: Package, output: Path | None, only: str | None, force: bool
) -> tuple[Path, dict[str, str]]:
    """Writes the workbook; returns its path, and the reasons why tables are left out, by table name.

    `only` names a row as TABLE=KEY. Raises CannotRunError when there is no such row, or when an existing file
    has changes that were not imported, unless `force` is set.

    >>> from packpress import read_package
    >>> export_workbook(read_package("fleet"), None, "boats=ida", False)[0].name
    'fleet-ida-workbook.xlsx'
    """
    refuse_misdeclared(package)
    selection = _read_selection(package, only) if only else ALL
    name = "-".join([package.name, *([selection.key] if selection.key else []), "workbook.xlsx"])
    file = output or Path("dist") / name
    if file.exists() and not force:
        check_overwriting(package, file, IMPORTED)
    data, left_out = write_workbook(package, selection)
    write_file(file, data)
    forget(IMPORTED, file)
    return file, left_out


def _read_selection(package: Package, only: str) -> Selection:
    table, _, key = only.partition("=")
    if not key:
        raise CannotRunError(f"{only}: not a row; write it as TABLE=KEY")
    return find_selection(package, read_state(package), table, key)


def propose(package: Package, workbook: Path, is_moved: bool = False) -> Proposal:
    """What the workbook proposes to change in the current tables.

    With `is_moved`, values may have moved between rows in bulk. InvalidPackageError for a bad descriptor.
    """
    refuse_misdeclared(package)
    extension = find_extension(package)
    drafts = extension.find_drafts(package, read_tables(package))
    return read_proposal(package, open_book(workbook), IMPORTED, drafts, is_moved)


def list_proposed(package: Package, proposal: Proposal, whole: Path | None = None) -> Iterator[str]:
    """Lines that describe what a proposal changes, or the first of its problems.

    `whole` is the file that has all changes, if these are more than are listed.

    >>> from packpress import read_package
    >>> list(list_proposed(read_package("fleet"), Proposal()))
    ['the workbook changes nothing']
    """
    if proposal.problems:
        yield from _list_first(proposal.problems)
        yield f"{len(proposal.problems)} to correct in the workbook; nothing was imported"
    elif proposal.changes:
        yield from list_changes(proposal.changes, package, f", all in {whole}" if whole else "")
    else:
        yield "the workbook changes nothing"


def list_expected(package: Package, workbook: Path, proposal: Proposal) -> Iterator[str]:
    """Lines that describe which problems the package will have after the import, if it gets new ones."""
    found = find_expected(package, open_book(workbook), render_files(package, proposal), proposal.tables)
    yield from _list_first(found)
    if found:
        yield f"{len(found)} that {name_command('validate')} will report after the import"


def _list_first(problems: Sequence[Problem]) -> Iterator[str]:
    yield from map(str, problems[:MOST_SHOWN])
    if len(problems) > MOST_SHOWN:
        yield f"and {len(problems) - MOST_SHOWN} more"


def write_proposal(package: Package, workbook: Path, proposal: Proposal) -> list[str]:
    """Replaces the changed tables and returns their paths.

    Raises CannotRunError when the tables have changed since the differences were shown.
    """
    with hold_for_editing(package.root):
        if propose(package, workbook).changes != proposal.changes:
            raise CannotRunError(
                f"{workbook}: the workbook or the tables have changed since; review the differences again"
            )
        files = render_files(package, proposal)
        replace_files(package.root, files)
        write_settled(IMPORTED, open_book(workbook), proposal.settled)
    return list(files)
