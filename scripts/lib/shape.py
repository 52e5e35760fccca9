"""The shape of a descriptor: whether each property is of the kind that the standard gives it.

What is misshapen cannot be read any further, so it is said before anything is derived from it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from scripts.lib.formats import is_table

Test = Callable[[Any], bool]


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
        return isinstance(value, str) and bool(re.compile(value))
    except (re.error, OverflowError, RecursionError):
        return False


def _are(test: Test) -> Test:
    return lambda value: isinstance(value, list) and all(map(test, value))


def _is_one_or_more(value: Any) -> bool:
    return _is_name(value) or (bool(value) and _are(_is_name)(value))


def _is_missing_value(value: Any) -> bool:
    return _is_text(value) or (_is_object(value) and _is_text(value.get("value")))


NAME = (_is_name, "a text")
TEXT = (_is_text, "a text")
SCALAR = (_is_scalar, "a text")
OBJECT = (_is_object, "an object")
OBJECTS = (_are(_is_object), "a list of objects")
NAMES = (_is_one_or_more, "a name or a list of names")
COUNT = (_is_count, "a whole number, 0 or more")
FLAG = (_is_flag, "true or false")
TEXTS = (_are(_is_text), "a list of texts")
MISSING = (_are(_is_missing_value), "a list of texts")

Shape = Mapping[str, tuple[Test, str]]

PACKAGE: Shape = {
    "name": SCALAR,
    "title": SCALAR,
    "description": SCALAR,
    "version": SCALAR,
    "created": SCALAR,
    "homepage": SCALAR,
    "licenses": OBJECTS,
    "sources": OBJECTS,
    "contributors": OBJECTS,
    "validation": OBJECT,
    "derived": OBJECTS,
}
RESOURCE: Shape = {
    "name": NAME,
    "title": SCALAR,
    "description": SCALAR,
    "path": NAMES,
    "encoding": TEXT,
    "format": TEXT,
    "compression": TEXT,
    "dialect": OBJECT,
    "publishing": OBJECT,
    "minimumRows": COUNT,
}
SCHEMA: Shape = {
    "fields": (lambda value: bool(value) and _are(_is_object)(value), "a list of one field or more"),
    "primaryKey": (lambda value: value == [] or _is_one_or_more(value), "a name or a list of names"),
    "uniqueKeys": (_are(_is_one_or_more), "a list of lists of names"),
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
    yield from _check("the package", raw, PACKAGE)
    resources = raw.get("resources")
    if not isinstance(resources, list) or not _are(_is_object)(resources):
        yield "resources of the package is no list of objects"
        return
    # Whether a resource is a table depends on its path.
    misplaced = [fault for item in resources for fault in _check(_name(item), item, {"path": NAMES})]
    if misplaced:
        yield from misplaced
        return
    derived: Any = raw.get("derived")
    tables = [item for item in resources if is_table(item)]
    for item in [*tables, *(derived if _are(_is_object)(derived) else [])]:
        where = _name(item)
        yield from _check(where, item, RESOURCE, "name")
        if "path" not in item and "data" not in item and item in tables:
            yield f"{where} has neither path nor data"
        yield from _check_schema(item.get("schema"), where)


def _name(resource: Mapping[str, Any]) -> str:
    return f"resource {resource.get('name') or '(without a name)'}"


def _check(where: str, raw: Mapping[str, Any], shape: Shape, *needed: str) -> Iterator[str]:
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
    found = list(_check(where, schema, SCHEMA, "fields"))
    yield from found
    if found:
        return
    for field in schema["fields"]:
        name = f"field {field.get('name') or '(without a name)'} of {resource}"
        yield from _check(name, field, FIELD, "name")
        if isinstance(field.get("constraints"), Mapping):
            yield from _check(name, field["constraints"], CONSTRAINTS)
    for key in schema.get("foreignKeys") or ():
        yield from _check_foreign_key(key, f"a foreign key of {resource}")


def _check_foreign_key(key: Mapping[str, Any], where: str) -> Iterator[str]:
    yield from _check(where, key, {"fields": NAMES, "reference": OBJECT}, "fields", "reference")
    reference = key.get("reference")
    if not isinstance(reference, Mapping):
        return
    yield from _check(f"the reference in {where}", reference, {"fields": NAMES, "resource": TEXT}, "fields")
    counts = [
        1 if isinstance(names, str) else len(names)
        for names in (key.get("fields"), reference.get("fields"))
        if isinstance(names, str | list)
    ]
    if len(set(counts)) == 2:
        yield f"{where} has {counts[0]} fields and points to {counts[1]}"
