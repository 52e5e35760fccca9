"""Times every type of page, each time computed anew, and prints the median and the 99th percentile.

Run it with `python -m benchmarks.site` for the real package, or with `--claims 100000` for a generated one.
The server is our own command on loopback; addresses of one type take turns, and nothing is kept between two
requests but what the server itself keeps about the data as a whole.
"""

import http.client
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

import click

from benchmarks.enlarge import ROOT, build_enlarged

# One address a row; {} is each value of the query in turn.
PAGES = {
    "home": ("/", ""),
    "sources": ("/sources", ""),
    "reader": ("/sources/{}", "select source_id from sources"),
    "claim": ("/{database}/claims/{}", "select claim_id from claims order by random() limit 60"),
    "claims": ("/{database}/claims_flat", ""),
    "claims, filtered": ("/{database}/claims_flat?source_id={}", "select source_id from sources"),
    "claims of a condition": (
        "/{database}/claims_flat?_condition_id={}",
        "select condition_id from conditions",
    ),
    "condition": ("/{database}/conditions/{}", "select condition_id from conditions"),
    "route": ("/{database}/routes/{}", "select route_id from routes"),
    "adverse effect": ("/{database}/adverse_effects/{}", "select adverse_effect_id from adverse_effects"),
    "concept": ("/{database}/concepts/{}", "select concept_id from concepts"),
    "reference": (
        "/{database}/references/{}",
        'select reference_id from "references" order by random() limit 60',
    ),
    "disagreements": ("/disagreements", ""),
    "map": ("/map{}", "select '' union all select '/routes' union all select '/adverse-effects'"),
    "charts": ("/charts", ""),
    "search": (
        "/{database}/search?q={}",
        "select replace(label, ' ', '+') from conditions union all select 'ketamine'",
    ),
    "question": ("/{database}/support_for_condition?condition_id={}", "select condition_id from conditions"),
    "data": ("/{database}", ""),
    "dictionary": ("/dictionary", ""),
    "method": ("/method", ""),
    "downloads": ("/downloads", ""),
}


@dataclass(frozen=True)
class Server:
    """Our own command, running: its port, its process, and the seconds until its first page was there."""

    port: int
    pid: int
    seconds: float

    def read_memory(self) -> float:
        """Megabytes that the process holds now."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        (line,) = [line for line in status.splitlines() if line.startswith("VmRSS")]
        return int(line.split()[1]) / 1024

    def read_cpu(self) -> float:
        """Seconds of CPU that the process has taken."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def find_port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def serve(build: Path, *words: str) -> Iterator[Server]:
    """A server over the build, started with further words."""
    port = find_port()
    line = [sys.executable, "-m", "packpress", "serve", str(build), "--port", str(port), *words]
    line += ["--site", f"http://127.0.0.1:{port}/"]
    start = time.perf_counter()
    server = subprocess.Popen(line, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while server.poll() is None:
            try:
                time_request(http.client.HTTPConnection("127.0.0.1", port), "/")
                break
            except ConnectionRefusedError:
                time.sleep(0.02)
        yield Server(port, server.pid, time.perf_counter() - start)
    finally:
        server.terminate()
        server.wait()


def time_request(connection: http.client.HTTPConnection, path: str) -> tuple[float, int]:
    """Milliseconds until the whole answer was read, and its status."""
    start = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    return (time.perf_counter() - start) * 1000, answer.status


def list_addresses(build: Path, page: str) -> list[str]:
    """The addresses of one type of page."""
    (file,) = build.glob("*.db")
    path, query = PAGES[page]
    with closing(sqlite3.connect(file)) as db:
        values = [row[0] for row in db.execute(query)] if query else [""]
    return [path.replace("{database}", file.stem).format(value) for value in values]


@click.command()
@click.option("--claims", type=int, help="Generate a package with so many claims; without it, the real one.")
@click.option("--build", type=click.Path(path_type=Path), help="A build that is there already.")
@click.option("--rounds", type=int, default=60, show_default=True, help="Requests for each type of page.")
def main(claims: int | None, build: Path | None, rounds: int) -> None:
    """Print p50 and p99 of each type of page in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        if build is None:
            build = build_enlarged(Path(folder) / "package", claims) if claims else ROOT / "build"
        with serve(build) as server:
            print(f"first page {server.seconds:.2f} s after the start of the server")
            print(f"{'page':<24}{'first':>8}{'p50':>8}{'p99':>8}  ms")
            for page in PAGES:
                print_times(page, list_addresses(build, page), server.port, rounds)


def print_times(page: str, addresses: list[str], port: int, rounds: int) -> None:
    """One line of the table; a status other than 200 is printed with its address."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    taken = []
    for turn in range(rounds):
        path = addresses[turn % len(addresses)]
        spent, status = time_request(connection, path)
        if status != 200:
            print(f"{page:<24}{status} {path}")
            return
        taken.append(spent)
    rest = sorted(taken[1:])
    print(f"{page:<24}{taken[0]:8.0f}{median(rest):8.0f}{quantiles(rest, n=100)[-1]:8.0f}", flush=True)


if __name__ == "__main__":
    main()
