"""The page of a claim: what it says, the passages around it, and the form for suggesting a correction."""

import json
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from datasette.app import Datasette
from markupsafe import Markup
from packpress.web.facts import Row, ask_once, read_rows

from ketamine_site.claims.citation import Citation, read_citation
from ketamine_site.entities.names import RELATIONS as MAPPED
from ketamine_site.entities.names import Code, make_code
from ketamine_site.entities.references import Marker, read_markers
from ketamine_site.facts import read_facts
from ketamine_site.highlights import Quoted, read_quotes

NEIGHBOURS = """
select
  passage_id,
  position,
  section,
  kind,
  text
from passages
where source_id = :source_id
and position in (select value from json_each(:positions))
order by position
"""
# Passages of running text, unlike headings, labels and bibliographies.
RUNNING_TEXT = ("sentence", "list_item")


@dataclass(frozen=True)
class Piece:
    """One of the passages shown: the claim's own with its quote marked, or a neighbour in grey."""

    position: int
    words: str | Markup
    is_own: bool
    # Whether the claim's subject is named here rather than in its own passage.
    is_antecedent: bool


async def read_surroundings(datasette: Datasette, claim: Quoted) -> tuple[tuple[Piece, ...], ...]:
    """The passages around a claim and around its subject; consecutive ones are one run."""
    row = claim.row
    _, antecedent = (await read_facts(datasette)).passages.get(row["antecedent_passage_id"], ("", None))
    wanted = [row["passage_position"] + step for step in (-1, 0, 1)] + [antecedent]
    passages = await read_rows(
        datasette, NEIGHBOURS, source_id=row["source_id"], positions=json.dumps(wanted)
    )
    return arrange_passages(claim, passages)


def arrange_passages(claim: Quoted, passages: list[Row]) -> tuple[tuple[Piece, ...], ...]:
    """The runs of these passages, in document order, without passages that are not context."""
    pieces = [
        Piece(passage["position"], claim.words if is_own else passage["text"], is_own, is_antecedent)
        for passage in passages
        for is_own in [passage["passage_id"] == claim.row["passage_id"]]
        for is_antecedent in [passage["passage_id"] == claim.row["antecedent_passage_id"]]
        if is_own or (passage["text"] and (is_antecedent or _is_context(passage, claim.row)))
    ]
    runs = groupby(enumerate(pieces), key=lambda numbered: numbered[1].position - numbered[0])
    return tuple(tuple(piece for _, piece in run) for _, run in runs)


def _is_context(passage: Row, row: Row) -> bool:
    return passage["kind"] in RUNNING_TEXT and passage["section"] == row["section"]


SUGGESTION = """\
Table: {table}
Row: {row_id}
Version of the data: {version}
Field:
What it says now:
What it should say:
Words of the document that show it:

What the row says now:
{cells}
"""


def write_suggestion(table: str, row_id: str, row: Row, version: str) -> str:
    """A form to fill in, followed by the cells of the row to copy from."""
    cells = "\n".join(f"{name}: {_show_value(value)}".rstrip() for name, value in row.items())
    return SUGGESTION.format(table=table, row_id=row_id, version=version, cells=cells)


def find_issue_form(repository: str, table: str, row_id: str, text: str) -> str:
    """The address of a new issue in the repository, with the text filled in."""
    title = f"Correction: {table} {row_id}"
    return f"{repository.rstrip('/')}/issues/new?" + urlencode({"title": title, "body": text})


def _show_value(value: Any) -> str:
    return "" if value is None else " ".join(str(value).split())


RELATIONS = """
select
  related_claim_id as other_id,
  relation,
  question,
  reason,
  depends_on
from claim_relations
where claim_id = :claim_id
union all
select
  claim_id,
  case relation when 'qualifies' then 'is qualified by' else relation end,
  question,
  reason,
  depends_on
from claim_relations
where related_claim_id = :claim_id
"""
LINKS = """
select
  'conditions' as table_name,
  condition_id as row_id,
  label,
  role,
  mention,
  mention_type,
  claim_conditions.qualifier,
  null as formulation,
  null as frequency,
  null as course
from claim_conditions
join conditions using (condition_id)
where claim_id = :claim_id
union all
select
  'routes', route_id, label, role, mention, mention_type, null, formulation, null, null
from claim_routes
join routes using (route_id)
where claim_id = :claim_id
union all
select
  'adverse_effects', adverse_effect_id, label, role, mention, mention_type, null, null, frequency, course
from claim_adverse_effects
join adverse_effects using (adverse_effect_id)
where claim_id = :claim_id
union all
select
  'concepts', concept_id, label, role, mention, mention_type, null, null, null, null
from claim_concepts
join concepts using (concept_id)
where claim_id = :claim_id
order by label, row_id, role
"""
CODES = """
select mappings.*
from json_each(:keys) as wanted
join mappings
  on mappings.table_name = json_extract(wanted.value, '$[0]')
  and mappings.row_id = json_extract(wanted.value, '$[1]')
order by
  wanted.key,
  mappings.mapping_id
"""
PLACES = """
select
  field_name,
  start_offset,
  end_offset
from anchors
where table_name = 'claims'
and row_id = :claim_id
union all
select
  field_name,
  start_offset,
  end_offset
from anchors
where table_name = 'passages'
and row_id = :passage_id
and field_name = 'section'
"""
MEANINGS = """
select
  field_name,
  value,
  meaning
from data_dictionary_values
where table_name = 'claims'
union all
select
  'claim_type',
  claim_type,
  definition
from claim_types
"""
BESIDE = ("agrees", "qualifies", "is qualified by", "contradicts")
LINKED = ("conditions", "routes", "adverse_effects", "concepts")


@dataclass(frozen=True)
class Relation:
    """The relation of the claim to another one; `row` has the question, the reason and what it depends on."""

    row: Row
    other: Quoted


@dataclass(frozen=True)
class Named:
    """Something that the claim names, with its codes in terminologies, by relation in words."""

    label: str
    codes: tuple[tuple[str, tuple[Code, ...]], ...]


@dataclass(frozen=True)
class Card:
    """The contents of a claim's page."""

    claim: Quoted
    runs: tuple[tuple[Piece, ...], ...]
    markers: tuple[Marker, ...]
    # What the claim names, by table.
    links: dict[str, list[Row]]
    # Those with codes.
    coded: tuple[Named, ...]
    # Other claims by relation, including relations without any.
    relations: dict[str, list[Relation]]
    # The anchor of each verbatim field in the document.
    places: dict[str, Row]
    # The meaning of each value of a closed list, by field and value.
    meanings: dict[tuple[str, str], str]
    citation: Citation
    # The row of claims as recorded, for suggesting a correction.
    recorded: Row

    @property
    def reference_count(self) -> int:
        """The number of references that the claim cites."""
        return sum(len(marker.references) for marker in self.markers)

    def explain(self, field: str) -> str:
        """The meaning of the value of a field with a closed list."""
        return self.meanings.get((field, self.claim.row[field]), "")


async def read_card(datasette: Datasette, claim_id: str) -> Card:
    """The page contents of a claim; NotFound when there is no such claim."""
    citation = await read_citation(datasette, claim_id)
    relations = await read_rows(datasette, RELATIONS, claim_id=claim_id)
    quoted = await read_quotes(datasette, {claim_id, *(row["other_id"] for row in relations)})
    claim = next(item for item in quoted if item.row["claim_id"] == claim_id)
    links = await read_rows(datasette, LINKS, claim_id=claim_id)
    places = {
        row["field_name"]: row
        for row in await read_rows(datasette, PLACES, claim_id=claim_id, passage_id=claim.row["passage_id"])
    }
    (recorded,) = await read_rows(datasette, "select * from claims where claim_id = :id", id=claim_id)
    return Card(
        claim,
        await read_surroundings(datasette, claim),
        await read_markers(datasette, claim_id),
        {table: [row for row in links if row["table_name"] == table] for table in LINKED},
        await read_codes(datasette, links),
        arrange_relations(relations, quoted),
        places,
        await read_meanings(datasette),
        citation,
        {name: "withheld" if value is None and name in places else value for name, value in recorded.items()},
    )


@ask_once
async def read_meanings(datasette: Datasette) -> dict[tuple[str, str], str]:
    """The meaning of each value of each closed list of claims."""
    rows = await read_rows(datasette, MEANINGS)
    return {(row["field_name"], row["value"]): row["meaning"] or "" for row in rows}


async def read_codes(datasette: Datasette, links: list[Row]) -> tuple[Named, ...]:
    """The codes of what a claim names, exact matches first and related matches last."""
    labels = {(row["table_name"], row["row_id"]): row["label"] for row in links}
    rows = await read_rows(datasette, CODES, keys=json.dumps(list(labels)))
    found = []
    for key, group in groupby(rows, key=lambda row: (row["table_name"], row["row_id"])):
        codes = [make_code(row) for row in group]
        by_relation = {
            name: tuple(code for code in codes if code.relation == name) for name in MAPPED.values()
        }
        found.append(Named(labels[key], tuple((name, some) for name, some in by_relation.items() if some)))
    return tuple(found)


def arrange_relations(rows: list[Row], quoted: list[Quoted]) -> dict[str, list[Relation]]:
    """The relations by kind, each in the order of sources and documents."""
    return {
        kind: [
            Relation(row, other)
            for other in quoted
            for row in rows
            if row["relation"] == kind and row["other_id"] == other.row["claim_id"]
        ]
        for kind in BESIDE
    }
