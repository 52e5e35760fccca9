"""Health: whether the site can answer, for whoever watches over it."""

import asyncio

from datasette.app import Datasette
from datasette.utils.asgi import Response

from packpress.web.facts import read_facts

PATH = "/-/health"
SECONDS = 1


async def show_health(datasette: Datasette) -> Response:
    """200 when the database answers in time, 503 when it does not; nobody keeps either."""
    try:
        async with asyncio.timeout(SECONDS):
            facts = await read_facts(datasette)
            await datasette.get_database().execute("select 1 from sqlite_schema limit 1")
    except Exception:
        # Whatever it is, the site cannot answer; what it is stands in the log of the page that failed.
        return Response.json({"ok": False}, status=503, headers={"cache-control": "no-store"})
    about = {"database": facts.database, "version": datasette.metadata("version")}
    return Response.json({"ok": True, **about}, headers={"cache-control": "no-store"})
