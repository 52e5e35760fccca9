"""Full-text search of all tables that declare searchable fields, best matches first.

There is one statement per table. It is written once, both for the server and for the visitor's browser on
static sites.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from datasette.app import Datasette
from datasette.utils import escape_sqlite, tilde_encode
from datasette.utils.asgi import Request, Response
from markupsafe import Markup, escape

from packpress.web.facts import Row, ask_once, read_facts, read_rows
from packpress.web.pages import is_static
from packpress.web.static.sql_page import find_engine
from packpress.web.tables.listing import list_row_tables, list_shown_tables

# How many matches are shown per table; the others are on the page of the table.
SHOWN = 8
# How many characters and words of the search terms are used.
MOST_SIGNS, MOST_WORDS = 400, 16
# The characters around matching words.
MARKS = ("⟦", "⟧")
WORD = re.compile(r"\w+", re.UNICODE)


@dataclass(frozen=True)
class Searched:
    """A table with searchable fields, and the statements that search it."""

    table: str
    title: str
    keys: tuple[str, ...]
    # Finds rows by :words, with `label`, `words`, and the key as `key1`, `key2` …
    find: str
    count: str


@dataclass(frozen=True)
class Hit:
    """A matching row: its address, its label, and its text with matching words in bold."""

    url: str
    label: str
    words: Markup


@dataclass(frozen=True)
class Group:
    """The matches in one table: their number, the best of them, and the address of all."""

    title: str
    found: int
    hits: tuple[Hit, ...]
    url: str


@ask_once
async def list_searched(datasette: Datasette) -> list[Searched]:
    """The tables to search, in declared order."""
    database = datasette.get_database()
    searched = []
    for table in await list_shown_tables(datasette):
        index = await database.fts_table(table)
        if not index:
            continue
        keys = await database.primary_keys(table) or ["rowid"]
        described = datasette.table_metadata(database.name, table)
        label = described.get("label_column")
        title = described.get("title") or table
        searched.append(
            _make_searched(table, title, tuple(keys), label if label not in keys else None, index)
        )
    return searched


def _make_searched(table: str, title: str, keys: tuple[str, ...], label: str | None, index: str) -> Searched:
    rows, words = escape_sqlite(table), escape_sqlite(index)
    named = [f"{rows}.{escape_sqlite(key)} as key{place}" for place, key in enumerate(keys, 1)]
    shown = f"{rows}.{escape_sqlite(label)}" if label else "null"
    opened, closed = MARKS
    find = (
        f"select {', '.join(named)}, {shown} as label,"
        f" snippet({words}, -1, '{opened}', '{closed}', '…', 24) as words"
        f" from {words} join {rows} on {rows}.rowid = {words}.rowid"
        f" where {words} match :words order by rank, {words}.rowid limit {SHOWN}"
    )
    return Searched(
        table, title, keys, find, f"select count(*) as found from {words} where {words} match :words"
    )


def quote_words(typed: str) -> str:
    """The search terms as a full-text query: all words must occur, each of them at least as a prefix.

    >>> quote_words("Ada of Ler")
    '"Ada"* "of"* "Ler"*'
    """
    return " ".join(f'"{word}"*' for word in WORD.findall(typed[:MOST_SIGNS])[:MOST_WORDS])


async def show_search(request: Request, datasette: Datasette) -> Response:
    """The page of search results, or of the search form."""
    typed = request.args.get("q") or ""
    words = quote_words(typed)
    context: dict[str, Any] = {"typed": typed, "words": words, "groups": []}
    context["searched"] = searched = await list_searched(datasette)
    if is_static(datasette):
        context["engine"] = await find_engine(datasette)
        with_pages = await list_row_tables(datasette)
        context["statements"] = [_describe(datasette, item, item.table in with_pages) for item in searched]
    elif words:
        groups = [await _search(datasette, item, typed, words) for item in searched]
        # Tables stay in declared order: the number of matches says nothing about relevance.
        context["groups"] = [group for group in groups if group.found]
    return Response.html(await datasette.render_template("search.html", context, request=request))


def _describe(datasette: Datasette, searched: Searched, has_pages: bool) -> Row:
    """The statements of a table for the browser, with the folder of its row pages if it has any."""
    path = "/".join(map(tilde_encode, (datasette.get_database().name, searched.table)))
    about = {"title": searched.title, "path": path if has_pages else ""}
    return {**about, "find": searched.find, "count": searched.count}


async def _search(datasette: Datasette, searched: Searched, typed: str, words: str) -> Group:
    database = (await read_facts(datasette)).database
    found: int = (await read_rows(datasette, searched.count, words=words))[0]["found"]
    rows = await read_rows(datasette, searched.find, words=words) if found else []
    url = f"{datasette.urls.table(database, searched.table)}?{urlencode({'_search': typed})}"
    return Group(
        searched.title, found, tuple(_make_hit(datasette, database, searched, row) for row in rows), url
    )


def _make_hit(datasette: Datasette, database: str, searched: Searched, row: Row) -> Hit:
    keys = [str(row[f"key{place}"]) for place in range(1, len(searched.keys) + 1)]
    url = str(datasette.urls.row(database, searched.table, ",".join(map(tilde_encode, keys))))
    return Hit(url, str(row["label"] or ", ".join(keys)), embolden(row["words"]))


def embolden(text: str | None) -> Markup:
    """The text with matching words in bold.

    >>> embolden("⟦half⟧ of it haddock")
    Markup('<b>half</b> of it haddock')
    """
    opened, closed = MARKS
    return Markup(str(escape(text or "")).replace(opened, "<b>").replace(closed, "</b>"))
