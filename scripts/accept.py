"""Command: adds the suggested rows that a curator left in a folder to the tables."""

from pathlib import Path

import click
from packpress.console import exit_plainly
from packpress.package.argument import DEFAULT_DESCRIPTOR
from packpress.package.descriptor import Package, read_descriptor
from packpress.transaction import hold_for_editing, replace_files

from scripts.curation.curation_progress import read_curated_tables
from scripts.curation.drafts import Acceptance, plan_acceptance
from scripts.curation.inbox import remove_inbox


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("descriptor", type=click.Path(path_type=Path), default=DEFAULT_DESCRIPTOR)
@exit_plainly
def main(folder: Path, descriptor: Path) -> None:
    """Append the rows in FOLDER, such as dist/todo/ID, to the tables of DESCRIPTOR (./datapackage.json).

    Either all rows are added or none. What a row contains must follow every rule; what it leaves empty can be
    filled in later. The files in the folder are removed once they are accepted.
    """
    package = read_descriptor(descriptor)
    with hold_for_editing(package.root):
        acceptance = plan_acceptance(package, read_curated_tables(package), folder)
        if acceptance.files:
            replace_files(package.root, acceptance.files)
        remove_inbox(folder)
    describe_acceptance(acceptance, package, folder)


def describe_acceptance(acceptance: Acceptance, package: Package, folder: Path) -> None:
    """Print what was added to each table, and what is left to fill in."""
    for name, count in acceptance.added.items():
        known = acceptance.known[name]
        there = f", {known} already existed" if known else ""
        click.echo(f"{package.by_name[name].paths[0]}: {count} added{there}")
    click.echo(f"{folder}: accepted; its files were removed")
    for table, counts in acceptance.count_open().items():
        cells = (f"{name} in {count}" for name, count in counts.items())
        click.echo(f"still to be filled in before make validate succeeds: {table}: {', '.join(cells)}")


if __name__ == "__main__":
    main()
