"""Command: writes what changed in the tables since an earlier revision or release."""

import re
from pathlib import Path

import click
from packpress.atomic import write_file
from packpress.editing.diff import compare_packages, render_csv, render_markdown
from packpress.editing.history import open_revision
from packpress.exit_codes import exit_plainly
from packpress.package.descriptor import DEFAULT_DESCRIPTOR, read_descriptor


@click.command()
@click.argument("base")
@click.argument("descriptor", type=click.Path(path_type=Path), default=DEFAULT_DESCRIPTOR)
@click.option(
    "--output", type=click.Path(path_type=Path), default=Path("dist"), help="Folder for the two files."
)
@exit_plainly
def main(base: str, descriptor: Path, output: Path) -> None:
    """Compare DESCRIPTOR (./datapackage.json) with BASE, a revision of git or a zip of an earlier build.

    Rows added, rows withdrawn, and cells changed with their old and new value are written as Markdown for the
    changelog and as CSV.
    """
    package = read_descriptor(descriptor)
    with open_revision(base, package) as old:
        changes = compare_packages(old, package)
    name = re.sub(r"[^\w.-]+", "-", Path(base).name.removesuffix(".zip")) or "base"
    text = render_markdown(changes, name, package)
    write_file(output / f"changes-since-{name}.md", text.encode("utf-8"))
    write_file(output / f"changes-since-{name}.csv", render_csv(changes))
    click.echo(text, nl=False)
    click.echo(f"{output / f'changes-since-{name}'}.md and .csv written", err=True)


if __name__ == "__main__":
    main()
