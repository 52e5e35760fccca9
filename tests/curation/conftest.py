"""What the tests of the curation rules need from pytest and hypothesis."""

import pytest
from hypothesis import settings

from tests.conftest import PackageCopy
from tests.curation.commands import EXERCISE, add_source, run_command

# So that a failed comparison in the shared code shows both lists.
pytest.register_assert_rewrite("tests.curation.cases")

# A busy machine is no fault of the code.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def with_exercise(tmp_path_factory):
    """The invented data set with the exercise as a draft, which no test changes."""
    copy = PackageCopy(tmp_path_factory.mktemp("with_exercise"))
    run_command(add_source, copy, EXERCISE, "exercise", copy.descriptor, "--short-name", "Exercise")
    return copy


@pytest.fixture
def exercise_copy(with_exercise, tmp_path):
    """A copy of that, to be changed."""
    return PackageCopy(tmp_path, with_exercise.root)
