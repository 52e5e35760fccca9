"""The validator can fail: every mutant of a package is caught at its line with its code."""

import pytest
from packpress.checks import validation
from packpress.checks.hygiene import FINDINGS

from invented.copies import FLEET, PackageCopy
from invented.mutants import CONSTRAINTS, LINT, WRONG, Linted, Nursery
from packpress import read_package

PACKAGE = read_package(FLEET / "datapackage.json")
NAMES = [resource.name for resource in PACKAGE.resources]
LINTED = Linted("ports", "port_id", "definition", "page_id")


@pytest.fixture
def nursery(tmp_path):
    return Nursery(PackageCopy(tmp_path), LINTED)


@pytest.mark.parametrize("name", NAMES)
def test_a_table_without_mutants_is_valid(name, nursery):
    assert validation.validate_package(nursery.package_of(name)).problems == []


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_every_mutant_is_caught(name, nursery):
    assert nursery.list_mutants(name)
    assert nursery.find_survivors(name) == []


@pytest.mark.long
def test_every_mutant_of_one_table_is_caught(nursery):
    assert nursery.find_survivors("ports") == []


def test_every_constraint_type_and_kind_of_lint_has_a_mutant():
    fields = [field for resource in PACKAGE.resources for field in resource.fields]
    assert {name for field in fields for name in field.constraints} == CONSTRAINTS.keys()
    assert {field.type for field in fields} - {"string"} <= WRONG.keys()
    assert LINT.keys() == FINDINGS.keys()


def test_a_mutant_that_nothing_is_said_of_survives(nursery, monkeypatch):
    silent = type("Report", (), {"problems": [], "notices": []})
    monkeypatch.setattr(validation, "validate_package", lambda package: silent)
    assert len(nursery.find_survivors("ports")) == len(nursery.list_mutants("ports"))
