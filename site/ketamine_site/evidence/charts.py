"""Charts: counts and years of the evidence."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response
from packpress.web.facts import Row, ask_once, read_rows

from ketamine_site.cells import NO_STANCE, STANCES, stance_class
from ketamine_site.evidence.evidence import SUBJECTS, sort_known
from ketamine_site.evidence.pictures import (
    NOT_VOTES,
    Band,
    Grid,
    GridColumn,
    Mark,
    PictureRow,
    Shape,
    draw_picture,
)
from ketamine_site.facts import read_facts

EVIDENCE = (
    *("systematic_review", "randomised_trial", "observational", "case_report", "narrative_review"),
    *(
        "guideline",
        "clinical_practice",
        "preclinical",
        "unspecified_research",
        "citation_only",
        "none_stated",
    ),
)
# Labels for where a reference is listed; the last one points the other way.
LISTED = {
    "reference_list": "in the reference list",
    "in_text": "only in the text",
    "this_record": "the record itself",
    "citing_list": "in the list of citing works",
}
STANCE_KEY = (
    *((Shape(stance_class(stance)), stance) for stance in STANCES),
    (Shape(stance_class(None)), NO_STANCE),
)
# Returns the address of the rows that match a filter.
Link = Callable[[str], str]


def count_types(rows: list[Row], link: Link) -> Grid:
    """Claims by type and source, with a bar for each stance."""
    largest = max(row["claims"] for row in rows)

    def make_mark(row: Row) -> Mark:
        stance = {"stance": row["stance"]} if row["stance"] else {"stance__isnull": "1"}
        url = link(urlencode({"claim_type": row["claim_type"], "source_id": row["source_id"], **stance}))
        shape, spoken = (
            Shape(stance_class(row["stance"])),
            f"{row['claims']:,} {row['stance'] or 'without stance'}",
        )
        return Mark(f"{row['claims']:,}", shape, share=row["claims"] / largest, spoken=spoken, url=url)

    rows = sorted(rows, key=lambda row: (*STANCES, None).index(row["stance"]))
    bands = [
        Band(heading, fill_rows(judging, "claim_type", (), list_sources(rows), make_mark))
        for judges, heading in ((1, "Types that judge"), (0, "Types that do not judge"))
        if (judging := [row for row in rows if row["carries_stance"] == judges])
    ]
    total, judged = (sum(row["claims"] for row in rows if row["carries_stance"] >= least) for least in (0, 1))
    note = f"{judged:,} of {total:,} claims are of a type that judges ketamine for pain. Bars have one scale."
    title = "What kinds of claim each source makes, and with which stance"
    return draw_grid(title, (note, NOT_VOTES), list_sources(rows), bands, STANCE_KEY)


def count_hedged(rows: list[Row], link: Link) -> Grid:
    """Hedged claims of each source, as bars within the number of all its claims."""
    lines = []
    for row in rows:
        of_all = f"{row['hedged']:,} of {row['claims']:,}"
        url = link(urlencode({"source_id": row["source_id"], "certainty": "hedged"}))
        share = row["hedged"] / row["claims"] if row["claims"] else 0
        mark = Mark(of_all, share=share, is_of_all=True, spoken=f"{of_all} claims hedged", url=url)
        lines.append(PictureRow(row["source"], 0, ((mark,),)))
    notes = (
        "The frame is all claims of a source, the bar those in which a word such as “may” doubts the claim.",
        "A share of claims, not a degree of certainty.",
        NOT_VOTES,
    )
    columns = (GridColumn("Hedged, of all claims", 620, 96),)
    bands = (Band("", tuple(lines)),)
    words = tuple(say_rows(bands, ["hedged"]))
    return Grid("How many of its claims each source hedges", words, notes, columns, bands, ())


def count_evidence(rows: list[Row], link: Link) -> Grid:
    """Claims by the kind of evidence that they name."""
    largest = max(row["claims"] for row in rows)

    def make_mark(row: Row) -> Mark:
        url = link(urlencode({"evidence_type": row["evidence_type"], "short_name": row["source"]}))
        spoken = f"{row['claims']:,} claim{'s' if row['claims'] != 1 else ''}"
        return Mark(f"{row['claims']:,}", share=row["claims"] / largest, spoken=spoken, url=url)

    bands = [Band("", fill_rows(rows, "evidence_type", EVIDENCE, list_sources(rows), make_mark))]
    notes = (
        "The kind of evidence that the words of a claim name. What a cited paper is does not count here.",
        "Bars have one scale.",
        NOT_VOTES,
    )
    return draw_grid("Which kinds of evidence the sources name", notes, list_sources(rows), bands, ())


def count_years(rows: list[Row], link: Link) -> Grid:
    """Printed references by year and source, as numbers without bars."""

    def make_mark(row: Row) -> Mark:
        year = {"year": row["year"]} if row["year"] else {"year__isnull": "1"}
        url = link(urlencode({"source_id": row["source_id"], **year, "listed_as": row["listed_as"]}))
        word = LISTED.get(row["listed_as"]) or str(row["listed_as"])
        return Mark(str(row["entries"]), word=word, spoken=f"{row['entries']} {word}", url=url)

    counted = [{**row, "claims": row["entries"], "when": str(row["year"] or "no year")} for row in rows]
    named = [row for row in counted if row["entries"]]
    rows_by_year = fill_rows(named, "when", (), list_sources(rows), make_mark)
    notes = (
        "Works that the source cites stand above the line, works that cite it below.",
        "Printed references, with corrections applied; a work that two sources list counts in both.",
    )
    title = "From which years the references of each source are"
    return draw_grid(title, notes, list_sources(rows), [Band("", rows_by_year)], ())


def draw_grid(
    title: str,
    notes: tuple[str, ...],
    sources: list[str],
    bands: list[Band],
    key: tuple[tuple[Shape, str], ...],
) -> Grid:
    """A table with a column for each source."""
    words = tuple(say_rows(bands, sources))
    return Grid(title, words, notes, tuple(map(GridColumn, sources)), tuple(bands), key, silence="0")


def fill_rows(
    rows: list[Row], key: str, known: tuple[str, ...], sources: list[str], make_mark: Callable[[Row], Mark]
) -> tuple[PictureRow, ...]:
    """A row for each value of the key, with the numbers of each source."""
    found: dict[tuple[str, str], list[Mark]] = {}
    for row in rows:
        marks = found.setdefault((row[key], row["source"]), [])
        if row["claims"]:
            marks.append(make_mark(row))
    return tuple(
        PictureRow(
            value.replace("_", " ").capitalize(),
            0,
            tuple(tuple(found.get((value, source), ())) for source in sources),
        )
        for value in sort_known((row[key] for row in rows), known)
    )


def list_sources(rows: list[Row]) -> list[str]:
    """The sources in order of appearance."""
    return list(dict.fromkeys(row["source"] for row in rows))


def say_rows(bands: Iterable[Band], columns: list[str]) -> list[str]:
    """Each row as a sentence."""
    return [
        f"{row.name}: "
        + "; ".join(
            f"{column} {', '.join(mark.spoken for mark in marks) or 'none'}"
            for column, marks in zip(columns, row.cells, strict=True)
        )
        + "."
        for band in bands
        for row in band.rows
    ]


# The type of listing that points the other way: these works cite the document.
BELOW = "citing_list"
# Years per column, chosen so that the timeline has room for a number above each column.
STEPS = (1, 5, 10, 25, 50, 100)
MOST_COLUMNS = 40
# The tallest column and the height of one work, in pixels; then the room for a number, and for a line of
# text.
TALLEST, TALLEST_WORK, NUMBER = 96, 14, 16


@dataclass(frozen=True)
class Bar:
    """Works of one period with one type of listing; horizontal in percent, vertical in pixels."""

    listed_as: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Label:
    """A number or a year, centred at its position."""

    text: str
    x: float
    y: float


@dataclass(frozen=True)
class Panel:
    """The timeline of one source."""

    source: str
    words: str
    bars: tuple[Bar, ...]
    labels: tuple[Label, ...]
    ticks: tuple[Label, ...]
    # The distance of the baseline from the top.
    baseline: float
    height: float


@dataclass(frozen=True)
class Scale:
    """The scale of all panels: the first year, the years per column, and the height of a work."""

    first: int
    step: int
    columns: int
    unit: float

    def find_column(self, year: int) -> int:
        """The number of the column for a year."""
        return (year - self.first) // self.step


@dataclass(frozen=True)
class Timeline:
    """The timelines of all sources on one scale, and the types of listing that occur in them."""

    panels: tuple[Panel, ...]
    scale: Scale
    places: tuple[str, ...]


def draw_timeline(rows: list[Row]) -> Timeline:
    """The counts of references by source, year and listing as columns; undated ones are only mentioned."""
    dated = [row for row in rows if row["year"]]
    scale = choose_scale(dated)
    sources = dict.fromkeys(row["source"] for row in rows)
    panels = (
        draw_panel(source, [row for row in rows if row["source"] == source], scale) for source in sources
    )
    places = tuple(place for place in LISTED if any(row["listed_as"] == place for row in dated))
    return Timeline(tuple(panels), scale, places)


def choose_scale(dated: list[Row]) -> Scale:
    """The scale on which the highest column fits, and every number too."""
    years = [row["year"] for row in dated] or [0]
    span = max(years) - min(years) + 1
    step = next((step for step in STEPS if span / step <= MOST_COLUMNS), STEPS[-1])
    first = min(years) // step * step
    heights: Counter[tuple[str, int, bool]] = Counter()
    for row in dated:
        column = (row["source"], (row["year"] - first) // step, row["listed_as"] == BELOW)
        heights[column] += row["entries"]
    unit = min(TALLEST_WORK, TALLEST / max((1, *heights.values())))
    return Scale(first, step, (max(years) - first) // step + 1, unit)


def draw_panel(source: str, rows: list[Row], scale: Scale) -> Panel:
    """The columns of one source with their numbers."""
    counts: dict[int, Counter[str]] = {}
    for row in rows:
        if row["year"]:
            counts.setdefault(scale.find_column(row["year"]), Counter())[row["listed_as"]] += row["entries"]
    bars: list[Bar] = []
    labels: list[Label] = []
    width = 100 / scale.columns
    highest = max((places.total() - places[BELOW] for places in counts.values()), default=0)
    lowest = baseline = NUMBER + highest * scale.unit
    for nth, places in sorted(counts.items()):
        top = bottom = baseline
        for place in (place for place in LISTED if places[place]):
            height = places[place] * scale.unit
            y = bottom if place == BELOW else top - height
            bars.append(Bar(place, (nth + 0.1) * width, y, 0.8 * width, height))
            top, bottom = min(top, y), max(bottom, y + height)
        middle, below = (nth + 0.5) * width, places[BELOW]
        if above := places.total() - below:
            labels.append(Label(str(above), middle, top - 4))
        if below:
            labels.append(Label(str(below), middle, bottom + 12))
        lowest = max(lowest, bottom + (NUMBER if below else 0))
    height = lowest + NUMBER + 4
    ticks = mark_years(scale, height - 4)
    return Panel(source, say_panel(rows), tuple(bars), tuple(labels), ticks, baseline, height)


def mark_years(scale: Scale, y: float) -> tuple[Label, ...]:
    """Labels every tenth column with its year."""
    years = range(scale.first, scale.first + scale.columns * scale.step, scale.step)
    width = 100 / scale.columns
    return tuple(
        Label(str(year), (nth + 0.5) * width, y)
        for nth, year in enumerate(years)
        if year % (10 * scale.step) == 0
    )


def say_panel(rows: list[Row]) -> str:
    """The references of a source in words."""
    said = []
    for place, words in LISTED.items():
        listed = [row for row in rows if row["listed_as"] == place]
        if listed:
            years = sorted({row["year"] for row in listed if row["year"]})
            undated = sum(row["entries"] for row in listed if not row["year"])
            when = " to ".join(str(year) for year in sorted({*years[:1], *years[-1:]}))
            notes = ", ".join(note for note in (when, f"{undated} without a year" if undated else "") if note)
            said.append(f"{sum(row['entries'] for row in listed)} {words} ({notes})")
    return f"{'; '.join(said)}." if said else "Prints no references."


@dataclass(frozen=True)
class Kind:
    """A chart to be drawn: its name, its query, and the table that its numbers link to."""

    name: str
    query: str
    table: str
    count: Callable[[list[Row], Link], Grid]
    is_timeline: bool = False


@dataclass(frozen=True)
class Chart:
    """A chart with its data; `timeline` is set if it shows columns over years."""

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
    """One chart as a standalone image; a 404 page when there is none of that name."""
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
    """Every chart, from the queries whose results are offered as its data."""
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
    """The address of the rows of a table that match a filter."""
    return f"{table}?{asked}"
