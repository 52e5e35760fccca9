"""The nearest allowed value to a misspelt one, for messages that offer the mend."""

from collections.abc import Collection
from difflib import get_close_matches


def nearest_value(value: str, allowed: Collection[str], likeness: float = 0.6) -> str:
    """The allowed value that `value` most probably stands for, or nothing when none is near."""
    folded = {choice.casefold(): choice for choice in allowed}
    matches = get_close_matches(value.casefold(), folded, n=1, cutoff=likeness)
    return folded[matches[0]] if matches else ""


def offer_nearest(
    value: str, allowed: Collection[str], otherwise: str = "correct it or take it out", likeness: float = 0.6
) -> str:
    """The question whether the nearest value is meant; `otherwise` when none is near."""
    nearest = nearest_value(value, allowed, likeness)
    return f'did you mean "{nearest}"?' if nearest else otherwise
