"""Conformance: what the standard says, in small packages, each with the one problem that it must have."""

import ast
import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

import packpress
from invented.findings import locate
from packpress import Problem
from tests import conformance, documents
from tests.documents import PAGE
from tests.suites.conformance import OWN, list_findings, read_cases, read_differences, render_differences
from tests.suites.wordings import WORDINGS

CASES = read_cases()
DIFFERENCES = read_differences()


@pytest.mark.parametrize("case", CASES + read_cases(OWN), ids=lambda case: f"{case.clause}: {case.name}")
def test_a_package_has_the_one_problem_that_it_must_have(case, tmp_path):
    expected = [case.problem, f"notice: {case.notice}" if case.notice else ""]
    assert [locate(found) for found in list_findings(case, tmp_path)] == [one for one in expected if one]


def test_a_finding_is_told_by_all_but_its_words():
    found = Problem("t.csv", 2, 'odd, "so"; write "1" or "2", as in {"a": 1}', "n", "x", "schema/cell")
    assert locate(found) == 't.csv:2: n="x": schema/cell, offers "1" or "2"'
    assert locate(replace(found, message='strange; use "1" or "2"')) == locate(found)
    others = [{"path": "u.csv"}, {"line": 3}, {"field": "m"}, {"value": "y"}, {"code": "schema/duplicate"}]
    others += [{"is_notice": True}, {"message": 'odd; write "3"'}]
    assert len({locate(replace(found, **other)) for other in others} | {locate(found)}) == len(others) + 1


def test_no_two_cases_of_a_clause_have_one_name():
    names = [(case.clause, case.name) for case in CASES]
    assert len(names) == len(set(names)) >= 200


def test_every_difference_has_a_case_and_is_declared():
    assert {case.difference for case in CASES if case.difference} == set(DIFFERENCES)


def test_the_page_has_every_case_and_names_why_a_verdict_differs():
    page = PAGE.read_text(encoding="utf-8")
    assert render_differences(DIFFERENCES) in page
    rows = [
        line.strip("|").split("|")
        for line in page.split("<!-- conformance -->")[1].splitlines()
        if "|" in line
    ][2:]
    listed = [tuple(map(str.strip, row)) for row in rows]
    assert [(name, ours, why) for _, name, ours, _, why in listed] == [
        (case.name, "refused" if case.problem else "valid", case.difference) for case in CASES
    ]
    for _, name, ours, theirs, why in listed:
        assert (ours != theirs) == bool(why), name
        assert not why or DIFFERENCES[why].explains(ours == "valid"), name


@pytest.mark.long
def test_what_is_written_of_packpress_is_fresh():
    stale = [file.name for file, filled in documents.fill_all().items() if file.read_text("utf-8") != filled]
    assert not stale, "run python -m tests.documents, and read the difference"


# Where problems are made; the other parts of packpress only hand them on.
MAKERS = (
    "checks/*.py",
    "editing/**/*.py",
    "package/*.py",
    "tables/**/*.py",
    "problems.py",
    "conflict_markers.py",
)


def test_every_code_has_a_wording_and_so_a_case():
    root = Path(packpress.__file__).parent
    texts = {
        node.value
        for pattern in MAKERS
        for file in root.glob(pattern)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    media_types = "text/"
    codes = {
        text for text in texts if re.fullmatch("[a-z]+/[a-z-]+", text) and not text.startswith(media_types)
    }
    assert codes == {code for code in yaml.safe_load(WORDINGS.read_text("utf-8")) if "/" in code}


@pytest.mark.long
def test_the_page_says_what_frictionless_says():
    page = PAGE.read_text(encoding="utf-8")
    assert conformance.fill_page(page) == page


def test_a_stale_page_is_noticed_and_written(tmp_path):
    page = tmp_path / "validation.md"
    page.write_text("old")
    assert documents.write_filled(page, "new", True, "tests.documents") == 1
    assert page.read_text() == "old"
    assert documents.write_filled(page, "new", False, "tests.documents") == 0
    assert page.read_text() == "new"
    assert documents.write_filled(page, "new", True, "tests.documents") == 0
