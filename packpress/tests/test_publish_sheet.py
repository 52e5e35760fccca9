"""Rows by whole columns: a workbook gives back what its table holds, CSV and hash are those of plain Python."""

import datetime
import hashlib
import json
import re
from functools import partial

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from packpress.package.resource import build_resource
from packpress.publish import lines
from packpress.publish.sheet import measure_content, write_sheet_rows
from packpress.publish.xlsx import write_xlsx
from packpress.tables.csv import canonical_bytes
from packpress.tables.values import new_content

from invented.packages import field, table, write_package
from packpress import read_package

pytestmark = pytest.mark.long

KINDS = {
    "text": "string",
    "whole": "integer",
    "number": "number",
    "truth": "boolean",
    "day": "date",
    "moment": "datetime",
    "year": "year",
}
ANY_TEXT = st.text(st.characters(codec="utf-8"))
# What XML cannot hold is written in another way.
XML_TEXT = st.text(
    st.characters(
        codec="utf-8",
        exclude_categories=["Cc"],
        include_characters="\t\n <>&\"'=",
        exclude_characters="\ufffe\uffff",
    )
)
NUMBER = st.one_of(
    st.floats(allow_nan=False).map(lambda value: repr(value).replace("inf", "INF")),
    st.from_regex(
        r"-?(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,9})(?:[eE][-+]?[0-9]{1,2})?", fullmatch=True
    ),
    st.from_regex(r"-?(?:0|[1-9][0-9]{0,5})\.[0-9]{1,6}", fullmatch=True),
)


def make_rows(texts: st.SearchStrategy[str]) -> st.SearchStrategy[list[tuple[str, ...]]]:
    """Some rows, any cell of which may be missing."""
    cells = (
        texts,
        st.integers(-(2**63), 2**63 - 1).map(str),
        NUMBER,
        st.sampled_from(["true", "false"]),
        st.dates().map(str),
        st.datetimes().map(lambda moment: moment.replace(microsecond=0).isoformat()),
        st.integers(1000, 9999).map(str),
    )
    return st.lists(st.tuples(*(st.just("") | cell for cell in cells)), min_size=1, max_size=6)


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    fields = [field(name, kind) for name, kind in KINDS.items()]
    return read_package(
        write_package(tmp_path_factory.mktemp("package"), table("t", ",".join(KINDS) + "\n", fields))
    )


def expect(kind: str, text: str):
    """What a sheet holds of a cell: the value where spreadsheet programs have it, else its text."""
    if kind in {"day", "moment"} and text:
        value = datetime.datetime.fromisoformat(text)
        return value if value >= datetime.datetime(1900, 3, 1) else text
    if kind == "number" and text:
        value = float(text)
        if "INF" in text:
            return text
        is_held = not value or 2.2250738585072014e-308 <= abs(value) <= 9.99999999999999e307
        return value if is_held else str(value)
    if kind == "whole" and text:
        return int(text) if abs(int(text)) < 10**15 else text
    return {"": None, "true": True, "false": False}.get(text, int(text) if kind == "year" and text else text)


@given(rows=make_rows(XML_TEXT))
@example(rows=[("", "", "", "", "", "", "")])
@example(rows=[(" a ", "-0", "1e5", "", "1900-02-28", "2020-01-02T23:59:59", "")])
@example(rows=[("true", "007", "1.50", "true", "0001-01-01", "", "0099")])
def test_a_workbook_holds_what_its_table_holds(package, tmp_path_factory, rows):
    file = tmp_path_factory.mktemp("book") / "t.xlsx"
    assert not write_xlsx(file, package, [new_content(package.resources[0], rows)])
    sheet = openpyxl.load_workbook(file, read_only=True)["t"]
    found = list(sheet.iter_rows(min_row=2, values_only=True))
    written = [tuple(map(expect_one, KINDS, row)) for row in rows]
    assert found == written
    assert [[type(cell) is bool for cell in row] for row in found] == [
        [type(cell) is bool for cell in row] for row in written
    ]


def expect_one(name: str, text: str):
    """As `expect`; of a text, the text."""
    return (text or None) if name == "text" else expect(name, text)


@given(rows=make_rows(ANY_TEXT))
@example(rows=[('\x00\r\n\t\b\f\x1f\x7f\u2028"\\,', "", "-0.0", "", "", "", "")])
@example(
    rows=[("", "-0", number, "", "", "", "") for number in ("5", "0.00001", "0.0001", "1e22", "5.0", ".5")]
)
def test_csv_and_hash_are_those_of_plain_python(package, tmp_path_factory, rows):
    resource = package.resources[0]
    content = new_content(resource, rows)
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    lines.write_csv(path, content)
    assert path.read_bytes() == canonical_bytes(build_resource(resource.published("t.csv")), rows)
    dump = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))
    expected = "".join(f"{dump(row)}\n" for row in (resource.field_names, *content.plain_rows))
    assert lines.hash_rows(content) == hashlib.sha256(expected.encode()).hexdigest()


@pytest.mark.parametrize(
    "text", ["\x00", "a\rb", "\x1f<&>", "\ufffe\uffff", "_x000D_", "_x005F_x000D_", "_x00_", " \x0b "]
)
def test_what_xml_cannot_hold_is_written_by_its_number(package, tmp_path, text):
    write_xlsx(tmp_path / "t.xlsx", package, [new_content(package.resources[0], [(text, *[""] * 6)])])
    found = openpyxl.load_workbook(tmp_path / "t.xlsx")["t"]["A2"].value
    assert re.sub("_x([0-9A-F]{4})_", lambda match: chr(int(match[1], 16)), found) == text


def test_rows_are_the_same_however_many_are_written_at_once(package, monkeypatch):
    rows = [(f"{'x' * (place % 70)}&", str(place), "", "", "", "", "") for place in range(500)]
    content = new_content(package.resources[0], rows)
    letters, styles = "ABCDEFG", [1] * 7

    def write() -> tuple[bytes, ...]:
        return (
            b"".join(write_sheet_rows(content, letters, styles)),
            lines.hash_rows(content).encode(),
        )

    whole = write()
    monkeypatch.setattr(lines, "BYTES_AT_ONCE", 100)
    assert write() == whole
    assert whole[0].count(b"<row ") == 500
    assert b'<c r="B501" s="1"><v>499</v></c>' in whole[0]


@given(rows=make_rows(ANY_TEXT))
def test_no_sheet_is_larger_than_was_foreseen(package, rows):
    content = new_content(package.resources[0], rows)
    written = sum(map(len, write_sheet_rows(content, ["XFD"] * 7, [99] * 7)))
    assert written <= measure_content(content).size
