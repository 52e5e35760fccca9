"""Conformance: what the standard says, in small packages, each with the one problem that it must have."""

from pathlib import Path

import pytest
from packpress.checks.conformance import list_messages, read_cases, read_differences, render_differences

from scripts.conformance import fill_page

FOLDER = Path(__file__).parent / "conformance"
CASES = read_cases(FOLDER)
DIFFERENCES = read_differences(FOLDER)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.clause}: {case.name}")
def test_a_package_has_the_one_problem_that_it_must_have(case, tmp_path):
    assert list_messages(case.write(tmp_path)) == ([case.problem] if case.problem else [])


def test_no_two_cases_of_a_clause_have_one_name():
    names = [(case.clause, case.name) for case in CASES]
    assert len(names) == len(set(names)) >= 200


def test_every_difference_has_a_case_and_is_declared():
    assert {case.difference for case in CASES if case.difference} == set(DIFFERENCES)


def test_the_page_has_every_case_and_names_why_a_verdict_differs(root):
    page = (root / "docs" / "validation.md").read_text(encoding="utf-8")
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
def test_the_page_says_what_frictionless_says(root):
    page = (root / "docs" / "validation.md").read_text(encoding="utf-8")
    assert fill_page(page, FOLDER) == page
