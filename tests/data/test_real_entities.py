"""The entity and reference pages of the real data: what holds of every page, held to its rows too."""

# ruff: noqa: F401

import pytest

from tests.test_site_entities import (
    database,
    read,
    site,
    test_a_passage_is_printed_once_with_the_letters_of_its_claims,
    test_a_silent_source_points_to_its_nearest_broader_claims,
    test_a_thing_tells_the_disagreements_that_name_it,
    test_all_columns_of_a_reference_are_on_its_page,
    test_an_entry_that_no_claim_cites_says_why,
    test_broader_and_narrower_count_the_claims_that_name_them,
    test_each_source_has_its_claims_or_is_named_once_as_silent,
    test_every_code_stands_with_its_relation,
    test_every_correction_stands_beside_what_is_printed,
    test_every_reference_stands_as_printed_with_its_claims,
    test_finding_counts_the_sources_that_name_it,
    test_finding_of_a_condition_counts_judgements,
    test_finding_of_a_role_counts_its_sources,
    test_identifiers_lead_to_the_work_corrected,
    test_names_stand_as_printed,
    test_names_that_only_readers_use_stand_apart_from_printed_ones,
    test_page_of_an_entity_is_whole,
    test_row_of_the_map_holds_the_counts_of_the_table,
    test_what_no_source_states_is_what_no_claim_has,
)

pytestmark = pytest.mark.long
