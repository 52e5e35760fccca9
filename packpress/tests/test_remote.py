"""Files on the web: refused, or fetched from a server of this machine where it is allowed."""

import gzip
import hashlib
import io
import json
import tempfile
import threading
import zipfile
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
        ("/none.csv", "cannot be downloaded: 404 Not Found; correct the address"),
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


# ---- a whole package at an address

TABLE = {"name": "t", "path": "t.csv", "schema": {"fields": FIELDS}}
FLEET = {
    "name": "fleet",
    "profile": "profiles/fleet.json",
    "resources": [
        {"name": "boats", "path": "data/b #1.csv", "schema": "boats.schema.json", "dialect": "dialect.json"},
        {"name": "visits", "path": ["data/v1.csv", "data/v2.csv.gz"], "schema": {"fields": FIELDS}},
    ],
}


def make_zip(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return buffer.getvalue()


PACKAGES = {
    "/fleet/datapackage.json": json.dumps(FLEET).encode(),
    "/fleet/data/b%20%231.csv": b"a;b\nx;1\n",
    "/fleet/boats.schema.json": FILES["/schema.json"],
    "/fleet/dialect.json": b'{"delimiter": ";"}',
    "/fleet/data/v1.csv": TEXT,
    "/fleet/data/v2.csv.gz": gzip.compress(b"a,b\ny,2\n"),
    "/one/fleet.yaml?v=2": b"name: p\nresources:\n- name: t\n  path: t.csv\n  schema: {fields: [{name: a}]}\n",
    "/one/t.csv": b"a\nx\n",
    "/p.zip": make_zip(
        {"p/datapackage.json": json.dumps({"name": "p", "resources": [TABLE]}), "p/t.csv": TEXT}
    ),
    "/damaged.zip": make_zip({"t.csv": TEXT}),
    "/wrong/datapackage.json": json.dumps({"name": "p", "resources": [TABLE]}).encode(),
    "/wrong/t.csv": b"a,b\nx,y\n",
    "/broken.json": b"{",
    "/page": b"\n<!doctype html><title>Fleet</title>",
    "/out/datapackage.json": json.dumps(
        {
            "name": "p",
            "resources": [TABLE | {"path": "../t.csv"}, TABLE | {"name": "u", "path": "/etc/hostname"}],
        }
    ).encode(),
    "/lack/datapackage.json": json.dumps({"name": "p", "resources": [TABLE]}).encode(),
}


@pytest.fixture
def validate_address(server, monkeypatch):
    """A function that validates what is at an address of the server; exit code and what was printed."""
    for path, data in PACKAGES.items():
        monkeypatch.setitem(FILES, path, data)

    def run(path, *options):
        server.asked.clear()
        done = CliRunner().invoke(validate_command, [server.address + path, *options])
        assert done.exception is None or isinstance(done.exception, SystemExit)
        text = (done.stdout + done.stderr).replace(server.address, "http://here")
        return done.exit_code, text.splitlines()

    return run


def test_an_address_says_without_leave_how_it_is_fetched(validate_address, server):
    code, lines = validate_address("/fleet/datapackage.json")
    assert (code, len(lines), server.asked) == (2, 1, [])
    assert lines[0].startswith("http://here/fleet/datapackage.json: on the web; ")
    assert "--allow-remote" in lines[0]


@pytest.mark.parametrize("prefix", ["", "/to?"])
def test_a_package_at_an_address_is_read_with_all_that_it_names(prefix, validate_address, server):
    code, lines = validate_address(f"{prefix}/fleet/datapackage.json", "--allow-remote")
    assert (code, lines[-1]) == (0, "valid: 2 tables, 3 rows, 1 notice")
    assert "profile of the package is profiles/fleet.json, which is not downloaded" in lines[-2]
    fetched = [path for path in server.asked if not path.startswith("/to?")]
    assert sorted(fetched) == sorted(path for path in PACKAGES if path.startswith("/fleet/"))


@pytest.mark.parametrize(
    ("path", "asked"),
    [("/one/fleet.yaml?v=2", ["/one/fleet.yaml?v=2", "/one/t.csv"]), ("/p.zip", ["/p.zip"])],
)
def test_it_may_be_of_yaml_or_a_zip(path, asked, validate_address, server):
    code, lines = validate_address(path, "--allow-remote")
    assert (code, lines[-1], server.asked) == (0, "valid: 1 table, 1 row", asked)


def test_a_fault_in_a_package_at_an_address_names_the_address_of_its_file(validate_address):
    code, lines = validate_address("/wrong/datapackage.json", "--allow-remote")
    assert code == 1
    assert lines[-2].startswith('http://here/wrong/t.csv:2: b="y": not of type integer')
    code, lines = validate_address("/lack/datapackage.json", "--allow-remote")
    assert code == 1
    assert lines[-2] == "http://here/lack/t.csv: cannot be downloaded: 404 Not Found; correct the address"


def test_a_package_at_an_address_leads_nowhere_else(validate_address, server):
    code, lines = validate_address("/out/datapackage.json", "--allow-remote")
    assert (code, server.asked) == (1, ["/out/datapackage.json"])
    assert lines[-1] == "2 problems in 1 file"
    assert 'the path "../t.csv"' in lines[0] + lines[1] and 'the path "/etc/hostname"' in lines[0] + lines[1]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/none.json", "http://here/none.json: cannot be downloaded: 404 Not Found; correct the address"),
        ("/broken.json", "http://here/broken.json:1: not JSON: "),
        ("/page", "http://here/page: a page, and no descriptor; "),
        ("/damaged.zip", "http://here/damaged.zip: contains no datapackage.json; "),
        ("/to?file:/etc/hostname", "http://here/to?file:/etc/hostname: cannot be downloaded: "),
    ],
)
def test_what_is_no_package_at_an_address_is_refused_in_one_line(path, message, validate_address):
    code, lines = validate_address(path, "--allow-remote")
    assert (code, len(lines)) == (2, 1)
    assert lines[0].startswith(message)


def test_a_descriptor_that_never_ends_is_not_fetched(validate_address, monkeypatch):
    monkeypatch.setattr(remote, "LARGEST", 4)
    code, lines = validate_address("/fleet/datapackage.json", "--allow-remote")
    assert (code, len(lines), "larger than" in lines[0]) == (2, 1, True)
