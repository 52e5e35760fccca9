"""Cases of the rules on codes of terminologies."""

import pytest

from tests.curation.cases import at, case, cases_of, check_case, find


def add_mapping(copy, mapping_id, **cells):
    copy.append(
        "mappings",
        **{
            "mapping_id": mapping_id,
            "table_name": "routes",
            "row_id": "oral",
            "predicate_id": "skos:exactMatch",
            "object_id": "MESH:D9990011",
            "object_label": "Oral route",
            "mapping_justification": "semapv:ManualMappingCuration",
            "object_source": "MeSH",
            "license": "Its own terms",
        }
        | cells,
    )


@case("mapped_row_exists")
def mapped_row_is_misspelt(copy):
    add_mapping(copy, "zz-1", row_id="orally")
    return [
        f'{at(copy, "mappings", "zz-1")}row_id="orally": not in data/routes.csv; correct row_id or table_name'
    ]


@case("prefix_is_declared")
def prefix_is_unknown(copy):
    add_mapping(copy, "zz-1", object_id="XX:1")
    return [
        f'{at(copy, "mappings", "zz-1")}object_id="XX:1": no address is declared for XX; '
        "write a prefix that datapackage.json declares, or declare it there under prefixes"
    ]


@case("prefix_is_declared")
def prefix_is_of_no_registry(copy):
    key = find(copy, "mappings", object_id="icd11.code:XX99")
    copy.edit("mappings", key, object_id="ICD11:XX99")
    return [
        f'{at(copy, "mappings", key)}object_id="ICD11:XX99": no address is declared for ICD11; '
        "write a prefix that datapackage.json declares, or declare it there under prefixes"
    ]


@case("one_exact_match_in_a_terminology")
def two_exact_matches(copy):
    add_mapping(copy, "zz-1")
    add_mapping(copy, "zz-2", object_id="MESH:D9990012")
    return [
        f'{at(copy, "mappings", "zz-2")}object_id="MESH:D9990012": oral is already MESH:D9990011; keep one in MESH'
    ]


@case("code_is_one_row_exactly")
def one_code_for_two_rows(copy):
    add_mapping(copy, "zz-1")
    add_mapping(copy, "zz-2", row_id="nasal")
    return [
        f'{at(copy, "mappings", "zz-2")}object_id="MESH:D9990011": is already oral in routes; '
        "merge the rows or keep one match"
    ]


@case("exact_match_is_of_the_kind")
def code_is_a_harm(copy):
    key = find(copy, "mappings", table_name="adverse_effects")
    copy.edit("mappings", key, predicate_id="skos:exactMatch")
    return [
        f'{at(copy, "mappings", key)}predicate_id="skos:exactMatch": '
        "the code is not limited to effects of the drug; write skos:closeMatch"
    ]


@case("exact_match_is_of_the_kind")
def code_is_a_group_of_procedures(copy):
    add_mapping(copy, "zz-1", table_name="conditions", row_id="tooth-removal")
    return [
        f'{at(copy, "mappings", "zz-1")}predicate_id="skos:exactMatch": '
        "the code stands for a group of procedures; write skos:closeMatch"
    ]


@case("exact_match_is_of_the_kind")
def code_is_a_substance(copy):
    add_mapping(copy, "zz-1", table_name="concepts", row_id="mood", object_id="CHEBI:9990013")
    return [
        f'{at(copy, "mappings", "zz-1")}predicate_id="skos:exactMatch": '
        "CHEBI has codes for substance and substance_class, and mood is monitored_parameter; "
        "write skos:relatedMatch or skos:closeMatch"
    ]


@case("exact_match_is_of_the_kind")
def code_is_a_disease(copy):
    add_mapping(copy, "zz-1", object_id="DOID:9990014")
    return [
        f'{at(copy, "mappings", "zz-1")}predicate_id="skos:exactMatch": '
        "DOID has codes for pain_condition and other_condition, and oral is routes; "
        "write skos:relatedMatch or skos:closeMatch"
    ]


@case("difference_is_noted")
def close_match_without_a_note(copy):
    add_mapping(copy, "zz-1", predicate_id="skos:closeMatch")
    return [
        f'{at(copy, "mappings", "zz-1")}predicate_id="skos:closeMatch": '
        "leaves open how row and code differ; say so in the note"
    ]


@case("difference_is_noted")
def note_is_of_the_licence_alone(copy):
    note = "The licence is given from general knowledge."
    add_mapping(copy, "zz-1", predicate_id="skos:relatedMatch", note=note)
    return [
        f'{at(copy, "mappings", "zz-1")}predicate_id="skos:relatedMatch": '
        "leaves open how row and code differ; say so in the note"
    ]


@case("lexical_match_has_equal_names")
def names_are_not_equal(copy):
    key = find(copy, "mappings", mapping_justification="semapv:LexicalMatching")
    copy.edit("mappings", key, object_label="Knee, Harp")
    return [
        f'{at(copy, "mappings", key)}object_label="Knee, Harp": the row is labelled "harp elbow"; '
        "write semapv:ManualMappingCuration"
    ]


@pytest.mark.parametrize(("rule", "break_copy"), cases_of(__name__))
def test_what_is_broken_is_reported(rule, break_copy, package_copy):
    check_case(rule, break_copy, package_copy)
