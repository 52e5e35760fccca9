"""Search finds every row of the real data."""

# ruff: noqa: F401

import pytest

from tests.test_site_search import (
    search,
    site,
    test_a_doi_finds_its_reference_however_it_is_pasted,
    test_a_name_as_printed_finds_the_thing_first,
    test_a_name_that_only_readers_use_finds_its_row_before_all_others,
    test_every_code_and_its_label_find_what_they_are_mapped_to,
    test_everything_of_every_kind_is_found_by_its_identifier,
    test_nonsense_finds_nothing,
    test_references_are_found_as_printed_and_as_corrected,
    test_words_of_every_passage_find_it_as_a_phrase,
)

pytestmark = pytest.mark.long
