"""The files of the build that the served database is part of, for whoever wants to take them away."""

from dataclasses import dataclass
from pathlib import Path

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from .facts import ask_once

# Where the folder of the build is mounted; see scripts/serve.py.
MOUNT = "/files"
SUMS = "SHA256SUMS"
FOLDERS = {"": "The whole package", "csv": "One table as CSV", "parquet": "One table as Parquet"}
KINDS = {
    ".zip": "Data Package: all tables, descriptor, licences",
    ".db": "SQLite: tables, keys, views, search",
}


@dataclass(frozen=True)
class Download:
    """One file of the build."""

    path: str
    url: str
    size: int
    sha256: str
    kind: str


@ask_once
async def list_downloads(datasette: Datasette) -> dict[str, list[Download]]:
    """The files that the sums of the build name, by heading; none when the database stands alone."""
    folder = Path(datasette.get_database().path or ".").parent
    if not (folder / SUMS).is_file():
        return {}
    found: dict[str, list[Download]] = {heading: [] for heading in FOLDERS.values()}
    for line in (folder / SUMS).read_text(encoding="utf-8").splitlines():
        sha256, path = line.split(maxsplit=1)
        file = folder / path
        heading = FOLDERS.get(path.rpartition("/")[0])
        if heading and file.is_file():
            url = str(datasette.urls.path(f"{MOUNT}/{path}"))
            kind = KINDS.get(file.suffix, "Fingerprint of the rows of each table, the same in every format")
            found[heading].append(Download(path, url, file.stat().st_size, sha256, kind))
    return found


async def show_downloads(request: Request, datasette: Datasette) -> Response:
    """The page of everything that can be taken away."""
    context = {"files": await list_downloads(datasette), "sums": f"{MOUNT}/{SUMS}"}
    return Response.html(await datasette.render_template("downloads.html", context, request=request))
