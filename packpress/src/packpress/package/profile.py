"""The profile of a descriptor: which properties it may have, and of which kind each of them is.

What is misshapen cannot be read any further, so it is said before anything is derived from it.
"""

import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from packpress.package.resource import is_table


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PACKAGE_KEYS = (
    _words("""
    $schema profile name id title description homepage version created keywords image contributors
    licenses sources resources
""")
    | _words("license readme url datapackage_version")
    | _words("validation derived edition repository publishing")
)  # ours

RESOURCE_KEYS = _words("""
    $schema profile name type path data title description format mediatype encoding bytes hash sources
    licenses schema dialect homepage compression url
""") | _words("minimumRows publishing rowCount")  # ours

# The standard knows tables; the others are of frictionless.
RESOURCE_TYPES = _words("""
    table file text json image article chart document map view catalog checklist detector dialect inquiry
    jsonschema package pipeline report resource schema
""")

SCHEMA_KEYS = _words("""
    $schema profile name title description homepage version created keywords image contributors licenses
    sources fields fieldsMatch primaryKey uniqueKeys foreignKeys missingValues
""")

FIELD_KEYS = _words("""
    name type format title description example examples constraints rdfType missingValues categories
    categoriesOrdered itemType bareNumber groupChar decimalChar trueValues falseValues delimiter arrayItem
""") | _words("enumDescriptions verbatim printed emptyCountsAs")  # ours

CONSTRAINT_KEYS = _words("""
    required unique enum pattern minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum
    jsonSchema
""")

TYPES = _words("""
    string number integer boolean date time datetime year yearmonth duration geopoint geojson object array
    list any
""")

# The dialects of both versions. What is for spreadsheets, databases and JSON says nothing of text.
DIALECT_KEYS = _words("""
    $schema name type title description header headerRows headerJoin commentRows commentChar delimiter
    lineTerminator quoteChar doubleQuote escapeChar nullSequence skipInitialSpace csvddfVersion
    caseSensitiveHeader property itemType itemKeys sheetNumber sheetName table
""") | _words("headerCase")  # of frictionless

FOREIGN_KEY_KEYS = _words("fields reference")
REFERENCE_KEYS = _words("resource fields") | _words("package datapackage")  # refused
LICENCE_KEYS = _words("name path title")
SOURCE_KEYS = _words("title path email version")
CONTRIBUTOR_KEYS = _words("title givenName familyName path email roles role organization")

MOMENTS = _words("date time datetime")
# Formats of the types that have such; those of moments may also be patterns. wkt is of frictionless.
FORMATS = {
    "string": ("default", "email", "uri", "binary", "uuid", "wkt"),
    "geopoint": ("default", "array", "object"),
    "geojson": ("default", "topojson"),
}
ITEM_TYPES = ("string", "integer", "boolean", "number", "datetime", "date", "time")

# What our groups of extensions may hold: publishing of the package, of a table, and validation.
PACKAGE_PUBLISHING_KEYS = _words("texts")
PUBLISHING_KEYS = _words("label facets linkedFacets facetSize size search sort hidden")
VALIDATION_KEYS = _words("rules lint otherFiles register")


Test = Callable[[Any], bool]

# One class of characters less another, as XML Schema writes it; Python takes it for something else.
SUBTRACTION = re.compile(r"\[[^\]]*-\[")


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _is_object(value: Any) -> bool:
    return isinstance(value, Mapping)


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**63


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_pattern(value: Any) -> bool:
    try:
        with warnings.catch_warnings():
            # Python warns of what XML Schema takes for a difference of two classes of characters.
            warnings.simplefilter("error", FutureWarning)
            return isinstance(value, str) and not SUBTRACTION.search(value) and bool(re.compile(value))
    except (re.error, OverflowError, RecursionError, FutureWarning):
        return False


def is_list_of(test: Test) -> Test:
    """A test for a list whose items all pass a test."""
    return lambda value: isinstance(value, list) and all(map(test, value))


def _is_one_or_more(value: Any) -> bool:
    return _is_name(value) or (bool(value) and is_list_of(_is_name)(value))


def _is_missing_value(value: Any) -> bool:
    return _is_text(value) or (_is_object(value) and _is_text(value.get("value")))


def _is_category(value: Any) -> bool:
    return (type(value) in (str, int)) or (_is_object(value) and "value" in value)


NAME = (_is_name, "a text")
TEXT = (_is_text, "a text")
SCALAR = (_is_scalar, "a text")
OBJECT = (_is_object, "an object")
OBJECTS = (is_list_of(_is_object), "a list of objects")
NAMES = (_is_one_or_more, "a name or a list of names")
COUNT = (_is_count, "a whole number, 0 or more")
COUNT_FROM_1 = (lambda value: _is_count(value) and value > 0, "a whole number, 1 or more")
FLAG = (_is_flag, "true or false")
TEXTS = (is_list_of(_is_text), "a list of texts")
MISSING = (is_list_of(_is_missing_value), "a list of texts")

Shape = Mapping[str, tuple[Test, str]]

PACKAGE: Shape = {"validation": OBJECT, "derived": OBJECTS, "publishing": OBJECT}
RESOURCE: Shape = {
    "name": NAME,
    "path": NAMES,
    "encoding": TEXT,
    "format": TEXT,
    "compression": TEXT,
    "dialect": OBJECT,
    "publishing": OBJECT,
    "minimumRows": COUNT,
}
# How a table is shown; whoever serves it stumbles over a wrong one only when the page is opened.
PUBLISHING: Shape = {
    "label": NAME,
    "facets": TEXTS,
    "linkedFacets": TEXTS,
    "facetSize": COUNT_FROM_1,
    "size": COUNT_FROM_1,
    "search": TEXTS,
    "sort": NAME,
    "hidden": FLAG,
}
SCHEMA: Shape = {
    "fields": (lambda value: bool(value) and is_list_of(_is_object)(value), "a list of one field or more"),
    "primaryKey": (lambda value: value == [] or _is_one_or_more(value), "a name or a list of names"),
    "uniqueKeys": (is_list_of(_is_one_or_more), "a list of lists of names"),
    "foreignKeys": OBJECTS,
    "missingValues": MISSING,
}
FIELD: Shape = {
    "name": NAME,
    "type": TEXT,
    "format": TEXT,
    "title": SCALAR,
    "description": SCALAR,
    "constraints": OBJECT,
    "missingValues": MISSING,
    "trueValues": TEXTS,
    "falseValues": TEXTS,
    "groupChar": TEXT,
    "decimalChar": TEXT,
    "bareNumber": FLAG,
    "enumDescriptions": OBJECT,
    "categories": (
        lambda value: bool(value) and is_list_of(_is_category)(value),
        "a list of values or objects",
    ),
    "categoriesOrdered": FLAG,
    "delimiter": TEXT,
    "itemType": TEXT,
    "rdfType": TEXT,
    "examples": (lambda value: isinstance(value, list), "a list"),
}
CONSTRAINTS: Shape = {
    "required": FLAG,
    "unique": FLAG,
    "enum": (lambda value: isinstance(value, list) and bool(value), "a list of one value or more"),
    "minLength": COUNT,
    "maxLength": COUNT,
    "pattern": (_is_pattern, "a regular expression that Python knows"),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), (_is_scalar, "a value")),
}


def find_misshapen(raw: Mapping[str, Any]) -> Iterator[str]:
    """What is of another kind than the standard gives it, or lacks what it needs; at best nothing."""
    yield from check_shape("the package", raw, PACKAGE)
    resources = raw.get("resources")
    if not isinstance(resources, list) or not is_list_of(_is_object)(resources):
        yield "resources of the package is no list of objects"
        return
    # Whether a resource is a table depends on its path.
    misplaced = [fault for item in resources for fault in check_shape(_name(item), item, {"path": NAMES})]
    if misplaced:
        yield from misplaced
        return
    derived: Any = raw.get("derived")
    tables = [item for item in resources if is_table(item)]
    for item in [*tables, *(derived if is_list_of(_is_object)(derived) else [])]:
        where = _name(item)
        yield from check_shape(where, item, RESOURCE, "name")
        if "path" not in item and "data" not in item and item in tables:
            yield f"{where} has neither path nor data"
        yield from _check_schema(item.get("schema"), where)


def _name(resource: Mapping[str, Any]) -> str:
    return f"resource {resource.get('name') or '(without a name)'}"


def check_shape(where: str, raw: Mapping[str, Any], shape: Shape, *needed: str) -> Iterator[str]:
    """What is missing or of another kind than a shape has it."""
    for name in needed:
        if raw.get(name) is None:
            yield f"{where} has no {name}"
    for name, (test, what) in shape.items():
        # Many tools write null for what they have not.
        if raw.get(name) is not None and not test(raw[name]):
            yield f"{name} of {where} is not {what}"


def _check_schema(schema: Any, resource: str) -> Iterator[str]:
    where = f"the schema of {resource}"
    if not isinstance(schema, Mapping):
        yield f"{where} is not an object"
        return
    found = list(check_shape(where, schema, SCHEMA, "fields"))
    yield from found
    if found:
        return
    for field in schema["fields"]:
        name = f"field {field.get('name') or '(without a name)'} of {resource}"
        yield from check_shape(name, field, FIELD, "name")
        if isinstance(field.get("constraints"), Mapping):
            yield from check_shape(name, field["constraints"], CONSTRAINTS)
    for key in schema.get("foreignKeys") or ():
        yield from _check_foreign_key(key, f"a foreign key of {resource}")


def _check_foreign_key(key: Mapping[str, Any], where: str) -> Iterator[str]:
    yield from check_shape(where, key, {"fields": NAMES, "reference": OBJECT}, "fields", "reference")
    reference = key.get("reference")
    if not isinstance(reference, Mapping):
        return
    yield from check_shape(
        f"the reference in {where}", reference, {"fields": NAMES, "resource": TEXT}, "fields"
    )
    counts = [
        1 if isinstance(names, str) else len(names)
        for names in (key.get("fields"), reference.get("fields"))
        if isinstance(names, str | list)
    ]
    if len(set(counts)) == 2:
        yield f"{where} has {counts[0]} fields and points to {counts[1]}"
