"""What the home page tells of the documents, its start questions, and the values a question can take."""

from typing import Any

from datasette.app import Datasette

from .facts import Row, ask_once, read_facts, read_rows
from .stances import STANCES

DOCUMENTS = """
select
  sources.source_id,
  sources.short_name,
  sources.title,
  sources.source_type,
  sources.text_extent,
  (select max(end_offset) from passages where passages.source_id = sources.source_id) as characters,
  count(claims_flat.claim_id) as claims,
  count(case when claims_flat.stance = 'supports' then 1 end) as supports,
  count(case when claims_flat.stance = 'against' then 1 end) as against,
  count(case when claims_flat.stance = 'mixed' then 1 end) as mixed,
  count(case when claims_flat.stance = 'neutral' then 1 end) as neutral,
  count(case when claims_flat.certainty = 'hedged' then 1 end) as hedged
from sources
left join claims_flat using (source_id)
group by sources.source_id
order by sources.position
"""
# The questions that the home page starts from; the rest stand on the page of the database.
START = (
    "support_for_condition",
    "contradictions",
    "advice_against",
    "hedged_claims",
    "claims_without_reference",
    "not_stated",
    "named_adverse_effects",
    "contraindications",
)


@ask_once
async def count_documents(datasette: Datasette) -> dict[str, Any]:
    """The documents with their counts, and the largest count, to which all bars are drawn."""
    rows = await read_rows(datasette, DOCUMENTS)
    largest = max((row[name] for row in rows for name in (*STANCES, "hedged")), default=0)
    return {"rows": rows, "largest": max(largest, 1), "claims": sum(row["claims"] for row in rows)}


@ask_once
async def list_start_questions(datasette: Datasette) -> list[Row]:
    """The start questions, each with the size of its answer."""
    database = (await read_facts(datasette)).database
    queries = await datasette.get_canned_queries(database, None)
    questions = []
    for name in START:
        if query := queries.get(name):
            empty = dict.fromkeys(("condition_id", "source_id"), "")
            (count,) = await read_rows(datasette, f"select count(*) as rows from ({query['sql']})", **empty)
            questions.append({"name": name, "title": query["title"], **count})
    return questions


async def list_options(datasette: Datasette, parameter: str) -> list[Row]:
    """The values that a parameter of a query can take, with their labels; none when it is free text."""
    facts = await read_facts(datasette)
    table = facts.key_tables.get(parameter)
    if not table:
        return []
    label = datasette.table_metadata(facts.database, table).get("label_column") or parameter
    return await read_rows(
        datasette, f'select "{parameter}" as value, "{label}" as label from "{table}" order by 2'
    )
