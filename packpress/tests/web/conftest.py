"""The packages, each built once for all tests of a process."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from tests.web.packages import PACKAGES

import packpress


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of the build of a package, by its name."""

    @cache
    def make(name: str) -> Path:
        folder = tmp_path_factory.mktemp(name)
        descriptor = PACKAGES[name](folder / "package")
        return packpress.build(packpress.read_package(descriptor), folder / "build").folder

    return make


@pytest.fixture(scope="session", params=PACKAGES)
def built(request: pytest.FixtureRequest, build: Callable[[str], Path]) -> Path:
    """The folder of each build in turn."""
    return build(request.param)
