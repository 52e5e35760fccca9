"""Command: checks a data package against its descriptor and, when it asks for them, the curation rules."""

import sys
from pathlib import Path

import click
from packpress.checks.report import FORMATS, format_text, is_coloured, paint_for_terminal
from packpress.checks.validation import validate_package
from packpress.exit_codes import PROBLEMS, VALID, exit_plainly
from packpress.package.descriptor import DEFAULT_DESCRIPTOR, read_descriptor
from packpress.progress import show_progress

from scripts.curation.rule_sets import RULE_SETS


@click.command()
@click.argument("descriptor", type=click.Path(path_type=Path), default=DEFAULT_DESCRIPTOR)
@click.option(
    "--format", "form", type=click.Choice(list(FORMATS)), default="text", help="How the report is printed."
)
@click.option("--allow-remote", is_flag=True, help="Fetch what the descriptor names on the web.")
@exit_plainly
def main(descriptor: Path, form: str, allow_remote: bool) -> int:
    """Check the data package that DESCRIPTOR (./datapackage.json) declares.

    Exits 0 when it is valid, 1 when there are problems, 2 when it cannot be checked.
    Notices never change that.
    """
    with show_progress() as step:
        if allow_remote:
            from packpress.package.remote import Downloads  # takes long to import, and few need it

            with Downloads() as downloads:
                report = validate_package(read_descriptor(descriptor, downloads.fetch), RULE_SETS, step)
        else:
            report = validate_package(read_descriptor(descriptor), RULE_SETS, step)
    if form == "text" and is_coloured(sys.stdout.isatty()):
        click.echo(format_text(report, paint_for_terminal), color=True)
    else:
        click.echo(FORMATS[form](report))
    return VALID if report.is_valid else PROBLEMS


if __name__ == "__main__":
    main()
