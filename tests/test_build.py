"""The build of the data: a valid package by two judges, its own files again, and open to old readers."""

import sqlite3
import zipfile
from contextlib import closing

import frictionless
import pytest

import packpress
from invented.sqlite_versions import find_needs
from packpress import read_package
from tests.conftest import ROOT


@pytest.fixture
def db(built, package):
    with closing(sqlite3.connect(f"file:{built / package.database_name}.db?mode=ro", uri=True)) as opened:
        yield opened


def unzip(built, folder):
    with zipfile.ZipFile(next(built.glob("*.zip"))) as archive:
        archive.extractall(folder)
    return folder / "datapackage.json"


def test_the_published_csv_is_the_source_file(package, built):
    for resource in package.resources:
        (path,) = resource.paths
        assert (built / "csv" / f"{resource.name}.csv").read_bytes() == (package.root / path).read_bytes()


def test_the_zip_is_valid_by_our_rules(tmp_path, built):
    report = packpress.validate(read_package(unzip(built, tmp_path)))
    assert not report.problems
    assert {"claims_flat", "anchors"} <= report.tables.keys()


@pytest.mark.long
def test_frictionless_finds_the_zip_valid(tmp_path, built):
    report = frictionless.validate(str(unzip(built, tmp_path)), type="package")
    assert report.flatten(["rowNumber", "message"]) == []
    assert len(report.tasks) > len(list((built / "csv").iterdir()))


@pytest.mark.parametrize(
    "search", ["claims_fts", "claims_flat_fts", "passages_fts", "references_fts", "search_index"]
)
def test_a_search_for_nonsense_finds_nothing_and_for_ketamine_something(db, search):
    count = f'select count(*) from "{search}" where "{search}" match ?'
    assert db.execute(count, ("xyzzyx",)).fetchone() == (0,)
    assert db.execute(count, ("ketamine",)).fetchone()[0] > 0


def test_no_statement_needs_a_newer_sqlite_or_an_extension(db):
    statements = dict(db.execute("select name, sql from sqlite_master where sql <> ''"))
    statements |= {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "sql").rglob("*.sql")}
    assert len(statements) > 100
    # What needs FTS5 may need JSON, which SQLite has by itself since 3.38, and FTS5 to this day only when asked.
    searches = {name for name in statements if name.startswith("search")}
    needs = [
        need for need in find_needs(statements) if need.split()[0] not in searches or "extension" not in need
    ]
    assert needs == []
    assert all("json_" not in sql or name in searches for name, sql in statements.items())


def test_the_database_is_whole(db):
    assert db.execute("pragma integrity_check").fetchall() == [("ok",)]
    assert db.execute("pragma foreign_key_check").fetchall() == []
