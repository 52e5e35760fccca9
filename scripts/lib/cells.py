"""Cells: from the text of a cell to its value, and what is wrong with the text if it has none.

Frictionless' own cell readers decide, so that both validators agree; on top of them the lexical
forms that it lets pass in silence (blanks around a number, `1_000`, `2024-1-5`) are refused.
"""

import json
import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from scripts.lib.resource import Field, Resource

# Frictionless has no use for these, and takes long to look at them.
OUR_FIELD_KEYS = {"example", "enumDescriptions", "verbatim", "printed", "emptyCountsAs"}

# Strict lexical forms of Table Schema's default formats.
LEXICAL = {
    "integer": (re.compile(r"[+-]?[0-9]+"), "write digits only, such as 3"),
    "number": (
        re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|NaN|-?INF"),
        "write a number such as 3.5",
    ),
    "year": (re.compile(r"-?[0-9]{4}"), "write four digits such as 2021"),
    "date": (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), "write a date such as 2021-11-08"),
}
EXAMPLES = {
    "boolean": "write true or false",
    "time": "write a time such as 12:30:00",
    "datetime": "write a date and time such as 2021-11-08T12:30:00Z",
    "yearmonth": "write a month such as 2021-11",
}

Reader = Callable[[str], tuple[Any, str]]


def make_reader(field: Field, resource: Resource) -> Reader:
    """A function from the text of a cell to its value and a message; the message is empty when all is well.

    A missing cell has the value None. Results are remembered per distinct text, and the function
    itself per declaration, because several checks read the same cells.
    """
    missing = field.raw.get("missingValues")
    missing_values = tuple(missing) if missing is not None else resource.missing_values
    return _make_reader(json.dumps(field.raw, sort_keys=True), missing_values)


@lru_cache(maxsize=1024)
def _make_reader(declaration: str, missing_values: tuple[str, ...]) -> Reader:
    from frictionless import Field as FrictionlessField  # half a second to import, so only when needed

    field = Field(json.loads(declaration))
    standard = {key: value for key, value in field.raw.items() if key not in OUR_FIELD_KEYS}
    read_by_frictionless = FrictionlessField.from_descriptor(standard).create_cell_reader()
    lexical = _lexical_form(field)

    @cache
    def read(text: str) -> tuple[Any, str]:
        if text in missing_values:
            return None, "required; fill it in" if field.is_required else ""
        if lexical and not lexical[0].fullmatch(text):
            return None, f"not of type {field.type}; {lexical[1]}"
        value, notes = read_by_frictionless(text)
        for name, note in (notes or {}).items():
            return value, _describe_fault(name, str(note), field)
        return value, _check_pattern(text, field)

    return read


def _lexical_form(field: Field) -> tuple[re.Pattern[str], str] | None:
    # Formats and separators of one's own are frictionless' business.
    custom = {"format", "bareNumber", "groupChar", "decimalChar"} & field.raw.keys() - {"default"}
    return None if custom and field.raw.get("format") != "default" else LEXICAL.get(field.type)


def _check_pattern(text: str, field: Field) -> str:
    """Frictionless matches a bare `a|b`, and before a final newline; the standard means the whole value."""
    pattern = field.constraints.get("pattern")
    if pattern and not re.fullmatch(pattern, text):
        return f"does not match the pattern {pattern}; write it in that form"
    return ""


def _describe_fault(name: str, note: str, field: Field) -> str:
    if name == "type":
        return (
            f"not of type {field.type}; {EXAMPLES.get(field.type, 'write it in the form the standard gives')}"
        )
    bound = field.constraints.get(name)
    return {
        "required": "required; fill it in",
        "pattern": f"does not match the pattern {bound}; write it in that form",
        "minimum": f"below the minimum {bound}; write {bound} or more",
        "maximum": f"above the maximum {bound}; write {bound} or less",
        "minLength": f"shorter than {bound}; write at least {bound} characters",
        "maxLength": f"longer than {bound}; write at most {bound} characters",
        "enum": "not an allowed value",
    }.get(name, f"breaks the constraint {name}: {note}")
