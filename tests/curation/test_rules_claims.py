"""Cases of the rules on claims and their links."""

import csv

import pytest
from packpress.problems import shorten_value

from invented.copies import messages
from tests.curation.cases import at, case, cases_of, cell, check_case, find

FIRST = "guidance-c001"


@case("claim_id_names_its_source")
def id_of_another_source(copy):
    row = next(row for row in copy.rows("claims") if row["claim_id"] == FIRST)
    again = {"claim_id": "c999", "focus": "agent", "claim_type": "history"}
    copy.append("claims", **row | again | {"statement": "Ketamine is such an agent."})
    copy.append(
        "claim_concepts",
        claim_id="c999",
        concept_id="ketamine",
        role="subject",
        mention="Ketamine",
        mention_type="named",
    )
    copy.append("claim_references", claim_id="c999", reference_id="guidance-r02", marker="2-4")
    return [
        f'{at(copy, "claims", "c999")}claim_id="c999": does not begin with guidance-; '
        "correct it or passage_id"
    ]


def write_readings(copy, change=None, left_out="", key=FIRST):
    """Two raw readings that are as the tables; in the second, one source left out or one row changed."""
    for name, keep in (("reader-a", ""), ("reader-b", left_out)):
        folder = copy.root / "data" / "curation" / name / "all"
        folder.mkdir(parents=True)
        rows = [row for row in copy.rows("claims") if not keep or not row["claim_id"].startswith(f"{keep}-")]
        if name == "reader-b" and change:
            rows = [row | change if row["claim_id"] == key else row for row in rows]
        with (folder / "claims.csv").open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def told_of_first(copy, words):
    return [f'{at(copy, "claims", FIRST)}extraction="both_readers": {words}']


@case("both_readers_recorded_the_claim")
def reading_judges_otherwise(copy):
    write_readings(copy, {"claim_type": "history"})
    return told_of_first(
        copy,
        'reader-b has "history" in claim_type; write adjudicated, or revised if it changed later',
    )


@case("both_readers_recorded_the_claim")
def claim_gained_a_qualifier_since(copy):
    key = find(copy, "claims", qualifier=True, extraction="both_readers")
    write_readings(copy, {"qualifier": ""}, key=key)
    return [
        f'{at(copy, "claims", key)}extraction="both_readers": reader-b has nothing in qualifier; '
        "write adjudicated, or revised if it changed later"
    ]


@case("both_readers_recorded_the_claim")
def quote_was_shortened_since(copy):
    write_readings(copy)
    words = "Ketamine is an anaesthetic agent with soothing properties"
    copy.edit("claims", FIRST, quote=words)
    whole = next(row["quote"] for row in copy.rows("claims") if row["claim_id"] == "guidance-c002")
    return told_of_first(
        copy,
        f'reader-a has "{shorten_value(whole)}" in quote; write adjudicated, or revised if it changed later',
    )


@case("both_readers_recorded_the_claim")
def document_has_only_one_reading(copy):
    for row in copy.rows("claims"):
        if row["claim_id"].startswith("guidance-") and row["claim_id"] != FIRST:
            copy.edit("claims", row["claim_id"], extraction="one_reader")
    write_readings(copy, left_out="guidance")
    return told_of_first(
        copy, "reader-b did not record it; write one_reader, or revised if it was added later"
    )


@case("antecedent_stands_before")
def antecedent_is_the_passage_itself(copy):
    copy.edit("claims", FIRST, antecedent_passage_id="guidance-p003")
    return [
        f'{at(copy, "claims", FIRST)}antecedent_passage_id="guidance-p003": '
        "not before guidance-p003 in its document; correct it or leave it empty"
    ]


@case("antecedent_stands_before")
def antecedent_is_of_another_document(copy):
    copy.edit("claims", FIRST, antecedent_passage_id="clinic-page-p001")
    return [
        f'{at(copy, "claims", FIRST)}antecedent_passage_id="clinic-page-p001": '
        "not before guidance-p003 in its document; correct it or leave it empty"
    ]


@case("stance_fits_type")
def stance_is_missing(copy):
    key = find(copy, "claims", claim_type="efficacy")
    copy.edit("claims", key, stance="")
    return [
        f'{at(copy, "claims", key)}stance="": efficacy claims have a stance; '
        "add it, neutral where the words do not judge"
    ]


@case("stance_fits_type")
def stance_of_a_type_without(copy):
    copy.edit("claims", FIRST, stance="neutral")
    return [
        f'{at(copy, "claims", FIRST)}stance="neutral": classification claims have no stance; '
        "leave it empty or correct claim_type"
    ]


@case("stance_fits_type")
def other_things_are_judged(copy):
    key = find(copy, "claims", claim_type="efficacy", stance="supports")
    copy.edit("claims", key, about="other")
    copy.edit("claim_concepts", f"{key},ketamine,subject", role="comparator")
    return [
        f'{at(copy, "claims", key)}stance="supports": about is other, and only the use of ketamine is judged; '
        "write neutral"
    ]


@case("claim_type_has_its_links")
def condition_is_required(copy):
    copy.edit("claims", FIRST, claim_type="use", stance="neutral")
    return [
        f'{at(copy, "claims", FIRST)}claim_type="use": requires a condition; '
        "add a row to data/claim_conditions.csv or correct the type"
    ]


@case("claim_type_has_its_links")
def effect_is_required(copy):
    copy.edit("claims", FIRST, claim_type="safety", note="")
    return [
        f'{at(copy, "claims", FIRST)}claim_type="safety": requires an effect; '
        "add a row to data/claim_adverse_effects.csv or say in note why not"
    ]


@case("subject_fits_type")
def background_about_ketamine(copy):
    key = find(copy, "claims", claim_type="background")
    copy.edit("claims", key, about="ketamine", note="It names no drug.")
    link = {"claim_id": key, "concept_id": "ketamine", "role": "subject", "mention_type": "context"}
    copy.append("claim_concepts", **link)
    return [
        f'{at(copy, "claims", key)}about="ketamine": background claims are about other; '
        "write that or correct claim_type"
    ]


@case("hedge_fits_certainty")
def hedge_is_missing(copy):
    copy.edit("claims", FIRST, certainty="hedged")
    return [
        f'{at(copy, "claims", FIRST)}hedge="": the claim is hedged; copy the words that doubt, or write asserted'
    ]


@case("hedge_fits_certainty")
def hedge_of_an_assertion(copy):
    key = find(copy, "claims", certainty="hedged")
    copy.edit("claims", key, certainty="asserted")
    return [
        f'{at(copy, "claims", key)}certainty="asserted": hedge has words that doubt; '
        "write hedged or move the words"
    ]


@case("attribution_fits_voice")
def body_is_missing(copy):
    copy.edit("claims", FIRST, voice="attributed")
    return [
        f'{at(copy, "claims", FIRST)}attributed_to="": the claim is attributed; '
        "copy the words that name the body, or write own in voice"
    ]


@case("attribution_fits_voice")
def body_beside_own_voice(copy):
    key = find(copy, "claims", attributed_to=True)
    copy.edit("claims", key, voice="own")
    return [
        f'{at(copy, "claims", key)}voice="own": attributed_to names a body; '
        "write attributed or leave that empty"
    ]


@case("basis_fits_evidence_type")
def words_beside_citation_only(copy):
    copy.edit("claims", FIRST, evidence_basis="soothing")
    return [
        f'{at(copy, "claims", FIRST)}evidence_type="citation_only": evidence_basis has words; '
        "write the kind that they name, or leave them out"
    ]


@case("basis_fits_evidence_type")
def words_are_missing(copy):
    copy.edit("claims", FIRST, evidence_type="guideline")
    return [
        f'{at(copy, "claims", FIRST)}evidence_basis="": evidence_type is guideline; '
        "copy the words that name it, or correct evidence_type"
    ]


@case("basis_fits_evidence_type")
def citation_is_missing(copy):
    key = find(copy, "claims", evidence_type="none_stated")
    copy.edit("claims", key, evidence_type="citation_only")
    return [
        f'{at(copy, "claims", key)}evidence_type="citation_only": no reference is linked; '
        "add a row to data/claim_references.csv or write none_stated"
    ]


@case("basis_fits_evidence_type")
def citation_beside_none_stated(copy):
    copy.edit("claims", FIRST, evidence_type="none_stated")
    return [
        f'{at(copy, "claims", FIRST)}evidence_type="none_stated": the claim cites guidance-r02; '
        "write citation_only or remove the link"
    ]


@case("statement_is_made_once")
def statement_is_made_twice(copy):
    # Words that name nothing that has a row.
    statement = "Ketamine can do that."
    for key in ("guidance-c013", "guidance-c014"):
        copy.edit("claims", key, statement=statement)
    return [
        f'{at(copy, "claims", "guidance-c014")}statement="{statement}": guidance-c013 states the same; '
        "say what differs, or name that one in note"
    ]


@case("claim_is_linked")
def links_are_missing(copy):
    rows = copy.rows("claim_concepts")
    copy.write("claim_concepts", [row for row in rows if row["claim_id"] != "abstract-2001-c009"])
    return [
        f'{at(copy, "claims", "abstract-2001-c009")}claim_id="abstract-2001-c009": linked to nothing; '
        "add what it is about to a link table"
    ]


@case("mention_fits_mention_type")
def words_of_a_context(copy):
    key = find(copy, "claim_conditions", claim_id="guidance-c003", mention="harp elbow")
    copy.edit("claim_conditions", key, mention_type="context")
    return [
        f'{at(copy, "claim_conditions", key)}mention="harp elbow": mention_type is context, '
        "which has no words here; leave it empty or correct mention_type"
    ]


@case("mention_fits_mention_type")
def context_is_not_explained(copy):
    key = find(copy, "claim_concepts", mention_type="context")
    claim = cell(copy, "claim_concepts", key, "claim_id")
    copy.edit("claims", claim, note="")
    return [
        f'{at(copy, "claim_concepts", key)}mention="": say in the note of {claim} how the context names the row'
    ]


@case("mention_fits_mention_type")
def mention_is_missing(copy):
    key = find(copy, "claim_conditions", claim_id="guidance-c003", mention="harp elbow")
    copy.edit("claim_conditions", key, mention="")
    return [
        f'{at(copy, "claim_conditions", key)}mention="": copy the words that name the row, '
        "or write context in mention_type"
    ]


@case("mention_fits_mention_type")
def name_points_back(copy):
    key = find(copy, "claim_adverse_effects", mention="These effects")
    copy.edit("claim_adverse_effects", key, mention_type="named")
    return [
        f'{at(copy, "claim_adverse_effects", key)}mention="These effects": refers back instead of naming; '
        "write anaphoric in mention_type, or copy the name alone"
    ]


@case("roles_do_not_oppose")
def treated_and_contraindicated(copy):
    row = next(row for row in copy.rows("claim_conditions") if row["role"] == "treated")
    copy.append("claim_conditions", **row | {"role": "not_recommended"})
    key = ",".join((row["claim_id"], row["condition_id"], "not_recommended"))
    return [
        f'{at(copy, "claim_conditions", key)}role="not_recommended": '
        f"{row['condition_id']} is treated in the same claim; keep one"
    ]


@case("contraindication_has_its_role")
def role_of_another_type(copy):
    key = find(copy, "claim_conditions", claim_id="clinic-page-c002", role="treated")
    copy.edit("claim_conditions", key, role="contraindication")
    key = key.replace("treated", "contraindication")
    return [
        f'{at(copy, "claim_conditions", key)}role="contraindication": '
        "clinic-page-c002 is a claim of type use; correct one of them",
        f'{at(copy, "source_reporting", "clinic-page,contraindication_named")}stated="no": '
        f"data/claim_conditions.csv shows it at {key}; write yes or unspecific, or correct that",
    ]


@case("contraindication_has_its_role")
def type_without_the_role(copy):
    key = find(copy, "claim_conditions", role="contraindication")
    claim = key.partition(",")[0]
    source = claim.rpartition("-")[0]
    copy.edit("claim_conditions", key, role="context")
    return [
        f'{at(copy, "claims", claim)}claim_type="contraindication": '
        "no condition of the claim has this role; correct the role or the type",
        f'{at(copy, "source_reporting", f"{source},contraindication_named")}stated="yes": role in '
        "data/claim_conditions.csv does not show it; write no or unspecific, or add what shows it",
    ]


@case("every_entity_is_used")
def route_is_not_used(copy):
    row = next(row for row in copy.rows("routes") if row["route_id"] == "oral")
    copy.append("routes", **row | {"route_id": "buccal", "label": "buccal"})
    return [
        f'{at(copy, "routes", "buccal")}route_id="buccal": no claim uses it; '
        "add a row to claim_routes.csv or remove it"
    ]


@case("every_name_is_linked")
def name_is_not_linked(copy):
    rows = copy.rows("claim_routes")
    passage = {row["claim_id"]: row["passage_id"] for row in copy.rows("claims")}
    copy.write("claim_routes", [row for row in rows if passage[row["claim_id"]] != "clinic-page-p004"])
    key = find(copy, "claims", passage_id="clinic-page-p004")
    return [
        f'{at(copy, "claims", key)}passage_id="clinic-page-p004": "intravenous" is there and names '
        "intravenous in routes; link it to a claim of the passage"
    ]


def test_words_that_are_a_mention_name_what_is_linked(package_copy):
    # Its words are the name of another concept, which stands nowhere in this passage.
    key = find(package_copy, "claim_concepts", mention="trials", mention_type="elliptical")
    assert cell(package_copy, "claim_concepts", key, "concept_id") == "randomised-trials"
    assert messages(package_copy) == []


def test_a_reading_that_is_no_table_is_told_by_its_path(package_copy):
    write_readings(package_copy)
    file = package_copy.root / "data" / "curation" / "reader-a" / "all" / "claims.csv"
    file.write_text("claim_id,colour\nx,red\n", encoding="utf-8")
    (message,) = messages(package_copy)
    assert message.startswith("data/curation/reader-a/all/claims.csv:1: the header has colour, ")
    file.unlink()
    assert messages(package_copy) == [
        "data/curation/reader-a: has no claims of a reader; name the folder of a reading"
    ]


@pytest.mark.parametrize(("rule", "break_copy"), cases_of(__name__))
def test_what_is_broken_is_reported(rule, break_copy, package_copy):
    check_case(rule, break_copy, package_copy)
