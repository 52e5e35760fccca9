"""Cited references: what a claim rests on, by the marker as printed, with what is corrected in the print."""

import json
from dataclasses import dataclass
from itertools import groupby

from datasette.app import Datasette
from packpress.web.facts import Row, read_rows

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
CORRECTIONS = """
select corrections.*
from json_each(:reference_ids) as wanted
join corrections on corrections.reference_id = wanted.value
order by
  corrections.kind desc,
  corrections.correction_id
"""
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
# The fields of an entry, with what they are called.
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
    """A reference that the claim cites, as printed, with what is corrected in it."""

    row: Row
    # As printed: family name and initials of each.
    authors: tuple[str, ...]
    corrections: tuple[Row, ...]

    @property
    def name(self) -> str:
        """What it is called: its authors, or else its title or number."""
        row = self.row
        shown = " and ".join(self.authors) if len(self.authors) < 3 else f"{self.authors[0]} and others"
        return str(shown or row["title"] or row["number"] or row["reference_id"])


@dataclass(frozen=True)
class Marker:
    """A printed marker with the references it stands for; `words` is None where an edition withholds it."""

    words: str | None
    references: tuple[Cited, ...]


async def read_markers(datasette: Datasette, claim_id: str) -> tuple[Marker, ...]:
    """The markers printed with a claim, each with its references in the order of the print."""
    rows = await read_rows(datasette, REFERENCES, claim_id=claim_id)
    reference_ids = json.dumps([row["reference_id"] for row in rows])
    corrections: dict[str, list[Row]] = {}
    for row in await read_rows(datasette, CORRECTIONS, reference_ids=reference_ids):
        corrections.setdefault(row["reference_id"], []).append(row)
    cited = [
        Cited(row, tuple(json.loads(row["names"])), tuple(corrections.get(row["reference_id"], ())))
        for row in rows
    ]
    groups = groupby(cited, key=lambda item: item.row["marker"])
    return tuple(Marker(words, tuple(references)) for words, references in groups)


def name_field(correction: Row) -> str:
    """What a correction is about, in words: the field, and whose name it is."""
    if correction["position"]:
        return f"{AUTHOR_FIELDS[correction['field']]} of author {correction['position']}"
    return FIELDS[correction["field"]]


def spell_number(number: int) -> str:
    """The number as a word, as long as that is a short one."""
    return NUMBERS[number] if number < len(NUMBERS) else str(number)
