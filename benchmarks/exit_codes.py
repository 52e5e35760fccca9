"""Runs commands many times, eight at once, and counts their exit codes; each must be the expected one.

Run it with `make test-exit N=1000`, or `python -m benchmarks.exit_codes RUNS`. The commands share two
processors, on which all threads except the first of each process have the lowest priority: if such a
thread is still running while Python exits, a command that has already printed its result may be killed by a
signal. Its exit code is then the negative number of the signal.
"""

import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from packpress.console import show_progress

from benchmarks.generate import write_package
from benchmarks.measure import describe_machine, python

AT_ONCE = 8
# Few rows, because short commands exit soonest after reading their last table.
ROWS = 100


@dataclass(frozen=True)
class Command:
    """The arguments after `python -m`, with {run} for the number of the run, and the expected exit code."""

    name: str
    words: tuple[str, ...]
    expected: int

    def run(self, number: int) -> tuple["Command", int, str]:
        """Runs the command; the exit code, and the last line of standard error."""
        words = python("-m", *(word.format(run=number) for word in self.words))
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
            while True:
                try:
                    errors = process.communicate(timeout=0.01)[1]
                    return self, process.returncode, (errors.splitlines() or [""])[-1]
                except subprocess.TimeoutExpired:
                    starve_threads(process.pid)


def starve_threads(process: int) -> None:
    """Moves a process to one of two processors, where all its threads but the first have lowest priority."""
    processors = sorted(os.sched_getaffinity(0))[:2]
    # A thread, or the whole process, may have ended in the meantime.
    with suppress(ProcessLookupError, FileNotFoundError):
        for task in Path(f"/proc/{process}/task").iterdir():
            thread = int(task.name)
            os.sched_setaffinity(thread, {processors[process % len(processors)]})
            if thread != process:
                os.sched_setscheduler(thread, os.SCHED_IDLE, os.sched_param(0))


def list_commands(folder: Path) -> list[Command]:
    """The commands to run, on packages that are written to the folder."""
    valid, invalid = write_package(folder / "valid", ROWS), write_package(folder / "invalid", ROWS)
    table = invalid.parent / "visits.csv"
    # The last row again, so that its key is repeated.
    table.write_bytes(table.read_bytes() + table.read_bytes().splitlines(keepends=True)[-1])
    missing = folder / "missing" / valid.name
    return [
        Command("validate, valid", ("packpress", "validate", str(valid)), 0),
        Command("validate, invalid", ("packpress", "validate", str(invalid)), 1),
        Command("validate, missing", ("packpress", "validate", str(missing)), 2),
        Command("format --check", ("packpress", "format", str(valid), "--check"), 0),
        Command("build", ("packpress", "build", str(valid), "--output", str(folder / "build{run}")), 0),
    ]


def count_codes(commands: Sequence[Command], runs: int) -> tuple[Counter[tuple[str, int]], list[str]]:
    """How often each command, by name, ended with each exit code, and a line about each wrong one."""
    codes, wrong = Counter[tuple[str, int]](), list[str]()
    with show_progress() as step, ThreadPoolExecutor(AT_ONCE) as pool:
        started = pool.map(Command.run, islice(cycle(commands), runs), range(runs))
        for number, (command, code, line) in enumerate(started, 1):
            codes[command.name, code] += 1
            if code != command.expected:
                wrong.append(f"{command.name}: exit {code} instead of {command.expected}: {line}")
            step(f"{number:,} of {runs:,} runs, {len(wrong):,} with a wrong exit code")
    return codes, wrong


def main() -> None:
    """Print the exit codes and everything that was wrong; exit with 1 if anything was."""
    runs = int(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        commands = list_commands(Path(folder))
        codes, wrong = count_codes(commands, runs)
    print(f"{describe_machine()}; {AT_ONCE} at once on two processors\n")
    print("| command | expected | exit code | runs |\n| --- | ---: | ---: | ---: |")
    for command in commands:
        for (name, code), count in sorted(codes.items()):
            if name == command.name:
                print(f"| {name} | {command.expected} | {code} | {count:,} |")
    print(f"\n{runs:,} runs, {len(wrong):,} with a wrong exit code")
    for line in sorted(set(wrong)):
        print(line)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
