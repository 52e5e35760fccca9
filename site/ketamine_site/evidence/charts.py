"""Charts: `/charts`, what people would rather see than read, each with its figures and as a picture."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response
from packpress.web.facts import Row, ask_once, read_rows

from ketamine_site.evidence.counts import LISTED, Link, count_evidence, count_hedged, count_types, count_years
from ketamine_site.evidence.pictures import NOT_VOTES, Grid, draw_picture
from ketamine_site.evidence.subjects import SUBJECTS
from ketamine_site.evidence.years import Timeline, draw_timeline
from ketamine_site.facts import read_facts


@dataclass(frozen=True)
class Kind:
    """A chart before it is drawn: its name, the question behind it, and the table its figures lead to."""

    name: str
    query: str
    table: str
    count: Callable[[list[Row], Link], Grid]
    is_timeline: bool = False


@dataclass(frozen=True)
class Chart:
    """A chart with its figures; `timeline` where it is drawn as columns over years."""

    kind: Kind
    grid: Grid
    timeline: Timeline | None


KINDS = (
    Kind("claims-by-type", "claims_by_type", "claims_flat", count_types),
    Kind("hedging", "hedging_by_source", "claims_flat", count_hedged),
    Kind("evidence-types", "evidence_types", "claims_flat", count_evidence),
    Kind("reference-years", "references_by_year", "bibliography", count_years, is_timeline=True),
)


async def show_charts(request: Request, datasette: Datasette) -> Response:
    """The page of all charts."""
    context = {
        "charts": await read_charts(datasette),
        "listed": LISTED,
        "maps": SUBJECTS.values(),
        "not_votes": NOT_VOTES,
    }
    return Response.html(await datasette.render_template("charts.html", context, request=request))


async def download_chart(request: Request, datasette: Datasette) -> Response:
    """One chart as a picture that stands alone; a page with status 404 when there is none of that name."""
    charts = {chart.kind.name: chart for chart in await read_charts(datasette)}
    chart = charts.get(request.url_vars["name"])
    if not chart:
        context = {"status": 404, "title": "No such chart", "error": f"There are {', '.join(charts)}."}
        page = await datasette.render_template("error.html", context, request=request)
        return Response.html(page, status=404)
    if chart.timeline:
        more = {"timeline": chart.timeline, "listed": LISTED}
        return await draw_picture(datasette, chart.grid, "years.svg", more)
    return await draw_picture(datasette, chart.grid)


@ask_once
async def read_charts(datasette: Datasette) -> list[Chart]:
    """Every chart, from the answers that its data is downloaded as."""
    database = (await read_facts(datasette)).database
    queries = await datasette.get_canned_queries(database, None)
    charts = []
    for kind in KINDS:
        rows = await read_rows(datasette, queries[kind.query]["sql"])
        if rows:
            link = partial(link_rows, f"{datasette.urls.table(database, kind.table)}")
            timeline = draw_timeline(rows) if kind.is_timeline else None
            charts.append(Chart(kind, kind.count(rows, link), timeline))
    return charts


def link_rows(table: str, asked: str) -> str:
    """Address of the rows of a table that a filter leaves."""
    return f"{table}?{asked}"
