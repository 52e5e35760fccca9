"""Command: rewrites every table as canonical CSV, so that a difference shows only meaning."""

from functools import partial
from pathlib import Path

import click
from packpress.atomic import write_file
from packpress.editing.format import can_rewrite, describe_rewriting, read_exact_records, rewrite
from packpress.exit_codes import PROBLEMS, VALID, exit_plainly
from packpress.package.descriptor import DEFAULT_DESCRIPTOR, Package, read_descriptor
from packpress.package.resource import Resource


@click.command()
@click.argument("descriptor", type=click.Path(path_type=Path), default=DEFAULT_DESCRIPTOR)
@click.option("--check", is_flag=True, help="Change nothing; exit 1 when a table is not canonical.")
@exit_plainly
def main(descriptor: Path, check: bool) -> int:
    """Write each table of DESCRIPTOR (./datapackage.json) in its one canonical form.

    UTF-8 without a byte order mark, line feeds, commas, as few quotes as possible, rows sorted by
    key. Says which files it changed, and what in them.
    """
    package = read_descriptor(descriptor)
    changes = [change for resource in package.resources for change in find_changes(package, resource)]
    for path, data, what in changes:
        if check:
            click.echo(f"{path}: not in canonical form, which has {what}; run make format")
        else:
            write_file(package.root / path, data)
            click.echo(f"{path}: formatted: {what}")
    if not changes:
        click.echo("every table is in canonical form")
    return PROBLEMS if check and changes else VALID


def find_changes(package: Package, resource: Resource) -> list[tuple[str, bytes, str]]:
    """Path, canonical bytes and what is new in them, of each file of a table that has others.

    Raises CannotRunError when a file cannot be read or its header is not the declared one.
    """
    changes = []
    for path in filter(partial(can_rewrite, resource), resource.paths):
        records = read_exact_records(package, resource, path)
        data, old = rewrite(resource, path, records), (package.root / path).read_bytes()
        if data != old:
            changes.append((path, data, ", ".join(describe_rewriting(resource, records, old, data))))
    return changes


if __name__ == "__main__":
    main()
