"""Export: every address of the site, written as a file."""

import asyncio
import hashlib
import html
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from datasette.utils import tilde_decode, tilde_encode, urlsafe_components

from packpress.console import Step
from packpress.problems import CannotRunError
from packpress.publish.archive import write_sums
from packpress.publish.build import check_output, new_folder, recover
from packpress.publish.site_file import ServedBuild, read_build
from packpress.sql import quote_identifier, quote_literal
from packpress.web.pages import Arguments, Route, load_pages
from packpress.web.routes import list_routes
from packpress.web.site import count_columns, split_origin
from packpress.web.static.pages import NowhereError, Site, Target, Writer
from packpress.web.tables.listing import list_row_tables
from packpress.web.theme import THEME

FORMATS = ("csv", "json", "parquet")
# Arguments that change only the form of a response, and arguments that need a server.
DRESS = frozenset({"_size", "_stream", "_shape", "_labels", "_nl", "_dl", "_facet_size"})
BEYOND = frozenset({"_sort", "_sort_desc", "_facet", "_facet_linked", "_all", "_search", "_where"})
WHOLE = {"csv": "_stream=on&_size=max", "json": "_shape=array&_size=max", "parquet": ""}
HIDDEN = "select type, name, sql from sqlite_schema order by type, name"
# A folder name that every file system accepts.
LONGEST_NAME = 200
# The argument of the first of several pages, which equals the page without it.
FIRST = ("from", "1")
# The addresses from which the export starts.
START = ("/",)
SEARCH = "/search"
# The folder for the files of the build, and those that are copied unchanged.
FILES = "files"
CARRIED = ("/static/", "/vendor/", "/pages/", f"/{FILES}/")


class Addresses:
    """Maps the addresses of a site to files; see `find`."""

    def __init__(
        self, site: Site, tables: dict[str, list[str]], row_tables: Sequence[str], files: frozenset[str]
    ) -> None:
        self.site = site
        self.tables = tables
        # The tables whose rows have pages.
        self.row_tables = row_tables
        # The files of the build, by path.
        self.files = files
        self.routes = [(re.compile(route.pattern), route) for route in list_routes(site.datasette)]

    async def find(self, address: str) -> Target:
        """The file for an address, with arguments if any; NowhereError when the address does not exist."""
        parts = urlsplit(address)
        path, arguments = parts.path, parse_qsl(parts.query)
        names = path.strip("/").split("/")
        for pattern, route in self.routes:
            if route.kind != "none" and pattern.fullmatch(path):
                return await self._find_route(route, path, arguments)
        if path.startswith(CARRIED):
            return Target(unquote(path.removeprefix("/")))
        if path == f"/{self.site.database}.db":
            return Target(f"{FILES}/{self.site.file}")
        if path.startswith("/-/static/"):
            return Target(path.removeprefix("/-/"), path)
        if path == f"/{self.site.database}":
            return self._find_catalogue(path, dict(parse_qsl(parts.query, keep_blank_values=True)))
        if names[0] == self.site.database:
            return await self._find_data(names[1:], arguments)
        raise NowhereError(address)

    async def _find_route(self, route: Route, path: str, arguments: Arguments) -> Target:
        if route.kind == "file" and arguments:
            raise NowhereError(path)
        if route.kind == "file":
            # Addresses below /-/ are for machines, and would need a folder for a single file.
            return Target(path.removeprefix("/-").removeprefix("/"), path)
        if path == SEARCH:
            return _search(path, arguments)
        if route.find_arguments:
            arguments = await route.find_arguments(self.site, path, arguments)
        return _page(path, [item for item in arguments if item != FIRST])

    async def _find_data(self, names: list[str], arguments: Arguments) -> Target:
        path = "/".join(["", self.site.database, *names])
        if path == self.site.pages.search.format(database=self.site.database):
            return _search(path, arguments)
        name, _, ending = names[0].rpartition(".")
        if ending not in FORMATS:
            name, ending = names[0], ""
        if len(names) == 2:
            return await self._find_row(tilde_decode(names[0]), names[1])
        if tilde_decode(name) in self.site.queries:
            return self._find_query(name, ending, arguments)
        if (table := tilde_decode(name)) in self.tables and len(names) == 1:
            return await self._find_table(table, ending, arguments)
        raise NowhereError(path)

    def _find_catalogue(self, path: str, arguments: dict[str, str]) -> Target:
        if "_show_hidden" in arguments:
            arguments = {"sql": HIDDEN}
        return self.ask(arguments) if arguments else _page(path, [])

    def ask(self, arguments: dict[str, str]) -> Target:
        """The page that runs SQL, with a statement and its values.

        With a default statement if it is empty.
        """
        query = f"?{urlencode(arguments)}" if arguments.get("sql") else ""
        return Target("sql/index.html", f"/{self.site.database}?sql=", query)

    def _find_query(self, name: str, ending: str, arguments: Arguments) -> Target:
        path = f"/{self.site.database}/{name}"
        if ending:
            dressed = [item for item in arguments if item[0] not in DRESS]
            return self._ask_query(name, dressed) if dressed else self._whole(path, ending)
        if arguments and {name for name, _ in arguments} != {"_all"}:
            return self._ask_query(name, arguments)
        return _page(path, arguments)

    def _ask_query(self, name: str, arguments: Arguments) -> Target:
        return self.ask({"sql": self.site.queries[tilde_decode(name)], **dict(arguments)})

    def _whole(self, path: str, ending: str) -> Target:
        file = f"{ending}/{tilde_decode(path.rpartition('/')[2])}.{ending}"
        if file in self.files:
            return Target(f"{FILES}/{file}")
        return Target(f"{path.removeprefix('/')}.{ending}", f"{path}.{ending}?{WHOLE[ending]}".rstrip("?"))

    async def _find_table(self, name: str, ending: str, arguments: Arguments) -> Target:
        path = f"/{self.site.database}/{tilde_encode(name)}"
        filters = sorted(item for item in arguments if item[0] not in DRESS)
        if ending and not filters:
            return self._whole(path, ending)
        if ending:
            rows = f"{_name_folder(path, filters)}/rows.{ending}"
            dress = f"&{WHOLE[ending]}" if WHOLE[ending] else ""
            return Target(rows, f"{path}.{ending}?{urlencode(filters)}{dress}")
        names = {item[0] for item in filters}
        has_pages = name == self.site.pages.browsed and not names & (self.site.pages.single | BEYOND)
        if not names or "_next" in names or has_pages:
            return _page(path, filters)
        return await self._ask_table(name, path, filters)

    async def _ask_table(self, name: str, path: str, filters: Arguments) -> Target:
        """The statement of a table page, by its columns or as on that page."""
        if not any(column.startswith("_") or "__" in column for column, _ in filters):
            return self.ask({"sql": write_statement(name, filters)})
        asked = urlencode([*filters, ("_size", "1"), ("_nofacet", "1"), ("_nocount", "1")])
        page = await self.site.fetch(f"{path}?{asked}")
        link = re.search(rf'href="/{self.site.database}\?(sql=[^"]*)"', page.text)
        if not link:
            raise NowhereError(f"{path}?{urlencode(filters)}")
        return self.ask(dict(parse_qsl(html.unescape(link[1]))))

    async def _find_row(self, table: str, row: str) -> Target:
        key, _, ending = row.rpartition(".") if row.endswith(".json") else (row, "", "")
        table = self.site.pages.aliases.get(table, table)
        path = f"/{self.site.database}/{tilde_encode(table)}/{key}"
        if table not in self.tables:
            raise NowhereError(path)
        values = urlsafe_components(key)
        has_page = table in self.row_tables and len(row) <= LONGEST_NAME
        if not has_page or not await self.site.has_row(table, values):
            names = self.tables[table] or ["rowid"]
            return self.ask({"sql": write_statement(table, [*zip(names, values, strict=False)])})
        if ending:
            return Target(f"{path.removeprefix('/')}.json", f"{path}.json?_shape=array")
        return _page(path, [])


def write_statement(table: str, filters: Arguments) -> str:
    """The statement that finds the rows of a table with these values."""
    wanted = [f"{quote_identifier(column)} = {quote_literal(value)}" for column, value in filters]
    return f"select *\nfrom {quote_identifier(table)}\nwhere " + "\n  and ".join(wanted)


def _search(path: str, arguments: Arguments) -> Target:
    """The search page, which reads the search terms in the browser."""
    return Target("search/index.html", path, f"?{urlencode(arguments)}" if arguments else "")


def _page(path: str, arguments: Arguments) -> Target:
    folder = _name_folder(path, arguments)
    query = f"?{urlencode(arguments)}" if arguments else ""
    return Target(f"{folder}/index.html".removeprefix("/"), path + query)


def _name_folder(path: str, arguments: Arguments) -> str:
    """The folder of a page: its path, and below it its arguments."""
    told = ",".join(f"{name}={tilde_encode(value)}" for name, value in sorted(arguments))
    if len(told) > LONGEST_NAME:
        told = f"={hashlib.sha256(told.encode('utf-8')).hexdigest()[:16]}"
    return f"{path.strip('/')}/{told}".strip("/")


PATH = re.compile(r"/?(?:[\w.~-]+/)*[\w.~-]*")
# The file of the build that identifies its rows.
FINGERPRINT = "LOGICAL_SHA256"
# Files that exist only if the package has a homepage.
LASTING = ("/sitemap.xml", "/robots.txt")


def export_build(folder: Path, output: Path, base_path: str, step: Step, origin: str = "") -> None:
    """Writes the site of a build into the folder `output`, which is replaced as a whole or stays as it was.

    `base_path` is the path under which a host serves the output, and `origin` the public address of the site
    if the package has no homepage. Raises CannotRunError when there is no
    build, or when the output folder has files that no export wrote.
    """
    root = read_root(base_path)
    if origin:
        split_origin(origin)
    recover(folder)
    build = read_build(folder)
    # Before anything is copied, so that errors name the original file.
    count_columns(build.database)
    recover(output)
    check_output(output, [build.database])
    with new_folder(output) as new:
        _write_folder(build, new, root, step, origin)


def read_root(base_path: str) -> str:
    """The base path with a slash at both ends; CannotRunError when it is not a path."""
    if not PATH.fullmatch(base_path):
        raise CannotRunError(f'--base-path="{base_path}": not a path; write it as /boats/')
    return f"/{base_path.strip('/')}/".replace("//", "/")


def _write_folder(build: ServedBuild, folder: Path, root: str, step: Step, origin: str) -> None:
    step("copying the build")
    shutil.copytree(build.folder, folder / FILES)
    for name in ("static", "vendor"):
        shutil.copytree(THEME / name, folder / name)
    if static := load_pages(build.extension).static:
        shutil.copytree(static, folder / "pages")
    files = frozenset(
        path.relative_to(build.folder).as_posix() for path in build.folder.rglob("*") if path.is_file()
    )
    asyncio.run(_write_pages(Site(read_build(folder / FILES).placed(origin)), folder, files, root, step))
    # So that GitHub Pages serves folders whose names begin with an underscore.
    (folder / ".nojekyll").touch()
    step("computing checksums")
    shutil.copy(build.folder / FINGERPRINT, folder)
    write_sums(folder)


async def _write_pages(site: Site, folder: Path, files: frozenset[str], root: str, step: Step) -> None:
    """Writes all pages that can be reached from the first ones."""
    tables, row_tables = await site.list_tables(), await list_row_tables(site.datasette)
    addresses = Addresses(site, tables, row_tables, files)
    starts = [*START, *(LASTING if site.homepage else ())]
    await Writer(site, addresses.find, folder, root).write_all(starts, step)
