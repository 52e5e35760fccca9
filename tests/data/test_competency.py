"""Competency: the tables answer each question of competency.csv as a reader of the texts answered it."""

import csv
import re
import sqlite3
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.long

FOLDER = ROOT / "tests" / "competency"
FREE_TEXT = {"statement", "quote", "note", "definition", "text", "reason"}
SEARCHING = {"like", "glob", "instr", "match", "regexp"}
LITERAL = re.compile(r"'((?:[^']|'')*)'")
COMMENT = re.compile(r"^--.*$", re.MULTILINE)


def read_questions() -> dict[str, dict[str, str]]:
    with (ROOT / "tests" / "competency.csv").open(encoding="utf-8", newline="") as lines:
        return {row["question_id"]: row for row in csv.DictReader(lines)}


QUESTIONS = read_questions()
QUERIES = {file.stem: file.read_text(encoding="utf-8") for file in sorted(FOLDER.glob("*.sql"))}
every_query = pytest.mark.parametrize("question_id", QUERIES)


@pytest.fixture(scope="module")
def db(built, package) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{built / package.database_name}.db?mode=ro", uri=True)
    yield connection
    connection.close()


def answer(db: sqlite3.Connection, sql: str) -> set[str]:
    """The rows as words; the columns of a row are joined by a space, and an empty one adds nothing."""
    return {" ".join(str(value) for value in row if value is not None) for row in db.execute(sql)}


def body(question_id: str) -> str:
    return COMMENT.sub("", QUERIES[question_id])


def test_every_question_has_a_query_and_every_query_a_question():
    assert set(QUERIES) == set(QUESTIONS)


@every_query
def test_the_tables_answer_as_the_reader_did(db, question_id):
    assert answer(db, QUERIES[question_id]) == set(QUESTIONS[question_id]["expected"].split("; "))


@every_query
def test_a_query_begins_with_its_question(question_id):
    assert QUERIES[question_id].splitlines()[0] == f"-- {QUESTIONS[question_id]['question']}"


@every_query
def test_a_query_searches_no_free_text(question_id):
    words = set(re.findall(r"\w+", LITERAL.sub("", body(question_id)).lower()))
    assert not words & (FREE_TEXT | SEARCHING)


@every_query
def test_a_query_names_no_row_that_holds_an_answer(db, question_id):
    """It may name the thing asked about, never a claim, a passage or a printed reference."""
    rows = 'select claim_id from claims union select passage_id from passages union select reference_id from "references"'
    assert not set(LITERAL.findall(body(question_id))) & answer(db, rows)
