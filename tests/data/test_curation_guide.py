"""The curation guide, carried out: from a text that is none of the sources to a claim that search finds."""

import csv
import io
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest
from openpyxl import load_workbook

from packpress import read_package
from tests.conftest import ROOT
from tests.site_client import Site

GUIDE = (ROOT / "docs" / "curation-guide.md").read_text(encoding="utf-8")
# What stands in the guide to be done, in its order: commands, rows to delete, cells to fill in.
STEPS = re.findall(r"^```(sh|delete|csv) ?(\S*)\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
WORKBOOK = "dist/ketamine-pain-exercise-workbook.xlsx"

pytestmark = pytest.mark.long


def copy_project(folder: Path) -> None:
    """Everything that is in the repository, and the installed packages."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in listed.stdout.split("\0")[:-1]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        # With its times, or make would install anew.
        shutil.copy2(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(ROOT / ".venv")


def run_line(line: str, folder: Path) -> None:
    if line.startswith("make serve"):
        return look_at_draft(line, folder)
    if line.startswith("make curate"):
        return look_at_workbench(line, folder)
    done = subprocess.run(line, shell=True, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    return None


def look_at_draft(line: str, folder: Path) -> None:
    """Serves as the guide says, on a free port, until the page of the draft has been seen."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "PORT": str(port)}
    server = subprocess.Popen(
        line, shell=True, cwd=folder, env=environment, stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        page = fetch(f"http://127.0.0.1:{port}/sources/exercise", server)
    finally:
        os.killpg(server.pid, 15)
        server.wait()
    assert 'Exercise text <b class="draft">draft</b>' in page


def look_at_workbench(line: str, folder: Path) -> None:
    """Opens the workbench as the guide says, until the page of the draft has been seen."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        f"{line} PORT={port}",
        shell=True,
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        # Under make, the make below it says first which folder it enters.
        lines = (re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", line) for line in server.stdout)
        address = next(found[0] for found in lines if found)
        asking = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with asking.open(address) as answer:
            page = answer.read().decode("utf-8")
    finally:
        os.killpg(server.pid, 15)
        server.wait()
    assert 'Exercise text <b class="draft">draft</b>' in page
    assert "Ketamine may relieve neuropathic pain in some patients." in page


def fetch(address: str, server: subprocess.Popen) -> str:
    while server.poll() is None:
        try:
            with urllib.request.urlopen(address) as answer:
                return answer.read().decode("utf-8")
        except OSError:
            time.sleep(0.3)
    raise AssertionError(server.stderr.read())


def delete_rows(file: Path, keys: list[str]) -> None:
    """As a spreadsheet program would: rows out, file saved anew."""
    head, *rows = csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig")))
    assert {row[0] for row in rows} >= {*keys}
    text = io.StringIO()
    csv.writer(text).writerows([head, *(row for row in rows if row[0] not in keys)])
    file.write_text(text.getvalue(), encoding="utf-8-sig", newline="")


def fill_in(file: Path, table: str, rows: list[dict[str, str]], key: tuple[str, ...]) -> None:
    """Sets the cells of rows that are there, and writes the others behind them."""
    book = load_workbook(file)
    sheet = book[table]
    columns = {cell.value: cell.column for cell in sheet[1]}
    lines = {
        tuple(sheet.cell(line, columns[name]).value for name in key): line
        for line in range(2, sheet.max_row + 1)
        if sheet.cell(line, 1).value
    }
    for row in rows:
        line = lines.get(tuple(row[name] for name in key)) or 2 + len(lines)
        lines[tuple(row[name] for name in key)] = line
        for name, value in row.items():
            sheet.cell(line, columns[name]).value = value or None
    book.save(file)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A copy of the project in which everything was done that the guide says."""
    folder = tmp_path_factory.mktemp("guide")
    copy_project(folder)
    package = read_package(folder / "datapackage.json")
    for kind, name, text in STEPS:
        if kind == "sh":
            for line in text.splitlines():
                run_line(line, folder)
        elif kind == "delete":
            delete_rows(folder / name, text.split())
        else:
            rows = list(csv.DictReader(io.StringIO(text)))
            key = package.by_name[name].primary_key
            fill_in(folder / WORKBOOK, name, rows, tuple(part for part in key if part in rows[0]))
    return folder


@pytest.fixture(scope="module")
def site(published):
    return Site(ROOT, read_package(published / "datapackage.json"), published / "build")


def test_the_new_claim_is_found_by_search_with_its_words_marked(site):
    words = "may relieve neuropathic pain in some patients"
    page = site.page(f"/ketamine_pain/search?q={words.replace(' ', '+')}")
    assert "/ketamine_pain/claims/exercise-c003" in page.attributes("href", "a")
    # Those without a meaning of their own, or that stand in nearly every document, are not searched for.
    marked = "Ketamine may <b>relieve</b> <b>neuropathic pain</b> in some patients"
    assert f'<p class="src">{marked}</p>' in page.html


def test_the_new_document_is_a_published_one(site):
    assert len(site.rows("claims_flat.json?source_id=exercise")) == 4
    assert site.page("/sources/exercise").texts("b", class_="draft") == []


def test_the_guide_counts_its_cells():
    cells = sum(
        sum(bool(value) for value in row.values())
        for kind, _, text in STEPS
        if kind == "csv"
        for row in csv.DictReader(io.StringIO(text))
    )
    assert f"{cells} cells filled in" in GUIDE


def test_the_exercise_never_enters_the_data():
    assert not (ROOT / "data" / "sources" / "exercise.txt").exists()
    assert "exercise" not in (ROOT / "data" / "sources.csv").read_text(encoding="utf-8")
