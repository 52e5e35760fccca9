"""The pages in a real browser: nothing scrolls sideways, nothing fails, no other host is asked."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.long
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
PAGES = {
    "home": "/",
    "documents": "/sources",
    "reader": "/sources/fpm-ketamine",
    "reader of a record": "/sources/pmid-34746491",
    "reader with a filter": "/sources/clinic-ketamine?stance=against",
    "downloads": "/downloads",
    "database": "/ketamine_pain",
    "claims": "/ketamine_pain/claims_flat",
    "claims with a filter": "/ketamine_pain/claims_flat?certainty=hedged",
    "no claim": "/ketamine_pain/claims_flat?claim_type=nothing",
    "claim": "/ketamine_pain/claims/fpm-ketamine-c037",
    "disagreements": "/ketamine_pain/disagreements",
    "conditions by source": "/ketamine_pain/condition_evidence",
    "question": "/ketamine_pain/support_for_condition",
    "search": "/ketamine_pain/search?q=fibromyalgia",
    "search for nonsense": "/ketamine_pain/search?q=xyzzy%22-",
    "nowhere": "/nowhere",
}


@pytest.fixture(scope="module")
def site(built):
    """Address of the site, served by our own command."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = [sys.executable, "-m", "scripts.serve", "--port", str(port), "--build", str(built)]
    server = subprocess.Popen(line, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(address, timeout=10).close()
                break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait()


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


@pytest.mark.parametrize("width", [1280, 390, 320])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_and_asks_nobody_else(name, width, site, browser):
    page = browser.new_page(viewport={"width": width, "height": 900})
    asked, failed = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: failed.append(str(error)))
    answer = page.goto(site + PAGES[name])
    assert answer.status == (404 if name == "nowhere" else 200)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("h1").count() == 1
    assert page.locator("main").count() == 1
    assert all(url.startswith(site) for url in asked)
    assert failed == []
    page.close()


def test_text_copied_from_the_reader_is_the_documents_own(site, browser, package_copy):
    page = browser.new_page()
    page.goto(f"{site}/sources/clinic-ketamine")
    page.keyboard.press("Control+a")
    copied = page.evaluate("window.getSelection().toString()")
    for row in package_copy.rows("passages"):
        if row["source_id"] == "clinic-ketamine":
            # A browser gives an ordinary space for one that does not break.
            assert row["text"].replace("\u00a0", " ") in copied.replace("\u00a0", " "), row["passage_id"]
    page.close()


def test_a_question_leads_to_the_words_in_two_clicks(site, browser):
    page = browser.new_page()
    page.goto(site)
    page.get_by_role("link", name="Who advises against ketamine").click()
    page.locator("table a[href*='/sources/']").first.click()
    assert "/sources/" in page.url
    assert page.locator(":target").count() == 1
    page.close()
