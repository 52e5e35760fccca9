"""The segmenter's proposals tile any text, and are what the curators corrected for the five documents."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.curation.segment import propose_passages, segment_document
from tests.conftest import ROOT, run

DOCUMENTS = sorted((ROOT / "data" / "sources").glob("*.txt"))
WORDS = st.text(st.sampled_from("Aa z.?!:1-\u00a0\u2009\n\r🜂é[]"), max_size=200)


@given(WORDS)
def test_passages_tile_any_text(text):
    at = 0
    for span in segment_document(text):
        assert text[at : span.start].strip() == ""
        assert span.text == text[span.start : span.end]
        assert span.text == span.text.strip() != ""
        assert "\n" not in span.text
        at = span.end
    assert text[at:].strip() == ""


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_published_passages_are_as_proposed(document, package_copy):
    text = document.read_bytes().decode("utf-8")
    curated = [
        row | {"reason": ""} for row in package_copy.rows("passages") if row["source_id"] == document.stem
    ]
    assert propose_passages(text, document.stem) == curated


def test_the_command_prints_rows():
    done = run("segment", "data/sources/clinic-ketamine.txt", "clinic-ketamine")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert done.returncode == 0
    assert rows[0]["passage_id"] == "clinic-ketamine-p001"
    assert rows[0]["kind"] == "title"


def test_a_document_that_is_missing_is_named_in_one_line():
    done = run("segment", "nowhere.txt", "x")
    assert done.returncode == 2
    assert done.stderr == "nowhere.txt: no such file; restore it or correct path in the descriptor\n"
