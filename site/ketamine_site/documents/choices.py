"""Choices: selects that filter a page, with how many things each value would leave."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Filter(Generic[Thing]):
    """A select to come: its label, the values of a thing, and values offered even when nothing has them."""

    label: str
    read: Callable[[Thing], Collection[str]]
    always: tuple[str, ...] = ()


@dataclass(frozen=True)
class Choice:
    """One select: its name in the address, its label, the value chosen, and each value with its count."""

    name: str
    label: str
    chosen: str
    counts: tuple[tuple[str, int], ...]


def offer_choices(
    filters: Mapping[str, Filter[Thing]], things: Collection[tuple[Thing, int]], asked: Mapping[str, str]
) -> list[Choice]:
    """The selects over things, each of which stands for as many as the number beside it."""
    choices = []
    for name, filter_ in filters.items():
        counts: Counter[str] = Counter()
        for thing, number in things:
            for value in filter_.read(thing):
                counts[value] += number
        chosen = asked.get(name, "")
        values = (*filter_.always, *sorted({*counts, chosen} - {"", *filter_.always}))
        choices.append(Choice(name, filter_.label, chosen, tuple((value, counts[value]) for value in values)))
    return choices


def match_choices(filters: Mapping[str, Filter[Thing]], choices: Iterable[Choice]) -> Callable[[Thing], bool]:
    """A function that says whether a thing has every value that is chosen."""
    chosen = [(filters[choice.name].read, choice.chosen) for choice in choices if choice.chosen]
    return lambda thing: all(value in read(thing) for read, value in chosen)


def list_removals(choices: Iterable[Choice], kept: Mapping[str, str]) -> list[tuple[str, str]]:
    """Each value that is chosen, in words, with the rest of the address once it is taken away."""
    chosen = {choice.name: choice.chosen for choice in choices if choice.chosen}
    return [
        (
            f"{name.removesuffix('_id').replace('_', ' ')} = {value}",
            urlencode({**kept, **{other: left for other, left in chosen.items() if other != name}}),
        )
        for name, value in chosen.items()
    ]
