"""Command: takes a curator's workbook back into the tables, once the difference is seen and agreed to."""

import sys
from pathlib import Path
from shlex import quote

import click
from packpress.checks.structure import refuse_misdeclared
from packpress.editing.diff import list_changes
from packpress.editing.workbook.book import open_book
from packpress.editing.workbook.lineage import IMPORTED, write_settled
from packpress.editing.workbook.proposal import Proposal, read_proposal, render_files
from packpress.exit_codes import PROBLEMS, VALID, exit_plainly
from packpress.package.descriptor import DEFAULT_DESCRIPTOR, Package, read_descriptor
from packpress.problems import CannotRunError
from packpress.tables.rows import read_tables
from packpress.transaction import replace_files

from scripts.curation.drafts import find_drafts

# More problems than these come of one accident, such as a column that was shifted.
MOST_SHOWN = 100


@click.command()
@click.argument("workbook", type=click.Path(path_type=Path))
@click.argument("descriptor", type=click.Path(path_type=Path), default=DEFAULT_DESCRIPTOR)
@click.option("--yes", is_flag=True, help="Import without asking.")
@exit_plainly
def main(workbook: Path, descriptor: Path, yes: bool) -> int:
    """Show what WORKBOOK changes in the tables of DESCRIPTOR (./datapackage.json), and write it after a yes.

    What a spreadsheet program damaged is refused with the address of its cell. All tables are replaced, or
    none. Where nobody can be asked, the difference is only shown, unless --yes is given.
    """
    package = read_descriptor(descriptor)
    refuse_misdeclared(package)
    proposal = propose(package, workbook)
    for problem in proposal.problems[:MOST_SHOWN]:
        click.echo(problem, err=True)
    if proposal.problems:
        if len(proposal.problems) > MOST_SHOWN:
            click.echo(f"and {len(proposal.problems) - MOST_SHOWN} more", err=True)
        click.echo(f"{len(proposal.problems)} to mend in the workbook; nothing was imported", err=True)
        return PROBLEMS
    for note in proposal.notes:
        click.echo(f"notice: {note}", err=True)
    if not proposal.changes:
        click.echo("the workbook changes nothing")
        return VALID
    for line in list_changes(proposal.changes, package):
        click.echo(line)
    if yes or ask(workbook):
        write(package, workbook, proposal)
    return VALID


def propose(package: Package, workbook: Path) -> Proposal:
    """What the workbook proposes as the tables are now."""
    return read_proposal(package, open_book(workbook), IMPORTED, find_drafts(package, read_tables(package)))


def can_ask() -> bool:
    """Whether somebody sits at a terminal."""
    return sys.stdin.isatty()


def ask(workbook: Path) -> bool:
    """Whether somebody said yes; where nobody can be asked, says how to."""
    if not can_ask():
        click.echo(
            f"nothing is written yet; to import this: make import WORKBOOK={quote(str(workbook))} YES=1"
        )
        return False
    if click.confirm("Import this?"):
        return True
    click.echo("nothing is written")
    return False


def write(package: Package, workbook: Path, proposal: Proposal) -> None:
    """Replaces the tables; CannotRunError when they are no longer those that the difference was shown for."""
    if propose(package, workbook).changes != proposal.changes:
        raise CannotRunError(
            f"{workbook}: the workbook or the tables changed meanwhile; look at the difference again"
        )
    files = render_files(package, proposal)
    replace_files(package.root, files)
    write_settled(IMPORTED, open_book(workbook), proposal.settled)
    click.echo(f"written: {', '.join(files)}; now make validate")


if __name__ == "__main__":
    main()
