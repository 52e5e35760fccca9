"""Joining and splitting passages: offsets, positions, ids and links follow, and the difference is shown first."""

import pytest

from invented.copies import messages
from tests.curation.commands import EXERCISE, passages, read_data, run_command

# The passages of the exercise: 1 title, 2-3 sentences, 4 heading, 5-7 sentences, 8 heading, 9 sentence, 10 heading.
DOCUMENT = EXERCISE.read_text(encoding="utf-8")
CLAIM = {
    "statement": "Ketamine may relieve the pain.",
    "claim_type": "efficacy",
    "about": "ketamine",
    "stance": "supports",
    "certainty": "hedged",
    "voice": "own",
    "evidence_type": "none_stated",
    "extraction": "one_reader",
}


@pytest.fixture
def draft(exercise_copy):
    return exercise_copy


def join(copy, first, last, *words, code=0):
    return run_command(
        passages,
        copy,
        "join",
        f"exercise-p{first:03}",
        f"exercise-p{last:03}",
        copy.descriptor,
        *words,
        code=code,
    )


def split(copy, passage, at, *words, code=0):
    return run_command(
        passages, copy, "split", f"exercise-p{passage:03}", at, copy.descriptor, *words, code=code
    )


def cut(copy):
    return [row for row in copy.rows("passages") if row["source_id"] == "exercise"]


def add_claim(copy, passage_id, quote, **cells):
    """A claim of the draft, as incomplete as a draft may be while it is worked on."""
    row = {**CLAIM, "claim_id": "exercise-c001", "passage_id": passage_id, "quote": quote, **cells}
    copy.append("claims", **row)


def test_joined_sentences_are_one_passage_and_the_others_are_renumbered(draft):
    result = join(draft, 5, 6, "--yes")
    assert result.output.splitlines() == [
        '- exercise-p005: "Ketamine may relieve harp elbow in some patients."',
        '- exercise-p006: "It is not recommended for moss fever."',
        '+ exercise-p005: "Ketamine may relieve harp elbow in some patients. It is not…"',
        "the 5 after it are renumbered: exercise-p007 becomes exercise-p006, and so on",
        "written: data/passages.csv; the opposite command undoes it, and so does git where the draft was committed",
    ]
    rows = cut(draft)
    assert [row["passage_id"] for row in rows] == [f"exercise-p{place:03}" for place in range(1, 11)]
    assert [row["position"] for row in rows] == [str(place) for place in range(1, 11)]
    text = "Ketamine may relieve harp elbow in some patients. It is not recommended for moss fever."
    assert rows[4]["text"] == text
    assert DOCUMENT[int(rows[4]["start_offset"]) : int(rows[4]["end_offset"])] == text
    assert messages(draft) == []


def test_splitting_what_was_joined_gives_what_was_there(draft):
    before = read_data(draft)
    join(draft, 5, 6, "--yes")
    assert read_data(draft) != before
    split(draft, 5, "It is not recommended", "--yes")
    assert read_data(draft) == before


def test_the_difference_is_shown_and_nothing_written_without_agreement(draft):
    before = read_data(draft)
    for result in (join(draft, 5, 6), split(draft, 5, "in some")):
        assert result.output.splitlines()[-1] == "nothing was written; add YES=1 to write this"
    assert read_data(draft) == before


def test_a_title_that_is_split_stays_the_title_of_the_source(draft):
    result = split(draft, 1, "an exercise text", "--yes")
    assert 'title="Ketamine for harpists: an exercise text" becomes "Ketamine for harpists:"' in result.output
    assert messages(draft) == []


def test_sections_follow_headings(draft):
    split(draft, 8, "is given", "--yes")
    rows = cut(draft)
    assert [row["text"] for row in rows[7:9]] == ["How it", "is given"]
    assert rows[9]["section"] == "is given"
    assert messages(draft) == []


def test_links_follow_and_ids_of_others_stay_once_something_was_extracted(draft):
    add_claim(draft, "exercise-p006", "not recommended for moss fever", antecedent_passage_id="exercise-p005")
    others = {row["passage_id"]: row["text"] for row in cut(draft)[6:]}
    result = join(draft, 5, 6, "--yes")
    (claim,) = [row for row in draft.rows("claims") if row["claim_id"] == "exercise-c001"]
    assert (claim["passage_id"], claim["antecedent_passage_id"]) == ("exercise-p005", "")
    assert 'passage_id="exercise-p006" becomes "exercise-p005"' in result.output
    rows = cut(draft)
    assert {row["passage_id"]: row["text"] for row in rows[5:]} == others
    assert [row["position"] for row in rows] == [str(place) for place in range(1, 11)]
    split(draft, 5, "It is not", "--yes")
    (claim,) = [row for row in draft.rows("claims") if row["claim_id"] == "exercise-c001"]
    assert claim["passage_id"] == "exercise-p012"
    assert [row["position"] for row in draft.rows("passages") if row["passage_id"] == "exercise-p012"] == [
        "6"
    ]


def test_a_quote_is_never_cut(draft):
    add_claim(draft, "exercise-p005", "may relieve harp elbow in some patients")
    before = read_data(draft)
    result = split(draft, 5, "in some", "--yes", code=1)
    assert result.output.splitlines()[0].endswith(
        ': quote="may relieve harp elbow in some patients": '
        "the passage would be split inside these words; shorten the quote first"
    )
    assert read_data(draft) == before


def test_which_occurrence_of_a_quote_is_meant_follows_it(draft):
    join(draft, 5, 7, "--yes")
    add_claim(draft, "exercise-p005", "Ketamine", quote_occurrence="2")
    split(draft, 5, "Ketamine is used", "--yes")
    (claim,) = [row for row in draft.rows("claims") if row["claim_id"] == "exercise-c001"]
    assert (claim["passage_id"], claim["quote_occurrence"]) == ("exercise-p010", "")


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        (6, 5, "exercise-p005: does not come after exercise-p006 in the same source; name the first first"),
        (5, 5, "exercise-p005: does not come after exercise-p005 in the same source; name the first first"),
        (
            7,
            8,
            "exercise-p007, exercise-p008: not on one printed line, which no passage crosses; "
            "join the lines in the text, and add it again",
        ),
        (5, 99, "exercise-p099: no passage has this id; did you mean exercise-p009?"),
    ],
)
def test_passages_that_cannot_be_joined_are_one_line(draft, first, last, message):
    before = read_data(draft)
    assert join(draft, first, last, "--yes", code=2).output == f"{message}\n"
    assert read_data(draft) == before


@pytest.mark.parametrize(
    ("at", "message"),
    [
        (
            "never",
            '"never": does not occur in exercise-p005; copy the words from "Ketamine may relieve harp elbow in some patients."',
        ),
        ("a", '"a": occurs 4 times in exercise-p005; give more of its words'),
        (
            "amine may",
            '"amine may": inside a word of exercise-p005; give the words with which the second part begins',
        ),
        (
            "Ketamine",
            '"Ketamine": at the beginning of exercise-p005; give the words with which the second part begins',
        ),
    ],
)
def test_places_where_nothing_can_be_split_are_one_line(draft, at, message):
    before = read_data(draft)
    assert split(draft, 5, at, "--yes", code=2).output == f"{message}\n"
    assert read_data(draft) == before


def test_passages_of_published_sources_stay(package_copy):
    (first, second) = [row for row in package_copy.rows("passages") if row["source_id"] == "guidance"][:2]
    words = ("join", first["passage_id"], second["passage_id"], package_copy.descriptor, "--yes")
    result = run_command(passages, package_copy, *words, code=2)
    assert result.output == f"{first['passage_id']}: of a published source, whose passages stay as they are\n"
