"""The nearest allowed value to a misspelt one, for messages that offer the mend."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher

# Nobody misspells a longer value, and comparing two of them takes long.
LONGEST = 200
# A few seconds of comparing; a value that is looked for afterwards has no nearest.
MOST_COMPARISONS = 500_000


def nearest_value(value: str, allowed: Collection[str], likeness: float = 0.6) -> str:
    """The allowed value that `value` most probably stands for, or nothing when none is near."""
    if len(value) > LONGEST:
        return ""
    folded = {choice.casefold(): choice for choice in allowed if len(choice) <= 2 * LONGEST}
    matcher = SequenceMatcher()
    matcher.set_seq2(value.casefold())
    found: tuple[float, str] = (likeness, "")
    # The likeliest first, for the others are compared in full only while they may be more alike.
    for most, choice in sorted(_list_likely(matcher, folded, likeness), reverse=True):
        if most < found[0]:
            break
        matcher.set_seq1(choice)
        found = max(found, (matcher.ratio(), choice))
    return folded.get(found[1], "")


def _list_likely(
    matcher: SequenceMatcher[str], choices: Iterable[str], likeness: float
) -> Iterator[tuple[float, str]]:
    """The choices that may be alike enough, and how much alike they are at most."""
    for choice in choices:
        matcher.set_seq1(choice)
        if matcher.real_quick_ratio() >= likeness and (most := matcher.quick_ratio()) >= likeness:
            yield most, choice


@dataclass
class Nearest:
    """Finds the nearest of the same allowed values for text after text, as long as it is quick."""

    list_allowed: Callable[[], Collection[str]]
    most: int = MOST_COMPARISONS
    _found: dict[str, str] = field(default_factory=dict)
    _comparisons: int = 0

    def find(self, value: str) -> str:
        """The allowed value that is most like a text, or nothing."""
        if value not in self._found:
            if self._comparisons > self.most:
                return ""
            allowed = self.list_allowed()
            self._comparisons += len(allowed)
            self._found[value] = nearest_value(value, allowed)
        return self._found[value]


def offer_nearest(
    value: str, allowed: Collection[str], otherwise: str = "correct it or take it out", likeness: float = 0.6
) -> str:
    """The question whether the nearest value is meant; `otherwise` when none is near."""
    nearest = nearest_value(value, allowed, likeness)
    return f'did you mean "{nearest}"?' if nearest else otherwise


# One letter in so many may be wrong in a slip.
LETTERS_PER_SLIP = 5
SEPARATORS = str.maketrans("", "", "-_ .")


def find_slip(name: str, known: Collection[str]) -> str:
    """The known name that another is a slip of: written in other capitals, or with letters missed or swapped.

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
    """How many letters are missed, added, wrong or swapped with the next (optimal string alignment)."""
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
