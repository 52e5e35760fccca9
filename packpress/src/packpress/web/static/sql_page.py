"""SQL in the visitor's browser for static sites, and the content security policy of such pages."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from datasette.app import Datasette
from datasette.utils import escape_sqlite, tilde_encode
from datasette.utils.asgi import Request, Response

from packpress.web.about.downloads import find_file, list_downloads
from packpress.web.facts import Row, read_facts
from packpress.web.pages import find_pages
from packpress.web.security_headers import POLICY
from packpress.web.tables.listing import find_browsed, list_row_tables

# Directives that only work in headers.
OF_HEADERS = ("frame-ancestors",)
# Only our own scripts, which compile SQLite from WebAssembly and fetch the database.
SCRIPTS = {"script-src": "'self' 'wasm-unsafe-eval'", "connect-src": "'self'", "worker-src": "'self'"}
NO_SCRIPTS = {"script-src": "'none'"}
PARAMETER = re.compile(r":(\w+)")


def write_policy(has_scripts: bool) -> str:
    """The content security policy as a page states it in a meta element."""
    directives = POLICY | (SCRIPTS if has_scripts else NO_SCRIPTS)
    return "; ".join(f"{name} {value}" for name, value in directives.items() if name not in OF_HEADERS)


async def show_sql_page(datasette: Datasette, request: Request) -> Response:
    """The page that runs SQL in the browser."""
    database = (await read_facts(datasette)).database
    queries = (await datasette.get_canned_queries(database, None)).values()
    context = {
        "database": database,
        # The search query needs search terms, for which there is a separate page.
        "examples": [(query["title"], query["sql"]) for query in queries if query["name"] != "search"],
        "browsed": await find_browsed(datasette),
    }
    return Response.html(await datasette.render_template("sql.html", context, request=request))


async def find_engine(datasette: Datasette) -> Row:
    """Where the scripts of a page find the database, its size, and the pages of rows."""
    facts = await read_facts(datasette)
    files = [file for group in (await list_downloads(datasette)).values() for file in group]
    database = next(file for file in files if file.path == find_file(datasette).name)
    paths = find_pages(datasette).row_paths
    tables = await list_row_tables(datasette)
    rows = {
        column: paths.get(table, f"{facts.database}/{tilde_encode(table)}")
        for column, table in facts.key_tables.items()
        if table in tables
    }
    return {"url": database.url, "size": database.size, "rows": rows}


def ask_by_sql(datasette: Datasette, database: str, sql: str) -> str:
    """The address of the SQL page with a statement filled in."""
    return f"{datasette.urls.database(database)}?{urlencode({'sql': sql})}"


def write_statement(query: Mapping[str, Any], table: str, wanted: Sequence[str] | None) -> str:
    """The statement of a table page, without its limit and with its values inserted.

    `wanted` are the columns to select; all of them when it is None.
    """
    columns, _, rest = query["sql"].partition(f" from {escape_sqlite(table)} ")
    columns = ", ".join(map(escape_sqlite, wanted)) if wanted else columns.removeprefix("select ")
    statement = f"select {columns}\nfrom {escape_sqlite(table)} {rest.rpartition(' limit ')[0]}".rstrip()
    values = {name: _quote(value) for name, value in query["params"].items()}
    return PARAMETER.sub(lambda match: values.get(match[1], match[0]), statement)


def _quote(value: object) -> str:
    return str(value) if isinstance(value, int | float) else "'" + str(value).replace("'", "''") + "'"
