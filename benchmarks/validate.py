"""Validates packages of many shapes with packpress and other tools, and prints the costs as Markdown tables.

Run it with `python -m benchmarks.validate [ROWS] [--only SHAPE …]`, or `make bench-validate`. Machines are
noisy: only ratios within one run are meaningful, and CPU time more than wall time. The worst shape is printed
first. `benchmarks.peers` describes the other tools.

Costs without start-up are those of a second validation in one process, after one of ten rows of the same
shape. Frictionless reads fewer rows, once; its cost without start-up is scaled by rows, because each row
costs it the same. It reads all 2,000 tables of `many`, because there the cost is per table, not per row.
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
# The cost of these depends on the number of tables, which is the same with fewer rows.
NEVER_SCALED = frozenset({"many"})
# The goals: at most this multiple of the floor; this many times less CPU than frictionless on every shape,
# on two thirds of them, and on our own; less than this many megabytes.
FLOOR, EVERY, TWO_THIRDS, OURS, MEMORY = 3.0, 3.0, 10.0, 25.0, 400.0
# At most this multiple of the imports, as medians of this many runs.
START, STARTS = 1.5, 7
# Differences of fewer CPU seconds are noise.
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
    """How many rows to measure, how often, how many with frictionless, and the base for growth."""

    rows: int
    rounds: int
    frictionless: int
    growth: int


@dataclass(frozen=True)
class Measured:
    """The cost of one tool: of the whole command, and the CPU seconds without start-up."""

    whole: Cost
    net: float


@dataclass(frozen=True)
class Result:
    """The costs of a shape of so many megabytes, for us and the other tools."""

    shape: str
    size: float
    ours: Measured
    read: Measured
    floor: Measured
    frictionless: Measured | None
    growth: float | None

    @property
    def to_floor(self) -> float:
        """Our cost as a multiple of the floor, both without start-up."""
        return self.ours.net / self.floor.net

    @property
    def to_frictionless(self) -> float | None:
        """The CPU time of frictionless as a multiple of ours, both as whole commands."""
        return self.frictionless.whole.cpu / self.ours.whole.cpu if self.frictionless else None

    @property
    def by_row(self) -> float | None:
        """The CPU time of frictionless as a multiple of ours, both without start-up."""
        return self.frictionless.net / self.ours.net if self.frictionless else None


def note(line: str) -> None:
    """Report progress, outside the tables."""
    print(line, file=sys.stderr, flush=True)


def make_package(shape: str, rows: int) -> Path:
    """The descriptor of a package of that shape, made once and kept."""
    return write_package(DATA / "shapes" / shape / str(rows), rows, shape)


def measure_peer(peer: str, shape: str, rows: int) -> Measured:
    """Runs a tool as a whole command, whose output states its cost without start-up."""
    packages = (str(make_package(shape, number)) for number in (START_ROWS, rows))
    whole = measure(python("-m", "benchmarks.peers", peer, *packages))
    return Measured(whole, max(json.loads(whole.output)["cpu"], LEAST))


def measure_ours(shape: str, rows: int) -> Measured:
    """Runs `packpress validate` as a whole command, and in another process without start-up."""
    command = python("-m", "packpress", "validate", str(make_package(shape, rows)))
    whole = measure(command, expected=int(shape.startswith("wrong")))
    return Measured(whole, measure_peer("packpress", shape, rows).net)


def measure_frictionless(shape: str, options: Options) -> Measured | None:
    """The cost of frictionless, scaled to all rows."""
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
    """Our cost per row with all rows, relative to that with the small number in the options."""
    if not options.growth:
        return None
    small = median(measure_peer("packpress", shape, options.growth).net for _ in range(options.rounds))
    return net / options.rows / (small / options.growth)


def take_turn(shape: str, rows: int) -> dict[str, Measured]:
    """The costs of everything but frictionless in one round."""
    found = {"ours": measure_ours(shape, rows)}
    found |= {peer: measure_peer(peer, shape, rows) for peer in ("read", "floor")}
    note("  without start-up: " + ", ".join(f"{name} {one.net:.2f} s CPU" for name, one in found.items()))
    return found


def measure_shape(shape: str, options: Options) -> Result:
    """The medians of the rounds; tools alternate within each, so that noise affects all of them."""
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
    """The line below the tables that compares start-up with the imports that validation needs."""
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
    """The figure as a cell: bold if it misses a goal, empty if nothing was measured."""
    if figure is None:
        return ""
    return f"**{figure:{form}}**" if is_missed else f"{figure:{form}}"


def write_ratios(one: Result) -> list[str]:
    """A row of the first table: CPU seconds without start-up, and ratios."""
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
    """A row of the second table: whole commands."""
    cells = [one.shape]
    for found in (one.ours, one.frictionless, one.read):
        if not found:
            cells += [""] * 3
            continue
        whole, is_missed = found.whole, found is one.ours and found.whole.peak >= MEMORY
        cells += [f"{whole.cpu:.2f}", f"{whole.wall:.2f}", write_figure(whole.peak, ".0f", is_missed)]
    return cells


def write_table(header: tuple[str, ...], rows: list[list[str]]) -> Iterator[str]:
    """The lines of a Markdown table with text only in its first column."""
    for cells in (header, ["---", *["---:"] * (len(header) - 1)], *rows):
        yield f"| {' | '.join(cells)} |"


def count_reached(results: list[Result]) -> Iterator[str]:
    """The lines below the tables: how many shapes reach each goal."""
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
    """The line above the tables."""
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
