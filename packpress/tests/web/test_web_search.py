"""The search of any package: it corrects slips, leaves out words that stand in the way, and says so."""

import re

import pytest
from tests.web.walk import Site


@pytest.fixture(scope="module")
def site(build):
    return Site(build("rich"))


def ask(site, words):
    answer = site.get(f"/search?q={words.replace(' ', '+')}")
    assert answer.status_code == 200
    titles = re.findall(r"<h3><a [^>]*>(.*?)</a>", answer.text)
    told = [re.sub("<[^>]+>", "", line) for line in re.findall(r'<p class="reading">(.*?)</p>', answer.text)]
    return titles, told


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("Visby", []),
        ("Visb", []),
        ("vsiby", ["Nothing has “vsiby”. Shown is visby."]),
        ("vizby", ["Nothing has “vizby”. Shown is visby."]),
        ("visbyy", ["Nothing has “visbyy”. Shown is visby."]),
        ("visby xyzzy", ["No row has “xyzzy”. The rest was searched for."]),
        ("visby kiel", ["No row has all the words. Left out: kiel."]),
    ],
)
def test_words_are_corrected_or_left_out_and_the_page_says_which(site, typed, told):
    found, said = ask(site, typed)
    assert "Visby" in found
    assert said == told


@pytest.mark.parametrize("typed", ["xyzzy", "bisby", "vzzby", "vi5by", "xyzzy qwrtz", '"', "%00"])
def test_nonsense_finds_nothing(site, typed):
    assert ask(site, typed) == ([], [])
