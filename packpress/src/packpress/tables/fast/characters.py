"""Characters of whole columns: which cells hold any that deserve a look.

Nearly all letters, digits and signs of all scripts mislead nobody wherever they stand. A cell is suspicious
only where it holds a character that is rarely typed on purpose, a mark that may be composed with what stands
before it, a letter behind which misread UTF-8 may go on, or a word that mixes ASCII letters with Greek or
Cyrillic ones.
Looking at any other cell character by character finds nothing.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from packpress.tables.fast.columns import Column, Mask

# So few cells are looked at by themselves sooner than an expression for all of them is made.
FEW = 500
PLAIN_ASCII = frozenset({*b"\n\r", *range(32, 127)})
OTHERS = bytes({*range(256)} - PLAIN_ASCII)
# The bytes by which characters of Greek and Cyrillic begin, and some others, up to U+04FF.
STRANGE_LEADS = bytes(range(0xCD, 0xD4))
# A word that mixes ASCII letters with those of Greek or Cyrillic; RE2's classes hold all letters and more.
MIXED = r"[A-Za-z][\pL\pN\pM_]*[\x{370}-\x{4FF}]|[\x{370}-\x{4FF}][\pL\pN\pM_]*[A-Za-z]"
# The letters of Latin-1 by which UTF-8 begins when it was read in windows-1252.
BEGINNING = range(ord("Â"), ord("ð") + 1)
# Most texts are of these characters, for which an expression is made much sooner than for all.
COMMON = (*range(0x80, 0x250), *range(0x2010, 0x2060), ord("€"))
# Those of the basic plane without surrogates; beyond it some whole blocks in which nothing is suspicious.
ALL = (*range(0x80, 0xD800), *range(0xE000, 0x10000))
PICTURES_AND_IDEOGRAPHS = r"\x{1F000}-\x{29FFF}"
# The letters of which Hangul syllables are composed, which are not listed as compositions.
HANGUL_PARTS = frozenset({*range(0x1161, 0x1176), *range(0x11A8, 0x11C3)})


@dataclass(frozen=True)
class Characters:
    """Finds suspicious cells; both texts are classes of characters as `re` writes them.

    Those of `odd` are suspicious wherever they stand; by those of `continuing` misread UTF-8 goes on.
    """

    odd: str
    continuing: str

    def find_suspicious(self, column: Column) -> Mask:
        """The cells in which a character may mislead, by itself or by its neighbours.

        The bytes are passed over once where all are of ASCII, once more for common characters, and for others
        up to three times: those of their own kind, and the two scripts that ASCII letters may be mixed with.
        """
        found = column.holding(OTHERS)
        for expression in ("_of_common", "_of_all"):
            if np.count_nonzero(found) <= FEW:
                return found
            is_harmless = column.matching(getattr(self, expression), found)
            found &= ~is_harmless
        mixed = column.holding(STRANGE_LEADS) & is_harmless & column.holding_marked(_mark_touching)
        return found | (mixed if np.count_nonzero(mixed) <= FEW else column.matching(MIXED, mixed))

    @cached_property
    def _of_common(self) -> str:
        return self._make_harmless(COMMON)

    @cached_property
    def _of_all(self) -> str:
        return self._make_harmless(ALL, PICTURES_AND_IDEOGRAPHS)

    def _make_harmless(self, codes: Iterable[int], more: str = "") -> str:
        """An expression of RE2 for cells of some characters in which at most mixed words are suspicious."""
        texts = "".join(map(chr, codes))
        odd, marks = _find_composed(texts)
        odd |= {*re.findall(self.odd, texts)}
        continuing = {*re.findall(self.continuing, texts)} - odd - marks
        begins = {*map(chr, BEGINNING)}
        ascii_texts = {*map(chr, PLAIN_ASCII)}
        others = _write_class({*texts} - odd - marks - begins - continuing | ascii_texts) + more
        begin, goes_on = f"[{_write_class(begins)}]", f"[{_write_class(continuing)}]"
        mark = f"[{_write_class(marks - odd)}]" if marks - odd else r"\x{0}"
        return rf"\A(?:(?:[{others}]|{goes_on}){mark}?|{begin}+(?:[{others}]{mark}?|{mark}))*{begin}*\z"


def _find_composed(texts: str) -> tuple[set[str], set[str]]:
    """The characters that are not in composed form, or may not be behind others; then other marks.

    Of the latter, which no character is composed with, only the order of several can be wrong.
    """
    composed = unicodedata.normalize("NFC", "\n".join(texts)).split("\n")
    odd = {text for text, other in zip(texts, composed, strict=True) if text != other}
    for part in map(str.split, map(unicodedata.decomposition, texts)):
        if len(part) == 2 and not part[0].startswith("<"):
            odd.add(chr(int(part[1], 16)))
    odd |= {*map(chr, HANGUL_PARTS)}
    return odd, {text for text in texts if unicodedata.combining(text)} - odd


def _write_class(texts: Iterable[str]) -> str:
    """The inside of a class of characters as RE2 writes it."""
    codes = set(map(ord, texts))
    firsts = sorted(code for code in codes if code - 1 not in codes)
    lasts = sorted(code for code in codes if code + 1 not in codes)
    return "".join(f"\\x{{{first:X}}}-\\x{{{last:X}}}" for first, last in zip(firsts, lasts, strict=True))


def _mark_touching(data: npt.NDArray[np.uint8]) -> Mask:
    """The bytes of ASCII letters and of characters beyond ASCII of which one stands before the other.

    Every word that mixes them has such a place.
    """
    is_other = data >= 0x80
    is_letter = ((data | np.uint8(0x20)) - np.uint8(ord("a"))) < 26
    found = np.zeros(len(data), np.bool_)
    np.logical_and(is_letter[1:], is_other[:-1], out=found[1:])
    found[1:] |= is_other[1:] & is_letter[:-1]
    return found
