"""The readings behind the data: who recorded a claim is as `extraction` says, and agreement is as the method page says."""

import re

import pytest

from scripts.curation.agreement import JUDGED_FIELDS, pair_rows, read_extraction
from scripts.curation.figures import READERS
from tests.conftest import ROOT
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
