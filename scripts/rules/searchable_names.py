"""Rules for the names by which people ask for a row, beside its label and what documents call it."""

import re
from collections.abc import Iterator

from packpress.checks.rules import rule
from packpress.problems import Problem
from packpress.tables.rows import Row

from scripts.curation.corpus import ENTITY_LINKS, Corpus, Entity
from scripts.curation.words import normalise_spaces

LOGGED = re.compile(r"questions: [a-z]+(?:_[a-z]+)*, line [1-9][0-9]*")
# Tables that no document names; words of everyday English lead to their rows.
LED_TO = frozenset({"claim_types", "questions", "queries"})

# For each table and name, which rows are named so, each with the place where it first is.
Uses = dict[tuple[str, str], dict[Entity, str]]


@rule("names")
def check_asked_row_exists(corpus: Corpus) -> Iterator[Problem]:
    """The row that a name means exists in the table that it gives."""
    for row in corpus["names"]:
        table = corpus.tables.get(row["table_name"])
        if table and not table.get(row["row_id"]):
            yield row.problem("row_id", f"not in {table.resource.place}; correct row_id or table_name")


@rule("names")
def check_name_is_new_to_its_row(corpus: Corpus) -> Iterator[Problem]:
    """No name is the label of its row, words with which a document names that row, or there twice."""
    uses = _list_printed(corpus)
    for row in corpus["names"]:
        entity = Entity(row["table_name"], row["row_id"])
        if place := uses.get(_fold_name(entity, row["name"]), {}).get(entity):
            yield row.problem("name", f"{place} names the row so already; remove this row")
        _add_use(uses, entity, row["name"], row)


@rule("names", *ENTITY_LINKS)
def check_name_means_one_row(corpus: Corpus) -> Iterator[Problem]:
    """Within a table a label, a named mention or a name, in upper or lower case, means one row."""
    uses = _list_printed(corpus)
    for link in _named_links(corpus):
        yield from _find_other(link, "mention", corpus.entity(link), uses)
    for row in corpus["names"]:
        entity = Entity(row["table_name"], row["row_id"])
        _add_use(uses, entity, row["name"], row)
        yield from _find_other(row, "name", entity, uses)


def _find_other(row: Row, field: str, entity: Entity, uses: Uses) -> Iterator[Problem]:
    """A problem if another row was named so first."""
    other, place = next(iter(uses[_fold_name(entity, row[field])].items()))
    if other != entity:
        yield row.problem(field, f"{place} means {other.key}; a name means one row, so keep it for one")


@rule("names")
def check_name_has_a_basis(corpus: Corpus) -> Iterator[Problem]:
    """The basis of a name is a line of the question log, a code mapped to the row, or English itself."""
    codes = {(row["table_name"], row["row_id"], row["object_id"]) for row in corpus["mappings"]}
    for row in corpus["names"]:
        is_mapped = (row["table_name"], row["row_id"], row["basis"]) in codes
        is_english = row["basis"] == "general English" and row["table_name"] in LED_TO
        if not (is_mapped or is_english or LOGGED.fullmatch(row["basis"])):
            message = f"not mapped to {row['row_id']}; name a code that is, or a line of the question log"
            yield row.problem("basis", message)


def _list_printed(corpus: Corpus) -> Uses:
    """What labels and named mentions name, the labels first."""
    uses: Uses = {}
    for table in ENTITY_LINKS.values():
        for row in corpus[table]:
            _add_use(uses, Entity(table, row.key), row["label"], row)
    for link in _named_links(corpus):
        _add_use(uses, corpus.entity(link), link["mention"], link)
    return uses


def _add_use(uses: Uses, entity: Entity, name: str, row: Row) -> None:
    uses.setdefault(_fold_name(entity, name), {}).setdefault(entity, row.place)


def _named_links(corpus: Corpus) -> Iterator[Row]:
    links = (link for table in ENTITY_LINKS for link in corpus[table])
    return (link for link in links if link["mention_type"] == "named" and link["mention"])


def _fold_name(entity: Entity, name: str) -> tuple[str, str]:
    return entity.table, normalise_spaces(name).casefold()
