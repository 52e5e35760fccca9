"""Full-text search of all tables that declare searchable fields, best matches first.

There is one statement per table, and one that reads a word. They are written once, both for the server and
for the visitor's browser on static sites. A word that no row has is read as the nearest one that some row
has, and when no row has all words, those that stand in the way are left out; the page says which.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from datasette.app import Datasette
from datasette.utils import escape_sqlite, tilde_encode
from datasette.utils.asgi import Request, Response
from markupsafe import Markup, escape

from packpress.web.facts import Row, ask_once, read_facts, read_rows, read_several
from packpress.web.pages import is_static
from packpress.web.static.sql_page import find_engine
from packpress.web.tables.listing import list_row_tables, list_shown_tables

# How many matches are shown per table; the others are on the page of the table.
SHOWN = 8
# How many characters and words of the search terms are used.
MOST_SIGNS, MOST_WORDS = 400, 16
# Of more words, none is left out: that takes a count for each word, again and again.
MOST_DROPPING = 8
# The characters around matching words.
MARKS = ("⟦", "⟧")
WORD = re.compile(r"\w+", re.UNICODE)
# Whether an index has a word that begins like :word, else the nearest word of the same first letter: with
# one slip from five letters on, two from eight on, and an exchange of neighbours in four. The letters of each
# word of the index are read in turn; one bit is each beginning of :word that may have been read so far:
# with no slip, one or two, and in the middle of an exchange after none or one.
READ_WORD = """
with recursive
places(at) as (
  -- A number or a code that is not there is not another one.
  select 0 where length(:word) between 4 and 40 and :word not glob '*[0-9]*'
  union all
  select at + 1 from places where at + 1 < length(:word)
),
letters(letter, mask) as materialized (
  select substr(:word, at + 1, 1), sum(1 << at) from places group by 1
),
words(term, found) as (
  select term, sum(doc)
  from ({words})
  where abs(length(term) - length(:word)) <= iif(length(:word) >= 8, 2, 1)
  group by term
),
reading(term, found, at, none, one, two, turned, turned_again) as (
  select term, found, 0, 1, 0, 0, 0, 0 from words
  union all
  select
    term,
    found,
    at + 1,
    (none & coalesce(mask, 0)) << 1,
    (((one | (none << 1)) & coalesce(mask, 0)) << 1)
      | none | (none << 1) | ((turned & coalesce(mask, 0)) << 2),
    (((two | (one << 1) | (none << 2)) & coalesce(mask, 0)) << 1)
      | (one | (none << 1)) | ((one | (none << 1)) << 1) | ((turned_again & coalesce(mask, 0)) << 2),
    none & (coalesce(mask, 0) >> 1),
    (one | (none << 1)) & (coalesce(mask, 0) >> 1)
  from reading
  left join letters on letter = substr(term, at + 1, 1)
  where at < length(term)
    and (none | one | turned | iif(length(:word) >= 8, two | turned_again, 0)) <> 0
)
select
  {known} as is_known,
  (
    select term
    from reading
    where at = length(term)
      and (
        (((one | (none << 1)) >> length(:word)) & 1)
        or (length(:word) >= 8 and (((two | (one << 1) | (none << 2)) >> length(:word)) & 1))
      )
      and exists (select 1 from letters)
      and (
        length(:word) > 4
        or (length(term) = 4 and not exists (select 1 from letters where instr(term, letter) = 0))
      )
    order by (((one | (none << 1)) >> length(:word)) & 1) desc, found desc, term
    limit 1
  ) as nearest
"""


@dataclass(frozen=True)
class Searched:
    """A table with searchable fields, its index, and the statements that search it."""

    table: str
    index: str
    title: str
    keys: tuple[str, ...]
    # Finds rows by :words, with `label`, `words`, and the key as `key1`, `key2` …
    find: str
    count: str


@dataclass(frozen=True)
class Reading:
    """The words that are searched for, and what was made of those that were typed."""

    words: tuple[str, ...]
    # Each word that was corrected, with the word that it was read as.
    corrected: tuple[tuple[str, str], ...] = ()
    # Words that stand nowhere, and words that no row has together with the others.
    missing: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


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
    count = f"select count(*) as found from {words} where {words} match :words"
    return Searched(table, index, title, keys, find, count)


def split_words(typed: str) -> tuple[str, ...]:
    """The words that are read of what was typed, each once.

    >>> split_words("Ada of Ler, Ada")
    ('Ada', 'of', 'Ler')
    """
    return tuple(dict.fromkeys(WORD.findall(typed[:MOST_SIGNS])))[:MOST_WORDS]


def quote_words(words: Sequence[str]) -> str:
    """The words as a full-text query: all must occur, each of them at least as a prefix.

    >>> quote_words(["Ada", "of", "Ler"])
    '"Ada"* "of"* "Ler"*'
    """
    return " ".join(f'"{word}"*' for word in words)


def write_word_statement(indexes: Sequence[str]) -> str:
    """The statement that reads a word, over all indexes."""
    listed = []
    for index in indexes:
        words = escape_sqlite(f"{index}_words")
        first = "term >= substr(:word, 1, 1) and term < substr(:word, 1, 1) || char(1114111)"
        listed.append(f"select term, doc from {words} where {first}")
    known = (
        f"exists (select 1 from {escape_sqlite(index)} where {escape_sqlite(index)} match :match)"
        for index in indexes
    )
    return READ_WORD.format(words=" union all ".join(listed), known=" or ".join(known))


@ask_once
async def find_word_statement(datasette: Datasette) -> str:
    """The statement that reads a word; empty for a build whose indexes have no list of their words."""
    database = datasette.get_database()
    tables = {*await database.hidden_table_names()}
    indexes = [item.index for item in await list_searched(datasette)]
    return (
        write_word_statement(indexes)
        if indexes and all(f"{index}_words" in tables for index in indexes)
        else ""
    )


async def read_typed(datasette: Datasette, searched: Sequence[Searched], typed: str) -> Reading:
    """What to search for: words that stand nowhere are corrected or left out, and so are those in the way."""
    statement = await find_word_statement(datasette)
    words, corrected, missing = [], [], []
    for word in split_words(typed):
        read: Row = {"is_known": True, "nearest": None}
        if statement:
            read = (await read_rows(datasette, statement, word=word.lower(), match=quote_words([word])))[0]
        if read["is_known"]:
            words.append(word)
        elif read["nearest"]:
            words.append(read["nearest"])
            corrected.append((word, str(read["nearest"])))
        else:
            missing.append(word)
    dropped = []
    while 1 < len(words) <= MOST_DROPPING and not await _count_all(datasette, searched, words):
        counts = [
            (await _count_all(datasette, searched, [*words[:place], *words[place + 1 :]]), -place)
            for place in range(len(words))
        ]
        # The word whose absence leaves fewest rows, but some; of several the last.
        helpful = [(found, place) for found, place in counts if found] or counts
        dropped.append(words.pop(-min(helpful)[1]))
    return Reading(tuple(words), tuple(corrected), tuple(missing), tuple(dropped))


async def _count_all(datasette: Datasette, searched: Sequence[Searched], words: Sequence[str]) -> int:
    counts = ((item.count, {"words": quote_words(words)}) for item in searched)
    return sum(rows[0]["found"] for rows in await read_several(datasette, *counts))


async def show_search(request: Request, datasette: Datasette) -> Response:
    """The page of search results, or of the search form."""
    typed = request.args.get("q") or ""
    context: dict[str, Any] = {"typed": typed, "reading": Reading(()), "groups": []}
    context["searched"] = searched = await list_searched(datasette)
    if is_static(datasette):
        context["read_word"] = await find_word_statement(datasette)
        context["engine"] = await find_engine(datasette)
        with_pages = await list_row_tables(datasette)
        context["statements"] = [_describe(datasette, item, item.table in with_pages) for item in searched]
    elif split_words(typed) and searched:
        context["reading"] = reading = await read_typed(datasette, searched, typed)
        words = quote_words(reading.words)
        groups = [
            await _search(datasette, item, " ".join(reading.words), words) for item in searched if words
        ]
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
