"""Learned counts: what the tables teach about names and hedges, for suggestions on other texts."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import permutations
from typing import TypeVar

from packpress.tables.rows import Row

from scripts.curation.corpus import ENTITY_LINKS, RUNNING_TEXT, Corpus, Entity
from scripts.curation.new_effects import GENERAL_NAMES, find_general_effect
from scripts.curation.phrases import (
    ATTRIBUTIVE,
    CONTEXTS,
    FREE,
    FUNCTION_WORDS,
    MODIFIED,
    Folded,
    Occurrence,
    PhraseIndex,
    find_abbreviations,
    fold_phrase,
    is_plural,
    tokenise,
)
from scripts.curation.rejections import RejectedNames, count_rejected
from scripts.curation.words import HEDGE_CUES, split_words

T = TypeVar("T")

HEDGE, QUALIFIER = "hedge", "qualifier"
LINK_TABLES = {entity: link for link, entity in ENTITY_LINKS.items()}
NAMED, ELLIPTICAL, LINKED, OUTSIDE = "named", "elliptical", "linked", "outside"
# Lexicons from outside: labels of these mappings mean the same as our rows.
SAME_MEANING = {"skos:exactMatch"}
# Passages assumed to have been seen before any are counted: how many link the row, and how many there are.
START = {NAMED: (2.0, 2.5), OUTSIDE: (2.0, 2.5), ELLIPTICAL: (0.5, 1.0), LINKED: (0.5, 1.0)}
KINDS = [NAMED, OUTSIDE, ELLIPTICAL, LINKED]
# As many passages with a phrase as the share over all phrases of its kind is worth.
STRENGTH = 2.0
# A row is suggested when at least this share of passages with the phrase link it.
LEAST_SHARE = 0.55
# Words that doubt in any English text; what else doubts or narrows, the documents teach.
DOUBTING = {
    *("may", "might", "can", "could"),
    *("appear", "appears", "appeared", "seem", "seems", "seemed", "suggest", "suggests", "apparently"),
    *("possible", "possibly", "perhaps", "probably", "likely", "potential", "potentially"),
}
# A word doubts or narrows when it does so in this share of its passages, in spans of so few words.
LEAST_CUE, LONGEST_CUE = 0.75, 3
# A row is a companion of another when it is linked in this share of its passages, and in this many of them.
LEAST_COMPANY, LEAST_PASSAGES = 0.8, 3
# A mention of more words is a clause rather than a name.
LONGEST_NAME = 6


@dataclass(frozen=True)
class Naming:
    """A known name in a text: its words as printed, what they name, and how.

    >>> Naming(0, "by mouth", Entity("routes", "oral")).link_table
    'claim_routes'
    """

    start: int
    words: str
    entity: Entity
    mention_type: str = NAMED

    @property
    def link_table(self) -> str:
        """The table that links claims to what is named."""
        return LINK_TABLES[self.entity.table]


@dataclass
class PhraseCounts:
    """How a phrase names each row, in how many passages it stands, and how many of them link each row."""

    names: dict[Entity, str] = field(default_factory=dict)
    linked: Counter[Entity] = field(default_factory=Counter)
    passages: int = 0

    def count(self, entity: Entity) -> tuple[int, int]:
        """The passages with the phrase that link the row, and all, without one that may have taught it.

        >>> oral = Entity("routes", "oral")
        >>> PhraseCounts({oral: "named"}, Counter({oral: 1}), 2).count(oral)
        (0, 1)
        """
        own = min(self.linked[entity], 1)
        return self.linked[entity] - own, self.passages - own


# Phrases and their counts, by the words and by the context of a single word.
PhraseTable = dict[tuple[Folded, str], PhraseCounts]


@dataclass(frozen=True)
class LearnedCounts:
    """What each phrase names, and whether each cue is a hedge or a qualifier."""

    phrases: PhraseTable
    assumed: dict[tuple[str, str], float]
    modified: set[tuple[Entity, Folded]]
    plurals: set[Entity]
    companions: dict[Entity, list[Entity]]
    index: PhraseIndex
    general_effects: PhraseIndex
    cues: dict[str, Counter[str]]
    rejected: RejectedNames

    def find_namings(self, text: str) -> Iterator[Naming]:
        """The known names in a text, the longest where they overlap, each row once, in order."""
        found: dict[Entity, Naming] = {}
        for one in self.index.find(text):
            for entity in self._rank(one, text[one.start : one.end]):
                found.setdefault(entity, self._describe(text, one, entity))
        for naming in list(found.values()):
            for entity in self.companions.get(naming.entity, ()):
                found.setdefault(entity, replace(naming, entity=entity, mention_type=ELLIPTICAL))
        yield from sorted(found.values(), key=lambda naming: naming.start)

    def _rank(self, one: Occurrence, words: str) -> list[Entity]:
        """The rows that an occurrence names or is linked with often enough, the likeliest first."""
        counts = self.phrases.get((one.phrase, one.context), PhraseCounts())
        names = self.phrases[one.phrase, FREE].names
        shares = {}
        for entity in {*names, *counts.linked}:
            linked, passages = counts.count(entity)
            is_other = one.context == MODIFIED and (entity, one.phrase) in self.modified
            is_adjective = one.context == ATTRIBUTIVE and entity in self.plurals and not is_plural(words)
            assumed = 0 if is_other or is_adjective else self.assumed[names.get(entity, LINKED), one.context]
            shares[entity] = (linked + assumed * STRENGTH) / (passages + STRENGTH)
        likely = (entity for entity, share in shares.items() if share >= LEAST_SHARE)
        return sorted(likely, key=lambda entity: (-shares[entity], entity))

    def _describe(self, text: str, one: Occurrence, entity: Entity) -> Naming:
        """The naming of a row by an occurrence, or by a name within it."""
        start, end = one.start, one.end
        is_named = not one.is_shortened and self._names(one.phrase, entity)
        tokens = [token for token in tokenise(text) if start <= token.start < end]
        for token in tokens if not is_named else ():
            if self._names((token.fold,), entity):
                start, end, is_named = token.start, token.end, True
        return Naming(start, text[start:end], entity, NAMED if is_named else ELLIPTICAL)

    def find_naming(self, text: str, entity: Entity) -> Naming | None:
        """Where a text names a row that is known to be meant, however seldom so; a name goes first."""
        found = [
            self._describe(text, one, entity)
            for one in self.index.find(text)
            if entity in self.phrases[one.phrase, FREE].names
        ]
        return max(
            found, key=lambda one: (one.mention_type == NAMED, len(one.words), -one.start), default=None
        )

    def guess_mention_type(self, words: str, entity: Entity, label: str) -> str:
        """How words name a row: as they did before, or else by name unless its label has more words."""
        phrase = fold_phrase(words)
        known = self.phrases.get((phrase, FREE), PhraseCounts()).names.get(entity, "")
        if known:
            return ELLIPTICAL if known == ELLIPTICAL else NAMED
        return NAMED if len(phrase) >= len(fold_phrase(label)) else ELLIPTICAL

    def _names(self, phrase: Folded, entity: Entity) -> bool:
        """Whether a phrase is a name of a row, and not only words that refer to it."""
        return self.phrases.get((phrase, FREE), PhraseCounts()).names.get(entity) in (NAMED, OUTSIDE)

    def sort_cues(self, text: str) -> dict[str, list[str]]:
        """The words of a text that doubt and that narrow, as they mostly do where they are recorded.

        A rule demands that some words be recorded; they are, in the field where that is more frequent, and as
        doubting where nobody has recorded them yet.
        """
        sorted_cues: dict[str, list[str]] = {HEDGE: [], QUALIFIER: []}
        for word in dict.fromkeys(split_words(text)):
            counts = self.cues.get(word, Counter())
            name = QUALIFIER if counts[QUALIFIER] > counts[HEDGE] else HEDGE
            if word in HEDGE_CUES or (counts and counts[name] >= LEAST_CUE * counts.total()):
                sorted_cues[name].append(word)
        return sorted_cues


def learn(corpus: Corpus, source_id: str = "") -> LearnedCounts:
    """Learns from all claims and links of the tables, including drafts, and from names of other lexicons.

    Of the source that suggestions are for, only the abbreviations that it explains count.
    """
    phrases: PhraseTable = {}
    for entity, name, kind in (*_list_names(corpus), *_list_abbreviations(corpus)):
        _add_name(phrases, entity, name, kind)
    for entity, name in list(_explain_abbreviations(corpus.passages.get(source_id, ()), phrases)):
        _add_name(phrases, entity, name, NAMED)
    index = PhraseIndex(phrase for phrase, _ in phrases)
    for passage in _read_passages(corpus):
        _count_passage(corpus, passage, phrases, index)
    general = Entity("adverse_effects", find_general_effect(corpus))
    return LearnedCounts(
        phrases,
        _pool(phrases),
        _find_modified(corpus),
        _find_plurals(corpus),
        _find_companions(corpus),
        index,
        PhraseIndex(phrase for (phrase, _), counts in phrases.items() if general in counts.names),
        _count_cues(corpus),
        count_rejected(corpus),
    )


def _explain_abbreviations(passages: Iterable[Row], phrases: PhraseTable) -> Iterator[tuple[Entity, str]]:
    """The abbreviations that stand in brackets behind a name, and what that names."""
    index = PhraseIndex(phrase for phrase, _ in phrases)
    for passage in passages:
        text = passage["text"]
        ends = {one.end: one.phrase for one in index.find(text)}
        for abbreviation, place in find_abbreviations(text):
            names = phrases.get((ends.get(len(text[:place].rstrip()), ()), FREE), PhraseCounts()).names
            yield from ((entity, abbreviation) for entity, kind in names.items() if kind in (NAMED, OUTSIDE))


def _find_companions(corpus: Corpus) -> dict[Entity, list[Entity]]:
    """For each row, those of other tables that nearly all of its passages link by the same words."""
    linked: dict[str, dict[Entity, frozenset[str]]] = {}
    for link, passage in corpus.placed(*ENTITY_LINKS):
        if link["mention_type"] in (NAMED, ELLIPTICAL):
            words = linked.setdefault(passage.key, {})
            entity = corpus.entity(link)
            words[entity] = words.get(entity, frozenset()) | _content(link["mention"])
    alone = Counter(entity for words in linked.values() for entity in words)
    pairs = Counter(
        (entity, other)
        for words in linked.values()
        for entity, other in permutations(sorted(words), 2)
        if entity.table != other.table and words[entity] & words[other]
    )
    companions: dict[Entity, list[Entity]] = {}
    for (entity, other), count in sorted(pairs.items()):
        if count >= LEAST_PASSAGES and count >= LEAST_COMPANY * alone[entity]:
            companions.setdefault(entity, []).append(other)
    return companions


def _count_cues(corpus: Corpus) -> dict[str, Counter[str]]:
    """In how many passages each word that may doubt or narrow does so, or does neither."""
    cues = {word: Counter({HEDGE: 1}) for word in DOUBTING}
    recorded: dict[str, dict[str, set[str]]] = {}
    for claim, passage in corpus.placed("claims"):
        found = recorded.setdefault(passage.key, {HEDGE: set(), QUALIFIER: set()})
        for name in found:
            words = split_words(claim[name])
            # In a longer span, other words narrow too.
            found[name].update(words if len(words) <= LONGEST_CUE else ())
    known = {word for found in recorded.values() for words in found.values() for word in words}
    for passage in _read_passages(corpus):
        found = recorded.get(passage.key, {})
        for word in {*split_words(passage["text"])} & (known - FUNCTION_WORDS | DOUBTING):
            names = [name for name, words in found.items() if word in words] or [""]
            cues.setdefault(word, Counter()).update(names)
    return cues


def _pool(phrases: PhraseTable) -> dict[tuple[str, str], float]:
    """The mean share of passages that link a row, over all phrases of one kind in one context."""
    sums = {(kind, context): start for kind, start in START.items() for context in CONTEXTS}
    for (phrase, context), counts in phrases.items():
        names = phrases[phrase, FREE].names
        for entity in {*names, *counts.linked}:
            linked, passages = counts.count(entity)
            kind = names.get(entity, LINKED)
            # A name that a document links is a mention, so nothing can be learned of the others.
            if passages and kind != OUTSIDE:
                before = sums[kind, context]
                sums[kind, context] = before[0] + linked / passages, before[1] + 1
    return {key: linked / passages for key, (linked, passages) in sums.items()}


def _find_modified(corpus: Corpus) -> set[tuple[Entity, Folded]]:
    """The rows with a last word of the label by which narrower rows are called too, behind a modifier."""
    found = set()
    for table in LINK_TABLES:
        for row in corpus[table].rows:
            head, broader = fold_phrase(row["label"])[-1:], corpus[table].get(row["broader_id"])
            if broader and fold_phrase(broader["label"]) == head:
                found.add((Entity(table, broader.key), head))
    return found


def _find_plurals(corpus: Corpus) -> set[Entity]:
    """The rows called by a plural, whose singular before a noun is an adjective: `opioid tolerance`."""
    return {
        Entity(table, row.key)
        for table in LINK_TABLES
        for row in corpus[table].rows
        if is_plural(row["label"])
    }


def _add_name(phrases: PhraseTable, entity: Entity, name: str, kind: str) -> None:
    phrase = fold_phrase(name)
    if 0 < len(phrase) <= LONGEST_NAME and not FUNCTION_WORDS.issuperset(phrase):
        names = phrases.setdefault((phrase, FREE), PhraseCounts()).names
        names[entity] = min(kind, names.get(entity, kind), key=KINDS.index)


def _list_names(corpus: Corpus) -> Iterator[tuple[Entity, str, str]]:
    """Labels and mentions, and names and labels from lexicons outside, with what they name and how."""
    for link_table, table in ENTITY_LINKS.items():
        for row in corpus[table].rows:
            yield Entity(table, row.key), row["label"], NAMED
        for link in corpus[link_table].rows:
            if link["mention_type"] in (NAMED, ELLIPTICAL):
                yield corpus.entity(link), link["mention"], link["mention_type"]
    for name in GENERAL_NAMES:
        yield Entity("adverse_effects", find_general_effect(corpus)), name, OUTSIDE
    for row in corpus["names"].rows:
        if row["table_name"] in LINK_TABLES:
            yield Entity(row["table_name"], row["row_id"]), row["name"], OUTSIDE
    for row in corpus["mappings"].rows:
        if row["table_name"] in LINK_TABLES and row["predicate_id"] in SAME_MEANING:
            yield Entity(row["table_name"], row["row_id"]), row["object_label"], OUTSIDE


def _list_abbreviations(corpus: Corpus) -> Iterator[tuple[Entity, str, str]]:
    """Abbreviations that a passage explains behind the mention of a row."""
    for link_table in ENTITY_LINKS:
        for link, passage in corpus.placed(link_table):
            for abbreviation, place in find_abbreviations(passage["text"]):
                if link["mention_type"] == NAMED and passage["text"][:place].rstrip().endswith(
                    link["mention"]
                ):
                    yield corpus.entity(link), abbreviation, NAMED


def _read_passages(corpus: Corpus) -> Iterator[Row]:
    """The passages of running text that were read: those with claims or with a reason why there are none."""
    for passage in corpus["passages"].rows:
        if passage["kind"] in RUNNING_TEXT and (passage["reason"] or corpus.claims_of(passage)):
            yield passage


def _count_passage(corpus: Corpus, passage: Row, phrases: PhraseTable, index: PhraseIndex) -> None:
    """Counts which rows are linked with each phrase of a passage by a mention that shares a word with it."""
    links: dict[Entity, list[frozenset[str]]] = {}
    for claim in corpus.claims_of(passage):
        for link in corpus.links_of(claim, *ENTITY_LINKS):
            links.setdefault(corpus.entity(link), []).append(_content(link["mention"]))
    for phrase, context in {(one.phrase, one.context) for one in index.find(passage["text"])}:
        counts, words = phrases.setdefault((phrase, context), PhraseCounts()), {*phrase} - FUNCTION_WORDS
        names = phrases[phrase, FREE].names
        counts.passages += 1
        tables = {entity.table for entity, kind in names.items() if kind != ELLIPTICAL}
        counts.linked.update(
            entity
            for entity, mentions in links.items()
            # A name inside a longer one of the same table is none.
            if (entity in names or entity.table not in tables)
            and any(
                mention and (mention <= words or (entity in names and mention & words))
                for mention in mentions
            )
        )


def _content(text: str) -> frozenset[str]:
    return frozenset(token.fold for token in tokenise(text)) - FUNCTION_WORDS


def _most_common(counts: Counter[T]) -> T:
    return max(counts, key=lambda value: (counts[value], str(value)))
