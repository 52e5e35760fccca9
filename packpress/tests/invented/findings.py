"""What checks find, without their words: a test compares place, field, value and code, and what is offered.

The words stand once, in `tests/suites/wordings.yml`.
"""

import re
from dataclasses import replace
from pathlib import Path

from packpress.problems import CannotReadError, show_line

from invented.copies import PackageCopy, validate
from packpress import CannotRunError, Problem, Report

# The place of what has no code, for it keeps a package from being read at all.
UNREADABLE = "cannot run"
PLACE = re.compile(r"(.+?)(?::(\d+))?: ")
# Objects of JSON show a form; what stands between quotes outside of them is to be written.
OFFERED = re.compile(r'\{.*\}|"([^"]+)"')


def locate(problem: Problem) -> str:
    """A finding as it is printed, with its code, and what it offers, for its message.

    >>> locate(Problem("t.csv", 2, 'not of type integer, with commas in it; write "1234"', "n", "1,234", "schema/cell"))
    't.csv:2: n="1,234": schema/cell, offers "1234"'
    """
    cell = f'{problem.field}="{show_line(problem.value)}": ' if problem.field else ""
    offered = list_offers(problem.message)
    offers = f", offers {' or '.join(map(quote, offered))}" if offered else ""
    return f"{'notice: ' if problem.is_notice else ''}{problem.place}: {cell}{problem.code}{offers}"


def list_offers(message: str) -> list[str]:
    """The values that a message offers to write instead, in its last clause."""
    fault, _, mend = message.rpartition("; ")
    return [found for found in OFFERED.findall(mend) if found] if fault else []


def quote(value: str) -> str:
    return f'"{value}"'


def locate_all(report: Report, with_notices: bool = False) -> list[str]:
    """The problems of a report, and behind them the notices if they are wanted."""
    return [locate(found) for found in (*report.problems, *(report.notices if with_notices else ()))]


def findings(copy: PackageCopy) -> list[str]:
    """The problems of a copy, notices left out."""
    return locate_all(validate(copy))


def find_cause(error: CannotRunError, folder: Path) -> Problem:
    """What keeps a package in a folder from being read, as a problem of its descriptor."""
    if isinstance(error, CannotReadError):
        return replace(error.problem, path=error.problem.path.removeprefix(f"{folder}/"))
    message = str(error).replace(f"{folder}/", "")
    place = PLACE.match(message)
    assert place, message
    return Problem(place[1], int(place[2] or 0), message[place.end() :], code=UNREADABLE)
