"""Cells that mislead, column by column: only what cannot be passed at a glance is looked at one by one."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from packpress.checks.characters import Use, describe_characters
from packpress.checks.spreadsheets import DAMAGED, LONGEST_DAMAGE, is_shortened
from packpress.tables.fast.arrays import Mask, bytes_of, integers_of, make_places, offsets_of, true_mask

SPACE, DELETE, NUMBER_SIGN, AT_SIGN, CAPITAL_E = 32, 127, ord("#"), ord("@"), ord("E")
# Not so printable ASCII, but for the sign that the errors of a spreadsheet begin with.
IS_UNUSUAL = np.ones(256, np.bool_)
IS_UNUSUAL[SPACE:DELETE] = False
IS_UNUSUAL[NUMBER_SIGN] = True
BEGINS_FORMULA = np.zeros(256, np.bool_)
BEGINS_FORMULA[list(b"=+-@")] = True

# Beyond ASCII, letters of European languages, dashes and curly quotes mislead nobody, unless a letter that
# begins a sequence of misread UTF-8 has behind it what continues such a sequence.
BEGINS = r"\x{C2}-\x{F0}"
CONTINUES = (
    r"\x{A1}-\x{AC}\x{AE}-\x{BF}\x{152}\x{153}\x{160}\x{161}\x{178}\x{17D}\x{17E}\x{192}\x{2013}\x{2014}"
    r"\x{2018}-\x{201A}\x{201C}-\x{201E}\x{2020}-\x{2022}\x{2026}\x{2030}\x{2039}\x{203A}\x{20AC}"
)
OTHERS = (
    r"\x{20}-\x{22}\x{24}-\x{7E}\x{C0}\x{C1}\x{F1}-\x{151}\x{154}-\x{15F}\x{162}-\x{177}\x{179}-\x{17C}"
    r"\x{17F}-\x{191}\x{193}-\x{24F}\x{2010}-\x{2012}\x{2015}-\x{2017}\x{201B}\x{201F}\x{2023}-\x{2025}"
    r"\x{2027}\x{2031}-\x{2038}\x{203B}-\x{205E}"
)
HARMLESS = rf"\A(?:[{OTHERS}{CONTINUES}]|[{BEGINS}]+[{OTHERS}])*[{BEGINS}]*\z"


def find_misleading(column: pa.Array, use: Use) -> Iterator[tuple[int, str]]:
    """Place and code of each cell of a column that misleads."""
    places = _find_unusual(column, use)
    if not len(places):
        return
    encoded = column.take(make_places(places)).dictionary_encode()
    codes = [describe_characters(text, use) for text in encoded.dictionary.to_pylist()]
    if any(codes):
        for place, code in zip(places.tolist(), integers_of(encoded.indices).tolist(), strict=True):
            if codes[code]:
                yield place, codes[code]


def find_shortened(column: pa.Array) -> Iterator[tuple[int, str]]:
    """Place and code of each number of a column that a spreadsheet shortened."""
    offsets = offsets_of(column)
    is_capital = bytes_of(column)[offsets[0] : offsets[-1]] == CAPITAL_E
    if is_capital.any():
        for place in _find_holders(offsets, is_capital).tolist():
            if is_shortened(column[place].as_py()):
                yield place, "cell/exponent"


def find_line_breaks(column: pa.Array) -> list[int]:
    """Places of the cells of a column that hold a line break."""
    offsets = offsets_of(column)
    data = bytes_of(column)[offsets[0] : offsets[-1]]
    if not len(data) or data.min() > 13:
        return []
    places: list[int] = _find_holders(offsets, (data == 10) | (data == 13)).tolist()
    return places


def find_two_spaces(column: pa.Array) -> list[int]:
    """Places of the cells of a column that hold two spaces in a row."""
    offsets = offsets_of(column)
    is_space = bytes_of(column)[offsets[0] : offsets[-1]] == SPACE
    if not is_space.any():
        return []
    holders = _find_holders(offsets, is_space)
    found = true_mask(pc.match_substring(column.take(make_places(holders)), "  "))
    places: list[int] = holders[found].tolist()
    return places


def _find_unusual(column: pa.Array, use: Use) -> npt.NDArray[np.int64]:
    """Places of the cells that cannot be passed at a glance."""
    offsets = offsets_of(column)
    data = bytes_of(column)[offsets[0] : offsets[-1]]
    if not len(data):
        return np.zeros(0, np.int64)
    least, greatest = data.min(), data.max()
    is_seen = np.zeros(len(column), np.bool_)
    begins, ends = offsets[:-1] - offsets[0], offsets[1:] - offsets[0]
    if least <= SPACE or (use.is_text and least <= AT_SIGN):
        is_filled = begins < ends
        first = data[begins[is_filled]]
        is_seen[is_filled] = BEGINS_FORMULA[first]
        if least <= SPACE:
            is_seen[is_filled] |= (first == SPACE) | (data[ends[is_filled] - 1] == SPACE)
    if use.is_free:
        is_seen |= _find_damaged(column, ends - begins)
    elif use.is_number and greatest >= CAPITAL_E:
        is_seen[_find_holders(offsets, data == CAPITAL_E)] = True
    has_signs = least <= NUMBER_SIGN and bool((data == NUMBER_SIGN).any())
    if least < SPACE or greatest >= DELETE or has_signs:
        holders = _find_holders(offsets, IS_UNUSUAL[data])
        if not use.is_identifier:
            held = column.take(make_places(holders))
            holders = holders[~true_mask(pc.match_substring_regex(held, HARMLESS))]
        is_seen[holders] = True
    return np.flatnonzero(is_seen)


def _find_damaged(column: pa.Array, lengths: npt.NDArray[np.int32]) -> Mask:
    """Which cells are what a spreadsheet made of others."""
    is_such: Mask = (lengths > 3) & (lengths <= LONGEST_DAMAGE)
    places = np.flatnonzero(is_such)
    if len(places):
        short = column.take(make_places(places))
        is_such[places] = true_mask(pc.match_substring_regex(short, DAMAGED))
    return is_such


def _find_holders(offsets: npt.NDArray[np.int32], is_such: Mask) -> npt.NDArray[np.int64]:
    """Places of the cells that hold such a byte; the offsets may begin behind nought."""
    positions = np.flatnonzero(is_such) + offsets[0]
    places = np.searchsorted(offsets, positions, side="right") - 1
    return np.unique(places)
