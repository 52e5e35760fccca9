"""The curation rules: what is checked in the tables of claims, beyond what applies to any data package."""

from packpress.checks.rules import RuleSet, collect_rules

from scripts.curation.corpus import build_corpus
from scripts.rules import (
    bibliography,
    claims,
    corrections,
    documents,
    entities,
    links,
    mappings,
    quotes,
    reasons,
    relations,
    searchable_names,
)

RULE_SET = RuleSet(
    build_corpus,
    collect_rules(
        documents,
        quotes,
        claims,
        relations,
        entities,
        mappings,
        searchable_names,
        links,
        reasons,
        bibliography,
        corrections,
    ),
)
