"""Cells that a spreadsheet would take for a formula: CSV says what the data say, the workbook makes texts of them."""

import csv
import re
import zipfile

import openpyxl
import pytest
from packpress.package.dictionary import read_views

from invented.packages import build, field, table, write_package
from tests.site_client import Site

CELLS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    '=HYPERLINK("http://evil.example/";"go")',
    "=cmd|' /C calc'!A0",
    "{=1}",
]
CELLS += ["%0A=1", "＝1+1"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("formulas")
    text = "key,words\n" + "".join(f"k{place},{quote(cell)}\n" for place, cell in enumerate(CELLS))
    fields = [field("key"), field("words")]
    package = write_package(root / "package", table("cells", text, fields, primaryKey="key"), name="formulas")
    return build(package, root / "build")


def quote(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if set(cell) & set(',"') else cell


def test_the_csv_says_what_the_data_say(folder):
    with (folder / "csv" / "cells.csv").open(encoding="utf-8", newline="") as lines:
        assert [row["words"] for row in csv.DictReader(lines)] == CELLS


def test_the_workbook_has_texts_and_no_formula(folder):
    sheet = openpyxl.load_workbook(folder / "formulas.xlsx")["cells"]
    cells = [row[1] for row in sheet.iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == CELLS
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    with zipfile.ZipFile(folder / "formulas.xlsx") as parts:
        for name in (name for name in parts.namelist() if name.endswith(".xml")):
            assert not re.search(rb"<f[ >]|ddeLink|externalLink", parts.read(name)), name


def test_no_question_repeats_in_its_rows_what_was_typed(root, package, built):
    """Else a link could make the site hand out a file with a formula in it."""
    site = Site(root, package, built, "public")
    for query in read_views(root / "sql" / "queries"):
        names = re.findall(r"(?<!:):([a-z_]+)", query.sql)
        asked = "&".join(f"{name}=%3D1%2B1" for name in names)
        answer = site.get(f"{site.database}/{query.name}.csv?{asked}")
        assert answer.status_code == 200
        assert "=1+1" not in answer.text, query.name


def test_the_page_of_downloads_says_so(root, package, built):
    page = Site(root, package, built).page("/downloads")
    assert "For a spreadsheet take the workbook, in which every text is a text" in "".join(page.texts("p"))
