"""What is left to curate: how far each source has come, and what the rules find if all were published."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from packpress.editing.format import find_problems, render_rows
from packpress.package.descriptor import Package
from packpress.problems import CannotRunError, Problem
from packpress.tables.rows import Row, Table, Tables, read_tables

from scripts.curation.corpus import ENTITY_LINKS, RUNNING_TEXT, Corpus
from scripts.rules import RULE_SET


@dataclass(frozen=True)
class SourceProgress:
    """How far the curation of one source has come."""

    source: Row
    sentences: int
    accounted: int
    claims: int
    single_reader: int


def find_remaining(corpus: Corpus, source_id: str = "") -> list[Problem]:
    """What keeps the sources, or one of them, from being complete; drafts are held to the rules of all."""
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
    """How far each source has come, in the order of sources."""
    for source in corpus.sources:
        passages = corpus.passages.get(source["source_id"], [])
        sentences = [row for row in passages if row["kind"] in RUNNING_TEXT]
        accounted = [row for row in sentences if row["reason"] or corpus.claims_of(row)]
        claims = [claim for row in passages for claim in corpus.claims_of(row)]
        single = [claim for claim in claims if claim["extraction"] == "one_reader"]
        yield SourceProgress(source, len(sentences), len(accounted), len(claims), len(single))


def list_unmapped(tables: Tables) -> dict[str, list[str]]:
    """The entities of each table that no terminology code is recorded for."""
    mapped = {(row["table_name"], row["row_id"]) for row in tables["mappings"].rows}
    return {
        name: [row.key for row in tables[name].rows if (name, row.key) not in mapped]
        for name in ENTITY_LINKS.values()
    }


def read_curated_tables(package: Package) -> Tables:
    """The tables of a package of curated claims; CannotRunError for a package of anything else."""
    if not {name for rule in RULE_SET.rules for name in rule.visits} <= package.by_name.keys():
        raise CannotRunError(f"{package.path}: not a package of curated claims; name the descriptor of one")
    return read_tables(package)
