"""Measures a command: CPU time, wall time and peak memory, as the operating system reports them."""

import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy
import pyarrow

# Packages for benchmarks are made once and kept, because making one takes longer than checking it.
DATA = Path("dist") / "benchmarks"


@dataclass(frozen=True)
class Cost:
    """Seconds of CPU and wall time, and peak memory in mebibytes."""

    cpu: float
    wall: float
    peak: float
    output: str = ""

    def after(self, start: "Cost") -> "Cost":
        """The cost without the start of the program."""
        return Cost(self.cpu - start.cpu, self.wall - start.wall, self.peak, self.output)

    def __str__(self) -> str:
        return f"{self.cpu:8.2f} s CPU {self.wall:8.2f} s wall {self.peak:7.0f} MB"


def measure(words: list[str], expected: int = 0) -> Cost:
    """The cost of one run of a command that exits with the expected code; child processes are not counted."""
    start = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != expected:
        raise SystemExit(f"{' '.join(words)}: ended with {process.returncode}\n{output}")
    wall = time.perf_counter() - start
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024, output)


def middle(costs: list[Cost]) -> Cost:
    """The medians of several runs."""
    return Cost(
        median(cost.cpu for cost in costs),
        median(cost.wall for cost in costs),
        max(cost.peak for cost in costs),
        costs[0].output,
    )


def describe_machine() -> str:
    """One line about the machine."""
    names = [
        line.split(":", 1)[1].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if line.startswith("model name")
    ]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} x {names[0] if names else platform.machine()}, {memory:.0f} GB, load {load:.1f}; "
        f"Python {platform.python_version()}, pyarrow {pyarrow.__version__}, numpy {numpy.__version__}"
    )


def python(*words: str) -> list[str]:
    """A command for this Python."""
    return [sys.executable, *words]
