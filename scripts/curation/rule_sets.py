"""The rule sets that a descriptor can ask for with `validation.rules`."""

from scripts.rules import RULE_SET

RULE_SETS = {"curation": RULE_SET}
