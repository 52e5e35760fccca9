"""Cases of the rules on what one sentence ties together."""

import pytest

from invented.copies import messages
from tests.curation.cases import at, case, cases_of, check_case, find

CONCESSION = "abstract-2001-c004,abstract-2001-c005"


@case("reason_stands_near")
def reason_stands_in_another_sentence(copy):
    copy.edit("claim_reasons", CONCESSION, claim_id="abstract-2001-c008")
    key = find(copy, "claim_reasons", kind="concession")
    return [
        f'{at(copy, "claim_reasons", key)}reason_claim_id="abstract-2001-c005": in abstract-2001-p016, which is '
        "neither abstract-2001-p018 nor tied to it; name a claim of the same sentence or of an antecedent passage"
    ]


@case("connective_in_passage")
def connective_is_in_neither_sentence(copy):
    key = find(copy, "claim_reasons", connective="In mice")
    copy.edit("claim_reasons", key, connective="In rats")
    return [
        f'{at(copy, "claim_reasons", key)}connective="In rats": '
        "not in leaflet-p004 nor in leaflet-p005; copy the words exactly"
    ]


@case("connective_in_passage")
def connective_is_part_of_a_word(copy):
    copy.edit("claim_reasons", CONCESSION, connective="sult")
    copy.edit(
        "claims", "abstract-2001-c004", note="The connective although ties no two claims: it joins them."
    )
    return [
        f'{at(copy, "claim_reasons", CONCESSION)}connective="sult": '
        "not in abstract-2001-p016; copy the words exactly"
    ]


@case("connective_fits_kind")
def concession_is_a_cause(copy):
    copy.edit("claim_reasons", CONCESSION, kind="cause")
    return [
        f'{at(copy, "claim_reasons", CONCESSION)}kind="cause": "although" is listed under concession; '
        "write that, or correct connective"
    ]


@case("reasons_form_no_circle")
def two_claims_are_reasons_of_each_other(copy):
    one, other = CONCESSION.split(",")
    copy.append(
        "claim_reasons", claim_id=other, reason_claim_id=one, kind="concession", connective="although"
    )
    return [
        f'{at(copy, "claim_reasons", f"{claim},{reason}")}reason_claim_id="{reason}": '
        f"{claim} is among its own reasons; remove one of the rows, or exchange the two"
        for claim, reason in [(one, other), (other, one)]
    ]


@case("reasons_form_no_circle")
def claim_is_its_own_reason(copy):
    copy.edit("claim_reasons", CONCESSION, reason_claim_id="abstract-2001-c004")
    key = "abstract-2001-c004,abstract-2001-c004"
    return [
        f'{at(copy, "claim_reasons", key)}reason_claim_id="abstract-2001-c004": '
        "abstract-2001-c004 is among its own reasons; remove one of the rows, or exchange the two"
    ]


@case("connectives_are_recorded")
def connective_has_no_row(copy):
    rows = copy.rows("claim_reasons")
    copy.write("claim_reasons", [row for row in rows if row["connective"] != "although"])
    return [
        f'{at(copy, "passages", "abstract-2001-p016")}passage_id="abstract-2001-p016": '
        'the connective "although" is not recorded; add what it ties to claim_reasons.csv, '
        'or write "The connective although ties no two claims" and why in the note of abstract-2001-c004'
    ]


@case("connectives_are_recorded")
def connective_has_no_note(copy):
    copy.edit("claims", "guidance-c012", note="Though says that the licence is another matter.")
    return [
        f'{at(copy, "passages", "guidance-p009")}passage_id="guidance-p009": '
        'the connective "though" is not recorded; add what it ties to claim_reasons.csv, '
        'or write "The connective though ties no two claims" and why in the note of guidance-c011'
    ]


def test_words_that_open_a_sentence_tie_it_to_the_one_before(package_copy):
    # Neither sentence is an antecedent of the other.
    tie = {"claim_id": "leaflet-c005", "reason_claim_id": "leaflet-c006", "kind": "example"}
    package_copy.append("claim_reasons", **tie, connective="Ketamine relieves")
    assert messages(package_copy) == []


def test_words_within_a_sentence_tie_it_to_no_other(package_copy):
    tie = {"claim_id": "leaflet-c005", "reason_claim_id": "leaflet-c006", "kind": "example"}
    package_copy.append("claim_reasons", **tie, connective="within")
    assert messages(package_copy) == [
        f'{at(package_copy, "claim_reasons", "leaflet-c005,leaflet-c006")}reason_claim_id="leaflet-c006": '
        "in leaflet-p007, which is neither leaflet-p006 nor tied to it; "
        "name a claim of the same sentence or of an antecedent passage"
    ]


@pytest.mark.parametrize(("rule", "break_copy"), cases_of(__name__))
def test_what_breaks_a_rule_is_reported_by_it(rule, break_copy, package_copy):
    check_case(rule, break_copy, package_copy)
