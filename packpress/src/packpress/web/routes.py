"""The table of addresses: Datasette, the export into files, site maps and tests read it."""

import asyncio
import re
from collections.abc import Iterator

from datasette.app import Datasette
from datasette.utils.asgi import Response

from packpress.web import security_headers, templates
from packpress.web.about import dictionary, downloads, home, linked_data, texts
from packpress.web.facts import read_facts
from packpress.web.pages import Page, Route, find_pages
from packpress.web.tables import parquet, searches
from packpress.web.tables.listing import find_browsed

HEALTH = "/-/health"
# A site that takes longer to say that it is well is not.
HEALTH_SECONDS = 1


async def show_health(datasette: Datasette) -> Response:
    """200 when the database answers in time, 503 when it does not; nobody keeps either."""
    try:
        async with asyncio.timeout(HEALTH_SECONDS):
            facts = await read_facts(datasette)
            await datasette.get_database().execute("select 1 from sqlite_schema limit 1")
    except Exception:
        # Whatever it is, the site cannot answer; what it is stands in the log of the page that failed.
        return Response.json({"ok": False}, status=503, headers={"cache-control": "no-store"})
    about = {"database": facts.database, "version": datasette.metadata("version")}
    return Response.json({"ok": True, **about}, headers={"cache-control": "no-store"})


async def show_sitemap(datasette: Datasette) -> Response:
    """Every page that has a lasting address, for search engines."""
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
    Route("/-/{name:[\\w-]+\\.(?:md|txt)}", linked_data.show_licence, "file"),
    Route("/static/site.css", templates.show_stylesheet, "file"),
    Route(downloads.MOUNT + "/{path:.+}", downloads.show_file, "none"),
    Route("/{database:[^/.]+}.db", downloads.show_database, "none"),
    Route(HEALTH, show_health, "none"),
)
# Datasette's own addresses that are answered otherwise; expressions, as they are no single path.
OVER_DATASETTE: tuple[tuple[str, Page], ...] = (
    (security_headers.CLOSED, security_headers.refuse),
    # Before Datasette's own, which would first make a page; a row has no page to spare.
    (r"^/(?P<database>[^/.]+)(?:/(?P<table>[^/.]+))?\.parquet$", parquet.show_parquet),
    # Datasette's own page of a database, to which ours hands over, asks for the format too.
    (r"^/(?P<database>[^/.]+)(?P<format>)$", dictionary.show_catalogue),
)
# What stands beside the database at the top of the site, and of the folder that it is written into.
OWN_NAMES = frozenset(route.path.split("/")[1] for route in ROUTES) | {"pages", "sql", "static", "vendor"}


# Formats that Datasette writes without a renderer.
UNRENDERED = frozenset({"csv", "jsono"})


def match_unknown_formats(datasette: Datasette) -> str:
    """The expression for addresses of data in a format that nothing here writes.

    Datasette would show the page there a second time, or fail to make it.
    """
    database = re.escape(datasette.get_database().route)
    formats = "|".join(map(re.escape, sorted(UNRENDERED | datasette.renderers.keys())))
    return rf"^/{database}(?:/[^/]+){{0,2}}\.(?!(?:{formats})$)\w+$"


def name_database(name: str) -> str:
    """What a database is called in addresses: by plain signs, and not as the site calls something itself.

    Datasette writes the name as it is into some links, and takes one that begins with _ for its own.

    >>> name_database("ketch.v1"), name_database("_internal"), name_database("search")
    ('ketch_v1', 'internal', 'search_data')
    """
    plain = re.sub(r"[^\w-]", "_", name, flags=re.ASCII).strip("_") or "data"
    return f"{plain}_data" if plain.lower() in OWN_NAMES else plain


def list_routes(datasette: Datasette) -> Iterator[Route]:
    """Every address of the site, those of the extension first."""
    yield from find_pages(datasette).routes
    yield from ROUTES


async def list_main_pages(datasette: Datasette) -> list[str]:
    """The addresses that every page leads to: pages, texts, the database, the table that people browse."""
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
