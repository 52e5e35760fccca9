"""The page of disagreements: every pair side by side, under its question, with the reason."""

import re
from urllib.parse import parse_qsl, urlencode

import pytest
from ketamine_site.documents.reader import cut_part, list_turns  # noqa: E402
from ketamine_site.evidence import disagreements  # noqa: E402

from tests.site_client import NOT_VOTES, Page, Site


@pytest.fixture(scope="module", autouse=True)
def short_pages():
    """Pages of three pairs, so that there are several."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(disagreements, "SIZE", 3)
        yield


@pytest.fixture(scope="module")
def site(root, package, built) -> Site:
    return Site(root, package, built)


@pytest.fixture(scope="module")
def rows(site) -> list[dict]:
    return site.rows("disagreements.json")


def anchor(row: dict) -> str:
    return f"{row['question_id']}-{row['first_claim_id']}-{row['second_claim_id']}"


def pairs_of(page: Page) -> list[str]:
    return page.attributes("id", "article", class_="pair")


def read_all(site: Site, query: str = "") -> list[Page]:
    """The page of this query and all that follow it."""
    pages = [site.page(f"/disagreements?{query}")]
    while following := [
        attrs["href"]
        for _, attrs, texts in pages[-1].elements
        if "".join(texts) == "Next" and "href" in attrs
    ]:
        pages.append(site.page(following[0]))
    return pages


def test_every_pair_stands_there_once_however_many_pages(site, rows):
    pages = read_all(site)
    assert len(pages) > 1
    assert len(pages) == -(-len(rows) // disagreements.SIZE)
    shown = [pair for page in pages for pair in pairs_of(page)]
    assert sorted(shown) == sorted(map(anchor, rows))


def test_the_gravest_relation_comes_first_and_then_the_topics_in_order(site, rows, package):
    ranks = {relation: rank for rank, relation in enumerate(("contradicts", "in_tension", "qualifies"))}
    by_anchor = {anchor(row): row for row in rows}
    gravest: dict[str, int] = {}
    for row in rows:
        rank = ranks[row["relation"]]
        gravest[row["question"]] = min(gravest.get(row["question"], rank), rank)
    shown = [by_anchor[pair] for page in read_all(site) for pair in pairs_of(page)]
    topics = package.by_name["questions"].field("topic").enum
    order = [
        (gravest[row["question"]], topics.index(row["topic"]), row["question"], ranks[row["relation"]])
        for row in shown
    ]
    assert order == sorted(order)
    assert {place[0] for place in order} >= {1, 2}


def test_a_question_is_a_heading_once(site, rows):
    headings = [heading for page in read_all(site) for heading in page.texts("h2")]
    assert {*headings} == {row["question"] for row in rows}
    for page in read_all(site):
        assert len(page.texts("h2")) == len({*page.texts("h2")})


def test_both_sides_show_their_words_marked_in_their_passage(site, rows):
    by_anchor = {anchor(row): row for row in rows}
    for page in read_all(site):
        wanted = [
            by_anchor[pair][side] for pair in pairs_of(page) for side in ("first_quote", "second_quote")
        ]
        assert page.texts("mark") == wanted
        statements = [
            by_anchor[pair][side]
            for pair in pairs_of(page)
            for side in ("first_statement", "second_statement")
        ]
        assert [text for text in page.texts("p", class_="ours") if text] == statements


def test_the_reason_and_the_classification_stand_beside_the_pair(site, rows):
    notes = "".join(text for page in read_all(site) for text in page.texts("div", class_="note"))
    for row in rows:
        assert row["reason"] in notes
        assert (row["classification"] or "") in notes
    assert any(row["classification"] for row in rows)


def test_each_side_leads_to_its_words_and_to_its_claim(site, rows):
    page = site.page("/disagreements")
    (row,) = [row for row in rows if anchor(row) == pairs_of(page)[0]]
    links = page.attributes("href", "a")
    for claim_id in (row["first_claim_id"], row["second_claim_id"]):
        assert f"/ketamine_pain/claims/{claim_id}" in links
        (place,) = {href for href in links if href.endswith(f"#{claim_id}")}
        assert claim_id in site.page(place).attributes("id")


def test_tabs_count_and_filter(site, rows):
    labels = {"contradicts": "Contradicts", "in_tension": "In tension", "qualifies": "Qualifies"}
    for relation, label in labels.items():
        wanted = {anchor(row) for row in rows if row["relation"] == relation}
        pages = read_all(site, f"relation={relation}")
        assert {pair for page in pages for pair in pairs_of(page)} == wanted
        assert f"{label}, {len(wanted)}" in pages[0].texts("a")
        assert label in pages[0].texts("dt")
    assert f"All, {len(rows)}" in site.page("/disagreements").texts("a")
    assert pairs_of(site.page("/disagreements?relation=nonsense")) == pairs_of(site.page("/disagreements"))


def test_a_filter_by_sources_and_its_data_are_the_same_pairs(site, rows):
    one, other = "Guild guidance", "Hedge Clinic page"
    wanted = {anchor(row) for row in rows if row["first_source"] == one and row["second_source"] == other}
    page = site.page("/disagreements?" + urlencode({"first_source": one, "second_source": other}))
    assert wanted
    assert {*pairs_of(page)} == wanted
    (data,) = [href for href in page.attributes("href", "a") if "disagreements.json" in href]
    assert {anchor(row) for row in site.get(data).json()} == wanted
    for href in page.attributes("href", "a"):
        if "disagreements.parquet" in href:
            assert dict(parse_qsl(href.partition("?")[2])) == {"first_source": one, "second_source": other}


def test_a_condition_narrows_the_page_and_says_that_it_does_not_narrow_the_data(site, rows):
    links = site.rows("claim_conditions.json?condition_id=wandering-pain&_labels=off")
    claims = {row["claim_id"] for row in links}
    wanted = {anchor(row) for row in rows if claims & {row["first_claim_id"], row["second_claim_id"]}}
    page = site.page("/disagreements?condition=wandering+pain")
    assert wanted
    assert {*pairs_of(page)} == wanted
    assert f"{len(rows)} pairs, whatever the condition, as" in "".join(page.texts("p", class_="acts"))


def test_nothing_found_is_said_and_can_be_undone(site):
    page = site.page("/disagreements?relation=contradicts&condition=<b>no%22")
    removals = "".join(page.texts(class_="removals"))
    assert "No pair matches." in removals
    assert 'Remove condition = <b>no"' in removals
    assert "/disagreements?relation=contradicts" in page.attributes("href", "a")
    assert not pairs_of(page)


@pytest.mark.parametrize("place", ["0", "-1", "zz", "9" * 5000, "٣"])
def test_a_place_that_makes_no_sense_is_the_nearest_page(site, place):
    assert pairs_of(site.page(f"/disagreements?from={place}"))


@pytest.mark.long
def test_the_list_of_questions_leads_to_each(site, rows):
    page = site.page("/disagreements")
    addresses = {
        "".join(texts): attrs["href"]
        for tag, attrs, texts in page.elements
        if tag == "a" and re.search(r"#q\d+$", attrs.get("href") or "")
    }
    assert {*addresses} == {row["question"] for row in rows}
    for question, address in addresses.items():
        query, _, fragment = address.partition("#")
        there = site.page(f"/disagreements{query}")
        (heading,) = [
            "".join(texts)
            for tag, attrs, texts in there.elements
            if (tag, attrs.get("id")) == ("h2", fragment)
        ]
        assert heading == question


def test_counts_are_no_votes_and_colours_are_explained(site):
    page = site.page("/disagreements")
    assert NOT_VOTES.search(page.html)
    assert page.attributes("aria-label", "ul", class_="key") == ["Key"]
    for relation in ("agrees", "complements"):
        address = f"/ketamine_pain/claim_pairs?relation={relation}"
        assert address in page.attributes("href", "a")
        count = len(site.rows(f"claim_pairs.json?relation={relation}"))
        assert count
        assert f"{count} " in "".join(page.texts("a", href=address))


@pytest.mark.parametrize(
    ("place", "end", "first", "last"),
    [(1, 60, 1, 50), (50, 60, 1, 50), (51, 60, 51, 60), (99, 60, 51, 60), (0, 60, 1, 50), (1, 0, 1, 0)],
)
def test_a_part_holds_the_place(place, end, first, last):
    part = cut_part(place, end, 50)
    assert (part.first, part.last) == (first, last)


def test_turns_lead_to_every_other_part_once():
    def turns(place: int, end: int) -> list[tuple[str, str]]:
        return list_turns(cut_part(place, end, 10), "from", {"a": "b"})

    assert turns(1, 10) == []
    assert turns(1, 20) == [("Next", "a=b&from=11")]
    assert turns(11, 20) == [("Previous", "a=b&from=1")]
    assert [name for name, _ in turns(21, 50)] == ["First", "Previous", "Next", "Last"]
