"""The data dictionary, and the catalogue of all tables, views and queries of the database."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from datasette.app import Datasette
from datasette.database import QueryInterrupted
from datasette.utils import InvalidSql
from datasette.utils.asgi import Request, Response
from datasette.views.database import DatabaseView

from packpress.web.error_pages import TOO_LONG
from packpress.web.facts import Row, ask_once, read_facts, read_rows
from packpress.web.pages import is_static
from packpress.web.static.sql_page import show_sql_page
from packpress.web.tables.listing import find_browsed

# Suffixes of the tables in which a full-text index is stored; they are not meant to be read.
SHADOWS = ("config", "content", "data", "docsize", "idx")


async def show_catalogue(request: Request, datasette: Datasette, send: Any) -> Response | None:
    """The page of the database; other formats are left to Datasette's view, which queries each table anew."""
    database = (await read_facts(datasette)).database
    if is_static(datasette) and "sql" in request.args:
        return await show_sql_page(datasette, request)
    if request.url_vars["database"] != database or request.args.get("sql"):
        return await SqlView.as_view(datasette)(request, send)
    may_ask = await datasette.permission_allowed(request.actor, "execute-sql", database, default=True)
    context = {
        **await list_contents(datasette),
        "show_hidden": request.args.get("_show_hidden"),
        "allow_execute_sql": may_ask,
        "allow_download": datasette.setting("allow_download"),
        "browsed": await find_browsed(datasette),
    }
    return Response.html(await datasette.render_template("database.html", context, request=request))


class SqlView(DatabaseView):  # type: ignore[misc]
    """The answer to a visitor's statement; one that cannot be answered stays in its field to be corrected."""

    async def data(self, request: Request, **options: Any) -> Any:
        """What Datasette says about the statement, or what is wrong with it."""
        try:
            return await super().data(request, **options)
        except InvalidSql as error:
            mistake = f"{error}; begin it with select or with"
        except QueryInterrupted:
            mistake = TOO_LONG
        name = (await read_facts(self.ds)).database
        # Datasette reads the statement before it asks who may write one.
        await self.ds.ensure_permissions(request.actor, [("execute-sql", name)])
        return self.show_mistake(request, name, mistake)

    def show_mistake(self, request: Request, database: str, mistake: str) -> Any:
        """The page of the statement as Datasette makes it for those that SQLite refuses."""
        data = {"database": database, "rows": [], "columns": [], "truncated": False, "error": mistake}
        values = {name: request.args[name] for name in request.args if name != "sql" and name[:1] != "_"}
        query = {"sql": request.args["sql"], "params": values}

        async def describe() -> dict[str, Any]:
            about = {"metadata": {}, "canned_query": None, "named_parameter_values": values}
            return {**about, "request": request, "display_rows": []}

        return {**data, "query": query, "allow_execute_sql": True}, describe, ["query.html"], 400


@ask_once
async def list_contents(datasette: Datasette) -> dict[str, Any]:
    """Queries, views and tables with their titles and, for tables, their row counts; hidden tables last."""
    database = (await read_facts(datasette)).database
    db = datasette.get_database(database)
    metadata = datasette.metadata("databases", fallback=False).get(database, {})
    described = metadata.get("tables") or {}

    def describe(name: str, **more: Any) -> Row:
        info = described.get(name) or {}
        title, description = info.get("title") or name, info.get("description")
        return {"name": name, "title": title, "description": description, **more}

    hidden = {*await db.hidden_table_names()}
    counts = await db.table_counts(limit=1000)
    shadows = {f"{name}_{part}" for name in counts for part in SHADOWS if f"{name}_config" in counts}
    tables = [
        describe(name, count=count, hidden=name in hidden)
        for name, count in counts.items()
        if name not in hidden & shadows
    ]
    return {
        "database": database,
        "metadata": {**datasette.metadata(), **metadata},
        "queries": list((await datasette.get_canned_queries(database, None)).values()),
        "views": [describe(name, count=None) for name in await db.view_names()],
        "tables": sorted(tables, key=lambda table: (table["hidden"], table["name"])),
        "hidden_count": sum(table["hidden"] for table in tables),
        "size": db.size,
    }


# The tables of the dictionary itself, which it does not describe.
OWN_TABLES = ("data_dictionary_tables", "data_dictionary", "data_dictionary_values", "package")
KINDS = {"table": "Tables", "derived table": "Derived tables", "view": "Views"}


@dataclass(frozen=True)
class DescribedColumn:
    """One column: what it holds, its allowed values, and the table whose key it is."""

    # The row of data_dictionary.
    row: Row
    values: tuple[Row, ...]
    # An earlier table in which the column of the same name has the same values, and where they are described.
    values_of: str | None
    # The table whose key it is.
    links_to: str | None


@dataclass(frozen=True)
class DescribedTable:
    """One table or view with its columns in order."""

    # The row of data_dictionary_tables.
    row: Row
    key: tuple[str, ...]
    columns: tuple[DescribedColumn, ...]
    # Table and column of each foreign key that refers to this table.
    linked_from: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """The name of the table, the same in every format."""
        return str(self.row["table_name"])


@ask_once
async def read_dictionary(datasette: Datasette) -> dict[str, DescribedTable]:
    """Every table and view by name, in the order in which they are declared."""
    database = datasette.get_database()
    keys = await database.get_all_foreign_keys()
    rows = await read_rows(datasette, "select * from data_dictionary_tables")
    declared = list(datasette.metadata(database=(await read_facts(datasette)).database).get("tables") or ())
    places = {name: place for place, name in enumerate(declared)}
    rows.sort(key=lambda row: (list(KINDS).index(row["kind"]), places.get(row["table_name"], len(places))))
    columns = _group(await read_rows(datasette, "select * from data_dictionary order by rowid"))
    values = _group(await read_rows(datasette, "select * from data_dictionary_values order by rowid"))
    told: dict[tuple[object, ...], str] = {}
    tables = {}
    for row in rows:
        name = row["table_name"]
        linked = keys.get(name, {"incoming": [], "outgoing": []})
        targets = {key["column"]: key["other_table"] for key in linked["outgoing"]}
        tables[name] = DescribedTable(
            row,
            tuple(await database.primary_keys(name)) if row["kind"] != "view" else (),
            _read_columns(columns.get(name, []), values.get(name, []), targets, told),
            tuple(sorted((key["other_table"], key["other_column"]) for key in linked["incoming"])),
        )
    return tables


def _group(rows: Iterable[Row]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["table_name"], []).append(row)
    return groups


def _read_columns(
    rows: list[Row], values: list[Row], targets: dict[str, str], told: dict[tuple[object, ...], str]
) -> tuple[DescribedColumn, ...]:
    columns = []
    for row in rows:
        own = tuple(value for value in values if value["field_name"] == row["field_name"])
        same = (row["field_name"], *((value["value"], value["meaning"]) for value in own))
        first = told.setdefault(same, row["table_name"])
        values_of = first if own and first != row["table_name"] else None
        columns.append(DescribedColumn(row, own, values_of, targets.get(row["field_name"])))
    return tuple(columns)


async def show_dictionary(request: Request, datasette: Datasette) -> Response:
    """The page of the data dictionary, with an anchor for each table and column."""
    tables = await read_dictionary(datasette)
    groups = {
        heading: [table for table in tables.values() if table.row["kind"] == kind]
        for kind, heading in KINDS.items()
    }
    context = {"groups": groups, "own_tables": OWN_TABLES}
    return Response.html(await datasette.render_template("dictionary.html", context, request=request))
