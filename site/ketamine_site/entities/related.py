"""Related information: what silent sources say about broader or narrower things, and what no claim states."""

import json
from dataclasses import dataclass, replace

from datasette.app import Datasette
from packpress.web.facts import read_rows

from ketamine_site.entities.claim_counts import ClaimCounts, count_claims
from ketamine_site.entities.hierarchy import Relative
from ketamine_site.entities.source_sections import Near, SourceSection
from ketamine_site.entities.topics import Topic
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
  certainty
from claims_flat
where claim_id in (select value from json_each(:claim_ids))
order by claim_id
"""
NARROWER = """
select
  links.{key} as row_id,
  claims_flat.source_id,
  count(distinct claims_flat.claim_id) as claims
from {links} as links
join claims_flat using (claim_id)
where links.{key} in (select value from json_each(:row_ids))
group by
  links.{key},
  claims_flat.source_id
order by links.{key}
"""


async def find_near(
    datasette: Datasette,
    topic: Topic,
    silent: list[SourceSection],
    broader: list[Relative],
    narrower: list[Relative],
) -> list[SourceSection]:
    """The silent sources, each with its claims about the nearest broader thing and about narrower ones."""
    near: dict[str, list[Near]] = {section.source["source_id"]: [] for section in silent}
    for relative in reversed(broader):
        waiting = {source_id for source_id, found in near.items() if not found}
        if not waiting:
            break
        counted = await count_claims(datasette, topic.linked, relative.row_id)
        wanted = [claim for source_id in waiting for claim in counted.shown.get(source_id, ())[:MOST_NEAR]]
        rows = await read_rows(datasette, STATEMENTS, claim_ids=json.dumps(wanted)) if wanted else []
        for source_id in waiting & counted.counts.keys():
            shown = tuple(row for row in rows if row["source_id"] == source_id)
            near[source_id].append(Near(relative.label, relative.row_id, counted.counts[source_id], shown))
    if silent and narrower:
        labels = {relative.row_id: relative.label for relative in narrower}
        sql = NARROWER.format(links=topic.links, key=topic.key)
        for row in await read_rows(datasette, sql, row_ids=json.dumps(list(labels))):
            if row["source_id"] in near:
                found = Near(labels[row["row_id"]], row["row_id"], row["claims"], ())
                near[row["source_id"]].append(found)
    return [replace(section, near=tuple(near[section.source["source_id"]])) for section in silent]
