"""Equal values: the validator, `checks.sql` and the database agree on what a key points to, whatever its type."""

import csv
import io
import re
import sqlite3
from contextlib import closing
from decimal import Decimal

import duckdb
import pyarrow.parquet as pq
import pytest
from packpress.checks.validation import validate_package
from packpress.package.descriptor import read_descriptor
from packpress.problems import CannotRunError
from packpress.publish.portable import list_checks
from packpress.sql import quote_identifier
from packpress.tables.fast.keys import write_value
from packpress.tables.types import read_duration

import packpress
from invented.packages import build, field, table, write_package

EQUAL = [
    ("duration", "P1D", "PT24H"),
    ("duration", "P2Y", "P24M"),
    ("duration", "-PT90S", "-PT1M30.0S"),
    ("duration", "PT0S", "-P0D"),
    ("datetime", "2020-01-01T00:00:00Z", "2020-01-01T05:30:00+05:30"),
    ("datetime", "2020-01-01T00:00:00.500Z", "2019-12-31T19:00:00.5-05:00"),
    ("time", "10:00:00Z", "11:00:00+01:00"),
    ("time", "23:30:00-01:00", "00:30:00Z"),
    ("number", "1", "01.00"),
    ("number", "1e3", "1000"),
    ("integer", "7", "+007"),
    ("boolean", "true", "1"),
    ("object", '{"a": 1, "b": [2]}', '{"b":[2.0],"a":1}'),
    ("array", "[1, {}]", "[1.0,{}]"),
    ("geopoint", "90.50, 45.5", "90.5,45.50"),
    ("list", "1,2", "01,2.0"),
    ("geojson", '{"type": "Point", "coordinates": [1, 2]}', '{"coordinates":[1.0,2],"type":"Point"}'),
    ("yearmonth", "2020-01", "2020-01"),
    ("string", "é", "é"),
]
OTHER = [
    ("duration", "P1M", "P30D"),
    ("datetime", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00"),
    ("time", "10:00:00Z", "10:00:00+01:00"),
    ("number", "1", "10"),
    ("array", "[1]", "[true]"),
    ("list", "1,2", "2,1"),
    ("string", "1", "1.0"),
    ("integer", "9007199254740993", "9007199254740992"),
]


def write_column(name, *cells):
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([[name], *([cell] for cell in cells)])
    return text.getvalue()


def write_linked(folder, kind, there, here):
    more = {"itemType": "number"} if kind == "list" else {}
    reference = {"resource": "there", "fields": "k"}
    return write_package(
        folder,
        table("there", write_column("k", there), [field("k", kind, **more)], primaryKey="k"),
        table(
            "here",
            write_column("o", here),
            [field("o", kind, **more)],
            foreignKeys=[{"fields": "o", "reference": reference}],
        ),
        created="2024-05-06T07:08:09Z",
    )


def ask(db, package):
    for resource in package.resources:
        columns = ", ".join(f"{quote_identifier(name)} varchar" for name in resource.field_names)
        db.execute(f"create table {quote_identifier(resource.name)} ({columns})")
        text = (package.root / resource.paths[0]).read_text(encoding="utf-8")
        for row in list(csv.reader(io.StringIO(text, newline="")))[1:]:
            db.execute(f"insert into {quote_identifier(resource.name)} values (?)", row)
    return [row for check in list_checks(package.resources) for row in db.execute(check.query).fetchall()]


@pytest.mark.parametrize(("kind", "there", "here"), EQUAL)
def test_equal_values_meet_in_the_validator_the_database_and_the_queries(kind, there, here, tmp_path):
    descriptor = write_linked(tmp_path / "package", kind, there, here)
    package = read_descriptor(descriptor)
    report = validate_package(package)
    assert [*report.problems, *report.notices] == []
    for db in (sqlite3.connect(":memory:"), duckdb.connect()):
        with closing(db):
            assert ask(db, package) == []
    build(descriptor, tmp_path / "build")
    with closing(sqlite3.connect(tmp_path / "build" / "sm_all.db")) as db:
        met = db.execute('select count(*) from "here" join "there" on "here"."o" = "there"."k"').fetchone()
    assert met == (1,)
    there, here = (
        pq.read_table(tmp_path / "build" / "parquet" / f"{name}.parquet") for name in ("there", "here")
    )
    assert there["k"].to_pylist() == here["o"].to_pylist() != [None]


@pytest.mark.parametrize(("kind", "there", "here"), OTHER)
def test_other_values_do_not(kind, there, here, tmp_path):
    package = read_descriptor(write_linked(tmp_path, kind, there, here))
    assert [(problem.code, problem.line) for problem in validate_package(package).problems] == [
        ("keys/foreign", 2)
    ]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("P1Y14M", "P2Y2M"),
        ("PT36H0.50S", "P1DT12H0.5S"),
        ("-PT0.000S", "PT0S"),
        ("PT3600S", "PT1H"),
        ("P0Y", "PT0S"),
    ],
)
def test_a_duration_has_one_canonical_form(text, written):
    assert str(read_duration(text)) == written
    assert read_duration(written) == read_duration(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [(Decimal("1.50"), 1.5), (True, 1), ([Decimal(1)], [1.0]), ({"a": 1, "b": None}, {"b": None, "a": 1.0})],
)
def test_equal_values_have_the_same_key(one, other):
    assert write_value(one) == write_value(other) != write_value([one])


REFUSED = [
    ("number", {"unique": True}, ["1", "9007199254740993"]),
    ("number", {"unique": True}, ["0.1", "0.10000000000000000001"]),
    ("number", {"unique": True}, ["1", "-123456789012345678901234567890.5"]),
    ("datetime", {}, ["9999-12-31T23:00:00Z", "9999-12-31T23:59:59-05:00"]),
    ("datetime", {}, ["0001-01-02T00:00:00+14:00", "0001-01-01T00:00:00+00:01"]),
    ("datetime", {"format": "%Y-%m-%d %H:%M %z"}, ["2020-01-01 10:00 +0000", "9999-12-31 23:00 -0800"]),
]


@pytest.mark.parametrize(("kind", "more", "cells"), REFUSED)
def test_what_a_build_refuses_is_a_notice_with_its_row(kind, more, cells, tmp_path):
    text = write_column("a", *cells)
    descriptor = write_package(tmp_path / "package", table("t", text, [field("a", kind, **more)]))
    report = validate_package(read_descriptor(descriptor))
    assert [notice.line for notice in report.notices if notice.code == "build/refused"] == [3]
    assert not report.problems
    with pytest.raises(CannotRunError):
        packpress.build(read_descriptor(descriptor), tmp_path / "build")


# Moments finer than a microsecond: the cells, Parquet's type, the rows of which it leaves out digits, what it keeps.
FAR = ("1677-09-21T00:12:43.145224192", "2262-04-11T23:47:16.854775808")
FINE = [
    (
        ["2020-01-01T00:00:00.123456Z", "2020-01-01T01:00:00.1234567+01:00"],
        "timestamp[ns, tz=UTC]",
        [],
        [0, 700],
    ),
    (["2020-01-01T00:00:00.500000000", "1969-12-31T23:59:59.999999999"], "timestamp[ns]", [], [0, 999]),
    (["1677-09-21T00:12:43.145224193", "2262-04-11T23:47:16.854775807"], "timestamp[ns]", [], [193, 807]),
    (["2020-01-01T00:00:00.12345678", "2020-01-01T00:00:00.1234567891"], "timestamp[ns]", [3], [780, 789]),
    (["2020-01-01T00:00:00.000000001", FAR[0]], "timestamp[us]", [2, 3], None),
    (["0001-01-01T00:00:00Z", "2020-01-01T00:00:00.0000001Z"], "timestamp[us, tz=UTC]", [3], None),
    (["2020-01-01T00:00:00.12345678901Z", "1066-10-14T09:00:00"], "string", [], None),
    (["2020-01-01T00:00:00", FAR[1]], "timestamp[us]", [3], None),
]


@pytest.mark.parametrize(("cells", "kind", "lines", "kept"), FINE)
def test_moments_are_kept_with_all_digits_and_parquet_says_of_which_it_cannot(
    cells, kind, lines, kept, tmp_path
):
    descriptor = write_package(
        tmp_path / "package", table("t", write_column("a", *cells), [field("a", "datetime")])
    )
    report = validate_package(read_descriptor(descriptor))
    assert not report.problems
    assert [(notice.code, notice.line) for notice in report.notices] == [
        ("build/rounded", at) for at in lines
    ]
    output = build(descriptor, tmp_path / "build")
    with closing(sqlite3.connect(next(output.glob("*.db")))) as db:
        stored = [text for (text,) in db.execute("select a from t order by rowid")]
    assert [take_digits(text) for text in stored] == [take_digits(text) for text in cells]
    column = pq.read_table(output / "parquet" / "t.parquet")["a"]
    assert str(column.type) == kind
    if kept:
        assert [number % 1000 for number in column.cast("int64").to_pylist()] == kept


def take_digits(text):
    """The day and the second of a moment, and its fraction without noughts at the end."""
    head, _, rest = text.removesuffix("Z").partition(".")
    return head[:19], re.match("[0-9]*", rest)[0].rstrip("0")


@pytest.mark.parametrize(
    "cells", [("10:00:00.5", "10:00:00.123456789"), ("10:00:00.0000001Z", "23:00:00+01:00")]
)
def test_times_of_day_are_kept_with_all_digits(cells, tmp_path):
    descriptor = write_package(
        tmp_path / "package", table("t", write_column("a", *cells), [field("a", "time")])
    )
    assert not validate_package(read_descriptor(descriptor)).notices
    output = build(descriptor, tmp_path / "build")
    kept = pq.read_table(output / "parquet" / "t.parquet")["a"].to_pylist()
    assert [take_digits(text) for text in kept] == [take_digits(text) for text in cells]


def test_moments_that_differ_behind_the_microsecond_are_others_in_keys_bounds_and_hashes(tmp_path):
    cells = ["2020-01-01T00:00:00.123456781Z", "2020-01-01T00:00:00.123456782Z"]
    sums = []
    for name, least in (("one", cells[0]), ("other", cells[1])):
        item = field("a", "datetime", unique=True, minimum=least)
        descriptor = write_package(tmp_path / name, table("t", write_column("a", *cells), [item]))
        found = [
            (problem.code, problem.line) for problem in validate_package(read_descriptor(descriptor)).problems
        ]
        assert found == ([] if least == cells[0] else [("schema/cell", 2)])
    for name, last in (("a", "1"), ("b", "2"), ("c", "10")):
        text = write_column("a", f"2020-01-01T00:00:00.12345678{last}Z")
        descriptor = write_package(tmp_path / name, table("t", text, [field("a", "datetime")]))
        sums.append((build(descriptor, tmp_path / f"built-{name}") / "LOGICAL_SHA256").read_bytes())
    assert sums[0] == sums[2] != sums[1]
