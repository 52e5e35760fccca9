"""Nothing here names a data set: no table, column, file or command of one that happens to use packpress."""

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

# Words of the first data set. Those that are words of the standard or of programming too (sources, references,
# routes, names, questions, withdrawals, concepts, mappings, corrections) are not among them.
WORDS = (
    r"\w*ketamine\w*|claims?|claim_\w+|passages?|passage_id|conditions|condition_id|adverse[ _]effects?|adverse_effect_id"
    r"|source_reporting|source_id|reference_authors|reference_id|route_id|concept_id|mapping_id|correction_id"
    # In capitals, PMID and PMCID are variables of CSL-JSON.
    r"|(?-i:pmid|pmcid)|fpm|curat\w+|LICENSE-DATA"
)
TARGETS = (
    "install|build|validate|generate|conformance|format|workbook|import|next-id|add-source|todo|accept|publish-source"
    "|review|diff|release|verify-anchors|serve|serve-public|static|load|mutate|fuzz|test-exit|bench-[a-z]+|test|test-all"
    "|check|check-format|lint|types|fresh|lock|clean"
)
NAMED = re.compile(rf"\b(?:{WORDS}|make (?:{TARGETS}))\b", re.IGNORECASE)
# Made by others, or when it is run.
LEFT_OUT = {"vendor", "__pycache__", ".pytest_cache", ".hypothesis", ".venv", "build", "dist"}
FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in ROOT.rglob("*")
    if path.is_file()
    and not LEFT_OUT & {*path.relative_to(ROOT).parts}
    and not any(part.endswith(".egg-info") for part in path.relative_to(ROOT).parts)
    and path != Path(__file__)
)
# The text of the licence, which is that of any MIT licence.
LICENCE = ("ANY CLAIM, DAMAGES", "following conditions:")


@pytest.mark.parametrize("file", FILES)
def test_no_file_names_a_data_set(file):
    assert not NAMED.search(file)
    try:
        text = (ROOT / file).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return
    if file == "LICENSE":
        for words in LICENCE:
            text = text.replace(words, "")
    found = [f"{line}: {text}" for line, text in enumerate(text.splitlines(), 1) if NAMED.search(text)]
    assert found == []


@pytest.mark.parametrize(
    "words", ["Ketamine", "pmid", "claim_routes", "fpm-ketamine", "`make validate`", "a Curated table"]
)
def test_a_name_would_be_found(words):
    assert NAMED.search(words)


@pytest.mark.parametrize(
    "words", ["disclaims", "PMID", "unconditionally", "make it", "sources and references", "routes"]
)
def test_a_word_of_others_would_not(words):
    assert not NAMED.search(words)
