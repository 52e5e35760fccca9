"""Names of an entity: synonyms, abbreviations, and codes of terminologies."""

import re
from dataclasses import dataclass
from itertools import groupby

from datasette.app import Datasette
from packpress.web.facts import Row, ask_once, keep_answers, read_rows

from ketamine_site.entities.references import describe_place
from ketamine_site.entities.topics import Topic

MAPPINGS = """
select *
from mappings
where table_name = :table_name
and row_id = :row_id
order by mapping_id
"""
# What our row is to the code; a code that is broader than our row makes our row the narrower one.
RELATIONS = {
    "skos:exactMatch": "same as",
    "skos:closeMatch": "nearly the same as",
    "skos:broadMatch": "narrower than",
    "skos:narrowMatch": "broader than",
    "skos:relatedMatch": "related to",
}
OBO = "http://purl.obolibrary.org/obo/{0}_{1}"
# Only terminologies that publish an address for each code; the others are shown without one.
ADDRESSES = {
    **dict.fromkeys(("CHEBI", "DOID", "GO", "HP", "MONDO", "NCIT"), OBO),
    "ATC": "https://atcddd.fhi.no/atc_ddd_index/?code={1}",
    "ICD10": "https://icd.who.int/browse10/2019/en#/{1}",
    "MESH": "https://meshb.nlm.nih.gov/record/ui?ui={1}",
    "RXCUI": "https://mor.nlm.nih.gov/RxNav/search?searchBy=RXCUI&searchTerm={1}",
    "UNII": "https://precision.fda.gov/uniisearch/srs/unii/{1}",
}


@dataclass(frozen=True)
class Code:
    """One code: what our row is to it, and its address where its terminology gives one."""

    relation: str
    name: str
    label: str
    url: str | None
    # The mapping as recorded, with its justification, version, licence and note.
    row: Row


async def list_codes(datasette: Datasette, table: str, row_id: str) -> list[Code]:
    """The codes of a row, the same ones first and related things last."""
    rows = await read_rows(datasette, MAPPINGS, table_name=table, row_id=row_id)
    order = list(RELATIONS)
    return [make_code(row) for row in sorted(rows, key=lambda row: order.index(row["predicate_id"]))]


def make_code(row: Row) -> Code:
    """The code of a mapping, named by its terminology: `MESH:D005356` is MeSH D005356."""
    prefix, _, local = row["object_id"].partition(":")
    address = ADDRESSES.get(prefix)
    return Code(
        RELATIONS[row["predicate_id"]],
        f"{row['object_source']} {local}",
        row["object_label"],
        address.format(prefix, local) if address else None,
        row,
    )


def group_codes(codes: list[Code]) -> list[tuple[str, list[Code]]]:
    """The codes by what our row is to them."""
    return [(relation, list(group)) for relation, group in groupby(codes, key=lambda code: code.relation)]


MOST_NAMES = 8
# Of spellings that differ in capitals alone, the one in small letters.
MENTIONS = """
select
  mention_type,
  max(mention) as mention
from {links}
where {key} = :row_id
and mention is not null
group by
  mention_type,
  lower(mention)
order by
  count(*) desc,
  mention
"""
TITLES = """
select
  "references".reference_id,
  "references".title,
  "references".listed_as,
  "references".ordinal,
  sources.short_name as source
from "references"
join sources using (source_id)
where "references".title is not null
order by
  sources.position,
  "references".listed_as,
  "references".ordinal,
  "references".reference_id
"""
# How words name, with what is said of it.
WAYS = {"named": "named as", "elliptical": "shortened to", "anaphoric": "pointed to by"}


@dataclass(frozen=True)
class Names:
    """The words that name a thing in one way, the most frequent first, and how many more there are."""

    way: str
    words: tuple[str, ...]
    more: int


@keep_answers
async def read_mentions(datasette: Datasette, topic: Topic, row_id: str) -> list[Row]:
    """The different words that name a thing, as printed; none where an edition withholds them."""
    return await read_rows(datasette, MENTIONS.format(links=topic.links, key=topic.key), row_id=row_id)


def group_names(mentions: list[Row]) -> list[Names]:
    """The names by how they name."""
    found: dict[str, list[str]] = {}
    for row in mentions:
        found.setdefault(row["mention_type"], []).append(row["mention"])
    return [
        Names(way, tuple(found[name][:MOST_NAMES]), max(0, len(found[name]) - MOST_NAMES))
        for name, way in WAYS.items()
        if name in found
    ]


@ask_once
async def list_titles(datasette: Datasette) -> list[Row]:
    """Every title of the bibliographies as printed."""
    return await read_rows(datasette, TITLES)


def match_titles(titles: list[Row], mentions: list[Row]) -> list[Row]:
    """The titles in which a name of the thing stands as words of its own, with their places."""
    names = [re.escape(row["mention"]) for row in mentions if row["mention_type"] == "named"]
    if not names:
        return []
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(names)})(?!\w)", re.IGNORECASE)
    return [{**row, "place": describe_place(row)} for row in titles if pattern.search(row["title"])]
