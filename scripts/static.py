"""Command: writes the site as a folder of files that any web host can serve."""

import asyncio
import re
import shutil
from pathlib import Path

import click
from packpress.checks.report import format_text
from packpress.checks.validation import validate_package
from packpress.exit_codes import PROBLEMS, VALID, exit_plainly
from packpress.package.descriptor import DEFAULT_DESCRIPTOR, Package, read_descriptor
from packpress.problems import CannotRunError
from packpress.progress import Step, show_progress
from packpress.publish.build import Curation, build_folder
from packpress.publish.sums import write_sums
from packpress.publish.swap import check_output, new_folder, recover
from packpress.web.site import SITE
from packpress.web.static.pages import Writer
from packpress.web.static.site import Site

from scripts.curation.addresses import ROWS, START, Addresses
from scripts.curation.publishing import CURATIONS
from scripts.curation.rule_sets import RULE_SETS

# Whoever can open a page may read it.
EDITION = "quotes"
# What the browser loads as it stands.
CARRIED = ("static", "vendor")
PATH = re.compile(r"/?(?:[\w.~-]+/)*[\w.~-]*")
# Where the build stands in the folder, and what of it says which rows the folder shows.
FILES, FINGERPRINT = "files", "LOGICAL_SHA256"


@click.command()
@click.argument("descriptor", type=click.Path(path_type=Path), default=DEFAULT_DESCRIPTOR)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path("dist/static"),
    show_default=True,
    help="The folder to replace.",
)
@click.option(
    "--base-path",
    default="/",
    show_default=True,
    help="Where the host shows the folder; only the page of what is not found needs it.",
)
@exit_plainly
def main(descriptor: Path, output: Path, base_path: str) -> int:
    """Write every page of the site of DESCRIPTOR (./datapackage.json), and its data, as files.

    An invalid package is not published. The folder is replaced as a whole, or stays as it is.
    """
    package = read_descriptor(descriptor)
    root = read_root(base_path)
    if not (package.root / SITE / "templates").is_dir():
        raise CannotRunError(
            f"{package.root / SITE}: no such folder; the pages are made of what stands there"
        )
    recover(output)
    with show_progress() as step:
        step("validating")
        report = validate_package(package, RULE_SETS)
        if report.is_valid:
            check_output(output, [package.path, package.root / SITE / "templates"])
            with new_folder(output) as folder:
                curation = CURATIONS.get(package.rule_set, Curation())
                build_folder(package, report.tables, folder / FILES, EDITION, curation, step)
                write_site(package, folder, root, step)
    if not report.is_valid:
        click.echo(format_text(report), err=True)
        return PROBLEMS
    sizes = [file.stat().st_size for file in output.rglob("*") if file.is_file()]
    click.echo(f"{output}: {len(sizes):,} files, {sum(sizes):,} bytes, edition {EDITION}")
    click.echo(f"to look at it: python3 -m http.server --directory {output}")
    return VALID


def read_root(base_path: str) -> str:
    """The path with a slash at either end; CannotRunError when it is none."""
    if not PATH.fullmatch(base_path):
        raise CannotRunError(f'--base-path="{base_path}": no path of a host; write it as /ketamine-pain/')
    return f"/{base_path.strip('/')}/".replace("//", "/")


def write_site(package: Package, folder: Path, root: str, step: Step) -> None:
    """Writes the pages over the build in the folder, and what they load, into the folder."""
    for name in CARRIED:
        shutil.copytree(package.root / SITE / name, folder / name)
    build = folder / FILES
    files = frozenset(path.relative_to(build).as_posix() for path in build.rglob("*") if path.is_file())
    asyncio.run(write_pages(Site(package, build, ROWS), folder, files, root, step))
    # So that no host takes a folder for its own, whatever its name begins with.
    (folder / ".nojekyll").touch()
    step("computing checksums")
    shutil.copy(build / FINGERPRINT, folder)
    write_sums(folder)


async def write_pages(site: Site, folder: Path, files: frozenset[str], root: str, step: Step) -> None:
    """Writes all that the first pages lead to."""
    addresses = Addresses(site, await site.list_tables(), files)
    starts = [*START, *(["/sitemap.xml", "/robots.txt"] if site.homepage else [])]
    await Writer(site, addresses.find, folder, root).write_all(starts, step)


if __name__ == "__main__":
    main()
