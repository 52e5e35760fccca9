"""Acceptors of whole columns: which cells are certainly right, found without looking at each by itself.

A cell that is not accepted need not be wrong: the exact reader decides. What is accepted here, it accepts;
tests compare the two.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from packpress.package.resource import Field
from packpress.tables.fast.columns import (
    Column,
    Mask,
    is_known_to_re2,
    make_float,
    make_integer,
    make_texts,
    true_mask,
    valid_mask,
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

# Which cells of a column are not certainly right; None when all are. Missing cells are not among them.
Acceptor = Callable[[Column], Mask | None]
# Which values are right; None when all are. What it says of nulls means nothing.
Test = Callable[[Column], Mask | None]

INTEGER = r"\A-?[0-9]{1,18}\z"
NUMBER = r"\A-?(?:[0-9]{1,30}\.?[0-9]{0,30}|\.[0-9]{1,30})\z"


def make_acceptor(field: Field, never: Sequence[str] = ()) -> Acceptor | None:
    """An acceptor of the field's columns; None when its declaration is not one that whole columns suit.

    Cells that hold one of the texts in `never` are not accepted.
    """
    test = _make_test(field)
    if test is None:
        return None

    def accept(column: Column) -> Mask | None:
        is_right = test(column)
        if never:
            others = _as_mask(pc.invert(pc.is_in(column.array, value_set=make_texts(never))))
            is_right = _both(is_right, others)
        return None if is_right is None else ~is_right & valid_mask(column.array)

    return accept


def _make_test(field: Field) -> Test | None:
    match field.type:
        case "string" if is_plain(field, LENGTHS, {"pattern"}):
            return _strings(field)
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


def _keep_matching(column: Column, expression: str) -> tuple[Mask | None, pa.Array]:
    """Which cells match, and all the others made null."""
    matches = pc.match_substring_regex(column.array, expression)
    return _as_mask(matches), pc.if_else(matches, column.array, make_texts([None])[0])


def _integers(bounds: dict[str, int]) -> Test:
    def test(column: Column) -> Mask | None:
        mask, texts = None, column.array
        if not column.is_within("0", "9", 18):
            mask, texts = _keep_matching(column, INTEGER)
        if bounds:
            values = pc.cast(texts, pa.int64())
            for name, bound in bounds.items():
                mask = _both(mask, _as_mask(getattr(pc, BOUNDS[name].arrow)(values, make_integer(bound))))
        return mask

    return test


def _numbers(bounds: dict[str, Decimal]) -> Test:
    # A number strictly within a bound as a float is so as it is written, for rounding keeps the order.
    floats = {name: float(bound) for name, bound in bounds.items()}

    def test(column: Column) -> Mask | None:
        mask, values = None, column.cast_plain("float64", 30)
        if values is None:
            mask, texts = _keep_matching(column, NUMBER)
            try:
                values = pc.cast(texts, pa.float64())
            except pa.ArrowInvalid:
                return np.zeros(len(column), np.bool_)
        for name, bound in floats.items():
            mask = _both(mask, _as_mask(getattr(pc, BOUNDS[name].within)(values, make_float(bound))))
        return mask

    return test


def _strings(field: Field) -> Test | None:
    lengths, pattern = read_lengths(field), field.constraints.get("pattern")
    if lengths is None:
        return None
    least, most = lengths
    expression = translate_pattern(pattern) if isinstance(pattern, str) else None
    if pattern is not None and (expression is None or not is_known_to_re2(expression)):
        return None

    def test(column: Column) -> Mask | None:
        mask: Mask | None = None
        if expression:
            mask = _as_mask(pc.match_substring_regex(column.array, expression))
        if least > 1 or column.longest > most:
            counts = pc.cast(pc.utf8_length(column.array), pa.int64())
            bounds = make_integer(least), make_integer(most)
            within = pc.and_(pc.greater_equal(counts, bounds[0]), pc.less_equal(counts, bounds[1]))
            mask = _both(mask, _as_mask(within))
        return mask

    return test
