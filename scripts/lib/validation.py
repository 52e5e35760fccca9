"""Validation: all checks in order, and the report that comes of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from scripts.lib.checks import files, keys, schema
from scripts.lib.checks.register import check_register
from scripts.lib.checks.structure import check_structure
from scripts.lib.descriptor import Package
from scripts.lib.problems import CannotReadError, Problem
from scripts.lib.resource import Resource
from scripts.lib.rules import RuleSet, run_rules
from scripts.lib.tables import Tables, read_table


@dataclass
class Report:
    """What is wrong with a package, and how much of it was looked at."""

    package: Package
    tables: Tables = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)

    @property
    def is_valid(self) -> bool:
        """Whether there is no problem; notices do not count."""
        return not self.problems

    def add(self, *found: Problem) -> None:
        """Puts each finding where it belongs."""
        for problem in found:
            (self.notices if problem.is_notice else self.problems).append(problem)

    def sort(self) -> None:
        """Orders the findings by file and line; a finding made twice is kept once."""
        self.problems = sorted(set(self.problems))
        self.notices = sorted(set(self.notices))


def validate_package(package: Package, rule_sets: Mapping[str, RuleSet]) -> Report:
    """Every problem of the package: of its files, its descriptor, its cells, its keys and its rules."""
    report = Report(package)
    report.add(*check_structure(package))
    if report.is_valid:
        report.add(*files.check_unnamed_files(package))
        for resource in package.resources:
            _read_resource(resource, report)
        _check_tables(report)
        _check_rules(report, rule_sets)
    report.sort()
    return report


def _read_resource(resource: Resource, report: Report) -> None:
    """Adds the table to the report, unless its files or its header are such that its cells would mislead."""
    package, faults = report.package, list[Problem]()
    try:
        table = read_table(package, resource)
        for path in resource.paths:
            report.add(*files.check_bytes(package, path))
            faults += files.check_header(package, resource, path)
    except CannotReadError as error:
        faults.append(error.problem)
    report.add(*faults)
    if not faults:
        report.tables[resource.name] = table


def _check_tables(report: Report) -> None:
    strict = files.is_strict(report.package)
    for table in report.tables.values():
        table.visitor = "schema"
        report.add(*schema.check_row_count(table))
        report.add(*files.check_characters(table, strict))
        report.add(*schema.check_cells(table))
        report.add(*schema.check_own_keys(table))
    report.add(*keys.check_foreign_keys(report.tables))
    report.add(*check_register(report.package, report.tables))


def _check_rules(report: Report, rule_sets: Mapping[str, RuleSet]) -> None:
    package = report.package
    name = package.rule_set
    if not name:
        return
    if name not in rule_sets:
        known = ", ".join(rule_sets) or "none"
        report.add(
            Problem(
                package.path.name, 0, f'validation.rules is "{name}"; known are {known}', code="rules/unknown"
            )
        )
    elif len(report.tables) == len(package.resources):
        # With a table unreadable the rules would report its absence in every row of the others.
        report.add(*run_rules(rule_sets[name], package, report.tables))
