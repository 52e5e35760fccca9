"""Relations in the browser: two passages and a question, by the order of decision, by two readers."""

import csv
import html
import re

import pytest

from scripts.curation.agreement import RELATION_READERS, group_relations, read_relations
from scripts.curation.figures import compare_relations
from tests.curation.commands import read_data
from tests.curation.test_curate import Browser, Fields, find_sentence
from tests.curation.test_curate_readings import make_claims

pytestmark = pytest.mark.long
PASSAGE = "exercise-p005"


@pytest.fixture
def related(exercise_copy):
    """A draft with two claims, beside passages of published documents."""
    return exercise_copy, make_claims(exercise_copy)


def list_beside(browser, passage=PASSAGE):
    """The passages that stand beside one, nearest first."""
    return re.findall(r'<section class="alike" id="([\w-]+)"', browser.open(f"/relations/{passage}"))


def read_table(copy, name):
    """The rows of the draft in a table of relations or questions."""
    return [row for row in copy.rows(name) if any("exercise" in value for value in row.values())]


def relate(browser, other, status=303, passage=PASSAGE, **values):
    path = f"/relations/{passage}/{other}"
    given = {"asked": "other", "question": "Does it ease the elbow?", "topic": "efficacy", **values}
    return browser.post(path, {**Fields(browser.open(path), path).values, **given}, status)


def test_a_pair_of_passages_a_question_and_a_relation_become_rows(related):
    copy, browser = related
    other = list_beside(browser)[0]
    assert (
        relate(browser, other, relation="agrees", reason="Both affirm relief.")
        == f"/relations/{PASSAGE}#{other}"
    )
    (row,) = read_table(copy, "claim_relations")
    assert {row["claim_id"], row["related_claim_id"]} >= {"exercise-c001"}
    assert row["claim_id"] < row["related_claim_id"]
    assert (row["relation"], row["reason"], row["question_id"]) == (
        "agrees",
        "Both affirm relief.",
        "ease-elbow",
    )
    assert ("ease-elbow", "Does it ease the elbow?", "efficacy") in [
        tuple(row.values()) for row in copy.rows("questions")
    ]
    page = browser.open(f"/relations/{PASSAGE}")
    assert "<b>agrees</b> · Does it ease the elbow?" in page
    assert re.search(r'With relations" class="r num">1<', browser.open("/relations"))


def test_qualifies_starts_from_the_narrower_passage(related):
    copy, browser = related
    other = list_beside(browser)[0]
    relate(browser, other, relation="is_qualified", reason="The other is narrower.")
    (row,) = read_table(copy, "claim_relations")
    assert (row["related_claim_id"], row["relation"]) == ("exercise-c001", "qualifies")
    assert "is qualified by" in browser.open(f"/relations/{PASSAGE}")
    path = f"/relations/{PASSAGE}/{other}"
    form = Fields(browser.open(f"{path}?question={row['question_id']}"), path).values
    browser.post(path, {**form, "relation": "qualifies"})
    (row,) = read_table(copy, "claim_relations")
    assert (row["claim_id"], row["relation"]) == ("exercise-c001", "qualifies")


def test_what_is_missing_is_said_and_nothing_is_saved(related):
    copy, browser = related
    other = list_beside(browser)[0]
    before = read_data(copy)
    page = relate(browser, other, 422, topic="", question="Is it new?", relation="", reason=" ")
    wrong = Fields(page, f"/relations/{PASSAGE}/{other}").wrong
    assert wrong == {
        "relation": "choose the first that holds, from the top",
        "reason": "empty; say what each side says that decides it",
        "topic": "empty; choose what the new question is about",
    }
    assert "Is it new?" in page
    assert read_data(copy) == before


def test_rules_speak_at_the_fields_as_one_types(related):
    copy, browser = related
    other = list_beside(browser)[0]
    path = f"/relations/{PASSAGE}/{other}"
    form = Fields(browser.open(path), path).values
    given = {
        "asked": "other",
        "question": "Does it ease the elbow",
        "topic": "efficacy",
        "relation": "complements",
    }
    sent = {**form, **given, "reason": "One says relief.", "form_token": browser.gate.form_token}
    status, _, page = browser.ask("POST", f"{path}/check", sent)
    assert status == 200
    assert "only questions of caution, dose, harm, licensing join two topics" in html.unescape(page)
    assert "not a question; end it with a question mark" in page


def test_a_question_that_exists_is_found_by_its_words(related):
    copy, browser = related
    first, second = list_beside(browser)[:2]
    relate(browser, first, relation="agrees", reason="Both affirm relief.")
    relate(
        browser, second, question="does it ease the ELBOW?", topic="", relation="agrees", reason="Both do."
    )
    assert {row["question_id"] for row in read_table(copy, "claim_relations")} == {"ease-elbow"}


def test_removing_a_relation_removes_its_question_and_undo_brings_both_back(related):
    copy, browser = related
    other, before = list_beside(browser)[0], read_data(copy)
    relate(browser, other, relation="agrees", reason="Both affirm relief.")
    saved = read_data(copy)
    path = f"/relations/{PASSAGE}/{other}"
    form = Fields(browser.open(f"/relations/{PASSAGE}"), f"{path}/remove").values
    browser.post(f"{path}/remove", form)
    assert read_data(copy) == before
    browser.post("/undo")
    assert read_data(copy) == saved


def test_a_pair_that_is_not_worth_comparing_is_remembered_until_it_is_related(related):
    copy, browser = related
    other = list_beside(browser)[0]
    path = f"/relations/{PASSAGE}/{other}"
    form = Fields(browser.open(f"/relations/{PASSAGE}"), f"{path}/apart").values
    browser.post(f"{path}/apart", form)
    rejected = copy.root / "data/curation/rejected/exercise.csv"
    assert f"{PASSAGE},claim_relations,{other}," in rejected.read_text(encoding="utf-8")
    assert "Not set side by side." in browser.open(f"/relations/{PASSAGE}")
    relate(browser, other, relation="agrees", reason="Both affirm relief.")
    assert "claim_relations" not in rejected.read_text(encoding="utf-8")


def test_a_stale_pair_saves_nothing(related):
    copy, browser = related
    other = list_beside(browser)[0]
    path = f"/relations/{PASSAGE}/{other}"
    form = Fields(browser.open(path), path).values
    relate(browser, other, relation="agrees", reason="Both affirm relief.")
    before = read_data(copy)
    given = {
        "asked": "other",
        "question": "Is it so?",
        "topic": "efficacy",
        "relation": "agrees",
        "reason": "Yes.",
    }
    page = browser.post(path, {**form, **given}, 409)
    assert "was changed since, in another window" in page
    assert "Is it so?" in page
    assert read_data(copy) == before


def test_any_other_passage_is_named_by_its_id_or_that_of_a_claim(related):
    copy, browser = related
    fever = find_sentence(copy, "moss fever")
    assert browser.post(f"/relations/{PASSAGE}", {"other": fever}) == f"/relations/{PASSAGE}/{fever}"
    assert (
        browser.post(f"/relations/{PASSAGE}", {"other": "exercise-c002"}) == f"/relations/{PASSAGE}/{fever}"
    )
    for wrong in ("nothing", PASSAGE, "", "exercise-p001"):
        assert "no other passage with claims" in browser.post(f"/relations/{PASSAGE}", {"other": wrong}, 409)
    assert browser.ask("GET", f"/relations/{PASSAGE}/nothing")[0] == 404


# ---- two readers ----


@pytest.fixture
def twice(related):
    """A draft whose relations two readers recorded: one alike, one otherwise, and one only by the second."""
    copy, first = related
    other, third = list_beside(first)[:2]
    relate(first, other, relation="agrees", reason="Both affirm relief.")
    relate(
        first,
        third,
        question="How sure is it?",
        topic="evidence",
        relation="qualifies",
        reason="One is hedged.",
    )
    second = Browser(copy.descriptor, reader="reader-d")
    relate(second, other, relation="agrees", reason="Relief on both sides.")
    relate(
        second,
        third,
        question="How sure is it?",
        topic="evidence",
        relation="agrees",
        reason="Both are sure.",
    )
    fever = find_sentence(copy, "moss fever")
    relate(
        second,
        fever,
        question="Where does it fail?",
        topic="population",
        relation="in_tension",
        reason="One refuses.",
    )
    return copy, first, second


def test_the_second_reader_of_relations_is_blind_and_changes_no_table(twice):
    copy, first, _ = twice
    fresh = Browser(copy.descriptor, reader="reader-d")
    before = read_data(copy)
    for path in ("/", "/relations", f"/relations/{PASSAGE}", f"/relations/{PASSAGE}/{list_beside(first)[0]}"):
        assert "Both affirm relief." not in fresh.open(path)
        assert "One is hedged." not in fresh.open(path)
    assert re.findall(r'<li><a href="([^"]+)"', fresh.open("/")) == ["/relations"]
    assert fresh.ask("GET", "/compare/relations")[0] == 404
    assert fresh.ask("GET", "/passages/exercise-p005")[0] == 404
    fresh.post("/undo")
    changed = {name for name, data in read_data(copy).items() if before.get(name) != data}
    assert changed == {"data/curation/relations/reader-d/exercise/relations.csv"}


def test_agreement_on_relations_is_that_of_the_method_page(twice):
    copy, first, _ = twice
    first.post("/compare/relations")
    page = html.unescape(first.open("/compare/relations"))
    corpus = first.workbench.desk.read().corpus
    passages = {row.key: row["passage_id"] for row in corpus["claims"].rows}
    folder = copy.root / "data/curation/relations"
    readings = [group_relations(read_relations(folder, reader), passages) for reader in RELATION_READERS]
    everything = list(compare_relations(corpus, *readings, {row.key for row in corpus.sources}))[-1]
    assert everything[1] == "0.80 (2, 3, 2)"
    for cell in everything[1:]:
        assert cell in page


def test_what_differs_is_decided_with_a_reason_and_becomes_rows_and_log(twice):
    copy, first, _ = twice
    first.post("/compare/relations")
    page = first.open("/compare/relations")
    assert "1 of 3 comparisons settled" in page
    action = "/compare/relations/decide"
    forms = re.findall(r'name="pair" value="([^"]+)"', page)
    choices = {"evidence": "second", "population": "neither"}
    for escaped in forms:
        name = html.unescape(escaped)
        topic = name.rpartition("+")[2]
        shown = first.open("/compare/relations")
        version = re.search(rf'value="{re.escape(escaped)}".*?name="version" value="(\w+)"', shown)
        form = {"pair": name, "version": version[1], "choice": choices[topic]}
        assert "empty; say why it was decided so" in first.post(action, {**form, "reason": " "}, 422)
        first.post(action, {**form, "reason": "The words say so."})
    assert "3 of 3 comparisons settled" in first.open("/compare/relations")
    rows = {row["question_id"]: row["relation"] for row in read_table(copy, "claim_relations")}
    assert rows == {"ease-elbow": "agrees", "how-sure": "agrees"}
    with (copy.root / "data/curation/relations/adjudication.csv").open(encoding="utf-8") as lines:
        log = [
            # Which claim stands first depends on which passages are suggested.
            (
                row["topic"],
                row["reader_c"].replace("is qualified by", "qualifies"),
                row["reader_d"],
                row["decided"],
                row["reason"],
            )
            for row in csv.DictReader(lines)
        ]
    assert sorted(log) == [
        ("efficacy", "agrees", "agrees", "agrees", "Both readers have it."),
        ("evidence", "qualifies", "agrees", "agrees", "The words say so."),
        ("population", "", "in_tension", "none", "The words say so."),
    ]


def test_consensus_on_relations_needs_a_second_reading(related):
    _, first = related
    assert "there is no second reading of the relations yet" in first.post("/compare/relations", status=409)
    assert "READER=reader-d" in first.open("/compare/relations")
