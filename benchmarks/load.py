"""Loads every type of page of the public site with wrk: requests per second, latency, memory and errors.

Twice: once as it is served, with most responses from the cache, and once without the cache, with each
response computed anew. Run it with `make load`; `--claims 100000` makes a larger package first. On a shared
machine, only the CPU time per request is comparable.
"""

import http.client
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import click

from benchmarks.enlarge import ROOT, build_enlarged
from benchmarks.measure import describe_machine
from benchmarks.site import PAGES, Server, list_addresses, serve

# The script for wrk: requests the addresses of a page in turn, and prints one line of figures at the end.
SCRIPT = """
local paths = {%s}
local threads, turn = {}, 0
busy = 0
setup = function(thread) table.insert(threads, thread) end
request = function()
  turn = turn + 1
  return wrk.format("GET", paths[turn %% #paths + 1])
end
response = function(status) if status == 503 then busy = busy + 1 end end
done = function(summary, latency, requests)
  local errors, refused = summary.errors, 0
  for _, thread in ipairs(threads) do refused = refused + thread:get("busy") end
  local form = 'FIGURES {"requests": %%d, "seconds": %%.3f, "p50": %%.1f, "p99": %%.1f, '
    .. '"busy": %%d, "errors": %%d}\\n'
  io.write(string.format(form, summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, refused,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout - refused))
end
"""


@dataclass(frozen=True)
class Figures:
    """The results of wrk for one type of page; times in milliseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    # Rejected early because the machine was busy, and all other errors.
    busy: int
    errors: int
    # CPU time of the server per request.
    cpu: float = 0

    def __str__(self) -> str:
        rate = self.requests / self.seconds
        return f"{rate:10,.0f}{self.p50:9.1f}{self.p99:9.1f}{self.cpu:9.1f}{self.busy:7d}{self.errors:8d}"


@dataclass(frozen=True)
class Run:
    """The options for wrk."""

    seconds: float
    connections: int


@click.command()
@click.option("--claims", type=int, help="Generate a package with so many claims; without it, the real one.")
@click.option("--build", type=click.Path(path_type=Path), help="A build that is there already.")
@click.option("--seconds", type=int, default=3, show_default=True, help="For each type of page.")
@click.option("--copies/--no-copies", default=None, help="Only with, or only without copies of answers.")
@click.option("--soak", type=int, default=0, help="Then all types of page together, for so many minutes.")
def main(claims: int | None, build: Path | None, seconds: int, copies: bool | None, soak: int) -> None:
    """Print the load that the public site sustains on this machine."""
    if not shutil.which("wrk"):
        raise SystemExit("wrk is not installed, so nothing was measured; on Debian: apt-get install wrk")
    print(describe_machine())
    with tempfile.TemporaryDirectory() as folder:
        if build is None:
            build = build_enlarged(Path(folder) / "package", claims) if claims else ROOT / "dist" / "public"
        for has_copies in (True, False) if copies is None else (copies,):
            # Many clients for cached responses; computing a response takes one core, of which there are two.
            run = Run(seconds, connections=16 if has_copies else 2)
            drive_pages(build, run, has_copies, soak)


def drive_pages(build: Path, run: Run, has_copies: bool, soak: int) -> None:
    """One line for each type of page, then one for all together."""
    words = ("--profile", "public", *(() if has_copies else ("--cache-mb", "0")))
    title = "copies of answers" if has_copies else "answers made anew"
    print(f"\n{title}, {run.connections} connections, {run.seconds} s each")
    with serve(build, *words) as server:
        print(f"first page {server.seconds:.2f} s after the start of the server")
        print(f"{'page':<24}{'req/s':>10}{'p50':>9}{'p99':>9}{'CPU ms':>9}{'busy':>7}{'errors':>8}{'MB':>8}")
        everything = []
        for page in PAGES:
            paths = list_addresses(build, page)
            everything += paths[:5]
            if has_copies:
                make_copies(server, paths)
            print(f"{page:<24}{drive(server, paths, run)}{server.read_memory():8.0f}", flush=True)
        for minute in range(soak):
            figures = drive(server, everything, Run(60, run.connections))
            print(f"all, minute {minute + 1:<12}{figures}{server.read_memory():8.0f}", flush=True)


def make_copies(server: Server, paths: list[str]) -> None:
    """Requests each address once, so that it is cached; on a busy machine again, when told to retry."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    for path in paths:
        for _ in range(5):
            connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
            answer = connection.getresponse()
            answer.read()
            if answer.status == 200:
                break


def drive(server: Server, paths: list[str], run: Run) -> Figures:
    """The results of wrk, requesting these addresses in turn."""
    spent = server.read_cpu()
    with write_script(paths) as script:
        line = [
            "wrk",
            "-t1",
            f"-c{run.connections}",
            f"-d{run.seconds}s",
            "-s",
            str(script),
            "--timeout",
            "10s",
        ]
        line += ["-H", "Accept-Encoding: gzip", f"http://127.0.0.1:{server.port}"]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
    found = re.search(r"FIGURES (.*)", done.stdout)
    if not found:
        raise SystemExit(f"wrk did not work: {done.stdout}{done.stderr}")
    figures = Figures(**json.loads(found[1]))
    return replace(figures, cpu=(server.read_cpu() - spent) * 1000 / max(figures.requests, 1))


@contextmanager
def write_script(paths: list[str]) -> Iterator[Path]:
    """Writes a script for wrk that requests these addresses."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua", encoding="utf-8") as script:
        script.write(SCRIPT % ", ".join(map(json.dumps, paths)))
        script.flush()
        yield Path(script.name)


if __name__ == "__main__":
    main()
