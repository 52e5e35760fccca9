"""The JSON Schema for editors: descriptors keep to it, slips do not, and it knows what the validator knows."""

import copy
import json

import pytest
from jsonschema import Draft7Validator
from packpress.editing.editor_schema import render_editor_schema
from packpress.package import profile

from invented.copies import FLEET

SCHEMA = json.loads(render_editor_schema())
DEFINITIONS = SCHEMA["definitions"]
VALIDATOR = Draft7Validator(SCHEMA)
DESCRIPTOR = json.loads((FLEET / "datapackage.json").read_text(encoding="utf-8"))


def list_faults(raw) -> list[str]:
    return [error.json_path for error in VALIDATOR.iter_errors(raw)]


def test_it_is_a_json_schema_and_a_descriptor_keeps_to_it():
    Draft7Validator.check_schema(SCHEMA)
    assert list_faults(DESCRIPTOR) == []


SMALL = {
    "validation": {},
    "resources": [{"name": "t", "path": "t.csv", "schema": {"fields": [{"name": "a", "constraints": {}}]}}],
}


def change(*path, to, descriptor=DESCRIPTOR):
    """A descriptor with another value at a place; a name that is new there is a new property."""
    raw = copy.deepcopy(descriptor)
    *way, last = path
    place = raw
    for step in way:
        place = place[step]
    place[last] = to
    return raw


RESOURCE = ("resources", 0)
FIELD = (*RESOURCE, "schema", "fields", 0)

SLIPS = {
    "$": (("keyword",), []),
    "$.edition": (("edition",), "quote"),
    "$.contributors[0]": (("contributors", 0, "rol"), "creator"),
    "$.validation": (("validation", "rule"), "fleet"),
    "$.validation.lint": (("validation", "lint"), "strickt"),
    "$.resources[0]": ((*RESOURCE, "minimumRow"), 1),
    "$.resources[0].minimumRows": ((*RESOURCE, "minimumRows"), "1"),
    "$.resources[0].publishing": ((*RESOURCE, "publishing", "facet"), []),
    "$.resources[0].publishing.hidden": ((*RESOURCE, "publishing", "hidden"), "yes"),
}
DEEP_SLIPS = {
    "primarykey": ((*RESOURCE, "schema", "primarykey"), "log_id"),
    "a type": ((*FIELD, "type"), "text"),
    "a property of a field": ((*FIELD, "requird"), True),
    "a constraint": ((*FIELD, "constraints", "require"), True),
    "a flag": ((*FIELD, "constraints", "required"), "true"),
    "verbatim": ((*FIELD, "verbatim"), "yes"),
    "a meaning": ((*FIELD, "enumDescriptions"), {"a": 1}),
    "foreign keys": ((*RESOURCE, "schema", "foreignKeys"), [{"fields": "a"}]),
    "no field": ((*RESOURCE, "schema", "fields"), []),
}


@pytest.mark.parametrize("place", SLIPS)
def test_a_slip_is_found_where_it_is(place):
    path, value = SLIPS[place]
    assert list_faults(change(*path, to=value)) == [place]


@pytest.mark.parametrize("name", DEEP_SLIPS)
def test_a_slip_in_a_schema_is_found(name):
    path, value = DEEP_SLIPS[name]
    assert list_faults(change(*path, to=value)) == ["$.resources[0].schema"]


def test_an_extension_by_its_name_is_nobodys_slip():
    assert list_faults(change("title@de", to="Flotte")) == []
    assert list_faults(change(*FIELD, "dc:subject", to="x")) == []


def test_every_word_of_the_validator_completes():
    levels = [
        (SCHEMA, profile.PACKAGE_KEYS, profile.PACKAGE),
        (DEFINITIONS["resource"], profile.RESOURCE_KEYS, profile.RESOURCE),
        (
            DEFINITIONS["resource"]["properties"]["publishing"],
            profile.PUBLISHING_KEYS,
            profile.PUBLISHING,
        ),
        (DEFINITIONS["schema"], profile.SCHEMA_KEYS, profile.SCHEMA),
        (DEFINITIONS["field"], profile.FIELD_KEYS, profile.FIELD),
        (DEFINITIONS["field"]["properties"]["constraints"], profile.CONSTRAINT_KEYS, profile.CONSTRAINTS),
    ]
    for level, words, kinds in levels:
        assert level["properties"].keys() == words
        assert [name for name in kinds if not level["properties"][name].keys() - {"description"}] == []
    assert set(DEFINITIONS["field"]["properties"]["type"]["enum"]) == profile.TYPES


def test_whatever_the_validator_cannot_read_an_editor_marks():
    count = 0
    for path, kinds in [(("validation",), None), (RESOURCE, profile.RESOURCE), (FIELD, profile.FIELD)]:
        for name in kinds or [None]:
            for value in (-1.5, True, {}, [], [1], [{}]):
                raw = change(*path, *([name] if name else []), to=value, descriptor=SMALL)
                if list(profile.find_misshapen(raw)):
                    count += 1
                    assert list_faults(raw), (path, name, value)
    assert count > 50
