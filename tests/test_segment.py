"""The segmenter's proposals tile any text, and are the passages of the invented documents."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scripts.curation.segmentation import find_sentence_ends, propose_passages, segment_document
from tests.conftest import INVENTED

DOCUMENTS = sorted((INVENTED / "data" / "sources").glob("*.txt"))
# The characters that decide, and a few that must not matter.
DECIDING = st.text(
    st.sampled_from("Aaz .?!:…,;1-–•*()[]\u201c\u201d'\u00a0\u2009\t\n\r\f\v\x1c\x1f\x85\u2028\ufeff🜂é"),
    max_size=120,
)
LINES = st.lists(
    st.sampled_from(
        [
            "References",
            "1.",
            "1. Persson J. Pain. 2013; 19: 3.",
            "- item",
            "",
            "x\r",
            "A line that runs",
            "on.",
        ]
    )
).map("\n".join)


@given(st.one_of(st.text(max_size=80), DECIDING, LINES))
@example("\ufeff\r\n\f1.\x0b2. e.g. \u2028")
def test_passages_tile_any_text(text):
    at = 0
    for span in segment_document(text):
        assert text[at : span.start].strip() == ""
        assert span.text == text[span.start : span.end]
        assert span.text == span.text.strip() != ""
        assert len(span.text.splitlines()) == 1
        at = span.end
    assert text[at:].strip() == ""


@given(st.one_of(DECIDING, LINES))
def test_parts_belong_to_what_stands_before(text):
    spans = segment_document(text)
    for place, span in enumerate(spans):
        if span.part_of is not None:
            assert span.part_of < place
            assert spans[span.part_of].part_of is None


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_published_passages_are_as_proposed(document, package_copy):
    check_proposals(document, package_copy)


def check_proposals(document, copy):
    """Asserts that the curated passages of a document are those proposed, but for the reasons."""
    proposed = propose_passages(document.read_bytes().decode("utf-8"), document.stem)
    curated = [row for row in copy.rows("passages") if row["source_id"] == document.stem]
    names = proposed[0].keys() - {"reason"}
    assert [{name: row[name] for name in names} for row in curated] == [
        {name: row[name] for name in names} for row in proposed
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Some drugs, e.g. Ketamine, i.e. One of them, relieve pain.",
        "Dr. Smith and Prof. Jones agree.",
        "Smith et al. (2010) found it.",
        "The dose was 0.5 mg per kg.",
        "See Fig. 2 and No. 5 of vol. 3.",
        "By J. R. Smith of St. Thomas.",
        "It is used in the U.S. Army.",
        "2. Stop the infusion.",
        "It asked why? and went on.",
        "The score was 7.4 After that.",
        "It began on 5 Jan. 2020 in max. 5 beds.",
        "Write to 5 High Rd. Leeds, or to a.b@c.org now.",
        "Ask the Dept. Head, tel. 12, resp. Anna.",
    ],
)
def test_a_stop_that_ends_no_sentence_cuts_nothing(text):
    assert list(find_sentence_ends(text)) == []


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("It helps. It may harm.", ["It helps.", "It may harm."]),
        ("It helps.2-5 Others doubt.[3] So do we.", ["It helps.2-5", "Others doubt.[3]", "So do we."]),
        ("“It helps.” She said so.", ["“It helps.”", "She said so."]),
        ("Is it? Yes! (See below.) Good…", ["Is it?", "Yes!", "(See below.)", "Good…"]),
        ("We need vitamin C. It is good.", ["We need vitamin C.", "It is good."]),
        ("He came in 2010. 12 patients left.", ["He came in 2010.", "12 patients left."]),
        ("Écoutez. Ça va.", ["Écoutez.", "Ça va."]),
        ("Smith et al. The trial ended.", ["Smith et al.", "The trial ended."]),
        ("One.\u00a0 Two.", ["One.", "Two."]),
        ("It was 7.4. Patients left.", ["It was 7.4.", "Patients left."]),
        ("It is on the High Rd. The door is red.", ["It is on the High Rd.", "The door is red."]),
    ],
)
def test_sentences_end_where_people_would_say(text, sentences):
    ends = [0, *find_sentence_ends(text), len(text)]
    assert [text[start:end].strip() for start, end in zip(ends, ends[1:], strict=False)] == sentences


def kinds(text):
    return [(span.kind, span.text) for span in segment_document(text)]


def test_items_of_a_list_are_items():
    text = "Side effects\n\nThey are these.\n\u2022 nausea\n- a sense of floating\n1. sleep\n2. dreams\n"
    assert [kind for kind, _ in kinds(text)] == ["title", "sentence", *["list_item"] * 4]


def test_a_numbered_heading_is_no_item():
    assert kinds("Title\n\n1. Introduction\n\nKetamine is a drug.\n")[1] == ("heading", "1. Introduction")


def test_broken_lines_are_no_headings():
    text = (
        "A title\n\nKetamine is given to people with pain in their nerves, as the\n"
        "Faculty says in its guidance, and it is said to relieve some of\nthem for a while.\n\nAnother heading\n\nIt ends.\n"
    )
    assert [kind for kind, _ in kinds(text)] == ["title", *["sentence"] * 3, "heading", "sentence"]


def test_carriage_returns_and_form_feeds_end_lines():
    assert kinds("Title\r\n\r\nOne.\fTwo.\rThree.") == [
        ("title", "Title"),
        ("sentence", "One."),
        ("sentence", "Two."),
        ("sentence", "Three."),
    ]


def test_a_list_of_works_ends_where_another_part_begins():
    text = "T\n\nIt is.\n\nBibliography\n\n[1] Persson J. Pain. 2013; 1: 2.\n[2] Eide P. Wind. 2000;\n4: 5.\n\nFunding\n\nNone.\n"
    spans = segment_document(text)
    assert [span.kind for span in spans[2:]] == [
        "heading",
        "entry_line",
        "entry_line",
        "entry_line",
        "heading",
        "sentence",
    ]
    assert [span.part_of for span in spans[3:6]] == [None, None, 4]


def test_works_without_numbers_are_told_apart_by_their_years():
    text = "T\n\nIt is.\n\nReferences\nPersson J. Pain. 2013; 1: 2.\nEide P. Wind.\nEur J. 2000; 4: 5.\nRae F. End. 2017.\n"
    assert [span.part_of for span in segment_document(text)[3:]] == [None, None, 4, None]


def test_a_rule_of_dashes_and_a_page_number_are_furniture():
    assert [kind for kind, _ in kinds("T\n\nIt is.\n\n-----\n\n* * *\n")] == [
        "title",
        "sentence",
        "navigation",
        "navigation",
    ]
