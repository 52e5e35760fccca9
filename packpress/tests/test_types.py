"""The registry of types: the vocabulary names them, and each has an example that it reads."""

import pytest
from packpress.package import profile
from packpress.package.resource import Field
from packpress.tables.types import TYPES


def test_the_vocabulary_names_the_types_of_the_registry():
    assert TYPES.keys() == profile.TYPES
    formats = {kind.name: ("default", *kind.formats) for kind in TYPES.values() if kind.formats}
    assert {name: formats.pop(name) for name in profile.FORMATS} == profile.FORMATS
    assert formats.keys() == profile.MOMENTS
    assert {*profile.ITEM_TYPES} <= TYPES.keys()


@pytest.mark.parametrize("kind", TYPES.values(), ids=lambda kind: kind.name)
def test_the_example_of_a_type_is_a_cell_of_it(kind):
    field = Field({"name": "a", "type": kind.name, "itemType": "integer"})
    value = kind.make_reader(field)(kind.example)
    assert value is not None
    assert kind.convert(value, kind.example) is not None
    assert kind.hint.startswith("write ")
