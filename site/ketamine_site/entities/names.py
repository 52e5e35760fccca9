"""Names: the words by which the sources name a thing, and the titles that hold such a name."""

import re
from dataclasses import dataclass

from datasette.app import Datasette
from packpress.web.facts import Row, ask_once, read_rows
from packpress.web.kept import keep_answers

from ketamine_site.entities.references import describe_place
from ketamine_site.entities.topics import Topic

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
