"""Absences: what none of the claims about a thing states."""

from dataclasses import dataclass

from ketamine_site.entities.surveys import Survey
from ketamine_site.entities.topics import Topic
from ketamine_site.evidence.sentences import join_words

# What a claim may state in the words of its source, then what it may be linked to.
WORDS = {
    "dose": "a dose",
    "duration_of_effect": "a duration of effect",
    "evidence_basis": "words on what it rests on",
    "formulation": "a formulation",
    "frequency": "a frequency",
    "course": "a course over time",
}
LINKS = {
    "conditions": "a condition",
    "routes": "a route",
    "adverse_effects": "an adverse effect",
    "cited_references": "a reference",
}


@dataclass(frozen=True)
class Stated:
    """What no claim about a thing states, and what at least one does."""

    absent: list[str]
    present: list[str]

    @property
    def absence(self) -> str:
        """What no claim states, as a list in running text."""
        return join_words(self.absent, "or")


def tell_stated(topic: Topic, survey: Survey) -> Stated:
    """What the claims about a thing state and do not state; nothing of words that an edition withholds."""
    names = (WORDS if survey.has_words else {}) | LINKS
    asked = [column for column in topic.states if column in names]
    return Stated(
        [names[column] for column in asked if not survey.states(column)],
        [names[column] for column in asked if survey.states(column)],
    )
