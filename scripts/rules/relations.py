"""Rules on relations between claims: each is stored once, one way round, under one question."""

from collections.abc import Iterator
from difflib import get_close_matches

from packpress.checks.rules import rule
from packpress.problems import Problem

from scripts.curation.corpus import Corpus
from scripts.curation.words import split_words

SYMMETRIC = {"agrees", "contradicts"}
# How alike two questions are that are probably one; found by trying.
ALIKE = 0.9


@rule("claim_relations")
def check_relation_joins_two_claims(corpus: Corpus) -> Iterator[Problem]:
    """No claim is related to itself."""
    for row in corpus["claim_relations"]:
        if row["claim_id"] == row["related_claim_id"]:
            yield row.problem("related_claim_id", "the same claim; name the other one")


@rule("claim_relations")
def check_symmetric_relation_is_stored_once(corpus: Corpus) -> Iterator[Problem]:
    """A relation that holds both ways is stored once, the smaller id first."""
    for row in corpus["claim_relations"]:
        if row["relation"] in SYMMETRIC and row["claim_id"] > row["related_claim_id"]:
            message = f"{row['relation']} holds both ways and stands under the smaller id; exchange the two"
            yield row.problem("claim_id", message)


@rule("claim_relations")
def check_claims_do_not_agree_and_contradict(corpus: Corpus) -> Iterator[Problem]:
    """No two claims both agree and contradict each other on the same question."""
    first: dict[tuple[frozenset[str], str], str] = {}
    for row in corpus["claim_relations"]:
        if row["relation"] in SYMMETRIC:
            pair = frozenset((row["claim_id"], row["related_claim_id"]))
            other = first.setdefault((pair, row["question"]), row["relation"])
            if other != row["relation"]:
                message = f"the same pair also {other} on this question; keep one, or ask two questions"
                yield row.problem("relation", message)


@rule("claim_relations")
def check_question_is_asked(corpus: Corpus) -> Iterator[Problem]:
    """Every question ends with a question mark."""
    for row in corpus["claim_relations"]:
        if row["question"] and not row["question"].endswith("?"):
            yield row.problem("question", "not a question; end it with a question mark")


@rule("claim_relations")
def check_question_has_one_wording(corpus: Corpus) -> Iterator[Problem]:
    """A question is worded the same wherever it is asked; one that is nearly the same is a notice."""
    spellings: dict[str, str] = {}
    for row in corpus["claim_relations"]:
        question = row["question"]
        folded = " ".join(split_words(question))
        first = spellings.get(folded)
        if first is None and (near := get_close_matches(folded, spellings, 1, ALIKE)):
            message = f'nearly the same as "{spellings[near[0]]}"; use one wording if it is one question'
            yield row.problem("question", message, is_notice=True)
        elif first not in (None, question):
            yield row.problem("question", f'asked elsewhere as "{first}"; use one wording')
        spellings.setdefault(folded, question)
