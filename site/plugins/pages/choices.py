"""Choices: the four filters of the reader, with how many claims each value would leave."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from .documents import Claim
from .stances import STANCES

# What a claim whose type does not judge is filed under.
NO_STANCE = "none"


@dataclass(frozen=True)
class Choice:
    """One select: its name in the address, its label, the value chosen, and each value with its count."""

    name: str
    label: str
    chosen: str
    counts: tuple[tuple[str, int], ...]


def _stance(claim: Claim) -> tuple[str, ...]:
    return (claim.row["stance"] or NO_STANCE,)


def _certainty(claim: Claim) -> tuple[str, ...]:
    return (claim.row["certainty"],)


def _type(claim: Claim) -> tuple[str, ...]:
    return (claim.row["claim_type"],)


def _condition(claim: Claim) -> tuple[str, ...]:
    return claim.conditions


FILTERS: dict[str, tuple[str, Callable[[Claim], tuple[str, ...]], tuple[str, ...]]] = {
    "stance": ("Stance", _stance, (*STANCES, NO_STANCE)),
    "certainty": ("Certainty", _certainty, ("asserted", "hedged")),
    "type": ("Type", _type, ()),
    "condition": ("Condition", _condition, ()),
}


def offer_choices(claims: Iterable[Claim], asked: Mapping[str, str]) -> list[Choice]:
    """The four selects; stances and certainties are offered even when nothing would be left."""
    claims = list(claims)
    choices = []
    for name, (label, read, always) in FILTERS.items():
        counts = Counter(value for claim in claims for value in read(claim))
        chosen = asked.get(name, "")
        extra = {*counts, chosen} - {"", *always}
        values = (*always, *sorted(extra))
        choices.append(Choice(name, label, chosen, tuple((value, counts[value]) for value in values)))
    return choices


def match_choices(choices: Iterable[Choice]) -> Callable[[Claim], bool]:
    """A function that says whether a claim has every value that is chosen."""
    chosen = [(FILTERS[choice.name][1], choice.chosen) for choice in choices if choice.chosen]
    return lambda claim: all(value in read(claim) for read, value in chosen)
