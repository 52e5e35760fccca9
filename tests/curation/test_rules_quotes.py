"""Cases of the rules on quotes and on our own wording."""

import hashlib

import pytest
from packpress.problems import shorten_value

from invented.copies import messages
from tests.curation.cases import PACKAGE, at, case, cases_of, cell, check_case, find

FIRST = "guidance-c001"
SHARED = "ketamine has been used for various purposes in our"


@case("quote_in_passage")
def quote_was_never_written(copy):
    copy.edit("claims", FIRST, quote="never written")
    return [
        f'{at(copy, "claims", FIRST)}quote="never written": not in passage guidance-p003; '
        "copy the words exactly or correct passage_id"
    ]


@case("quote_in_passage")
def quote_is_nearly_right(copy):
    copy.edit("concepts", "pain-unit", quote="pain unit care")
    return [
        f'{at(copy, "concepts", "pain-unit")}quote="pain unit care": not in passage '
        'guidance-p013; nearest there: "pain units because"; copy the words exactly'
    ]


@case("quote_in_passage")
def quote_stands_elsewhere(copy):
    copy.edit("conditions", "harp-elbow", quote="twisted pain")
    return [
        f'{at(copy, "conditions", "harp-elbow")}quote="twisted pain": not in passage '
        "guidance-p003; it is in passage guidance-p007; correct passage_id"
    ]


@case("quote_in_passage")
def spaces_differ(copy):
    key = find(copy, "claims", passage_id="guidance-p005")
    copy.edit("claims", key, quote="the quiet receptor matters", focus="matters")
    return [
        f'{at(copy, "claims", key)}quote="the quiet receptor matters": not in passage guidance-p005; '
        'nearest there: "the quiet <U+00A0>receptor <U+00A0>matters"; copy the words exactly'
    ]


@case("quote_occurrence")
def quote_recurs(copy):
    copy.edit("adverse_effects", "vivid-dreams", quote="effects")
    return [
        f'{at(copy, "adverse_effects", "vivid-dreams")}quote_occurrence="": '
        "the quote occurs 2 times in guidance-p011; say which, counting from 1"
    ]


@case("quote_occurrence")
def quote_does_not_recur(copy):
    copy.edit("claims", FIRST, quote_occurrence="2")
    return [f'{at(copy, "claims", FIRST)}quote_occurrence="2": the quote occurs there once; leave it empty']


@case("quote_occurrence")
def occurrence_is_too_high(copy):
    copy.edit("adverse_effects", "vivid-dreams", quote="effects", quote_occurrence="3")
    return [
        f'{at(copy, "adverse_effects", "vivid-dreams")}quote_occurrence="3": '
        "the quote occurs there 2 times; write 1 to 2"
    ]


@case("quote_cuts_no_word")
def quote_ends_inside_a_word(copy):
    copy.edit("routes", "parenteral", quote="parenteral")
    return [
        f'{at(copy, "routes", "parenteral")}quote="parenteral": begins or ends inside "parenterally" of '
        "passage guidance-p003; quote whole words and numbers"
    ]


def print_number(copy, **cells):
    """Prints a number with a point, of the same length, and ends a claim's quote at the point; its key."""
    key, passage = find(copy, "claims", dose="40 minutes"), "clinic-page-p007"
    old, new = "40 minutes", "4.5 minute"
    copy.edit_document("clinic-page", old, new)
    copy.edit("passages", passage, text=cell(copy, "passages", passage, "text").replace(old, new))
    document = copy.root / "data" / "sources" / "clinic-page.txt"
    copy.edit("sources", "clinic-page", sha256=hashlib.sha256(document.read_bytes()).hexdigest())
    quote = "An infusion lasts 4"
    copy.edit(
        "claims", key, quote=quote, focus=quote, dose="lasts 4", statement="Giving ketamine takes 4.", **cells
    )
    return key


@case("quote_cuts_no_word")
def quote_ends_inside_a_number(copy):
    key = print_number(copy)
    return [
        f'{at(copy, "claims", key)}quote="An infusion lasts 4": begins or ends inside "4.5" of passage '
        'clinic-page-p007; quote whole words and numbers, or say in note why "4.5" is cut'
    ]


@case("quote_is_of_running_text")
def quote_is_of_a_title(copy):
    copy.edit("concepts", "ketamine", passage_id="guidance-p001")
    return [
        f'{at(copy, "concepts", "ketamine")}passage_id="guidance-p001": '
        "of kind title; take claims and names from running text only"
    ]


@case("words_of_claim_in_quote")
def focus_is_not_in_the_quote(copy):
    copy.edit("claims", FIRST, focus="an anaesthetic agency")
    return [
        f'{at(copy, "claims", FIRST)}focus="an anaesthetic agency": not in the quote; '
        'nearest there: "an anaesthetic agent"; copy the words exactly or widen the quote'
    ]


@case("words_of_claim_in_quote")
def qualifier_is_part_of_a_word(copy):
    key = find(copy, "claims", qualifier="rarely")
    copy.edit("claims", key, qualifier="rare")
    return [
        f'{at(copy, "claims", key)}qualifier="rare": not in the quote; '
        'nearest there: "rarely"; copy the words exactly or widen the quote'
    ]


def replace_words(table, field):
    """A case that puts words never written into a cell that holds the source's words."""

    def replace(copy):
        # Words that other rows have too, so that no name is lost with them.
        words = [row[field] for row in copy.rows(table)]
        again = [word for word in words if word and words.count(word) > 1]
        key = find(copy, table, **{field: again[0] if again else True})
        copy.edit(table, key, **{field: "xyzzy"})
        claim = cell(copy, table, key, "claim_id")
        passage = cell(copy, "claims", claim, "passage_id")
        return [f'{at(copy, table, key)}{field}="xyzzy": not in passage {passage}; copy the words exactly']

    replace.__name__, replace.__module__ = f"{table} {field}", __name__
    return replace


IN_QUOTE = {"quote", "focus", "hedge", "qualifier", "dose", "duration_of_effect"}
for resource in PACKAGE.resources:
    # A connective may stand in the passage of the other claim, which a rule of its own knows.
    if "claim_id" in resource.field_names and resource.name != "claim_reasons":
        for described in resource.fields:
            if described.verbatim and not (resource.name == "claims" and described.name in IN_QUOTE):
                case("verbatim_words_in_passage")(replace_words(resource.name, described.name))


def copy_words(table, key, field):
    """A case that copies a run of a document into a cell of ours."""

    def copy_run(copy):
        row = key or find(copy, table)
        text = f"Here {SHARED}{'?' if field == 'question' else '.'}"
        copy.edit(table, row, **{field: text})
        return [
            f'{at(copy, table, row)}{field}="{text}": shares "{SHARED}" '
            "with data/sources/clinic-page.txt; say it in our own words"
        ]

    copy_run.__name__, copy_run.__module__ = f"{table} {field}", __name__
    return copy_run


OURS = [
    ("sources", "", "rights"),
    ("source_reporting", "", "note"),
    ("claim_types", "", "definition"),
    ("claims", FIRST, "statement"),
    ("claims", FIRST, "note"),
    ("conditions", "", "definition"),
    ("routes", "", "label"),
    ("concepts", "", "definition"),
    ("references", "", "note"),
    ("corrections", "", "evidence"),
    ("claim_relations", "", "reason"),
    ("questions", "", "question"),
    ("mappings", "", "note"),
]
for ours in OURS:
    case("own_words")(copy_words(*ours))


@case("statement_names_its_subject")
def statement_cannot_stand_alone(copy):
    key = find(copy, "claims", about="ketamine", note=False)
    copy.edit("claims", key, statement="It helps with this.")
    return [
        f'{at(copy, "claims", key)}statement="It helps with this.": '
        "does not name ketamine, which it is about; name it, or say why not in note"
    ]


@case("numbers_of_statement_in_quote")
def number_is_added(copy):
    copy.edit("claims", FIRST, statement="Ketamine was among 3 anaesthetics in 1960.")
    place = f'{at(copy, "claims", FIRST)}statement="Ketamine was among 3 anaesthetics in 1960.": '
    return [
        f"{place}3 is not in the quote; leave it out or widen the quote",
        f"{place}1960 is not in the quote; leave it out or widen the quote",
    ]


@case("hedge_cues_are_recorded")
def cue_is_in_no_cell(copy):
    key = find(copy, "claims", qualifier="sometimes lasts for up to")
    copy.edit("claims", key, qualifier="", note="Relief by ketamine is meant.")
    quote = shorten_value(cell(copy, "claims", key, "quote"))
    return [
        f'{at(copy, "claims", key)}quote="{quote}": "sometimes" is in neither hedge nor qualifier; '
        "record it or say in note what it does"
    ]


@case("narrowing_words_are_recorded")
def narrowing_word_is_in_no_cell(copy):
    statement = "The quiet receptor matters in some of what long pain is."
    copy.edit("claims", "guidance-c006", qualifier="", statement=statement)
    return [
        f'{at(copy, "claims", "guidance-c006")}statement="{statement}": "some" narrows the quote too; '
        "record it in qualifier or say in note what it does"
    ]


@case("narrowing_words_are_recorded")
def word_of_degree_is_in_no_cell(copy):
    quote = "Ketamine has been used for various purposes in our valley since 1960"
    copy.edit("claims", "clinic-page-c001", statement="Ketamine has been known in the valley since 1960.")
    assert cell(copy, "claims", "clinic-page-c001", "quote") == quote
    return [
        f'{at(copy, "claims", "clinic-page-c001")}statement="Ketamine has been known in the valley since 1960.": '
        '"since" narrows the quote too; record it in qualifier or say in note what it does'
    ]


@case("amounts_of_evidence_are_recorded")
def amount_is_in_no_cell(copy):
    copy.edit("claims", "guidance-c007", qualifier="for more than a season")
    quote = cell(copy, "claims", "guidance-c007", "quote")
    return [
        f'{at(copy, "claims", "guidance-c007")}quote="{quote}": "few" is an amount of evidence; record it in '
        'qualifier, or say in note that it is what is said: "few narrows nothing"'
    ]


@pytest.mark.parametrize(("rule", "break_copy"), cases_of(__name__))
def test_what_is_broken_is_reported(rule, break_copy, package_copy):
    check_case(rule, break_copy, package_copy)


def test_a_note_says_why_a_number_is_cut(package_copy):
    print_number(
        package_copy, note="The line ends within 4.5, whose rest is a marker; the infusion is of ketamine."
    )
    assert messages(package_copy) == []
