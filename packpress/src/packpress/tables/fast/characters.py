"""Characters of whole columns: finds the cells with characters that need a closer look.

Nearly all letters, digits and signs of all scripts are harmless in any position. A cell is suspicious only
if it contains a character that is rarely typed on purpose, a combining mark that may compose with the
preceding character, letters that may be misread UTF-8, or a word that mixes ASCII letters with Greek or
Cyrillic ones. In all other cells, a check of each character would find nothing.

The bytes of a column are looked up once, in a table of all pairs of adjacent bytes, which suffices for almost
all characters of all scripts. The others are looked at with their neighbours, all of a column at once.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain
from typing import Literal

import numpy as np
import numpy.typing as npt

from packpress.tables.fast.columns import Column, Mask, is_one_of, take_from

# Columns of up to this many bytes are faster to check cell by cell than to make tables for, or to use these
# once they are made; up to this many cells, than to compile an expression for.
SMALL, TINY, FEW = 1 << 14, 1 << 9, 500
PLAIN_ASCII = frozenset({*b"\n\r", *range(32, 127)})
OTHERS = bytes({*range(256)} - PLAIN_ASCII)
LETTERS = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", np.uint8)
# The first bytes of Greek and Cyrillic characters and some others, up to U+04FF.
STRANGE_LEADS = bytes(range(0xCD, 0xD4))
# The Latin-1 letters with which UTF-8 begins when it is decoded as windows-1252, and the first byte of all.
BEGINNING, LATIN_LEAD = range(ord("Â"), ord("ð") + 1), 0xC3
# The basic plane without ASCII, surrogates, and the blocks in which nothing is suspicious: ideographs and
# Hangul syllables.
REST = ((0x80, 0x3400), (0x4DC0, 0x4E00), (0xA000, 0xAC00), (0xD7A4, 0xD800), (0xE000, 0x10000))
ALL = "".join(map(chr, chain.from_iterable(map(range, *zip(*REST, strict=True)))))
# The smallest first byte of a character of several bytes.
FIRST_LEAD = 0xC2
# Beyond the basic plane, the second bytes of the blocks in which nothing is suspicious, U+1F000 to U+29FFF.
HARMLESS_SECONDS = range(0x9F, 0xAA)
# Stands for any character beyond the basic plane: a surrogate, which UTF-8 cannot contain.
BEYOND = np.uint16(0xD800)
# The letters that compose to Hangul syllables, which Unicode does not list as compositions.
HANGUL_PARTS = frozenset({*range(0x1161, 0x1176), *range(0x11A8, 0x11C3)})
# A block of 64 characters, most of which are not in composed form, is suspicious as a whole.
MOST_ASKED = 32
# Zero bytes before and after the others, so that every character has neighbours, and a pair begins with each.
BEFORE, AFTER = 4, 9

# Kinds of characters. The first four are harmless, except for what may follow them.
KINDS = 9
WHOLE, HALF, COMPOSED, BEGIN, BEHIND, MARK, SECOND_MARK, JOINER, ODD = range(KINDS)
# Which of the others may follow which; marks, if they are in order.
FOLLOWING = {
    BEHIND: (WHOLE, BEHIND, MARK, SECOND_MARK),
    MARK: (WHOLE, HALF, BEHIND, MARK, SECOND_MARK),
    SECOND_MARK: (WHOLE, BEHIND),
}
# What a pair of bytes tells about the character that it begins: that it is suspicious, or may be with its
# neighbours. A character of three bytes may be if both of its pairs tell so.
SURE, ASK, OF_THREE = 1, 2, 4
# What it tells otherwise: that a letter which may begin misread UTF-8 ends here and what may continue it
# follows; that an ASCII letter stands beside another character.
MISREAD, TOUCHING = 8, 16
# What is found of a cell: a suspicious character, or that letters of two scripts may stand in one word.
SUSPICIOUS, MAY_MIX = np.uint8(1), np.uint8(2)

Bytes = npt.NDArray[np.uint8]
Codes = npt.NDArray[np.uint16]
Places = npt.NDArray[np.int64]
NOWHERE = np.zeros(0, np.int64)


@dataclass(frozen=True)
class Characters:
    """Finds suspicious cells; the texts are character classes in the syntax of `re`.

    Characters of `odd` are suspicious anywhere; those of `joining` at the end of a cell or next to a Latin
    letter; those of `continuing` may continue misread UTF-8. `mixed` is an RE2 expression for words that may
    mix ASCII letters with Greek or Cyrillic ones.

    >>> characters = Characters("[\\u200b]", "[\\u200d]", "[¼]", "[A-Z]α")
    >>> characters.find_suspicious(Column.of(["Mowe", "a\\u200bda"])).tolist()
    [False, True]
    """

    odd: str
    joining: str
    continuing: str
    mixed: str

    def find_suspicious(self, column: Column) -> Mask:
        """The cells in which a character may mislead, by itself or because of its neighbours."""
        has_tables = "_pairs" in vars(self)
        if column.is_ascii or column.size <= (min(SMALL, TINY) if has_tables else SMALL):
            return column.holding(OTHERS)
        marks = column.combine_marks(self._mark)
        found: Mask = marks & SUSPICIOUS != 0
        mixed: Mask = (marks & MAY_MIX != 0) & ~found
        if mixed.any():
            mixed &= column.holding(STRANGE_LEADS)
        return found | (mixed if np.count_nonzero(mixed) <= FEW else column.matching(self.mixed, mixed))

    def _mark(self, data: Bytes, starts: Places) -> tuple[Places, Bytes]:
        """The places in the bytes of some cells where something is found, and what."""
        near = _Neighbours(data, starts)
        told = [take_from(self._pairs, pairs) for pairs in near.pairs()]
        has = int(np.bitwise_or.reduce(told[0]) | np.bitwise_or.reduce(told[1]))
        wanted = SURE | ASK | MISREAD
        if has & TOUCHING and is_one_of(data, STRANGE_LEADS).any():
            wanted |= TOUCHING
        if not has & (wanted | OF_THREE):
            return NOWHERE, data[:0]
        found = [one & np.uint8(wanted) for one in told]
        if has & OF_THREE:
            even, odd = told
            found[0] |= even & odd & np.uint8(OF_THREE)
            found[1][:-1] |= odd[:-1] & even[1:] & np.uint8(OF_THREE)
        each = [np.flatnonzero(one != 0) for one in found]
        places = np.concatenate((2 * each[0], 2 * each[1] + 1))
        asked = np.concatenate([one[some] for one, some in zip(found, each, strict=True)])
        marks = self._judge(near, places, asked)
        is_any = marks != 0
        return places[is_any], marks[is_any]

    def _judge(self, near: "_Neighbours", places: Places, asked: Bytes) -> Bytes:
        """What is found at places of which their bytes tell something."""
        marks = np.where(asked & np.uint8(TOUCHING), MAY_MIX, np.uint8(0))
        marks[asked & np.uint8(SURE) != 0] |= SUSPICIOUS
        for kind, judge in ((ASK | OF_THREE, self._are_suspicious), (MISREAD, self._are_misread)):
            some = np.flatnonzero(asked & np.uint8(kind))
            if len(some):
                marks[some[judge(near, places[some])]] |= SUSPICIOUS
        return marks

    def _are_suspicious(self, near: "_Neighbours", places: Places) -> Mask:
        """Which characters that begin at some places are suspicious with their neighbours.

        A half of a pair that composes to one character may be followed by marks that are in no pair, and a
        composed character by no mark, which might sort before its own.
        """
        codes, before = near.codes(places), near.codes_before(places)
        kinds, previous = take_from(self._kinds, codes), take_from(self._kinds, before)
        found: Mask = IS_WRONG[previous * np.uint8(KINDS) + kinds]
        is_second = np.flatnonzero((previous == MARK) | (previous == SECOND_MARK))
        if len(is_second):
            orders = (take_from(self._orders, some[is_second]) for some in (before, codes))
            found[is_second] |= np.greater(*orders) & (kinds[is_second] == MARK)
        joiners = np.flatnonzero(kinds == JOINER)
        if len(joiners):
            found[joiners] = near.are_outside(places[joiners])
        # The last bytes of a character of four may tell the same as those of three.
        found &= near.bytes_at(places) >= FIRST_LEAD
        return found

    def _are_misread(self, near: "_Neighbours", places: Places) -> Mask:
        """Which letters that end at some places may begin misread UTF-8.

        From à on, two characters must follow that may continue it; from Æ on, one and a letter of these.
        """
        found: Mask = (near.bytes_at(places, -1) == LATIN_LEAD) & self._may_continue[near.codes(places, 1)]
        chosen = np.flatnonzero(found)
        places = places[chosen]
        last, behind = near.bytes_at(places), places + 1 + _count_bytes(near.codes(places, 1))
        second = near.codes(behind)
        found[chosen] = np.where(
            last >= 0xA0,
            self._may_continue[second],
            (last <= 0x85) | ((second >= ord("Æ")) & (second <= ord("ß"))),
        )
        return found

    @cached_property
    def _pairs(self) -> Bytes:
        """What each pair of bytes tells, by its number as two bytes of a little-endian integer."""
        pairs = np.zeros((256, 256), np.uint8)  # by second, then first byte
        of_two = self._kinds[0x80:0x800].reshape(30, 64)
        pairs[0x80:0xC0, 0xC2:0xE0] = _tell(of_two).T
        is_asked = self._kinds.reshape(16, 64, 64) >= BEHIND  # by the bits of three bytes
        is_odd = np.count_nonzero(is_asked, 2) > MOST_ASKED
        is_asked &= ~is_odd[:, :, np.newaxis]
        pairs[0x80:0xC0, 0xE0:0xF0] = np.select([is_odd, is_asked.any(2)], [SURE, OF_THREE], 0).T
        pairs[0x80:0xC0, 0x80:0xC0] = np.where(is_asked.any(0), OF_THREE, 0).T
        pairs[:, 0xF0:] = SURE
        pairs[list(HARMLESS_SECONDS), 0xF0] = 0
        pairs[:, [code for code in range(0x80) if code not in PLAIN_ASCII]] = SURE
        pairs[FIRST_LEAD:, LETTERS] |= TOUCHING
        pairs[LETTERS, 0x80:0xC0] |= TOUCHING
        leads = {chr(code).encode()[0] for code in np.flatnonzero(self._may_continue).tolist()}
        pairs[sorted(leads), chr(BEGINNING[0]).encode()[1] : chr(BEGINNING[-1]).encode()[1] + 1] |= MISREAD
        return pairs.reshape(-1)

    @cached_property
    def _kinds(self) -> Bytes:
        """The kind of each character of the basic plane."""
        kinds = _list_kinds().copy()
        kinds[list(BEGINNING)] = BEGIN
        for members, kind in ((self.odd, ODD), (self.joining, JOINER)):
            kinds[_list_codes(members)] = kind
        return kinds

    @cached_property
    def _orders(self) -> Bytes:
        """The class of each combining mark, by which they are sorted."""
        orders = np.zeros(1 << 16, np.uint8)
        marks = np.flatnonzero(self._kinds >= MARK).tolist()
        orders[marks] = [unicodedata.combining(chr(code)) for code in marks]
        return orders

    @cached_property
    def _may_continue(self) -> Mask:
        found = np.zeros(1 << 16, np.bool_)
        found[_list_codes(self.continuing)] = True
        return found


def _list_wrong() -> Mask:
    """For each kind of character, times their number, and that of the next, whether that is suspicious."""
    found = np.zeros((KINDS, KINDS), np.bool_)
    found[:, BEHIND:] = True
    for kind, allowed in FOLLOWING.items():
        found[list(allowed), kind] = False
    return found.reshape(-1)


IS_WRONG = _list_wrong()


def _list_codes(members: str) -> list[int]:
    return list(map(ord, re.findall(members, ALL)))


def _tell(kinds: Bytes) -> Bytes:
    """What two bytes tell about a character of a kind."""
    told: Bytes = np.select([kinds == ODD, kinds >= BEHIND], [SURE, ASK], 0).astype(np.uint8)
    return told


@cache
def _list_kinds() -> Bytes:
    """The kind of each character of the basic plane by its behaviour in composition.

    Halves begin a pair of characters that compose to one. The seconds of such pairs are marks, or stand
    behind a letter.
    """
    kinds = np.zeros(1 << 16, np.uint8)
    composed, odd = _list_changed("NFD"), _list_changed("NFC")
    pairs = [unicodedata.decomposition(text).split() for text in composed if text not in odd]
    halves, seconds = ({int(pair[place], 16) for pair in pairs if len(pair) == 2} for place in (0, 1))
    marks = {ord(text) for text in {*ALL} if unicodedata.combining(text)}
    kinds[sorted(halves)] = HALF
    kinds[[ord(text) for text in composed]] = COMPOSED
    kinds[sorted(seconds)] = BEHIND
    kinds[sorted(marks)] = MARK
    kinds[sorted(marks & seconds)] = SECOND_MARK
    kinds[[*HANGUL_PARTS, *map(ord, odd), *(seconds & halves)]] = ODD
    return kinds


def _list_changed(form: Literal["NFC", "NFD"]) -> set[str]:
    """The characters that are written differently in a normal form."""
    normal = unicodedata.normalize(form, "\n".join(ALL)).split("\n")
    return {text for text, other in zip(ALL, normal, strict=True) if text != other}


def _count_bytes(codes: Codes) -> Places:
    """How many bytes characters of the basic plane have in UTF-8."""
    return 1 + (codes >= 0x80) + (codes >= 0x800).astype(np.int64)


def _decode(first: Bytes, second: Bytes, third: Bytes) -> Codes:
    """The code points of characters with these first bytes; the others of a short one do not matter."""
    high, middle = first.astype(np.uint16), (second & np.uint8(0x3F)).astype(np.uint16)
    of_three = high << np.uint16(12) | middle << np.uint16(6) | third & np.uint8(0x3F)
    of_two = (high & np.uint16(0x1F)) << np.uint16(6) | middle
    of_many = np.where(first < 0xF0, of_three, BEYOND)
    return np.where(first < 0x80, high, np.where(first < 0xE0, of_two, of_many))


class _Neighbours:
    """The characters at and before places in the bytes of some cells."""

    def __init__(self, data: Bytes, starts: Places) -> None:
        self._data = np.concatenate((np.zeros(BEFORE, np.uint8), data, np.zeros(AFTER, np.uint8)))
        self._starts = starts

    def pairs(self) -> Iterator[Codes]:
        """The pairs of bytes that begin at even places, then those at odd ones, as integers."""
        end = len(self._data) - AFTER
        end += end % 2
        for start in (BEFORE, BEFORE + 1):
            yield self._data[start : end + start - BEFORE].copy().view("<u2")

    def bytes_at(self, places: Places, shift: int = 0) -> Bytes:
        """The bytes so many behind some places."""
        return self._data[BEFORE + shift :][places]

    def codes(self, places: Places, shift: int = 0) -> Codes:
        """The code points of the characters that begin so many bytes behind some places."""
        return _decode(*(self.bytes_at(places, shift + number) for number in range(3)))

    def codes_before(self, places: Places) -> Codes:
        """The code points of the characters that end before some places."""
        first, second, third = (self.bytes_at(places, shift) for shift in (-3, -2, -1))
        is_one, is_two = third < 0x80, second >= 0xC0
        # A continuing byte in place of a lead stands for a character of four bytes.
        first = np.where(is_one, third, np.where(is_two, second, np.where(first < 0xE0, 0xF0, first)))
        return _decode(first, np.where(is_two, third, second), third)

    def are_outside(self, places: Places) -> Mask:
        """Which characters of three bytes are at an end of a cell or next to a Latin letter."""
        behind = places + 3
        is_end = np.isin(places, self._starts) | np.isin(behind, self._starts)
        is_latin = (self.codes_before(places) < 0x250) | (self.codes(behind) < 0x250)
        found: Mask = is_end | is_latin
        return found
