"""Readers: from the text of a cell to its value, by the type and format of its field, strict in form.

Every form is the standard's own. Where the standard leaves a format to a library (addresses, GeoJSON, dates
of any kind), frictionless reads it, so that both validators agree.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from packpress.package.field import Field
from packpress.problems import CannotRunError
from packpress.tables.durations import read_duration
from packpress.tables.plain import read_date

# From a text to its value; None for what is of another type or form.
ValueReader = Callable[[str], Any]

ZONE = r"(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
TIME = re.compile(rf"[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(?:\.[0-9]+)?{ZONE}")
DATETIME = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{TIME.pattern}")
YEAR = re.compile(r"[0-9]{4}")
YEARMONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
URI = re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")
LONGITUDE, LATITUDE = 180, 90

TRUE_VALUES = ("true", "True", "TRUE", "1")
FALSE_VALUES = ("false", "False", "FALSE", "0")


def make_value_reader(field: Field) -> ValueReader:
    """A function from a text to its value, which is None for a text that is not of the field's type."""
    match field.type:
        case "integer" | "number":
            return _make_number_reader(field)
        case "boolean":
            values = dict.fromkeys(field.raw.get("trueValues", TRUE_VALUES), True)
            return (values | dict.fromkeys(field.raw.get("falseValues", FALSE_VALUES), False)).get
        case "year":
            return lambda text: int(text) if YEAR.fullmatch(text) else None
        case "yearmonth":
            return _read_yearmonth
        case "duration":
            return read_duration
        case "date" | "time" | "datetime":
            return _make_moment_reader(field)
        case "geopoint":
            return _make_geopoint_reader(field.format)
        case "object":
            return lambda text: _read_json(text, dict)
        case "array":
            return lambda text: _read_json(text, list)
        case "geojson":
            check = _ask_frictionless(field)
            return lambda text: None if _read_json(text, dict) is None else check(text)
        case "string":
            return _make_string_reader(field)
    return str


def _ask_frictionless(field: Field) -> ValueReader:
    from frictionless import Field as FrictionlessField  # half a second to import, so only when needed

    standard = {"name": "field", "type": field.type, "format": field.format}
    try:
        reader: ValueReader = FrictionlessField.from_descriptor(standard).create_value_reader()
    except Exception as error:  # whatever an odd declaration does to frictionless
        where = f"field {field.name} of type {field.type}"
        raise CannotRunError(f"{where}: its format {field.format} cannot be used: {error}") from None
    return reader


def _make_number_reader(field: Field) -> ValueReader:
    group, mark = str(field.raw.get("groupChar") or ""), str(field.raw.get("decimalChar") or ".")
    digits = rf"[0-9]+(?:{re.escape(group)}[0-9]+)*" if group else "[0-9]+"
    is_whole = field.type == "integer"
    point = re.escape(mark)
    form = rf"(?:{digits}(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]+)?"
    written = rf"([+-]?{digits if is_whole else form})"
    if field.raw.get("bareNumber") is False:
        # Words before and after are stripped; a sign must stand right before the digits.
        written = rf"[^\d-]*?{written}\D*"
    expression, special = re.compile(written, re.DOTALL), re.compile("NaN|-?INF", re.IGNORECASE)

    def read(text: str) -> Any:
        match = expression.fullmatch(text)
        if not match:
            return Decimal(text) if not is_whole and special.fullmatch(text) else None
        number = match[1].replace(group, "") if group else match[1]
        try:
            return int(number) if is_whole else Decimal(number.replace(mark, "."))
        except (ValueError, ArithmeticError):  # more digits than Python reads
            return None

    return read


def _read_yearmonth(text: str) -> tuple[int, int] | None:
    match = YEARMONTH.fullmatch(text)
    return (int(match[1]), int(match[2])) if match else None


def _make_moment_reader(field: Field) -> ValueReader:
    if field.format == "any":
        return _ask_frictionless(field)
    if field.format != "default":
        return _make_pattern_reader(field)
    if field.type == "date":
        return read_date
    form, read = (TIME if field.type == "time" else DATETIME), _ask_frictionless(field)
    return lambda text: read(text) if form.fullmatch(text) else None


def _make_pattern_reader(field: Field) -> ValueReader:
    def read(text: str) -> Any:
        try:
            moment = datetime.strptime(text, field.format)
        except (ValueError, re.error):
            return None
        if field.type == "datetime":
            return moment
        return moment.date() if field.type == "date" else moment.timetz()

    return read


def _read_json(text: str, kind: type) -> Any:
    """The object or the array that a text writes in JSON, which knows neither NaN nor Infinity."""
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, kind) else None


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _make_geopoint_reader(form: str) -> ValueReader:
    number = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
    pair = re.compile(rf"({number}), ?({number})")

    def read(text: str) -> Any:
        if form == "array":
            parts = _read_json(text, list) or []
        elif form == "object":
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


def _make_string_reader(field: Field) -> ValueReader:
    match field.format:
        case "uuid":
            return lambda text: text if UUID.fullmatch(text) else None
        case "binary":
            return lambda text: text if _is_base64(text) else None
        case "uri":
            read = _ask_frictionless(field)
            return lambda text: read(text) if URI.fullmatch(text) else None
        case "default":
            return str
    return _ask_frictionless(field)


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
