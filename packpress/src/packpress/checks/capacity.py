"""Capacity: what is valid and yet does not fit into the formats of a build, such as SQLite's numbers."""

import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from packpress.package.descriptor import Package
from packpress.package.dictionary import OWN_TABLES
from packpress.package.resource import Field, Resource
from packpress.problems import CannotRunError, Problem, shorten_value
from packpress.tables.constraints import make_reader
from packpress.tables.fast.batches import Block
from packpress.tables.fast.columns import Column, Mask
from packpress.tables.moments import MICROSECOND, NANOSECOND, MomentSpan, count_decimals
from packpress.tables.types import type_of

# File systems take 255 bytes; staging and endings need some.
LONGEST_NAME = 200
MOST_COLUMNS = 2_000
IS_WINDOWS = os.name == "nt"
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
NO_FILE_OF_WINDOWS = re.compile(r'.*[<>:"|?*].*|(con|prn|aux|nul|(com|lpt)[0-9¹²³]) *(\..*)?', re.IGNORECASE)


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


REFUSED, ROUNDED = "build/refused", "build/rounded"
# Whatever is written with no more bytes, all of them digits, points and minus signs, fits; in a key, where
# numbers of 64 bits must tell all values apart, these are fewer.
ALWAYS_FITS, KEYS_FIT = 18, 15
TOO_MANY_DIGITS = (
    "has more digits than a number of 64 bits tells apart, and keys may run together; "
    "declare the field as an integer or a string"
)
# Days on which a zone may lead out of the calendar, and seconds with more than six decimals.
ENDS_OF_TIME = r"\A(?:0001-01-01|9999-12-31)"
FINE = r"[.,][0-9]{6}[0-9]*[1-9]"
CUT = "so that Parquet leaves out the digits behind it{}; read another format if they matter"
FAR = ", for another moment of the column is too far from 1970 to be counted in nanoseconds"
TOO_FINE = {
    MICROSECOND: f"is finer than a microsecond, {CUT.format(FAR)}",
    NANOSECOND: f"is finer than a nanosecond, {CUT.format('')}",
}


def check_names(package: Package) -> Iterator[Problem]:
    """A notice for each name by which a build would refuse the package."""
    for message in find_unfit(package):
        yield Problem(package.path.name, 0, _explain(message), code=REFUSED, is_notice=True)


def refuse(notices: Iterable[Problem]) -> None:
    """CannotRunError with the first of the notices that this module makes, if there is one."""
    refused = [notice for notice in notices if notice.code == REFUSED]
    if refused:
        more = f" (and {len(refused) - 1:,} more, which validate lists)" if len(refused) > 1 else ""
        raise CannotRunError(f"{replace(refused[0], is_notice=False)}{more}")


class FitCheck:
    """Finds the values of a field that are right and that a build does not hold as they are."""

    def __init__(self, field: Field, resource: Resource) -> None:
        self.field = field
        self._kind = type_of(field)
        keys = (resource.primary_key, *resource.unique_keys, *(key.fields for key in resource.foreign_keys))
        self._is_key = field.is_unique or any(field.name in names for names in keys)
        self._read = make_reader(field, resource)

    def find_refused(self, column: Column) -> Iterator[tuple[int, str]]:
        """Place and message of each value that a build would refuse."""
        if self.field.type == "datetime":
            is_default = self.field.format == "default"
            yield from column.judge(self._describe, column.matching(ENDS_OF_TIME) if is_default else None)
        elif self.field.type in {"integer", "number"}:
            longest = KEYS_FIT if self._is_key else ALWAYS_FITS
            if not column.is_within("-", "9", longest):
                yield from column.judge(self._describe)

    def _describe(self, text: str) -> str:
        value, message = self._read(text)
        if message or value is None:
            return ""
        try:
            stored = self._kind.convert(value, text)
        except (ValueError, OverflowError) as error:
            return _explain(str(error))
        is_changed = self._is_key and isinstance(stored, float) and Decimal(repr(stored)) != value
        return _explain(TOO_MANY_DIGITS) if is_changed else ""


class FineMomentCheck:
    """Finds the moments of a column of which Parquet leaves out digits; every other format keeps them all."""

    def __init__(self, resource: Resource, place: int) -> None:
        self._resource, self._place = resource, place
        self._read = make_reader(resource.fields[place], resource)
        self._has_fine = False

    def add(self, column: Column) -> None:
        """Takes the cells of the next block into account."""
        self._has_fine = self._has_fine or bool(_find_fine(column).any())

    def find_cut(self, read_blocks: Callable[[], Iterable[Block]]) -> Iterator[Problem]:
        """A notice for each such moment; the blocks are read again only when there may be some."""
        if not self._has_fine:
            return
        span = MomentSpan()
        for block in read_blocks():
            for moment in map(self._read_moment, block.columns[self._place].distinct()):
                if moment:
                    span.add(moment)
        kept, name = span.kept_decimals, self._resource.field_names[self._place]
        if kept is None or span.decimals <= kept:
            return

        def describe(text: str) -> str:
            moment = self._read_moment(text)
            return TOO_FINE[kept] if moment and count_decimals(moment) > kept else ""

        for block in read_blocks():
            column = block.columns[self._place]
            for index, message in column.judge(describe, _find_fine(column)):
                yield block.problem(index, self._resource, name, message, ROUNDED, True)

    def _read_moment(self, text: str) -> datetime | None:
        value, message = self._read(text)
        return None if message else value


def _find_fine(column: Column) -> Mask:
    return column.matching(FINE, column.holding(b".,"))


def _explain(message: str) -> str:
    return f"a build refuses it: {message}"
