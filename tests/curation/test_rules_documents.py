"""Cases of the rules on documents and passages."""

import hashlib

import pytest

from invented.copies import messages
from tests.curation.cases import add_source, at, case, cases_of, cell, check_case

GUIDANCE = "guidance"


def offsets(copy, passage_id):
    """Where a passage begins and ends."""
    return tuple(int(cell(copy, "passages", passage_id, f"{side}_offset")) for side in ("start", "end"))


@case("document_can_be_read")
def path_of_another_file(copy):
    copy.edit("sources", GUIDANCE, path="data/sources/other.txt")
    return [
        f'{at(copy, "sources", GUIDANCE)}path="data/sources/other.txt": a document is named after its source; '
        "write data/sources/guidance.txt"
    ]


@case("document_can_be_read")
def document_is_gone(copy):
    (copy.root / "data/sources/guidance.txt").unlink()
    return [
        f'{at(copy, "sources", GUIDANCE)}path="data/sources/guidance.txt": '
        "no such file; restore it or remove the source"
    ]


@case("document_can_be_read")
def encoding_does_not_exist(copy):
    copy.edit("sources", GUIDANCE, encoding="utf-99")
    return [f'{at(copy, "sources", GUIDANCE)}encoding="utf-99": not a known encoding; name one such as utf-8']


@case("document_can_be_read")
def encoding_is_another(copy):
    copy.edit("sources", "leaflet", encoding="ascii")
    return [
        f'{at(copy, "sources", "leaflet")}encoding="ascii": data/sources/leaflet.txt '
        "cannot be decoded with it; name the encoding it was saved in"
    ]


@case("document_is_genuine")
def document_is_edited(copy):
    sha256 = cell(copy, "sources", "abstract-2001", "sha256")
    copy.edit_document("abstract-2001", "a wide use", "a broad use")
    return [
        f'{at(copy, "sources", "abstract-2001")}sha256="{sha256[:6]}…": data/sources/abstract-2001.txt has another; '
        "restore the file, sources are never edited"
    ]


def add_original(copy, **cells):
    """Gives a source an original, and says where its row is."""
    (copy.root / "data/originals").mkdir()
    (copy.root / "data/originals/guidance.html").write_bytes(b"<p>Ketamine")
    original = {
        "original_path": "data/originals/guidance.html",
        "original_sha256": hashlib.sha256(b"<p>Ketamine").hexdigest(),
        "extractor": "reader 1",
    }
    copy.edit("sources", GUIDANCE, **{**original, **cells})
    return at(copy, "sources", GUIDANCE)


@case("original_is_genuine")
def original_is_edited(copy):
    place = add_original(copy, original_sha256="0" * 64)
    return [
        f'{place}original_sha256="000000…": data/originals/guidance.html has another; '
        "restore the file, originals are never edited"
    ]


@case("original_is_genuine")
def original_is_gone(copy):
    place = add_original(copy, original_path="data/originals/guidance.pdf")
    return [
        f'{place}original_path="data/originals/guidance.pdf": no such file; restore it, for example from git'
    ]


@case("original_is_genuine")
def original_of_another_source(copy):
    place = add_original(copy, original_path="data/originals/leaflet.html")
    return [
        f'{place}original_path="data/originals/leaflet.html": an original is named after its source; '
        "write data/originals/guidance.html or the like"
    ]


@case("original_is_genuine")
def extractor_is_not_said(copy):
    place = add_original(copy, extractor="")
    return [f'{place}extractor="": guidance has an original; fill in all three columns, or none']


@case("every_document_has_a_source")
def file_without_a_source(copy):
    (copy.root / "data/sources/new.txt").write_text("Ketamine.")
    return [
        "data/sources/new.txt: no row of data/sources.csv names this file; add the source or remove the file"
    ]


@case("title_is_as_printed")
def title_is_another(copy):
    copy.edit("sources", GUIDANCE, title="Ketamine guidance")
    return [
        f'{at(copy, "sources", GUIDANCE)}title="Ketamine guidance": its title passage has "Ketamine for aches"; copy it'
    ]


@case("title_is_as_printed")
def title_is_not_printed(copy):
    copy.edit("sources", "leaflet", title="Ketamine for pain")
    return [
        f'{at(copy, "sources", "leaflet")}title="Ketamine for pain": it has no title passage; leave it empty'
    ]


@case("declared_citing_count")
def count_differs(copy):
    copy.edit("sources", "abstract-2001", declared_citing_count="5")
    return [
        f'notice: {at(copy, "sources", "abstract-2001")}declared_citing_count="5": the document lists 3; '
        "compute nothing from a partial list"
    ]


@case("passage_stands_at_its_offsets")
def offsets_are_shifted(copy):
    start, end = offsets(copy, "guidance-p004")
    copy.edit("passages", "guidance-p004", start_offset=str(start + 1), end_offset=str(end + 1))
    return [
        f'{at(copy, "passages", "guidance-p004")}start_offset="{start + 1}": the words are at {start} to {end}; '
        "correct both offsets"
    ]


@case("passage_stands_at_its_offsets")
def end_is_wrong(copy):
    start, end = offsets(copy, "guidance-p004")
    copy.edit("passages", "guidance-p004", end_offset=str(end - 1))
    return [
        f'{at(copy, "passages", "guidance-p004")}end_offset="{end - 1}": the words are at {start} to {end}; '
        "correct both offsets"
    ]


@case("passage_stands_at_its_offsets")
def one_shift_is_one_fault(copy):
    start, end = offsets(copy, "clinic-page-p003")
    rows = copy.rows("passages")
    for row in rows:
        if row["source_id"] == "clinic-page" and int(row["position"]) > 2:
            row["start_offset"], row["end_offset"] = (
                str(int(row["start_offset"]) + 7),
                str(int(row["end_offset"]) + 7),
            )
    copy.write("passages", rows)
    return [
        f'{at(copy, "passages", "clinic-page-p003")}start_offset="{start + 7}": the words are at {start} to {end}; '
        "correct both offsets"
    ]


@case("passage_stands_at_its_offsets")
def words_are_not_in_the_document(copy):
    copy.edit("passages", "abstract-2001-p010", text="Soon will be found here.")
    return [
        f'{at(copy, "passages", "abstract-2001-p010")}text="Soon will be found here.": '
        "abstract-2001 has different words there; copy them exactly, with their spaces"
    ]


@case("passages_leave_nothing_out")
def last_passage_is_missing(copy):
    copy.delete("passages", "clinic-page-p015")
    _, end = offsets(copy, "clinic-page-p014")
    return [
        f'{at(copy, "passages", "clinic-page-p014")}end_offset="{end}": '
        'no passage contains "Share Now :", which follows it; add the passage'
    ]


@case("passages_leave_nothing_out")
def words_between_are_missing(copy):
    start = offsets(copy, "abstract-2001-p010")[0] + len("Soon ")
    copy.edit("passages", "abstract-2001-p010", start_offset=str(start), text="will be listed here.")
    return [
        f'{at(copy, "passages", "abstract-2001-p010")}start_offset="{start}": '
        'no passage contains "Soon", which precedes it; add the passage'
    ]


@case("passages_leave_nothing_out")
def passages_overlap(copy):
    text = "1960s. " + cell(copy, "passages", "leaflet-p002", "text")
    start = offsets(copy, "leaflet-p002")[0] - len("1960s. ")
    copy.edit("passages", "leaflet-p002", start_offset=str(start), text=text)
    return [
        f'{at(copy, "passages", "leaflet-p002")}start_offset="{start}": '
        f"the passage before it ends at {start + len('1960s.')}; start there or later"
    ]


@case("published_source_has_passages")
def source_is_not_cut(copy):
    add_source(copy, "published", "Ketamine.")
    for item in copy.read().by_name["source_reporting"].field("item").enum:
        copy.append("source_reporting", source_id="new", item=item, stated="no")
    return [
        f'{at(copy, "sources", "new")}source_id="new": has no passages; add them or set status to in_progress'
    ]


@case("line_starts_are_those_printed")
def line_does_not_start_there(copy):
    copy.edit("passages", "leaflet-p002", starts_line="true")
    place = at(copy, "passages", "leaflet-p002")
    return [f'{place}starts_line="true": a printed line does not begin here; write false']


@case("line_starts_are_those_printed")
def line_starts_there(copy):
    copy.edit("passages", "leaflet-p001", starts_line="false")
    place = at(copy, "passages", "leaflet-p001")
    return [f'{place}starts_line="false": a printed line begins here; write true']


@case("passage_is_one_printed_line")
def white_space_around(copy):
    text, (_, end) = cell(copy, "passages", "abstract-2001-p012", "text"), offsets(copy, "abstract-2001-p012")
    copy.edit("passages", "abstract-2001-p012", text=f"{text} ", end_offset=str(end + 1))
    place = at(copy, "passages", "abstract-2001-p012")
    return [f'{place}text="{text} ": begins or ends with white space; remove it and correct the offsets']


@case("passage_is_one_printed_line")
def crosses_a_line(copy):
    _, end = offsets(copy, "abstract-2001-p009")
    copy.edit("passages", "abstract-2001-p008", text="Authors\nAffiliations", end_offset=str(end))
    copy.delete("passages", "abstract-2001-p009")
    # The next row stands two lines further down, for the broken cell takes two.
    after = at(copy, "passages", "abstract-2001-p010").removesuffix(": ").split(":")
    place = at(copy, "passages", "abstract-2001-p008")
    return [
        f'{place}text="Authors<U+000A>Affiliations": crosses a printed line; make each line a passage',
        f'{place}text="Authors<U+000A>Affiliations": contains a line break; write it on one line',
        f'{after[0]}:{int(after[1]) + 1}: position="10": '
        "the passages of abstract-2001 continue with 9; renumber them",
    ]


@case("positions_are_consecutive")
def position_is_skipped(copy):
    copy.edit("passages", "guidance-p029", position="30")
    return [
        f'{at(copy, "passages", "guidance-p029")}position="30": '
        "the passages of guidance continue with 29; renumber them"
    ]


@case("passage_id_names_its_source")
def id_of_another_source(copy):
    copy.edit("passages", "clinic-page-p015", passage_id="clinic-p015")
    return [
        f'{at(copy, "passages", "clinic-p015")}passage_id="clinic-p015": '
        "does not begin with clinic-page-; correct passage_id or source_id"
    ]


@case("section_is_the_heading_above")
def section_is_left_out(copy):
    copy.edit("passages", "clinic-page-p015", section="")
    return [
        f'{at(copy, "passages", "clinic-page-p015")}section="": the heading above is '
        '"What to know before you come"; copy it'
    ]


@case("section_is_the_heading_above")
def heading_has_a_section(copy):
    copy.edit("passages", "guidance-p002", section="Ketamine")
    return [
        f'{at(copy, "passages", "guidance-p002")}section="Ketamine": no heading applies to it; leave it empty'
    ]


@case("part_of_is_the_first_line")
def metadata_of_a_heading(copy):
    copy.edit("passages", "abstract-2001-p007", part_of="abstract-2001-p003")
    return [
        f'{at(copy, "passages", "abstract-2001-p007")}part_of="abstract-2001-p003": '
        "kind metadata is not part of kind heading; name a first line or a title"
    ]


@case("part_of_is_the_first_line")
def part_of_another_document(copy):
    copy.edit("passages", "abstract-2001-p007", part_of="guidance-p001")
    return [
        f'{at(copy, "passages", "abstract-2001-p007")}part_of="guidance-p001": '
        "is not before it in abstract-2001; name the first line of its entry"
    ]


@case("every_sentence_has_a_claim_or_a_reason")
def reason_is_missing(copy):
    copy.edit("passages", "clinic-page-p015", kind="list_item")
    return [
        f'{at(copy, "passages", "clinic-page-p015")}reason="": this list_item has no claim; '
        "add one, or say why it has none"
    ]


@case("every_sentence_has_a_claim_or_a_reason")
def reason_beside_claims(copy):
    copy.edit("passages", "guidance-p004", reason="Says nothing.")
    return [
        f'{at(copy, "passages", "guidance-p004")}reason="Says nothing.": it has claims; leave reason empty'
    ]


@case("every_sentence_has_a_claim_or_a_reason")
def reason_of_a_heading(copy):
    copy.edit("passages", "guidance-p002", reason="A heading.")
    return [
        f'{at(copy, "passages", "guidance-p002")}reason="A heading.": '
        "kind heading needs none; leave reason empty"
    ]


@case("published_source_states_its_rights")
def rights_are_still_to_be_stated(copy):
    copy.edit("sources", "guidance", rights="Not stated yet.")
    return [
        at(copy, "sources", "guidance")
        + 'rights="Not stated yet.": say who owns the text, or set status to in_progress'
    ]


@pytest.mark.parametrize(("rule", "break_copy"), cases_of(__name__))
def test_what_is_broken_is_reported(rule, break_copy, package_copy):
    check_case(rule, break_copy, package_copy)


def test_a_draft_is_not_held_to_completeness(package_copy):
    add_source(package_copy, "in_progress", "Ketamine.")
    assert messages(package_copy) == []
