"""Checks of the characters of cells: what a spreadsheet or a keyboard put there unseen."""

import re
import unicodedata
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from scripts.lib.arrays import integers_of, make_places, true_mask
from scripts.lib.regular import bytes_of, offsets_of

SPREADSHEET_ERRORS = re.compile(r"#(?:REF|NAME|VALUE|DIV/0|N/A|NULL|NUM)[!?]?")
# Zero-width and direction marks are invisible in every editor.
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]")
STRANGE_SCRIPT = re.compile("[\u0370-\u03ff\u0400-\u04ff]")

SPACE, DELETE, NUMBER_SIGN = 32, 127, ord("#")
# Not so printable ASCII, but for the sign that the errors of a spreadsheet begin with.
IS_UNUSUAL = np.ones(256, np.bool_)
IS_UNUSUAL[SPACE:DELETE] = False
IS_UNUSUAL[NUMBER_SIGN] = True
# Of the rest, letters of European languages, dashes and curly quotes mislead nobody wherever they stand.
HARMLESS = (
    r"\A[\x{20}-\x{22}\x{24}-\x{7E}\x{A1}-\x{AC}\x{AE}-\x{24F}\x{2010}-\x{2027}\x{2030}-\x{205E}\x{20AC}]*\z"
)


def describe_characters(text: str) -> str:
    """What misleads in a cell, and what to do about it; empty when nothing does."""
    if not text or (text.isascii() and text.isprintable() and text[0] != " " != text[-1] and "#" not in text):
        return ""
    if damage := describe_damage(text):
        return damage
    if STRANGE_SCRIPT.search(text) and re.search("[A-Za-z]", text):
        return "mixes Latin with Greek or Cyrillic letters that look alike; type the value again"
    if unicodedata.normalize("NFC", text) != text:
        return "is not in composed form (NFC); type the value again"
    return ""


def describe_damage(text: str) -> str:
    """What a program put into a cell and nobody types on purpose; empty when there is nothing of the kind."""
    if text != text.strip():
        return "begins or ends with white space; remove it"
    if SPREADSHEET_ERRORS.fullmatch(text):
        return "an error value of a spreadsheet; write the real value"
    if INVISIBLE.search(text):
        return "holds an invisible character; type the value again"
    if any(character.isspace() and character not in " \n" for character in text):
        return "holds an unusual space; use an ordinary one"
    if "\ufffd" in text:
        return "holds a replacement character, the trace of a wrong encoding; restore the text"
    return ""


def find_misleading(column: pa.Array) -> Iterator[tuple[int, str]]:
    """Place and fault of each cell of a column that misleads."""
    places = _find_unusual(column)
    if not len(places):
        return
    encoded = column.take(make_places(places)).dictionary_encode()
    faults = [describe_characters(text) for text in encoded.dictionary.to_pylist()]
    if any(faults):
        for place, code in zip(places.tolist(), integers_of(encoded.indices).tolist(), strict=True):
            if faults[code]:
                yield place, faults[code]


def find_line_breaks(column: pa.Array) -> list[int]:
    """Places of the cells of a column that hold a line break."""
    offsets = offsets_of(column)
    data = bytes_of(column)[offsets[0] : offsets[-1]]
    if not len(data) or data.min() > 13:
        return []
    places: list[int] = _find_holders(offsets, (data == 10) | (data == 13)).tolist()
    return places


def _find_unusual(column: pa.Array) -> npt.NDArray[np.int64]:
    """Places of the cells that cannot be passed at a glance."""
    offsets = offsets_of(column)
    data = bytes_of(column)[offsets[0] : offsets[-1]]
    if not len(data):
        return np.zeros(0, np.int64)
    least, greatest = data.min(), data.max()
    is_seen = np.zeros(len(column), np.bool_)
    if least <= SPACE:
        begins, ends = offsets[:-1] - offsets[0], offsets[1:] - offsets[0]
        is_filled = begins < ends
        is_seen[is_filled] = (data[begins[is_filled]] == SPACE) | (data[ends[is_filled] - 1] == SPACE)
    if least < SPACE or greatest >= DELETE or (data == NUMBER_SIGN).any():
        holders = _find_holders(offsets, IS_UNUSUAL[data])
        held = column.take(make_places(holders))
        is_harmless = true_mask(pc.match_substring_regex(held, HARMLESS))
        is_seen[holders[~is_harmless]] = True
    return np.flatnonzero(is_seen)


def _find_holders(offsets: npt.NDArray[np.int32], is_such: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Places of the cells that hold such a byte; the offsets may begin behind nought."""
    positions = np.flatnonzero(is_such) + offsets[0]
    places = np.searchsorted(offsets, positions, side="right") - 1
    return np.unique(places)
