"""Years: the references of each source on one line of time, cited works above it and citing works below."""

from collections import Counter
from dataclasses import dataclass

from packpress.web.facts import Row

from ketamine_site.evidence.counts import LISTED

# The place in a document from which works point the other way: they cite it.
BELOW = "citing_list"
# Years together, so that a line of time has room for a number at each column.
STEPS = (1, 5, 10, 25, 50, 100)
MOST_COLUMNS = 40
# The tallest column and the height of one work, in pixels; room for a number and for a line of text.
TALLEST, TALLEST_WORK, NUMBER = 96, 14, 16


@dataclass(frozen=True)
class Bar:
    """Works of one time that are listed at one place; across in percent, down in pixels."""

    listed_as: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Label:
    """A number or a year, centred at its place."""

    text: str
    x: float
    y: float


@dataclass(frozen=True)
class Panel:
    """The line of time of one source."""

    source: str
    words: str
    bars: tuple[Bar, ...]
    labels: tuple[Label, ...]
    ticks: tuple[Label, ...]
    # Where the line stands below the top.
    baseline: float
    height: float


@dataclass(frozen=True)
class Scale:
    """What all panels share: the first year, how many a column holds, and how high a work is."""

    first: int
    step: int
    columns: int
    unit: float

    def find_column(self, year: int) -> int:
        """Number of the column that a year falls into."""
        return (year - self.first) // self.step


@dataclass(frozen=True)
class Timeline:
    """The lines of time of all sources on one scale, and the places that occur in them."""

    panels: tuple[Panel, ...]
    scale: Scale
    places: tuple[str, ...]


def draw_timeline(rows: list[Row]) -> Timeline:
    """The counts of references by source, year and place as columns; those without a year are only told."""
    dated = [row for row in rows if row["year"]]
    scale = choose_scale(dated)
    sources = dict.fromkeys(row["source"] for row in rows)
    panels = (
        draw_panel(source, [row for row in rows if row["source"] == source], scale) for source in sources
    )
    places = tuple(place for place in LISTED if any(row["listed_as"] == place for row in dated))
    return Timeline(tuple(panels), scale, places)


def choose_scale(dated: list[Row]) -> Scale:
    """The scale on which the highest column has room and each number too."""
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
    """The columns of one source, each with its number, over their years."""
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
    """Every tenth column with its year."""
    years = range(scale.first, scale.first + scale.columns * scale.step, scale.step)
    width = 100 / scale.columns
    return tuple(
        Label(str(year), (nth + 0.5) * width, y)
        for nth, year in enumerate(years)
        if year % (10 * scale.step) == 0
    )


def say_panel(rows: list[Row]) -> str:
    """What a source prints, in words."""
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
