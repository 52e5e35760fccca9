"""Checks of a column of cells against its field: type and constraints."""

import json
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from scripts.lib.accept import make_acceptor
from scripts.lib.arrays import integers_of, make_places, make_texts, true_mask, valid_mask
from scripts.lib.cells import MOST_REMEMBERED, make_reader
from scripts.lib.field import Field
from scripts.lib.nearest import nearest_value
from scripts.lib.resource import Resource


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
        message, allowed = self._read(text)[1], self.field.choices
        if not message or not allowed or message.startswith("required"):
            return message
        written = [value if isinstance(value, str) else json.dumps(value) for value in allowed]
        nearest = nearest_value(text, written)
        choices = f'use "{nearest}"' if nearest else f"use one of {', '.join(written)}"
        return f"not an allowed value; {choices}"
