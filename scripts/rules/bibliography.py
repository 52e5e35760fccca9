"""Rules for the bibliography: references, their identifiers, and what cites them."""

import re
from collections.abc import Iterator

from packpress.checks.rules import rule
from packpress.problems import Problem, shorten_value
from packpress.tables.rows import Row

from scripts.curation.corpus import RUNNING_TEXT, Corpus
from scripts.curation.words import TAG, expand_marker, find_markers, normalise_spaces, stands_in

NUMBERED = re.compile(r"[\[(]?([0-9]+)[.)\]]")


@rule("passages")
def check_every_marker_is_linked(corpus: Corpus) -> Iterator[Problem]:
    """Every citation marker in a passage with claims is linked there; `2-5` to four references."""
    for passage, claims in corpus.read_passages():
        links = (link for claim in claims for link in corpus.links_of(claim, "claim_references"))
        linked = {link["reference_id"] for link in links}
        for marker in find_printed_markers(passage, corpus):
            claim = claim_with(marker, claims)
            for message in _describe_gaps(marker, linked, passage["source_id"], corpus):
                yield claim.problem("passage_id", message)


def claim_with(marker: str, claims: list[Row]) -> Row:
    """The claim whose quote contains a marker, or the first claim when none does."""
    return next((claim for claim in claims if marker in claim["quote"]), claims[0])


def _describe_gaps(marker: str, linked: set[str], source_id: str, corpus: Corpus) -> Iterator[str]:
    references = references_by_marker(source_id, corpus)
    for cited in expand_marker(marker):
        shown = f'the marker "{marker}" is there and cites {cited}'
        if cited not in references:
            # An entry that is printed but has no row is reported separately.
            if cited not in printed_numbers(source_id, corpus):
                yield f"{shown}, for which there is no reference; add it"
        elif references[cited] not in linked:
            yield f"{shown}; link {references[cited]} to a claim of the passage"


def references_by_marker(source_id: str, corpus: Corpus) -> dict[str, str]:
    """The ids of the references of a source, by what markers use: their ordinals or identifiers."""
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
    """The citation markers of a passage; numbers do not count when the source's entries are not numbered."""
    markers = find_markers(passage["text"])
    if printed_numbers(passage["source_id"], corpus):
        return markers
    return [marker for marker in markers if TAG.fullmatch(marker.strip("[]"))]


@rule("claim_references")
def check_linked_marker_is_printed(corpus: Corpus) -> Iterator[Problem]:
    """A linked marker is printed as a marker in the claim's passage, and stands for its reference."""
    for link, passage in corpus.placed("claim_references"):
        reference = corpus["references"].get(link["reference_id"])
        # Text that is not in the passage at all is reported elsewhere.
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


# The kind of passage in which each type of listing is printed.
PLACES = {
    "reference_list": ("entry_line",),
    "citing_list": ("entry_line",),
    "in_text": RUNNING_TEXT,
    "this_record": ("title",),
}


@rule("passages")
def check_every_entry_has_one_reference(corpus: Corpus) -> Iterator[Problem]:
    """Every bibliographic entry of a published source has exactly one reference."""
    for first in corpus["passages"]:
        if first["kind"] != "entry_line" or first["part_of"] or not corpus.is_published(first):
            continue
        lines = [line["passage_id"] for line in corpus.lines_of_entry(first)]
        rows = [row for line in lines for row in corpus["references"].group("passage_id").get(line, ())]
        if not rows:
            place = corpus["references"].resource.place
            message = f"begins an entry that no reference records; add a row to {place}"
            yield first.problem("passage_id", message)
        for row in rows[1:]:
            message = f"{rows[0].key} records this entry; one row is one printed entry, remove one"
            yield row.problem("passage_id", message)


@rule("references")
def check_reference_stands_where_listed(corpus: Corpus) -> Iterator[Problem]:
    """The passage of every reference belongs to its source, and its kind fits how the reference is listed."""
    for row, passage in corpus.placed("references"):
        if row["source_id"] != passage["source_id"]:
            message = f"passage {passage.key} is of {passage['source_id']}; correct one of them"
            yield row.problem("source_id", message)
        elif passage["kind"] not in PLACES.get(row["listed_as"], (passage["kind"],)):
            message = f"passage {passage.key} is of kind {passage['kind']}; correct listed_as or passage_id"
            yield row.problem("listed_as", message)


@rule("references")
def check_reference_fields_are_printed(corpus: Corpus) -> Iterator[Problem]:
    """Every bibliographic field of a reference occurs in the joined lines of its entry."""
    # Quotes and ordinals have rules of their own.
    fields = [
        field for field in corpus["references"].resource.fields if field.is_printed and not field.verbatim
    ]
    names = [field.name for field in fields if field.name != "ordinal"]
    for row, passage in corpus.placed("references"):
        entry = corpus.entry_text(passage)
        for name in names:
            if row[name] and not stands_in(row[name], entry):
                yield row.problem(name, f'not in the entry "{shorten_value(entry)}"; write what is printed')


@rule("references")
def check_ordinal_is_printed(corpus: Corpus) -> Iterator[Problem]:
    """The ordinal of a reference is the number printed before its entry, and empty where there is none."""
    for row, passage in corpus.placed("references"):
        match = NUMBERED.match(corpus.entry_text(passage)) if passage["kind"] == "entry_line" else None
        printed = match[1] if match else ""
        if row["ordinal"] != printed:
            mend = f"write {printed}" if printed else "leave it empty"
            yield row.problem("ordinal", f"the entry has {printed or 'no number'} before it; {mend}")


@rule("references")
def check_quote_names_the_work(corpus: Corpus) -> Iterator[Problem]:
    """The quote of a reference with a title is the title, as far as it is on the quoted line."""
    for row in corpus["references"]:
        title, quote = normalise_spaces(row["title"]), normalise_spaces(row["quote"])
        if title and not (title in quote or quote in title):
            message = f'does not contain the title "{shorten_value(title)}"; quote the title as printed'
            yield row.problem("quote", message)


@rule("reference_authors")
def check_authors_are_printed_in_order(corpus: Corpus) -> Iterator[Problem]:
    """The authors of a reference are in its entry in order, each family name before its initials."""
    by_reference: dict[str, list[Row]] = {}
    for row in corpus["reference_authors"]:
        by_reference.setdefault(row["reference_id"], []).append(row)
    for reference_id, authors in by_reference.items():
        reference = corpus["references"].get(reference_id)
        passage = reference and corpus.passage(reference)
        if passage:
            yield from _check_authors(sorted(authors, key=_position), corpus.entry_text(passage))


def _check_authors(authors: list[Row], entry: str) -> Iterator[Problem]:
    place = 0
    for expected, author in enumerate(authors, 1):
        if _position(author) != expected:
            message = (
                f"the authors of {author['reference_id']} continue with {expected}; number them as printed"
            )
            yield author.problem("position", message)
            return  # The positions behind the first wrong one are wrong for the same reason.
        match = _author_pattern(author).search(entry, place)
        if match:
            place = match.end()
        else:
            yield author.problem("family", f"{_describe_misprint(author, entry)}; write the names as printed")


def _author_pattern(author: Row) -> re.Pattern[str]:
    names = [re.escape(normalise_spaces(author[name])) for name in ("family", "initials") if author[name]]
    return re.compile(r"(?<![^\W_])" + r"[,\s]+".join(names) + r"(?![^\W_])")


def _describe_misprint(author: Row, entry: str) -> str:
    if not stands_in(author["family"], entry):
        return f'not in the entry "{shorten_value(entry)}"'
    if not _author_pattern(author).search(entry):
        return f'not followed in the entry by the initials "{author["initials"]}"'
    return "is earlier in the entry than the author before it"


def _position(row: Row) -> int:
    return row.number("position") or 0
