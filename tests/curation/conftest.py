"""What the tests of the curation rules need from pytest and hypothesis."""

import pytest
from hypothesis import settings

# So that a failed comparison in the shared code shows both lists.
pytest.register_assert_rewrite("tests.curation.cases")

# A busy machine is no fault of the code.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
