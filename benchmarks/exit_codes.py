"""Starts commands many times, eight at once, and counts their exit codes; each must be the expected one.

Run it with `make test-exit N=1000`, or `python -m benchmarks.exit_codes RUNS`. They share two processors, on
which every thread but the first of its process comes last: what such a thread still does while Python ends is
what makes a command that has printed its result die by a signal. The number of the signal is then shown as a
negative exit code.
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
# Few rows, for a short command ends soonest after it has read its last table.
ROWS = 100


@dataclass(frozen=True)
class Command:
    """Words after `python -m`, {run} standing for the number of the run, and the exit code expected."""

    name: str
    words: tuple[str, ...]
    expected: int

    def run(self, number: int) -> tuple["Command", int, str]:
        """The command, its exit code, and the last line that it wrote on standard error."""
        words = python("-m", *(word.format(run=number) for word in self.words))
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
            while True:
                try:
                    errors = process.communicate(timeout=0.01)[1]
                    return self, process.returncode, (errors.splitlines() or [""])[-1]
                except subprocess.TimeoutExpired:
                    starve_threads(process.pid)


def starve_threads(process: int) -> None:
    """Puts all threads of a process on one of two processors, where those that it started come last."""
    processors = sorted(os.sched_getaffinity(0))[:2]
    # A thread, or the whole process, may end meanwhile.
    with suppress(ProcessLookupError, FileNotFoundError):
        for task in Path(f"/proc/{process}/task").iterdir():
            thread = int(task.name)
            os.sched_setaffinity(thread, {processors[process % len(processors)]})
            if thread != process:
                os.sched_setscheduler(thread, os.SCHED_IDLE, os.sched_param(0))


def list_commands(folder: Path) -> list[Command]:
    """The commands to start, over packages that are written into the folder."""
    valid, invalid = write_package(folder / "valid", ROWS), write_package(folder / "invalid", ROWS)
    table = invalid.parent / "visits.csv"
    # The last row once more, so its key stands there twice.
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
    """How often each command, by its name, ended with each exit code; a line about each that is wrong."""
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
    """Print the exit codes that came and what was wrong; exit with 1 when anything was."""
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
