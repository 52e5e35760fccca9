"""Patterns: from a regular expression of Python to one of RE2 that accepts nothing which Python refuses.

Only what both engines mean alike is translated; classes such as `\\d` become their ASCII part. What is
left, such as look-around, back references and flags, is not: then Python alone decides.
"""

import importlib
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

CATEGORIES = {
    "CATEGORY_DIGIT": "0-9",
    "CATEGORY_WORD": "A-Za-z0-9_",
    "CATEGORY_SPACE": r"\x{9}-\x{D} ",
    "CATEGORY_NOT_SPACE": r"\x{21}-\x{7E}",
}
# RE2 counts no further.
MOST_REPEATS = 1000


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
