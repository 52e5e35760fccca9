"""Capacity: valid data that do not fit into the formats of a build, such as SQLite's numbers."""

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
from packpress.problems import CannotRunError, Findings, Problem, shorten_value
from packpress.tables.constraints import make_reader
from packpress.tables.fast.batches import Block
from packpress.tables.fast.columns import Column, Mask, Verdicts
from packpress.tables.moments import MICROSECOND, NANOSECOND, MomentSpan, count_decimals
from packpress.tables.types import custom_keys, type_of

# File systems allow 255 bytes; staging folders and extensions need some.
LONGEST_NAME = 200
MOST_COLUMNS = 2_000
IS_WINDOWS = os.name == "nt"
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
NO_FILE_OF_WINDOWS = re.compile(r'.*[<>:"|?*].*|(con|prn|aux|nul|(com|lpt)[0-9¹²³]) *(\..*)?', re.IGNORECASE)


def find_unfit(package: Package) -> Iterator[str]:
    """Names that cannot be file names, or that are not unique as table or column names.

    >>> from packpress import read_package
    >>> list(find_unfit(read_package("fleet").replaced(version="1/2")))
    ['the name "1/2" cannot be a file name; rename it']
    """
    for name in (package.name, package.version, *package.by_name):
        if not name.isprintable() or name.startswith(".") or {"/", "\\"} & set(name):
            yield f'the name "{shorten_value(name)}" cannot be a file name; rename it'
        elif IS_WINDOWS and NO_FILE_OF_WINDOWS.fullmatch(name):
            shown = shorten_value(name)
            yield f'the name "{shown}" cannot be a file name on Windows; rename it or build on another system'
        if len(name.encode("utf-8")) > LONGEST_NAME:
            shown = shorten_value(name)
            yield f'the name "{shown}" is too long for a file; shorten it to {LONGEST_NAME} bytes'
    own = {table.name for table in OWN_TABLES}
    for name in package.by_name:
        if name.lower().startswith("sqlite_") or name.lower() in own:
            yield f'a table is named "{name}", which SQLite or every build uses; rename it'
    yield from _find_alike("table", tuple(package.by_name))
    for resource in package.by_name.values():
        yield from _find_alike(f"field of {resource.name}", resource.field_names)
        if len(resource.fields) > MOST_COLUMNS:
            yield f"{resource.name} has more than {MOST_COLUMNS:,} columns, the limit of SQLite; split it"


def _find_alike(what: str, names: tuple[str, ...]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for name in names:
        # SQLite and some file systems ignore case; macOS treats é as the same character in either encoding.
        other = seen.setdefault(unicodedata.normalize("NFC", name.casefold()), name)
        if other != name:
            clash = f'a {what} is named "{name}" and another "{other}"'
            yield f"{clash}; rename one, because not every system distinguishes them"


REFUSED, ROUNDED = "build/refused", "build/rounded"
# Numbers of at most this many bytes, all of them digits, points and minus signs, always fit. In keys the
# limit is lower, because different values must stay different as doubles.
ALWAYS_FITS, KEYS_FIT = 18, 15
NOTHING = r"[^\x{0}-\x{10FFFF}]"
TOO_MANY_DIGITS = (
    "has more digits than a 64-bit number can distinguish, so different keys may become equal; "
    "declare the field as an integer or a string"
)
# Days on which a time zone may lead out of the calendar, and seconds with more than six decimals.
ENDS_OF_TIME = r"\A(?:0001-01-01|9999-12-31)"
FINE = r"[.,][0-9]{6}[0-9]*[1-9]"
FINER = r"[.,][0-9]{9}[0-9]*[1-9]"
# Years that nanoseconds certainly reach.
NEAR = r"\A(?:1[7-9]|2[01])[0-9]{2}-[0-9]{2}-"
CUT = "Parquet drops the remaining digits; use another format of the build if they matter"
FAR = "the column has a date-time too far from 1970 for nanoseconds"
TOO_FINE = {
    MICROSECOND: f"more precise than a microsecond, and {FAR}, so {CUT}",
    NANOSECOND: f"more precise than a nanosecond, so {CUT}",
}


def check_names(package: Package) -> Iterator[Problem]:
    """A notice for each name that a build would refuse.

    >>> from packpress import read_package
    >>> [notice.message for notice in check_names(read_package("fleet").replaced(version="1/2"))]
    ['a build refuses it: the name "1/2" cannot be a file name; rename it']
    """
    for message in find_unfit(package):
        yield Problem(package.path.name, 0, _explain(message), code=REFUSED, is_notice=True)


def refuse(notices: Iterable[Problem]) -> None:
    """Raises CannotRunError for the first notice of this module, if there is one."""
    refused = [notice for notice in notices if notice.code == REFUSED]
    if refused:
        more = f" (and {len(refused) - 1:,} more, which validate lists)" if len(refused) > 1 else ""
        raise CannotRunError(f"{replace(refused[0], is_notice=False)}{more}")


class FitCheck:
    """Finds valid values of a field that a build cannot store exactly.

    >>> from packpress import read_package
    >>> boats = read_package("fleet").by_name["boats"]
    >>> crew = Field({"name": "crew", "type": "integer"})
    >>> list(FitCheck(crew, boats).find_refused(Column.of(["3", "9223372036854775808"])))
    [(1, 'a build refuses it: does not fit in 64 bits; declare the field as a string')]
    """

    def __init__(self, field: Field, resource: Resource) -> None:
        self.field = field
        self._kind = type_of(field)
        keys = (resource.primary_key, *resource.unique_keys, *(key.fields for key in resource.declared_keys))
        self._is_key = field.is_unique or any(field.name in names for names in keys)
        self._read = make_reader(field, resource)

    def find_refused(self, column: Column) -> Verdicts[str]:
        """The values that a build would refuse, with a message for each."""
        if self.field.type == "datetime":
            is_default = self.field.format == "default"
            return column.judge(self._describe, column.matching(ENDS_OF_TIME) if is_default else None)
        if self.field.type in {"integer", "number"}:
            longest = KEYS_FIT if self._is_key else ALWAYS_FITS
            if not column.is_within("-", "9", longest) and not self._are_finite(column):
                return column.judge(self._describe, self._find_doubtful(column, longest))
        return Verdicts.none()

    def _are_finite(self, column: Column) -> bool:
        """Whether all are numbers that fit as they are written; keys must also stay different."""
        is_plain = self._kind.arrow == "float64" and not self._is_key and not custom_keys(self.field)
        return is_plain and column.cast_plain("float64", self._kind.longest_plain) is not None

    def _find_doubtful(self, column: Column, longest: int) -> Mask:
        """The cells with many digits, or in an unusual form."""
        # Numbers with few digits and a small exponent never overflow.
        is_plain = column.matching(rf"\A(?:{self._kind.make_certain(self.field) or NOTHING})\z")
        if self._is_key or self.field.type == "integer":
            is_plain &= column.with_length(0, longest)
        return ~is_plain

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
    """Finds the date-times of a column with more digits than Parquet keeps; other formats keep all digits."""

    def __init__(self, resource: Resource, place: int) -> None:
        self._resource, self._place = resource, place
        self._read = make_reader(resource.fields[place], resource)
        self._has_fine = False

    def add(self, column: Column) -> None:
        """Looks for fine fractions among the cells of the next block."""
        self._has_fine = self._has_fine or bool(_find_fine(column).any())

    def find_cut(self, read_blocks: Callable[[], Iterable[Block]]) -> Iterator[Findings]:
        """A notice for each such date-time; the blocks are read again only if there may be any."""
        if not self._has_fine or not any(self._find_doubtful(block).any() for block in read_blocks()):
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
            yield block.findings(
                column.judge(describe, _find_fine(column)), self._resource, name, str, ROUNDED, True
            )

    def _find_doubtful(self, block: Block) -> Mask:
        """The cells that may be more precise than a nanosecond, or too far from 1970 for nanoseconds."""
        column = block.columns[self._place]
        return column.matching(FINER) | ~(column.matching(NEAR) | column.missing_mask())

    def _read_moment(self, text: str) -> datetime | None:
        value, message = self._read(text)
        return None if message else value


def _find_fine(column: Column) -> Mask:
    return column.matching(FINE, column.holding(b".,"))


def _explain(message: str) -> str:
    return f"a build refuses it: {message}"
