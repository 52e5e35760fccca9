"""Builds the SQLite and Parquet of a generated package, by us and by peers, and prints what each costs.

Run it with `python -m benchmarks.build [ROWS]`, or `make bench-build`. SQLite: the same STRICT schema, keys,
checks and indexes for us and for the sqlite3 shell; sqlite-utils and pandas know none of these and only
make tables with a primary key or without. What everybody may do afterwards (ANALYZE, VACUUM) is apart.
"""

import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from benchmarks.generate import write_package
from benchmarks.measure import DATA, Cost, describe_machine, measure, middle, python
from scripts.lib.descriptor import Package, read_descriptor
from scripts.lib.publish.content import Content
from scripts.lib.publish.ddl import index_definitions, table_definition
from scripts.lib.publish.ordering import open_content
from scripts.lib.publish.parquet import ARROW_TYPES, write_parquet
from scripts.lib.publish.sqlite import fill_table, open_database
from scripts.lib.sql import quote_identifier
from scripts.lib.validation import validate_package

ROUNDS = 3
PRAGMAS = "pragma page_size = 4096; pragma journal_mode = off; pragma synchronous = off;"


def open_contents(package: Package) -> list[Content]:
    """The contents as a build has them, after the validation that a build begins with."""
    tables = validate_package(package, {}).tables
    return [open_content(package.root, tables[item.name], package.root) for item in package.resources]


def build_sqlite(package: Package, output: Path) -> None:
    """Ours, with the CPU of what comes after the tables printed apart."""
    contents = open_contents(package)
    start = time.process_time()
    with open_database(output) as db:
        for content in contents:
            fill_table(db, content.resource, package, content.plain_rows)
        assert not db.execute("pragma foreign_key_check").fetchall()
        db.execute("commit")
        print(f"{time.process_time() - start:.2f}")
        for statement in ("analyze", "vacuum", "pragma integrity_check"):
            start = time.process_time()
            db.execute(statement).fetchall()
            print(f"{statement} {time.process_time() - start:.2f} s CPU")


def shell_script(package: Package, output: Path) -> str:
    """What the sqlite3 shell is told: import as text, then select into the same schema."""
    lines = [f".open {output}", PRAGMAS, "begin;"]
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

    with sqlite3.connect(output) as db:
        for resource in package.resources:
            frame = pandas.read_csv(package.root / resource.paths[0])
            frame.to_sql(resource.name, db, index=False)


def build_parquet(package: Package, output: Path) -> None:
    """Ours, from the files of the package."""
    for content in open_contents(package):
        write_parquet(output.with_name(f"ours-{content.resource.name}.parquet"), content)


def build_bare_parquet(package: Package, output: Path) -> None:
    """By pyarrow alone, with the same types."""
    for resource in package.resources:
        kinds = {field.name: ARROW_TYPES.get(field.type, pa.string()) for field in resource.fields}
        table = pa_csv.read_csv(
            package.root / resource.paths[0],
            pa_csv.ReadOptions(use_threads=False),
            pa_csv.ParseOptions(newlines_in_values=True),
            pa_csv.ConvertOptions(column_types=kinds, strings_can_be_null=True),
        )
        pq.write_table(table, output.with_name(f"bare-{resource.name}.parquet"), compression="zstd")


def prepare(package: Package, output: Path) -> None:
    """What ours does before it writes anything, to be taken off."""
    open_contents(package)


PARTS = {
    "sqlite": build_sqlite,
    "pandas": build_pandas,
    "parquet": build_parquet,
    "bare": build_bare_parquet,
    "prepare": prepare,
}


def run_shell(package: Package, output: Path) -> Cost:
    """The cost of the sqlite3 shell."""
    script = output.with_suffix(".sql")
    script.write_text(shell_script(package, output), encoding="utf-8")
    return measure(["sqlite3", "-init", str(script), ":memory:", ".quit"])


def run_sqlite_utils(package: Package, output: Path) -> Cost | None:
    """The cost of sqlite-utils with primary keys and detected types; None where it is not installed."""
    command = shutil.which("sqlite-utils")
    if command is None:
        return None
    costs = [
        measure(
            [command, "insert", str(output), item.name, str(package.root / item.paths[0]), "--csv"]
            + ["--pk", item.primary_key[0], "--silent"]
        )
        for item in package.resources
    ]
    return Cost(sum(c.cpu for c in costs), sum(c.wall for c in costs), max(c.peak for c in costs))


def compare(descriptor: Path) -> None:
    """Print a line for each."""
    package, folder = read_descriptor(descriptor), descriptor.parent / "built"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()

    def run(part: str, number: int) -> Cost:
        output = folder / f"{part}-{number}.db"
        return measure(python("-m", "benchmarks.build", part, str(descriptor), str(output)))

    rounds = range(ROUNDS)
    costs: dict[str, list[Cost]] = {part: [] for part in (*PARTS, "shell")}
    for number in rounds:
        for part in PARTS:
            costs[part].append(run(part, number))
        costs["shell"].append(run_shell(package, folder / f"shell-{number}.db"))
        for file in folder.glob("*.db"):
            file.unlink()
    ours, shell = middle(costs["sqlite"]), middle(costs["shell"])
    filled = median(float(cost.output.splitlines()[0]) for cost in costs["sqlite"])
    print(f"  preparing (validation)  {middle(costs['prepare'])}")
    print(f"  SQLite, ours            {ours}\n    of which tables, keys, checks, indexes: {filled:.2f} s CPU")
    print("    apart: " + ", ".join(ours.output.splitlines()[1:]))
    print(f"  SQLite, sqlite3 shell   {shell}: ours takes {filled / shell.cpu:.2f} times its CPU")
    theirs = run_sqlite_utils(package, folder / "sqlite-utils.db")
    if theirs:
        print(f"  SQLite, sqlite-utils    {theirs}: it takes {theirs.cpu / filled:.1f} times the CPU of ours")
    else:
        print("  SQLite, sqlite-utils: not installed, not measured")
    print(f"  SQLite, pandas          {middle(costs['pandas'])}")
    written = middle(costs["parquet"]).cpu - middle(costs["prepare"]).cpu
    bare = middle(costs["bare"])
    print(f"  Parquet, ours           {middle(costs['parquet'])}\n    without preparing: {written:.2f} s CPU")
    print(f"  Parquet, bare pyarrow   {bare}: ours takes {written / bare.cpu:.2f} times its CPU")
    output = descriptor.parent / "whole"
    shutil.rmtree(output, ignore_errors=True)
    whole = measure(python("-m", "scripts.build", str(descriptor), "--output", str(output)))
    print(f"  the whole build         {whole}")


def main() -> None:
    """Compare on a package of so many rows; or do the part that the arguments name."""
    if len(sys.argv) > 3:
        PARTS[sys.argv[1]](read_descriptor(Path(sys.argv[2])), Path(sys.argv[3]))
        return
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    shell = subprocess.run(["sqlite3", "--version"], capture_output=True, text=True, check=True).stdout
    print(f"{describe_machine()}, SQLite {sqlite3.sqlite_version}, shell {shell.split()[0]}")
    print(f"\n{rows:,} rows")
    compare(write_package(DATA / str(rows), rows))


if __name__ == "__main__":
    main()
