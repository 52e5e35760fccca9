"""Suggestions for misspelt values and names, for messages that offer a correction."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher

# Longer values are hardly ever misspelt, and comparing two of them is slow.
LONGEST = 200
# A second of comparing; after that, no more suggestions are made.
MOST_COMPARISONS = 100_000


def nearest_value(value: str, allowed: Collection[str], likeness: float = 0.6) -> str:
    """The allowed value most similar to `value`, or the empty string when none is similar enough.

    `likeness` is the smallest ratio accepted, from 0 to 1, as `difflib.SequenceMatcher.ratio` computes it,
    regardless of case.

    >>> nearest_value("Lervick", ["Lerwick", "Scalloway"])
    'Lerwick'
    >>> nearest_value("Oslo", ["Lerwick", "Scalloway"])
    ''
    """
    if len(value) > LONGEST:
        return ""
    folded = {choice.casefold(): choice for choice in allowed if len(choice) <= 2 * LONGEST}
    matcher = SequenceMatcher()
    matcher.set_seq2(value.casefold())
    found: tuple[float, str] = (likeness, "")
    # Most promising first: the full comparison can stop once no other choice can be better.
    for most, choice in sorted(_list_likely(matcher, folded, likeness), reverse=True):
        if most < found[0]:
            break
        matcher.set_seq1(choice)
        found = max(found, (matcher.ratio(), choice))
    return folded.get(found[1], "")


NUMBERED = re.compile(r"(.*[^\W\d_]\W*)(\d+)", re.DOTALL)


def has_other_number(value: str, other: str) -> bool:
    """Whether two identifiers are the same words with different numbers, so that neither is a misspelling.

    >>> has_other_number("ida-v2", "ida-v3"), has_other_number("ida-v2", "ida-v02")
    (True, False)
    >>> has_other_number("00926", "00962"), has_other_number("ida-v2", "ada-v3")
    (False, False)
    """
    if not other or len(value) > LONGEST:
        return False
    one, another = NUMBERED.fullmatch(value), NUMBERED.fullmatch(other)
    return one is not None and another is not None and one[1] == another[1] and int(one[2]) != int(another[2])


def _list_likely(
    matcher: SequenceMatcher[str], choices: Iterable[str], likeness: float
) -> Iterator[tuple[float, str]]:
    """The choices that may be similar enough, with an upper bound of their ratios."""
    for choice in choices:
        matcher.set_seq1(choice)
        if matcher.real_quick_ratio() >= likeness and (most := matcher.quick_ratio()) >= likeness:
            yield most, choice


@dataclass
class Nearest:
    """Finds suggestions for many values among the same allowed ones, and gives up when that becomes slow.

    >>> ports = Nearest(lambda: ["Lerwick", "Scalloway"])
    >>> ports.find("Lervick"), ports.find("Oslo")
    ('Lerwick', '')
    """

    list_allowed: Callable[[], Collection[str]]
    most: int | None = None  # comparisons; MOST_COMPARISONS by default
    _found: dict[str, str] = field(default_factory=dict)
    _comparisons: int = 0

    def find(self, value: str) -> str:
        """The allowed value most similar to `value`, or the empty string."""
        if value not in self._found:
            if self._comparisons > (MOST_COMPARISONS if self.most is None else self.most):
                return ""
            allowed = self.list_allowed()
            self._comparisons += len(allowed)
            self._found[value] = nearest_value(value, allowed)
        return self._found[value]

    def find_key(self, value: str) -> str:
        """The key that was probably meant: the next number is another row, not a misspelling.

        >>> Nearest(lambda: ["ida-v2", "ada"]).find_key("ida-v3")
        ''
        """
        nearest = self.find(value)
        return "" if has_other_number(value, nearest) else nearest


def offer_row(nearest: str) -> str:
    """What to do about a key without a row, given the key that was probably meant, or the empty string.

    >>> offer_row("ada"), offer_row("")
    ('use "ada" or add the row', 'correct it or add the row')
    """
    return f'use "{nearest}" or add the row' if nearest else "correct it or add the row"


def offer_nearest(
    value: str, allowed: Collection[str], otherwise: str = "correct it or remove it", likeness: float = 0.6
) -> str:
    """The question whether the most similar value is meant; `otherwise` when none is similar enough.

    >>> offer_nearest("Lervick", ["Lerwick", "Scalloway"])
    'did you mean "Lerwick"?'
    >>> offer_nearest("Oslo", ["Lerwick", "Scalloway"])
    'correct it or remove it'
    """
    nearest = nearest_value(value, allowed, likeness)
    return f'did you mean "{nearest}"?' if nearest else otherwise


# A typing error may change one letter in this many.
LETTERS_PER_SLIP = 5
SEPARATORS = str.maketrans("", "", "-_ .")


def find_slip(name: str, known: Collection[str]) -> str:
    """The known name that `name` is probably a typing error for, or the empty string.

    Capitals and separators are ignored; one or two letters may be missing, added, wrong or swapped, depending
    on the length of the name.

    >>> find_slip("primary_key", ["primaryKey"]), find_slip("contraints", ["constraints"])
    ('primaryKey', 'constraints')
    >>> find_slip("related", ["created"])
    ''
    """
    if len(name) > LONGEST:
        return ""
    bare, most = _bare(name), 1 if len(name) < 2 * LETTERS_PER_SLIP else 2
    distances = {other: _count_slips(bare, _bare(other)) for other in known}
    best = min(distances, key=distances.__getitem__, default="")
    return best if best and distances[best] <= min(most, len(best) // 3) else ""


def _bare(name: str) -> str:
    return name.casefold().translate(SEPARATORS)


def _count_slips(one: str, other: str) -> int:
    """How many letters are missing, added, wrong or swapped (optimal string alignment distance)."""
    before: list[int] = []
    last: list[int] = [*range(len(other) + 1)]
    for i, letter in enumerate(one, 1):
        row: list[int] = [i]
        for j, theirs in enumerate(other, 1):
            row.append(min(last[j] + 1, row[-1] + 1, last[j - 1] + (letter != theirs)))
            if i > 1 and j > 1 and one[i - 2 : i] == theirs + other[j - 2]:
                row[-1] = min(row[-1], before[j - 2] + 1)
        before, last = last, row
    return last[-1]
