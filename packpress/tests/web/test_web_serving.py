"""The server as a process of its own: what strikes it from outside costs one line, and it goes on."""

import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from packpress.web.profiles import PROFILES
from tests.web.packages import field, table, write_package
from tests.web.walk import list_sums

import packpress
from tests.conftest import needs_posix

pytestmark = [pytest.mark.long, needs_posix]
PATIENCE = 60
HEAD = PROFILES["public"].head_bytes


@dataclass
class Server:
    """The command `packpress serve`, running: its port, its process, and the file of its standard error."""

    port: int
    process: subprocess.Popen[bytes]
    errors: Path

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body of an answer."""
        status, _, body = self.ask(path)
        return status, body

    def ask(self, path: str, method: str = "GET", **headers: str) -> tuple[int, Any, bytes]:
        """Status, headers and body of an answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            told = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, headers=told)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def send(self, data: bytes) -> bytes:
        """All that is answered on one connection until the server closes it."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as client:
            client.sendall(data)
            pieces = []
            while piece := client.recv(65536):
                pieces.append(piece)
            return b"".join(pieces)

    def read_errors(self) -> list[str]:
        """The lines of its standard error, without the one that says where it serves."""
        lines = self.errors.read_text(encoding="utf-8").splitlines()
        return [line for line in lines if not line.startswith("Serving ")]


@contextmanager
def serve(build: Path, *words: str, closed: str = "", **options: Any) -> Iterator[Server]:
    """A server over a build, public unless it is said otherwise; `closed` closes streams as a shell does."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = [sys.executable, "-m", "packpress", "serve", str(build), "--port", str(port)]
    line += [*words] if "--profile" in words else ["--profile", "public", *words]
    with tempfile.TemporaryDirectory() as folder:
        errors = Path(folder) / "errors"
        with errors.open("wb") as stderr:
            options = {"stdout": subprocess.DEVNULL, "stderr": stderr, **options}
            process = subprocess.Popen(["sh", "-c", f'exec "$@" {closed}', "sh", *line], **options)
        server = Server(port, process, errors)
        try:
            _wait_until_it_listens(server)
            yield server
        finally:
            process.kill()
            process.wait()


def _wait_until_it_listens(server: Server) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert server.process.poll() is None, server.read_errors()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", server.port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("nobody listens")


@pytest.fixture(scope="module")
def server(build):
    with serve(build("rich")) as started:
        yield started
        assert started.read_errors() == []


def list_files(folder: Path) -> list[str]:
    """The addresses of the files of a build."""
    lines = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    return [f"/files/{line.split(maxsplit=1)[1]}" for line in lines]


RANGES = {
    "bytes=0-9": (206, 0, 10),
    "bytes=5-": (206, 5, None),
    "bytes=-7": (206, -7, None),
    "bytes=-99999999999": (206, 0, None),
    "bytes=99999999999-": (416, 0, 0),
    "bytes=-0": (416, 0, 0),
    "bytes=9-5": (200, 0, None),
    "bytes=0-1,5-6": (200, 0, None),
    "lines=0-1": (200, 0, None),
    "bytes=x": (200, 0, None),
}


@pytest.mark.parametrize("asked", RANGES)
def test_files_are_sent_in_the_parts_that_are_asked_for(asked, server, build):
    """Once before the file is cached and once after; of every kind of file that programs read from afar."""
    status, start, end = RANGES[asked]
    paths = list_files(build("rich"))
    (database,) = [path for path in paths if path.endswith(".db")]
    for path in [*paths[:6], database]:
        whole = server.ask(path)[2]
        for _ in range(2):
            got, headers, body = server.ask(path, Range=asked, Accept_Encoding="gzip")
            assert (got, body) == (status, whole[start:end]), path
            assert headers["accept-ranges"] == "bytes"
            begin = start + len(whole) if start < 0 else start
            named = f"bytes {begin}-{begin + len(body) - 1}/{len(whole)}"
            expected = {200: None, 206: named, 416: f"bytes */{len(whole)}"}[status]
            assert headers["content-range"] == expected
            assert headers["content-encoding"] is None or status == 200


def test_a_part_of_a_file_that_has_changed_is_the_whole(server, build):
    path = list_files(build("rich"))[0]
    _, headers, whole = server.ask(path)
    assert server.ask(path, Range="bytes=0-3", If_Range=headers["etag"])[0] == 206
    assert server.ask(path, Range="bytes=0-3", If_Range='"another"')[::2] == (200, whole)
    assert server.ask(path, Range="bytes=0-3", If_None_Match=headers["etag"])[0] == 304


def test_scripts_of_other_sites_may_read_a_public_site_and_no_local_one(server, build):
    for path in ("/", "/-/datapackage.json", "/nope"):
        assert server.ask(path, Origin="https://elsewhere.example")[1]["access-control-allow-origin"] == "*"
    asked = {"Origin": "https://elsewhere.example", "Access_Control_Request_Method": "GET"}
    status, headers, _ = server.ask("/", "OPTIONS", **asked, Access_Control_Request_Headers="range")
    assert (status, headers["access-control-allow-methods"]) == (204, "GET, HEAD")
    assert "Range" in headers["access-control-allow-headers"]
    with serve(build("rich"), "--profile", "local") as local:
        assert local.ask("/", Origin="https://elsewhere.example")[1]["access-control-allow-origin"] is None
        assert local.ask("/", "OPTIONS", **asked)[0] == 405


def test_a_log_that_nobody_reads_holds_up_no_request(build):
    """A pipe holds some 400 lines; the thousandth request is answered too, and the server ends when told to."""
    with serve(build("rich"), stdout=subprocess.PIPE) as server:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        for _ in range(1000):
            connection.request("GET", "/-/health")
            assert connection.getresponse().read()
        read, _ = os.read(server.process.stdout.fileno(), 10**6), connection.request("GET", "/-/health")
        assert connection.getresponse().read()
        # Whoever reads later learns how many lines there would have been.
        text = read + os.read(server.process.stdout.fileno(), 10**6)
        assert re.search(rb'"dropped": \d\d', text)
        assert text.endswith(b"}\n")
        connection.close()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE) in (0, -signal.SIGTERM)
        assert server.read_errors() == []


def test_a_log_whose_reader_is_gone_is_given_up_in_one_line(build):
    with serve(build("rich"), stdout=subprocess.PIPE) as server:
        server.process.stdout.close()
        assert [server.get(path)[0] for path in ("/", "/fleet", "/nope", "/fleet/boats")] == [
            200,
            200,
            404,
            200,
        ]
        assert server.read_errors() == ["standard output: closed; requests are no longer logged"]


def test_a_log_for_which_there_is_no_room_left_holds_up_no_request(build):
    with Path("/dev/full").open("wb") as full, serve(build("rich"), stdout=full) as server:
        assert [server.get("/")[0] for _ in range(3)] == [200, 200, 200]
        assert server.read_errors() == []


@pytest.mark.parametrize("closed", [">&-", ">&- <&-", ">&- 2>&- <&-"])
@pytest.mark.parametrize("profile", ["local", "public"])
def test_streams_that_are_closed_cost_one_line(closed, profile, build):
    with serve(build("rich"), "--profile", profile, closed=closed) as server:
        assert [server.get(path)[0] for path in ("/", "/fleet/boats", "/nope")] == [200, 200, 404]
        said = ["standard output: closed; further output is lost"]
        assert server.read_errors() == ([] if "2>" in closed else said)
        # None of them is the number of a file that is served.
        opened = [Path(f"/proc/{server.process.pid}/fd/{number}").readlink() for number in (1, 2)]
        assert not [path for path in opened if path.suffix == ".db"]


@pytest.mark.parametrize(
    "lines",
    [
        "POST / HTTP/1.1|Content-Length: 5|Transfer-Encoding: chunked",
        "POST / HTTP/1.1|Transfer-Encoding: chunked|Content-Length: 0",
        "GET /fleet HTTP/1.1|Content-Length: 40|Transfer-Encoding: chunked",
        "PUT /nope HTTP/1.1|Content-Length: 3|Content-Length: 3|Transfer-Encoding: chunked",
    ],
)
def test_two_words_for_the_length_of_a_request_close_the_connection(lines, server):
    """What comes behind could be another's request to whoever stands in between."""
    head = lines.replace("|", "\r\n").replace(" HTTP/1.1\r\n", " HTTP/1.1\r\nHost: localhost\r\n")
    behind = "GET /-/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    answer = server.send(f"{head}\r\n\r\n0\r\n\r\n{behind}".encode())
    assert re.match(rb"HTTP/1.1 40[05] ", answer)
    assert b"connection: close" in answer.lower()
    assert answer.count(b"HTTP/1.1 ") == 1


def test_a_refusal_without_a_body_leaves_the_connection_open(server):
    ask = b"DELETE /fleet HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = b"GET /-/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert re.findall(rb"HTTP/1.1 (\d+)", server.send(ask + last)) == [b"405", b"200"]


@pytest.mark.parametrize(
    "headers",
    [f"X: {'a' * HEAD}", "a: b\r\n" * (HEAD // 6) + "c: d", f"Cookie: {'a' * 4500}\r\nReferer: {'b' * 4500}"],
    ids=["one", "many", "two"],
)
def test_a_head_that_is_too_large_is_refused_even_if_it_comes_at_once(headers, server):
    answer = server.send(f"GET /fleet HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n\r\n".encode())
    assert re.match(rb"HTTP/1.1 4(31|00) ", answer)
    assert b"connection: close" in answer.lower()


def test_a_head_that_just_fits_is_answered(server):
    start = "GET /fleet HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX: "
    room = HEAD - len(start) - 100
    answer = server.send(f"{start}{'a' * room}\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 200 ")


def build_boats(folder: Path, names: list[str], output: Path) -> None:
    boats = table("boats", [field("id")], [[name] for name in names], primaryKey="id")
    descriptor = write_package(folder, [boats], name="boats", title="Boats", homepage="https://x.example/")
    packpress.build(packpress.read_package(descriptor), output, formats=["sqlite", "csv"])


def check_downloads(server: Server, folder: Path) -> None:
    """What is downloaded is what the sums say, and these are those of the folder."""
    page, (_, sums) = server.get("/downloads")[1].decode(), server.get("/files/SHA256SUMS")
    assert sums == (folder / "SHA256SUMS").read_bytes()
    for line in sums.decode().splitlines():
        sha256, path = line.split(maxsplit=1)
        body = server.get(f"/files/{path}")[1]
        assert hashlib.sha256(body).hexdigest() == sha256, path
        assert path not in page or sha256[:6] in page or sha256 in page


def test_files_of_any_script_are_downloaded_under_their_names(tmp_path):
    boats = table("лодки", [field("id")], [["ida"]], primaryKey="id")
    descriptor = write_package(tmp_path / "package", [boats], name="флот", title="Boats")
    folder = packpress.build(packpress.read_package(descriptor), tmp_path / "build").folder
    with serve(folder, "--profile", "local") as server:
        for line in (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
            path = line.split(maxsplit=1)[1]
            status, headers, _ = server.ask(f"/files/{quote(path)}", "HEAD")
            assert status == 200, path
            name = path.rpartition("/")[2]
            told = headers["content-disposition"]
            assert name.isascii() or told.endswith(f"; filename*=UTF-8''{quote(name)}"), path


@pytest.mark.parametrize("profile", ["local", "public"])
def test_a_build_that_replaces_another_is_served_from_then_on(profile, tmp_path):
    folder = tmp_path / "build"
    build_boats(tmp_path / "package", ["ida"], folder)
    with serve(folder, "--profile", profile) as server:
        for names in (["ida"], ["ida", "flora"], ["gull"]):
            build_boats(tmp_path / "package", names, folder)
            assert [server.get(f"/boats/boats/{name}")[0] for name in names] == [200] * len(names)
            assert f"{len(names)} " in server.get("/boats/boats")[1].decode()
            check_downloads(server, folder)
        assert server.get("/boats/boats/ida")[0] == 404
        assert {*server.read_errors()} == {f"{folder}: has changed; the new version is served"}
        # No file that is gone is held open, which would take up its room on the disk.
        time.sleep(0.5)
        opened = [link.readlink().name for link in Path(f"/proc/{server.process.pid}/fd").iterdir()]
        assert not [name for name in opened if name.endswith(".db (deleted)")]


def test_a_build_that_was_put_in_by_hand_is_noticed_too(tmp_path):
    for name in ("one", "two"):
        build_boats(tmp_path / f"package-{name}", [name], tmp_path / name)
    folder = tmp_path / "served"
    shutil.copytree(tmp_path / "one", folder)
    with serve(folder) as server:
        shutil.copytree(tmp_path / "two", folder, dirs_exist_ok=True)
        assert server.get("/boats/boats/two")[0] == 200
        check_downloads(server, folder)


def test_a_build_that_is_gone_or_broken_is_said_once_and_served_again_once_it_is_back(tmp_path):
    folder = tmp_path / "build"
    build_boats(tmp_path / "package", ["ida"], folder)
    with serve(folder) as server:
        folder.rename(tmp_path / "away")
        assert [server.get("/")[0] for _ in range(3)] == [503] * 3
        (tmp_path / "away").rename(folder)
        assert server.get("/")[0] == 200
        whole = (folder / "boats.db").read_bytes()
        (folder / "boats.db").write_bytes(b"broken" * 1000)
        assert [server.get("/")[0] for _ in range(3)] == [503] * 3
        (folder / "boats.db").write_bytes(whole)
        assert server.get("/")[0] == 200
        gone, back, broken, back_again = server.read_errors()
        assert "no such folder" in gone
        assert "file is not a database" in broken
        assert back == back_again == f"{folder}: has changed; the new version is served"


def test_whatever_build_is_there_is_served_and_nothing_is_written_anywhere(build, tmp_path):
    """Case S1: the database is that of the build, not one that anybody expects; the rest is made in memory."""
    for name, address in (
        ("bare", "/bare/one_row"),
        ("odd", "/odd_names_v1/pairs"),
        ("rich", "/fleet/boats"),
    ):
        folder, here = build(name), tmp_path / name
        here.mkdir()
        before = list_sums(folder.parent)
        with serve(folder, cwd=here) as server:
            assert [server.get(path)[0] for path in ("/", address, "/downloads")] == [200] * 3
        assert list_sums(folder.parent) == before
        assert list_sums(here) == {}


def test_one_client_that_asks_for_much_is_held_back_and_others_are_answered(build):
    """Sixteen connections of one address ask for new pages for ever; another address waits for none of them."""
    with serve(build("rich"), "--proxy", "127.0.0.1") as server:
        stop = time.monotonic() + 8
        script = (
            "import http.client, sys, time, threading\n"
            "def ask(n):\n"
            "    while time.time() < end:\n"
            "        try:\n"
            f"            c = http.client.HTTPConnection('127.0.0.1', {server.port}, timeout=20)\n"
            "            c.request('GET', f'/fleet/boats?_facet=name&_facet=motto&_facet=boat_id&_sort=crew&name__not={n}{time.time()}',"
            " headers={'X-Forwarded-For': '192.0.2.1'})\n"
            "            c.getresponse().read(); c.close()\n"
            "        except OSError: pass\n"
            "end = time.time() + 8\n"
            "for n in range(16): threading.Thread(target=ask, args=(n,)).start()\n"
        )
        with subprocess.Popen([sys.executable, "-c", script]):
            time.sleep(1)
            statuses = []
            for number in range(1, 31):
                if time.monotonic() > stop:
                    break
                connection = HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
                headers = {"X-Forwarded-For": f"198.51.100.{number}"}
                connection.request("GET", f"/fleet/boats/boat-{number:03}", headers=headers)
                statuses.append(connection.getresponse().status)
                connection.close()
        assert statuses
        assert statuses == [200] * len(statuses)
