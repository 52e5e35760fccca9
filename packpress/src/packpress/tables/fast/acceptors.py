"""Acceptors for whole columns: they find the cells that are certainly valid, without parsing each one.

A cell that is not accepted may still be valid: the exact reader decides. It accepts every cell that is
accepted here; tests compare the two.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta

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
from packpress.tables.patterns import make_matcher, translate_pattern
from packpress.tables.types import (
    ALWAYS,
    ANY_TEXT,
    BOUNDS,
    LENGTHS,
    custom_keys,
    read_bounds,
    read_integer_bound,
    read_lengths,
    read_number_bound,
    type_of,
)

# The cells of a column that are not certainly valid, without missing cells; None if there are none.
Acceptor = Callable[[Column], Mask | None]
# The values that are valid; None if all are. The result for nulls is meaningless.
Test = Callable[[Column], Mask | None]
# Pairs of a comparison and the limit to compare with.
Limits = list[tuple[Callable[..., pa.Array], pa.Scalar]]

# Integers with this many digits fit in 64 bits; numbers written in this many bytes are finite.
MOST_DIGITS, LONGEST_NUMBER = 18, 30


def make_acceptor(field: Field, never: Sequence[str] = ()) -> Acceptor | None:
    """An acceptor for columns of the field; None if whole columns cannot be checked with its declaration.

    Cells with one of the texts in `never` are not accepted.

    >>> accept = make_acceptor(Field({"name": "built", "type": "year"}))
    >>> accept(Column.of(["1998", "98", None])).tolist(), accept(Column.of(["1998"]))
    ([False, True, False], None)
    """
    tests = _list_tests(field)
    if tests is None:
        return None

    def accept(column: Column) -> Mask | None:
        is_right: Mask | None = None
        for test in tests:
            is_right = _both(is_right, test(column))
        if never:
            others = _as_mask(pc.invert(pc.is_in(column.array, value_set=make_texts(never))))
            is_right = _both(is_right, others)
        return None if is_right is None else ~is_right & valid_mask(column.array)

    return accept


def _list_tests(field: Field) -> list[Test] | None:
    """The tests that a cell of the field must pass; None if one of them needs the exact reader."""
    kind, declared = type_of(field), field.constraints.keys() - ALWAYS
    form = kind.make_certain(field)
    if not form or "categories" in field.declared:
        return None
    makers: dict[str, Callable[[Field], Test | None]] = {"pattern": _make_pattern, "enum": _make_choice}
    tests: list[Test | None] = []
    if kind.text_order == "number":
        tests.append(_make_numbers(field, form))
        declared -= BOUNDS.keys()
    elif form != ANY_TEXT:
        tests.append(_make_form(form))
    if declared & LENGTHS.keys() and field.type == "string":
        tests.append(_make_lengths(field))
        declared -= LENGTHS.keys()
    if declared & BOUNDS.keys():
        tests.append(_make_moments(field) if field.type == "datetime" else _make_ordered(field))
        declared -= BOUNDS.keys()
    tests += [makers[name](field) if name in makers else None for name in sorted(declared)]
    certain = [test for test in tests if test]
    return certain if len(certain) == len(tests) else None


def _as_mask(values: pa.Array) -> Mask | None:
    if pc.all(values, min_count=0).as_py():
        return None
    return true_mask(values)


def _both(first: Mask | None, second: Mask | None) -> Mask | None:
    return second if first is None else first if second is None else first & second


def _make_form(form: str) -> Test:
    expression = rf"\A(?:{form})\z"
    return lambda column: _as_mask(pc.match_substring_regex(column.array, expression))


def _make_numbers(field: Field, form: str) -> Test | None:
    """Tests for numbers of a certain form and within bounds."""
    is_whole, custom = type_of(field).arrow == "int64", custom_keys(field)
    bounds = read_bounds(field, read_integer_bound if is_whole else read_number_bound)
    if bounds is None or (bounds and "bareNumber" in custom):
        return None
    if is_whole and max(map(abs, bounds.values()), default=0) >> 62:
        return None
    # A number strictly within a bound as a float is within it as a decimal too: rounding keeps the order.
    limits = [
        (getattr(pc, BOUNDS[name].arrow), make_integer(bound))
        if is_whole
        else (getattr(pc, BOUNDS[name].within), make_float(float(bound)))
        for name, bound in bounds.items()
    ]
    is_form = _make_form(form)

    def test(column: Column) -> Mask | None:
        values = None
        if not custom and field.type == "number":
            values = column.cast_plain("float64", LONGEST_NUMBER)
        is_plain = values is not None or (
            not custom and field.type == "integer" and column.is_within("0", "9", MOST_DIGITS)
        )
        mask = None if is_plain else is_form(column)
        if limits and values is None:
            values = _cast(column, mask, field, is_whole)
            if values is None:
                return np.zeros(len(column), np.bool_)
        for is_within, limit in limits:
            mask = _both(mask, _as_mask(is_within(values, limit)))
        return mask

    return test


def _cast(column: Column, mask: Mask | None, field: Field, is_whole: bool) -> pa.Array | None:
    """The numbers in the cells of the form, null for others; None if Arrow cannot parse one of them."""
    texts = column.array if mask is None else column.keep(mask).array
    if column.holding(b"+").any():
        texts = pc.utf8_ltrim(texts, "+")
    for sign, plain in ((field.group_char, ""), (field.decimal_char or ".", ".")):
        texts = pc.replace_substring(texts, sign, plain) if sign not in ("", plain) else texts
    try:
        return pc.cast(texts, pa.int64() if is_whole else pa.float64())
    except pa.ArrowInvalid:
        return None


def _make_ordered(field: Field) -> Test | None:
    """Tests for texts within bounds, if they sort in the same order as their values."""
    read = type_of(field).make_reader(field)
    bounds = read_bounds(field, lambda bound: bound if isinstance(bound, str) and read(bound) else None)
    if bounds is None or type_of(field).text_order != "text":
        return None
    return _make_limits(
        [(getattr(pc, BOUNDS[name].arrow), make_texts([bound])[0]) for name, bound in bounds.items()]
    )


def _make_limits(limits: Limits) -> Test:
    def test(column: Column) -> Mask | None:
        mask: Mask | None = None
        for is_within, limit in limits:
            mask = _both(mask, _as_mask(is_within(column.array, limit)))
        return mask

    return test


# Time zones differ from UTC by up to fourteen hours, so dates this far apart are in order in any zone.
SAFE_DAYS = timedelta(days=2)


def _make_moments(field: Field) -> Test | None:
    """Tests for date-times that are within bounds by their date alone, in any time zone."""
    read = type_of(field).make_reader(field)
    bounds = read_bounds(field, lambda bound: read(bound) if isinstance(bound, str) else None)
    if not bounds or len({bound.tzinfo is None for bound in bounds.values()}) > 1:
        return None
    limits, has_zone = Limits(), next(iter(bounds.values())).tzinfo is not None
    try:
        for name, bound in bounds.items():
            is_least = BOUNDS[name].sign.startswith(">")
            day = bound.date() + (SAFE_DAYS if is_least else -SAFE_DAYS)
            is_within = pc.greater_equal if is_least else pc.less
            limits.append((is_within, make_texts([day.isoformat()])[0]))
    except OverflowError:
        return None
    are_within, zone = _make_limits(limits), r"(?:Z|[+-][0-9]{2}:[0-9]{2})\z"
    # Two date-times can be compared only if both have a time zone, or neither.
    expression = zone if has_zone else r"T[0-9:.]+\z"
    has_same = _make_form(f"(?s:.*){expression}")
    return lambda column: _both(are_within(column), has_same(column))


def _make_lengths(field: Field) -> Test | None:
    lengths = read_lengths(field)
    if lengths is None:
        return None
    least, most = lengths

    def test(column: Column) -> Mask | None:
        if least <= 1 and column.longest <= most:
            return None
        counts = pc.cast(pc.utf8_length(column.array), pa.int64())
        bounds = make_integer(least), make_integer(most)
        return _as_mask(pc.and_(pc.greater_equal(counts, bounds[0]), pc.less_equal(counts, bounds[1])))

    return test


def _make_pattern(field: Field) -> Test | None:
    pattern = field.constraints["pattern"]
    if not isinstance(pattern, str):
        return None
    expression = translate_pattern(pattern)
    if expression is not None and is_known_to_re2(expression):
        return lambda column: _as_mask(pc.match_substring_regex(column.array, expression))
    matches = make_matcher(pattern)
    return lambda column: column.testing(matches)


def _make_choice(field: Field) -> Test | None:
    """Tests for listed texts; a value of another type may be written in several ways."""
    allowed = field.constraints["enum"]
    is_of_texts = isinstance(allowed, list) and allowed and all(isinstance(text, str) for text in allowed)
    if not is_of_texts or field.type != "string":
        return None
    values = make_texts(allowed)
    return lambda column: _as_mask(pc.is_in(column.array, value_set=values))
