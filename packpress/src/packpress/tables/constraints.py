"""Constraints: what the value of a cell is held to beyond its type.

They are tested on values, and their own values may be written as JSON or as a cell would write them.
"""

from collections.abc import Callable, Iterator
from typing import Any

from packpress.package.field import Field
from packpress.tables.patterns import make_matcher
from packpress.tables.timeouts import limit_patience
from packpress.tables.types import BOUNDS, LENGTHS, ValueReader, type_of

# What is wrong with a value, written as the text; empty when nothing is.
Check = Callable[[Any, str], str]

NOT_ALLOWED = "not an allowed value"


def cast_constraint(value: Any, field: Field, read: ValueReader) -> Any:
    """The value that a constraint names; None when it names none of the field's type."""
    return read(value) if isinstance(value, str) else type_of(field).cast_json(value)


def make_checks(field: Field, read: ValueReader) -> list[Check]:
    """The checks of a field's values; a constraint that names no value of its type holds nothing to it."""
    constraints = field.constraints
    checks = [
        _make_bound(name, bound, constraints[name])
        for name in BOUNDS
        if name in constraints and (bound := cast_constraint(constraints[name], field, read)) is not None
    ]
    checks += [_make_length(name, field) for name in LENGTHS if name in constraints]
    if "pattern" in constraints:
        checks.append(_make_pattern(constraints["pattern"]))
    # A list may be long, and its values need not be hashable.
    checks += [_make_choice([cast_constraint(one, field, read) for one in field.enum])] if field.enum else []
    checks += [_make_choice(list(field.categories))] if field.categories else []
    if "jsonSchema" in constraints:
        checks.append(_make_json_schema(constraints["jsonSchema"]))
    return checks


def _make_bound(name: str, bound: Any, written: Any) -> Check:
    test, message = BOUNDS[name].test, BOUNDS[name].message

    def check(value: Any, text: str) -> str:
        if value != value:
            return f"no number, and so within no {name}; write a number"
        try:
            return "" if test(value, bound) else message.format(written)
        except TypeError:  # of two moments only one has a zone
            return f"cannot be compared with the {name} {written}; write both with a zone, or both without"

    return check


def _make_length(name: str, field: Field) -> Check:
    test, message = LENGTHS[name].test, LENGTHS[name].message
    limit = field.constraints[name]
    message = message.format(limit, "characters" if field.type == "string" else "items")
    return lambda value, text: "" if test(len(value), limit) else message


def _make_pattern(pattern: str) -> Check:
    # The standard means the whole value, also where the pattern is a bare `a|b`.
    matches = make_matcher(pattern)
    message = f"does not match the pattern {pattern}; write it in that form"
    return lambda value, text: "" if matches(text) else message


def _make_choice(allowed: list[Any]) -> Check:
    try:
        known = frozenset(allowed)
    except TypeError:
        return lambda value, text: "" if value in allowed else NOT_ALLOWED
    return lambda value, text: "" if value in known else NOT_ALLOWED


def _make_json_schema(schema: Any) -> Check:
    validator = make_validator(schema)

    def check(value: Any, text: str) -> str:
        with limit_patience("a jsonSchema takes too long; write its patterns without repeats inside repeats"):
            fault = next(list_schema_faults(validator, value), "")
        if fault:
            return f"does not fit the jsonSchema: {fault}; mend the value"
        return ""

    return check


def make_validator(schema: Any) -> Any:
    """A validator for a JSON Schema, which fetches nothing from the web."""
    from jsonschema.validators import validator_for  # a tenth of a second to import, so only when needed
    from referencing import Registry

    return validator_for(schema)(schema, registry=Registry())


def list_schema_faults(validator: Any, value: Any) -> Iterator[str]:
    """What does not fit a JSON Schema, the nearest cause first, each on one line."""
    from jsonschema.exceptions import best_match
    from referencing.exceptions import Unresolvable

    try:
        fault = best_match(validator.iter_errors(value))
    except Unresolvable as error:
        yield f"it refers to {error.ref}, which is not at hand"
        return
    except RecursionError:
        yield "it refers to itself without end"
        return
    if fault is not None:
        place = ".".join(map(str, fault.absolute_path))
        yield " ".join(f"{place + ': ' if place else ''}{fault.message}".split())
