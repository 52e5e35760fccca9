"""Runs our validator and frictionless on the same generated packages, and prints what each costs.

Run it with `python -m benchmarks.validate [ROWS …]`, or `make bench-validate`. Machines are noisy: only the
ratio of one run means anything. Beside it stands the cost of merely reading the files with pyarrow.csv.
"""

import sys
from importlib.metadata import version
from pathlib import Path

from benchmarks.generate import write_package
from benchmarks.measure import DATA, Cost, describe_machine, measure, middle, python

ROUNDS = 3
# Frictionless takes a minute for a million rows; larger packages are measured without it, and once.
MOST_FOR_FRICTIONLESS = 1_000_000
READ = """
import sys, pyarrow, pyarrow.csv as csv
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        names = file.readline().decode().strip().split(",")
    kinds = csv.ConvertOptions(column_types=dict.fromkeys(names, pyarrow.string()))
    options = csv.ReadOptions(use_threads=False), csv.ParseOptions(newlines_in_values=True), kinds
    for batch in csv.open_csv(path, *options):
        pass
"""


def compare(rows: int) -> None:
    """Print a line for each; the commands take turns, so that noise meets all of them."""
    descriptor = write_package(DATA / str(rows), rows)
    tables = sorted(str(path) for path in descriptor.parent.glob("*.csv"))
    ours, reading, theirs = list[Cost](), list[Cost](), list[Cost]()
    for number in range(ROUNDS if rows <= MOST_FOR_FRICTIONLESS else 1):
        ours.append(measure(python("-m", "packpress", "validate", str(descriptor))))
        reading.append(measure(python("-c", READ, *tables)))
        if number == 0 and rows <= MOST_FOR_FRICTIONLESS:
            theirs.append(measure(python("-m", "scripts.second_opinion", str(descriptor))))
    size = sum(Path(path).stat().st_size for path in tables) / 1e6
    print(f"\n{rows:,} rows, {size:,.0f} MB: {ours[0].output.splitlines()[-1]}")
    print(f"  ours          {middle(ours)}")
    print(f"  reading alone {middle(reading)}")
    if theirs:
        ratio = theirs[0].cpu / middle(ours).cpu
        print(f"  frictionless  {theirs[0]}\n  frictionless takes {ratio:.1f} times the CPU of ours")


def main() -> None:
    """Compare on packages of so many rows as the arguments say."""
    print(f"{describe_machine()}, frictionless {version('frictionless')}")
    real = middle([measure(python("-m", "packpress", "validate")) for _ in range(ROUNDS)])
    print(f"\nthe shipped package: {real.output.splitlines()[-1]}\n  ours          {real}")
    for words in sys.argv[1:] or ["10000", "100000", "1000000"]:
        compare(int(words))


if __name__ == "__main__":
    main()
