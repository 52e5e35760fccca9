"""A static site in Debian's Chromium: search and SQL run in the page, and the console stays empty."""

import functools
import http.server
import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from packpress.web.static.export import export_build

pytestmark = pytest.mark.long
CHROMIUM = shutil.which("chromium")
# As Debian's Chromium needs them in a machine without a screen or a network.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]


class Files(http.server.SimpleHTTPRequestHandler):
    """A silent file server."""

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def served(build, tmp_path_factory):
    """Address of the folder, below the root of its host."""
    folder = tmp_path_factory.mktemp("host")
    # In a thread of its own, for the driver of the browser has a loop in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(export_build, build("rich"), folder / "site", "/site/", lambda _: None).result()
    handler = functools.partial(Files, directory=folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/site/"
    server.shutdown()


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("REQUIRE_BROWSER is set, but there is no chromium; install it")
        pytest.skip("no chromium on this machine; install it to run the browser tests")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def tab(browser):
    """An empty tab; nothing may fail in it."""
    page, failed = browser.new_page(), []
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.on(
        "console",
        lambda message: failed.append(message.text) if message.type in ("error", "warning") else None,
    )
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
    yield page
    page.close()
    assert [text for text in failed if not text.endswith("/favicon.png")] == []


def test_the_search_finds_a_row_and_leads_to_its_page(tab, served):
    tab.goto(f"{served}fleet/boats/")
    tab.get_by_label("Search everything").fill("visby")
    tab.get_by_role("button", name="Search", exact=True).first.click()
    tab.locator(".hits h3 a", has_text="Visby").click()
    assert tab.url == f"{served}fleet/ports/visby/"
    assert tab.locator("h1").inner_text() == "Visby"


def test_a_search_for_nothing_that_is_there_says_so(tab, served):
    tab.goto(f"{served}search/?q=xyzzy")
    tab.get_by_text("Nothing contains “xyzzy”, nor a word like it.").wait_for()


def test_the_search_corrects_and_leaves_out_words_as_the_server_does(tab, served):
    tab.goto(f"{served}search/?q=vizby+xyzzy")
    tab.locator(".hits h3 a", has_text="Visby").wait_for()
    assert tab.locator(".reading").all_inner_texts() == [
        "Nothing has “vizby”. Shown is visby.",
        "No row has “xyzzy”. The rest was searched for.",
    ]


def test_a_statement_of_one_s_own_is_answered(tab, served):
    tab.goto(f"{served}sql/")
    tab.get_by_role("textbox", name="SQL", exact=True).fill("select port_id, name from ports order by 1")
    tab.get_by_role("button", name="Run").click()
    tab.locator("#answer table").wait_for()
    assert tab.locator("#answer tbody td").all_inner_texts() == [
        "hull",
        "Hull",
        "kiel",
        "Kiel",
        "visby",
        "Visby",
    ]
    tab.locator("#answer a", has_text="kiel").click()
    assert tab.url == f"{served}fleet/ports/kiel/"


def test_a_question_with_a_value_is_asked_anew(tab, served):
    tab.goto(f"{served}fleet/boats_by_rig/")
    tab.get_by_label("Rig").fill("ketch")
    tab.get_by_role("button", name="Show").click()
    tab.locator("#answer table").wait_for()
    assert tab.locator("#answer td[data-l=rig]").first.inner_text() == "ketch"


@pytest.mark.parametrize(
    "path", ["", "fleet/", "fleet/boats/boat-001/", "dictionary/", "downloads/", "method/"]
)
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_scrolls_sideways(width, path, tab, served):
    tab.set_viewport_size({"width": width, "height": 900})
    tab.goto(served + path)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
