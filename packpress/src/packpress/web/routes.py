"""The table of addresses: Datasette, the export into files, site maps and tests read it."""

from collections.abc import Iterator

from datasette.app import Datasette

from packpress.web import policy
from packpress.web.about import (
    catalogue,
    dictionary,
    downloads,
    home,
    linked_data,
    sitemap,
    stylesheet,
    texts,
)
from packpress.web.pages import Page, Route, find_pages
from packpress.web.serving import health
from packpress.web.tables import parquet, searches

ROUTES = (
    Route("/", home.show_home, is_listed=True),
    Route("/search", searches.show_search),
    Route("/dictionary", dictionary.show_dictionary, is_listed=True),
    Route("/downloads", downloads.show_downloads, is_listed=True),
    Route("/method", texts.show_text, list_paths=texts.list_paths),
    Route("/method/{name}", texts.show_text),
    Route("/sitemap.xml", sitemap.show_sitemap, "file"),
    Route("/robots.txt", sitemap.show_robots, "file"),
    Route("/-/datapackage.json", linked_data.show_descriptor, "file"),
    Route("/-/{name:[\\w-]+\\.(?:md|txt)}", linked_data.show_licence, "file"),
    Route("/static/site.css", stylesheet.show_stylesheet, "file"),
    Route(downloads.MOUNT + "/{path:.+}", downloads.show_file, "none"),
    Route("/{database:[^/.]+}.db", downloads.show_database, "none"),
    Route(health.PATH, health.show_health, "none"),
)
# Datasette's own addresses that are answered otherwise; expressions, as they are no single path.
OVER_DATASETTE: tuple[tuple[str, Page], ...] = (
    (policy.CLOSED, policy.refuse),
    # Before Datasette's own, which would first make a page; a row has no page to spare.
    (r"^/(?P<database>[^/.]+)(?:/(?P<table>[^/.]+))?\.parquet$", parquet.show_parquet),
    # Datasette's own page of a database, to which ours hands over, asks for the format too.
    (r"^/(?P<database>[^/.]+)(?P<format>)$", catalogue.show_catalogue),
)


def list_routes(datasette: Datasette) -> Iterator[Route]:
    """Every address of the site, those of the extension first."""
    yield from find_pages(datasette).routes
    yield from ROUTES


async def list_main_paths(datasette: Datasette) -> list[str]:
    """The paths that every page leads to, and what stands in their families."""
    paths = ["/"]
    for route in list_routes(datasette):
        paths += [route.path] if route.is_listed else []
        paths += await route.list_paths(datasette) if route.list_paths else []
    return list(dict.fromkeys(paths))
