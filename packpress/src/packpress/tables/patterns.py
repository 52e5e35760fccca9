"""Patterns: whether a text matches a regular expression written by a user, within a time limit.

The meaning of a pattern is that of Python's `re`. But `re` tries all ways in which a pattern such as
`(a+)+` can match, and cannot be interrupted. So `re` is used where there are few ways; RE2, whose time is
linear in the length of the text, for printable ASCII; and for everything else `regex`, which has a timeout
that works in every thread and on every system. Because these two interpret patterns differently, they get
an unambiguous expression generated from the parse tree of `re`.
"""

import importlib
import re
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from typing import Any

from packpress.problems import CannotRunError
from packpress.tables.fast.columns import is_known_to_re2, matches_re2

# CPU time of the process, so that the result does not depend on the load of the machine; on Windows, where
# `regex` cannot measure it, wall time. Harmless patterns take a thousandth of this or less.
SECONDS = 5.0
# The most steps that `re` may take, about a hundredth of a second.
MOST_STEPS = 1 << 20
# Most cells are shorter.
COMMON = 31
# Lengths of texts are rounded up to these; no cell is longer.
SIZES = [(1 << power) - 1 for power in range(18)]

Matcher = Callable[[str], bool]


@lru_cache(maxsize=1024)
def make_matcher(pattern: str, is_whole: bool = True) -> Matcher:
    """A function that tells whether a text matches a pattern, as a whole or in part, in limited time.

    It raises CannotRunError if matching takes too long or cannot be limited.

    >>> make_matcher("[a-z]+-v[0-9]+")("ada-v1"), make_matcher("v[0-9]", is_whole=False)("ada-v1")
    (True, True)
    """
    expression, linear = re.compile(pattern), translate_pattern(pattern, is_whole)
    find = expression.fullmatch if is_whole else expression.search
    longest = longest_quick(pattern, is_whole)
    if linear and not is_known_to_re2(linear):
        linear = None

    def match(text: str) -> bool:
        if len(text) <= longest:
            return find(text) is not None
        if linear and text.isascii() and text.isprintable():
            return matches_re2(text, linear)
        return _make_limited(pattern, is_whole)(text)

    return match


@lru_cache(maxsize=1024)
def _make_limited(pattern: str, is_whole: bool) -> Matcher:
    import regex  # a sixtieth of a second to import, so only when needed

    written = translate_for_regex(pattern)
    try:
        expression = None if written is None else regex.compile(written, regex.VERSION0)
    except (regex.error, OverflowError, RecursionError, MemoryError):
        expression = None
    if expression is None:
        raise CannotRunError(f"no time limit can be enforced for the pattern {pattern}; {SIMPLER}")
    find = expression.fullmatch if is_whole else expression.search

    def match(text: str) -> bool:
        try:
            return find(text, timeout=SECONDS) is not None
        except (TimeoutError, MemoryError):
            message = f"the pattern {pattern} takes too long; write it without nested repetitions"
            raise CannotRunError(message) from None

    return match


SIMPLER = "write it without nested repetitions, or without references to a group inside a repetition"


def is_quick(pattern: str, text: str) -> bool:
    """Whether `re` itself decides quickly whether a text contains a match.

    >>> is_quick("[a-z]+", "ada"), is_quick("(a+)+b", "a" * 99)
    (True, False)
    """
    return len(text) <= longest_quick(pattern, is_whole=False)


def has_limit(pattern: str) -> bool:
    """Whether matching can be limited in time, or needs no limit for texts of common lengths.

    >>> has_limit("[a-z]+")
    True
    """
    return longest_quick(pattern, True) >= COMMON or _translate(_parse(pattern), _Sketch()) is not None


# ---- counting the ways to match


REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})
GROUPS = frozenset({"SUBPATTERN", "ATOMIC_GROUP"})
LOOK_AROUND = frozenset({"ASSERT", "ASSERT_NOT"})
ENDLESS = float("inf")


@lru_cache(maxsize=1024)
def longest_quick(pattern: str, is_whole: bool) -> int:
    """The length of the longest texts for which `re` certainly takes few steps; -1 if there are none.

    >>> longest_quick("[a-z]{2}", True) > 1000, longest_quick("(a*)*", True)
    (True, -1)
    """
    nodes = _parse(pattern)

    def count_steps(size: int) -> float:
        """An upper bound for the steps: ways, times starting positions, times characters."""
        return _count_ways(nodes, size) * (1 if is_whole else size + 1) * (size + 1)

    try:
        return next((size for size in reversed(SIZES) if count_steps(size) <= MOST_STEPS), -1)
    except RecursionError:
        return -1


def _count_ways(nodes: Any, size: int, is_repeated: bool = False) -> float:
    """An upper bound for the ways in which a sequence of nodes can match part of a text of that size."""
    ways = 1.0
    for name, value in nodes:
        match str(name):
            case "BRANCH":
                ways *= sum(_count_ways(branch, size, is_repeated) for branch in value[1])
            case "GROUPREF_EXISTS":
                ways *= sum(_count_ways(branch or (), size, is_repeated) for branch in value[1:])
            case kind if kind in GROUPS:
                ways *= _count_ways(value[-1] if kind == "SUBPATTERN" else value, size, is_repeated)
            case kind if kind in LOOK_AROUND:
                # If repeated, it may scan the same characters again and again.
                ways *= ENDLESS if is_repeated else _count_ways(value[1], size)
            case kind if kind in REPEATS:
                ways *= _count_repeats(value, size)
    return ways


def _count_repeats(value: Any, size: int) -> float:
    least, most, nodes = value
    if not nodes.getwidth()[0]:
        return ENDLESS  # an empty match may be repeated without end
    times = min(int(most), size)
    ways = _count_ways(nodes, size, is_repeated=times > 1)
    if ways == 1:
        return max(times - int(least), 0) + 1
    return ENDLESS if times > 20 or ways > MOST_STEPS else ways ** (times + 1)


# ---- translation for other engines


@lru_cache(maxsize=1024)
def _parse(pattern: str) -> Any:
    return importlib.import_module("re._parser").parse(pattern)


@lru_cache(maxsize=1024)
def translate_pattern(pattern: str, is_whole: bool = True) -> str | None:
    """An RE2 expression that accepts nothing that the pattern rejects; None if there is none.

    Classes such as `\\d` become their ASCII subset. Look-around, references and flags have no counterpart.

    >>> print(translate_pattern("[A-Z]{2}"))
    \\A(?:(?:[\\x{41}-\\x{5A}]){2,2})\\z
    """
    parsed = _parse(pattern)
    if parsed.state.flags != re.UNICODE:
        return None
    written = _translate(parsed, _RE2Writer())
    return rf"\A(?:{written})\z" if written is not None and is_whole else written


@lru_cache(maxsize=1024)
def translate_for_java(pattern: str) -> str | None:
    """A Java expression for the texts that match the pattern as a whole; None if it may differ.

    Classes such as `\\d` are written out, because they have other members in Java.

    >>> print(translate_for_java("[A-Z]{2}-x"))
    \\A(?:(?:[A-Z]){2,2}\\x{2D}x)\\z
    """
    parsed = _parse(pattern)
    if parsed.state.flags != re.UNICODE:
        return None
    written = _translate(parsed, _JavaWriter())
    return None if written is None else rf"\A(?:{written})\z"


@lru_cache(maxsize=1024)
def translate_for_regex(pattern: str) -> str | None:
    """An expression with the same meaning in `regex` as the pattern in `re`; None if it may differ.

    >>> print(translate_for_regex("a|b"))
    [\\U00000061\\U00000062]
    """
    return _translate(_parse(pattern), _RegexWriter())


def _translate(parsed: Any, writer: "_Writer") -> str | None:
    try:
        return writer.write(parsed, parsed.state.flags)
    except (_NoCounterpartError, OverflowError, RecursionError):
        return None


class _NoCounterpartError(Exception):
    """A construct that an engine lacks, or interprets differently."""


class _Writer:
    """Writes nodes that two engines interpret alike, and refuses all others."""

    most_repeats = 0

    def write(self, nodes: Iterable[tuple[Any, Any]], flags: int) -> str:
        """The nodes as a sequence."""
        return "".join(
            getattr(self, f"write_{str(name).lower()}", self.refuse)(value, flags) for name, value in nodes
        )

    def refuse(self, *_: Any) -> str:
        """Refuses a node without a counterpart."""
        raise _NoCounterpartError

    def write_branch(self, value: Any, flags: int) -> str:
        return f"(?:{'|'.join(self.write(branch, flags) for branch in value[1])})"

    def write_max_repeat(self, value: Any, flags: int) -> str:
        least, most, nodes = value
        is_open = str(most) == "MAXREPEAT"
        if max(int(least), 0 if is_open else int(most)) > self.most_repeats:
            raise _NoCounterpartError
        return f"(?:{self.write(nodes, flags)}){{{int(least)},{'' if is_open else int(most)}}}"


IN_ASCII = {
    "CATEGORY_DIGIT": "0-9",
    "CATEGORY_WORD": "A-Za-z0-9_",
    "CATEGORY_SPACE": r"\x{9}-\x{D} ",
    "CATEGORY_NOT_SPACE": r"\x{21}-\x{7E}",
}


class _RE2Writer(_Writer):
    most_repeats = 1000  # the maximum of RE2

    def write_literal(self, code: int, _: int) -> str:
        if 0xD800 <= code < 0xE000:
            raise _NoCounterpartError  # a surrogate
        return rf"\x{{{code:X}}}"

    def write_not_literal(self, code: int, flags: int) -> str:
        return f"[^{self.write_literal(code, flags)}]"

    def write_any(self, *_: Any) -> str:
        return r"[^\n]"

    def write_in(self, items: Any, flags: int) -> str:
        is_negated = str(items[0][0]) == "NEGATE"
        parts = []
        for name, value in items[is_negated:]:
            match str(name):
                case "LITERAL":
                    parts.append(self.write_literal(value, flags))
                case "RANGE":
                    parts.append("-".join(self.write_literal(end, flags) for end in value))
                case _ if is_negated or str(value) not in IN_ASCII:
                    # The complement of the ASCII subset is larger than the complement of the class.
                    raise _NoCounterpartError
                case _:
                    parts.append(IN_ASCII[str(value)])
        return f"[{'^' if is_negated else ''}{''.join(parts)}]"

    write_min_repeat = _Writer.write_max_repeat  # equivalent, because only the existence of a match matters

    def write_subpattern(self, value: Any, flags: int) -> str:
        _, added, removed, nodes = value
        if added or removed:
            raise _NoCounterpartError
        return f"(?:{self.write(nodes, flags)})"

    def write_at(self, where: Any, _: int) -> str:
        ends = {"AT_BEGINNING": r"\A", "AT_BEGINNING_STRING": r"\A", "AT_END": r"\z", "AT_END_STRING": r"\z"}
        return ends.get(str(where)) or self.refuse()


class _JavaWriter(_RE2Writer):
    def write_literal(self, code: int, flags: int) -> str:
        character = chr(code)
        return (
            character if character.isascii() and character.isalnum() else super().write_literal(code, flags)
        )

    def write_at(self, where: Any, flags: int) -> str:
        return r"(?=\n?\z)" if str(where) == "AT_END" else super().write_at(where, flags)

    def write_assert(self, value: Any, flags: int) -> str:
        return self._look_ahead("=", value, flags)

    def write_assert_not(self, value: Any, flags: int) -> str:
        return self._look_ahead("!", value, flags)

    def _look_ahead(self, sign: str, value: Any, flags: int) -> str:
        direction, nodes = value
        return f"(?{sign}{self.write(nodes, flags)})" if direction > 0 else self.refuse()

    def write_in(self, items: Any, flags: int) -> str:
        return f"[{''.join(self._write_item(str(name), value, flags) for name, value in items)}]"

    def _write_item(self, name: str, value: Any, flags: int) -> str:
        match name:
            case "NEGATE":
                return "^"
            case "LITERAL":
                return self.write_literal(value, flags)
            case "RANGE":
                return "-".join(self.write_literal(end, flags) for end in value)
        runs = re.findall(f"{CATEGORIES[str(value)]}+", _every_character())
        return "".join(
            self._write_item("RANGE", dict.fromkeys((ord(run[0]), ord(run[-1]))), flags) for run in runs
        )


# Flags that change the members of a class, and flags that replace each other.
OF_CLASSES = re.IGNORECASE | re.ASCII
OF_TEXTS = re.ASCII | re.LOCALE | re.UNICODE
CATEGORIES = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}


@cache
def _every_character() -> str:
    return "".join(map(chr, range(0x110000)))


@lru_cache(maxsize=1024)
def _list_members(written: str, flags: int) -> str:
    """A set of all characters that `re` finds in a class; other engines have other members."""
    runs = re.findall(f"{written}+", _every_character(), flags)
    ranges = [f"{_escape(ord(run[0]))}-{_escape(ord(run[-1]))}" for run in runs]
    return f"[{''.join(ranges)}]" if ranges else "(?!)"


def _escape(code: int) -> str:
    return rf"\U{code:08X}"


ANYTHING = f"[{_escape(0)}-{_escape(0x10FFFF)}]"
# Up to Python 3.13, `\B` does not match in an empty text.
NOT_EMPTY = "" if re.fullmatch(r"\B", "") else f"(?:(?<={ANYTHING})|(?={ANYTHING}))"


class _RegexWriter(_Writer):
    most_repeats = 1 << 16

    def __init__(self) -> None:
        # The engines differ in two cases: which match of a group they remember while it is open or within
        # a repetition, and whether a reference to a group can match after an empty repetition.
        self._referred: set[int] = set()
        self._unsure: set[int] = set()
        self._is_unsure = False
        self._repeats_nothing = False

    def write(self, nodes: Iterable[tuple[Any, Any]], flags: int) -> str:
        """The nodes as a sequence; refused if they refer to groups that the engines remember differently."""
        written = super().write(nodes, flags)
        if self._referred & self._unsure or (self._referred and self._repeats_nothing):
            raise _NoCounterpartError
        return written

    def _write_unsurely(self, nodes: Any, flags: int) -> str:
        before, self._is_unsure = self._is_unsure, True
        written = self.write(nodes, flags)
        self._is_unsure = before
        return written

    def write_literal(self, code: int, flags: int) -> str:
        return self._write_set(_escape(code), flags)

    def write_not_literal(self, code: int, flags: int) -> str:
        return self._write_set(f"^{_escape(code)}", flags)

    def write_any(self, _: Any, flags: int) -> str:
        return ANYTHING if flags & re.DOTALL else f"[^{_escape(10)}]"

    def write_in(self, items: Any, flags: int) -> str:
        parts, is_open = [], False
        for name, value in items:
            match str(name):
                case "NEGATE":
                    parts.append("^")
                case "LITERAL":
                    parts.append(_escape(value))
                case "RANGE":
                    parts.append(f"{_escape(value[0])}-{_escape(value[1])}")
                case _:
                    is_open = True
                    parts.append(CATEGORIES[str(value)])
        return self._write_set("".join(parts), flags, is_open)

    def _write_set(self, members: str, flags: int, is_open: bool = False) -> str:
        if is_open or flags & re.IGNORECASE:
            return self._write_class(f"[{members}]", flags)
        return f"[{members}]"

    def _write_class(self, written: str, flags: int) -> str:
        return _list_members(written, flags & OF_CLASSES)

    def write_at(self, where: Any, flags: int) -> str:
        kind, feed, lines = str(where), _escape(10), flags & re.MULTILINE
        word = self._write_class(r"\w", flags) if kind.endswith("BOUNDARY") else ""
        return {
            "AT_BEGINNING": rf"(?:\A|(?<={feed}))" if lines else r"\A",
            "AT_BEGINNING_STRING": r"\A",
            "AT_END": rf"(?={feed}|\Z)" if lines else rf"(?={feed}?\Z)",
            "AT_END_STRING": r"\Z",
            "AT_BOUNDARY": f"(?:(?<={word})(?!{word})|(?<!{word})(?={word}))",
            "AT_NON_BOUNDARY": f"(?:(?<={word})(?={word})|(?<!{word})(?!{word}){NOT_EMPTY})",
        }[kind]

    def write_subpattern(self, value: Any, flags: int) -> str:
        number, added, removed, nodes = value
        kept = (flags & ~OF_TEXTS if added & OF_TEXTS else flags) | added
        if not number:
            return f"(?:{self.write(nodes, kept & ~removed)})"
        self._unsure.add(number)
        written = self.write(nodes, flags)
        if not self._is_unsure:
            self._unsure.remove(number)
        return f"(?P<g{number}>{written})"

    def write_max_repeat(self, value: Any, flags: int) -> str:
        _, most, nodes = value
        before, self._is_unsure = self._is_unsure, self._is_unsure or most > 1
        self._repeats_nothing |= most > 1 and not nodes.getwidth()[0]
        written = super().write_max_repeat(value, flags)
        self._is_unsure = before
        return written

    def write_min_repeat(self, value: Any, flags: int) -> str:
        return f"{self.write_max_repeat(value, flags)}?"

    def write_possessive_repeat(self, value: Any, flags: int) -> str:
        return f"(?>{self.write_max_repeat(value, flags)})"

    def write_atomic_group(self, nodes: Any, flags: int) -> str:
        return f"(?>{self.write(nodes, flags)})"

    def write_assert(self, value: Any, flags: int) -> str:
        direction, nodes = value
        # `regex` matches look-behind from right to left.
        write = self.write if direction > 0 else self._write_unsurely
        return f"(?{'=' if direction > 0 else '<='}{write(nodes, flags)})"

    def write_assert_not(self, value: Any, flags: int) -> str:
        direction, nodes = value
        return f"(?{'!' if direction > 0 else '<!'}{self._write_unsurely(nodes, flags)})"

    def write_failure(self, *_: Any) -> str:
        return "(?!)"

    def write_groupref(self, number: int, flags: int) -> str:
        if flags & re.IGNORECASE:
            raise _NoCounterpartError  # the engines differ in which letters are equal without case
        self._referred.add(number)
        return f"(?P=g{number})"

    def write_groupref_exists(self, value: Any, flags: int) -> str:
        number, then, otherwise = value
        self._referred.add(number)
        return f"(?(g{number}){self.write(then, flags)}|{self.write(otherwise or (), flags)})"


class _Sketch(_RegexWriter):
    """Tells whether a pattern can be translated, without the time for listing the members of classes."""

    def _write_class(self, written: str, flags: int) -> str:
        return ANYTHING
