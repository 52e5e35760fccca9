"""The hierarchy: broader and narrower rows, rows whose names hold a name, and the claims that name each."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from datasette.app import Datasette
from packpress.web.facts import ask_once, read_rows

from ketamine_site.entities.claim_counts import NO_CLAIMS, ClaimCounts, count_claims
from ketamine_site.entities.topics import TOPICS, Topic

THINGS = """
select
  {key} as row_id,
  label,
  broader_id
from {table}
order by
  label,
  row_id
"""


@dataclass(frozen=True)
class Relative:
    """A broader or narrower row, its distance, and the number of claims that name it."""

    row_id: str
    depth: int
    label: str
    claims: int


@dataclass(frozen=True)
class Hierarchy:
    """The labels of all rows of a table, and how they are related."""

    labels: Mapping[str, str]
    # The next broader row of each row that has one.
    broader: Mapping[str, str]
    # The next narrower rows of each row that has any, by label.
    narrower: Mapping[str, list[str]]

    def list_broader(self, row_id: str) -> list[tuple[str, int]]:
        """The broader rows with their distance, broadest first."""
        found: dict[str, int] = {}
        # A row that is broader than itself would otherwise have no end.
        while (above := self.broader.get(row_id)) and above not in found:
            found[above], row_id = len(found) + 1, above
        return list(found.items())[::-1]

    def list_narrower(self, row_id: str) -> list[tuple[str, int]]:
        """The narrower rows with their distance, parents before children."""
        found: dict[str, int] = {}

        def walk(row_id: str, depth: int) -> Iterator[tuple[str, int]]:
            for below in self.narrower.get(row_id, ()):
                if below not in found:
                    found[below] = depth
                    yield below, depth
                    yield from walk(below, depth + 1)

        return list(walk(row_id, 1))


@ask_once
async def read_hierarchy(datasette: Datasette, topic: Topic) -> Hierarchy:
    """The hierarchy of the table of a topic."""
    rows = await read_rows(datasette, THINGS.format(table=topic.table, key=topic.key))
    narrower: dict[str, list[str]] = {}
    for row in rows:
        if row["broader_id"]:
            narrower.setdefault(row["broader_id"], []).append(row["row_id"])
    broader = {row["row_id"]: row["broader_id"] for row in rows if row["broader_id"]}
    return Hierarchy({row["row_id"]: row["label"] for row in rows}, broader, narrower)


def list_relatives(
    hierarchy: Hierarchy, counts: Mapping[str, ClaimCounts], row_id: str
) -> tuple[list[Relative], list[Relative]]:
    """The broader rows, broadest first, and the narrower ones, parents before children."""
    broader, narrower = [
        [
            Relative(found, depth, hierarchy.labels[found], counts.get(found, NO_CLAIMS).claims)
            for found, depth in listed
        ]
        for listed in (hierarchy.list_broader(row_id), hierarchy.list_narrower(row_id))
    ]
    return broader, narrower


@dataclass(frozen=True)
class Namesake:
    """A row of any topic, the words of its label, and the number of claims that name it."""

    table: str
    row_id: str
    label: str
    claims: int
    words: tuple[str, ...]


@ask_once
async def list_named(datasette: Datasette) -> list[Namesake]:
    """All rows of all topics, those that most claims name first."""
    named = []
    for topic in TOPICS.values():
        counts = await count_claims(datasette, topic.linked)
        for row_id, label in (await read_hierarchy(datasette, topic)).labels.items():
            claims = counts.get(row_id, NO_CLAIMS).claims
            named.append(Namesake(topic.table, row_id, label, claims, cut_words(label)))
    return sorted(named, key=lambda one: (-one.claims, one.label))


def cut_words(label: str) -> tuple[str, ...]:
    """The words of a label in lower case, in the singular as far as an s makes the plural.

    >>> cut_words("Opioids"), cut_words("opioid need")
    (('opioid',), ('opioid', 'need'))
    """
    return tuple(word.removesuffix("s") for word in label.lower().split())


def find_namesakes(
    named: Collection[Namesake], table: str, row_id: str, related: Collection[str]
) -> list[Namesake]:
    """The rows in whose labels that of a row stands as whole words, other than those related to it.

    >>> labels = {"tar": "tar", "a": "need for tars", "b": "target"}
    >>> named = [Namesake("drugs", row_id, label, 1, cut_words(label)) for row_id, label in labels.items()]
    >>> [one.label for one in find_namesakes(named, "drugs", "tar", ())]
    ['need for tars']
    """
    words = next((one.words for one in named if (one.table, one.row_id) == (table, row_id)), ())
    return [
        one
        for one in named
        if len(one.words) > len(words) > 0
        and not (one.table == table and one.row_id in related)
        and any(one.words[at : at + len(words)] == words for at in range(len(one.words)))
    ]
