"""The maps of the real data count its claims."""

# ruff: noqa: F401

import pytest

from tests.test_site_maps import (
    db,
    lines,
    page,
    path,
    picture,
    site,
    table,
    test_a_map_counts_every_link_of_a_claim_once,
    test_a_map_explains_its_marks_and_its_roles,
    test_a_map_leads_to_its_data_in_every_format,
    test_a_role_is_asked_of_the_thing_that_is_asked_for,
    test_every_chip_counts_the_claims_of_its_place,
    test_kinds_are_headings_of_the_conditions,
    test_named_by_counts_the_sources_that_have_a_claim,
    test_narrower_things_stand_below_broader_ones_of_their_kind,
    test_silence_has_its_place,
    test_the_address_of_a_chip_holds_exactly_its_claims,
    test_the_page_shows_every_chip_of_the_map,
    test_the_picture_shows_every_chip,
    test_the_picture_stands_alone_and_says_what_it_shows,
    test_the_words_say_what_the_chips_show,
)

pytestmark = pytest.mark.long
