"""Every kind of page in a real browser: it fits, asks nobody else, and is open to everyone."""

import pytest

from tests.browser.addresses import PICTURES
from tests.browser.visits import Visit

pytestmark = pytest.mark.long
STATUS = {"nowhere": 404, "no such claim": 404, "SQL that cannot be answered": 400}


def test_the_page_answers_in_our_frame(visit):
    assert visit.answer.status == STATUS.get(visit.name, 200)
    assert visit.page.locator("h1").count() == 1
    assert visit.page.locator("main").count() == 1


def test_nothing_is_blocked_fails_or_comes_from_elsewhere(visit):
    """Chromium tells of what the content policy blocks as an error in the console."""
    assert [url for url in visit.asked if not url.startswith(visit.address)] == []
    assert [url for url in visit.asked if url.partition("?")[0].endswith(".js")] == []
    expected = [str(STATUS[visit.name])] if visit.name in STATUS else []
    assert [text for text in visit.failed if not any(status in text for status in expected)] == []


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_nothing_scrolls_sideways(width, visit):
    visit.show(width)
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", PICTURES)
def test_a_picture_keeps_the_policy_by_itself(path, browser, address):
    picture = Visit(browser, address)
    assert picture.open(path).headers["content-type"].startswith("image/svg+xml")
    assert picture.failed == []
    assert picture.asked == [address + path]
    picture.page.close()


def test_print_leaves_navigation_and_forms_out(visit):
    visit.show(media="print")
    assert visit.page.locator("h1").is_visible()
    for part in (".mast ul", ".mast form", "form.pick", "form.filters", ".facet-results"):
        assert not any(item.is_visible() for item in visit.page.locator(part).all()), part
    assert visit.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_forced_colours_keep_what_colour_told(visit):
    """Marks and frames have borders, and glyphs are drawn in a colour of the reader's own."""
    visit.show(forced_colors="active")
    widths = """parts => parts.map(part => getComputedStyle(part)).map(
        style => parseFloat(style.borderTopWidth) + parseFloat(style.outlineWidth))"""
    marked = visit.page.locator("mark, em.hedge, em.qualifier").evaluate_all(widths)
    assert all(width > 0 for width in marked)
    visit.show()


def test_the_keyboard_reaches_everything_in_order_and_is_seen(visit):
    """Skip link first, then every link and control of the page, each with a visible frame."""
    visit.show()
    page = visit.page
    expected = page.evaluate(LIST_FOCUSABLE)
    page.evaluate(WATCH_FOCUS)
    for _ in range(min(len(expected), 80)):
        page.keyboard.press("Tab")
    reached = page.evaluate("window.reached")
    assert expected[0] == reached[0]["place"]
    assert page.evaluate("document.querySelector('.skip').tagName") == "A"
    assert [step["place"] for step in reached] == expected[:80]
    assert [step for step in reached if step["frame"] < 2] == []


PLACE = """
const place = item => item.tagName + ' ' + (item.getAttribute('href') || item.name || item.textContent.trim());
"""
LIST_FOCUSABLE = (
    "() => {"
    + PLACE
    + """
    const wanted = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
    return [...document.querySelectorAll(wanted)]
        .filter(item => item.matches('.skip') || item.checkVisibility({visibilityProperty: true}))
        .map(place);
}"""
)
WATCH_FOCUS = (
    "() => {"
    + PLACE
    + """
    document.activeElement && document.activeElement.blur();
    window.getSelection().removeAllRanges();
    window.reached = [];
    document.addEventListener('focusin', event => {
        const style = getComputedStyle(event.target);
        const frame = style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth);
        window.reached.push({place: place(event.target), frame: frame});
    });
}"""
)
