"""Rules for quotes and for the wording of statements."""

from collections.abc import Iterator

from packpress.checks.rules import rule
from packpress.package.resource import Resource
from packpress.problems import Problem, shorten_value
from packpress.tables.rows import Row, Table

from scripts.curation.corpus import ENTITY_LINKS, RUNNING_TEXT, Corpus
from scripts.curation.words import (
    AMOUNT_CUES,
    NARROWING_CUES,
    find_cut,
    find_hedge_cues,
    find_nearest,
    find_numbers,
    find_places,
    find_shared_run,
    has_words,
    split_words,
)

QUOTED = ("claims", "conditions", "routes", "adverse_effects", "concepts", "references")
LINKS = ("claim_conditions", "claim_routes", "claim_adverse_effects", "claim_concepts", "claim_references")
# What narrows or hedges a claim is part of it, so its quote must contain these fields too.
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
        return f"{absent}; it is in passage {holder['passage_id']}; correct passage_id"
    hint = _describe_nearest(words, passage["text"])
    return f"{absent}; {hint}copy the words exactly{'' if hint else ' or correct passage_id'}"


@rule(*QUOTED)
def check_quote_occurrence(corpus: Corpus) -> Iterator[Problem]:
    """A quote that occurs several times in its passage gives a valid occurrence, and no other quote does."""
    for row, passage in corpus.quoted(*QUOTED):
        count = len(list(find_places(row["quote"], passage["text"])))
        if count > 1 and not row["quote_occurrence"]:
            message = f"the quote occurs {count} times in {passage['passage_id']}; say which, counting from 1"
            yield row.problem("quote_occurrence", message)
        elif count and (row.number("quote_occurrence") or 1) > count:
            fit = "once; leave it empty" if count == 1 else f"{count} times; write 1 to {count}"
            yield row.problem("quote_occurrence", f"the quote occurs there {fit}")


@rule(*QUOTED)
def check_quote_cuts_no_word(corpus: Corpus) -> Iterator[Problem]:
    """Every quote begins and ends outside words, numbers, abbreviations and addresses, or a note says why."""
    for row, passage in corpus.quoted(*QUOTED):
        note = row["note"] if "note" in row.table.positions else None
        for whole in _list_cut(row, passage["text"]):
            if note is None or whole not in note:
                excuse = "" if note is None else f', or say in note why "{whole}" is cut'
                where = f'begins or ends inside "{shorten_value(whole)}" of passage {passage["passage_id"]}'
                yield row.problem("quote", f"{where}; quote whole words and numbers{excuse}")


def _list_cut(row: Row, text: str) -> list[str]:
    """What the quote of a row cuts at its beginning and at its end, at the place that it gives."""
    places = list(find_places(row["quote"], text))
    if not places:
        return []  # another rule says so
    start, end = places[min(max(row.number("quote_occurrence") or 1, 1), len(places)) - 1]
    return list(dict.fromkeys(whole for place in (start, end) if (whole := find_cut(text, place))))


@rule("claims", "conditions", "routes", "adverse_effects", "concepts")
def check_quote_is_of_running_text(corpus: Corpus) -> Iterator[Problem]:
    """Claims and entities are quoted from sentences or list items, never from titles or entries."""
    for row, passage in corpus.placed(*(name for name in QUOTED if name != "references")):
        if passage["kind"] not in RUNNING_TEXT:
            message = f"of kind {passage['kind']}; take claims and names from running text only"
            yield row.problem("passage_id", message)


@rule("claims")
def check_words_of_claim_in_quote(corpus: Corpus) -> Iterator[Problem]:
    """The focus, hedge, qualifier, dose and duration of every claim occur, exactly, in its quote."""
    for claim, _ in corpus.quoted("claims"):
        for name in WITHIN_QUOTE:
            if not has_words(claim[name], claim["quote"]):
                hint = _describe_nearest(claim[name], claim["quote"])
                message = f"not in the quote; {hint}copy the words exactly or widen the quote"
                yield claim.problem(name, message)


@rule("claims", *LINKS)
def check_verbatim_words_in_passage(corpus: Corpus) -> Iterator[Problem]:
    """Every other verbatim field of a claim or a link occurs in the claim's passage."""
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


WRITTEN = (
    *("sources", "passages", "source_reporting", "claim_types", "claims", "questions", "claim_relations"),
    *("conditions", "routes", "adverse_effects", "concepts", "mappings", "references", "corrections"),
)
# Text printed elsewhere: not ours, although no document contains it.
ELSEWHERE = {"corrected", "object_label"}
CODED = {"enum", "pattern"}
# The types of claim that speak of evidence.
ON_EVIDENCE = {"evidence_quality", "research_need"}
# Subjects of claims that a statement can name.
DRUGS = {"ketamine"}


@rule(*WRITTEN)
def check_own_words(corpus: Corpus) -> Iterator[Problem]:
    """No run of eight or more of our own words occurs in a document."""
    for name in WRITTEN:
        fields = _own_fields(corpus[name].resource)
        for row in corpus[name]:
            for field in fields:
                if shared := find_shared_run(row[field], corpus.runs):
                    message = f'shares "{shorten_value(shared[0])}" with {shared[1]}; say it in our own words'
                    yield row.problem(field, message)


def _own_fields(resource: Resource) -> list[str]:
    """The fields with free text of our own: not keys, codes, choices or printed text."""
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
    """A statement is self-contained: it names the drug that the claim is about, or the note says why not."""
    for claim in corpus["claims"]:
        subject = claim["about"]
        if subject in DRUGS and subject not in split_words(claim["statement"]) and not claim["note"]:
            message = f"does not name {subject}, which it is about; name it, or say why not in note"
            yield claim.problem("statement", message)


@rule("claims")
def check_numbers_of_statement_in_quote(corpus: Corpus) -> Iterator[Problem]:
    """Every number that a statement gives in digits is in the quote."""
    for claim, _ in corpus.quoted("claims"):
        printed = find_numbers(claim["quote"])
        for number in find_numbers(claim["statement"]):
            if number not in printed:
                message = f"{number} is not in the quote; leave it out or widen the quote"
                yield claim.problem("statement", message)


@rule("claims")
def check_hedge_cues_are_recorded(corpus: Corpus) -> Iterator[Problem]:
    """Every word of a quote that may hedge or narrow is in hedge or qualifier, or named in the note."""
    for claim in corpus["claims"]:
        recorded = split_words(f"{claim['hedge']} {claim['qualifier']} {claim['note']}")
        for cue in find_hedge_cues(claim["quote"]):
            if cue not in recorded:
                message = f'"{cue}" is in neither hedge nor qualifier; record it or say in note what it does'
                yield claim.problem("quote", message)


@rule("claims")
def check_narrowing_words_are_recorded(corpus: Corpus) -> Iterator[Problem]:
    """Every word that narrows a quote and its statement is in qualifier, in a link or in the note."""
    for claim in corpus["claims"]:
        fields = [claim[name] for name in ("hedge", "qualifier", "duration_of_effect", "note")]
        links = corpus.links_of(claim, *LINKS)
        printed = [link[name] for link in links for name in _verbatim_fields(link.table) if name != "mention"]
        # A word in the name of a linked row narrows nothing beyond that row.
        linked = [corpus.entity(link) for link in links if link.table.resource.name in ENTITY_LINKS]
        labels = [row["label"] for entity in linked if (row := corpus[entity.table].get(entity.key))]
        recorded = split_words(" ".join([*fields, *printed, *labels]))
        said = {*split_words(claim["quote"])} & {*split_words(claim["statement"])} & NARROWING_CUES
        for cue in sorted(said - {*recorded}):
            message = f'"{cue}" narrows the quote too; record it in qualifier or say in note what it does'
            yield claim.problem("statement", message)


@rule("claims")
def check_amounts_of_evidence_are_recorded(corpus: Corpus) -> Iterator[Problem]:
    """Every word for an amount in a claim on evidence is in qualifier, or the note says what it does."""
    for claim in corpus["claims"]:
        if claim["claim_type"] not in ON_EVIDENCE:
            continue
        recorded = split_words(f"{claim['qualifier']} {claim['note']}")
        for word in sorted(AMOUNT_CUES.intersection(split_words(claim["quote"])) - {*recorded}):
            message = (
                f'"{word}" is an amount of evidence; record it in qualifier, '
                f'or say in note that it is what is said: "{word} narrows nothing"'
            )
            yield claim.problem("quote", message)
