"""Hostile packages: whatever a folder holds, the validator ends with a line that says what to mend."""

import gzip
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from packpress.package import document
from packpress.tables import csv as feeder
from packpress.tables import patterns as timeout_seconds
from packpress.tables.fast import batches

from invented.findings import locate, locate_all
from invented.packages import field, table, write_package
from packpress import CannotRunError, read_package, validate
from tests.conftest import needs_posix
from tests.exits import count_ends
from tests.fuzz import run as run_fuzz

pytestmark = pytest.mark.long

# As many inputs of the fuzzer as fit a test; `python -m tests.fuzz` takes as many as one likes.
FUZZED = range(150)
# What once crashed, by its number: kept so that it never does again.
CRASHED: tuple[int, ...] = ()


def problems_of(folder, text, fields=None, **properties):
    path = write_package(folder, table("t", text, fields or [field("a"), field("b")], **properties))
    return locate_all(validate(read_package(path)))


@needs_posix
@pytest.mark.parametrize("number", [*FUZZED, *CRASHED])
def test_no_input_crashes(number):
    verdict, where = run_fuzz(number)
    assert verdict in {"valid", "faulty", "refused"}, where


@needs_posix
def test_the_inputs_are_of_every_kind():
    assert {run_fuzz(number)[0] for number in FUZZED} == {"valid", "faulty", "refused"}


@pytest.mark.parametrize("place", ["file", "folder"])
def test_a_link_out_of_the_package_is_refused(tmp_path, place):
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "t.csv").write_text("a,b\n1,2\n")
    folder = tmp_path / "package"
    path = write_package(folder, table("t", "a,b\n", [field("a"), field("b")]))
    if place == "file":
        (folder / "t.csv").unlink()
        (folder / "t.csv").symlink_to(tmp_path / "secret" / "t.csv")
    else:
        (folder / "data").symlink_to(tmp_path / "secret")
        path.write_text(path.read_text().replace('"t.csv"', '"data/t.csv"'))
    (problem,) = validate(read_package(path)).problems
    assert locate(problem) == "datapackage.json: descriptor/structure"


def test_a_link_inside_the_package_is_followed(tmp_path):
    path = write_package(tmp_path, table("t", "a,b\n1,2\n", [field("a"), field("b")]))
    (tmp_path / "t.csv").rename(tmp_path / "real.csv")
    (tmp_path / "t.csv").symlink_to("real.csv")
    assert validate(read_package(path)).is_valid


def test_links_in_a_circle_are_no_file(tmp_path):
    path = write_package(tmp_path, table("t", "a,b\n", [field("a"), field("b")]))
    (tmp_path / "t.csv").unlink()
    (tmp_path / "t.csv").symlink_to("t.csv")
    (problem,) = validate(read_package(path)).problems
    assert str(problem).startswith("t.csv: ")


@pytest.mark.parametrize(("make", "kind"), [(os.mkfifo, "a pipe"), (os.mkdir, "a folder")])
def test_what_is_no_regular_file_is_not_opened(tmp_path, make, kind):
    path = write_package(tmp_path, table("t", "", [field("a"), field("b")]))
    (tmp_path / "t.csv").unlink()
    make(tmp_path / "t.csv")
    (problem,) = validate(read_package(path)).problems
    assert locate(problem) == "t.csv: file/unreadable"
    assert kind in problem.message


def test_a_pipe_is_no_descriptor(tmp_path):
    os.mkfifo(tmp_path / "datapackage.json")
    with pytest.raises(CannotRunError, match="not a regular file"):
        read_package(tmp_path / "datapackage.json")


def test_a_device_is_no_descriptor():
    with pytest.raises(CannotRunError, match="not a regular file"):
        read_package(Path("/dev/zero"))


def test_a_schema_outside_the_package_is_not_read(tmp_path):
    (tmp_path / "schema.json").write_text('{"fields": [{"name": "a"}]}')
    folder = tmp_path / "package"
    path = write_package(folder, table("t", "a\n", [field("a")]) | {"schema": "schema.json"})
    (folder / "schema.json").symlink_to(tmp_path / "schema.json")
    with pytest.raises(CannotRunError, match="leads out of the package's folder"):
        read_package(path)


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"resources":' * 3000, '{"resources": [' + "[" * 150 + "]" * 150 + "]}"]
)
def test_deep_json_is_refused(tmp_path, text):
    path = tmp_path / "datapackage.json"
    path.write_text(text)
    with pytest.raises(CannotRunError) as raised:
        read_package(path)
    assert len(str(raised.value)) < 300


def test_a_huge_descriptor_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(document, "LARGEST", 1 << 20)
    path = write_package(tmp_path, table("t", "a\n", [field("a")]), title="x" * (1 << 20))
    with pytest.raises(CannotRunError, match="larger than 1 MB"):
        read_package(path)


@pytest.mark.parametrize("cell", ["x" * 5_000_000, '"' + "x\n" * 600_000 + '"', '"' + "x" * 1_200_000])
def test_a_huge_cell_is_refused(tmp_path, cell):
    assert problems_of(tmp_path, f"a,b\n1,2\n{cell},3\n") == ["t.csv:3: file/quotes"]


def test_a_million_columns_are_refused(tmp_path):
    header = ",".join(map(str, range(1_000_000)))
    (problem,) = problems_of(tmp_path, f"{header}\n{header}\n")
    assert problem == "t.csv:1: file/too-wide"


def test_a_record_of_a_million_cells_is_one_problem(tmp_path):
    (problem,) = problems_of(tmp_path, "a,b\n1,2\n" + "," * 1_000_000 + "\n1,2\n")
    assert problem == "t.csv:3: schema/cell-count"


def test_a_line_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(feeder, "LONGEST_LINE", 1 << 20)
    monkeypatch.setattr(batches, "PIECE", 1 << 16)
    (problem,) = problems_of(tmp_path, "a,b\n" + "x" * (3 << 20))
    assert problem == "t.csv:2: file/too-long"


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|a)*b", r"(?=a)(a+)+b", r"(\w+\s?)*!", r"(a*)*\1b"])
def test_a_pattern_that_explodes_does_not(tmp_path, pattern, monkeypatch):
    monkeypatch.setattr(timeout_seconds, "SECONDS", 0.2)
    fields = [field("a", constraints={"pattern": pattern})]
    try:
        (found,) = problems_of(tmp_path, "a\n" + "a" * 300 + "\n", fields)
    except CannotRunError as error:
        assert pattern in str(error)
    else:
        assert found in {f't.csv:2: a="{"a" * 300}": schema/cell', "datapackage.json: descriptor/structure"}


def bomb(size):
    """A compressed file that holds so many bytes of one line."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as file:
        file.write(b"a,b\n")
        for _ in range(size >> 20):
            file.write(bytes(1 << 20))
    return packed.getvalue()


def measure(path):
    """The peak memory of a validation in megabytes, and what it printed."""
    code = (
        "import sys, runpy\nsys.argv = ['packpress', 'validate', sys.argv[1]]\n"
        "try: runpy.run_module('packpress', run_name='__main__')\nexcept SystemExit: pass\n"
        "status = open('/proc/self/status').read()\n"
        "print(int(status.split('VmHWM:')[1].split()[0]) // 1024)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    *lines, peak = done.stdout.splitlines()
    return int(peak), lines


@pytest.mark.parametrize("kind", ["sparse", "gzip", "zip", "quoted"])
def test_files_that_grow_without_end_do_not_fill_the_memory(tmp_path, kind):
    name = {"gzip": "t.csv.gz", "zip": "t.csv.zip"}.get(kind, "t.csv")
    path = write_package(tmp_path, table("t", "a,b\n", [field("a"), field("b")]) | {"path": name})
    file = tmp_path / name
    if kind == "sparse":
        os.truncate(file, 10 << 30)
    elif kind == "quoted":
        file.write_bytes(b'a,b\n"' + b"x,y\n" * (40 << 18))
    elif kind == "gzip":
        file.write_bytes(bomb(400 << 20))
    else:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("t.csv", b"a,b\n" + bytes(400 << 20))
    peak, lines = measure(path)
    assert peak < 500
    assert lines[-1].startswith("1 problem in 1 file")


def test_a_descriptor_of_a_million_numbers_is_read(tmp_path):
    path = tmp_path / "datapackage.json"
    rows = [["n"], *([n] for n in range(20_000))]
    resource = {"name": "t", "data": rows, "schema": {"fields": [{"name": "n", "type": "integer"}]}}
    path.write_text(json.dumps({"resources": [resource]}))
    assert validate(read_package(path)).is_valid


@pytest.mark.parametrize("count", [24, pytest.param(120, marks=pytest.mark.exhaustive)])
def test_many_processes_side_by_side_all_end_well(count, tmp_path):
    """As many as fit a test; `python -m tests.exits` takes as many as one likes."""
    assert count_ends(tmp_path, count) == {(0, True): count}
