"""The page of disagreements: every pair side by side, under its question, with the reason."""

import csv
import io
import re
from urllib.parse import parse_qsl, urlencode

import pyarrow.parquet as pq
import pytest
from ketamine_site.documents.reader import cut_part, list_turns  # noqa: E402
from ketamine_site.evidence import disagreements  # noqa: E402

from tests.site_client import NOT_VOTES, Page, Site

pytestmark = pytest.mark.long


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
    """The pairs of a page by anchor; each is an item of the group of its passages."""
    return [
        found
        for block in re.findall(r'<ul class="why-pairs">.*?</ul>', page.html, re.S)
        for found in re.findall(r'<li id="([^"]+)">', block)
    ]


def groups_of(page: Page) -> list[str]:
    """The HTML of each group of pairs of a page."""
    return [html.partition("</article>")[0] for html in page.html.split("<article ")[1:]]


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
    order = [(gravest[row["question"]], topics.index(row["topic"]), row["question"]) for row in shown]
    assert order == sorted(order)
    assert {place[0] for place in order} >= {1, 2}


def test_pairs_of_the_same_passages_stand_together_and_a_passage_is_printed_once(site, rows, monkeypatch):
    monkeypatch.setattr(disagreements, "SIZE", 50)
    passages = {row["claim_id"]: row["passage_id"] for row in site.rows("claims.json?_labels=off")}
    by_anchor = {anchor(row): row for row in rows}
    sizes = []
    for page in read_all(site):
        for group in groups_of(page):
            pairs = [by_anchor[found] for found in re.findall(r'<li id="([^"]+)">', group)]
            found = {
                (
                    row["question"],
                    frozenset((passages[row["first_claim_id"]], passages[row["second_claim_id"]])),
                )
                for row in pairs
            }
            assert len(found) == 1
            assert group.count("<blockquote") == len(next(iter(found))[1])
            sizes.append(len(pairs))
    assert max(sizes) > 1
    assert len(sizes) < len(rows)


def test_a_group_ties_its_claims_to_their_words_by_letters(site, rows, monkeypatch):
    monkeypatch.setattr(disagreements, "SIZE", 50)
    by_anchor = {anchor(row): row for row in rows}
    lettered = 0
    for page in read_all(site):
        for group in groups_of(page):
            pairs = [by_anchor[found] for found in re.findall(r'<li id="([^"]+)">', group)]
            claims = {row[side] for row in pairs for side in ("first_claim_id", "second_claim_id")}
            anchors = re.findall(r'<div class="one[^"]*" id="([^"]+)">', group)
            assert {name.rpartition("-of-")[2] for name in anchors} == claims
            letters = re.findall(r'<span class="id">(\w+)</span>', group)
            marks = re.findall(r'<a class="k [^"]*" href="#([^"]+)"[^>]*data-k="(\w+)"', group)
            assert sorted(marks) == sorted(zip(anchors, letters, strict=False))
            if len(pairs) > 1:
                lettered += 1
                letter_of = {name.rpartition("-of-")[2]: letter for name, letter in marks}
                for row in pairs:
                    first, second = (letter_of[row[side]] for side in ("first_claim_id", "second_claim_id"))
                    item = group.partition(f'<li id="{anchor(row)}">')[2].partition("</li>")[0]
                    assert re.search(rf"\b{first}\b.*\b{second}\b", re.sub("<[^>]+>", "", item))
    assert lettered


def test_a_question_is_a_heading_once_and_leads_to_its_page(site, rows):
    headings = [heading for page in read_all(site) for heading in page.texts("h2")]
    assert {*headings} == {row["question"] for row in rows}
    for page in read_all(site):
        assert len(page.texts("h2")) == len({*page.texts("h2")})
    links = {href for page in read_all(site) for href in page.attributes("href", "a")}
    assert {f"/ketamine_pain/questions/{row['question_id']}" for row in rows} <= links


def test_both_sides_show_their_words_marked_in_their_passage(site, rows):
    by_anchor = {anchor(row): row for row in rows}
    for page in read_all(site):
        for group in groups_of(page):
            shown = Page(f"<article {group}</article>")
            pairs = [by_anchor[found] for found in re.findall(r'<li id="([^"]+)">', group)]
            words = "".join(shown.texts("mark"))
            for row in pairs:
                for side in ("first", "second"):
                    assert row[f"{side}_statement"] in shown.texts("p", class_="ours") or any(
                        row[f"{side}_statement"] in text for text in shown.texts("p", class_="ours")
                    )
                    assert any(row[f"{side}_quote"][:20] in text for text in shown.texts("blockquote"))
            if len(pairs) == 1:
                assert words in (
                    pairs[0]["first_quote"] + pairs[0]["second_quote"],
                    pairs[0]["second_quote"] + pairs[0]["first_quote"],
                )


def test_the_reason_and_the_classification_stand_beside_the_pair(site, rows):
    notes = "".join(text for page in read_all(site) for text in page.texts("div", class_="note"))
    for row in rows:
        assert row["reason"] in notes
        assert (row["classification"] or "") in notes
    assert any(row["classification"] for row in rows)


def test_each_side_leads_to_its_words_and_to_its_claim(site, rows):
    page = site.page("/disagreements")
    (row,) = [row for row in rows if anchor(row) == pairs_of(page)[0]]
    passages = {found["claim_id"]: found for found in site.rows("claims_flat.json")}
    links = page.attributes("href", "a")
    for claim_id in (row["first_claim_id"], row["second_claim_id"]):
        assert f"/ketamine_pain/claims/{claim_id}" in links
        source_id = passages[claim_id]["source_id"]
        places = [href for href in links if href.startswith(f"/sources/{source_id}") and "#" in href]
        assert any(place.partition("#")[2] in site.page(place).attributes("id") for place in places)


def test_tabs_count_and_filter(site, rows):
    labels = {
        "contradicts": "Contradicts",
        "in_tension": "In tension",
        "qualifies": "Qualifies",
        "agrees": "Agrees",
        "complements": "Complements",
    }
    for relation, label in labels.items():
        wanted = {anchor(row) for row in site.rows(f"claim_pairs.json?relation={relation}")}
        pages = read_all(site, f"relation={relation}")
        assert wanted
        assert {pair for page in pages for pair in pairs_of(page)} == wanted
        assert f"{label}, {len(wanted)}" in pages[0].texts("a")
        assert label in pages[0].texts("dt")
        assert "#r-" + relation in pages[0].attributes("href", "use")
        if relation not in {row["relation"] for row in rows}:
            assert pages[0].texts("h1") != ["Disagreements"]
    assert f"All disagreements, {len(rows)}" in site.page("/disagreements").texts("a")
    assert pairs_of(site.page("/disagreements?relation=nonsense")) == pairs_of(site.page("/disagreements"))


def test_every_relation_has_a_shape_of_its_own(site):
    shapes = re.findall(r'<symbol id="r-(\w+)"[^>]*>(.*?)</symbol>', site.page("/disagreements").html)
    assert {name for name, _ in shapes} == {*disagreements.LABELS}
    assert len({shape for _, shape in shapes}) == len(shapes)
    for values in (
        disagreements.LABELS,
        disagreements.MEANINGS,
        disagreements.NOUNS,
        disagreements.SENTENCES,
    ):
        assert values.keys() == disagreements.LABELS.keys()
        assert len({*values.values()}) == len(values)


def has_source(row: dict, name: str) -> bool:
    return name in (row["first_source"], row["second_source"])


ONE, OTHER = "Guild guidance", "Hedge Clinic page"
FILTERED = {
    "one source": ({"source": ONE}, lambda row: has_source(row, ONE)),
    "two sources": (
        {"source": ONE, "other": OTHER},
        lambda row: has_source(row, ONE) and has_source(row, OTHER),
    ),
    "the same two": (
        {"source": OTHER, "other": ONE},
        lambda row: has_source(row, ONE) and has_source(row, OTHER),
    ),
    "a source with itself": (
        {"source": ONE, "other": ONE},
        lambda row: row["first_source"] == row["second_source"] == ONE,
    ),
    "a relation": ({"relation": "in_tension"}, lambda row: row["relation"] == "in_tension"),
    "a topic": ({"topic": "efficacy"}, lambda row: row["topic"] == "efficacy"),
    "a relation and a source": (
        {"relation": "qualifies", "source": ONE},
        lambda row: row["relation"] == "qualifies" and has_source(row, ONE),
    ),
}


@pytest.mark.parametrize("name", FILTERED)
def test_a_filter_and_its_data_are_the_same_pairs(site, rows, name):
    chosen, fits = FILTERED[name]
    wanted = {anchor(row) for row in rows if fits(row)}
    pages = read_all(site, urlencode(chosen))
    assert wanted and wanted != {anchor(row) for row in rows}
    assert {pair for page in pages for pair in pairs_of(page)} == wanted
    links = [href for href in pages[0].attributes("href", "a") if href.startswith("/ketamine_pain/")]
    for ending in ("", ".csv", ".json", ".parquet"):
        (href,) = [
            href
            for href in links
            if re.match(
                rf"/ketamine_pain/(disagreements|pairs_of_sources)\{ending}\?"
                if ending
                else r"/ketamine_pain/(disagreements|pairs_of_sources)\?",
                href,
            )
        ]
        assert chosen.items() <= dict(parse_qsl(href.partition("?")[2])).items()
        if ending == ".json":
            assert {anchor(row) for row in site.get(href).json()} == wanted
        elif ending == ".csv":
            assert site.get(href).text.count("\n") == len(wanted) + 1


@pytest.mark.parametrize("query", ["", "relation=qualifies", f"source={ONE}", f"source={ONE}&other={OTHER}"])
def test_files_of_what_is_found_are_whole_however_few_rows_the_site_shows(site, query, monkeypatch):
    wanted = {pair for page in read_all(site, query) for pair in pairs_of(page)}
    assert len(wanted) > 2
    monkeypatch.setattr(site.datasette, "max_returned_rows", 2)
    monkeypatch.setitem(site.datasette._settings, "max_returned_rows", 2)
    links = {
        ending: href
        for href in site.page(f"/disagreements?{query}").attributes("href", "a")
        for ending in re.findall(r"^/ketamine_pain/\w+\.(csv|json|parquet)", href)
    }
    assert {anchor(row) for row in site.get(links["json"]).json()} == wanted
    assert {anchor(row) for row in csv.DictReader(io.StringIO(site.get(links["csv"]).text))} == wanted
    parquet = pq.read_table(io.BytesIO(site.get(links["parquet"]).content))
    assert {anchor(row) for row in parquet.to_pylist()} == wanted


def test_a_condition_narrows_the_page_and_its_data(site, rows):
    links = site.rows("claim_conditions.json?condition_id=wandering-pain&_labels=off")
    claims = {row["claim_id"] for row in links}
    wanted = {anchor(row) for row in rows if claims & {row["first_claim_id"], row["second_claim_id"]}}
    page = site.page("/disagreements?condition=wandering+pain")
    assert wanted
    assert {*pairs_of(page)} == wanted
    assert f"These {len(wanted)} pairs as" in "".join(page.texts("p", class_="acts"))
    (data,) = [href for href in page.attributes("href", "a") if "pairs_of_sources.json" in href]
    assert {anchor(row) for row in site.get(data).json()} == wanted


@pytest.mark.parametrize("value", ["zz' \" --", "%", "in_tension' or 1=1 --", "\u0000", "🙂"])
def test_the_query_of_pairs_takes_nonsense_as_a_name(site, value):
    for name in ("relation", "topic", "source", "other", "condition"):
        assert site.rows(f"pairs_of_sources.json?{urlencode({name: value})}") == []


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


def test_the_list_of_questions_leads_to_each(site, rows):
    page = site.page("/disagreements")
    addresses = {
        "".join(texts): attrs["href"]
        for tag, attrs, texts in page.elements
        if tag == "a" and re.search(r"#q\d+$", attrs.get("href") or "")
    }
    topics = [
        "".join(texts)
        for tag, attrs, texts in page.elements
        if tag == "th" and attrs.get("scope") == "rowgroup"
    ]
    assert {topic.lower() for topic in topics} == {row["topic"].replace("_", " ") for row in rows}
    assert len(topics) == len({*topics})
    (list_of_questions,) = [
        attrs for tag, attrs, _ in page.elements if tag == "details" and attrs.get("class") == "index"
    ]
    assert "open" in list_of_questions
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


def test_of_many_questions_those_of_the_page_are_listed(site, monkeypatch):
    monkeypatch.setattr(disagreements, "MOST_QUESTIONS", 1)
    page = site.page("/disagreements")
    listed = [href for href in page.attributes("href", "a") if re.fullmatch(r"#q\d+", href)]
    assert (
        len(listed)
        == len(page.texts("h2"))
        < len({row["question"] for row in site.rows("disagreements.json")})
    )
    assert "those of this page are listed" in "".join(page.texts("summary"))


def test_a_question_has_a_page_with_its_pairs_in_every_relation(site):
    rows = site.rows("claim_pairs.json")
    questions = {row["question_id"]: row["question"] for row in rows}
    for question_id, question in questions.items():
        page = site.page(f"/ketamine_pain/questions/{question_id}")
        assert page.texts("h1") == [question]
        assert {*pairs_of(page)} == {anchor(row) for row in rows if row["question_id"] == question_id}
        assert NOT_VOTES.search(page.html)
    page = site.page("/ketamine_pain/questions/help-in-harp-elbow")
    assert "/ketamine_pain/conditions/harp-elbow" in page.attributes("href", "a")
    assert "/disagreements" in page.attributes("href", "a")


def test_question_condition_claim_and_disagreements_lead_to_each_other(site, rows):
    (row,) = [
        row
        for row in rows
        if row["first_claim_id"] == "clinic-page-c003" and row["relation"] == "contradicts"
    ]
    question = f"/ketamine_pain/questions/{row['question_id']}"
    condition, claim = "/ketamine_pain/conditions/wandering-pain", "/ketamine_pain/claims/clinic-page-c003"
    pages = {path: site.page(path).attributes("href", "a") for path in (question, condition, claim)}
    assert {condition, claim, "/disagreements"} <= {*pages[question]}
    assert {question, claim, "/disagreements?condition=wandering%20pain"} <= {*pages[condition]}
    assert {question, condition} <= {*pages[claim]}
    listed = {href for page in read_all(site) for href in page.attributes("href", "a")}
    assert {question, claim, condition} <= listed


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
