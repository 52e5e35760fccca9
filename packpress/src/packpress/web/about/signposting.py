"""Signposting: typed links from a page to what it shows in other forms, its terms and its description.

They are in the head of each page and in the header `Link` (https://signposting.org/FAIR/, RFC 8288).
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from datasette.utils import tilde_decode
from datasette.utils.asgi import Request

from packpress.package.licences import read_licences, read_terms
from packpress.publish.catalogues.citation import CITATION
from packpress.publish.catalogues.croissant import CROISSANT, VERSION
from packpress.publish.catalogues.datacite import DATACITE
from packpress.web.about.dictionary import read_dictionary
from packpress.web.about.downloads import Download
from packpress.web.about.linked_data import WHOLE, find_licence, lasting_address, list_files, read_model
from packpress.web.facts import read_facts
from packpress.web.pages import find_pages, is_static
from packpress.web.security_headers import MEDIA_TYPES

App = Callable[..., Awaitable[None]]
JSON_LD = "application/ld+json"
SCHEMA = "https://schema.org/"
# What describes the package besides the descriptor, by the name of the file, with the type of what it holds.
DESCRIPTIONS = {DATACITE: "application/vnd.datacite.datacite+json", CITATION: MEDIA_TYPES[".cff"]}
# The forms in which a server offers the rows of a table, with the arguments for all of them.
FORMS = {
    "json": ("", MEDIA_TYPES[".json"]),
    "csv": ("?_stream=on&_size=max&_dl=on", MEDIA_TYPES[".csv"]),
    "parquet": ("", MEDIA_TYPES[".parquet"]),
}


@dataclass(frozen=True)
class Link:
    """A typed link, with the media type and the profile of what it leads to if they are known.

    >>> Link("item", "/files/boats.zip", "application/zip").write("https://example.org/files/boats.zip")
    '<https://example.org/files/boats.zip>; rel="item"; type="application/zip"'
    """

    rel: str
    href: str
    type: str = ""
    profile: str = ""

    def write(self, address: str) -> str:
        """The link as a value of the header, with its address in full."""
        more = {"rel": self.rel, "type": self.type, "profile": self.profile}
        return "; ".join([f"<{address}>", *(f'{name}="{value}"' for name, value in more.items() if value)])


async def list_links(datasette: Datasette, path: str) -> list[Link]:
    """The links of a page by its path: the home page, a table or a row; none for other pages.

    Addresses on this server are paths.
    """
    names = path.removeprefix(datasette.setting("base_url")).strip("/").split("/")
    if names == [""]:
        return [link async for link in _list_home(datasette)]
    database = (await read_facts(datasette)).database
    table = tilde_decode(names[1]) if len(names) in (2, 3) and names[0] == database else ""
    if not table or table not in await read_dictionary(datasette):
        return []
    links = [Link("license", address) for address in await _list_licences(datasette, table)]
    if len(names) == 2:
        return [*links, *await _list_table(datasette, database, table)]
    return [*links, *_list_row(datasette, database, table, names[2])]


async def _list_home(datasette: Datasette) -> AsyncIterator[Link]:
    package, files = await read_model(datasette), await list_files(datasette)
    address = f"https://doi.org/{package.doi}" if package.doi else lasting_address(datasette, "/")
    if address:
        yield Link("cite-as", address)
    for kind in ("AboutPage", "Dataset"):
        yield Link("type", f"{SCHEMA}{kind}")
    for terms in await _list_licences(datasette, ""):
        yield Link("license", terms)
    if files:
        yield Link("describedby", datasette.urls.path("/-/datapackage.json"), MEDIA_TYPES[".json"])
    for file in files:
        for link in _link_home_file(datasette, file):
            yield link


def _link_home_file(datasette: Datasette, file: Download) -> Iterator[Link]:
    """The links from the home page to a file that has or describes the whole package."""
    if file.path == CROISSANT:
        for rel in ("describedby", "alternate"):
            yield Link(rel, datasette.urls.path(f"/-/{CROISSANT}"), JSON_LD, VERSION)
    elif file.path in DESCRIPTIONS:
        yield Link("describedby", file.url, DESCRIPTIONS[file.path])
    elif file.path.endswith(WHOLE):
        yield _link_file(file)


def _link_file(file: Download) -> Link:
    return Link("item", file.url, MEDIA_TYPES[Path(file.path).suffix])


async def _list_licences(datasette: Datasette, table: str) -> list[str]:
    """The addresses of the licences and terms of the package, or of a table that has its own."""
    package = await read_model(datasette)
    resource = package.by_name.get(table)
    own = resource.licenses if resource else ()
    stated = [*read_licences(own or package.licenses), *(() if own else read_terms(package))]
    paths = (item.address or find_licence(datasette, item.path) for item in stated)
    return [path for path in dict.fromkeys(paths) if path]


async def _list_table(datasette: Datasette, database: str, table: str) -> list[Link]:
    names = {f"csv/{table}.csv", f"parquet/{table}.parquet"}
    files = [_link_file(file) for file in await list_files(datasette) if file.path in names]
    forms = () if is_static(datasette) else FORMS.items()
    return [
        Link("type", f"{SCHEMA}Dataset"),
        Link("collection", datasette.urls.path("/"), "text/html"),
        *files,
        *(
            Link("alternate", f"{datasette.urls.table(database, table, format=form)}{whole}", kind)
            for form, (whole, kind) in forms
        ),
    ]


def _list_row(datasette: Datasette, database: str, table: str, key: str) -> Iterator[Link]:
    yield Link("collection", datasette.urls.table(database, table), "text/html")
    if not is_static(datasette):
        yield Link("alternate", f"{datasette.urls.table(database, table)}/{key}.json", MEDIA_TYPES[".json"])
    if list_forms := find_pages(datasette).list_forms:
        for path, kind in list_forms(table, [tilde_decode(part) for part in key.split(",")]):
            yield Link("alternate", datasette.urls.path(path), kind)


def add_signposts(app: App, datasette: Datasette) -> App:
    """The application, with the links of each page in its header too."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        async def send_on(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200 and _is_page(message):
                request = Request(scope, receive)
                links = [
                    link.write(datasette.absolute_url(request, link.href))
                    for link in await list_links(datasette, scope["path"])
                ]
                if links:
                    # Datasette's own has no brackets around the address, and is one of ours.
                    others = [item for item in message["headers"] if item[0].lower() != b"link"]
                    header = (b"link", ", ".join(links).encode("latin-1", "ignore"))
                    message = {**message, "headers": [*others, header]}
            await send(message)

        is_plain = scope["type"] == "http" and not scope.get("query_string")
        await app(scope, receive, send_on if is_plain else send)

    return answer


def _is_page(message: dict[str, Any]) -> bool:
    headers = {name.lower(): value for name, value in message["headers"]}
    return bool(headers.get(b"content-type", b"").startswith(b"text/html"))
