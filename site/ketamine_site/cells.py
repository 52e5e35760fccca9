"""Cells and columns: how values of our tables are shown in lists of rows, with glyphs for stances."""

import re
from functools import cache
from typing import Any

from datasette.app import Datasette
from markupsafe import Markup, escape
from packpress.web.facts import row_path
from packpress.web.tables import listing
from packpress.web.tables.listing import read_cell, show_key, split_label, write_link

from ketamine_site.facts import Facts, read_facts, source_path

# The other columns are one link away.
FIRST_COLUMNS = {
    name: tuple(columns.split())
    for name, columns in {
        "claims_flat": "statement quote stance claim_type short_name",
        "claims": "statement quote stance claim_type passage_id",
        "references": "reference_id source_id listed_as ordinal title container_title year doi",
        "sources": "source_id short_name title source_type text_extent publisher published_date",
        "passages": "passage_id source_id section kind text reason",
        "conditions": "condition_id label broader_id kind definition quote",
        "routes": "route_id label broader_id definition quote",
        "adverse_effects": "adverse_effect_id label broader_id body_system definition quote",
        "concepts": "concept_id label broader_id kind definition quote",
        "mappings": "mapping_id table_name row_id predicate_id object_id object_label object_source",
        "bibliography": "reference_id source authors year title container_title corrected_fields",
        "disagreements": "question topic relation first_source first_quote second_source second_quote reason",
        "claim_pairs": "question topic relation first_source first_quote second_source second_quote reason",
        "adverse_effects_by_source": "adverse_effect source role frequency course quote statement",
        "routes_by_source": "route source role formulation stance quote statement",
        "uncited_claims": "statement quote stance claim_type source",
        "claims_by_reference": "reference_id reference year marker statement quote stance",
        "contradictions": "question first_source first_quote second_source second_quote reason",
        "tensions": "question first_source first_quote second_source second_quote reason",
        "complements": "question first_source first_quote second_source second_quote reason",
        "qualifications": "question limiting_source limiting_quote limited_source limited_quote reason",
        "support_for_condition": "source finding quote statement cited_references",
        "claims_without_reference": "source prints_markers quote statement evidence_type stance claim_type",
        "bibliography_by_year": "year authors title container_title study_design source claims",
        "advice_against": "source for_whom quote attributed_to statement stance",
        "named_adverse_effects": "adverse_effect source role frequency course quote statement",
        "reasons": "source kind connective quote statement reason_quote reason_statement",
        "who_acts": "who role source quote statement",
        "outcomes_by_direction": "outcome direction source quote hedge statement",
        "prior_treatments": "treatment role source quote statement",
        "sites_and_jurisdictions": "place role source quote statement",
    }.items()
}


# The name of each stance in the style sheet and in `_symbols.html`.
CLASSES = {"supports": "sup", "against": "aga", "mixed": "mix", "neutral": "neu", None: "non"}
STANCES = ("supports", "against", "mixed", "neutral")
# Those that take a side.
SIDES = ("supports", "against", "mixed")
# The meaning of the glyph for claims without a stance.
NO_STANCE = "no stance: a type of claim that does not judge"


def stance_class(stance: str | None) -> str:
    """The name of a stance in the style sheet; that of claims without a stance for anything else."""
    return CLASSES.get(stance, "non")


@cache
def draw_glyph(stance: str | None, is_hedged: bool = False) -> Markup:
    """The glyph of a stance, hollow if the claim is hedged; the word must be next to it."""
    shape = stance_class(stance) + ("h" if is_hedged else "")
    return Markup('<svg class="g {}" aria-hidden="true"><use href="#g-{}"/></svg>').format(
        stance_class(stance), shape
    )


@cache
def draw_relation(relation: str) -> Markup:
    """The shape of a relation between claims, which has no colour; the word must be next to it."""
    return Markup('<svg class="r" aria-hidden="true"><use href="#r-{}"/></svg>').format(relation)


@cache
def show_stance(stance: str | None, is_hedged: bool = False) -> Markup:
    """The glyph and word of a stance; empty for claims without one."""
    if not stance:
        return Markup("")
    return Markup('<span class="st {}">{}{}</span>').format(
        stance_class(stance), draw_glyph(stance, is_hedged), stance
    )


def frame_words(quote: str, hedge: str | None, qualifier: str | None) -> Markup:
    """The quote with hedging and narrowing words framed.

    A word that occurs several times in the quote is not framed, because only the reader's offsets tell which
    is meant.
    """
    frames = []
    for words, name in ((hedge, "hedge"), (qualifier, "qualifier")):
        found = (
            [match.span() for match in re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", quote)]
            if words
            else []
        )
        if len(found) == 1:
            frames.append((*found[0], name))
    if not frames:
        return escape(quote)
    pieces, place = [], 0
    for start, end, name in sorted(frames):
        if start >= place:
            pieces += [escape(quote[place:start]), frame(quote[start:end], name)]
            place = end
    return Markup("").join([*pieces, escape(quote[place:])])


def frame(words: str | Markup, name: str) -> Markup:
    """The words in the frame of a hedge or of a qualifier."""
    return Markup(f'<em class="{escape(name)}">{escape(words)}</em>')


# Columns with text from sources, by the last word of their name: `first_quote` is a quote.
SOURCE_WORDS = frozenset(
    ("quote", "hedge", "qualifier", "text", "printed", "marker", "mention", "focus", "frequency", "course")
    + ("formulation", "section", "dose", "attributed_to", "evidence_basis", "duration_of_effect")
    + ("context_before", "context_after")
)
NOT_NAMED = Markup('<span class="sil">– not named</span>')
# The same in a narrow cell, whose words are for screen readers.
NOT_NAMED_DASH = Markup(
    '<span class="sil"><span aria-hidden="true">–</span><span class="vh">not named</span></span>'
)


# What an empty cell means, by the last words of its column.
EMPTY_WORDS = {
    "stance": "no stance",
    "statement": "no claim",
    "quote": "no words",
    "hedge": "not hedged",
    "qualifier": "not limited",
    "conditions": "none named",
    "routes": "none named",
    "adverse_effects": "none named",
    "concepts": "none named",
    "cited_references": "none cited",
    "attributed_to": "nobody else",
    "focus": "the whole quote",
    "antecedent_passage_id": "the same passage",
    "quote_occurrence": "the first",
    "section": "under no heading",
    "context_before": "none",
    "context_after": "none",
    "broader_id": "nothing broader",
    "note": "none",
} | dict.fromkeys(
    ("authors", "title", "container_title", "volume", "issue", "locator", "publisher", "edition", "number")
    + ("year", "doi", "pmid", "pmcid", "url", "version_note", "ordinal"),
    "none printed",
)


def show_empty(column: str) -> Markup:
    """What a page shows for a column without a value."""
    words = EMPTY_WORDS.get(column) or EMPTY_WORDS.get(column.rpartition("_")[2])
    if words is None and column not in SOURCE_WORDS:
        return listing.show_empty(column)
    why = Markup(' title="this type of claim does not judge"') if words == EMPTY_WORDS["stance"] else ""
    return Markup(f'<span class="sil"{why}>{words or "not stated"}</span>')


# Columns whose cells are made from others: `first_quote` is shown with `first_hedge` framed.
MADE_FROM_OTHERS = ("stance", "quote", "statement", "source", "short_name")


def list_companions(column: str) -> tuple[str, ...]:
    """The other columns of a row that `show_cell` reads to render a cell of this column."""
    if column == "row_id":
        return ("kind", "table_name")
    for ending in MADE_FROM_OTHERS:
        if column.endswith(ending):
            before = column.removesuffix(ending)
            return ("certainty", *(before + name for name in ("hedge", "qualifier", "claim_id")))
    return ()


def show_cell(datasette: Datasette, row: Any, value: Any, column: str) -> Markup | None:
    """The cell as HTML, or None for packpress' default."""
    key, label = split_label(value)
    if not key:
        return None
    if shown := _show_stance(row, key, column) or _show_words(row, key, column):
        return shown
    facts = read_facts.known(datasette)
    return (
        _show_statement(datasette, facts, row, key, column)
        or _show_source(datasette, facts, row, key, label, column)
        or _show_key(datasette, facts, row, key, label, column)
    )


def _show_stance(row: Any, value: str, column: str) -> Markup | None:
    if value in ("not_mentioned", "does not name it"):
        return NOT_NAMED
    if column in ("stance", "finding") or column.endswith("_stance"):
        # Whether the claim of `first_stance` is hedged is told by `first_hedge`.
        hedge = column.removesuffix("stance") + "hedge"
        is_hedged = read_cell(row, "certainty") == "hedged" or bool(read_cell(row, hedge))
        return show_stance(value, is_hedged) if value in STANCES else None
    return None


def _show_words(row: Any, value: str, column: str) -> Markup | None:
    word = column.rpartition("_")[2]
    if column not in SOURCE_WORDS and word not in SOURCE_WORDS:
        return None
    words: str | Markup = value
    if word == "quote":
        before = column.removesuffix("quote")
        words = frame_words(value, read_cell(row, before + "hedge"), read_cell(row, before + "qualifier"))
    return Markup(f'<span class="src">{escape(words)}</span>')


def _show_statement(datasette: Datasette, facts: Facts, row: Any, value: str, column: str) -> Markup | None:
    """Links a statement to its claim, with its identifier and what hedges and limits it below."""
    if column != "statement" and not column.endswith("_statement"):
        return None
    before = column.removesuffix("statement")
    claim_id = read_cell(row, before + "claim_id")
    path = row_path(datasette, facts, "claim_id", claim_id) if claim_id else None
    if not path:
        return None
    tags = [escape(claim_id)]
    if read_cell(row, before + "hedge") or (not before and read_cell(row, "certainty") == "hedged"):
        tags.append(frame("hedged", "hedge"))
    if read_cell(row, before + "qualifier"):
        tags.append(frame("limited", "qualifier"))
    return Markup('{}<span class="sub">{}</span>').format(write_link(path, value), Markup(" · ").join(tags))


def list_limits(hedge: str | None, qualifier: str | None, is_hedged: bool = False) -> list[Markup]:
    """The words with which a claim is hedged and limited, each in its frame behind the word for it."""
    tags = []
    if hedge or is_hedged:
        tags.append(Markup("hedged") + (": " + frame(hedge, "hedge src") if hedge else ""))
    if qualifier:
        tags.append("limited: " + frame(qualifier, "qualifier src"))
    return tags


def _show_source(
    datasette: Datasette, facts: Facts, row: Any, key: str, label: str | None, column: str
) -> Markup | None:
    """Links a source to its reader, and a passage to its position there."""
    if column in ("source", "short_name") or column.endswith("_source"):
        if key not in facts.sources:
            return None
        # Next to a claim, the source links to the quote of the claim.
        claim_id = read_cell(row, column.removesuffix("source").removesuffix("short_name") + "claim_id")
        place = claim_id if column != "short_name" else None
        return write_link(source_path(datasette, facts.sources[key], place), key)
    if column.endswith("source_id") and key in facts.sources.values():
        return write_link(source_path(datasette, key), label or key)
    if column.endswith("passage_id") and key in facts.passages:
        return write_link(source_path(datasette, *facts.passages[key]), f"passage {facts.passages[key][1]}")
    return None


def _show_key(
    datasette: Datasette, facts: Facts, row: Any, key: str, label: str | None, column: str
) -> Markup | None:
    """Links a key to its row; a column may hold the key of another table, or its own under another name."""
    if column == "row_id":
        path = _find_row(datasette, facts, read_cell(row, "kind") or read_cell(row, "table_name") or "", key)
        return write_link(path, key) if path and label is None else None
    if column == "claim_type" and (path := row_path(datasette, facts, column, key)):
        return write_link(path, key.replace("_", " "))
    if column == "broader_id":
        column = next((name for name in row.keys() if name in facts.key_tables), "")  # noqa: SIM118
    elif column == "cited_references":
        column = "reference_id"
    while column and column not in facts.key_tables:
        column = column.partition("_")[2]
    return show_key(datasette, facts, row, key, label, column)


def _find_row(datasette: Datasette, facts: Facts, kind: str, key: str) -> str | None:
    """The address of a row by its kind, such as `claim`, or by its table."""
    if kind == "source":
        return source_path(datasette, key)
    if kind == "passage" and key in facts.passages:
        return source_path(datasette, *facts.passages[key])
    return row_path(datasette, facts, kind.removesuffix("s").replace(" ", "_") + "_id", key)
