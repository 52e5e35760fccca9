"""Entity pages: what each source says about a condition, route, adverse effect or concept, side by side."""

import json
from dataclasses import dataclass

from datasette.app import Datasette
from packpress.web.facts import Row, read_several

from ketamine_site.entities.claim_counts import NO_CLAIMS, count_claims
from ketamine_site.entities.classes import (
    ClassSection,
    arrange_class,
    list_class_claims,
    read_classes,
    select_classes,
)
from ketamine_site.entities.hierarchy import (
    Namesake,
    Relative,
    find_namesakes,
    list_named,
    list_relatives,
    read_hierarchy,
)
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
    StatedPair,
    add_near,
    find_near,
    list_near_claims,
    state_pairs,
    tell_stated,
)
from ketamine_site.entities.source_sections import Detail, SourceSection, arrange_sections, list_sources
from ketamine_site.entities.summaries import state_finding
from ketamine_site.entities.topics import TOPICS, Topic
from ketamine_site.evidence.disagreements import Pair, find_disagreements, list_claims
from ketamine_site.evidence.evidence import MAPS, Chip, MapLine, read_map
from ketamine_site.highlights import CLAIMS

# How many titles a page shows before it links to the rest, and how many longer names.
MOST_TITLES = 8
MOST_NAMESAKES = 12
# How many pairs of disagreeing claims it tells in words.
MOST_PAIRS = 12
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
    # The sources that do not name it, with what each names instead.
    silent: list[SourceSection]
    # Other rows in whose labels its own stands.
    namesakes: list[Namesake]
    # What sources say of classes within which another classification puts it.
    classes: list[ClassSection]
    # The first pairs of claims in which it is named on either side, by question, and how many there are.
    disagreements: list[tuple[Pair, list[StatedPair]]]
    pairs: int
    stated: Stated
    titles: list[Row]
    most_titles: int = MOST_TITLES
    most_namesakes: int = MOST_NAMESAKES

    @property
    def told(self) -> int:
        """How many disagreements the page tells."""
        return sum(len(pairs) for _, pairs in self.disagreements)

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
    hierarchy = await read_hierarchy(datasette, topic)
    broader, narrower = list_relatives(hierarchy, counts, row_id)
    related = {relative.row_id for relative in (*broader, *narrower)}
    classes = select_classes((await read_classes(datasette, table)).get(row_id, []), related)
    silent = [SourceSection(source, 0, ()) for source in sources if source["source_id"] not in counted.counts]
    near = find_near(counts, silent, broader, narrower)
    pairs = (await find_disagreements(datasette, topic.links, topic.key)).get(row_id, ())
    stated = [*list_near_claims(near), *list_claims(pairs[:MOST_PAIRS])]
    links, claims, of_classes, asked, mappings, statements = await read_several(
        datasette,
        (
            LINKS.format(links=topic.links, key=topic.key),
            {"row_id": row_id, "claim_ids": json.dumps(counted.claim_ids)},
        ),
        (CLAIMS, {"claim_ids": json.dumps(counted.claim_ids)}),
        (CLAIMS, {"claim_ids": json.dumps(list_class_claims(classes, counts))}),
        (ASKED_NAMES, {"table_name": table, "row_id": row_id}),
        (MAPPINGS, {"table_name": table, "row_id": row_id}),
        (STATEMENTS, {"claim_ids": json.dumps(stated)}),
    )
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
        arrange_sections(sources, counted.counts, claims, arrange_details(topic, links)),
        add_near(silent, near, statements),
        find_namesakes(await list_named(datasette), table, row_id, related),
        [
            arrange_class(found, hierarchy.labels[found.class_id], sources, counts, of_classes)
            for found in classes
        ],
        state_pairs(pairs[:MOST_PAIRS], statements),
        len(pairs),
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
