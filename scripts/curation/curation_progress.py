"""Curation progress: how far each source has come, what remains to be done, and the reporting checklist."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from packpress.editing.format import find_problems, render_rows
from packpress.package.descriptor import Package
from packpress.problems import CannotRunError, Problem
from packpress.tables.rows import Row, Table, Tables, read_tables

from scripts.curation.corpus import ENTITY_LINKS, RUNNING_TEXT, Corpus
from scripts.rules import RULE_SET
from scripts.rules.claims import TRACES, rows_by_source

# Patterns for items that leave no trace in other tables.
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
    """A row for each missing item, once the source has claims whose links can show what it states."""
    passages = corpus.passages.get(source_id, [])
    if not any(corpus.claims_of(passage) for passage in passages):
        return
    table = corpus["source_reporting"]
    listed = {row["item"] for row in table.group("source_id").get(source_id, ())}
    rows = rows_by_source(corpus)
    for item in table.resource.field("item").enum:
        if item in listed:
            continue
        passage = find_stated(corpus, item, source_id, passages, rows)
        yield {
            "source_id": source_id,
            "item": item,
            "stated": "yes" if passage else "no",
            "passage_id": passage.key if passage else "",
        }


def find_stated(
    corpus: Corpus,
    item: str,
    source_id: str,
    passages: list[Row],
    rows: dict[tuple[str, str], list[Row]],
) -> Row | None:
    """A passage that states the item: one with a trace of it, or one that matches its pattern."""
    if trace := TRACES.get(item):
        shown = trace.find(rows.get((trace.table, source_id), []), trace.shows)
        if shown and trace.table == "sources":
            # Only a printed line states it, such as the date of a record.
            year = shown[trace.column][:4]
            return next((row for row in passages if row["kind"] == "metadata" and year in row["text"]), None)
        return (shown and corpus.passage(shown)) or None
    look = LOOKS.get(item)
    candidates = (row for row in passages if row["kind"] in (*RUNNING_TEXT, "metadata"))
    return next((row for row in candidates if look and look.search(row["text"])), None)


@dataclass(frozen=True)
class SourceProgress:
    """How far the curation of one source has come."""

    source: Row
    sentences: int
    accounted: int
    claims: int
    single_reader: int


def find_remaining(corpus: Corpus, source_id: str = "") -> list[Problem]:
    """The problems that keep sources from being complete; drafts are checked as if they were published."""
    sources = publish_all(corpus.tables)["sources"]
    files = {sources.resource.paths[0]: render_rows(sources)}
    problems = find_problems(corpus.package, files, RULE_SET)
    if not source_id:
        return problems
    rows = {(row.path, row.line): row for table in corpus.tables.values() for row in table.rows}
    places = ((problem, rows.get((problem.path, problem.line))) for problem in problems)
    return [problem for problem, row in places if row and corpus.source_id(row) == source_id]


def publish_all(tables: Tables) -> Tables:
    """The tables with every source published, in memory only."""
    sources = tables["sources"]
    status = sources.positions["status"]
    changed = Table(sources.resource)
    for row in sources.rows:
        cells = (*row.cells[:status], "published", *row.cells[status + 1 :])
        changed.rows.append(replace(row, table=changed, cells=cells))
    return {**tables, "sources": changed}


def measure_sources(corpus: Corpus) -> Iterator[SourceProgress]:
    """The progress of each source, in display order."""
    for source in corpus.sources:
        passages = corpus.passages.get(source["source_id"], [])
        sentences = [row for row in passages if row["kind"] in RUNNING_TEXT]
        accounted = [row for row in sentences if row["reason"] or corpus.claims_of(row)]
        claims = [claim for row in passages for claim in corpus.claims_of(row)]
        single = [claim for claim in claims if claim["extraction"] == "one_reader"]
        yield SourceProgress(source, len(sentences), len(accounted), len(claims), len(single))


def list_unmapped(tables: Tables) -> dict[str, list[str]]:
    """The entities of each table without a terminology code."""
    mapped = {(row["table_name"], row["row_id"]) for row in tables["mappings"].rows}
    return {
        name: [row.key for row in tables[name].rows if (name, row.key) not in mapped]
        for name in ENTITY_LINKS.values()
    }


def read_curated_tables(package: Package) -> Tables:
    """The tables of a package of curated claims; CannotRunError for any other package."""
    if not {name for rule in RULE_SET.rules for name in rule.visits} <= package.by_name.keys():
        raise CannotRunError(f"{package.path}: not a package of curated claims; name the descriptor of one")
    return read_tables(package)
