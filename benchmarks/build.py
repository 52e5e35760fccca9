"""Builds the SQLite and Parquet of a generated package, by us and by peers, and prints what each costs.

Run it with `python -m benchmarks.build [ROWS]`, or `make bench-build`. SQLite: the same STRICT schema, keys,
checks and indexes for us and for the sqlite3 shell; sqlite-utils knows its primary keys alone and pandas not
even these. What everybody may do afterwards (full text, ANALYZE, VACUUM) is apart. Parquet: the same types,
codec and row groups for us and for bare pyarrow. Every figure counts from the first byte read of the CSV to
the last one written; starting a program, and our validation, are taken off and printed apart.
"""

import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path

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
    quote_identifier,
    table_definition,
)
from packpress.publish.values import Content
from packpress.tables.types import type_of

from benchmarks.generate import write_package
from benchmarks.measure import DATA, Cost, describe_machine, measure, middle, python
from packpress import Package, read_package, validate

ROUNDS = 3
PRAGMAS = "pragma page_size = 4096; pragma journal_mode = off; pragma synchronous = off;"
CACHE = f"pragma cache_size = {CACHE_SIZE};"
INSTALL_IT = f"{sys.executable} -m pip install sqlite-utils"


@contextmanager
def count_cpu(what: str) -> Iterator[None]:
    """Prints the seconds of CPU that the block under it took."""
    start = time.process_time()
    yield
    print(f"{what}: {time.process_time() - start:.3f}")


def open_contents(package: Package) -> list[Content]:
    """The contents as a build has them, after the validation that a build begins with."""
    with count_cpu("validation"):
        tables = validate(package).tables
    scratch = ExitStack()  # lasts as long as the process
    return [
        open_content(package.root, tables[item.name], package.root, scratch) for item in package.resources
    ]


def build_sqlite(package: Package, output: Path) -> None:
    """Ours, with the CPU of what comes after the tables printed apart."""
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
    """What the sqlite3 shell is told: import as text, then select into the same schema."""
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
    """By pandas, columns of text but for numbers, no key, no check."""
    import pandas

    with count_cpu("writing"), sqlite3.connect(output) as db:
        for resource in package.resources:
            frame = pandas.read_csv(package.root / resource.paths[0])
            frame.to_sql(resource.name, db, index=False)


def build_parquet(package: Package, output: Path) -> None:
    """Ours, from the files of the package."""
    contents = open_contents(package)
    with count_cpu("writing"):
        for content in contents:
            write_parquet(output.with_name(f"ours-{content.resource.name}.parquet"), content)


def build_bare_parquet(package: Package, output: Path) -> None:
    """By pyarrow alone: the same types, dictionaries, codec and row groups, each table read whole."""
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
            # One dictionary for all of an enumeration, as ours has it, or half of it would be written plain.
            table = table.unify_dictionaries()
            pq.write_table(table, path, compression="zstd", row_group_size=ROWS_PER_GROUP)


PARTS: dict[str, Callable[[Package, Path], None]] = {
    "sqlite": build_sqlite,
    "pandas": build_pandas,
    "parquet": build_parquet,
    "bare": build_bare_parquet,
}


def run_part(part: str, descriptor: Path, output: Path) -> Cost:
    """The cost of one part as a command of its own."""
    return measure(python("-m", "benchmarks.build", part, str(descriptor), str(output)))


def run_shell(package: Package, output: Path) -> Cost:
    """The cost of the sqlite3 shell, what it takes to start taken off."""
    script = output.with_suffix(".sql")
    script.write_text(shell_script(package, output), encoding="utf-8")
    start = measure(["sqlite3", ":memory:", ".quit"])
    return measure(["sqlite3", "-init", str(script), ":memory:", ".quit"]).after(start)


def find_sqlite_utils() -> str | None:
    """The command sqlite-utils of this environment or of the machine; None where it is not installed."""
    beside = Path(sys.executable).with_name("sqlite-utils")
    return str(beside) if beside.exists() else shutil.which("sqlite-utils")


def describe_sqlite_utils() -> str:
    """Name and version of sqlite-utils, or that it is not there."""
    command = find_sqlite_utils()
    words = [command, "--version"] if command else ["echo", "no sqlite-utils"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip().replace(",", "")


def run_sqlite_utils(command: str, package: Package, output: Path) -> Cost:
    """The cost of sqlite-utils with primary keys and detected types, what it takes to start taken off."""
    start, costs = measure([command, "--version"]), []
    for item in package.resources:
        line = [command, "insert", str(output), item.name, str(package.root / item.paths[0]), "--csv"]
        costs.append(measure([*line, "--pk", item.primary_key[0], "--silent"]).after(start))
    return Cost(sum(c.cpu for c in costs), sum(c.wall for c in costs), max(c.peak for c in costs))


def read_parts(costs: list[Cost]) -> dict[str, float]:
    """Medians of what a part printed, by its names."""
    printed = [dict(line.split(": ") for line in cost.output.splitlines()) for cost in costs]
    return {name: sorted(float(one[name]) for one in printed)[len(printed) // 2] for name in printed[0]}


def count_rows(database: Path, package: Package) -> list[tuple[object, ...]]:
    """Rows of each table, and some sums of the largest, to see that two databases hold the same."""
    sums = 'select count(*), sum(doses), total(weight), sum("is_first"), count("note") from visits'
    with sqlite3.connect(database) as db:
        counts = [f"select count(*) from {quote_identifier(item.name)}" for item in package.resources]
        return [db.execute(query).fetchone() for query in (*counts, sums)]


def list_peers(package: Package, folder: Path) -> dict[str, Callable[[], Cost]]:
    """What to run for each peer that is a program of its own; sqlite-utils only where it is installed."""
    peers = {"shell": lambda: run_shell(package, folder / "shell.db")}
    if command := find_sqlite_utils():
        peers["sqlite-utils"] = lambda: run_sqlite_utils(command, package, folder / "sqlite-utils.db")
    return peers


def take_turns(descriptor: Path, package: Package, folder: Path) -> dict[str, list[Cost]]:
    """What each costs in every round; in turns, so that the noise of the machine meets all of them."""
    runs = list_peers(package, folder)
    runs |= {part: partial(run_part, part, descriptor, folder / f"{part}.db") for part in PARTS}
    costs: dict[str, list[Cost]] = {name: [] for name in runs}
    for number in range(ROUNDS):
        print(f"round {number + 1} of {ROUNDS}", file=sys.stderr)
        for name, run in runs.items():
            costs[name].append(run())
            cost = costs[name][-1]
            printed = cost.output.strip().replace("\n", ", ") if name in PARTS else cost
            print(f"  {name}: {printed}", file=sys.stderr)
        assert count_rows(folder / "sqlite.db", package) == count_rows(folder / "shell.db", package)
        for file in folder.glob("*.db"):
            file.unlink()
    return costs


def compare(descriptor: Path) -> None:
    """Print a line for each of us and them."""
    package, folder = read_package(descriptor), descriptor.parent / "built"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    costs = take_turns(descriptor, package, folder)
    parts = {part: read_parts(costs[part]) for part in PARTS}
    ours, written = parts["sqlite"], parts["sqlite"]["writing"]
    peaks = {part: max(cost.peak for cost in found) for part, found in costs.items()}
    print(f"  validation {ours['validation']:.2f} s CPU: once a build, and not counted below")
    print(f"  SQLite, ours           {written:8.2f} s CPU {peaks['sqlite']:7.0f} MB")
    apart = {name: cpu for name, cpu in ours.items() if name not in {"validation", "writing"}}
    print("    apart: " + ", ".join(f"{name} {cpu:.2f} s" for name, cpu in apart.items()))
    print_peer("SQLite, sqlite3 shell", middle(costs["shell"]).cpu, written, peaks["shell"])
    print_peer("SQLite, pandas", parts["pandas"]["writing"], written, peaks["pandas"])
    if theirs := costs.get("sqlite-utils"):
        print_peer("SQLite, sqlite-utils", middle(theirs).cpu, written, peaks["sqlite-utils"])
    else:
        print(f"  SQLite, sqlite-utils: not measured, for it is not installed; {INSTALL_IT}")
    print(f"  Parquet, ours          {parts['parquet']['writing']:8.2f} s CPU {peaks['parquet']:7.0f} MB")
    print_peer("Parquet, bare pyarrow", parts["bare"]["writing"], parts["parquet"]["writing"], peaks["bare"])
    shutil.rmtree(folder)


def print_peer(name: str, cpu: float, ours: float, peak: float) -> None:
    """A line about a peer, with what ours costs for each second of it."""
    print(f"  {name:<22} {cpu:8.2f} s CPU {peak:7.0f} MB: ours takes {ours / cpu:.2f} times its CPU")


def build_whole(descriptor: Path) -> None:
    """Print what the whole build costs, with the workbook, the zip and all checksums."""
    output = descriptor.parent / "whole"
    shutil.rmtree(output, ignore_errors=True)
    whole = measure(python("-m", "packpress", "build", str(descriptor), "--output", str(output)))
    print(f"  the whole build        {whole}")
    shutil.rmtree(output)


def main() -> None:
    """Compare on a package of so many rows; or do the part that the arguments name."""
    if len(sys.argv) > 3:
        PARTS[sys.argv[1]](read_package(Path(sys.argv[2])), Path(sys.argv[3]))
        return
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    shell = subprocess.run(["sqlite3", "--version"], capture_output=True, text=True, check=True).stdout
    print(
        f"{describe_machine()}, SQLite {sqlite3.sqlite_version}, shell {shell.split()[0]}, "
        f"pandas {version('pandas')}, {describe_sqlite_utils()}"
    )
    print(f"\n{rows:,} rows, medians of {ROUNDS} rounds; memory of the whole process at its peak")
    descriptor = write_package(DATA / str(rows), rows)
    compare(descriptor)
    build_whole(descriptor)


if __name__ == "__main__":
    main()
