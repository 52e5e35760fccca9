"""The report of a validation in the three forms in which it is printed."""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from packpress.checks.structure import LEFT_AS_FILES
from packpress.checks.validation import UNCHECKED, Report
from packpress.problems import Cause, Problem

# One wrong column of a large table must not bury the rest of the report, nor must a wholly wrong file.
MOST_PER_FIELD = 20
MOST_PER_CODE = 60
# Grows when a property of the JSON report changes its meaning or is taken away.
JSON_VERSION = 1

Paint = Callable[[str, str], str]


def paint_nothing(text: str, colour: str) -> str:
    """The text as it is."""
    return text


def paint_for_terminal(text: str, colour: str) -> str:
    """The text in a colour."""
    return click.style(text, fg=colour)


def is_coloured(is_terminal: bool) -> bool:
    """Whether a report has colours: on a terminal, unless NO_COLOR or a dumb terminal says otherwise."""
    return is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def format_text(report: Report, paint: Paint = paint_nothing) -> str:
    """What was checked, then the findings."""
    lines = [_describe_table(entry) for entry in _summarise_tables(report)]
    if report.tables:
        lines += [f"{name}: could not be checked" for name in _list_unchecked(report)]
    return "\n".join([*lines, format_findings(report, paint)])


def format_findings(report: Report, paint: Paint = paint_nothing) -> str:
    """One line a finding in order of file and line, notices first, then the count."""
    lines = list[str]()
    for is_notice in (True, False):
        shown = _Shown(report, is_notice)
        lines += [_write_problem(problem, paint) for problem in shown.problems]
        lines += [paint(line, "yellow" if is_notice else "red") for line in shown.describe_rest()]
    return "\n".join([*lines, paint(_count_findings(report), "green" if report.is_valid else "red")])


def list_left_out(report: Report, of_build: Iterable[str]) -> Iterator[str]:
    """A line for whatever a build of the package does not hold as a table, or not in each format.

    The first says that its rules were not checked, where they were not.
    """
    for code in (UNCHECKED, LEFT_AS_FILES):
        yield from (str(problem) for problem in report.notices if problem.code == code)
    yield from (f"notice: {text}" for text in of_build)


def format_json(report: Report) -> str:
    """A JSON document in the form of `docs/report.schema.json`, in the order of the text."""
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
    """Workflow commands that a public forge shows beside the lines at fault."""
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
    """The findings of one kind that are printed, and how many are not."""

    report: Report
    is_notice: bool

    @property
    def problems(self) -> Iterator[Problem]:
        """Some findings of each code in each file, not too many of them in one field."""
        of_fields, of_codes = Counter[Cause](), Counter[tuple[str, str]]()
        for problem in self.report.notices if self.is_notice else self.report.problems:
            cause = problem.cause
            if of_fields[cause] < MOST_PER_FIELD and of_codes[cause[:2]] < MOST_PER_CODE:
                of_fields[cause] += 1
                of_codes[cause[:2]] += 1
                yield problem

    def describe_rest(self) -> Iterator[str]:
        """How many more there are of each code in each file, and in which fields."""
        rest = self.report.counts[self.is_notice] - Counter(problem.cause for problem in self.problems)
        by_code: dict[tuple[str, str], list[str]] = {}
        for (path, code, field), count in sorted(rest.items()):
            by_code.setdefault((path, code), []).append(f"{count:,} in {field}" if field else f"{count:,}")
        for (path, code), parts in by_code.items():
            total = sum(rest[cause] for cause in rest if cause[:2] == (path, code))
            fields = f" ({', '.join(parts)})" if len(parts) > 1 or " in " in parts[0] else ""
            yield f"{'notice: ' if self.is_notice else ''}{path}: and {total:,} more of {code}{fields}"


def _write_problem(problem: Problem, paint: Paint) -> str:
    kind = paint("notice: ", "yellow") if problem.is_notice else ""
    cell = paint(problem.cell, "magenta") if problem.cell else ""
    return f"{kind}{paint(problem.place, 'cyan')}: {cell}{problem.message}"


def _list_omitted(report: Report) -> Iterator[dict[str, Any]]:
    """The findings that are counted and not listed, for there are too many of the same."""
    for is_notice, found in ((False, report.problems), (True, report.notices)):
        rest = report.counts[is_notice] - Counter(problem.cause for problem in found)
        for (path, code, field), count in sorted(rest.items()):
            yield {"path": path, "code": code, "field": field, "count": count}


def _locate(path: Path) -> str:
    """The path from where the command runs, which is where a forge looks for it."""
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
