"""Readings of a draft in folders: what a second reader sees of the tables, and what is kept of a reading."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from packpress.editing.format import SavedRow, read_saved, render_saved
from packpress.package.descriptor import Package
from packpress.problems import InvalidPackageError, Problem
from packpress.tables.csv import Record, render_lines
from packpress.tables.rows import Row, Table, Tables

from scripts.curation.corpus import ENTITY_LINKS, Corpus, build_corpus
from scripts.curation.double_annotation import read_tables_as_extraction
from scripts.curation.drafts import drop_hanging

ENTITIES = tuple(ENTITY_LINKS.values())
# What a reader records, one file for each; references are printed, and are the same for every reader.
READ = ("claims", *ENTITIES, *ENTITY_LINKS, "claim_references", "source_reporting")
REASONS = "passage_reasons"


def overlay_reading(package: Package, tables: Tables, source_id: str, folder: Path) -> Tables:
    """The tables without what was drawn from a source, but with what the reading in the folder has of it."""
    return add_reading(package, hide_source(package, tables, source_id), folder)


def hide_source(package: Package, tables: Tables, source_id: str) -> Tables:
    """The tables without claims, reasons, entities and checklist of a source, but with its references."""
    ours = {row.key for row in tables["passages"].rows if row["source_id"] == source_id}
    kept = dict(tables)
    for name in ("claims", *ENTITIES):
        kept[name] = _with_rows(
            tables[name], (row for row in tables[name].rows if row["passage_id"] not in ours)
        )
    reporting = tables["source_reporting"]
    kept[reporting.resource.name] = _with_rows(
        reporting, (row for row in reporting.rows if row["source_id"] != source_id)
    )
    kept["passages"] = _with_rows(
        tables["passages"],
        (row.with_cell("reason", "") if row.key in ours else row for row in tables["passages"].rows),
    )
    return drop_hanging(package, kept)


def _with_rows(table: Table, rows: Iterable[Row]) -> Table:
    return set_records(table, (row.cells for row in rows))


def set_records(table: Table, records: Iterable[Record]) -> Table:
    """The table with other records, each on the line that it would have."""
    changed = Table(table.resource)
    path = table.resource.paths[0]
    changed.rows = [Row(changed, path, line, record) for line, record in enumerate(records, 2)]
    return changed


def add_reading(package: Package, tables: Tables, folder: Path) -> Tables:
    """The tables with the rows of a reading; an entity that they have stays as it is.

    Raises InvalidPackageError when a file of the reading is no table.
    """
    merged = dict(tables)
    for name in READ:
        file = folder / f"{name}.csv"
        found = list(read_saved(file, package.by_name[name])) if file.is_file() else []
        if problems := [item for item in found if isinstance(item, Problem)]:
            raise InvalidPackageError(problems, "the reading was not opened")
        known = {row.key for row in tables[name].rows}
        new = [row.record for row in found if isinstance(row, SavedRow) and ",".join(row.key) not in known]
        merged[name] = set_records(tables[name], [*(row.cells for row in tables[name].rows), *new])
    reasons = read_reasons(folder / f"{REASONS}.csv")
    merged["passages"] = set_records(
        tables["passages"],
        (
            row.with_cell("reason", reasons[row.key]).cells if row.key in reasons else row.cells
            for row in tables["passages"].rows
        ),
    )
    return merged


def read_reasons(file: Path) -> dict[str, str]:
    """Why passages have no claim, by passage; empty without such a file."""
    if not file.is_file():
        return {}
    rows = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline=""))
    return {row["passage_id"]: row["reason"] for row in rows if row.get("reason")}


def render_reading(package: Package, tables: Tables, source_id: str, folder: str) -> dict[str, bytes]:
    """The files of a reading, by path: what the tables have of a source, and the entities that it names."""
    corpus = build_corpus(package, tables)
    records = {name: list_own(corpus, name, source_id) for name in READ}
    files = {
        f"{folder}/{name}.csv": render_saved(package.by_name[name], rows) for name, rows in records.items()
    }
    reasons = ((row.key, row["reason"]) for row in corpus.passages.get(source_id, ()) if row["reason"])
    files[f"{folder}/{REASONS}.csv"] = render_lines(("passage_id", "reason"), reasons)
    return files


def list_own(corpus: Corpus, name: str, source_id: str) -> list[Record]:
    """The records of a table that a reading of the source has."""
    own = [row for row in corpus[name].rows if corpus.source_id(row) == source_id]
    if name not in ENTITIES:
        return [row.cells for row in own]
    placed = {row.key for row in own}
    passages = {row.key for row in corpus.passages.get(source_id, ())}
    names = corpus[name].resource.field_names
    key = names[0]
    named = read_tables_as_extraction(corpus).tables[name]
    others = [row for row in named if row["passage_id"] in passages and row[key] not in placed]
    return [*(row.cells for row in own), *(tuple(row[field] for field in names) for row in others)]
