"""Names of an entity: as printed, as people ask for it, and codes in terminologies."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from datasette.app import Datasette
from packpress.package.profile import is_url
from packpress.web.about.linked_data import read_package
from packpress.web.facts import Row, ask_once, read_rows

from ketamine_site.entities.references import describe_place
from ketamine_site.entities.topics import Topic

MAPPINGS = """
select *
from mappings
where table_name = :table_name
and row_id = :row_id
order by mapping_id
"""
# What people call it, and no document does.
ASKED_NAMES = """
select name
from names
where table_name = :table_name
and row_id = :row_id
order by name collate nocase
"""
# The relation of our row to the code: for a broader code, our row is the narrower one.
RELATIONS = {
    "skos:exactMatch": "same as",
    "skos:closeMatch": "nearly the same as",
    "skos:broadMatch": "narrower than",
    "skos:narrowMatch": "broader than",
    "skos:relatedMatch": "related to",
}


@dataclass(frozen=True)
class Code:
    """One code: its relation to our row, and its URL if the descriptor has one for its prefix."""

    relation: str
    name: str
    label: str
    url: str | None
    # The mapping as recorded, with its justification, version, licence and note.
    row: Row


async def read_prefixes(datasette: Datasette) -> dict[str, str]:
    """The address that each prefix of a code stands for, as far as a browser opens it."""
    declared = (await read_package(datasette)).get("prefixes")
    pairs = declared.items() if isinstance(declared, dict) else ()
    return {prefix: address for prefix, address in pairs if is_url(str(address))}


def list_codes(rows: Iterable[Row], prefixes: Mapping[str, str]) -> list[Code]:
    """The codes of a row, exact matches first and related matches last; the rows are those of `MAPPINGS`."""
    order = list(RELATIONS)
    return [
        make_code(row, prefixes) for row in sorted(rows, key=lambda row: order.index(row["predicate_id"]))
    ]


def make_code(row: Row, prefixes: Mapping[str, str]) -> Code:
    """The code of a mapping, with the name of its terminology: `MESH:D005356` becomes MeSH D005356."""
    prefix, _, local = row["object_id"].partition(":")
    return Code(
        RELATIONS[row["predicate_id"]],
        f"{row['object_source']} {local}",
        row["object_label"],
        prefixes[prefix] + local if prefix in prefixes else None,
        row,
    )


def group_codes(codes: list[Code]) -> list[tuple[str, list[Code]]]:
    """The codes by their relation to our row."""
    return [(relation, list(group)) for relation, group in groupby(codes, key=lambda code: code.relation)]


MOST_NAMES = 8
# Of spellings that differ only in case, the one in lower case.
MENTIONS = """
select
  {key} as row_id,
  mention_type,
  max(mention) as mention
from {links}
where mention is not null
group by
  {key},
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
# Labels for the ways of naming.
WAYS = {"named": "named as", "elliptical": "shortened to", "anaphoric": "pointed to by"}


@dataclass(frozen=True)
class Names:
    """The words that name a thing in one way, most frequent first, and how many more there are."""

    way: str
    words: tuple[str, ...]
    more: int


@ask_once
async def read_mentions(datasette: Datasette, topic: Topic) -> dict[str, list[Row]]:
    """The distinct words that name each thing, as printed; none in an edition without them."""
    found: dict[str, list[Row]] = {}
    for row in await read_rows(datasette, MENTIONS.format(links=topic.links, key=topic.key)):
        found.setdefault(row["row_id"], []).append(row)
    return found


def group_names(mentions: list[Row]) -> list[Names]:
    """The names, by their way of naming."""
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
    """All titles of the bibliographies, as printed."""
    return await read_rows(datasette, TITLES)


def match_titles(titles: list[Row], mentions: list[Row]) -> list[Row]:
    """The titles that contain a name of the thing as whole words, with the positions."""
    names = [re.escape(row["mention"]) for row in mentions if row["mention_type"] == "named"]
    if not names:
        return []
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(names)})(?!\w)", re.IGNORECASE)
    return [{**row, "place": describe_place(row)} for row in titles if pattern.search(row["title"])]
