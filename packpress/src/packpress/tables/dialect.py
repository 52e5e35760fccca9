"""Layout: which rows of a file are its header and which are comments, and which column holds which field."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from packpress.package.resource import Resource
from packpress.problems import shorten_value
from packpress.similar import nearest_value

Cells = tuple[str, ...]

LONGEST_LIST = 500
# Line ends that every reader knows; with any other one, these are characters like all else.
LINE_ENDS = frozenset({"\n", "\r\n", "\r"})


@dataclass(frozen=True)
class Layout:
    """What the dialect of a table says about the rows of its files.

    Rows are counted from 1, comments and blank lines too. The header of a dialect that names no row is the
    first row that is neither.
    """

    dialect: Mapping[str, Any]
    missing: tuple[str, ...] = ()  # the texts that mean that a cell of the table is missing

    @property
    def escaped_nulls(self) -> tuple[str, ...]:
        """Texts of missing cells in which the escape character stands for itself, as `\\N` of MySQL."""
        escape = str(self.dialect.get("escapeChar") or "")
        declared = dict.fromkeys((*self.missing, str(self.dialect.get("nullSequence") or "")))
        return tuple(text for text in declared if escape and escape in text)

    @property
    def has_header(self) -> bool:
        """Whether files begin with the names of their columns."""
        return bool(self.dialect.get("header", True))

    @cached_property
    def header_rows(self) -> tuple[int, ...]:
        """The rows that the header is made of; empty when it is the first one, or there is none."""
        rows = tuple(self.dialect.get("headerRows") or (1,)) if self.has_header else (1,)
        return () if rows == (1,) else rows

    @cached_property
    def comment_rows(self) -> frozenset[int]:
        """The rows that are left out."""
        return frozenset(self.dialect.get("commentRows") or ()) - set(self.header_rows)

    @property
    def comment(self) -> str:
        """What a row begins with that is left out; empty when none is."""
        return str(self.dialect.get("commentChar") or "")

    @property
    def counted(self) -> int:
        """How many rows at the beginning of a file must be counted to know what they are."""
        return max((*self.header_rows, *self.comment_rows), default=0)

    @property
    def ignores_case(self) -> bool:
        """Whether capitals in names of columns mean nothing, by a key of v1 or of frictionless."""
        return False in (self.dialect.get("caseSensitiveHeader"), self.dialect.get("headerCase"))

    @property
    def is_plain(self) -> bool:
        """Whether a file is nothing but a header, if any, and records on lines of their own."""
        is_of_lines = self.dialect.get("lineTerminator", "\n") in LINE_ENDS
        return is_of_lines and not (self.header_rows or self.comment_rows or self.comment)

    def join_header(self, rows: list[Cells]) -> Cells:
        """The names that several rows make: a cell that is empty goes on with the one before it."""
        width = max(map(len, rows), default=0)
        filled = [
            *(_fill(row, width) for row in rows[:-1]),
            *((*row, *("",) * width)[:width] for row in rows[-1:]),
        ]
        names = []
        for parts in zip(*filled, strict=True):
            # A name that stands in two rows is one that spans them.
            different = [
                part for before, part in zip(("", *parts), parts, strict=False) if part not in ("", before)
            ]
            names.append(str(self.dialect.get("headerJoin", " ")).join(different))
        return tuple(names)


def _fill(row: Cells, width: int) -> list[str]:
    filled: list[str] = []
    for cell in (*row, *("",) * width)[:width]:
        filled.append(cell or (filled[-1] if filled else ""))
    return filled


def looks_like_header(cells: Cells, names: Cells) -> bool:
    """Whether the first row of a later file is the header once more, however badly written.

    One name of a field tells, or most of the names in other letters, in another order or misspelt.
    """
    if not set(cells).isdisjoint(names):
        return True
    folded = {_fold_name(name) for name in names} - {""}
    same = sum(_fold_name(cell) in folded for cell in cells)
    pairs = zip(cells, names, strict=False) if len(names) > 1 else ()
    near = sum(bool(nearest_value(cell, [name])) for cell, name in pairs)
    return 2 * max(same, near) > len(cells)


def _fold_name(name: str) -> str:
    """A name without what people change in it unseen: capitals, blanks, other signs than letters."""
    return "".join(filter(str.isalnum, name.casefold()))


def layout_of(resource: Resource) -> Layout:
    """The layout of the files of a table."""
    return Layout(resource.dialect, resource.missing_values)


def list_names(names: Sequence[str]) -> str:
    """The names as a message has them, not too many of them."""
    shown = (name if name.strip() else "a column without a name" for name in names[:LONGEST_LIST])
    return shorten_value(", ".join(shown), LONGEST_LIST)


@dataclass(frozen=True)
class Match:
    """How the header of a file meets the fields of its table."""

    resource: Resource
    header: Cells

    def _fold(self, names: Cells) -> Cells:
        return tuple(map(str.lower, names)) if layout_of(self.resource).ignores_case else names

    @cached_property
    def places(self) -> tuple[int | None, ...]:
        """The column that holds each field; None for a field that has none."""
        header = {name: place for place, name in reversed(list(enumerate(self._fold(self.header))))}
        return tuple(header.get(name) for name in self._fold(self.resource.field_names))

    @cached_property
    def missing(self) -> list[str]:
        """The fields that no column holds."""
        return [
            name for name, place in zip(self.resource.field_names, self.places, strict=True) if place is None
        ]

    @cached_property
    def extra(self) -> list[str]:
        """The columns that hold no field."""
        known = set(self._fold(self.resource.field_names))
        return [
            name
            for name, folded in zip(self.header, self._fold(self.header), strict=True)
            if folded not in known
        ]

    def describe(self) -> str:
        """What is wrong with the header; empty when nothing is."""
        resource, mode = self.resource, self.resource.fields_match
        if not self.header:
            return "is empty"
        if mode == "exact" and self._fold(self.header) == self._fold(resource.field_names):
            return ""
        needed = set(resource.primary_key) | {field.name for field in resource.fields if field.is_required}
        missing = [name for name in self.missing if mode not in {"superset", "partial"} or name in needed]
        extra = [name for name in self.extra if name] if mode not in {"subset", "partial"} else []
        meant = {name: near for name in extra if (near := nearest_value(name, missing))}
        faults = [f'has "{name}" instead of "{near}"' for name, near in meant.items()]
        lacking = [name for name in missing if name not in meant.values()]
        faults += [f"lacks {list_names(lacking)}"] if lacking else []
        surplus = [name for name in extra if name not in meant]
        faults += [f"has {list_names(surplus)}, which the descriptor does not declare"] if surplus else []
        unnamed = [str(place) for place, name in enumerate(self.header, 1) if not name]
        if unnamed and mode not in {"subset", "partial"} and "" not in resource.field_names:
            faults += [f"has no name for column {list_names(unnamed)}"]
        if not faults and mode == "partial" and len(self.missing) == len(resource.fields):
            faults = ["has none of the declared fields"]
        repeated = [name for name, count in Counter(self._fold(self.header)).items() if count > 1]
        if not faults and repeated:
            faults = [f"repeats {list_names(repeated)}"]
        if not faults and mode == "exact":
            pairs = zip(self._fold(self.header), self._fold(resource.field_names), strict=False)
            found, wanted = next(pair for pair in pairs if pair[0] != pair[1])
            faults = [f"is in another order, with {found} in place of {wanted}"]
        return " and ".join(faults)


@dataclass(frozen=True)
class Form:
    """The two bytes that a regular dialect is made of; there is no quote where nothing is quoted."""

    delimiter: int
    quote: int | None

    def has_quotes(self, data: bytes) -> bool:
        """Whether a quote stands somewhere in the data."""
        return self.quote is not None and data.find(self.quote) >= 0


def form_of(dialect: Mapping[str, Any]) -> Form | None:
    """The form of a dialect; None when it is not one that all readers understand the same."""
    delimiter, quote = dialect.get("delimiter", ","), quote_of(dialect)
    if dialect.get("escapeChar") or not dialect.get("doubleQuote", True) or dialect.get("skipInitialSpace"):
        return None
    for character in (delimiter, quote or '"'):
        if not isinstance(character, str) or len(character) != 1 or not character.isascii():
            return None
    if dialect.get("lineTerminator", "\n") not in LINE_ENDS:
        return None
    if delimiter == quote or {delimiter, quote} & {"\n", "\r", "\0"}:
        return None
    return Form(ord(delimiter), ord(quote) if quote else None)


def quote_of(dialect: Mapping[str, Any]) -> str:
    """What stands around quoted cells; nothing where none is quoted."""
    return str(dialect.get("quoteChar", '"') or "")
