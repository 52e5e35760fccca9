"""Antecedents: the sentence that names what a later one refers to or leaves out, and a note on it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from packpress.tables.rows import Row

from scripts.curation.corpus import ENTITY_LINKS, RUNNING_TEXT, Corpus, Entity
from scripts.curation.learned_counts import NAMED, LearnedCounts
from scripts.curation.words import has_words

ANAPHORIC, CONTEXT = "anaphoric", "context"
COUNTED = {2: "two", 3: "three", 4: "four", 5: "five"}


@dataclass(frozen=True)
class Antecedent:
    """The passage that names a row which a claim refers to, or leaves out."""

    passage: Row
    entity: Entity
    mention_type: str


@dataclass(frozen=True)
class NamesInText:
    """Which rows each sentence of a document names, by known names and by the links of its claims."""

    corpus: Corpus
    learned: LearnedCounts
    found: dict[str, frozenset[Entity]] = field(default_factory=dict)

    def read(self, passage: Row) -> frozenset[Entity]:
        """The rows that a passage names."""
        if passage.key not in self.found:
            named = {naming.entity for naming in self.learned.find_namings(passage["text"])}
            for claim in self.corpus.claims_of(passage):
                links = self.corpus.links_of(claim, *ENTITY_LINKS)
                named |= {self.corpus.entity(link) for link in links if link["mention_type"] == NAMED}
            self.found[passage.key] = frozenset(named)
        return self.found[passage.key]

    def find_last(self, entity: Entity, passage: Row) -> Row | None:
        """The last sentence before a passage that names a row; None where the passage itself does."""
        if entity in self.read(passage) or self._is_labelled(entity, passage):
            return None
        texts = list_running(self.corpus, passage)
        earlier = (row for row in reversed(texts) if self.corpus.stands_before(row, passage))
        named = (row for row in earlier if entity in self.read(row) or self._is_labelled(entity, row))
        return next(named, None)

    def _is_labelled(self, entity: Entity, passage: Row) -> bool:
        """Whether a passage has the label of a row, be it within a longer name, as in `oral ketamine`."""
        row = self.corpus[entity.table].get(entity.key)
        return bool(row and row["label"] and has_words(row["label"].lower(), passage["text"].lower()))

    def find_antecedent(
        self, passage: Row, links: Iterable[tuple[Entity, str]], subject: Entity | None
    ) -> Antecedent | None:
        """The antecedent of a claim with these rows and the ways in which they are mentioned.

        Words that point back come first, then the shared subject, then whatever else is left out.
        """
        open_links = [(entity, way) for entity, way in links if way in (ANAPHORIC, CONTEXT)]
        open_links.sort(key=lambda link: (link[1] != ANAPHORIC, link[0] != subject))
        for entity, way in open_links:
            if found := self.find_last(entity, passage):
                return Antecedent(found, entity, way)
        return None


def list_running(corpus: Corpus, passage: Row) -> list[Row]:
    """The sentences and list items of the document of a passage."""
    return [row for row in corpus.passages[passage["source_id"]] if row["kind"] in RUNNING_TEXT]


def note_antecedent(corpus: Corpus, passage: Row, antecedent: Antecedent | None) -> str:
    """Where a row is named that a claim leaves out, in words of ours; empty where words point back to it."""
    if antecedent is None or antecedent.mention_type != CONTEXT:
        return ""
    row = corpus[antecedent.entity.table].get(antecedent.entity.key)
    label = row["label"] if row and row["label"] else antecedent.entity.key.replace("-", " ")
    between = [
        one
        for one in list_running(corpus, passage)
        if corpus.stands_before(antecedent.passage, one) and corpus.stands_before(one, passage)
    ]
    far = len(between) + 1
    where = "in the sentence before" if far == 1 else f"{COUNTED.get(far, str(far))} sentences before"
    return f"{label[:1].upper()}{label[1:]} is named {where}."
