"""The site as a folder of files in a real browser: a plain file server, no other name that can be reached."""

import csv
import functools
import http.server
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.browser.test_barriers import AXE, RULES
from tests.browser.test_tasks import flatten, is_in_view, target
from tests.browser.visits import Visit
from tests.conftest import ARGUMENTS, CHROMIUM
from tests.site_client import Site

pytestmark = pytest.mark.long
PAGES = {
    "home": "",
    "documents": "sources/",
    "reader of a record": "sources/abstract-2001/",
    "conditions": "conditions/",
    "two sources": "compare/guidance/clinic-page/",
    "a choice of sources": "compare/",
    "question on claims": "ketamine_pain/questions/help-in-harp-elbow/",
    "map of routes": "map/routes/",
    "charts": "charts/",
    "contradictions": "disagreements/relation=contradicts/",
    "method": "method/",
    "downloads": "downloads/",
    "data": "ketamine_pain/",
    "claims of a condition": "ketamine_pain/claims_flat/_condition_id=wandering-pain/",
    "claim": "ketamine_pain/claims/guidance-c003/",
    "condition": "ketamine_pain/conditions/harp-elbow/",
    "concept": "ketamine_pain/concepts/quiet-receptor/",
    "references": "references/form=corrected/",
    "references with a filter": "references/form=corrected,year=1997/",
    "reference": "ketamine_pain/references/guidance-r02/",
    "a table": "ketamine_pain/mappings/",
    "question": "ketamine_pain/support_for_condition/",
    "search": "search/?q=wandering",
    "search for nonsense": "search/?q=xyzzy+pain",
    "search for nothing": "search/",
    "SQL": "sql/",
    "SQL with an answer": "sql/?sql=select+claim_id,+stance,+quote+from+claims_flat+limit+9",
    "SQL with a fault": "sql/?sql=select+nothing",
    "SQL with a value": "sql/?sql=select+:word+as+word",
    "nowhere": "no/such/page/",
}
ENDLESS = "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n"


class Files(http.server.SimpleHTTPRequestHandler):
    """A file server as `python3 -m http.server` is, silent, with the page of what is not found."""

    def log_message(self, *_: object) -> None:
        pass

    def send_error(self, code, message=None, explain=None):
        if code != 404:
            super().send_error(code, message, explain)
            return
        page = (self.server.folder / "404.html").read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)


@pytest.fixture(scope="module")
def served(static_folder):
    """Address of the folder, which stands below the root of its host."""
    handler = functools.partial(Files, directory=static_folder.parent)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.folder = static_folder
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/static/"
    server.shutdown()


@pytest.fixture(scope="module")
def closed(browser):
    """A browser for which no name but this machine's number leads anywhere."""
    rules = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    chromium = browser.browser_type.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, rules])
    yield chromium
    chromium.close()


@pytest.fixture
def tab(closed, served):
    opened = Visit(closed, served)
    yield opened
    opened.page.close()


@pytest.fixture(scope="module", params=PAGES)
def page(request, closed, served):
    """Each kind of page in turn, when what it asks the database is answered."""
    opened = Visit(closed, served, request.param)
    opened.open(PAGES[request.param])
    settle(opened)
    yield opened
    opened.page.close()


def settle(tab):
    """Waits until what runs in the page has ended."""
    tab.page.wait_for_load_state()
    if tab.page.locator("#state").count():
        tab.page.locator("#state:not(:has-text('…'))").wait_for(state="attached")


def write(tab, sql):
    tab.page.get_by_role("textbox", name="SQL", exact=True).fill(sql)


def faults(tab):
    """What went wrong; not that a page was left before its icon had come."""
    return [text for text in tab.failed if not text.endswith("/favicon.svg")]


def test_nothing_fails_and_no_other_host_is_asked(page, served):
    settle(page)
    expected = ["404"] if page.name == "nowhere" else []
    assert [text for text in faults(page) if not any(status in text for status in expected)] == []
    assert [url for url in page.asked if not url.startswith(served)] == []
    assert page.page.locator("h1").count() == 1


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_nothing_scrolls_sideways(width, page):
    page.show(width)
    assert page.page.evaluate("document.documentElement.scrollWidth") <= width


# The stylesheet is that of the server, whose dark pages are looked at too.
@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.exhaustive)])
def test_axe_finds_no_violation(scheme, page):
    page.show(1280 if scheme == "light" else 390, color_scheme=scheme)
    found = AXE.run(page.page, options={"resultTypes": ["violations"], "preload": False, **RULES[scheme]})
    assert found.violations_count == 0, found.generate_report()


def test_from_home_to_a_condition_a_claim_and_its_words(tab, served):
    tab.open("")
    tab.page.get_by_role("navigation", name="Site").get_by_role("link", name="Map").click()
    tab.page.get_by_role("link", name="Harp elbow", exact=True).first.click()
    assert tab.page.url == f"{served}ketamine_pain/conditions/harp-elbow/"
    tab.page.locator("section.who .ours a").first.click()
    assert "/ketamine_pain/claims/" in tab.page.url
    tab.page.get_by_role("link", name="read in place").first.click()
    assert "/sources/" in tab.page.url
    assert is_in_view(tab, target(tab)) or is_in_view(tab, tab.page.locator("blockquote").first)
    assert faults(tab) == []


def test_the_search_box_of_any_page_finds_a_phrase_whose_spaces_do_not_break(tab, static_folder):
    with (static_folder / "files" / "csv" / "claims.csv").open(encoding="utf-8", newline="") as lines:
        claims = [row for row in csv.DictReader(lines) if "\u00a0" in row["quote"]]
    words = flatten(claims[0]["quote"]).split()
    phrase = " ".join(words[:5])
    tab.open("charts/")
    tab.page.get_by_label("Search everything").fill(f'"{phrase}"')
    tab.page.get_by_role("button", name="Search", exact=True).first.click()
    settle(tab)
    found = tab.page.locator("section.hits[aria-labelledby=claims], section.hits[aria-labelledby=mentions]")
    assert flatten(claims[0]["statement"]) in flatten(found.inner_text())
    assert found.locator("p.words b").first.inner_text() in phrase
    found.locator("h3 a", has_text=flatten(claims[0]["statement"])).click()
    assert tab.page.url.endswith(f"/ketamine_pain/claims/{claims[0]['claim_id']}/")
    assert faults(tab) == []


def test_a_search_finds_in_the_same_order_what_the_server_finds(tab, built, root, package):
    site = Site(root, package, built)
    questions = (
        "does it help in harp elbow",
        "who may not have it",
        "wandring syrup xyzzyx",
        "is it perilous",
    )
    for words in ("wandering", "long pain", "Alder 2020", "intravenous", *questions):
        tab.open(f"search/?q={words.replace(' ', '+')}")
        settle(tab)
        shown = tab.page.locator(".hits h3").all_inner_texts()
        # In a thread of its own, for the driver of the browser has a loop in this one.
        with ThreadPoolExecutor(1) as thread:
            page = thread.submit(site.page, f"/ketamine_pain/search?q={words.replace(' ', '+')}").result()
        # The text of passages is in the full edition alone.
        expected = [flatten(text) for text in page.texts("h3") if ", passage " not in text]
        assert [flatten(text) for text in shown if ", passage " not in text] == expected, words
        told = tab.page.locator(".reading").all_inner_texts()
        assert [flatten(text) for text in told] == [
            flatten(text) for text in page.texts("p", class_="reading")
        ]


def test_a_page_and_an_answer_are_reached_from_a_question(tab, served):
    for words, path in {
        "does it help in harp elbow": "ketamine_pain/conditions/harp-elbow/",
        "who may not have it": "ketamine_pain/contraindications/",
        "is it perilous": "ketamine_pain/claims_flat/claim_type=safety/",
        "how long does it last": "ketamine_pain/questions/lasting/",
        "manners of giving it": "map/routes/",
    }.items():
        tab.open(f"search/?q={words.replace(' ', '+')}")
        settle(tab)
        tab.page.locator(".hits h3 a").first.click()
        assert tab.page.url == f"{served}{path}"
        tab.page.wait_for_load_state()
        assert tab.page.locator("h1").count() == 1
    assert faults(tab) == []


def test_what_was_made_of_the_words_is_said(tab):
    tab.open("search/?q=wandring+xyzzyx")
    settle(tab)
    told = [flatten(text) for text in tab.page.locator(".reading").all_inner_texts()]
    assert "Nothing here holds “wandring”. Shown is wandering." in told
    assert any(text.startswith("“xyzzyx”: no quote, name, statement") for text in told)


def test_nothing_found_leads_on(tab):
    tab.open("search/?q=wandmqrtxel")
    settle(tab)
    assert "Nothing here holds “wandmqrtxel”" in flatten(tab.page.locator(".zero-results").inner_text())
    tab.page.get_by_role("link", name="wandering pain").click()
    assert tab.page.url.endswith("/ketamine_pain/conditions/wandering-pain/")
    assert faults(tab) == []


def test_the_rest_of_a_kind_is_one_link_away(tab):
    tab.open("search/?q=ketamine")
    settle(tab)
    tab.page.get_by_role("link", name="claims", exact=False).filter(has_text="All ").first.click()
    settle(tab)
    assert tab.page.locator(".hits h3").count() > 25


def test_a_statement_is_answered_and_taken_as_a_file(tab, static_folder, tmp_path):
    tab.open("sql/")
    write(tab, "select claim_id, quote from claims order by claim_id")
    tab.page.get_by_role("button", name="Run").click()
    settle(tab)
    with (static_folder / "files" / "csv" / "claims.csv").open(encoding="utf-8", newline="") as lines:
        claims = {row["claim_id"]: row["quote"] for row in csv.DictReader(lines)}
    assert tab.page.locator("#count").inner_text() == f"{len(claims):,} rows"
    assert tab.page.locator("#answer td a").all_inner_texts() == sorted(claims)
    with tab.page.expect_download() as download:
        tab.page.get_by_role("button", name="Download as CSV").click()
    download.value.save_as(tmp_path / "answer.csv")
    with (tmp_path / "answer.csv").open(encoding="utf-8", newline="") as lines:
        assert {row["claim_id"]: row["quote"] for row in csv.DictReader(lines)} == claims
    tab.page.locator("#answer td a").first.click()
    tab.page.wait_for_load_state()
    assert tab.page.locator("h1").count() == 1
    assert faults(tab) == []


def test_a_question_is_taken_over_with_its_values(tab):
    tab.open("ketamine_pain/support_for_condition/")
    tab.page.get_by_label("Condition").select_option(label="wandering pain")
    tab.page.get_by_role("button", name="Show").click()
    settle(tab)
    assert tab.page.get_by_label("condition_id").input_value() == "wandering-pain"
    assert "row" in tab.page.locator("#count").inner_text()
    tab.page.get_by_label("Start from a question").select_option(index=1)
    tab.page.get_by_role("button", name="Run").click()
    settle(tab)
    assert faults(tab) == []


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select nowhere", "no such column: nowhere"),
        ("delete from claims", "This statement asks for no rows. Begin with select."),
        (
            "insert into claims(claim_id) values ('x') returning claim_id",
            "attempt to write a readonly database",
        ),
        ("select 1; select 2", "Ask one statement at a time."),
        ("-- nothing", "There is no statement to run."),
        ("select zeroblob(900000000)", "string or blob too big"),
        ("select ?", "Give each value a name, such as :name, in place of a question mark."),
    ],
)
def test_what_cannot_be_answered_is_said_in_words(sql, said, tab):
    tab.open("sql/")
    write(tab, sql)
    tab.page.get_by_role("button", name="Run").click()
    settle(tab)
    assert tab.page.locator("#state").inner_text() == said
    assert not tab.page.locator("#found").is_visible()
    assert faults(tab) == []


def test_a_statement_that_never_ends_is_stopped_and_the_next_one_answered(tab):
    tab.open("sql/")
    write(tab, ENDLESS)
    tab.page.get_by_role("button", name="Run").click()
    stop = tab.page.get_by_role("button", name="Stop")
    stop.wait_for()
    tab.page.wait_for_timeout(1500)
    # The page itself goes on answering while the statement runs.
    assert "Running" in tab.page.locator("#state").inner_text()
    stop.click()
    settle(tab)
    assert tab.page.locator("#state").inner_text() == "Stopped."
    assert not stop.is_visible()
    write(tab, "select 6 * 7 as answer")
    tab.page.get_by_role("button", name="Run").click()
    settle(tab)
    assert tab.page.locator("#answer td").inner_text() == "42"
    assert faults(tab) == []


def test_a_long_answer_is_cut_and_its_file_is_whole(tab, tmp_path):
    many = "with recursive n(x) as (select 1 union all select x + 1 from n limit 5000) select x from n"
    tab.open("sql/")
    write(tab, many)
    tab.page.keyboard.press("Control+Enter")
    settle(tab)
    assert tab.page.locator("#count").inner_text() == "More than 2,000 rows"
    assert tab.page.locator("#answer tbody tr").count() == 2000
    with tab.page.expect_download() as download:
        tab.page.get_by_role("button", name="Download as CSV").click()
    download.value.save_as(tmp_path / "answer.csv")
    assert (tmp_path / "answer.csv").read_text(encoding="utf-8").splitlines() == [
        "x",
        *map(str, range(1, 5001)),
    ]


def test_a_database_that_cannot_be_fetched_is_said_in_words(tab):
    tab.page.route("**/*.db", lambda route: route.abort())
    tab.open("sql/?sql=select+1")
    settle(tab)
    assert "The database cannot be fetched" in tab.page.locator("#state").inner_text()


@pytest.mark.parametrize("path", ["search/?q=pain", "sql/?sql=select+1"])
def test_without_scripts_a_sentence_says_what_to_do(path, closed, served):
    plain = Visit(closed, served, java_script_enabled=False)
    plain.open(path)
    assert "needs JavaScript" in plain.page.locator("main").inner_text()
    plain.page.locator("main noscript a, main a").first.click()
    plain.page.close()


def test_a_chip_of_the_map_leads_to_as_many_claims_as_it_says(tab):
    tab.open("map/")
    chip = tab.page.locator("a.chip").first
    count = chip.locator("b").inner_text()
    chip.click()
    assert tab.page.locator(".now h2").inner_text().split()[0] == count
    assert faults(tab) == []
