"""The relations between claims, as every page names and explains them."""

# From the first claim of a pair to the second, gravest first; the order in which the protocol decides.
LABELS = {
    "contradicts": "Contradicts",
    "in_tension": "In tension",
    "qualifies": "Qualifies",
    "agrees": "Agrees",
    "complements": "Complements",
}
MEANINGS = {
    "contradicts": "one denies the other",
    "in_tension": "they pull apart, and both can hold",
    "qualifies": "the first is narrower, or hedged where the second is not",
    "agrees": "both say the same",
    "complements": "they complete each other, as a harm and its monitoring do",
}
# The relations that the page of disagreements shows.
DISAGREEING = ("contradicts", "in_tension", "qualifies")


def name_relation(relation: str) -> str:
    """The label of a relation, seen from either of its claims.

    >>> name_relation("in_tension"), name_relation("is qualified by")
    ('In tension', 'Is qualified by')
    """
    return LABELS.get(relation, relation.capitalize())
