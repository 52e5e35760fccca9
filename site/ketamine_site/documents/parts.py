"""Parts: a long list shown so many at a time, with the addresses of the parts around."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

# Where the first part is also the previous one, it is called so.
NEARER = {"First": "Previous", "Last": "Next"}


@dataclass(frozen=True)
class Part:
    """What one page shows of a list: from its `first` to its `last`, of `end`, counted from 1."""

    first: int
    last: int
    end: int
    size: int

    @property
    def is_whole(self) -> bool:
        """Whether there is no other part."""
        return self.end <= self.size


def read_number(words: str) -> int | None:
    """The number that the words are, or None; one too long to be a place may be too long for Python."""
    return int(words) if words.isdecimal() and len(words) < 10 else None


def cut_part(place: int, end: int, size: int) -> Part:
    """The part that holds the place; the nearest one when there is no such place."""
    first = (max(1, min(place, end)) - 1) // size * size + 1
    return Part(first, min(first + size - 1, end), end, size)


def list_turns(part: Part, name: str, kept: Mapping[str, str]) -> list[tuple[str, str]]:
    """The other parts that a page leads to, each with the query that asks for it."""
    last = cut_part(part.end, part.end, part.size).first
    places = {"First": 1, "Previous": part.first - part.size, "Next": part.last + 1, "Last": last}
    return [
        (label, urlencode({**kept, name: place}))
        for label, place in places.items()
        if 1 <= place <= part.end and place != part.first and places.get(NEARER.get(label, "")) != place
    ]
