"""Relations and two readings in Chromium: barriers, widths, and the keyboard alone."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.test_curate_pages import make_draft
from tests.browser.workbench import Curator, open_workbench
from tests.curation.test_curate import Browser, Fields, save_efficacy
from tests.curation.test_curate_readings import give_reason, save_fever
from tests.curation.test_curate_relations import PASSAGE, list_beside, relate

pytestmark = pytest.mark.long
AXE = Axe()


def record_twice(copy):
    """Two readings of the claims and of the relations, set beside each other; the passage of a relation."""
    first, second = Browser(copy.descriptor), Browser(copy.descriptor, reader="reader-b")
    for browser, reason in ((first, "Warns."), (second, "A warning.")):
        save_efficacy(browser)
        give_reason(browser, "exercise-p003", reason)
        browser.save("/checklist", search_described__note=reason)
    save_fever(first, copy)
    save_fever(second, copy, claim_type="efficacy")
    first.post("/compare", {"sure": "on"})
    other, third = list_beside(first)[:2]
    relate(first, other, relation="agrees", reason="Both affirm relief.")
    for browser, reason in ((first, "Relief."), (Browser(copy.descriptor, reader="reader-d"), "Ease.")):
        relate(browser, third, question="How sure is it?", topic="evidence", relation="agrees", reason=reason)
    first.post("/compare/relations")
    return third


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    copy = make_draft(tmp_path_factory.mktemp("read_twice"))
    other = record_twice(copy)
    with open_workbench(copy.descriptor, "exercise") as (_, address):
        yield address, other


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation_where_readings_meet(browser, served, scheme):
    address, other = served
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    curator = Curator(context.new_page(), address)
    pair = f"/relations/{PASSAGE}/{other}"
    for path in ("/relations", f"/relations/{PASSAGE}", pair, "/compare", "/compare/relations"):
        curator.page.goto(curator.home + path)
        for width in (390, 1600):
            curator.page.set_viewport_size({"width": width, "height": 900})
            assert curator.page.evaluate("document.documentElement.scrollWidth") <= width, path
            found = AXE.run(curator.page, options={"resultTypes": ["violations"], "preload": False})
            assert found.violations_count == 0, path + found.generate_report()
    context.close()


def test_two_passages_are_related_by_keyboard_alone(browser, tmp_path):
    copy = make_draft(tmp_path)
    save_efficacy(Browser(copy.descriptor))
    with open_workbench(copy.descriptor, "exercise") as (_, address):
        page = browser.new_page()
        page.goto(address)
        page.goto(page.url.rpartition("/")[0] + f"/relations/{PASSAGE}")
        for key in ("j", "c"):
            page.keyboard.press(key)
        page.wait_for_url(f"**/relations/{PASSAGE}/*")
        page.locator("input[name=asked]").first.focus()
        page.keyboard.press("Space")
        page.locator("input[name=relation]").first.focus()
        page.keyboard.press("ArrowDown")
        page.locator("#reason").focus()
        page.keyboard.type("One is for relief, the other is not.")
        page.wait_for_selector("form[data-state=checked]", state="attached")
        assert page.locator(".wrong:not(:empty)").all_inner_texts() == []
        page.keyboard.press("Control+Enter")
        page.wait_for_selector(".message[role=status]")
        page.close()
    (row,) = (row for row in copy.rows("claim_relations") if "exercise-c001" in row.values())
    assert (row["relation"], row["reason"]) == ("in_tension", "One is for relief, the other is not.")


def test_hostile_words_in_a_question_are_text(browser, tmp_path):
    hostile = '<script>document.title="taken"</script>"\'><img src=x onerror=alert(1)>?'
    copy = make_draft(tmp_path)
    first = Browser(copy.descriptor)
    save_efficacy(first)
    other = list_beside(first)[0]
    relate(first, other, question=hostile, relation="agrees", reason=f"Both {hostile}")
    path = f"/relations/{PASSAGE}/{other}"
    (key,) = (row["question_id"] for row in copy.rows("questions") if row["question"] == hostile)
    assert Fields(first.open(f"{path}?question={key}"), path).values["asked"] == key
    with open_workbench(copy.descriptor, "exercise") as (_, address):
        page = browser.new_page()
        page.goto(address)
        home = page.url.rstrip("/")
        for where in ("/relations", f"/relations/{PASSAGE}", f"{path}?question={key}", "/left"):
            page.goto(home + where)
            assert page.title() != "taken"
            assert page.locator("main img, [onerror], script:not([src])").count() == 0
        page.close()
