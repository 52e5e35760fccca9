"""Rejected suggestions: what they teach about other documents, whom, and how they are weighed."""

import pytest
from packpress.tables.rows import read_tables

from scripts.curation.corpus import build_corpus
from scripts.curation.evaluation import evaluate
from scripts.curation.rejections import read_rejected
from scripts.curation.suggestions import suggest_rows
from tests.curation.commands import EXERCISE, add_source, run_command, todo
from tests.curation.test_curate import Browser

HEADER = "passage_id,table_name,row_id,words\n"
PASSAGE = "exercise-p005"


@pytest.fixture
def draft(package_copy):
    run_command(add_source, package_copy, EXERCISE, "exercise", package_copy.descriptor)
    return package_copy


def reject(copy, place, *rows):
    file = copy.root / "data" / "curation" / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding="utf-8")


def list_offered(copy, reader=""):
    """What the form of the passage offers to link."""
    form = Browser(copy.descriptor, reader=reader).fill(f"/passages/{PASSAGE}")
    return {value for name, value in form.items() if name.endswith(".entity") and value}


def count_links(copy, words):
    named = [
        row["mention"].lower() for name in ("claim_conditions", "claim_concepts") for row in copy.rows(name)
    ]
    return named.count(words)


def test_what_was_rejected_in_other_documents_is_offered_nowhere(draft):
    assert "conditions/harp-elbow" in list_offered(draft)
    often = count_links(draft, "harp elbow") + 1
    rows = [f"leaflet-p{number:03},claim_conditions,harp-elbow,harp elbow" for number in range(1, often + 1)]
    reject(draft, "rejected/leaflet.csv", *rows)
    assert "conditions/harp-elbow" not in list_offered(draft)
    folder = draft.root / "dist" / "todo"
    run_command(todo, draft, draft.descriptor, "--source", "exercise", "--output", folder)
    assert "harp-elbow" not in (folder / "exercise" / "claim_conditions.csv").read_text(encoding="utf-8-sig")
    # What was linked as often is offered.
    reject(draft, "rejected/leaflet.csv", *rows[1:])
    assert "conditions/harp-elbow" in list_offered(draft)


def test_what_was_done_in_the_document_itself_counts_alone(draft):
    reject(draft, "rejected/exercise.csv", "exercise-p007,claim_conditions,harp-elbow,harp elbow")
    assert "conditions/harp-elbow" not in list_offered(draft)


def test_a_link_that_no_word_names_is_rejected_in_its_passage_only(draft):
    package = draft.read()
    text = "Ketamine is old. Blood was tested twice. Blood was tested again."
    (draft.root / "wordless.txt").write_text(text, encoding="utf-8")
    run_command(add_source, draft, draft.root / "wordless.txt", "wordless", draft.descriptor)
    reject(draft, "rejected/wordless.csv", "wordless-p002,claim_concepts,ketamine,")
    corpus = build_corpus(package, read_tables(package), read_rejected(draft.root))
    found = suggest_rows(corpus, "wordless").rows
    passages = {row["claim_id"]: row["passage_id"] for row in found["claims"]}
    left_out = {
        passages[row["claim_id"]] for row in found["claim_concepts"] if row["mention_type"] == "context"
    }
    assert left_out == {"wordless-p003"}


def test_a_blind_second_reader_and_the_first_learn_nothing_of_each_other(draft):
    often = count_links(draft, "harp elbow") + 1
    rows = [f"leaflet-p{number:03},claim_conditions,harp-elbow,harp elbow" for number in range(often)]
    reject(draft, "rejected/leaflet.csv", *rows)
    assert "conditions/harp-elbow" not in list_offered(draft)
    assert "conditions/harp-elbow" in list_offered(draft, "reader-b")
    (draft.root / "data/curation/rejected/leaflet.csv").unlink()
    reject(draft, "reader-b/leaflet/rejected.csv", *rows)
    assert "conditions/harp-elbow" in list_offered(draft)
    assert "conditions/harp-elbow" not in list_offered(draft, "reader-b")


@pytest.mark.long
def test_what_was_rejected_in_a_document_is_not_known_before_it_is_read(package):
    tables = read_tables(package)
    named = {
        (table, row[key], row["mention"].lower())
        for table, key in (("claim_conditions", "condition_id"), ("claim_concepts", "concept_id"))
        for row in tables[table].rows
        if row["mention"]
    }

    def suggest_all(rejected_in, source_id):
        rows = tuple((f"{rejected_in}-p001", *one) for one in sorted(named)) * 99
        scores = evaluate(build_corpus(package, tables, {rejected_in: rows} if rejected_in else {}))
        return {item for item in scores["concepts"].suggested if item[0].startswith(source_id)}

    for source_id in ("guidance", "abstract-2001"):
        known = suggest_all("", source_id)
        assert suggest_all(source_id, source_id) == known
        assert suggest_all("elsewhere", source_id) < known
