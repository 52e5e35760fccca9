"""Patterns: whether a text matches a regular expression that a user wrote, within a limit of time.

An expression of Python becomes one of RE2 that accepts nothing which Python refuses. Only what both engines
mean alike is translated; classes such as `\\d` become their ASCII part. What is left, such as look-around,
back references and flags, is not: then Python alone decides.
"""

import importlib
import re
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from packpress.problems import CannotRunError
from packpress.tables.fast.columns import is_known_to_re2, matches_re2

# Of processor time, so that a busy machine does not change the verdict.
SECONDS = 2.0
HAS_TIMER = hasattr(signal, "setitimer") and hasattr(signal, "SIGVTALRM")


@contextmanager
def limit_patience(message: str) -> Iterator[None]:
    """What runs inside ends with CannotRunError when it takes too long, where the module says that it can."""
    if not HAS_TIMER or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        raise CannotRunError(message)

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


CATEGORIES = {
    "CATEGORY_DIGIT": "0-9",
    "CATEGORY_WORD": "A-Za-z0-9_",
    "CATEGORY_SPACE": r"\x{9}-\x{D} ",
    "CATEGORY_NOT_SPACE": r"\x{21}-\x{7E}",
}
REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})
CHOICES = REPEATS | {"BRANCH", "GROUPREF", "ASSERT", "ASSERT_NOT"}
# A text so long may keep even a simple pattern busy.
LONG = 1000
# RE2 counts no further.
MOST_REPEATS = 1000


def make_matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a text as a whole matches a pattern, told in time that does not explode.

    Python tries all the ways in which `(a+)+` may match; RE2 does not. On printable ASCII both mean the same.
    """
    expression, linear, is_quick = re.compile(pattern), translate_pattern(pattern), is_simple(pattern)
    if linear and not is_known_to_re2(linear):
        linear = None
    message = f"the pattern {pattern} takes too long; write it without repeats inside repeats"

    def match(text: str) -> bool:
        if is_quick and len(text) < LONG:
            return expression.fullmatch(text) is not None
        if linear and text.isascii() and text.isprintable():
            return matches_re2(text, linear)
        with limit_patience(message):
            return expression.fullmatch(text) is not None

    return match


def is_simple(pattern: str) -> bool:
    """Whether a pattern repeats nothing that may match in several ways."""
    return not _repeats_choices(importlib.import_module("re._parser").parse(pattern), False)


def _repeats_choices(value: Any, is_repeated: bool) -> bool:
    if isinstance(value, tuple) and value and str(value[0]) in CHOICES:
        if is_repeated:
            return True
        is_repeated = str(value[0]) in REPEATS
    items = value if isinstance(value, tuple | list) or hasattr(value, "data") else ()
    return any(_repeats_choices(item, is_repeated) for item in items)


def translate_pattern(pattern: str) -> str | None:
    """An RE2 expression whose matches are full matches of the pattern in Python; None when there is none."""
    parser = importlib.import_module("re._parser")
    try:
        parsed = parser.parse(pattern)
        if parsed.state.flags != re.UNICODE:
            return None
        return rf"\A(?:{_translate(parsed)})\z"
    except (re.error, KeyError, ValueError, RecursionError, OverflowError):
        return None


def _translate(nodes: Iterable[tuple[Any, Any]]) -> str:
    """The nodes one after the other; KeyError or ValueError for one that has no counterpart."""
    parts = []
    for name, value in nodes:
        parts.append(NODES[str(name)](value))
    return "".join(parts)


def _literal(code: int) -> str:
    if 0xD800 <= code < 0xE000:
        raise ValueError("half of a character")
    return rf"\x{{{code:X}}}"


def _class(items: list[tuple[Any, Any]]) -> str:
    is_negated = str(items[0][0]) == "NEGATE"
    parts = []
    for name, value in items[is_negated:]:
        match str(name):
            case "LITERAL":
                parts.append(_literal(value))
            case "RANGE":
                parts.append(f"{_literal(value[0])}-{_literal(value[1])}")
            case _ if is_negated:
                raise ValueError("all but the ASCII part of a class is more than all but the class")
            case _:
                parts.append(CATEGORIES[str(value)])
    return f"[{'^' if is_negated else ''}{''.join(parts)}]"


def _repeat(value: tuple[Any, Any, Any]) -> str:
    least, most, nodes = value
    is_open = str(most) == "MAXREPEAT"
    if least > MOST_REPEATS or (not is_open and most > MOST_REPEATS):
        raise ValueError("too many")
    return f"(?:{_translate(nodes)}){{{int(least)},{'' if is_open else int(most)}}}"


def _group(value: tuple[Any, int, int, Any]) -> str:
    _, added, removed, nodes = value
    if added or removed:
        raise ValueError("flags")
    return f"(?:{_translate(nodes)})"


NODES: Mapping[str, Callable[[Any], str]] = {
    "LITERAL": _literal,
    "NOT_LITERAL": lambda code: f"[^{_literal(code)}]",
    "ANY": lambda _: r"[^\n]",
    "IN": _class,
    "BRANCH": lambda value: f"(?:{'|'.join(map(_translate, value[1]))})",
    "SUBPATTERN": _group,
    "MAX_REPEAT": _repeat,
    "MIN_REPEAT": _repeat,
    "AT": lambda where: {
        "AT_BEGINNING": r"\A",
        "AT_BEGINNING_STRING": r"\A",
        "AT_END": r"\z",
        "AT_END_STRING": r"\z",
    }[str(where)],
}
