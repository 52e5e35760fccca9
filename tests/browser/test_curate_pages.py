"""The workbench in Chromium: barriers, widths, the keyboard alone, hostile text, and what outlives a crash."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.workbench import Curator, open_workbench
from tests.conftest import PackageCopy
from tests.curation.commands import EXERCISE, add_source, run_command
from tests.hostile import NAME, WORDS

pytestmark = pytest.mark.long
AXE = Axe()
PASSAGE = "/passages/exercise-p005"
CUT = f"{PASSAGE}/cut"
PAGES = ["/", "/passages/exercise-p003", PASSAGE, CUT, "/left", "/checklist", "/document", "/compare"]
STATEMENT = "Some patients whose elbow hurts may get relief from ketamine."


def make_draft(folder, text=None):
    copy = PackageCopy(folder)
    file = EXERCISE
    if text:
        file = folder / "hostile.txt"
        file.write_text(text, encoding="utf-8")
    run_command(add_source, copy, file, "exercise", copy.descriptor, "--short-name", "Exercise")
    return copy


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    copy = make_draft(tmp_path_factory.mktemp("draft"))
    with open_workbench(copy.descriptor, "exercise") as (_, address):
        yield copy, address


@pytest.fixture
def curator(browser, served):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield Curator(context.new_page(), served[1])
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_no_violation_and_nothing_scrolls_sideways(path, scheme, curator):
    curator.page.emulate_media(color_scheme=scheme)
    curator.page.goto(curator.home + path)
    for width in (390, 1280, 1600):
        curator.page.set_viewport_size({"width": width, "height": 900})
        assert curator.page.evaluate("document.documentElement.scrollWidth") <= width
        found = AXE.run(curator.page, options={"resultTypes": ["violations"], "preload": False})
        assert found.violations_count == 0, found.generate_report()


def test_a_form_with_errors_has_no_barrier_and_says_them_as_one_types(curator):
    curator.page.goto(curator.home + PASSAGE)
    curator.set("statement", STATEMENT)
    curator.set("stance", "supports")
    with curator.page.expect_response("**/check/**"):
        curator.set("claim_type", "mechanism")
    wrong = curator.page.locator("#wrong-stance")
    wrong.get_by_text("mechanism claims have no stance").wait_for()
    assert curator.page.locator("#stance").get_attribute("aria-invalid") == "true"
    found = AXE.run(curator.page, options={"resultTypes": ["violations"], "preload": False})
    assert found.violations_count == 0, found.generate_report()


def test_what_is_filled_in_is_shown_before_it_is_saved(curator):
    curator.page.goto(curator.home + "/passages/exercise-p006")
    curator.set("statement", "Ketamine is not advised.")
    curator.set("claim_type", "recommendation")
    curator.await_check()
    roles = curator.page.locator("select[name$='.role'] option:checked").all_text_contents()
    assert "guess: subject" in roles
    told = curator.page.locator("details.more [data-filled]").inner_text()
    assert told.startswith("Subject stands in: exercise-p005")


def test_a_claim_is_made_by_keyboard_alone(browser, tmp_path):
    copy = make_draft(tmp_path)
    with open_workbench(copy.descriptor, "exercise") as (_, address):
        page = browser.new_page()
        page.goto(address)
        # Two offers down, and change it.
        for key in ("j", "j", "c"):
            page.keyboard.press(key)
        page.wait_for_url("**/passages/exercise-p0*")
        page.goto(page.url.rpartition("/")[0] + "/exercise-p005")
        page.keyboard.type(STATEMENT)
        page.keyboard.press("Tab")
        page.keyboard.type("eff")
        page.keyboard.press("Tab")
        page.keyboard.type("sup")
        page.locator("#text").focus()
        page.locator("#text").evaluate(
            "area => { const at = area.value.indexOf('in some'); area.setSelectionRange(at, at + 'in some patients'.length) }"
        )
        page.keyboard.press("l")
        assert page.locator("#qualifier").input_value() == "in some patients"
        page.keyboard.press("Control+Enter")
        page.wait_for_selector(".message[role=status]")
        page.close()
    (claim,) = (row for row in copy.rows("claims") if row["claim_id"] == "exercise-c001")
    assert (claim["statement"], claim["qualifier"], claim["stance"]) == (
        STATEMENT,
        "in some patients",
        "supports",
    )


def test_selected_words_become_the_quote(curator):
    curator.page.evaluate(
        """() => {
            const node = document.querySelector("[data-passage=exercise-p005]").firstChild;
            const at = node.data.indexOf("harp elbow");
            document.getSelection().setBaseAndExtent(node, at, node, at + 10);
        }"""
    )
    curator.page.keyboard.press("n")
    curator.page.wait_for_url("**/passages/exercise-p005?quote=harp+elbow*")
    assert curator.page.locator("#quote").input_value() == "harp elbow"


def list_texts(copy):
    rows = [row for row in copy.rows("passages") if row["source_id"] == "exercise"]
    return [(row["kind"], row["text"]) for row in sorted(rows, key=lambda row: int(row["position"]))]


def test_passages_are_corrected_by_keyboard_alone(browser, tmp_path):
    copy = make_draft(tmp_path)
    before = list_texts(copy)
    with open_workbench(copy.descriptor, "exercise") as (_, address):
        page = browser.new_page()
        page.goto(address)
        # A heading, from its number in the text: three kinds down, which is a sentence.
        page.get_by_role("link", name="4", exact=True).focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/exercise-p004/cut")
        page.locator("[name=kind]:checked").focus()
        for key in ("ArrowDown", "ArrowDown", "Enter"):
            page.keyboard.press(key)
        page.get_by_text("Saved: the kind of exercise-p004").wait_for()
        page.get_by_role("link", name="5: its cut").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/exercise-p005/cut")
        page.locator("#text").focus()
        page.keyboard.press("Control+Home")
        for _ in "Ketamine may relieve harp elbow ":
            page.keyboard.press("ArrowRight")
        # No other key writes into what is printed.
        for key in ("x", "Backspace", "Enter", "s"):
            page.keyboard.press(key)
        assert page.locator("#before").input_value() == "in some patients."
        page.keyboard.press("Control+Enter")
        page.get_by_text("Saved: a split of exercise-p005").wait_for()
        after = list_texts(copy)
        assert after[3:6] == [
            ("sentence", "What it is used for"),
            ("sentence", "Ketamine may relieve harp elbow"),
            ("sentence", "in some patients."),
        ]
        # What cannot be split is said where one is.
        page.locator("#before").fill("nowhere")
        page.keyboard.press("Control+Enter")
        page.get_by_text("does not occur in exercise-p005").wait_for()
        page.wait_for_function("document.activeElement.id === 'before'")
        found = AXE.run(page, options={"resultTypes": ["violations"], "preload": False})
        assert found.violations_count == 0, found.generate_report()
        page.get_by_role("button", name="Join with 6").focus()
        page.keyboard.press("Enter")
        page.get_by_text("Saved: exercise-p005 joined").wait_for()
        for label in ("exercise-p005 joined", "a split of", "the kind of"):
            page.get_by_role("button", name=f"Undo: {label}").focus()
            page.keyboard.press("Enter")
            page.get_by_text(f"Undone: {label}").wait_for()
        page.close()
    assert list_texts(copy) == before


def test_selected_words_open_the_passage_to_be_split(browser, tmp_path):
    text = "Harps\n\nPain is\u00a0bad and pain is\u00a0rare in those who play the harp for years."
    copy = make_draft(tmp_path, text)
    with open_workbench(copy.descriptor, "exercise") as (_, address):
        page = browser.new_page()
        page.goto(address)
        page.evaluate(
            """() => {
                const node = document.querySelector("[data-passage=exercise-p002]").firstChild;
                const at = node.data.lastIndexOf("is\u00a0");
                document.getSelection().setBaseAndExtent(node, at, node, at + 3);
            }"""
        )
        page.keyboard.press("s")
        page.wait_for_url("**/exercise-p002/cut?before=is&occurrence=2*")
        assert page.locator("#before").input_value() == "is"
        page.locator("#before").press("Control+Enter")
        page.get_by_text("Saved: a split of exercise-p002").wait_for()
        page.close()
    assert [words for _, words in list_texts(copy)[1:]] == [
        "Pain is\u00a0bad and pain",
        "is\u00a0rare in those who play the harp for years.",
    ]


def test_passages_are_corrected_without_script(browser, tmp_path):
    copy = make_draft(tmp_path)
    before = list_texts(copy)
    with open_workbench(copy.descriptor, "exercise") as (_, address):
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(address)
        page.click("a[href$='exercise-p004/cut']")
        page.check("[name=kind][value=navigation]")
        page.click("text=Save the kind")
        assert "Saved: the kind of exercise-p004." in page.locator(".message").inner_text()
        page.click("ol.near a:has-text('5')")
        page.fill("#before", "e")
        page.fill("#occurrence", "99")
        page.click("text=Split >> nth=-1")
        assert "occurs 8 times" in page.locator("#wrong-before").inner_text()
        page.fill("#before", "in some")
        page.fill("#occurrence", "")
        page.click("text=Split >> nth=-1")
        page.click("text=Join with 6")
        assert "joined with the passage after" in page.locator(".message").inner_text()
        for _ in range(3):
            page.goto(page.url)
            page.click("button:has-text('Undo')")
        context.close()
    assert list_texts(copy) == before


def test_forms_work_without_script(browser, served):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(served[1])
    page.goto(page.url + "passages/exercise-p003")
    page.fill("#reason", "Warns against itself.")
    page.click("text=Save the reason")
    assert "Saved: a reason of exercise-p003." in page.locator(".message").inner_text()
    page.click("text=Text")
    page.click("text=Undo: a reason of exercise-p003")
    assert "Undone" in page.locator(".message").inner_text()
    context.close()


def test_what_was_typed_outlives_the_page(curator):
    curator.page.goto(curator.home + PASSAGE)
    curator.set("statement", "Half a sentence")
    curator.page.wait_for_timeout(100)
    curator.page.goto("about:blank")
    curator.page.goto(curator.home + PASSAGE)
    assert curator.page.locator("#statement").input_value() == ""
    curator.click("text=Bring back what was typed here and not saved")
    assert curator.page.locator("#statement").input_value() == "Half a sentence"


def test_hostile_text_is_text(browser, tmp_path):
    hostile = WORDS.replace("\n", " ").replace("\u202e", "")
    text = f"Ketamine for harpists{hostile}\n\nKetamine may relieve harp elbow {hostile} in some patients.\n"
    copy = make_draft(tmp_path, text)
    passage = next(
        row["passage_id"]
        for row in copy.rows("passages")
        if row["source_id"] == "exercise" and row["kind"] == "sentence"
    )
    with open_workbench(copy.descriptor, "exercise") as (_, address):
        page = browser.new_page()
        asked, failed, dialogs = [], [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: failed.append(str(error)))
        page.on("console", lambda message: message.type == "error" and failed.append(message.text))
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        page.goto(address)
        home = page.url
        page.goto(f"{home}passages/{passage}")
        page.fill("#reason", f"Says {NAME}")
        page.click("text=Save the reason")
        for path in (
            "",
            f"passages/{passage}",
            "left",
            "checklist",
            "compare",
            f"passages/{passage}?quote={hostile}",
        ):
            assert page.goto(home + path).status == 200
            assert page.title() != "taken"
            bad = "[onerror], [onload], iframe, style, base, a[href^=javascript], img, main svg"
            assert page.locator(bad).count() == 0
        assert [url for url in asked if not url.startswith(home)] == []
        assert (failed, dialogs) == ([], [])
        page.close()
