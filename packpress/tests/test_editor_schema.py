"""The JSON Schema for editors: descriptors keep to it, slips do not, and it knows what the validator knows."""

import copy
import json

import pytest
from jsonschema import Draft7Validator
from packpress.package.profile import PROFILE, find_faults, render_editor_schema

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
SCHEMA_OF = (*RESOURCE, "schema")
FIELD = (*SCHEMA_OF, "fields", 0)

SLIPS = {
    "$": (("keyword",), []),
    "$.edition": (("edition",), "quote"),
    "$.prefixes.MESH": (("prefixes",), {"MESH": 1}),
    "$.contributors[0]": (("contributors", 0, "rol"), "creator"),
    "$.validation": (("validation", "rule"), "fleet"),
    "$.validation.lint": (("validation", "lint"), "strickt"),
    "$.resources[0]": ((*RESOURCE, "minimumRow"), 1),
    "$.resources[0].minimumRows": ((*RESOURCE, "minimumRows"), "1"),
    "$.resources[0].publishing": ((*RESOURCE, "publishing", "facet"), []),
    "$.resources[0].publishing.hidden": ((*RESOURCE, "publishing", "hidden"), "yes"),
    "$.resources[0].schema": ((*SCHEMA_OF, "primarykey"), "log_id"),
    "$.resources[0].schema.fields": ((*SCHEMA_OF, "fields"), []),
    "$.resources[0].schema.fields[0]": ((*FIELD, "requird"), True),
    "$.resources[0].schema.fields[0].type": ((*FIELD, "type"), "text"),
    "$.resources[0].schema.fields[0].verbatim": ((*FIELD, "verbatim"), "yes"),
    "$.resources[0].schema.fields[0].enumDescriptions.a": ((*FIELD, "enumDescriptions"), {"a": 1}),
    "$.resources[0].schema.fields[0].constraints": ((*FIELD, "constraints", "require"), True),
    "$.resources[0].schema.fields[0].constraints.required": ((*FIELD, "constraints", "required"), "true"),
    "$.resources[0].schema.foreignKeys[0]": ((*SCHEMA_OF, "foreignKeys"), [{"fields": "a"}]),
}


@pytest.mark.parametrize("place", SLIPS)
def test_a_slip_is_found_where_it_is(place):
    path, value = SLIPS[place]
    assert list_faults(change(*path, to=value)) == [place]


def test_an_extension_by_its_name_is_nobodys_slip():
    assert list_faults(change("title@de", to="Flotte")) == []
    assert list_faults(change(*FIELD, "dc:subject", to="x")) == []


def test_an_editor_knows_all_that_the_profile_knows():
    """They are one schema but for words that are there for sentences, and for properties that nobody knows."""
    assert strip(SCHEMA) == strip(PROFILE)


def strip(part):
    if isinstance(part, list):
        return [strip(item) for item in part]
    if not isinstance(part, dict):
        return part
    closing = {"additionalProperties", "patternProperties"} if "properties" in part else set()
    return {k: strip(v) for k, v in part.items() if not k.startswith("x-") and k not in closing}


def test_whatever_the_validator_does_not_like_an_editor_marks():
    count = 0
    levels = [((), "package"), (("validation",), None), (RESOURCE, "resource"), (FIELD, "field")]
    for path, kind in levels:
        for name in DEFINITIONS[kind]["properties"] if kind else [None]:
            for value in (-1.5, True, {}, [], [1], [{}]):
                raw = change(*path, *([name] if name else []), to=value, descriptor=SMALL)
                if find_faults(raw):
                    count += 1
                    assert list_faults(raw), (path, name, value)
    assert count > 100
