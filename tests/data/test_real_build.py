"""The build of the real data: what holds of any build, held to its rows too."""

# ruff: noqa: F401

import pytest

from tests.test_build import (
    db,
    test_a_search_for_nonsense_finds_nothing_and_for_ketamine_something,
    test_frictionless_finds_the_zip_valid,
    test_no_statement_needs_a_newer_sqlite_or_an_extension,
    test_the_database_is_whole,
    test_the_published_csv_is_the_source_file,
    test_the_zip_is_valid_by_our_rules,
)

pytestmark = pytest.mark.long
