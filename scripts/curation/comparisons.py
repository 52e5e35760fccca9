"""Comparisons: passages that an expert may want to see side by side, and the questions that they answer."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sized
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

from packpress.tables.rows import Row, Table

from scripts.curation.corpus import ENTITY_LINKS, Corpus
from scripts.curation.phrases import FUNCTION_WORDS, tokenise

# What likeness is made of: what claims are linked to tells more than the words of their statements.
ENTITY, BROADER, ROLE, CLAIM_TYPE, ABOUT, WORD = 2.0, 1.0, 0.5, 2.0, 0.5, 1.0
MOST_QUESTIONS = 3
Vector = Mapping[str, float]


@dataclass(frozen=True)
class LikelyPair:
    """Two passages that may be worth comparing: their most similar claims, one of each, and how similar."""

    one: Row
    other: Row
    likeness: float

    @property
    def passages(self) -> tuple[str, str]:
        """The ids of the two passages."""
        return self.one["passage_id"], self.other["passage_id"]


@dataclass(frozen=True)
class Likeness:
    """How similar claims are, from 0 to 1: what they are linked to, their types, and their words.

    What many claims share counts less, as the logarithm of how rare it is.
    """

    corpus: Corpus

    @cached_property
    def vectors(self) -> dict[str, Vector]:
        """Each claim as a vector of length one."""
        features = {claim.key: _describe(self.corpus, claim) for claim in self.corpus["claims"].rows}
        holders = Counter(name for one in features.values() for name in one)
        found: dict[str, Vector] = {}
        for key, one in features.items():
            weighted = {
                name: weight * math.log(len(features) / holders[name]) for name, weight in one.items()
            }
            length = math.sqrt(sum(value * value for value in weighted.values())) or 1.0
            found[key] = {name: value / length for name, value in weighted.items()}
        return found

    def measure(self, one: str, other: str) -> float:
        """The cosine of the vectors of two claims."""
        first, second = self.vectors[one], self.vectors[other]
        return sum(value * second.get(name, 0.0) for name, value in first.items())

    @cached_property
    def asked(self) -> dict[str, list[str]]:
        """The claims that were set side by side on each question."""
        asked: dict[str, list[str]] = {}
        for row in self.corpus["claim_relations"].rows:
            sides = (row["claim_id"], row["related_claim_id"])
            asked.setdefault(row["question_id"], []).extend(key for key in sides if key in self.vectors)
        return {question: list(dict.fromkeys(keys)) for question, keys in asked.items() if keys}

    def list_pairs(self, source_id: str) -> list[LikelyPair]:
        """The pairs of passages with claims, the first of which is of the source; most similar first."""
        best: dict[tuple[str, str], LikelyPair] = {}
        rows = self.corpus["claims"].rows
        own = [row for row in rows if self.corpus.source_id(row) == source_id]
        for one, other in product(own, rows):
            passages = one["passage_id"], other["passage_id"]
            is_again = self.corpus.source_id(other) == source_id and passages[0] >= passages[1]
            if is_again or passages[0] == passages[1]:
                continue
            pair = LikelyPair(one, other, self.measure(one.key, other.key))
            if passages not in best or best[passages].likeness < pair.likeness:
                best[passages] = pair
        return sorted(best.values(), key=lambda pair: (-pair.likeness, pair.passages))

    def list_questions(self, one: str, other: str) -> list[str]:
        """The questions on which claims most like these two were set side by side, the likeliest first."""
        scores = {
            question: sum(max(self.measure(key, asked) for asked in keys) for key in (one, other))
            for question, keys in self.asked.items()
        }
        return sorted(scores, key=lambda question: (-scores[question], question))[:MOST_QUESTIONS]


# So many passages are suggested beside each passage.
NEAREST = 10


def evaluate_comparisons(corpus: Corpus) -> Iterator[tuple[str, ...]]:
    """How many of the compared pairs of passages would have been suggested, for each source unrelated so far.

    The first line is the header. A pair counts as suggested when one of its passages is among the nearest to
    the other, and its question when it is among those suggested, of questions that others ask too.
    """
    yield (
        "source",
        "pairs compared",
        f"among the {NEAREST} nearest",
        "share",
        "question known",
        "suggested",
        "share",
    )
    for source in corpus.sources:
        compared, kept = _part_relations(corpus, source["source_id"])
        relations = Table(corpus["claim_relations"].resource, kept)
        likeness = Likeness(replace(corpus, tables={**corpus.tables, "claim_relations": relations}))
        pairs = likeness.list_pairs(source["source_id"])
        beside: dict[str, list[frozenset[str]]] = {}
        for pair in pairs:
            for passage in pair.passages:
                beside.setdefault(passage, []).append(frozenset(pair.passages))
        near = {both for found in beside.values() for both in found[:NEAREST]}
        asked = {frozenset(pair.passages): pair for pair in pairs}
        known = [both for both in compared if compared[both] & likeness.asked.keys()]
        right = [
            both
            for both in known
            if compared[both] & {*likeness.list_questions(asked[both].one.key, asked[both].other.key)}
        ]
        found = [both for both in compared if both in near]
        yield (
            source["short_name"],
            *(str(len(compared)), str(len(found)), _share(found, compared)),
            *(str(len(known)), str(len(right)), _share(right, known)),
        )


def _part_relations(corpus: Corpus, source_id: str) -> tuple[dict[frozenset[str], set[str]], list[Row]]:
    """The questions on which passages of a source were compared, and the relations of the others."""
    compared: dict[frozenset[str], set[str]] = {}
    kept = []
    for row in corpus["claim_relations"].rows:
        claims = [corpus["claims"].get(row[name]) for name in ("claim_id", "related_claim_id")]
        passages = frozenset(claim["passage_id"] for claim in claims if claim)
        if not any(claim and corpus.source_id(claim) == source_id for claim in claims):
            kept.append(row)
        elif len(passages) == len(claims):
            compared.setdefault(passages, set()).add(row["question_id"])
    return compared, kept


def _share(part: Sized, whole: Sized) -> str:
    return f"{len(part) / len(whole):.2f}" if whole else "–"


def _describe(corpus: Corpus, claim: Row) -> dict[str, float]:
    return dict(_list_features(corpus, claim))


def _list_features(corpus: Corpus, claim: Row) -> Iterator[tuple[str, float]]:
    yield f"type {claim['claim_type']}", CLAIM_TYPE
    yield f"about {claim['about']}", ABOUT
    for token in tokenise(claim["statement"]):
        if token.fold not in FUNCTION_WORDS:
            yield f"word {token.fold}", WORD
    for link in corpus.links_of(claim, *ENTITY_LINKS):
        entity = corpus.entity(link)
        row = corpus[entity.table].get(entity.key)
        if row and row["broader_id"]:
            yield f"{row['broader_id']} in {entity.table}", BROADER
        yield f"{entity} as {link['role']}", ROLE
        yield str(entity), ENTITY
