"""The texts about the method: Markdown of `docs/`, rendered for the site."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from datasette.app import Datasette
from datasette.utils.asgi import NotFound, Request, Response
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

# The folder beside `site/`, so that it does not matter where the server is started.
DOCS = Path(__file__).resolve().parents[4] / "docs"
# The texts that have a page, and what else they may link to, by the name of the file.
PAGES = {
    "method.md": "/method",
    "curation.md": "/method/curation",
    "using-the-data.md": "/method/using-the-data",
}
ADDRESSES = PAGES | {"data-dictionary.md": "/dictionary"}
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


async def show_method(request: Request, datasette: Datasette) -> Response:
    """A text about the method; says so when the folder of the texts was not brought along."""
    path = "/method" + (f"/{name}" if (name := request.url_vars["name"]) else "")
    file = next((file for file, address in PAGES.items() if address == path), None)
    if file is None:
        raise NotFound(f"No text is called {name}")
    text = None
    if (DOCS / file).is_file():
        text = render_text((DOCS / file).read_text(encoding="utf-8"), str(datasette.urls.path("/")))
    context = {"text": text, "here": path, "file": f"docs/{file}"}
    return Response.html(await datasette.render_template("method.html", context, request=request))


@lru_cache(maxsize=8)
def render_text(markdown: str, root: str) -> Text:
    """The text without its first heading, which is the title; `root` is the address of the site."""
    # Without HTML, so that whatever a text holds arrives escaped; without styles, which the policy forbids.
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(COMMENT.sub("", markdown))
    title = ""
    if len(tokens) > 2 and tokens[0].tag == "h1":
        title, tokens = tokens[1].content, tokens[3:]
    headings = dict(_name_headings(tokens))
    _label_cells(tokens)
    _mend_links(tokens, root)
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


def _mend_links(tokens: list[Token], root: str) -> None:
    """Links to other texts lead to their pages; what has no page of its own is plain text."""
    for token in tokens:
        if not token.children:
            continue
        kept, is_open = [], True
        for child in token.children:
            if child.type == "link_open":
                address = _find_address(str(child.attrs["href"]), root)
                is_open = address is not None
                child.attrs["href"] = address or ""
            if is_open or child.type not in ("link_open", "link_close"):
                kept.append(child)
        token.children = kept


def _find_address(href: str, root: str) -> str | None:
    path, mark, place = href.partition("#")
    if "://" in href or not path:
        return href
    page = ADDRESSES.get(path.removeprefix("docs/"))
    return root.rstrip("/") + page + mark + place if page else None
