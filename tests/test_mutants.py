"""The validator can fail: every mutant of the tables is caught at its line with its code."""

import pytest

from invented.mutants import CONSTRAINTS, WRONG, Nursery
from packpress import read_package
from tests.conftest import ROOT, PackageCopy
from tests.mutants import LINTED

PACKAGE = read_package(ROOT / "datapackage.json")
NAMES = [resource.name for resource in PACKAGE.resources]


@pytest.mark.long
@pytest.mark.exhaustive
@pytest.mark.parametrize("name", NAMES)
def test_every_mutant_is_caught(name, tmp_path):
    nursery = Nursery(PackageCopy(tmp_path), LINTED)
    assert nursery.list_mutants(name)
    assert nursery.find_survivors(name) == []


def test_every_constraint_and_type_has_a_mutant():
    fields = [field for resource in PACKAGE.resources for field in resource.fields]
    assert {name for field in fields for name in field.constraints} <= CONSTRAINTS.keys()
    assert {field.type for field in fields} - {"string"} <= WRONG.keys()
