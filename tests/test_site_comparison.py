"""Two sources side by side: what both name, judge and cite, and how their claims stand to each other."""

import re
from html import unescape
from itertools import combinations

import pytest
from ketamine_site import comparison
from ketamine_site.comparison import share_works

from tests.conftest import build_edition
from tests.site_client import NOT_VOTES, Page, Site

pytestmark = pytest.mark.long

TABLES = {"conditions": "condition_id", "adverse_effects": "adverse_effect_id", "routes": "route_id"}


@pytest.fixture(scope="module")
def site(root, package, built) -> Site:
    return Site(root, package, built)


@pytest.fixture(scope="module")
def sources(site) -> dict[str, str]:
    return {row["source_id"]: row["short_name"] for row in site.rows("sources.json?_sort=position")}


def read_text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def list_pairs(sources: dict[str, str]) -> list[tuple[str, str]]:
    return list(combinations(sources, 2))


def test_what_both_name_and_what_one_names_is_what_the_tables_hold(site, sources):
    claims = {row["claim_id"]: row["source_id"] for row in site.rows("claims_flat.json")}
    found = set()
    for first, second in list_pairs(sources):
        page = site.page(f"/compare/{first}/{second}")
        for table, key in TABLES.items():
            named: dict[str, set[str]] = {first: set(), second: set()}
            for link in site.rows(f"claim_{table}.json?_labels=off"):
                named.get(claims[link["claim_id"]], set()).add(link[key])
            section = page.html.partition(f'<h2 id="{table.replace("_", "-")}">')[2].partition("<h2 ")[0]
            table_html = section.partition("</table>")[0] if "<table" in section else ""
            linked = set(
                re.findall(
                    rf'<th scope="row" role="rowheader"><a href="/ketamine_pain/{table}/([^"]+)"', table_html
                )
            )
            assert linked == named[first] & named[second], (first, second, table)
            for source_id, other in ((first, second), (second, first)):
                alone = re.search(
                    rf"<p class=\"only\"><b>Only {sources[source_id]} names</b>(.*?)</p>", section
                )
                shown = set(re.findall(r'href="[^"]+/([^"/]+)"', alone[1])) if alone else set()
                assert shown == named[source_id] - named[other]
            found.add(bool(linked))
    assert found == {True, False}


def test_stances_stand_beside_each_other_as_on_the_map(site, sources):
    first, second = "guidance", "clinic-page"
    page = site.page(f"/compare/{first}/{second}")
    on_map = site.page("/map").attributes("aria-label", "a")
    shown = [label for label in page.attributes("aria-label", "a") if label in on_map]
    chips = page.html.count('<a class="chip ')
    assert chips
    assert len([label for label in shown if sources[first] in label]) > 0
    assert len([label for label in shown if sources[second] in label]) > 0
    assert not [label for label in page.attributes("aria-label", "a") if sources["leaflet"] in label]


def test_every_pair_of_claims_of_the_two_is_there_in_its_relation(site, sources, monkeypatch):
    monkeypatch.setattr(comparison, "MOST_PAIRS", 1000)
    rows = site.rows("claim_pairs.json")
    for first, second in list_pairs(sources):
        names = {sources[first], sources[second]}
        wanted = {
            f"{row['question_id']}-{row['first_claim_id']}-{row['second_claim_id']}"
            for row in rows
            if {row["first_source"], row["second_source"]} == names
        }
        page = site.page(f"/compare/{first}/{second}")
        items = re.findall(r'<ul class="why-pairs">(.*?)</ul>', page.html, re.S)
        assert {found for html in items for found in re.findall(r'<li id="([^"]+)">', html)} == wanted
        assert ("No pair of their claims is recorded." in page.html) == (not wanted)


def test_many_pairs_are_cut_and_the_rest_is_a_link(site, sources, monkeypatch):
    monkeypatch.setattr(comparison, "MOST_PAIRS", 1)
    page = site.page("/compare/guidance/leaflet")
    assert page.html.count('<ul class="why-pairs">') == 1
    assert re.search(r"1 of \d+ pairs are shown, the gravest first", read_text(page.html))
    (rest,) = [href for href in page.attributes("href", "a") if href.startswith("/disagreements?source=")]
    site.page(rest)


def test_a_work_that_both_list_is_found_by_its_number(site):
    def work(reference_id: str, doi: str | None = None, pmid: str | None = None) -> dict:
        row = {"reference_id": reference_id, "title": "A title", "doi": doi, "pmid": pmid}
        return {**row, "source": "S", "listed_as": "in_text", "ordinal": None}

    first = [work("a", doi="10.1/X"), work("b", pmid="7"), work("c")]
    second = [work("d", doi="10.1/x"), work("e", pmid="7"), work("f"), work("g", pmid="8")]
    shared = share_works(first, second)
    assert [[row["reference_id"] for row, _ in entries] for found in shared for entries in found.entries] == [
        ["a"],
        ["d"],
        ["b"],
        ["e"],
    ]


def test_shared_works_are_those_of_the_pages_of_references(site, sources):
    works = {row["reference_id"]: row for row in site.rows("bibliography.json?_labels=off")}
    owners = {row["reference_id"]: row["source_id"] for row in site.rows("references.json?_labels=off")}
    for first, second in list_pairs(sources):
        section = (
            site.page(f"/compare/{first}/{second}")
            .html.partition('<h2 id="references">')[2]
            .partition("<h2 ")[0]
        )
        shown = set(re.findall(r'/references/([^"]+)"', section))
        wanted = set()
        for one, other in combinations(works, 2):
            if {owners[one], owners[other]} == {first, second} and any(
                works[one][name] and str(works[one][name]).lower() == str(works[other][name]).lower()
                for name in ("doi", "pmid")
            ):
                wanted |= {one, other}
        assert shown == wanted


def test_the_page_is_whole_and_has_one_address(site, sources):
    for first, second in list_pairs(sources):
        page = site.page(f"/compare/{first}/{second}")
        assert page.texts("h1") == [f"{sources[first]} beside {sources[second]}"]
        assert NOT_VOTES.search(page.html)
        levels = [int(tag[1]) for tag, _, _ in page.elements if re.fullmatch("h[1-6]", tag)]
        assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))
        ids = page.attributes("id")
        assert len(ids) == len({*ids})
        for path in (
            f"/compare/{second}/{first}",
            f"/compare?a={first}&b={second}",
            f"/compare?a={second}&b={first}",
        ):
            answer = site.get(path)
            assert answer.status_code == 302
            assert answer.headers["location"] == f"/compare/{first}/{second}"


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/compare", 200, "Choose two sources."),
        ("/compare?a=&b=", 200, "Choose two sources."),
        ("/compare?a=guidance", 200, "Choose a second source to put beside Guild guidance."),
        ("/compare?b=guidance", 200, "Choose a second source to put beside Guild guidance."),
        ("/compare?a=leaflet&b=leaflet", 200, "Both are Valley leaflet; choose two different sources."),
        ("/compare/leaflet/leaflet", 200, "Both are Valley leaflet; choose two different sources."),
        ("/compare?a=nobody&b=leaflet", 404, "No document here is called nobody. Choose two sources."),
        ("/compare/leaflet/nobody", 404, "No document here is called nobody. Choose two sources."),
        ("/compare/no%27b/%3Cb%3E", 404, "No document here is called no'b. Choose two sources."),
    ],
)
def test_without_two_sources_the_page_says_what_to_do(site, path, status, words):
    page = site.page(path, status)
    assert page.texts("h1") == ["Compare two sources"]
    assert page.texts("p", class_="choice") == [words]
    assert (
        len([attrs for tag, attrs, _ in page.elements if tag == "select" and attrs.get("name") in ("a", "b")])
        == 2
    )
    assert "<b>" not in page.texts("p", class_="choice")[0]


def test_the_list_of_pairs_leads_to_every_pair_and_counts_what_they_share(site, sources):
    page = site.page("/compare")
    links = page.attributes("href", "a")
    for first, second in list_pairs(sources):
        assert f"/compare/{first}/{second}" in links
        row = page.html.partition(f'href="/compare/{first}/{second}"')[2].partition("</tr>")[0]
        there = site.page(f"/compare/{first}/{second}")
        counts = [int(text) for text in re.findall(r">(\d+)<", row.partition('<td role="cell">')[0])]
        shown = []
        for table in TABLES:
            section = there.html.partition(f'<h2 id="{table.replace("_", "-")}">')[2].partition("<h2 ")[0]
            shown.append(section.count('<th scope="row" role="rowheader">'))
        assert counts == shown
    first, *others = sources
    one = site.page(f"/compare?a={first}").attributes("href", "a")
    assert {href for href in one if href.startswith("/compare/")} == {
        f"/compare/{first}/{source_id}" for source_id in others
    }


def test_of_too_many_sources_a_pair_is_asked_for(site, monkeypatch):
    monkeypatch.setattr(comparison, "MOST_SOURCES", 2)
    page = site.page("/compare")
    assert not [href for href in page.attributes("href", "a") if href.startswith("/compare/")]
    assert len([attrs for tag, attrs, _ in page.elements if tag == "option"]) > 2
    assert [
        href
        for href in site.page("/compare?a=guidance").attributes("href", "a")
        if href.startswith("/compare/")
    ]


@pytest.mark.parametrize("path", ["/", "/sources", "/disagreements"])
def test_other_pages_lead_there(site, path):
    assert "/compare" in site.page(path).attributes("href", "a")


def test_two_chosen_sources_lead_from_their_disagreements_to_their_page(site):
    page = site.page("/disagreements?source=Hedge+Clinic+page&other=Guild+guidance")
    assert "/compare/guidance/clinic-page" in page.attributes("href", "a")


def test_the_site_map_has_every_pair(site, sources):
    paths = re.findall("<loc>[^<]*(/compare[^<]*)</loc>", site.get("/sitemap.xml").text)
    assert (
        paths == ["/compare", *(f"/compare/{first}/{second}" for first, second in list_pairs(sources))]
        or not paths
    )


@pytest.mark.parametrize("edition", ["quotes", "none"])
def test_an_edition_without_text_says_what_is_withheld(site, root, package, tmp_path, edition):
    other = Site(root, package, build_edition(package, tmp_path / "build", edition))
    page: Page = other.page("/compare/guidance/clinic-page")
    full = site.page("/compare/guidance/clinic-page")
    assert page.texts("p", class_="lede") == full.texts("p", class_="lede")
    assert ("Withheld; characters" in page.html) == (edition == "none")
    assert bool(page.texts("mark")) == (edition == "quotes")
    assert "not stated" not in page.html
