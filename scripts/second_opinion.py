"""Command: runs frictionless as an independent second validator."""

from importlib.metadata import version
from pathlib import Path

import click
from packpress.console import PROBLEMS, VALID, exit_plainly
from packpress.package.argument import DEFAULT_DESCRIPTOR
from packpress.package.document import read_document


@click.command()
@click.argument("descriptor", type=click.Path(path_type=Path), default=DEFAULT_DESCRIPTOR)
@exit_plainly
def main(descriptor: Path) -> int:
    """Run frictionless on DESCRIPTOR (./datapackage.json) and print what it finds, one line each."""
    import frictionless  # half a second to import, so only once the arguments are known to be valid

    read_document(descriptor)
    report = frictionless.validate(str(descriptor), type="package")
    faults = report.flatten(["rowNumber", "fieldName", "message"])
    for error in report.errors:
        click.echo(f"frictionless: {error.message}")
    for task in report.tasks:
        for error in task.errors:
            click.echo(f"frictionless: {task.place}: {error.message}")
    click.echo(
        f"frictionless {version('frictionless')}: {'valid' if report.valid else f'{len(faults)} problems'}"
    )
    return VALID if report.valid else PROBLEMS


if __name__ == "__main__":
    main()
