"""Units, ordered and labelled categories and reasons for missing values are in every format and on the pages."""

import json
import sqlite3

import pyarrow.parquet as pq
import pytest

import packpress
from invented.packages import field, table, write_package
from packpress import read_package
from tests.conftest import ROOT
from tests.walkthrough import follow

PAGE = ROOT / "docs" / "units-and-labels.md"
FIELDS = [
    field("id"),
    field(
        "kg",
        "number",
        title="Weight",
        unit="kg & <b>g</b>",
        missingValues=[{"value": "-9", "label": "scales broken"}],
    ),
    field("grade", categories=["poor", "fair", "good"], categoriesOrdered=True, enum=["good", "poor"]),
    field("gear", "integer", categories=[{"value": 2, "label": "net"}, {"value": 1, "label": "line"}]),
    field("plain", "integer"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("units")
    item = table("catches", "id,kg,grade,gear,plain\nc1,1.5,good,1,7\nc2,-9,,2,\n", FIELDS, primaryKey="id")
    (folder / "p" / "sql" / "views").mkdir(parents=True)
    (folder / "p" / "sql" / "views" / "heavy.sql").write_text(
        "-- Heavy catches\ncreate view heavy as select id, kg, gear from catches where kg > 1"
    )
    return packpress.build(read_package(write_package(folder / "p", item)), folder / "out").folder


def test_parquet_has_them_by_column(folder):
    schema = pq.read_schema(folder / "parquet" / "catches.parquet")
    told = {one.name: one.metadata for one in schema}
    assert told["kg"][b"unit"].decode() == "kg & <b>g</b>"
    assert json.loads(told["kg"][b"missingValues"]) == [{"value": "-9", "label": "scales broken"}]
    assert json.loads(told["gear"][b"categories"])[0] == {"value": 2, "label": "net"}
    assert schema.field("grade").type.ordered and told["grade"][b"categoriesOrdered"] == b"true"
    assert not {b"unit", b"missingValues", b"categories"} & told["plain"].keys()


def ask(folder, sql):
    return sqlite3.connect(folder / "sm_all.db").execute(sql).fetchall()


def test_the_dictionary_of_the_database_has_them(folder):
    rows = ask(
        folder, "select field_name, unit, ordered, missing from data_dictionary where table_name = 'catches'"
    )
    assert {row[0]: row[1:] for row in rows} == {
        "id": (None, 0, None),
        "kg": ("kg & <b>g</b>", 0, "-9: scales broken"),
        "grade": (None, 1, None),
        "gear": (None, 0, None),
        "plain": (None, 0, None),
    }
    values = "select value, position, label from data_dictionary_values where field_name = '{}' and table_name = 'catches' order by 2"
    assert ask(folder, values.format("grade")) == [("poor", 1, None), ("good", 2, None)]
    assert ask(folder, values.format("gear")) == [("2", 1, "net"), ("1", 2, "line")]


def test_a_view_has_the_unit_of_its_column_where_all_tables_agree(folder):
    assert ask(
        folder, "select unit from data_dictionary where table_name = 'heavy' and unit is not null"
    ) == [("kg & <b>g</b>",)]


def test_the_heads_of_the_workbook_have_notes_and_their_own_names(folder):
    openpyxl = pytest.importorskip("openpyxl")
    sheet = openpyxl.load_workbook(folder / "sm-all.xlsx")["catches"]
    heads = {cell.value: cell.comment.text if cell.comment else "" for cell in sheet[1]}
    assert heads == {
        "id": "",
        "kg": "unit: kg & <b>g</b>\nempty: scales broken",
        "grade": "values, in order: poor; good",
        "gear": "values: 2: net; 1: line",
        "plain": "",
    }
    assert sheet["B2"].value == 1.5


def test_a_workbook_with_notes_has_the_same_bytes_each_time(folder, tmp_path):
    again = packpress.build(read_package(folder.parent / "p"), tmp_path / "out", formats=["xlsx"]).folder
    assert (again / "sm-all.xlsx").read_bytes() == (folder / "sm-all.xlsx").read_bytes()


def test_pages_have_units_beside_the_heads_and_labels_beside_the_values(folder):
    from tests.web.walk import Site

    site = Site(folder)
    unit = "kg &amp; &lt;b&gt;g&lt;/b&gt;"
    page = site.get("/sm_all/catches").text
    assert f'Weight <span class="q3">{unit}</span></a>' in page
    sorted_page = site.get("/sm_all/catches?_sort=kg").text
    assert f'Weight <span class="q3">{unit}</span>&nbsp;<span aria-hidden="true">▲</span></a>' in sorted_page
    assert f'data-l="Weight ({unit})"' in page
    assert "1 · line" in page and "2 · net" in page
    assert f"Weight ({unit})" in site.get("/sm_all/catches/c1").text
    assert unit in site.get("/sm_all/heavy").text
    dictionary = site.get("/dictionary").text
    for said in (f"number in {unit}", "string, ordered", "-9: scales broken", "<b>1</b> line"):
        assert said in dictionary, said
    assert "<b>g</b>" not in page + dictionary


def test_the_csv_keeps_which_reason_applies_to_which_cell(folder):
    assert (folder / "csv" / "catches.csv").read_text().splitlines()[2] == "c2,-9,,2,"
    assert ask(folder, "select kg from catches where id = 'c2'") == [(None,)]


def test_what_is_declared_nowhere_is_said_nowhere(tmp_path):
    item = table("t", "a\n1\n", [field("a", "integer")])
    folder = packpress.build(read_package(write_package(tmp_path / "p", item)), tmp_path / "out").folder
    assert ask(folder, "select unit, ordered, missing from data_dictionary") == [(None, 0, None)]
    openpyxl = pytest.importorskip("openpyxl")
    assert openpyxl.load_workbook(folder / "sm-all.xlsx")["t"]["A1"].comment is None


def test_the_page_on_units_and_labels_runs(tmp_path):
    assert len(follow(PAGE, tmp_path)) == 1
