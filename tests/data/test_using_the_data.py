"""`docs/using-the-data.md`: every block that can run here runs, over a build, and answers.

What needs the library `datasets` or extensions of DuckDB is run by `tests/standards/test_loading.py`.
"""

import os
import re
import sqlite3
import subprocess
import sys

import duckdb
import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.long

TEXT = (ROOT / "docs" / "using-the-data.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
# What tells the blocks that are run elsewhere.
ELSEWHERE = re.compile(r"import load_dataset|'http://")


def blocks_of(language: str) -> list[str]:
    found = [text for name, text in BLOCKS if name == language and not ELSEWHERE.search(text)]
    assert found
    return found


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory):
    """The folder into which the wheel of the build is installed, as the page says but apart from everything else."""
    target = tmp_path_factory.mktemp("installed")
    line = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
        "--target",
        str(target),
    ]
    subprocess.run([*line, *map(str, built.glob("*.whl"))], check=True, capture_output=True)
    return target


@pytest.mark.parametrize("code", blocks_of("python"))
def test_python_runs(code, built, installed):
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(installed)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=built, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("query", blocks_of("sql"))
def test_sqlite_answers(query, built):
    assert sqlite3.connect(built / "ketamine_pain.db").execute(query).fetchall()


BEFORE = re.compile(r"^-- 1\.1\.0: (.*)$", re.MULTILINE)
MOVED = [query for query in blocks_of("sql") if BEFORE.search(query)]


@pytest.mark.parametrize("query", MOVED)
def test_a_query_that_moved_no_longer_answers_as_it_is_meant(query, built):
    database = sqlite3.connect(built / "ketamine_pain.db")
    before = " ".join(BEFORE.findall(query))
    try:
        rows = database.execute(before).fetchall()
    except sqlite3.OperationalError as error:
        assert "no such column" in str(error)
    else:
        assert rows != database.execute(query).fetchall()


@pytest.mark.parametrize("query", blocks_of("duckdb"))
def test_duckdb_answers(query, built):
    assert duckdb.sql(query.replace("'parquet/", f"'{built}/parquet/")).fetchall()


def test_every_block_is_run_or_says_that_it_is_not():
    assert {name for name, _ in BLOCKS} == {"croissant", "sssom", "python", "sql", "duckdb", "r", ""}
