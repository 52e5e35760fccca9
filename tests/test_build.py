"""The command: what it prints, how it ends, and that it always makes the same bytes."""

import os
import resource
import subprocess
import sys

import pytest
from click.testing import CliRunner

from scripts.build import main
from tests.conftest import ROOT, run
from tests.packages import build, field, table, write_library, write_package


def hidden(folder):
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def run_build(*words):
    """The command, run in this process."""
    done = CliRunner().invoke(main, list(map(str, words)))
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
    assert lines[3].startswith(f"{output / 'csv'}: 2 files, ")
    assert not hidden(tmp_path)


def test_an_invalid_package_is_not_published(tmp_path):
    path, output = write_library(tmp_path / "p"), tmp_path / "build"
    build(path, output)
    before = bytes_of(output)
    data = tmp_path / "p" / "Größe & group.csv"
    data.write_text(data.read_text(encoding="utf-8").replace("2,b", "two,b"), encoding="utf-8")
    code, _, stderr = run_build(path, "--output", output)
    assert code == 1
    assert 'Größe & group.csv:2: select="two": not of type integer' in stderr
    assert stderr.endswith(f"{output}: still holds the last good build\n")
    assert bytes_of(output) == before
    assert not hidden(tmp_path)


def test_an_invalid_package_without_a_build_leaves_nothing(tmp_path):
    path = write_package(tmp_path / "p", table("t", "a\nx\n", [field("a", "integer")]))
    assert run_build(path, "--output", tmp_path / "build")[:2] == (1, "")
    assert not (tmp_path / "build").exists()


def refuse_large_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))


def test_a_full_disk_is_one_line_and_leaves_the_last_good_build(tmp_path):
    path, output = write_library(tmp_path / "p"), tmp_path / "build"
    build(path, output)
    before = bytes_of(output)
    done = run("build", str(path), "--output", str(output), preexec_fn=refuse_large_files)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    assert bytes_of(output) == before
    assert not hidden(tmp_path)


CANNOT = {
    "the folder of the package": (".", "holds datapackage.json, which the build reads"),
    "a file": ("p/datapackage.json", "holds datapackage.json, which the build reads"),
    "a folder that is no build": ("theirs", "holds files that no build wrote"),
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
    {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "1", "umask": "0o077"},
    {"TZ": "America/St_Johns", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2", "umask": "0o000"},
]


def build_in(folder, environment, *words):
    """The files of a build made in an environment of its own."""
    umask = int(environment["umask"], 8)
    variables = os.environ | {name: value for name, value in environment.items() if name != "umask"}
    line = [sys.executable, "-m", "scripts.build", "--output", str(folder), *words]
    subprocess.run(
        line, cwd=ROOT, env=variables, preexec_fn=lambda: os.umask(umask), check=True, capture_output=True
    )
    return bytes_of(folder)


@pytest.mark.long
@pytest.mark.parametrize("edition", ["full", "quotes", "none"])
def test_two_builds_are_the_same_bytes_wherever_they_are_made(tmp_path, edition):
    first, second = (
        build_in(tmp_path / str(number) / "build", environment, "--source-text", edition)
        for number, environment in enumerate(ENVIRONMENTS)
    )
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []
