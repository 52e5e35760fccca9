"""The claim cards of the real data: what holds of every card, held to its claims too."""

# ruff: noqa: F401

import pytest

from tests.test_site_claim import (
    cards,
    site,
    tables,
    test_a_card_is_headed_in_order_and_explains_its_colours,
    test_every_card_expands_its_markers_into_references_and_corrections,
    test_every_card_frames_doubt_and_limit_and_says_when_there_are_none,
    test_every_card_links_what_the_claim_names_with_role_and_words,
    test_every_card_shows_statement_quote_stance_and_voice,
    test_every_claim_can_be_cited_in_every_form,
    test_every_column_of_a_row_is_on_its_page,
    test_every_quote_stands_in_its_passage_among_its_neighbours,
    test_every_relation_stands_on_both_of_its_cards_with_its_reason,
)

pytestmark = pytest.mark.long
