"""Every curation rule has a case that breaks it, and no two rules share a name."""

from importlib import import_module
from pathlib import Path

import pytest

from scripts.rules import RULE_SET
from tests.curation.cases import CASES

for file in sorted(Path(__file__).parent.glob("test_rules_*.py")):
    if file.stem not in CASES and file != Path(__file__):
        import_module(f"tests.curation.{file.stem}")
TRIED = {rule for cases in CASES.values() for rule, _ in cases}


@pytest.mark.parametrize("rule", RULE_SET.rules, ids=lambda rule: rule.name)
def test_rule_has_a_case(rule):
    assert rule.name in TRIED


@pytest.mark.parametrize("rule", RULE_SET.rules, ids=lambda rule: rule.name)
def test_rule_is_one_sentence(rule):
    assert rule.sentence[0].isupper()
    assert rule.sentence.endswith(".")
    assert ". " not in rule.sentence


def test_every_case_is_of_a_rule():
    assert {rule.name for rule in RULE_SET.rules} >= TRIED


def test_rules_have_names_of_their_own():
    names = [rule.name for rule in RULE_SET.rules]
    assert sorted(set(names)) == sorted(names)


def test_corrections_concern_columns_that_exist(package):
    columns = {*package.by_name["references"].field_names, *package.by_name["reference_authors"].field_names}
    assert set(package.by_name["corrections"].field("field").enum) <= columns


def test_every_traced_item_is_on_the_checklist(package):
    from scripts.rules.claims import TRACES

    assert set(package.by_name["source_reporting"].field("item").enum) >= set(TRACES)
    for trace in TRACES.values():
        assert trace.column in package.by_name[trace.table].field_names
