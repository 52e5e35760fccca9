"""The table of routes, which Datasette, the static export, sitemaps and tests share."""

import asyncio
import re
from collections.abc import Iterator

from datasette.app import Datasette
from datasette.utils import escape_sqlite, tilde_encode
from datasette.utils.asgi import Response

from packpress.web import security_headers, templates
from packpress.web.about import dictionary, downloads, home, linked_data, texts
from packpress.web.facts import read_facts
from packpress.web.pages import Page, Route, find_pages
from packpress.web.tables import answer_files, searches
from packpress.web.tables.listing import find_browsed, list_row_tables

HEALTH = "/-/health"
# A site that takes longer to answer is not healthy.
HEALTH_SECONDS = 1


async def show_health(datasette: Datasette) -> Response:
    """Answers 200 when the database answers in time, and 503 when it does not; neither may be cached."""
    try:
        async with asyncio.timeout(HEALTH_SECONDS):
            facts = await read_facts(datasette)
            await datasette.get_database().execute("select 1 from sqlite_schema limit 1")
    except Exception:
        # Whatever the reason, the site cannot answer; the page that failed has logged it.
        return Response.json({"ok": False}, status=503, headers={"cache-control": "no-store"})
    about = {"database": facts.database, "version": datasette.metadata("version")}
    return Response.json({"ok": True, **about}, headers={"cache-control": "no-store"})


async def show_sitemap(datasette: Datasette) -> Response:
    """The sitemap of all pages with a permanent address."""
    pages = await linked_data.write_sitemap(datasette, await list_main_pages(datasette))
    return Response(pages, content_type="application/xml; charset=utf-8")


ROUTES = (
    Route("/", home.show_home, is_listed=True),
    Route("/search", searches.show_search),
    Route("/dictionary", dictionary.show_dictionary, is_listed=True),
    Route("/downloads", downloads.show_downloads, is_listed=True),
    Route("/method", texts.show_text, list_paths=texts.list_paths),
    Route("/method/{name}", texts.show_text),
    Route("/sitemap.xml", show_sitemap, "file"),
    Route("/robots.txt", linked_data.show_robots, "file"),
    Route("/-/datapackage.json", linked_data.show_descriptor, "file"),
    Route("/-/croissant.json", linked_data.show_croissant, "file"),
    Route(f"/-/{{name:{linked_data.LICENCE}}}", linked_data.show_licence, "file"),
    Route("/favicon.ico", home.show_icon, "none"),
    Route("/static/favicon.svg", home.show_icon, "file"),
    Route("/static/site.css", templates.show_stylesheet, "file"),
    Route(downloads.MOUNT + "/{path:.+}", downloads.show_file, "none"),
    Route("/{database:[^/.]+}.db", downloads.show_database, "none"),
    Route(HEALTH, show_health, "none"),
)
# Addresses of Datasette that we answer instead, as regular expressions.
OVER_DATASETTE: tuple[tuple[str, Page], ...] = (
    (security_headers.CLOSED, security_headers.refuse),
    # Before Datasette's own route, which would render a page first; a row page is not needed for this.
    (r"^/(?P<database>[^/.]+)(?:/(?P<table>[^/.]+))?\.parquet$", answer_files.show_parquet),
    # Datasette's own page of a database, to which ours hands over, needs the format as well.
    (r"^/(?P<database>[^/.]+)(?P<format>)$", dictionary.show_catalogue),
)
# Names at the top level of the site, and of its static export, besides the database.
OWN_NAMES = frozenset(route.path.split("/")[1] for route in ROUTES) | {"pages", "sql", "static", "vendor"}


# Formats that Datasette writes without a renderer.
UNRENDERED = frozenset({"csv", "jsono"})


def match_unknown_formats(datasette: Datasette) -> str:
    """The regular expression for data in formats that do not exist.

    Datasette would render the page a second time there, or fail to.
    """
    database = re.escape(datasette.get_database().route)
    formats = "|".join(map(re.escape, sorted(UNRENDERED | datasette.renderers.keys())))
    return rf"^/{database}(?:/[^/]+){{0,2}}\.(?!(?:{formats})$)\w+$"


def match_lists(datasette: Datasette) -> str:
    """The regular expression for lists of rows, in any format; queries and files have such addresses too."""
    database = re.escape(datasette.get_database().route)
    return rf"^/(?P<database>{database})/(?P<table>[^/.]+)(?:\.(?P<format>\w+))?$"


def match_rows(datasette: Datasette) -> str:
    """The regular expression for rows, in any format."""
    database = re.escape(datasette.get_database().route)
    return rf"^/(?P<database>{database})/(?P<table>[^/]+?)/(?P<pks>[^/]+?)(?:\.(?P<format>\w+))?$"


def name_database(name: str) -> str:
    """The name of a database in addresses: of plain characters, and different from our top-level names.

    Datasette writes the name unescaped into some links, and treats names that begin with _ as its own.

    >>> name_database("ketch.v1"), name_database("_internal"), name_database("search")
    ('ketch_v1', 'internal', 'search_data')
    """
    plain = re.sub(r"[^\w-]", "_", name, flags=re.ASCII).strip("_") or "data"
    return f"{plain}_data" if plain.lower() in OWN_NAMES else plain


def list_routes(datasette: Datasette) -> Iterator[Route]:
    """All routes of the site, those of the extension first."""
    yield from find_pages(datasette).routes
    yield from ROUTES


async def list_main_pages(datasette: Datasette) -> list[str]:
    """The addresses that every page links to: pages, texts, the database, and the table to browse."""
    paths = ["/"]
    for route in list_routes(datasette):
        paths += [route.path] if route.is_listed else []
        paths += await route.list_paths(datasette) if route.list_paths else []
    database = (await read_facts(datasette)).database
    places = [datasette.urls.path(path) for path in dict.fromkeys(paths)]
    places.append(datasette.urls.database(database))
    if browsed := await find_browsed(datasette):
        places.append(datasette.urls.table(database, browsed))
    return list(map(str, places))


async def list_first_rows(datasette: Datasette) -> list[str]:
    """The address of one row of each table whose rows have pages."""
    database, found = datasette.get_database(), []
    for table in await list_row_tables(datasette):
        keys = await database.primary_keys(table)
        columns = ", ".join(map(escape_sqlite, keys))
        rows = await database.execute(f"select {columns} from {escape_sqlite(table)} limit 1")
        for row in rows.rows:
            place = ",".join(tilde_encode(str(key)) for key in row)
            found.append(str(datasette.urls.row(database.name, table, place)))
    return found
