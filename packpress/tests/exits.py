"""Command: validates packages in many processes, eight at a time, and counts how they ended.

A library's thread that is still running when Python exits may abort the process after "valid" was printed, once in some
hundred runs. To find that out, run many: `python -m tests.exits 1000`.
"""

import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path

import click

from invented.packages import field, table, write_package

AT_ONCE = 8
VALID = {
    "lists": (
        'a,b,c\n1|2|3,"x,y",2020-01-01; 2020-01-02\n,,\n5,x,\n',
        [
            field("a", "list", delimiter="|", itemType="integer"),
            field("b", "list"),
            field("c", "list", delimiter="; ", itemType="date"),
        ],
    ),
    "keys": (
        "a,b\n" + "".join(f"k{n},{n / 3}\n" for n in range(2000)),
        [field("a", unique=True), field("b", "number")],
    ),
}


def count_ends(folder: Path, runs: int) -> Counter[tuple[int, bool]]:
    """How often validation ended with which code, and with or without "valid" as its last line."""
    paths = [write_package(folder / name, table("t", text, fields)) for name, (text, fields) in VALID.items()]

    def run(path: Path) -> tuple[int, bool]:
        line = [sys.executable, "-m", "packpress", "validate", str(path)]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        return done.returncode, (done.stdout.splitlines() or [""])[-1].startswith("valid: 1 table")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Counter(pool.map(run, islice(cycle(paths), runs)))


@click.command()
@click.argument("runs", type=int, default=1000)
def main(runs: int) -> None:
    """Validate RUNS times, eight at a time; exits 1 when one of them did not end as it should."""
    with tempfile.TemporaryDirectory() as folder:
        ends = count_ends(Path(folder), runs)
    for (code, is_valid), count in sorted(ends.items()):
        click.echo(f"{count:,} ended with {code}, {'valid' if is_valid else 'not valid'}")
    sys.exit(ends.keys() != {(0, True)})


if __name__ == "__main__":
    main()
