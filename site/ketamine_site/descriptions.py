"""What the rows of our tables are in the vocabulary of schema.org: claims, and terms with a definition."""

from collections.abc import Sequence
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import Request
from packpress.publish.catalogues.schema_org import Json, without_empty
from packpress.web.about.linked_data import describe_terms_of
from packpress.web.facts import Row, read_rows, read_several, row_path

from ketamine_site.claims.citation import CLAIM, write_citation, write_text
from ketamine_site.claims.claims import LINKS
from ketamine_site.facts import read_facts

QUOTE = """
select
  claims.statement,
  claims.quote,
  sources.short_name,
  sources.title,
  sources.url,
  sources.language
from claims
join passages using (passage_id)
join sources using (source_id)
where claims.claim_id = :claim_id
"""
CITED = """
select
  title,
  doi
from claim_references
join bibliography using (reference_id)
where claim_references.claim_id = :claim_id
order by reference_id
"""
# The key of each table of terms.
TERMS = {
    "conditions": "condition_id",
    "routes": "route_id",
    "adverse_effects": "adverse_effect_id",
    "concepts": "concept_id",
}


async def describe_row(datasette: Datasette, request: Request, table: str, keys: Sequence[str]) -> Json:
    """What a row is besides a page: the properties of a claim or a term, and none for other tables."""
    if table == "claims":
        return await describe_claim(datasette, request, keys[0])
    if table in TERMS:
        sql = f"select label, definition from {table} where {TERMS[table]} = :key"
        rows = await read_rows(datasette, sql, key=keys[0])
        return {
            "@type": "DefinedTerm",
            "name": rows[0]["label"],
            "termCode": keys[0],
            "description": rows[0]["definition"],
        }
    return {}


async def describe_claim(datasette: Datasette, request: Request, claim_id: str) -> Json:
    """What a claim says, about what and by whom; the words of the source have terms of their own."""
    quotes, cited, links, references = await read_several(
        datasette, *((sql, {"claim_id": claim_id}) for sql in (QUOTE, CLAIM, LINKS, CITED))
    )
    (row,) = quotes
    source = _describe_source(row)
    quotation: Json = {
        "@type": "Quotation",
        "text": row["quote"],
        "inLanguage": row["language"],
        "isPartOf": source,
        # The licence of the claim is not that of the words.
        "usageInfo": (await describe_terms_of(datasette, request, "claims")).get("usageInfo"),
    }
    facts = await read_facts(datasette)
    about: list[dict[str, Any]] = []
    for link in links:
        path = row_path(datasette, facts, TERMS[link["table_name"]], link["row_id"])
        url = datasette.absolute_url(request, path) if path else None
        term = without_empty({"@type": "DefinedTerm", "name": link["label"], "url": url})
        about += [term] if term not in about else []
    return {
        "@type": "Claim",
        "name": row["statement"],
        "about": about,
        "appearance": source,
        "hasPart": without_empty(quotation) if row["quote"] else {},
        "citation": [_describe_cited(item) for item in references],
        "creditText": write_text(await write_citation(datasette, claim_id, cited)).strip(),
    }


def _describe_source(row: Row) -> Json:
    return without_empty(
        {"@type": "CreativeWork", "name": row["title"] or row["short_name"], "url": row["url"]}
    )


def _describe_cited(row: Row) -> Json:
    doi = row["doi"]
    return without_empty(
        {
            "@type": "CreativeWork",
            "name": row["title"],
            "sameAs": f"https://doi.org/{doi}" if doi else "",
        }
    )
