"""Cases of the rules on how claims are linked."""

import pytest

from invented.copies import messages
from tests.curation.cases import at, case, cases_of, cell, check_case, find

FIRST = "guidance-c001"
# Tells of the patients of a clinic.
OWN = "clinic-page-c007"


@case("claim_links_its_drug")
def drug_is_not_linked(copy):
    rows = copy.rows("claim_concepts")
    copy.write("claim_concepts", [row for row in rows if row["claim_id"] != "guidance-c016"])
    return [
        f'{at(copy, "claims", "guidance-c016")}about="ketamine": not linked to it; '
        "add a row to data/claim_concepts.csv, with mention_type context if no word names it"
    ]


@case("other_things_have_another_subject")
def drug_is_the_subject_of_another_thing(copy):
    other = next(row["claim_id"] for row in copy.rows("claims") if row["about"] == "other")
    copy.edit("claims", other, note="The context is ketamine for long pain.")
    words = {"mention": "", "mention_type": "context"}
    copy.append("claim_concepts", claim_id=other, concept_id="ketamine", role="subject", **words)
    return [
        f'{at(copy, "claim_concepts", f"{other},ketamine,subject")}role="subject": '
        f"{other} is about other things; write another role, or correct about there"
    ]


@case("names_in_statement_are_linked")
def name_in_statement_is_not_linked(copy):
    statement = "Long pain became less under ketamine than under willow bark in randomised trials."
    copy.edit("claims", "abstract-2001-c004", statement=statement)
    return [
        f'{at(copy, "claims", "abstract-2001-c004")}statement="{statement[:75].rsplit(" ", 1)[0]}…": '
        '"willow bark" is there and names willow-bark in concepts; link it in its role, or say in note why not'
    ]


@case("names_in_statement_are_linked")
def plural_of_a_label_is_not_linked(copy):
    statement = "Ketamine belongs to the anaesthetics for pain units."
    copy.edit("claims", FIRST, statement=statement)
    return [
        f'{at(copy, "claims", FIRST)}statement="{statement}": '
        '"pain units" is there and names pain-unit in concepts; link it in its role, or say in note why not'
    ]


def test_a_narrower_row_or_a_note_accounts_for_a_name(package_copy):
    package_copy.edit("claims", "guidance-c010", statement="Ketamine has a place in a share of long pain.")
    note = "Willow bark is named by the sentence before."
    package_copy.edit(
        "claims", FIRST, statement="Ketamine, unlike willow bark, is an anaesthetic.", note=note
    )
    assert messages(package_copy) == []


@case("who_and_where_are_in_statement")
def actor_is_not_in_statement(copy):
    copy.edit("claims", "leaflet-c002", statement="For pain, ketamine has long been given.")
    return [
        f'{at(copy, "claims", "leaflet-c002")}statement="For pain, ketamine has long been given.": '
        "does not name doctors, its actor; name it, or remove the link"
    ]


@case("who_and_where_are_in_statement")
def place_is_not_in_statement(copy):
    copy.edit("claims", "guidance-c018", statement="Ketamine ought to be begun with care.")
    return [
        f'{at(copy, "claims", "guidance-c018")}statement="Ketamine ought to be begun with care.": '
        "does not name pain-unit, its setting; name it, or remove the link"
    ]


@case("patients_are_linked")
def patients_are_not_linked(copy):
    statement = "Long pain of patients is treated with ketamine."
    copy.edit("claims", "leaflet-c013", statement=statement)
    place = f'{at(copy, "claims", "leaflet-c013")}statement="{statement}": '
    return [
        f"{place}tells of patients, and no link says who they are; add them to claim_concepts.csv as a population",
        f'{place}"patients" is there and names patients in concepts; link it in its role, or say in note why not',
    ]


@case("patients_are_linked")
def patients_stand_in_a_mention_alone(copy):
    rows = copy.rows("claim_concepts")
    copy.write(
        "claim_concepts", [row for row in rows if row["concept_id"] != "patients" or row["claim_id"] != OWN]
    )
    copy.edit("claims", OWN, note="Its patients are those of the clinic.")
    words = {"mention": "patients with long pain", "mention_type": "elliptical"}
    copy.edit("claim_conditions", f"{OWN},long-pain,treated", **words)
    return [
        f'{at(copy, "claims", OWN)}statement="{cell(copy, "claims", OWN, "statement")}": '
        "tells of patients, and no link says who they are; add them to claim_concepts.csv as a population"
    ]


@case("relief_links_its_symptom")
def relief_links_no_symptom(copy):
    relief = next(row for row in copy.rows("concepts") if row["concept_id"] == "relief")
    analgesia = {
        "concept_id": "analgesia",
        "label": "analgesia",
        "passage_id": "leaflet-p017",
        "quote": "help",
    }
    copy.append("concepts", **relief | analgesia)
    cells = {"concept_id": "analgesia", "role": "outcome", "direction": "improves"}
    words = {"mention": "effects", "mention_type": "elliptical"}
    copy.append("claim_concepts", claim_id="leaflet-c017", **cells | words)
    return [
        f'{at(copy, "claims", "leaflet-c017")}claim_id="leaflet-c017": analgesia is linked, and pain is not; '
        "add it to claim_conditions.csv"
    ]


@case("spanning_qualifier_is_noted")
def qualifier_runs_over_another_item(copy):
    quote = cell(copy, "claims", "guidance-c015", "quote")
    copy.edit("claims", "guidance-c015", qualifier="a fast pulse and rarely")
    assert "a fast pulse and rarely" in quote
    return [
        f'{at(copy, "claims", "guidance-c015")}qualifier="a fast pulse and rarely": runs over "a fast pulse", '
        "which belongs to another claim; narrow it, or say in note what it spans"
    ]


def test_a_note_says_what_a_qualifier_spans(package_copy):
    note = (
        "The context is that of ketamine. The qualifier spans the pulse, because the words stand in one run."
    )
    package_copy.edit("claims", "guidance-c015", qualifier="a fast pulse and rarely", note=note)
    assert messages(package_copy) == []


@case("bounded_advice_is_judged")
def advice_for_a_place_supports(copy):
    copy.edit("claims", "guidance-c020", stance="supports")
    return [
        f'{at(copy, "claims", "guidance-c020")}stance="supports": the advice is bound to pain-unit; '
        "write mixed, or say in note how it judges the drug itself"
    ]


@case("turn_has_its_outcome")
def lessening_has_no_outcome(copy):
    statement = "By observation, ketamine eases harp elbow in an hour's time."
    copy.edit("claims", "leaflet-c006", statement=statement)
    return [
        f'{at(copy, "claims", "leaflet-c006")}statement="{statement}": '
        '"eases" says which way an outcome goes, and no link does; link what it does it to'
    ]


def repeat_first_claim(copy, **cells):
    """Adds a claim with the type, qualifier and links of the first, and other words."""
    row = next(row for row in copy.rows("claims") if row["claim_id"] == FIRST)
    again = {"claim_id": "guidance-c099", "focus": "agent", "statement": "Ketamine is such an agent."}
    copy.append("claims", **row | again | cells)
    for table in ("claim_concepts", "claim_references"):
        for link in copy.rows(table):
            if link["claim_id"] == FIRST:
                copy.append(table, **link | {"claim_id": "guidance-c099"})


@case("claims_of_a_passage_differ")
def links_are_those_of_another_claim(copy):
    repeat_first_claim(copy)
    return [
        f'{at(copy, "claims", "guidance-c099")}claim_id="guidance-c099": '
        "has the type, qualifier and links of guidance-c001; "
        "link what sets it apart, or name that one in note and say what does"
    ]


@case("situation_is_a_context")
def operation_is_a_population(copy):
    key = find(copy, "claim_conditions", condition_id="tooth-removal")
    copy.edit("claim_conditions", key, role="population")
    key = key.replace("context", "population")
    return [
        f'{at(copy, "claim_conditions", key)}role="population": tooth-removal is a procedure; write context, '
        "or add the people it tells apart to claim_concepts.csv"
    ]


@case("use_is_more_than_interest")
def condition_of_a_use_is_studied(copy):
    key = find(copy, "claim_conditions", claim_id="clinic-page-c002", role="treated")
    copy.edit("claim_conditions", key, role="studied")
    key = key.replace("treated", "studied")
    return [
        f'{at(copy, "claim_conditions", key)}role="studied": clinic-page-c002 is a claim of use; '
        "write history there, or treated here"
    ]


@case("classification_has_a_class")
def class_is_a_subject(copy):
    key = find(copy, "claim_concepts", claim_id=FIRST, role="class")
    copy.edit("claim_concepts", key, role="subject")
    return [
        f'{at(copy, "claims", FIRST)}claim_type="classification": no link has the role class; '
        "give it to what the subject is classed as"
    ]


@case("research_is_no_basis_of_what_is_said_of_it")
def research_is_what_is_spoken_of(copy):
    key = find(copy, "claim_concepts", claim_id="guidance-c008", role="method")
    copy.edit("claim_concepts", key, role="target")
    return [
        f'{at(copy, "claims", "guidance-c008")}evidence_basis="case reports": what the claim speaks of '
        "is no basis; leave it empty and write none_stated, or link what it rests on as a method"
    ]


@case("role_fits_kind")
def country_is_a_setting(copy):
    key = find(copy, "claim_concepts", claim_id="leaflet-c016", role="jurisdiction")
    copy.edit("claim_concepts", key, role="setting")
    key = key.replace("jurisdiction", "setting")
    return [
        f'{at(copy, "claim_concepts", key)}role="setting": valley is of kind jurisdiction; write jurisdiction'
    ]


@case("role_fits_kind")
def room_is_an_actor(copy):
    key = find(copy, "claim_concepts", concept_id="quiet-room")
    copy.edit("claim_concepts", key, role="actor")
    key = key.replace("method", "actor")
    return [
        f'{at(copy, "claim_concepts", key)}role="actor": quiet-room is of kind treatment, and this role is for '
        "health_professional or organisation or population; correct one of them"
    ]


@case("effects_of_a_claim_are_joined")
def effects_are_side_by_side(copy):
    key = find(copy, "claim_adverse_effects", claim_id="guidance-c016", adverse_effect_id="vivid-dreams")
    copy.edit("claim_adverse_effects", key, mention="effects", mention_type="elliptical")
    place = at(copy, "claim_adverse_effects", key)
    return [
        f'{place}adverse_effect_id="vivid-dreams": the claim names {other} too, '
        "and neither is a kind of the other; fill broader_id, or make two claims"
        for other in ("fast-pulse", "sore-bladder")
    ]


def test_a_concern_may_stand_beside_an_effect_of_which_it_is_no_kind(package_copy):
    link = {"role": "concern", "mention": "The spray has side effects", "mention_type": "elliptical"}
    package_copy.append(
        "claim_adverse_effects", claim_id="leaflet-c017", adverse_effect_id="sleepiness", **link
    )
    assert messages(package_copy) == []


def test_a_note_that_names_the_other_claim_says_why(package_copy):
    repeat_first_claim(package_copy, note="It differs from guidance-c001 in the word alone.")
    assert messages(package_copy) == []


@case("outcome_has_a_direction")
def outcome_goes_nowhere(copy):
    key = find(copy, "claim_concepts", claim_id="guidance-c014", role="outcome")
    copy.edit("claim_concepts", key, direction="")
    return [
        f'{at(copy, "claim_concepts", key)}direction="": '
        "the concept is an outcome; say which way it goes, not_stated if the words do not"
    ]


@case("outcome_has_a_direction")
def subject_goes_up(copy):
    key = find(copy, "claim_concepts", claim_id=FIRST, role="subject")
    copy.edit("claim_concepts", key, direction="increases")
    return [
        f'{at(copy, "claim_concepts", key)}direction="increases": role is subject; '
        "leave it empty, or write outcome"
    ]


@case("direction_fits_type")
def review_announces_a_result(copy):
    key = find(copy, "claim_concepts", claim_id="abstract-2001-c003", concept_id="pubhedge")
    copy.edit("claim_concepts", key, role="outcome", direction="improves")
    key = key.replace("method", "outcome")
    return [
        f'{at(copy, "claim_concepts", key)}direction="improves": '
        "abstract-2001-c003 is of type review_scope, which tells no result; write not_stated"
    ]


@case("direction_keeps_its_scale")
def outcome_is_a_state_and_a_quantity(copy):
    key = find(copy, "claim_concepts", claim_id="clinic-page-c007", role="outcome")
    copy.edit("claim_concepts", key, direction="increases")
    return [
        f'{at(copy, "claim_concepts", key)}direction="increases": relief is a state in clinic-page-c006, '
        "and this is for a measured quantity; use one pair of words for it"
    ]


@pytest.mark.parametrize(("rule", "break_copy"), cases_of(__name__))
def test_what_is_broken_is_reported(rule, break_copy, package_copy):
    check_case(rule, break_copy, package_copy)
