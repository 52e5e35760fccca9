"""Rules: checks that a package asks for by name, beyond what any data package is held to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from packpress.package.descriptor import Package
from packpress.problems import Problem
from packpress.tables.rows import Tables

Check = Callable[[Any], Iterator[Problem]]


@dataclass(frozen=True)
class Rule:
    """One check, and the tables whose rows it must visit to mean anything."""

    name: str
    check: Check
    visits: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What the rule demands, in one sentence."""
        return (self.check.__doc__ or "").strip().splitlines()[0]


@dataclass(frozen=True)
class RuleSet:
    """The rules of one kind of package, and what prepares the tables for them."""

    prepare: Callable[[Package, Tables], Any]
    rules: tuple[Rule, ...]


def rule(*visits: str) -> Callable[[Check], Check]:
    """Marks a function as a rule that visits rows of the named tables."""

    def mark(check: Check) -> Check:
        check.visits = visits  # type: ignore[attr-defined]
        return check

    return mark


def collect_rules(*modules: Any) -> tuple[Rule, ...]:
    """The marked functions of the modules, in the order in which they are written."""
    return tuple(
        Rule(name.removeprefix("check_"), function, function.visits)
        for module in modules
        for name, function in vars(module).items()
        if hasattr(function, "visits") and function.__module__ == module.__name__
    )


def run_rules(rule_set: RuleSet, package: Package, tables: Tables) -> Iterator[Problem]:
    """Every problem that the rules find; a table they need but lack is a problem, and so is an idle rule.

    Leaves in each table's `visits` how many rows each rule saw.
    """
    descriptor = package.path.name
    needed = dict.fromkeys(name for rule in rule_set.rules for name in rule.visits)
    lacking = [name for name in needed if name not in tables]
    if lacking:
        for name in lacking:
            message = (
                f"the rules {package.rule_set} need a table {name}; declare it or take validation.rules out"
            )
            yield Problem(descriptor, 0, message, code="rules/table")
        return
    prepared = rule_set.prepare(package, tables)
    for current in rule_set.rules:
        yield from _run_rule(current, prepared, tables, descriptor)


def _run_rule(current: Rule, prepared: Any, tables: Tables, descriptor: str) -> Iterator[Problem]:
    for table in tables.values():
        table.visitor = current.name
    for problem in current.check(prepared):
        yield problem if problem.code else replace(problem, code=f"rules/{current.name}")
    for name in current.visits:
        if len(tables[name]) and not tables[name].visits[current.name]:
            message = f"the rule {current.name} visited no row of {name}; mend the rule, it checks nothing"
            yield Problem(descriptor, 0, message, code="rules/idle")
