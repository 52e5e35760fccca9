"""The checklist: rows of source_reporting suggested for what a source states and does not state."""

import re
from collections.abc import Iterator

from packpress.tables.rows import Row

from scripts.curation.corpus import RUNNING_TEXT, Corpus
from scripts.rules.reporting import TRACES, rows_by_source

# What items look like that leave no trace in other tables.
LOOKS = {
    "effect_size": re.compile(
        r"\d\s?%|\bper cent\b|\bodds ratio|\brelative risk|\bconfidence interval", re.I
    ),
    "number_of_patients": re.compile(
        r"\b\d+\s+(?:\w+\s+)?(?:patients|people|adults|children|participants|subjects)\b", re.I
    ),
    "search_described": re.compile(r"\bsearch(?:ed)?\b.*\b(?:for|of|PubMed|MEDLINE|Embase)\b", re.I),
    "authors_named": re.compile(r"^(?:By|Authors?:)\s+\S", re.I),
    "funding_or_interests": re.compile(r"\bfund(?:ed|ing)\b|\binterests?\b.*\bdeclare|\bsponsored\b", re.I),
}


def suggest_reporting(corpus: Corpus, source_id: str) -> Iterator[dict[str, str]]:
    """A row for each item that has none, once the source has claims whose links can show what it states."""
    passages = corpus.passages.get(source_id, [])
    if not any(corpus.claims_of(passage) for passage in passages):
        return
    table = corpus["source_reporting"]
    listed = {row["item"] for row in table.group("source_id").get(source_id, ())}
    rows = rows_by_source(corpus)
    for item in table.resource.field("item").enum:
        if item in listed:
            continue
        passage = _find_stated(corpus, item, source_id, passages, rows)
        yield {
            "source_id": source_id,
            "item": item,
            "stated": "yes" if passage else "no",
            "passage_id": passage.key if passage else "",
        }


def _find_stated(
    corpus: Corpus,
    item: str,
    source_id: str,
    passages: list[Row],
    rows: dict[tuple[str, str], list[Row]],
) -> Row | None:
    """A passage that states the item: where its trace stands, or words that look like it."""
    if trace := TRACES.get(item):
        shown = trace.find(rows.get((trace.table, source_id), []), trace.shows)
        place = shown and corpus.passage(shown) if shown and shown.table.resource.name != "sources" else None
        return place or None
    look = LOOKS.get(item)
    candidates = (row for row in passages if row["kind"] in (*RUNNING_TEXT, "metadata"))
    return next((row for row in candidates if look and look.search(row["text"])), None)
