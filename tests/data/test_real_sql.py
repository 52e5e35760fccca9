"""The views and derived tables of the real data account for all of its rows."""

# ruff: noqa: F401

import pytest

from tests.test_site_sql import (
    db,
    test_bibliography_applies_every_correction_and_flags_it,
    test_claims_flat_stands_for_every_claim_in_its_context,
    test_condition_evidence_counts_every_link_once,
    test_coverage_accounts_for_every_passage_and_no_character_twice,
    test_disagreements_are_the_relations_that_do_not_agree,
    test_every_thing_that_can_be_found_is_indexed_once,
    test_labels_in_claims_flat_are_those_of_the_links,
    test_silence_has_its_row,
    test_sources_stand_in_their_order,
    test_uncited_claims_cite_nothing,
)

pytestmark = pytest.mark.long
