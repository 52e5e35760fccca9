"""Withdraw, rename, merge and split on claims, entities and references: everything that hangs on them follows."""

import pytest
from packpress.cli import merge, rename, split, withdraw

from invented.copies import messages
from tests.curation.commands import read_data, run_command

CLAIM = {
    "statement": "Ketamine may relieve the pain.",
    "claim_type": "efficacy",
    "about": "ketamine",
    "stance": "supports",
    "certainty": "hedged",
    "hedge": "may",
    "voice": "own",
    "evidence_type": "none_stated",
    "extraction": "one_reader",
}


@pytest.fixture
def by_make(monkeypatch):
    """As make calls the commands."""
    monkeypatch.setenv("PACKPRESS_CALLER", "make")


@pytest.fixture
def copy(package_copy, by_make, monkeypatch):
    monkeypatch.chdir(package_copy.root)
    return package_copy


def do(command, copy, *words, code=0):
    """What a command prints, line by line."""
    return run_command(command, copy, *words, code=code).output.splitlines()


def list_registered(copy):
    """What the register has of the rows that were changed, and what replaces each."""
    rows = [row for row in copy.rows("withdrawals") if row["version"] == copy.read().version]
    return {f"{row['table_name']},{row['row_id']}": row["replaced_by"] for row in rows}


# ---- claims


def test_a_withdrawn_claim_leaves_a_reason_in_its_place(copy):
    before = read_data(copy)
    words = ("claims", "leaflet-c015", "--reason", "It says nothing.", "--yes")
    assert do(withdraw, copy, *words, code=1) == [
        "- `claims`: 1 withdrawn",
        "  - withdrawn `leaflet-c015`",
        "- `claim_concepts`: 2 withdrawn",
        "  - withdrawn `leaflet-c015,ketamine,subject`",
        "  - withdrawn `leaflet-c015,research,method`",
        "- `withdrawals`: 3 added",
        "  - added `claim_concepts,leaflet-c015,ketamine,subject`",
        "  - added `claim_concepts,leaflet-c015,research,method`",
        "  - added `claims,leaflet-c015`",
        'data/concepts.csv:29: concept_id="research": no claim uses it; add a row to claim_concepts.csv or remove it',
        'data/passages.csv:99: reason="": this sentence has no claim; add one, or say why it has none',
        'data/source_reporting.csv:68: stated="yes": claim_type in data/claims.csv does not show it; '
        "write no or unspecific, or add what shows it",
        "3 problems; nothing was written",
    ]
    assert read_data(copy) == before
    cells = [
        "passages:leaflet-p018:reason=A wish.",
        "source_reporting:leaflet,evidence_limits_admitted:stated=unspecific",
    ]
    done = do(withdraw, copy, *words, "--also", "concepts=research", "--set", " | ".join(cells))
    assert done[-1] == (
        "written: data/passages.csv, data/source_reporting.csv, data/claims.csv, data/concepts.csv, "
        "data/claim_concepts.csv, data/withdrawals.csv; now run make generate"
    )
    assert messages(copy) == []


def test_a_renamed_claim_keeps_its_relations_in_their_order(copy):
    before = read_data(copy)
    # Behind the claim that it agrees with, so that the two are exchanged.
    done = do(rename, copy, "claims", "guidance-c014", "guidance-c090", "--yes")
    assert "  - moved `guidance-c014,guidance-c022,pulse` to `guidance-c022,guidance-c090,pulse`" in done
    assert list_registered(copy)["claim_relations,guidance-c014,guidance-c022,pulse"] == (
        "guidance-c022,guidance-c090,pulse"
    )
    assert messages(copy) == []
    do(rename, copy, "claims", "guidance-c090", "guidance-c014", "--yes")
    assert read_data(copy) == before


def test_a_claim_belongs_to_its_source_under_any_name(copy):
    done = do(rename, copy, "claims", "leaflet-c017", "guidance-c917", "--yes", code=1)
    assert done[-2:] == [
        'data/claims.csv:46: claim_id="guidance-c917": does not begin with leaflet-; '
        "correct it or passage_id",
        "1 problem; nothing was written",
    ]


def test_a_claim_is_split_when_both_parts_follow_the_rules(copy):
    before = read_data(copy)
    words = ("claims", "leaflet-c016", "--yes")
    done = do(split, copy, *words, code=1)
    assert done[:2] == ["- `claims`: 1 added", "  - added `leaflet-c018`"]
    assert done[2:] == [
        'data/claims.csv:63: claim_id="leaflet-c018": linked to nothing; add what it is about to a link table',
        'data/claims.csv:63: claim_type="regulatory": the unique key passage_id, quote, quote_occurrence, focus, '
        "claim_type is already on line 61; change one of them, or remove the row",
        'data/claims.csv:63: statement="The spray of ketamine had its approval in the valley a year before.": '
        "leaflet-c016 states the same; say what differs, or name that one in note",
        "3 problems; nothing was written",
    ]
    assert read_data(copy) == before
    links = (
        "--to-new",
        "claim_concepts=agencies",
        "--to-both",
        "claim_concepts=ketamine | claim_concepts=valley",
    )
    cells = (
        "focus=Agencies of the valley | statement=Agencies of the valley gave ketamine approval. | qualifier="
    )
    done = do(split, copy, *words, *links, "--set", cells)
    assert list_registered(copy) == {
        "claim_concepts,leaflet-c016,agencies,issuer": "leaflet-c018,agencies,issuer"
    }
    assert done[-1].endswith("; now run make generate")
    assert messages(copy) == []
    do(merge, copy, "claims", "leaflet-c018", "leaflet-c016", "--yes")
    assert [*list_registered(copy)] == [
        "claim_concepts,leaflet-c018,ketamine,subject",
        "claim_concepts,leaflet-c018,valley,jurisdiction",
        "claims,leaflet-c018",
    ]
    assert {name: file for name, file in read_data(copy).items() if "withdrawals" not in name} == {
        name: file for name, file in before.items() if "withdrawals" not in name
    }


# ---- entities


def test_a_renamed_condition_is_followed_by_links_names_and_codes(copy):
    done = do(rename, copy, "conditions", "heart-trouble", "heart-ailment", "--reason", "Its usual word.")
    assert done == [
        "- `conditions`: 1 moved",
        "  - moved `heart-trouble` to `heart-ailment`",
        "- `claim_conditions`: 1 moved",
        "  - moved `leaflet-c012,heart-trouble,contraindication` to `leaflet-c012,heart-ailment,contraindication`",
        "- `withdrawals`: 2 added",
        "  - added `claim_conditions,leaflet-c012,heart-trouble,contraindication`",
        "  - added `conditions,heart-trouble`",
        "nothing was written; add YES=1 to write this",
    ]
    do(rename, copy, "conditions", "harp-elbow", "players-elbow", "--yes")
    for name in ("names", "mappings"):
        assert "harp-elbow" not in {row["row_id"] for row in copy.rows(name)}
        assert "players-elbow" in {row["row_id"] for row in copy.rows(name)}
    assert messages(copy) == []


def test_merged_conditions_have_one_row_of_each_code(copy):
    done = do(merge, copy, "conditions", "harp-elbow", "long-pain", "--yes", code=1)
    assert (
        "  - withdrawn `conditions-harp-elbow-icd11-xx97`, replaced by `conditions-long-pain-icd11-xx97`"
        in done
    )
    assert done[-2:] == [
        'data/mappings.csv:5: predicate_id="skos:broadMatch": becomes a duplicate of data/mappings.csv:10, which has '
        '"skos:closeMatch"; make them alike or remove one first, or keep the cells there with KEEP=1',
        "1 problem; nothing was written",
    ]


def test_a_key_of_another_table_is_told(copy):
    assert do(withdraw, copy, "conditions", "oral", "--reason", "x", code=2) == [
        "oral: no row of conditions has this key, but one of routes has; name that table"
    ]
    assert do(withdraw, copy, "conditions", "loud-pain", "--reason", "x", code=2) == [
        "loud-pain: withdrawn and replaced by nothing, as data/withdrawals.csv:3 says"
    ]
    assert do(rename, copy, "claims", "leaflet-c001", "clinic-page-c099", code=2) == [
        'clinic-page-c099: withdrawn and replaced by "clinic-page-c001", as data/withdrawals.csv:2 says; '
        "its key is never used again, so name another one"
    ]


# ---- references


def test_a_renamed_reference_is_followed_by_authors_citations_and_corrections(copy):
    assert do(rename, copy, "references", "guidance-r03", "guidance-r33", "--yes") == [
        "- `references`: 1 moved",
        "  - moved `guidance-r03` to `guidance-r33`",
        "- `reference_authors`: 2 moved",
        "  - moved `guidance-r03,1` to `guidance-r33,1`",
        "  - moved `guidance-r03,2` to `guidance-r33,2`",
        "- `claim_references`: 4 moved",
        "  - moved `guidance-c001,guidance-r03` to `guidance-c001,guidance-r33`",
        "  - moved `guidance-c002,guidance-r03` to `guidance-c002,guidance-r33`",
        "  - moved `guidance-c009,guidance-r03` to `guidance-c009,guidance-r33`",
        "  - moved `guidance-c010,guidance-r03` to `guidance-c010,guidance-r33`",
        "- `corrections`: 1 changed",
        "  - changed `guidance-r03-family-2`, reference_id: “guidance-r03” became “guidance-r33”",
        "- `withdrawals`: 7 added",
        "  - added `claim_references,guidance-c001,guidance-r03`",
        "  - added `claim_references,guidance-c002,guidance-r03`",
        "  - added `claim_references,guidance-c009,guidance-r03`",
        "  - added `claim_references,guidance-c010,guidance-r03`",
        "  - added `reference_authors,guidance-r03,1`",
        "  - added `reference_authors,guidance-r03,2`",
        "  - added `references,guidance-r03`",
        "written: data/references.csv, data/reference_authors.csv, data/claim_references.csv, data/corrections.csv, "
        "data/withdrawals.csv; now run make generate",
    ]
    assert messages(copy) == []


def test_a_printed_entry_stays_a_reference(copy):
    before = read_data(copy)
    done = do(withdraw, copy, "references", "guidance-r03", "--reason", "No entry.", "--yes", code=1)
    assert done[-2:] == [
        'data/passages.csv:77: passage_id="guidance-p025": begins an entry that no reference records; '
        "add a row to data/references.csv",
        "1 problem; nothing was written",
    ]
    assert read_data(copy) == before


# ---- drafts


@pytest.fixture
def draft(exercise_copy, by_make, monkeypatch):
    """A copy with a document in progress, of which one claim is made."""
    copy = exercise_copy
    monkeypatch.chdir(copy.root)
    quote = "Ketamine may relieve harp elbow in some patients"
    row = {
        **CLAIM,
        "claim_id": "exercise-c001",
        "passage_id": "exercise-p005",
        "quote": quote,
        "focus": quote,
    }
    copy.append("claims", **row)
    link = {"claim_id": "exercise-c001", "mention": "harp elbow", "mention_type": "named"}
    copy.append("claim_conditions", **link, condition_id="harp-elbow", role="treated")
    return copy


def test_rows_of_a_draft_leave_no_trace(draft):
    before = draft.file("withdrawals").read_bytes()
    do(rename, draft, "claims", "exercise-c001", "exercise-c005", "--yes")
    do(withdraw, draft, "claims", "exercise-c005", "--yes")
    assert draft.file("withdrawals").read_bytes() == before
    assert "exercise" not in draft.file("claim_conditions").read_text(encoding="utf-8")


def test_parts_of_a_draft_may_be_incomplete(draft):
    done = do(split, draft, "claims", "exercise-c001", "--to-new", "claim_conditions", "--yes")
    assert done[:4] == [
        "- `claims`: 1 added",
        "  - added `exercise-c002`",
        "- `claim_conditions`: 1 moved",
        "  - moved `exercise-c001,harp-elbow,treated` to `exercise-c002,harp-elbow,treated`",
    ]
    assert [line for line in done if "the unique key" in line] == [
        'notice: data/claims.csv:24: claim_type="efficacy": the unique key passage_id, quote, quote_occurrence, '
        "focus, claim_type is already on line 23; change one of them, or remove the row"
    ]
    assert done[-1] == "written: data/claims.csv, data/claim_conditions.csv; now run make generate"
    assert len([row for row in draft.rows("claims") if row["claim_id"].startswith("exercise")]) == 2
