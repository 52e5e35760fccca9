"""Works: suggested references for entries, records and citations that have none yet."""

import re
from collections.abc import Iterator
from itertools import count

from packpress.tables.rows import Row

from scripts.curation.corpus import RUNNING_TEXT, Corpus
from scripts.curation.entries import Entry, find_identifiers, parse_entry
from scripts.curation.words import TAG, find_markers, find_places, normalise_spaces

Cells = dict[str, str]
RECORD_LINE = re.compile(r"(?P<name>Journal|Date|PMID)\s+(?P<value>.+)")
AUTHOR_LINE = re.compile(r"Author: (?P<family>\S.*?) (?P<initials>[^\W\d_a-z]{1,4})")
# What tells a record of a work from the head of a page.
IDENTIFYING = {"doi", "pmid", "pmcid", "container_title"}
# The least number of title words that make a line the title line.
FEWEST_WORDS = 3


def suggest_works(corpus: Corpus, source_id: str) -> dict[str, list[Cells]]:
    """Rows of references and their authors, for works that the source prints and no reference records."""
    recorded = {row["passage_id"] for row in corpus["references"].group("source_id").get(source_id, ())}
    references: list[Cells] = []
    authors: list[Cells] = []
    taken = {row.key for row in corpus["references"].rows}
    taken |= {row["row_id"] for row in corpus["withdrawals"].rows}
    for passage, entry, cells in _read_works(corpus, source_id, recorded):
        reference_id = _name_reference(source_id, cells["listed_as"], entry, taken)
        taken.add(reference_id)
        quote = quote_title(corpus, passage, entry.fields.get("title", ""))
        references.append(
            {
                "reference_id": reference_id,
                "source_id": source_id,
                "reference_type": "journal_article",
                "subjects": "not_stated",
                "study_design": _find_design(corpus, entry.fields.get("title", "")),
                **entry.fields,
                **_say_which(corpus, {**quote, **cells}),
            }
        )
        authors += (
            {"reference_id": reference_id, "position": str(place), "family": family, "initials": initials}
            for place, (family, initials) in enumerate(entry.authors, 1)
        )
    found = {"references": references, "reference_authors": authors}
    return {table: rows for table, rows in found.items() if rows}


def _read_works(corpus: Corpus, source_id: str, recorded: set[str]) -> Iterator[tuple[Row, Entry, Cells]]:
    """The passage, the parsed entry and the type of listing of each work without a reference."""
    cited_in_text: set[str] = set()
    for passage in corpus.passages.get(source_id, ()):
        lines = {line.key for line in corpus.lines_of_entry(passage)}
        match passage["kind"]:
            case "entry_line" if not passage["part_of"] and not lines & recorded:
                is_citing = passage["section"].casefold() == "citing articles"
                listed_as = "citing_list" if is_citing else "reference_list"
                yield passage, parse_entry(corpus.entry_text(passage)), {"listed_as": listed_as}
            case "title" if len(lines) > 1 and not lines & recorded:
                record = _read_record(corpus, passage)
                # A title with some lines about it may be of anything; a record says what it is of.
                if IDENTIFYING & record.fields.keys():
                    yield passage, record, {"listed_as": "this_record"}
            case kind if kind in RUNNING_TEXT and passage.key not in recorded:
                for cells in _find_in_text(passage["text"]):
                    if not {*cells.values()} & cited_in_text:
                        cited_in_text |= {*cells.values()}
                        words = {"quote": next(iter(cells.values())), "listed_as": "in_text"}
                        yield passage, Entry(cells), {**words, "passage_id": passage.key}


def _read_record(corpus: Corpus, title: Row) -> Entry:
    """What the title and the metadata lines below it say about the document as a work."""
    fields = {"title": normalise_spaces(title["text"])} | find_identifiers(corpus.entry_text(title))
    for line in corpus.lines_of_entry(title):
        match RECORD_LINE.match(line["text"]):
            case re.Match() as found if found["name"] == "Journal":
                fields["container_title"] = normalise_spaces(found["value"])
            case re.Match() as found if found["name"] == "Date" and (
                year := re.search(r"\d{4}", found["value"])
            ):
                fields["year"] = year[0]
    authors = (AUTHOR_LINE.fullmatch(line["text"]) for line in corpus.lines_of_entry(title))
    return Entry(fields, [(found["family"], found["initials"]) for found in authors if found])


def _find_in_text(text: str) -> Iterator[Cells]:
    """Works that running text cites only by a tag such as [NG193], a DOI or a PubMed number."""
    for marker in find_markers(text):
        if TAG.fullmatch(tag := marker.strip("[]")):
            yield {"number": tag, "reference_type": "guideline"}
    identifiers = find_identifiers(text)
    if identifiers.keys() & {"doi", "pmid"}:
        yield identifiers


def _name_reference(source_id: str, listed_as: str, entry: Entry, taken: set[str]) -> str:
    """An unused id for a reference: its printed number if that is free, or else the next free one."""
    if listed_as == "this_record":
        return f"{source_id}-record"
    stem = {"citing_list": "citing-", "in_text": "t"}.get(listed_as, "r")
    numbers = (f"{source_id}-{stem}{number:02}" for number in count(int(entry.fields.get("ordinal", 1))))
    return next(reference_id for reference_id in numbers if reference_id not in taken)


def quote_title(corpus: Corpus, passage: Row, title: str) -> Cells:
    """The title as printed, or as much of it as is on one line of the entry, and that line.

    Without so many words of a title, the passage itself.
    """
    words = [re.escape(word) for word in title.split()]
    for size in range(len(words), FEWEST_WORDS - 1, -1):
        pattern = re.compile(r"\s+".join(words[:size]))
        for line in corpus.lines_of_entry(passage):
            if match := pattern.search(line["text"]):
                return {"passage_id": line.key, "quote": match[0]}
    return {"passage_id": passage.key, "quote": passage["text"]}


def _say_which(corpus: Corpus, cells: Cells) -> Cells:
    """The cells with the first occurrence of the quote, if it occurs several times in its passage."""
    passage = corpus["passages"].get(cells["passage_id"])
    recurs = passage is not None and len(list(find_places(cells["quote"], passage["text"]))) > 1
    return {**cells, "quote_occurrence": "1"} if recurs else cells


def _find_design(corpus: Corpus, title: str) -> str:
    """The longest study design in the title that is a value of the column."""
    designs = corpus["references"].resource.field("study_design").enum
    named = [design for design in designs if design.replace("_", " ") in title.lower()]
    return max(named, key=len, default="not_stated")
