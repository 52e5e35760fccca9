"""Conflict markers: how git writes what a merge could not settle, and how an unfinished merge is recognised.

A file has them when `<<<<<<<`, `=======` and `>>>>>>>` begin lines in this order. A cell that begins with one
of them is none.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from packpress.problems import CannotReadError, CannotRunError, Problem

OURS, BETWEEN, THEIRS = "<<<<<<<", "=======", ">>>>>>>"
MARKERS = (re.compile(rb"\n<{7}[ \r\n]"), re.compile(rb"\n={7}[\r\n]"), re.compile(rb"\n>{7}[ \r\n]"))
# A marker, and the characters before and after it.
WIDTH = len(OURS) + 2

UNFINISHED = "file/unfinished-merge"
MESSAGE = (
    "the merge in git is unfinished from here on; keep one side of each conflict, remove the lines that "
    f"begin with {OURS}, {BETWEEN} and {THEIRS}, and run git add"
)


def write_conflict(ours: str, theirs: str) -> str:
    """The lines of a conflict, given those of both sides, which end with a line feed or are empty.

    >>> write_conflict("ida,Ida\\n", "").splitlines()
    ['<<<<<<< ours', 'ida,Ida', '=======', '>>>>>>> theirs']
    """
    return f"{OURS} ours\n{ours}{BETWEEN}\n{theirs}{THEIRS} theirs\n"


@dataclass
class MarkerSearch:
    """Searches a file for the markers of a conflict, in pieces of any size.

    >>> search = MarkerSearch()
    >>> [search.find(piece) for piece in (b"a\\n<<<", b"<<<< x\\n1\\n=======\\n", b">>>>>>> y\\n")]
    [False, False, True]
    >>> search.start
    2
    """

    # How many of the three markers were found, and the position of the first.
    count: int = 0
    start: int = -1
    passed: int = 0
    rest: bytes = b"\n"

    def find(self, piece: bytes) -> bool:
        """Whether the file up to the end of the piece contains a conflict."""
        # One character is found ten times as fast as several, and few files have it.
        if self.count or b"<" in piece or b"<" in self.rest:
            text, place = self.rest + piece, 0
            while match := MARKERS[self.count].search(text, place):
                if not self.count:
                    self.start = self.passed - len(self.rest) + match.start() + 1
                self.count, place = self.count + 1, match.end() - 1
                if self.count == len(MARKERS):
                    return True
        self.passed += len(piece)
        self.rest = (self.rest + piece[-WIDTH:])[-WIDTH:]
        return False


def find_conflict(text: str) -> int:
    """The line on which the first conflict of a text begins; 0 if there is none.

    >>> find_conflict("a\\n<<<<<<< ours\\nb\\n=======\\n>>>>>>> theirs\\n"), find_conflict("<<<<<<< x")
    (2, 0)
    """
    data, search = text.encode("utf-8", "surrogatepass"), MarkerSearch()
    return data.count(b"\n", 0, search.start) + 1 if search.find(data + b"\n") else 0


def refuse_conflict(text: str, where: str) -> None:
    """Raises CannotRunError, which names the line, if the text of a file contains a conflict."""
    if line := find_conflict(text):
        raise CannotRunError(f"{where}:{line}: {MESSAGE}")


def refuse_conflicts(open_pieces: Callable[[], Iterable[bytes]], path: str) -> Iterator[bytes]:
    """The pieces of a file; once they contain a conflict, CannotReadError for the line on which it begins.

    Only then, the file is opened again to count its lines.
    """
    search = MarkerSearch()
    for piece in open_pieces():
        if search.find(piece):
            raise CannotReadError(path, _count_lines(open_pieces(), search.start), MESSAGE, UNFINISHED)
        yield piece


def _count_lines(pieces: Iterable[bytes], end: int) -> int:
    """The line that contains the byte at `end`."""
    line = 1
    for piece in pieces:
        line += piece.count(b"\n", 0, max(end, 0))
        end -= len(piece)
    return line


def check_conflict(path: str, text: str) -> Iterator[Problem]:
    """Checks that a text file contains no conflict."""
    if line := find_conflict(text):
        yield Problem(path, line, MESSAGE, code=UNFINISHED)
