"""Linked data: schema.org descriptions of the data set, the descriptor, and the sitemap."""

import json
import re
import zipfile
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from datasette.app import Datasette
from datasette.utils import escape_sqlite, tilde_encode
from datasette.utils.asgi import NotFound, Request, Response
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from packpress.package.descriptor import Package, build_package
from packpress.publish.archive import NOT_CARRIED
from packpress.publish.catalogues.croissant import CROISSANT
from packpress.publish.catalogues.croissant import VERSION as CROISSANT_VERSION
from packpress.publish.catalogues.schema_org import (
    Json,
    Locate,
    describe_licences,
    describe_package,
    describe_terms,
    without_empty,
)
from packpress.publish.site_file import SITE_FILE, read_build
from packpress.web.about.dictionary import DescribedTable, read_dictionary
from packpress.web.about.downloads import Download, find_folder, list_downloads
from packpress.web.facts import ask_once, read_facts, read_rows
from packpress.web.pages import find_pages
from packpress.web.security_headers import MEDIA_TYPES
from packpress.web.tables.listing import find_browsed, list_row_tables

# The limit of one sitemap (https://www.sitemaps.org/protocol.html).
LIMIT = 50_000


def find_homepage(datasette: Datasette) -> str:
    """The public address of the site, without a final slash; empty when the descriptor has no homepage."""
    return str(datasette.metadata("homepage") or "").rstrip("/")


def lasting_address(datasette: Datasette, path: str) -> str | None:
    """The permanent address of a path of this server, or None when the site has no homepage."""
    homepage = find_homepage(datasette)
    place = path.removeprefix(datasette.setting("base_url")).removeprefix("/")
    return f"{homepage}/{place}" if homepage else None


def canonical_address(datasette: Datasette, request: Request | None) -> str | None:
    """The permanent address of the requested page, without its filters."""
    return lasting_address(datasette, request.path) if request else None


def find_picture(datasette: Datasette, request: Request | None) -> str | None:
    """The lasting address of the picture of a page for other sites; None without a picture or a homepage."""
    pages = find_pages(datasette)
    name = pages.find_picture(datasette, request.path) if request and pages.find_picture else ""
    return lasting_address(datasette, f"/pages/{name}") if name else None


# What says best what a page holds: its first paragraph, or the words that it quotes.
SUMMARIES = (
    re.compile(r'(?s)<p class="[^"]*\blede\b[^"]*"[^>]*>(.*?)</p>'),
    re.compile(r"(?s)<mark[^>]*>(.*?)</mark>"),
)
# Search engines and other sites show no more.
LONGEST_SUMMARY = 200


def summarize(content: str) -> str:
    """The summary of a page in one line, from its content; empty when the page does not begin with one.

    >>> summarize('<h1>Boats</h1><p class="lede">Eight boats,<br> &amp; more.</p>')
    'Eight boats, & more.'
    """
    for pattern in SUMMARIES:
        if found := pattern.search(content):
            words = " ".join(Markup(found[1]).striptags().split())
            return (
                words if len(words) <= LONGEST_SUMMARY else f"{words[:LONGEST_SUMMARY].rsplit(' ', 1)[0]} …"
            )
    return ""


async def write_sitemap(datasette: Datasette, main_pages: Iterable[str]) -> Markup:
    """The XML sitemap of all pages with a permanent address, main pages first.

    Raises NotFound when the site has no homepage.
    """
    if not find_homepage(datasette):
        raise NotFound("The descriptor has no homepage, so the pages have no permanent address")
    database = (await read_facts(datasette)).database
    places = [*main_pages]
    tables = datasette.metadata(database=database) or {}
    for name in (*(tables.get("tables") or ()), *(tables.get("queries") or ())):
        places.append(str(datasette.urls.table(database, name)))
    paths = find_pages(datasette).row_paths
    for table in await list_row_tables(datasette):
        if table in paths:
            continue  # listed among the extension's pages
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
    """robots.txt: every page may be crawled, but not every filter of every table."""
    base = datasette.setting("base_url")
    lines = ["User-agent: *", f"Disallow: {base}*?", f"Allow: {base}-/static/"]
    if homepage := find_homepage(datasette):
        lines.append(f"Sitemap: {homepage}/sitemap.xml")
    return Response.text("\n".join(lines) + "\n")


CONTEXT = "https://schema.org/"
# Properties of the source files, which do not apply to rows from the database.
OF_FILES = frozenset({"bytes", "hash", "dialect", "encoding", "compression"})
# The names of licences beside the descriptor that the route for them serves.
LICENCE = r"[\w-]+\.(?:md|txt)|LICEN[CS]E|COPYING"

# Extensions of the files that contain all tables.
WHOLE = (".db", ".xlsx", ".zip")


@ask_once
async def read_package(datasette: Datasette) -> Json:
    """The properties of the package as in its descriptor, without resources."""
    rows = await read_rows(datasette, "select property, value from package")
    return {row["property"]: _read_value(row["value"]) for row in rows}


def _read_value(text: str) -> Any:
    try:
        return json.loads(text) if text[:1] in "[{" else text
    except ValueError:
        # For example, a title that begins with a bracket.
        return text


@ask_once
async def read_model(datasette: Datasette) -> Package:
    """The package as its build has it, or as the data dictionary of a database on its own describes it."""
    folder = find_folder(datasette)
    if (folder / SITE_FILE).is_file():
        return read_build(folder).package
    tables = [
        {"name": table.name, "path": f"{table.name}.csv", "schema": {"fields": _list_copied(table)}}
        for table in (await read_dictionary(datasette)).values()
    ]
    raw = await read_package(datasette)
    return build_package(folder / "datapackage.json", {**raw, "resources": tables})


def _list_copied(table: DescribedTable) -> list[Json]:
    rows = (column.row for column in table.columns)
    return [
        {"name": row["field_name"], "verbatim": "quote"}
        for row in rows
        if row["verbatim"] and not row["left_out"]
    ]


# What was written for each page, by the address of the server and the name of the table.
_WRITTEN: WeakKeyDictionary[Datasette, dict[tuple[str, str], Markup]] = WeakKeyDictionary()
MOST_WRITTEN = 200


async def write_description(datasette: Datasette, request: Request, name: str = "") -> Markup:
    """The schema.org description of a table, or of the package, as JSON; empty when there is none."""
    written = _WRITTEN.setdefault(datasette, {})
    key = (f"{request.scheme}://{request.host}", name)
    if key not in written:
        asked = describe_table(datasette, request, name) if name else describe_dataset(datasette, request)
        described = await asked
        if len(written) == MOST_WRITTEN:
            # A server may be reached by any number of names.
            written.clear()
        written[key] = write_json(described) if described else Markup("")
    return written[key]


async def write_row_description(
    datasette: Datasette, request: Request, name: str, keys: Sequence[str], label: str
) -> Markup:
    """The schema.org description of what the page of a row shows, as JSON; empty when its table has none."""
    described = await describe_row(datasette, request, name, keys, label)
    return write_json(described) if described else Markup("")


def write_json(described: Json) -> Markup:
    """The description as JSON that can stand in a page."""
    return htmlsafe_json_dumps(described, sort_keys=True)


def find_licence(datasette: Datasette, path: str) -> str:
    """The path at which this server has a licence; empty when it has no such file."""
    if not re.fullmatch(LICENCE, path) or not (find_folder(datasette) / path).is_file():
        return ""
    return str(datasette.urls.path(f"/-/{path}"))


def _locate(datasette: Datasette, request: Request) -> Locate:
    """The function that says at which address this server has a licence; the empty string for none."""

    def locate(path: str) -> str:
        found = find_licence(datasette, path)
        return str(datasette.absolute_url(request, found)) if found else ""

    return locate


async def describe_dataset(datasette: Datasette, request: Request) -> Json:
    """The package as a schema.org Dataset with its files, for the home page."""
    package = await read_model(datasette)
    tables = await read_dictionary(datasette)
    browsed = tables.get(await find_browsed(datasette))
    description = describe_package(package, _locate(datasette, request)) | {
        "url": _find_address(datasette, request, datasette.urls.path("/")),
        "distribution": [
            _describe_file(datasette, request, file)
            for file in await list_files(datasette)
            if file.path.endswith(WHOLE)
        ],
        "variableMeasured": _describe_columns(browsed) if browsed else [],
        "hasPart": [
            {"@type": "Dataset", "name": table.row["title"], "description": table.row["description"]}
            | {"url": await _table_address(datasette, request, table.name)}
            for table in tables.values()
            if table.row["description"]
        ],
    }
    return without_empty({"@context": CONTEXT, "@type": "Dataset", **description})


async def describe_table(datasette: Datasette, request: Request, name: str) -> Json | None:
    """One table as a part of the package; None when it is not in the dictionary."""
    table = (await read_dictionary(datasette)).get(name)
    if not table or not table.row["description"]:
        return None
    description = await describe_terms_of(datasette, request, name) | {
        "name": table.row["title"],
        "description": table.row["description"],
        "url": await _table_address(datasette, request, name),
        "isPartOf": await _name_dataset(datasette, request),
        "distribution": [
            _describe_file(datasette, request, file)
            for file in await list_files(datasette)
            if file.path in (f"csv/{name}.csv", f"parquet/{name}.parquet")
        ],
        "variableMeasured": _describe_columns(table),
    }
    return without_empty({"@context": CONTEXT, "@type": "Dataset", **description})


async def describe_row(
    datasette: Datasette, request: Request, name: str, keys: Sequence[str], label: str
) -> Json | None:
    """One row as a part of its table, or as what the extension says it is; None for an undescribed table.

    `keys` are the values of its key, and `label` is what the page calls it.
    """
    table = (await read_dictionary(datasette)).get(name)
    if not table or not table.row["description"]:
        return None
    address = _find_address(datasette, request, request.path)
    description = await describe_terms_of(datasette, request, name) | {
        "@type": "WebPage",
        "@id": address,
        "name": label,
        "url": address,
        "identifier": ",".join(keys),
        "isPartOf": {
            "@type": "Dataset",
            "name": table.row["title"],
            "url": await _table_address(datasette, request, name),
            "isPartOf": await _name_dataset(datasette, request),
        },
    }
    if describe := find_pages(datasette).describe_row:
        description |= await describe(datasette, request, name, keys)
    return without_empty({"@context": CONTEXT, **description})


async def describe_terms_of(datasette: Datasette, request: Request, name: str) -> Json:
    """Version, date, creators and terms of a table or view: those of the package, or its own licences."""
    package, locate = await read_model(datasette), _locate(datasette, request)
    whole = describe_package(package, locate)
    resource = package.by_name.get(name)
    table = (await read_dictionary(datasette))[name]
    kept: Json = {
        key: whole[key] for key in ("version", "datePublished", "creator", "license") if key in whole
    }
    if resource and resource.licenses:
        kept["license"] = describe_licences(resource.licenses, locate)
    if _list_copied(table):
        kept["usageInfo"] = describe_terms(package, locate)
    return kept


async def _name_dataset(datasette: Datasette, request: Request) -> Json:
    package = await read_model(datasette)
    url = _find_address(datasette, request, datasette.urls.path("/"))
    return {"@type": "Dataset", "name": package.title, "url": url}


def _describe_file(datasette: Datasette, request: Request, file: Download) -> Json:
    return {
        "@type": "DataDownload",
        "name": file.path,
        "contentUrl": datasette.absolute_url(request, file.url),
        "encodingFormat": MEDIA_TYPES[Path(file.path).suffix],
        "contentSize": f"{file.size} B",
        "sha256": file.sha256,
    }


def _describe_columns(table: DescribedTable) -> list[Json]:
    return [
        without_empty(
            {
                "@type": "PropertyValue",
                "name": column.row["field_name"],
                "description": column.row["description"],
                "unitText": column.row.get("unit"),
            }
        )
        for column in table.columns
    ]


async def _table_address(datasette: Datasette, request: Request, name: str) -> str:
    database = (await read_facts(datasette)).database
    return _find_address(datasette, request, datasette.urls.table(database, name))


def _find_address(datasette: Datasette, request: Request, path: str) -> str:
    """The permanent address of a page, or its address on this server."""
    return lasting_address(datasette, path) or str(datasette.absolute_url(request, path))


async def show_descriptor(request: Request, datasette: Datasette) -> Response:
    """The published descriptor, with paths that lead to the CSV files on this server.

    Files that are only in the zip, such as documents, are left out. When the build has no CSV files, the
    paths lead to CSV generated from the database, without hashes.
    """
    raw = await _read_descriptor(datasette)
    files = await list_files(datasette)
    addresses = {file.path: datasette.absolute_url(request, file.url) for file in files}
    database = (await read_facts(datasette)).database
    tables = await read_dictionary(datasette)
    resources = []
    for resource in raw["resources"]:
        name = resource["name"]
        if address := addresses.get(f"csv/{name}.csv"):
            resources.append(resource | {"path": address})
        elif name in tables:
            live = f"{datasette.urls.table(database, name, format='csv')}?_stream=on&_size=max"
            path = datasette.absolute_url(request, live)
            kept = {key: value for key, value in resource.items() if key not in OF_FILES}
            resources.append(kept | {"path": path})
    locate = _locate(datasette, request)
    for holder in (raw, *resources):
        if "licenses" in holder:
            holder["licenses"] = [_move_licence(item, locate) for item in holder["licenses"]]
    text = json.dumps(raw | {"resources": resources}, ensure_ascii=False, indent=2)
    return Response(text + "\n", content_type="application/json; charset=utf-8")


async def _read_descriptor(datasette: Datasette) -> Json:
    """The descriptor from the zip of the build or, without a zip, from its site file."""
    if any(file.path.endswith(".zip") for file in await list_files(datasette)):
        return dict(json.loads(await _read_entry(datasette, "datapackage.json")))
    folder = find_folder(datasette)
    if not (folder / SITE_FILE).is_file():
        raise NotFound("The database is served on its own, without the other files of its build")
    package = read_build(folder).package
    resources = [resource.described() for resource in (*package.listed, *package.derived)]
    return package.described(**dict.fromkeys(NOT_CARRIED), resources=resources)


def _move_licence(licence: Json, locate: Locate) -> Json:
    address = locate(str(licence.get("path") or ""))
    return licence | {"path": address} if address else licence


async def show_croissant(request: Request, datasette: Datasette) -> Response:
    """The description of the Parquet files for machine learning, with the addresses of this server.

    Loaders do not resolve relative addresses.
    """
    file = find_folder(datasette) / CROISSANT
    files = {download.path: download.url for download in await list_files(datasette)}
    if CROISSANT not in files:
        raise NotFound("The build has no description of Parquet files")
    described = json.loads(file.read_text(encoding="utf-8"))
    described.setdefault("url", _find_address(datasette, request, datasette.urls.path("/")))
    for part in described["distribution"]:
        url = files.get(part["contentUrl"], part["contentUrl"])
        part["contentUrl"] = datasette.absolute_url(request, url)
    text = json.dumps(_locate_terms(described, _locate(datasette, request)), ensure_ascii=False, indent=2)
    return Response(text + "\n", content_type=f'application/ld+json; profile="{CROISSANT_VERSION}"')


def _locate_terms(part: Any, locate: Locate) -> Any:
    """The description with the addresses at which this server has the terms that are files."""
    if isinstance(part, list):
        return [_locate_terms(item, locate) for item in part]
    if not isinstance(part, dict):
        return part
    located = {name: _locate_terms(item, locate) for name, item in part.items()}
    if part.get("@type") == "CreativeWork" and "url" in part:
        located["url"] = locate(str(part["url"])) or part["url"]
    return located


async def show_licence(request: Request, datasette: Datasette) -> Response:
    """The licence of the package or of a table, from the folder of the build."""
    name = request.url_vars["name"]
    package = await read_model(datasette)
    stated = (*package.licenses, *(item for table in package.resources for item in table.licenses))
    if name not in {str(item.get("path")) for item in stated} or not find_licence(datasette, name):
        raise NotFound(f"No licence is called {name}")
    return Response.text((find_folder(datasette) / name).read_text(encoding="utf-8", errors="replace"))


async def list_files(datasette: Datasette) -> list[Download]:
    """All files of the build; none when the database is served on its own."""
    return [file for files in (await list_downloads(datasette)).values() for file in files]


async def _read_entry(datasette: Datasette, name: str) -> str:
    """The text of a file in the zip of the build."""
    archive = next((file.path for file in await list_files(datasette) if file.path.endswith(".zip")), None)
    if archive is None:
        raise NotFound("The database is served on its own, without the other files of its build")
    with zipfile.ZipFile(Path(datasette.get_database().path).parent / archive) as entries:
        if name not in entries.namelist():
            raise NotFound(f"{archive} contains no {name}")
        return entries.read(name).decode("utf-8")
