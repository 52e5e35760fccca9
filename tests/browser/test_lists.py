"""The lists of claims and of references for people: what stands in the first screen, what stays in view, and what paper shows."""

import pytest

from tests.browser.visits import Visit

pytestmark = pytest.mark.long
CLAIMS = "/ketamine_pain/claims_flat"
BOTTOMS = "rows => rows.map(row => row.getBoundingClientRect().bottom)"


@pytest.fixture
def open_page(browser, address):
    """Returns a page opened in a tab of its own, of that size."""
    opened: list[Visit] = []

    def show(path: str, width: int = 1280, height: int = 900, **context: object) -> Visit:
        tab = Visit(browser, address, viewport={"width": width, "height": height}, **context)
        opened.append(tab)
        assert tab.open(path).status == 200
        return tab

    yield show
    for tab in opened:
        assert tab.failed == []
        tab.page.close()


def count_whole_rows(tab: Visit) -> int:
    """How many rows stand in the first screen from their first line to their last."""
    height = tab.page.viewport_size["height"]
    return sum(bottom <= height for bottom in tab.page.locator("tbody tr").evaluate_all(BOTTOMS))


@pytest.mark.parametrize("asked", ["", "?certainty=hedged", "?_search=pain&_sort_desc=claim_type"])
@pytest.mark.parametrize(("size", "least"), [((1280, 900), 3), ((390, 844), 1)])
def test_claims_stand_in_the_first_screen(open_page, size, least, asked):
    tab = open_page(CLAIMS + asked, *size)
    assert count_whole_rows(tab) >= least


def test_the_heads_are_words_and_stay_in_view(open_page):
    tab = open_page(CLAIMS)
    heads = tab.page.locator("thead th")
    assert [text.split()[0] for text in heads.all_inner_texts()] == [
        "Claim",
        "Words",
        "Stance",
        "Type",
        "Source",
    ]
    tab.page.locator("tbody tr").last.scroll_into_view_if_needed()
    tops = heads.evaluate_all("heads => heads.map(head => head.getBoundingClientRect().top)")
    assert tops == [0] * len(tops)
    # A table of many columns is scrolled in its own frame.
    tab = open_page(f"{CLAIMS}?_all=1")
    tab.page.locator(".table-wrapper").evaluate("frame => frame.scrollTo(0, 2000)")
    frame, head = (
        tab.page.locator(place).first.bounding_box()["y"] for place in (".table-wrapper", "thead th")
    )
    assert head == frame


@pytest.mark.parametrize("java_script_enabled", [True, False])
def test_what_narrows_the_list_is_beside_it_or_behind_one_summary(open_page, java_script_enabled):
    wide = open_page(CLAIMS, java_script_enabled=java_script_enabled)
    assert wide.page.locator(".rail .facet-results").is_visible()
    assert not wide.page.locator(".fold").is_visible()
    rail, rows = (wide.page.locator(place).bounding_box() for place in (".rail", ".list"))
    assert rail["x"] + rail["width"] <= rows["x"]
    narrow = open_page(CLAIMS, 390, 844, java_script_enabled=java_script_enabled)
    assert not narrow.page.locator(".rail").is_visible()
    narrow.page.locator(".fold summary").click()
    assert narrow.page.locator(".rail .facet-results").is_visible()
    # Without heads, the order is chosen here.
    narrow.page.get_by_label("Sort by").select_option(label="Type")
    narrow.page.get_by_label("descending").check()
    narrow.page.get_by_role("button", name="Apply").click()
    assert "sorted by type, descending" in narrow.page.locator(".now h2").inner_text()


@pytest.mark.parametrize("java_script_enabled", [True, False])
def test_references_are_switched_and_narrowed_without_a_script(open_page, java_script_enabled):
    wide = open_page("/references", java_script_enabled=java_script_enabled)
    rail, rows = (wide.page.locator(place).bounding_box() for place in (".rail", ".list"))
    assert rail["x"] + rail["width"] <= rows["x"]
    assert count_whole_rows(wide) >= 3
    narrow = open_page("/references", 390, 844, java_script_enabled=java_script_enabled)
    assert count_whole_rows(narrow) >= 1
    assert not narrow.page.locator(".rail").is_visible()
    narrow.page.locator(".fold summary").click()
    for tab in (wide, narrow):
        tab.page.locator("#facet-year summary").click()
        tab.page.locator("#facet-year").get_by_role("link", name="1996").click()
        assert tab.page.locator(".now h2").inner_text() == "1 entry where year is 1996"
        (entry,) = tab.page.locator("tbody tr[id]").evaluate_all("rows => rows.map(row => row.id)")
        tab.page.get_by_role("link", name="Corrected, 1 of 1 entry").click()
        # The same entry, by the year that is right.
        assert tab.page.locator(".now h2").inner_text() == "1 entry where year is 1997"
        assert tab.page.locator("[aria-current=page]").inner_text().startswith("Corrected")
        assert "printed 1996" in tab.page.locator(f"#{entry}").inner_text()


def test_paper_has_the_references_across_its_width(open_page):
    tab = open_page("/references")
    tab.page.emulate_media(media="print")
    assert not tab.page.locator(".rail").is_visible()
    assert tab.page.locator(".list").bounding_box()["width"] > 1000


@pytest.mark.parametrize("java_script_enabled", [True, False])
@pytest.mark.parametrize("size", [(1280, 900), (390, 844)])
def test_columns_are_chosen_without_a_script(open_page, size, java_script_enabled):
    tab = open_page(f"{CLAIMS}?certainty=hedged", *size, java_script_enabled=java_script_enabled)
    chooser = tab.page.locator(".choose")
    chooser.locator("summary").click()
    chooser.get_by_label("Words", exact=True).uncheck()
    chooser.get_by_label("Dose").check()
    # What is read of a page does not wait for it, other than what is clicked.
    with tab.page.expect_navigation():
        chooser.get_by_role("button").click()
    labels = (
        tab.page.locator("tbody tr")
        .first.locator("td")
        .evaluate_all("cells => cells.map(cell => cell.dataset.l)")
    )
    assert labels == ["Claim", "Stance", "Type", "Source", "Dose"]
    assert "certainty is hedged" in tab.page.locator(".now h2").inner_text()
    tab.page.locator(".choose summary").click()
    with tab.page.expect_navigation():
        tab.page.get_by_role("link", name="the usual ones").click()
    assert tab.page.locator("tbody td.col-quote").count()


def test_doubt_and_limits_differ_at_a_glance(open_page):
    """One is a closed round frame, the other a bar on either side."""
    tab = open_page("/ketamine_pain/claims/guidance-c009")
    hedge, limit = (
        tab.page.locator(f".key {mark}").first.evaluate(
            "part => { const style = getComputedStyle(part);"
            " return [style.outlineStyle, style.borderLeftStyle, style.borderTopStyle, style.borderRadius]; }"
        )
        for mark in ("em.hedge", "em.qualifier")
    )
    assert hedge[:3] == ["solid", "none", "none"]
    assert limit[:3] == ["none", "solid", "none"]
    assert hedge[3] != limit[3] == "0px"


@pytest.mark.parametrize(
    "path", [CLAIMS, "/ketamine_pain/claims/guidance-c009", "/sources/guidance", "/downloads"]
)
def test_paper_shows_what_is_folded(open_page, path):
    tab = open_page(path)
    folded = tab.page.locator("main details:not([open]):not(.fold, .choose, .rail details)")
    assert folded.count()
    inside = folded.evaluate_all("all => all.map(one => one.lastElementChild.checkVisibility())")
    assert not any(inside)
    tab.show(media="print")
    inside = folded.evaluate_all("all => all.map(one => one.lastElementChild.checkVisibility())")
    assert all(inside)


def test_a_file_is_saved_by_a_click(open_page):
    tab = open_page(f"{CLAIMS}?stance=supports")
    with tab.page.expect_download() as saved:
        tab.page.locator(".export-links").get_by_role("link", name="CSV").click()
    assert saved.value.suggested_filename == "claims_flat.csv"
    # The browser calls it off as a page.
    tab.failed.clear()
