"""Replacing a build: the old one or the new one is there at every moment, and nothing else is touched."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scripts.lib.problems import CannotRunError
from scripts.lib.publish.swap import MARKS, check_output, new_folder, recover
from tests.conftest import ROOT


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


def replace_and_die(folder, step, monkeypatch):
    """Replaces the folder in a process that dies, as if killed, at its nth change of a name or removal."""
    child = os.fork()
    if child == 0:
        steps = iter(range(step))

        def dying(change):
            def die_or_go_on(*args, **kwargs):
                if next(steps, None) is None:
                    os._exit(1)
                return change(*args, **kwargs)

            return die_or_go_on

        for owner, name in (
            (Path, "rename"),
            (Path, "unlink"),
            (Path, "mkdir"),
            (shutil, "rmtree"),
            (os, "unlink"),
        ):
            monkeypatch.setattr(owner, name, dying(getattr(owner, name)))
        replace(folder, "new")
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_build_killed_at_any_step_is_recovered(tmp_path, monkeypatch):
    for step in range(40):
        parent = tmp_path / str(step)
        folder = parent / "build"
        parent.mkdir()
        write_build(folder, "old")
        has_ended = replace_and_die(folder, step, monkeypatch)
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
    "build: holds files that no build wrote; empty it or choose another --output": [make_foreign],
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
    with pytest.raises(CannotRunError, match=r"holds a.csv, which the build reads; choose another --output"):
        check_output(root / place, [root / "data" / "a.csv"])


def test_a_place_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CannotRunError, match=r"file: cannot be written: .+; choose another --output"):
        replace(tmp_path / "file" / "build", "new")


BUILD = [sys.executable, "-m", "scripts.build", "--output"]


def check_sums(folder):
    return (
        subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder, check=False).returncode
        == 0
    )


@pytest.mark.long
def test_a_killed_build_of_the_real_package_leaves_the_last_good_one(tmp_path, built):
    folder = tmp_path / "build"
    shutil.copytree(built, folder)
    began = time.monotonic()
    subprocess.run([*BUILD, str(folder)], cwd=ROOT, check=True, capture_output=True)
    duration = time.monotonic() - began
    for part in range(1, 11):
        with subprocess.Popen([*BUILD, str(folder)], cwd=ROOT, stdout=subprocess.DEVNULL) as process:
            time.sleep(duration * part / 10)
            process.send_signal(signal.SIGKILL)
        recover(folder)
        assert check_sums(folder)
        assert set(names(tmp_path)) <= {"build", ".build.lock"}


@pytest.mark.long
def test_two_builds_at_once_leave_one_whole_build(tmp_path):
    folder = tmp_path / "build"
    processes = [
        subprocess.Popen([*BUILD, str(folder)], cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    errors = [process.communicate()[1] for process in processes]
    assert {process.returncode for process in processes} <= {0, 2}
    assert 0 in [process.returncode for process in processes]
    assert all(not error or "another build is running" in error for error in errors)
    assert check_sums(folder)
    assert names(tmp_path) == ["build"]
