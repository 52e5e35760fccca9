"""Times pages, directly and through nginx, while one client sends the public site all requests it can.

The client is wrk with sixteen connections; each request is for another page of ten facets, so that none is
cached. Its requests go to the site directly and bypass the limits of nginx.
Meanwhile, a visitor with another address reads one page after the other. Run it with
`python -m benchmarks.proxy`; nginx uses `deploy/nginx.conf`, with ports of its own.
"""

import http.client
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from statistics import quantiles

import click

from benchmarks.load import write_script
from benchmarks.measure import describe_machine
from benchmarks.site import ROOT, find_port, list_addresses, serve

CONFIGURATION = ROOT / "deploy" / "nginx.conf"
# What is replaced in the file: ports, paths and names.
MAIN = """
{user}
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    include {types};
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""
TYPES = Path("/etc/nginx/mime.types")
NAME, STATIC_NAME = "example.org", "static.example.org"
# Loopback addresses, which stand for different people.
CLIENT, VISITOR = "127.0.0.1", "127.0.0.3"
# The pages of the visitor; rows, whose pages are not cached.
PAGES = 200


@contextmanager
def run_nginx(folder: Path, upstream: int, root: Path) -> Iterator[int]:
    """Runs nginx with our configuration in front of the site on a port; yields its own port."""
    port = find_port()
    text = CONFIGURATION.read_text(encoding="utf-8")
    for old, new in (
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("127.0.0.1:8001", f"127.0.0.1:{upstream}"),
        ("/var/cache/nginx/site", f"{folder}/cache"),
        ("/srv/site", str(root)),
    ):
        if old not in text:
            raise SystemExit(f"{CONFIGURATION}: no longer says {old}")
        text = text.replace(old, new)
    (folder / "site.conf").write_text(text, encoding="utf-8")
    # When started as root, it would otherwise read files as nobody.
    user = "user root;" if os.geteuid() == 0 else ""
    main = MAIN.format(user=user, folder=folder, types=TYPES)
    (folder / "nginx.conf").write_text(main, encoding="utf-8")
    process = subprocess.Popen(
        ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    )
    try:
        while not _is_listening(port):
            if process.poll() is not None:
                raise SystemExit((folder / "error.log").read_text(encoding="utf-8"))
            time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait()


def _is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def ask_for_much(port: int, paths: list[str], connections: int = 16) -> Iterator[None]:
    """Runs wrk on these pages in turn, as fast as it can."""
    with write_script(paths) as script:
        line = ["wrk", "-t1", f"-c{connections}", "-d600s", "-s", str(script), "--timeout", "10s"]
        process = subprocess.Popen(
            [*line, f"http://127.0.0.1:{port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            time.sleep(1)
            yield
        finally:
            process.kill()
            process.wait()


def list_heavy_pages(build: Path) -> list[str]:
    """Pages of ten facets on the widest table, each with another argument."""
    (file,) = build.glob("*.db")
    with closing(sqlite3.connect(file)) as db:
        columns = [
            (table, [row[1] for row in db.execute(f'pragma table_info("{table}")')])
            for (table,) in db.execute("select name from sqlite_schema where type = 'table'")
            if re.fullmatch(r"\w+", table) and "fts" not in table
        ]
    table, names = max(columns, key=lambda item: len(item[1]))
    facets = "&".join(f"_facet={name}" for name in names[:10])
    return [
        f"/{file.stem}/{table}?_size=1&{facets}&_facet_size=100&{names[0]}__not=x{n}" for n in range(5_000)
    ]


def time_pages(port: int, paths: list[str], host: str, count: int) -> tuple[list[float], int]:
    """The milliseconds of each page that the visitor reads, and the number of refused requests."""
    connection = http.client.HTTPConnection("127.0.0.1", port, source_address=(VISITOR, 0), timeout=30)
    times, refused = [], 0
    for number in range(count):
        start = time.perf_counter()
        connection.request(
            "GET", paths[number % len(paths)], headers={"Host": host, "Accept-Encoding": "gzip"}
        )
        answer = connection.getresponse()
        answer.read()
        times.append((time.perf_counter() - start) * 1000)
        refused += answer.status != 200
        # No faster than allowed for a visitor: ten requests per second.
        time.sleep(0.11)
    return times, refused


def print_times(what: str, times: list[float], refused: int) -> None:
    """Prints one line of the table."""
    cuts = quantiles(times, n=100, method="inclusive")
    print(f"{what:<48}{cuts[49]:8.1f}{cuts[98]:8.1f}{refused:9d}", flush=True)


@click.command()
@click.option("--build", type=click.Path(path_type=Path), default=ROOT / "dist" / "public", show_default=True)
def main(build: Path) -> None:
    """Print p50 and p99 of pages in milliseconds, with and without the other client."""
    for tool in ("wrk", "nginx"):
        if not shutil.which(tool):
            raise SystemExit(
                f"{tool} is not installed, so nothing was measured; on Debian: apt-get install {tool}"
            )
    print(describe_machine())
    print(f"{'page':<48}{'p50 ms':>8}{'p99 ms':>8}{'refused':>9}")
    cached = ["/", *list_addresses(build, "claims"), *list_addresses(build, "dictionary")]
    rows = list_addresses(build, "claim")
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(build, "--profile", "public", "--proxy", "127.0.0.1") as site,
        run_nginx(Path(folder), site.port, build) as port,
    ):
        own = f"127.0.0.1:{site.port}"
        for state in ("at rest", "under load"):
            is_busy = state == "under load"
            with ask_for_much(site.port, list_heavy_pages(build)) if is_busy else nullcontext():
                for what, asked, host in (("nginx", port, NAME), ("the site", site.port, own)):
                    times, refused = time_pages(asked, cached, host, PAGES)
                    print_times(f"copies, from {what}, {state}", times[len(cached) :], refused)
                half = rows[:30] if is_busy else rows[30:]
                print_times(
                    f"made anew, from the site, {state}", *time_pages(site.port, half, own, len(half))
                )


if __name__ == "__main__":
    main()
