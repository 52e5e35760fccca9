"""Checks of what schemas and fields declare: whether any cell can be held to it."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from packpress.package.field import Field
from packpress.package.resource import Resource
from packpress.package.vocabulary import CONSTRAINT_KEYS, FORMATS, ITEM_TYPES, MOMENTS, TYPES
from packpress.similar import nearest_value, offer_nearest
from packpress.tables.cells import make_reader, read_type
from packpress.tables.constraints import cast_constraint, make_validator
from packpress.tables.types import type_of

FIELDS_MATCH = ("exact", "equal", "subset", "superset", "partial")


def check_schema(resource: Resource) -> Iterator[str]:
    """What the schema of a table declares about its columns and keys that cannot be."""
    schema, where = resource.raw["schema"], f"the schema of {resource.name}"
    declared = schema.get("fieldsMatch", "exact")
    match = declared[0] if isinstance(declared, list) and len(declared) == 1 else declared
    if match not in FIELDS_MATCH:
        offer = offer_nearest(str(match), FIELDS_MATCH, f"use one of {', '.join(FIELDS_MATCH)}")
        yield f"fieldsMatch of {resource.name} is {match}; {offer}"
    yield from _check_missing_values(where, schema.get("missingValues"))
    if schema.get("uniqueKeys") == []:
        yield f"uniqueKeys of {resource.name} is empty; name a key or take it out"
    keys = [("primaryKey", resource.primary_key), *(("uniqueKeys", key) for key in resource.unique_keys)]
    for name, key in keys:
        if len(set(key)) < len(key):
            yield f"{name} of {resource.name} names a field twice; name each once"


def _check_missing_values(where: str, declared: Any) -> Iterator[str]:
    values = [item["value"] if isinstance(item, Mapping) else item for item in declared or ()]
    labels = [item["label"] for item in declared or () if isinstance(item, Mapping) and "label" in item]
    for what, found in (("value", values), ("label", labels)):
        if twice := find_repeated(found):
            yield f'missingValues of {where} has the {what} "{twice[0]}" twice; write it once'
    if not all(isinstance(label, str) for label in labels):
        yield f"missingValues of {where} has a label that is not a text; write it as one"
    if len({isinstance(item, Mapping) for item in declared or ()}) > 1:
        yield f"missingValues of {where} mixes texts and objects; write all as one or the other"


def find_repeated(values: Iterable[Any]) -> list[Any]:
    """The values that stand there more than once, which need not be hashable."""
    seen: list[Any] = []
    repeated: list[Any] = []
    for value in values:
        (repeated if value in seen else seen).append(value)
    return repeated


def check_field(resource: Resource, field: Field) -> Iterator[str]:
    """What a field declares by which no cell could be judged."""
    where = f"field {field.name} of {resource.name}"
    if field.type not in TYPES:
        yield f'{where} has the type "{field.type}"; use "{nearest_value(field.type, TYPES) or "string"}"'
        return
    faults = [*_check_format(field), *_check_type_keys(field)]
    yield from (f"{where} has {fault}" for fault in faults)
    yield from _check_missing_values(where, field.raw.get("missingValues"))
    if not faults:
        yield from (f"{where} has {fault}" for fault in _check_constraints(field))
        yield from (f"{where} has {fault}" for fault in _check_categories(field))
        yield from _check_examples(where, field, resource)


def list_idle_formats(resource: Resource) -> Iterator[str]:
    """Formats of types that have none; they are left aside."""
    for field in resource.fields:
        if field.type in TYPES - FORMATS.keys() - MOMENTS and field.format != "default":
            what = f"field {field.name} of {resource.name} has the format {field.format}"
            yield f"{what}, which says nothing about the type {field.type}; take it out"


def _check_format(field: Field) -> Iterator[str]:
    known, form = FORMATS.get(field.type), field.format
    if known and form not in known:
        offer = offer_nearest(form, known, f"use one of {', '.join(known)}")
        yield f'the format "{form}", which the type {field.type} has not; {offer}'
    if field.type not in MOMENTS or form in {"default", "any"}:
        return
    if "%" not in form:
        yield f'the format "{form}", which is no pattern; write one such as %d/%m/%Y'
        return
    try:
        datetime.strptime("", form)
    except re.error:
        yield f'the format "{form}", which names a part twice; name each once'
    except ValueError as error:
        if "directive" in str(error) or "stray" in str(error):
            yield f'the format "{form}", which is no pattern: {error}; mend it'


def _check_type_keys(field: Field) -> Iterator[str]:
    """The properties that change how cells of a type are read."""
    raw = field.raw
    if field.type == "boolean":
        both = set(raw.get("trueValues") or ()) & set(raw.get("falseValues") or ())
        if both:
            yield f'"{min(both)}" both in trueValues and in falseValues; take it out of one'
    if field.type in {"integer", "number"}:
        signs = [
            raw.get("groupChar") or "",
            (raw.get("decimalChar") or ".") if field.type == "number" else "",
        ]
        if any(re.search("[0-9+-]", sign) for sign in signs):
            yield "a groupChar or decimalChar with a digit or a sign in it; use another character"
        if signs[0] and signs[0] == signs[1]:
            yield "the same groupChar and decimalChar; use two characters"
        if field.type == "number" and raw.get("decimalChar") == "":
            yield "an empty decimalChar; name a character, or leave the property out"
    if field.type == "list":
        item = raw.get("itemType", "string")
        if item not in ITEM_TYPES:
            offer = offer_nearest(str(item), ITEM_TYPES, f"use one of {', '.join(ITEM_TYPES)}")
            yield f'the itemType "{item}"; {offer}'
        if not isinstance(raw.get("delimiter", ","), str) or raw.get("delimiter") == "":
            yield "a delimiter that is not one character or more; write it as a text"


def _check_constraints(field: Field) -> Iterator[str]:
    read = read_type(field) if field.constraints.keys() - {"required", "unique"} else str
    for name, value in field.constraints.items():
        if name not in CONSTRAINT_KEYS:
            yield f"the constraint {name}, which is not known; {offer_nearest(name, CONSTRAINT_KEYS)}"
        elif not type_of(field).allows(name):
            yield f"the constraint {name}, which says nothing about the type {field.type}; take it out"
        elif name == "jsonSchema":
            yield from _check_json_schema(value)
        elif name == "enum":
            wrong = [one for one in value if cast_constraint(one, field, read) is None]
            if wrong:
                yield f'"{wrong[0]}" in enum, which is not of type {field.type}; correct it'
            elif twice := find_repeated(cast_constraint(one, field, read) for one in value):
                yield f'"{twice[0]}" twice in enum; write it once'
        elif name.endswith("imum") and cast_constraint(value, field, read) is None:
            yield f'the {name} "{value}", which is not of type {field.type}; correct it'


def _check_json_schema(schema: Any) -> Iterator[str]:
    from jsonschema.exceptions import SchemaError  # a tenth of a second to import, so only when needed

    if not isinstance(schema, Mapping):
        yield "a jsonSchema that is not an object; write one"
        return
    try:
        make_validator(schema).check_schema(schema)
    except (SchemaError, RecursionError) as error:
        message = " ".join(str(getattr(error, "message", error)).split())
        yield f"a jsonSchema that is none: {message}; correct it"


def _check_categories(field: Field) -> Iterator[str]:
    declared = field.raw.get("categories")
    if declared is None:
        if field.raw.get("categoriesOrdered") is not None:
            yield "categoriesOrdered without categories; add them or take it out"
        return
    if not type_of(field).is_categorical:
        yield f"categories, which say nothing about the type {field.type}; use enum"
        return
    kind = int if field.type == "integer" else str
    wrong = [value for value in field.categories if type(value) is not kind]
    labels = [item["label"] for item in declared if isinstance(item, Mapping) and "label" in item]
    if wrong:
        yield f'"{wrong[0]}" in categories, which is not of type {field.type}; correct it'
    if not all(isinstance(label, str) for label in labels):
        yield "a label of a category that is not a text; write it as one"
    for what, found in (("category", field.categories), ("label", labels)):
        if twice := find_repeated(found):
            yield f'the {what} "{twice[0]}" twice; write it once'
    read = read_type(field)
    beyond = [one for one in field.enum if cast_constraint(one, field, read) not in field.categories]
    if beyond and not wrong:
        yield f'"{beyond[0]}" in enum, which is none of the categories; add it there or take it out'


def _check_examples(where: str, field: Field, resource: Resource) -> Iterator[str]:
    """An example is a cell of the field's type; the list of `examples` may hold its values too."""
    read = make_reader(Field({k: v for k, v in field.raw.items() if k != "constraints"}), resource)
    example, listed = field.raw.get("example"), field.raw.get("examples")
    if example is not None and not isinstance(example, str):
        cell = json.dumps(example)
        mend = "write it as a cell has it" if read(cell)[1] else f"write {json.dumps(cell)}"
        yield f"{where} has the example {cell}, which is not a text; {mend}"
    for value in [example] * isinstance(example, str) + (listed if isinstance(listed, list) else []):
        if isinstance(value, str):
            is_wrong = bool(read(value)[1])
        else:
            is_wrong = cast_constraint(value, field, read_type(field)) is None
        if is_wrong:
            yield f'{where} has the example "{value}", which is not of type {field.type}; correct it'
