"""Readings of a draft in folders: what a second reader sees of the tables, and what is kept of a reading."""

import csv
import io
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from packpress.editing.format import SavedRow, make_record, read_saved, render_saved
from packpress.package.descriptor import Package
from packpress.problems import InvalidPackageError, Problem
from packpress.tables.csv import Record, render_lines
from packpress.tables.rows import Row, Table, Tables

from scripts.curation.agreement import (
    READERS,
    READINGS,
    RELATION_COLUMNS,
    RELATION_READERS,
    read_relation_file,
)
from scripts.curation.corpus import ENTITY_LINKS, Corpus, build_corpus
from scripts.curation.double_annotation import read_tables_as_extraction
from scripts.curation.drafts import drop_hanging
from scripts.curation.phrases import FUNCTION_WORDS
from scripts.curation.words import split_words

ENTITIES = tuple(ENTITY_LINKS.values())
# What a reader records, one file for each; references are printed, and are the same for every reader.
READ = ("claims", *ENTITIES, *ENTITY_LINKS, "claim_references", "source_reporting")
REASONS = "passage_reasons"
# The columns of a reading of relations; the last is empty in readings from before it was kept.
OF_RELATION = (*RELATION_COLUMNS, "mapping_id")


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


def list_own_rows(corpus: Corpus, source_id: str) -> dict[str, list[dict[str, str]]]:
    """The claims and entities that a reading of the source has, by table, as a reading that is kept."""
    return {
        name: [
            dict(zip(corpus[name].resource.field_names, record, strict=True))
            for record in list_own(corpus, name, source_id)
        ]
        for name in ("claims", *ENTITIES)
    }


# ---- readings of relations ----


def overlay_relations(package: Package, tables: Tables, source_id: str, folder: Path) -> Tables:
    """The tables without the relations of a source's claims, but with those of the reading in the folder."""
    relations, corpus = tables["claim_relations"], build_corpus(package, tables)
    others = [row for row in relations.rows if not joins_claim_of(corpus, row, source_id)]
    kept = drop_hanging(package, {**tables, "claim_relations": _with_rows(relations, others)})
    questions = Questions(kept["questions"])
    records = [
        make_record(relations.resource, {**row, "question_id": questions.find(row["question"], row["topic"])})
        for row in read_relation_rows(folder)
    ]
    kept["claim_relations"] = set_records(relations, [*(row.cells for row in others), *records])
    known = [row.cells for row in kept["questions"].rows]
    kept["questions"] = set_records(kept["questions"], [*known, *questions.new])
    return kept


def joins_claim_of(corpus: Corpus, relation: Row, source_id: str) -> bool:
    """Whether one of the two claims of a relation is of the source."""
    claims = (corpus["claims"].get(relation[name]) for name in ("claim_id", "related_claim_id"))
    return any(claim and corpus.source_id(claim) == source_id for claim in claims)


def read_relation_rows(folder: Path) -> list[dict[str, str]]:
    """The rows of a reading of relations; none without one, CannotReadError when a column is missing."""
    file = folder / "relations.csv"
    rows = read_relation_file(file) if file.is_file() else []
    return [{name: row.get(name) or "" for name in OF_RELATION} for row in rows]


def render_relations(package: Package, tables: Tables, source_id: str, folder: str) -> dict[str, bytes]:
    """The file of a reading of relations, by path: what the tables have on the claims of a source."""
    corpus = build_corpus(package, tables)
    rows = []
    for row in tables["claim_relations"].rows:
        question = tables["questions"].get(row["question_id"])
        if question and joins_claim_of(corpus, row, source_id):
            cells = {**row.named, "question": question["question"], "topic": question["topic"]}
            rows.append(tuple(cells[name] for name in OF_RELATION))
    return {f"{folder}/relations.csv": render_lines(OF_RELATION, sorted(rows))}


class Questions:
    """The questions of a table, to which new ones can be added; `new` has their records."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.new: list[Record] = []
        self.by_wording = {_fold(row["question"]): row.key for row in table.rows}
        self.taken = {row.key for row in table.rows}

    def find(self, wording: str, topic: str) -> str:
        """The identifier of a question by its wording, which is new unless the table has it."""
        folded = _fold(wording)
        if folded not in self.by_wording:
            key = name_question(wording, self.taken)
            self.by_wording[folded] = key
            self.taken.add(key)
            cells = {"question_id": key, "question": wording, "topic": topic}
            self.new.append(make_record(self.table.resource, cells))
        return self.by_wording[folded]


def _fold(wording: str) -> str:
    return " ".join(split_words(wording))


def name_question(wording: str, taken: Collection[str] = ()) -> str:
    """An identifier for a question that is not taken, from its first words that say something.

    >>> name_question("Does ketamine help in fibromyalgia?", ["ketamine-help-fibromyalgia"])
    'ketamine-help-fibromyalgia-2'
    """
    ascii_words = (re.sub("[^a-z0-9]", "", word) for word in split_words(wording))
    words = [word for word in ascii_words if word and word not in FUNCTION_WORDS]
    first = "-".join(words[:5]) or "question"
    names = (first, *(f"{first}-{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)


@dataclass(frozen=True)
class BlindReading:
    """A kind of blind reading: where it is kept, what its reader sees of the tables, and how it is written.

    `first` is where the reading that the tables have is kept, when the two are put beside each other.
    """

    folder: str
    first: str
    overlay: Callable[[Package, Tables, str, Path], Tables]
    render: Callable[[Package, Tables, str, str], dict[str, bytes]]


CLAIM_READING = BlindReading(
    f"{READINGS}/{READERS[1]}", f"{READINGS}/{READERS[0]}", overlay_reading, render_reading
)
RELATION_READING = BlindReading(
    f"{READINGS}/relations/{RELATION_READERS[1]}",
    f"{READINGS}/relations/{RELATION_READERS[0]}",
    overlay_relations,
    render_relations,
)
# The second readers: of the claims, and of the relations between those that were agreed on.
SECOND_READERS = {READERS[1]: CLAIM_READING, RELATION_READERS[1]: RELATION_READING}
