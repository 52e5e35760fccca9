"""`docs/api.md`: every address that it names answers, with what it says."""

import re

import pytest

from tests.conftest import ROOT
from tests.site_client import Site

TEXT = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r'^curl -s (?:-r \S+ )?"\$SITE([^"]*)"', TEXT, re.MULTILINE)


@pytest.fixture(scope="module")
def site(root, package, built) -> Site:
    return Site(root, package, built)


def test_every_command_is_one_line():
    assert len(COMMANDS) == TEXT.count("curl ") > 15


@pytest.mark.parametrize("path", COMMANDS)
def test_an_address_answers(path, site):
    answer = site.get(path)
    assert answer.status_code == 200
    if "_shape=array" in path:
        assert answer.json(), path
    elif ".csv" in path:
        assert answer.text.count("\n") > 1


def test_the_site_shows_the_page(site):
    page = site.page("/method/api")
    assert all(path in page.html.replace("&amp;", "&") for path in COMMANDS)
    assert (
        "Version 2" in site.page("/method/CHANGELOG").html or "2.0.0" in site.page("/method/CHANGELOG").html
    )
