"""Plain cells: values of the common types in their default formats, found right at a glance.

Whatever is accepted here, `readers` and `constraints` accept with the same value; whatever is not certain is
left to them.
"""

import operator
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from packpress.package.field import Field
from packpress.tables.patterns import make_matcher

UNCERTAIN = object()
PlainReader = Callable[[str], Any]

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
YEAR = re.compile(r"[0-9]{4}")
NUMBER = re.compile(r"[+-]?(?:[0-9]{1,30}\.?[0-9]{0,30}|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,3})?")
# The addresses that people mostly write.
URI = re.compile(r"https?://[a-z0-9]+(?:[.-][a-z0-9]+)*(?:/[\w.~/=&-]*)?(?:[?#][\w.~/=&-]*)?", re.ASCII)
BOOLEANS = dict.fromkeys(("true", "True", "TRUE", "1"), True) | dict.fromkeys(
    ("false", "False", "FALSE", "0"), False
)
TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "minimum": operator.ge,
    "maximum": operator.le,
    "exclusiveMinimum": operator.gt,
    "exclusiveMaximum": operator.lt,
}
BOUNDS = frozenset(TESTS)
LENGTHS = frozenset({"minLength", "maxLength"})
ALWAYS = frozenset({"required", "unique"})
# Keys of a field that change how its cells are read.
CUSTOM = frozenset(
    {"format", "bareNumber", "groupChar", "decimalChar", "trueValues", "falseValues", "categories"}
)


def custom_keys(field: Field) -> set[str]:
    """The keys of a field that make its cells be read in another way than its type's default."""
    return {key for key in CUSTOM & field.raw.keys() if (key, field.raw[key]) != ("format", "default")}


def is_plain(field: Field, *constraints: frozenset[str] | set[str]) -> bool:
    """Whether the field has its type's default format and no constraint but these."""
    return not custom_keys(field) and field.constraints.keys() <= ALWAYS.union(*constraints)


def read_bounds(field: Field, read: Callable[[Any], Any]) -> dict[str, Any] | None:
    """The bounds of a field as values; None when one cannot be read as such."""
    try:
        bounds = {name: read(field.constraints[name]) for name in BOUNDS & field.constraints.keys()}
    except (TypeError, ValueError):
        return None
    return bounds if all(value is not None for value in bounds.values()) else None


def read_integer_bound(bound: Any) -> int | None:
    """A bound of an integer field, or None."""
    return bound if type(bound) is int else None


def read_number_bound(bound: Any) -> Decimal | None:
    """A bound of a number field, or None."""
    return Decimal(str(bound)) if type(bound) in (int, float) and bound == bound else None


def read_date(text: Any) -> date | None:
    """A date as Table Schema writes it, or None."""
    if not isinstance(text, str) or not DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def make_plain_reader(field: Field) -> PlainReader | None:
    """A function from a text that is not missing to its value, or UNCERTAIN; None when nothing is certain."""
    match field.type:
        case "string" if is_plain(field, LENGTHS, {"pattern", "enum"}):
            return _make_string_reader(field)
        case "string" if field.raw.get("format") == "uri" and field.constraints.keys() <= ALWAYS:
            return lambda text: text if URI.fullmatch(text) else UNCERTAIN
        case "boolean" if is_plain(field):
            return lambda text: BOOLEANS.get(text, UNCERTAIN)
        case "integer" if is_plain(field, BOUNDS):
            return _make_bounded(read_bounds(field, read_integer_bound), INTEGER, int)
        case "year" if is_plain(field, BOUNDS):
            return _make_bounded(read_bounds(field, read_integer_bound), YEAR, int)
        case "number" if is_plain(field, BOUNDS):
            return _make_bounded(read_bounds(field, read_number_bound), NUMBER, Decimal)
        case "date" if is_plain(field, BOUNDS):
            return _make_bounded(read_bounds(field, read_date), DATE, read_date)
    return None


def _make_bounded(
    bounds: Mapping[str, Any] | None, form: re.Pattern[str], read: Callable[[str], Any]
) -> PlainReader | None:
    if bounds is None:
        return None
    checks = [(TESTS[name], bound) for name, bound in bounds.items()]

    def read_bounded(text: str) -> Any:
        value = read(text) if form.fullmatch(text) else None
        if value is None or not all(test(value, bound) for test, bound in checks):
            return UNCERTAIN
        return value

    return read_bounded


def read_lengths(field: Field) -> tuple[int, int] | None:
    """The least and the greatest length of a text; None when they are not whole numbers."""
    least, most = field.constraints.get("minLength", 0), field.constraints.get("maxLength", 1 << 62)
    return (least, most) if type(least) is int and type(most) is int else None


def _make_string_reader(field: Field) -> PlainReader | None:
    lengths, pattern = read_lengths(field), field.constraints.get("pattern")
    enum = field.constraints.get("enum")
    if lengths is None or (enum is not None and not _is_list_of_texts(enum)):
        return None
    least, most = lengths
    matches = None if pattern is None else make_matcher(pattern)
    allowed = None if enum is None else frozenset(enum)

    def read_string(text: str) -> Any:
        is_certain = (
            least <= len(text) <= most
            and (matches is None or matches(text))
            and (allowed is None or text in allowed)
        )
        return text if is_certain else UNCERTAIN

    return read_string


def _is_list_of_texts(enum: Any) -> bool:
    return isinstance(enum, list) and all(isinstance(value, str) for value in enum)
