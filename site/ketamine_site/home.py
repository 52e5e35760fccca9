"""The home page: the documents, questions to start from, and the values that a question can take."""

from dataclasses import dataclass, replace
from typing import Any

from datasette.app import Datasette
from datasette.database import QueryInterrupted
from datasette.utils.asgi import Request, Response
from packpress.web.about.home import list_options
from packpress.web.facts import Row, ask_once, read_all, read_rows

from ketamine_site.cells import STANCES
from ketamine_site.evidence.disagreements import count_relations, list_pairs
from ketamine_site.evidence.evidence import SUBJECTS, MapLine, read_map
from ketamine_site.evidence.maps import find_looks
from ketamine_site.facts import read_facts
from ketamine_site.headlines import read_headline

DOCUMENTS = """
select
  sources.source_id,
  sources.short_name,
  sources.title,
  sources.source_type,
  sources.text_extent,
  (select max(end_offset) from passages where passages.source_id = sources.source_id) as characters,
  count(claims_flat.claim_id) as claims,
  count(case when claims_flat.stance = 'supports' then 1 end) as supports,
  count(case when claims_flat.stance = 'against' then 1 end) as against,
  count(case when claims_flat.stance = 'mixed' then 1 end) as mixed,
  count(case when claims_flat.stance = 'neutral' then 1 end) as neutral,
  count(case when claims_flat.certainty = 'hedged' then 1 end) as hedged
from sources
left join claims_flat using (source_id)
group by sources.source_id
order by sources.position
"""
# The queries that the home page starts from; the others are on the page of the database.
START = (
    "support_for_condition",
    "tensions",
    "qualifications",
    "advice_against",
    "hedged_claims",
    "claims_without_reference",
    "not_stated",
    "named_adverse_effects",
    "contraindications",
)
# Queries whose results are better read side by side than as a table: pairs with this relation.
PAIRED = {"tensions": "in_tension", "qualifications": "qualifies"}
LINES = 6


@dataclass(frozen=True)
class Start:
    """A question to start from: its address, the size of its result, and the value that is shown first."""

    title: str
    url: str
    # Empty when counting would take too long.
    size: str
    first: str


async def show_home(request: Request, datasette: Datasette) -> Response:
    """The home page; it replaces Datasette's, which would query every table first."""
    context = {"metadata": datasette.metadata()}
    return Response.html(await datasette.render_template("index.html", context, request=request))


@ask_once
async def count_documents(datasette: Datasette) -> dict[str, Any]:
    """The documents with their counts, and the largest count, which sets the scale of all bars."""
    rows = await read_all(datasette, DOCUMENTS)
    largest = max((row[name] for row in rows for name in (*STANCES, "hedged")), default=0)
    return {"rows": rows, "largest": max(largest, 1), "claims": sum(row["claims"] for row in rows)}


@ask_once
async def draw_small_map(datasette: Datasette) -> dict[str, Any]:
    """The map lines of the conditions that most sources name, and the number of conditions."""
    lines = await read_map(datasette, "conditions")
    # Ties are broken by the number of claims. Nothing is indented, because the broader condition may be
    # missing.
    first = sorted(lines, key=lambda line: (-line.named_by, -_count_claims(line)))[:LINES]
    shown = [replace(line, depth=0) for line in first]
    return {
        "lines": shown,
        "looks": find_looks(shown),
        "conditions": len(lines),
        "subject": SUBJECTS["conditions"],
    }


def _count_claims(line: MapLine) -> int:
    return sum(chip.claims for cell in line.cells for chip in cell.chips)


@ask_once
async def list_start_questions(datasette: Datasette) -> list[Start]:
    """The questions to start from, each with the size of its result."""
    database = (await read_facts(datasette)).database
    queries = await datasette.get_canned_queries(database, None)
    return [await read_start(datasette, database, name, queries[name]) for name in START if name in queries]


async def read_start(datasette: Datasette, database: str, name: str, query: Row) -> Start:
    """One question to start from."""
    if relation := PAIRED.get(name):
        count = dict(count_relations(await list_pairs(datasette))).get(relation, 0)
        url = datasette.urls.path(f"/disagreements?relation={relation}")
        return Start(query["title"], str(url), _say(count, "pair"), "")
    first = [
        option["label"]
        for parameter, value in (query.get("defaults") or {}).items()
        for option in await list_options(datasette, parameter)
        if option["value"] == value
    ]
    path = str(datasette.urls.query(database, name))
    if headline := await read_headline(datasette, name):
        return Start(query["title"], path, _say(headline.count, headline.noun), "")
    empty = dict.fromkeys(("condition_id", "source_id"), "")
    try:
        (row,) = await read_rows(datasette, f"select count(*) as rows from ({query['sql']})", **empty)
        size = _say(row["rows"], "row")
    except QueryInterrupted:
        size = ""
    return Start(query["title"], path, size, ", ".join(first))


def _say(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' if count != 1 else ''}"
