"""Cases of the rules on the relations between claims and on the questions that they answer."""

import pytest

from invented.copies import validate
from tests.curation.cases import at, case, cases_of, check_case

GUIDANCE, CLINIC = "guidance-c001", "clinic-page-c001"
QUESTION = "age"


def add_relation(
    copy, claim_id=CLINIC, related_claim_id=GUIDANCE, relation="agrees", question_id=QUESTION, **cells
):
    """Adds a relation and returns where it stands."""
    row = {"claim_id": claim_id, "related_claim_id": related_claim_id, "question_id": question_id}
    copy.append("claim_relations", **row, **{"relation": relation, "reason": "Made up."} | cells)
    return at(copy, "claim_relations", f"{claim_id},{related_claim_id},{question_id}")


@case("relation_joins_two_claims")
def claim_is_related_to_itself(copy):
    place = add_relation(copy, GUIDANCE, GUIDANCE)
    return [f'{place}related_claim_id="{GUIDANCE}": the same claim; name the other one']


@case("symmetric_relation_is_stored_once")
def larger_id_first(copy):
    place = add_relation(copy, GUIDANCE, CLINIC, "in_tension")
    return [
        f'{place}claim_id="{GUIDANCE}": in_tension is symmetric and belongs under the smaller id; exchange the two'
    ]


@case("symmetric_relation_is_stored_once")
def larger_id_first_where_one_completes_the_other(copy):
    key = "guidance-c014,guidance-c022,pulse"
    place = at(copy, "claim_relations", key)
    copy.edit("claim_relations", key, claim_id="guidance-c022", related_claim_id="guidance-c014")
    return [
        f'{place}claim_id="guidance-c022": complements is symmetric and belongs under the smaller id; exchange the two'
    ]


@case("passages_have_one_relation_on_a_question")
def two_claims_of_a_passage_differ(copy):
    first = add_relation(copy, CLINIC, "guidance-c013")
    place = add_relation(copy, CLINIC, "guidance-c014", "in_tension")
    return [
        f'{place}relation="in_tension": the same passages have agrees on this question, at {first[:-2]}; keep one '
        "relation, ask two questions, or say in reason why guidance-c013 differs"
    ]


@case("passages_have_one_relation_on_a_question")
def each_claim_qualifies_the_other(copy):
    add_relation(copy, CLINIC, GUIDANCE, "qualifies")
    place = add_relation(copy, GUIDANCE, CLINIC, "qualifies")
    first = at(copy, "claim_relations", f"{CLINIC},{GUIDANCE},{QUESTION}")
    return [
        f'{place}relation="qualifies": the same passages have qualifies on this question, at {first[:-2]}; keep one '
        f"relation, ask two questions, or say in reason why {CLINIC} differs"
    ]


def test_a_reason_that_names_the_other_claim_explains_a_second_relation(package_copy):
    add_relation(package_copy, CLINIC, "guidance-c013")
    reason = "Unlike guidance-c013, this one is made up."
    add_relation(package_copy, CLINIC, "guidance-c014", "in_tension", reason=reason)
    assert list_reported(package_copy) == []


@case("advice_against_is_not_told_as_silence")
def advice_against_is_told_as_silence(copy):
    key = "clinic-page-c003,guidance-c019,help-in-wandering-pain"
    reason = "The clinic offers it; the guild gives no recommendation."
    copy.edit("claim_relations", key, reason=reason)
    return [
        f'{at(copy, "claim_relations", key)}reason="{reason}": tells guidance-c019, which is against ketamine, as '
        'silence: "no recommendation"; say what it says'
    ]


@pytest.mark.parametrize(
    "told",
    [
        "the guild is silent on it",
        "the guild does not mention it",
        "the guild says nothing",
        "without any advice",
    ],
)
def test_other_words_for_silence_are_found(told, package_copy):
    key = "clinic-page-c003,guidance-c019,help-in-wandering-pain"
    package_copy.edit("claim_relations", key, reason=f"The clinic offers it; {told}.")
    (problem,) = validate(package_copy).problems
    assert problem.code == "rules/advice_against_is_not_told_as_silence"


def test_silence_may_be_told_of_claims_that_are_not_against(package_copy):
    key = "clinic-page-c009,guidance-c016,stay-of-unwanted-effects"
    package_copy.edit(
        "claim_relations", key, reason="One gives a day and the other does not mention a figure."
    )
    assert list_reported(package_copy) == []


@case("complements_joins_a_pair_of_topics")
def the_topic_joins_nothing(copy):
    place = add_relation(copy, relation="complements")
    return [
        f'{place}relation="complements": the topic of age is history, and only questions of caution, dose, harm, '
        "licensing join two topics; correct the relation or the question"
    ]


@case("complements_joins_a_pair_of_topics")
def two_harms_complete_each_other(copy):
    key = "clinic-page-c009,guidance-c016,stay-of-unwanted-effects"
    copy.edit("claim_relations", key, relation="complements")
    return [
        f'{at(copy, "claim_relations", key)}relation="complements": both claims are of the type safety, so nothing '
        "completes; correct the relation"
    ]


@case("mapping_concerns_one_of_the_claims")
def the_mapping_is_of_something_else(copy):
    key = "clinic-page-c003,guidance-c019,help-in-wandering-pain"
    copy.edit("claim_relations", key, mapping_id="conditions-harp-elbow-icd11-xx99")
    return [
        f'{at(copy, "claim_relations", key)}mapping_id="conditions-harp-elbow-icd11-xx99": neither claim is linked to '
        "harp-elbow in conditions; correct it or add the link"
    ]


@case("question_is_a_question")
def question_mark_is_missing(copy):
    copy.edit("questions", QUESTION, question="How old ketamine is")
    return [
        f'{at(copy, "questions", QUESTION)}question="How old ketamine is": not a question; end it with a question mark'
    ]


@case("question_joins_claims")
def nobody_asks_it(copy):
    copy.append("questions", question_id="zeal", question="Is anybody zealous?", topic="actor")
    return [
        f'{at(copy, "questions", "zeal")}question_id="zeal": no row of data/claim_relations.csv asks it; add one or '
        "remove the question"
    ]


@case("question_has_one_wording")
def spelling_differs(copy):
    copy.append("questions", question_id="zeal", question="how old is Ketamine?", topic="history")
    add_relation(copy, question_id="zeal")
    return [
        f'{at(copy, "questions", "zeal")}question="how old is Ketamine?": age asks the same; keep one of the two'
    ]


@case("question_has_one_wording")
def wording_differs_a_little(copy):
    question = "How old was ketamine?"
    copy.append("questions", question_id="zeal", question=question, topic="history")
    add_relation(copy, question_id="zeal")
    return [
        f'notice: {at(copy, "questions", "zeal")}question="{question}": nearly the same as age; keep one if it is one '
        "question"
    ]


def list_reported(copy) -> list[str]:
    report = validate(copy)
    return [str(problem) for problem in (*report.problems, *report.notices)]


@pytest.mark.parametrize(("rule", "break_copy"), cases_of(__name__))
def test_what_is_broken_is_reported(rule, break_copy, package_copy):
    check_case(rule, break_copy, package_copy)
