"""axe-core, which knows the rules of accessibility that a machine can check, on every kind of page."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.addresses import PAGES
from tests.browser.visits import Visit

pytestmark = pytest.mark.long
AXE = Axe()
# A dark page differs from a light one in its colours alone.
RULES = {"light": {}, "dark": {"runOnly": ["color-contrast", "link-in-text-block"]}}


# The colours of a narrow page are those of a wide one.
@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (1280, "light"),
        (1280, "dark"),
        (390, "light"),
        pytest.param(390, "dark", marks=pytest.mark.exhaustive),
    ],
)
def test_axe_finds_no_violation(scheme, width, visit):
    visit.show(width, color_scheme=scheme)
    found = AXE.run(visit.page, options={"resultTypes": ["violations"], "preload": False, **RULES[scheme]})
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("name", ["claim", "map of routes", "claims with a filter"])
def test_what_a_dark_screen_prints_can_be_read(name, browser, address):
    printed = Visit(browser, address)
    printed.open(PAGES[name])
    printed.show(media="print", color_scheme="dark")
    found = AXE.run(printed.page, options={"resultTypes": ["violations"], "preload": False, **RULES["dark"]})
    assert found.violations_count == 0, found.generate_report()
    printed.page.close()


def test_axe_finds_a_violation_where_there_is_one(browser):
    page = browser.new_page(color_scheme="dark")
    page.set_content(
        "<style>p { color: #777; background: #666 }</style><p>Grey on grey</p><img src='data:,'>"
    )
    full, colours = (
        AXE.run(page, options={"resultTypes": ["violations"], **rules}) for rules in RULES.values()
    )
    assert {"color-contrast", "image-alt", "html-has-lang"} <= {
        item["id"] for item in full.response["violations"]
    }
    assert [item["id"] for item in colours.response["violations"]] == ["color-contrast"]
    page.close()
