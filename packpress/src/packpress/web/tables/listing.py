"""Lists of rows: their columns, cells, facets and the sentence that says what is shown."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from datasette.app import Datasette
from datasette.database import Database
from datasette.utils import escape_sqlite
from markupsafe import Markup

from packpress.package.dictionary import OWN_TABLES
from packpress.web.facts import Facts, Row, ask_once, read_facts, read_rows, row_path
from packpress.web.pages import find_pages, is_static
from packpress.web.tables.linked import KIND, name_link


def choose_columns(datasette: Datasette, name: str | None) -> tuple[str, ...]:
    """The columns of a table, view or question that are shown first; none where all are.

    The rest is one link away.
    """
    return find_pages(datasette).first_columns.get(name or "", ())


def break_name(column: str) -> Markup:
    """The name of a column, which may break behind each underscore."""
    return Markup("_<wbr>").join(column.split("_"))


SORTED = " sorted by "
OWN_NAMES = frozenset(table.name for table in OWN_TABLES)
MS_TO_COUNT = 1000
FORMATS = {"json": "JSON", "parquet": "Parquet"}


# The rows of larger tables have no pages in a folder of files or a site map, unless an extension says so.
MOST_ROW_PAGES = 2_000
# What Windows takes for a device wherever it stands.
DEVICES = ("con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10)))


@ask_once
async def list_shown_tables(datasette: Datasette) -> list[str]:
    """The tables that people meet, in the order in which they are declared."""
    database = datasette.get_database()
    hidden = {*await database.hidden_table_names()}
    names = {*await database.table_names()} - hidden - OWN_NAMES
    declared = datasette.metadata(database=database.name).get("tables") or {}
    return [name for name in declared if name in names] + sorted(names - {*declared})


async def find_browsed(datasette: Datasette) -> str:
    """The table that people browse first: the extension's, or else the first that is shown."""
    shown = await list_shown_tables(datasette)
    browsed = find_pages(datasette).browsed
    return browsed if browsed in shown or not shown else shown[0]


@ask_once
async def list_row_tables(datasette: Datasette) -> list[str]:
    """The tables each of whose rows has a page to lead people and machines to."""
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
    """Whether Windows takes the keys of two rows for one folder, or one for none."""
    rows, first = escape_sqlite(table), escape_sqlite(keys[0])
    columns = ", ".join(f"lower({escape_sqlite(key)})" for key in keys)
    devices = ", ".join(f"'{name}'" for name in DEVICES)
    distinct = f"select count(*) from (select distinct {columns} from {rows})"
    named = f"{len(keys)} = 1 and count(*) filter (where lower({first}) in ({devices})) > 0"
    found = await database.execute(f"select ({distinct}) < count(*) or ({named}) from {rows}")
    return bool(found.rows[0][0])


def count_rows(facts: Facts, keys: list[str], count: int | None) -> str:
    """How many there are, of what: `50 boats`; rows where the key is not that of one thing."""
    table = facts.key_tables.get(keys[0], "rows") if len(keys) == 1 else "rows"
    noun = table.replace("_", " ")
    number = "More than can be counted in time:" if count is None else f"{count:,}"
    return f"{number} {noun.removesuffix('s') if count == 1 else noun}"


def name_format(name: str) -> str:
    """A format in the letters that its makers write it with."""
    return FORMATS.get(name, name)


def name_filter(column: str) -> str:
    """The argument of an address that asks for rows with one value of the column."""
    return f"{column}__exact" if column.startswith("_") or "__" in column else column


def describe_query(description: str, arguments: Iterable[str]) -> str:
    """The question in words, without quotation marks and without an order that nobody asked for."""
    if not {"_sort", "_sort_desc"} & {*arguments}:
        description = f" {description}".rpartition(SORTED)[0] if SORTED in f" {description}" else description
    return re.sub(r' = "([^"]*)"', r" = \1", description).strip()


def order_facets(results: Mapping[str, Row], declared: Iterable[Any]) -> list[Row]:
    """The facets of a page, each once: the declared ones in their order, then those asked for."""
    order = [_name_declared(facet) for facet in declared]
    facets: dict[tuple[str, str], Row] = {}
    for facet in results.values():
        facets.setdefault((facet["type"], facet["name"]), facet)
    return [
        facet
        | {"title": _name_facet(facet), "values": [_describe_value(value) for value in facet["results"]]}
        for place, facet in sorted(
            facets.items(), key=lambda item: order.index(item[0]) if item[0] in order else len(order)
        )
    ]


def drop_page(url: str) -> str:
    """The address without the place where a page begins, which belongs to other rows."""
    path, _, query = url.partition("?")
    kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != "_next"]
    return f"{path}?{urlencode(kept)}" if kept else path


def _name_declared(facet: Any) -> tuple[str, str]:
    ((kind, name),) = facet.items() if isinstance(facet, dict) else (("column", facet),)
    return kind, name


def _name_facet(facet: Row) -> str:
    name: str = facet["name"]
    return name_link(name) if facet["type"] == KIND else name


def _describe_value(value: Row) -> Row:
    label = value["label"] if value["label"] not in (None, "") else value["value"]
    return value | {
        "label": str(label) if label not in (None, "") else "(empty)",
        "url": drop_page(value["toggle_url"]),
    }


SEPARATOR = "; "
VERBATIM = """
select field_name
from data_dictionary
group by field_name
having min(coalesce(verbatim, 0)) = 1
"""


@ask_once
async def read_verbatim_columns(datasette: Datasette) -> frozenset[str]:
    """Columns that hold a source's own words wherever a column has that name."""
    return frozenset(row["field_name"] for row in await read_rows(datasette, VERBATIM))


async def show_cell(datasette: Datasette, row: Any, value: Any, column: str) -> Markup | None:
    """The cell as it is shown, or None where Datasette's own way will do."""
    key, label = split_label(value)
    if not key:
        return None
    if column in await read_verbatim_columns(datasette):
        return Markup('<span class="src">{}</span>').format(key)
    return show_key(datasette, await read_facts(datasette), row, key, label, column)


def split_label(value: Any) -> tuple[str, str | None]:
    """The text of a cell, and its label where Datasette has looked one up; empty for what is no text."""
    key, label = (value["value"], value["label"]) if isinstance(value, dict) else (value, None)
    return (key if isinstance(key, str) else "", label)


def show_key(
    datasette: Datasette, facts: Facts, row: Any, key: str, label: str | None, column: str
) -> Markup | None:
    """A key leads to its row, also in views and queries, where Datasette does not know it for one."""
    # Beside its label an identifier is shown by Datasette, unless the label already says it.
    if label is not None and re.sub(r"\W+", "-", label.lower()) != key:
        return None
    links = []
    for part in key.split(SEPARATOR):
        if path := row_path(datasette, facts, column, part):
            links.append(Markup('<a href="{}">{}</a>').format(path, label or part))
    return Markup(SEPARATOR).join(links) or None


def read_cell(row: Any, name: str) -> Any:
    """The value of a column of a row, without its label; None where the row has no such column."""
    value = row[name] if name in row.keys() else None  # noqa: SIM118 (a row of SQLite iterates over its values)
    return value["value"] if isinstance(value, dict) else value
