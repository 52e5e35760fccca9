"""Mutants of the tables: each must be caught, by packpress or by a rule of curation.

Those of cells follow from the descriptor; the rules have theirs in `curation.cases`. `make mutate` tries them all
and prints the score.
"""

import sys
import tempfile
import time
from collections import Counter
from importlib import import_module
from pathlib import Path

from invented.mutants import Linted, Nursery
from scripts.rules import RULE_SET
from tests.conftest import ROOT, PackageCopy

LINTED = Linted("routes", "route_id", "definition", "passage_id")


def find_surviving_rules(folder: Path) -> tuple[int, list[str]]:
    """How many mutants the rules have, and which of them no rule reports."""
    from tests.curation.cases import CASES, check_case

    for file in sorted((ROOT / "tests" / "curation").glob("test_rules_*.py")):
        import_module(f"tests.curation.{file.stem}")
    cases = [(rule, name, run) for module in CASES.values() for (rule, name), run in module.items()]
    survivors = [
        f"the rule {rule.name} has no mutant"
        for rule in RULE_SET.rules
        if rule.name not in {c[0] for c in cases}
    ]
    for number, (rule, name, run) in enumerate(cases):
        (folder / str(number)).mkdir()
        try:
            check_case(rule, run, PackageCopy(folder / str(number)))
        except AssertionError:
            survivors.append(f"{rule}: {name}")
    return len(cases), survivors


def main() -> None:
    """Tries every mutant and prints the score by kind; exits with 1 when one survives."""
    begun, counts, survivors = time.process_time(), Counter[str](), list[str]()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "tables").mkdir()
        nursery = Nursery(PackageCopy(Path(folder) / "tables"), LINTED)
        for resource in nursery.package.resources:
            counts.update(mutant.kind.partition("/")[0] for mutant in nursery.list_mutants(resource.name))
            survivors += nursery.find_survivors(resource.name)
        rules = Path(folder) / "rules of curation"
        rules.mkdir()
        counts["curation rules"], surviving = find_surviving_rules(rules)
        survivors += surviving
    print("| what was broken | mutants |\n| --- | ---: |")
    for kind, count in sorted(counts.items()):
        print(f"| {kind} | {count} |")
    total = counts.total()
    print(f"\n{total - len(survivors)} of {total} mutants caught, {time.process_time() - begun:.0f} s CPU")
    print("\n".join(survivors))
    sys.exit(bool(survivors))


if __name__ == "__main__":
    main()
