"""The curation rules: what the tables of claims are held to beyond what any data package is."""

from packpress.checks.rules import RuleSet, collect_rules

from scripts.curation.corpus import build_corpus
from scripts.rules import bibliography, claims, corrections, documents, entities, quotes

RULE_SET = RuleSet(
    build_corpus,
    collect_rules(
        documents,
        quotes,
        claims,
        entities,
        bibliography,
        corrections,
    ),
)
