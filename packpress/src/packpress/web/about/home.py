"""The home page of any package: what it is, what it contains, and how to download it."""

from dataclasses import dataclass
from typing import Any

from datasette.app import Datasette
from datasette.utils import escape_sqlite
from datasette.utils.asgi import Request, Response

from packpress.publish.catalogues.citation import CITATION
from packpress.publish.catalogues.schema_org import cite_package
from packpress.web.about.dictionary import list_contents
from packpress.web.about.downloads import list_downloads
from packpress.web.about.linked_data import list_files, read_model, read_package
from packpress.web.about.texts import list_paths
from packpress.web.facts import Row, ask_once, read_facts, read_rows
from packpress.web.pages import find_pages
from packpress.web.tables.listing import find_browsed, list_shown_tables
from packpress.web.tables.searches import list_searched
from packpress.web.theme import THEME

# Files of the build that contain everything, by extension.
WHOLE = {".zip": "Data Package, zipped", ".db": "SQLite, with views and search", ".xlsx": "Workbook (XLSX)"}


# The file of the icon, in the folder of static files.
ICON = "favicon.svg"
# Nobody picks from a list that is longer than this.
MOST_OPTIONS = 1000


@dataclass(frozen=True)
class Offer:
    """Everything in one format: the address and the size in bytes."""

    name: str
    url: str
    size: int


async def show_home(request: Request, datasette: Datasette) -> Response:
    """The home page; it replaces Datasette's, which would query every table first."""
    contents = await list_contents(datasette)
    tables = {table["name"]: table for table in contents["tables"]}
    context = {
        "metadata": datasette.metadata(),
        "contents": contents,
        "tables": [tables[name] for name in await list_shown_tables(datasette)],
        "package": await read_package(datasette),
        "browsed": await find_browsed(datasette),
        "citation": cite_package(await read_model(datasette)),
        "citation_url": next((file.url for file in await list_files(datasette) if file.path == CITATION), ""),
    }
    return Response.html(await datasette.render_template("index.html", context, request=request))


@ask_once
async def list_offers(datasette: Datasette) -> list[Offer]:
    """The formats in which everything can be downloaded; none when the database is served alone."""
    files = [file for group in (await list_downloads(datasette)).values() for file in group]
    whole = [
        Offer(name, file.url, file.size)
        for ending, name in WHOLE.items()
        for file in files
        if "/" not in file.path and file.path.endswith(ending)
    ]
    page = str(datasette.urls.path("/downloads"))
    apart = []
    for form, name in (("csv", "CSV"), ("parquet", "Parquet")):
        sizes = [
            file.size for file in files if file.path.startswith(f"{form}/") and file.path.endswith(f".{form}")
        ]
        if sizes:
            tables = f"{len(sizes)} table{'s' if len(sizes) != 1 else ''}"
            apart.append(Offer(f"{tables} as {name}", page, sum(sizes)))
    return whole + apart


async def list_options(datasette: Datasette, parameter: str) -> list[Row]:
    """The values that a query parameter can take, with their labels; none when it is free text."""
    facts = await read_facts(datasette)
    table = facts.key_tables.get(parameter)
    if not table:
        return []
    label = datasette.table_metadata(facts.database, table).get("label_column") or parameter
    value, shown, options = map(escape_sqlite, (parameter, label, table))
    rows = await read_rows(
        datasette,
        f"select {value} as value, {shown} as label from {options} order by 2 limit {MOST_OPTIONS + 1}",
    )
    return rows if len(rows) <= MOST_OPTIONS else []


@ask_once
async def list_navigation(datasette: Datasette) -> list[tuple[str, str]]:
    """The labels and addresses of the navigation."""
    database = (await read_facts(datasette)).database
    if navigation := find_pages(datasette).navigation:
        return [
            (label, str(datasette.urls.path(path.format(database=database)))) for label, path in navigation
        ]
    browsed = await find_browsed(datasette)
    title = datasette.table_metadata(database, browsed).get("title") or browsed if browsed else ""
    ways = [(title, datasette.urls.table(database, browsed))] if browsed else []
    ways += [("Data", datasette.urls.database(database))]
    ways += [("Method", datasette.urls.path(path)) for path in (await list_paths(datasette))[:1]]
    ways += [
        ("Dictionary", datasette.urls.path("/dictionary")),
        ("Downloads", datasette.urls.path("/downloads")),
    ]
    return [(label, str(path)) for label, path in ways]


async def show_icon(datasette: Datasette) -> Response:
    """The icon of the site: that of the extension, or our own."""
    folders = (find_pages(datasette).static, THEME / "static")
    file = next(folder / ICON for folder in folders if folder and (folder / ICON).is_file())
    return Response(file.read_text(encoding="utf-8"), content_type="image/svg+xml")


@ask_once
async def list_sections(datasette: Datasette) -> dict[str, str]:
    """The address of the entry of the navigation to which each address, and what is below it, belongs."""
    database = (await read_facts(datasette)).database
    sections = {path: path for _, path in await list_navigation(datasette)}

    def find_address(path: str) -> str:
        return str(datasette.urls.path(path.format(database=database))) if path else ""

    for path, entry in find_pages(datasette).sections.items():
        sections[find_address(path)] = find_address(entry)
    return sections


async def find_section(datasette: Datasette, path: str) -> str:
    """The address of the entry of the navigation to which a page belongs; empty when it belongs to none."""
    sections = await list_sections(datasette)
    while path:
        if path in sections:
            return sections[path]
        path = path.rpartition("/")[0]
    return ""


@ask_once
async def find_search(datasette: Datasette) -> dict[str, Any] | None:
    """The address of the search in the header, with a placeholder; None when there is no search."""
    pages, database = find_pages(datasette), (await read_facts(datasette)).database
    if pages.search:
        path = pages.search.format(database=database)
    elif await list_searched(datasette):
        path = "/search"
    else:
        return None
    return {"url": str(datasette.urls.path(path)), "placeholder": pages.placeholder or "Words"}
