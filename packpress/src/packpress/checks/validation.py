"""Validation: runs all checks in order, collects the findings in a report, and prints it."""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import Any

import click

from packpress.checks import files
from packpress.checks.capacity import check_names
from packpress.checks.cells import TableCheck
from packpress.checks.descriptor import LEFT_AS_FILES, UNKNOWN, check_structure
from packpress.checks.files import check_integrity
from packpress.checks.keys import check_foreign_keys, list_targets, wanted_keys
from packpress.checks.loose_keys import check_loose_keys
from packpress.checks.rules import RuleSet, run_rules
from packpress.checks.withdrawals import check_register
from packpress.console import Step, do_nothing
from packpress.package.descriptor import Package
from packpress.problems import CannotReadError, Cause, Findings, Problem, shorten_value
from packpress.tables.fast.batches import FileReader, Stamp, read_blocks
from packpress.tables.rows import Table, Tables, read_rows

# The code of the finding that the rules of an extension were not checked, because it is not installed.
UNCHECKED = "rules/unchecked"
# If a mistake is everywhere, this many findings are as informative as all of them.
MOST_KEPT = 10_000
# Findings of an extension's rules, and refusals by a build, are shown row by row; findings in a descriptor
# differ from each other.
FOLDED = ("build/rounded", "cell/", "file/", "keys/", "schema/", "sql/")


@dataclass
class Report:
    """What validation found in a package, and how much it checked.

    - `package`: the package.
    - `problems`, `notices`: the findings, sorted by path and line; at most 10,000 of each code in each
      field are kept.
    - `counts`: how many findings there are of each cause, including those that are not kept.
    - `tables`: the tables that could be read, by name.
    - `checks`: the number of checks on each table, by name, without rules.

    >>> from packpress import read_package, validate
    >>> report = validate(read_package("fleet"))
    >>> report.is_valid, report.problems, len(report.tables["voyages"])
    (True, [], 5)
    """

    package: Package
    tables: Tables = field(default_factory=dict)
    # How many checks each table went through, without rules.
    checks: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)
    # How many findings each cause has, by whether they are notices; beyond `limit` they are only counted.
    counts: dict[bool, Counter[Cause]] = field(default_factory=lambda: {False: Counter(), True: Counter()})
    limit: int = MOST_KEPT

    @property
    def is_valid(self) -> bool:
        """Whether there are no problems; notices do not count."""
        return not self.problems

    def add(self, found: Iterable[Problem | Findings]) -> None:
        """Adds findings to the problems or the notices; beyond the limit they are only counted."""
        for one in found:
            counts, cause = self.counts[one.is_notice], one.cause
            limit = self.limit if cause[1].startswith(FOLDED) else max(self.limit, MOST_KEPT)
            room = max(limit - counts[cause], 0)
            made = [one] if isinstance(one, Problem) else one.problems
            if count := 1 if isinstance(one, Problem) else one.count:
                counts[cause] += count
                self.list_found(one.is_notice).extend(islice(made, room))

    def list_found(self, is_notice: bool) -> list[Problem]:
        """The notices or the problems."""
        return self.notices if is_notice else self.problems

    def merge(self, other: "Report") -> None:
        """Adds the findings of another report."""
        self.problems += other.problems
        self.notices += other.notices
        for is_notice, counts in other.counts.items():
            self.counts[is_notice].update(counts)

    def sort(self) -> None:
        """Sorts the findings by path and line, and removes duplicates."""
        for is_notice, found in ((False, self.problems), (True, self.notices)):
            kept = sorted(set(found), key=attrgetter("order"))
            self.counts[is_notice].subtract(problem.cause for problem in found)
            self.counts[is_notice].update(problem.cause for problem in kept)
            found[:] = kept


def validate_package(
    package: Package,
    rules: RuleSet | None = None,
    step: Step = do_nothing,
    require_rules: bool = False,
    limit: int = MOST_KEPT,
    finds_changed: bool = True,
) -> Report:
    """Checks a package: its files, its descriptor, its cells, its keys and its rules.

    If it names rules but none are given, a notice says that they were not checked; if they are required, a
    problem says so. Beyond `limit` findings of one code in one field, findings are only counted. Without
    `finds_changed`, a changed key is not reported in place of the rows that refer to it.

    >>> from packpress import read_package
    >>> validate_package(read_package("fleet")).is_valid
    True
    """
    report = Report(package, limit=limit)
    report.add(check_structure(package))
    if all(problem.code == UNKNOWN for problem in report.problems):
        report.add(files.check_unnamed_files(package))
        report.add(files.check_unfinished(package))
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
        found = tuple(report.problems)
        report.add(check_foreign_keys(package, report.tables, keys, found, finds_changed))
        report.add(check_loose_keys(package, report.tables, keys))
        report.add(check_register(package, report.tables))
        if package.checks:
            from packpress.checks.queries import check_queries  # needs sqlite3

            step("running SQL checks")
            report.add(check_queries(package, report.tables, tuple(report.problems)))
        _check_rules(report, rules, require_rules)
    report.sort()
    return report


def _check_table(check: TableCheck, report: Report) -> bool:
    """Adds the table to the report, unless its files or header make checks of its cells misleading."""
    package, resource = report.package, check.resource
    of_files, of_rows = Report(package, limit=report.limit), Report(package, limit=report.limit)
    has_faults, stamps = False, dict[str, Stamp]()
    try:
        for path in resource.parts:
            file = FileReader(package.root, path, resource)
            faults = list(files.check_header(resource, file))
            of_files.add(faults)
            has_faults = has_faults or not all(fault.is_notice for fault in faults)
            blank = files.BlankCheck(path, resource)
            for block in () if has_faults else file.blocks():
                of_rows.add(check.add(block))
                blank.add(block)
            of_files.add(() if has_faults else blank.finish(file.blank_lines))
            if file.stamp:
                stamps[path] = file.stamp
            if not has_faults or file.skip():
                of_files.add(files.check_bytes(package, resource, path, file.facts))
    except CannotReadError as error:
        # Earlier findings may have the same cause, so they are dropped.
        report.add([error.problem])
        return False
    report.merge(of_files)
    if has_faults:
        return False
    of_rows.add(check.finish(partial(read_blocks, package.root, resource)))
    report.merge(of_rows)
    table = Table(resource, None, partial(read_rows, package), check.count, check.order.holds, stamps)
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
        # If a table cannot be read, rules would report its absence for every row of the others.
        report.add(run_rules(rules, package, report.tables))


# One wrong column of a large table, or one wrong file, must not hide the rest of the report.
MOST_PER_FIELD = 20
MOST_PER_CODE = 60
# This many findings of one code in one column, or more, are folded into one line with examples.
FOLDED_FROM = 20
EXAMPLES = 3
MOST_COMPARED = 1_000  # as many as are collected where no more are printed
LONGEST_EXAMPLE = 40
LIMITED = (*FOLDED, "descriptor/")
# Increases when a property of the JSON report changes its meaning or is removed.
JSON_VERSION = 1

Paint = Callable[[str, str], str]


def paint_nothing(text: str, colour: str) -> str:
    """The text without colour.

    >>> paint_nothing("valid", "green")
    'valid'
    """
    return text


def paint_for_terminal(text: str, colour: str) -> str:
    """The text in a colour.

    >>> paint_for_terminal("valid", "green")
    '\\x1b[32mvalid\\x1b[0m'
    """
    return click.style(text, fg=colour)


def is_coloured(is_terminal: bool) -> bool:
    """Whether a report is coloured: on a terminal, unless NO_COLOR is set or TERM is `dumb`.

    >>> is_coloured(is_terminal=False)
    False
    """
    return is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def format_text(report: Report, paint: Paint = paint_nothing, is_whole: bool = False) -> str:
    """The report as text: what was checked, followed by the findings.

    >>> from packpress import read_package, validate
    >>> print(format_text(validate(read_package("fleet"))).splitlines()[-1])
    valid: 2 tables, 8 rows
    """
    lines = [_describe_table(entry) for entry in _summarise_tables(report)]
    if report.tables:
        lines += [f"{name}: could not be checked" for name in _list_unchecked(report)]
    return "\n".join([*lines, format_findings(report, paint, is_whole)])


def format_findings(report: Report, paint: Paint = paint_nothing, is_whole: bool = False) -> str:
    """One line per finding by file and line, notices first, followed by their number.

    Many findings of one code in one column are folded into one line, unless `is_whole` is set.

    >>> from packpress import read_package
    >>> report = Report(read_package("fleet"))
    >>> report.add([Problem("boats.csv", 3, "too short; write more", "name", "Ida")])
    >>> print(format_findings(report))
    boats.csv:3: name="Ida": too short; write more
    1 problem in 1 file
    """
    lines = list[str]()
    for is_notice in (True, False):
        lines += _Folded(report, is_notice, is_whole).write_lines(paint)
    return "\n".join([*lines, paint(_count_findings(report), "green" if report.is_valid else "red")])


def list_left_out(report: Report, of_build: Iterable[str]) -> Iterator[str]:
    """A line for everything that a build does not contain as a table, or not in every format.

    If the rules were not checked, the first line says so.

    >>> from packpress import read_package
    >>> list(list_left_out(validate_package(read_package("fleet")), ["fleet.xlsx: boats is left out"]))
    ['notice: fleet.xlsx: boats is left out']
    """
    for code in (UNCHECKED, LEFT_AS_FILES):
        yield from (str(problem) for problem in report.notices if problem.code == code)
    yield from (f"notice: {text}" for text in of_build)


def format_json(report: Report) -> str:
    """The report as a JSON document that follows `docs/report.schema.json`, in the order of the text.

    >>> from packpress import read_package, validate
    >>> json.loads(format_json(validate(read_package("fleet"))))["valid"]
    True
    """
    counts = {is_notice: found.total() for is_notice, found in report.counts.items()}
    document = {
        "version": JSON_VERSION,
        "package": report.package.name,
        "valid": report.is_valid,
        "counts": {
            "problems": counts[False],
            "notices": counts[True],
            **{
                noun: sum(entry[noun] for entry in _summarise_tables(report))
                for noun in ("rows", "cells", "checks")
            },
        },
        "problems": [_as_json(problem) for problem in report.problems],
        "notices": [_as_json(problem) for problem in report.notices],
        "omitted": list(_list_omitted(report)),
        "tables": _summarise_tables(report),
        "unchecked": _list_unchecked(report),
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def format_github(report: Report) -> str:
    """The report as GitHub workflow commands, which annotate the affected lines.

    >>> from packpress import read_package
    >>> report = Report(read_package("fleet"))
    >>> report.add([Problem("boats.csv", 3, "too short; write more", "name", "Ida")])
    >>> print(format_github(report))
    ::error file=fleet/boats.csv,line=3,title=::boats.csv:3: name="Ida": too short; write more
    1 problem in 1 file
    """
    lines = []
    for is_notice in (True, False):
        command, shown = "notice" if is_notice else "error", _Shown(report, is_notice)
        for problem in shown.problems:
            properties = {"file": _locate(report.package.root / problem.path)}
            properties |= {"line": str(problem.line)} if problem.line else {}
            properties |= {"title": problem.code}
            written = ",".join(f"{name}={_escape(text, ':,')}" for name, text in properties.items())
            lines.append(f"::{command} {written}::{_escape(str(problem))}")
        lines += [f"::{command}::{_escape(line)}" for line in shown.describe_rest()]
    return "\n".join([*lines, _count_findings(report)])


FORMATS: dict[str, Callable[[Report], str]] = {
    "text": format_text,
    "json": format_json,
    "github": format_github,
}


@dataclass(frozen=True)
class _Shown:
    """The findings of one kind that are shown as annotations, and how many are not."""

    report: Report
    is_notice: bool

    @property
    def problems(self) -> Iterator[Problem]:
        """Some findings of each code in each file, and not too many of one field."""
        of_fields, of_codes = Counter[Cause](), Counter[tuple[str, str]]()
        for problem in self.report.list_found(self.is_notice):
            cause = problem.cause
            if of_fields[cause] < MOST_PER_FIELD and of_codes[cause[:2]] < MOST_PER_CODE:
                of_fields[cause] += 1
                of_codes[cause[:2]] += 1
                yield problem

    def describe_rest(self) -> Iterator[str]:
        """How many more there are of each code in each file, and in which fields."""
        return _describe_rest(
            self.report, self.is_notice, Counter(problem.cause for problem in self.problems)
        )


def _describe_rest(report: Report, is_notice: bool, shown: Counter[Cause]) -> Iterator[str]:
    rest = report.counts[is_notice] - shown
    by_code: dict[tuple[str, str], list[str]] = {}
    for (path, code, name), count in sorted(rest.items()):
        by_code.setdefault((path, code), []).append(f"{count:,} in {name}" if name else f"{count:,}")
    for (path, code), parts in by_code.items():
        total = sum(rest[cause] for cause in rest if cause[:2] == (path, code))
        fields = f" ({', '.join(parts)})" if len(parts) > 1 or " in " in parts[0] else ""
        yield f"{'notice: ' if is_notice else ''}{path}: and {total:,} more of {code}{fields}"


@dataclass(frozen=True)
class _Folded:
    """The findings of one kind as text, with FOLDED_FROM or more of one cause folded into one line."""

    report: Report
    is_notice: bool
    is_whole: bool

    def write_lines(self, paint: Paint) -> Iterator[str]:
        """The lines, followed by the number of findings that are left out."""
        counts, shown, lines = self.report.counts[self.is_notice], Counter[Cause](), Counter[Any]()
        found = self.report.list_found(self.is_notice)
        compared: dict[Cause, list[Problem]] = {}
        for problem in found:
            if len(alike := compared.setdefault(problem.cause, [])) < MOST_COMPARED:
                alike.append(problem)
        for problem in found:
            cause = problem.cause
            is_limited = not self.is_whole and problem.code.startswith(LIMITED)
            if is_limited and (shown[cause] == counts[cause] or lines[cause[:2]] >= MOST_PER_CODE):
                continue
            is_folded = is_limited and counts[cause] >= FOLDED_FROM and problem.code.startswith(FOLDED)
            shown[cause] += counts[cause] if is_folded else 1
            lines[cause[:2]] += 1
            yield self._write_fold(compared[cause], paint) if is_folded else _write_problem(problem, paint)
        for line in _describe_rest(self.report, self.is_notice, shown):
            yield paint(line, "yellow" if self.is_notice else "red")

    def _write_fold(self, alike: list[Problem], paint: Paint) -> str:
        """The first of some findings with one cause, the number of others, and two examples."""
        first, examples = alike[0], _choose_examples(alike)
        more = self.report.counts[self.is_notice][first.cause] - 1
        such = f", such as {' and '.join(map(_write_example, examples))}" if examples else ""
        where = f" in {first.field}" if first.field else ""
        rest = f"(and {more:,} more of {first.code}{where}{such}; --all lists them)"
        return f"{_write_problem(first, paint)} {rest}"


def _choose_examples(found: list[Problem]) -> list[Problem]:
    """Some findings besides the first, with different values if possible."""
    first, *rest = found
    different = {one.value: one for one in reversed(rest) if one.value != first.value}
    chosen = sorted(different.values())[: EXAMPLES - 1]
    others = (one for one in rest if one not in chosen)
    return sorted([*chosen, *islice(others, EXAMPLES - 1 - len(chosen))])


def _write_example(problem: Problem) -> str:
    value = f'"{shorten_value(problem.value, LONGEST_EXAMPLE)}" on ' if problem.field else ""
    return f"{value}line {problem.line}"


def _write_problem(problem: Problem, paint: Paint) -> str:
    kind = paint("notice: ", "yellow") if problem.is_notice else ""
    cell = paint(problem.cell, "magenta") if problem.cell else ""
    return f"{kind}{paint(problem.place, 'cyan')}: {cell}{problem.message}"


def _list_omitted(report: Report) -> Iterator[dict[str, Any]]:
    """The findings that are only counted, because there are too many of the same kind."""
    for is_notice, found in ((False, report.problems), (True, report.notices)):
        rest = report.counts[is_notice] - Counter(problem.cause for problem in found)
        for (path, code, name), count in sorted(rest.items()):
            yield {"path": path, "code": code, "field": name, "count": count}


def _locate(path: Path) -> str:
    """The path relative to the working directory, as GitHub expects it."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


def _escape(text: str, more: str = "") -> str:
    for character in f"%\r\n{more}":
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def _count_findings(report: Report) -> str:
    count, noted = (report.counts[is_notice].total() for is_notice in (False, True))
    files = len({problem.path for problem in report.problems})
    notices = f", {_plural(noted, 'notice')}" if noted else ""
    if not count:
        rows = sum(len(table) for table in report.tables.values())
        return f"valid: {_plural(len(report.tables), 'table')}, {_plural(rows, 'row')}{notices}"
    return f"{_plural(count, 'problem')} in {_plural(files, 'file')}{notices}"


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def _summarise_tables(report: Report) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "rows": len(table),
            "cells": len(table) * len(table.resource.fields),
            "checks": report.checks[name],
            "rules": len([visitor for visitor in table.visits if visitor != "schema"]),
        }
        for name, table in report.tables.items()
    ]


def _list_unchecked(report: Report) -> list[str]:
    return [resource.name for resource in report.package.resources if resource.name not in report.tables]


def _describe_table(entry: dict[str, Any]) -> str:
    nouns = ("row", "cell", "check", "rule") if entry["rules"] else ("row", "cell", "check")
    return f"{entry['name']}: {', '.join(_plural(entry[f'{noun}s'], noun) for noun in nouns)}"


def _as_json(problem: Problem) -> dict[str, str | int]:
    return {
        "path": problem.path,
        "line": problem.line,
        "field": problem.field,
        "value": problem.value,
        "message": problem.message,
        "code": problem.code,
    }
