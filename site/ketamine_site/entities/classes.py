"""Classes: other rows of a table within which a classification from elsewhere puts a thing."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from datasette.app import Datasette
from packpress.web.facts import Row, ask_once, read_rows

from ketamine_site.entities.claim_counts import NO_CLAIMS, ClaimCounts
from ketamine_site.entities.source_sections import SourceSection, arrange_sections

# How many claims of a source about a class are shown.
MOST_OF_CLASS = 4
# The thing is narrower than a code that is another row, or a part of it.
CLASSES = """
select
  narrow.row_id,
  broad.row_id as class_id,
  narrow.object_source,
  narrow.object_label,
  narrow.mapping_id,
  broad.predicate_id
from mappings as narrow
join mappings as broad
  on broad.table_name = narrow.table_name
  and broad.object_id = narrow.object_id
  and broad.row_id <> narrow.row_id
  and broad.predicate_id in ('skos:exactMatch', 'skos:closeMatch', 'skos:narrowMatch')
where narrow.predicate_id = 'skos:broadMatch'
and narrow.table_name = :table_name
order by
  narrow.row_id,
  broad.predicate_id <> 'skos:exactMatch',
  narrow.mapping_id
"""
# How the class here stands to what the classification calls it.
NEARNESS = {
    "skos:exactMatch": "",
    "skos:closeMatch": ", nearly the same as",
    "skos:narrowMatch": ", a part of",
}


@dataclass(frozen=True)
class ThingClass:
    """A class of a thing: its row, and how a classification gets there."""

    class_id: str
    classification: str
    # What the classification calls it, and how that stands to the row, which follows in the sentence.
    label: str
    nearness: str
    mapping_id: str


@dataclass(frozen=True)
class ClassSection:
    """What each source says about a class of the thing; these claims are not counted for the thing."""

    of: ThingClass
    label: str
    claims: int
    sections: list[SourceSection]


@ask_once
async def read_classes(datasette: Datasette, table: str) -> dict[str, list[ThingClass]]:
    """The classes of each thing of a table, each class once."""
    found: dict[str, dict[str, ThingClass]] = {}
    for row in await read_rows(datasette, CLASSES, table_name=table):
        found.setdefault(row["row_id"], {}).setdefault(
            row["class_id"],
            ThingClass(
                row["class_id"],
                row["object_source"],
                row["object_label"],
                NEARNESS[row["predicate_id"]],
                row["mapping_id"],
            ),
        )
    return {row_id: list(classes.values()) for row_id, classes in found.items()}


def select_classes(classes: list[ThingClass], related: Collection[str]) -> list[ThingClass]:
    """The classes that are neither broader nor narrower here, and so have no place on the page yet."""
    return [found for found in classes if found.class_id not in related]


def list_class_claims(classes: Iterable[ThingClass], counts: Mapping[str, ClaimCounts]) -> list[str]:
    """The claims about these classes that are shown."""
    return [
        claim_id
        for found in classes
        for claim_ids in counts.get(found.class_id, NO_CLAIMS).shown.values()
        for claim_id in claim_ids[:MOST_OF_CLASS]
    ]


def arrange_class(
    found: ThingClass,
    label: str,
    sources: Iterable[Row],
    counts: Mapping[str, ClaimCounts],
    claims: Iterable[Row],
) -> ClassSection:
    """What each source says about a class; `claims` are those of all classes, as rows of `CLAIMS`."""
    counted = counts.get(found.class_id, NO_CLAIMS)
    shown = {*list_class_claims([found], counts)}
    own = [row for row in claims if row["claim_id"] in shown]
    prefix = f"class-{found.class_id}-"
    return ClassSection(
        found, label, counted.claims, arrange_sections(sources, counted.counts, own, {}, prefix)
    )
