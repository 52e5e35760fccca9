"""Files on the web: refused, or fetched from a server of this machine where it is allowed."""

import gzip
import hashlib
import json
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner
from packpress.cli import validate as validate_command
from packpress.package import remote
from packpress.package.remote import Downloads

TEXT = b"a,b\nx,1\n"
FILES = {
    "/t.csv": TEXT,
    "/wrong.csv": b"a,b\nx,y\n",
    "/t.csv.gz": gzip.compress(TEXT),
    "/schema.json": json.dumps({"fields": [{"name": "a"}, {"name": "b", "type": "integer"}]}).encode(),
    "/broken.json": b"{",
}
FIELDS = [{"name": "a"}, {"name": "b", "type": "integer"}]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path.startswith("/to?"):
            self.send_response(302)
            self.send_header("Location", self.path[4:])
            self.end_headers()
        elif self.path in FILES:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(FILES[self.path])
        else:
            self.send_error(404)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked = []
        server.address = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def validate(tmp_path, server):
    """A function that validates a package of one table on the web; exit code and what was printed."""

    def run(*options, **properties):
        server.asked.clear()
        table = {"name": "t", "path": "/t.csv", "schema": {"fields": FIELDS}} | properties
        for name in ("path", "schema"):
            if isinstance(table[name], str):
                table[name] = server.address + table[name] if table[name].startswith("/") else table[name]
        (tmp_path / "datapackage.json").write_text(json.dumps({"name": "p", "resources": [table]}))
        done = CliRunner().invoke(validate_command, [str(tmp_path / "datapackage.json"), *options])
        assert done.exception is None or isinstance(done.exception, SystemExit)
        text = (done.stdout + done.stderr).replace(server.address, "http://here")
        # What was checked of each table says nothing about fetching.
        return done.exit_code, "\n".join(line for line in text.splitlines() if not line.startswith("t: "))

    return run


def test_without_leave_nothing_is_fetched(validate, server):
    code, text = validate()
    assert (code, server.asked) == (1, [])
    assert text.startswith("datapackage.json: ")
    assert "--allow-remote" in text
    code, text = validate(schema="/schema.json", path="t.csv")
    assert (code, server.asked) == (2, [])


@pytest.mark.parametrize("path", ["/t.csv", "/t.csv.gz", "/to?/t.csv"])
def test_with_leave_a_table_is_read_from_the_web_once(validate, server, path):
    code, text = validate("--allow-remote", path=path)
    assert (code, text.splitlines()[-1]) == (0, "valid: 1 table, 1 row")
    assert server.asked.count(path) == 1


def test_a_fault_is_said_with_its_address(validate):
    code, text = validate("--allow-remote", path="/wrong.csv")
    assert (code, text.splitlines()[-1]) == (1, "1 problem in 1 file")
    assert text.splitlines()[-2].startswith('http://here/wrong.csv:2: b="y": ')


def test_a_hash_is_that_of_the_file_on_the_web(validate):
    good = f"sha256:{hashlib.sha256(TEXT).hexdigest()}"
    assert validate("--allow-remote", hash=good, bytes=len(TEXT))[0] == 0
    code, text = validate("--allow-remote", hash=good[:-1] + "_")
    assert code == 1
    code, text = validate("--allow-remote", bytes=1)
    assert (code, text.splitlines()[-1]) == (1, "1 problem in 1 file")
    assert text.splitlines()[-2].startswith("http://here/t.csv: ")
    assert " 8 bytes" in text.splitlines()[-2]


def test_a_schema_may_lie_on_the_web(validate):
    assert validate("--allow-remote", schema="/schema.json")[0] == 0
    code, text = validate("--allow-remote", schema="/broken.json")
    assert (code, len(text.splitlines())) == (2, 1)
    assert "/broken.json:1: not JSON" in text


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/none.csv", "cannot be downloaded: 404 Not Found; correct path in the descriptor"),
        ("/to?file:///etc/hostname", "cannot be downloaded: "),
        ("/to?ftp://127.0.0.1/t.csv", "cannot be downloaded: "),
        ("http://127.0.0.1:1/t.csv", "cannot be downloaded: "),
        ("http://[/t.csv", "cannot be downloaded: "),
        (
            "ftp://127.0.0.1/t.csv",
            "not downloaded, because only http and https are supported; download it yourself",
        ),
        (
            "file:///etc/hostname",
            "not downloaded, because only http and https are supported; download it yourself",
        ),
    ],
)
def test_what_cannot_be_fetched_is_said_in_one_line(validate, path, message):
    code, text = validate("--allow-remote", path=path)
    assert code == 1
    assert message in text.splitlines()[0]
    assert text.splitlines()[1:] == ["1 problem in 1 file"]


def test_a_file_that_never_ends_is_not_fetched(validate, monkeypatch):
    monkeypatch.setattr(remote, "LARGEST", 4)
    code, text = validate("--allow-remote")
    assert (code, "larger than" in text.splitlines()[0]) == (1, True)


def test_what_was_fetched_vanishes_at_the_end(server):
    with Downloads() as downloads:
        file = downloads.fetch(f"{server.address}/t.csv")
        assert file.read_bytes() == TEXT
        assert file.is_relative_to(Path(tempfile.gettempdir()))
    assert not file.exists()


def test_a_link_may_not_lead_out_of_the_folder(tmp_path):
    (tmp_path / "outside.csv").write_bytes(TEXT)
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "t.csv").symlink_to(tmp_path / "outside.csv")
    table = {"name": "t", "path": "t.csv", "schema": {"fields": FIELDS}}
    (inside / "datapackage.json").write_text(json.dumps({"name": "p", "resources": [table]}))
    done = CliRunner().invoke(validate_command, [str(inside / "datapackage.json")])
    assert done.exit_code == 1
    assert 'datapackage.json: resource t has the path "t.csv", ' in done.stdout
