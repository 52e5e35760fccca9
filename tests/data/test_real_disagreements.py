"""The page of disagreements shows every pair of the real data."""

# ruff: noqa: F401

import pytest

from tests.test_site_disagreements import (
    rows,
    short_pages,
    site,
    test_a_group_ties_its_claims_to_their_words_by_letters,
    test_a_question_is_a_heading_once_and_leads_to_its_page,
    test_both_sides_show_their_words_marked_in_their_passage,
    test_each_side_leads_to_its_words_and_to_its_claim,
    test_every_pair_stands_there_once_however_many_pages,
    test_pairs_of_the_same_passages_stand_together_and_a_passage_is_printed_once,
    test_the_gravest_relation_comes_first_and_then_the_topics_in_order,
    test_the_reason_and_the_classification_stand_beside_the_pair,
)

pytestmark = pytest.mark.long
