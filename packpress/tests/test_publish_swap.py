"""Replacing a build: the old one or the new one is there at every moment, and nothing else is touched."""

import collections
import contextlib
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from packpress.publish.archive import hash_file
from packpress.publish.build import MARKS, check_output, new_folder, recover

from invented.copies import FLEET
from packpress import CannotRunError
from tests.conftest import needs_posix
from tests.kills import run_and_die


def write_build(folder, content):
    folder.mkdir(exist_ok=True)
    for name in (*MARKS, "content"):
        (folder / name).write_text(content)


def replace(folder, content):
    with new_folder(folder) as staging:
        write_build(staging, content)


def content_of(folder):
    return {(folder / name).read_text() for name in (*MARKS, "content")}


def names(folder):
    return [path.name for path in folder.iterdir()]


def test_a_build_takes_the_place_of_the_one_before(tmp_path):
    for content in ("old", "new"):
        replace(tmp_path / "build", content)
    assert content_of(tmp_path / "build") == {"new"}
    assert names(tmp_path) == ["build"]


def test_parents_are_made(tmp_path):
    replace(tmp_path / "a" / "b", "new")
    assert content_of(tmp_path / "a" / "b") == {"new"}


@pytest.mark.parametrize("fault", [RuntimeError, KeyboardInterrupt])
def test_a_failed_build_leaves_the_one_before_and_nothing_else(tmp_path, fault):
    replace(tmp_path / "build", "old")
    with pytest.raises(fault), new_folder(tmp_path / "build") as staging:
        (staging / "half").touch()
        raise fault
    assert content_of(tmp_path / "build") == {"old"}
    assert names(tmp_path) == ["build"]


def test_a_second_build_at_once_says_so(tmp_path):
    with new_folder(tmp_path / "build") as staging:
        write_build(staging, "first")
        with pytest.raises(CannotRunError, match="build: another build is running there; wait until it ends"):
            replace(tmp_path / "build", "second")
        with pytest.raises(CannotRunError, match="another build is running"):
            recover(tmp_path / "build")
    assert content_of(tmp_path / "build") == {"first"}
    assert names(tmp_path) == ["build"]


@needs_posix
def test_a_build_killed_at_any_step_is_recovered(tmp_path, monkeypatch):
    for step in range(40):
        parent = tmp_path / str(step)
        folder = parent / "build"
        parent.mkdir()
        write_build(folder, "old")
        has_ended = run_and_die(partial(replace, folder, "new"), step, monkeypatch)
        recover(folder)
        assert content_of(folder) in ({"old"}, {"new"})
        assert set(names(parent)) <= {"build", ".build.lock"}
        replace(folder, "newer")
        assert content_of(folder) == {"newer"}
        assert names(parent) == ["build"]
        if has_ended:
            assert step > 5
            return
    pytest.fail("the build never ended")


def test_a_parked_build_is_never_lost_to_an_empty_folder(tmp_path):
    write_build(tmp_path / ".build.previous", "old")
    (tmp_path / "build").mkdir()
    recover(tmp_path / "build")
    assert content_of(tmp_path / "build") == {"old"}


def test_recovery_without_anything_to_recover_touches_nothing(tmp_path):
    recover(tmp_path / "build")
    recover(tmp_path / "no" / "such" / "folder")
    assert names(tmp_path) == []


def make_link(place):
    (place.parent / "elsewhere").mkdir()
    place.symlink_to(place.parent / "elsewhere")


def make_foreign(place):
    place.mkdir()
    (place / "thesis.txt").touch()


UNFIT = {
    "build: not a folder; remove it or choose another --output": [make_link, Path.touch],
    "build: contains files that no build wrote; empty it or choose another --output": [make_foreign],
}


@pytest.mark.parametrize(
    ("message", "make"), [(message, make) for message, all_ in UNFIT.items() for make in all_]
)
def test_a_folder_that_is_no_build_is_not_replaced(tmp_path, message, make):
    make(tmp_path / "build")
    with pytest.raises(CannotRunError, match=message):
        check_output(tmp_path / "build", [])


@pytest.mark.parametrize("place", [".", "data", "..", "link"])
def test_what_the_build_reads_is_not_replaced(tmp_path, place):
    root = tmp_path / "package"
    (root / "data").mkdir(parents=True)
    (root / "data" / "a.csv").touch()
    (root / "link").symlink_to(root / "data")
    with pytest.raises(
        CannotRunError, match=r"contains a.csv, which the build reads; choose another --output"
    ):
        check_output(root / place, [root / "data" / "a.csv"])


def test_a_place_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CannotRunError, match=r"file: cannot be written: .+; choose another --output"):
        replace(tmp_path / "file" / "build", "new")


@pytest.fixture
def nobodys_folder():
    """A folder of a user who is no administrator, as whom the test runs."""
    folder = Path(tempfile.mkdtemp())
    is_root = os.geteuid() == 0
    if is_root:
        os.chown(folder, NOBODY, NOBODY)
        os.seteuid(NOBODY)
    yield folder
    if is_root:
        os.seteuid(0)
    shutil.rmtree(folder)


NOBODY = 65534


@needs_posix
def test_a_build_that_was_made_read_only_is_replaced_like_any_other(nobodys_folder):
    folder = nobodys_folder / "build"
    for content in ("old", "new", "newer"):
        with new_folder(folder) as staging:
            write_build(staging, content)
            (staging / "csv").mkdir()
            (staging / "csv" / "a.csv").touch()
        assert content_of(folder) == {content}
        assert names(nobodys_folder) == ["build"]
        for place in (folder / "csv", folder):
            place.chmod(0o500)
    folder.chmod(0o700)


@needs_posix
def test_a_place_where_nobody_may_write_is_one_line_and_is_as_it_was(nobodys_folder):
    replace(nobodys_folder / "build", "old")
    nobodys_folder.chmod(0o500)
    with pytest.raises(
        CannotRunError, match=r"cannot be written: Permission denied; choose another --output"
    ):
        replace(nobodys_folder / "build", "new")
    assert content_of(nobodys_folder / "build") == {"old"}
    assert names(nobodys_folder) == ["build"]
    nobodys_folder.chmod(0o700)


BUILD = [sys.executable, "-m", "packpress", "build", str(FLEET)]


def holds_a_whole_build(folder):
    """Whether every file is as its sum says, and no other file is there."""
    sums = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    listed = {name: digest for digest, name in (line.split("  ", 1) for line in sums)}
    found = {
        path.relative_to(folder).as_posix(): hash_file(path) for path in folder.rglob("*") if path.is_file()
    }
    return listed == {name: digest for name, digest in found.items() if name != "SHA256SUMS"}


def edition_of(folder):
    with zipfile.ZipFile(next(folder.glob("*.zip"))) as archive:
        return json.loads(archive.read("datapackage.json"))["edition"]


def run_build(folder, edition):
    line = [*BUILD, "--output", str(folder), "--source-text", edition]
    return subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


# How often a build is killed at any moment; KILLS in the environment asks for more.
KILLS = int(os.environ.get("KILLS") or 16)


def kill_builds(folder, moments):
    """Kills a build at each moment; what has become of each, after the start that follows has recovered it."""
    outcomes = collections.Counter()
    # The editions alternate, so that an old build can be told from a new one.
    for moment, edition in zip(moments, itertools.cycle(["quotes", "full"]), strict=False):
        before = edition_of(folder)
        with run_build(folder, edition) as process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(moment)
            process.send_signal(signal.SIGKILL)
        assert process.returncode in {0, -signal.SIGKILL}, process.returncode
        recover(folder)
        assert holds_a_whole_build(folder), moment
        after = edition_of(folder)
        assert after in {before, edition}, moment
        assert process.returncode or after == edition
        assert set(names(folder.parent)) <= {"build", ".build.lock"}
        outcomes["ended" if not process.returncode else "replaced" if after != before else "kept"] += 1
    return outcomes


@needs_posix
@pytest.mark.long
def test_a_build_of_a_package_killed_at_any_moment_leaves_a_whole_one(tmp_path, built):
    folders = [tmp_path / str(number) / "build" for number in range(2)]
    for folder in folders:
        shutil.copytree(built, folder)
    # Two at a time, as they will be killed, once to know the modules and once to measure.
    for _ in range(2):
        began = time.monotonic()
        processes = [run_build(folder, "full") for folder in folders]
        assert [process.wait() for process in processes] == [0, 0]
        duration = time.monotonic() - began
    moments = [random.Random(number).uniform(0, duration) for number in range(KILLS)]
    with ThreadPoolExecutor(2) as pool:
        parts = list(pool.map(kill_builds, folders, [moments[::2], moments[1::2]]))
    outcomes = sum(parts, collections.Counter())
    assert outcomes.total() == KILLS
    # How many end before they are killed depends on the load of the machine, but it is never all of them.
    assert outcomes["ended"] < KILLS, outcomes
    for folder in folders:
        with run_build(folder, "full") as process:
            assert process.wait() == 0
        assert holds_a_whole_build(folder)
        assert names(folder.parent) == ["build"]


@pytest.mark.long
def test_two_builds_at_once_leave_one_whole_build(tmp_path):
    folder = tmp_path / "build"
    processes = [
        subprocess.Popen([*BUILD, "--output", str(folder)], stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    errors = [process.communicate()[1] for process in processes]
    assert {process.returncode for process in processes} <= {0, 2}
    assert 0 in [process.returncode for process in processes]
    assert all(not error or "another build is running" in error for error in errors)
    assert holds_a_whole_build(folder)
    assert names(tmp_path) == ["build"]
