"""Addresses for search engines: the lasting one of a page, the list of pages, and what to leave alone."""

from collections.abc import Iterable
from itertools import islice

from datasette.app import Datasette
from datasette.utils import escape_sqlite, tilde_encode
from datasette.utils.asgi import NotFound, Request, Response
from markupsafe import Markup

from packpress.web.facts import read_facts, read_rows
from packpress.web.pages import find_pages
from packpress.web.tables.listing import list_row_tables

# As many as one file may list.
LIMIT = 50_000


def find_homepage(datasette: Datasette) -> str:
    """Where the site is at home, without a final slash; nothing when the descriptor names no place."""
    return str(datasette.metadata("homepage") or "").rstrip("/")


def lasting_address(datasette: Datasette, path: str) -> str | None:
    """Where a path of this server is at home, or None where the site is at home nowhere."""
    homepage = find_homepage(datasette)
    place = path.removeprefix(datasette.setting("base_url")).removeprefix("/")
    return f"{homepage}/{place}" if homepage else None


def canonical_address(datasette: Datasette, request: Request | None) -> str | None:
    """The lasting address of the page that is asked for, without its filters."""
    return lasting_address(datasette, request.path) if request else None


async def write_sitemap(datasette: Datasette, main_pages: Iterable[str]) -> Markup:
    """The list of every page that has a lasting address as XML, the main pages first.

    NotFound where the site is at home nowhere.
    """
    if not find_homepage(datasette):
        raise NotFound("The descriptor names no homepage, so no page has a lasting address")
    database = (await read_facts(datasette)).database
    places = [*main_pages]
    tables = datasette.metadata(database=database) or {}
    for name in (*(tables.get("tables") or ()), *(tables.get("queries") or ())):
        places.append(str(datasette.urls.table(database, name)))
    paths = find_pages(datasette).row_paths
    for table in await list_row_tables(datasette):
        if table in paths:
            continue  # listed among the pages of their own
        keys = await datasette.get_database().primary_keys(table)
        columns = ", ".join(map(escape_sqlite, keys))
        sql = f"select {columns} from {escape_sqlite(table)} order by {columns} limit {LIMIT}"
        for row in await read_rows(datasette, sql):
            place = ",".join(tilde_encode(str(row[key])) for key in keys)
            places.append(str(datasette.urls.row(database, table, place)))
    entries = (
        Markup("<url><loc>{}</loc></url>\n").format(lasting_address(datasette, place))
        for place in islice(dict.fromkeys(places), LIMIT)
    )
    return Markup('<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{}">\n{}</urlset>\n').format(
        "http://www.sitemaps.org/schemas/sitemap/0.9", Markup("").join(entries)
    )


async def show_robots(datasette: Datasette) -> Response:
    """What crawlers may ask for: every page, but not every filter of every table."""
    base = datasette.setting("base_url")
    lines = ["User-agent: *", f"Disallow: {base}*?", f"Allow: {base}-/static/"]
    if homepage := find_homepage(datasette):
        lines.append(f"Sitemap: {homepage}/sitemap.xml")
    return Response.text("\n".join(lines) + "\n")
