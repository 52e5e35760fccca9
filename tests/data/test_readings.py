"""The readings behind the data: `extraction`, the agreement on the method page, and the log of relations."""

import csv
import re

import pytest
from packpress.tables.rows import read_tables

from scripts.curation.agreement import JUDGED_FIELDS, READERS, RELATION_READERS, pair_rows, read_extraction
from scripts.curation.figures import list_figures
from tests.conftest import ROOT
from tests.curation.cases import add_source
from tests.curation.commands import review, run_command

FOLDERS = [ROOT / "data" / "curation" / reader for reader in READERS]


def test_the_two_readers_compare_as_the_method_page_says(package_copy):
    output = run_command(
        review,
        package_copy,
        package_copy.descriptor,
        "--output",
        package_copy.root / "review",
        "--first",
        FOLDERS[0],
        "--against",
        FOLDERS[1],
    ).output
    method = (ROOT / "docs" / "method.md").read_text(encoding="utf-8")
    (figures,) = re.findall(r"<!-- agreement -->\n\n(.*?)\n\n<!-- /agreement -->", method, re.DOTALL)
    assert output.endswith(f"\nA: reader-a; B: reader-b\n{figures}\n")


def test_a_sixth_document_with_one_reading_leaves_the_agreement_of_the_others(package_copy):
    def agreement() -> list[list[str]]:
        package = package_copy.read()
        text = list_figures(package, read_tables(package))["agreement"]
        return [line.strip("| ").split(" | ") for line in text.splitlines()]

    before = agreement()
    text = "Ketamine calms the itch."
    add_source(package_copy, "published", text)
    passage = dict.fromkeys(package_copy.rows("passages")[0], "") | {
        "passage_id": "new-p001",
        "source_id": "new",
        "position": "1",
        "kind": "sentence",
        "text": text,
    }
    package_copy.append("passages", **passage | {"start_offset": "0", "end_offset": str(len(text))})
    claim = package_copy.rows("claims")[0] | {"claim_id": "new-c001", "passage_id": "new-p001"}
    file = package_copy.root / "data" / "curation" / READERS[0] / "new" / "claims.csv"
    file.parent.mkdir()
    row = claim | {"quote": text, "focus": text, "quote_occurrence": ""}
    file.write_text(
        "\n".join([",".join(row), ",".join(f'"{cell}"' for cell in row.values())]), encoding="utf-8"
    )
    head, *lines = agreement()
    assert head == [*before[0][:-1], "New", "all read twice (5 of 6)"]
    assert {line[-2] for line in lines[1:]} == {"one reading"}
    assert [line[:-2] + line[-1:] for line in lines] == before[1:]


@pytest.fixture
def recorded(package, package_copy):
    """Each claim with what each reader recorded in its place, or None."""
    passages = {row["passage_id"]: row["text"] for row in package_copy.rows("passages")}
    claims = package_copy.rows("claims")
    partners = []
    for reader in READERS:
        rows = read_extraction(package, ROOT / "data" / "curation" / reader).rows("claims", passages)
        partners.append({own["claim_id"]: row for own, row in pair_rows(claims, rows, passages).pairs})
    return [(claim, [found.get(claim["claim_id"]) for found in partners]) for claim in claims]


def test_a_claim_of_both_readers_was_recorded_alike_by_both(recorded):
    for claim, found in recorded:
        if claim["extraction"] == "both_readers":
            for row in found:
                assert row is not None, claim["claim_id"]
                assert [row[name] for name in JUDGED_FIELDS] == [claim[name] for name in JUDGED_FIELDS]


def test_a_claim_of_one_reader_was_recorded_by_one(recorded):
    for claim, found in recorded:
        if claim["extraction"] == "one_reader":
            assert found.count(None) == 1, claim["claim_id"]


def test_every_raw_row_of_a_claim_quotes_its_passage(package, package_copy):
    passages = {row["passage_id"]: row["text"] for row in package_copy.rows("passages")}
    for reader in READERS:
        extraction = read_extraction(package, ROOT / "data" / "curation" / reader)
        assert len(extraction.rows("claims", passages)) == len(extraction.tables["claims"]) > 0


RELATIONS = ROOT / "data" / "curation" / "relations"
TURNED = {"qualifies": "is qualified by"}


def read_rows(name: str) -> list[dict[str, str]]:
    with (RELATIONS / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def turn(row: dict[str, str], topic: str) -> tuple[tuple[str, str, str], str]:
    """The claims of a relation, smaller id first, with its topic; and the relation in that direction."""
    one, other, relation = row["claim_id"], row["related_claim_id"], row["relation"]
    if one < other:
        return (one, other, topic), relation
    return (other, one, topic), TURNED.get(relation, relation)


@pytest.fixture
def settled():
    log = read_rows("adjudication")
    return {(row["claim_id"], row["related_claim_id"], row["topic"]): row for row in log}


def test_the_relations_are_as_the_log_of_their_adjudication_says(settled, package_copy):
    topics = {row["question_id"]: row["topic"] for row in package_copy.rows("questions")}
    relations = package_copy.rows("claim_relations")
    # A document whose relations one reader recorded has nothing to settle.
    twice = {
        key.rpartition("-")[0]
        for row in settled.values()
        for key in (row["claim_id"], row["related_claim_id"])
    }
    published = [
        turn(row, topics[row["question_id"]])
        for row in relations
        if {row[name].rpartition("-")[0] for name in ("claim_id", "related_claim_id")} <= twice
    ]
    decided = {key: row["decided"] for key, row in settled.items() if row["decided"] != "none"}
    assert sorted(published) == sorted(decided.items())


@pytest.mark.parametrize("reader", RELATION_READERS)
def test_every_relation_of_a_reader_is_settled(settled, reader):
    recorded = dict(turn(row, row["topic"]) for row in read_rows(reader))
    logged = {key: row[reader.replace("-", "_")] for key, row in settled.items()}
    assert recorded == {key: relation for key, relation in logged.items() if relation}


def test_every_decision_has_a_reason_and_no_pair_is_settled_twice(settled):
    assert len(settled) == len(read_rows("adjudication"))
    assert all(row["reason"] for row in settled.values())
