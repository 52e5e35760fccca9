"""Downloads: the files of the build to which the served database belongs."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from datasette.app import Datasette
from datasette.utils.asgi import NotFound, Request, Response

from packpress.web.facts import ask_once, read_facts, read_rows
from packpress.web.security_headers import MEDIA_TYPES, name_attachment
from packpress.web.tables.answer_files import FileResponse
from packpress.web.tables.listing import find_browsed

# The address below which the files of the build are served.
MOUNT = "/files"
SUMS = "SHA256SUMS"
WHOLE = "The whole package"
EXPORTS = "For other tools"
FOLDERS = {
    "": WHOLE,
    "bibliography": EXPORTS,
    "csv": "One table as CSV",
    "parquet": "One table as Parquet",
}
# What a bibliography is, by what the name of its file says of it.
FORMS = {
    ".corrected": "with corrections applied",
    ".printed": "as they are printed",
    "": "as the table has them",
}
# What the files are, by the ends of their names, most popular first; ends before those that end like them.
KINDS = {
    **{
        f"{form}.csl.json": f"References {how}, as CSL-JSON: for Zotero, Pandoc and others"
        for form, how in FORMS.items()
    },
    **{
        f"{form}.bib": f"References {how}, as BibTeX: for LaTeX, JabRef and others"
        for form, how in FORMS.items()
    },
    **{
        f"{form}.ris": f"References {how}, as RIS: for EndNote, Mendeley and others"
        for form, how in FORMS.items()
    },
    ".sssom.tsv": "Codes of terminologies for rows, as SSSOM: for tools of ontologies",
    ".jsonld": "Where words stand in documents, as Web Annotations, and for which row they stand",
    ".zip": "Data Package: each table as CSV, with a descriptor of types and keys, and the licences",
    ".db": "SQLite: the tables with keys and checks, views, and full-text search",
    ".xlsx": "Workbook: a sheet of typed cells for each table, with the data dictionary",
    ".whl": "Python package: pip installs it, and each table is a pandas data frame",
    "parquet/README.md": "Hugging Face: a card that makes the folder parquet a data set for its library",
    "checks.sql": "The checks of the tables as queries, for SQLite, DuckDB and others",
    "checks-spark.sql": "The same queries for Apache Spark",
    "croissant.json": "Croissant: the Parquet files for machine learning, and how the data came about",
    "datacite.json": "DataCite: what repositories ask for, with the rights",
    ".cff": "Whom and what to cite, in the Citation File Format",
    ".json": "What the site needs besides the rows: the descriptor, the queries and the texts",
    "LOGICAL_SHA256": "Hash of the rows of each table, the same in every format",
}
EDITIONS = {
    "full": "This edition has the full text of its sources, as far as the tables contain it.",
    "quotes": "This edition leaves out the running text of the documents, but keeps the quotes.",
    "none": "This edition leaves out every field with text from a source, but keeps the offsets.",
}
TABLES = """
select
  table_name as name,
  title
from data_dictionary_tables
where kind <> 'view'
order by
  -- The one to browse stands first, the rest by name.
  table_name <> :browsed,
  table_name
"""
VERBATIM = "select 1 from data_dictionary where verbatim limit 1"
EDITION = "select value from package where property = 'edition'"


@dataclass(frozen=True)
class Download:
    """One file of the build."""

    path: str
    url: str
    size: int
    sha256: str
    kind: str


@dataclass(frozen=True)
class TableFiles:
    """One table and its files; it has none when the database is served alone."""

    name: str
    title: str
    rows: int | None
    files: dict[str, Download]


UNITS = ("kB", "MB", "GB", "TB")


def format_size(size: int) -> str:
    """A size in the largest unit of which it has one, in powers of a thousand.

    >>> format_size(1), format_size(999), format_size(3_309_568), format_size(999_999)
    ('1 byte', '999 bytes', '3.3 MB', '1 MB')
    """
    if size < 1000:
        return f"{size} byte{'s' if size != 1 else ''}"
    number, power = size / 1000, 0
    while float(f"{number:.3g}") >= 1000 and power + 1 < len(UNITS):
        number, power = number / 1000, power + 1
    return f"{number:.0f} {UNITS[power]}" if number >= 10 else f"{number:.2g} {UNITS[power]}"


def find_file(datasette: Datasette) -> Path:
    """The file of the served database."""
    return Path(datasette.get_database().path or ".")


def find_folder(datasette: Datasette) -> Path:
    """The folder of the build to which the served database belongs."""
    return find_file(datasette).parent


@ask_once
async def list_downloads(datasette: Datasette) -> dict[str, list[Download]]:
    """The files listed in the build's checksums, by heading; none when the database is served alone."""
    folder = find_folder(datasette)
    if not (folder / SUMS).is_file():
        return {}
    found: dict[str, list[Download]] = {heading: [] for heading in FOLDERS.values()}
    for line in (folder / SUMS).read_text(encoding="utf-8").splitlines():
        sha256, path = line.split(maxsplit=1)
        file = folder / path
        heading = _find_heading(path)
        if heading and file.is_file():
            url = str(datasette.urls.path(f"{MOUNT}/{quote(path)}"))
            kind = KINDS.get(_end_of(path), "")
            found[heading].append(Download(path, url, file.stat().st_size, sha256, kind))
    order = [*KINDS, ""]
    for heading in (WHOLE, EXPORTS):
        found[heading].sort(key=lambda file: order.index(_end_of(file.path)))
    return found


def _find_heading(path: str) -> str:
    """The heading under which a file is listed; empty when it is not."""
    folder = path.rpartition("/")[0]
    if not folder and path.endswith((".sssom.tsv", ".jsonld")):
        return EXPORTS
    # Beside the files of tables lie a card and a licence.
    is_of_all = folder in ("csv", "parquet") and not path.endswith(f".{folder}")
    return WHOLE if is_of_all else FOLDERS.get(folder, "")


def _end_of(path: str) -> str:
    return next((end for end in KINDS if path.endswith(end)), "")


async def list_tables(datasette: Datasette) -> list[TableFiles]:
    """Every table with its files."""
    files = [file for group in (await list_downloads(datasette)).values() for file in group]
    counts = await datasette.get_database().table_counts()
    return [
        TableFiles(
            row["name"],
            row["title"],
            counts.get(row["name"]),
            {
                kind: file
                for kind in ("csv", "parquet")
                for file in files
                if file.path == f"{kind}/{row['name']}.{kind}"
            },
        )
        for row in await read_rows(datasette, TABLES, browsed=await find_browsed(datasette))
    ]


async def show_downloads(request: Request, datasette: Datasette) -> Response:
    """The page of all downloads."""
    edition, verbatim = await read_rows(datasette, EDITION), await read_rows(datasette, VERBATIM)
    context = {
        "database": (await read_facts(datasette)).database,
        "file": find_file(datasette).name,
        "browsed": await find_browsed(datasette),
        "questions": list(await datasette.get_canned_queries(datasette.get_database().name, None)),
        "edition": EDITIONS.get(edition[0]["value"], "") if edition and verbatim else "",
        "whole": (await list_downloads(datasette)).get(WHOLE, []),
        "exports": (await list_downloads(datasette)).get(EXPORTS, []),
        "tables": await list_tables(datasette),
        "sums": f"{MOUNT}/{SUMS}",
        "page_size": datasette.setting("max_returned_rows"),
    }
    return Response.html(await datasette.render_template("downloads.html", context, request=request))


async def show_file(request: Request, datasette: Datasette) -> Response:
    """One file of the build: one listed in the checksums, or the checksums, and nothing else."""
    path = unquote(request.url_vars["path"])
    files = [file for group in (await list_downloads(datasette)).values() for file in group]
    found = next((file for file in files if file.path == path), None)
    if not found and not (files and path == SUMS):
        raise NotFound("The build has no file of this name")
    kind = MEDIA_TYPES.get(Path(path).suffix, "text/plain")
    home = datasette.absolute_url(request, datasette.urls.path("/"))
    headers = {
        "content-disposition": name_attachment(Path(path).name),
        "link": f'<{home}>; rel="collection"; type="text/html"',
    }
    if found:
        headers["etag"] = f'"{found.sha256}"'
    if found and headers["etag"] in request.headers.get("if-none-match", ""):
        return Response("", status=304, headers=headers, content_type=kind)
    file = (find_folder(datasette) / path).open("rb")
    return FileResponse(file, kind, headers, request)


async def show_database(request: Request, datasette: Datasette) -> Response:
    """The database as one file, under the name that it has on the site."""
    name = (await read_facts(datasette)).database
    if request.url_vars["database"] != name:
        raise NotFound("No database has this name")
    file = Path(datasette.get_database().path).open("rb")  # noqa: SIM115 (the answer closes it)
    headers = {"content-disposition": name_attachment(f"{name}.db")}
    return FileResponse(file, MEDIA_TYPES[".db"], headers, request)
