"""Rules on entities: conditions, routes, adverse effects and concepts, their names and their codes."""

from collections.abc import Iterator

from packpress.checks.rules import rule
from packpress.problems import Problem
from packpress.tables.rows import Row

from scripts.curation.corpus import ENTITY_LINKS, RUNNING_TEXT, Corpus, Entity
from scripts.curation.words import find_names

LAYERED = ("conditions", "routes", "adverse_effects")


@rule(*LAYERED)
def check_broader_goes_in_no_circle(corpus: Corpus) -> Iterator[Problem]:
    """No row is, through broader_id, broader than itself."""
    for name in LAYERED:
        for row in corpus[name]:
            if row in _broader_rows(row):
                message = f"leads back to {row.key}; name a broader row or leave it empty"
                yield row.problem("broader_id", message)


def _broader_rows(row: Row) -> list[Row]:
    trail: list[Row] = []
    broader = row.table.get(row["broader_id"])
    while broader and broader not in trail:
        trail.append(broader)
        broader = row.table.get(broader["broader_id"])
    return trail


@rule(*ENTITY_LINKS.values())
def check_label_is_used_once(corpus: Corpus) -> Iterator[Problem]:
    """No two labels of a table differ only in case; equal ones are reported by the column itself."""
    for name in ENTITY_LINKS.values():
        first: dict[str, Row] = {}
        for row in corpus[name]:
            other = first.setdefault(row["label"].casefold(), row)
            if other["label"] != row["label"]:
                message = f'{other.key} is labelled "{other["label"]}"; give each row a label of its own'
                yield row.problem("label", message)


@rule(*ENTITY_LINKS.values())
def check_quote_is_the_first_naming(corpus: Corpus) -> Iterator[Problem]:
    """The quote of every entity stands in the first published passage of running text that names it."""
    first = _first_namings(corpus)
    for name in ENTITY_LINKS.values():
        for row, passage in corpus.placed(name):
            earliest = first.get(Entity(name, row.key))
            # A draft is left out of builds, and what is placed in it with it.
            if earliest and not corpus.is_published(row):
                message = f"of a draft, but {earliest.key} names it too; quote it from there"
                yield row.problem("passage_id", message)
            elif earliest and _place(earliest, corpus) < _place(passage, corpus):
                yield row.problem("passage_id", f"{earliest.key} names it before; quote it from there")


def _place(passage: Row, corpus: Corpus) -> int:
    return corpus.reading_order.get(passage["passage_id"], 0)


def _first_namings(corpus: Corpus) -> dict[Entity, Row]:
    """The first passage of running text with a name of each entity; a name of several is left out."""
    names = {name: next(iter(entities)) for name, entities in corpus.names.items() if len(entities) == 1}
    passages = [
        row for row in corpus["passages"].rows if row["kind"] in RUNNING_TEXT and corpus.is_published(row)
    ]
    first: dict[Entity, Row] = {}
    for passage in sorted(passages, key=lambda row: _place(row, corpus)):
        for _, _, name in find_names(passage["text"], corpus.names):
            if name in names:
                first.setdefault(names[name], passage)
    return first


@rule("mappings")
def check_mapped_row_exists(corpus: Corpus) -> Iterator[Problem]:
    """The row that a mapping maps exists in the table that it names."""
    for mapping in corpus["mappings"]:
        table = corpus.tables.get(mapping["table_name"])
        if table and not table.get(mapping["row_id"]):
            message = f"not in {table.resource.place}; correct row_id or table_name"
            yield mapping.problem("row_id", message)


@rule("mappings")
def check_one_exact_match_in_a_terminology(corpus: Corpus) -> Iterator[Problem]:
    """No row has two exact matches in the same terminology."""
    first: dict[tuple[str, str, str], Row] = {}
    for mapping in corpus["mappings"]:
        if mapping["predicate_id"] == "skos:exactMatch":
            terminology = mapping["object_id"].partition(":")[0]
            other = first.setdefault((mapping["table_name"], mapping["row_id"], terminology), mapping)
            if other is not mapping:
                message = f"{mapping['row_id']} is already {other['object_id']}; keep one in {terminology}"
                yield mapping.problem("object_id", message)
