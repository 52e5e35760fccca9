"""Entity pages: what each source says about a condition, route, adverse effect or concept, side by side."""

import json
from dataclasses import dataclass

from datasette.app import Datasette
from packpress.web.facts import Row, read_several

from ketamine_site.entities.claim_counts import NO_CLAIMS, count_claims
from ketamine_site.entities.hierarchy import Relative, list_relatives, read_hierarchy
from ketamine_site.entities.names import (
    ASKED_NAMES,
    MAPPINGS,
    WAYS,
    Code,
    Names,
    group_codes,
    group_names,
    list_codes,
    list_titles,
    match_titles,
    read_mentions,
    read_prefixes,
)
from ketamine_site.entities.related import (
    STATEMENTS,
    Stated,
    add_near,
    find_near,
    list_near_claims,
    tell_stated,
)
from ketamine_site.entities.source_sections import Detail, SourceSection, arrange_sections, list_sources
from ketamine_site.entities.summaries import state_finding
from ketamine_site.entities.topics import TOPICS, Topic
from ketamine_site.evidence.evidence import MAPS, Chip, MapLine, read_map
from ketamine_site.highlights import CLAIMS

# How many titles a page shows before it links to the rest.
MOST_TITLES = 8
LINKS = """
select links.*
from json_each(:claim_ids) as wanted
cross join {links} as links
  on links.claim_id = wanted.value
  and links.{key} = :row_id
order by
  links.claim_id,
  links.role
"""


@dataclass(frozen=True)
class EntityPage:
    """The contents of an entity's page."""

    topic: Topic
    finding: str
    claims: int
    sources: int
    names: list[Names]
    asked_names: list[str]
    codes: list[tuple[str, list[Code]]]
    broader: list[Relative]
    narrower: list[Relative]
    # Its line of the evidence map; None when its topic has no map.
    line: MapLine | None
    sections: list[SourceSection]
    stated: Stated
    titles: list[Row]
    most_titles: int = MOST_TITLES

    @property
    def chips(self) -> list[Chip]:
        """The chips of its line on the map."""
        return [chip for cell in self.line.cells for chip in cell.chips] if self.line else []

    @property
    def marks(self) -> str:
        """What the outlines and dots of the chips mean, if there are any."""
        marks = []
        if any(chip.is_hedged and not chip.is_beside for chip in self.chips):
            marks.append("Outline: every claim is hedged.")
        if any(chip.is_beside for chip in self.chips):
            marks.append(f"Dots: the stance is not on this {self.topic.noun}, which only has the role named.")
        return " ".join(marks)

    @property
    def is_supported(self) -> bool:
        """Whether any claim about it is favourable or mixed."""
        return any(chip.stance in ("supports", "mixed") and not chip.is_beside for chip in self.chips)


def say_claims(number: int) -> str:
    """A number of claims in words.

    >>> say_claims(1), say_claims(2100)
    ('1 claim', '2,100 claims')
    """
    return f"{number:,} claim{'s' if number != 1 else ''}"


async def read_entity(datasette: Datasette, table: str, row_id: str) -> EntityPage:
    """The page contents of one row of `conditions`, `routes`, `adverse_effects` or `concepts`."""
    topic = TOPICS[table]
    sources = await list_sources(datasette)
    counts = await count_claims(datasette, topic.linked)
    counted = counts.get(row_id, NO_CLAIMS)
    mentions = (await read_mentions(datasette, topic)).get(row_id, [])
    broader, narrower = list_relatives(await read_hierarchy(datasette, topic), counts, row_id)
    silent = [SourceSection(source, 0, ()) for source in sources if source["source_id"] not in counted.counts]
    near = find_near(counts, silent, broader, narrower)
    links, claims, asked, mappings, statements = await read_several(
        datasette,
        (
            LINKS.format(links=topic.links, key=topic.key),
            {"row_id": row_id, "claim_ids": json.dumps(counted.claim_ids)},
        ),
        (CLAIMS, {"claim_ids": json.dumps(counted.claim_ids)}),
        (ASKED_NAMES, {"table_name": table, "row_id": row_id}),
        (MAPPINGS, {"table_name": table, "row_id": row_id}),
        (STATEMENTS, {"claim_ids": json.dumps(list_near_claims(near))}),
    )
    speaking = arrange_sections(sources, counted, claims, arrange_details(topic, links))
    lines = await read_map(datasette, table) if table in MAPS else []
    return EntityPage(
        topic,
        state_finding(topic, counted.groups, len(sources)),
        counted.claims,
        len(sources),
        group_names(mentions),
        [row["name"] for row in asked],
        group_codes(list_codes(mappings, await read_prefixes(datasette))),
        broader,
        narrower,
        next((line for line in lines if line.row_id == row_id), None),
        speaking + add_near(silent, near, statements),
        tell_stated(topic, counted),
        match_titles(await list_titles(datasette), mentions),
    )


def arrange_details(topic: Topic, links: list[Row]) -> dict[str, tuple[tuple[Detail, ...], ...]]:
    """How each shown claim is linked to the thing: its role, its words, and further details."""
    details: dict[str, tuple[tuple[Detail, ...], ...]] = {}
    for row in links:
        details[row["claim_id"]] = (*details.get(row["claim_id"], ()), describe_link(topic, row))
    return details


def describe_link(topic: Topic, row: Row) -> tuple[Detail, ...]:
    """The recorded details of one link."""
    details = [Detail("role", row["role"].replace("_", " "), is_printed=False)]
    if direction := row.get("direction"):
        details.append(Detail("direction", direction.replace("_", " "), is_printed=False))
    if row["mention"]:
        details.append(Detail(WAYS.get(row["mention_type"], "named as"), row["mention"], is_printed=True))
    elif row["mention_type"] == "context":
        details.append(Detail("named by", "the context, not by words of this passage", is_printed=False))
    words = [(label, row[column]) for column, label in topic.words.items()]
    return (*details, *(Detail(label, value, is_printed=True) for label, value in words if value))
