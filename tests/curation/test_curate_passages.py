"""The passages of a draft, corrected in the workbench: their kinds and cuts, what follows, and what is refused."""

import html
import json
import re

import pytest

from invented.copies import messages
from tests.curation.commands import add_source, passages, read_data, run_command
from tests.curation.test_curate import Browser, Fields, save_efficacy

# The passages of the exercise: 1 title, 2-3 sentences, 4 heading, 5-7 sentences, 8 heading, 9 sentence, 10 heading.
ENTRIES = """Harps

Ketamine may relieve harp elbow.

References

1. Doe J. First work. 2013
Invented Letters on Harps.
Further words of it.

2. Roe R. Second work. 2014
"""


@pytest.fixture
def draft(exercise_copy):
    """A copy of the invented data set with the exercise as a draft."""
    return exercise_copy


@pytest.fixture
def browser(draft):
    return Browser(draft.descriptor)


def page_of(number, act="cut", source="exercise"):
    return f"/passages/{source}-p{number:03}/{act}"


def correct(browser, number, act, status=303, source="exercise", **values):
    """Sends one form of the page of a passage's cut, with some fields changed."""
    action = page_of(number, act, source)
    form = Fields(browser.open(page_of(number, source=source)), action).values
    form.pop("kind", None)
    return browser.post(action, {**form, **values}, status)


def cut(copy, source="exercise"):
    return sorted(
        (row for row in copy.rows("passages") if row["source_id"] == source),
        key=lambda row: int(row["position"]),
    )


def add_text(copy, text, source="other"):
    file = copy.root / f"{source}.txt"
    file.write_text(text, encoding="utf-8", newline="")
    run_command(add_source, copy, file, source, copy.descriptor)
    return Browser(copy.descriptor, source)


def told(browser):
    """What the page says after a save."""
    return html.unescape(re.search(r'role="status">([^<]*)<', browser.follow())[1])


def saved_reason(browser, number, reason):
    path = f"/passages/exercise-p{number:03}"
    form = Fields(browser.open(path), f"{path}/reason").values
    browser.post(f"{path}/reason", {**form, "reason": reason})


# ---- kinds ----


def test_kinds_are_those_of_the_descriptor(browser, draft):
    page = html.unescape(browser.open(page_of(4)))
    kinds = draft.read().by_name["passages"].field("kind").enum_descriptions
    for name, what in kinds.items():
        assert f'value="{name}"' in page
        assert what in page
    assert re.findall(r'value="(\w+)" checked', page) == ["heading"]


def test_sections_follow_a_heading_that_becomes_a_sentence_and_one_that_was_none(browser, draft):
    before = read_data(draft)
    assert correct(browser, 8, "kind", kind="sentence") == page_of(8)
    rows = cut(draft)
    assert (rows[7]["kind"], rows[7]["section"], rows[8]["section"]) == (
        "sentence",
        "What it is used for",
        "What it is used for",
    )
    assert told(browser) == (
        'Saved: the kind of exercise-p008. 1 passage after it: now in the section "What it is used for".'
    )
    assert messages(draft) == []
    correct(browser, 3, "kind", kind="heading")
    rows = cut(draft)
    assert (rows[2]["section"], rows[3]["section"], rows[4]["section"]) == ("", "", "What it is used for")
    browser.post("/undo")
    browser.post("/undo")
    assert read_data(draft) == before


@pytest.mark.long
def test_the_title_of_the_document_and_its_metadata_follow_the_title(browser, draft):
    before = read_data(draft)
    correct(browser, 1, "kind", kind="heading")
    correct(browser, 2, "kind", kind="title")
    correct(browser, 3, "kind", kind="metadata")
    (source,) = (row for row in draft.rows("sources") if row["source_id"] == "exercise")
    assert source["title"] == "This text was written for the tests of a software project."
    assert cut(draft)[2]["part_of"] == "exercise-p002"
    assert messages(draft) == []
    correct(browser, 2, "kind", kind="navigation")
    assert cut(draft)[2]["part_of"] == ""
    for _ in range(4):
        browser.post("/undo")
    assert read_data(draft) == before


@pytest.mark.long
def test_lines_of_entries_follow_the_line_that_begins_the_entry(package_copy):
    browser = add_text(package_copy, ENTRIES)
    first = next(int(row["position"]) for row in cut(package_copy, "other") if row["kind"] == "entry_line")

    def parts():
        return [row["part_of"].removeprefix("other-p0") for row in cut(package_copy, "other")[first - 1 :]]

    begun = f"{first:02}"
    assert parts() == ["", begun, begun, ""]
    before = read_data(package_copy)
    correct(browser, first + 1, "kind", source="other", kind="entry_line", continues="")
    assert parts() == ["", "", f"{first + 1:02}", ""]
    correct(browser, first + 3, "kind", source="other", kind="entry_line", continues="on")
    assert parts() == ["", "", f"{first + 1:02}", f"{first + 1:02}"]
    browser.post("/undo")
    browser.post("/undo")
    assert read_data(package_copy) == before
    correct(browser, first, "kind", source="other", kind="navigation")
    assert parts() == ["", "", f"{first + 1:02}", ""]
    assert messages(package_copy) == []
    browser.post("/undo")
    assert read_data(package_copy) == before


def test_what_is_no_running_text_any_more_needs_no_reason(browser, draft):
    saved_reason(browser, 3, "Warns.")
    correct(browser, 3, "kind", kind="navigation")
    assert cut(draft)[2]["reason"] == ""
    assert 'Exercise-p003: needs no reason any more, which was "Warns.".' in told(browser)
    browser.post("/undo")
    assert cut(draft)[2]["reason"] == "Warns."


def test_a_passage_with_a_claim_stays_running_text(browser, draft):
    save_efficacy(browser)
    before = read_data(draft)
    page = correct(browser, 5, "kind", 422, kind="heading")
    assert Fields(page, page_of(5, "kind")).wrong["kind"] == (
        "exercise-p005: exercise-c001 quotes it, and only sentences and list items are quoted; "
        "change or remove that first"
    )
    assert re.findall(r'value="(\w+)" checked', page) == ["heading"]
    assert read_data(draft) == before
    correct(browser, 5, "kind", kind="list_item")
    assert cut(draft)[4]["kind"] == "list_item"


@pytest.mark.parametrize(("kind", "said"), [("", 422), ("poem", 422), ("sentence", 303)])
def test_a_kind_is_one_of_the_list(kind, said, browser, draft):
    before = read_data(draft)
    page = correct(browser, 5, "kind", said, kind=kind)
    if said == 422:
        assert Fields(page, page_of(5, "kind")).wrong["kind"] == "choose what the passage is"
    else:
        assert told(browser) == "Nothing was changed."
    assert read_data(draft) == before


# ---- splitting and joining ----


def test_a_split_is_that_of_the_command_and_undone_to_the_byte(browser, draft):
    before = read_data(draft)
    assert correct(browser, 5, "split", before="in some") == page_of(5)
    assert told(browser) == (
        "Saved: a split of exercise-p005. "
        "The 6 after it are renumbered: exercise-p006 becomes exercise-p007, and so on."
    )
    saved = read_data(draft)
    assert [row["text"] for row in cut(draft)[4:6]] == [
        "Ketamine may relieve harp elbow",
        "in some patients.",
    ]
    assert messages(draft) == []
    browser.post("/undo")
    assert read_data(draft) == before
    run_command(passages, draft, "split", "exercise-p005", "in some", draft.descriptor, "--yes")
    assert read_data(draft) == saved


def test_passages_of_a_line_are_joined_with_either_neighbour(browser, draft):
    before = read_data(draft)
    assert correct(browser, 5, "join", **{"with": "after"}) == page_of(5)
    saved = read_data(draft)
    assert cut(draft)[4]["text"].endswith("patients. It is not recommended for moss fever.")
    browser.post("/undo")
    assert read_data(draft) == before
    assert correct(browser, 6, "join", **{"with": "before"}) == page_of(5)
    assert read_data(draft) == saved
    assert told(browser).startswith(
        "Saved: exercise-p006 joined with the passage before it. The 5 after it are"
    )


@pytest.mark.long
def test_claims_follow_a_cut_and_return(browser, draft):
    save_efficacy(browser)
    before = read_data(draft)
    correct(browser, 5, "split", 422, before="may relieve")
    correct(browser, 5, "join", **{"with": "after"})
    assert len(cut(draft)) == 10
    correct(browser, 5, "split", before="It is")
    rows = cut(draft)
    assert [row["passage_id"] for row in rows[4:7]] == ["exercise-p005", "exercise-p012", "exercise-p007"]
    assert messages(draft) == []
    browser.post("/undo")
    browser.post("/undo")
    assert read_data(draft) == before
    browser.post("/undo")
    assert "exercise-c001" not in {row["claim_id"] for row in draft.rows("claims")}


@pytest.mark.long
def test_what_follows_in_other_tables_is_said(browser, draft):
    correct(browser, 5, "join", **{"with": "after"})
    form = browser.fill("/passages/exercise-p005?quote=It is not recommended for moss fever")
    browser.post("/passages/exercise-p005", {**form, "statement": "Not for moss fever.", "stance": "against"})
    correct(browser, 5, "split", before="It is not")
    assert told(browser) == "Saved: a split of exercise-p005. Rows that follow: 1 of claims."


def test_a_cut_through_a_claim_is_refused_in_words(browser, draft):
    save_efficacy(browser)
    before = read_data(draft)
    page = correct(browser, 5, "split", 422, before="in some")
    form = Fields(page, page_of(5, "split"))
    assert html.unescape(form.wrong["before"]) == (
        'exercise-c001: quote="Ketamine may relieve harp elbow in some patients": '
        "the passage would be split inside these words; shorten the quote first"
    )
    assert form.values["before"] == "in some"
    assert read_data(draft) == before


@pytest.mark.long
def test_joined_with_a_claim_nothing_has_a_reason_too(browser, draft):
    save_efficacy(browser)
    saved_reason(browser, 6, "Says nothing.")
    before = read_data(draft)
    correct(browser, 5, "join", **{"with": "after"})
    assert cut(draft)[4]["reason"] == ""
    assert "needs no reason any more" in told(browser)
    browser.post("/undo")
    assert read_data(draft) == before


@pytest.mark.parametrize(
    ("words", "occurrence", "message"),
    [
        ("", "", "empty; copy the words with which the second part begins"),
        ("  ", "", "empty; copy the words with which the second part begins"),
        (
            "never",
            "",
            '"never": does not occur in exercise-p005; copy the words from '
            '"Ketamine may relieve harp elbow in some patients."',
        ),
        ("e", "", '"e": occurs 8 times in exercise-p005; give more of its words'),
        ("e", "9", '"e": occurs 8 times in exercise-p005; give more of its words'),
        ("in some", "second", 'the occurrence is a number such as 2, not "second"'),
        ("in some", "²", 'the occurrence is a number such as 2, not "²"'),
        ("in some", "9" * 5000, f'the occurrence is a number such as 2, not "{"9" * 59}…"'),
        (
            "ome",
            "",
            '"ome": inside a word of exercise-p005; give the words with which the second part begins',
        ),
        (
            " Ketamine",
            "",
            '"Ketamine": at the beginning of exercise-p005; give the words with which the second part begins',
        ),
    ],
)
def test_where_nothing_can_be_split_is_one_sentence(words, occurrence, message, browser, draft):
    before = read_data(draft)
    page = correct(browser, 5, "split", 422, before=words, occurrence=occurrence)
    assert html.unescape(Fields(page, page_of(5, "split")).wrong["before"]) == message
    assert read_data(draft) == before


def test_no_join_crosses_a_printed_line(browser, draft):
    before = read_data(draft)
    page = browser.open(page_of(4))
    assert "It is alone on its printed line, which no passage crosses." in page
    assert page_of(4, "join") not in page
    form = {**Fields(page, page_of(4, "kind")).values, "with": "after"}
    page = browser.post(page_of(4, "join"), form, 422)
    assert (
        "exercise-p004, exercise-p005: not on one printed line, which no passage crosses; "
        "join the lines in the text, and add it again"
    ) in page
    assert "was changed since" in browser.post(page_of(4, "join"), {**form, "with": "nobody"}, 409)
    assert read_data(draft) == before


# ---- two windows, the second reader, the log ----


def test_a_stale_page_saves_nothing(draft):
    one, other = Browser(draft.descriptor), Browser(draft.descriptor)
    stale = Fields(other.open(page_of(5)), page_of(5, "split")).values
    # A claim of a neighbour is seen too: a cut would take it along.
    last = Fields(other.open(page_of(11)), page_of(11, "split")).values
    correct(one, 6, "split", before="for moss")
    before = read_data(draft)
    page = other.post(page_of(5, "split"), {**stale, "before": "in some"}, 409)
    assert "was changed since, in another window or by another command; nothing was saved" in page
    assert Fields(page, page_of(5, "split")).values["before"] == "in some"
    assert "was changed since" in other.post(page_of(11, "split"), {**last, "before": "Invented"}, 409)
    assert read_data(draft) == before


def test_a_stale_page_of_a_passage_that_is_gone_says_so(draft):
    one, other = Browser(draft.descriptor), Browser(draft.descriptor)
    stale = Fields(other.open(page_of(11)), page_of(11, "kind")).values
    correct(one, 5, "join", **{"with": "after"})
    assert "was changed since" in other.post(page_of(11, "kind"), {**stale, "kind": "heading"}, 409)
    assert other.ask("GET", page_of(11))[0] == 404


def test_no_undo_when_another_command_cut_since(browser, draft):
    correct(browser, 5, "split", before="in some")
    run_command(passages, draft, "split", "exercise-p005", "relieve", draft.descriptor, "--yes")
    before = read_data(draft)
    assert "another row is there now, or none; look at it again" in browser.post("/undo", status=409)
    assert read_data(draft) == before


def test_a_second_reader_cuts_nothing_and_nobody_does_after_one_began(browser, draft):
    second = Browser(draft.descriptor, reader="reader-b")
    assert second.ask("GET", page_of(5))[0] == 404
    assert second.ask("POST", page_of(5, "kind"), {"form_token": second.gate.form_token})[0] == 404
    for path in ("/", "/passages/exercise-p005"):
        assert "/cut" not in second.open(path)
        assert "/cut" in browser.open(path)
    form = Fields(second.open("/passages/exercise-p003"), "/passages/exercise-p003/reason").values
    second.post("/passages/exercise-p003/reason", {**form, "reason": "Warns."})
    before = read_data(draft)
    message = "exercise-p005: a second reading has begun, which refers to the passages as they are"
    for act, values in (
        ("kind", {"kind": "heading"}),
        ("split", {"before": "in some"}),
        ("join", {"with": "after"}),
    ):
        assert message in correct(browser, 5, act, 422, **values)
    assert read_data(draft) == before


@pytest.mark.long
def test_rejected_suggestions_stay_with_their_words(browser, draft):
    before = read_data(draft)
    for number in (6, 9):
        page = browser.open("/")
        version = re.search(
            rf'exercise-p{number:03}/accept">.*?name="version" value="(\w+)"', page, re.DOTALL
        )[1]
        browser.post(f"/passages/exercise-p{number:03}/reject", {"version": version})
    saved = read_data(draft)
    correct(browser, 5, "join", **{"with": "after"})
    rejected = (draft.root / "data/curation/rejected/exercise.csv").read_text(encoding="utf-8")
    assert {line.partition(",")[0] for line in rejected.splitlines()[1:]} == {
        "exercise-p005",
        "exercise-p008",
    }
    browser.post("/undo")
    assert read_data(draft) == saved
    correct(browser, 5, "split", before="in some")
    rejected = (draft.root / "data/curation/rejected/exercise.csv").read_text(encoding="utf-8")
    assert {line.partition(",")[0] for line in rejected.splitlines()[1:]} == {
        "exercise-p007",
        "exercise-p010",
    }
    for _ in range(3):
        browser.post("/undo")
    assert {name: data for name, data in read_data(draft).items() if "rejected" not in name} == before


def test_what_is_no_running_text_is_reached_from_its_number(browser):
    page = browser.open("/")
    assert f'href="{page_of(4)}">4<' in page
    assert 'href="/passages/exercise-p005">5<' in page
    assert page_of(5) in browser.open("/passages/exercise-p005")


# ---- unusual texts ----


HOSTILE = "Ketamine <script>alert(1)</script> may help. It may harm </textarea> some."


@pytest.mark.long
def test_markup_in_a_passage_is_text(package_copy):
    browser = add_text(package_copy, f"Harps\n\n{HOSTILE}\n")
    before = read_data(package_copy)
    correct(browser, 2, "split", source="other", before="<script>alert(1)</script>")
    page = browser.open(page_of(3, source="other"))
    assert "<script>alert" not in page
    assert html.unescape(Fields(page, page_of(3, "split", "other")).values["version"])
    assert [row["text"] for row in cut(package_copy, "other")[1:3]] == [
        "Ketamine",
        "<script>alert(1)</script> may help.",
    ]
    page = correct(browser, 3, "split", 422, source="other", before="<b>'\"")
    assert "<b>" not in page.partition("Split it")[2]
    browser.post("/undo")
    assert read_data(package_copy) == before


@pytest.mark.long
@pytest.mark.parametrize(
    ("text", "words", "occurrence", "parts"),
    [
        # Words that occur twice: which of them is said, or it is refused.
        ("Pain is bad and pain is rare.", "is", "2", ["Pain is bad and pain", "is rare."]),
        ("Pain is bad and pain is rare.", "is", "", "occurs 2 times"),
        # A no-break space is matched by a plain one, as people type it, and cut off like one.
        ("It costs 5\u00a0mg here.", "5 mg", "", ["It costs", "5\u00a0mg here."]),
        ("It helps.\u00a0It harms.", "It harms", "", ["It helps.", "It harms."]),
        # Letters composed in another way, and none torn from its accent.
        ("Le cafe\u0301 aide.", "caf\u00e9", "", ["Le", "cafe\u0301 aide."]),
        ("Le caf\u00e9 aide.", "cafe\u0301 aide", "", ["Le", "caf\u00e9 aide."]),
        ("Le cafe\u0301s aide.", "\u0301s aide", "", "inside a word"),
        ("Le cafe\u0301s aide.", "s aide", "", "inside a word"),
        ("Un \U0001f468\u200d\u2695 aide.", "\u2695 aide", "", "inside a word"),
        # What a spreadsheet would make a date of is no damage in a document.
        ("It is due 12-Mar", "12-Mar", "", ["It is due", "12-Mar"]),
        # Cut where a cell that was cut off would be.
        (f"{'word ' * 51}and more.", "and more", "", [("word " * 51).strip(), "and more."]),
        (f"{'word ' * 50}words and more.", "and more", "", [f"{'word ' * 50}words", "and more."]),
        ("Right \u202eto left\u202c here now.", "here now", "", ["Right \u202eto left\u202c", "here now."]),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_unusual_texts_are_cut_where_it_is_said_and_undone(text, words, occurrence, parts, package_copy):
    browser = add_text(
        package_copy, f"Harps\n\nA first sentence is here. It is followed by another one.\n\n{text}\n"
    )
    row = next(
        row
        for row in cut(package_copy, "other")
        if text.startswith(row["text"][:3]) and row["position"] > "3"
    )
    number = int(row["position"])
    while row["text"] != text:
        correct(browser, number, "join", source="other", **{"with": "after"})
        row = cut(package_copy, "other")[number - 1]
    before = read_data(package_copy)
    form = {"before": words, "occurrence": occurrence}
    if isinstance(parts, str):
        assert parts in correct(browser, number, "split", 422, source="other", **form)
    else:
        correct(browser, number, "split", source="other", **form)
        assert [row["text"] for row in cut(package_copy, "other")[number - 1 : number + 1]] == parts
        assert messages(package_copy) == []
        browser.post("/undo")
    assert read_data(package_copy) == before


@pytest.mark.long
def test_the_log_of_saves_does_not_grow_without_end(browser, draft):
    text = "Harps\n\n" + " ".join(f"Sentence {number} is here." for number in range(900)) + "\n"
    other = add_text(draft, text)
    for number in range(2, 18, 2):
        correct(other, number, "split", source="other", before="is here")
    log = json.loads((draft.root / "dist/curate/other/tables.json").read_text(encoding="utf-8"))
    assert [len(save["edits"]) > 800 for save in log] == 5 * [True]


@pytest.mark.long
def test_passages_that_are_not_compared_stay_so_under_their_new_ids(browser, draft):
    save_efficacy(browser)
    beside = browser.open("/relations/exercise-p005")
    other = re.search(r'<section class="alike" id="([\w-]+)"', beside)[1]
    action = f"/relations/exercise-p005/{other}/apart"
    browser.post(action, Fields(beside, action).values)
    # Only a draft without claims is numbered anew.
    action = "/claims/exercise-c001/remove"
    browser.post(action, Fields(browser.open("/passages/exercise-p005"), action).values)
    correct(browser, 3, "split", before="and nobody")
    rejected = (draft.root / "data/curation/rejected/exercise.csv").read_text(encoding="utf-8")
    assert f"exercise-p006,claim_relations,{other}," in rejected
