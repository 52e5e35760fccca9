"""The profile: it knows the standard's properties, and says of every other shape what is wrong with it."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from packpress.package.named_profiles import NAMES, find_kind, make_registry
from packpress.package.profile import (
    DEFINITIONS,
    KEYWORDS,
    MOST_FAULTS,
    PROFILE,
    find_faults,
    find_unknown_keys,
    fits,
    make_profile_validator,
)

from invented.copies import FLEET
from tests.suites.standard import PROPERTIES

FLEET_RAW = json.loads((FLEET / "datapackage.json").read_text(encoding="utf-8"))
# What says nothing of the shape of a descriptor.
SAYINGS = {"$schema", "title", "description", "examples", "definitions"}
# Where the profile has what the standard calls so; each stands in a list, or in an object of its own.
PLACES = {
    "contributor": DEFINITIONS["contributors"]["items"],
    "license": DEFINITIONS["licenses"]["items"],
    "source": DEFINITIONS["sources"]["items"],
    "reference": DEFINITIONS["foreignKey"]["properties"]["reference"],
}


def list_parts(part):
    """All schemas in a schema."""
    yield part
    for name, told in part.items():
        if name in {"properties", "definitions"}:
            for inner in told.values():
                yield from list_parts(inner)
        elif name in {"allOf", "anyOf"}:
            for inner in told:
                yield from list_parts(inner)
        elif name in {"items", "additionalProperties"} and told:
            yield from list_parts(told)


@pytest.mark.parametrize("version", PROPERTIES)
def test_every_property_of_the_standard_is_known(version):
    for kind, names in PROPERTIES[version].items():
        known = PLACES.get(kind) or DEFINITIONS[kind]
        assert set(names.split()) <= known["properties"].keys(), kind


def test_it_is_a_json_schema_of_keywords_that_are_read_at_a_glance():
    Draft7Validator.check_schema(PROFILE)
    used = {name for part in list_parts(PROFILE) for name in part if not name.startswith("x-")}
    assert used - SAYINGS == KEYWORDS.keys()


def test_what_is_ours_is_described():
    known = {
        name
        for version in PROPERTIES.values()
        for kind, names in version.items()
        if kind not in PLACES
        for name in names.split()
    }
    for kind in ("package", "resource", "field", "publishing", "validation"):
        for name, part in DEFINITIONS[kind]["properties"].items():
            inner = part | (DEFINITIONS[part["$ref"].split("/")[-1]] if "$ref" in part else {})
            of_frictionless = {"compression", "innerpath", "examples", "delimiter", "itemType"}
            assert name in known | of_frictionless or inner.get("description"), (kind, name)


VALUES = [
    None,
    True,
    -1,
    0,
    2.0,
    2.5,
    2**63,
    "",
    " ",
    "a",
    "[",
    "a@b",
    "../a",
    [],
    {},
    [1],
    ["a"],
    [{}],
    {"a": 1},
]
NAMES_OF_ALL = sorted({name for part in list_parts(PROFILE) for name in part.get("properties", {})})


@st.composite
def descriptors(draw):
    """A descriptor of which some parts are exchanged, or have a property more."""
    raw = copy.deepcopy(FLEET_RAW)
    raw["resources"] = raw["resources"][: draw(st.integers(1, 3))]
    for _ in range(draw(st.integers(1, 3))):
        holder = raw
        while True:
            name = draw(st.sampled_from(sorted(holder) if isinstance(holder, dict) else range(len(holder))))
            inner = holder[name]
            if not inner or not isinstance(inner, dict | list) or draw(st.integers(0, 5)) == 0:
                break
            holder = inner
        if isinstance(holder, dict):
            name = draw(st.sampled_from([name, *NAMES_OF_ALL]))
        holder[name] = copy.deepcopy(draw(st.sampled_from(VALUES)))
    return raw


@settings(max_examples=60, deadline=None)
@given(descriptors())
def test_a_glance_and_jsonschema_agree(raw):
    assert fits(raw, PROFILE) == make_profile_validator().is_valid(raw)


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(descriptors())
def test_whatever_departs_from_the_profile_is_said_the_same_each_time(raw):
    if not isinstance(raw.get("resources"), list):
        return  # that is no descriptor at all
    faults = find_faults(raw)
    assert faults == find_faults(copy.deepcopy(raw))
    for fault in faults:
        assert fault.message.isprintable() and "x-" not in fault.message and fault.mend
    if fits(raw, PROFILE):
        assert all("but refers to" in fault.message for fault in faults)
    elif not faults:
        # They are all in the schema or the dialect of what is no table, which nobody reads.
        paths = [tuple(error.absolute_path) for error in make_profile_validator().iter_errors(raw)]
        assert all(path[0] == "resources" and path[2] in {"schema", "dialect"} for path in paths)
    if not any(fault.is_grave for fault in faults):
        assert find_unknown_keys(raw) == find_unknown_keys(copy.deepcopy(raw))


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in NAMES.items() for name in names])
def test_a_reference_to_the_standard_leads_to_the_profile(kind, name):
    for address in (
        f"https://datapackage.org/profiles/2.0/{name}.json",
        f"https://specs.frictionlessdata.io/schemas/{name}.json",
        f"http://schemas.datapackages.org/{name}.json",
        f"https://raw.githubusercontent.com/frictionlessdata/datapackage/refs/heads/main/profiles/target/2.0/{name}.json",
    ):
        assert find_kind(address) == kind
        validator = Draft7Validator({"$ref": address}, registry=make_registry())
        assert not validator.is_valid([])
        assert [error.schema_path[-1] for error in validator.iter_errors({})] == [
            "required" for part in [DEFINITIONS[kind].get("required")] if part
        ]


@pytest.mark.long
def test_a_descriptor_of_nothing_but_faults_is_not_read_to_its_end():
    fields = [{"name": "a"}, *[{"example": 1}] * 20_000]
    faults = find_faults({"resources": [{"name": "t", "path": "t.csv", "schema": {"fields": fields}}]})
    assert len(faults) == MOST_FAULTS
    assert all(fault.is_grave for fault in faults)


@pytest.mark.parametrize(
    ("form", "dialect", "found"),
    [
        ("json", {"json": {"keyed": True}}, []),
        ("xlsx", {"excel": {"sheet": "a"}, "sheetName": "a"}, []),
        ("json", {"header": "x"}, ["header"]),
        ("csv", {"json": {"keyed": True}}, ["json"]),
    ],
)
def test_the_dialect_of_what_another_reads_may_have_properties_of_its_reader(form, dialect, found):
    table = {
        "name": "a",
        "path": f"a.{form}",
        "format": form,
        "schema": {"fields": [{"name": "x"}]},
        "dialect": dialect,
    }
    assert [fault.path[-1] for fault in find_faults({"name": "p", "resources": [table]})] == found
