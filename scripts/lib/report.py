"""The report of a validation in the three forms in which it is printed."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator

from scripts.lib.checks.structure import LEFT_AS_FILES
from scripts.lib.problems import Cause, Problem
from scripts.lib.validation import Report

# One wrong column of a large table must not bury the rest of the report.
MOST_PER_CAUSE = 20


def format_text(report: Report) -> str:
    """One line a finding in order of file and line, then what was checked, then the count."""
    lines = [*_list_findings(report, True), *_list_findings(report, False)]
    if report.is_valid:
        lines += [_describe_table(entry) for entry in _summarise_tables(report)]
    return "\n".join([*lines, _count_findings(report)])


def list_left_out(report: Report, of_build: Iterable[str]) -> Iterator[str]:
    """A line for whatever a build of the package does not hold as a table, or not in each format."""
    yield from (str(problem) for problem in report.notices if problem.code == LEFT_AS_FILES)
    yield from (f"notice: {text}" for text in of_build)


def _list_findings(report: Report, are_notices: bool) -> Iterator[str]:
    """Some findings of each cause, then how many more there are of it."""
    shown: Counter[Cause] = Counter()
    for problem in report.notices if are_notices else report.problems:
        shown[problem.cause] += 1
        if shown[problem.cause] <= MOST_PER_CAUSE:
            yield str(problem)
    for (path, code, field), count in sorted(report.counts[are_notices].items()):
        if count > MOST_PER_CAUSE:
            start = f"{'notice: ' if are_notices else ''}{path}: {f'{field}: ' if field else ''}"
            yield f"{start}and {count - MOST_PER_CAUSE} more of {code}"


def format_json(report: Report) -> str:
    """A JSON document: `valid`, `problems`, `notices` and `tables`, in the order of the text."""
    document = {
        "valid": report.is_valid,
        "problems": [_as_json(problem) for problem in report.problems],
        "notices": [_as_json(problem) for problem in report.notices],
        "tables": _summarise_tables(report),
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def format_github(report: Report) -> str:
    """Workflow commands that a public forge shows beside the lines at fault."""
    lines = []
    for problem in (*report.notices, *report.problems):
        level = "notice" if problem.is_notice else "error"
        place = f"file={problem.path}" + (f",line={problem.line}" if problem.line else "")
        text = str(problem).replace("%", "%25").replace("\n", "%0A")
        lines.append(f"::{level} {place}::{text}")
    return "\n".join([*lines, _count_findings(report)])


FORMATS = {"text": format_text, "json": format_json, "github": format_github}


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


def _summarise_tables(report: Report) -> list[dict[str, str | int]]:
    return [
        {
            "name": name,
            "rows": len(table),
            "cells": len(table) * len(table.resource.fields),
            "rules": len([visitor for visitor in table.visits if visitor != "schema"]),
        }
        for name, table in report.tables.items()
    ]


def _describe_table(entry: dict[str, str | int]) -> str:
    counts = (_plural(int(entry[noun + "s"]), noun) for noun in ("row", "cell", "rule"))
    return f"{entry['name']}: {', '.join(counts)}"


def _as_json(problem: Problem) -> dict[str, str | int]:
    return {
        "path": problem.path,
        "line": problem.line,
        "field": problem.field,
        "value": problem.value,
        "message": problem.message,
        "code": problem.code,
    }
