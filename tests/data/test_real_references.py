"""The list of references holds what the real tables hold, in both forms."""

# ruff: noqa: F401

import pytest

from tests.test_site_references import (
    site,
    tables,
    test_entries_stand_by_source_and_list_and_silent_sources_are_named,
    test_every_facet_counts_and_finds_what_the_tables_hold,
    test_places_and_claims_are_counted_beside_each_other_and_lead_there,
    test_the_page_of_a_reference_names_the_places_that_cite_it,
    test_the_query_has_the_values_of_its_form,
    test_the_switch_counts_both_forms_from_the_data,
    test_what_is_printed_stands_in_one_form_and_what_is_correct_in_the_other,
    test_what_nothing_cites_says_so_in_words_and_which_way_it_points,
)

pytestmark = pytest.mark.long
