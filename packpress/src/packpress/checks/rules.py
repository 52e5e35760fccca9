"""Rules: checks that a package asks for by name, beyond those for any data package."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from packpress.package.descriptor import Package
from packpress.problems import Problem
from packpress.tables.rows import Tables

Check = Callable[[Any], Iterator[Problem]]


@dataclass(frozen=True)
class Rule:
    """One check, and the tables with rows that it must visit to be effective.

    >>> def check_ports(tables):
    ...     "Every voyage has a port."
    >>> Rule("ports", check_ports, ("voyages",)).sentence
    'Every voyage has a port.'
    """

    name: str
    check: Check
    visits: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What the rule requires, in one sentence: the first line of the docstring of its function."""
        return (self.check.__doc__ or "").strip().splitlines()[0]


@dataclass(frozen=True)
class RuleSet:
    """The rules of one kind of package, and a function that prepares their argument.

    `prepare` is called with the package and its tables, and its result is passed to every rule.

    >>> from packpress import Problem, read_package, validate
    >>> def check_remarks(tables):
    ...     "Every voyage has a remark."
    ...     for row in tables["voyages"]:
    ...         if not row["remarks"]:
    ...             yield row.problem("remarks", "empty; write one")
    >>> rules = RuleSet(lambda package, tables: tables, (Rule("remarks", check_remarks, ("voyages",)),))
    >>> package = read_package("fleet")
    >>> print([*run_rules(rules, package, validate(package).tables)][0])
    voyages.csv:2: remarks="": empty; write one
    """

    prepare: Callable[[Package, Tables], Any]
    rules: tuple[Rule, ...]


def rule(*visits: str) -> Callable[[Check], Check]:
    """Marks a function as a rule that visits rows of the named tables.

    >>> @rule("voyages")
    ... def check_remarks(tables):
    ...     "Every voyage has a remark."
    >>> check_remarks.visits
    ('voyages',)
    """

    def mark(check: Check) -> Check:
        check.visits = visits  # type: ignore[attr-defined]
        return check

    return mark


def collect_rules(*modules: Any) -> tuple[Rule, ...]:
    """The marked functions of the modules, in the order in which they are defined."""
    return tuple(
        Rule(name.removeprefix("check_"), function, function.visits)
        for module in modules
        for name, function in vars(module).items()
        if hasattr(function, "visits") and function.__module__ == module.__name__
    )


def run_rules(rule_set: RuleSet, package: Package, tables: Tables) -> Iterator[Problem]:
    """The problems that the rules find.

    A missing table that a rule needs is a problem, and so is a rule that visits no rows of a table. The
    number of rows that each rule visited is stored in each table's `visits`.

    >>> from packpress import read_package
    >>> rules = RuleSet(lambda package, tables: tables, (Rule("ports", print, ("ports",)),))
    >>> [problem.path for problem in run_rules(rules, read_package("fleet"), {})]
    ['datapackage.json']
    """
    descriptor = package.path.name
    needed = dict.fromkeys(name for rule in rule_set.rules for name in rule.visits)
    lacking = [name for name in needed if name not in tables]
    if lacking:
        for name in lacking:
            message = (
                f"the rules {package.rule_set} need a table {name}; declare it or remove validation.rules"
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
            message = f"the rule {current.name} visited no row of {name}; correct the rule, it checks nothing"
            yield Problem(descriptor, 0, message, code="rules/idle")
