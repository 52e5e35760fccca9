"""Two sources side by side, and the indexes, hold what the real tables hold."""

# ruff: noqa: F401

import pytest

from tests.test_site_comparison import (
    site,
    sources,
    test_every_pair_of_claims_of_the_two_is_there_in_its_relation,
    test_shared_works_are_those_of_the_pages_of_references,
    test_the_list_of_pairs_leads_to_every_pair_and_counts_what_they_share,
    test_the_page_is_whole_and_has_one_address,
    test_what_both_name_and_what_one_names_is_what_the_tables_hold,
)
from tests.test_site_indexes import (
    test_each_source_has_its_place_and_how_often_is_counted,
    test_every_thing_stands_there_with_the_sentence_of_its_page,
)

pytestmark = pytest.mark.long
