"""What the tests share: the real package, copies of it that can be broken, and a build of it."""

import csv
import fcntl
import io
import os
import shutil
import subprocess
import sys
from functools import lru_cache
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner
from packpress.checks.validation import Report
from packpress.cli import main as packpress_command
from packpress.package.descriptor import Package, read_descriptor

import packpress

ROOT = Path(__file__).parents[1]


class PackageCopy:
    """A copy of the real package in a temporary folder, with cells that can be changed one by one."""

    def __init__(self, root: Path, origin: Path = ROOT) -> None:
        self.root = root
        shutil.copytree(origin / "data", root / "data")
        shutil.copy(origin / "datapackage.json", root)
        for text in read_once(self.descriptor, self.descriptor.read_bytes()).texts:
            (root / text).parent.mkdir(exist_ok=True)
            shutil.copy(origin / text, root / text)

    @property
    def descriptor(self) -> Path:
        return self.root / "datapackage.json"

    def add_sql(self) -> None:
        """Copies the SQL too, for tests that build or generate."""
        shutil.copytree(ROOT / "sql", self.root / "sql")

    def read(self) -> Package:
        return read_descriptor(self.descriptor)

    def edit(self, table: str, key: str, **cells: str) -> None:
        """Changes cells of the row whose primary key, joined by commas, is `key`."""
        rows = self.rows(table)
        row = rows[self._place(table, rows, key)]
        assert cells.keys() <= row.keys()
        row.update(cells)
        self.write(table, rows)

    def append(self, table: str, **cells: str) -> None:
        """Adds a row at the end of the table; the cells that are not named are empty."""
        self.write(table, [*self.rows(table), dict.fromkeys(self._names(table), "") | cells])

    def delete(self, table: str, key: str) -> None:
        """Removes the row whose primary key, joined by commas, is `key`."""
        rows = self.rows(table)
        del rows[self._place(table, rows, key)]
        self.write(table, rows)

    def edit_document(self, source_id: str, old: str, new: str) -> None:
        """Changes the words of a document, which nobody ever should."""
        file = self.root / "data" / "sources" / f"{source_id}.txt"
        text = file.read_bytes().decode("utf-8")
        assert old in text
        file.write_bytes(text.replace(old, new, 1).encode("utf-8"))

    def rows(self, table: str) -> list[dict[str, str]]:
        with self.file(table).open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))

    def write(self, table: str, rows: list[dict[str, str]]) -> None:
        text = io.StringIO()
        writer = csv.DictWriter(text, self._names(table), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        self.file(table).write_bytes(text.getvalue().encode("utf-8"))

    def file(self, table: str) -> Path:
        return self.root / "data" / f"{table}.csv"

    def _names(self, table: str) -> tuple[str, ...]:
        return read_once(self.descriptor, self.descriptor.read_bytes()).by_name[table].field_names

    def _place(self, table: str, rows: list[dict[str, str]], key: str) -> int:
        names = read_once(self.descriptor, self.descriptor.read_bytes()).by_name[table].primary_key
        (place,) = [place for place, row in enumerate(rows) if ",".join(row[name] for name in names) == key]
        return place


@lru_cache(maxsize=1)
def read_once(path: Path, descriptor: bytes) -> Package:
    """The package of a descriptor, read anew only where its bytes are others."""
    return read_descriptor(path)


def validate(copy: PackageCopy) -> Report:
    """The report on a copy, made in this process."""
    return packpress.validate(copy.read())


def messages(copy: PackageCopy) -> list[str]:
    """The problems of a copy as they are printed, notices left out."""
    return [str(problem) for problem in validate(copy).problems]


def command_line(*words: str) -> list[str]:
    """How a process starts a verb of packpress, or a command of the data set."""
    is_verb = words[0] in packpress_command.commands
    return [
        sys.executable,
        "-m",
        *(["packpress", words[0]] if is_verb else [f"scripts.{words[0]}"]),
        *words[1:],
    ]


def run(*words: str, cwd: Path = ROOT, **options: object) -> subprocess.CompletedProcess[str]:
    """A command of the project, run as a person would: `run("validate", "--format", "json")`."""
    line = command_line(*words)
    return subprocess.run(line, cwd=cwd, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload,no-any-return]


def invoke(*words: str) -> subprocess.CompletedProcess[str]:
    """The same in this process, which saves its start, where only words go in and come out."""
    verb = packpress_command.commands.get(words[0])
    command = verb or import_module(f"scripts.{words[0]}").main
    done = CliRunner().invoke(command, words[1:])
    return subprocess.CompletedProcess(words, done.exit_code, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def package() -> Package:
    return read_descriptor(ROOT / "datapackage.json")


@pytest.fixture
def package_copy(tmp_path: Path) -> PackageCopy:
    return PackageCopy(tmp_path)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of the real package, made once."""
    output = tmp_path_factory.mktemp("built") / "build"
    done = run("build", "--output", str(output))
    assert done.returncode == 0, done.stderr
    return output


@pytest.fixture(scope="session")
def static_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as a folder of files, written once for all processes of a run of the tests."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    output = shared / "static"
    with (shared / "static.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not output.exists():
            build = shared / "quotes"
            done = run("build", "--source-text", "quotes", "--output", str(build))
            assert done.returncode == 0, done.stderr
            done = run("static", str(build), "--output", str(output), "--base-path", "/static/")
            assert done.returncode == 0, done.stderr
    return output
