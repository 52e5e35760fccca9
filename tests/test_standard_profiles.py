"""Our profile beside the standard's own: it knows all their properties, and is stricter only where we say why.

The standard's files are not copied here. They are looked for in the folder that STANDARDS names, or in
`shared/standards` beside the project: https://github.com/frictionlessdata/datapackage, profiles 1.0 and 2.0.
"""

import json
import os
import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from packpress.package.descriptor import drop_nulls
from packpress.package.profile import find_faults
from suites.mutations import compare_with_standard, render_reasons
from suites.standard import PROPERTIES, list_properties

from packpress import read_package, validate
from tests.conftest import ROOT

FOLDER = Path(os.environ.get("STANDARDS") or ROOT.parent / "shared" / "standards")
WHY = f"no {FOLDER.name} in {FOLDER.parent.name}/: the profiles of github.com/frictionlessdata/datapackage"
VERSIONS = ("1.0", "2.0")

pytestmark = [pytest.mark.long, pytest.mark.exhaustive, pytest.mark.skipif(not FOLDER.is_dir(), reason=WHY)]

# Where a descriptor that the standard's JSON Schema accepts is refused on purpose.
STRICTER = {
    r"^name of (resource|field) .* is (not a text|blank)": "a name that is blank names nothing",
    r"^(path|fields|primaryKey|uniqueKeys) of .* is blank": "the same in keys and paths",
    r"is an empty list": "a list that says nothing is left out",
    r"is not a name or a list of names": "the same in keys, and a path that is blank leads nowhere",
    r"is not a list of (at least one key|lists of names)": "the same in unique keys",
    r"is not a whole number, 0 or more": "no file has less than no bytes; a count is written without a fraction",
    r"is not a whole number, 1 or more": "sheets are counted from 1, in whole numbers",
    r"is not a list of numbers of rows, from 1": "there is a row for a header, and it has a whole number",
    r"is not a regular expression that Python understands": "the standard only asks for a text; cells are matched in Python",
    r"is not an (address|e-mail)|is not a date-time": "formats are asserted, as the text of the standard says",
    r"is not one character": "the text of the standard speaks of characters; none parts no cells",
    r"has the fieldsMatch": "the standard's schema has item for items, and so takes any list",
    r"has \d+ fields, but refers to \d+": "what a key has not as many fields for cannot be compared",
    r"has the (property|constraint) .* which is not known": "what changes how cells are read may not be passed over",
    r"has the itemType|has the type": "a type that nobody knows can be read by nobody",
    r"^contributors of .* is not a list of objects": "the standard's schema does not say that they are objects",
    r"^categories of .* is not a list of values or objects": "a closed list that is empty allows nothing",
    r"^format of field .* is not a text": "the standard's schema leaves open what a format of a date is",
    r"has neither path nor data|is empty": "null stands for what is not there",
    r"jsonSchema of .* is not an object": "a JSON Schema is an object here",
}


@cache
def read_profile(version, name):
    return json.loads((FOLDER / f"datapackage-{version}" / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("version", VERSIONS)
def test_the_properties_of_the_standard_are_those_that_the_tests_name(version):
    assert list_properties(read_profile(version, "datapackage")) == {
        kind: set(names.split()) for kind, names in PROPERTIES[version].items()
    }


# ---- descriptors as a JSON Schema of the standard describes them, right and wrong

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 9)
    | st.sampled_from([2.0, 0.5, "", " ", "a", "[", "2020", "%Y"]),
    lambda items: st.lists(items, max_size=2) | st.dictionaries(st.sampled_from("ab"), items, max_size=2),
    max_leaves=3,
)
TEXTS = st.sampled_from(["a", "b", "string", "2020-01-01", "a/b", ",", ""])
# What fits the patterns and formats of the standard, and what does not.
WRITTEN = st.sampled_from(
    [
        "a.csv",
        "https://example.org/a",
        "../a",
        "a/b.csv",
        "text/csv",
        "CC0-1.0",
        "d41d8cd98f00b204e9800998ecf8427e",
    ]
)


KINDS = {
    "string": TEXTS,
    "integer": st.integers(-1, 3),
    "number": st.integers(0, 3) | st.just(1.5),
    "boolean": st.booleans(),
}


def make(draw, schema):
    """A value of the shape that a schema gives."""
    alternatives = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if alternatives:
        rest = {name: told for name, told in schema.items() if name not in {"anyOf", "oneOf"}}
        part = draw(st.sampled_from(alternatives))
        required = [*rest.get("required", ()), *part.get("required", ())]
        properties = rest.get("properties", {}) | part.get("properties", {})
        merged = rest | part | {"required": required}
        return make(draw, merged | ({"properties": properties} if properties else {}))
    if "enum" in schema:
        return draw(st.sampled_from(schema["enum"]))
    kind = schema.get("type") or ("object" if "properties" in schema else "any")
    kind = draw(st.sampled_from(kind)) if isinstance(kind, list) else kind
    if kind == "object":
        properties, required = schema.get("properties", {}), schema.get("required", ())
        chosen = draw(st.sets(st.sampled_from(sorted(properties)), max_size=4)) if properties else set()
        return {
            name: make(draw, properties[name]) for name in sorted({*required, *chosen} & properties.keys())
        }
    if kind == "array":
        least = schema.get("minItems", 0)
        count = draw(st.integers(least, least + 1))
        return [make(draw, schema.get("items", {})) for _ in range(count)]
    if kind == "string" and {"pattern", "format"} & schema.keys():
        return draw(WRITTEN)
    return draw(KINDS.get(kind, JSON))


@st.composite
def descriptors(draw, version):
    """A descriptor of the standard, with at most one of its parts exchanged for something else."""
    raw = make(draw, read_profile(version, "datapackage"))
    places = list(list_places(raw))
    if places and draw(st.booleans()):
        *way, last = draw(st.sampled_from(places))
        holder = raw
        for step in way:
            holder = holder[step]
        holder[last] = draw(JSON)
    return raw


def list_places(part, way=()):
    items = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for name, value in items:
        yield (*way, name)
        yield from list_places(value, (*way, name))


@pytest.mark.parametrize("version", VERSIONS)
def test_what_the_standard_accepts_has_a_shape_that_we_accept(version):
    validator = Draft7Validator(read_profile(version, "datapackage"))
    accepted, needed = [], set()

    @settings(max_examples=1500, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(descriptors(version))
    def judge(raw):
        if not validator.is_valid(raw):
            return
        accepted.append(raw)
        for fault in find_faults(drop_nulls(raw)):
            reasons = [reason for reason in STRICTER if re.search(reason, fault.message)]
            assert reasons, (fault.message, raw)
            needed.update(reasons)

    judge()
    assert len(accepted) > 300
    assert len(needed) > 3


def test_the_page_says_where_mutants_are_judged_otherwise(tmp_path):
    validator = Draft7Validator(read_profile("2.0", "datapackage"))
    counts, unexplained = compare_with_standard(validator, tmp_path)
    assert unexplained == []
    page = (ROOT / "packpress" / "docs" / "validation.md").read_text(encoding="utf-8")
    assert render_reasons(counts) in page, "stale; in packpress, run python -m tests.mutations PROFILE"


def test_a_profile_that_extends_the_standard_is_judged_offline(tmp_path):
    """Camtrap DP refers to the first version of the standard, by an address that leads to our profile."""
    profile = json.loads((FOLDER / "camtrap-dp-profile.json").read_text(encoding="utf-8"))
    (tmp_path / "camtrap.json").write_text(json.dumps(profile), encoding="utf-8")
    (tmp_path / "t.csv").write_text("a\nx\n", encoding="utf-8")
    table = {"name": "t", "path": "t.csv", "schema": {"fields": [{"name": "a"}]}}
    raw = {"profile": "camtrap.json", "name": "p", "resources": [table], "contributors": [{"title": "A"}]}
    (tmp_path / "datapackage.json").write_text(json.dumps(raw), encoding="utf-8")
    found = [str(problem) for problem in validate(read_package(tmp_path)).problems]
    asked = "datapackage.json: the package does not fit its profile camtrap.json:"
    assert found and all(message.startswith(asked) for message in found)
    assert f"{asked} 'taxonomic' is a required property; correct it" in found
