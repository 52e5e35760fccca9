"""The JSON Schema of a descriptor, by which editors complete and check it as one types.

It is derived from what the validator knows: which properties there are, and of which kind. Unlike the
validator it takes a property that is in no vocabulary for a slip, unless its name is that of an extension
such as `title@de`.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from packpress.package import profile

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NAMES: Schema = {"anyOf": [TEXT, {"type": "array", "items": TEXT, "minItems": 1}]}
VALUE: Schema = {"type": ["string", "number"]}
# A category or a missing value may come with a label.
LABELLED: Schema = {"type": "object", "required": ["value"]}
FLAG: Schema = {"type": "boolean"}
# What the words mean in which the validator says of which kind a property is.
KINDS: Mapping[str, Schema] = {
    "a text": TEXT,
    "an object": {"type": "object"},
    "a list": {"type": "array"},
    "a list of objects": {"type": "array", "items": {"type": "object"}},
    "a list of values or objects": {"type": "array", "items": {"anyOf": [VALUE, LABELLED]}, "minItems": 1},
    "a list of lists of names": {"type": "array", "items": NAMES},
    "a list of one value or more": {"type": "array", "minItems": 1},
    "a list of texts": {
        "type": "array",
        "items": {"anyOf": [TEXT, {**LABELLED, "properties": {"value": TEXT}}]},
    },
    "a name or a list of names": NAMES,
    "a regular expression that Python knows": TEXT,
    "a value": VALUE,
    "a whole number, 0 or more": {"type": "integer", "minimum": 0},
    "a whole number, 1 or more": {"type": "integer", "minimum": 1},
    "true or false": FLAG,
}
# Names that mean the same wherever they stand.
EVERYWHERE: Mapping[str, Schema] = {
    **dict.fromkeys(
        ("$schema", "name", "title", "description", "version", "created", "homepage", "repository"), TEXT
    ),
    "keywords": {"type": "array", "items": TEXT},
}
# Whatever is written so is somebody's extension, such as `title@de` or `dc:subject`.
EXTENSION = r"[^A-Za-z0-9_$]"

MEANINGS = """\
validation: What the package asks the validator for beyond the standard.
rules: The extension to whose rules the package is held, by its name.
lint: strict makes problems of what would else be notices: line ends, unusual characters.
otherFiles: Patterns of files beside the tables that need no resource; where it is absent, all may be there.
register: The table of withdrawn rows, whose identifiers are never used again.
derived: Tables that a build computes, declared like all others but without a path.
edition: How much of the sources' own words the package holds: full, quotes or none.
repository: Address of the repository on a public forge, where corrections are taken.
publishing: How the table is shown where it is published.
label: The field by which people know a row.
facets: Fields by whose values the rows are counted.
linkedFacets: Keys of other tables by which the rows are counted through tables that link them.
facetSize: How many values of each facet are shown at once.
size: How many rows a page shows at once, as far as whoever serves it allows so many.
search: Fields whose words are found by a search.
sort: The field that the rows are sorted by.
hidden: Whether the table is left out of the front page.
minimumRows: How many rows the table must have at least.
rowCount: How many rows the table has, written by a build.
enumDescriptions: What each value of enum means, a sentence each.
verbatim: Whether the cells are a source's own words: quote for some of them, document for running text.
printed: Whether the cells are facts copied as printed, such as a title, and not our words.
emptyCountsAs: What a missing cell is compared as in unique keys.
example: A value as it could stand in a cell.
"""


def render_editor_schema() -> str:
    """The JSON Schema as text; the same for every package."""
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Data Package as packpress reads it",
        **_describe(profile.PACKAGE_KEYS, profile.PACKAGE, _list_own_of_package(), "resources"),
        "definitions": {
            "resource": _describe(profile.RESOURCE_KEYS, profile.RESOURCE, _list_own_of_resource(), "name"),
            "schema": _describe(profile.SCHEMA_KEYS, profile.SCHEMA, _list_own_of_schema(), "fields"),
            "field": _describe(profile.FIELD_KEYS, profile.FIELD, _list_own_of_field(), "name"),
        },
    }
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _describe(keys: Iterable[str], kinds: profile.Shape, own: Mapping[str, Schema], *required: str) -> Schema:
    """An object with these properties and no others, each of the kind that is known of it."""
    meanings = dict(line.split(": ", 1) for line in MEANINGS.splitlines())
    properties: Schema = {}
    for key in keys:
        kind = KINDS.get(kinds[key][1], {}) if key in kinds else EVERYWHERE.get(key, {})
        meaning = {"description": meanings[key]} if key in meanings else {}
        properties[key] = {**own.get(key, kind), **meaning}
    return {
        "type": "object",
        "properties": properties,
        "patternProperties": {EXTENSION: {}},
        "additionalProperties": False,
        **({"required": list(required)} if required else {}),
    }


def _point(name: str) -> Schema:
    # Beside a reference, draft 7 reads nothing else.
    return {"allOf": [{"$ref": f"#/definitions/{name}"}]}


def _list_of(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _list_own_of_both() -> Mapping[str, Schema]:
    """What a package and a resource have in common."""
    texts = dict.fromkeys((*profile.LICENCE_KEYS, *profile.SOURCE_KEYS, *profile.CONTRIBUTOR_KEYS), TEXT)
    roles = {"roles": _list_of(TEXT)}
    return {
        "licenses": _list_of(_describe(profile.LICENCE_KEYS, {}, texts)),
        "sources": _list_of(_describe(profile.SOURCE_KEYS, {}, texts)),
        "contributors": _list_of(_describe(profile.CONTRIBUTOR_KEYS, {}, {**texts, **roles})),
    }


def _list_own_of_package() -> Mapping[str, Schema]:
    validation = {
        **dict.fromkeys(("rules", "register"), TEXT),
        "lint": {"enum": ["strict"]},
        "otherFiles": _list_of(TEXT),
    }
    return {
        **_list_own_of_both(),
        "resources": _list_of(_point("resource")),
        "derived": _list_of(_point("resource")),
        "validation": _describe(profile.VALIDATION_KEYS, {}, validation),
        "publishing": _describe(profile.PACKAGE_PUBLISHING_KEYS, {}, {"texts": _list_of(TEXT)}),
        "edition": {"enum": ["full", "quotes", "none"]},
    }


def _list_own_of_resource() -> Mapping[str, Schema]:
    return {
        **_list_own_of_both(),
        "type": {"enum": sorted(profile.RESOURCE_TYPES)},
        "schema": {"anyOf": [TEXT, _point("schema")]},
        "dialect": {"anyOf": [TEXT, KINDS["an object"]]},
        "publishing": _describe(profile.PUBLISHING_KEYS, profile.PUBLISHING, {}),
        "rowCount": KINDS["a whole number, 0 or more"],
    }


def _list_own_of_schema() -> Mapping[str, Schema]:
    target = {"resource": TEXT, "fields": NAMES}
    reference = _describe(profile.REFERENCE_KEYS, {}, target, "fields")
    own = {"fields": NAMES, "reference": reference}
    return {
        "fields": {**_list_of(_point("field")), "minItems": 1},
        "foreignKeys": _list_of(
            _describe(profile.FOREIGN_KEY_KEYS, {}, own, *sorted(profile.FOREIGN_KEY_KEYS))
        ),
    }


def _list_own_of_field() -> Mapping[str, Schema]:
    return {
        "type": {"enum": sorted(profile.TYPES)},
        "constraints": _describe(profile.CONSTRAINT_KEYS, profile.CONSTRAINTS, {}),
        "enumDescriptions": {"type": "object", "additionalProperties": TEXT},
        "verbatim": {"enum": ["quote", "document"]},
        "printed": FLAG,
        "example": TEXT,
    }
