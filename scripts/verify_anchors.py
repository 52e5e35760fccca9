"""Command: checks a build against the original documents, even if the build leaves out their text."""

from pathlib import Path

import click
from packpress.console import PROBLEMS, VALID, exit_plainly
from packpress.package.argument import DEFAULT_DESCRIPTOR
from packpress.package.descriptor import read_descriptor
from packpress.problems import CannotRunError

from scripts.curation.anchors import verify_build


@click.command()
@click.argument("sources", type=click.Path(path_type=Path))
@click.argument("descriptor", type=click.Path(path_type=Path), default=DEFAULT_DESCRIPTOR)
@click.option(
    "--build", "output", type=click.Path(path_type=Path), default=Path("build"), help="Folder of the build."
)
@exit_plainly
def main(sources: Path, descriptor: Path, output: Path) -> int:
    """Look up every anchor of the build in the documents of the folder SOURCES.

    Documents are recognised by their SHA-256, whatever their names. Exits 1 when an anchor fails or a
    document is missing.
    """
    package = read_descriptor(descriptor)
    database = output / f"{package.database_name}.db"
    if not database.is_file():
        raise CannotRunError(f"{database}: no such database; run make build first")
    failed = False
    for source in verify_build(database, sources):
        if source.file is None:
            failed = True
            click.echo(f"{source.short_name} ({source.source_id}): no file in {sources} has its SHA-256")
            continue
        failed |= bool(source.failures)
        click.echo(
            f"{source.short_name} ({source.source_id}): {source.file}, {source.held:,} anchors hold"
            f"{f', {len(source.failures):,} fail' if source.failures else ''}"
        )
        for line in source.failures:
            click.echo(f"  {line}")
    return PROBLEMS if failed else VALID


if __name__ == "__main__":
    main()
