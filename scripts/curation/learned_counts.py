"""Learned counts: what the tables teach about names, roles and hedges, for suggestions on other texts."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from scripts.curation.corpus import ENTITY_LINKS, Corpus, Entity
from scripts.curation.words import find_hedge_cues, find_names

T = TypeVar("T")

# Roles that only one type of claim can give. The type is left to the curator, and so are they.
TIED_ROLES = {"contraindication"}
HEDGE, QUALIFIER = "hedge", "qualifier"
LINK_TABLES = {entity: link for link, entity in ENTITY_LINKS.items()}


@dataclass(frozen=True)
class Naming:
    """A known name in a text: its words as printed, what they name, and its most frequent role.

    The role is empty when it requires a certain type of claim.

    >>> Naming(0, "by mouth", Entity("routes", "oral"), "").link_table
    'claim_routes'
    """

    start: int
    words: str
    entity: Entity
    role: str

    @property
    def link_table(self) -> str:
        """The table that links claims to what is named."""
        return LINK_TABLES[self.entity.table]


@dataclass(frozen=True)
class LearnedCounts:
    """How often each name refers to what, each row has which role, and each cue is a hedge or a qualifier.

    >>> oral = Entity("routes", "oral")
    >>> counts = LearnedCounts({"by mouth": Counter([oral])}, {oral: Counter(["studied"])}, {})
    >>> [naming.words for naming in counts.find_namings("Given by mouth or by vein")]
    ['by mouth']
    """

    names: dict[str, Counter[Entity]]
    roles: dict[Entity | str, Counter[str]]
    cues: dict[str, Counter[str]]

    def find_namings(self, text: str) -> Iterator[Naming]:
        """The known names in a text, the longest where they overlap, each row once, in order."""
        seen: set[Entity] = set()
        for start, end, name in find_names(text, self.names):
            entity = _most_common(self.names[name])
            if entity not in seen:
                seen.add(entity)
                roles = self.roles.get(entity) or self.roles[LINK_TABLES[entity.table]]
                role = _most_common(roles)
                yield Naming(start, text[start:end], entity, "" if role in TIED_ROLES else role)

    def sort_cues(self, text: str) -> dict[str, list[str]]:
        """The cues in a text, by the field in which they mostly occur; new cues count as hedges."""
        sorted_cues: dict[str, list[str]] = {HEDGE: [], QUALIFIER: []}
        for cue in find_hedge_cues(text):
            sorted_cues[_most_common(self.cues.get(cue) or Counter({HEDGE: 1}))].append(cue)
        return sorted_cues


def learn(corpus: Corpus) -> LearnedCounts:
    """Learns from all claims and links of the tables, including drafts."""
    names: dict[str, Counter[Entity]] = {}
    roles: dict[Entity | str, Counter[str]] = {}
    for link_table, table in ENTITY_LINKS.items():
        for row in corpus[table].rows:
            names.setdefault(row["label"].lower(), Counter())[Entity(table, row.key)] += 1
        for link in corpus[link_table].rows:
            entity = corpus.entity(link)
            for subject in (entity, link_table):
                roles.setdefault(subject, Counter())[link["role"]] += 1
            if link["mention_type"] == "named" and link["mention"]:
                names.setdefault(link["mention"].lower(), Counter())[entity] += 1
    cues: dict[str, Counter[str]] = {}
    for claim in corpus["claims"].rows:
        for name in (HEDGE, QUALIFIER):
            for cue in find_hedge_cues(claim[name]):
                cues.setdefault(cue, Counter())[name] += 1
    return LearnedCounts(names, roles, cues)


def _most_common(counts: Counter[T]) -> T:
    return max(counts, key=lambda value: (counts[value], str(value)))
