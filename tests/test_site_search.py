"""Search of everything: whole questions, names, slips of the pen, identifiers; the page of a thing first, and never at a loss."""

import itertools
import re
import sqlite3
from collections.abc import Iterator

import pytest
from ketamine_site.searches import HEADINGS
from packpress.package.dictionary import read_views

from tests.conftest import build_edition
from tests.site_client import Page, Site

pytestmark = pytest.mark.long

ENTITIES = ["condition", "route", "adverse effect", "concept"]
ANSWERS = ["question", "query", "claim type"]
KINDS = [*ENTITIES, *ANSWERS, "claim", "passage", "reference", "source"]
NOTHING = [
    "xyzzyx",
    "xyzzyx qwrtzp",
    '"pain of xyzzyx"',
    "",
    " ",
    '"',
    '""',
    '" "',
    "-",
    "—",
    "*",
    "()",
    "\0",
    "\0pain",
    "🙂",
    "'",
    "\\",
    "a" * 10_000,
    "zq " * 5000,
    "\u202f\u00a0",
]
HARD = [
    "pain*",
    "NEAR(pain ketamine)",
    "pain NOT ketamine",
    "title:pain",
    "{title}:pain",
    "^pain",
    "pain + relief",
    "pain AND",
    "'pain'; drop table claims",
    "(pain",
    "pain\0relief",
    "pain " * 3000,
    "a b c d e f g h i j k l m n o p q r s t",
    "[[pain]]",
    "⟦pain⟧",
    "%pain%",
    "pain 🙂",
    "\u0301",
    "<b>pain</b>",
]

SHARED_NAMES = """
select lower(name) as name
from searchable_names
group by lower(name)
having count(distinct table_name) > 1
"""


class Search:
    """The search query as any SQLite answers it."""

    def __init__(self, db: sqlite3.Connection, sql: str) -> None:
        self.db, self.sql = db, sql

    def __call__(self, words: str, kind: str = "") -> list[sqlite3.Row]:
        return self.db.execute(self.sql, {"q": words, "kind": kind}).fetchall()

    def keys(self, words: str, kind: str = "") -> list[tuple[str, str]]:
        return [(row["kind"], row["row_id"]) for row in self(words, kind)]


@pytest.fixture(scope="module")
def search(root, package, built) -> Iterator[Search]:
    db = sqlite3.connect(f"file:{built / package.database_name}.db?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    (query,) = [query for query in read_views(root / "sql" / "queries") if query.name == "search"]
    yield Search(db, query.sql)
    db.close()


@pytest.fixture(scope="module")
def site(root, package, built) -> Site:
    return Site(root, package, built)


def bare(text: str | None) -> str:
    return (text or "").replace("⟦", "").replace("⟧", "")


def words_of(row: sqlite3.Row) -> str:
    """All that a row shows of itself."""
    return " ".join(row[name] or "" for name in ("title", "snippet", "names", "asked", "notes"))


@pytest.mark.parametrize("kind", KINDS)
def test_everything_of_every_kind_is_found_by_its_identifier(search, kind):
    rows = search.db.execute("select row_id from search_index where kind = ?", [kind]).fetchall()
    # Questions that are called by a word that asks, such as where, are found by their words alone.
    rows = [row for row in rows if kind != "question" or "-" in row["row_id"]]
    assert rows
    for row in rows[:: max(1, len(rows) // 40)]:
        assert (kind, row["row_id"]) in search.keys(row["row_id"]), row["row_id"]


def test_an_identifier_finds_its_row_and_not_its_neighbours(search):
    assert search.keys("guidance-c012") == [("claim", "guidance-c012")]
    assert search.keys("Guidance-c012,") == [("claim", "guidance-c012")]


def test_words_of_every_passage_find_it_as_a_phrase(search):
    for row in search.db.execute("select passage_id, text from passages where kind = 'sentence'"):
        words = " ".join(row["text"].split()[:7])
        assert ("passage", row["passage_id"]) in search.keys(f'"{words}"'), words


def test_a_phrase_does_not_care_which_space_or_mark_is_printed_or_typed(search):
    printed = "use is \u00a0based on case reports"
    (passage,) = search.db.execute("select passage_id from passages where instr(text, ?)", [printed])
    for typed in (
        '"use is based on case"',
        '"use is\u00a0based on\u2009case"',
        "“use is based on case”",
        "«use\u202fis\u3000based on case»",
        '"USE IS BASED ON CASE',
    ):
        assert ("passage", passage["passage_id"]) in search.keys(typed), typed


def test_words_in_quotation_marks_are_found_side_by_side_and_as_typed(search):
    phrase, words = search.keys('"trials of ketamine"'), search.keys("trials of ketamine")
    assert {*phrase} < {*words}
    for row in search('"trials of ketamine"'):
        if row["kind"] not in ANSWERS + ENTITIES:
            assert "trials of ketamine" in bare(words_of(row)).lower().replace("\u00a0", " ")
    assert search('"ketamine of trials"') == []
    assert search('"trials of ketamin"') == []
    assert {*search.keys('"trials of ketamin')} >= {*phrase}


def test_words_side_by_side_come_before_words_apart(search):
    claims = [bare(row["title"]) for row in search("by ketamine") if row["kind"] == "claim"]
    passages = [bare(row["snippet"]).lower() for row in search("ketamine trials", "passage")]
    assert claims
    together = ["ketamine trials" in text or "trials of ketamine" in text for text in passages]
    assert True in together


@pytest.mark.parametrize("typed", ["wander", "ketam", "harpis*", "intraven"])
def test_a_word_that_is_still_being_typed_finds_what_begins_so(search, typed):
    stem = typed.rstrip("*")
    rows = search(typed)
    assert rows
    for row in rows:
        assert row["corrected"] is None
        # The answer of a question, or what is told of a thing, is shown whole.
        if row["kind"] not in ANSWERS + ENTITIES:
            assert f"⟦{stem}" in words_of(row).lower(), row["row_id"]


def test_the_word_as_typed_comes_before_words_that_begin_so(search):
    exact = {
        (row["kind"], row["row_id"])
        for row in search.db.execute(
            "select kind, row_id from search_index where search_index match ?", ['"harp"']
        )
    }
    for kind in KINDS:
        order = [key in exact for key in search.keys("harp", kind)]
        assert order == sorted(order, reverse=True), kind
    assert {*search.keys("harp")} - exact


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("infusions", "infusion"),
        ("therapies", "therapy"),
        ("treating", "treated"),
        ("diseases", "disease"),
        ("contraindicated", "contraindications"),
        ("prescribe", "prescribes"),
    ],
)
def test_common_endings_of_a_word_find_each_other(search, one, other):
    assert {*search.keys(one)} & {*search.keys(other)}


def test_case_accents_and_hyphens_make_no_difference(search):
    expected = search.keys("long pain")
    assert search.keys("LONG Pain") == expected
    assert {*search.keys("lòng päin")} == {*expected}
    hyphened = {*search.keys("Short-lived")}
    assert hyphened
    assert hyphened == {*search.keys('"short\u2011lived"')}
    assert {*search.keys("short–liv")} >= hyphened


def test_operators_are_words_like_others(search):
    for word in ("NOT", "AND", "OR"):
        assert search.keys(word) == search.keys(word.lower())
    both = {*search.keys("not recommended")}
    assert both == {*search.keys("NOT recommended")}
    assert both <= {*search.keys("not", "claim"), *search.keys("not", "passage"), *both}


def test_a_name_as_printed_finds_the_thing_first(search):
    for row in search.db.execute(
        "select distinct condition_id, mention from claim_conditions where mention_type = 'named'"
    ):
        things = [key for key in search.keys(row["mention"]) if key[0] == "condition"]
        assert things[0] == ("condition", row["condition_id"]), row["mention"]


def test_an_abbreviation_and_a_label_find_the_thing_first(search):
    assert search.keys("HRPL")[0] == ("condition", "harp-elbow")
    assert search.keys("wandering pain")[0] == ("condition", "wandering-pain")


def test_a_name_that_only_readers_use_finds_its_row_before_all_others(search):
    names = search.db.execute("select table_name, row_id, name from names").fetchall()
    assert names
    shared = {row["name"].lower() for row in search.db.execute(SHARED_NAMES)}
    for row in names:
        kind = (
            "query"
            if row["table_name"] == "queries"
            else row["table_name"].removesuffix("s").replace("_", " ")
        )
        key = (kind, row["row_id"])
        for typed in (row["name"], row["name"].upper(), f" {row['name']} "):
            place = search.keys(typed).index(key)
            # Words that lead to an answer may lead to a page too, or to a question that holds them.
            most = 3 if kind in ANSWERS else 2 if row["name"].lower() in shared else 1
            assert place < most, typed


def test_a_name_that_only_readers_use_is_shown_as_theirs(search):
    (row,) = search("aching bladder", "adverse effect")
    assert bare(row["asked"]) == "aching bladder"
    assert row["names"] is None


def test_every_code_and_its_label_find_what_they_are_mapped_to(search):
    for row in search.db.execute("select table_name, row_id, object_id, object_label from mappings"):
        kind = row["table_name"].removesuffix("s").replace("_", " ")
        assert (kind, row["row_id"]) in search.keys(row["object_id"], kind), row["object_id"]
        if row["object_label"]:
            assert (kind, row["row_id"]) in search.keys(row["object_label"], kind), row["object_label"]


def test_references_are_found_as_printed_and_as_corrected(search):
    indexed = ("title", "container_title", "year", "doi", "pmid", "publisher", "family")
    rows = [row for row in search.db.execute("select * from corrections") if row["field"] in indexed]
    assert {row["field"] for row in rows} >= {"title", "container_title", "year", "doi", "pmid"}
    for row in rows:
        key = ("reference", row["reference_id"])
        for value in (row["printed"], row["corrected"]):
            if value:
                assert key in search.keys(value, "reference"), value


@pytest.mark.parametrize("form", ["{}", "doi:{}", "https://doi.org/{}", '"{}"'])
def test_a_doi_finds_its_reference_however_it_is_pasted(search, form):
    rows = search.db.execute("select reference_id, doi from bibliography where doi is not null").fetchall()
    assert rows
    for row in rows:
        assert ("reference", row["reference_id"]) in search.keys(form.format(row["doi"])), row["doi"]


def test_a_pmid_and_an_author_with_a_year_find_their_reference(search):
    for row in search.db.execute("select reference_id, pmid from bibliography where pmid is not null"):
        for typed in (row["pmid"], f"PMID: {row['pmid']}", f"pmid:{row['pmid']}"):
            assert ("reference", row["reference_id"]) in search.keys(typed), typed
    assert ("reference", "guidance-r01") in search.keys("Alder 2020")


@pytest.mark.parametrize("words", NOTHING)
def test_nonsense_finds_nothing(search, words):
    assert search(words) == []


def test_every_row_of_nonsense_with_a_word_says_so(search):
    rows = search("xyzzyx wandering")
    assert [row["row_id"] for row in rows] == [row["row_id"] for row in search("wandering")]
    assert {row["missing"] for row in rows} == {"xyzzyx"}


@pytest.mark.parametrize("words", HARD)
def test_nothing_that_is_typed_is_syntax(search, site, words):
    rows = search(words)
    assert len(rows) <= 25 * len(KINDS)
    answer = site.get(f"{site.database}/search", params={"q": words})
    assert answer.status_code == 200
    assert "<script" not in answer.text.replace('<script type="application/ld+json"', "")


@pytest.mark.parametrize("words", NOTHING)
def test_a_page_about_nothing_helps(site, words):
    answer = site.get(f"{site.database}/search", params={"q": words})
    assert answer.status_code == 200
    page = Page(answer.text)
    (told,) = page.texts("p", class_="zero-results")
    assert "Nothing here holds" in told or "Type words or a whole question" in told
    assert "Where to go" in page.texts("h2")
    assert len(answer.text) < 150_000


def test_a_page_about_nothing_offers_names_that_begin_alike(site):
    page = site.page(f"{site.database}/search?q=wandmqrtxel")
    assert "wandering pain" in page.texts("li")
    assert "/ketamine_pain/conditions/wandering-pain" in page.attributes("href", "a")


def test_claims_about_the_words_come_before_claims_that_only_hold_them(search):
    for words in ("wandering", "harp elbow", "anaesthetic"):
        sections = [row["section"] for row in search(words)]
        order = ["pages", "claims", "mentions", "passages", "references"]
        assert sections == sorted(sections, key=order.index), words
        for row in search(words):
            if row["section"] == "mentions":
                assert "⟦" not in row["title"], row["row_id"]
            if row["section"] == "claims":
                assert "⟦" in (row["title"] + (row["names"] or "") + (row["asked"] or "")), row["row_id"]


def test_claims_of_a_passage_stand_together(search):
    rows = search("ketamine", "claim")
    passages = [(row["section"], row["passage_id"]) for row in rows]
    runs = [place for place, _ in itertools.groupby(passages)]
    assert len(runs) < len(passages)
    assert len(runs) == len({*runs})


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("does ketamine help in wandering pain?", ("condition", "wandering-pain")),
        ("is there any evidence for plucker's elbow", ("condition", "harp-elbow")),
        ("who may not be given it", ("query", "contraindications")),
        ("is it perilous", ("claim type", "safety")),
        ("how long will it last", ("question", "lasting")),
        ("wandrring pain", ("condition", "wandering-pain")),
        ("contraindications", ("claim type", "contraindication")),
        ("HRPL or fever", ("condition", "harp-elbow")),
        ("guidance reference 2", ("reference", "guidance-r02")),
    ],
)
def test_a_question_leads_to_the_page_or_the_answer(search, typed, first):
    assert search.keys(typed)[0] == first


def test_the_thing_comes_first_and_the_question_with_its_answer_second(search):
    rows = search("does it help with harp elbow")
    assert [(row["kind"], row["row_id"]) for row in rows[:2]] == [
        ("condition", "harp-elbow"),
        ("question", "help-in-harp-elbow"),
    ]
    names = [row["short_name"] for row in search.db.execute("select short_name from sources")]
    assert sum(f"{name}: " in rows[1]["snippet"] for name in names) > 1


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("wandring", "wandering"),
        ("wandeering", "wandering"),
        ("wanderimg", "wandering"),
        ("wadnering", "wandering"),
        ("anesthtic", "anaesthetic"),
        ("edlbow", "elbow"),
        ("pian", "pain"),
        ("nfusion", "infusion"),
    ],
)
def test_a_slip_is_corrected_and_said(search, site, typed, word):
    rows = search(typed)
    assert {row["corrected"] for row in rows} == {f"{typed}: {word}"}
    assert [row["row_id"] for row in rows] == [row["row_id"] for row in search(word)]
    told = site.page(f"{site.database}/search?q={typed}").texts("p", class_="reading")
    assert told == [f"Nothing here holds “{typed}”. Shown is {word}."]


@pytest.mark.parametrize(
    "typed", ["paix", "wanqqqring", "ylbow", "mabzxng", "elbovvz", '"wandring"', "1elbow"]
)
def test_more_than_a_slip_is_not_corrected(search, typed):
    assert search(typed) == []


def test_a_word_that_stands_nowhere_with_the_others_is_left_out_and_said(search, site):
    rows = search("wandering mice")
    assert {row["dropped"] for row in rows} == {"mice"}
    assert ("condition", "wandering-pain") in search.keys("wandering mice")[:2]
    page = site.page(f"{site.database}/search?q=wandering+mice+xyzzyx")
    told = page.texts("p", class_="reading")
    assert any("“xyzzyx”" in text and "reference here holds this word" in text for text in told)
    assert any("Left out below: mice." in text for text in told)
    assert "?q=mice" in page.attributes("href", "a")


def test_a_word_that_most_rows_hold_narrows_nothing(search):
    assert search.keys("ketamine wandering") == search.keys("wandering")
    assert search.keys("ketamine")


def test_words_that_ask_and_join_are_not_looked_for(search):
    assert search.keys("what is the wandering of it about?") == search.keys("wandering")


def test_the_order_is_the_same_every_time(search):
    assert search.keys("ketamine pain") == search.keys("ketamine pain")


def test_counts_tell_how_many_there_are_and_a_kind_can_be_asked_for(search):
    rows = search("pain")
    for kind in {row["kind"] for row in rows}:
        shown = [row for row in rows if row["kind"] == kind]
        whole = search("pain", kind)
        assert {row["found"] for row in shown} == {len(whole)}
        assert shown == whole[:25]
    assert search("pain", "nonsense") == []


def test_a_missing_value_is_an_empty_one(search):
    assert search.db.execute(search.sql, {"q": None, "kind": None}).fetchall() == []
    assert search.db.execute(search.sql, {"q": "pain", "kind": None}).fetchall() == search("pain")


def test_the_query_searches_no_table_row_by_row(search):
    """What SQLite would do to the index without its words, is to read all of it."""
    plan = [row["detail"] for row in search.db.execute(f"explain query plan {search.sql}", ["pain", ""])]
    scans = [step for step in plan if re.search("search_(index|stems|names)", step)]
    assert scans
    # Every reading of the index is by its words (M) or by one row (=), never by nothing (0:).
    assert all("VIRTUAL TABLE INDEX" in step and not step.endswith("INDEX 0:") for step in scans), scans


def test_the_page_shows_pages_then_claims_then_the_rest(site, search):
    rows = search("wandering")
    page = site.page(f"{site.database}/search?q=wandering")
    sections = list(dict.fromkeys(row["section"] for row in rows))
    headings = [text for text in page.texts("h2") if text in HEADINGS.values()]
    assert headings == [HEADINGS[name] for name in sections]
    found = {row["kind"]: row["found"] for row in rows}
    assert f"{sum(found.values())} found" in page.texts("h2")
    assert {text.lower() for text in page.texts("b")} >= {"wandering"}
    assert page.texts("h3")[0] == "wandering pain"
    assert not page.texts("mark")


def test_a_section_that_is_cut_leads_to_all_of_a_kind(site, search):
    found = search("pain", "claim")[0]["found"]
    page = site.page(f"{site.database}/search?q=pain")
    assert any(f"All {found} claims" in text for text in page.texts("p", class_="next"))
    (href,) = {href for href in page.attributes("href", "a") if href.endswith("&kind=claim")}
    rest = site.page(f"{site.database}/search{href}")
    assert len(rest.texts("h3")) == found


def test_every_hit_leads_somewhere(site):
    page = site.page(f"{site.database}/search?q=ketamine+pain")
    hits = page.html.partition('<section class="hits"')[2].partition("<details>")[0]
    links = {link.partition("#")[0] for link in re.findall('href="(/[^"]+)', hits)}
    assert len(links) > 10, links
    for href in sorted(links):
        site.page(href)


def test_claims_among_the_hits_keep_their_stance_and_lead_to_their_words(site):
    page = site.page(f"{site.database}/search?q=clinic-page-c003")
    assert "/ketamine_pain/claims/clinic-page-c003" in page.attributes("href", "a")
    assert "/sources/clinic-page#clinic-page-c003" in page.attributes("href", "a")
    assert [text.strip() for text in page.texts("p", class_="tags")][0].startswith("supports")
    assert page.texts("ul", class_="key")


def test_the_page_says_when_it_read_only_part_of_what_was_typed(site):
    told = "Only the first 400 characters and 16 words are read."
    assert told in site.page(f"{site.database}/search?q={'pain+' * 17}").texts("p")
    assert told not in site.page(f"{site.database}/search?q=pain").texts("p")


def test_csv_and_json_hold_the_rows_in_their_order(site, search):
    rows = site.rows("search.json?q=long+pain")
    assert [(row["kind"], row["row_id"]) for row in rows] == search.keys("long pain")
    lines = site.get(f"{site.database}/search.csv?q=long+pain").text.splitlines()
    assert len(lines) == len(rows) + 1


@pytest.mark.long
@pytest.mark.parametrize("edition", ["quotes", "none"])
def test_an_edition_finds_what_it_holds(root, package, tmp_path, edition):
    site = Site(root, package, build_edition(package, tmp_path / "build", edition))
    kinds = {row["kind"] for row in site.rows("search.json?q=wandering")}
    assert {"claim", "condition"} <= kinds
    assert "passage" not in kinds
    named = [row["row_id"] for row in site.rows("search.json?q=HRPL") if row["kind"] == "condition"]
    assert named == (["harp-elbow"] if edition == "quotes" else [])
    # What only readers say is no document's text.
    assert site.rows("search.json?q=plucker's elbow")[0]["row_id"] == "harp-elbow"
    site.page(f"{site.database}/search?q=wandering")
    site.page(f"{site.database}/claims_flat?_condition_id=wandering-pain")
