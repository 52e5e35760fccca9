"""Cases of the rules on documents and passages."""

import pytest

from invented.copies import messages
from tests.curation.cases import add_source, at, case, cases_of, cell, check_case

FPM = "fpm-ketamine"


@case("document_can_be_read")
def path_of_another_file(copy):
    copy.edit("sources", FPM, path="data/sources/other.txt")
    return [
        f'{at(copy, "sources", FPM)}path="data/sources/other.txt": a document is named after its source; '
        "write data/sources/fpm-ketamine.txt"
    ]


@case("document_can_be_read")
def document_is_gone(copy):
    (copy.root / "data/sources/fpm-ketamine.txt").unlink()
    return [
        f'{at(copy, "sources", FPM)}path="data/sources/fpm-ketamine.txt": '
        "no such file; restore it or take the source out"
    ]


@case("document_can_be_read")
def encoding_does_not_exist(copy):
    copy.edit("sources", FPM, encoding="utf-99")
    return [f'{at(copy, "sources", FPM)}encoding="utf-99": not a known encoding; name one such as utf-8']


@case("document_can_be_read")
def encoding_is_another(copy):
    copy.edit("sources", "article-ketamine", encoding="ascii")
    return [
        f'{at(copy, "sources", "article-ketamine")}encoding="ascii": data/sources/article-ketamine.txt '
        "cannot be decoded with it; name the encoding it was saved in"
    ]


@case("document_is_genuine")
def document_is_edited(copy):
    copy.edit_document("pmid-37622028", "potent", "strong")
    return [
        f'{at(copy, "sources", "pmid-37622028")}sha256="99167e…": data/sources/pmid-37622028.txt has another; '
        "restore the file, sources are never edited"
    ]


@case("every_document_has_a_source")
def file_without_a_source(copy):
    (copy.root / "data/sources/new.txt").write_text("Ketamine.")
    return [
        "data/sources/new.txt: no row of data/sources.csv names this file; add the source or remove the file"
    ]


@case("title_is_as_printed")
def title_is_another(copy):
    copy.edit("sources", FPM, title="Ketamine guidance")
    return [f'{at(copy, "sources", FPM)}title="Ketamine guidance": its title passage has "Ketamine"; copy it']


@case("title_is_as_printed")
def title_is_not_printed(copy):
    copy.edit("sources", "article-ketamine", title="Ketamine for pain")
    return [
        f'{at(copy, "sources", "article-ketamine")}title="Ketamine for pain": '
        "it has no title passage; leave it empty"
    ]


@case("declared_citing_count")
def count_differs(copy):
    copy.edit("sources", "pmid-37622028", declared_citing_count="5")
    return [
        f'notice: {at(copy, "sources", "pmid-37622028")}declared_citing_count="5": the document lists 4; '
        "compute nothing from a partial list"
    ]


@case("passage_stands_at_its_offsets")
def offsets_are_shifted(copy):
    copy.edit("passages", "fpm-ketamine-p004", start_offset="293", end_offset="379")
    return [
        f'{at(copy, "passages", "fpm-ketamine-p004")}start_offset="293": the words stand at 292 to 378; '
        "correct both offsets"
    ]


@case("passage_stands_at_its_offsets")
def end_is_wrong(copy):
    copy.edit("passages", "fpm-ketamine-p004", end_offset="377")
    return [
        f'{at(copy, "passages", "fpm-ketamine-p004")}end_offset="377": the words stand at 292 to 378; '
        "correct both offsets"
    ]


@case("passage_stands_at_its_offsets")
def one_shift_is_one_fault(copy):
    rows = copy.rows("passages")
    for row in rows:
        if row["source_id"] == "clinic-ketamine" and int(row["position"]) > 2:
            row["start_offset"], row["end_offset"] = (
                str(int(row["start_offset"]) + 7),
                str(int(row["end_offset"]) + 7),
            )
    copy.write("passages", rows)
    return [
        f'{at(copy, "passages", "clinic-ketamine-p003")}start_offset="83": the words stand at 76 to 208; '
        "correct both offsets"
    ]


@case("passage_stands_at_its_offsets")
def words_are_not_in_the_document(copy):
    copy.edit("passages", "pmid-34746491-p009", text="Soon will be found here.")
    return [
        f'{at(copy, "passages", "pmid-34746491-p009")}text="Soon will be found here.": '
        "pmid-34746491 has other words there; copy them exactly, with their spaces"
    ]


@case("passages_leave_nothing_out")
def last_passage_is_missing(copy):
    copy.delete("passages", "clinic-ketamine-p016")
    return [
        f'{at(copy, "passages", "clinic-ketamine-p015")}end_offset="2392": '
        'no passage holds "Share Now :", which stands behind it; add the passage'
    ]


@case("passages_leave_nothing_out")
def words_between_are_missing(copy):
    copy.edit("passages", "pmid-34746491-p009", start_offset="175", text="will be listed here.")
    return [
        f'{at(copy, "passages", "pmid-34746491-p009")}start_offset="175": '
        'no passage holds "Soon", which stands before it; add the passage'
    ]


@case("passages_leave_nothing_out")
def passages_overlap(copy):
    text = "state. " + cell(copy, "passages", "article-ketamine-p003", "text")
    copy.edit("passages", "article-ketamine-p003", start_offset="297", text=text)
    return [
        f'{at(copy, "passages", "article-ketamine-p003")}start_offset="297": '
        "the passage before it ends at 303; let passages follow one another"
    ]


@case("published_source_has_passages")
def source_is_not_cut(copy):
    add_source(copy, "published", "Ketamine.")
    for item in copy.read().by_name["source_reporting"].field("item").enum:
        copy.append("source_reporting", source_id="new", item=item, stated="no")
    return [
        f'{at(copy, "sources", "new")}source_id="new": '
        "no passage is cut from it; add its passages or set status to in_progress"
    ]


@case("line_starts_are_those_printed")
def line_does_not_start_there(copy):
    copy.edit("passages", "article-ketamine-p002", starts_line="true")
    place = at(copy, "passages", "article-ketamine-p002")
    return [f'{place}starts_line="true": a printed line does not begin here; write false']


@case("line_starts_are_those_printed")
def line_starts_there(copy):
    copy.edit("passages", "article-ketamine-p001", starts_line="false")
    place = at(copy, "passages", "article-ketamine-p001")
    return [f'{place}starts_line="false": a printed line begins here; write true']


@case("passage_is_one_printed_line")
def white_space_around(copy):
    text = cell(copy, "passages", "pmid-34746491-p011", "text")
    copy.edit("passages", "pmid-34746491-p011", text=f"{text} ", end_offset="218")
    place = at(copy, "passages", "pmid-34746491-p011")
    return [f'{place}text="{text} ": begins or ends with white space; leave it out and correct the offsets']


@case("passage_is_one_printed_line")
def crosses_a_line(copy):
    copy.edit("passages", "pmid-34746491-p007", text="Authors\nAffiliations", end_offset="169")
    copy.delete("passages", "pmid-34746491-p008")
    # The next row stands two lines further down, for the broken cell takes two.
    after = at(copy, "passages", "pmid-34746491-p009").removesuffix(": ").split(":")
    place = at(copy, "passages", "pmid-34746491-p007")
    return [
        f'{place}text="Authors<U+000A>Affiliations": crosses a printed line; make each line a passage',
        f'{place}text="Authors<U+000A>Affiliations": holds a line break; write it on one line',
        f'{after[0]}:{int(after[1]) + 1}: position="9": '
        "the passages of pmid-34746491 go on with 8; number them anew",
    ]


@case("positions_are_consecutive")
def position_is_skipped(copy):
    copy.edit("passages", "fpm-ketamine-p034", position="35")
    return [
        f'{at(copy, "passages", "fpm-ketamine-p034")}position="35": '
        "the passages of fpm-ketamine go on with 34; number them anew"
    ]


@case("passage_id_names_its_source")
def id_of_another_source(copy):
    copy.edit("passages", "clinic-ketamine-p016", passage_id="clinic-p016")
    return [
        f'{at(copy, "passages", "clinic-p016")}passage_id="clinic-p016": '
        "does not begin with clinic-ketamine-; correct passage_id or source_id"
    ]


@case("section_is_the_heading_above")
def section_is_left_out(copy):
    copy.edit("passages", "clinic-ketamine-p016", section="")
    return [
        f'{at(copy, "passages", "clinic-ketamine-p016")}section="": the heading above is '
        '"Current Concerns for using Ketamine for Pain Management"; copy it'
    ]


@case("section_is_the_heading_above")
def heading_has_a_section(copy):
    copy.edit("passages", "fpm-ketamine-p002", section="Ketamine")
    return [
        f'{at(copy, "passages", "fpm-ketamine-p002")}section="Ketamine": '
        "no heading holds for it; leave it empty"
    ]


@case("part_of_is_the_first_line")
def metadata_of_a_heading(copy):
    copy.edit("passages", "pmid-34746491-p006", part_of="pmid-34746491-p003")
    return [
        f'{at(copy, "passages", "pmid-34746491-p006")}part_of="pmid-34746491-p003": '
        "kind metadata is no part of kind heading; name a first line or a title"
    ]


@case("part_of_is_the_first_line")
def part_of_another_document(copy):
    copy.edit("passages", "pmid-34746491-p006", part_of="pmid-37622028-p002")
    return [
        f'{at(copy, "passages", "pmid-34746491-p006")}part_of="pmid-37622028-p002": '
        "does not stand before it in pmid-34746491; name the first line of its entry"
    ]


@case("every_sentence_has_a_claim_or_a_reason")
def reason_is_missing(copy):
    copy.edit("passages", "clinic-ketamine-p016", kind="list_item")
    return [
        f'{at(copy, "passages", "clinic-ketamine-p016")}reason="": no claim is drawn from this list_item; '
        "add a claim, or say why it holds none"
    ]


@case("every_sentence_has_a_claim_or_a_reason")
def reason_beside_claims(copy):
    copy.edit("passages", "fpm-ketamine-p004", reason="Says nothing.")
    return [
        f'{at(copy, "passages", "fpm-ketamine-p004")}reason="Says nothing.": '
        "claims are drawn from it; leave reason empty"
    ]


@case("every_sentence_has_a_claim_or_a_reason")
def reason_of_a_heading(copy):
    copy.edit("passages", "fpm-ketamine-p002", reason="A heading.")
    return [
        f'{at(copy, "passages", "fpm-ketamine-p002")}reason="A heading.": '
        "kind heading needs none; leave reason empty"
    ]


@case("published_source_states_its_rights")
def rights_are_still_to_be_stated(copy):
    copy.edit("sources", "fpm-ketamine", rights="Not stated yet.")
    return [
        at(copy, "sources", "fpm-ketamine")
        + 'rights="Not stated yet.": say whose the text is, or set status to in_progress'
    ]


@pytest.mark.parametrize(("rule", "break_copy"), cases_of(__name__))
def test_what_is_broken_is_reported(rule, break_copy, package_copy):
    check_case(rule, break_copy, package_copy)


def test_a_draft_is_not_held_to_completeness(package_copy):
    add_source(package_copy, "in_progress", "Ketamine.")
    assert messages(package_copy) == []
