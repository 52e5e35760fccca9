"""Rules for what one sentence ties together: causes, aims, concessions and examples."""

from collections.abc import Iterator

from packpress.checks.rules import rule
from packpress.problems import Problem
from packpress.tables.rows import Row

from scripts.curation.corpus import Corpus, file_of
from scripts.curation.words import CONNECTIVES, OPENING_CONNECTIVES, find_connectives, has_words

KINDS = {word: kind for kind, words in CONNECTIVES.items() for word in words}


@rule("claim_reasons")
def check_reason_stands_near(corpus: Corpus) -> Iterator[Problem]:
    """A claim and its reason stand in one sentence, or an antecedent or an opening connective joins two."""
    antecedents = {
        passage_id: [claim["antecedent_passage_id"] for claim in claims]
        for passage_id, claims in corpus["claims"].group("passage_id").items()
    }
    for row, passage, other in _placed_reasons(corpus):
        one, two = passage["passage_id"], other["passage_id"]
        opened = [later for later in (passage, other) if _opens(row["connective"], later)]
        is_joined = any(_before(later, corpus) in (passage, other) for later in opened)
        if not (is_joined or two in _reach(one, antecedents) or one in _reach(two, antecedents)):
            message = (
                f"in {two}, which is neither {one} nor tied to it; "
                "name a claim of the same sentence or of an antecedent passage"
            )
            yield row.problem("reason_claim_id", message)


@rule("claim_reasons")
def check_connective_in_passage(corpus: Corpus) -> Iterator[Problem]:
    """The connective occurs, character for character, in the passage of one of the two claims."""
    for row, passage, other in _placed_reasons(corpus):
        words = row["connective"]
        if not (has_words(words, passage["text"]) or has_words(words, other["text"])):
            places = " nor in ".join(dict.fromkeys((passage["passage_id"], other["passage_id"])))
            yield row.problem("connective", f"not in {places}; copy the words exactly")


@rule("claim_reasons")
def check_connective_fits_kind(corpus: Corpus) -> Iterator[Problem]:
    """A listed connective ties as the kind under which it is listed."""
    for row in corpus["claim_reasons"]:
        kind = KINDS.get(row["connective"].lower(), row["kind"])
        if row["kind"] != kind:
            message = f'"{row["connective"]}" is listed under {kind}; write that, or correct connective'
            yield row.problem("kind", message)


@rule("claim_reasons")
def check_reasons_form_no_circle(corpus: Corpus) -> Iterator[Problem]:
    """No claim is its own reason, directly or through others."""
    reasons: dict[str, list[str]] = {}
    for row in corpus["claim_reasons"]:
        reasons.setdefault(row["claim_id"], []).append(row["reason_claim_id"])
    for row in corpus["claim_reasons"]:
        if row["claim_id"] in _reach(row["reason_claim_id"], reasons):
            message = (
                f"{row['claim_id']} is among its own reasons; remove one of the rows, or exchange the two"
            )
            yield row.problem("reason_claim_id", message)


@rule("passages")
def check_connectives_are_recorded(corpus: Corpus) -> Iterator[Problem]:
    """Each listed connective of a passage with two claims ties two of them, or a note says why it ties none.

    One that opens a sentence also ties it to the sentence before, so it counts where either has claims.
    """
    ties: dict[str, list[str]] = {}
    for row in corpus["claim_reasons"]:
        for name in ("claim_id", "reason_claim_id"):
            ties.setdefault(row[name], []).append(row["connective"].lower())
    for passage, claims in corpus.read_passages():
        recorded = [words for claim in claims for words in ties.get(claim["claim_id"], ())]
        recorded += [claim["note"].lower() for claim in claims if "connective" in claim["note"]]
        before = _before(passage, corpus)
        for word in find_connectives(passage["text"]):
            is_opening = word in OPENING_CONNECTIVES and _opens(word, passage)
            is_between = len(claims) > 1 or (is_opening and before and corpus.claims_of(before))
            if is_between and not any(_records(words, word) for words in recorded):
                message = (
                    f'the connective "{word}" is not recorded; '
                    f"add what it ties to {file_of(corpus['claim_reasons'])}, or write "
                    f'"The connective {word} ties no two claims" '
                    f"and why in the note of {claims[0]['claim_id']}"
                )
                yield passage.problem("passage_id", message)


def _records(words: str, connective: str) -> bool:
    """Whether a row's connective has the words, or a note names them as a connective."""
    wanted = f"connective {connective}" if "connective" in words else connective
    return has_words(wanted, words)


def _placed_reasons(corpus: Corpus) -> Iterator[tuple[Row, Row, Row]]:
    """The rows with the passages of their two claims; rows without are left to the check of keys."""
    for row, passage in corpus.placed("claim_reasons"):
        reason = corpus["claims"].get(row["reason_claim_id"])
        other = reason and corpus.passage(reason)
        if other:
            yield row, passage, other


def _opens(words: str, passage: Row) -> bool:
    return bool(words) and passage["text"].lower().startswith(words.lower())


def _before(passage: Row, corpus: Corpus) -> Row | None:
    """The passage before this one in its document, whose positions count from 1."""
    passages = corpus.passages[passage["source_id"]]
    place = int(passage.number("position") or 0) - 2
    return passages[place] if 0 <= place < len(passages) else None


def _reach(start: str, steps: dict[str, list[str]]) -> set[str]:
    """The start, and everything that steps lead to from there."""
    found, left = {start}, [start]
    while left:
        new = {*steps.get(left.pop(), ())} - found
        found |= new
        left += new
    return found
