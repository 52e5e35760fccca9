"""Acceptors of whole columns: which cells are certainly right, found without looking at each by itself.

A cell that is not accepted need not be wrong: the exact reader decides. What is accepted here, it accepts;
tests compare the two.
"""

from collections.abc import Callable
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from packpress.package.resource import Field
from packpress.tables.fast.columns import (
    Mask,
    bytes_within,
    is_known_to_re2,
    longest_cell,
    make_float,
    make_integer,
    make_texts,
    true_mask,
)
from packpress.tables.patterns import translate_pattern
from packpress.tables.types import (
    BOUNDS,
    LENGTHS,
    is_plain,
    read_bounds,
    read_integer_bound,
    read_lengths,
    read_number_bound,
)

# Which cells of a column are right; None when all are. What it says of missing cells means nothing.
Acceptor = Callable[[pa.Array], Mask | None]

INTEGER = r"\A-?[0-9]{1,18}\z"
NUMBER = r"\A-?(?:[0-9]{1,30}\.?[0-9]{0,30}|\.[0-9]{1,30})\z"
IN_NUMBERS = np.zeros(256, np.bool_)
IN_NUMBERS[list(b"0123456789.-")] = True


def make_acceptor(field: Field) -> Acceptor | None:
    """An acceptor of the field's columns; None when its declaration is not one that whole columns suit."""
    match field.type:
        case "string" if is_plain(field, LENGTHS, {"pattern"}):
            return _make_string_acceptor(field)
        case "integer" if is_plain(field, BOUNDS):
            bounds = read_bounds(field, read_integer_bound)
            return (
                None
                if bounds is None or max(map(abs, bounds.values()), default=0) >> 62
                else _integers(bounds)
            )
        case "number" if is_plain(field, BOUNDS):
            bounds = read_bounds(field, read_number_bound)
            return None if bounds is None else _numbers(bounds)
    return None


def _as_mask(values: pa.Array) -> Mask | None:
    if pc.all(values, min_count=0).as_py():
        return None
    return true_mask(values)


def _both(first: Mask | None, second: Mask | None) -> Mask | None:
    return second if first is None else first if second is None else first & second


def _integers(bounds: dict[str, int]) -> Acceptor:
    def accept(column: pa.Array) -> Mask | None:
        data, mask = bytes_within(column), None
        if not len(data):
            return None
        if data.min() < 48 or data.max() > 57 or longest_cell(column) > 18:
            matches = pc.match_substring_regex(column, INTEGER)
            mask, column = _as_mask(matches), pc.if_else(matches, column, make_texts([None])[0])
        if bounds:
            values = pc.cast(column, pa.int64())
            for name, bound in bounds.items():
                mask = _both(mask, _as_mask(getattr(pc, BOUNDS[name].arrow)(values, make_integer(bound))))
        return mask

    return accept


def _numbers(bounds: dict[str, Decimal]) -> Acceptor:
    # A number strictly within a bound as a float is so as it is written, for rounding keeps the order.
    floats = {name: float(bound) for name, bound in bounds.items()}

    def accept(column: pa.Array) -> Mask | None:
        data, mask = bytes_within(column), None
        if not len(data):
            return None
        values = _cast_floats(column) if longest_cell(column) <= 30 and IN_NUMBERS[data].all() else None
        if values is None:
            matches = pc.match_substring_regex(column, NUMBER)
            mask, values = _as_mask(matches), _cast_floats(pc.if_else(matches, column, make_texts([None])[0]))
        if values is None:
            return np.zeros(len(column), np.bool_)
        for name, bound in floats.items():
            mask = _both(mask, _as_mask(getattr(pc, BOUNDS[name].within)(values, make_float(bound))))
        return mask

    return accept


def _cast_floats(column: pa.Array) -> pa.Array | None:
    try:
        return pc.cast(column, pa.float64())
    except pa.ArrowInvalid:
        return None


def _make_string_acceptor(field: Field) -> Acceptor | None:
    lengths, pattern = read_lengths(field), field.constraints.get("pattern")
    if lengths is None:
        return None
    least, most = lengths
    expression = translate_pattern(pattern) if isinstance(pattern, str) else None
    if pattern is not None and (expression is None or not is_known_to_re2(expression)):
        return None

    def accept(column: pa.Array) -> Mask | None:
        mask: Mask | None = None
        if expression:
            mask = _as_mask(pc.match_substring_regex(column, expression))
        if least > 1 or longest_cell(column) > most:
            counts = pc.cast(pc.utf8_length(column), pa.int64())
            bounds = make_integer(least), make_integer(most)
            within = pc.and_(pc.greater_equal(counts, bounds[0]), pc.less_equal(counts, bounds[1]))
            mask = _both(mask, _as_mask(within))
        return mask

    return accept
