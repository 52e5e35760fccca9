"""Command: prints the next free identifier of a table."""

from pathlib import Path

import click
from packpress.editing.identifiers import find_next
from packpress.exit_codes import exit_plainly
from packpress.package.descriptor import DEFAULT_DESCRIPTOR, read_descriptor
from packpress.tables.rows import read_tables


@click.command()
@click.argument("table")
@click.argument("source", default="")
@click.option(
    "--descriptor",
    type=click.Path(path_type=Path),
    default=DEFAULT_DESCRIPTOR,
    help="The package; ./datapackage.json by default.",
)
@exit_plainly
def main(table: str, source: str, descriptor: Path) -> None:
    """Print the identifier that a new row of TABLE takes, where rows are numbered for each SOURCE: of that.

    It has the form of the others, and is none that a row has or that the register of withdrawals names.
    """
    package = read_descriptor(descriptor)
    click.echo(find_next(package, read_tables(package), table, source))


if __name__ == "__main__":
    main()
