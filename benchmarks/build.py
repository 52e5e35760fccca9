"""Builds generated packages of four shapes with packpress and other tools, and prints what formats cost.

Run it with `python -m benchmarks.build [ROWS]`, or `make bench-build`. SQLite: packpress and the sqlite3
shell create the same STRICT schema, keys, checks and indexes; sqlite-utils supports only the primary keys and
pandas not even these, so both are measured only on `visits`. What can be done afterwards in any case (full
text, ANALYZE, VACUUM) is measured separately. Parquet: packpress and bare pyarrow use the same types, codec
and row groups. Every comparison covers the time from the first byte of CSV read to the last byte written,
without the start of the program and without our validation.
"""

import shutil
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from statistics import median

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from packpress.publish.derive import open_content
from packpress.publish.parquet import ROWS_PER_GROUP, write_parquet
from packpress.publish.sqlite import (
    CACHE_SIZE,
    create_search,
    fill_table,
    index_definitions,
    open_database,
    table_definition,
)
from packpress.sql import quote_identifier
from packpress.tables.types import type_of
from packpress.tables.values import Content

from benchmarks.generate import write_package
from benchmarks.measure import DATA, Cost, describe_machine, measure, middle, python
from benchmarks.validate import write_table
from packpress import Package, build, read_package, validate

ROUNDS = 3
# The shapes that differ most for the formats, and for how many rows of other shapes one of their rows counts.
WEIGHTS = {"visits": 1, "english": 1, "exponents": 1, "wide": 10}
# The steps that a build reports, and the format to which each counts.
STEPS = {
    "validating": "validation",
    "deriving tables": "validation",
    "writing the database": "SQLite",
    "checking the database": "SQLite",
    "packing the database": "SQLite",
    "writing Parquet": "Parquet",
    "writing CSV": "CSV",
    "writing the zip": "zip",
    "writing the wheel": "wheel",
    "writing the workbook": "workbook",
    "computing the hash of the rows": "hashes",
    "computing checksums": "hashes",
}
PRAGMAS = "pragma page_size = 4096; pragma journal_mode = off; pragma synchronous = off;"
CACHE = f"pragma cache_size = {CACHE_SIZE};"
INSTALL_IT = f"{sys.executable} -m pip install sqlite-utils"


@contextmanager
def count_cpu(what: str) -> Iterator[None]:
    """Prints the CPU seconds of the block."""
    start = time.process_time()
    yield
    print(f"{what}: {time.process_time() - start:.3f}")


def open_contents(package: Package) -> list[Content]:
    """The contents as a build has them, after the validation with which a build begins."""
    with count_cpu("validation"):
        tables = validate(package).tables
    scratch = ExitStack()  # exists as long as the process
    return [
        open_content(package.root, tables[item.name], package.root, scratch) for item in package.resources
    ]


def build_sqlite(package: Package, output: Path) -> None:
    """Builds with packpress; the CPU time of what follows the tables is printed separately."""
    contents = open_contents(package)
    with open_database(output) as db:
        with count_cpu("writing"):
            for content in contents:
                fill_table(db, content.resource, package, content.read_plain_values())
            assert not db.execute("pragma foreign_key_check").fetchall()
            db.execute("commit")
        with count_cpu("FTS5"):
            for content in contents:
                create_search(db, content.resource)
        for statement in ("analyze", "vacuum", "pragma integrity_check"):
            with count_cpu(statement):
                db.execute(statement).fetchall()


def shell_script(package: Package, output: Path) -> str:
    """The input of the sqlite3 shell: imports everything as text, then selects it into the same schema."""
    lines = [f".open {output}", PRAGMAS, CACHE, "begin;"]
    for resource in package.resources:
        staging = quote_identifier(f"staging_{resource.name}")
        columns = ", ".join(f"{quote_identifier(name)} text" for name in resource.field_names)
        values = ", ".join(
            f"nullif({quote_identifier(field.name)}, '')" + (" = 'true'" if field.type == "boolean" else "")
            for field in resource.fields
        )
        lines += [
            f"create table {staging} ({columns});",
            f'.import --csv --skip 1 "{package.root / resource.paths[0]}" staging_{resource.name}',
            f"{table_definition(resource, package)};",
            f"insert into {quote_identifier(resource.name)} select {values} from {staging};",
            f"drop table {staging};",
            *(f"{index};" for index in index_definitions(resource)),
        ]
    return "\n".join([*lines, "pragma foreign_key_check;", "commit;"])


def build_pandas(package: Package, output: Path) -> None:
    """Builds with pandas: text columns except for numbers, no keys, no checks."""
    import pandas

    with count_cpu("writing"), sqlite3.connect(output) as db:
        for resource in package.resources:
            frame = pandas.read_csv(package.root / resource.paths[0])
            frame.to_sql(resource.name, db, index=False)


def build_parquet(package: Package, output: Path) -> None:
    """Builds with packpress, from the files of the package."""
    contents = open_contents(package)
    with count_cpu("writing"):
        for content in contents:
            write_parquet(output.with_name(f"ours-{content.resource.name}.parquet"), content)


def build_bare_parquet(package: Package, output: Path) -> None:
    """Builds with pyarrow alone: the same types, dictionaries, codec and row groups; reads whole tables."""
    with count_cpu("writing"):
        for resource in package.resources:
            kinds = {
                field.name: pa.dictionary(pa.int32(), pa.string())
                if field.enum
                else pa.type_for_alias(type_of(field).arrow)
                for field in resource.fields
            }
            table = pa_csv.read_csv(
                package.root / resource.paths[0],
                pa_csv.ReadOptions(use_threads=False),
                pa_csv.ParseOptions(newlines_in_values=True),
                pa_csv.ConvertOptions(column_types=kinds, strings_can_be_null=True),
            )
            path = output.with_name(f"bare-{resource.name}.parquet")
            # One dictionary per enumeration, as in packpress; otherwise half of it is written plain.
            table = table.unify_dictionaries()
            pq.write_table(table, path, compression="zstd", row_group_size=ROWS_PER_GROUP)


def build_zip(package: Package, output: Path) -> None:
    """Only compresses the files of the package."""
    with count_cpu("writing"), zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for resource in package.resources:
            archive.write(package.root / resource.paths[0])


def build_whole(package: Package, output: Path) -> None:
    """Builds all formats, and prints the CPU time of each."""
    marks: list[tuple[str, float]] = []

    def step(what: str) -> None:
        marks.append(
            (next(share for words, share in STEPS.items() if what.startswith(words)), time.process_time())
        )

    build(package, output.with_suffix(""), step=step)
    marks.append(("", time.process_time()))
    shares: Counter[str] = Counter()
    for (share, begin), (_, end) in pairwise(marks):
        shares[share] += end - begin
    for share, cpu in shares.items():
        print(f"{share}: {cpu:.3f}")
    shutil.rmtree(output.with_suffix(""))


PARTS: dict[str, Callable[[Package, Path], None]] = {
    "whole": build_whole,
    "sqlite": build_sqlite,
    "parquet": build_parquet,
    "bare": build_bare_parquet,
    "deflated": build_zip,
    "pandas": build_pandas,
}


def run_part(part: str, descriptor: Path, output: Path) -> Cost:
    """The cost of one part, run as a command of its own."""
    return measure(python("-m", "benchmarks.build", part, str(descriptor), str(output)))


def run_shell(package: Package, output: Path) -> Cost:
    """The cost of the sqlite3 shell, without its start."""
    script = output.with_suffix(".sql")
    script.write_text(shell_script(package, output), encoding="utf-8")
    start = measure(["sqlite3", ":memory:", ".quit"])
    return measure(["sqlite3", "-init", str(script), ":memory:", ".quit"]).after(start)


def find_sqlite_utils() -> str | None:
    """The command sqlite-utils of this environment or machine; None if it is not installed."""
    beside = Path(sys.executable).with_name("sqlite-utils")
    return str(beside) if beside.exists() else shutil.which("sqlite-utils")


def describe_sqlite_utils() -> str:
    """Name and version of sqlite-utils, or that it is not installed."""
    command = find_sqlite_utils()
    words = [command, "--version"] if command else ["echo", "no sqlite-utils"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip().replace(",", "")


def run_sqlite_utils(command: str, package: Package, output: Path) -> Cost:
    """The cost of sqlite-utils with primary keys and detected types, without its start."""
    start, costs = measure([command, "--version"]), []
    for item in package.resources:
        line = [command, "insert", str(output), item.name, str(package.root / item.paths[0]), "--csv"]
        costs.append(measure([*line, "--pk", item.primary_key[0], "--silent"]).after(start))
    return Cost(sum(c.cpu for c in costs), sum(c.wall for c in costs), max(c.peak for c in costs))


def read_parts(costs: list[Cost]) -> dict[str, float]:
    """The medians of what a part printed, by name."""
    printed = [dict(line.split(": ") for line in cost.output.splitlines()) for cost in costs]
    return {name: median(float(one[name]) for one in printed) for name in printed[0]}


def sum_up(database: Path, package: Package) -> list[tuple[object, ...]]:
    """The rows of each table and the text lengths of each column, to compare two databases."""
    with sqlite3.connect(database) as db:
        return [
            db.execute(f"select count(*), {lengths} from {quote_identifier(item.name)}").fetchone()
            for item in package.resources
            for lengths in [
                ", ".join(f"total(length({quote_identifier(name)}))" for name in item.field_names)
            ]
        ]


def list_runs(package: Package, folder: Path) -> dict[str, Callable[[], Cost]]:
    """What to run, by name; pandas and, if installed, sqlite-utils only for our own shape."""
    is_ours = package.name == "visits"
    runs: dict[str, Callable[[], Cost]] = {"shell": lambda: run_shell(package, folder / "shell.db")}
    for part in PARTS:
        if part != "pandas" or is_ours:
            runs[part] = partial(run_part, part, package.path, folder / f"{part}.db")
    if (command := find_sqlite_utils()) and is_ours:
        runs["sqlite-utils"] = lambda: run_sqlite_utils(command, package, folder / "sqlite-utils.db")
    return runs


def take_turns(package: Package, folder: Path) -> dict[str, list[Cost]]:
    """The cost of each run in every round; runs alternate, so that noise affects all of them."""
    costs: dict[str, list[Cost]] = {}
    for number in range(ROUNDS):
        print(f"{package.name}, round {number + 1} of {ROUNDS}", file=sys.stderr)
        for name, run in list_runs(package, folder).items():
            cost = run()
            costs.setdefault(name, []).append(cost)
            printed = cost.output.strip().replace("\n", ", ") if name in PARTS else cost
            print(f"  {name}: {printed}", file=sys.stderr, flush=True)
        assert sum_up(folder / "sqlite.db", package) == sum_up(folder / "shell.db", package)
        for file in folder.glob("*.db"):
            file.unlink()
    return costs


@dataclass(frozen=True)
class Result:
    """The costs of a shape with so many rows and megabytes, as medians by part."""

    shape: str
    rows: int
    size: float
    parts: dict[str, dict[str, float]]
    costs: dict[str, list[Cost]]

    @property
    def shares(self) -> dict[str, float]:
        """The CPU seconds of a build, by format."""
        return self.parts["whole"]

    @property
    def shell(self) -> float:
        """The CPU seconds of the sqlite3 shell."""
        return middle(self.costs["shell"]).cpu

    @property
    def least(self) -> float:
        """The CPU seconds of the shell, bare pyarrow and the compression of the CSV together."""
        return self.shell + self.parts["bare"]["writing"] + self.parts["deflated"]["writing"]


def measure_shape(shape: str, rows: int) -> Result:
    """Measures a shape."""
    package = read_package(write_package(DATA / "shapes" / shape / str(rows), rows, shape))
    folder = package.root / "built"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    costs = take_turns(package, folder)
    shutil.rmtree(folder)
    size = sum(path.stat().st_size for path in package.root.glob("*.csv")) / 1e6
    return Result(
        shape, rows, size, {part: read_parts(costs[part]) for part in PARTS if part in costs}, costs
    )


def write_shares(one: Result) -> list[str]:
    """A row of the first table: the cost of a build, and the share of each format in percent."""
    total = sum(one.shares.values())
    shares = [f"{100 * one.shares[name] / total:.0f}" for name in dict.fromkeys(STEPS.values())]
    peak = max(cost.peak for cost in one.costs["whole"])
    return [one.shape, f"{one.rows:,}", f"{one.size:,.0f}", f"{total:.2f}", f"{peak:.0f}", *shares]


def write_ratios(one: Result) -> list[str]:
    """A row of the second table: our cost, theirs, and the ratio."""
    ours = {name: one.parts[name]["writing"] for name in ("sqlite", "parquet")}
    bare, deflated = one.parts["bare"]["writing"], one.parts["deflated"]["writing"]
    rest = sum(one.shares.values()) - one.shares["workbook"]
    cells = [one.shape]
    for mine, theirs in ((ours["sqlite"], one.shell), (ours["parquet"], bare)):
        cells += [f"{mine:.2f}", f"{theirs:.2f}", f"{mine / theirs:.2f}"]
    cells += [f"{one.shares['workbook']:.2f}", f"{rest:.2f}", f"{one.shares['workbook'] / rest:.2f}"]
    return [*cells, f"{deflated:.2f}", f"{rest / one.least:.2f}"]


def print_peers(one: Result) -> None:
    """Prints the tools that are measured only on our own shape."""
    written, apart = one.parts["sqlite"]["writing"], dict(one.parts["sqlite"])
    print("\n`visits`: " + ", ".join(f"{name} {cpu:.2f} s CPU" for name, cpu in apart.items()))
    print_peer("pandas", one.parts["pandas"]["writing"], written, one.costs["pandas"])
    if theirs := one.costs.get("sqlite-utils"):
        print_peer("sqlite-utils", middle(theirs).cpu, written, theirs)
    else:
        print(f"- sqlite-utils: not measured, for it is not installed; {INSTALL_IT}")


def print_peer(name: str, cpu: float, ours: float, costs: list[Cost]) -> None:
    """Prints one tool, and our cost for each second of its."""
    peak = max(cost.peak for cost in costs)
    print(f"- SQLite by {name}: {cpu:.2f} s CPU, {peak:.0f} MB: ours takes {ours / cpu:.2f} times its CPU")


SHARES = ("shape", "rows", "MB", "s CPU", "peak MB", *(f"{name} %" for name in dict.fromkeys(STEPS.values())))
RATIOS = (
    "shape",
    *("SQLite", "shell", "ratio"),
    *("Parquet", "bare pyarrow", "ratio"),
    *("workbook", "all else", "ratio"),
    *("bare zip", "all else to shell + pyarrow + zip"),
)


def main() -> None:
    """Compare on packages of so many rows, or run the part that the arguments name."""
    if len(sys.argv) > 3:
        PARTS[sys.argv[1]](read_package(Path(sys.argv[2])), Path(sys.argv[3]))
        return
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    shapes = sys.argv[2].split() if len(sys.argv) > 2 else list(WEIGHTS)
    shell = subprocess.run(["sqlite3", "--version"], capture_output=True, text=True, check=True).stdout
    print(
        f"{describe_machine()}, SQLite {sqlite3.sqlite_version}, shell {shell.split()[0]}, "
        f"pandas {version('pandas')}, {describe_sqlite_utils()}; medians of {ROUNDS}"
    )
    results = [measure_shape(shape, rows // WEIGHTS.get(shape, 1)) for shape in shapes]
    print("\nThe whole build, and the share of each format in percent of its CPU:\n")
    print("\n".join(write_table(SHARES, [write_shares(one) for one in results])))
    print("\nSeconds of CPU of ours and of peers:\n")
    print("\n".join(write_table(RATIOS, [write_ratios(one) for one in results])))
    for one in results:
        if one.shape == "visits":
            print_peers(one)


if __name__ == "__main__":
    main()
