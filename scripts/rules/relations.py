"""Rules for the relations between claims, and for the questions on which claims are set side by side."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from packpress.checks.rules import rule
from packpress.problems import Problem
from packpress.tables.rows import Row

from scripts.curation.corpus import ENTITY_LINKS, Corpus, Entity
from scripts.curation.words import split_words

DIRECTED = "qualifies"
# The topics of questions on which different predicates complete each other: the first of each pair of topics.
# A use is recorded under licensing.
JOINING = {"harm", "caution", "licensing", "dose"}
# Words that tell a source's advice as silence.
SILENCE = re.compile(
    r"\b(?:no|any|without|lack of) (?:\w+ )?(?:recommendation|advice|opinion|position|view)\b"
    r"|\b(?:silent|silence)\b"
    r"|\b(?:says?|states?|recommends?|advises?) nothing\b"
    r"|\b(?:does|do) not (?:say|state|mention|address)\b",
    re.IGNORECASE,
)
# The similarity from which two questions are probably the same; found by experiment.
ALIKE = 0.9


@rule("claim_relations")
def check_relation_joins_two_claims(corpus: Corpus) -> Iterator[Problem]:
    """No claim is related to itself."""
    for row in corpus["claim_relations"]:
        if row["claim_id"] == row["related_claim_id"]:
            yield row.problem("related_claim_id", "the same claim; name the other one")


@rule("claim_relations")
def check_symmetric_relation_is_stored_once(corpus: Corpus) -> Iterator[Problem]:
    """A symmetric relation is stored once, with the smaller id first."""
    for row in corpus["claim_relations"]:
        if row["relation"] != DIRECTED and row["claim_id"] > row["related_claim_id"]:
            message = f"{row['relation']} is symmetric and belongs under the smaller id; exchange the two"
            yield row.problem("claim_id", message)


def arrange_relation(table: str, cells: Mapping[str, str]) -> Mapping[str, str]:
    """The cells of a row, and of a symmetric relation those with the smaller id first."""
    one, other = cells.get("claim_id", ""), cells.get("related_claim_id", "")
    if table != "claim_relations" or cells["relation"] == DIRECTED or one <= other:
        return cells
    return {**cells, "claim_id": other, "related_claim_id": one}


@rule("claim_relations")
def check_passages_have_one_relation_on_a_question(corpus: Corpus) -> Iterator[Problem]:
    """Two passages have one relation on a question, or the reason names the claim whose relation differs."""
    first: dict[tuple[frozenset[str], str], Row] = {}
    for row, one, other in _related_claims(corpus):
        passages = frozenset((one["passage_id"], other["passage_id"]))
        earlier = first.setdefault((passages, row["question_id"]), row)
        if _kind(corpus, earlier) == _kind(corpus, row):
            continue
        sides = {earlier["claim_id"], earlier["related_claim_id"]}
        differing = sorted(sides - {row["claim_id"], row["related_claim_id"]}) or sorted(sides)
        if not any(claim_id in row["reason"] for claim_id in differing):
            message = (
                f"the same passages have {earlier['relation']} on this question, at {earlier.place}; keep "
                f"one relation, ask two questions, or say in reason why {differing[0]} differs"
            )
            yield row.problem("relation", message)


def _related_claims(corpus: Corpus) -> Iterator[tuple[Row, Row, Row]]:
    """The relations with their two claims; keys that lead nowhere are left to the check of keys."""
    for row in corpus["claim_relations"]:
        one, other = (corpus["claims"].get(row[name]) for name in ("claim_id", "related_claim_id"))
        if one and other:
            yield row, one, other


def _kind(corpus: Corpus, row: Row) -> tuple[str, str]:
    """The relation and, of a directed one, the passage that it starts from."""
    claim = corpus.claim(row)
    return row["relation"], claim["passage_id"] if claim and row["relation"] == DIRECTED else ""


@rule("claim_relations")
def check_advice_against_is_not_told_as_silence(corpus: Corpus) -> Iterator[Problem]:
    """The reason of a relation never tells a judgement against ketamine as silence."""
    for row, one, other in _related_claims(corpus):
        told = SILENCE.search(row["reason"])
        against = next((claim for claim in (one, other) if _is_against(corpus, claim)), None)
        if told and against:
            message = (
                f'tells {against.key}, which is against ketamine, as silence: "{told[0]}"; say what it says'
            )
            yield row.problem("reason", message)


def _is_against(corpus: Corpus, claim: Row) -> bool:
    roles = (link["role"] for link in corpus.links_of(claim, "claim_conditions"))
    return claim["stance"] == "against" or "not_recommended" in roles


@rule("claim_relations")
def check_complements_joins_a_pair_of_topics(corpus: Corpus) -> Iterator[Problem]:
    """Claims of two types complement each other, and the question has the first of a pair of topics."""
    for row, one, other in _related_claims(corpus):
        question = corpus["questions"].get(row["question_id"])
        if row["relation"] != "complements" or question is None:
            continue
        if question["topic"] not in JOINING:
            message = (
                f"the topic of {question.key} is {question['topic']}, and only questions of "
                f"{', '.join(sorted(JOINING))} join two topics; correct the relation or the question"
            )
            yield row.problem("relation", message)
        elif one["claim_type"] == other["claim_type"]:
            message = (
                f"both claims are of the type {one['claim_type']}, so nothing completes; correct the relation"
            )
            yield row.problem("relation", message)


@rule("claim_relations")
def check_mapping_concerns_one_of_the_claims(corpus: Corpus) -> Iterator[Problem]:
    """The classification that a comparison needs is of something to which one of the two claims is linked."""
    for row, one, other in _related_claims(corpus):
        mapping = corpus["mappings"].get(row["mapping_id"])
        if mapping is None:
            continue
        mapped = Entity(mapping["table_name"], mapping["row_id"])
        links = (link for claim in (one, other) for link in corpus.links_of(claim, *ENTITY_LINKS))
        if mapped not in map(corpus.entity, links):
            yield row.problem(
                "mapping_id", f"neither claim is linked to {mapped}; correct it or add the link"
            )


@rule("questions")
def check_question_is_a_question(corpus: Corpus) -> Iterator[Problem]:
    """Every question ends with a question mark."""
    for row in corpus["questions"]:
        if row["question"] and not row["question"].endswith("?"):
            yield row.problem("question", "not a question; end it with a question mark")


@rule("questions")
def check_question_joins_claims(corpus: Corpus) -> Iterator[Problem]:
    """Every question is one on which two claims are set side by side."""
    asked = corpus["claim_relations"].group("question_id")
    for row in corpus["questions"]:
        if row.key not in asked:
            place = corpus["claim_relations"].resource.place
            yield row.problem("question_id", f"no row of {place} asks it; add one or remove the question")


@rule("questions")
def check_question_has_one_wording(corpus: Corpus) -> Iterator[Problem]:
    """No two questions differ only in case and punctuation; nearly the same wording is a notice."""
    spellings: dict[str, str] = {}
    for row in corpus["questions"]:
        folded = " ".join(split_words(row["question"]))
        same = spellings.get(folded)
        if same is not None:
            yield row.problem("question", f"{same} asks the same; keep one of the two")
        elif near := get_close_matches(folded, spellings, 1, ALIKE):
            message = f"nearly the same as {spellings[near[0]]}; keep one if it is one question"
            yield row.problem("question", message, is_notice=True)
        spellings.setdefault(folded, row.key)
