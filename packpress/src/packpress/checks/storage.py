"""Storage: which values and which names fit into every format of a build."""

import math
import os
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from packpress.package.descriptor import Package
from packpress.package.dictionary import OWN_TABLES
from packpress.problems import shorten_value

MOMENTS = frozenset({"date", "time", "datetime"})
WHOLE = frozenset({"integer", "year"})
# File systems take 255 bytes; staging and endings need some.
LONGEST_NAME = 200
MOST_COLUMNS = 2_000
IS_WINDOWS = os.name == "nt"
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
NO_FILE_OF_WINDOWS = re.compile(r'.*[<>:"|?*].*|(con|prn|aux|nul|(com|lpt)[0-9¹²³]) *(\..*)?', re.IGNORECASE)


def convert_value(value: Any, text: str, kind: str) -> Any:
    """The value in a type that every format knows; ValueError when a database cannot hold it.

    A value of a type that not every format has stays text, as it is written.
    """
    if kind in WHOLE and not -(2**63) <= value < 2**63:
        raise ValueError("does not fit in 64 bits; declare the field as a string")
    if kind in WHOLE or kind == "boolean" or kind in MOMENTS:
        return value
    if kind != "number":
        return text
    number = float(value)
    if number != number:
        raise ValueError("not a number, which SQLite cannot hold; leave the cell empty")
    if math.isinf(number) and text[-1:].isdigit():
        raise ValueError("too large for a number of 64 bits; declare the field as a string")
    return number


def find_unfit(package: Package) -> Iterator[str]:
    """What is wrong with names that make no file, or no table and column that differ from all others."""
    for name in (package.name, package.version, *package.by_name):
        if not name.isprintable() or name.startswith(".") or {"/", "\\"} & set(name):
            yield f'the name "{shorten_value(name)}" makes no file name; rename it'
        elif IS_WINDOWS and NO_FILE_OF_WINDOWS.fullmatch(name):
            shown = shorten_value(name)
            yield f'the name "{shown}" makes no file name on Windows; rename it, or build on another system'
        if len(name.encode("utf-8")) > LONGEST_NAME:
            shown = shorten_value(name)
            yield f'the name "{shown}" is too long for a file; shorten it to {LONGEST_NAME} bytes'
    own = {table.name for table in OWN_TABLES}
    for name in package.by_name:
        if name.lower().startswith("sqlite_") or name.lower() in own:
            yield f'a table is named "{name}", as one that SQLite or every build has; rename it'
    yield from _find_alike("table", tuple(package.by_name))
    for resource in package.by_name.values():
        yield from _find_alike(f"field of {resource.name}", resource.field_names)
        if len(resource.fields) > MOST_COLUMNS:
            yield f"{resource.name} has more than the {MOST_COLUMNS:,} columns that SQLite holds; split it"


def _find_alike(what: str, names: tuple[str, ...]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for name in names:
        # SQLite, and some file systems, do not tell capitals from small letters; for macOS é is the same
        # name whether it is written as one character or as two.
        other = seen.setdefault(unicodedata.normalize("NFC", name.casefold()), name)
        if other != name:
            clash = f'a {what} is named "{name}" and another "{other}"'
            yield f"{clash}; rename one, for not every system tells them apart"
