"""The page of downloads: every file as its sums have it, and instructions that work when they are followed."""

import hashlib
import html
import re
import shutil
import subprocess
import sys

import duckdb
import pytest
from packpress.web.about.downloads import format_size

from tests.site_client import Page, Site


@pytest.fixture(scope="module")
def site(root, package, built) -> Site:
    return Site(root, package, built)


@pytest.fixture(scope="module")
def page(site) -> Page:
    return site.page("/downloads")


@pytest.fixture(scope="module")
def alone(root, package, built, tmp_path_factory) -> Site:
    """The site over the database and nothing beside it."""
    folder = tmp_path_factory.mktemp("alone")
    shutil.copy(built / "ketamine_pain.db", folder)
    return Site(root, package, folder)


@pytest.fixture(scope="module")
def blocks(page) -> dict[str, str]:
    """What is to be typed, by the heading above it."""
    sections = re.findall(r'<h[23] id="(\w+)">((?:(?!<h[23]).)*)', page.html, re.DOTALL)
    found = {name: re.search(r"<pre>(.*?)</pre>", text, re.DOTALL) for name, text in sections}
    return {name: html.unescape(block[1]) for name, block in found.items() if block}


@pytest.fixture(scope="module")
def folder(built, tmp_path_factory):
    """A folder with the files that somebody took."""
    folder = tmp_path_factory.mktemp("taken")
    for path in ("csv/claims_flat.csv", "parquet/claims_flat.parquet", "ketamine_pain.db"):
        shutil.copy(built / path, folder)
    return folder


def test_every_file_of_the_build_is_there_with_its_size_and_sum(page, built):
    links = page.attributes("href", "a")
    text = page.html
    sums = (built / "SHA256SUMS").read_text(encoding="utf-8")
    for line in sums.splitlines():
        sha256, path = line.split(maxsplit=1)
        data = (built / path).read_bytes()
        assert f"/files/{path}" in links
        assert hashlib.sha256(data).hexdigest() == sha256
        assert text.count(sha256) == sums.count(sha256)  # a licence stands beside the card too
        assert f"{len(data):,}" in text


def test_the_package_stands_first_as_zip_sqlite_workbook_and_wheel(page):
    files = [link for link in page.attributes("href", "a") if link.startswith("/files/")]
    assert [link.rpartition(".")[2] for link in files[:6]] == ["zip", "db", "xlsx", "whl", "md", "sql"]


@pytest.mark.long
def test_every_link_leads_somewhere(site, page):
    for link in set(page.attributes("href", "a")):
        if link.startswith("/"):
            assert site.get(link).status_code == 200, link


def test_every_table_has_its_rows_csv_and_parquet(site, page, package, built):
    rows = {text[0]: text[1:] for text in _table_rows(page)}
    assert list(rows)[0].startswith("claims_flat")
    for name in package.by_name:
        (cells,) = [cells for title, cells in rows.items() if re.match(rf"{name}(?=[A-Z])", title)]
        sizes = [(built / kind / f"{name}.{kind}").stat().st_size for kind in ("csv", "parquet")]
        assert cells[1:] == [format_size(size) for size in sizes]
        assert all(f'title="{size:,} bytes"' in page.html for size in sizes)
        count = site.get(f"{site.database}/{name}.json?_size=0").json()["filtered_table_rows_count"]
        assert cells[0] == f"{count:,}"


def _table_rows(page: Page) -> list[list[str]]:
    """The cells of each row of the list of tables."""
    (table,) = re.findall(r'<table class="files tables".*?</table>', page.html, re.DOTALL)
    inner = Page(table)
    cells = [("".join(texts).strip()) for tag, _, texts in inner.elements if tag in {"th", "td"}][4:]
    return [cells[at : at + 4] for at in range(0, len(cells), 4)]


def test_the_sums_can_be_checked_as_the_page_says(blocks, built):
    done = subprocess.run(blocks["check"].split(), cwd=built, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "ketamine_pain.db: OK" in done.stdout


def test_each_tool_answers_the_same(blocks, folder):
    pandas = subprocess.run(
        [sys.executable, "-c", blocks["pandas"]], cwd=folder, capture_output=True, text=True, check=True
    )
    found = duckdb.sql(blocks["duckdb"].replace("'claims", f"'{folder}/claims")).fetchall()
    counts = {(source, stance): claims for source, stance, claims in found}
    assert len(counts) > 5
    told = [line.split()[-1] for line in pandas.stdout.splitlines()]
    assert sorted(int(word) for word in told if word.isdigit()) == sorted(counts.values())
    assert set(blocks) == {"check", "pandas", "duckdb", "r", "sqlite"}


@pytest.mark.skipif(not shutil.which("sqlite3"), reason="the sqlite3 shell is not installed")
def test_the_shell_of_sqlite_answers(blocks, folder):
    done = subprocess.run(
        blocks["sqlite"], shell=True, cwd=folder, capture_output=True, text=True, check=True
    )
    found = duckdb.sql(blocks["duckdb"].replace("'claims", f"'{folder}/claims")).fetchall()
    rows = {tuple(line.split("|")) for line in done.stdout.splitlines()}
    assert rows == {(source, stance or "", str(claims)) for source, stance, claims in found}


def test_a_database_that_is_served_alone_says_so_and_still_gives_every_table(alone, package):
    page = alone.page("/downloads")
    assert "served alone" in page.html
    links = page.attributes("href", "a")
    assert f"{alone.database}.db" in links
    assert not [link for link in links if link.startswith("/files/")]
    for name in package.by_name:
        for link in (f"{alone.database}/{name}.csv?_stream=on&_size=max", f"{alone.database}/{name}.parquet"):
            assert link in links
            assert alone.get(link).status_code == 200
