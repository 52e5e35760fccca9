"""Problems and notices, the exceptions that carry them, and the one format in which they are printed."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import total_ordering
from importlib.util import find_spec
from operator import attrgetter
from shlex import quote

LONGEST_VALUE = 80
FINGERPRINT = re.compile(r"[0-9a-f]{32,}")

Cause = tuple[str, str, str]


@total_ordering
@dataclass(frozen=True)
class Problem:
    """One finding about one place, printed as `path:line: field="value": what is wrong; what to do`.

    - `path`: the file, relative to the descriptor; or the descriptor itself.
    - `line`: the physical line, counted from 1; 0 when the finding is about the whole file.
    - `message`: what is wrong and what to do about it. Its wording may change between versions.
    - `field`, `value`: the column and the text of the cell; empty when the finding is not about a cell.
    - `code`: the kind of finding, such as `schema/cell`; stable.
    - `is_notice`: a notice is worth reading, but does not make the package invalid.

    Problems sort by path and line.

    >>> from packpress import Problem
    >>> print(Problem("boats.csv", 3, "not of type year; write a year such as 2011", "built", "11"))
    boats.csv:3: built="11": not of type year; write a year such as 2011
    >>> print(Problem("boats.csv", 0, "no such file; restore it", is_notice=True))
    notice: boats.csv: no such file; restore it
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
        return self.order < other.order

    @property
    def place(self) -> str:
        """The file, followed by the line if there is one."""
        return f"{self.path}:{self.line}" if self.line else self.path

    @property
    def cell(self) -> str:
        """The field and value as printed before the message; empty when the finding is not about a cell."""
        return f'{self.field}="{shorten_value(self.value)}": ' if self.field else ""

    @property
    def cause(self) -> Cause:
        """File, code and field: findings that agree in all three probably have the same cause."""
        return (self.path, self.code, self.field)

    @property
    def order(self) -> tuple[str, int, str, str]:
        """What problems are sorted by, sooner than by comparing them: path, line, field and message."""
        return (self.path, self.line, self.field, self.message)


@dataclass(frozen=True)
class Findings:
    """Problems or notices of one cause: how many there are, and those that are made as they are asked for."""

    cause: Cause
    is_notice: bool
    count: int
    problems: Iterable[Problem]


class CannotRunError(Exception):
    """The work cannot be done at all; the message is one line, for the person who ran the command.

    >>> from packpress import CannotRunError, read_package
    >>> try:
    ...     read_package("nowhere")
    ... except CannotRunError as error:
    ...     print(error)
    nowhere: no such file; name the descriptor of a data package
    """

    def __init__(self, message: str) -> None:
        super().__init__(show_line(message))


class CannotReadError(CannotRunError):
    """A file of the package cannot be read; validation reports it as a problem."""

    def __init__(self, path: str, line: int, message: str, code: str = "file/unreadable") -> None:
        self.problem = Problem(path, line, message, code=code)
        super().__init__(str(self.problem))


class InvalidPackageError(Exception):
    """Nothing was written because the package has problems, or would have them afterwards.

    `problems` lists them, sorted by path and line. The message counts them and ends with `outcome`, which
    says what was not done.

    >>> from packpress import InvalidPackageError, Problem
    >>> error = InvalidPackageError([Problem("boats.csv", 0, "no such file; restore it")], "out is unchanged")
    >>> print(error)
    1 problem; out is unchanged
    >>> error.problems[0].path
    'boats.csv'
    """

    def __init__(self, problems: Iterable[Problem], outcome: str = "") -> None:
        self.problems = sorted(problems, key=attrgetter("order"))
        count = len(self.problems)
        super().__init__(f"{count} problem{'' if count == 1 else 's'}{f'; {outcome}' if outcome else ''}")


def require_extra(extra: str, *modules: str) -> None:
    """Raises CannotRunError, naming the extra to install, when one of its modules is missing.

    >>> require_extra("workbook", "no_such_module")
    Traceback (most recent call last):
    packpress.problems.CannotRunError: no_such_module: not installed, ...
    """
    for module in modules:
        if not find_spec(module):
            raise CannotRunError(f"{module}: not installed, but required; install packpress[{extra}]")


# A Makefile whose targets call packpress sets this variable to `make`.
CALLER = "PACKPRESS_CALLER"


def name_option(name: str, value: str = "") -> str:
    """An option as it is typed: `--force`, or `FORCE=1` where make calls packpress.

    >>> name_option("force"), name_option("to-new", "…")
    ('--force', '--to-new "…"')
    """
    quoted = f'"{value}"' if value else ""
    if os.environ.get(CALLER) == "make":
        return f"{name.upper().replace('-', '_')}={quoted or 1}"
    return f"--{name} {quoted}".rstrip()


def name_command(verb: str, variable: str = "", word: str = "", option: str = "") -> str:
    """A command as it is typed; where make calls packpress, `variable` is what make calls its argument.

    >>> name_command("import", "WORKBOOK", "ida.xlsx", "yes")
    'packpress import ida.xlsx --yes'
    """
    is_make = os.environ.get(CALLER) == "make"
    argument = f"{variable}={quote(word)}" if is_make and word else quote(word) if word else ""
    words = ["make" if is_make else "packpress", verb, argument, name_option(option) if option else ""]
    return " ".join(filter(None, words))


def shorten_value(value: str, longest: int = LONGEST_VALUE) -> str:
    """The value on one line, cut to `longest` characters; hexadecimal fingerprints are cut to six digits.

    >>> shorten_value("gale, turned back", longest=10)
    'gale,…'
    >>> shorten_value("9f86d081884c7d659a2feaa0c55ad015")
    '9f86d0…'
    """
    if FINGERPRINT.fullmatch(value):
        return value[:6] + "…"
    shown = show_line(value[: longest + 1])
    return shown if len(shown) <= longest else shown[:longest].rsplit(" ", 1)[0] + "…"


def show_line(text: str) -> str:
    """The text on one line, with invisible characters written as their code points.

    >>> show_line("one\\nline")
    'one<U+000A>line'
    """
    return text if text.isprintable() else "".join(map(_show_character, text))


def _show_character(character: str) -> str:
    # An unusual space or a control character is exactly what the reader must be able to see.
    if character == " " or (character.isprintable() and not character.isspace()):
        return character
    return f"<U+{ord(character):04X}>"
