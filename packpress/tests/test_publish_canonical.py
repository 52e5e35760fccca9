"""Canonical CSV: one order, one way to quote, and nothing lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packpress.package.resource import build_resource
from packpress.tables.csv import canonical_bytes, sort_records

from invented.packages import field, parse_records

# What the validator refuses in any CSV file.
CELLS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)))


def resource(*fields, **properties):
    schema = {k: properties.pop(k) for k in ("primaryKey",) if k in properties}
    return build_resource(
        {"name": "t", "path": "t.csv", "schema": {"fields": list(fields), **schema}, **properties}
    )


def test_rows_stand_in_order_of_code_points():
    records = [("é",), ("z",), ("a-b",), ("aB",), ("Z",), ("\U0001f40d",), ("\uffff",)]
    in_order = ["Z", "a-b", "aB", "z", "é", "\uffff", "\U0001f40d"]
    assert [key for (key,) in sort_records(resource(field("k"), primaryKey="k"), records)] == in_order


def test_numbers_in_a_key_stand_in_order_of_their_value():
    table = resource(field("k"), field("position", "integer"), primaryKey=["k", "position"])
    records = [("b", "1"), ("a", "10"), ("a", "9"), ("a", "no number"), ("a", "")]
    assert sort_records(table, records) == [
        ("a", "9"),
        ("a", "10"),
        ("a", ""),
        ("a", "no number"),
        ("b", "1"),
    ]


def test_rows_without_a_key_keep_their_order():
    assert sort_records(resource(field("k")), [("b",), ("a",)]) == [("b",), ("a",)]


def test_only_what_needs_quotes_has_them():
    table = resource(field("a"), field("b"))
    assert canonical_bytes(table, [("x y", " '"), ("x,y", 'z"'), ("", "é\n")]) == (
        'a,b\nx y, \'\n"x,y","z"""\n,"é\n"\n'.encode()
    )


def test_one_empty_cell_is_no_blank_line():
    assert canonical_bytes(resource(field("a")), [("",)]) == b'a\n""\n'


def test_a_declared_dialect_and_encoding_are_kept():
    dialect = {"delimiter": ";", "quoteChar": "'", "header": False}
    table = resource(field("a"), field("b"), dialect=dialect, encoding="iso-8859-1")
    assert canonical_bytes(table, [("é;", "it's, so")]) == "'é;';'it''s, so'\n".encode("iso-8859-1")


DIALECTS = [
    {},
    {"delimiter": "\t", "quoteChar": "'"},
    {"doubleQuote": False, "escapeChar": "\\"},
    {"delimiter": "|", "escapeChar": "\\"},
]


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
@given(st.lists(st.tuples(CELLS, CELLS)))
def test_what_is_written_is_read_again(dialect, records):
    table = resource(field("a"), field("b"), dialect=dialect)
    text = canonical_bytes(table, records).decode("utf-8")
    assert [cells for _, cells in parse_records(text, table)][1:] == records


@given(st.lists(st.tuples(CELLS)))
def test_what_is_written_in_one_column_is_read_again(records):
    table = resource(field("a"))
    text = canonical_bytes(table, records).decode("utf-8")
    assert [cells for _, cells in parse_records(text, table)][1:] == records


def test_a_canonical_table_is_written_as_it_was(package):
    for table in package.resources:
        data = (package.root / table.paths[0]).read_bytes()
        records = [cells for _, cells in parse_records(data.decode("utf-8"), table)][1:]
        assert canonical_bytes(table, records) == data, table.name
