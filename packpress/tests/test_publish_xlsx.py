"""The workbook: the rows of the CSV in typed cells, nothing that runs, and the same bytes every time."""

import csv
import datetime
import math
import re
import zipfile

import openpyxl
import pytest
from packpress.publish.sheet import LONGEST_CELL, Measure, find_excess
from packpress.publish.xlsx import name_sheets

from invented.commands import run
from invented.packages import build, field, table, write_library, write_package


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("library")
    return build(write_library(folder / "package"), folder / "build")


def read_sheets(file) -> dict[str, list[tuple]]:
    book = openpyxl.load_workbook(file, read_only=True)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def as_text(value) -> str:
    """The value as canonical CSV has it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    return "" if value is None else str(value)


def build_columns(folder, text: str, **kinds: str):
    """The rows below the header of the only table of a package, in its workbook."""
    names = list(kinds)
    item = table("t", f"{','.join(names)}\n{text}", [field(name, kind) for name, kind in kinds.items()])
    output = build(write_package(folder / "p", item), folder / "build")
    return output / "sm-all.xlsx"


def test_every_sheet_is_its_csv(package, built):
    sheets = read_sheets(built / f"{package.name}.xlsx")
    for name, resource in package.by_name.items():
        with (built / "csv" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            written = list(csv.reader(lines))
        assert [[as_text(value) for value in row] for row in sheets[name]] == written, name
        kinds = {
            "integer": int,
            "year": int,
            "boolean": bool,
            "date": datetime.datetime,
            "string": str,
            "number": float,
        }
        for item, *column in zip(resource.fields, *sheets[name][1:], strict=True):
            assert {type(value) for value in column} <= {kinds[item.type], type(None)} | (
                {int} if item.type == "number" else set()
            ), f"{name}.{item.name}"


def test_the_first_sheet_says_what_the_package_is_and_leads_to_the_others(package, built):
    book = openpyxl.load_workbook(built / f"{package.name}.xlsx")
    about = book.worksheets[0]
    facts = {row[0].value: row[1].value for row in about.iter_rows()}
    assert about.title == "about"
    assert facts["version"] == package.version
    assert facts["licence"].startswith(package.raw["licenses"][0]["title"])
    assert "Our licences do not cover text copied from sources." in facts["text from sources"]
    links = {row[0].value: (row[0].hyperlink, row[2].value) for row in about.iter_rows() if row[0].hyperlink}
    assert list(links) == book.sheetnames[1:]
    for name, (link, rows) in links.items():
        assert link.location == f"'{name}'!A1"
        assert rows == book[name].max_row - 1


@pytest.mark.long
def test_every_sheet_keeps_its_header_in_sight_and_filters(package, built):
    book = openpyxl.load_workbook(built / f"{package.name}.xlsx")
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions
        assert sheet["A1"].font.b
        assert all(8 <= column.width <= 62 for column in sheet.column_dimensions.values())


def test_the_dictionary_has_every_column_and_value(package, built):
    sheets = read_sheets(built / f"{package.name}.xlsx")
    listed = [(row[0], row[1]) for row in sheets["data_dictionary"][1:]]
    assert listed == [(name, item.name) for name, table in package.by_name.items() for item in table.fields]
    assert ("sightings", "mood", "feared") in {row[:3] for row in sheets["data_dictionary_values"]}


def test_awkward_names_and_cells_of_every_type(library):
    sheets = read_sheets(library / "sm-all.xlsx")
    assert sheets["Größe & group"] == [("select", "Name of it"), (1, "\U0001f40d"), (2, "b")]
    assert sheets["order"][3] == ("b", 'x, "y"', 2, 10, True, 1.5, datetime.datetime(2020, 1, 2), "alpha")
    assert sheets["order"][1] == ("a", None, None, 1, None, -2000, None, "beta")


LOOKS_LIKE = [
    "=1+1",
    '=HYPERLINK("http://example.com")',
    "+1",
    "-1",
    "@SUM(A1)",
    "{=1}",
    "#N/A",
    "1e5",
    "007",
    "TRUE",
    "2020-01-02",
    "http://example.com",
    "internal:'about'!A1",
    "<r>x</r>",
    '<b> & "q"',
    " x ",
    "a\tb",
    "'x",
    "\U0001f98a",
]


def test_a_text_stays_a_text_whatever_it_looks_like(tmp_path):
    cells = "".join('"' + text.replace('"', '""') + '"\n' for text in LOOKS_LIKE)
    file = build_columns(tmp_path, cells, a="string")
    sheet = openpyxl.load_workbook(file)["t"]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == LOOKS_LIKE
    assert {row[0].data_type for row in sheet.iter_rows()} == {"s"}
    assert not [row for row in sheet.iter_rows() if row[0].hyperlink]
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert not [name for name, data in parts.items() if re.search(rb"<f[ >]|ddeLink|externalLink", data)]
    assert not [name for name in parts if re.search("vba|external|connections|calcChain", name)]


def test_numbers_keep_all_their_digits_or_are_texts(tmp_path):
    numbers = "0.1\n0.30000000000000004\n-1.7976931348623157e308\n5e-324\n1e22\n-0.5\nINF\n-INF\n0\n"
    sheets = read_sheets(build_columns(tmp_path / "a", numbers, a="number"))
    expected = [0.1, 0.30000000000000004, "-1.7976931348623157e+308", "5e-324", 1e22, -0.5, "INF", "-INF", 0]
    assert [row[0] for row in sheets["t"][1:]] == expected
    integers = "999999999999999\n1000000000000000\n-9223372036854775808\n0\n"
    sheets = read_sheets(build_columns(tmp_path / "b", integers, a="integer"))
    expected = [999999999999999, "1000000000000000", "-9223372036854775808", 0]
    assert [row[0] for row in sheets["t"][1:]] == expected
    assert math.copysign(1, sheets["t"][1][0]) == 1


def test_dates_are_dates_where_spreadsheets_have_them(tmp_path):
    days = "1899-12-31,1899-12-31T00:00:00\n1900-02-28,2020-01-02T03:04:05\n1900-03-01,2020-01-02T03:04:05Z\n"
    sheets = read_sheets(build_columns(tmp_path, days, day="date", moment="datetime"))
    assert sheets["t"][1:] == [
        ("1899-12-31", "1899-12-31T00:00:00"),
        ("1900-02-28", datetime.datetime(2020, 1, 2, 3, 4, 5)),
        (datetime.datetime(1900, 3, 1), "2020-01-02T03:04:05+00:00"),
    ]


def test_a_sheet_has_a_name_of_its_own_that_it_may_have():
    long = "a" * 40
    names = name_sheets(
        [
            "A/b",
            "a_B",
            "a?b",
            "History",
            long,
            f"{long}b",
            "'q'",
            "[]",
            "\U0001f98a" * 20,
            "ß" * 20,
            "SS" * 15,
        ]
    )
    assert list(names.values()) == [
        "A_b",
        "a_B~2",
        "a_b~3",
        "History~2",
        "a" * 31,
        "a" * 29 + "~2",
        "q",
        "__",
        "\U0001f98a" * 15,
        "ß" * 20,
        "SS" * 15,
    ]


@pytest.mark.long
def test_a_table_that_no_sheet_holds_is_left_out_and_named(tmp_path):
    small = table("small", "a\nx\n", [field("a")])
    large = table("large", f"a\n{'x' * (LONGEST_CELL + 1)}\n", [field("a")])
    descriptor = write_package(tmp_path / "p", small, large)
    done = run("build", str(descriptor), "--output", str(tmp_path / "build"))
    excess = "32,768 characters are more than the 32,767 that a cell holds"
    assert done.returncode == 0
    told = f"notice: sm-all.xlsx: large is left out: {excess}; use the CSV or Parquet file"
    assert done.stderr.splitlines()[-1] == told
    sheets = read_sheets(tmp_path / "build" / "sm-all.xlsx")
    assert list(sheets) == ["about", "small", "data_dictionary", "data_dictionary_values"]
    assert ("large", "large", 1, f"Left out: {excess}.") in sheets["about"]


def test_the_longest_cell_that_fits_is_whole(tmp_path):
    text = "\U0001f98a" * (LONGEST_CELL // 2) + "x"
    assert read_sheets(build_columns(tmp_path, f"{text}\n", a="string"))["t"] == [("a",), (text,)]


@pytest.mark.parametrize(
    ("measure", "excess"),
    [
        (Measure(1_048_575, (8,), 0), ""),
        (Measure(1_048_576, (8,), 0), "1,048,576 rows are more than the 1,048,575 that a sheet holds"),
        (Measure(1, (8,) * 16_385, 0), "16,385 columns are more than the 16,384 that a sheet holds"),
    ],
)
def test_rows_and_columns_have_bounds(measure, excess):
    assert find_excess(measure) == excess


def test_two_builds_are_the_same_bytes_and_name_nobody(tmp_path, library, monkeypatch):
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    again = build(write_library(tmp_path / "p"), tmp_path / "build")
    assert (again / "sm-all.xlsx").read_bytes() == (library / "sm-all.xlsx").read_bytes()
    properties = openpyxl.load_workbook(library / "sm-all.xlsx").properties
    assert (properties.creator, properties.lastModifiedBy) == (None, None)
    assert properties.created == properties.modified == datetime.datetime(2024, 5, 6, 7, 8, 9)
