"""Validation: all checks in order, and the report that comes of them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

from packpress.checks import files
from packpress.checks.integrity import check_integrity
from packpress.checks.keys import check_foreign_keys, list_targets, wanted_keys
from packpress.checks.refused import check_names
from packpress.checks.register import check_register
from packpress.checks.rules import RuleSet, run_rules
from packpress.checks.structure import check_structure
from packpress.checks.table import TableCheck
from packpress.package.descriptor import Package
from packpress.problems import CannotReadError, Cause, Problem
from packpress.progress import Step, do_nothing
from packpress.tables.fast.blocks import FileReader, read_blocks
from packpress.tables.rows import Table, Tables, read_rows

# The code of what says that a package asks for rules which nobody brought.
UNCHECKED = "rules/unchecked"
# Where a fault is everywhere, so many findings tell as much as all of them would.
MOST_KEPT = 10_000


@dataclass
class Report:
    """What is wrong with a package, and how much of it was looked at."""

    package: Package
    tables: Tables = field(default_factory=dict)
    # How many checks each table was held to, rules left out.
    checks: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)
    # Findings of each cause, by whether they are notices; more than MOST_KEPT are only counted.
    counts: dict[bool, Counter[Cause]] = field(default_factory=lambda: {False: Counter(), True: Counter()})

    @property
    def is_valid(self) -> bool:
        """Whether there is no problem; notices do not count."""
        return not self.problems

    def add(self, found: Iterable[Problem]) -> None:
        """Puts each finding where it belongs."""
        for problem in found:
            counts, cause = self.counts[problem.is_notice], problem.cause
            counts[cause] += 1
            if counts[cause] <= MOST_KEPT:
                (self.notices if problem.is_notice else self.problems).append(problem)

    def merge(self, other: "Report") -> None:
        """Adds the findings of another report."""
        self.problems += other.problems
        self.notices += other.notices
        for is_notice, counts in other.counts.items():
            self.counts[is_notice].update(counts)

    def sort(self) -> None:
        """Orders the findings by file and line; a finding made twice is kept once."""
        for is_notice, found in ((False, self.problems), (True, self.notices)):
            kept = sorted(set(found))
            self.counts[is_notice].subtract(problem.cause for problem in found)
            self.counts[is_notice].update(problem.cause for problem in kept)
            found[:] = kept


def validate_package(
    package: Package, rules: RuleSet | None = None, step: Step = do_nothing, require_rules: bool = False
) -> Report:
    """Every problem of the package: of its files, its descriptor, its cells, its keys and its rules.

    Where it names rules and none are given, a notice says that they were not checked; where they are
    required, that is a problem.
    """
    report = Report(package)
    report.add(check_structure(package))
    if report.is_valid:
        report.add(files.check_unnamed_files(package))
        report.add(check_names(package))
        report.add(check_integrity(package))
        wanted, targets, keys = wanted_keys(package), list_targets(package), {}
        for resource in package.resources:
            name = resource.name
            check = TableCheck(resource, package.is_strict, wanted[name], targets[name])
            step(f"checking {name}")
            if _check_table(check, report):
                keys[name] = check.keys
        step("checking keys and rules")
        report.add(check_foreign_keys(package, report.tables, keys, tuple(report.problems)))
        report.add(check_register(package, report.tables))
        _check_rules(report, rules, require_rules)
    report.sort()
    return report


def _check_table(check: TableCheck, report: Report) -> bool:
    """Adds the table to the report, unless its files or its header are such that its cells would mislead."""
    package, resource = report.package, check.resource
    of_files, of_rows = Report(package), Report(package)
    has_faults = False
    try:
        for path in resource.parts:
            file = FileReader(package.root, path, resource)
            faults = list(files.check_header(resource, file))
            of_files.add(faults)
            has_faults = has_faults or bool(faults)
            for block in () if has_faults else file.blocks():
                of_rows.add(check.add(block))
            if not has_faults or file.skip():
                of_files.add(files.check_bytes(package, resource, path, file.facts))
    except CannotReadError as error:
        # What was found before may come of the same cause.
        report.add([error.problem])
        return False
    report.merge(of_files)
    if has_faults:
        return False
    of_rows.add(check.finish(partial(read_blocks, package.root, resource)))
    report.merge(of_rows)
    table = Table(resource, None, partial(read_rows, package), check.count, check.order.holds)
    table.visitor = "schema"
    table.visits[table.visitor] = check.count
    report.tables[resource.name] = table
    report.checks[resource.name] = check.count_checks()
    return True


def _check_rules(report: Report, rules: RuleSet | None, require_rules: bool) -> None:
    package = report.package
    name = package.rule_set
    if not name:
        return
    if rules is None:
        message = f"rules of {name} were not checked; install the extension that registers them"
        report.add([Problem(package.path.name, 0, message, code=UNCHECKED, is_notice=not require_rules)])
    elif len(report.tables) == len(package.resources):
        # With a table unreadable the rules would report its absence in every row of the others.
        report.add(run_rules(rules, package, report.tables))
