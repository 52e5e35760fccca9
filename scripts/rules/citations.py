"""Rules on citations: every printed marker is expanded and linked, and every linked marker is printed."""

import re
from collections.abc import Iterator

from packpress.checks.rules import rule
from packpress.problems import Problem
from packpress.tables.rows import Row

from scripts.curation.corpus import Corpus
from scripts.curation.words import TAG, expand_marker, find_markers

NUMBERED = re.compile(r"[\[(]?([0-9]+)[.)\]]")


@rule("passages")
def check_every_marker_is_linked(corpus: Corpus) -> Iterator[Problem]:
    """Every citation marker in a passage with claims is linked there, `2-5` to four references."""
    for passage, claims in corpus.read_passages():
        links = (link for claim in claims for link in corpus.links_of(claim, "claim_references"))
        linked = {link["reference_id"] for link in links}
        for marker in find_printed_markers(passage, corpus):
            claim = claim_with(marker, claims)
            for message in _describe_gaps(marker, linked, passage["source_id"], corpus):
                yield claim.problem("passage_id", message)


def claim_with(marker: str, claims: list[Row]) -> Row:
    """The claim whose quote holds a marker, or the first one when none does."""
    return next((claim for claim in claims if marker in claim["quote"]), claims[0])


def _describe_gaps(marker: str, linked: set[str], source_id: str, corpus: Corpus) -> Iterator[str]:
    references = references_by_marker(source_id, corpus)
    for cited in expand_marker(marker):
        shown = f'the marker "{marker}" stands there and cites {cited}'
        if cited not in references:
            # An entry that is printed but has no row is reported as such.
            if cited not in printed_numbers(source_id, corpus):
                yield f"{shown}, which no reference is called; add the reference"
        elif references[cited] not in linked:
            yield f"{shown}; link {references[cited]} to a claim of the passage"


def references_by_marker(source_id: str, corpus: Corpus) -> dict[str, str]:
    """Ids of the references of a source by what a marker calls them: their ordinal or their number."""
    references = corpus["references"].group("source_id").get(source_id, [])
    named = {row["number"]: row["reference_id"] for row in references if row["listed_as"] == "in_text"}
    listed = {
        row["ordinal"]: row["reference_id"] for row in references if row["listed_as"] == "reference_list"
    }
    return named | listed


def printed_numbers(source_id: str, corpus: Corpus) -> set[str]:
    """The numbers printed before the entries of a source; empty when its lists are not numbered."""
    passages = corpus.passages.get(source_id, [])
    entries = (row["text"] for row in passages if row["kind"] == "entry_line" and not row["part_of"])
    return {match[1] for entry in entries if (match := NUMBERED.match(entry))}


def find_printed_markers(passage: Row, corpus: Corpus) -> list[str]:
    """The citation markers of a passage; numbers are none where the source numbers no entries."""
    markers = find_markers(passage["text"])
    if printed_numbers(passage["source_id"], corpus):
        return markers
    return [marker for marker in markers if TAG.fullmatch(marker.strip("[]"))]


@rule("claim_references")
def check_linked_marker_is_printed(corpus: Corpus) -> Iterator[Problem]:
    """A linked marker is printed as a marker in the claim's passage, and stands for its reference."""
    for link, passage in corpus.placed("claim_references"):
        reference = corpus["references"].get(link["reference_id"])
        # Words that are not in the passage at all have been reported.
        if not reference or link["marker"] not in passage["text"]:
            continue
        names, cited = {reference["ordinal"], reference["number"]} - {""}, expand_marker(link["marker"])
        if reference["source_id"] != passage["source_id"]:
            message = f"listed by {reference['source_id']}; a claim cites what its own document lists"
            yield link.problem("reference_id", message)
        elif reference["ordinal"] and link["marker"] not in find_printed_markers(passage, corpus):
            message = f"not printed as a marker in passage {passage['passage_id']}; copy the whole marker"
            yield link.problem("marker", message)
        elif cited and not names & set(cited):
            called = f"is {' or '.join(sorted(names))}" if names else "has no number"
            message = f"cites {', '.join(cited)}, but {reference.key} {called}; correct one of them"
            yield link.problem("marker", message)
