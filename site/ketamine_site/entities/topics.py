"""Topics: the four tables of things that claims are about, and how their roles in claims are worded."""

from dataclasses import dataclass, field
from functools import cached_property

from ketamine_site.entities.claim_counts import Linked
from ketamine_site.evidence.evidence import SUBJECTS


@dataclass(frozen=True, eq=False)
class Topic:
    """A table of things, its table of links, and what to look up about their claims."""

    table: str
    key: str
    noun: str
    # Columns of the link with text from the source, and their labels.
    words: dict[str, str]
    # The wording of each role after "one source names it"; empty when judgements say more.
    roles: dict[str, str] = field(default_factory=dict)
    # What follows "ketamine" when a claim judges it.
    judged_words: str = ""
    # Columns of the link or claim with text from the source or with names of other things.
    states: tuple[str, ...] = ()

    @property
    def judged(self) -> tuple[str, ...]:
        """The roles in which a claim's stance is about the thing itself."""
        return SUBJECTS[self.table].roles if self.table in SUBJECTS else ()

    @property
    def links(self) -> str:
        """The table that links claims to these things."""
        return f"claim_{self.table}"

    @cached_property
    def linked(self) -> Linked:
        """What to count for this topic."""
        return Linked(self.links, self.key, states=self.states)


TOPICS = {
    topic.table: topic
    for topic in (
        Topic(
            "conditions",
            "condition_id",
            "condition",
            {"qualifier": "limited by"},
            judged_words="for it",
            states=("dose", "duration_of_effect", "routes", "adverse_effects", "cited_references"),
        ),
        Topic(
            "routes",
            "route_id",
            "route",
            {"formulation": "formulation"},
            roles={
                "for_pain": "as a way to give ketamine for pain",
                "other_use": "as a way to give it for another purpose",
                "product_form": "as the form of a product",
                "comparator": "as what another route is compared with",
            },
            judged_words="given this way",
            states=(
                *("dose", "duration_of_effect", "formulation"),
                *("conditions", "adverse_effects", "cited_references"),
            ),
        ),
        Topic(
            "adverse_effects",
            "adverse_effect_id",
            "adverse effect",
            {"frequency": "how often", "course": "how it runs"},
            roles={
                "reported": "as something that occurs",
                "concern": "as something feared",
                "managed": "as something to be watched or handled",
                "unspecified": "without telling the effects apart",
            },
            states=("dose", "frequency", "course", "conditions", "routes", "cited_references"),
        ),
        Topic(
            "concepts",
            "concept_id",
            "concept",
            {},
            roles={
                "subject": "as what a claim speaks about",
                "class": "as what something is classed as",
                "comparator": "as what something is compared with",
                "prior_treatment": "as what was given before",
                "target": "as what something acts on",
                "site": "as a place in the body",
                "outcome": "as what results",
                "population": "as who is treated",
                "actor": "as who acts",
                "setting": "as the setting",
                "jurisdiction": "as where it holds",
                "monitored": "as what is watched",
                "concern": "as what is feared or to be managed",
                "issuer": "as who says or decides it",
                "method": "as the means",
            },
            states=("evidence_basis", "cited_references"),
        ),
    )
}
