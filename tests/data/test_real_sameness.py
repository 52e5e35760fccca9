"""Every row of the real data is the same in every format and in every edition."""

# ruff: noqa: F401

import pytest

from tests.test_sameness import (
    edition,
    test_every_format_holds_every_row_of_every_table,
    test_the_dictionary_is_the_same_wherever_it_stands,
    test_the_package_is_described_the_same_in_the_database_and_in_the_zip,
)

pytestmark = pytest.mark.long
