"""Times every type of page, each time computed anew, and prints the median and the 99th percentile.

Run it with `python -m benchmarks.site` for the real package, or with `--claims 100000` for a generated one.
The server is our own command on loopback; the addresses of one type are requested in turn, and nothing is
cached between requests except what the server itself keeps about the data as a whole.

With `--plain`, the pages that Datasette also has are requested in turn from our server and from
`datasette serve` for the same file, without plugins, templates or metadata; the CPU time per request is
printed.
"""

import http.client
import json
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
from urllib.parse import urlencode

import click
from packpress.web.profiles import PROFILES

from benchmarks.enlarge import ROOT, build_enlarged
from benchmarks.measure import describe_machine

# One address per row; {} is replaced by each value of the query in turn.
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

CLAIM_IDS = "select claim_id from claims order by claim_id limit 400"
CONDITION_IDS = "select condition_id from conditions"
SELECT = urlencode({"sql": "select claim_id, quote, statement, stance from claims limit 50"})
# The name of a canned query, which `datasette serve` gets as SQL.
QUESTION = "support_for_condition"
# How often the two servers alternate for one type of page.
TURNS = 5
# Pages that Datasette has too: our address, its address, and the query for the values of {}. Lists
# have equally many rows in both; a filter that only our server has is given to Datasette as SQL.
SHARED_PAGES = {
    "index": ("/", "/", ""),
    "database": ("/{database}", "/{database}", ""),
    "table, conditions": ("/{database}/conditions", "/{database}/conditions?_size=50", ""),
    "table, references": ("/{database}/references", "/{database}/references?_size=50", ""),
    "table, passages": ("/{database}/passages", "/{database}/passages?_size=50", ""),
    "view, disagreements": ("/{database}/disagreements", "/{database}/disagreements?_size=50", ""),
    "claims, all": ("/{database}/claims_flat", "/{database}/claims_flat?_size=50", ""),
    "claims, filtered": (
        "/{database}/claims_flat?source_id={}",
        "/{database}/claims_flat?_size=50&source_id={}",
        "select source_id from sources",
    ),
    "claims of a condition": (
        "/{database}/claims_flat?_condition_id={}",
        "/{database}/claims_flat?_size=50&_where=claim_id+in+(select+claim_id+from+claim_conditions"
        "+where+condition_id='{}')",
        CONDITION_IDS,
    ),
    "row, a claim": ("/{database}/claims/{}", "/{database}/claims/{}", CLAIM_IDS),
    "row, the same flat": ("/{database}/claims_flat/{}", "/{database}/claims_flat/{}", CLAIM_IDS),
    "row, a condition": ("/{database}/conditions/{}", "/{database}/conditions/{}", CONDITION_IDS),
    "row, a concept": (
        "/{database}/concepts/{}",
        "/{database}/concepts/{}",
        "select concept_id from concepts",
    ),
    "row, a reference": (
        "/{database}/references/{}",
        "/{database}/references/{}",
        'select reference_id from "references"',
    ),
    "row, a passage": (
        "/{database}/passages/{}",
        "/{database}/passages/{}",
        "select passage_id from passages order by passage_id limit 400",
    ),
    "query, SQL": (f"/{{database}}?{SELECT}", f"/{{database}}?{SELECT}", ""),
    "query, canned": (
        f"/{{database}}/{QUESTION}?condition_id={{}}",
        "/{database}?{question}&condition_id={}",
        CONDITION_IDS,
    ),
}


@dataclass(frozen=True)
class Server:
    """A running server: its port, its process, and the seconds until its first response."""

    port: int
    pid: int
    seconds: float

    def read_memory(self) -> float:
        """The memory of the process in megabytes."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        (line,) = [line for line in status.splitlines() if line.startswith("VmRSS")]
        return int(line.split()[1]) / 1024

    def read_cpu(self) -> float:
        """The CPU seconds that the process has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def find_port() -> int:
    """A free port on loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def serve(build: Path, *words: str) -> Iterator[Server]:
    """Our server for the build, with further arguments."""
    port = find_port()
    line = [sys.executable, "-m", "packpress", "serve", str(build), "--port", str(port), *words]
    with run_server([*line, "--site", f"http://127.0.0.1:{port}/"], port) as server:
        yield server


@contextmanager
def serve_plain(database: Path) -> Iterator[Server]:
    """`datasette serve` for the immutable file, without plugins, with the same limits for queries."""
    port = find_port()
    line = [sys.executable, "-m", "datasette", "serve", "-i", str(database), "--port", str(port)]
    # With this variable, Datasette loads only the plugins named in it: none.
    alone = {**os.environ, "DATASETTE_LOAD_PLUGINS": ""}
    for name in ("sql_time_limit_ms", "max_returned_rows"):
        line += ["--setting", name, str(PROFILES["local"].settings[name])]
    with run_server(line, port, alone) as server:
        yield server


@contextmanager
def run_server(line: list[str], port: int, environment: dict[str, str] | None = None) -> Iterator[Server]:
    """A server started with these arguments, once it responds on the port."""
    start = time.perf_counter()
    server = subprocess.Popen(
        line, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
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
    """The milliseconds until the response was complete, and its status."""
    start = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    return (time.perf_counter() - start) * 1000, answer.status


def list_addresses(build: Path, page: str) -> list[str]:
    """The addresses of one type of page."""
    path, query = PAGES[page]
    return fill_addresses(build, path, query)


def fill_addresses(build: Path, path: str, query: str) -> list[str]:
    """The addresses for a path, one for each value of the query."""
    (file,) = build.glob("*.db")
    with closing(sqlite3.connect(file)) as db:
        values = [row[0] for row in db.execute(query)] if query else [""]
    return [path.replace("{database}", file.stem).format(value) for value in values]


@click.command()
@click.option("--claims", type=int, help="Generate a package with so many claims; without it, the real one.")
@click.option("--build", type=click.Path(path_type=Path), help="A build that is there already.")
@click.option("--rounds", type=int, default=60, show_default=True, help="Requests for each type of page.")
@click.option("--plain", is_flag=True, help="Compare with plain `datasette serve` over the same file.")
@click.option("--only", default="", help="With --plain: only pages whose names contain this.")
def main(claims: int | None, build: Path | None, rounds: int, plain: bool, only: str) -> None:
    """Print p50 and p99 of each type of page in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        if build is None:
            build = build_enlarged(Path(folder) / "package", claims) if claims else ROOT / "build"
        if plain:
            compare_pages(build, rounds, only)
            return
        with serve(build) as server:
            print(f"first page {server.seconds:.2f} s after the start of the server")
            print(f"{'page':<24}{'first':>8}{'p50':>8}{'p99':>8}  ms")
            for page in PAGES:
                print_times(page, list_addresses(build, page), server.port, rounds)


def compare_pages(build: Path, rounds: int, only: str) -> None:
    """Prints one line for each type of page that Datasette also has."""
    print(describe_machine())
    (file,) = build.glob("*.db")
    sql = json.loads((build / "site.json").read_text(encoding="utf-8"))["queries"]
    question = urlencode({"sql": next(query["sql"] for query in sql if query["name"] == QUESTION)})
    with serve(build) as ours, serve_plain(file) as plain:
        print(
            f"{'page':<24}{'ours':>8}{'plain':>8}  ms of CPU{'ratio':>8}   {'ours':>8}{'plain':>8}  ms, p50"
        )
        for page, (here, there, query) in SHARED_PAGES.items():
            if only in page:
                paths = [
                    fill_addresses(build, path.replace("{question}", question), query)
                    for path in (here, there)
                ]
                print_comparison(page, (ours, plain), paths, rounds)


def print_comparison(page: str, servers: tuple[Server, Server], paths: list[list[str]], rounds: int) -> None:
    """Prints one line of the comparison: medians over turns in which both servers serve the same pages."""
    turns: list[list[tuple[float, float]]] = [[], []]
    for turn in range(TURNS + 1):
        for number, server in enumerate(servers):
            taken = visit_pages(server, paths[number], turn * rounds, rounds)
            # The first turn reads what is read only once, about the data as a whole.
            turns[number] += [taken] if turn else []
    (ours, waited), (plain, waited_there) = (map(median, zip(*taken, strict=True)) for taken in turns)
    ratio = median(here[0] / there[0] for here, there in zip(*turns, strict=True))
    print(f"{page:<24}{ours:8.1f}{plain:8.1f}{ratio:19.2f}   {waited:8.1f}{waited_there:8.1f}", flush=True)


def visit_pages(server: Server, paths: list[str], first: int, rounds: int) -> tuple[float, float]:
    """The CPU milliseconds per request, and the median latency."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    before, waited = server.read_cpu(), []
    for turn in range(first, first + rounds):
        path = paths[turn % len(paths)]
        spent, status = time_request(connection, path)
        if status != 200:
            raise SystemExit(f"{path} on port {server.port}: status {status}")
        waited.append(spent)
    return (server.read_cpu() - before) * 1000 / rounds, median(waited)


def print_times(page: str, addresses: list[str], port: int, rounds: int) -> None:
    """Prints one line of the table; a status other than 200 is printed with its address."""
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
