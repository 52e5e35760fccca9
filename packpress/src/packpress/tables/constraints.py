"""Constraints and cells: from the text of a cell to its value, or to a message if it is invalid.

The plain reader of a type parses simple cells; its exact reader and the constraints decide about all others.
Constraints are tested on values; the values they name may be given as JSON or in the form of a cell.
"""

import json
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from packpress.package.resource import Field, Resource
from packpress.tables.json_schema import describe_fault, make_validator
from packpress.tables.patterns import make_matcher
from packpress.tables.types import BOUNDS, LENGTHS, UNCERTAIN, ValueReader, describe_form, type_of

# Tests a value and its text; returns a message, or the empty string if it is valid.
Check = Callable[[Any, str], str]

NOT_ALLOWED = "not an allowed value"


def cast_constraint(value: Any, field: Field, read: ValueReader) -> Any:
    """The value that a constraint names; None if it is not of the field's type.

    >>> built = Field({"name": "built", "type": "year"})
    >>> cast_constraint("1998", built, read_type(built)), cast_constraint(1998, built, read_type(built))
    (1998, 1998)
    """
    return read(value) if isinstance(value, str) else type_of(field).cast_json(value)


def make_checks(field: Field, read: ValueReader) -> list[Check]:
    """The checks of a field's values; a bound that is not of the field's type is ignored.

    >>> crew = Field({"name": "crew", "type": "integer", "constraints": {"maximum": 9}})
    >>> [check(12, "12") for check in make_checks(crew, read_type(crew))]
    ['above the maximum 9; write 9 or less']
    """
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
            return f"not a number, so it cannot be compared with the {name}; write a number"
        try:
            return "" if test(value, bound) else message.format(written)
        except TypeError:  # only one of the two has a time zone
            return (
                f"cannot be compared with the {name} {written}; write both with a time zone, or both without"
            )

    return check


def _make_length(name: str, field: Field) -> Check:
    test, message = LENGTHS[name].test, LENGTHS[name].message
    limit = field.constraints[name]
    message = message.format(limit, "characters" if field.type == "string" else "items")
    return lambda value, text: "" if test(len(value), limit) else message


def _make_pattern(pattern: str) -> Check:
    # The standard requires the whole value to match, even for a pattern such as `a|b`.
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
        fault = describe_fault(validator, value)
        return f"does not fit the jsonSchema: {fault}; correct the value" if fault else ""

    return check


# These do not affect cells, and would make a separate reader for each description.
SAID_TO_READERS = frozenset(
    {"title", "description", "example", "examples", "enumDescriptions", "rdfType", "verbatim", "printed"}
)

Reader = Callable[[str], tuple[Any, str]]

# Beyond this many distinct texts of a field, the results of earlier ones are forgotten.
MOST_REMEMBERED = 1 << 16


def make_reader(field: Field, resource: Resource) -> Reader:
    """A function from the text of a cell to its value and a message; the message is empty for a valid cell.

    The value of a missing cell is None. Results are cached for each distinct text, and the function for each
    declaration, because several checks parse the same cells.

    >>> from packpress import read_package
    >>> boats = read_package("fleet").by_name["boats"]
    >>> read = make_reader(boats.field("built"), boats)
    >>> read("1998"), read(""), read("98")
    ((1998, ''), (None, ''), (None, 'not of type year; write four digits such as 2021'))
    """
    return _make_reader(_declare(field), resource.missing_values_of(field))


def _declare(field: Field) -> str:
    return json.dumps(field.described(**dict.fromkeys(SAID_TO_READERS)), sort_keys=True)


def read_type(field: Field) -> ValueReader:
    """A function from a text to its value, without constraints; None for a text that is not of the type.

    >>> read_type(Field({"name": "crew", "type": "integer"}))("3")
    3
    """
    return type_of(field).make_reader(field)


@lru_cache(maxsize=1024)
def _make_reader(declaration: str, missing_values: tuple[str, ...]) -> Reader:
    field = Field(json.loads(declaration))
    read_plainly = type_of(field).make_plain(field)

    @cache
    def make_exact() -> tuple[ValueReader, list[Check]]:
        read_value = read_type(field)
        return read_value, make_checks(field, read_value)

    @lru_cache(MOST_REMEMBERED)
    def read(text: str) -> tuple[Any, str]:
        if text in missing_values:
            return None, "required; fill it in" if field.is_required else ""
        if read_plainly:
            value = read_plainly(text)
            if value is not UNCERTAIN:
                return value, ""
        read_value, checks = make_exact()
        value = read_value(text)
        if value is None:
            return None, describe_form(field, text)
        return value, next((message for check in checks if (message := check(value, text))), "")

    return read
