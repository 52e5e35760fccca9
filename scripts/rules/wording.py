"""Rules on our own wording: it copies no document, adds no number and loses no doubt."""

from collections.abc import Iterator

from packpress.checks.rules import rule
from packpress.package.resource import Resource
from packpress.problems import Problem, shorten_value

from scripts.curation.corpus import Corpus
from scripts.curation.words import find_hedge_cues, find_numbers, find_shared_run, split_words

WRITTEN = (
    *("sources", "passages", "source_reporting", "claim_types", "claims", "claim_relations"),
    *("conditions", "routes", "adverse_effects", "concepts", "mappings", "references", "corrections"),
)
# What others printed elsewhere, so no words of ours although no document has them.
ELSEWHERE = {"corrected", "object_label"}
CODED = {"enum", "pattern"}
# What a claim can be about that a statement can name.
DRUGS = {"ketamine"}


@rule(*WRITTEN)
def check_own_words(corpus: Corpus) -> Iterator[Problem]:
    """No run of eight or more words of ours is shared with a document."""
    for name in WRITTEN:
        fields = _own_fields(corpus[name].resource)
        for row in corpus[name]:
            for field in fields:
                if shared := find_shared_run(row[field], corpus.runs):
                    message = f'shares "{shorten_value(shared[0])}" with {shared[1]}; say it in our own words'
                    yield row.problem(field, message)


def _own_fields(resource: Resource) -> list[str]:
    """The fields in which we write freely: text that is no key, no code, no choice and nothing printed."""
    others = {*resource.primary_key, *ELSEWHERE}
    others |= {name for key in resource.foreign_keys for name in key.fields}
    return [
        field.name
        for field in resource.fields
        if field.type == "string" and field.name not in others and not field.constraints.keys() & CODED
        if not (field.is_printed or "format" in field.declared)
    ]


@rule("claims")
def check_statement_names_its_subject(corpus: Corpus) -> Iterator[Problem]:
    """A statement stands alone: it names the drug that the claim is about, or the note says why not."""
    for claim in corpus["claims"]:
        subject = claim["about"]
        if subject in DRUGS and subject not in split_words(claim["statement"]) and not claim["note"]:
            message = f"does not name {subject}, which it is about; name it, or say why not in note"
            yield claim.problem("statement", message)


@rule("claims")
def check_numbers_of_statement_in_quote(corpus: Corpus) -> Iterator[Problem]:
    """Every number that a statement gives in digits stands in the quote."""
    for claim, _ in corpus.quoted("claims"):
        printed = find_numbers(claim["quote"])
        for number in find_numbers(claim["statement"]):
            if number not in printed:
                message = f"{number} is not in the quote; leave it out or widen the quote"
                yield claim.problem("statement", message)


@rule("claims")
def check_hedge_cues_are_recorded(corpus: Corpus) -> Iterator[Problem]:
    """Every word of a quote that may doubt or narrow is in hedge or qualifier, or named in note."""
    for claim in corpus["claims"]:
        recorded = split_words(f"{claim['hedge']} {claim['qualifier']} {claim['note']}")
        for cue in find_hedge_cues(claim["quote"]):
            if cue not in recorded:
                message = f'"{cue}" is in neither hedge nor qualifier; record it or say in note what it does'
                yield claim.problem("quote", message)
