"""Texts about the package: the Markdown texts of the build, rendered as pages."""

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
# This text has a page of its own, generated from the database.
DICTIONARY = "data-dictionary.md"

# ARIA roles that tables lose in some browsers when their rows are displayed as blocks.
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
    """A text as HTML, with its title and its headings by anchor."""

    title: str
    body: Markup
    headings: dict[str, str]


@ask_once
async def read_texts(datasette: Datasette) -> dict[str, str]:
    """The Markdown of each text by the path of its page; the main text has the shortest path."""
    texts = _read_carried(datasette)
    return {path: texts[name] for name, path in name_pages(texts).items()}


def _read_carried(datasette: Datasette) -> Mapping[str, str]:
    """The texts of the build; none when the database is served alone."""
    folder = find_folder(datasette)
    return (read_build(folder).texts or {}) if (folder / SITE_FILE).is_file() else {}


def name_pages(texts: Iterable[str]) -> dict[str, str]:
    """The path of the page of each text: its file name, or its whole path if that name is taken."""
    paths: dict[str, str] = {}
    for name in texts:
        stem = f"{ROOT}/{tilde_encode(PurePosixPath(name).stem)}"
        path = stem if stem not in paths.values() else f"{ROOT}/{tilde_encode(name)}"
        paths[name] = path if paths else ROOT
    return paths


@ask_once
async def read_addresses(datasette: Datasette) -> dict[str, str]:
    """The addresses of the pages that texts may link to, by file name."""
    pages = name_pages(_read_carried(datasette))
    return {DICTIONARY: "/dictionary"} | {PurePosixPath(name).name: path for name, path in pages.items()}


async def list_paths(datasette: Datasette) -> list[str]:
    """The paths of all texts."""
    return list(await read_texts(datasette))


async def list_texts(datasette: Datasette) -> list[tuple[str, str]]:
    """The path and title of each text."""
    return [(path, (await _render(datasette, path)).title) for path in await list_paths(datasette)]


async def show_text(request: Request, datasette: Datasette) -> Response:
    """The page of a text."""
    name = request.url_vars.get("name")
    path = f"{ROOT}/{name}" if name else ROOT
    if path not in await read_texts(datasette):
        raise NotFound(f"No text is called {name}" if name else "This build has no texts")
    text = await _render(datasette, path)
    context = {"text": text, "here": path, "texts": await list_texts(datasette)}
    return Response.html(await datasette.render_template("method.html", context, request=request))


async def _render(datasette: Datasette, path: str) -> Text:
    addresses = tuple((await read_addresses(datasette)).items())
    text = render_text((await read_texts(datasette))[path], str(datasette.urls.path("/")), addresses)
    return text if text.title else replace(text, title=tilde_decode(path.rpartition("/")[2]).capitalize())


@lru_cache(maxsize=32)
def render_text(markdown: str, root: str, addresses: tuple[tuple[str, str], ...]) -> Text:
    """Renders Markdown, without the first heading, which becomes the title.

    `root` is the address of the site, `addresses` has the addresses that links may lead to, by file name.
    """
    # HTML is disabled so that it is escaped; inline styles are forbidden by the content security policy.
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
    """Labels cells with their column, for narrow screens on which rows are displayed as blocks."""
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
    """Makes links to texts lead to their pages; other relative links and images become plain text."""
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
    """Replaces an image by its text: a build has no images, and pages load none from other hosts."""
    return Token("text", "", 0, content=token.content) if token.type == "image" else token


def _find_address(href: str, root: str, addresses: Mapping[str, str]) -> str | None:
    path, mark, place = href.partition("#")
    if not path or may_link(href):
        return href
    has_scheme = ":" in path.partition("/")[0]
    page = None if has_scheme else addresses.get(PurePosixPath(path).name)
    return root.rstrip("/") + page + mark + place if page else None
