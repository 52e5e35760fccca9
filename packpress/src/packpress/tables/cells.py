"""Cells: from the text of a cell to its value, and what is wrong with the text if it has none.

What a type tells at a glance is not asked again; its exact reader and the constraints decide all else.
"""

import json
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from packpress.package.field import Field
from packpress.package.resource import Resource
from packpress.tables.constraints import Check, make_checks
from packpress.tables.types import UNCERTAIN, ValueReader, describe_form, type_of

# They say nothing about cells, and would make one reader for each description.
SAID_TO_READERS = frozenset(
    {"title", "description", "example", "examples", "enumDescriptions", "rdfType", "verbatim", "printed"}
)

Reader = Callable[[str], tuple[Any, str]]

# More distinct texts of a field than this are read again when they return.
MOST_REMEMBERED = 1 << 16


def make_reader(field: Field, resource: Resource) -> Reader:
    """A function from the text of a cell to its value and a message; the message is empty when all is well.

    A missing cell has the value None. Results are remembered per distinct text, and the function
    itself per declaration, because several checks read the same cells.
    """
    return _make_reader(_declare(field), resource.missing_values_of(field))


def _declare(field: Field) -> str:
    return json.dumps(
        {name: value for name, value in field.raw.items() if name not in SAID_TO_READERS}, sort_keys=True
    )


def read_type(field: Field) -> ValueReader:
    """A function from a text to its value, whatever the constraints; None for what is not of the type."""
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
            return None, describe_form(field)
        return value, next((message for check in checks if (message := check(value, text))), "")

    return read
