"""Runs `checks-spark.sql` on Apache Spark in local mode, and compares what it finds with the validator.

Run it in the folder of packpress by `python -m tests.spark FOLDER`. Spark is installed into
an environment in the folder, unless SPARK_PYTHON names a Python that has pyspark. The tables are Parquet files of
text columns, two for each table, and the script is that of docs/scaling.md. Prints how many faults each engine found;
exits with 1 where they differ from what the validator finds, and with 2 where Java or pyspark is not to be had.
"""

import csv
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from packpress.publish.portable import SPARK, STANDARD, render_checks

from packpress import Package
from tests.engine_cases import (
    CASES,
    EXAMPLES,
    KINDS,
    Fault,
    Written,
    draw_cell,
    find_by_engine,
    find_by_validator,
    list_asked,
    make_random,
    without_constraints,
    write_cases,
)

REQUIREMENTS = Path(__file__).parent / "requirements-spark.txt"
SCALING = Path(__file__).parents[1] / "docs" / "scaling.md"
# A compiler that takes long to start is of no use to queries of few rows.
OPTIONS = (
    "--master local[2] --conf spark.ui.enabled=false --conf spark.sql.shuffle.partitions=2"
    " --driver-java-options -XX:TieredStopAtLevel=1"
)
# Every case has other names in each package, and Spark its own settings, or those of version 3 and no compiler.
PACKAGES = (
    (0, ""),
    (23, "--conf spark.sql.ansi.enabled=false --conf spark.sql.codegen.wholeStage=false"),
)
CELLS = 400


def find_python(folder: Path) -> Path:
    """A Python that has pyspark, installed into the folder if need be; exits with 2 where Java is missing too."""
    java = Path(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else "java"
    if not shutil.which(java):
        stop("Java is not installed, so nothing was checked; on Debian: apt-get install default-jre-headless")
    if "SPARK_PYTHON" in os.environ:
        python = Path(os.environ["SPARK_PYTHON"])
        if not has_spark(python):
            stop(
                f"{python} has no pyspark, so nothing was checked; leave SPARK_PYTHON empty to have it installed"
            )
        return python
    python = folder / "bin" / "python"
    if not has_spark(python):
        print(f"Installing pyspark into {folder}, half a gigabyte", file=sys.stderr)
        pip = [python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", REQUIREMENTS]
        if any(subprocess.run(line).returncode for line in ([sys.executable, "-m", "venv", folder], pip)):
            stop(f"pyspark could not be installed into {folder}, so nothing was checked")
    return python


def has_spark(python: Path) -> bool:
    """Whether a Python is there and has pyspark."""
    return (
        python.exists()
        and not subprocess.run([python, "-c", "import pyspark"], capture_output=True).returncode
    )


def stop(message: str) -> None:
    """Says why nothing can be run, and exits with 2."""
    print(message, file=sys.stderr)
    raise SystemExit(2)


def write_parquet(package: Package, folder: Path) -> Iterator[str]:
    """Writes each table as two files, in one of which empty cells are null; yields the table and its folder."""
    for n, resource in enumerate(package.resources):
        with (package.root / resource.paths[0]).open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))[1:]
        # Spark takes no folder whose name begins with _ or holds signs such as * or :.
        part = folder / f"t{n}"
        part.mkdir(parents=True)
        half = len(rows) // 2
        for place, (some, empty) in enumerate(((rows[:half], ""), (rows[half:], None))):
            columns = [
                pa.array([row[place] or empty for row in some], pa.string())
                for place in range(len(resource.fields))
            ]
            pq.write_table(
                pa.table(columns, names=list(resource.field_names)), part / f"part-{place}.parquet"
            )
        yield f"{resource.name}={part}"


def find_by_spark(package: Package, folder: Path, python: str, options: str) -> "Counter[Fault]":
    """What the queries find on Spark, run as docs/scaling.md says."""
    blocks = re.findall(
        r"^```python\n(.*?)^```", SCALING.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    (script,) = (block for block in blocks if "spark.read.parquet" in block)
    folder.mkdir(parents=True)
    (folder / "check_tables.py").write_text(script, encoding="utf-8")
    checks = render_checks(package, package.resources)[SPARK.file]
    (folder / SPARK.file).write_bytes(checks.encode("utf-8"))
    tables = write_parquet(package, folder / "parquet")
    done = subprocess.run(
        [python, folder / "check_tables.py", folder / SPARK.file, *tables],
        env=os.environ
        | {"PYSPARK_PYTHON": python, "PYSPARK_SUBMIT_ARGS": f"{OPTIONS} {options} pyspark-shell"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    lines = [line for line in done.stdout.split("\n") if line.startswith("{")]
    if done.returncode != bool(lines):
        raise SystemExit(f"Spark did not run the checks:\n{done.stderr[-3000:]}")
    found = (json.loads(line) for line in lines)
    names = ("table_name", "field_name", "check_name", "row_key", "value")
    return Counter(tuple(row[name] or "" for name in names) for row in found)


ENGINES = {"SQLite": STANDARD, "DuckDB": STANDARD, "Spark": SPARK}


class Record:
    """How many faults each engine was asked for, by kind of constraint, and which of them it did not find."""

    def __init__(self) -> None:
        self.asked: dict[tuple[str, str], int] = Counter()
        self.differing: list[str] = []

    def compare(
        self, engine: str, kinds: dict[str, str], asked: "Counter[Fault]", found: "Counter[Fault]"
    ) -> None:
        """Notes what an engine was asked for, and what it found besides or did not find."""
        for fault, count in asked.items():
            self.asked[kinds[fault[0]], engine] += count
        self.differing += [f"{engine} does not find {fault}" for fault in asked - found]
        self.differing += [f"{engine} finds {fault}" for fault in found - asked]

    def print(self, kinds: Sequence[str]) -> None:
        """Prints the table, and below it what differs."""
        columns = ("validator", *ENGINES)
        print(f"| constraint | {' | '.join(columns)} |\n| --- |{' ---: |' * len(columns)}")
        for kind in kinds:
            counts = (self.asked[kind, engine] for engine in columns)
            print(f"| `{kind}` | {' | '.join(str(count) if count else 'not covered' for count in counts)} |")
        print(
            "\nNumbers of faults that were to be found.",
            "These differ:" if self.differing else "All were, no others.",
        )
        print("\n".join(self.differing))


@dataclass(frozen=True)
class Trial:
    """A package of cases, what is to be found in it, and Spark's settings for it."""

    written: Written
    is_by_chance: bool
    folder: Path
    options: str


def write_trials(scratch: Path) -> Iterator[Trial]:
    """The packages of the cases, and one of cells that are nearly of their type."""
    for first, options in PACKAGES:
        folder = scratch / str(first)
        yield Trial(write_cases(folder / "package", CASES, first), False, folder / "spark", options)
    chance, folder = random.Random(0), scratch / "chance"
    cases = [make_random(kind, [draw_cell(chance, kind) for _ in range(CELLS)]) for kind in EXAMPLES]
    yield Trial(write_cases(folder / "package", cases), True, folder / "spark", "")


def compare(record: Record, trial: Trial, by_spark: "Counter[Fault]") -> None:
    """Compares what the validator and each engine find with what is to be found."""
    written = trial.written
    by_validator = find_by_validator(written.package)
    told = by_validator if trial.is_by_chance else without_constraints(written.faults)
    record.compare("validator", written.kinds, told, by_validator)
    for engine, dialect in ENGINES.items():
        is_spark = dialect is SPARK
        found = by_spark if is_spark else find_by_engine(engine.lower(), written.package, dialect)
        if trial.is_by_chance:
            # Of a cell that breaks two constraints, as NaN does, the validator names one.
            record.compare(engine, written.kinds, told, Counter(dict.fromkeys(without_constraints(found), 1)))
        else:
            record.compare(engine, written.kinds, list_asked(written, dialect), found)


def main() -> None:
    """Run the cases on every engine, and print the table."""
    python, record = str(find_python(Path(sys.argv[1]))), Record()
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor() as pool:
        trials = list(write_trials(Path(scratch)))
        running = [
            pool.submit(find_by_spark, trial.written.package, trial.folder, python, trial.options)
            for trial in trials
        ]
        for trial, by_spark in zip(trials, running, strict=True):
            compare(record, trial, by_spark.result())
    print(
        f"{len(CASES)} cases, each under {len(PACKAGES)} sets of names, and {CELLS} cells by chance of a type\n"
    )
    record.print([*KINDS, "by chance"])
    raise SystemExit(bool(record.differing))


if __name__ == "__main__":
    main()
