"""The nearest allowed value to a misspelt one, for messages that offer the mend."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from difflib import get_close_matches

# Nobody misspells a longer value, and comparing two of them takes long.
LONGEST = 200
# A few seconds of comparing; a value that is looked for afterwards has no nearest.
MOST_COMPARISONS = 500_000


def nearest_value(value: str, allowed: Collection[str], likeness: float = 0.6) -> str:
    """The allowed value that `value` most probably stands for, or nothing when none is near."""
    if len(value) > LONGEST:
        return ""
    folded = {choice.casefold(): choice for choice in allowed if len(choice) <= 2 * LONGEST}
    matches = get_close_matches(value.casefold(), folded, n=1, cutoff=likeness)
    return folded[matches[0]] if matches else ""


@dataclass
class Nearest:
    """Finds the nearest of the same allowed values for text after text, as long as it is quick."""

    list_allowed: Callable[[], Collection[str]]
    _found: dict[str, str] = field(default_factory=dict)
    _comparisons: int = 0

    def find(self, value: str) -> str:
        """The allowed value that is most like a text, or nothing."""
        if value not in self._found:
            if self._comparisons > MOST_COMPARISONS:
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
