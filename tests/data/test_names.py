"""Every name that rests on the question log stands in the line that it gives."""

import csv
import re

import pytest

from tests.conftest import ROOT

QUESTIONS = ROOT / "tests" / "questions"
with (ROOT / "data" / "names.csv").open(encoding="utf-8", newline="") as file:
    ROWS = [row for row in csv.DictReader(file) if row["basis"].startswith("questions: ")]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name_id"])
def test_name_stands_in_its_question(row):
    role, line = re.fullmatch(r"questions: (\w+), line (\d+)", row["basis"]).groups()
    asked = (QUESTIONS / f"{role}.txt").read_text(encoding="utf-8").splitlines()[int(line) - 1]
    assert re.search(rf"(?<!\w){re.escape(row['name'])}(?!\w)", asked, re.IGNORECASE)


def test_some_names_rest_on_questions():
    assert ROWS
