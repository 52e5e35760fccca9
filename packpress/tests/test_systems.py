"""Systems: what differs on Windows and macOS, as far as it can be shown on another."""

import errno
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from packpress.checks import capacity
from packpress.editing.diff import open_revision
from packpress.package.descriptor import is_below
from packpress.publish import build as building
from packpress.publish import derive
from packpress.publish.build import MARKS, new_folder
from packpress.tables.patterns import make_matcher
from packpress.transaction import DECIDED, hold_for_editing, replace_files

from invented.packages import field, table, write_package
from packpress import CannotRunError, build, file_lock, read_package
from tests.conftest import ROOT
from tests.without_posix import load_lock_of_windows

LOCKS = {"posix": file_lock, "windows": load_lock_of_windows()}
# RE2 knows no look-ahead, and what repeats repeats runs against the clock.
PATTERN = "(?=ä)(ä+|b)+"


def run_code(code, *words, **options):
    line = [sys.executable, "-c", code, *map(str, words)]
    return subprocess.run(line, cwd=ROOT, capture_output=True, check=False, **options)


IMPORT_ALL = """
import json, pkgutil, sys
from pathlib import Path
from tests.without_posix import take_posix_away
take_posix_away()
import packpress
names = [module.name for module in pkgutil.walk_packages(packpress.__path__, "packpress.")]
for name in names:
    # That one is copied into the wheels of packages, and is the module of nothing else.
    if name != "packpress.publish.data_module":
        __import__(name)
from packpress import build, read_package, validate
from packpress.transaction import replace_files
path = Path(sys.argv[1])
package = read_package(path)
report = validate(package)
for _ in range(2):
    build(package, path.parent / "build")
replace_files(path.parent, {"t.csv": b"a\\nb\\n"})
print(json.dumps([names, list(map(str, report.problems)), [path.name for path in path.parent.iterdir()]]))
"""


@pytest.mark.long
def test_without_what_only_posix_has_all_is_imported_and_a_package_validated_and_built(tmp_path):
    fields = [field("a", constraints={"pattern": PATTERN})]
    path = write_package(tmp_path, table("t", "a\nää\n", fields))
    done = run_code(IMPORT_ALL, path)
    assert done.returncode == 0, done.stderr.decode()
    names, problems, left = json.loads(done.stdout)
    assert {"packpress.web.server", "packpress.publish.build", "packpress.tables.patterns"} <= set(names)
    assert problems == []
    assert sorted(left) == ["build", "datapackage.json", "t.csv"]
    assert (tmp_path / "t.csv").read_bytes() == b"a\nb\n"


HOLD = """
import sys
from pathlib import Path
from tests.test_systems import LOCKS
with LOCKS[sys.argv[1]].hold_lock(Path(sys.argv[2])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.long
@pytest.mark.parametrize("system", LOCKS)
def test_a_lock_is_held_by_one_process_and_let_go_of_when_that_is_killed(tmp_path, system):
    path, hold_lock = tmp_path / "lock", LOCKS[system].hold_lock
    line = [sys.executable, "-c", HOLD, system, str(path)]
    with subprocess.Popen(line, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(BlockingIOError), hold_lock(path):
            pytest.fail("held twice")
        process.kill()
        process.wait()
    assert path.exists()
    with hold_lock(path):
        assert path.exists()
    assert not path.exists()


@pytest.mark.parametrize("system", LOCKS)
def test_a_lock_is_held_once_however_many_want_it(tmp_path, system):
    path, inside, held = tmp_path / "lock", [], []

    def want():
        for _ in range(200):
            try:
                with LOCKS[system].hold_lock(path):
                    inside.append(None)
                    held.append(len(inside))
                    inside.pop()
            except BlockingIOError:
                continue

    threads = [threading.Thread(target=want) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(held) == {1}


def test_a_lock_whose_file_the_holder_before_removed_is_taken_anew(tmp_path, monkeypatch):
    path, lock, locked = tmp_path / "lock", file_lock._lock, []

    def lose_and_lock(handle):
        if not locked:
            path.unlink()
        locked.append(handle)
        lock(handle)

    monkeypatch.setattr(file_lock, "_lock", lose_and_lock)
    with file_lock.hold_lock(path):
        assert path.exists()
    assert len(locked) == 2


def test_two_replacements_at_once_say_so_and_change_nothing(tmp_path):
    with (
        file_lock.hold_lock(tmp_path / ".replacement.lock"),
        pytest.raises(CannotRunError, match="another command is replacing files there; wait until it ends"),
    ):
        replace_files(tmp_path, {"a.csv": b"new"})
    assert list(tmp_path.iterdir()) == []


def test_whoever_edits_waits_for_the_other_and_gives_up_in_one_line(tmp_path):
    with (
        hold_for_editing(tmp_path),
        pytest.raises(CannotRunError, match="another command is changing its files; nothing was changed"),
        hold_for_editing(tmp_path, longest=0.1),
    ):
        raise AssertionError("two at once")
    with hold_for_editing(tmp_path):
        replace_files(tmp_path, {"a.csv": b"new"})
    assert [file.name for file in tmp_path.iterdir()] == ["a.csv"]


def test_whoever_edits_first_finishes_what_a_killed_command_had_decided(tmp_path):
    (tmp_path / DECIDED).mkdir()
    (tmp_path / DECIDED / "a.csv").write_bytes(b"decided")
    with hold_for_editing(tmp_path):
        assert (tmp_path / "a.csv").read_bytes() == b"decided"


def write_build(folder, content):
    with new_folder(folder) as staging:
        for name in (*MARKS, "content"):
            (staging / name).write_text(content)


@pytest.mark.parametrize("what", ["build", ".build.staging"])
def test_a_build_that_is_open_elsewhere_stays_and_one_line_says_so(tmp_path, monkeypatch, what):
    folder = tmp_path / "build"
    write_build(folder, "old")
    rename = Path.rename

    def refuse(self, target):
        if self.name.startswith(what):
            raise PermissionError(errno.EACCES, "Access is denied")
        return rename(self, target)

    with monkeypatch.context() as patch, pytest.raises(CannotRunError) as raised:
        patch.setattr(Path, "rename", refuse)
        write_build(folder, "new")
    mend = "close the program that has it open, such as a server, or choose another --output"
    assert str(raised.value) == f"{folder}: cannot be replaced: Access is denied; {mend}"
    assert (folder / "content").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["build"]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files are listed on Linux alone")
def test_no_file_of_a_build_is_open_when_it_is_summed_and_when_it_takes_its_place(tmp_path, monkeypatch):
    monkeypatch.setattr(derive, "ROWS_IN_MEMORY", 2)
    rows = "".join(f"{number},x\n" for number in range(10, 0, -1))
    fields = [field("a", "integer"), field("b")]
    path = write_package(tmp_path, table("t", f"a,b\n{rows}", fields, primaryKey=["a"]))
    package, rename, write_sums, seen = read_package(path), Path.rename, building.write_sums, []

    def look(folder):
        places = [file.readlink() for file in Path("/proc/self/fd").iterdir() if file.is_symlink()]
        seen.append([place for place in places if place.is_relative_to(folder)])

    def look_and_rename(self, target):
        if self.name.startswith(".build.staging"):
            look(self)
        return rename(self, target)

    def look_and_write_sums(folder):
        look(folder)
        write_sums(folder)

    monkeypatch.setattr(Path, "rename", look_and_rename)
    monkeypatch.setattr(building, "write_sums", look_and_write_sums)
    build(package, tmp_path / "build")
    assert seen == [[], []]


def test_an_empty_folder_gives_way_to_the_parked_build_where_none_is_replaced_by_renaming(
    tmp_path, monkeypatch
):
    write_build(tmp_path / "build", "old")
    (tmp_path / "build").rename(tmp_path / ".build.previous")
    (tmp_path / "build").mkdir()
    rename = Path.rename

    def rename_as_windows(self, target):
        if Path(target).exists():
            raise FileExistsError(errno.EEXIST, "Cannot create a file when that file already exists")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", rename_as_windows)
    write_build(tmp_path / "build", "new")
    assert (tmp_path / "build" / "content").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["build"]


@pytest.mark.parametrize("name", ["con", "NUL", "com1", "LPT9.x", "a:b", "a?", "a|b", 'a"b'])
def test_a_name_that_makes_no_file_on_windows_is_refused_there_alone(tmp_path, monkeypatch, name):
    package = read_package(write_package(tmp_path, table("t", "a\n", [field("a")]), name=name))
    assert list(capacity.find_unfit(package)) == []
    monkeypatch.setattr(capacity, "IS_WINDOWS", True)
    assert list(capacity.find_unfit(package)) == [
        f'the name "{name}" cannot be a file name on Windows; rename it or build on another system'
    ]


def test_names_that_windows_takes_are_not_refused_there(tmp_path, monkeypatch):
    monkeypatch.setattr(capacity, "IS_WINDOWS", True)
    tables = [table(name, "a\n", [field("a")]) for name in ("console", "com", "a.con", "ß-1")]
    assert list(capacity.find_unfit(read_package(write_package(tmp_path, *tables)))) == []


def test_names_that_macos_takes_for_one_are_refused(tmp_path):
    tables = [table(name, "a\n", [field("a")]) for name in ("\u00e9", "e\u0301")]
    (message,) = capacity.find_unfit(read_package(write_package(tmp_path, *tables)))
    assert all(f'"{item["name"]}"' in message for item in tables)


@pytest.mark.parametrize(
    "path", ["C:/t.csv", "c:t.csv", "//host/share/t.csv", "/t.csv", "a/../../t.csv", "a\\t.csv"]
)
def test_a_path_that_leads_out_on_any_system_leads_out_on_each(path):
    assert not is_below(path)
    assert is_below("a/t.csv")


def test_an_earlier_revision_has_the_bytes_that_were_committed(tmp_path, monkeypatch):
    text = "a\nx\n"
    path = write_package(tmp_path, table("t", text, [field("a")]))
    for number, (name, value) in enumerate(
        {"core.autocrlf": "true", "user.name": "x", "user.email": "x@example.org"}.items()
    ):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{number}", name)
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{number}", value)
        monkeypatch.setenv("GIT_CONFIG_COUNT", str(number + 1))
    for line in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run(["git", *line], cwd=tmp_path, check=True, capture_output=True)
    with open_revision("HEAD", read_package(path)) as earlier:
        assert (earlier.root / "t.csv").read_bytes() == text.encode()


def test_a_pattern_is_matched_in_any_thread():
    found = []
    thread = threading.Thread(target=lambda: found.append(make_matcher(PATTERN)("ää")))
    thread.start()
    thread.join()
    assert found == [True]


ENCODINGS = ["ascii", "cp1252", "cp437", "utf-8"]
TEXT = "“é…✓😀”"


@pytest.mark.parametrize(
    ("encoding", "form", "colour"),
    [("ascii", "text", "1"), ("cp1252", "text", "1"), ("cp1252", "json", ""), ("ascii", "json", "")],
)
@pytest.mark.long
def test_a_report_is_printed_whatever_the_console_can_show(tmp_path, encoding, form, colour):
    path = write_package(tmp_path, table("t", f"a\n{TEXT}\n", [field("a", "integer")]), title=TEXT)
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "FORCE_COLOR": colour, "TERM": "xterm"}
    line = [sys.executable, "-m", "packpress", "validate", str(path), "--format", form]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, check=False, env=environment)
    assert (done.returncode, b"Traceback" in done.stderr) == (1, False), done.stderr
    # click writes UTF-8 where it is told ASCII.
    printed = done.stdout.decode("utf-8" if encoding == "ascii" else encoding)
    if form == "json":
        assert json.loads(printed)["problems"][0]["value"] == TEXT


PRINT = """
import sys
from packpress.console import exit_plainly
from packpress.problems import CannotRunError
@exit_plainly
def main():
    print(sys.argv[1])
    raise CannotRunError(sys.argv[1])
main()
"""


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_an_encoding_lacks_is_printed_as_an_escape_of_json(encoding):
    done = run_code(PRINT, TEXT, env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "1"})
    assert done.returncode == 2
    for stream in (done.stdout, done.stderr):
        assert json.loads(f'"{stream.decode(encoding).strip()}"') == TEXT


CLOSED = """
import errno, os
from packpress.console import exit_plainly
@exit_plainly
def main():
    os.name = "nt"
    raise OSError(errno.EINVAL, "Invalid argument")
main()
"""


def test_a_reader_who_leaves_is_told_nothing_on_windows_either():
    done = run_code(CLOSED)
    assert (done.returncode, done.stdout, done.stderr) == (2, b"", b"")
