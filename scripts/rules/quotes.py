"""Rules on quotes: the source's words stand in their passage, character for character."""

from collections.abc import Iterator

from packpress.checks.rules import rule
from packpress.problems import Problem, shorten_value
from packpress.tables.rows import Row, Table

from scripts.curation.corpus import RUNNING_TEXT, Corpus
from scripts.curation.words import find_nearest, find_places, has_words

QUOTED = ("claims", "conditions", "routes", "adverse_effects", "concepts", "references")
LINKS = ("claim_conditions", "claim_routes", "claim_adverse_effects", "claim_concepts", "claim_references")
# What narrows or doubts a claim is part of it, so its quote holds these too.
WITHIN_QUOTE = ("focus", "hedge", "qualifier", "dose", "duration_of_effect")


@rule(*QUOTED)
def check_quote_in_passage(corpus: Corpus) -> Iterator[Problem]:
    """Every quote occurs, character for character, in its passage."""
    for row, passage in corpus.placed(*QUOTED):
        if row["quote"] not in passage["text"]:
            yield row.problem("quote", _describe_absence(row["quote"], passage, corpus))


def _describe_absence(words: str, passage: Row, corpus: Corpus) -> str:
    absent = f"not in passage {passage['passage_id']}"
    holder = next((other for other in corpus.passages[passage["source_id"]] if words in other["text"]), None)
    if holder:
        return f"{absent}; it stands in passage {holder['passage_id']}; correct passage_id"
    hint = _describe_nearest(words, passage["text"])
    return f"{absent}; {hint}copy the words exactly{'' if hint else ' or correct passage_id'}"


@rule(*QUOTED)
def check_quote_occurrence(corpus: Corpus) -> Iterator[Problem]:
    """A quote that recurs in its passage says which occurrence is meant, and there is such a one."""
    for row, passage in corpus.quoted(*QUOTED):
        count = len(list(find_places(row["quote"], passage["text"])))
        if count > 1 and not row["quote_occurrence"]:
            message = f"the quote stands {count} times in {passage['passage_id']}; say which, counting from 1"
            yield row.problem("quote_occurrence", message)
        elif count and (row.number("quote_occurrence") or 1) > count:
            fit = "once; leave it empty" if count == 1 else f"{count} times; write 1 to {count}"
            yield row.problem("quote_occurrence", f"the quote stands there {fit}")


@rule(*QUOTED)
def check_quote_cuts_no_word(corpus: Corpus) -> Iterator[Problem]:
    """Every quote begins and ends at the edge of a word; a citation marker glued to a word is none of it."""
    for row, passage in corpus.quoted(*QUOTED):
        if not has_words(row["quote"], passage["text"]):
            message = f"begins or ends inside a word of passage {passage['passage_id']}; quote whole words"
            yield row.problem("quote", message)


@rule("claims", "conditions", "routes", "adverse_effects", "concepts")
def check_quote_is_of_running_text(corpus: Corpus) -> Iterator[Problem]:
    """Claims and entities are drawn from sentences and list items, never from titles, headings or entries."""
    for row, passage in corpus.placed(*(name for name in QUOTED if name != "references")):
        if passage["kind"] not in RUNNING_TEXT:
            message = f"of kind {passage['kind']}; draw claims and names from running text only"
            yield row.problem("passage_id", message)


@rule("claims")
def check_words_of_claim_in_quote(corpus: Corpus) -> Iterator[Problem]:
    """The focus, hedge, qualifier, dose and duration of every claim occur, exactly so, in its quote."""
    for claim, _ in corpus.quoted("claims"):
        for name in WITHIN_QUOTE:
            if not has_words(claim[name], claim["quote"]):
                hint = _describe_nearest(claim[name], claim["quote"])
                message = f"not in the quote; {hint}copy the words exactly or widen the quote"
                yield claim.problem(name, message)


@rule("claims", *LINKS)
def check_verbatim_words_in_passage(corpus: Corpus) -> Iterator[Problem]:
    """Whatever else a claim or a link gives in the source's words occurs in the claim's passage."""
    for row, passage in corpus.placed("claims", *LINKS):
        for name in _verbatim_fields(row.table):
            if not has_words(row[name], passage["text"]):
                hint = _describe_nearest(row[name], passage["text"])
                message = f"not in passage {passage['passage_id']}; {hint}copy the words exactly"
                yield row.problem(name, message)


def _verbatim_fields(table: Table) -> list[str]:
    others = {"quote", *WITHIN_QUOTE} if table.resource.name == "claims" else set()
    return [
        field.name
        for field in table.resource.fields
        if field.verbatim == "quote" and field.name not in others
    ]


def _describe_nearest(words: str, text: str) -> str:
    nearest = find_nearest(words, text)
    return f'nearest there: "{shorten_value(nearest)}"; ' if nearest else ""
