"""Field types: all that packpress knows about the types of Table Schema, in one entry of `TYPES` for each.

An entry defines how cells are parsed, how bounds are compared, the corresponding types of SQL, Arrow and
spreadsheets, and the hint for a cell of another type. All of this follows the standard. Where the standard
leaves a format to a library (addresses, TopoJSON), frictionless parses it, so that both validators agree.
Dates and times are parsed in `moments`.
"""

import base64
import binascii
import json
import math
import operator
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import quote

from packpress.package.paths import runs_code
from packpress.package.resource import Field
from packpress.problems import CannotRunError, shorten_value
from packpress.tables.geometry import describe_geojson, describe_wkt
from packpress.tables.moments import (
    MICROSECOND,
    count_decimals,
    find_utc,
    keep_digits,
    make_pattern_reader,
    read_any,
)
from packpress.tables.patterns import make_matcher

FORM = re.compile(
    r"(-?)P(?=[0-9T])(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)D)?"
    r"(?:T(?=[0-9])(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+(?:\.[0-9]+)?)S)?)?"
)
# Months differ in length; the standard compares durations by adding them to these four dates.
STARTS = (date(1696, 9, 1), date(1697, 2, 1), date(1903, 3, 1), date(1903, 7, 1))
DAY = 86_400


@dataclass(frozen=True)
class Duration:
    """A duration as a number of months and a number of seconds, both with the same sign.

    >>> read_duration("P1M") > read_duration("P27D"), read_duration("P1M") < read_duration("P30D")
    (True, False)
    """

    months: int
    seconds: Decimal

    def __str__(self) -> str:
        """The duration in the canonical form of XML Schema.

        >>> str(read_duration("-PT36H0.50S"))
        '-P1DT12H0.5S'
        """
        size = abs(self.seconds)
        whole, part = divmod(size, 1)
        minutes, seconds = divmod(int(whole), 60)
        hours, minutes = divmod(minutes, 60)
        days, hours = divmod(hours, 24)
        years, months = divmod(abs(self.months), 12)
        day = _join_parts((years, "Y"), (months, "M"), (days, "D"))
        last = f"{seconds}{f'{part.normalize():f}'[1:] if part else ''}"
        clock = _join_parts((hours, "H"), (minutes, "M")) + ("" if last == "0" else f"{last}S")
        sign = "-" if self.months < 0 or self.seconds < 0 else ""
        return f"{sign}P{day}{'T' if clock else ''}{clock}" if day or clock else "PT0S"

    def _ends(self) -> list[Decimal]:
        """The length of the duration in seconds, counted from each of the four dates."""
        return [Decimal(_add_months(start, self.months)) * DAY + self.seconds for start in STARTS]

    def __le__(self, other: "Duration") -> bool:
        return all(mine <= theirs for mine, theirs in zip(self._ends(), other._ends(), strict=True))

    def __lt__(self, other: "Duration") -> bool:
        return all(mine < theirs for mine, theirs in zip(self._ends(), other._ends(), strict=True))

    def __ge__(self, other: "Duration") -> bool:
        return other <= self

    def __gt__(self, other: "Duration") -> bool:
        return other < self


def _join_parts(*parts: tuple[int, str]) -> str:
    return "".join(f"{number}{sign}" for number, sign in parts if number)


def read_duration(text: str) -> Duration | None:
    """The duration that a text represents in the extended format, or None.

    >>> read_duration("P1Y2M"), read_duration("1 year")
    (Duration(months=14, seconds=Decimal('0')), None)
    """
    match = FORM.fullmatch(text)
    if not match:
        return None
    sign = -1 if match[1] else 1
    years, months, days, hours, minutes = (int(part or 0) for part in match.groups()[1:6])
    seconds = ((days * 24 + hours) * 60 + minutes) * 60 + Decimal(match[7] or 0)
    return Duration(sign * (12 * years + months), sign * seconds)


def _add_months(start: date, months: int) -> int:
    """The number of days from `start`, the first of a month, to the first of the month `months` later.

    Counted with the rule for leap years, because the calendar of Python ends with the year 9999.
    """
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return _count_days(year, month + 1) - _count_days(start.year, start.month)


def _count_days(year: int, month: int) -> int:
    """The number of days from a fixed date to the first of a month, in a year of any size."""
    cycles, rest = divmod(year - 2000, 400)
    return cycles * 146_097 + date(2000 + rest, month, 1).toordinal()


# Parses a text; returns None if it is not of the type and format.
ValueReader = Callable[[str], Any]
# Parses only simple cases, and returns UNCERTAIN for all others.
PlainReader = Callable[[str], Any]
UNCERTAIN = object()

ZONE = r"(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
TIME = re.compile(rf"[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(?:\.[0-9]+)?{ZONE}")
DATETIME = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{TIME.pattern}")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
YEAR = re.compile(r"[0-9]{4}")
YEARMONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
URI = re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")
# An address of the web has a host, and any other has something after its scheme.
WHOLE_URI = re.compile(
    r"(?!https?:)[a-z][a-z0-9+.-]*:(?!//$).+|https?://(?:[^/?#@]*@)?(?![^/?#]*@)[^/?#:].*", re.IGNORECASE
)
NO_LETTERS_OF_URI = "._~:/?#[]@!$&'()*+,;=-"
LONGITUDE, LATITUDE = 180, 90
# Simple cases: integers of 64 bits, numbers with few digits, common addresses.
PLAIN_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
PLAIN_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,30}\.?[0-9]{0,30}|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,3})?")
PLAIN_URI = re.compile(r"https?://[a-z0-9]+(?:[.-][a-z0-9]+)*(?:/[\w.~/=&-]*)?(?:[?#][\w.~/=&-]*)?", re.ASCII)

TRUE_VALUES = ("true", "True", "TRUE", "1")
FALSE_VALUES = ("false", "False", "FALSE", "0")


@dataclass(frozen=True)
class Bound:
    """A constraint that compares: the test of a value, its counterparts in Arrow and SQL, and the message.

    `broken` is the SQL operator that is true for a value out of bounds; `within` is the Arrow function that
    is true only for values within the bound, even after rounding.

    >>> BOUNDS["minimum"].test(3, 1), BOUNDS["minimum"].message.format(1)
    (True, 'below the minimum 1; write 1 or more')
    """

    test: Callable[[Any, Any], bool]
    message: str
    sign: str
    broken: str
    arrow: str = ""
    within: str = ""


BOUNDS = {
    "minimum": Bound(
        operator.ge, "below the minimum {0}; write {0} or more", ">=", "<", "greater_equal", "greater"
    ),
    "maximum": Bound(
        operator.le, "above the maximum {0}; write {0} or less", "<=", ">", "less_equal", "less"
    ),
    "exclusiveMinimum": Bound(
        operator.gt, "not above the exclusive minimum {0}; write more", ">", "<=", "greater", "greater"
    ),
    "exclusiveMaximum": Bound(
        operator.lt, "not below the exclusive maximum {0}; write less", "<", ">=", "less", "less"
    ),
}
LENGTHS = {
    "minLength": Bound(operator.ge, "shorter than {0}; write at least {0} {1}", ">=", "<"),
    "maxLength": Bound(operator.le, "longer than {0}; write at most {0} {1}", "<=", ">"),
}
# Constraints that do not depend on the text of a cell.
ALWAYS = frozenset({"required", "unique"})


@dataclass(frozen=True)
class FieldType:
    """One type of Table Schema, with everything that any part of packpress needs to know about it.

    >>> TYPES["integer"].sql, TYPES["integer"].arrow, TYPES["integer"].example
    ('INTEGER', 'int64', '3')
    """

    name: str
    # The hint for a cell of another type, and an example of a cell of this type.
    hint: str
    example: str
    # Makes the function that parses the cells of a field of the type.
    make_reader: Callable[[Field], ValueReader]
    # Makes the function that parses simple cases; None if the field has none.
    make_plain: Callable[[Field], PlainReader | None] = lambda _: None
    # Converts the value of a constraint given in JSON instead of as a cell; None if it is not of the type.
    cast_json: Callable[[Any], Any] = lambda _: None
    # Formats other than the default, and whether patterns of strptime are formats too.
    formats: tuple[str, ...] = ()
    has_patterns: bool = False
    # Whether the items of a list may be of this type.
    is_item: bool = False
    # Whether it supports bounds, lengths, patterns, a JSON Schema, categories.
    is_ordered: bool = False
    is_sized: bool = False
    has_pattern: bool = False
    has_json_schema: bool = False
    is_categorical: bool = False
    # The type in SQLite, and whether SQLite compares its values as Table Schema does.
    sql: str = "TEXT"
    is_comparable: bool = False
    # How texts of the type compare in any engine: as numbers, as text, or only for equality. Whether
    # equal values always have the same text; not meaningful for numbers.
    text_order: str = ""
    is_text_unique: bool = True
    # The form in which portable SQL parses its texts in the default format; empty for most types.
    text_form: str = ""
    # The Arrow type in files, and the longest simple cell that Arrow parses as Python does.
    arrow: str = "string"
    longest_plain: int = 0
    # Converts a value and its text to what formats store; None if they store the text.
    store: Callable[[Any, str], Any] | None = None
    # In a key, its values can equal only those of the same kind.
    key_kind: str = ""
    # How a spreadsheet stores its cells: as day, truth, whole, number, anything, or text if empty.
    in_spreadsheet: str = ""
    # Whether cells in the default format are always ASCII.
    is_ascii: bool = False
    # Makes an expression for RE2 and `re` that matches only valid cells of the type; empty if there is none.
    make_certain: Callable[[Field], str] = lambda _: ""

    def convert(self, value: Any, text: str) -> Any:
        """The value of a text as every format of a build can store it; ValueError if one of them cannot.

        A value of a type that some formats lack stays text, exactly as in the cell.

        >>> TYPES["number"].convert(Decimal("2.5"), "2.5"), TYPES["yearmonth"].convert((2024, 3), "2024-03")
        (2.5, '2024-03')
        """
        return self.store(value, text) if self.store else text

    def allows(self, constraint: str) -> bool:
        """Whether the constraint applies to the type.

        >>> TYPES["string"].allows("minLength"), TYPES["string"].allows("minimum")
        (True, False)
        """
        if constraint in BOUNDS:
            return self.is_ordered
        if constraint in LENGTHS:
            return self.is_sized
        return {"pattern": self.has_pattern, "jsonSchema": self.has_json_schema}.get(constraint, True)


def type_of(field: Field) -> FieldType:
    """The type of a field; `any` if the declared one is unknown.

    >>> type_of(Field({"name": "built", "type": "year"})).name
    'year'
    """
    return TYPES.get(field.type, TYPES["any"])


# ---- numbers


def _make_number_reader(field: Field) -> ValueReader:
    group, mark = field.group_char, field.decimal_char or "."
    digits = rf"[0-9]+(?:{re.escape(group)}[0-9]+)*" if group else "[0-9]+"
    is_whole = field.type == "integer"
    point = re.escape(mark)
    form = rf"(?:{digits}(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]+)?"
    written = rf"([+-]?{digits if is_whole else form})"
    if not field.bare_number:
        # Words before and after are stripped; a sign must stand right before the digits.
        written = rf"[^\d-]*?{written}\D*"
    expression, special = re.compile(written, re.DOTALL), re.compile("NaN|-?INF", re.IGNORECASE | re.ASCII)

    def read(text: str) -> Any:
        match = expression.fullmatch(text)
        if not match:
            return Decimal(text) if not is_whole and special.fullmatch(text) else None
        number = match[1].replace(group, "") if group else match[1]
        try:
            return int(number) if is_whole else Decimal(number.replace(mark, "."))
        except (ValueError, ArithmeticError):  # more digits than Python parses
            return None

    return read


def _cast_whole(value: Any) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return int(value) if is_number and value == int(value) else None


def _cast_number(value: Any) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return Decimal(str(value)) if is_number else None


def _store_whole(value: Any, _: str) -> Any:
    if not -(2**63) <= value < 2**63:
        raise ValueError("does not fit in 64 bits; declare the field as a string")
    return value


def _store_number(value: Any, text: str) -> float:
    number = float(value)
    if number != number:
        raise ValueError("NaN, which SQLite cannot store; leave the cell empty, or add it to missingValues")
    if math.isinf(number) and text[-1:].isdigit():
        raise ValueError("too large for a 64-bit number; declare the field as a string")
    return number


# ---- dates and times


def _store_moment(value: Any, _: str) -> Any:
    try:
        find_utc(value)
    except OverflowError:
        raise ValueError(
            "is outside the years 1 to 9999 in UTC; write it in UTC, within these years"
        ) from None
    return value


def read_date(text: Any) -> date | None:
    """A date in the default format of Table Schema, or None.

    >>> read_date("2024-02-29"), read_date("2023-02-29")
    (datetime.date(2024, 2, 29), None)
    """
    if not isinstance(text, str) or not DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _make_moment_reader(field: Field) -> ValueReader:
    if field.format == "any":
        return lambda text: read_any(text, field.type)
    if field.format != "default":
        return make_pattern_reader(field.format, field.type)
    if field.type == "date":
        return read_date
    form, kind = (TIME, time) if field.type == "time" else (DATETIME, datetime)
    return lambda text: _read_moment(text, kind) if form.fullmatch(text) else None


def _read_moment(text: str, kind: type[time] | type[datetime]) -> Any:
    """A time or date-time in the default format, with all its decimal places.

    >>> _read_moment("2024-12-31T24:00:00", datetime)
    datetime.datetime(2025, 1, 1, 0, 0)
    >>> _read_moment("10:00:00.123456789", time).isoformat()
    '10:00:00.123456789'
    >>> _read_moment("10:24:00.5", time)
    datetime.time(10, 24, 0, 500000)
    """
    hour = 11 if kind is datetime else 0
    is_end = text[hour : hour + 8] == "24:00:00"
    midnight = f"{text[:hour]}00{text[hour + 2 :]}" if is_end else text
    try:
        moment = keep_digits(kind.fromisoformat(midnight), text)
        if not is_end or moment.microsecond or count_decimals(moment) > MICROSECOND:
            return None if is_end else moment
        return moment + timedelta(days=1) if isinstance(moment, datetime) else moment
    except (ValueError, OverflowError):
        return None


def _read_yearmonth(text: str) -> tuple[int, int] | None:
    match = YEARMONTH.fullmatch(text)
    return (int(match[1]), int(match[2])) if match else None


# ---- strings and booleans


def _make_string_reader(field: Field) -> ValueReader:
    match field.format:
        case "uuid":
            return lambda text: text if UUID.fullmatch(text) else None
        case "binary":
            return lambda text: text if _is_base64(text) else None
        case "uri":
            read = _ask_frictionless(field)
            return lambda text: read(text) if _is_whole_uri(text) and not runs_code(text) else None
        case "wkt":
            return lambda text: None if describe_wkt(text) else text
        case "default":
            return str
    return _ask_frictionless(field)


def _is_whole_uri(text: str) -> bool:
    return bool(URI.fullmatch(text) and WHOLE_URI.fullmatch(text))


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _make_boolean_reader(field: Field) -> ValueReader:
    truths, untruths = list_truths(field)
    return (dict.fromkeys(truths, True) | dict.fromkeys(untruths, False)).get


def list_truths(field: Field) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The texts that mean true in the cells of a field, and those that mean false.

    >>> list_truths(Field({"name": "landed", "type": "boolean", "trueValues": ["yes"]}))
    (('yes',), ('false', 'False', 'FALSE', '0'))
    """
    truths, untruths = field.true_values, field.false_values
    return TRUE_VALUES if truths is None else truths, FALSE_VALUES if untruths is None else untruths


# ---- JSON, geometries and lists


def _read_json(text: str, kind: type) -> Any:
    """The object or array that a text represents in JSON, which has neither NaN nor Infinity."""
    try:
        value = DECODER.decode(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, kind) else None


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


class _RepeatedKeyError(ValueError):
    """An object of JSON has a key twice."""


def _make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = dict(pairs)
    if len(made) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        raise _RepeatedKeyError(max(counts, key=counts.__getitem__))
    return made


# Making a decoder for each cell would take as long as parsing a short one. Which of two equal keys a reader
# takes differs: SQLite takes the first, Python the last.
DECODER = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_make_object)


def _find_repeated_key(text: str) -> str:
    """The key that a JSON text has twice in one object; empty if there is none."""
    try:
        DECODER.decode(text)
    except _RepeatedKeyError as error:
        return str(error)
    except (ValueError, RecursionError):
        pass
    return ""


def _make_json_reader(kind: type) -> Callable[[Field], ValueReader]:
    return lambda _: lambda text: _read_json(text, kind)


def _make_json_cast(kind: type) -> Callable[[Any], Any]:
    return lambda value: value if isinstance(value, kind) else None


def _make_geojson_reader(field: Field) -> ValueReader:
    if field.format == "topojson":
        check = _ask_frictionless(field)
        return lambda text: None if _read_json(text, dict) is None else check(text)
    return lambda text: None if _find_fault_of_geojson(text) else _read_json(text, dict)


def _find_fault_of_geojson(text: str) -> str:
    try:
        value = _read_json(text, dict)
        return "not a JSON object" if value is None else describe_geojson(value)
    except RecursionError:
        return "its collections are nested too deeply"


def _make_geopoint_reader(field: Field) -> ValueReader:
    number = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
    pair = re.compile(rf"({number}), ?({number})")

    def read(text: str) -> Any:
        if field.format == "array":
            parts = _read_json(text, list) or []
        elif field.format == "object":
            value = _read_json(text, dict) or {}
            parts = [value["lon"], value["lat"]] if value.keys() == {"lon", "lat"} else []
        else:
            match = pair.fullmatch(text)
            parts = list(map(Decimal, match.groups())) if match else []
        if len(parts) != 2 or not all(type(part) in (int, float, Decimal) for part in parts):
            return None
        is_on_earth = -LONGITUDE <= parts[0] <= LONGITUDE and -LATITUDE <= parts[1] <= LATITUDE
        return (parts[0], parts[1]) if is_on_earth else None

    return read


def _make_list_reader(field: Field) -> ValueReader:
    item = Field({"name": field.name, "type": field.item_type})
    kind, delimiter = type_of(item), field.delimiter
    read_exactly, read_plainly = kind.make_reader(item), kind.make_plain(item)

    def read_item(text: str) -> Any:
        value = read_plainly(text) if read_plainly else UNCERTAIN
        return read_exactly(text) if value is UNCERTAIN else value

    def read(text: str) -> Any:
        items = list(map(read_item, text.split(delimiter)))
        return None if any(value is None for value in items) else items

    return read


def write_item(item: Any) -> str:
    """The text of an item of a list, as a cell has it.

    >>> write_item("ada"), write_item(3), write_item(True)
    ('ada', '3', 'true')
    """
    if isinstance(item, bool):
        return str(item).lower()
    return item.isoformat() if isinstance(item, date | time) else str(item)


def _ask_frictionless(field: Field) -> ValueReader:
    from frictionless import Field as FrictionlessField  # half a second to import, so only when needed

    standard = {"name": "field", "type": field.type, "format": field.format}
    try:
        reader: ValueReader = FrictionlessField.from_descriptor(standard).create_value_reader()
    except Exception as error:  # frictionless may raise anything for an odd declaration
        where = f"field {field.name} of type {field.type}"
        raise CannotRunError(f"{where}: its format {field.format} cannot be used: {error}") from None
    return reader


# ---- simple cases: the exact readers accept whatever is accepted here, with the same value


# Properties of a field that change how its cells are parsed.
CUSTOM = frozenset(
    {"format", "bareNumber", "groupChar", "decimalChar", "trueValues", "falseValues", "categories"}
)
BOOLEANS = dict.fromkeys(TRUE_VALUES, True) | dict.fromkeys(FALSE_VALUES, False)


def custom_keys(field: Field) -> set[str]:
    """The properties of a field because of which its cells are not parsed in the default way of the type.

    >>> custom_keys(Field({"name": "catch", "type": "number", "decimalChar": ","}))
    {'decimalChar'}
    """
    return {key for key in CUSTOM & field.declared if key != "format" or field.format != "default"}


def is_plain(field: Field, *constraints: frozenset[str] | set[str] | Mapping[str, Any]) -> bool:
    """Whether the field has the default format of its type, and no constraints but these.

    >>> landed = Field({"name": "landed", "type": "date", "constraints": {"minimum": "2024-01-01"}})
    >>> is_plain(landed), is_plain(landed, BOUNDS)
    (False, True)
    """
    return not custom_keys(field) and field.constraints.keys() <= ALWAYS.union(*constraints)


def read_bounds(field: Field, read: Callable[[Any], Any]) -> dict[str, Any] | None:
    """The bounds of a field as values; None if one of them cannot be parsed.

    >>> read_bounds(Field({"name": "crew", "constraints": {"minimum": 1}}), read_integer_bound)
    {'minimum': 1}
    """
    try:
        bounds = {name: read(field.constraints[name]) for name in BOUNDS.keys() & field.constraints.keys()}
    except (TypeError, ValueError):
        return None
    return bounds if all(value is not None for value in bounds.values()) else None


def read_integer_bound(bound: Any) -> int | None:
    """A bound of an integer field, or None.

    >>> read_integer_bound(3), read_integer_bound("3")
    (3, None)
    """
    return bound if type(bound) is int else None


def read_number_bound(bound: Any) -> Decimal | None:
    """A bound of a number field, or None.

    >>> read_number_bound(2.5), read_number_bound("2.5")
    (Decimal('2.5'), None)
    """
    return Decimal(str(bound)) if type(bound) in (int, float) and bound == bound else None


def read_lengths(field: Field) -> tuple[int, int] | None:
    """The minimum and maximum length of a text; None if they are not integers.

    >>> read_lengths(Field({"name": "port", "constraints": {"minLength": 2, "maxLength": 40}}))
    (2, 40)
    """
    least, most = field.constraints.get("minLength", 0), field.constraints.get("maxLength", 1 << 62)
    return (least, most) if type(least) is int and type(most) is int else None


def _make_bounded(
    form: re.Pattern[str], read: Callable[[str], Any], read_bound: Callable[[Any], Any]
) -> Callable[[Field], PlainReader | None]:
    """Makes readers for simple cells that have a certain form and are within the bounds."""

    def make(field: Field) -> PlainReader | None:
        bounds = read_bounds(field, read_bound) if is_plain(field, BOUNDS) else None
        if bounds is None:
            return None
        checks = [(BOUNDS[name].test, bound) for name, bound in bounds.items()]

        def read_bounded(text: str) -> Any:
            value = read(text) if form.fullmatch(text) else None
            if value is None or not all(test(value, bound) for test, bound in checks):
                return UNCERTAIN
            return value

        return read_bounded

    return make


def _make_plain_boolean(field: Field) -> PlainReader | None:
    return (lambda text: BOOLEANS.get(text, UNCERTAIN)) if is_plain(field) else None


def _make_plain_string(field: Field) -> PlainReader | None:
    if field.format == "uri" and field.constraints.keys() <= ALWAYS:
        return lambda text: text if PLAIN_URI.fullmatch(text) else UNCERTAIN
    lengths, enum = read_lengths(field), field.constraints.get("enum")
    is_known = is_plain(field, LENGTHS, {"pattern", "enum"}) and lengths is not None
    if not is_known or lengths is None or (enum is not None and not _is_list_of_texts(enum)):
        return None
    least, most = lengths
    pattern = field.constraints.get("pattern")
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


# Every cell of these forms is valid. The 29th of February is left to the exact readers.
ANY_TEXT = "(?s:.*)"
CERTAIN_YEAR = "(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"
CERTAIN_DATE = (
    f"{CERTAIN_YEAR}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)"
    "|(?:0[13578]|1[02])-31)"
)
CERTAIN_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,30})?"
_DIGITS = "[0-9]{1,18}"
_DAYS = f"(?:{_DIGITS}Y(?:{_DIGITS}M)?(?:{_DIGITS}D)?|{_DIGITS}M(?:{_DIGITS}D)?|{_DIGITS}D)"
_SECONDS = rf"{_DIGITS}(?:\.{_DIGITS})?S"
_CLOCK = f"(?:{_DIGITS}H(?:{_DIGITS}M)?(?:{_SECONDS})?|{_DIGITS}M(?:{_SECONDS})?|{_SECONDS})"
CERTAIN_DURATION = f"-?P(?:{_DAYS}(?:T{_CLOCK})?|T{_CLOCK})"
CERTAIN_GEOPOINT = r"[+-]?(?:1[0-7][0-9]|[0-9]{1,2})(?:\.[0-9]{0,18})?, ?[+-]?[0-8]?[0-9](?:\.[0-9]{0,18})?"
# Delimiters of lists that do not occur in items of these forms, of which geopoints are none.
PLAIN_DELIMITERS = frozenset(",;|/ \t&")


def _write_certain_number(field: Field) -> str:
    """Numbers with few digits and the declared separators, in words if `bareNumber` is false."""
    group, mark, is_whole = field.group_char, field.decimal_char or ".", field.type == "integer"
    if any(sign.isalnum() or sign in "+-" for sign in f"{group}{mark}"):
        return ""
    digits = f"[0-9]{{1,18}}(?:{re.escape(group)}[0-9]{{1,18}}){{0,9}}" if group else "[0-9]{1,18}"
    point = re.escape(mark)
    parted = rf"(?:{digits}(?:{point}[0-9]{{0,30}})?|{point}[0-9]{{1,30}})(?:[eE][+-]?[0-9]{{1,2}})?"
    number = rf"[+-]?{digits if is_whole else parted}"
    return number if field.bare_number else rf"[A-Za-z $€£¥]{{0,9}}{number}[ %°A-Za-z$€£¥]{{0,9}}"


def _write_certain_moment(field: Field) -> str:
    zone = ZONE if field.type in {"time", "datetime"} else ""
    forms = {"date": CERTAIN_DATE, "time": CERTAIN_TIME, "datetime": f"{CERTAIN_DATE}T{CERTAIN_TIME}"}
    return forms[field.type] + zone if field.format == "default" else ""


def _write_certain_text(field: Field) -> str:
    return {"default": ANY_TEXT, "uri": PLAIN_URI.pattern, "uuid": UUID.pattern}.get(field.format, "")


def _write_certain_list(field: Field) -> str:
    item = Field({"name": field.name, "type": field.item_type})
    if item.type == "string":
        return ANY_TEXT
    form = "" if item.type == "geopoint" else type_of(item).make_certain(item)
    delimiter = field.delimiter
    return f"{form}(?:{re.escape(delimiter)}{form})*" if form and delimiter in PLAIN_DELIMITERS else ""


# ---- messages for cells of the wrong type

FORMAT_HINTS = {
    "email": "write an address such as joe@example.org",
    "uri": "write an address with its scheme such as https://example.org/",
    "uuid": "write one such as 123e4567-e89b-12d3-a456-426614174000",
    "wkt": "write well-known text such as POINT (90.5 45.5)",
    "binary": "write it in base64, with its padding",
    "array": "write a JSON array such as [90.50, 45.50]",
    "object": 'write a JSON object such as {"lon": 90.50, "lat": 45.50}',
}
GENERAL_HINT = "write it in the form that the standard defines"


def describe_form(field: Field, text: str = "") -> str:
    """The message for a cell that does not have the type or the format of its field.

    >>> describe_form(Field({"name": "built", "type": "year"}), "98")
    'not of type year; write four digits such as 2021'
    """
    if field.format == "uri" and runs_code(text):
        return "an address that runs code; write one that begins with https:// or http://"
    kind, form = field.type, field.format
    what = f"not of type {kind}" if form == "default" else f"not of the format {form}"
    if mended := mend_address(text) if form == "uri" else "":
        character = next((one for one in text if one != "%" and not URI.fullmatch(one)), "")
        why = f"addresses have no {_name_character(character)}" if character else BROKEN_ESCAPE
        return f'{what}, because {why}; write "{mended}"'
    if fault := _describe_content(field, text):
        return f"{what}, {fault}"
    if mend := _offer_other(field, text):
        return f"{what}; {mend}"
    if kind == "boolean":
        return f"{what}; write {' or '.join(texts[0] for texts in list_truths(field) if texts)}"
    if kind == "list":
        return f"{what}; write items of type {field.item_type} separated by {field.delimiter}"
    if form == "default":
        return f"{what}; {type_of(field).hint}"
    if form == "any":
        return f"{what}, or incomplete; {type_of(field).hint}"
    return f"{what}; {FORMAT_HINTS.get(form, 'write it in that form' if '%' in form else GENERAL_HINT)}"


# A day of noughts, by which databases mean none; a year that does not have four digits.
NO_DAY = re.compile(r"0{1,4}([-/.])0{1,4}\1(?:0{1,4})(?:[T ]00:00(?::00(?:[.,]0+)?)?)?(?:Z|\+00(?::?00)?)?")
OTHER_YEAR = re.compile(r"-[0-9]{1,9}|[0-9]{5,9}")
# As timetables write the night after a day.
LATE_TIME = re.compile(r"(?:2[4-9]|[3-9][0-9]):[0-5][0-9](?::[0-5][0-9])?")


def _offer_other(field: Field, text: str) -> str:
    """What to do about a text that is no date or year in any form; empty if it may be one."""
    is_no_day = field.type in {"date", "datetime"} and NO_DAY.fullmatch(text)
    if not text:
        return 'write a value, or add "" to missingValues'
    if is_no_day or not text.strip():
        return "leave the cell empty, or add this text to missingValues"
    if field.type == "year" and OTHER_YEAR.fullmatch(text):
        return "declare the type integer, because a year has four digits and no sign"
    if field.type == "time" and LATE_TIME.fullmatch(text):
        return "declare the type string, because a day ends at 24:00:00"
    return ""


def _describe_content(field: Field, text: str) -> str:
    """What is wrong within a text of JSON or a geometry, and what to do; empty if there is nothing to say."""
    is_point = field.type == "geopoint" and field.format in {"array", "object"}
    is_json = is_point or field.type in {"object", "array", "geojson"}
    if is_json and (key := _find_repeated_key(text)):
        return f'because it has the key "{shorten_value(key)}" twice in one object; keep one of them'
    is_geojson = field.type == "geojson" and field.format == "default"
    fault = _find_fault_of_geojson(text) if is_geojson else ""
    fault = describe_wkt(text) if field.format == "wkt" else fault
    return f"{fault}; {FORMAT_HINTS.get(field.format, type_of(field).hint)}" if fault else ""


STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
BROKEN_ESCAPE = "two hexadecimal digits follow every % in an address"


def mend_address(text: str) -> str:
    """A text whose forbidden characters are encoded; empty if it has none, or is still not an address.

    >>> mend_address("http://example.org/a b/é")
    'http://example.org/a%20b/%C3%A9'
    """
    head, sign, rest = text.partition("://")
    host, slash, path = rest.partition("/")
    try:
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    escaped = STRAY_PERCENT.sub("%25", f"{head}{sign}{host}{slash}{path}")
    mended = quote(escaped, safe=f"%{NO_LETTERS_OF_URI}")
    is_new = mended != text and _is_whole_uri(mended) and not runs_code(mended)
    return mended if is_new and _read_uri()(mended) else ""


@cache
def _read_uri() -> ValueReader:
    return _ask_frictionless(Field({"name": "a", "type": "string", "format": "uri"}))


def _name_character(character: str) -> str:
    return "space" if character == " " else f'"{character}"'


def _keep(value: Any, _: str) -> Any:
    return value


TYPES = {
    kind.name: kind
    for kind in (
        FieldType(
            "string",
            GENERAL_HINT,
            "Ida",
            _make_string_reader,
            _make_plain_string,
            formats=("email", "uri", "binary", "uuid", "wkt"),
            is_item=True,
            is_sized=True,
            has_pattern=True,
            is_categorical=True,
            is_comparable=True,
            key_kind="text",
            make_certain=_write_certain_text,
            text_form="text",
        ),
        FieldType(
            "integer",
            "write digits only, such as 3",
            "3",
            _make_number_reader,
            _make_bounded(PLAIN_INTEGER, int, read_integer_bound),
            _cast_whole,
            is_item=True,
            is_ordered=True,
            is_categorical=True,
            sql="INTEGER",
            is_comparable=True,
            text_order="number",
            arrow="int64",
            longest_plain=19,
            store=_store_whole,
            key_kind="number",
            in_spreadsheet="whole",
            is_ascii=True,
            make_certain=_write_certain_number,
            text_form="whole",
        ),
        FieldType(
            "number",
            "write a number such as 3.5",
            "3.5",
            _make_number_reader,
            _make_bounded(PLAIN_NUMBER, Decimal, read_number_bound),
            _cast_number,
            is_item=True,
            is_ordered=True,
            sql="REAL",
            is_comparable=True,
            text_order="number",
            arrow="float64",
            longest_plain=60,
            store=_store_number,
            key_kind="number",
            in_spreadsheet="number",
            is_ascii=True,
            make_certain=_write_certain_number,
            text_form="number",
        ),
        FieldType(
            "boolean",
            "write true or false",
            "true",
            _make_boolean_reader,
            _make_plain_boolean,
            _make_json_cast(bool),
            is_item=True,
            sql="INTEGER",
            is_text_unique=False,
            arrow="bool",
            store=_keep,
            key_kind="number",
            in_spreadsheet="truth",
            is_ascii=True,
            text_form="truth",
        ),
        FieldType(
            "date",
            "write a date such as 2021-11-08",
            "2021-11-08",
            _make_moment_reader,
            _make_bounded(DATE, read_date, read_date),
            formats=("any",),
            has_patterns=True,
            is_item=True,
            is_ordered=True,
            is_comparable=True,
            text_order="text",
            arrow="date32",
            longest_plain=10,
            store=_keep,
            in_spreadsheet="day",
            is_ascii=True,
            make_certain=_write_certain_moment,
            text_form="day",
        ),
        # A time of day is text, as in SQLite, because Spark has no type for it.
        FieldType(
            "time",
            "write a time such as 12:30:00",
            "12:30:00",
            _make_moment_reader,
            formats=("any",),
            has_patterns=True,
            is_item=True,
            is_ordered=True,
            is_text_unique=False,
            store=_keep,
            is_ascii=True,
            make_certain=_write_certain_moment,
        ),
        FieldType(
            "datetime",
            "write a date and time such as 2021-11-08T12:30:00Z",
            "2021-11-08T12:30:00Z",
            _make_moment_reader,
            formats=("any",),
            has_patterns=True,
            is_item=True,
            is_ordered=True,
            is_text_unique=False,
            arrow="timestamp[us]",
            store=_store_moment,
            is_ascii=True,
            make_certain=_write_certain_moment,
        ),
        FieldType(
            "year",
            "write four digits such as 2021",
            "2021",
            lambda _: lambda text: int(text) if YEAR.fullmatch(text) else None,
            _make_bounded(YEAR, int, read_integer_bound),
            _cast_whole,
            is_ordered=True,
            sql="INTEGER",
            is_comparable=True,
            text_order="number",
            arrow="int64",
            longest_plain=4,
            store=_store_whole,
            key_kind="number",
            in_spreadsheet="whole",
            is_ascii=True,
            make_certain=lambda _: YEAR.pattern,
            text_form="year",
        ),
        FieldType(
            "yearmonth",
            "write a month such as 2021-11",
            "2021-11",
            lambda _: _read_yearmonth,
            is_ordered=True,
            text_order="text",
            is_ascii=True,
            make_certain=lambda _: YEARMONTH.pattern,
            text_form="month",
        ),
        FieldType(
            "duration",
            "write a duration such as P1Y2M10DT2H30M",
            "P1Y2M10DT2H30M",
            lambda _: read_duration,
            is_ordered=True,
            is_text_unique=False,
            make_certain=lambda _: CERTAIN_DURATION,
        ),
        FieldType(
            "geopoint",
            "write longitude and latitude such as 90.50, 45.50",
            "90.50, 45.50",
            _make_geopoint_reader,
            formats=("array", "object"),
            is_text_unique=False,
            make_certain=lambda field: CERTAIN_GEOPOINT if field.format == "default" else "",
        ),
        FieldType(
            "geojson",
            'write GeoJSON such as {"type": "Point", "coordinates": [90.5, 45.5]}',
            '{"type": "Point", "coordinates": [90.5, 45.5]}',
            _make_geojson_reader,
            cast_json=_make_json_cast(dict),
            formats=("topojson",),
            is_text_unique=False,
        ),
        FieldType(
            "object",
            'write a JSON object such as {"a": 1}',
            '{"a": 1}',
            _make_json_reader(dict),
            cast_json=_make_json_cast(dict),
            is_sized=True,
            has_json_schema=True,
            is_text_unique=False,
        ),
        FieldType(
            "array",
            "write a JSON array such as [1, 2]",
            "[1, 2]",
            _make_json_reader(list),
            cast_json=_make_json_cast(list),
            is_sized=True,
            has_json_schema=True,
            is_text_unique=False,
        ),
        FieldType(
            "list",
            GENERAL_HINT,
            "1,2",
            _make_list_reader,
            cast_json=_make_json_cast(list),
            is_sized=True,
            is_text_unique=False,
            make_certain=_write_certain_list,
        ),
        FieldType(
            "any",
            GENERAL_HINT,
            "Ida",
            lambda _: str,
            cast_json=json.dumps,  # of any type is what a cell writes, which is text
            key_kind="text",
            in_spreadsheet="anything",
            make_certain=lambda _: ANY_TEXT,
            text_form="text",
        ),
    )
}
