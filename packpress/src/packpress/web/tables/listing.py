"""Lists of rows: their columns, cells and facets."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any
from urllib.parse import parse_qsl, urlencode

from datasette.app import Datasette
from datasette.database import Database
from datasette.utils import escape_sqlite, tilde_decode, to_css_class
from datasette.utils.asgi import Request, Response
from datasette.views.row import RowView
from datasette.views.table import TableView
from markupsafe import Markup, escape

from packpress.package.dictionary import OWN_TABLES
from packpress.web.facts import Facts, Row, ask_once, read_facts, read_rows, row_path
from packpress.web.pages import find_pages, is_static
from packpress.web.tables import answer_files
from packpress.web.tables.column_titles import ROW_NUMBER, ColumnTitles, capitalise, read_titles
from packpress.web.tables.linked import KIND, name_link


def choose_columns(datasette: Datasette, name: str | None) -> tuple[str, ...]:
    """The columns of a table, view or query that are shown first; empty when all are.

    The others are one link away.
    """
    return find_pages(datasette).first_columns.get(name or "", ())


# With these arguments, a page shows all columns, or all but some.
OF_COLUMNS = frozenset({"_all", "_nocol"})


@dataclass(frozen=True)
class ColumnChoice:
    """A column that a page can show: its name, its title, its tooltip, and whether it is shown."""

    name: str
    title: str
    tooltip: str
    is_shown: bool


def choose_shown(datasette: Datasette, request: Request, table: str, keys: Sequence[str]) -> tuple[str, ...]:
    """The columns that a page shows: those of its address, or else the first ones; empty when all are.

    The key is shown as well, as the link to the row, unless the first columns do without it.
    """
    first = choose_columns(datasette, table)
    if wanted := request.args.getlist("_col"):
        links = () if first and not {*first} & {*keys} else keys
        return tuple(dict.fromkeys([*links, *wanted]))
    return first if OF_COLUMNS.isdisjoint(request.args) else ()


async def list_choices(
    datasette: Datasette, table: str, columns: Iterable[str], shown: Sequence[str]
) -> list[ColumnChoice]:
    """The columns to choose from: first those that a page shows by itself, then the others."""
    titles = await read_titles(datasette)
    first = choose_columns(datasette, table)
    names = [
        *(name for name in first if name in {*columns}),
        *(name for name in columns if name not in first),
    ]
    repeated = Counter(titles.name(table, name) for name in names)

    def name_apart(name: str) -> str:
        title = titles.name(table, name)
        return f"{title} ({name})" if repeated[title] > 1 else title

    return [
        ColumnChoice(name, name_apart(name), titles.explain(table, name), not shown or name in shown)
        for name in names
    ]


class ListView(TableView):  # type: ignore[misc]
    """A page of rows that reads and renders only the columns that it shows, and those that their cells need.

    Datasette renders every column, of which the template of a wide table leaves most out. Files have all.
    """

    async def columns_to_select(
        self, table_columns: Sequence[str], pks: Sequence[str], request: Request
    ) -> list[str]:
        """The columns of the statement, in the order of the table."""
        columns: list[str] = await super().columns_to_select(table_columns, pks, request)
        needed = self.list_needed(request)
        if not needed:
            return columns
        # In the order of the address, with what their cells need behind them; else in that of the table.
        columns = [*columns, *(column for column in table_columns if column not in columns)]
        return [column for column in columns if column in needed or column in pks]

    def list_needed(self, request: Request) -> frozenset[str]:
        """The columns that the page needs besides its key; empty when it needs all of them."""
        table = tilde_decode(request.url_vars["table"])
        shown = choose_shown(self.ds, request, table, ())
        if not shown or request.url_vars.get("format"):
            return frozenset()
        beside = find_pages(self.ds).list_companions
        told = self.ds.table_metadata(self.ds.get_database().name, table)
        # The address of the next page has the value by which the rows are sorted.
        sorts = (told.get("sort"), told.get("sort_desc"), *map(request.args.get, ("_sort", "_sort_desc")))
        return frozenset(
            (*shown, *filter(None, sorts), *(name for column in shown for name in beside(column)))
        )

    async def data(self, request: Request, *arguments: Any, **options: Any) -> Any:
        """What Datasette says about the page; its form for filters offers every column all the same."""
        found = await super().data(request, *arguments, **options)
        if not isinstance(found, tuple) or "filtered_table_rows_count" not in found[0]:
            # A redirect, or the page of a query, whose addresses are like those of tables.
            return found
        data, describe, *rest = found
        if not self.list_needed(request):
            return found
        known = await self.ds.get_database().table_columns(data["table"])
        columns = [*(name for name in data["columns"] if name not in known), *known]

        async def describe_all() -> dict[str, Any]:
            return {**await describe(), "columns": columns, "filter_columns": columns}

        return (data, describe_all, *rest)


class RowPage(RowView):  # type: ignore[misc]
    """A row, without counts of the rows that refer to it.

    Datasette makes them for every page, and few show them; those ask by `count_references`.
    """

    is_page = False

    async def data(self, request: Request, *arguments: Any, **options: Any) -> Any:
        """What Datasette says about the row."""
        self.is_page = not request.url_vars.get("format")
        return await super().data(request, *arguments, **options)

    async def foreign_key_tables(self, database: str, table: str, pk_values: Sequence[str]) -> list[Row]:
        """The counts, for files; none for a page."""
        found = [] if self.is_page else await super().foreign_key_tables(database, table, pk_values)
        return list(found)


async def count_references(datasette: Datasette, database: str, table: str, keys: Sequence[str]) -> list[Row]:
    """The tables with a foreign key to the table of a row, each with the number of rows that refer to it."""
    return list(await RowView(datasette).foreign_key_tables(database, table, keys))


async def show_row(request: Request, datasette: Datasette, send: Any) -> Any:
    """The page, or the file, of a row; a row has one page, so that of an alias leads to it."""
    table, ending = tilde_decode(request.url_vars["table"]), request.url_vars.get("format")
    aliases = find_pages(datasette).aliases
    if table in aliases and not ending and request.method in {"GET", "HEAD"}:
        place = str(datasette.urls.table(request.url_vars["database"], aliases[table]))
        query = f"?{request.query_string}" if request.query_string else ""
        return Response.redirect(f"{place}/{request.url_vars['pks']}{query}", status=301)
    return await RowPage.as_view(datasette)(request, send)


async def show_list(request: Request, datasette: Datasette, send: Any) -> Any:
    """The page, or the file, of the rows of a table, or of the answer to a query."""
    name = tilde_decode(request.url_vars["table"])
    queries = datasette.metadata(database=datasette.get_database().name).get("queries") or {}
    if name in queries and request.method in {"GET", "HEAD"} and answer_files.is_text_file(request):
        return await answer_files.show_text(request, datasette)
    return await ListView.as_view(datasette)(request, send)


def break_name(column: str) -> Markup:
    """The name or title of a column, with optional line breaks after underscores.

    >>> break_name("boat_id")
    Markup('boat_<wbr>id')
    """
    return Markup("_<wbr>").join(column.split("_"))


OWN_NAMES = frozenset(table.name for table in OWN_TABLES)
MS_TO_COUNT = 1000
FORMATS = {"json": "JSON", "parquet": "Parquet"}


# Rows of larger tables are not listed in sitemaps and static exports, unless the extension asks for it.
MOST_ROW_PAGES = 2_000
# Names that Windows reserves for devices in every folder.
DEVICES = ("con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10)))


@ask_once
async def list_shown_tables(datasette: Datasette) -> list[str]:
    """The tables that are meant for readers, in declared order."""
    database = datasette.get_database()
    hidden = {*await database.hidden_table_names()}
    names = {*await database.table_names()} - hidden - OWN_NAMES
    declared = datasette.metadata(database=database.name).get("tables") or {}
    return [name for name in declared if name in names] + sorted(names - {*declared})


async def find_browsed(datasette: Datasette) -> str:
    """The table to browse first: the extension's, or else the first that is shown."""
    shown = await list_shown_tables(datasette)
    browsed = find_pages(datasette).browsed
    return browsed if browsed in shown or not shown else shown[0]


@ask_once
async def list_row_tables(datasette: Datasette) -> list[str]:
    """The tables whose rows have pages that are listed."""
    pages, database = find_pages(datasette), datasette.get_database()
    if pages.row_tables:
        return list(pages.row_tables)
    counts = await database.table_counts(limit=MS_TO_COUNT)
    found = []
    for table in await list_shown_tables(datasette):
        keys = await database.primary_keys(table)
        is_small = (counts.get(table) or MOST_ROW_PAGES + 1) <= MOST_ROW_PAGES
        if is_small and keys and not (is_static(datasette) and await _has_clashes(database, table, keys)):
            found.append(table)
    return found


async def _has_clashes(database: Database, table: str, keys: list[str]) -> bool:
    """Whether Windows would use the same folder for two rows of the table, or cannot create one."""
    rows, first = escape_sqlite(table), escape_sqlite(keys[0])
    columns = ", ".join(f"lower({escape_sqlite(key)})" for key in keys)
    devices = ", ".join(f"'{name}'" for name in DEVICES)
    distinct = f"select count(*) from (select distinct {columns} from {rows})"
    named = f"{len(keys)} = 1 and count(*) filter (where lower({first}) in ({devices})) > 0"
    found = await database.execute(f"select ({distinct}) < count(*) or ({named}) from {rows}")
    return bool(found.rows[0][0])


def count_rows(facts: Facts, keys: list[str], count: int | None) -> str:
    """The number of rows and what they are, such as `50 boats`; `rows` when the key does not tell.

    >>> count_rows(Facts("fleet", {"boat_id": "boats"}), ["boat_id"], 50)
    '50 boats'
    """
    table = facts.key_tables.get(keys[0], "rows") if len(keys) == 1 else "rows"
    noun = table.replace("_", " ")
    number = "Too many to count in time:" if count is None else f"{count:,}"
    return f"{number} {noun.removesuffix('s') if count == 1 else noun}"


def name_format(name: str) -> str:
    """The name of a format as it is usually written.

    >>> name_format("json"), name_format("csv")
    ('JSON', 'csv')
    """
    return FORMATS.get(name, name)


def name_filter(column: str) -> str:
    """The argument that filters rows by one value of a column.

    >>> name_filter("port"), name_filter("_hidden")
    ('port', '_hidden__exact')
    """
    return f"{column}__exact" if column.startswith("_") or "__" in column else column


def order_facets(
    datasette: Datasette, table: str, results: Mapping[str, Row], declared: Iterable[Any]
) -> list[Row]:
    """The facets of a page without duplicates: declared ones in order, then requested ones."""
    titles = read_titles.known(datasette)
    order = [_name_declared(facet) for facet in declared]
    facets: dict[tuple[str, str], Row] = {}
    for facet in results.values():
        facets.setdefault((facet["type"], facet["name"]), facet)
    return [
        facet
        | {
            "title": _title_facet(titles, table, facet),
            "tooltip": titles.explain(table, facet["name"]),
            "values": [_describe_value(titles, table, facet["name"], value) for value in facet["results"]],
        }
        for place, facet in sorted(
            facets.items(), key=lambda item: order.index(item[0]) if item[0] in order else len(order)
        )
    ]


def drop_page(url: str) -> str:
    """The address without the page token, which belongs to other rows."""
    path, _, query = url.partition("?")
    kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != "_next"]
    return f"{path}?{urlencode(kept)}" if kept else path


def _name_declared(facet: Any) -> tuple[str, str]:
    ((kind, name),) = facet.items() if isinstance(facet, dict) else (("column", facet),)
    return kind, name


def _title_facet(titles: ColumnTitles, table: str, facet: Row) -> str:
    """What a facet counts by: its column, or what a key refers to when its values are labels."""
    name: str = facet["name"]
    if facet["type"] == KIND:
        return capitalise(name_link(name))
    is_labelled = any(str(value["label"]) != str(value["value"]) for value in facet["results"])
    return titles.name_target(table, name) if is_labelled else titles.name(table, name)


def _describe_value(titles: ColumnTitles, table: str, column: str, value: Row) -> Row:
    label = value["label"] if value["label"] not in (None, "") else value["value"]
    shown = titles.show_value(table, column, str(label)) if label not in (None, "") else "(empty)"
    return value | {"label": shown, "url": drop_page(value["toggle_url"])}


SEPARATOR = "; "
VERBATIM = """
select field_name
from data_dictionary
group by field_name
having min(coalesce(verbatim, 0)) = 1
"""


@ask_once
async def read_verbatim_columns(datasette: Datasette) -> frozenset[str]:
    """Names of columns that always hold text copied from sources."""
    return frozenset(row["field_name"] for row in await read_rows(datasette, VERBATIM))


LEFT_OUT = "select * from data_dictionary where verbatim"


@ask_once
async def read_left_out(datasette: Datasette) -> frozenset[tuple[str, str]]:
    """The columns that this edition leaves out, each with its table; builds of old versions tell of none."""
    rows = await read_rows(datasette, LEFT_OUT)
    return frozenset((row["table_name"], row["field_name"]) for row in rows if row.get("left_out"))


async def read_cell_facts(datasette: Datasette) -> None:
    """Reads what `show_cell` needs to know."""
    await read_facts(datasette)
    await read_titles(datasette)
    await read_left_out(datasette)
    await read_verbatim_columns(datasette)


def show_cell(datasette: Datasette, row: Any, value: Any, column: str) -> Markup | None:
    """The cell as HTML, or None for Datasette's default."""
    key, label = split_label(value)
    if not key:
        return None
    if column in read_verbatim_columns.known(datasette):
        return Markup(f'<span class="src">{escape(key)}</span>')
    return show_key(datasette, read_facts.known(datasette), row, key, label, column)


def split_label(value: Any) -> tuple[str, str | None]:
    """The text of a cell, and its label if Datasette has looked one up.

    The text is empty for other values.
    """
    key, label = (value["value"], value["label"]) if isinstance(value, dict) else (value, None)
    return (key if isinstance(key, str) else "", label)


def show_key(
    datasette: Datasette, facts: Facts, row: Any, key: str, label: str | None, column: str
) -> Markup | None:
    """Links a key to its row, also in views and queries, where Datasette does not recognise it."""
    # Datasette shows the key next to its label, unless the label already spells it.
    if label is not None and re.sub(r"\W+", "-", label.lower()) != key:
        return None
    links = []
    for part in key.split(SEPARATOR):
        if path := row_path(datasette, facts, column, part):
            links.append(write_link(path, label or part))
    return links[0] if len(links) == 1 else Markup(SEPARATOR).join(links) or None


def write_link(path: str, words: str) -> Markup:
    """A link; a page has hundreds, for which `Markup.format` takes four times as long.

    >>> write_link("/boats/1?a&b", "Ida & Ann")
    Markup('<a href="/boats/1?a&amp;b">Ida &amp; Ann</a>')
    """
    return Markup(f'<a href="{escape(path)}">{escape(words)}</a>')


# Longer values are not from closed lists.
MOST_LISTED = 80
# What Datasette calls the column of links to rows.
LINK = "Link"
# What Datasette shows for an empty cell.
EMPTY = "&nbsp;"
DASH = Markup('<span class="sil">–<span class="vh"> empty</span></span>')


def show_empty(column: str) -> Markup:
    """What a page shows for a column without a value; an extension may say more of a column."""
    return DASH


WITHHELD_CELL = Markup(
    '<span class="sil" title="this edition withholds it here; other tables may quote it">withheld</span>'
)
WITHHELD = Markup('<span class="sil">withheld in this edition</span>')


async def show_recorded(
    datasette: Datasette,
    table: str,
    row: Iterable[Row],
    columns: Mapping[str, str],
    show_empty: Callable[[str], Markup],
    has_titles: bool = False,
) -> Markup:
    """Every column of a row of a table as the items of a list, by its title or as it is named in files.

    What is empty in a column that the edition leaves out says so: nobody can tell whether it had a value.
    """
    left_out, titles = await read_left_out(datasette), await read_titles(datasette)
    items = []
    for cell in row:
        column, raw = cell["column"], cell["raw"]
        empty = WITHHELD if (table, column) in left_out else show_empty(column)
        shown = cell["value"]
        if has_titles and type(shown) is str:
            shown = titles.show_value(table, column, shown)
        value = empty if raw is None or raw == "" else escape(shown)
        tooltip = titles.explain(table, column, columns.get(column))
        name = titles.name_with_unit(table, column) if has_titles else column
        items.append(f'<dt title="{escape(tooltip)}">{escape(name)}</dt>\n<dd>{value}</dd>\n')
    return Markup("".join(items))


def show_terms(datasette: Datasette, table: str | None, columns: Mapping[str, str]) -> Markup:
    """Columns by their titles and names, and what they contain, as the items of a list."""
    titles = read_titles.known(datasette)
    return Markup(
        "".join(
            f"<dt>{escape(titles.name(table, column))} <code>{break_name(column)}</code>"
            f"{escape(unit and f', in {unit}')}</dt>"
            f"<dd>{escape(words)}</dd>\n"
            for column, words in columns.items()
            for unit in [titles.unit(table, column)]
        )
    )


def list_heads(columns: Sequence[Row], wanted: Sequence[str]) -> list[Row]:
    """The columns of a table that are shown: the wanted ones, or all.

    Datasette puts links to the rows first. In a table without a key, they have the text of the numbers that
    follow them, which are links in `show_rows` instead.

    >>> number, port = {"name": "rowid", "sortable": True}, {"name": "port", "sortable": True}
    >>> [column["name"] for column in list_heads([{"name": "Link", "sortable": False}, number, port], ())]
    ['rowid', 'port']
    """
    names = [column["name"] for column in columns[:2]]
    is_twice = names == [LINK, ROW_NUMBER] and not columns[0]["sortable"]
    return [column for column in columns[is_twice:] if not wanted or column["name"] in wanted]


def _link_number(row: Iterable[Row]) -> Sequence[Row]:
    """The cells of a row, whose number is the link to it in a table without a key."""
    link, *cells = row
    if cells and (link["value_type"], link["column"], cells[0]["column"]) == ("pk", LINK, ROW_NUMBER):
        return [{**link, "column": ROW_NUMBER}, *cells[1:]]
    return [link, *cells]


def show_rows(
    datasette: Datasette,
    table: str,
    rows: Iterable[Iterable[Row]],
    wanted: Sequence[str],
    show_empty: Callable[[str], Markup],
) -> Markup:
    """The rows of a table as HTML; `wanted` are the columns to show, all if there are none."""
    titles = read_titles.known(datasette)
    begin = cache(
        lambda column, kind: begin_cell(titles.name_with_unit(table, column), column, f" type-{kind}")
    )
    show = partial(show_value, titles, table, explain_silence(datasette, table, show_empty))
    alias, urls = find_pages(datasette).aliases.get(table), datasette.urls
    database = datasette.get_database().name
    move = partial(move_link, urls.table(database, table), urls.table(database, alias)) if alias else Markup
    return write_rows(
        [
            (
                begin(cell["column"], cell["value_type"]),
                move(cell["value"]) if cell["value_type"] == "pk" else show(cell["column"], cell["value"]),
            )
            for cell in _link_number(row)
            if not wanted or cell["column"] in wanted
        ]
        for row in rows
    )


def explain_silence(
    datasette: Datasette, table: str | None, show_empty: Callable[[str], Markup]
) -> Callable[[str], Markup]:
    """What an empty cell of a column shows: for a column that the edition leaves out, that it is withheld.

    The columns of an answer have no table; one that is left out anywhere may be left out there.
    """
    left_out = read_left_out.known(datasette)
    withheld = {column for holder, column in left_out if table in (None, holder)}
    return cache(lambda column: WITHHELD_CELL if column in withheld else show_empty(column))


def move_link(old: str, new: str, link: Any) -> Markup:
    """A link to a row, moved to the table that has its page.

    >>> print(move_link("/fleet/boats_flat", "/fleet/boats", Markup('<a href="/fleet/boats_flat/1">1</a>')))
    <a href="/fleet/boats/1">1</a>
    """
    return Markup(str(link).replace(f'href="{old}/', f'href="{new}/', 1))


def show_answer(
    datasette: Datasette,
    rows: Iterable[Sequence[Any]],
    columns: Sequence[str],
    wanted: Sequence[str],
    show_empty: Callable[[str], Markup],
) -> Markup:
    """The rows of the answer to a query as HTML; `wanted` are the columns to show, all if there are none."""
    titles = read_titles.known(datasette)
    show = partial(show_value, titles, None, explain_silence(datasette, None, show_empty))
    shown = [
        (place, column, begin_cell(titles.name(None, column), column))
        for place, column in enumerate(columns)
        if not wanted or column in wanted
    ]
    return write_rows([(begin, show(column, row[place])) for place, column, begin in shown] for row in rows)


def show_value(
    titles: ColumnTitles, table: str | None, show_empty: Callable[[str], Markup], column: str, value: Any
) -> Any:
    """The value of a cell as it is shown: what is empty says so, and closed lists have no underscores."""
    if value == EMPTY or value is None:
        return show_empty(column)
    # Most values stay as they are.
    return (
        titles.show_value(table, column, value) if type(value) is str and len(value) < MOST_LISTED else value
    )


def begin_cell(title: str, column: str, classes: str = "") -> str:
    """The beginning of a cell of a column as HTML, as far as its class.

    >>> begin_cell("Home port", "port", " type-str")
    '<td role="cell" data-l="Home port" class="col-port type-str'
    """
    return f'<td role="cell" data-l="{escape(title)}" class="col-{to_css_class(column)}{classes}'


def write_rows(rows: Iterable[Iterable[tuple[str, str]]]) -> Markup:
    """Rows of cells as HTML, each cell with its beginning and its value.

    In a template, the thousand cells of a page take several times as long.

    >>> print(write_rows([[(begin_cell("Port", "port"), "A & B")]]).strip())
    <tr role="row"><td role="cell" data-l="Port" class="col-port">A &amp; B</td></tr>
    """
    pieces = []
    for row in rows:
        pieces.append('\n<tr role="row">')
        for beginning, value in row:
            text = value if isinstance(value, Markup) else escape(value)
            pieces.append(f'{beginning}{" nil" if text == DASH else ""}">{text}</td>')
        pieces.append("</tr>")
    return Markup("".join(pieces) + "\n")


def read_cell(row: Any, name: str) -> Any:
    """The value of a column in a row, without its label; None when the row has no such column."""
    value = row[name] if name in row.keys() else None  # noqa: SIM118 (a row of SQLite iterates over its values)
    return value["value"] if isinstance(value, dict) else value
