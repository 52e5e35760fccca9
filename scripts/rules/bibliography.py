"""Rules on references: each is one printed entry, and its fields are parsed from that entry."""

import re
from collections.abc import Iterator

from packpress.checks.rules import rule
from packpress.problems import Problem, shorten_value
from packpress.tables.rows import Row

from scripts.curation.corpus import RUNNING_TEXT, Corpus
from scripts.curation.words import normalise_spaces, stands_in
from scripts.rules.citations import NUMBERED

# What kind of passage each way of listing a work is printed in.
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
            message = f"{rows[0].key} records this entry; one row is one printed entry, take one out"
            yield row.problem("passage_id", message)


@rule("references")
def check_reference_stands_where_listed(corpus: Corpus) -> Iterator[Problem]:
    """The passage of every reference is one of its source, and of a kind that fits how it is listed."""
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
    # Quotes and the ordinal have rules of their own.
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
    """The ordinal of a reference is the number printed before its entry, and is empty where none is."""
    for row, passage in corpus.placed("references"):
        match = NUMBERED.match(corpus.entry_text(passage)) if passage["kind"] == "entry_line" else None
        printed = match[1] if match else ""
        if row["ordinal"] != printed:
            mend = f"write {printed}" if printed else "leave it empty"
            yield row.problem("ordinal", f"the entry has {printed or 'no number'} before it; {mend}")


@rule("references")
def check_quote_names_the_work(corpus: Corpus) -> Iterator[Problem]:
    """The quote of a reference with a title is the title, as far as its line holds it."""
    for row in corpus["references"]:
        title, quote = normalise_spaces(row["title"]), normalise_spaces(row["quote"])
        if title and not (title in quote or quote in title):
            message = f'does not hold the title "{shorten_value(title)}"; quote the title as printed'
            yield row.problem("quote", message)


@rule("reference_authors")
def check_authors_are_printed_in_order(corpus: Corpus) -> Iterator[Problem]:
    """The authors of a reference stand in its entry in order, each family name before its initials."""
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
            message = f"the authors of {author['reference_id']} go on with {expected}; number them as printed"
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
    return "stands earlier in the entry than the author before it"


def _position(row: Row) -> int:
    return row.number("position") or 0
