"""Command: writes every table into one workbook that curators edit and import again."""

from pathlib import Path
from shlex import quote

import click
from packpress.atomic import write_file
from packpress.checks.structure import refuse_misdeclared
from packpress.editing.workbook.export import write_workbook
from packpress.editing.workbook.layout import read_state
from packpress.editing.workbook.lineage import IMPORTED, forget
from packpress.editing.workbook.proposal import check_overwriting
from packpress.editing.workbook.selection import ALL, find_selection
from packpress.exit_codes import exit_plainly
from packpress.package.descriptor import DEFAULT_DESCRIPTOR, read_descriptor


@click.command()
@click.argument("descriptor", type=click.Path(path_type=Path), default=DEFAULT_DESCRIPTOR)
@click.option(
    "--output", type=click.Path(path_type=Path), help="The file; dist/<name>-workbook.xlsx by default."
)
@click.option("--source", "source_id", help="Only the rows that belong to this source.")
@click.option("--force", is_flag=True, help="Replace a workbook although it holds changes not imported yet.")
@exit_plainly
def main(descriptor: Path, output: Path | None, source_id: str | None, force: bool) -> None:
    """Write the tables of DESCRIPTOR (./datapackage.json) into a workbook for curators.

    A sheet for each table: every cell as text, lists to choose from, the passages beside the rows, and the
    keys of rows that are there locked. `import_workbook` takes it back.
    """
    package = read_descriptor(descriptor)
    refuse_misdeclared(package)
    selection = find_selection(package, read_state(package), "sources", source_id) if source_id else ALL
    name = "-".join([package.name, *([source_id] if source_id else []), "workbook.xlsx"])
    file = output or Path("dist") / name
    if file.exists() and not force:
        check_overwriting(package, file, IMPORTED)
    data, left_out = write_workbook(package, selection)
    write_file(file, data)
    forget(IMPORTED, file)
    for table, reason in left_out.items():
        click.echo(f"notice: {table} is left out: {reason}; edit its file", err=True)
    click.echo(f"{file}: written; edit it, save it, then make import WORKBOOK={quote(str(file))}")


if __name__ == "__main__":
    main()
