"""References: those cited by a claim, where each is cited, which are of the same work, and their pages."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import quote

from datasette.app import Datasette
from markupsafe import Markup
from packpress.web.facts import Row, ask_once, read_all, read_rows, read_several

from ketamine_site.entities.claim_counts import NO_CLAIMS, Linked, count_claims
from ketamine_site.entities.source_sections import Detail, SourceSection, arrange_sections, list_sources
from ketamine_site.facts import read_facts
from ketamine_site.highlights import CLAIMS, mark_quote

REFERENCES = """
select
  claim_references.marker,
  "references".*,
  (
    select json_group_array(name)
    from (
      select family || coalesce(' ' || initials, '') as name
      from reference_authors
      where reference_authors.reference_id = "references".reference_id
      order by position
    )
  ) as names
from claim_references
join "references" using (reference_id)
where claim_references.claim_id = :claim_id
order by
  claim_references.marker,
  "references".ordinal,
  "references".reference_id
"""
CORRECTIONS_OF_CITED = """
select corrections.*
from json_each(:reference_ids) as wanted
join corrections on corrections.reference_id = wanted.value
order by
  corrections.kind desc,
  corrections.correction_id
"""
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
# The fields of an entry, and their labels.
FIELDS = {
    "title": "title",
    "year": "year",
    "container_title": "journal or series",
    "volume": "volume",
    "issue": "issue",
    "locator": "pages or article number",
    "edition": "edition",
    "publisher": "publisher",
    "number": "number",
    "version_note": "version",
    "doi": "DOI",
    "pmid": "PubMed",
    "pmcid": "PubMed Central",
    "url": "address",
}
AUTHOR_FIELDS = {"family": "family name", "initials": "initials"}


@dataclass(frozen=True)
class Cited:
    """A reference that the claim cites, as printed, with its corrections."""

    row: Row
    # Family name and initials of each author, as printed.
    authors: tuple[str, ...]
    corrections: tuple[Row, ...]

    @property
    def name(self) -> str:
        """Its short name: the authors, or else the title or the number."""
        row = self.row
        shown = " and ".join(self.authors) if len(self.authors) < 3 else f"{self.authors[0]} and others"
        return str(shown or row["title"] or row["number"] or row["reference_id"])


@dataclass(frozen=True)
class Marker:
    """A printed marker with the references it stands for; `words` is None in an edition without it."""

    words: str | None
    references: tuple[Cited, ...]


def arrange_markers(rows: list[Row], corrected: list[Row]) -> tuple[Marker, ...]:
    """The markers printed with a claim, each with its references in printed order.

    - `rows`: the references that the claim cites, by `REFERENCES`.
    - `corrected`: the corrections of those, by `CORRECTIONS_OF_CITED`.
    """
    corrections: dict[str, list[Row]] = {}
    for row in corrected:
        corrections.setdefault(row["reference_id"], []).append(row)
    cited = [
        Cited(row, tuple(json.loads(row["names"])), tuple(corrections.get(row["reference_id"], ())))
        for row in rows
    ]
    groups = groupby(cited, key=lambda item: item.row["marker"])
    return tuple(Marker(words, tuple(references)) for words, references in groups)


def name_field(correction: Row) -> str:
    """The corrected field in words, with the author's position if it is one of an author."""
    if correction["position"]:
        return f"{AUTHOR_FIELDS[correction['field']]} of author {correction['position']}"
    return FIELDS[correction["field"]]


def spell_number(number: int) -> str:
    """The number in words if it is small, otherwise in digits.

    >>> spell_number(3), spell_number(300)
    ('three', '300')
    """
    return NUMBERS[number] if number < len(NUMBERS) else str(number)


CITED = Linked("claim_references", "reference_id", has_role=False)
# Fields about the title; the meanings of their values are in the data dictionary.
TITLED = {"reference_type": "form", "subjects": "subjects as titled", "study_design": "design as titled"}
ADDRESSES = {
    "doi": "https://doi.org/{}",
    "pmid": "https://pubmed.ncbi.nlm.nih.gov/{}/",
    "pmcid": "https://pmc.ncbi.nlm.nih.gov/articles/PMC{}/",
}
# Where an entry is in its document; what the document cites comes first.
LISTS = {
    "reference_list": "list of references",
    "in_text": "running text",
    "this_record": "the record itself",
    "citing_list": "list of citing articles",
}
REASONS = {
    "citing_list": "It is one of the articles that cite {source}, so it points the other way:"
    " the document does not rest on it.",
    "this_record": "It is the work that the document itself is a record of.",
    "reference_list": "{source} lists it, but no marker in its text leads to it.",
    "in_text": "{source} names it in a sentence that claims nothing of it.",
}
BASES = {
    "entry_itself": "Another part of the same entry shows it.",
    "outside_source": "A source outside the document shows it.",
}

# The first line of an entry links the others; the anchor is that of the quoted text.
LINES = """
select
  lines.passage_id,
  lines.source_id,
  lines.position,
  lines.text,
  lines.start_offset,
  lines.end_offset,
  anchors.start_offset as quote_start,
  anchors.end_offset as quote_end
from "references"
join passages as titled using (passage_id)
join passages as lines on lines.passage_id = coalesce(titled.part_of, titled.passage_id)
  or lines.part_of = coalesce(titled.part_of, titled.passage_id)
left join anchors
  on anchors.table_name = 'references'
  and anchors.row_id = "references".reference_id
  and anchors.field_name = 'quote'
  and lines.passage_id = titled.passage_id
where "references".reference_id = :reference_id
order by lines.position
"""
AUTHORS = """
select
  position,
  family || coalesce(' ' || initials, '') as name
from reference_authors
where reference_id = :reference_id
order by position
"""
CORRECTIONS = """
select *
from corrections
where reference_id = :reference_id
order by
  position,
  field
"""
MARKERS = """
select
  links.claim_id,
  links.marker
from json_each(:claim_ids) as wanted
cross join claim_references as links
  on links.claim_id = wanted.value
  and links.reference_id = :reference_id
where links.marker is not null
"""
# A marker that is printed once may carry several claims.
PLACES = """
select
  links.reference_id,
  claims.passage_id,
  links.marker,
  count(*) as claims
from claim_references as links
join claims using (claim_id)
join anchors
  on anchors.table_name = 'claim_references'
  and anchors.row_id = links.claim_id || ',' || links.reference_id
  and anchors.field_name = 'marker'
group by
  links.reference_id,
  claims.passage_id,
  anchors.start_offset
order by
  links.reference_id,
  anchors.start_offset
"""
MEANINGS = """
select
  field_name,
  value,
  meaning
from data_dictionary_values
where table_name = 'references'
"""


# What tells that two entries are of the same work: the name of a number, and the number.
Identifier = tuple[str, Any]


@dataclass(frozen=True)
class Place:
    """A marker that is printed in a passage and stands for a reference; withheld words are None."""

    source_id: str
    position: int
    marker: str | None
    # How many claims of the passage cite the reference by it.
    claims: int


@dataclass(frozen=True)
class Address:
    """A database that has a work: the field with the identifier there, its label, and the address."""

    field: str
    label: str
    number: str
    url: str


@dataclass(frozen=True)
class PrintedField:
    """A field of the entry as printed, with its corrections and its link."""

    label: str
    printed: str | None
    corrections: tuple[Row, ...] = ()
    url: str | None = None
    # The meaning of the value if it is one of a closed list, and thus not printed.
    meaning: str | None = None


@dataclass(frozen=True)
class Reference:
    """The contents of a reference's page."""

    # The entry with its corrections applied.
    row: Row
    place: str
    finding: str
    # Why no claim cites it, if none does.
    reason: str
    lines: list[Row]
    # The joined lines, with the quote underlined; empty in an edition without them.
    words: Markup
    fields: list[PrintedField]
    corrections: list[Row]
    # Databases that have the work.
    addresses: list[Address]
    # Other entries for the same work, and where they are.
    same: list[tuple[Row, str]]
    # Where the document cites it.
    places: tuple[Place, ...]
    claims: int
    sections: list[SourceSection]


async def read_reference(datasette: Datasette, printed: Row) -> Reference:
    """The page contents of one row of references."""
    reference_id = printed["reference_id"]
    works = await list_works(datasette)
    row = works[reference_id]
    counted = (await count_claims(datasette, CITED)).get(reference_id, NO_CLAIMS)
    entry, cited = {"reference_id": reference_id}, {"claim_ids": json.dumps(counted.claim_ids)}
    lines, recorded, authors, quotes, markers = await read_several(
        datasette,
        (LINES, entry),
        (CORRECTIONS, entry),
        (AUTHORS, entry),
        (CLAIMS, cited),
        (MARKERS, entry | cited),
    )
    corrections = [{**correction, "basis": BASES[correction["basis"]]} for correction in recorded]
    claims = counted.claims
    places = (await list_places(datasette)).get(reference_id, ())
    return Reference(
        row,
        describe_place(row),
        state_citations(len(places), claims),
        "" if claims else REASONS[row["listed_as"]].format(source=row["source"]),
        lines,
        join_lines(lines),
        list_fields(printed, row, authors, corrections, await read_meanings(datasette)),
        corrections,
        list_addresses(row),
        [(other, describe_place(other)) for other in find_same_works(row, await index_all_works(datasette))],
        places,
        claims,
        arrange_sections(await list_sources(datasette), counted.counts, quotes, describe_markers(markers)),
    )


@ask_once
async def list_works(datasette: Datasette) -> dict[str, Row]:
    """Every entry with its corrections applied."""
    return {row["reference_id"]: row for row in await read_rows(datasette, "select * from bibliography")}


@ask_once
async def index_all_works(datasette: Datasette) -> dict[Identifier, list[Row]]:
    """Every entry, with its corrections applied, by each of its identifiers."""
    return index_works((await list_works(datasette)).values())


@ask_once
async def list_places(datasette: Datasette) -> dict[str, tuple[Place, ...]]:
    """Where each reference is cited, in the order of its document; those cited nowhere are left out."""
    passages = (await read_facts(datasette)).passages
    found = groupby(await read_all(datasette, PLACES), key=lambda row: row["reference_id"])
    return {
        reference_id: tuple(Place(*passages[row["passage_id"]], row["marker"], row["claims"]) for row in rows)
        for reference_id, rows in found
    }


@ask_once
async def read_meanings(datasette: Datasette) -> dict[tuple[str, str], str]:
    """The meaning of each value of each closed list of references."""
    rows = await read_rows(datasette, MEANINGS)
    return {(row["field_name"], row["value"]): row["meaning"] or "" for row in rows}


def describe_markers(rows: Iterable[Row]) -> dict[str, tuple[tuple[Detail, ...], ...]]:
    """The marker as printed, for each claim that is shown; the rows are those of `MARKERS`."""
    return {row["claim_id"]: ((Detail("cites it as", row["marker"], is_printed=True),),) for row in rows}


def describe_place(row: Row) -> str:
    """The position of the entry, such as `FPM guidance, list of references, number 2`."""
    number = f", number {row['ordinal']}" if row["ordinal"] else ""
    return f"{row['source']}, {LISTS[row['listed_as']]}{number}"


def state_citations(places: int, claims: int) -> str:
    """How often a document cites an entry, and how many of its claims rest on it, in words.

    >>> state_citations(2, 3)
    'Cited at two places; three claims rest on it.'
    >>> state_citations(0, 0)
    'Cited nowhere; no claim rests on it.'
    """
    cited = f"at {spell_number(places)} place{'s' if places != 1 else ''}" if places else "nowhere"
    return f"Cited {cited}; {spell_number(claims)} {'claim rests' if claims < 2 else 'claims rest'} on it."


def join_lines(lines: list[Row]) -> Markup:
    """The printed lines as one text, with the quote marked."""
    if not all(line["text"] for line in lines):
        return Markup("")
    return Markup(" ").join(
        mark_quote(
            line["text"],
            line["quote_start"] - line["start_offset"],
            line["quote_end"] - line["start_offset"],
            [],
            None,
        )
        if line["quote_start"] is not None
        else line["text"]
        for line in lines
    )


def list_fields(
    printed: Row,
    row: Row,
    authors: list[Row],
    corrections: list[Row],
    meanings: dict[tuple[str, str], str],
) -> list[PrintedField]:
    """All fields of an entry: authors, what is printed, and what the title says about itself."""
    of_authors = tuple(correction for correction in corrections if correction["position"])
    names = ", ".join(author["name"] for author in authors)
    fields = [PrintedField("authors", names or None, of_authors)]
    for name, label in FIELDS.items():
        mended = tuple(correction for correction in corrections if correction["field"] == name)
        value = printed[name]
        fields.append(
            PrintedField(label, None if value is None else str(value), mended, find_address(name, row))
        )
    return fields + [
        PrintedField(label, printed[name].replace("_", " "), meaning=meanings.get((name, printed[name]), ""))
        for name, label in TITLED.items()
    ]


def find_address(name: str, row: Row) -> str | None:
    """The link of a field, with corrections applied; None when the field is empty or has no link."""
    value = str(row.get(name) or "")
    if name == "url":
        return value if value.startswith(("https://", "http://")) else None
    return ADDRESSES[name].format(quote(value, safe="/:;().-_")) if value and name in ADDRESSES else None


def list_addresses(row: Row) -> list[Address]:
    """The databases that have the work of an entry, by its identifiers."""
    return [
        Address(name, FIELDS[name], row[name], url) for name in ADDRESSES if (url := find_address(name, row))
    ]


def identify_work(row: Row) -> list[Identifier]:
    """The numbers by which an entry is known to be of the same work as another.

    >>> identify_work({"doi": "10.1/X", "pmid": None})
    [('doi', '10.1/x')]
    """
    found = (("doi", (row["doi"] or "").lower()), ("pmid", row["pmid"]))
    return [(name, value) for name, value in found if value]


def index_works(rows: Iterable[Row]) -> dict[Identifier, list[Row]]:
    """The entries by each of their identifiers."""
    index: dict[Identifier, list[Row]] = {}
    for row in rows:
        for identifier in identify_work(row):
            index.setdefault(identifier, []).append(row)
    return index


def find_same_works(row: Row, index: Mapping[Identifier, list[Row]]) -> list[Row]:
    """The other entries of the same work, each once, among those of an index."""
    found = [other for identifier in identify_work(row) for other in index.get(identifier, ())]
    # An entry with the same DOI and the same number is one.
    others = {other["reference_id"]: other for other in found}
    return [other for reference_id, other in others.items() if reference_id != row["reference_id"]]
