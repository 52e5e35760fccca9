"""Conformance: what the standard says, in small packages, each with the one problem that it must have."""

import pytest

from tests import conformance, documents
from tests.documents import PAGE
from tests.suites.conformance import list_messages, read_cases, read_differences, render_differences

CASES = read_cases()
DIFFERENCES = read_differences()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.clause}: {case.name}")
def test_a_package_has_the_one_problem_that_it_must_have(case, tmp_path):
    expected = [case.problem, f"notice: {case.notice}" if case.notice else ""]
    found = list_messages(case.write(tmp_path), with_notices=bool(case.notice))
    assert found == [message for message in expected if message]


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


@pytest.mark.parametrize("page", [PAGE, documents.PUBLISHING], ids=lambda page: page.stem)
def test_a_page_says_what_packpress_knows_of_itself(page):
    text = page.read_text(encoding="utf-8")
    assert documents.fill_page(text) == text, "stale; run python -m tests.documents"


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
