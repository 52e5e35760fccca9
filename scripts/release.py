"""Command: makes a release of the data, once version, changelog, citation and identifiers are right."""

import re
import subprocess
from pathlib import Path

import click
from packpress.checks.refused import refuse
from packpress.checks.report import format_findings, list_left_out
from packpress.checks.validation import validate_package
from packpress.editing.diff import Change, compare_packages, render_markdown
from packpress.editing.history import open_revision
from packpress.editing.release import check_version, check_withdrawals, write_notes
from packpress.exit_codes import PROBLEMS, VALID, exit_plainly
from packpress.package.descriptor import DEFAULT_DESCRIPTOR, Package, build_package, read_descriptor
from packpress.progress import show_progress
from packpress.publish.archive import LICENCE
from packpress.publish.build import Curation, build_folder
from packpress.publish.edition import LEFT_OUT
from packpress.publish.readme import write_guide
from packpress.publish.swap import recover

from scripts.curation.publishing import CURATIONS
from scripts.curation.rule_sets import RULE_SETS

TAG = re.compile(r"v\d+\.\d+\.\d+")


@click.command()
@click.argument("version")
@click.argument("descriptor", type=click.Path(path_type=Path), default=DEFAULT_DESCRIPTOR)
@click.option("--base", help="The last release, as a zip or a revision of git; the newest tag v… by default.")
@click.option(
    "--source-text",
    "edition",
    type=click.Choice(list(LEFT_OUT)),
    default="quotes",
    show_default=True,
    help="How much of the sources' own words to publish.",
)
@click.option(
    "--output", type=click.Path(path_type=Path), default=Path("dist"), help="Folder for the release."
)
@exit_plainly
def main(version: str, descriptor: Path, base: str | None, edition: str, output: Path) -> int:
    """Write the release VERSION of DESCRIPTOR (./datapackage.json) as a folder of its own.

    Refused while descriptor, changelog and citation do not agree on the version, while the package is
    invalid, or while a row of the last release is gone and stands in no register.
    """
    package = read_descriptor(descriptor)
    curation = CURATIONS.get(package.rule_set, Curation())
    folder = output / f"{package.name}-{version}"
    recover(folder)
    with show_progress() as step:
        step("validating")
        report = validate_package(package, RULE_SETS)
        report.add(check_version(package, version))
        base = base or find_tag(package, version)
        changes = list_changes(package, base) if base and report.is_valid else []
        report.add(check_withdrawals(package, report.tables, changes))
        report.sort()
        if report.is_valid:
            refuse(report.notices)
            difference = render_markdown(changes, base, package) if base else ""
            files = list_files(package, edition, difference)
            notices = build_folder(package, report.tables, folder, edition, curation, step, files)
    if not report.is_valid:
        click.echo(format_findings(report), err=True)
        return PROBLEMS
    for line in list_left_out(report, notices):
        click.echo(line, err=True)
    compared = f"compared with {base}" if base else "no earlier release to compare with"
    click.echo(f"{folder}: release {version}, edition {edition}, {compared}")
    return VALID


def list_files(package: Package, edition: str, difference: str) -> dict[str, bytes]:
    """What a release holds beside a build: what is new, which file is for whom, and the licence."""
    described = build_package(package.path, {**package.raw, "edition": edition})
    texts = {"NOTES.md": write_notes(package, difference), "README.md": write_guide(described)}
    files = {name: text.encode("utf-8") for name, text in texts.items()}
    licence = package.root / LICENCE
    return files | ({LICENCE: licence.read_bytes()} if licence.is_file() else {})


def find_tag(package: Package, version: str) -> str | None:
    """The newest tag of the form v1.2.3 below the version, or None; also None without git."""
    line = ["git", "-C", str(package.root), "tag", "--list", "v*", "--merged", "HEAD"]
    try:
        done = subprocess.run(line, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    tags = [tag for tag in done.stdout.split() if TAG.fullmatch(tag) and tag != f"v{version}"]
    return max(tags, key=lambda tag: tuple(map(int, tag[1:].split("."))), default=None)


def list_changes(package: Package, base: str) -> list[Change]:
    """What changed in the rows since the last release."""
    with open_revision(base, package) as old:
        return compare_packages(old, package)


if __name__ == "__main__":
    main()
