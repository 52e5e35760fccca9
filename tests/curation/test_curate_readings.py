"""Two readers of one text in the browser, from blind to consensus."""

import csv
import html
import re

import pytest

from tests.curation.commands import EXERCISE, add_source, read_data, review, run_command
from tests.curation.test_curate import STATEMENT, Browser, Fields, find_sentence, save_efficacy

pytestmark = pytest.mark.long
FEVER = "Against moss fever, ketamine is not recommended."
UNIT = "Pain units give ketamine as an infusion into a vein."


def save_fever(browser, copy, **values):
    path = f"/passages/{find_sentence(copy, 'moss fever')}"
    given = {"statement": FEVER, "claim_type": "recommendation", "stance": "against", **values}
    form = browser.fill(path, **given)
    (line,) = (name for name, value in form.items() if value == "conditions/moss-fever")
    return browser.post(path, {**form, line.replace("entity", "role"): "not_recommended"})


def read_log(copy):
    with (copy.root / "data/curation/adjudication.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def make_claims(copy):
    """The first reader, after two claims of the draft."""
    first = Browser(copy.descriptor)
    save_efficacy(first)
    save_fever(first, copy)
    return first


@pytest.fixture
def both(exercise_copy):
    """A draft that two readers read: alike in one claim, otherwise in another, and one only by the second."""
    first = make_claims(exercise_copy)
    second = Browser(exercise_copy.descriptor, reader="reader-b")
    save_efficacy(second, statement="Patients with harp elbow may in some cases get relief from ketamine.")
    save_fever(second, exercise_copy, claim_type="efficacy")
    last = find_sentence(exercise_copy, "by intravenous infusion")
    second.save(f"/passages/{last}", statement=UNIT, claim_type="administration")
    return exercise_copy, first, second


def test_the_second_reader_sees_nothing_of_the_first(both):
    copy, first, _ = both
    passage = find_sentence(copy, "moss fever")
    form = Fields(first.open("/passages/exercise-p003"), "/passages/exercise-p003/reason").values
    first.post("/passages/exercise-p003/reason", {**form, "reason": "Warns against itself."})
    fresh = Browser(copy.descriptor, reader="reader-b")
    for path in (
        "/",
        "/passages/exercise-p003",
        "/passages/exercise-p005",
        f"/passages/{passage}",
        "/left",
        "/checklist",
    ):
        page = fresh.open(path)
        assert STATEMENT not in page
        assert "Warns against itself." not in page


def test_the_second_reader_changes_no_table(both):
    copy, _, second = both
    before = read_data(copy)
    form = Fields(second.open("/passages/exercise-p003"), "/passages/exercise-p003/reason").values
    second.post("/passages/exercise-p003/reason", {**form, "reason": "Says nothing."})
    changed = {name for name, data in read_data(copy).items() if before.get(name) != data}
    assert changed == {"data/curation/reader-b/exercise/passage_reasons.csv"}
    second.post("/undo")
    assert read_data(copy) == before


def test_agreement_is_that_of_make_review(both):
    copy, first, _ = both
    assert first.post("/compare", {"sure": "on"}) == "/compare"
    page = first.open("/compare")
    folders = (copy.root / "data/curation" / reader / "exercise" for reader in ("reader-a", "reader-b"))
    one, other = folders
    output = copy.root / "dist" / "review"
    words = (copy.descriptor, "--source", "exercise", "--first", one, "--against", other, "--output", output)
    printed = run_command(review, copy, *words).output
    table = re.findall(r"<tr><th scope=\"row\">(.*?)</th><td class=\"r num\">(.*?)</td></tr>", page)
    assert table
    for measure, value in table:
        assert f"| {measure} | {value} |" in printed


def test_both_stand_beside_each_other_and_consensus_becomes_the_rows(both):
    copy, first, _ = both
    first.post("/compare", {"sure": "on"})
    claims = {row["claim_id"]: row for row in copy.rows("claims") if row["claim_id"].startswith("exercise")}
    assert claims["exercise-c001"]["extraction"] == "both_readers"
    assert claims["exercise-c002"]["extraction"] == "one_reader"
    page = first.open("/compare")
    assert "1 of 3 claims settled" in page
    forms = re.findall(
        r'action="/decide/([\w-]+)".*?name="pair" value="([^"]+)".*?name="version" value="(\w+)"',
        page,
        re.DOTALL,
    )
    assert [pair.replace("&#43;", "+") for _, pair, _ in forms] == [
        "exercise-c002+exercise-c002",
        "+exercise-c003",
    ]
    for (passage, pair, _), choice in zip(forms, ("first", "second"), strict=True):
        version = re.search(
            rf'value="{re.escape(pair)}".*?name="version" value="(\w+)"', first.open("/compare"), re.DOTALL
        )[1]
        form = {
            "pair": pair.replace("&#43;", "+"),
            "version": version,
            "choice": choice,
            "reason": "The words advise.",
        }
        assert first.post(f"/decide/{passage}", form) == "/compare"
    claims = {row["claim_id"]: row for row in copy.rows("claims") if row["claim_id"].startswith("exercise")}
    assert claims["exercise-c002"]["claim_type"] == "recommendation"
    assert claims["exercise-c002"]["extraction"] == "adjudicated"
    assert claims["exercise-c003"]["statement"] == UNIT
    assert "3 of 3 claims settled" in first.open("/compare")
    log = [
        (row["claim_id"], row["field"], row["reader_a"], row["reader_b"], row["decided"], row["reason"])
        for row in read_log(copy)
    ]
    assert log == [
        ("exercise-c002", "claim_type", "recommendation", "efficacy", "recommendation", "The words advise."),
        ("exercise-c003", "claim", "", UNIT, UNIT, "The words advise."),
    ]


def test_a_decision_needs_a_reason(both):
    copy, first, _ = both
    first.post("/compare", {"sure": "on"})
    before = read_data(copy)
    page = first.open("/compare")
    passage, pair, version = re.search(
        r'action="/decide/([\w-]+)".*?name="pair" value="([^"]+)".*?name="version" value="(\w+)"',
        page,
        re.DOTALL,
    ).groups()
    form = {"pair": pair.replace("&#43;", "+"), "version": version, "choice": "second", "reason": " "}
    assert "empty; say why it was decided so" in first.post(f"/decide/{passage}", form, 422)
    assert read_data(copy) == before


def test_consensus_needs_a_second_reading(package_copy):
    run_command(add_source, package_copy, EXERCISE, "exercise", package_copy.descriptor)
    first = Browser(package_copy.descriptor)
    assert "there is no second reading yet" in first.post("/compare", status=409)
    assert "make curate SOURCE=exercise READER=reader-b" in first.open("/compare")


# ---- reasons, the checklist, and agreement as work goes on ----


def give_reason(browser, passage, reason):
    action = f"/passages/{passage}/reason"
    form = Fields(browser.open(f"/passages/{passage}"), action).values
    return browser.post(action, {**form, "reason": reason})


def find_pair(page, name):
    """The version in the form on a pair or on cells."""
    escaped = re.escape(html.escape(name).replace("+", "&#43;"))
    return re.search(
        rf'name="pair" value="(?:{escaped}|{re.escape(name)})".*?name="version" value="(\w+)"',
        page,
        re.DOTALL,
    )[1]


def decide(browser, action, name, choice, why="It fits the protocol.", status=303):
    version = find_pair(browser.open("/compare"), name)
    return browser.post(action, {"pair": name, "version": version, "choice": choice, "reason": why}, status)


def read_reason(copy, passage):
    return next(row["reason"] for row in copy.rows("passages") if row["passage_id"] == passage)


def test_a_claim_that_is_taken_ends_the_reason_and_one_that_goes_brings_a_reason_back(both):
    copy, first, second = both
    last, fever = find_sentence(copy, "by intravenous infusion"), find_sentence(copy, "moss fever")
    give_reason(first, last, "Only says how.")
    form = Fields(
        second.open(f"/passages/{fever}?claim=exercise-c002"), "/claims/exercise-c002/remove"
    ).values
    second.post("/claims/exercise-c002/remove", form)
    give_reason(second, fever, "Names no benefit.")
    first.post("/compare", {"sure": "on"})
    decide(first, f"/decide/{last}", "+exercise-c003", "second")
    assert read_reason(copy, last) == ""
    decide(first, f"/decide/{fever}", "exercise-c002+", "neither")
    assert read_reason(copy, fever) == "Names no benefit."
    first.post("/undo")
    assert read_reason(copy, fever) == ""


def test_the_words_of_a_reason_are_chosen_or_stay(both):
    copy, first, second = both
    give_reason(first, "exercise-p003", "Warns against itself.")
    give_reason(second, "exercise-p003", "A warning about the text.")
    first.post("/compare", {"sure": "on"})
    page = first.open("/compare")
    assert "A warning about the text." in page
    name = "passages/exercise-p003"
    assert "empty; say why" in decide(first, "/compare/cells", name, "second", " ", 422)
    decide(first, "/compare/cells", name, "second")
    assert read_reason(copy, "exercise-p003") == "A warning about the text."
    row = read_log(copy)[-1]
    assert (row["passage_id"], row["field"], row["reader_a"], row["reader_b"], row["decided"]) == (
        "exercise-p003",
        "reason",
        "Warns against itself.",
        "A warning about the text.",
        "A warning about the text.",
    )


def test_the_checklist_is_settled_item_by_item(both):
    copy, first, second = both
    item = "search_described"
    first.save("/checklist", **{f"{item}__stated": "no", f"{item}__passage_id": ""})
    # Only the second reader has a claim that names a route.
    given = {f"{item}__stated": "unspecific", f"{item}__passage_id": "exercise-p005"}
    second.save("/checklist", **given, route_named__passage_id="")
    first.post("/compare", {"sure": "on"})
    assert "0 of 1 items" in first.open("/compare")
    decide(first, "/compare/cells", f"source_reporting/{item}", "second")
    (row,) = (
        row for row in copy.rows("source_reporting") if (row["source_id"], row["item"]) == ("exercise", item)
    )
    assert (row["stated"], row["passage_id"]) == ("unspecific", "exercise-p005")
    assert "1 of 1 items" in first.open("/compare")
    logged = {row["field"]: (row["passage_id"], row["decided"]) for row in read_log(copy)}
    assert logged[f"{item}.stated"] == ("exercise-p005", "unspecific")
    # A second thought replaces the first in the log.
    decide(first, "/compare/cells", f"source_reporting/{item}", "first")
    assert len([row for row in read_log(copy) if row["field"] == f"{item}.stated"]) == 1


def test_agreement_shows_while_both_still_read(both):
    copy, first, second = both
    assert "so far 2." in first.open("/compare")
    claimed = {row["passage_id"] for row in copy.rows("claims")} | {
        find_sentence(copy, "by intravenous infusion")
    }
    for row in copy.rows("passages"):
        is_running = row["kind"] in ("sentence", "list_item")
        if row["source_id"] == "exercise" and is_running and row["passage_id"] not in claimed:
            give_reason(first, row["passage_id"], "Says nothing of ketamine.")
            give_reason(second, row["passage_id"], "Not about ketamine.")
    page = first.open("/compare")
    assert "Both readers have a claim or a reason for" in page
    assert "claims found, F1" in page
    assert second.ask("GET", "/compare")[0] == 404


def test_readings_that_have_not_ended_are_put_together_only_by_who_is_sure(both):
    _, first, _ = both
    assert "6 sentences" in re.sub("<[^>]*>", "", first.open("/compare"))
    page = first.post("/compare", status=409)
    assert "sentences have no claim or reason by both readers yet" in page
    assert first.post("/compare", {"sure": "on"}) == "/compare"
