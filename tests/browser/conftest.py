"""The site in a browser, one server for all tests of a process."""

from collections.abc import Iterator

import pytest

from tests.browser.addresses import PAGES
from tests.browser.visits import Visit
from tests.site_client import serve_build


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
