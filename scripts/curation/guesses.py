"""Guesses: cells of claims and links that a text leaves open, as other documents suggest them.

A cell stays empty where no value is likely enough: a wrong guess is worse than an empty cell.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from functools import cached_property

from packpress.tables.rows import Row

from scripts.curation.classifier import Classifier, train
from scripts.curation.corpus import ENTITY_LINKS, Corpus, Entity
from scripts.curation.phrases import FUNCTION_WORDS, tokenise
from scripts.curation.words import find_negations, find_turns

DOCUMENT, NEUTRAL = "document", "neutral"
# Roles that only one type of claim can give.
TIED_ROLES = {"contraindication"}
# How likely a direction must be to be filled in, and the document to be what a claim is about.
LEAST_DIRECTION, LEAST_DOCUMENT = 0.6, 0.8
# How likely a stance must be to be guessed from the type of a claim.
LEAST_STANCE = 0.9
# Words are not independent, as naive Bayes takes them to be: its probabilities of types are too far apart.
TEMPER = 0.25
# A type of claim less likely than this does not decide about roles.
LEAST_WEIGHT = 0.01


@dataclass(frozen=True)
class Situation:
    """What is known of a claim before anybody reads it: its words, its section, and what it is linked to."""

    words: str
    section: str
    entities: frozenset[Entity]

    @cached_property
    def features(self) -> frozenset[str]:
        """The words of the claim and of its heading, and whether it denies something."""
        found = {f"word {word}" for word in _content(self.words)}
        found |= {f"heading {word}" for word in _content(self.section)}
        return frozenset(found | ({"negation"} if find_negations(self.words) else set()))


@dataclass(frozen=True)
class Guesses:
    """The classifiers that the other documents' rows teach, and the subject that their claims share."""

    corpus: Corpus
    subject: Entity | None
    claims: Mapping[str, Classifier]
    roles: Mapping[str, Classifier]
    directions: Classifier
    stances: Classifier

    def guess_about(self, situation: Situation) -> str:
        """What a claim is about: the document, where likely; the shared subject, where linked; or others."""
        if self.is_about_document(situation):
            return DOCUMENT
        return self.subject.key if self.subject and self.subject in situation.entities else "other"

    def is_about_document(self, situation: Situation) -> bool:
        """Whether a claim tells of the document itself."""
        return self.claims["about"].guess(situation.features, least=LEAST_DOCUMENT) == DOCUMENT

    def guess_role(self, entity: Entity, situation: Situation, claim_type: str = "", kind: str = "") -> str:
        """The likeliest role of a row in a claim, over all types that the claim may be of.

        `kind` is that of a row that no table has yet. Empty where only one type gives the role, and the type
        of the claim is left to the reader.
        """
        table = self.corpus[entity.table]
        is_new = kind and table.get(entity.key) is None and "kind" in table.positions
        kind = kind if is_new else _find_kind(self.corpus, entity)
        types = {claim_type: 1.0} if claim_type else self.weigh_types(situation, self.guess_about(situation))
        weights = dict.fromkeys(self.roles[_link_table(entity)].labels, 0.0)
        for name, weight in types.items():
            if weight >= LEAST_WEIGHT:
                features = _describe_link(entity, kind, situation.entities, self.subject, name)
                for role, share in self.roles[_link_table(entity)].weigh(features).items():
                    weights[role] += weight**TEMPER * share
        likeliest = max(sorted(weights), key=lambda role: weights[role], default="")
        return "" if likeliest in TIED_ROLES and not claim_type else likeliest

    def weigh_types(self, situation: Situation, about: str) -> dict[str, float]:
        """The probability of each type of a claim."""
        features = situation.features | _describe_links(self.corpus, situation.entities) | {f"about {about}"}
        return self.claims["claim_type"].weigh(features)

    def guess_stance(self, situation: Situation, claim_type: str, about: str) -> str:
        """How a claim of a type judges, where claims like it nearly always judge so; for the reader to check.

        Empty for types that do not judge. Only the use of the shared subject is judged.
        """
        row = self.corpus["claim_types"].get(claim_type)
        if row is None or row["carries_stance"] != "true":
            return ""
        if self.subject is None or about != self.subject.key:
            return NEUTRAL
        return self.stances.guess(_describe_judgement(situation, claim_type), least=LEAST_STANCE)

    def guess_direction(self, entity: Entity, situation: Situation) -> str:
        """Which way a claim says that an outcome goes, or the empty string."""
        return self.directions.guess(_describe_turn(entity, situation.words), least=LEAST_DIRECTION)


def learn_guesses(corpus: Corpus) -> Guesses:
    """Learns from all claims and links of the tables."""
    subjects = Counter(
        corpus.entity(link) for link in corpus["claim_concepts"].rows if link["role"] == "subject"
    )
    subject = max(sorted(subjects), key=lambda entity: subjects[entity], default=None)
    situations = {
        claim.key: _read_situation(corpus, claim, passage) for claim, passage in corpus.placed("claims")
    }
    claims = [(claim, situations[claim.key]) for claim, _ in corpus.placed("claims")]
    types = {claim.key: claim["claim_type"] for claim, _ in claims}
    links = [
        (link, situations[link["claim_id"]])
        for table in ENTITY_LINKS
        for link in corpus[table].rows
        if link["claim_id"] in situations
    ]
    return Guesses(
        corpus,
        subject,
        {
            "about": train((one.features, claim["about"]) for claim, one in claims),
            "claim_type": train(
                (
                    (
                        one.features | _describe_links(corpus, one.entities) | {f"about {claim['about']}"},
                        claim["claim_type"],
                    )
                    for claim, one in claims
                ),
                strength=2.0,
            ),
        },
        {
            table: train(
                (
                    _describe_link(
                        corpus.entity(link),
                        _find_kind(corpus, corpus.entity(link)),
                        one.entities,
                        subject,
                        types[link["claim_id"]],
                    ),
                    link["role"],
                )
                for link, one in links
                if link.table.resource.name == table
            )
            for table in ENTITY_LINKS
        },
        train(
            (_describe_turn(corpus.entity(link), one.words), link["direction"])
            for link, one in links
            if link.table.resource.name == "claim_concepts" and link["direction"]
        ),
        train(
            (
                (_describe_judgement(one, claim["claim_type"]), claim["stance"])
                for claim, one in claims
                if claim["stance"] and subject and claim["about"] == subject.key
            ),
            strength=2.0,
        ),
    )


def _read_situation(corpus: Corpus, claim: Row, passage: Row) -> Situation:
    entities = frozenset(corpus.entity(link) for link in corpus.links_of(claim, *ENTITY_LINKS))
    return Situation(claim["quote"], passage["section"], entities)


def _link_table(entity: Entity) -> str:
    return next(link for link, table in ENTITY_LINKS.items() if table == entity.table)


def _content(text: str) -> set[str]:
    return {token.fold for token in tokenise(text)} - FUNCTION_WORDS


def _find_kind(corpus: Corpus, entity: Entity) -> str:
    row = corpus[entity.table].get(entity.key)
    return row["kind"] if row and "kind" in row.table.positions else entity.table


def _describe_links(corpus: Corpus, entities: Iterable[Entity]) -> set[str]:
    return {f"kind {_find_kind(corpus, entity)}" for entity in entities}


def _describe_link(
    entity: Entity, kind: str, entities: Set[Entity], subject: Entity | None, claim_type: str
) -> set[str]:
    """The kind of a row, whether the claim is about the shared subject, and for a concept which it is.

    The role of other rows changes with what is said of them; that of concepts hardly does.
    """
    features = {f"kind {kind}", f"kind {kind}, subject {subject in entities}"}
    features |= {f"kind {kind}, type {claim_type}"} if claim_type else set()
    return features | ({str(entity)} if entity.table == "concepts" else set())


def _describe_judgement(situation: Situation, claim_type: str) -> set[str]:
    denies = "negation" in situation.features
    return {f"type {claim_type}", f"type {claim_type}, negation {denies}"}


def _describe_turn(entity: Entity, words: str) -> set[str]:
    return {str(entity), *(f"turn {word}" for verb in find_turns(words) for word in _content(verb))}
