"""Cases of the rules on citations, references and their corrections."""

import pytest

from tests.curation.cases import at, case, cases_of, check_case, find

R01 = "guidance-r01"
ENTRY = "1. Alder B., Birch C., Cedar D., Doe J, Elm F. Use of ketamine by travelling…"


@case("every_marker_is_linked")
def reference_of_a_range_is_not_linked(copy):
    rows = copy.rows("claim_references")
    kept = [row for row in rows if (row["reference_id"], row["marker"]) != ("guidance-r04", "2-4")]
    copy.write("claim_references", kept)
    key = find(copy, "claims", passage_id="guidance-p003")
    return [
        f'{at(copy, "claims", key)}passage_id="guidance-p003": the marker "2-4" is there and cites 4; '
        "link guidance-r04 to a claim of the passage"
    ]


@case("every_marker_is_linked")
def tag_without_a_reference(copy):
    copy.edit("references", "guidance-ab12", number="")
    place = at(copy, "claims", find(copy, "claims", passage_id="guidance-p014"))
    links = [row for row in copy.rows("claim_references") if row["reference_id"] == "guidance-ab12"]
    return [
        f'{place}passage_id="guidance-p014": the marker "[AB12]" is there and cites AB12, '
        "for which there is no reference; add it",
        *(
            f'{at(copy, "claim_references", link["claim_id"] + ",guidance-ab12")}marker="[AB12]": '
            "cites AB12, but guidance-ab12 has no number; correct one of them"
            for link in links
        ),
    ]


@case("linked_marker_is_printed")
def marker_is_cut(copy):
    key = find(copy, "claim_references", reference_id="guidance-r02", marker="2-4")
    copy.edit("claim_references", key, marker="2")
    return [
        f'{at(copy, "claim_references", key)}marker="2": not printed as a marker in passage '
        "guidance-p003; copy the whole marker"
    ]


@case("linked_marker_is_printed")
def marker_cites_another(copy):
    key = find(copy, "claim_references", reference_id="guidance-r02", marker="2-4")
    copy.append("claim_references", claim_id=key.split(",")[0], reference_id="guidance-r07", marker="2-4")
    key = key.replace("r02", "r07")
    return [
        f'{at(copy, "claim_references", key)}marker="2-4": cites 2, 3, 4, but guidance-r07 is 7; '
        "correct one of them"
    ]


@case("linked_marker_is_printed")
def reference_of_another_document(copy):
    key = find(copy, "claim_references", reference_id="guidance-r02", marker="2-4")
    other = "abstract-2001-r02"
    copy.append("claim_references", claim_id=key.split(",")[0], reference_id=other, marker="2-4")
    key = key.replace("guidance-r02", other)
    return [
        f'{at(copy, "claim_references", key)}reference_id="{other}": listed by abstract-2001; '
        "a claim cites what its own document lists"
    ]


@case("every_entry_has_one_reference")
def entry_without_a_reference(copy):
    copy.delete("references", "abstract-2001-r03")
    for row in copy.rows("reference_authors"):
        if row["reference_id"] == "abstract-2001-r03":
            copy.delete("reference_authors", f"{row['reference_id']},{row['position']}")
    for row in copy.rows("corrections"):
        if row["reference_id"] == "abstract-2001-r03":
            copy.delete("corrections", row["correction_id"])
    return [
        f'{at(copy, "passages", "abstract-2001-p035")}passage_id="abstract-2001-p035": '
        "begins an entry that no reference records; add a row to data/references.csv"
    ]


@case("every_entry_has_one_reference")
def entry_with_two_references(copy):
    row = next(row for row in copy.rows("references") if row["reference_id"] == "abstract-2001-r03")
    copy.append("references", **row | {"reference_id": "abstract-2001-r99"})
    return [
        f'{at(copy, "references", "abstract-2001-r99")}passage_id="abstract-2001-p036": '
        "abstract-2001-r03 records this entry; one row is one printed entry, remove one"
    ]


@case("reference_stands_where_listed")
def reference_of_another_source(copy):
    copy.edit("references", "abstract-2001-record", source_id="guidance")
    return [
        f'{at(copy, "references", "abstract-2001-record")}source_id="guidance": '
        "passage abstract-2001-p002 is of abstract-2001; correct one of them"
    ]


@case("reference_stands_where_listed")
def listed_entry_in_text(copy):
    copy.edit("references", "abstract-2001-r03", listed_as="in_text")
    return [
        f'{at(copy, "references", "abstract-2001-r03")}listed_as="in_text": '
        "passage abstract-2001-p036 is of kind entry_line; correct listed_as or passage_id"
    ]


@case("reference_fields_are_printed")
def volume_is_part_of_a_number(copy):
    copy.edit("references", R01, volume="8")
    return [f'{at(copy, "references", R01)}volume="8": not in the entry "{ENTRY}"; write what is printed']


@case("reference_fields_are_printed")
def year_is_another(copy):
    copy.edit("references", R01, year="2021")
    return [f'{at(copy, "references", R01)}year="2021": not in the entry "{ENTRY}"; write what is printed']


@case("ordinal_is_printed")
def ordinal_is_another(copy):
    copy.edit("references", "abstract-2001-r03", ordinal="9")
    return [f'{at(copy, "references", "abstract-2001-r03")}ordinal="9": the entry has 3 before it; write 3']


@case("ordinal_is_printed")
def ordinal_is_not_printed(copy):
    copy.edit("references", "abstract-2001-citing-3", ordinal="3")
    return [
        f'{at(copy, "references", "abstract-2001-citing-3")}ordinal="3": the entry has no number before it; '
        "leave it empty"
    ]


@case("quote_names_the_work")
def quote_is_of_the_authors(copy):
    copy.edit("references", R01, quote="Alder")
    title = "Use of ketamine by travelling harpists: A systematic review"
    return [
        f'{at(copy, "references", R01)}quote="Alder": does not contain the title "{title}"; '
        "quote the title as printed"
    ]


@case("quote_in_passage")
def quote_of_a_reference_was_never_written(copy):
    copy.edit("references", "guidance-ab12", quote="xyzzy")
    return [
        f'{at(copy, "references", "guidance-ab12")}quote="xyzzy": not in passage guidance-p014; '
        "copy the words exactly or correct passage_id"
    ]


@case("authors_are_printed_in_order")
def author_is_misspelt(copy):
    copy.edit("reference_authors", f"{R01},2", family="Birc")
    return [
        f'{at(copy, "reference_authors", f"{R01},2")}family="Birc": not in the entry "{ENTRY}"; '
        "write the names as printed"
    ]


@case("authors_are_printed_in_order")
def initials_are_those_of_another(copy):
    copy.edit("reference_authors", f"{R01},2", initials="D.")
    return [
        f'{at(copy, "reference_authors", f"{R01},2")}family="Birch": not followed in the entry by the '
        'initials "D."; write the names as printed'
    ]


@case("authors_are_printed_in_order")
def authors_are_exchanged(copy):
    copy.edit("reference_authors", f"{R01},2", family="Cedar", initials="D.")
    copy.edit("reference_authors", f"{R01},3", family="Birch", initials="C.")
    return [
        f'{at(copy, "reference_authors", f"{R01},3")}family="Birch": is earlier in the entry than the '
        "author before it; write the names as printed"
    ]


@case("authors_are_printed_in_order")
def position_is_skipped(copy):
    copy.edit("reference_authors", f"{R01},5", position="6")
    return [
        f'{at(copy, "reference_authors", f"{R01},6")}position="6": the authors of {R01} continue with 5; '
        "number them as printed"
    ]


@case("correction_has_a_cell")
def author_does_not_exist(copy):
    copy.edit("corrections", "guidance-r03-family-2", position="9")
    return [
        f'{at(copy, "corrections", "guidance-r03-family-2")}position="9": '
        "guidance-r03 has no author there; give the place of the author"
    ]


@case("correction_has_a_cell")
def place_of_a_field_of_the_reference(copy):
    copy.edit("corrections", "guidance-r07-issue", position="1")
    return [
        f'{at(copy, "corrections", "guidance-r07-issue")}position="1": '
        "issue is not a field of an author; leave position empty"
    ]


@case("correction_still_fits")
def correction_is_stale(copy):
    copy.edit("corrections", "guidance-r07-issue", printed="7555")
    return [
        f'{at(copy, "corrections", "guidance-r07-issue")}printed="7555": '
        'data/references.csv has "75556" for guidance-r07; correct printed, or remove the correction'
    ]


@case("correction_still_fits")
def nothing_is_corrected(copy):
    copy.edit("corrections", "guidance-r07-issue", corrected="75556")
    return [
        f'{at(copy, "corrections", "guidance-r07-issue")}corrected="75556": '
        "equal to what is printed; nothing is corrected, remove the row"
    ]


@case("completion_fills_an_empty_cell")
def misprint_of_nothing(copy):
    key = find(copy, "corrections", kind="completion")
    copy.edit("corrections", key, kind="misprint")
    return [f'{at(copy, "corrections", key)}kind="misprint": nothing is printed; write completion']


@case("completion_fills_an_empty_cell")
def completion_of_something(copy):
    key = find(copy, "corrections", kind="misprint")
    copy.edit("corrections", key, kind="completion")
    return [f'{at(copy, "corrections", key)}kind="completion": something is printed; write misprint']


@case("cell_is_corrected_once")
def cell_is_corrected_twice(copy):
    key = find(copy, "corrections", kind="misprint")
    row = next(row for row in copy.rows("corrections") if row["correction_id"] == key)
    copy.append("corrections", **row | {"correction_id": "zz-again"})
    return [
        f'{at(copy, "corrections", "zz-again")}field="{row["field"]}": {key} corrects the same cell; keep one'
    ]


@case("abbreviation_is_no_misprint")
def name_is_only_abbreviated(copy):
    key = find(copy, "corrections", field="container_title")
    copy.edit("corrections", key, corrected="Invented Journal of Pain and Quiet")
    return [
        f'{at(copy, "corrections", key)}printed="Invented Journal of Pain & Quiet": only abbreviated; '
        "remove the correction, and say the full name in note if it is in doubt"
    ]


@pytest.mark.parametrize(("rule", "break_copy"), cases_of(__name__))
def test_what_is_broken_is_reported(rule, break_copy, package_copy):
    check_case(rule, break_copy, package_copy)
