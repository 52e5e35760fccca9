"""The command: what it prints, how it ends, and that it always makes the same bytes."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from packpress.cli import main as packpress_command
from packpress.console import show_progress
from packpress.publish import build as publishing
from packpress.publish import xlsx

from invented.commands import run
from invented.copies import FLEET, PackageCopy
from invented.packages import build, field, table, write_library, write_package
from packpress import Extension, read_package, validate
from tests.conftest import needs_posix


def hidden(folder):
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def run_build(*words):
    """The command, run in this process."""
    done = CliRunner().invoke(packpress_command.commands["build"], list(map(str, words)))
    return done.exit_code, done.stdout, done.stderr


def bytes_of(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_each_output_is_named_with_its_size(tmp_path):
    path, output = write_library(tmp_path / "p"), tmp_path / "build"
    code, stdout, stderr = run_build(path, "--output", output)
    assert (code, stderr) == (0, "")
    lines = stdout.splitlines()
    assert [line.split(": ")[0] for line in lines] == sorted(str(item) for item in output.iterdir())
    size = (output / "sm_all.db").stat().st_size
    assert f"{output / 'sm_all.db'}: {size:,} bytes" in lines
    assert lines[6].startswith(f"{output / 'csv'}: 2 files, ")
    assert not hidden(tmp_path)


def test_a_build_tells_how_far_it_has_come(tmp_path):
    package, told = read_package(write_library(tmp_path / "p")), []
    tables = validate(package).tables
    publishing.build_folder(package, tables, tmp_path / "build", "full", Extension(), told.append)
    told = list(dict.fromkeys(told))
    for what in ("writing the database", "writing Parquet", "writing CSV", "writing the workbook"):
        assert f"{what}: order, 0 of 3 rows" in told
    assert told[-1] == "computing checksums"


def test_progress_is_shown_as_it_is_whatever_it_looks_like(monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with show_progress() as step:
        step("writing Parquet: [/red] table, 0 of 3 rows")
    assert "[/red] table, 0 of 3 rows" in capsys.readouterr().err


def test_an_invalid_package_is_not_published(tmp_path):
    path, output = write_library(tmp_path / "p"), tmp_path / "build"
    build(path, output)
    before = bytes_of(output)
    data = tmp_path / "p" / "Größe & group.csv"
    data.write_text(data.read_text(encoding="utf-8").replace("2,b", "two,b"), encoding="utf-8")
    code, _, stderr = run_build(path, "--output", output)
    assert code == 1
    assert 'Größe & group.csv:2: select="two": not of type integer' in stderr
    assert stderr.endswith(f"{output}: still has the last good build\n")
    assert bytes_of(output) == before
    assert not hidden(tmp_path)


def test_an_invalid_package_without_a_build_leaves_nothing(tmp_path):
    path = write_package(tmp_path / "p", table("t", "a\nx\n", [field("a", "integer")]))
    assert run_build(path, "--output", tmp_path / "build")[:2] == (1, "")
    assert not (tmp_path / "build").exists()


def test_the_next_start_of_a_command_puts_back_what_a_killed_build_parked(tmp_path):
    path, output = write_library(tmp_path / "p"), tmp_path / "build"
    build(path, output)
    before = bytes_of(output)

    def park():
        output.rename(tmp_path / ".build.previous")
        (tmp_path / ".build.staging-1").mkdir()

    park()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = CliRunner().invoke(packpress_command.commands["serve"], [str(output), "--port", port])
    # There is a build to serve again, though nowhere to serve it.
    assert (done.exit_code, done.stderr.count(f"port {port}: ")) == (2, 1)
    assert (bytes_of(output), hidden(tmp_path)) == (before, [])
    park()
    (tmp_path / "p" / "order.csv").write_text("no,table\n")
    assert run_build(path, "--output", output)[0] == 1
    assert (bytes_of(output), hidden(tmp_path)) == (before, [])


def refuse_large_files():
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))


@pytest.mark.long
@needs_posix
def test_a_file_that_may_not_grow_is_one_line_and_leaves_the_last_good_build(tmp_path):
    path, output = write_library(tmp_path / "p"), tmp_path / "build"
    build(path, output)
    before = bytes_of(output)
    done = run("build", str(path), "--output", str(output), preexec_fn=refuse_large_files)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    assert bytes_of(output) == before
    assert not hidden(tmp_path)


# What writes each file, as the build names it; a file without one of its own is filled after another's.
WRITERS = {
    "sm_all.db": "write_database",
    "parquet/order.parquet": "write_parquet",
    "csv/order.csv": "write_csv",
    "sm-all-1.2.3.zip": "write_archive",
    "sm_all_data-1.2.3-py3-none-any.whl": "write_wheel",
    "sm-all.xlsx": "write_xlsx",
    "checks.sql": "",
    "checks-spark.sql": "",
    "LOGICAL_SHA256": "",
    "site.json": "",
    "CITATION.cff": "write_catalogues",
    "datacite.json": "write_catalogues",
    "croissant.json": "write_catalogues",
    "SHA256SUMS": "write_sums",
}


def fill_disk(monkeypatch, name):
    """From now on a build finds no space left on the device when it writes the file of that name."""
    writer = WRITERS[name] or "write_xlsx"
    # The workbook's is imported when it is needed.
    home = xlsx if writer == "write_xlsx" else publishing
    real = getattr(home, writer)

    def write(place, *rest):
        if not WRITERS[name] or place.is_dir():
            folder = place if place.is_dir() else place.parent
            (folder / name).symlink_to("/dev/full")
        elif place.name == Path(name).name:
            place.symlink_to("/dev/full")
        return real(place, *rest)

    monkeypatch.setattr(home, writer, write)


# xlsxwriter leaves a zip that it could not write to the collector, which tries once more.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is Linux's")
@pytest.mark.parametrize(
    "name",
    ["sm_all.db", "SHA256SUMS", *(pytest.param(name, marks=pytest.mark.long) for name in [*WRITERS][1:-1])],
)
def test_a_disk_full_at_any_file_is_one_line_and_leaves_the_last_good_build(tmp_path, monkeypatch, name):
    path, output = write_library(tmp_path / "p"), tmp_path / "build"
    build(path, output)
    before = bytes_of(output)
    assert name in before
    assert {item for item in before if not item.startswith(("csv/", "parquet/"))} <= WRITERS.keys()
    with monkeypatch.context() as patch:
        fill_disk(patch, name)
        code, stdout, stderr = run_build(path, "--output", output)
    assert (code, stdout) == (2, "")
    assert stderr.count("\n") == 1, stderr
    assert bytes_of(output) == before
    assert not hidden(tmp_path)
    assert run_build(path, "--output", output)[0] == 0


def run_on_small_disk(place, size, *line):
    """The command with the folder being a disk of so many bytes, then the names of what is left there.

    The disk is in a mount of its own, which needs no administrator where users may have namespaces.
    """
    script = (
        f'mount -t tmpfs -o size={size} tmpfs {place} && {{ "$@"; code=$?; ls -A {place} >&2; exit $code; }}'
    )
    return subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh", *line],
        capture_output=True,
        text=True,
        check=False,
    )


def can_mount(place):
    try:
        return run_on_small_disk(place, 4096, "true").returncode == 0
    except FileNotFoundError:
        return False


@pytest.mark.long
def test_a_disk_of_any_size_holds_a_whole_build_or_none(tmp_path, built):
    disk = tmp_path / "disk"
    disk.mkdir()
    if not can_mount(disk):
        pytest.skip("this system lets nobody mount a disk of their own")
    whole = sum(len(data) for data in bytes_of(built).values())
    codes = []
    # The workbook needs as much again for its parts, before they are packed.
    for tenths in range(2, 24, 3):
        line = [sys.executable, "-m", "packpress", "build", str(FLEET), "--output", str(disk / "build")]
        done = run_on_small_disk(disk, whole * tenths // 10, *line)
        codes.append(done.returncode)
        if done.returncode:
            assert "No space left" in done.stderr or "disk is full" in done.stderr
            assert done.stderr.count("\n") == 1, done.stderr
        else:
            assert done.stderr == "build\n"
    assert codes == sorted(codes, reverse=True)
    assert set(codes) == {2, 0}


CANNOT = {
    "the folder of the package": (".", "contains datapackage.json, which the build reads"),
    "a file": ("p/datapackage.json", "contains datapackage.json, which the build reads"),
    "a folder that is no build": ("theirs", "contains files that no build wrote"),
}


@pytest.mark.parametrize(("place", "message"), CANNOT.values(), ids=CANNOT)
def test_what_cannot_be_built_is_one_line(tmp_path, place, message):
    path = write_library(tmp_path / "p")
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "thesis.txt").touch()
    code, stdout, stderr = run_build(path, "--output", tmp_path / place)
    assert (code, stdout) == (2, "")
    assert message in stderr
    assert stderr.count("\n") == 1
    assert (tmp_path / "theirs" / "thesis.txt").exists()


ENVIRONMENTS = [
    {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "1", "umask": "0o077", "cwd": "."},
    {"TZ": "America/St_Johns", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2", "umask": "0o000", "cwd": ".."},
]


def build_in(folder, package, environment, *words):
    """The files of a build made in an environment of its own, where the package is named as seen from there."""
    umask, cwd = int(environment["umask"], 8), (package / environment["cwd"]).resolve()
    variables = {name: value for name, value in environment.items() if name not in {"umask", "cwd"}}
    descriptor = os.path.relpath(package / "datapackage.json", cwd)
    line = [sys.executable, "-m", "packpress", "build", descriptor, "--output", str(folder), *words]
    subprocess.run(
        line,
        cwd=cwd,
        env=os.environ | variables,
        preexec_fn=lambda: os.umask(umask),
        check=True,
        capture_output=True,
    )
    return bytes_of(folder)


@needs_posix
@pytest.mark.long
@pytest.mark.parametrize("edition", ["full", "quotes", "none"])
def test_two_builds_are_the_same_bytes_wherever_and_whenever_they_are_made(tmp_path, edition):
    builds = []
    for number, environment in enumerate(ENVIRONMENTS):
        copy = PackageCopy(tmp_path / str(number) / ("package" * (number + 1)))
        copy.add_sql()
        for file in copy.root.rglob("*"):
            os.utime(file, (number * 1e9, number * 1e9))
        output = tmp_path / str(number) / ("out" * (number + 1)) / "build"
        builds.append(build_in(output, copy.root, environment, "--source-text", edition))
    first, second = builds
    assert first.keys() == second.keys()
    assert {Path(name).suffix for name in first} == {
        ".db",
        ".parquet",
        ".csv",
        ".xlsx",
        ".zip",
        ".whl",
        ".md",
        ".sql",
        ".json",
        ".cff",
        "",
    }
    assert [name for name in first if first[name] != second[name]] == []


# Runs the command, and writes down every place that Python's own calls make, open for writing or rename.
WATCH = """
import os, sys
log = open(sys.argv.pop(), "a")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
def watch(event, args):
    is_written = event in {"os.mkdir", "sqlite3.connect", "os.symlink", "os.link"}
    if is_written or event == "os.rename" or (event == "open" and (args[2] or 0) & WRITING):
        for place in args[: 2 if event == "os.rename" else 1]:
            if isinstance(place, (str, os.PathLike)) and str(place) != ":memory:":
                print(os.path.abspath(place), file=log, flush=True)
sys.addaudithook(watch)
from packpress.cli import main
main()
"""


@needs_posix
@pytest.mark.long
def test_nothing_is_written_but_the_output_and_hidden_siblings_of_it(tmp_path, package_copy):
    package_copy.add_sql()
    for name in ("home", "tmp"):
        (tmp_path / name).mkdir()
    log = tmp_path.with_name(f"{tmp_path.name}-places")

    def look():
        return {
            path.relative_to(tmp_path).as_posix(): (path.stat().st_mtime_ns, path.stat().st_size)
            for path in tmp_path.rglob("*")
        }

    before = look()
    variables = {name: str(tmp_path / "tmp") for name in ("TMPDIR", "SQLITE_TMPDIR")}
    variables |= {"HOME": str(tmp_path / "home"), "PYTHONDONTWRITEBYTECODE": "1"}
    line = [sys.executable, "-c", WATCH, "build", "--output", "build", str(log)]
    done = subprocess.run(
        line, cwd=tmp_path, env=os.environ | variables, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    after = {name: facts for name, facts in look().items() if name.split("/")[0] != "build"}
    assert after == before
    places = {Path(line).relative_to(tmp_path).parts[:1] for line in log.read_text().splitlines()} - {()}
    assert {re.sub("[0-9]+", "N", name) for (name,) in places} == {"build", ".build.lock", ".build.staging-N"}
