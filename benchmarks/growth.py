"""Validates, builds and checks generated packages of growing size, and prints a table of the costs.

Run it with `python -m benchmarks.growth [ROWS …]`, or `make bench-growth`; without sizes, ten thousand to
ten million rows. Each step is a command of its own. The checks are the `checks.sql` of the build, which
DuckDB runs on the Parquet files through views that convert every column to text, as a distributed engine
would.
"""

import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from packpress.sql import quote_identifier, quote_literal, split_statements

from benchmarks.generate import write_package
from benchmarks.measure import DATA, Cost, describe_machine, measure, python

SIZES = ("10000", "100000", "1000000", "10000000")


def run_checks(build: Path) -> None:
    """Prints how many queries of a build's `checks.sql` were run; the build must pass all of them."""
    import duckdb

    db = duckdb.connect()
    for path in sorted((build / "parquet").glob("*.parquet")):
        source = f"read_parquet({quote_literal(str(path))})"
        columns = [column[0] for column in db.execute(f"select * from {source} limit 0").description]
        texts = ", ".join(
            f"cast({quote_identifier(name)} as varchar) as {quote_identifier(name)}" for name in columns
        )
        db.execute(f"create view {quote_identifier(path.stem)} as select {texts} from {source}")
    queries = [
        statement
        for statement in split_statements((build / "checks.sql").read_text(encoding="utf-8"))
        if any(line.startswith("select") for line in statement.splitlines())
    ]
    for query in queries:
        assert not db.execute(query).fetchall(), query
    print(f"{len(queries)} queries")


def measure_size(rows: int) -> Iterator[tuple[str, Cost]]:
    """What it costs to validate, build and check a package of so many rows."""
    descriptor = write_package(DATA / str(rows), rows)
    build = descriptor.parent / "grown"
    shutil.rmtree(build, ignore_errors=True)
    yield "validate", measure(python("-m", "packpress", "validate", str(descriptor)))
    yield "build", measure(python("-m", "packpress", "build", str(descriptor), "--output", str(build)))
    yield "checks.sql on DuckDB", measure(python("-m", "benchmarks.growth", "checks", str(build)))
    shutil.rmtree(build)


def main() -> None:
    """Print a Markdown table, or run the checks of the build that the arguments name."""
    if sys.argv[1:2] == ["checks"]:
        run_checks(Path(sys.argv[2]))
        return
    print(f"{describe_machine()}, DuckDB {version('duckdb')}\n")
    print("| rows | what | CPU s | wall s | peak MB |\n| ---: | --- | ---: | ---: | ---: |")
    for words in sys.argv[1:] or SIZES:
        for what, cost in measure_size(int(words)):
            line = f"| {int(words):,} | {what} | {cost.cpu:.1f} | {cost.wall:.1f} | {cost.peak:.0f} |"
            print(line, flush=True)


if __name__ == "__main__":
    main()
