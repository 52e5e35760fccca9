"""Double annotation: a second, blind reading of a source, and its comparison with the first."""

from collections.abc import Iterator
from dataclasses import dataclass

from packpress.editing.format import render_saved
from packpress.tables.rows import Row

from scripts.curation.agreement import ENTITY_TABLES, Extraction, Record, list_judged_fields
from scripts.curation.corpus import ENTITY_LINKS, Corpus
from scripts.curation.figures import Scope

# The tables that a reader fills in; passages and types of claims are given.
TO_FILL = (
    *("claims", *ENTITY_TABLES, *ENTITY_LINKS, "claim_references"),
    *("references", "reference_authors", "source_reporting"),
)


@dataclass(frozen=True)
class Disagreement:
    """A row that only one reader has, or a field that differs between two rows on the same words."""

    table: str
    passage_id: str
    quote: str
    field: str
    first: str
    second: str


def make_blind_copy(corpus: Corpus, source_id: str) -> dict[str, bytes]:
    """The files for a new reading: the passages without reasons, and each table with only its header."""
    passages = (row.with_cell("reason", "").cells for row in corpus.passages.get(source_id, ()))
    types = (row.cells for row in corpus["claim_types"].rows)
    given = {"passages": passages, "claim_types": types}
    return {
        f"{name}.csv": render_saved(corpus[name].resource, given.get(name, ())) for name in (*given, *TO_FILL)
    }


def read_tables_as_extraction(corpus: Corpus) -> Extraction:
    """The tables as if they were a reading: each entity once per source, where the source first names it."""
    tables: dict[str, list[Record]] = {"claims": [row.named for row in corpus["claims"].rows]}
    for link_table, table in ENTITY_LINKS.items():
        first: dict[tuple[str, str], tuple[int, Record]] = {}
        for row, passage, quote in _name_entities(corpus, link_table, table):
            place = corpus.reading_order[passage.key]
            named = row.named | {"passage_id": passage.key, "quote": quote, "quote_occurrence": ""}
            key = (passage["source_id"], row.key)
            if key not in first or place < first[key][0]:
                first[key] = place, named
        tables[table] = [record for _, record in first.values()]
    return Extraction("the tables", tables)


def _name_entities(corpus: Corpus, link_table: str, table: str) -> Iterator[tuple[Row, Row, str]]:
    """Each naming of an entity: its row, the passage, and the words."""
    for row, passage in corpus.placed(table):
        yield row, passage, row["quote"]
    for link, passage in corpus.placed(link_table):
        entity = corpus[table].get(corpus.entity(link).key)
        if entity and link["mention"]:
            yield entity, passage, link["mention"]


def find_disagreements(corpus: Corpus, scope: Scope) -> Iterator[Disagreement]:
    """The differences between two readings, by table, in reading order."""
    for table in ("claims", *ENTITY_TABLES):
        found = _compare(table, scope, list_judged_fields(corpus[table].resource))
        yield from sorted(found, key=lambda item: corpus.reading_order[item.passage_id])


def _compare(table: str, scope: Scope, fields: list[str]) -> Iterator[Disagreement]:
    pairing = scope.pair(table)
    paired = [{id(pair[side]) for pair in pairing.pairs} for side in (0, 1)]
    for left, right in pairing.pairs:
        for name in fields:
            if left[name] != right[name]:
                yield Disagreement(table, left["passage_id"], left["quote"], name, left[name], right[name])
    for side, reader in enumerate(scope.readers):
        for row in reader.rows(table, scope.texts):
            if id(row) not in paired[side]:
                has, lacks = ("recorded", "") if side == 0 else ("", "recorded")
                yield Disagreement(table, row["passage_id"], row["quote"], "", has, lacks)
