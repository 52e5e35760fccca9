"""The index pages of conditions, adverse effects and routes: a sentence and a sign per source for each thing."""

import re
from html import unescape

import pytest
from ketamine_site.entities import indexes
from ketamine_site.entities.indexes import INDEXES, PATHS, list_signs
from ketamine_site.entities.references import spell_number
from ketamine_site.evidence.evidence import SUBJECTS, Cell, Chip
from ketamine_site.pages import PAGES

from tests.site_client import NOT_VOTES, Page, Site

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def site(root, package, built) -> Site:
    return Site(root, package, built)


def read_lines(page: Page) -> dict[str, str]:
    """The HTML of the row of each thing, by its address."""
    rows = [html for html in page.html.split('<tr role="row">')[1:] if 'class="said"' in html]
    return {re.search(r'href="([^"#]+)"', html)[1]: html.partition("</tr>")[0] for html in rows}


def read_text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@pytest.mark.parametrize("path", INDEXES)
def test_every_thing_stands_there_with_the_sentence_of_its_page(site, path):
    table = INDEXES[path].table
    page = site.page(f"/{path}")
    lines = read_lines(page)
    rows = site.rows(f"{table}.json?_labels=off")
    key = INDEXES[path].key
    assert {*lines} == {f"{site.database}/{table}/{row[key]}" for row in rows}
    for address, html in lines.items():
        (finding,) = site.page(address).texts("p", class_="finding")
        assert read_text(finding) in read_text(html)
    assert NOT_VOTES.search(page.html)
    assert f"{spell_number(len(rows))} {INDEXES[path].noun}s are named" in read_text(page.html).lower()


@pytest.mark.parametrize("path", INDEXES)
def test_each_source_has_its_place_and_how_often_is_counted(site, path):
    subject = INDEXES[path]
    sources = [row["short_name"] for row in site.rows("sources.json?_sort=position")]
    links = site.rows(f"claim_{subject.table}.json?_labels=off")
    claims = {row["claim_id"]: row for row in site.rows("claims_flat.json")}
    for address, html in read_lines(site.page(f"/{path}")).items():
        row_id = address.rpartition("/")[2]
        own = {link["claim_id"] for link in links if link[subject.key] == row_id}
        naming = {claims[claim_id]["short_name"] for claim_id in own}
        cells = html.split('<td role="cell">')[1:]
        assert len(cells) == len(sources)
        for name, cell in zip(sources, cells, strict=True):
            assert ("not named" in cell) == (name not in naming)
            if name in naming:
                (label,) = re.findall(r'aria-label="([^"]+)"', cell)
                assert f", {name}: " in unescape(label)
                # The visible words are in the accessible name.
                for word in re.findall(r'<span class="sign \w+">.*?<span>(.*?)</span>', cell):
                    assert word.replace("\u00ad", "") in label
                (anchor,) = re.findall(r'href="[^"]+#([^"]+)"', cell)
                assert anchor in site.page(address).attributes("id")
        counted = read_text(html.partition('class="tot"')[2].partition(">")[2])
        assert counted.startswith(f"{len(own)} claim")
        assert counted.endswith(f"{len(naming)} of {len(sources)} sources")


def chip(stance: str | None, role: str, hedged: int = 0, claims: int = 1) -> Chip:
    beside = bool(stance) and role not in SUBJECTS["conditions"].roles
    return Chip(stance, role, claims, hedged, beside, role, "")


@pytest.mark.parametrize(
    ("chips", "signs"),
    [
        ([], []),
        ([chip("supports", "treated")], ["supports"]),
        ([chip("supports", "treated", 1), chip("supports", "studied", 1)], ["supports, hedged"]),
        ([chip("supports", "treated", 1), chip("supports", "studied")], ["supports"]),
        (
            [chip("against", "not_recommended"), chip("supports", "treated", 1)],
            ["supports, hedged", "against"],
        ),
        ([chip("neutral", "treated"), chip("mixed", "studied")], ["mixed"]),
        ([chip("neutral", "treated"), chip(None, "context")], ["neutral"]),
        ([chip(None, "context"), chip(None, "studied")], ["studied, context"]),
        ([chip("supports", "population", 1)], ["population, hedged"]),
        ([chip("against", "contraindication", 1)], ["reason against, hedged"]),
        ([chip("against", "contraindication"), chip("supports", "treated")], ["supports"]),
        ([chip("against", "contraindication"), chip("neutral", "treated")], ["reason against"]),
    ],
)
def test_a_sign_is_a_stance_on_the_thing_or_else_its_roles(chips, signs):
    cell = Cell("a", "A", tuple(chips))
    assert [sign.spoken for sign in list_signs(SUBJECTS["conditions"], cell)] == signs


def test_a_sign_has_a_colour_only_for_a_stance_on_the_thing():
    for chips in ([chip("supports", "population")], [chip(None, "treated")]):
        (sign,) = list_signs(SUBJECTS["conditions"], Cell("a", "A", tuple(chips)))
        assert sign.stance is None


def test_a_long_index_is_cut_into_pages(site, monkeypatch):
    monkeypatch.setattr(indexes, "SIZE", 4)
    path, seen = "/conditions", []
    while path:
        page = site.page(path)
        assert len(read_lines(page)) <= 4
        seen += read_lines(page)
        following = [
            attrs["href"] for _, attrs, texts in page.elements if "".join(texts) == "Next" and "href" in attrs
        ]
        path = following[0] if following else ""
    assert len(seen) == len({*seen}) == len(site.rows("conditions.json"))
    assert read_lines(site.page("/conditions?from=zz")).keys() == read_lines(site.page("/conditions")).keys()


def lit(page: Page) -> list[str]:
    """The entries of the navigation that are marked as the place of the page."""
    (navigation,) = re.findall(r'<nav aria-label="Site">.*?</ul>', page.html, re.S)
    return re.findall(r'aria-current="\w+">([^<]+)</a></li>', navigation)


@pytest.mark.parametrize(
    ("path", "entry"),
    [
        *((path, entry) for entry, path in PAGES.navigation),
        ("/sources/guidance", "Sources"),
        ("/compare", "Sources"),
        ("/compare/guidance/clinic-page", "Sources"),
        ("/{database}/passages/guidance-p005", "Sources"),
        ("/{database}/conditions/harp-elbow", "Conditions"),
        ("/{database}/adverse_effects/vivid-dreams", "Effects"),
        ("/{database}/routes/oral", "Routes"),
        ("/{database}/claims/guidance-c003", "Claims"),
        ("/{database}/claims_flat?stance=against", "Claims"),
        ("/{database}/questions/help-in-harp-elbow", "Disagreements"),
        ("/{database}/claim_pairs", "Disagreements"),
        ("/disagreements?relation=qualifies", "Disagreements"),
        ("/map/routes", "Map"),
        ("/charts", "Map"),
        ("/{database}/condition_evidence", "Map"),
        ("/references?form=corrected", "Sources"),
        ("/{database}/references/guidance-r02", "Sources"),
        ("/{database}/concepts/quiet-receptor", "Data"),
        ("/{database}/hedged_claims", "Data"),
        ("/dictionary", "Data"),
        ("/downloads", "Data"),
        ("/method/curation", "Method"),
    ],
)
def test_every_page_lights_its_place_in_the_navigation(site, path, entry):
    assert lit(site.page(path.format(database="ketamine_pain"))) == [entry]


@pytest.mark.parametrize("path", ["/", "/ketamine_pain/search?q=pain", "/nowhere"])
def test_what_belongs_to_no_entry_lights_none(site, path):
    assert lit(Page(site.get(path).text)) == []


def test_sections_lead_to_entries_of_the_navigation():
    assert {*PAGES.sections.values()} - {""} <= {path for _, path in PAGES.navigation}
    assert {*PATHS.values()} <= {path for _, path in PAGES.navigation}
