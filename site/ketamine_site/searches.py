"""Search results, grouped by kind; the group with the best match comes first."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datasette.app import Datasette
from markupsafe import Markup, escape
from packpress.web.facts import Row, read_rows, row_path

from ketamine_site.facts import Facts, read_facts, source_path

# As in the query itself: how much of the search terms it uses, and how many rows it ranks.
MOST_SIGNS, MOST_WORDS, MOST_ROWS = 400, 16, 2000
# Longer groups are cut to their best matches, so that the next group is not far away.
LONG, BEST = 15, 10
CLAIMS = """
select
  claim_id,
  passage_id,
  stance,
  certainty,
  hedge,
  claim_type
from claims
where claim_id in (select value from json_each(:claim_ids))
"""


@dataclass(frozen=True)
class Hit:
    """One match: its name, its text and its address; for a claim also its stance."""

    row_id: str
    url: str | None
    title: Markup
    words: Markup
    names: Markup
    asked: Markup
    notes: Markup
    source: str
    place: str
    place_url: str | None
    claim: Row


@dataclass(frozen=True)
class Group:
    """The matches of one kind; `found` is their total number, of which the best are shown."""

    kind: str
    found: int
    hits: tuple[Hit, ...]

    @property
    def plural(self) -> str:
        """The plural of the kind."""
        return f"{self.kind}s"


@dataclass(frozen=True)
class Found:
    """All groups, and whether there are more matches than were ranked."""

    groups: tuple[Group, ...]
    is_partial: bool

    @property
    def total(self) -> int:
        """The number of matches."""
        return sum(group.found for group in self.groups)


async def read_hits(datasette: Datasette, rows: Sequence[Any], kind: str) -> Found:
    """The rows of the search query by kind, in order of rank; all of them if a kind was asked for."""
    facts = await read_facts(datasette)
    claim_ids = [row["row_id"] for row in rows if row["kind"] == "claim"]
    claims = {
        claim["claim_id"]: claim
        for claim in await read_rows(datasette, CLAIMS, claim_ids=json.dumps(claim_ids))
    }
    hits: dict[str, list[Hit]] = {}
    for row in rows:
        hits.setdefault(row["kind"], []).append(_describe_hit(datasette, facts, row, claims))
    found = {row["kind"]: row["found"] for row in rows}
    groups = tuple(
        Group(name, found[name], tuple(listed if kind or len(listed) <= LONG else listed[:BEST]))
        for name, listed in hits.items()
    )
    return Found(groups, sum(found.values()) >= MOST_ROWS)


async def count_words(datasette: Datasette, sql: str, typed: str) -> list[tuple[str, int]]:
    """Each search term alone, with its number of matches; empty for a single term."""
    words = list(dict.fromkeys(typed[:MOST_SIGNS].replace('"', " ").split()))
    if len(words) < 2:
        return []
    counts = f"select coalesce(sum(found), 0) as found from (select distinct kind, found from ({sql}))"
    return [
        (word, (await read_rows(datasette, counts, q=word, kind=""))[0]["found"])
        for word in words[:MOST_WORDS]
    ]


def is_cut(typed: str) -> bool:
    """Whether more was typed than is used."""
    return len(typed) > MOST_SIGNS or len(typed.split()) > MOST_WORDS


def embolden(text: str | None) -> Markup:
    """The text with matching words in bold."""
    return Markup(str(escape(text or "")).replace("⟦", "<b>").replace("⟧", "</b>"))


def _describe_hit(datasette: Datasette, facts: Facts, row: Any, claims: Mapping[str, Row]) -> Hit:
    kind, row_id, source = row["kind"], row["row_id"], row["source"]
    claim = claims.get(row_id, {}) if kind == "claim" else {}
    passage_id = claim.get("passage_id") or (row_id if kind == "passage" else None)
    place = facts.passages.get(passage_id) if passage_id else None
    if kind == "source":
        url: str | None = source_path(datasette, row_id)
    elif kind == "passage":
        url = source_path(datasette, *place) if place else None
    else:
        url = row_path(datasette, facts, kind.replace(" ", "_") + "_id", row_id)
    return Hit(
        row_id,
        url,
        embolden(row["title"] if row["title"] != kind else None),
        embolden(row["snippet"]),
        embolden(row["names"]),
        embolden(row["asked"]),
        embolden(row["notes"]),
        source or "",
        f"{source}, passage {place[1]}" if place else source or "",
        source_path(datasette, place[0], row_id if kind == "claim" else place[1]) if place else None,
        claim,
    )
