"""What is left to curate: how far each source has come, and what the rules find if all were published."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from scripts.curation.corpus import ENTITY_LINKS, RUNNING_TEXT, build_corpus
from scripts.curation.rules import RULE_SET
from scripts.lib.descriptor import Package
from scripts.lib.problems import Problem
from scripts.lib.rules import run_rules
from scripts.lib.tables import Row, Table, Tables


@dataclass(frozen=True)
class SourceProgress:
    """How far the curation of one source has come."""

    source: Row
    sentences: int
    accounted: int
    claims: int
    single_reader: int


def find_remaining(package: Package, tables: Tables) -> list[Problem]:
    """What keeps the sources from being complete, drafts held to the same rules as published ones."""
    everything = {**tables, "sources": _publish_all(tables["sources"])}
    return sorted(set(run_rules(RULE_SET, package, everything)))


def _publish_all(sources: Table) -> Table:
    status = sources.positions["status"]
    changed = Table(sources.resource)
    for row in sources.rows:
        cells = (*row.cells[:status], "published", *row.cells[status + 1 :])
        changed.rows.append(replace(row, table=changed, cells=cells))
    return changed


def measure_sources(package: Package, tables: Tables) -> Iterator[SourceProgress]:
    """How far each source has come, in the order of sources."""
    corpus = build_corpus(package, tables)
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


def has_curated_tables(tables: Tables) -> bool:
    """Whether the package has the tables that curation is about."""
    return {name for rule in RULE_SET.rules for name in rule.visits} <= tables.keys()
