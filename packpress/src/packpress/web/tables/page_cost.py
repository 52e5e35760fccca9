"""Page cost: what a page of a table may cost, counted before anything of it is read.

Rows, facets and values of facets are few each, but multiply. So a page that somebody puts together by the
address has a bound on all of them together. What the descriptor declares is never refused.
"""

import json
from dataclasses import dataclass, replace

from datasette.app import Datasette
from datasette.database import QueryInterrupted
from datasette.utils import escape_sqlite
from datasette.utils.asgi import BadRequest, Request

from packpress.web.serving.request_limits import read_limits
from packpress.web.tables.linked import KIND, read_links

# A value of a facet costs 1, about an eighth of a millisecond, and so does a row in JSON. On a page a row
# costs the first, with its cells and links; each facet costs the second for every thousand rows of the table.
ROW_COST, COUNT_COST = 5, 3
# Formats that take every row, and no facets.
WITHOUT_FACETS = frozenset({"csv", "parquet", "blob"})
# The values of a column are counted, once for all, in tables of so many rows; in larger ones that takes long.
COUNTED_ROWS = 200_000


@dataclass(frozen=True)
class Facet:
    """A facet of a page: its kind, and the column or the link that it is of."""

    kind: str
    name: str


@dataclass(frozen=True)
class TablePage:
    """What a page of a table shows: so many rows, and facets of at most so many values."""

    database: str
    table: str
    rows: int
    row_cost: int
    facet_size: int
    facets: tuple[Facet, ...]


async def check_cost(datasette: Datasette, database: str, table: str, request: Request) -> None:
    """The page costs no more than a page may, or than the one that nobody changed; BadRequest otherwise."""
    most = read_limits(datasette).page_cost
    is_changed = any(key == "_size" or key.startswith("_facet") for key in request.args)
    if not most or not is_changed or read_format(request) in WITHOUT_FACETS:
        return
    declared = describe_page(datasette, database, table, request)
    page = read_page(request, declared, datasette.setting("max_returned_rows"))
    cost = await count_cost(datasette, page)
    if cost > most and cost > await count_cost(datasette, _add_facet(declared, page)):
        raise BadRequest(
            f"_facet: {len(page.facets)} facets of up to {page.facet_size} values beside {page.rows} rows"
            f" are {cost / most:.1f} times what a page may cost; ask for fewer, or for smaller ones"
        )


async def may_show_all(datasette: Datasette, database: str, table: str, request: Request) -> bool:
    """Whether the page may show every value of its facets, or as many as a page ever does."""
    most = read_limits(datasette).page_cost
    largest = datasette.setting("max_returned_rows")
    page = read_page(request, describe_page(datasette, database, table, request), largest)
    return not most or await count_cost(datasette, replace(page, facet_size=largest)) <= most


def describe_page(datasette: Datasette, database: str, table: str, request: Request) -> TablePage:
    """The page of the table as its metadata declare it, in the format of the address."""
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
    """The format of the answer; empty for a page. Our own address of Parquet hands on none."""
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
    """Whether an argument of that name asks for a facet."""
    return key.startswith("_facet") and key != "_facet_size"


def name_kind(key: str) -> str:
    """The kind of facet that an argument asks for.

    >>> name_kind("_facet"), name_kind("_facet_linked")
    ('column', 'linked')
    """
    return key.removeprefix("_facet").removeprefix("_") or "column"


def read_facet(text: str) -> str:
    """The column of a facet that is written as JSON, which Datasette takes too; empty where there is none."""
    try:
        config = json.loads(text) if text.startswith("{") else {}
    except ValueError:
        return ""
    name = config.get("column") or config.get("simple")
    return name if isinstance(name, str) else ""


async def count_cost(datasette: Datasette, page: TablePage) -> int:
    """What the page costs."""
    table_rows = (await datasette.get_database(page.database).table_counts()).get(page.table) or 0
    values = [
        min(page.facet_size, await _count_values(datasette, page, facet, table_rows)) for facet in page.facets
    ]
    return page.row_cost * page.rows + sum(values) + len(values) * COUNT_COST * table_rows // 1000


async def _count_values(datasette: Datasette, page: TablePage, facet: Facet, table_rows: int) -> int:
    """As many values as the facet has at most, or more where counting them takes long."""
    database = datasette.get_database(page.database)
    if facet.kind == KIND:
        link = (await read_links(datasette)).get(page.table, {}).get(facet.name)
        return (await database.table_counts()).get(link.target) or 0 if link else 0
    if facet.kind not in ("column", "date") or table_rows > COUNTED_ROWS:
        return page.facet_size
    column, rows = escape_sqlite(facet.name), escape_sqlite(page.table)
    try:
        # The site keeps the answer, as it does that of every statement of its own.
        counted = await database.execute(f"select count(distinct {column}) from {rows}")
    except QueryInterrupted:
        return page.facet_size
    return int(counted.rows[0][0])


def _add_facet(declared: TablePage, page: TablePage) -> TablePage:
    """The page as it is declared, with one facet at least, as that of a large table may cost much alone."""
    return declared if declared.facets else replace(declared, facets=page.facets[:1])
