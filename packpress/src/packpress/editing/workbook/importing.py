"""The way of a workbook: out of the tables into a file, and back into them all or nothing."""

from collections.abc import Iterator
from pathlib import Path

from packpress.atomic import write_file
from packpress.checks.structure import refuse_misdeclared
from packpress.editing.diff import list_changes
from packpress.editing.workbook.book import open_book
from packpress.editing.workbook.export import write_workbook
from packpress.editing.workbook.layout import read_state
from packpress.editing.workbook.lineage import IMPORTED, forget, write_settled
from packpress.editing.workbook.proposal import Proposal, check_overwriting, read_proposal, render_files
from packpress.editing.workbook.selection import ALL, Selection, find_selection
from packpress.extension import Extension, find_extension
from packpress.package.descriptor import Package
from packpress.problems import CannotRunError
from packpress.tables.rows import read_tables
from packpress.transaction import replace_files

# More problems than these come of one accident, such as a column that was shifted.
MOST_SHOWN = 100


def export_workbook(
    package: Package, output: Path | None, only: str | None, force: bool
) -> tuple[Path, dict[str, str]]:
    """Writes the workbook; its path, and why tables are left out, by their names.

    `only` names a row as TABLE=KEY. CannotRunError when there is no such row, or when the file in the way
    holds changes that were not imported, unless it is forced away.
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
        raise CannotRunError(f"{only}: names no row; write it as TABLE=KEY")
    return find_selection(package, read_state(package), table, key)


def propose(package: Package, workbook: Path) -> Proposal:
    """What the workbook proposes as the tables are now; InvalidPackageError when the descriptor is wrong."""
    refuse_misdeclared(package)
    extension = find_extension(package) or Extension()
    drafts = extension.find_drafts(package, read_tables(package))
    return read_proposal(package, open_book(workbook), IMPORTED, drafts)


def list_proposed(package: Package, proposal: Proposal) -> Iterator[str]:
    """Lines on what a proposal changes; or on what is to be mended first, not too many of them."""
    if proposal.problems:
        count = len(proposal.problems)
        yield from map(str, proposal.problems[:MOST_SHOWN])
        if count > MOST_SHOWN:
            yield f"and {count - MOST_SHOWN} more"
        yield f"{count} to mend in the workbook; nothing was imported"
    elif proposal.changes:
        yield from list_changes(proposal.changes, package)
    else:
        yield "the workbook changes nothing"


def write_proposal(package: Package, workbook: Path, proposal: Proposal) -> list[str]:
    """Replaces the tables, and returns the paths of those that changed.

    CannotRunError when they are no longer those that the difference was shown for.
    """
    if propose(package, workbook).changes != proposal.changes:
        raise CannotRunError(
            f"{workbook}: the workbook or the tables changed meanwhile; look at the difference again"
        )
    files = render_files(package, proposal)
    replace_files(package.root, files)
    write_settled(IMPORTED, open_book(workbook), proposal.settled)
    return list(files)
