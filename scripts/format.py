"""Command: rewrites every table as canonical CSV, so that a difference shows only meaning."""

from pathlib import Path

import click

from scripts.lib.canonical import canonical_bytes
from scripts.lib.command import PROBLEMS, VALID, exit_plainly
from scripts.lib.descriptor import DEFAULT_DESCRIPTOR, Package, read_descriptor
from scripts.lib.files import write_file
from scripts.lib.resource import Resource
from scripts.lib.tables import read_exact_records


@click.command()
@click.argument("descriptor", type=click.Path(path_type=Path), default=DEFAULT_DESCRIPTOR)
@click.option("--check", is_flag=True, help="Change nothing; exit 1 when a table is not canonical.")
@exit_plainly
def main(descriptor: Path, check: bool) -> int:
    """Write each table of DESCRIPTOR (./datapackage.json) in its one canonical form.

    UTF-8 without a byte order mark, line feeds, commas, as few quotes as possible, rows sorted by
    key. Says which files it changed.
    """
    package = read_descriptor(descriptor)
    changes = [change for resource in package.resources for change in find_changes(package, resource)]
    for path, data in changes:
        if check:
            click.echo(f"{path}: not in canonical form; run make format")
        else:
            write_file(package.root / path, data)
            click.echo(f"{path}: formatted")
    if not changes:
        click.echo("every table is in canonical form")
    return PROBLEMS if check and changes else VALID


def find_changes(package: Package, resource: Resource) -> list[tuple[str, bytes]]:
    """Path and canonical bytes of each file of a table that is not canonical; compressed ones stay.

    Raises CannotRunError when a file cannot be read or its header is not the declared one.
    """
    changes = []
    for path in resource.paths:
        if resource.compression_of(path):
            continue
        data = canonical_bytes(resource, read_exact_records(package, resource, path))
        if data != (package.root / path).read_bytes():
            changes.append((path, data))
    return changes


if __name__ == "__main__":
    main()
