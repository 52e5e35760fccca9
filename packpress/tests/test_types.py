"""The registry of types: the vocabulary names them, and each has an example that it reads."""

import pytest
from packpress.package.profile import DEFINITIONS
from packpress.package.resource import Field
from packpress.tables.types import TYPES

from tests.documents import describe_types


def test_the_profile_names_the_types_of_the_registry():
    assert {name: DEFINITIONS[name] for name in describe_types()} == describe_types()


@pytest.mark.parametrize("kind", TYPES.values(), ids=lambda kind: kind.name)
def test_the_example_of_a_type_is_a_cell_of_it(kind):
    field = Field({"name": "a", "type": kind.name, "itemType": "integer"})
    value = kind.make_reader(field)(kind.example)
    assert value is not None
    assert kind.convert(value, kind.example) is not None
    assert kind.hint.startswith("write ")
