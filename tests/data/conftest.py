"""The real data set in place of the invented one: the same fixtures, so that tests of code can be run over it too.

Tests here may name rows, for they prove the data and what documents say of them. Tests of code stand outside.
"""

from pathlib import Path

import pytest

from packpress import Package, read_package
from tests.conftest import ROOT, PackageCopy, build_once, write_static_folder


@pytest.fixture(scope="session")
def package() -> Package:
    """The real data set."""
    return read_package(ROOT / "datapackage.json")


@pytest.fixture
def package_copy(tmp_path: Path) -> PackageCopy:
    """A copy of the real data set."""
    return PackageCopy(tmp_path, ROOT)


@pytest.fixture(scope="session")
def built(package: Package, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of the real data set, made once for all processes of a run of the tests."""
    return build_once(package, tmp_path_factory, "real")


@pytest.fixture(scope="session")
def static_folder(package: Package, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the real data set as a folder of files."""
    return write_static_folder(package, tmp_path_factory, "real")
