"""The real data as a folder of files: whole, without a dead link, and within its edition."""

# ruff: noqa: F401, F811

import collections

import pytest
from packpress.tables.rows import read_tables

from tests.data.test_editions import (
    PACKAGE,
    is_made_of,
    list_facts,
    list_joined,
    read_documents,
    read_file,
    runs_of,
)
from tests.test_static import (
    pages,
    test_a_filter_has_the_rows_that_it_counts,
    test_a_key_explains_gaps_where_there_are_some_and_nowhere_else,
    test_a_statement_in_a_link_runs,
    test_every_claim_is_in_the_list_of_claims,
    test_every_page_says_what_it_may_load_and_only_two_run_scripts,
    test_every_thing_has_its_page,
    test_forms_ask_pages_that_can_answer,
    test_no_link_is_dead,
    test_nothing_is_loaded_from_elsewhere,
    test_the_sums_and_the_descriptor_fit_the_files,
)

pytestmark = [pytest.mark.long, pytest.mark.exhaustive]


def test_no_eight_words_of_a_document_stand_outside_of_quotes(static_folder, pages):
    """What is read of each page are its texts block by block, and every attribute."""
    tables = read_tables(PACKAGE)
    documents = read_documents(tables)
    every = set().union(*map(runs_of, documents.values()))
    facts = list(list_facts(tables))
    quoted = set().union(*map(runs_of, list_joined(tables, documents)))
    forbidden = {run for run in every - quoted if not any(is_made_of(run, of_one) for of_one in facts)}
    assert len(forbidden) > 200
    found = collections.defaultdict(set)
    for page, reader in pages.items():
        for text in (*reader.texts, *reader.spoken):
            for words in runs_of(text) & forbidden:
                found[" ".join(words)].add(page)
    for path in static_folder.rglob("*"):
        name = path.relative_to(static_folder).as_posix()
        # The build itself has tests of its own.
        if path.is_file() and path.suffix != ".html" and not name.startswith(("files/", "vendor/")):
            for place, text in read_file(name, path.read_bytes()):
                if not place.startswith("bytes of "):
                    for words in runs_of(text) & forbidden:
                        found[" ".join(words)].add(name)
    assert {words: sorted(places)[:3] for words, places in found.items()} == {}
