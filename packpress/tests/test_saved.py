"""Saved files: what a spreadsheet program writes is read as the rows that it was given."""

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packpress.editing.format import SavedRow, read_saved

from invented.packages import field, table, write_package
from packpress import read_package

NAMES = ["key", "words", "note"]
CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0\ufeff"), max_size=8)


@pytest.fixture(scope="module")
def resource(tmp_path_factory):
    fields = [field(name) for name in NAMES]
    path = write_package(
        tmp_path_factory.mktemp("saved"), table("rows", "key,words,note\n", fields, primaryKey="key")
    )
    return read_package(path).by_name["rows"]


def read(tmp_path, resource, data):
    file = tmp_path / "rows.csv"
    file.write_bytes(data)
    return list(read_saved(file, resource))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(st.text("abc", min_size=1, max_size=3), CELLS, CELLS), max_size=4),
    order=st.permutations(NAMES),
    delimiter=st.sampled_from(",;\t"),
    line_end=st.sampled_from(["\n", "\r\n"]),
    mark=st.sampled_from(["", "\ufeff"]),
)
def test_rows_are_read_as_they_were_saved(tmp_path, resource, rows, order, delimiter, line_end, mark):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end)
    writer.writerow(order)
    writer.writerows([dict(zip(NAMES, row, strict=True))[name] for name in order] for row in rows)
    found = read(tmp_path, resource, (mark + text.getvalue()).encode())
    assert [(item.record, item.line) for item in found] == [(row, line) for line, row in enumerate(rows, 2)]


def test_columns_may_be_left_out_and_empty_rows_are_none(tmp_path, resource):
    (row,) = read(tmp_path, resource, b"key\n\n,,\nx,,\n")
    assert isinstance(row, SavedRow)
    assert (row.record, row.line, row.key) == (("x", "", ""), 4, ("x",))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"words\nx\n", "rows.csv:1: the header lacks key; write it as key,words,note"),
        (b"key,key\nx,x\n", "rows.csv:1: the header repeats a name; write it as key,words,note"),
        (b"", "rows.csv:1: the header lacks key; write it as key,words,note"),
        (
            b"key,word\n",
            "rows.csv:1: the header has word, which rows does not have; write it as key,words,note",
        ),
        (b"key,words\nx,y,z\n", "rows.csv:2: has 3 cells, not 2; correct the row"),
        (b'key\n"x\n', "rows.csv:2: cannot be read as CSV: unexpected end of data; correct the quotes there"),
        (b"key\n\xff\n", "rows.csv: not UTF-8; save it from the spreadsheet as CSV UTF-8"),
    ],
)
def test_what_is_damaged_is_one_line(tmp_path, resource, data, message):
    (problem,) = read(tmp_path, resource, data)
    assert str(problem) == f"{tmp_path}/{message}"
