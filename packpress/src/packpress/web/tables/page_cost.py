"""Page cost: the cost of a table page, computed before any of it is read.

Rows, facets and facet values are each limited, but their product can be large. So a page that a visitor puts
together by its arguments has a limit on all of them together. What the descriptor declares is never refused.
"""

import json
from dataclasses import dataclass, replace

from datasette.app import Datasette
from datasette.database import QueryInterrupted
from datasette.utils import escape_sqlite
from datasette.utils.asgi import BadRequest, Request

from packpress.web.serving.request_limits import read_limits
from packpress.web.tables.linked import KIND, read_links

# A facet value costs 1, about an eighth of a millisecond, and so does a row in JSON. On a page, a row costs
# ROW_COST, because of its cells and links; each facet costs COUNT_COST for every thousand rows of the table.
ROW_COST, COUNT_COST = 5, 3
# Formats with all rows and no facets.
WITHOUT_FACETS = frozenset({"csv", "parquet", "blob"})
# Distinct values are counted, once, in tables of up to this many rows; in larger ones it takes too long.
COUNTED_ROWS = 200_000


@dataclass(frozen=True)
class Facet:
    """A facet of a page: its kind, and its column or link."""

    kind: str
    name: str


@dataclass(frozen=True)
class TablePage:
    """The number of rows of a table page, its facets, and the number of their values."""

    database: str
    table: str
    rows: int
    row_cost: int
    facet_size: int
    facets: tuple[Facet, ...]


async def check_cost(datasette: Datasette, database: str, table: str, request: Request) -> None:
    """Raises BadRequest when a page costs more than the limit, and more than the page without arguments."""
    most = read_limits(datasette).page_cost
    is_changed = any(key == "_size" or key.startswith("_facet") for key in request.args)
    if not most or not is_changed or read_format(request) in WITHOUT_FACETS:
        return
    declared = describe_page(datasette, database, table, request)
    page = read_page(request, declared, datasette.setting("max_returned_rows"))
    cost = await count_cost(datasette, page)
    if cost > most and cost > await count_cost(datasette, _add_facet(declared, page)):
        raise BadRequest(
            f"_facet: {len(page.facets)} facets of up to {page.facet_size} values and {page.rows} rows"
            f" are {cost / most:.1f} times what a page may cost; ask for fewer, or for smaller ones"
        )


async def may_show_all(datasette: Datasette, database: str, table: str, request: Request) -> bool:
    """Whether the page may show all values of its facets, up to the general limit."""
    most = read_limits(datasette).page_cost
    largest = datasette.setting("max_returned_rows")
    page = read_page(request, describe_page(datasette, database, table, request), largest)
    return not most or await count_cost(datasette, replace(page, facet_size=largest)) <= most


def describe_page(datasette: Datasette, database: str, table: str, request: Request) -> TablePage:
    """The page of a table as its metadata declares it, in the requested format."""
    told = datasette.table_metadata(database, table)
    facets = (facet if isinstance(facet, dict) else {"column": facet} for facet in told.get("facets") or ())
    return TablePage(
        database,
        table,
        int(told.get("size") or datasette.setting("default_page_size")),
        1 if read_format(request) else ROW_COST,
        int(told.get("facet_size") or datasette.setting("default_facet_size")),
        tuple(Facet(kind, str(name)) for facet in facets for kind, name in facet.items()),
    )


def read_format(request: Request) -> str:
    """The format of the response; empty for an HTML page and for our own Parquet address."""
    return request.url_vars.get("format") or ("parquet" if request.path.endswith(".parquet") else "")


def read_page(request: Request, declared: TablePage, most: int) -> TablePage:
    """The page that an address asks for."""
    asked = (
        Facet(name_kind(key), read_facet(text) or text)
        for key in request.args
        if is_facet(key)
        for text in request.args.getlist(key)
    )
    return replace(
        declared,
        rows=read_size(request.args.get("_size"), declared.rows, most),
        facet_size=read_size(request.args.get("_facet_size"), declared.facet_size, most),
        facets=(*declared.facets, *asked),
    )


def read_size(text: str | None, usual: int, most: int) -> int:
    """The number that an argument asks for.

    >>> read_size("max", 50, 500), read_size("7", 50, 500), read_size("x", 50, 500), read_size("900", 50, 500)
    (500, 7, 50, 500)
    """
    if text == "max":
        return most
    return min(int(text), most) if text and text.isdecimal() else usual


def is_facet(key: str) -> bool:
    """Whether an argument asks for a facet.

    >>> is_facet("_facet"), is_facet("_facet_size"), is_facet("_sort")
    (True, False, False)
    """
    return key.startswith("_facet") and key != "_facet_size"


def name_kind(key: str) -> str:
    """The kind of facet that an argument asks for.

    >>> name_kind("_facet"), name_kind("_facet_linked")
    ('column', 'linked')
    """
    return key.removeprefix("_facet").removeprefix("_") or "column"


def read_facet(text: str) -> str:
    """The column of a facet written as JSON, which Datasette accepts too; empty when there is none."""
    try:
        config = json.loads(text) if text.startswith("{") else {}
    except ValueError:
        return ""
    name = config.get("column") or config.get("simple")
    return name if isinstance(name, str) else ""


async def count_cost(datasette: Datasette, page: TablePage) -> int:
    """The cost of the page."""
    table_rows = (await datasette.get_database(page.database).table_counts()).get(page.table) or 0
    values = [
        min(page.facet_size, await _count_values(datasette, page, facet, table_rows)) for facet in page.facets
    ]
    return page.row_cost * page.rows + sum(values) + len(values) * COUNT_COST * table_rows // 1000


async def _count_values(datasette: Datasette, page: TablePage, facet: Facet, table_rows: int) -> int:
    """The largest number of values of a facet; an estimate when counting them takes too long."""
    database = datasette.get_database(page.database)
    if facet.kind == KIND:
        link = (await read_links(datasette)).get(page.table, {}).get(facet.name)
        return (await database.table_counts()).get(link.target) or 0 if link else 0
    if facet.kind not in ("column", "date") or table_rows > COUNTED_ROWS:
        return page.facet_size
    column, rows = escape_sqlite(facet.name), escape_sqlite(page.table)
    try:
        # The site caches the result, as it does for all its own statements.
        counted = await database.execute(f"select count(distinct {column}) from {rows}")
    except QueryInterrupted:
        return page.facet_size
    return int(counted.rows[0][0])


def _add_facet(declared: TablePage, page: TablePage) -> TablePage:
    """The declared page with at least one facet, because a single facet of a large table can be expensive."""
    return declared if declared.facets else replace(declared, facets=page.facets[:1])
