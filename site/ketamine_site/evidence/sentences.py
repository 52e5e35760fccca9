"""Sentences: a line of an evidence map in words, a clause for every chip."""

from dataclasses import dataclass

from ketamine_site.evidence.evidence import Chip, Line

SAYS = {"supports": "supports", "against": "is against", "mixed": "is mixed", "neutral": "is neutral"}
# How a sentence tells a role; others are told as `as context`.
AS_ROLES = {
    "contraindication": "as a contraindication",
    "concern": "as a concern",
    "for_pain": "for pain",
    "other_use": "for another use",
    "product_form": "as a form of product",
    "comparator": "as a comparator",
}


@dataclass(frozen=True)
class Sentence:
    """A line of a map in words: what it is about, what sources say, and which are silent."""

    name: str
    said: str
    silence: str

    def __str__(self) -> str:
        return f"{self.name}. {self.said} {self.silence}"


def say_line(line: Line) -> Sentence:
    """The line in words; every chip is a clause."""
    said = [
        f"{cell.short_name} {join_words([say_chip(chip) for chip in cell.chips])}"
        for cell in line.cells
        if cell.chips
    ]
    silent = [cell.short_name for cell in line.cells if not cell.chips]
    silence = f"Not named: {', '.join(silent)}." if silent else "Every source names it."
    return Sentence(line.name, "; ".join(said) + "." if said else "", silence)


def say_chip(chip: Chip) -> str:
    """The chip as a clause: only a stance on the thing itself is a verb."""
    count = f"{chip.claims:,} claim{'s' if chip.claims != 1 else ''}"
    hedged = "hedged" if chip.is_hedged else f"{chip.hedged:,} hedged" if chip.hedged else ""
    role = AS_ROLES.get(chip.role, f"as {chip.role.replace('_', ' ')}")
    if chip.stance and not chip.is_beside:
        return f"{SAYS[chip.stance]} in {count} ({join_notes(role.removeprefix('as '), hedged)})"
    notes = join_notes(chip.stance or "", hedged)
    return f"names it {role} in {count}" + (f" ({notes})" if notes else "")


def join_notes(*notes: str) -> str:
    """The notes that say something."""
    return ", ".join(note for note in notes if note)


def join_words(parts: list[str], last: str = "and") -> str:
    """The parts as a list in running text."""
    return f" {last} ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
