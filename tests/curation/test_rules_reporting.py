"""Cases of the rules on entities and on what sources report."""

import pytest

from tests.curation.cases import add_source, at, case, cases_of, check_case


@case("broader_goes_in_no_circle")
def two_rows_in_a_circle(copy):
    copy.edit("conditions", "pain", broader_id="long-pain")
    return [
        f'{at(copy, "conditions", key)}broader_id="{broader}": leads back to {key}; '
        "name a broader row or leave it empty"
        for key, broader in (("long-pain", "pain"), ("pain", "long-pain"))
    ]


@case("modified_label_has_a_broader")
def modified_label_stands_alone(copy):
    copy.edit("conditions", "twisted-pain", broader_id="")
    return [
        f'{at(copy, "conditions", "twisted-pain")}broader_id="": "twisted pain" is "pain" with a modifier; '
        "name that or another broader row"
    ]


@case("label_is_used_once")
def labels_differ_in_case(copy):
    copy.edit("routes", "oral", label="Nasal")
    return [
        f'{at(copy, "routes", "oral")}label="Nasal": nasal is labelled "nasal"; '
        "give each row a label of its own"
    ]


@case("label_is_no_list")
def label_is_a_list(copy):
    copy.edit("routes", "nasal", label="nasal; oral; by vein")
    return [
        f'{at(copy, "routes", "nasal")}label="nasal; oral; by vein": several in one cell; write a row for each'
    ]


@case("label_is_no_list")
def name_is_a_list(copy):
    key = copy.rows("names")[0]["name_id"]
    copy.edit("names", key, name="one|another")
    return [f'{at(copy, "names", key)}name="one|another": several in one cell; write a row for each']


@case("quote_is_the_first_naming")
def quote_is_a_later_naming(copy):
    copy.edit("routes", "oral", passage_id="guidance-p009", quote="oral")
    return [
        f'{at(copy, "routes", "oral")}passage_id="guidance-p009": guidance-p004 names it before; '
        "quote it from there"
    ]


@case("quote_is_the_first_naming")
def quote_is_of_a_draft(copy):
    add_source(copy, "in_progress", "Oral use.")
    copy.append(
        "passages",
        passage_id="new-p001",
        source_id="new",
        position="1",
        kind="sentence",
        start_offset="0",
        end_offset="9",
        starts_line="true",
        text="Oral use.",
    )
    copy.edit("routes", "oral", passage_id="new-p001")
    return [
        f'{at(copy, "routes", "oral")}passage_id="new-p001": of a draft, but guidance-p004 names it too; '
        "quote it from there"
    ]


@case("checklist_is_complete")
def items_are_missing(copy):
    copy.delete("source_reporting", "guidance,effect_size")
    copy.delete("source_reporting", "guidance,route_named")
    return [
        f'{at(copy, "sources", "guidance")}source_id="guidance": '
        "data/source_reporting.csv has no row of it for route_named, effect_size; add it"
    ]


@case("stated_item_has_its_passage")
def passage_of_an_item_that_is_not_stated(copy):
    copy.edit("source_reporting", "guidance,number_of_patients", passage_id="guidance-p003")
    return [
        f'{at(copy, "source_reporting", "guidance,number_of_patients")}passage_id="guidance-p003": '
        "the item is not stated; leave it empty, or write yes or unspecific in stated"
    ]


@case("stated_item_has_its_passage")
def passage_is_missing(copy):
    copy.edit("source_reporting", "guidance,number_of_patients", stated="unspecific")
    return [
        f'{at(copy, "source_reporting", "guidance,number_of_patients")}passage_id="": '
        "stated is unspecific; name a passage that shows it, or write no"
    ]


@case("stated_item_has_its_passage")
def passage_of_another_source(copy):
    copy.edit("source_reporting", "guidance,route_named", passage_id="clinic-page-p003")
    return [
        f'{at(copy, "source_reporting", "guidance,route_named")}passage_id="clinic-page-p003": '
        "a passage of clinic-page; name one of guidance"
    ]


@case("stated_agrees_with_the_tables")
def links_show_what_is_not_stated(copy):
    key = "guidance,route_named"
    copy.edit("source_reporting", key, stated="no", passage_id="")
    link = next(
        row
        for row in copy.rows("claim_routes")
        if row["claim_id"].startswith("guidance") and row["role"] == "for_pain"
    )
    return [
        f'{at(copy, "source_reporting", key)}stated="no": data/claim_routes.csv shows it at '
        f"{link['claim_id']},{link['route_id']},for_pain; write yes or unspecific, or correct that"
    ]


@case("stated_agrees_with_the_tables")
def nothing_shows_what_is_stated(copy):
    key = "guidance,publication_date"
    copy.edit("source_reporting", key, stated="yes", passage_id="guidance-p001")
    return [
        f'{at(copy, "source_reporting", key)}stated="yes": published_date in data/sources.csv does not show it; '
        "write no or unspecific, or add what shows it"
    ]


@pytest.mark.parametrize(("rule", "break_copy"), cases_of(__name__))
def test_what_is_broken_is_reported(rule, break_copy, package_copy):
    check_case(rule, break_copy, package_copy)
