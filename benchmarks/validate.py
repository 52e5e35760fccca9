"""Validates packages of many shapes by us and by peers, and prints what each costs as tables of Markdown.

Run it with `python -m benchmarks.validate [ROWS] [--only SHAPE …]`, or `make bench-validate`. Machines are
noisy: only ratios of one run mean anything, and those of CPU more than those of wall time. The worst shape is
printed first. `benchmarks.peers` says what the peers do.

Costs without start-up are those of a second validation in one process, after one of ten rows of the same
shape. Frictionless reads fewer rows, once, and what it costs without start-up is scaled by rows, for each
costs it the same; 2,000 tables it reads whole, for there each table costs, not each row.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

from benchmarks.generate import SHAPES, write_package
from benchmarks.measure import DATA, Cost, describe_machine, measure, middle, python

START_ROWS = 10
# What these cost is a matter of tables, of which fewer rows have as many.
NEVER_SCALED = frozenset({"many"})
# The aims: at most so many times the floor; at least so many times less CPU than frictionless on every shape,
# on two thirds of them, and on ours; less than so many megabytes.
FLOOR, EVERY, TWO_THIRDS, OURS, MEMORY = 3.0, 3.0, 10.0, 25.0, 400.0
# At most so many times the imports, in medians of so many runs.
START, STARTS = 1.5, 7
# Seconds of CPU below which a difference is noise.
LEAST = 0.01
RATIOS = (
    "shape",
    "MB",
    "ours",
    "read",
    "floor",
    "ours to floor",
    "frictionless to ours, whole",
    "by row",
    "growth",
)
COSTS = (
    "shape",
    *(f"{who}: {what}" for who in ("ours", "frictionless", "read") for what in ("CPU", "wall", "MB")),
)


@dataclass(frozen=True)
class Options:
    """How many rows are measured and how often, how many by frictionless, and from how many growth counts."""

    rows: int
    rounds: int
    frictionless: int
    growth: int


@dataclass(frozen=True)
class Measured:
    """What somebody costs: the whole command, and the seconds of CPU without start-up."""

    whole: Cost
    net: float


@dataclass(frozen=True)
class Result:
    """What a shape of so many megabytes costs us and the peers."""

    shape: str
    size: float
    ours: Measured
    read: Measured
    floor: Measured
    frictionless: Measured | None
    growth: float | None

    @property
    def to_floor(self) -> float:
        """How many times the floor ours costs, both without start-up."""
        return self.ours.net / self.floor.net

    @property
    def to_frictionless(self) -> float | None:
        """How many times the CPU of ours frictionless takes, both as whole commands."""
        return self.frictionless.whole.cpu / self.ours.whole.cpu if self.frictionless else None

    @property
    def by_row(self) -> float | None:
        """How many times the CPU of ours frictionless takes, both without start-up."""
        return self.frictionless.net / self.ours.net if self.frictionless else None


def note(line: str) -> None:
    """Say how far it is, apart from the tables."""
    print(line, file=sys.stderr, flush=True)


def make_package(shape: str, rows: int) -> Path:
    """The descriptor of a package of that shape, made once and kept."""
    return write_package(DATA / "shapes" / shape / str(rows), rows, shape)


def measure_peer(peer: str, shape: str, rows: int) -> Measured:
    """A peer as a whole command, whose output says what it took once it had started."""
    packages = (str(make_package(shape, number)) for number in (START_ROWS, rows))
    whole = measure(python("-m", "benchmarks.peers", peer, *packages))
    return Measured(whole, max(json.loads(whole.output)["cpu"], LEAST))


def measure_ours(shape: str, rows: int) -> Measured:
    """`packpress validate` as a whole command, and in another process what it takes once it has started."""
    command = python("-m", "packpress", "validate", str(make_package(shape, rows)))
    whole = measure(command, expected=int(shape.startswith("wrong")))
    return Measured(whole, measure_peer("packpress", shape, rows).net)


def measure_frictionless(shape: str, options: Options) -> Measured | None:
    """What frictionless costs, scaled to all rows."""
    if not options.frictionless:
        return None
    rows = options.rows if shape in NEVER_SCALED else options.frictionless
    found = measure_peer("frictionless", shape, rows)
    printed, whole = json.loads(found.whole.output), found.whole
    note(f"  frictionless, {rows:,} rows: {whole}; {printed['found']}")
    more = options.rows / rows - 1
    scaled = Cost(whole.cpu + printed["cpu"] * more, whole.wall + printed["wall"] * more, whole.peak)
    return Measured(scaled, found.net * (more + 1))


def measure_growth(shape: str, options: Options, net: float) -> float | None:
    """What a row costs us among all, to what it costs among so many as the options say."""
    if not options.growth:
        return None
    small = median(measure_peer("packpress", shape, options.growth).net for _ in range(options.rounds))
    return net / options.rows / (small / options.growth)


def take_turn(shape: str, rows: int) -> dict[str, Measured]:
    """What all but frictionless cost in one round."""
    found = {"ours": measure_ours(shape, rows)}
    found |= {peer: measure_peer(peer, shape, rows) for peer in ("read", "floor")}
    note("  without start-up: " + ", ".join(f"{name} {one.net:.2f} s CPU" for name, one in found.items()))
    return found


def measure_shape(shape: str, options: Options) -> Result:
    """The medians of the rounds; in each all take turns, so that noise meets all of them."""
    note(f"{shape}: {options.rows:,} rows")
    folder = make_package(shape, options.rows).parent
    rounds = [take_turn(shape, options.rows) for _ in range(options.rounds)]
    ours, read, floor = (
        Measured(middle([turn[name].whole for turn in rounds]), median(turn[name].net for turn in rounds))
        for name in ("ours", "read", "floor")
    )
    note(f"  ours: {ours.whole}; {ours.whole.output.splitlines()[-1]}")
    return Result(
        shape,
        sum(path.stat().st_size for path in folder.glob("*.csv*")) / 1e6,
        ours,
        read,
        floor,
        measure_frictionless(shape, options),
        measure_growth(shape, options, ours.net),
    )


def describe_start() -> str:
    """The line under the tables that compares start-up with the imports that validation cannot do without."""
    ten = str(make_package("visits", START_ROWS))
    ours, imports = list[Cost](), list[Cost]()
    for _ in range(STARTS):
        ours.append(measure(python("-m", "packpress", "validate", ten)))
        imports.append(measure(python("-c", "import click, pyarrow.csv, pyarrow.compute, jsonschema")))
    ratio = middle(ours).cpu / middle(imports).cpu
    return (
        f"- `validate` of ten rows: {middle(ours).cpu:.2f} s CPU, {ratio:.2f} times importing click, "
        f"pyarrow.csv, pyarrow.compute and jsonschema; the aim is {START}"
    )


def write_figure(figure: float | None, form: str, is_missed: bool = False) -> str:
    """The figure as a cell, bold where it misses an aim, empty where nothing was measured."""
    if figure is None:
        return ""
    return f"**{figure:{form}}**" if is_missed else f"{figure:{form}}"


def write_ratios(one: Result) -> list[str]:
    """The row of the first table: seconds of CPU without start-up, and ratios."""
    least = OURS if one.shape == "visits" else EVERY
    return [
        one.shape,
        f"{one.size:,.0f}",
        *(f"{found.net:.2f}" for found in (one.ours, one.read, one.floor)),
        write_figure(one.to_floor, ".1f", one.to_floor > FLOOR),
        write_figure(one.to_frictionless, ".1f", (one.to_frictionless or least) < least),
        write_figure(one.by_row, ".1f"),
        write_figure(one.growth, ".2f"),
    ]


def write_costs(one: Result) -> list[str]:
    """The row of the second table: whole commands."""
    cells = [one.shape]
    for found in (one.ours, one.frictionless, one.read):
        if not found:
            cells += [""] * 3
            continue
        whole, is_missed = found.whole, found is one.ours and found.whole.peak >= MEMORY
        cells += [f"{whole.cpu:.2f}", f"{whole.wall:.2f}", write_figure(whole.peak, ".0f", is_missed)]
    return cells


def write_table(header: tuple[str, ...], rows: list[list[str]]) -> Iterator[str]:
    """The lines of a table of Markdown whose first column alone is text."""
    for cells in (header, ["---", *["---:"] * (len(header) - 1)], *rows):
        yield f"| {' | '.join(cells)} |"


def count_reached(results: list[Result]) -> Iterator[str]:
    """The lines under the tables: how many shapes reach each aim."""
    every = len(results)
    yield f"- at most {FLOOR:.0f} times the floor: {sum(one.to_floor <= FLOOR for one in results)} of {every}"
    yield f"- less than {MEMORY:.0f} MB: {sum(one.ours.whole.peak < MEMORY for one in results)} of {every}"
    ratios = {one.shape: one.to_frictionless for one in results if one.to_frictionless}
    for least in (EVERY, TWO_THIRDS) if ratios else ():
        reached = sum(ratio >= least for ratio in ratios.values())
        yield f"- at least {least:.0f} times less CPU than frictionless: {reached} of {every}"
    if ratio := ratios.get("visits"):
        yield f"- `visits`, ours: {ratio:.1f} times less CPU than frictionless; the aim is {OURS:.0f}"


def describe_run(options: Options) -> str:
    """The line over the tables."""
    line = f"{describe_machine()}; {options.rows:,} rows, medians of {options.rounds}"
    if options.frictionless:
        line += f"; frictionless {version('frictionless')}, once"
    if 0 < options.frictionless < options.rows:
        line += f", on {options.frictionless:,} rows and scaled by rows"
    if options.growth:
        line += f"; growth: what a row costs, to what it costs among {options.growth:,}"
    return line


def read_arguments() -> tuple[list[str], Options]:
    """The shapes, and how to measure them."""
    first = (__doc__ or "").splitlines()[0]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.validate", description=first)
    parser.add_argument("rows", type=int, nargs="?", default=1_000_000, help="of each shape [1000000]")
    parser.add_argument("--only", nargs="+", choices=list(SHAPES), metavar="SHAPE", help=", ".join(SHAPES))
    parser.add_argument("--rounds", type=int, default=3, help="of which medians are taken [3]")
    parser.add_argument(
        "--frictionless", type=int, default=100_000, metavar="ROWS", help="0 for none [100000]"
    )
    parser.add_argument(
        "--growth", type=int, default=0, metavar="ROWS", help="compare what a row costs there"
    )
    given = parser.parse_args()
    frictionless = min(given.frictionless, given.rows)
    return given.only or list(SHAPES), Options(given.rows, given.rounds, frictionless, given.growth)


def main() -> None:
    """Measure the shapes and print the tables, the worst shape first."""
    shapes, options = read_arguments()
    machine = describe_run(options)
    results = [measure_shape(shape, options) for shape in shapes]
    results.sort(key=lambda one: one.to_floor, reverse=True)
    print(f"{machine}\n\nSeconds of CPU without start-up, and ratios:\n")
    print("\n".join(write_table(RATIOS, [write_ratios(one) for one in results])))
    print("\nWhole commands:\n")
    print("\n".join(write_table(COSTS, [write_costs(one) for one in results])))
    print("\n" + "\n".join([*count_reached(results), describe_start()]))


if __name__ == "__main__":
    main()
