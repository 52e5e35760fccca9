"""Who can open a build: any SQLite from 3.37 on, and Spark; and what SQLite promises of the tables."""

import shutil
import sqlite3
import subprocess
from contextlib import closing

import pyarrow.parquet as pq
import pytest
from packpress.package.dictionary import OWN_TABLES
from packpress.tables.csv import canonical_bytes
from packpress.tables.values import write_value

from invented.copies import FLEET
from invented.packages import build, field, table, write_package
from invented.sqlite_versions import find_needs
from packpress import read_package

PACKAGE = read_package(FLEET / "datapackage.json")


@pytest.fixture
def db(built):
    with closing(sqlite3.connect(f"file:{built / PACKAGE.database_name}.db?mode=ro", uri=True)) as opened:
        yield opened


def test_no_statement_needs_a_newer_sqlite_or_an_extension(db):
    statements = dict(db.execute("select name, sql from sqlite_master where sql <> ''"))
    assert len(statements) > 30
    assert list(find_needs(statements)) == []


def test_the_file_is_of_the_form_that_every_sqlite_reads(built, db):
    head = (built / f"{PACKAGE.database_name}.db").read_bytes()[:100]
    # Rollback journal, no reserved bytes, schema format 4, UTF-8, no automatic vacuum.
    assert (head[18:20], head[20], head[44:48], head[56:60], head[52:56]) == (
        b"\1\1",
        0,
        b"\0\0\0\4",
        b"\0\0\0\1",
        bytes(4),
    )
    assert db.execute("pragma integrity_check").fetchall() == [("ok",)]
    assert db.execute("pragma foreign_key_check").fetchall() == []
    assert db.execute("pragma freelist_count").fetchall() == [(0,)]


def test_every_table_of_the_descriptor_and_of_the_dictionary_is_strict(db):
    strict = {name for _, name, kind, _, _, is_strict in db.execute("pragma table_list") if is_strict}
    assert strict == {*PACKAGE.by_name, *(resource.name for resource in OWN_TABLES)}


def indexes_of(db, name):
    """The columns of each index of a table, the unique ones marked."""
    for _, index, is_unique, *_ in db.execute(f'pragma index_list("{name}")').fetchall():
        yield tuple(row[2] for row in db.execute(f'pragma index_info("{index}")')), bool(is_unique)


def test_every_foreign_key_has_an_index_at_both_ends(db):
    keys = [(name, key) for name, resource in PACKAGE.by_name.items() for key in resource.foreign_keys]
    assert len(keys) > 10
    for name, key in keys:
        width = len(key.fields)
        assert any(columns[:width] == key.fields for columns, _ in indexes_of(db, name)), (name, key)
        ends = [columns for columns, is_unique in indexes_of(db, key.resource) if is_unique]
        assert any(set(columns) == set(key.reference_fields) for columns in ends), (name, key)


def test_the_database_written_as_csv_is_the_csv_that_it_was_made_from(built, db):
    for name, resource in PACKAGE.by_name.items():
        rows = [
            tuple(
                write_value(value, item, resource) for value, item in zip(row, resource.fields, strict=True)
            )
            for row in db.execute(f'select * from "{name}"')
        ]
        written = canonical_bytes(resource, rows)
        assert written == (built / "csv" / f"{name}.csv").read_bytes()
        assert all(written == (FLEET / path).read_bytes() for path in resource.paths)


@pytest.mark.skipif(not shutil.which("sqlite3"), reason="no sqlite3 shell")
def test_the_shell_opens_the_database_and_runs_the_checks(built):
    line = ["sqlite3", "-readonly", str(built / f"{PACKAGE.database_name}.db")]
    for sql, expected in (
        ((built / "checks.sql").read_text(encoding="utf-8"), ""),
        ("select count(*) > 0 from pages_fts where pages_fts match 'whale'", "1\n"),
    ):
        done = subprocess.run(line, input=sql, capture_output=True, text=True, check=True)
        assert (done.stdout, done.stderr) == (expected, "")


# Physical and logical types of Parquet that Spark 3 reads; of times of day it knows none.
SPARK = {
    ("BOOLEAN", "NONE"),
    ("INT32", "NONE"),
    ("INT64", "NONE"),
    ("DOUBLE", "NONE"),
    ("BYTE_ARRAY", "STRING"),
    ("INT32", "DATE"),
    ("INT64", "TIMESTAMP"),
}


def parquet_types(folder):
    for path in sorted((folder / "parquet").glob("*.parquet")):
        file = pq.ParquetFile(path)
        for at in range(len(file.schema)):
            column = file.schema.column(at)
            assert "NANOS" not in str(column.logical_type).upper()
            yield column.name, (column.physical_type, column.logical_type.type)


def test_spark_reads_every_type_of_every_table(built):
    assert {kind for _, kind in parquet_types(built)} <= SPARK


CELLS = {
    "string": "a",
    "number": "1.5",
    "integer": "1",
    "boolean": "true",
    "object": '{"b": 1}',
    "array": "[1]",
    "datetime": "2020-01-02T03:04:05",
    "date": "2020-01-02",
    "year": "2020",
    "yearmonth": "2020-01",
    "duration": "P1D",
    "geopoint": "1.0, 2.0",
    "geojson": '{"type": "Point", "coordinates": [1, 2]}',
    "any": "x",
    "time": "12:30:00",
}


@pytest.mark.parametrize("kind", CELLS)
def test_spark_reads_every_type_of_field(tmp_path, kind):
    cell = CELLS[kind].replace('"', '""')
    item = table("t", f'a\n"{cell}"\n', [field("a", kind)])
    folder = build(write_package(tmp_path / "p", item), tmp_path / "build")
    assert {kind for _, kind in parquet_types(folder)} <= SPARK
