"""Rules for mappings: which codes of terminologies may stand for a row, and in which relation."""

from collections.abc import Iterator

from packpress.checks.rules import rule
from packpress.problems import Problem
from packpress.tables.rows import Row

from scripts.curation.corpus import Corpus
from scripts.curation.words import fold_name

# The columns whose values are codes with a prefix.
CODES = ("predicate_id", "object_id", "mapping_justification")
# Kinds of rows, or tables whose rows have no kind, that no code matches exactly, and how codes differ.
NEVER_EXACT = {
    "adverse_effects": "the code is not limited to effects of the drug",
    "procedure": "the code stands for a group of procedures",
    "circumstance": "the code is an injury or event, and the row the situation that it makes",
}
# Terminologies whose codes are all of one kind, and the kinds of rows that they can match exactly.
SUBSTANCES = ("substance", "substance_class")
CONDITIONS = ("pain_condition", "other_condition")
ONE_KIND = {
    **dict.fromkeys(("ATC", "CHEBI", "RXCUI", "UNII"), SUBSTANCES),
    **dict.fromkeys(("DOID", "HP", "ICD10", "ICD10CM", "MONDO", "icd11", "icd11.code"), CONDITIONS),
    "EDQM": ("routes",),
    "GO": ("process",),
}
# Predicates that leave open how the two differ.
OPEN_PREDICATES = ("skos:closeMatch", "skos:relatedMatch")
# What a note says of the licence tells nothing about the code.
ON_LICENCE = "The licence is given from general knowledge."


@rule("mappings")
def check_mapped_row_exists(corpus: Corpus) -> Iterator[Problem]:
    """The row that a mapping refers to exists in the table that it names."""
    for mapping in corpus["mappings"]:
        table = corpus.tables.get(mapping["table_name"])
        if table and not table.get(mapping["row_id"]):
            message = f"not in {table.resource.place}; correct row_id or table_name"
            yield mapping.problem("row_id", message)


@rule("mappings")
def check_prefix_is_declared(corpus: Corpus) -> Iterator[Problem]:
    """The descriptor declares the prefix of every code, so that the code is an address."""
    place = corpus.package.path.name
    for mapping in corpus["mappings"]:
        for name in CODES:
            prefix = mapping[name].partition(":")[0]
            if mapping[name] and prefix not in corpus.package.prefixes:
                message = f"no address is declared for {prefix}; write a prefix that {place} declares"
                yield mapping.problem(name, f"{message}, or declare it there under prefixes")


@rule("mappings")
def check_one_exact_match_in_a_terminology(corpus: Corpus) -> Iterator[Problem]:
    """No row has two exact matches in the same terminology."""
    first: dict[tuple[str, str, str], Row] = {}
    for mapping in _exact_matches(corpus):
        terminology = _prefix(mapping)
        other = first.setdefault((mapping["table_name"], mapping["row_id"], terminology), mapping)
        if other is not mapping:
            message = f"{mapping['row_id']} is already {other['object_id']}; keep one in {terminology}"
            yield mapping.problem("object_id", message)


@rule("mappings")
def check_code_is_one_row_exactly(corpus: Corpus) -> Iterator[Problem]:
    """No code matches two rows exactly, because rows that mean the same are one."""
    first: dict[str, Row] = {}
    for mapping in _exact_matches(corpus):
        other = first.setdefault(mapping["object_id"], mapping)
        if (other["table_name"], other["row_id"]) != (mapping["table_name"], mapping["row_id"]):
            message = (
                f"is already {other['row_id']} in {other['table_name']}; merge the rows or keep one match"
            )
            yield mapping.problem("object_id", message)


@rule("mappings")
def check_exact_match_is_of_the_kind(corpus: Corpus) -> Iterator[Problem]:
    """A code that matches a row exactly is the same kind of thing as the row."""
    for mapping in _exact_matches(corpus):
        kind = _kind(mapping, corpus)
        kinds = ONE_KIND.get(_prefix(mapping), (kind,))
        if kind in NEVER_EXACT:
            yield mapping.problem("predicate_id", f"{NEVER_EXACT[kind]}; write skos:closeMatch")
        elif kind and kind not in kinds:
            what = (
                f"{_prefix(mapping)} has codes for {' and '.join(kinds)}, and {mapping['row_id']} is {kind}"
            )
            yield mapping.problem("predicate_id", f"{what}; write skos:relatedMatch or skos:closeMatch")


@rule("mappings")
def check_difference_is_noted(corpus: Corpus) -> Iterator[Problem]:
    """The note of a close or related match says how row and code differ."""
    for mapping in corpus["mappings"]:
        if mapping["predicate_id"] in OPEN_PREDICATES and not mapping["note"].replace(ON_LICENCE, "").strip():
            message = "leaves open how row and code differ; say so in the note"
            yield mapping.problem("predicate_id", message)


@rule("mappings")
def check_lexical_match_has_equal_names(corpus: Corpus) -> Iterator[Problem]:
    """The label of a code found by name equals that of the row, but for inversion, plural and spelling."""
    for mapping in corpus["mappings"]:
        row = _mapped_row(mapping, corpus)
        if not row or mapping["mapping_justification"] != "semapv:LexicalMatching":
            continue
        if fold_name(mapping["object_label"]) != fold_name(row["label"]):
            message = f'the row is labelled "{row["label"]}"; write semapv:ManualMappingCuration'
            yield mapping.problem("object_label", message)


def _exact_matches(corpus: Corpus) -> Iterator[Row]:
    return (row for row in corpus["mappings"] if row["predicate_id"] == "skos:exactMatch")


def _prefix(mapping: Row) -> str:
    return mapping["object_id"].partition(":")[0]


def _mapped_row(mapping: Row, corpus: Corpus) -> Row | None:
    table = corpus.tables.get(mapping["table_name"])
    return table.get(mapping["row_id"]) if table else None


def _kind(mapping: Row, corpus: Corpus) -> str:
    """The kind of the mapped row, or its table where rows have no kinds; empty when there is no such row."""
    row = _mapped_row(mapping, corpus)
    if row is None:
        return ""
    return row["kind"] if "kind" in row.table.positions else row.table.resource.name
