"""The page of a question: every pair of claims that bears on it, side by side."""

from dataclasses import dataclass
from typing import Any

from datasette.app import Datasette
from packpress.web.facts import Row, read_rows

from ketamine_site.evidence.disagreements import LABELS, MEANINGS
from ketamine_site.highlights import read_quotes

PAIRS = """
select
  relation,
  first_source,
  second_source,
  reason,
  classification,
  first_claim_id,
  second_claim_id
from claim_pairs
where question_id = :question_id
"""


@dataclass(frozen=True)
class QuestionPage:
    """The pairs of a question, the gravest relation first, and the quotes of their claims."""

    pairs: tuple[Row, ...]
    quotes: dict[str, Any]
    labels: dict[str, str]
    meanings: dict[str, str]


async def read_question(datasette: Datasette, question_id: str) -> QuestionPage:
    """What the sources say on a question."""
    order = {name: rank for rank, name in enumerate(LABELS)}
    pairs = sorted(
        await read_rows(datasette, PAIRS, question_id=question_id), key=lambda pair: order[pair["relation"]]
    )
    claim_ids = {pair[side] for pair in pairs for side in ("first_claim_id", "second_claim_id")}
    quotes = {quoted.row["claim_id"]: quoted for quoted in await read_quotes(datasette, claim_ids)}
    return QuestionPage(tuple(pairs), quotes, LABELS, MEANINGS)
