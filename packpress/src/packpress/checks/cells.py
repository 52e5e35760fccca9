"""Checks of cells: types, constraints, and suggestions for what was probably meant."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import islice

from packpress.checks.capacity import REFUSED, FineMomentCheck, FitCheck
from packpress.checks.files import name_delimiter
from packpress.checks.hygiene import (
    ERRORS,
    EXPONENT,
    FINDINGS,
    INVISIBLE,
    OF_CELLS,
    OF_FILES,
    ZeroCheck,
    describe_characters,
    find_line_breaks,
    find_misleading,
    find_shortened,
    find_two_spaces,
    use_of,
)
from packpress.checks.keys import make_unique_checks
from packpress.package.resource import Field, Resource
from packpress.problems import Findings, Problem, shorten_value
from packpress.similar import Nearest
from packpress.tables.constraints import MOST_REMEMBERED, NOT_ALLOWED, make_reader
from packpress.tables.dialect import list_names
from packpress.tables.fast.acceptors import make_acceptor
from packpress.tables.fast.batches import Block
from packpress.tables.fast.columns import Column, Verdicts
from packpress.tables.fast.keys import KeyReader, KeySet, OrderCheck
from packpress.tables.moments import name_order
from packpress.tables.types import DATE, custom_keys, type_of

# The day from which spreadsheet programs count.
EPOCH = date(1899, 12, 30)
SERIAL = re.compile(r"[1-9][0-9]{4}")
LOCAL_DATE = re.compile(r"([0-9]{1,4})([-/. ]{1,2})([0-9]{1,2}|[A-Za-z]{3})\2([0-9]{1,4})(?:[T ][0:.]+)?")
THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
PLAIN = str.maketrans("‘’‚‛“”„‟‐‑‒–—―−", "''''\"\"\"\"-------")
WORDS = dict.fromkeys(("yes", "y", "on", "t"), "true") | dict.fromkeys(("no", "n", "off", "f"), "false")
MOST_ZEROS = 12
# Longer texts are not typing errors.
LONGEST = 200


def list_suggestions(text: str, field: Field) -> Iterator[tuple[tuple[str, ...], str]]:
    """Corrections of a text, with what happened to it, most likely first; they may be invalid too.

    >>> next(list_suggestions(" 310.5", Field({"name": "catch_kg", "type": "number"})))
    (('310.5',), 'with white space around it')
    """
    if len(text) > LONGEST:
        return
    stripped = text.strip()
    yield (stripped,), "with white space around it"
    cleaned = unicodedata.normalize("NFC", INVISIBLE.sub("", " ".join(stripped.split())))
    yield (cleaned,), "with odd spaces or letters in it"
    if field.format != "uri":  # where they are escaped, and another character makes another address
        yield (cleaned.translate(PLAIN),), "with curly quotes or dashes in it"
    match type_of(field).in_spreadsheet:
        case "day" if field.format == "default":
            yield from _list_dates(cleaned)
        case "whole" | "number":
            yield from _list_signed(cleaned)
            yield from _list_numbers(cleaned, field)
        case "truth":
            yield (WORDS.get(cleaned.lower(), ""),), "another word for it"
            yield (cleaned.lower(),), "in different case"
        case "" if field.type in {"datetime", "time"} and field.format == "default":
            yield from _list_moments(cleaned, field.type)
        case "":
            if cleaned.isdecimal():
                for count in range(1, MOST_ZEROS):
                    yield ("0" * count + cleaned,), "without its leading zeros, which spreadsheets remove"
            yield (cleaned.lower(), cleaned.upper()), "in different case"


def _list_dates(text: str) -> Iterator[tuple[tuple[str, ...], str]]:
    if SERIAL.fullmatch(text):
        yield ((EPOCH + timedelta(int(text))).isoformat(),), "a spreadsheet's serial number for a day"
    match = LOCAL_DATE.fullmatch(text)
    if not match:
        return
    first, sign, second, third = match.groups()
    if second.lower() in MONTHS:
        second = str(MONTHS.index(second.lower()) + 1)
    if not second.isdecimal():
        return
    orders = [(third, second, first), (third, first, second)]
    if len(first) == 4:
        orders = [(first, second, third)]
    elif "." in sign or not match.group(3).isdecimal():
        orders = orders[:1]
    yield tuple(_write_date(*order) for order in orders), "in another form"


MOMENT = re.compile(
    r"(?:([0-9]{4}-[0-9]{2}-[0-9]{2}|\S{1,4}[-/.]\S{1,3}[-/.]\S{1,4})(?:([Tt]| ?[_, ] ?)|$))?"
    r"(?:([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})([.,][0-9]+)?)?)?"
    r" ?([Zz]|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)


def _list_moments(text: str, kind: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Date-times that almost have the standard's form, and what differs."""
    match = MOMENT.fullmatch(text)
    if not match or (kind == "datetime") != bool(match[1]):
        return
    day, sign, hour, minute, second, part, zone = match.groups()
    days = [day]
    if day and not DATE.fullmatch(day):
        days = [one for texts, _ in _list_dates(day) for one in texts]
    clock = f"{(hour or '').zfill(2)}:{minute or '00'}:{second or '00'}{(part or '').replace(',', '.')}"
    differences = {
        "without a time of day, so look it up": not hour,
        "with its date in another form": days != [day],
        "with a space instead of the T"
        if sign and sign.isspace()
        else "with another character instead of the T": (bool(sign) and sign != "T"),
        "with a one-digit hour": len(hour or "00") == 1,
        "without seconds": bool(hour) and not second,
        "with a comma instead of a decimal point": (part or "").startswith(","),
        "with its time zone in another form": bool(zone) and not ZONE_FORM.fullmatch(zone),
        "with a space before its time zone": bool(zone) and " " in text[len(text) - len(zone) - 1 :],
    }
    reason = ", ".join(what for what, is_so in differences.items() if is_so)
    yield (
        tuple(f"{day}T{clock}{_write_zone(zone)}" if day else clock + _write_zone(zone) for day in days),
        reason,
    )


ZONE_FORM = re.compile(r"Z|[+-][0-9]{2}:[0-9]{2}")


def _write_zone(zone: str | None) -> str:
    """A time zone as the standard writes it."""
    if not zone or zone[0] not in "+-":
        return "Z" if zone else ""
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return f"{zone[0]}{digits[:2]}:{digits[2:]}"


def _write_date(year: str, month: str, day: str) -> str:
    full = int(year) + (2000 if int(year) < 70 else 1900) * (len(year) == 2)
    return f"{full:04d}-{int(month):02d}-{int(day):02d}"


# A minus behind, as SAP writes it; brackets, as accountants do.
SIGN_BEHIND, IN_BRACKETS = re.compile(r"([0-9.,' ]*[0-9]) ?-"), re.compile(r"\(([0-9.,' ]*[0-9])\)")


def _list_signed(text: str) -> Iterator[tuple[tuple[str, ...], str]]:
    if match := SIGN_BEHIND.fullmatch(text):
        yield (f"-{match[1]}",), "with its sign behind it"
    if match := IN_BRACKETS.fullmatch(text):
        yield (f"-{match[1]}",), "in brackets instead of with a minus"


INFINITE = re.compile(r"\+?(-?)inf(?:inity)?", re.IGNORECASE)


def _list_numbers(text: str, field: Field) -> Iterator[tuple[tuple[str, ...], str]]:
    if field.declared & {"decimalChar", "groupChar", "bareNumber"}:
        return
    if infinite := INFINITE.fullmatch(text):
        yield (f"{infinite[1]}INF",), "another word for it"
    if EXPONENT.fullmatch(text):
        yield (f"{Decimal(text):f}",), "abbreviated by a spreadsheet, so look up its last digits"
    yield (text.removesuffix(".0"),), "with a decimal point"
    if THOUSANDS.fullmatch(text):
        # A single comma may be a thousands separator or a decimal comma.
        other = (text.replace(",", "."),) if text.count(",") == 1 and "." not in text else ()
        yield (text.replace(",", ""), *other), "with commas in it"
    if "," in text:
        yield (text.replace(".", "").replace(",", "."),), "with a comma instead of a decimal point"
    for sign in " '_":
        yield (
            (text.replace(sign, ""), text.replace(sign, "").replace(",", ".")),
            "with separators between digits",
        )


# A column with more invalid texts than this has a single cause, which the first ones have shown.
MOST_EXPLAINED = 1000
# Comparing many values is slow, and no more findings of a field and a file are printed.
MOST_SOUGHT = 20
# The messages for a text of the wrong form, whatever it may mean.
FORM_FAULTS = ("not of ", "does not match the pattern", NOT_ALLOWED)


ODD = re.compile(r"  |[\r\n]")
# Properties that declare characters and words, which are not misleading where they are declared.
DECLARED = frozenset({"decimalChar", "groupChar", "trueValues", "falseValues"})


class ColumnCheck:
    """Finds the cells of a field that have the wrong type or violate a constraint.

    Whole columns are accepted at once if possible; otherwise each distinct text is checked once.
    """

    def __init__(self, field: Field, resource: Resource) -> None:
        self.field = field
        self._read = make_reader(field, resource)
        # Texts of missing values may look like values, but must not be in a required field.
        missing = [text for text in resource.missing_values_of(field) if text]
        self._accept = make_acceptor(field, never=missing if field.is_required else ())
        self._use = use_of(field, resource)
        # Declared missing values that would mislead if they were not declared.
        self._odd = [text for text in missing if ODD.search(text) or describe_characters(text, self._use)]
        self._is_strict_in_form = (
            type_of(field).is_ascii and not custom_keys(field) - DECLARED and self._use.is_own
        )
        allowed = field.enum or field.categories
        self._allowed = [value if isinstance(value, str) else json.dumps(value) for value in allowed]
        self._nearest = Nearest(lambda: self._allowed)
        self._explained = self._sought = 0
        self.describe = lru_cache(MOST_REMEMBERED)(self._describe_fault)

    def begin_file(self) -> None:
        """Resets the number of suggestions that may still be computed."""
        self._sought = 0

    def find_faults(self, column: Column) -> Iterator[Verdicts[str]]:
        """The invalid cells with their texts; `describe` gives the message for a text."""
        if column.has_missing and self._read("")[1]:
            yield column.mark("", column.missing_mask())
        doubtful = self._accept(column) if self._accept else None
        if doubtful is not None or not self._accept:
            yield column.judge(lambda text: text if self._read(text)[1] else "", doubtful)

    def count_checks(self, is_strict: bool) -> int:
        """The number of checks for each cell: its type, each constraint, and each kind of lint."""
        lint = sum(
            finding.is_sought(is_strict) and any(getattr(self._use, name) for name in finding.reach)
            for finding in OF_CELLS.values()
        )
        # Uniqueness is a check of the table.
        return 1 + len(self.field.constraints.keys() - {"unique"}) + lint

    def find_misleading(self, column: Column, is_strict: bool) -> Iterator[Verdicts[str]]:
        """The misleading cells, with a code for each.

        Cells copied as printed may have anything but line breaks; declared missing values are not searched.
        """
        column = column.without(self._odd)
        if self._is_strict_in_form:
            # A misleading cell of a number column has the wrong type, and was reported already.
            if self._use.is_number:
                yield find_shortened(column)
            return
        if self._use.is_own:
            yield find_misleading(column, self._use)
            if is_strict:
                yield find_two_spaces(column)
        yield find_line_breaks(column)

    def _describe_fault(self, text: str) -> str:
        message = self._read(text)[1]
        if not message or message.startswith("required"):
            return message
        fault, mend = message.rsplit("; ", 1) if "; " in message else (message, "")
        fault = NOT_ALLOWED if self._allowed else fault
        if ERRORS.fullmatch(text):
            return f"{fault}, but {OF_CELLS['cell/spreadsheet-error'].message}"
        meant, reason = self._find_meant(text) if fault.startswith(FORM_FAULTS) else ([], "")
        if meant:
            choices = " or ".join(f'"{one}"' for one in meant)
            return f"{fault}, {reason}; write {choices}{', whichever is intended' if len(meant) > 1 else ''}"
        if self._allowed:
            self._sought += 1
            nearest = self._nearest.find(text) if self._sought <= MOST_SOUGHT else ""
            mend = f'use "{nearest}"' if nearest else f"use one of {list_names(self._allowed)}"
        return f"{fault}; {mend}"

    def _find_meant(self, text: str) -> tuple[list[str], str]:
        """What a text probably means, if that is valid, and what happened to it."""
        self._explained += 1
        for texts, reason in list_suggestions(text, self.field) if self._explained <= MOST_EXPLAINED else ():
            right = [one for one in dict.fromkeys(texts) if one and not self._read(one)[1]]
            if right:
                return right, reason
        return [], ""


MOMENTS = frozenset({"date", "datetime"})


class DateOrderCheck:
    """Finds the first date of a column whose day and month are in another order than before."""

    def __init__(self, field: Field, resource: Resource) -> None:
        self.name = field.name
        self._read = make_reader(field, resource)
        self._first: dict[bool, tuple[str, str]] = {}  # order and text, by whether the year comes first

    def find_other(self, column: Column) -> Iterator[tuple[int, str]]:
        """The position and message of that cell; at most one per column."""
        yield from islice(column.judge(self._describe), 1)

    def _describe(self, text: str) -> str:
        value = self._read(text)[0]
        order = "" if value is None else name_order(text, value)
        if not order:
            return ""
        known, other = self._first.setdefault(order.startswith("year"), (order, text))
        if known in {order, ""}:
            return ""
        self._first[order.startswith("year")] = ("", "")  # reported once
        return (
            f'read as {order}, but "{shorten_value(other)}" as {known}; write all dates in one order, '
            "or declare it as the format, such as %d/%m/%Y"
        )


def _count_cells(count: int) -> str:
    return f"{count} cell{'' if count == 1 else 's'}"


class TableCheck:
    """Checks the blocks of a table, and collects the keys and the sort order that other checks need."""

    def __init__(
        self,
        resource: Resource,
        is_strict: bool,
        wanted: Iterable[tuple[str, ...]] = (),
        targets: Iterable[tuple[str, ...]] = (),
    ) -> None:
        self.resource = resource
        self.count = 0
        self.order = OrderCheck(resource)
        self.keys = {names: KeySet(KeyReader(resource, names)) for names in wanted}
        self._is_strict = is_strict
        self._path = ""
        self._delimiter = str(resource.dialect.get("delimiter", ","))
        self._columns = [ColumnCheck(field, resource) for field in resource.fields]
        self._zeros = {
            field.name: ZeroCheck(resource, place, is_strict)
            for place, field in enumerate(resource.fields)
            if use_of(field, resource).is_free
        }
        self._fits = [FitCheck(field, resource) for field in resource.fields]
        self._fine = {
            place: FineMomentCheck(resource, place)
            for place, field in enumerate(resource.fields)
            if field.type == "datetime"
        }
        self._orders = {
            place: DateOrderCheck(field, resource)
            for place, field in enumerate(resource.fields)
            if field.type in MOMENTS and field.format == "any"
        }
        self._unique = make_unique_checks(resource, targets)

    def count_checks(self) -> int:
        """The number of checks of the table: of its files, each field, and its keys."""
        of_fields = sum(check.count_checks(self._is_strict) for check in self._columns)
        of_keys = len(self._unique) + len(self.resource.declared_keys)
        # The number of cells per record, the header, and the number of rows.
        of_rows = 2 + ("minimumRows" in self.resource.declared)
        return (
            of_rows + of_keys + of_fields + sum(one.is_sought(self._is_strict) for one in OF_FILES.values())
        )

    def add(self, block: Block) -> Iterator[Problem | Findings]:
        """The problems within the rows of the next block."""
        self.count += len(block)
        self.order.add(block.columns)
        yield from self._check_cells(block)
        yield from self._check_fit(block)
        for check in self._unique:
            yield from check.add(block)
        for values in self.keys.values():
            values.add(block)

    def finish(self, read_blocks: Callable[[], Iterable[Block]]) -> Iterator[Problem | Findings]:
        """The problems between rows; the blocks are read again if there may be any."""
        resource = self.resource
        if self.count < resource.minimum_rows:
            message = f"has {self.count} rows, fewer than minimumRows {resource.minimum_rows}; restore them"
            yield Problem(resource.parts[0], 0, message, code="schema/row-count")
        for check in self._unique:
            yield from check.find_repeated(read_blocks)
        for zeros in self._zeros.values():
            yield from zeros.find_short(read_blocks)
        for fine in self._fine.values():
            yield from fine.find_cut(read_blocks)

    def _check_cells(self, block: Block) -> Iterator[Problem | Findings]:
        """Checks the type and constraints of every cell, and looks for misleading ones."""
        yield from self._check_records(block)
        if block.path != self._path:
            self._path = block.path
            for check in self._columns:
                check.begin_file()
        for check, column in zip(self._columns, block.columns, strict=True):
            if zeros := self._zeros.get(check.field.name):
                zeros.add(column)
            unreported = block.regular_mask()  # each cell is reported only once
            for faults in check.find_faults(column):
                name, faults = check.field.name, faults.take_from(unreported)
                yield block.findings(faults, self.resource, name, check.describe, "schema/cell")
            for found in check.find_misleading(column, self._is_strict):
                for code, part in found.take_from(unreported).part():
                    finding = FINDINGS[code]
                    is_notice, say = finding.is_notice(self._is_strict), {code: finding.message}.__getitem__
                    yield block.findings(part, self.resource, check.field.name, say, code, is_notice)

    def _check_records(self, block: Block) -> Iterator[Problem]:
        """Checks that every record has as many cells as the header, and valid quotes."""
        found = block.odd
        if len(found) == len(block) > 1 and len(set(found.values())) == 1 and not block.is_part:
            # A single cause: a wrong delimiter, a missing column, or delimiters with nothing behind them.
            others = f"the {len(block) - 1} rows after it" if len(block) > 2 else "the row after it"
            message = (
                f"has {_count_cells(found[0])}, as {others}, where the header has {block.width}; correct the "
                "delimiter of the dialect, quote the cells, or name every column in the header and the fields"
            )
            if block.has_idle_ends:
                message = (
                    f"ends with superfluous delimiters, as {others}; remove them from the ends of the lines"
                )
            yield block.problem(0, self.resource, "", message, "schema/cell-count")
            return
        for place, count in found.items():
            found_cells = f"has {_count_cells(count)} where the header has {block.width}"
            message = f"{found_cells}; quote {name_delimiter(self._delimiter)}, fill or remove cells"
            yield block.problem(place, self.resource, "", message, "schema/cell-count")
        for place, cell in block.stray.items():
            code = "file/stray-quote"
            message = f"{FINDINGS[code].fault}, {shorten_value(cell)}; {FINDINGS[code].mend}"
            yield block.problem(place, self.resource, "", message, code)

    def _check_fit(self, block: Block) -> Iterator[Problem | Findings]:
        """A notice for each valid value that is ambiguous, or that a build refuses or changes."""
        for at, orders in self._orders.items():
            for place, message in orders.find_other(block.columns[at]):
                yield block.problem(place, self.resource, orders.name, message, "cell/date-order", True)
        for check, column in zip(self._fits, block.columns, strict=True):
            refused = check.find_refused(column)
            yield block.findings(refused, self.resource, check.field.name, str, REFUSED, True)
        for at, fine in self._fine.items():
            fine.add(block.columns[at])
