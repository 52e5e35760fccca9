"""Order: whether the rows of a table stand in that of its primary key, found out as they are read."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from packpress.package.resource import Resource
from packpress.tables.fast.arrays import make_texts, true_mask
from packpress.tables.fast.keyvalues import is_canonical_integer


class OrderCheck:
    """Takes the columns of a table in, some rows at a time; `holds` while all rows certainly stand in order.

    Without a key every order is right.
    """

    def __init__(self, resource: Resource) -> None:
        self._positions = [resource.field_names.index(name) for name in resource.primary_key]
        kinds = [resource.fields[position].type for position in self._positions]
        self._are_numbers = [kind == "integer" for kind in kinds]
        # Numbers that may be written in several ways are put in order by their values.
        self.holds = not {"number", "year"} & set(kinds)
        self._last: list[pa.Array] = []

    def add(self, columns: list[pa.Array]) -> None:
        """Takes the next rows in."""
        if not self._positions or not self.holds:
            return
        keys = [columns[position] for position in self._positions]
        for key, is_number in zip(keys, self._are_numbers, strict=True):
            if is_number and (key.null_count or not is_canonical_integer(key)):
                self.holds = False
                return
        keys = [pc.fill_null(key, make_texts([""])[0]) for key in keys]
        joined = (
            [pa.concat_arrays(pair) for pair in zip(self._last, keys, strict=True)] if self._last else keys
        )
        self.holds = _rises(joined, self._are_numbers)
        self._last = [key.slice(len(key) - 1) for key in keys]


def _rises(keys: list[pa.Array], are_numbers: list[bool]) -> bool:
    """Whether no row's key is smaller than the one before."""
    count = len(keys[0]) - 1
    is_open = np.ones(count, np.bool_)  # rows that all fields so far leave equal
    for key, is_number in zip(keys, are_numbers, strict=True):
        values = pc.cast(key, pa.int64()) if is_number else key
        before, behind = values.slice(0, count), values.slice(1)
        if (is_open & true_mask(pc.greater(before, behind))).any():
            return False
        is_open &= true_mask(pc.equal(before, behind))
    return True
