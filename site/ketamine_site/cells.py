"""Cells: how a value of a table or a query is shown, in the voice it belongs to."""

from typing import Any

from datasette.app import Datasette
from markupsafe import Markup
from packpress.web.facts import row_path
from packpress.web.tables.cells import read_cell, show_key, split_label

from ketamine_site.facts import Facts, read_facts, source_path
from ketamine_site.stances import frame_words, show_stance

# Columns that hold a source's own words, by the last word of their name: `first_quote` is a quote.
SOURCE_WORDS = frozenset(
    ("quote", "hedge", "qualifier", "text", "printed", "marker", "mention", "focus", "frequency", "course")
    + ("formulation", "section", "dose", "attributed_to", "evidence_basis", "duration_of_effect")
    + ("context_before", "context_after")
)
NOT_NAMED = Markup('<span class="sil">– not named</span>')


async def show_cell(datasette: Datasette, row: Any, value: Any, column: str) -> Markup | None:
    """The cell as it is shown, or None where Datasette's own way will do."""
    facts = await read_facts(datasette)
    key, label = split_label(value)
    if not key:
        return None
    return (
        _show_stance(row, key, column)
        or _show_words(row, key, column)
        or _show_statement(datasette, facts, row, key, column)
        or _show_source(datasette, facts, row, key, label, column)
        or _show_key(datasette, facts, row, key, label, column)
    )


def _show_stance(row: Any, value: str, column: str) -> Markup | None:
    if value in ("not_mentioned", "does not name it"):
        return NOT_NAMED
    if column in ("stance", "finding") or column.endswith("_stance"):
        # The certainty that belongs to `first_stance` is told by its hedge.
        hedge = column.removesuffix("stance") + "hedge"
        is_hedged = read_cell(row, "certainty") == "hedged" or bool(read_cell(row, hedge))
        return show_stance(value, is_hedged) if value in ("supports", "against", "mixed", "neutral") else None
    return None


def _show_words(row: Any, value: str, column: str) -> Markup | None:
    word = column.rpartition("_")[2]
    if column not in SOURCE_WORDS and word not in SOURCE_WORDS:
        return None
    words: str | Markup = value
    if word == "quote":
        before = column.removesuffix("quote")
        words = frame_words(value, read_cell(row, before + "hedge"), read_cell(row, before + "qualifier"))
    return Markup('<span class="src">{}</span>').format(words)


def _show_statement(datasette: Datasette, facts: Facts, row: Any, value: str, column: str) -> Markup | None:
    """A statement leads to its claim."""
    if column != "statement" and not column.endswith("_statement"):
        return None
    claim_id = read_cell(row, column.removesuffix("statement") + "claim_id")
    path = row_path(datasette, facts, "claim_id", claim_id) if claim_id else None
    return Markup('<a href="{}">{}</a>').format(path, value) if path else None


def _show_source(
    datasette: Datasette, facts: Facts, row: Any, key: str, label: str | None, column: str
) -> Markup | None:
    """A source leads to its reader, and a passage to its place there."""
    link = Markup('<a href="{}">{}</a>').format
    if column in ("source", "short_name") or column.endswith("_source"):
        if key not in facts.sources:
            return None
        # Beside a claim the source leads to the very words of the claim.
        claim_id = read_cell(row, column.removesuffix("source").removesuffix("short_name") + "claim_id")
        place = claim_id if column != "short_name" else None
        return link(source_path(datasette, facts.sources[key], place), key)
    if column.endswith("source_id") and key in facts.sources.values():
        return link(source_path(datasette, key), label or key)
    if column.endswith("passage_id") and key in facts.passages:
        return link(source_path(datasette, *facts.passages[key]), f"passage {facts.passages[key][1]}")
    return None


def _show_key(
    datasette: Datasette, facts: Facts, row: Any, key: str, label: str | None, column: str
) -> Markup | None:
    """A key leads to its row; a column may hold that of another table, or of its own, by another name."""
    if column == "row_id":
        path = _find_row(datasette, facts, read_cell(row, "kind") or read_cell(row, "table_name") or "", key)
        return Markup('<a href="{}">{}</a>').format(path, key) if path and label is None else None
    own = next((name for name in row.keys() if name in facts.key_tables), "")  # noqa: SIM118
    column = {"cited_references": "reference_id", "broader_id": own}.get(column, column)
    while column and column not in facts.key_tables:
        column = column.partition("_")[2]
    return show_key(datasette, facts, row, key, label, column)


def _find_row(datasette: Datasette, facts: Facts, kind: str, key: str) -> str | None:
    """Address of a row by what kind of thing it is, such as `claim`, or by its table."""
    if kind == "source":
        return source_path(datasette, key)
    if kind == "passage" and key in facts.passages:
        return source_path(datasette, *facts.passages[key])
    return row_path(datasette, facts, kind.removesuffix("s").replace(" ", "_") + "_id", key)
