"""Anchors and drafts: where the words of the sources stand, and which rows a build leaves out."""

import hashlib
import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packpress.tables.rows import Row, Table, read_tables

from packpress import InvalidPackageError
from scripts.curation.anchors import derive_anchors, find_occurrence, find_words, is_cut
from scripts.curation.drafts import drop_drafts


@pytest.fixture(scope="module")
def tables(package):
    return read_tables(package)


def read_documents(package, tables):
    return {
        row["source_id"]: (package.root / row["path"]).read_bytes().decode(row["encoding"])
        for row in tables["sources"].rows
    }


def anchors_of(package, tables):
    names = package.by_name["anchors"].field_names
    return [dict(zip(names, record, strict=True)) for record in derive_anchors(package, tables)]


def words_of(anchor, texts):
    return texts[anchor["source_id"]][int(anchor["start_offset"]) : int(anchor["end_offset"])]


def test_every_anchor_leads_to_its_words(package, tables):
    texts = read_documents(package, tables)
    for anchor in anchors_of(package, tables):
        table = tables[anchor["table_name"]]
        row = next(row for row in table.rows if row.key == anchor["row_id"])
        assert words_of(anchor, texts) == row[anchor["field_name"]]
        assert hashlib.sha256(row[anchor["field_name"]].encode()).hexdigest() == anchor["sha256"]


def test_every_verbatim_field_has_an_anchor_unless_its_words_stand_in_no_single_passage(package, tables):
    anchored = {
        (anchor["table_name"], anchor["row_id"], anchor["field_name"])
        for anchor in anchors_of(package, tables)
    }
    lacking = [
        (table.resource.name, row.key, item.name)
        for table in tables.values()
        for item in table.resource.fields
        for row in table.rows
        if item.verbatim and row[item.name] and (table.resource.name, row.key, item.name) not in anchored
    ]
    assert {name for name, _, _ in lacking} <= {"corrections"}


def test_the_published_anchors_are_these(package, tables, built):
    with closing(sqlite3.connect(built / "ketamine_pain.db")) as db:
        published = db.execute("select * from anchors").fetchall()
    expected = [tuple(anchor.values()) for anchor in anchors_of(package, tables)]
    assert [tuple(map(str, row)) for row in published] == sorted(expected)


TEXT = st.text(st.characters(exclude_categories=("Cs", "Zs", "Zl", "Zp", "Cc")), min_size=1, max_size=40)


@st.composite
def places(draw):
    """A document, a passage in it, and words in the passage with the number of their occurrence."""
    before, text = draw(TEXT), draw(TEXT)
    start = draw(st.integers(0, len(text) - 1))
    words = text[start : draw(st.integers(start + 1, len(text)))]
    return f"{before} {text}", len(before) + 1, words, draw(st.integers(1, text.count(words)))


def make_tables(tables, document, offset, words, number):
    """The tables with one source, one passage and one claim."""
    made = {name: Table(table.resource) for name, table in tables.items()}

    def add(name, **cells):
        table = made[name]
        table.rows.append(
            Row(table, "", 0, tuple(cells.get(column, "") for column in table.resource.field_names))
        )

    place = {"start_offset": str(offset), "end_offset": str(len(document)), "position": "1"}
    add("passages", passage_id="p", source_id="s", text=document[offset:], **place)
    add("claims", claim_id="c", passage_id="p", quote=words, quote_occurrence=str(number), focus=words)
    return made


@given(places())
def test_any_words_of_any_passage_are_found_at_their_offsets(package, tables, place):
    document, offset, words, number = place
    anchors = anchors_of(package, make_tables(tables, *place))
    assert [anchor["field_name"] for anchor in anchors] == ["text", "quote", "focus"]
    spans = [(int(anchor["start_offset"]), int(anchor["end_offset"])) for anchor in anchors]
    assert spans[0] == (offset, len(document))
    assert {document[start:end] for start, end in spans[1:]} == {words}
    assert spans[1][0] == offset + find_occurrence(document[offset:], words, number)
    # A quote that cuts a word is invalid; its focus is sought where the words stand whole.
    assert spans[1] == spans[2] or is_cut(document[offset:], *(at - offset for at in spans[1]))


@given(st.data())
def test_any_words_of_our_passages_are_found(tables, data):
    text = data.draw(st.sampled_from([row["text"] for row in tables["passages"].rows]))
    start = data.draw(st.integers(0, len(text) - 1))
    words = text[start : data.draw(st.integers(start + 1, len(text)))]
    at = find_words(text, words, (0, len(text)))
    assert text[at : at + len(words)] == words


@pytest.mark.parametrize(
    ("text", "words", "span", "at"),
    [
        ("a significant effect can occur", "can", (0, 30), 21),
        ("it may help; it may not", "may", (13, 23), 16),
        ("it may help; it can", "may", (13, 19), 3),
        ("pain in 12 of 20, pain2", "2", (0, 23), 22),
        ("unspecified", "specified", (0, 11), 2),
        ("nothing of it", "absent", (0, 13), -1),
    ],
)
def test_words_are_found_whole_and_inside_the_quote_first(text, words, span, at):
    assert find_words(text, words, span) == at


def test_an_occurrence_is_counted_from_one():
    assert [find_occurrence("a b a", "a", number) for number in (1, 2, 3)] == [0, 4, -1]


def with_drafts(tables, *source_ids):
    """The tables with some of the sources in progress."""
    sources = Table(tables["sources"].resource)
    at = sources.positions["status"]
    for row in tables["sources"].rows:
        cells = list(row.cells)
        cells[at] = "in_progress" if row["source_id"] in source_ids else "published"
        sources.rows.append(Row(sources, row.path, row.line, tuple(cells)))
    return {**tables, "sources": sources}


def order_sources(tables):
    """The ids of the sources in the order in which they are shown."""
    return [row.key for row in sorted(tables["sources"].rows, key=lambda row: int(row["position"]))]


def test_without_drafts_every_row_stays(package, tables):
    same = with_drafts(tables)
    assert drop_drafts(package, same) is same


def test_a_draft_goes_with_all_that_hangs_off_it_and_nothing_else(package, tables):
    last = order_sources(tables)[-1]
    kept = drop_drafts(package, with_drafts(tables, last))
    assert last not in {
        row["source_id"] for name in ("sources", "passages", "references") for row in kept[name].rows
    }
    assert len(kept["sources"]) == len(tables["sources"]) - 1
    published = {row["passage_id"] for row in kept["passages"].rows}
    claims = [row.key for row in tables["claims"].rows if row["passage_id"] in published]
    assert [row.key for row in kept["claims"].rows] == claims
    links = [row.key for row in tables["claim_concepts"].rows if row["claim_id"] in set(claims)]
    assert [row.key for row in kept["claim_concepts"].rows] == links
    for table in kept.values():
        for key in table.resource.foreign_keys:
            targets = {row[key.reference_fields[0]] for row in kept[key.resource].rows}
            assert {row[key.fields[0]] for row in table.rows} - {""} <= targets
    used = {row["concept_id"] for row in kept["claim_concepts"].rows}
    assert {row["concept_id"] for row in kept["concepts"].rows} == used
    asked = {row["question_id"] for row in kept["claim_relations"].rows}
    assert {row["question_id"] for row in kept["questions"].rows} == asked
    assert len(asked) < len(tables["questions"])
    for row in (*kept["names"].rows, *kept["mappings"].rows):
        # Questions in SQL hang off no source.
        assert row["table_name"] == "queries" or kept[row["table_name"]].get(row["row_id"])


def test_a_published_claim_that_rests_on_a_draft_is_a_problem(package, tables):
    with pytest.raises(InvalidPackageError) as error:
        drop_drafts(package, with_drafts(tables, order_sources(tables)[0]))
    problem = error.value.problems[0]
    assert problem.path.startswith("data/claim_")
    assert "places it in a draft; place it in a published source, or remove this row" in problem.message
