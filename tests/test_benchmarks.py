"""The benchmarks: all measure on the same package, and on the same outcome."""

import hashlib
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from click.testing import CliRunner

from benchmarks.build import build_bare_parquet, build_parquet, build_sqlite, shell_script
from benchmarks.exit_codes import Command, count_codes, list_commands
from benchmarks.generate import SHAPES, write_package
from benchmarks.growth import run_checks
from benchmarks.load import Run, drive
from benchmarks.load import main as load
from benchmarks.peers import run_floor, run_frictionless, run_packpress, run_read
from benchmarks.site import Server
from packpress import read_package, validate

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    return read_package(write_package(tmp_path_factory.mktemp("generated"), 2_000))


def test_the_same_size_makes_the_same_bytes(generated, tmp_path):
    again = write_package(tmp_path / "again", 2_000).parent
    for file in sorted(generated.root.glob("*.*")):
        assert file.read_bytes() == (again / file.name).read_bytes()
    table = (generated.root / "visits.csv").read_bytes()
    # Figures of different days may be compared as long as this stands.
    assert (
        hashlib.sha256(table).hexdigest()
        == "87fcdd75b4a95b661012b2610fdd61cebb122992cf9cd4bb0b208cf391b62b2c"
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_is_the_same_twice_and_as_right_as_it_says(shape, tmp_path):
    descriptor, again = (write_package(tmp_path / name, 50, shape) for name in ("once", "again"))
    files = sorted(descriptor.parent.iterdir())
    assert len(files) > 1
    for file in files:
        assert file.read_bytes() == (again.parent / file.name).read_bytes()
    # Of the 450 cells of the trials, each counted by itself.
    wrong = {"wrong-1": 5, "wrong-30": 138}.get(shape, 0)
    assert len(validate(read_package(descriptor)).problems) == wrong


@pytest.mark.parametrize("shape", SHAPES)
def test_peers_read_every_shape(shape, tmp_path):
    descriptor = write_package(tmp_path, 50, shape)
    counts = [run_read(descriptor), run_floor(descriptor), run_frictionless(descriptor)]
    rows, tables, errors = (int(found.split()[0]) for found in counts)
    read = validate(read_package(descriptor)).tables
    assert (rows, tables) == (sum(len(table.rows) for table in read.values()), len(read))
    assert errors == {"wrong-1": 5, "wrong-30": 138}.get(shape, 0)
    assert run_packpress(descriptor).startswith(f"{errors} problems" if errors else "valid")


@pytest.mark.skipif(not shutil.which("sqlite3"), reason="no sqlite3 shell")
def test_the_shell_makes_the_tables_that_we_make(generated, tmp_path):
    build_sqlite(generated, tmp_path / "ours.db")
    script = shell_script(generated, tmp_path / "theirs.db")
    subprocess.run(["sqlite3", "-batch", ":memory:"], input=script, text=True, check=True)
    for table in ("sites", "people", "visits", "sqlite_master"):
        which = "where name not like '%fts%' and name not like '%stat_'" if table == "sqlite_master" else ""
        columns = "type, name, sql" if table == "sqlite_master" else "*"
        found = []
        for file in ("ours.db", "theirs.db"):
            with closing(sqlite3.connect(tmp_path / file)) as db:
                found.append(db.execute(f"select {columns} from {table} {which}").fetchall())
        assert found[0] == found[1]
        assert found[0]


def test_bare_pyarrow_writes_the_values_that_we_write(generated, tmp_path):
    import pyarrow.parquet as pq

    build_parquet(generated, tmp_path / "x.db")
    build_bare_parquet(generated, tmp_path / "x.db")
    for table in ("sites", "people", "visits"):
        ours, bare = (pq.read_table(tmp_path / f"{who}-{table}.parquet") for who in ("ours", "bare"))
        assert ours.num_rows
        assert ours.to_pylist() == bare.to_pylist()


def test_a_build_passes_its_checks_over_its_parquet(built, capsys):
    run_checks(built)
    assert int(capsys.readouterr().out.split()[0]) > 100


def test_a_check_that_finds_something_is_not_passed_over(built, tmp_path):
    shutil.copytree(built / "parquet", tmp_path / "parquet")
    text = (built / "checks.sql").read_text(encoding="utf-8")
    (tmp_path / "checks.sql").write_text(f"{text}\n;\nselect quote from claims limit 1;\n", encoding="utf-8")
    with pytest.raises(AssertionError):
        run_checks(tmp_path)


def test_load_says_so_when_there_is_nothing_to_drive_it_with(monkeypatch):
    monkeypatch.setattr("benchmarks.load.shutil.which", lambda _: None)
    done = CliRunner().invoke(load, [])
    assert done.exit_code == 1
    assert str(done.exception or done.output).startswith("wrk is not installed, so nothing was measured")


@pytest.mark.skipif(not shutil.which("wrk"), reason="no wrk")
def test_wrk_counts_what_was_answered_and_what_was_not(tmp_path):
    (tmp_path / "a b").write_text("words")
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        handler.func.log_message = lambda *_: None
        Thread(target=server.serve_forever, daemon=True).start()
        asked = Server(server.server_port, os.getpid(), 0)
        good, bad = (drive(asked, [path], Run(1, 1)) for path in ("/a%20b", "/nothing"))
        server.shutdown()
    assert (good.requests > 0, good.busy, good.errors) == (True, 0, 0)
    assert bad.requests == bad.errors > 0


def test_every_exit_code_is_counted_and_a_wrong_one_is_told(tmp_path):
    commands = list_commands(tmp_path)
    codes, wrong = count_codes(commands, len(commands))
    assert (codes, wrong) == ({(command.name, command.expected): 1 for command in commands}, [])
    mistaken = Command("wrong", ("packpress", "validate", str(tmp_path / "none.json")), 0)
    codes, wrong = count_codes([mistaken], 1)
    assert codes == {("wrong", 2): 1}
    assert wrong[0].startswith("wrong: exit 2 instead of 0: ")
