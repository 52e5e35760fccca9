"""The page of a claim: what it says, the passages around it, and the form for suggesting a correction."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import quote as urlquote
from urllib.parse import urlencode

from datasette.app import Datasette
from markupsafe import Markup
from packpress.web.facts import Row, ask_once, read_rows, read_several

from ketamine_site.claims.citation import CLAIM, Citation, write_citation
from ketamine_site.documents.known_text import fill_texts
from ketamine_site.entities.names import RELATIONS as MAPPED
from ketamine_site.entities.names import Code, make_code, read_prefixes
from ketamine_site.entities.references import CORRECTIONS_OF_CITED, REFERENCES, Marker, arrange_markers
from ketamine_site.facts import Facts, read_facts
from ketamine_site.highlights import CLAIMS, Quoted, escape_text, mark_claim, mark_claims

NEIGHBOURS = """
select
  passage_id,
  position,
  section,
  kind,
  start_offset,
  end_offset,
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
    words: Markup
    is_own: bool
    # Whether the claim's subject is named here rather than in its own passage.
    is_antecedent: bool


def arrange_passages(claim: Quoted, passages: list[Row]) -> tuple[tuple[Piece, ...], ...]:
    """The runs of these passages, in document order, without passages that are not context."""
    pieces = [
        Piece(
            passage["position"],
            claim.words if is_own else escape_text(passage["text"]),
            is_own,
            is_antecedent,
        )
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
with related as (
  select
    related_claim_id as other_id,
    relation,
    question_id,
    reason,
    mapping_id
  from claim_relations
  where claim_id = :claim_id
  union all
  select
    claim_id,
    case relation when 'qualifies' then 'is qualified by' else relation end,
    question_id,
    reason,
    mapping_id
  from claim_relations
  where related_claim_id = :claim_id
)
select
  other_id,
  relation,
  question,
  reason,
  classification
from related
cross join questions using (question_id)
left join classifications using (mapping_id)
"""
REASONS = """
select
  reason_claim_id as other_id,
  statement,
  kind,
  connective
from claim_reasons
join claims on claims.claim_id = reason_claim_id
where claim_reasons.claim_id = :claim_id
union all
select
  claim_reasons.claim_id,
  statement,
  'reason of ' || kind,
  connective
from claim_reasons
join claims on claims.claim_id = claim_reasons.claim_id
where reason_claim_id = :claim_id
order by
  kind,
  other_id
"""
LINKS = """
select
  'conditions' as table_name,
  condition_id as row_id,
  label,
  role,
  null as direction,
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
  'routes', route_id, label, role, null, mention, mention_type, null, formulation, null, null
from claim_routes
join routes using (route_id)
where claim_id = :claim_id
union all
select
  'adverse_effects', adverse_effect_id, label, role, null, mention, mention_type, null, null,
  frequency, course
from claim_adverse_effects
join adverse_effects using (adverse_effect_id)
where claim_id = :claim_id
union all
select
  'concepts', concept_id, label, role, direction, mention, mention_type, null, null, null, null
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
and row_id = (select passage_id from claims where claim_id = :claim_id)
and field_name = 'section'
"""
RECORDED = "select * from claims where claim_id = :claim_id"
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
BESIDE = ("contradicts", "in_tension", "qualifies", "is qualified by", "agrees", "complements")
LINKED = ("conditions", "routes", "adverse_effects", "concepts")


@dataclass(frozen=True)
class Relation:
    """The relation of the claim to another one; `row` has its question, reason and classification."""

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
    # What its sentence ties it to, by how.
    reasons: list[Row]
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

    @property
    def original(self) -> str:
        """The publisher's own page, at the words of the claim; empty when its address is not known."""
        return find_words(self.claim.row["url"] or "", self.claim.row["quote"] or "")

    def has(self, field: str) -> bool:
        """Whether the claim has words in a field, be they shown or withheld."""
        return bool(self.claim.row[field]) or field in self.places

    def explain(self, field: str) -> str:
        """The meaning of the value of a field with a closed list."""
        return self.meanings.get((field, self.claim.row[field]), "")


async def read_card(datasette: Datasette, claim_id: str) -> Card:
    """The page contents of a claim; NotFound when there is no such claim."""
    cited, relations, reasons, links, anchors, recorded, references = await read_several(
        datasette,
        *(
            (sql, {"claim_id": claim_id})
            for sql in (CLAIM, RELATIONS, REASONS, LINKS, PLACES, RECORDED, REFERENCES)
        ),
    )
    citation = await write_citation(datasette, claim_id, cited)
    claim_ids = {claim_id, *(row["other_id"] for row in relations)}
    labels = {(row["table_name"], row["row_id"]): row["label"] for row in links}
    facts = await read_facts(datasette)
    claims, codes, corrections, passages = await read_several(
        datasette,
        (CLAIMS, {"claim_ids": json.dumps(list(claim_ids))}),
        (CODES, {"keys": json.dumps(list(labels))}),
        (CORRECTIONS_OF_CITED, {"reference_ids": json.dumps([row["reference_id"] for row in references])}),
        (NEIGHBOURS, find_neighbours(facts, recorded[0])),
    )
    passages = await fill_texts(datasette, facts.passages[recorded[0]["passage_id"]][0], passages)
    quoted = mark_claims(claims)
    claim = fill_claim(next(item for item in quoted if item.row["claim_id"] == claim_id), passages)
    places = {row["field_name"]: row for row in anchors}
    return Card(
        claim,
        arrange_passages(claim, passages),
        arrange_markers(references, corrections),
        {table: [row for row in links if row["table_name"] == table] for table in LINKED},
        arrange_codes(labels, codes, await read_prefixes(datasette)),
        arrange_relations(relations, quoted),
        reasons,
        places,
        await read_meanings(datasette),
        citation,
        {
            name: "withheld" if value is None and name in places else value
            for name, value in recorded[0].items()
        },
    )


def fill_claim(claim: Quoted, passages: list[Row]) -> Quoted:
    """The claim marked in as much of its passage as the edition has, often more than its context."""
    texts = (row["text"] for row in passages if row["passage_id"] == claim.row["passage_id"])
    row = {**claim.row, "text": next(texts)}
    return Quoted(row, mark_claim(row))


# Longer quotes are found by their first and last words, as the browser's own links do.
MOST_WORDS, END_WORDS = 12, 4


def find_words(url: str, quote: str) -> str:
    """The address of these words on a page, as a text fragment of the WICG; empty without a web address.

    >>> find_words("https://a.example/b", "well-known, in part")
    'https://a.example/b#:~:text=well%2Dknown%2C%20in%20part'
    """
    if not url.startswith(("http://", "https://")):
        return ""
    words = quote.split(" ")
    parts = [words] if len(words) <= MOST_WORDS else [words[:END_WORDS], words[-END_WORDS:]]
    # A hyphen and a comma have a meaning of their own in a text fragment.
    found = ",".join(urlquote(" ".join(part), safe="").replace("-", "%2D") for part in parts)
    return f"{url.partition('#')[0]}#:~:text={found}" if quote else url


def find_neighbours(facts: Facts, row: Row) -> Row:
    """The positions of the passages around a claim and of the one with its subject, and their document."""
    source_id, position = facts.passages[row["passage_id"]]
    _, antecedent = facts.passages.get(row["antecedent_passage_id"], ("", None))
    positions = [position - 1, position, position + 1, antecedent]
    return {"source_id": source_id, "positions": json.dumps(positions)}


@ask_once
async def read_meanings(datasette: Datasette) -> dict[tuple[str, str], str]:
    """The meaning of each value of each closed list of claims."""
    rows = await read_rows(datasette, MEANINGS)
    return {(row["field_name"], row["value"]): row["meaning"] or "" for row in rows}


def arrange_codes(
    labels: Mapping[tuple[str, str], str], rows: list[Row], prefixes: Mapping[str, str]
) -> tuple[Named, ...]:
    """The codes of what a claim names, exact matches first and related matches last.

    `labels` are by table and key; the rows are those of `CODES`, the prefixes with their addresses.
    """
    found = []
    for key, group in groupby(rows, key=lambda row: (row["table_name"], row["row_id"])):
        codes = [make_code(row, prefixes) for row in group]
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
