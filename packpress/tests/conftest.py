"""What the tests share: an invented package of every kind of table, copies of it, and a build of it."""

import os
from pathlib import Path

import pytest
from hypothesis import settings
from packpress.tables.fast import batches

from invented.commands import run
from invented.copies import FLEET, PackageCopy
from packpress import Package, read_package

# The folder of packpress itself, in which nothing of a data set lies.
ROOT = Path(__file__).parents[1]
# Processes that tests start find the same packpress, wherever they run.
os.environ["PYTHONPATH"] = os.pathsep.join(
    [str(ROOT / "src"), str(ROOT / "tests"), *filter(None, [os.environ.get("PYTHONPATH")])]
)
# A busy machine is no fault of the code.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
# Shows Windows on another system, so there is nothing to show there.
collect_ignore = [] if os.name == "posix" else ["test_systems.py"]
needs_posix = pytest.mark.skipif(os.name != "posix", reason="made with what only POSIX systems have")


@pytest.fixture(autouse=True)
def columns_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of tests are small, and are read as large ones are; commands that tests start read them as they come."""
    monkeypatch.setattr(batches, "SMALL", 0)


@pytest.fixture(scope="session")
def package() -> Package:
    return read_package(FLEET / "datapackage.json")


@pytest.fixture
def package_copy(tmp_path: Path) -> PackageCopy:
    return PackageCopy(tmp_path)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of the package, made once."""
    output = tmp_path_factory.mktemp("built") / "build"
    done = run("build", FLEET, "--output", output)
    assert done.returncode == 0, done.stderr
    return output
