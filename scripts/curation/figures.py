"""Figures of the method page, computed anew from the tables and the raw extractions each time."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from scripts.curation.agreement import (
    ENTITY_TABLES,
    JUDGED_FIELDS,
    Extraction,
    measure_kappa,
    pair_rows,
    read_extraction,
)
from scripts.curation.corpus import RUNNING_TEXT
from scripts.lib.tables import Row, Tables

READERS = ("reader-a", "reader-b")
Line = tuple[str, ...]


def list_figures(root: Path, tables: Tables) -> dict[str, str]:
    """The tables of the method page in Markdown, by the name of the place that each fills."""
    figures = {"counts": render_table(count_sources(tables))}
    folder = root / "data" / "curation"
    if folder.is_dir():
        first, second = (read_extraction(folder / reader) for reader in READERS)
        figures["agreement"] = render_table(compare_readers(tables, first, second))
    return figures


def count_sources(tables: Tables) -> Iterator[Line]:
    """What each source came to: passages, sentences, claims by stance, references."""
    yield (
        "source",
        "passages",
        "sentences",
        "with claims",
        "claims",
        "supports",
        "against",
        "mixed",
        "neutral",
        "hedged",
    )
    for source in _in_order(tables):
        passages = tables["passages"].group("source_id").get(source["source_id"], [])
        sentences = [row for row in passages if row["kind"] in RUNNING_TEXT]
        drawn = {
            row["passage_id"]: tables["claims"].group("passage_id").get(row["passage_id"], [])
            for row in passages
        }
        claims = [claim for found in drawn.values() for claim in found]
        stances = [
            str(sum(claim["stance"] == stance for claim in claims))
            for stance in ("supports", "against", "mixed", "neutral")
        ]
        hedged = sum(claim["certainty"] == "hedged" for claim in claims)
        with_claims = sum(bool(drawn[row["passage_id"]]) for row in sentences)
        counts = (len(passages), len(sentences), with_claims, len(claims))
        yield source["short_name"], *map(str, counts), *stances, str(hedged)


def compare_readers(tables: Tables, first: Extraction, second: Extraction) -> Iterator[Line]:
    """How alike two readers are, a measure a line, for each document and for all."""
    sources = _in_order(tables)
    yield "measure", *(source["short_name"] for source in sources), "all"
    scopes = [[source["source_id"]] for source in sources] + [[source["source_id"] for source in sources]]
    passages = [list(_passages_of(tables, scope)) for scope in scopes]
    yield (
        "claims found, F1 (claims of A, of B, pairs)",
        *(_detection(first, second, rows) for rows in passages),
    )
    yield "sentence holds a claim, kappa (sentences)", *(_holding(first, second, rows) for rows in passages)
    for field in JUDGED_FIELDS:
        yield f"{field}, kappa (pairs)", *(_judgement(first, second, rows, field) for rows in passages)
    for table in ENTITY_TABLES:
        yield (
            f"{table}, F1 (rows of A, of B, pairs)",
            *(_detection(first, second, rows, table) for rows in passages),
        )


def _in_order(tables: Tables) -> list[Row]:
    return sorted(tables["sources"].rows, key=lambda row: row.number("position") or 0)


def _passages_of(tables: Tables, source_ids: list[str]) -> Iterator[Row]:
    return (row for row in tables["passages"].rows if row["source_id"] in source_ids)


def _texts(passages: list[Row]) -> dict[str, str]:
    return {row["passage_id"]: row["text"] for row in passages}


def _detection(first: Extraction, second: Extraction, passages: list[Row], table: str = "claims") -> str:
    texts = _texts(passages)
    pairing = pair_rows(first.rows(table, texts), second.rows(table, texts), texts)
    counts = f"{pairing.first}, {pairing.second}, {len(pairing.pairs)}"
    return f"{_show(pairing.f1)} ({counts})"


def _holding(first: Extraction, second: Extraction, passages: list[Row]) -> str:
    texts = _texts(passages)
    drawn = [{row["passage_id"] for row in reader.rows("claims", texts)} for reader in (first, second)]
    sentences = [row["passage_id"] for row in passages if row["kind"] in RUNNING_TEXT]
    judged = ((str(passage in drawn[0]), str(passage in drawn[1])) for passage in sentences)
    return _show_kappa(*measure_kappa(judged))


def _judgement(first: Extraction, second: Extraction, passages: list[Row], field: str) -> str:
    texts = _texts(passages)
    pairing = pair_rows(first.rows("claims", texts), second.rows("claims", texts), texts)
    return _show_kappa(*measure_kappa((left[field], right[field]) for left, right in pairing.pairs))


def _show(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _show_kappa(kappa: float | None, count: int) -> str:
    return f"{'all alike' if kappa is None and count else _show(kappa)} ({count})"


def render_table(lines: Iterable[Line]) -> str:
    """A Markdown table; the first line is its head."""
    head, *rows = lines
    marks = ("---", *("--:" for _ in head[1:]))
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, marks, *rows))
