"""Cells: from the text of a cell to its value, and what is wrong with the text if it has none.

Frictionless' own cell readers decide, so that both validators agree; on top of them the lexical
forms that it lets pass in silence (blanks around a number, `1_000`, `2024-1-5`) are refused. What
`plain` is certain of is not asked again.
"""

import json
import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from scripts.lib.plain import UNCERTAIN, custom_keys, make_plain_reader
from scripts.lib.problems import CannotRunError
from scripts.lib.resource import Field, Resource, list_missing_values

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

# Keys that give a cell another lexical form.
FORMS = {"format", "bareNumber", "groupChar", "decimalChar"}

Reader = Callable[[str], tuple[Any, str]]

# More distinct texts of a field than this are read again when they return.
MOST_REMEMBERED = 1 << 16


def make_reader(field: Field, resource: Resource) -> Reader:
    """A function from the text of a cell to its value and a message; the message is empty when all is well.

    A missing cell has the value None. Results are remembered per distinct text, and the function
    itself per declaration, because several checks read the same cells.
    """
    return _make_reader(json.dumps(field.raw, sort_keys=True), missing_values_of(field, resource))


def missing_values_of(field: Field, resource: Resource) -> tuple[str, ...]:
    """The texts that mean that a cell of the field is missing."""
    missing = field.raw.get("missingValues")
    return list_missing_values(missing) if missing is not None else resource.missing_values


@lru_cache(maxsize=1024)
def _make_reader(declaration: str, missing_values: tuple[str, ...]) -> Reader:
    field = Field(json.loads(declaration))
    lexical = _lexical_form(field)
    read_plainly = make_plain_reader(field)
    separator = str(field.raw.get("groupChar") or "") if field.type == "integer" else ""

    @cache
    def make_exact() -> Callable[[str], tuple[Any, Any]]:
        from frictionless import Field as FrictionlessField  # half a second to import, so only when needed

        left_out = OUR_FIELD_KEYS | {"groupChar"} if separator else OUR_FIELD_KEYS
        standard = {key: value for key, value in field.raw.items() if key not in left_out}
        reader: Callable[[str], tuple[Any, Any]] = FrictionlessField.from_descriptor(
            standard
        ).create_cell_reader()
        return reader

    @lru_cache(MOST_REMEMBERED)
    def read(text: str) -> tuple[Any, str]:
        if text in missing_values:
            return None, "required; fill it in" if field.is_required else ""
        # An empty text is missing for frictionless even where the declared missing values leave it out.
        if read_plainly and text:
            value = read_plainly(text)
            if value is not UNCERTAIN:
                return value, ""
        if lexical and not lexical[0].fullmatch(text):
            return None, f"not of type {field.type}; {lexical[1]}"
        try:
            # Frictionless knows no separator of thousands in whole numbers.
            value, notes = make_exact()(text.replace(separator, "") if separator else text)
        except CannotRunError:
            raise
        except Exception as error:  # whatever an odd declaration does to frictionless
            raise CannotRunError(_describe_declaration(field, error)) from None
        for name, note in (notes or {}).items():
            return value, _describe_fault(name, str(note), field)
        return value, _check_pattern(text, field)

    return read


def _lexical_form(field: Field) -> tuple[re.Pattern[str], str] | None:
    # Formats and separators of one's own are frictionless' business.
    return None if custom_keys(field) & FORMS else LEXICAL.get(field.type)


def _describe_declaration(field: Field, error: Exception) -> str:
    reasons = getattr(error, "reasons", None) or [error]
    reason = str(getattr(reasons[0], "note", reasons[0])).replace("\n", " ")
    where = f"field {field.name} of type {field.type}"
    return f"{where}: its declaration cannot be used: {reason}; mend the descriptor"


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
