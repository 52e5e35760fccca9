"""Columns of values: what the quick ways make is what Arrow and Python make one by one."""

import re
import sqlite3
from datetime import UTC, date, datetime, time, timedelta, timezone
from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packpress.package.descriptor import build_package
from packpress.package.resource import Field, build_resource
from packpress.publish.parquet import make_array
from packpress.publish.sqlite import fill_table
from packpress.tables.constraints import make_reader, read_type
from packpress.tables.dialect import Form
from packpress.tables.fast.batches import find_regular
from packpress.tables.fast.columns import Column, make_texts, make_values
from packpress.tables.fast.keys import write_value as write_key
from packpress.tables.types import TYPES
from packpress.tables.values import ValueColumn

ZONES = st.integers(-800, 800).map(lambda minutes: timezone(timedelta(minutes=minutes)))
KINDS = {
    pa.string(): st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
    pa.bool_(): st.booleans(),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.float64(): st.floats(allow_nan=False),
    pa.date32(): st.dates(),
    pa.time64("us"): st.times(),
    pa.timestamp("us"): st.datetimes(),
    pa.timestamp("us", tz="UTC"): st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=ZONES),
    pa.timestamp("ns"): st.datetimes(datetime(1678, 1, 1), datetime(2262, 1, 1)),
    pa.timestamp("ns", tz="UTC"): st.datetimes(datetime(1678, 1, 1), datetime(2262, 1, 1), timezones=ZONES),
}


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_values_become_the_array_that_arrow_makes(kind):
    @given(st.lists(st.none() | KINDS[kind], max_size=20))
    def compare(values):
        made = make_values(values, kind)
        made.validate(full=True)
        assert made.equals(pa.array(values, kind))

    compare()


def test_a_moment_is_counted_from_the_epoch_in_its_own_zone():
    moment = datetime(1970, 1, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    assert make_values([moment], pa.timestamp("us", tz="UTC"))[0].as_py() == datetime(1970, 1, 1, tzinfo=UTC)
    assert make_values([date(1969, 12, 31), None], pa.date32()).to_pylist() == [date(1969, 12, 31), None]
    assert make_values([time(0, 0, 1)], pa.time64("us")).to_pylist() == [time(0, 0, 1)]


MOMENTS = st.tuples(
    st.datetimes(datetime(1678, 1, 2), datetime(2262, 1, 1)).map(lambda moment: moment.isoformat()[:19]),
    st.text("0129", min_size=1, max_size=12),
    st.sampled_from(["Z", "+05:30", "-14:00"]),
)


@settings(deadline=None)  # frictionless is imported when first asked
@given(st.lists(MOMENTS, min_size=1, max_size=4))
def test_moments_are_read_and_ordered_with_every_digit(listed):
    read = read_type(Field({"name": "a", "type": "datetime"}))
    texts = [f"{second}.{digits}{zone}" for second, digits, zone in listed]
    moments = [read(text) for text in texts]
    exact = [
        int(datetime.fromisoformat(f"{second}{zone}").timestamp()) + Fraction(f"0.{digits}")
        for second, digits, zone in listed
    ]
    assert sorted(range(len(listed)), key=moments.__getitem__) == sorted(
        range(len(listed)), key=exact.__getitem__
    )
    assert [one == other for one in moments for other in moments] == [
        one == other for one in exact for other in exact
    ]
    assert len(set(moments)) == len(set(exact))
    assert [read(moment.isoformat()) for moment in moments] == moments
    assert len({write_key(moment) for moment in moments}) == len(set(exact))
    kept = make_values(moments, pa.timestamp("ns", tz="UTC")).cast(pa.int64()).to_pylist()
    assert kept == [int(number * 10**9 // 1) for number in exact]


@given(st.lists(st.none() | st.text("aé\0\n\U0001f40d", max_size=3), max_size=12), st.data())
def test_texts_of_a_column_are_those_that_were_put_in(texts, data):
    begin = data.draw(st.integers(0, len(texts)))
    assert Column(make_texts(texts).slice(begin)).texts() == texts[begin:]


@pytest.mark.parametrize("kind", [name for name, kind in TYPES.items() if kind.longest_plain])
def test_arrow_reads_no_cell_otherwise_than_we_do(kind):
    resource = build_resource({"name": "t", "schema": {"fields": [{"name": "a", "type": kind}]}})
    item = Field({"name": "a", "type": kind})
    read, reader, arrow = (
        make_reader(item, resource),
        ValueColumn(item, resource),
        pa.type_for_alias(TYPES[kind].arrow),
    )

    @settings(deadline=None)  # frictionless is imported when first asked
    @given(st.text("-./0129", min_size=1, max_size=20) | st.dates().map(str) | st.integers().map(str))
    def compare(text):
        value, message = read(text)
        if not message and (kind == "number" or not isinstance(value, int) or abs(value) < 2**63):
            expected = float(value) if kind == "number" else value
            assert repr(make_array(reader, Column.of([text]), arrow).to_pylist()) == repr([expected])

    compare()


NUMERIC = st.text("+-.0129eE", min_size=1, max_size=8)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False).map(repr) | NUMERIC, min_size=1, max_size=3))
def test_numbers_with_exponents_are_cast_as_they_are_read(texts):
    resource = build_resource({"name": "t", "schema": {"fields": [{"name": "n", "type": "number"}]}})
    read = make_reader(resource.fields[0], resource)
    plain = Column.of(texts).cast_plain("float64", 60)
    values = [value if message else float(value) for value, message in map(read, texts)]
    if plain is None:
        assert any(value is None or abs(value) == float("inf") for value in values)
    else:
        assert list(map(repr, plain.to_pylist())) == list(map(repr, values))


@given(st.text("a\n", max_size=12))
def test_blank_lines_are_never_regular(text):
    size, has_fault = find_regular(text.encode(), True, Form(ord(","), ord('"')))
    assert has_fault == (text.startswith("\n") or "\n\n" in text)
    assert text[:size] == (re.sub(r"(?s)\A\n.*|(?<=\n)\n.*", "", text) if has_fault else text)


@pytest.mark.parametrize("count", [0, 1, 332, 333, 334, 1000])
def test_every_row_is_inserted_however_many(count, tmp_path):
    fields = [{"name": "id", "type": "integer"}, {"name": "a", "type": "string"}, {"name": "b"}]
    raw = {"name": "x", "resources": [{"name": "t", "path": "t.csv", "schema": {"fields": fields}}]}
    package = build_package(tmp_path / "datapackage.json", raw)
    rows = [(number, f"text {number}", None) for number in range(count)]
    with sqlite3.connect(":memory:") as db:
        fill_table(db, package.by_name["t"], package, [list(zip(*rows, strict=True))])
        assert db.execute("select * from t").fetchall() == rows
