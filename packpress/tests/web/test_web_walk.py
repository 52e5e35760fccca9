"""Every address that a page of the site over any build leads to."""

import json

import pytest
from tests.web.packages import list_packages
from tests.web.walk import Page, Site, list_sums

STARTS = ("/search", "/search?q=a+b", "/robots.txt", "/-/datapackage.json", "/dictionary", "/downloads")
# What a walk must have met, lest it passes for want of links.
MET = {
    "odd": ("/odd_names_v1/the+odd+one/~3C" + "b~3E", "/odd_names_v1/search/1", "/files/csv/100%25.csv"),
    "bare": ("/bare/no_key/1", "/bare/four_keys/x~2Cy,b,~2F,~7E", "/bare/empty.parquet"),
    "wide": ("/wide/wide/2", "/wide/texts/long", "/wide/wide.parquet"),
    "hostile": ("/method", "/method/other", "/hostile/bad", "/hostile/words.parquet"),
    "rich": (
        "/fleet/boats/boat-001",
        "/fleet/boats?_port_id=visby",
        "/fleet/boats.parquet?rig=ketch",
        "/method/sources",
    ),
    "events": ("/harbour_events/event/v1-a", "/harbour_events/occurrence/o2"),
    "traps": (
        "/wood_traps/deployments/d1",
        "/wood_traps/observations/b2",
        "/wood_traps/observations.parquet",
    ),
    "statistics": ("/households/households/region+3", "/households/households.parquet"),
    "museum": ("/museum/objekte/A+1", "/museum/objekte/B+17"),
    "measurements": ("/logger/hall", "/logger/yard.parquet"),
}


@pytest.mark.long
@pytest.mark.parametrize("profile", ["local", "public"])
@pytest.mark.parametrize("name", list_packages("wide"))
def test_every_address_answers_with_a_sound_page_and_nothing_is_written(name, profile, build):
    folder = build(name)
    before = list_sums(folder.parent)
    answers = Site(folder, profile).walk(*STARTS)
    wrong = {
        address: answer.status_code
        for address, answer in answers.items()
        if answer.status_code not in (200, 301, 302)
    }
    assert wrong == {}
    assert [address for address in MET[name] if address not in answers] == []
    for address, answer in answers.items():
        check_answer(address, answer)
    assert list_sums(folder.parent) == before


def check_answer(address, answer):
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if kind == "text/html":
        for script in Page(answer.text).scripts:
            json.loads(script)
    elif kind == "application/json":
        answer.json()
    elif kind == "application/vnd.apache.parquet":
        assert answer.content[:4] == answer.content[-4:] == b"PAR1", address
    elif kind in ("text/csv", "text/plain") and answer.status_code == 200:
        answer.content.decode("utf-8")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
