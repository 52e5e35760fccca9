"""Surroundings: the passages around a claim, in which its words are read."""

import json
from dataclasses import dataclass
from itertools import groupby

from datasette.app import Datasette
from markupsafe import Markup
from packpress.web.facts import Row, read_rows

from ketamine_site.facts import read_facts
from ketamine_site.quotes import Quoted

NEIGHBOURS = """
select
  passage_id,
  position,
  section,
  kind,
  text
from passages
where source_id = :source_id
and position in (select value from json_each(:positions))
order by position
"""
# Passages that are read on from one to the next; headings, labels and bibliographies are not.
RUNNING_TEXT = ("sentence", "list_item")


@dataclass(frozen=True)
class Piece:
    """One of the passages shown: the claim's own with its words marked, or a neighbour in grey."""

    position: int
    words: str | Markup
    is_own: bool
    # Whether the subject of the claim stands here and not in its own passage.
    is_antecedent: bool


async def read_surroundings(datasette: Datasette, claim: Quoted) -> tuple[tuple[Piece, ...], ...]:
    """The passages around a claim and that of its subject; those that follow each other are one run."""
    row = claim.row
    _, antecedent = (await read_facts(datasette)).passages.get(row["antecedent_passage_id"], ("", None))
    wanted = [row["passage_position"] + step for step in (-1, 0, 1)] + [antecedent]
    passages = await read_rows(
        datasette, NEIGHBOURS, source_id=row["source_id"], positions=json.dumps(wanted)
    )
    return arrange_passages(claim, passages)


def arrange_passages(claim: Quoted, passages: list[Row]) -> tuple[tuple[Piece, ...], ...]:
    """The runs of these passages, in the order of the document, without what is no context of the claim."""
    pieces = [
        Piece(passage["position"], claim.words if is_own else passage["text"], is_own, is_antecedent)
        for passage in passages
        for is_own in [passage["passage_id"] == claim.row["passage_id"]]
        for is_antecedent in [passage["passage_id"] == claim.row["antecedent_passage_id"]]
        if is_own or (passage["text"] and (is_antecedent or _is_context(passage, claim.row)))
    ]
    runs = groupby(enumerate(pieces), key=lambda numbered: numbered[1].position - numbered[0])
    return tuple(tuple(piece for _, piece in run) for _, run in runs)


def _is_context(passage: Row, row: Row) -> bool:
    return passage["kind"] in RUNNING_TEXT and passage["section"] == row["section"]
