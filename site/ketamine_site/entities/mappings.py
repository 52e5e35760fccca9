"""Codes: what other terminologies call one of our rows, and how the two stand to each other."""

from dataclasses import dataclass
from itertools import groupby

from datasette.app import Datasette
from packpress.web.facts import Row, read_rows

MAPPINGS = """
select *
from mappings
where table_name = :table_name
and row_id = :row_id
order by mapping_id
"""
# What our row is to the code; a code that is broader than our row makes our row the narrower one.
RELATIONS = {
    "skos:exactMatch": "same as",
    "skos:closeMatch": "nearly the same as",
    "skos:broadMatch": "narrower than",
    "skos:narrowMatch": "broader than",
    "skos:relatedMatch": "related to",
}
OBO = "http://purl.obolibrary.org/obo/{0}_{1}"
# Only terminologies that publish an address for each code; the others are shown without one.
ADDRESSES = {
    **dict.fromkeys(("CHEBI", "DOID", "GO", "HP", "MONDO", "NCIT"), OBO),
    "ATC": "https://atcddd.fhi.no/atc_ddd_index/?code={1}",
    "ICD10": "https://icd.who.int/browse10/2019/en#/{1}",
    "MESH": "https://meshb.nlm.nih.gov/record/ui?ui={1}",
    "RXCUI": "https://mor.nlm.nih.gov/RxNav/search?searchBy=RXCUI&searchTerm={1}",
    "UNII": "https://precision.fda.gov/uniisearch/srs/unii/{1}",
}


@dataclass(frozen=True)
class Code:
    """One code: what our row is to it, and its address where its terminology gives one."""

    relation: str
    name: str
    label: str
    url: str | None
    # The mapping as recorded, with its justification, version, licence and note.
    row: Row


async def list_codes(datasette: Datasette, table: str, row_id: str) -> list[Code]:
    """The codes of a row, the same ones first and related things last."""
    rows = await read_rows(datasette, MAPPINGS, table_name=table, row_id=row_id)
    order = list(RELATIONS)
    return [make_code(row) for row in sorted(rows, key=lambda row: order.index(row["predicate_id"]))]


def make_code(row: Row) -> Code:
    """The code of a mapping, named by its terminology: `MESH:D005356` is MeSH D005356."""
    prefix, _, local = row["object_id"].partition(":")
    address = ADDRESSES.get(prefix)
    return Code(
        RELATIONS[row["predicate_id"]],
        f"{row['object_source']} {local}",
        row["object_label"],
        address.format(prefix, local) if address else None,
        row,
    )


def group_codes(codes: list[Code]) -> list[tuple[str, list[Code]]]:
    """The codes by what our row is to them."""
    return [(relation, list(group)) for relation, group in groupby(codes, key=lambda code: code.relation)]
