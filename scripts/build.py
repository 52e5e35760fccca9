"""Command: publishes a valid data package as SQLite, Parquet, CSV, XLSX and zip, with checksums."""

from dataclasses import replace
from pathlib import Path

import click
from packpress.checks.refused import refuse
from packpress.checks.report import format_findings, list_left_out
from packpress.checks.validation import validate_package
from packpress.exit_codes import PROBLEMS, VALID, exit_plainly
from packpress.package.descriptor import DEFAULT_DESCRIPTOR, build_package, read_descriptor
from packpress.progress import show_progress
from packpress.publish.build import Curation, build_folder
from packpress.publish.edition import LEFT_OUT
from packpress.publish.swap import is_build, recover

from scripts.curation.publishing import CURATIONS
from scripts.curation.rule_sets import RULE_SETS

PUBLISHED, DRAFTS = Path("build"), Path("dist/drafts")


@click.command()
@click.argument("descriptor", type=click.Path(path_type=Path), default=DEFAULT_DESCRIPTOR)
@click.option("--output", type=click.Path(path_type=Path), help="The folder to replace; build by default.")
@click.option(
    "--source-text",
    "edition",
    type=click.Choice(list(LEFT_OUT)),
    default="full",
    help="How much of the sources' own words to publish.",
)
@click.option("--drafts", is_flag=True, help="Build sources in progress too, into dist/drafts by default.")
@exit_plainly
def main(descriptor: Path, output: Path | None, edition: str, drafts: bool) -> int:
    """Publish the data package that DESCRIPTOR (./datapackage.json) declares.

    An invalid package is not published. The folder is replaced as a whole, or stays as it is.
    """
    package = read_descriptor(descriptor)
    curation = CURATIONS.get(package.rule_set, Curation())
    if drafts:
        curation = replace(curation, select_rows=Curation.select_rows)
        package = build_package(package.path, {**package.raw, "version": f"{package.version}-drafts"})
    output = output or (DRAFTS if drafts else PUBLISHED)
    recover(output)
    with show_progress() as step:
        step("validating")
        report = validate_package(package, RULE_SETS)
        if report.is_valid:
            refuse(report.notices)
            notices = build_folder(package, report.tables, output, edition, curation, step)
    if not report.is_valid:
        click.echo(format_findings(report), err=True)
        if is_build(output):
            click.echo(f"{output}: still holds the last good build", err=True)
        return PROBLEMS
    for line in list_left_out(report, notices):
        click.echo(line, err=True)
    for path in sorted(output.iterdir()):
        click.echo(describe_output(path))
    return VALID


def describe_output(path: Path) -> str:
    """One line about a file or a folder of a build: its path and its size."""
    if path.is_file():
        return f"{path}: {path.stat().st_size:,} bytes"
    sizes = [file.stat().st_size for file in path.iterdir()]
    return f"{path}: {len(sizes)} files, {sum(sizes):,} bytes"


if __name__ == "__main__":
    main()
