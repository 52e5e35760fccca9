"""What the tests share: an invented data set of the same tables as the real one, copies of it, and a build of it.

Tests of code know this data set alone, so that correcting the real one breaks none of them; what proves the real one
stands in `tests/data`.
"""

import csv
import fcntl
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from packpress.cli import main as packpress_command
from packpress.package.resource import Resource

from invented import copies
from packpress import Package

# They need environments of their own, which `make test-standards` makes.
collect_ignore = [] if os.environ.get("REQUIRE_STANDARDS") else ["standards"]
ROOT = Path(__file__).parents[1]
INVENTED = ROOT / "tests" / "invented_data"
# What a build reads beside tables, texts and SQL.
BESIDE = ("LICENSE-DATA.md", "metadata.yml")

CHROMIUM = shutil.which("chromium")
# As Debian's Chromium needs them in a machine without a screen or a network.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class PackageCopy(copies.PackageCopy):
    """A copy of a data set under the real descriptor, whose documents can be changed too.

    `origin` holds its `data`, whose tables may lack columns that the descriptor has gained; all else is the real one's.
    """

    def __init__(self, root: Path, origin: Path = INVENTED) -> None:
        self.root, self.origin = root, ROOT
        shutil.copy(ROOT / "datapackage.json", root)
        shutil.copytree(origin / "data", root / "data")
        for text in self._package.texts:
            (root / text).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / text, root / text)
        self.complete()

    def complete(self) -> None:
        """Gives each table the columns that the descriptor has and it has not: empty, or where required the example."""
        for resource in self._package.resources:
            complete_table(self.file(resource.name), resource)

    def add_all(self) -> None:
        """Copies what a build reads beside the data and the texts."""
        self.add_sql()
        for name in BESIDE:
            shutil.copy(ROOT / name, self.root)

    def edit_document(self, source_id: str, old: str, new: str) -> None:
        """Changes the words of a document, which nobody ever should."""
        file = self.root / "data" / "sources" / f"{source_id}.txt"
        text = file.read_bytes().decode("utf-8")
        assert old in text
        file.write_bytes(text.replace(old, new, 1).encode("utf-8"))


def complete_table(file: Path, resource: Resource) -> None:
    """Writes a table anew with the columns that only the descriptor has; a column of its own is an error."""
    if file.exists() and file.open("rb").readline().strip().decode() == ",".join(resource.field_names):
        return
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    header = next(csv.reader(io.StringIO(text, newline="")), [])
    assert not {*header} - {*resource.field_names}, f"{file.name} has columns that the descriptor has not"
    if tuple(header) != resource.field_names:
        with file.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, resource.field_names, lineterminator="\n")
            writer.writeheader()
            fills = {
                field.name: field.raw["example"] if field.is_required else "" for field in resource.fields
            }
            writer.writerows(fills | row for row in rows)


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


def build_edition(package: Package, output: Path, edition: str = "full") -> Path:
    """A build of a package in one edition, made by the command as a person would."""
    done = run("build", str(package.path), "--source-text", edition, "--output", str(output))
    assert done.returncode == 0, done.stderr
    return output


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """The invented data set, which no test changes; in `tests/data` the real one."""
    copy = PackageCopy(tmp_path_factory.mktemp("invented"))
    copy.add_all()
    return copy.read()


@pytest.fixture
def package_copy(tmp_path: Path) -> PackageCopy:
    """The invented data set, to be changed; in `tests/data` the real one."""
    return PackageCopy(tmp_path)


@pytest.fixture(scope="session")
def built(package: Package, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of the package, made once for all processes of a run of the tests."""
    return build_once(package, tmp_path_factory, "invented")


@pytest.fixture(scope="session")
def static_folder(package: Package, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the package as a folder of files, written once for all processes of a run of the tests."""
    return write_static_folder(package, tmp_path_factory, "invented")


def build_once(package: Package, factory: pytest.TempPathFactory, name: str) -> Path:
    """A build in a folder of that name; whichever process comes first makes it."""
    with share_folder(factory, f"built-{name}") as folder:
        output = folder / "build"
        return output if output.exists() else build_edition(package, output)


def write_static_folder(package: Package, factory: pytest.TempPathFactory, name: str) -> Path:
    """A folder `static` within one of that name; whichever process comes first writes it."""
    with share_folder(factory, f"site-{name}") as shared:
        output = shared / "static"
        if not output.exists():
            build = build_edition(package, shared / "quotes", "quotes")
            done = run("static", str(build), "--output", str(output), "--base-path", "/static/")
            assert done.returncode == 0, done.stderr
    return output


@contextmanager
def share_folder(factory: pytest.TempPathFactory, name: str) -> Iterator[Path]:
    """A folder that all processes of a run of the tests share, of which one at a time has the use."""
    own = factory.getbasetemp()
    shared = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / name
    shared.mkdir(exist_ok=True)
    with (shared / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield shared


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium, one for all tests of a process: a second driver beside it would not start."""
    if CHROMIUM is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("REQUIRE_BROWSER is set, but there is no chromium; install it")
        pytest.skip("no chromium on this machine; install it to run the browser tests")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()
