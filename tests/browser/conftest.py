"""Debian's Chromium on the site, one browser and one server for all tests of a process."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.addresses import PAGES
from tests.browser.visits import Visit
from tests.site_client import serve_build

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


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("REQUIRE_BROWSER is set, but there is no chromium; install it")
        pytest.skip("no chromium on this machine; install it to run the browser tests")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def address(browser, built) -> Iterator[str]:
    """Address of the site; asked for after the browser, without which no server is needed."""
    with serve_build(built) as served:
        yield served


@pytest.fixture(scope="module", params=PAGES)
def visit(request, browser, address) -> Iterator[Visit]:
    """Each page in turn, opened once for all tests of a module."""
    opened = Visit(browser, address, request.param)
    opened.open(PAGES[request.param])
    yield opened
    opened.page.close()


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def tab(request, browser, address) -> Iterator[Visit]:
    """An empty tab, once with scripts allowed and once without: nothing may depend on them."""
    opened = Visit(browser, address, java_script_enabled=request.param)
    yield opened
    opened.page.close()
