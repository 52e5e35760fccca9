"""Command: lists what is left to curate, source by source."""

from pathlib import Path

import click

from scripts.curation.remaining import (
    find_remaining,
    has_curated_tables,
    list_unmapped,
    measure_sources,
)
from scripts.lib.command import exit_plainly
from scripts.lib.descriptor import DEFAULT_DESCRIPTOR, read_descriptor
from scripts.lib.problems import CannotRunError
from scripts.lib.tables import read_tables

# More names than this hide the rest of the list.
MOST_NAMED = 12


@click.command()
@click.argument("descriptor", type=click.Path(path_type=Path), default=DEFAULT_DESCRIPTOR)
@exit_plainly
def main(descriptor: Path) -> None:
    """List what is left to curate in DESCRIPTOR (./datapackage.json).

    Sources in progress are held to the rules of published ones. Always exits 0: work left is no fault.
    """
    package = read_descriptor(descriptor)
    tables = read_tables(package)
    if not has_curated_tables(tables):
        raise CannotRunError(f"{descriptor}: not a package of curated claims; there is nothing to list")
    for progress in measure_sources(package, tables):
        source = progress.source
        click.echo(
            f"{source['short_name']} ({source['source_id']}, {source['status']}): "
            f"{progress.accounted} of {progress.sentences} sentences accounted for, "
            f"{progress.claims} claims, {progress.single_reader} of them from one reader only"
        )
    for name, keys in list_unmapped(tables).items():
        if keys:
            more = f" and {len(keys) - MOST_NAMED} more" if len(keys) > MOST_NAMED else ""
            click.echo(f"{name} without a terminology code: {', '.join(keys[:MOST_NAMED])}{more}")
    remaining = [problem for problem in find_remaining(package, tables) if not problem.is_notice]
    for problem in remaining:
        click.echo(str(problem))
    click.echo(f"{len(remaining)} to mend" if remaining else "nothing left that a rule demands")


if __name__ == "__main__":
    main()
