"""The catalogue: every question, view and table of the database on one page."""

from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response
from datasette.views.database import DatabaseView

from packpress.web.about.serverless import show_sql_page
from packpress.web.facts import Row, ask_once, read_facts
from packpress.web.pages import is_static
from packpress.web.tables.listing import find_browsed

# Tables in which a full-text index keeps itself; nobody can read their rows.
SHADOWS = ("config", "content", "data", "docsize", "idx")


async def show_catalogue(request: Request, datasette: Datasette, send: Any) -> Response | None:
    """The page of the database; Datasette's own, which asks about each table anew, for anything else."""
    database = (await read_facts(datasette)).database
    if is_static(datasette) and "sql" in request.args:
        return await show_sql_page(datasette, request)
    if request.url_vars["database"] != database or request.args.get("sql"):
        view = DatabaseView.as_view(datasette)
        return await view(request, send)
    may_ask = await datasette.permission_allowed(request.actor, "execute-sql", database, default=True)
    context = {
        **await list_contents(datasette),
        "show_hidden": request.args.get("_show_hidden"),
        "allow_execute_sql": may_ask,
        "allow_download": datasette.setting("allow_download"),
        "browsed": await find_browsed(datasette),
    }
    return Response.html(await datasette.render_template("database.html", context, request=request))


@ask_once
async def list_contents(datasette: Datasette) -> dict[str, Any]:
    """Questions, views and tables with their titles and, for tables, their rows; hidden tables come last."""
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
