"""What is wrong with a package: problems and notices, and the one form in which they are printed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import total_ordering
from importlib.util import find_spec

LONGEST_VALUE = 80
FINGERPRINT = re.compile(r"[0-9a-f]{32,}")

Cause = tuple[str, str, str]


@total_ordering
@dataclass(frozen=True)
class Problem:
    """One fault of one place: `path:line: field="value": what is wrong; what to do`.

    `line` is the physical line, counted from 1, or 0 for the whole file; `field` and `value` are
    empty when the fault is not that of a cell. A notice is worth reading but does not make the
    package invalid.
    """

    path: str
    line: int
    message: str
    field: str = ""
    value: str = ""
    code: str = ""
    is_notice: bool = False

    def __str__(self) -> str:
        return show_line(f"{'notice: ' if self.is_notice else ''}{self.place}: {self.cell}{self.message}")

    def __lt__(self, other: "Problem") -> bool:
        return self._order() < other._order()

    @property
    def place(self) -> str:
        """The file, and the line in it where there is one."""
        return f"{self.path}:{self.line}" if self.line else self.path

    @property
    def cell(self) -> str:
        """The field and its value, as they stand before the message; empty when it is not of a cell."""
        return f'{self.field}="{shorten_value(self.value)}": ' if self.field else ""

    @property
    def cause(self) -> Cause:
        """What findings that probably come of one fault have in common."""
        return (self.path, self.code, self.field)

    def _order(self) -> tuple[str, int, str, str]:
        return (self.path, self.line, self.field, self.message)


@dataclass(frozen=True)
class Findings:
    """Problems or notices of one cause: how many there are, and those that are made as they are asked for."""

    cause: Cause
    is_notice: bool
    count: int
    problems: Iterable[Problem]


class CannotRunError(Exception):
    """The command cannot do its work at all; the message is one line for the person who typed it."""

    def __init__(self, message: str) -> None:
        super().__init__(show_line(message))


class CannotReadError(CannotRunError):
    """A file of the package cannot be read; a command that judges packages reports it as a problem."""

    def __init__(self, path: str, line: int, message: str, code: str = "file/unreadable") -> None:
        self.problem = Problem(path, line, message, code=code)
        super().__init__(str(self.problem))


class InvalidPackageError(Exception):
    """The package has problems, or would have them, so nothing was done; `outcome` says what was not."""

    def __init__(self, problems: Iterable[Problem], outcome: str = "") -> None:
        self.problems = sorted(problems)
        count = len(self.problems)
        super().__init__(f"{count} problem{'' if count == 1 else 's'}{f'; {outcome}' if outcome else ''}")


def require_extra(extra: str, *modules: str) -> None:
    """CannotRunError, which names the extra to install, when one of the modules that it brings is missing."""
    for module in modules:
        if not find_spec(module):
            raise CannotRunError(f"{module}: not installed, and needed for this; install packpress[{extra}]")


def shorten_value(value: str, longest: int = LONGEST_VALUE) -> str:
    """The value on one line, cut so that a message stays readable; fingerprints keep six digits."""
    if FINGERPRINT.fullmatch(value):
        return value[:6] + "…"
    shown = show_line(value[: longest + 1])
    return shown if len(shown) <= longest else shown[:longest].rsplit(" ", 1)[0] + "…"


def show_line(text: str) -> str:
    """The text on one line, with whatever cannot be seen written out."""
    return text if text.isprintable() else "".join(map(_show_character, text))


def _show_character(character: str) -> str:
    # A space that is no space, or a control character, is the very thing the reader must see.
    if character == " " or (character.isprintable() and not character.isspace()):
        return character
    return f"<U+{ord(character):04X}>"
