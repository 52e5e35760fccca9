"""Characters of whole columns: finds the cells with characters that need a closer look.

Nearly all letters, digits and signs of all scripts are harmless in any position. A cell is suspicious only
if it contains a character that is rarely typed on purpose, a combining mark that may compose with the
preceding character, a letter that may begin misread UTF-8, or a word that mixes ASCII letters with Greek or
Cyrillic ones. In all other cells, a check of each character would find nothing.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain

import numpy as np
import numpy.typing as npt

from packpress.tables.fast.columns import Column, Mask, is_one_of

# Up to this many cells are faster to check one by one than to compile an expression for.
FEW = 500
PLAIN_ASCII = frozenset({*b"\n\r", *range(32, 127)})
OTHERS = bytes({*range(256)} - PLAIN_ASCII)
# The first bytes of Greek and Cyrillic characters and some others, up to U+04FF.
STRANGE_LEADS = bytes(range(0xCD, 0xD4))
# A word that mixes ASCII letters with Greek or Cyrillic ones; the classes include all letters and more.
MIXED = r"[A-Za-z][\pL\pN\pM_]*[\x{370}-\x{4FF}]|[\x{370}-\x{4FF}][\pL\pN\pM_]*[A-Za-z]"
# The Latin-1 letters with which UTF-8 begins when it is decoded as windows-1252.
BEGINNING = range(ord("Â"), ord("ð") + 1)
# Most texts consist of these characters, for which an expression compiles much faster than for all.
COMMON = (*range(0x80, 0x250), *range(0x2010, 0x2060), ord("€"))
# Blocks in which nothing is suspicious: ideographs, Hangul syllables, and what follows the basic plane.
HARMLESS = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0x1F000, 0x29FFF))
# The rest of the basic plane, without surrogates.
REST = ((0x80, 0x3400), (0x4DC0, 0x4E00), (0xA000, 0xAC00), (0xD7A4, 0xD800), (0xE000, 0x10000))
ALL = tuple(chain.from_iterable(map(range, *zip(*REST, strict=True))))
# The smallest first byte of a multi-byte character, their greatest length, and how rare is sparse.
FIRST_LEAD, MOST_BYTES, SPARSE = 0xC2, 4, 16
# The letters that compose to Hangul syllables, which Unicode does not list as compositions.
HANGUL_PARTS = frozenset({*range(0x1161, 0x1176), *range(0x11A8, 0x11C3)})

# The first and last code point of each.
Blocks = Iterable[tuple[int, int]]


@dataclass(frozen=True)
class Characters:
    """Finds suspicious cells; both texts are character classes in the syntax of `re`.

    Characters of `odd` are suspicious anywhere; those of `continuing` may continue misread UTF-8.

    >>> Characters("[\\u200b]", "[¼]").find_suspicious(Column.of(["Möwe", "a\\u200bda"])).tolist()
    [True, True]
    """

    odd: str
    continuing: str

    def find_suspicious(self, column: Column) -> Mask:
        """The cells in which a character may mislead, by itself or because of its neighbours.

        The bytes are scanned once for ASCII and common characters, and for others up to three times more: by
        kind, and for the two scripts with which ASCII letters may be mixed.
        """
        is_long = len(column) > FEW and not column.is_ascii
        found = column.holding_marked(self._mark_rare) if is_long else column.holding(OTHERS)
        harmless = np.zeros(len(found), np.bool_)
        for expression in ("_of_common", "_of_letters", "_of_all"):
            if np.count_nonzero(found) > FEW:
                harmless |= column.matching(getattr(self, expression), found)
                found &= ~harmless
        mixed = column.holding(STRANGE_LEADS) & harmless
        if mixed.any():
            mixed &= column.holding_marked(_mark_touching)
        return found | (mixed if np.count_nonzero(mixed) <= FEW else column.matching(MIXED, mixed))

    def _mark_rare(self, data: npt.NDArray[np.uint8]) -> Mask:
        """Marks the bytes that begin anything but plain ASCII; if these are sparse, only uncommon characters.

        Common characters are those of few bytes that may stand anywhere, even after others of their kind.
        """
        found = is_one_of(data, OTHERS)
        is_lead = data >= FIRST_LEAD
        if SPARSE * np.count_nonzero(is_lead) < len(data):
            places = np.flatnonzero(is_lead)
            found &= data < 0x80
            padded = np.append(data, np.zeros(MOST_BYTES, np.uint8))
            first, second, third = (padded[places + shift].astype(np.uint16) for shift in range(3))
            is_long = first >= 0xE0
            codes = np.where(
                is_long, (first << 12) | (second & 63) << 6 | (third & 63), (first & 31) << 6 | (second & 63)
            )
            is_common = self._common[codes] & (first < 0xF0)
            # After another multi-byte character, misread UTF-8 may continue.
            is_common &= padded[places + 2 + is_long] < 0x80
            found[places[~is_common]] = True
        return found

    @cached_property
    def _common(self) -> npt.NDArray[np.bool_]:
        """For each code point of the basic plane, whether the character is harmless anywhere."""
        texts = "".join(map(chr, COMMON))
        kinds = _sort_characters(texts)
        odd = kinds.odd | kinds.behind | kinds.marks.keys() | {*re.findall(self.odd, texts)}
        table = np.zeros(1 << 16, np.bool_)
        table[[ord(text) for text in {*texts} - odd]] = True
        return table

    @cached_property
    def _of_common(self) -> str:
        return self._make_harmless(COMMON, has_marks=False)

    @cached_property
    def _of_letters(self) -> str:
        """For most scripts, whose letters have no marks; the expression for all characters is far slower."""
        return self._make_harmless(ALL, HARMLESS, has_marks=False)

    @cached_property
    def _of_all(self) -> str:
        return self._make_harmless(ALL, HARMLESS)

    def _make_harmless(self, codes: Iterable[int], blocks: Blocks = (), has_marks: bool = True) -> str:
        """An RE2 expression for cells of certain characters in which only mixed words can be suspicious."""
        texts, more = "".join(map(chr, codes)), _write_ranges(blocks)
        kinds = _sort_characters(texts)
        odd = kinds.odd | {*re.findall(self.odd, texts)}
        continuing = {*re.findall(self.continuing, texts)}
        begins, plain_ascii = {*map(chr, BEGINNING)}, {*map(chr, PLAIN_ASCII)}
        behind = kinds.behind - odd
        others = ({*texts} | plain_ascii) - odd - behind - kinds.marks.keys() - begins
        begin = f"[{_write_class(begins)}]"
        if not has_marks:
            letter, last = (f"[{_write_class(texts)}{more}]" for texts in (others, others - continuing))
            return rf"\A(?:{letter}|{begin}+{last})*{begin}*\z"
        # The first half of a pair may be followed by marks that are in no pair, but not by letters that are.
        # A composed character must have no further mark, which might sort before its own.
        safe = {text: order for text, order in kinds.marks.items() if text not in kinds.seconds}
        some, any_mark = _write_marks(safe), _write_marks(kinds.marks)
        halves, whole = others & kinds.firsts - kinds.composed, others - kinds.firsts - kinds.composed
        alone = others & kinds.composed

        def write_unit(left_out: set[str]) -> str:
            ends = f"(?:[{_write_class(behind)}]{any_mark})*"
            lone = f"[{_write_class(whole - left_out)}{more}]{any_mark}{ends}"
            return f"{lone}|[{_write_class(halves - left_out)}]{some}|[{_write_class(alone - left_out)}]"

        return rf"\A(?:{write_unit(set())}|{begin}+(?:{write_unit(continuing)}))*{begin}*\z"


@dataclass(frozen=True)
class _Kinds:
    """Characters by their behaviour in composition.

    `odd` are never in composed form, or rare; `composed` consist of others. `firsts` and `seconds` are the
    halves of pairs that compose to one character; `behind` are the seconds that are not marks. `marks` have
    their combining classes, by which they are sorted.
    """

    odd: set[str]
    composed: set[str]
    firsts: set[str]
    seconds: set[str]
    behind: set[str]
    marks: dict[str, int]


def _list_pairs() -> list[tuple[str, str]]:
    """The pairs of characters that compose to one."""
    pairs = [
        (chr(int(part[0], 16)), chr(int(part[1], 16)))
        for part in map(str.split, map(unicodedata.decomposition, map(chr, ALL)))
        if len(part) == 2 and not part[0].startswith("<")
    ]
    return [pair for pair in pairs if len(unicodedata.normalize("NFC", "".join(pair))) == 1]


@cache
def _sort_characters(texts: str) -> _Kinds:
    normal = unicodedata.normalize("NFC", "\n".join(texts)).split("\n")
    odd = {text for text, other in zip(texts, normal, strict=True) if text != other}
    parts = zip(texts, map(unicodedata.decomposition, texts), strict=True)
    composed = {text for text, part in parts if part and not part.startswith("<")}
    marks = {text: order for text in texts if (order := unicodedata.combining(text)) and text not in odd}
    # Only where there are marks does it matter what they make with others; to find out takes long.
    pairs = _list_pairs() if marks else ()
    firsts, seconds = {first for first, _ in pairs}, {second for _, second in pairs}
    behind = (seconds - marks.keys()) & {*texts}
    odd |= {*map(chr, HANGUL_PARTS)} | (behind & firsts)
    return _Kinds(odd, composed, firsts, seconds, behind, marks)


def _write_marks(marks: dict[str, int]) -> str:
    """At most one mark of each combining class, in order; such marks are neither composed nor reordered."""
    by_order: dict[int, set[str]] = {}
    for text, order in marks.items():
        by_order.setdefault(order, set()).add(text)
    return "".join(f"[{_write_class(by_order[order])}]?" for order in sorted(by_order))


def _write_class(texts: Iterable[str]) -> str:
    """The content of a character class in RE2 syntax."""
    codes = set(map(ord, texts))
    firsts = sorted(code for code in codes if code - 1 not in codes)
    lasts = sorted(code for code in codes if code + 1 not in codes)
    return _write_ranges(zip(firsts, lasts, strict=True))


def _write_ranges(ranges: Blocks) -> str:
    return "".join(f"\\x{{{first:X}}}-\\x{{{last:X}}}" for first, last in ranges)


def _mark_touching(data: npt.NDArray[np.uint8]) -> Mask:
    """Marks ASCII letters next to characters beyond ASCII, and these.

    Every word that mixes them has such a position.
    """
    is_other = data >= 0x80
    is_letter = ((data | np.uint8(0x20)) - np.uint8(ord("a"))) < 26
    found = np.zeros(len(data), np.bool_)
    np.logical_and(is_letter[1:], is_other[:-1], out=found[1:])
    found[1:] |= is_other[1:] & is_letter[:-1]
    return found
