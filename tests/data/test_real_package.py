"""The real data set as it stands: valid, its derived files fresh, and what documents and questions say of it true."""

import csv
import re
import sqlite3
from contextlib import closing

import pytest
from ketamine_site.entities.references import spell_number
from packpress.editing.diff import compare_packages
from packpress.editing.release import HEADING, check_withdrawals
from packpress.package.dictionary import read_views
from packpress.publish.catalogues.citation import render_citation
from packpress.publish.site_file import derive_metadata
from packpress.publish.sqlite import number_version
from packpress.tables.rows import read_tables

from invented.copies import messages
from packpress import read_package
from tests.conftest import ROOT, invoke
from tests.test_segment import check_proposals

pytestmark = pytest.mark.long

# The tables whose rows have an identifier.
IDENTIFIED = [
    table.name for table in read_package(ROOT / "datapackage.json").resources if len(table.primary_key) == 1
]


@pytest.fixture(scope="module")
def metadata(package) -> dict:
    views, queries = (read_views(package.root / "sql" / folder) for folder in ("views", "queries"))
    return derive_metadata(package, views, queries)


def test_the_real_package_is_valid():
    done = invoke("validate", str(ROOT / "datapackage.json"))
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1].startswith("valid: 23 tables, ")


def test_derived_files_are_up_to_date():
    done = invoke("generate", str(ROOT / "datapackage.json"), "--check")
    assert done.returncode == 0, done.stdout


def test_the_readme_shows_a_message_as_it_is(package_copy):
    words = "is also employed for severe acute pain"
    key = next(row["claim_id"] for row in package_copy.rows("claims") if row["quote"] == words)
    package_copy.edit("claims", key, quote=words.replace("acute", "accute"), focus="pain")
    (message,) = messages(package_copy)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert message.partition(": ")[2] in readme


def test_no_cell_of_ours_begins_like_a_formula():
    for file in sorted((ROOT / "data").glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                assert not [cell for cell in row.values() if cell[:1] in tuple("=+-@\t\r")], file.name


def test_who_read_and_what_is_covered_is_said(metadata):
    assert "language models" in metadata["description"]
    assert "no clinician" in metadata["description"]
    assert "not clinical advice" in metadata["description"]
    assert metadata["license_url"].startswith("https://")
    assert "FPM guidance" in metadata["source"]


def test_a_query_says_what_it_answers_when_nothing_is_asked(package, metadata):
    queries = metadata["databases"][package.database_name]["queries"]
    defaults = queries["support_for_condition"]["defaults"]
    assert defaults["condition_id"] in {row.key for row in read_tables(package)["conditions"].rows}


@pytest.mark.parametrize(
    "document", sorted((ROOT / "data" / "sources").glob("*.txt")), ids=lambda path: path.stem
)
def test_published_passages_are_as_proposed(document, package_copy):
    """The segmenter proposes what the curators corrected."""
    check_proposals(document, package_copy)


@pytest.mark.parametrize("table", IDENTIFIED)
def test_no_row_can_lose_its_identifier(package, package_copy, table):
    row = package_copy.rows(table)[-1]
    key = row[package.by_name[table].primary_key[0]]
    package_copy.delete(table, key)
    changed = package_copy.read()
    (problem,) = check_withdrawals(changed, read_tables(changed), compare_packages(package, changed))
    assert str(problem) == (
        f'data/{table}.csv: lacks the row "{key}" of the last release; '
        "restore it or enter it in data/withdrawals.csv with the reason"
    )
    register = {"table_name": table, "row_id": key, "version": "9.0.0", "reason": "A test."}
    package_copy.append("withdrawals", **register)
    changed = package_copy.read()
    assert not list(check_withdrawals(changed, read_tables(changed), compare_packages(package, changed)))


def test_the_version_stands_in_the_descriptor_and_everywhere_else_as_there(package, metadata):
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = [heading for heading in HEADING.finditer(text) if heading["version"] != "Unreleased"]
    assert (released[0]["version"], released[0]["date"]) == (package.version, package.created[:10])
    assert (ROOT / "CITATION.cff").read_text(encoding="utf-8") == render_citation(package)
    assert (metadata["version"], metadata["created"]) == (package.version, package.created[:10])
    for name in ("CONTRIBUTING.md", "Makefile", "docs/deployment.md"):
        named = re.findall(
            r"(?:VERSION=|ketamine-pain:)(\d[\w.]*\d)", (ROOT / name).read_text(encoding="utf-8")
        )
        assert {*named} == {package.version}, name


def test_the_files_of_a_build_are_named_after_the_version(package, built):
    (zip_file,) = built.glob("*.zip")
    assert zip_file.name == f"{package.name}-{package.version}.zip"
    assert read_package(zip_file).version == package.version
    with closing(sqlite3.connect(built / f"{package.database_name}.db")) as db:
        (number,) = db.execute("pragma user_version").fetchone()
    assert number == number_version(package.version)


def test_titles_and_descriptions_count_the_documents_that_are_published(package):
    published = sum(row["status"] == "published" for row in read_tables(package)["sources"].rows)
    files = ("README.md", "LICENSE-DATA.md", "CITATION.cff", "metadata.yml", "pyproject.toml")
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in files]
    for text in (package.raw["title"], package.raw["description"], *texts):
        counted = re.findall(r"\b(\w+) documents say", text, re.IGNORECASE)
        assert {word.lower() for word in counted} - {"the"} == {spell_number(published)}
