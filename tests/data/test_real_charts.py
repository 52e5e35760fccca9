"""The charts of the real data count its rows."""

# ruff: noqa: F401

import pytest

from tests.test_site_charts import (
    db,
    page,
    site,
    test_a_picture_shows_the_figures_of_the_page,
    test_a_picture_stands_alone,
    test_a_source_without_references_keeps_its_place,
    test_bars_are_as_long_as_their_numbers,
    test_charts_lead_to_their_data_in_every_format,
    test_claims_by_type_and_stance_are_all_claims,
    test_columns_of_years_are_the_same_on_the_page_and_in_the_picture,
    test_columns_of_years_stand_for_every_dated_reference,
    test_every_figure_counts_the_rows_behind_its_address,
    test_hedging_counts_hedged_of_all_claims,
    test_kinds_of_evidence_are_those_of_all_claims,
    test_the_page_explains_what_it_counts,
    test_years_are_those_of_the_bibliography,
)

pytestmark = pytest.mark.long
