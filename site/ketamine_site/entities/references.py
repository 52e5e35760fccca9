"""Reference pages: an entry as printed and parsed, what is corrected in it, and the claims that cite it."""

import json
from dataclasses import dataclass
from urllib.parse import quote

from datasette.app import Datasette
from markupsafe import Markup
from packpress.web.facts import Row, ask_once, read_rows

from ketamine_site.claims.cited import FIELDS, spell_number
from ketamine_site.entities.bands import Band, Detail, read_bands
from ketamine_site.entities.surveys import Linked, Survey, survey_claims
from ketamine_site.marks import mark_quote

CITED = Linked("claim_references", "reference_id", has_role=False)
# What the title says of itself; the words for each value stand in the data dictionary.
TITLED = {"reference_type": "form", "subjects": "subjects as titled", "study_design": "design as titled"}
ADDRESSES = {
    "doi": "https://doi.org/{}",
    "pmid": "https://pubmed.ncbi.nlm.nih.gov/{}/",
    "pmcid": "https://pmc.ncbi.nlm.nih.gov/articles/PMC{}/",
}
# Where an entry stands in its document.
LISTS = {
    "reference_list": "list of references",
    "citing_list": "list of citing articles",
    "in_text": "running text",
    "this_record": "the record itself",
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

# The first line of an entry carries the others with it; a place is that of the words the row rests on.
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
MEANINGS = """
select
  field_name,
  value,
  meaning
from data_dictionary_values
where table_name = 'references'
"""


@dataclass(frozen=True)
class Field:
    """A field of the entry: as printed, what is corrected in it, and where its value leads."""

    label: str
    printed: str | None
    corrections: tuple[Row, ...] = ()
    url: str | None = None
    # What the value means, where it is one of a closed list and so no word of the print.
    meaning: str | None = None


@dataclass(frozen=True)
class Reference:
    """All that the page of one entry shows."""

    # The entry with its corrections applied.
    row: Row
    place: str
    finding: str
    # Why no claim cites it, where none does.
    reason: str
    lines: list[Row]
    # The lines joined, with the words that the row rests on underlined; empty where they are withheld.
    words: Markup
    fields: list[Field]
    corrections: list[Row]
    # Places that know the work, each with its number there and its address.
    addresses: list[tuple[str, str, str]]
    # Other entries for the same work, with where they stand.
    same: list[tuple[Row, str]]
    claims: int
    bands: list[Band]


async def read_reference(datasette: Datasette, printed: Row) -> Reference:
    """The page of one row of references."""
    reference_id = printed["reference_id"]
    works = await list_works(datasette)
    row = works[reference_id]
    lines = await read_rows(datasette, LINES, reference_id=reference_id)
    corrections = [
        {**correction, "basis": BASES[correction["basis"]]}
        for correction in await read_rows(datasette, CORRECTIONS, reference_id=reference_id)
    ]
    authors = await read_rows(datasette, AUTHORS, reference_id=reference_id)
    survey = await survey_claims(datasette, CITED, reference_id)
    claims = survey.claims
    return Reference(
        row,
        describe_place(row),
        state_citations(claims),
        "" if claims else REASONS[row["listed_as"]].format(source=row["source"]),
        lines,
        join_lines(lines),
        list_fields(printed, row, authors, corrections, await read_meanings(datasette)),
        corrections,
        [(FIELDS[name], row[name], url) for name in ADDRESSES if (url := find_address(name, row))],
        [(other, describe_place(other)) for other in works.values() if is_same_work(row, other)],
        claims,
        await read_bands(datasette, survey, await read_markers(datasette, reference_id, survey)),
    )


@ask_once
async def list_works(datasette: Datasette) -> dict[str, Row]:
    """Every entry with its corrections applied."""
    return {row["reference_id"]: row for row in await read_rows(datasette, "select * from bibliography")}


@ask_once
async def read_meanings(datasette: Datasette) -> dict[tuple[str, str], str]:
    """What each value of each closed list of references means."""
    rows = await read_rows(datasette, MEANINGS)
    return {(row["field_name"], row["value"]): row["meaning"] or "" for row in rows}


async def read_markers(
    datasette: Datasette, reference_id: str, survey: Survey
) -> dict[str, tuple[tuple[Detail, ...], ...]]:
    """The marker as printed with each claim that is shown."""
    claim_ids = json.dumps(survey.claim_ids)
    rows = await read_rows(datasette, MARKERS, reference_id=reference_id, claim_ids=claim_ids)
    return {row["claim_id"]: ((Detail("cites it as", row["marker"], is_printed=True),),) for row in rows}


def describe_place(row: Row) -> str:
    """Where the entry stands, such as `FPM guidance, list of references, number 2`."""
    number = f", number {row['ordinal']}" if row["ordinal"] else ""
    return f"{row['source']}, {LISTS[row['listed_as']]}{number}"


def state_citations(claims: int) -> str:
    """How many claims cite an entry."""
    return f"{spell_number(claims).capitalize()} {'claim cites' if claims < 2 else 'claims cite'} it."


def join_lines(lines: list[Row]) -> Markup:
    """The printed lines as one text, with the words that the row rests on marked."""
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
) -> list[Field]:
    """The fields of an entry, none left out: authors, what is printed, and what the title says of itself."""
    of_authors = tuple(correction for correction in corrections if correction["position"])
    names = ", ".join(author["name"] for author in authors)
    fields = [Field("authors", names or None, of_authors)]
    for name, label in FIELDS.items():
        mended = tuple(correction for correction in corrections if correction["field"] == name)
        value = printed[name]
        fields.append(Field(label, None if value is None else str(value), mended, find_address(name, row)))
    return fields + [
        Field(label, printed[name].replace("_", " "), meaning=meanings.get((name, printed[name]), ""))
        for name, label in TITLED.items()
    ]


def find_address(name: str, row: Row) -> str | None:
    """Where the value of a field leads, corrected; None where it is empty or leads nowhere."""
    value = str(row.get(name) or "")
    if name == "url":
        return value if value.startswith(("https://", "http://")) else None
    return ADDRESSES[name].format(quote(value, safe="/:;().-_")) if value and name in ADDRESSES else None


def is_same_work(row: Row, other: Row) -> bool:
    """Whether another entry has the same DOI or the same PubMed number."""
    if row["reference_id"] == other["reference_id"]:
        return False
    is_same_doi = bool(row["doi"]) and (other["doi"] or "").lower() == row["doi"].lower()
    return is_same_doi or (bool(row["pmid"]) and other["pmid"] == row["pmid"])
