"""Texts about the package: the Markdown that the build carries, rendered for the site."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import PurePosixPath

from datasette.app import Datasette
from datasette.utils import tilde_decode, tilde_encode
from datasette.utils.asgi import NotFound, Request, Response
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from packpress.package.paths import may_link
from packpress.publish.site_file import SITE_FILE, read_build
from packpress.web.about.downloads import find_folder
from packpress.web.facts import ask_once

ROOT = "/method"
# The text that a page of its own shows, read from the database.
DICTIONARY = "data-dictionary.md"

# Roles that a table loses in some browsers when its rows become blocks.
ROLES = {
    "table_open": "table",
    "thead_open": "rowgroup",
    "tbody_open": "rowgroup",
    "tr_open": "row",
    "th_open": "columnheader",
    "td_open": "cell",
}
COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)


@dataclass(frozen=True)
class Text:
    """A text as HTML, with its title and its headings by their anchors."""

    title: str
    body: Markup
    headings: dict[str, str]


@ask_once
async def read_texts(datasette: Datasette) -> dict[str, str]:
    """The Markdown of each text by the path of its page; the first has the shortest."""
    texts = _read_carried(datasette)
    return {path: texts[name] for name, path in name_pages(texts).items()}


def _read_carried(datasette: Datasette) -> Mapping[str, str]:
    """The texts that the build carries; none where the database is served alone."""
    folder = find_folder(datasette)
    return (read_build(folder).texts or {}) if (folder / SITE_FILE).is_file() else {}


def name_pages(texts: Iterable[str]) -> dict[str, str]:
    """The path of the page of each text: by the name of its file, or by its path where another has it."""
    paths: dict[str, str] = {}
    for name in texts:
        stem = f"{ROOT}/{tilde_encode(PurePosixPath(name).stem)}"
        path = stem if stem not in paths.values() else f"{ROOT}/{tilde_encode(name)}"
        paths[name] = path if paths else ROOT
    return paths


@ask_once
async def read_addresses(datasette: Datasette) -> dict[str, str]:
    """What texts may link to, by the name of its file: each other, and the data dictionary."""
    pages = name_pages(_read_carried(datasette))
    return {DICTIONARY: "/dictionary"} | {PurePosixPath(name).name: path for name, path in pages.items()}


async def list_paths(datasette: Datasette) -> list[str]:
    """The paths of all texts."""
    return list(await read_texts(datasette))


async def list_texts(datasette: Datasette) -> list[tuple[str, str]]:
    """The path and the title of each text."""
    return [(path, (await _render(datasette, path)).title) for path in await list_paths(datasette)]


async def show_text(request: Request, datasette: Datasette) -> Response:
    """A text about the package."""
    name = request.url_vars.get("name")
    path = f"{ROOT}/{name}" if name else ROOT
    if path not in await read_texts(datasette):
        raise NotFound(f"No text is called {name}" if name else "This build carries no text")
    text = await _render(datasette, path)
    context = {"text": text, "here": path, "texts": await list_texts(datasette)}
    return Response.html(await datasette.render_template("method.html", context, request=request))


async def _render(datasette: Datasette, path: str) -> Text:
    addresses = tuple((await read_addresses(datasette)).items())
    text = render_text((await read_texts(datasette))[path], str(datasette.urls.path("/")), addresses)
    return text if text.title else replace(text, title=tilde_decode(path.rpartition("/")[2]).capitalize())


@lru_cache(maxsize=32)
def render_text(markdown: str, root: str, addresses: tuple[tuple[str, str], ...]) -> Text:
    """The text without its first heading, which is the title.

    `root` is the address of the site, `addresses` what its links may lead to by the names of files.
    """
    # Without HTML, so that whatever a text holds arrives escaped; without styles, which the policy forbids.
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(COMMENT.sub("", markdown))
    title = ""
    if len(tokens) > 2 and tokens[0].tag == "h1":
        title, tokens = tokens[1].content, tokens[3:]
    headings = dict(_name_headings(tokens))
    _label_cells(tokens)
    _mend_links(tokens, root, dict(addresses))
    return Text(title, Markup(parser.renderer.render(tokens, parser.options, {})), headings)


def _name_headings(tokens: list[Token]) -> Iterator[tuple[str, str]]:
    for token, inline in zip(tokens, tokens[1:], strict=False):
        if token.type == "heading_open":
            anchor = re.sub(r"\W+", "-", inline.content.lower()).strip("-")
            token.attrSet("id", anchor)
            if token.tag == "h2":
                yield anchor, inline.content


def _label_cells(tokens: list[Token]) -> None:
    """Cells carry the name of their column, for screens on which a row becomes a block."""
    names: list[str] = []
    place = 0
    for at, token in enumerate(tokens):
        if role := ROLES.get(token.type):
            token.attrSet("role", role)
        if token.type == "table_open":
            names = []
            token.attrSet("class", "t blocks")
        elif token.type == "tr_open":
            place = 0
        elif token.type == "th_open":
            names.append(tokens[at + 1].content)
            token.attrSet("scope", "col")
        elif token.type == "td_open":
            token.attrSet("data-l", names[place])
            if place == 0:
                token.tag = tokens[at + 2].tag = "th"
                token.attrs.update(scope="row", role="rowheader")
            place += 1
        if token.type in ("th_open", "td_open") and "right" in str(token.attrs.pop("style", "")):
            token.attrSet("class", "r")


def _mend_links(tokens: list[Token], root: str, addresses: Mapping[str, str]) -> None:
    """Links to other texts lead to their pages; what has no page of its own, and pictures, are plain text."""
    for token in tokens:
        if not token.children:
            continue
        kept, is_open = [], True
        for child in map(_describe_picture, token.children):
            if child.type == "link_open":
                address = _find_address(str(child.attrs["href"]), root, addresses)
                is_open = address is not None
                child.attrs["href"] = address or ""
            if is_open or child.type not in ("link_open", "link_close"):
                kept.append(child)
        token.children = kept


def _describe_picture(token: Token) -> Token:
    """A picture as the words for it: a build carries none, and pages load nothing of other hosts."""
    return Token("text", "", 0, content=token.content) if token.type == "image" else token


def _find_address(href: str, root: str, addresses: Mapping[str, str]) -> str | None:
    path, mark, place = href.partition("#")
    if not path or may_link(href):
        return href
    has_scheme = ":" in path.partition("/")[0]
    page = None if has_scheme else addresses.get(PurePosixPath(path).name)
    return root.rstrip("/") + page + mark + place if page else None
