"""Suggestions: rows for a draft that a curator completes or deletes, and that enter the tables whole or not."""

import csv
import io
import shutil

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from packpress.editing.format import render_rows
from packpress.tables.rows import read_tables

from invented.copies import messages
from scripts.curation.corpus import ENTITY_LINKS, build_corpus
from scripts.curation.curation_progress import LOOKS
from scripts.curation.entries import parse_entry
from scripts.curation.evaluation import add_rows, evaluate, evaluate_text, forget_source
from scripts.curation.learned_counts import learn
from scripts.curation.segmentation import propose_passages
from scripts.curation.suggestions import suggest_rows, trim_claim
from scripts.curation.words import cuts_word, find_negations
from scripts.rules.entities import find_unlinked_names
from tests.conftest import INVENTED, ROOT, PackageCopy
from tests.curation.cases import PACKAGE
from tests.curation.commands import (
    EXERCISE,
    accept,
    add_source,
    publish_source,
    read_data,
    run_command,
    todo,
)

SOURCES = sorted(file.stem for file in (INVENTED / "data" / "sources").glob("*.txt"))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A copy with the exercise text as a draft and its suggestions, and what was said of them; made once."""
    copy = PackageCopy(tmp_path_factory.mktemp("prepared"))
    run_command(add_source, copy, EXERCISE, "exercise", copy.descriptor)
    before, (_, lines) = read_data(copy), suggest(copy)
    assert read_data(copy) == before, "suggestions have changed a table"
    return copy, lines


@pytest.fixture
def draft(prepared, tmp_path):
    """A copy of that, to be changed."""
    shutil.copytree(prepared[0].root / "dist", tmp_path / "dist")
    return PackageCopy(tmp_path, prepared[0].root)


def suggest(copy):
    folder = copy.root / "dist" / "todo"
    result = run_command(todo, copy, copy.descriptor, "--source", "exercise", "--output", folder)
    return folder / "exercise", result.output.splitlines()


def inbox_of(copy):
    return copy.root / "dist" / "todo" / "exercise"


def rows_of(file):
    return list(csv.DictReader(io.StringIO(file.read_bytes().decode("utf-8-sig"))))


def filled(row):
    """The cells of a row that hold something."""
    return {name: value for name, value in row.items() if value}


def save_rows(file, rows, delimiter=","):
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0].keys(), delimiter=delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    file.write_text(text.getvalue(), encoding="utf-8-sig", newline="")


def test_what_is_known_is_found_in_a_new_text(draft):
    folder = inbox_of(draft)
    links = {(row["claim_id"], row["condition_id"]) for row in rows_of(folder / "claim_conditions.csv")}
    assert {("exercise-c003", "harp-elbow"), ("exercise-c004", "moss-fever")} <= links
    assert [(row["claim_id"], row["route_id"]) for row in rows_of(folder / "claim_routes.csv")] == [
        ("exercise-c006", "intravenous")
    ]
    claim = rows_of(folder / "claims.csv")[2]
    assert claim["quote"] == "Ketamine may relieve harp elbow in some patients"
    assert (claim["certainty"], claim["hedge"], claim["about"]) == ("hedged", "may", "ketamine")
    assert claim["statement"] == claim["claim_type"] == ""
    assert [filled(row) for row in rows_of(folder / "claim_references.csv")] == [
        {"claim_id": "exercise-c005", "reference_id": "exercise-r01", "marker": "1"}
    ]


def test_a_denied_name_is_neither_suggested_nor_demanded(package):
    corpus = build_corpus(package, read_tables(package))
    (claim, *_) = corpus["claims"].rows
    passage = corpus.passage(claim)
    for text, expected in (("It eases moss fever.", ["moss fever"]), ("It eases non-moss fever.", [])):
        assert [naming.words for naming in learn(corpus).find_namings(text)] == expected
        assert [*find_unlinked_names(corpus, passage.with_cell("text", text), [claim])] == expected


def test_the_subject_that_a_sentence_only_points_to_is_linked(draft):
    rows = rows_of(inbox_of(draft) / "claim_concepts.csv")
    (link,) = [row for row in rows if row["claim_id"] == "exercise-c004" and row["role"] == "subject"]
    assert (link["mention"], link["mention_type"]) == ("It", "anaphoric")
    claim = rows_of(inbox_of(draft) / "claims.csv")[3]
    assert (claim["about"], claim["antecedent_passage_id"]) == (link["concept_id"], "exercise-p005")
    # What the text says before it names the subject is about something else.
    assert not [row for row in rows if row["claim_id"] in ("exercise-c001", "exercise-c002")]


def suggest_for(package, text, section=""):
    """The suggestions for a sentence that follows one about ketamine, as if both were a new source."""
    corpus = build_corpus(package, read_tables(package))
    passages = [
        {"passage_id": "new-p001", "text": "Ketamine is old.", "position": "1"},
        {"passage_id": "new-p002", "text": text, "position": "2", "section": section},
    ]
    given = {"source_id": "new", "kind": "sentence"}
    source = {"source_id": "new", "position": "9", "status": "published"}
    rows = {"sources": [source], "passages": [given | passage for passage in passages]}
    found = suggest_rows(add_rows(corpus, rows), "new").rows
    claims = {row["claim_id"]: row for row in found["claims"] if row["passage_id"] == "new-p002"}
    return {
        table: [row for row in rows if row.get("claim_id") in (None, *claims)]
        for table, rows in found.items()
    }


def test_a_subject_that_is_left_out_is_linked_with_a_note(package):
    found = suggest_for(package, "Blood was tested twice.")
    (link,) = [row for row in found["claim_concepts"] if row["mention_type"] == "context"]
    assert (link["role"], link["mention"]) == ("subject", "")
    assert found["claims"][0]["note"] == "Ketamine is named in the sentence before."


@pytest.mark.parametrize(
    ("text", "section", "effects"),
    [
        ("It can cause purple ears and humming.", "", ["purple ears", "humming"]),
        ("Purple ears and humming were seen.", "", []),
        ("Adverse effects include purple ears, humming and rarely loud sneezes.", "", ["purple ears", "humming", "loud sneezes"]),
        ("The team includes nurses and porters.", "", []),
        ("• purple ears", "Side effects", ["purple ears"]),
        ("• People who hum should not have it.", "Side effects", []),
        ("• purple ears", "What to bring", []),
    ],
)  # fmt: skip
def test_an_effect_that_nobody_has_named_is_begun_with_a_claim_of_its_own(package, text, section, effects):
    found = suggest_for(package, text, section)
    rows = found.get("adverse_effects", [])
    assert [row["quote"] for row in rows] == effects
    linked = [row["mention"] for row in found.get("claim_adverse_effects", ())]
    assert [words for words in linked if words in effects] == effects
    if len(effects) > 1:
        assert {row["focus"] for row in found["claims"]} >= {*effects}
    for row in rows:
        assert {*row} == {"adverse_effect_id", "label", "broader_id", "passage_id", "quote"}


def test_a_guess_that_a_type_decides_is_left_open(draft):
    rows = rows_of(inbox_of(draft) / "claim_conditions.csv")
    assert "contraindication" not in {row["role"] for row in rows}


def test_a_source_taken_out_leaves_no_reason_and_no_label(package):
    corpus = build_corpus(package, read_tables(package))
    for source in corpus.sources:
        source_id = source["source_id"]
        unread = build_corpus(package, forget_source(corpus, source_id))
        assert not [row for row in unread["passages"].rows if row["reason"] and row["source_id"] == source_id]
        for link_table, table in ENTITY_LINKS.items():
            called = {
                (corpus.entity(link).key, link["mention"])
                for link in unread[link_table].rows
                if link["mention_type"] == "named"
            }
            called |= {(row["row_id"], row["object_label"]) for row in unread["mappings"].rows}
            for row in unread[table].rows:
                if corpus.source_id(row) == source_id and row["label"]:
                    assert (row.key, row["label"]) in called


@pytest.mark.parametrize(
    "file", sorted((ROOT / "tests" / "data" / "gold").glob("*.txt")), ids=lambda file: file.stem
)
def test_what_a_text_of_another_layout_says_stands_in_it(package, file):
    texts = {row["passage_id"]: row["text"] for row in propose_passages(file.read_text("utf-8"), file.stem)}
    claims = {row["claim_id"]: row for row in rows_of(file.with_suffix("") / "claims.csv")}
    for claim in claims.values():
        assert all(claim[name] in texts[claim["passage_id"]] for name in ("hedge", "qualifier"))
    for table in ENTITY_LINKS:
        for link in rows_of(file.with_suffix("") / f"{table}.csv"):
            assert link["mention"] in texts[claims[link["claim_id"]]["passage_id"]]
    corpus = build_corpus(package, read_tables(package))
    score = evaluate_text(corpus, file)["concepts"]
    assert score.right <= score.suggested
    assert score.knowable <= score.curated


def test_a_printed_entry_is_parsed(draft):
    folder = inbox_of(draft)
    (row,) = rows_of(folder / "references.csv")
    assert filled(row) == {
        "reference_id": "exercise-r01",
        "source_id": "exercise",
        "listed_as": "reference_list",
        "ordinal": "1",
        "reference_type": "journal_article",
        "title": "Ketamine in Pain Management",
        "year": "2013",
        "container_title": "Invented Letters on Harps",
        "volume": "19",
        "locator": "396-402",
        "subjects": "not_stated",
        "study_design": "not_stated",
        "passage_id": "exercise-p011",
        "quote": "Ketamine in Pain Management",
    }
    assert [filled(row) for row in rows_of(folder / "reference_authors.csv")] == [
        {"reference_id": "exercise-r01", "position": "1", "family": "Doe", "initials": "J"}
    ]


def test_the_summary_names_file_and_line(prepared):
    _, lines = prepared
    assert lines[0] == (
        "Exercise (exercise, in_progress): 0 of 6 sentences accounted for, 0 claims, 0 of them from one reader only"
    )
    (line,) = [line for line in lines if "moss fever" in line]
    assert line.startswith('  data/passages.csv:58: "It is not recommended for moss fever."')
    assert line.endswith("; may negate: not")


def test_nothing_is_suggested_that_is_published(package_copy):
    result = run_command(todo, package_copy, package_copy.descriptor, "--output", package_copy.root / "todo")
    assert not (package_copy.root / "todo").exists()
    assert result.output.splitlines()[-1] == "nothing left that a rule requires"


@pytest.mark.long
def test_edited_suggestions_are_not_replaced(draft):
    folder = inbox_of(draft)
    assert "  delete what is wrong" in "\n".join(suggest(draft)[1])
    (folder / "claims.csv").write_bytes(b"claim_id\nexercise-c001\n")
    _, lines = suggest(draft)
    assert (
        f"  {folder}: was edited, so nothing is written there; accept it, or remove it and run this again"
        in lines
    )
    assert (folder / "claims.csv").read_bytes() == b"claim_id\nexercise-c001\n"


@pytest.mark.long
def test_accepted_rows_are_canonical_and_not_suggested_again(draft):
    folder = inbox_of(draft)
    (folder / "claim_concepts.csv").unlink()
    result = run_command(accept, draft, folder, draft.descriptor)
    assert "data/claims.csv: 6 added" in result.output
    lines = [line for line in result.output.splitlines() if line.startswith("still to be filled in")]
    beginning = "still to be filled in before make validate succeeds"
    assert lines == [
        # What only a contraindication gives, since the type is left to the reader.
        f"{beginning}: claim_conditions: role in 1",
        f"{beginning}: claims: a link in 2, claim_type in 6, statement in 6",
    ]
    assert len([row for row in draft.rows("claims") if row["claim_id"].startswith("exercise-")]) == 6
    assert not folder.exists()
    problems = messages(draft)
    assert problems
    assert all(
        ": required; fill it in" in item or '="": ' in item or "linked to nothing" in item
        for item in problems
    )
    suggest(draft)
    suggested = {file.stem for file in folder.glob("*.csv")}
    assert not suggested & {"claims", "references", "reference_authors", "claim_references", "claim_routes"}


@pytest.mark.long
def test_a_spreadsheet_may_save_it_its_own_way(draft):
    folder = inbox_of(draft)
    rows = [dict(reversed(row.items())) for row in rows_of(folder / "claims.csv")]
    save_rows(folder / "claims.csv", rows, ";")
    assert "data/claims.csv: 6 added" in run_command(accept, draft, folder, draft.descriptor).output


@pytest.mark.long
def test_a_row_that_is_there_already_is_said_to_be(draft):
    folder = inbox_of(draft)
    saved = {file.name: file.read_bytes() for file in folder.iterdir()}
    run_command(accept, draft, folder, draft.descriptor)
    before = read_data(draft)
    folder.mkdir(parents=True)
    for name, data in saved.items():
        (folder / name).write_bytes(data)
    result = run_command(accept, draft, folder, draft.descriptor)
    assert "data/claims.csv: 0 added, 6 already existed" in result.output
    assert read_data(draft) == before


def break_row(name, value):
    def change(folder):
        rows = rows_of(folder / "claims.csv")
        rows[2][name] = value
        save_rows(folder / "claims.csv", rows)

    return change


def rename(folder):
    (folder / "claims.csv").rename(folder / "clams.csv")


def repeat(folder):
    rows = rows_of(folder / "claims.csv")
    save_rows(folder / "claims.csv", [*rows, rows[0] | {"focus": "other"}])


def save_in_other_encoding(folder):
    (folder / "claims.csv").write_bytes("claim_id,note\nx,naïve".encode("cp1252"))


def add_column(folder):
    save_rows(folder / "claims.csv", [row | {"colour": "red"} for row in rows_of(folder / "claims.csv")])


HEADER = ",".join(PACKAGE.by_name["claims"].field_names)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (
            break_row("claim_id", "guidance-c001"),
            'claims.csv:4: claim_id="guidance-c001": data/claims.csv:23 has another row with this key; '
            "change the key, or remove this row",
        ),
        (
            repeat,
            'claims.csv:8: claim_id="exercise-c001": line 2 has this key too; change one of them, or remove it',
        ),
        pytest.param(
            break_row("quote", "Ketamine may releive"),
            'claims.csv:4: quote="Ketamine may releive": not in passage exercise-p005; nearest there: '
            '"Ketamine may relieve"; copy the words exactly',
            marks=pytest.mark.long,
        ),
        pytest.param(
            break_row("certainty", "hedge"),
            'claims.csv:4: certainty="hedge": not an allowed value; use "hedged"',
            marks=pytest.mark.long,
        ),
        pytest.param(
            break_row("passage_id", "exercise-p05"),
            'claims.csv:4: passage_id="exercise-p05": not in data/passages.csv; use "exercise-p005" or add the row',
            marks=pytest.mark.long,
        ),
        (rename, "clams.csv: no table has this name; did you mean claims.csv?"),
        (save_in_other_encoding, "claims.csv: not UTF-8; save it from the spreadsheet as CSV UTF-8"),
        (
            add_column,
            f"claims.csv:1: the header has colour, which claims does not have; write it as {HEADER}",
        ),
    ],
)
def test_a_damaged_folder_is_refused_whole(draft, damage, message):
    folder = inbox_of(draft)
    damage(folder)
    before = read_data(draft)
    files = {file.name for file in folder.iterdir()}
    result = run_command(accept, draft, folder, draft.descriptor, code=1)
    assert f"{folder}/{message}" in result.output.splitlines()
    assert result.output.splitlines()[-1].endswith("; nothing was accepted")
    assert read_data(draft) == before
    assert {file.name for file in folder.iterdir()} == files


def test_a_folder_that_is_none_is_one_line(draft):
    folder = draft.root / "none"
    result = run_command(accept, draft, folder, draft.descriptor, code=2)
    assert result.output == f"{folder}: not a folder of suggested rows; run make todo, which writes them\n"


def test_a_draft_is_not_published_before_its_time(draft):
    before = read_data(draft)
    result = run_command(publish_source, draft, "exercise", draft.descriptor, code=1)
    lines = result.output.splitlines()
    assert lines[-1] == "9 problems; Exercise stays a draft"
    assert (
        'data/sources.csv:4: rights="Not stated yet.": say who owns the text, or set status to in_progress'
        in lines
    )
    assert read_data(draft) == before


def test_publishing_twice_changes_nothing_and_says_so(package_copy):
    before = read_data(package_copy)
    result = run_command(publish_source, package_copy, "guidance", package_copy.descriptor)
    assert result.output == "Guild guidance is already published; nothing was changed\n"
    assert read_data(package_copy) == before


def test_an_unknown_source_is_one_line(package_copy):
    result = run_command(publish_source, package_copy, "guild", package_copy.descriptor, code=2)
    assert result.output.startswith("guild: no source has this id; ")
    assert result.output.count("\n") == 1


def test_a_source_taken_out_leaves_nothing_to_learn_from(package):
    corpus = build_corpus(package, read_tables(package))
    for source in corpus.sources:
        source_id = source["source_id"]
        unread = build_corpus(package, forget_source(corpus, source_id))
        for name in (
            "claims",
            "references",
            "source_reporting",
            "claim_conditions",
            "claim_concepts",
            "corrections",
        ):
            rows = unread[name].rows
            assert rows
            ids = {row.key.split(",")[0] for row in rows} | {
                row["reference_id"] for row in rows if name == "corrections"
            }
            assert not any(value.startswith(f"{source_id}-") or value == source_id for value in ids)
        only_here = {
            link["condition_id"]
            for link in corpus["claim_conditions"].rows
            if corpus.source_id(link) == source_id
        } - {link["condition_id"] for link in unread["claim_conditions"].rows}
        broader = {row["broader_id"] for row in unread["conditions"].rows}
        assert not {row.key for row in unread["conditions"].rows} & only_here - broader


@pytest.mark.long
@pytest.mark.parametrize("source_id", SOURCES)
def test_whatever_is_suggested_can_be_accepted_as_it_is(package_copy, source_id):
    package = package_copy.read()
    unread = forget_source(build_corpus(package, read_tables(package)), source_id)
    for name, table in unread.items():
        package_copy.file(name).write_bytes(render_rows(table))
    package_copy.edit("sources", source_id, status="in_progress")
    folder = package_copy.root / "dist" / "todo"
    run_command(todo, package_copy, package_copy.descriptor, "--source", source_id, "--output", folder)
    lines = run_command(accept, package_copy, folder / source_id, package_copy.descriptor).output.splitlines()
    assert any(line.startswith("data/claims.csv: ") for line in lines)
    assert messages(package_copy)


def test_the_scores_count_what_is_suggested(package):
    corpus = build_corpus(package, read_tables(package))
    scores = evaluate(corpus)
    entries = corpus["references"].rows
    assert len(scores["bibliographic entries"].curated) == len(entries)
    assert len(scores["their doi"].curated) == sum(bool(row["doi"]) for row in entries)
    for score in scores.values():
        assert score.right <= score.suggested
        assert score.right <= score.curated
        assert score.knowable <= score.curated
    assert scores["conditions"].right


def test_a_suggestion_is_no_row_of_the_tables(draft):
    corpus = build_corpus(draft.read(), read_tables(draft.read()))
    for table, rows in suggest_rows(corpus, "exercise").rows.items():
        keys = {row.key for row in corpus[table].rows}
        names = corpus[table].resource.primary_key
        assert not keys & {",".join(row[name] for name in names) for row in rows}


@pytest.mark.long
def test_what_running_text_and_a_record_cite_is_suggested(package_copy):
    # Addresses of documents that the tables hold already.
    text = (
        "Ketamine again\nJournal Invented Rev Aches\nDate 2001 May 5\nPMID 90000001\n\n"
        "It is not advised [AB12]. Others agree (doi: 10.5555/cases.181). More in PMID 90000011, and in [AB12].\n"
    )
    file = package_copy.root / "text.txt"
    file.write_text(text, encoding="utf-8")
    run_command(add_source, package_copy, file, "exercise", package_copy.descriptor)
    suggest(package_copy)
    rows = {row["reference_id"]: row for row in rows_of(inbox_of(package_copy) / "references.csv")}
    assert {key: (row["listed_as"], row["number"], row["doi"], row["pmid"]) for key, row in rows.items()} == {
        "exercise-record": ("this_record", "", "", "90000001"),
        "exercise-t01": ("in_text", "AB12", "", ""),
        "exercise-t02": ("in_text", "", "10.5555/cases.181", ""),
        "exercise-t03": ("in_text", "", "", "90000011"),
    }
    assert (rows["exercise-record"]["year"], rows["exercise-record"]["container_title"]) == (
        "2001",
        "Invented Rev Aches",
    )
    links = rows_of(inbox_of(package_copy) / "claim_references.csv")
    assert [(row["reference_id"], row["marker"]) for row in links] == [
        ("exercise-t01", "[AB12]"),
        ("exercise-t01", "[AB12]"),
    ]
    run_command(accept, package_copy, inbox_of(package_copy), package_copy.descriptor)


@given(st.text(st.sampled_from("aB7.5,;!- 12[]’@–"), max_size=30).filter(str.strip).map(str.strip))
@example("Pain scores fell to 7.4")
@example("• Pain scores fell to 7.4.")
def test_a_suggested_quote_cuts_no_word_and_no_number(text):
    quote = trim_claim(text)
    start = text.find(quote)
    assert not cuts_word(text, start)
    assert not cuts_word(text, start + len(quote))


@pytest.mark.parametrize(
    ("text", "fields", "authors"),
    [
        (
            "[12] van der Berg AB, O’Neil C and De Rocquigny G. What helps? A trial. J Pain 2001 Mar 4; 12(Suppl 1): e12-e15. doi: 10.1000/x.y",
            {
                "ordinal": "12",
                "title": "What helps? A trial",
                "container_title": "J Pain",
                "year": "2001",
                "volume": "12",
                "issue": "Suppl 1",
                "locator": "e12-e15",
                "doi": "10.1000/x.y",
            },
            [("van der Berg", "AB"), ("O’Neil", "C"), ("De Rocquigny", "G")],
        ),
        (
            "Pain in brief. Smith J, Jones K Pain Rep. 2024; 3:4. PMID: 123 PMC: 45.",
            {
                "title": "Pain in brief",
                "container_title": "Pain Rep",
                "year": "2024",
                "volume": "3",
                "locator": "4",
                "pmid": "123",
                "pmcid": "45",
            },
            [("Smith", "J"), ("Jones", "K")],
        ),
        (
            "A web page, 2019. https://example.org/a",
            {"title": "A web page", "year": "2019", "url": "https://example.org/a"},
            [],
        ),
        ("", {}, []),
    ],
)
def test_entries_are_parsed_as_printed(text, fields, authors):
    entry = parse_entry(text)
    assert entry.authors == authors
    assert {name: entry.fields.get(name) for name in fields} == fields


@pytest.mark.parametrize(
    ("item", "states", "does_not"),
    [
        ("effect_size", "Pain fell by 30 % in all.", "Pain fell."),
        ("number_of_patients", "A trial in 60 adult patients.", "Some patients were asked."),
        ("search_described", "We searched PubMed for trials.", "Research is needed."),
        ("authors_named", "Authors: as above", "The author agrees."),
        ("funding_or_interests", "The work was funded by a grant.", "It is of interest."),
    ],
)
def test_what_leaves_no_trace_is_known_by_its_looks(item, states, does_not):
    assert LOOKS[item].search(states)
    assert not LOOKS[item].search(does_not)


def test_negations_are_found_as_words():
    assert find_negations("It does not help, didn’t help, and nothing notable has no effect") == [
        "not",
        "no",
        "didn’t",
    ]
