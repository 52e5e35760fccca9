"""Related information: what silent sources say about broader or narrower things, and what no claim states."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from packpress.web.facts import Row

from ketamine_site.entities.claim_counts import NO_CLAIMS, ClaimCounts
from ketamine_site.entities.hierarchy import Relative
from ketamine_site.entities.source_sections import Near, SourceSection
from ketamine_site.entities.topics import Topic
from ketamine_site.evidence.disagreements import Pair, group_by_question
from ketamine_site.evidence.evidence import join_words

# What a claim may state in the words of its source, and then what it may be linked to.
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


def tell_stated(topic: Topic, counted: ClaimCounts) -> Stated:
    """What the claims about a thing state and do not state; without text that an edition leaves out."""
    names = (WORDS if counted.has_words else {}) | LINKS
    asked = [column for column in topic.states if column in names]
    return Stated(
        [names[column] for column in asked if not counted.states(column)],
        [names[column] for column in asked if counted.states(column)],
    )


MOST_NEAR = 2
STATEMENTS = """
select
  claim_id,
  source_id,
  statement,
  stance,
  certainty,
  hedge
from claims_flat
where claim_id in (select value from json_each(:claim_ids))
order by claim_id
"""


@dataclass(frozen=True)
class NearCounts:
    """A broader or narrower thing that a silent source names, and its claims about that."""

    relative: Relative
    claims: int
    # The first of them; empty for a narrower thing.
    claim_ids: list[str]


def find_near(
    counts: Mapping[str, ClaimCounts],
    silent: Iterable[SourceSection],
    broader: Sequence[Relative],
    narrower: Iterable[Relative],
) -> dict[str, list[NearCounts]]:
    """What each silent source names instead: the nearest broader thing, and narrower ones.

    `counts` are those of all things of the table.
    """
    near: dict[str, list[NearCounts]] = {section.source["source_id"]: [] for section in silent}
    for source_id, found in near.items():
        for relative in reversed(broader):
            counted = counts.get(relative.row_id, NO_CLAIMS)
            if source_id in counted.counts:
                shown = counted.shown[source_id][:MOST_NEAR]
                found.append(NearCounts(relative, counted.counts[source_id], shown))
                break
        for relative in sorted(narrower, key=lambda relative: relative.row_id):
            claims = counts.get(relative.row_id, NO_CLAIMS).counts.get(source_id)
            found += [NearCounts(relative, claims, [])] if claims else []
    return near


def list_near_claims(near: Mapping[str, list[NearCounts]]) -> list[str]:
    """The claims about broader things that are shown."""
    return [claim_id for found in near.values() for one in found for claim_id in one.claim_ids]


def add_near(
    silent: Iterable[SourceSection], near: Mapping[str, list[NearCounts]], statements: Iterable[Row]
) -> list[SourceSection]:
    """The sections of silent sources with what each names instead; the rows are those of `STATEMENTS`."""
    rows = {row["claim_id"]: row for row in statements}
    return [
        replace(
            section,
            near=tuple(
                Near(
                    found.relative.label,
                    found.relative.row_id,
                    found.claims,
                    tuple(rows[claim_id] for claim_id in sorted(found.claim_ids)),
                )
                for found in near[section.source["source_id"]]
            ),
        )
        for section in silent
    ]


@dataclass(frozen=True)
class StatedPair:
    """A pair of claims in words: the pair, and the two claims as rows of `STATEMENTS`."""

    pair: Pair
    first: Row
    second: Row


def state_pairs(pairs: Iterable[Pair], statements: Iterable[Row]) -> list[tuple[Pair, list[StatedPair]]]:
    """The pairs in words, by question, each with its first pair; the rows are those of `STATEMENTS`."""
    rows = {row["claim_id"]: row for row in statements}
    return [
        (found[0], [StatedPair(pair, *(rows[claim_id] for claim_id in pair.claim_ids)) for pair in found])
        for found in group_by_question(pairs)
    ]
