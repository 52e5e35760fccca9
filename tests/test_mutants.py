"""The validator can fail: every mutant of the real package is caught at its line with its code."""

import pytest
from packpress.checks.lint import FINDINGS

from tests.mutants import CONSTRAINTS, LINT, LINTED, PACKAGE, WRONG, Nursery, find_survivors, list_mutants

NAMES = [resource.name for resource in PACKAGE.resources]
FIELDS = [field for resource in PACKAGE.resources for field in resource.fields]


@pytest.mark.parametrize("name", NAMES)
def test_a_table_without_mutants_is_valid(name, tmp_path):
    nursery = Nursery(tmp_path)
    from packpress.checks.validation import validate_package

    assert validate_package(nursery.package_of(PACKAGE.by_name[name])).problems == []


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_every_mutant_is_caught(name, tmp_path):
    assert list_mutants(name)
    assert find_survivors(name, tmp_path) == []


def test_every_mutant_of_one_table_is_caught(tmp_path):
    assert find_survivors(LINTED, tmp_path) == []


def test_every_constraint_type_and_kind_of_lint_has_a_mutant():
    assert {name for field in FIELDS for name in field.constraints} <= CONSTRAINTS.keys()
    assert {field.type for field in FIELDS} - {"string"} <= WRONG.keys()
    assert LINT.keys() == FINDINGS.keys()


def test_a_mutant_that_nothing_is_said_of_survives(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "tests.mutants.validate_package",
        lambda package: type("R", (), {"problems": [], "notices": []}),
    )
    assert len(find_survivors("routes", tmp_path)) == len(list_mutants("routes"))
