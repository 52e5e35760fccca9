"""What an analyst comes for, walked in a real browser, once with scripts and once without."""

import csv
import re

import pyarrow.parquet
import pytest

pytestmark = pytest.mark.long
CONDITION = "wandering-pain"


def test_from_home_to_the_words_behind_up_to_in_two_clicks_after_a_search(tab):
    tab.open("/")
    ask(tab, "up to 12 weeks")
    click_claim(tab, "as much as 12 weeks")
    reads_the_words_behind_up_to(tab)
    assert tab.failed == []


def test_from_home_to_the_words_behind_up_to_in_two_clicks_after_a_question(tab):
    tab.open("/")
    tab.page.get_by_role("link", name="More questions").click()
    tab.page.get_by_role("link", name="Which doses and durations are stated?").click()
    click_claim(tab, "as much as 12 weeks")
    reads_the_words_behind_up_to(tab)
    assert tab.failed == []


def reads_the_words_behind_up_to(tab):
    """On the card of the claim the words are marked; one more click leads to them in their document."""
    assert "up to 12 weeks" in tab.page.locator("mark", has_text="up to").first.inner_text()
    assert "up to" in tab.page.locator("mark em.qualifier").first.inner_text()
    tab.page.get_by_role("link", name="read in place").first.click()
    place, marked = target(tab), tab.page.locator("mark", has_text="up to").first
    assert "12 weeks" in place.inner_text()
    assert is_in_view(tab, place) or is_in_view(tab, marked)


def test_every_source_that_names_a_condition_and_its_claims_as_parquet(tab, built, tmp_path):
    links = read_rows(built, "claim_conditions")
    claims = {row["claim_id"]: row for row in read_rows(built, "claims_flat")}
    wanted = {row["claim_id"] for row in links if row["condition_id"] == CONDITION}
    tab.open("/")
    tab.page.get_by_role("navigation", name="Site").get_by_role("link", name="Map").click()
    tab.page.get_by_role("link", name="Wandering pain", exact=True).first.click()
    text = tab.page.locator("main").inner_text()
    for name in {claim["short_name"] for claim in claims.values()}:
        names_it = name in {claims[claim_id]["short_name"] for claim_id in wanted}
        places = tab.page.locator(f"main a[href^='/sources/']:text-is('{name}')")
        assert places.count() >= 1, name
        assert bool(re.search(rf"{name}, passage \d", text)) == names_it, name
    with tab.page.expect_download() as download:
        tab.page.get_by_role("link", name="Parquet", exact=True).first.click()
    download.value.save_as(tmp_path / "claims.parquet")
    table = pyarrow.parquet.read_table(tmp_path / "claims.parquet")
    found = {row["claim_id"]: row for row in table.to_pylist()}
    assert len(found) == table.num_rows
    assert found.keys() == wanted
    for claim_id, row in found.items():
        assert {name: text_of(row[name]) for name in claims[claim_id]} == claims[claim_id]


@pytest.mark.parametrize("way", ["index", "map of home"])
def test_who_supports_it_in_which_words_with_which_hedges_and_where_they_disagree_in_two_clicks(
    way, tab, built
):
    """For a condition: from home to its page in at most two clicks, where all of it can be read."""
    claims = {row["claim_id"]: row for row in read_rows(built, "claims_flat")}
    links = [row for row in read_rows(built, "claim_conditions") if row["condition_id"] == CONDITION]
    named = {row["claim_id"] for row in links}
    tab.open("/")
    if way == "index":
        tab.page.get_by_role("navigation", name="Site").get_by_role("link", name="Conditions").click()
    tab.page.get_by_role("link", name="Wandering pain", exact=True).first.click()
    text = flatten(tab.page.locator("main").inner_text())
    supporting = [claims[claim_id] for claim_id in named if claims[claim_id]["stance"] == "supports"]
    assert supporting
    for claim in supporting:
        section = tab.page.locator(f"#said-by-{claim['source_id']}")
        assert claim["short_name"] in section.inner_text()
        assert "supports" in section.inner_text()
        assert claim["statement"] in flatten(section.inner_text())
        marked = "".join(section.locator("mark").all_inner_texts())
        assert flatten(claim["quote"]) in flatten(marked)
        for word in filter(None, (claim["hedge"], claim["qualifier"])):
            assert flatten(word) in flatten(" ".join(section.locator("em").all_inner_texts()))
    silent = {row["short_name"] for row in claims.values()} - {claims[name]["short_name"] for name in named}
    assert "Not named by: " + ", ".join(sorted(silent, key=text.index)) in text
    told = flatten(tab.page.locator(".told").first.inner_text())
    pairs = [
        row
        for row in read_rows(built, "claim_relations")
        if named & {row["claim_id"], row["related_claim_id"]}
        and row["relation"] in ("contradicts", "in_tension", "qualifies")
    ]
    assert pairs
    for pair in pairs:
        for claim_id in (pair["claim_id"], pair["related_claim_id"]):
            assert claims[claim_id]["statement"] in told
        assert pair["reason"] in told
    assert tab.failed == []


def test_two_sources_beside_each_other_from_home(tab, built):
    tab.open("/")
    tab.page.get_by_role("link", name="Compare two of them").click()
    tab.page.locator("select[name=a]").select_option(label="Hedge Clinic page")
    tab.page.locator("select[name=b]").select_option(label="Guild guidance")
    tab.page.get_by_role("button", name="Compare").click()
    assert tab.page.url.endswith("/compare/guidance/clinic-page")
    assert tab.page.locator("h1").inner_text() == "Guild guidance beside Hedge Clinic page"
    assert tab.page.get_by_role("link", name="Harp elbow", exact=True).first.is_visible()
    text = flatten(tab.page.locator("main").inner_text())
    for row in read_rows(built, "claim_relations"):
        sides = {row["claim_id"].rpartition("-")[0], row["related_claim_id"].rpartition("-")[0]}
        assert (row["reason"] in text) == (sides == {"guidance", "clinic-page"})
    assert tab.failed == []


def test_a_letter_leads_from_the_words_to_the_statement(tab):
    tab.open("/ketamine_pain/conditions/harp-elbow")
    letter = tab.page.locator(".say a.k").first
    name = letter.get_attribute("data-k")
    letter.click()
    assert target(tab).locator(".id").inner_text() == name
    assert is_in_view(tab, target(tab))
    assert tab.failed == []


def test_a_question_stays_in_view_while_its_pairs_are_read(tab):
    tab.open("/disagreements")
    section = tab.page.locator("section.question").last
    section.locator("article").last.scroll_into_view_if_needed()
    tab.page.mouse.wheel(0, 200)
    tab.page.wait_for_timeout(100)
    assert is_in_view(tab, section.locator("h2"))


def test_a_contradiction_and_the_words_of_both_sides(tab, built):
    tab.open("/")
    tab.page.get_by_role("navigation", name="Site").get_by_role("link", name="Disagreements").click()
    tab.page.get_by_role("link", name=re.compile("^Contradicts, ")).click()
    recorded = [row for row in read_rows(built, "claim_relations") if row["relation"] == "contradicts"]
    sides = [row[name] for row in recorded for name in ("claim_id", "related_claim_id")]
    assert sides
    quotes = {row["claim_id"]: row["quote"] for row in read_rows(built, "claims")}
    tab.page.wait_for_url("**/disagreements?relation=contradicts")
    page = tab.page.url
    for claim_id in sides:
        tab.page.goto(page)
        own = tab.page.locator(".side-of").filter(has=tab.page.locator(f"[id$='-of-{claim_id}']"))
        own.first.locator(".by a").click()
        assert target(tab).get_attribute("id") == claim_id
        assert flatten(quotes[claim_id]) in flatten(tab.page.locator(".doc").inner_text())
    assert tab.failed == []


def test_a_phrase_in_which_the_document_has_a_space_that_does_not_break(tab, built):
    (text,) = [row["text"] for row in read_rows(built, "passages") if row["passage_id"] == "guidance-p005"]
    assert "quiet \u00a0receptor \u00a0matters" in text
    tab.open("/")
    ask(tab, '"quiet receptor matters"')
    tab.page.locator("main a[href='/sources/guidance#p5']").first.click()
    assert target(tab).get_attribute("id") == "p5"
    assert is_in_view(tab, target(tab))
    assert "quiet receptor matters in some long pain" in flatten(target(tab).inner_text())


def test_a_filter_and_a_facet_work_by_form_and_link(tab):
    tab.open("/ketamine_pain/claims_flat")
    tab.page.get_by_text("Filter by a column").click()
    tab.page.get_by_label("Column").select_option("certainty")
    tab.page.get_by_label("Value").fill("hedged")
    tab.page.get_by_role("button", name="Apply").click()
    assert "certainty" in tab.page.url
    assert "hedged" in tab.page.locator(".now h2").inner_text()
    assert tab.failed == []


def test_the_skip_link_leads_to_the_page(tab):
    tab.open("/")
    tab.page.keyboard.press("Tab")
    assert tab.page.locator(":focus").inner_text() == "Skip to the page"
    tab.page.keyboard.press("Enter")
    assert tab.page.url.endswith("#main")


def test_text_copied_from_the_reader_is_the_documents_own(tab, built):
    tab.open("/sources/clinic-page")
    tab.page.keyboard.press("Control+a")
    copied = flatten(tab.page.evaluate("window.getSelection().toString()"))
    for row in read_rows(built, "passages"):
        if row["source_id"] == "clinic-page":
            assert flatten(row["text"]) in copied, row["passage_id"]


def ask(tab, words):
    tab.page.get_by_label("Search everything").fill(words)
    tab.page.get_by_role("button", name="Search", exact=True).first.click()


def click_claim(tab, words):
    tab.page.locator("main").get_by_role("link", name=re.compile(words)).first.click()
    assert words in tab.page.locator("h1").inner_text()


def target(tab):
    places = tab.page.locator(":target")
    places.wait_for(state="attached")
    # A browser goes to the place only once it has the style sheets.
    tab.page.wait_for_load_state()
    assert places.count() == 1
    return places


def is_in_view(tab, place):
    box = place.bounding_box()
    return bool(box) and 0 <= box["y"] < 900


def flatten(text):
    """The text with every run of white space as one space: a browser gives its own for those that do not break."""
    return " ".join(text.split())


def text_of(value):
    """A value as CSV has it."""
    return "" if value is None else {True: "true", False: "false"}.get(value, str(value))


def read_rows(built, table):
    with (built / "csv" / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
