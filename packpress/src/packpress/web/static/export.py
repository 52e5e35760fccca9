"""The export: the site over a build as a folder of files that any web host can serve."""

import asyncio
import re
import shutil
from pathlib import Path

from packpress.console import Step
from packpress.problems import CannotRunError
from packpress.publish.archive import write_sums
from packpress.publish.build import check_output, new_folder, recover
from packpress.publish.site_file import ServedBuild, read_build
from packpress.web.pages import load_pages
from packpress.web.site import count_columns
from packpress.web.static.addresses import FILES, START, Addresses
from packpress.web.static.pages import Writer
from packpress.web.static.site import Site
from packpress.web.tables.listing import list_row_tables
from packpress.web.theme import THEME

PATH = re.compile(r"/?(?:[\w.~-]+/)*[\w.~-]*")
# What of the build says which rows the folder shows.
FINGERPRINT = "LOGICAL_SHA256"
# What appears once the package has a home.
LASTING = ("/sitemap.xml", "/robots.txt")


def export_build(folder: Path, output: Path, base_path: str, step: Step) -> None:
    """Writes the site over the build in a folder into another, which is replaced as a whole or stays.

    `base_path` is where a host shows the output. CannotRunError when there is no such build, or the output
    holds what no export wrote.
    """
    root = read_root(base_path)
    recover(folder)
    build = read_build(folder)
    # Before anything is copied, so that what is wrong with the file is said of the file itself.
    count_columns(build.database)
    recover(output)
    check_output(output, [build.database])
    with new_folder(output) as new:
        _write_folder(build, new, root, step)


def read_root(base_path: str) -> str:
    """The path with a slash at either end; CannotRunError when it is none."""
    if not PATH.fullmatch(base_path):
        raise CannotRunError(f'--base-path="{base_path}": no path of a host; write it as /boats/')
    return f"/{base_path.strip('/')}/".replace("//", "/")


def _write_folder(build: ServedBuild, folder: Path, root: str, step: Step) -> None:
    step("copying the build")
    shutil.copytree(build.folder, folder / FILES)
    for name in ("static", "vendor"):
        shutil.copytree(THEME / name, folder / name)
    if static := load_pages(build.extension).static:
        shutil.copytree(static, folder / "pages")
    files = frozenset(
        path.relative_to(build.folder).as_posix() for path in build.folder.rglob("*") if path.is_file()
    )
    asyncio.run(_write_pages(Site(read_build(folder / FILES)), folder, files, root, step))
    # So that no host takes a folder for its own, whatever its name begins with.
    (folder / ".nojekyll").touch()
    step("computing checksums")
    shutil.copy(build.folder / FINGERPRINT, folder)
    write_sums(folder)


async def _write_pages(site: Site, folder: Path, files: frozenset[str], root: str, step: Step) -> None:
    """Writes all that the first pages lead to."""
    tables, row_tables = await site.list_tables(), await list_row_tables(site.datasette)
    addresses = Addresses(site, tables, row_tables, files)
    starts = [*START, *(LASTING if site.homepage else ())]
    await Writer(site, addresses.find, folder, root).write_all(starts, step)
