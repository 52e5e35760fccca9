"""The wheel, as a stranger has it: installed in an environment of its own, run in an empty folder."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.web.packages import PACKAGES, list_packages, write_rich

pytestmark = pytest.mark.long
PROJECT = Path(__file__).parents[1]
# What is no Python, and without which a site does not work.
CARRIED = (
    "packpress/py.typed",
    "packpress/web/theme/static/site.css",
    "packpress/web/theme/static/database.js",
    "packpress/web/theme/static/search.js",
    "packpress/web/theme/static/sql.js",
    "packpress/web/theme/static/sqlite.js",
    "packpress/web/theme/templates/base.html",
    "packpress/web/theme/templates/table.html",
    "packpress/web/theme/vendor/sqlite-wasm/sqlite3.js",
    "packpress/web/theme/vendor/sqlite-wasm/sqlite3.wasm",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    line = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        str(PROJECT),
        "--no-deps",
        "--no-build-isolation",
        "-q",
        "-w",
        str(folder),
    ]
    done = subprocess.run(line, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (file,) = folder.glob("packpress-*.whl")
    return file


class Environment:
    """An environment of its own with the wheel, and an empty folder to run it in."""

    def __init__(self, folder: Path, wheel: Path, extras: str) -> None:
        venv.create(folder / "venv", with_pip=True)
        self.scripts = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
        self.folder = folder / "empty"
        self.folder.mkdir()
        # Nothing of the checkout is found by where it lies.
        self.variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        done = self.run(
            "python", "-m", "pip", "install", "-q", "--disable-pip-version-check", f"{wheel}{extras}"
        )
        if done.returncode and ("Could not find a version" in done.stderr or "Retrying" in done.stderr):
            if os.environ.get("CI"):
                pytest.fail(done.stderr)
            pytest.skip("no index of packages can be reached from here")
        assert done.returncode == 0, done.stderr
        write_rich(self.folder / "fleet")

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """A command of the environment, when it has ended."""
        line = [str(self.scripts / words[0]), *words[1:]]
        return subprocess.run(
            line, cwd=self.folder, env=self.variables, capture_output=True, text=True, timeout=600
        )

    @contextmanager
    def serve(self, build: str) -> Iterator[str]:
        """The address of a build, served as long as it is wanted."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        line = [str(self.scripts / "packpress"), "serve", build, "--port", str(port)]
        server = subprocess.Popen(
            line, cwd=self.folder, env=self.variables, stderr=subprocess.PIPE, text=True
        )
        try:
            for _ in range(600):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                assert server.poll() is None, server.stderr and server.stderr.read()
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(30)


@pytest.fixture(scope="module")
def whole(wheel, tmp_path_factory):
    return Environment(tmp_path_factory.mktemp("whole"), wheel, "[web,workbook]")


@pytest.fixture(scope="module")
def core(wheel, tmp_path_factory):
    return Environment(tmp_path_factory.mktemp("core"), wheel, "")


def test_the_wheel_carries_what_a_site_is_made_of(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert [name for name in CARRIED if name not in names] == []
    theme = PROJECT / "src" / "packpress" / "web" / "theme"
    files = {
        f"packpress/web/theme/{path.relative_to(theme).as_posix()}"
        for path in theme.rglob("*")
        if path.is_file()
    }
    assert {name for name in files if "__pycache__" not in name} <= {*names}
    assert [name for name in names if name.startswith("tests/")] == []


def test_validate_build_serve_and_static_run_in_an_empty_folder(whole):
    version = whole.run("packpress", "--version")
    assert version.stdout.startswith("packpress "), version.stderr
    for words in (["validate", "fleet"], ["build", "fleet"], ["static"]):
        done = whole.run("packpress", *words)
        assert done.returncode == 0, done.stderr
    assert (whole.folder / "build" / "fleet.xlsx").is_file()
    assert (whole.folder / "static" / "fleet" / "boats" / "boat-001" / "index.html").is_file()
    with whole.serve("build") as address:
        assert "The fleet" in read(f"{address}/")
        assert "30 boats" in read(f"{address}/fleet/boats")
    assert sorted(path.name for path in whole.folder.iterdir()) == ["build", "fleet", "static"]


@pytest.mark.parametrize("name", list_packages(*PACKAGES.keys() - {"odd", "wide", "rich"}))
def test_each_package_is_served_and_written_from_what_its_build_holds(name, whole, tmp_path):
    descriptor, build = PACKAGES[name](tmp_path / "package"), tmp_path / "build"
    for words in (["validate", str(descriptor)], ["build", str(descriptor), "--output", str(build)]):
        done = whole.run("packpress", *words)
        assert done.returncode == 0, done.stdout + done.stderr
    before = list_files(tmp_path)
    with whole.serve(str(build)) as address:
        for path in ("/", "/dictionary", "/downloads", "/files/SHA256SUMS"):
            assert read(f"{address}{path}"), path
    assert list_files(tmp_path) == before
    done = whole.run("packpress", "static", str(build), "--output", str(tmp_path / "static"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "static" / "index.html").is_file()
    assert {path: time for path, time in list_files(tmp_path).items() if path in before} == before


def list_files(folder: Path) -> dict[Path, int]:
    """When each file below a folder was written."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def read(address: str) -> str:
    with urllib.request.urlopen(address) as answer:
        return str(answer.read().decode("utf-8"))


def test_without_extras_a_build_leaves_out_the_workbook_and_serve_names_what_to_install(core):
    done = core.run("packpress", "build", "fleet")
    assert done.returncode == 0
    assert "fleet.xlsx is left out: xlsxwriter is not installed; install packpress[workbook]" in done.stderr
    assert not (core.folder / "build" / "fleet.xlsx").exists()
    for verb in ("serve", "static"):
        done = core.run("packpress", verb)
        assert done.returncode == 2
        (line,) = done.stderr.splitlines()
        assert "packpress[web]" in line
