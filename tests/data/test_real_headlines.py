"""The headlines of the real lists count their findings."""

# ruff: noqa: F401

import pytest

from tests.test_site_headlines import (
    headline,
    site,
    test_a_filter_does_not_make_the_sentence_wrong,
    test_a_query_of_the_same_things_has_the_same_headline,
    test_the_public_edition_has_the_same_headlines,
    test_things_are_counted_once_and_split_by_how_many_documents_name_them,
    test_what_nobody_states_is_counted_by_items,
    test_what_one_source_states_is_told_where_its_rows_are_listed,
    test_what_only_one_source_names_is_counted_by_table,
)

pytestmark = pytest.mark.long


def test_one_document_names_contraindications(site):  # noqa: F811
    words = "Six conditions are named as contraindications, all in hedged words, by one of the five documents: Clinic page."
    assert headline(site, "contraindications") == words
