"""Checks of a column of cells against its field: type and constraints."""

import json
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from packpress.checks.spreadsheets import ERRORS
from packpress.checks.characters import use_of
from packpress.checks.lint import OF_CELLS
from packpress.checks.meanings import list_meanings
from packpress.checks.misleading import find_line_breaks, find_misleading, find_shortened, find_two_spaces
from packpress.package.field import Field
from packpress.package.resource import Resource
from packpress.similar import Nearest
from packpress.tables.cells import MOST_REMEMBERED, make_reader
from packpress.tables.constraints import NOT_ALLOWED
from packpress.tables.dialect import list_names
from packpress.tables.fast.accept import make_acceptor
from packpress.tables.fast.arrays import integers_of, make_places, make_texts, true_mask, valid_mask
from packpress.tables.types import custom_keys, type_of

# A column with more wrong texts than this has one cause, which the first ones have told.
MOST_EXPLAINED = 1000
# What is said of a text that has not the right form, whatever it may mean.
FORM_FAULTS = ("not of ", "does not match the pattern", NOT_ALLOWED)


class ColumnCheck:
    """Finds the cells of a field that have not the declared type or break a declared constraint.

    Whole columns are accepted where that is certain; for the rest each distinct text is read once.
    """

    def __init__(self, field: Field, resource: Resource) -> None:
        self.field = field
        self._read = make_reader(field, resource)
        self._accept = make_acceptor(field)
        # Texts that count as missing may look like values, and yet must not stand in a required field.
        texts = [text for text in resource.missing_values_of(field) if text] if field.is_required else []
        self._missing = make_texts(texts) if texts else None
        self._use = use_of(field, resource)
        self._is_strict_in_form = type_of(field).is_ascii and not custom_keys(field) and self._use.is_own
        allowed = field.enum or field.categories
        self._allowed = [value if isinstance(value, str) else json.dumps(value) for value in allowed]
        self._nearest = Nearest(lambda: self._allowed)
        self._explained = 0
        self._describe = lru_cache(MOST_REMEMBERED)(self._describe_fault)

    def find_faults(self, column: pa.Array) -> Iterator[tuple[int, str]]:
        """Place and message of each cell that is wrong."""
        if column.null_count:
            message = self._describe("")
            if message:
                for place in np.flatnonzero(~valid_mask(column)).tolist():
                    yield place, message
        places = None
        if self._accept:
            mask = self._accept(column)
            if self._missing is not None:
                is_missing = true_mask(pc.is_in(column, value_set=self._missing))
                mask = ~is_missing if mask is None else mask & ~is_missing
            if mask is None:
                return
            places = np.flatnonzero(~mask & valid_mask(column))
            column = column.take(make_places(places))
        yield from self._read_distinct(column, places)

    def count_checks(self, is_strict: bool) -> int:
        """How many checks a cell is held to: its type, each constraint, each kind of lint."""
        lint = sum(
            finding.is_sought(is_strict) and any(getattr(self._use, name) for name in finding.reach)
            for finding in OF_CELLS.values()
        )
        # That a value is unique is a check of the table.
        return 1 + len(self.field.constraints.keys() - {"unique"}) + lint

    def find_misleading(self, column: pa.Array, is_strict: bool) -> Iterator[tuple[int, str]]:
        """Place and code of each cell that misleads; what is copied as printed may, on one line."""
        if self._is_strict_in_form:
            # Whatever misleads is of another type, and has been reported as that.
            if self._use.is_number:
                yield from find_shortened(column)
            return
        if self._use.is_own:
            yield from find_misleading(column, self._use)
            if is_strict:
                yield from ((place, "cell/two-spaces") for place in find_two_spaces(column))
        yield from ((place, "cell/line-break") for place in find_line_breaks(column))

    def _read_distinct(
        self, column: pa.Array, places: npt.NDArray[np.int64] | None
    ) -> Iterator[tuple[int, str]]:
        encoded = column.dictionary_encode()
        messages = [self._describe(text) for text in encoded.dictionary.to_pylist()]
        if not any(messages):
            return
        codes = integers_of(encoded.indices)  # null is the last, which is never wrong
        is_wrong = np.array([*map(bool, messages), False])
        for place in np.flatnonzero(is_wrong[codes]).tolist():
            yield place if places is None else int(places[place]), messages[codes[place]]

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
            return f"{fault}, {reason}; write {choices}{', whichever is meant' if len(meant) > 1 else ''}"
        if self._allowed:
            nearest = self._nearest.find(text)
            mend = f'use "{nearest}"' if nearest else f"use one of {list_names(self._allowed)}"
        return f"{fault}; {mend}"

    def _find_meant(self, text: str) -> tuple[list[str], str]:
        """What a text was probably meant to be, which is right, and what happened to it."""
        self._explained += 1
        for texts, reason in list_meanings(text, self.field) if self._explained <= MOST_EXPLAINED else ():
            right = [one for one in dict.fromkeys(texts) if one and not self._read(one)[1]]
            if right:
                return right, reason
        return [], ""
