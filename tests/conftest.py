"""What the tests share: the real package, copies of it that can be broken, and a build of it."""

import fcntl
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner
from packpress.cli import main as packpress_command
from packpress.package.descriptor import Package, read_descriptor

from invented import copies

ROOT = Path(__file__).parents[1]


class PackageCopy(copies.PackageCopy):
    """A copy of the data set, whose documents can be changed too."""

    def __init__(self, root: Path, origin: Path = ROOT) -> None:
        super().__init__(root, origin)

    def edit_document(self, source_id: str, old: str, new: str) -> None:
        """Changes the words of a document, which nobody ever should."""
        file = self.root / "data" / "sources" / f"{source_id}.txt"
        text = file.read_bytes().decode("utf-8")
        assert old in text
        file.write_bytes(text.replace(old, new, 1).encode("utf-8"))


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
