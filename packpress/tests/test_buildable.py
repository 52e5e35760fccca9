"""Valid means buildable: what `validate` calls valid without a notice of it builds, and every format holds the values.

What a build refuses, `validate` says in a notice with file and line.
"""

import csv
import io
import json
import sqlite3
import tempfile
import zipfile
from contextlib import closing
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import jsonschema
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from packpress.package.resource import Field
from packpress.publish.values import as_plain
from packpress.tables.constraints import make_reader, read_type
from packpress.tables.fast.keys import write_value
from packpress.tables.moments import find_utc

import packpress
from invented.packages import field, table, write_package
from packpress import CannotRunError
from tests.conftest import ROOT
from tests.suites.conformance import ask_frictionless

STANDARD = ROOT.parent.parent / "shared" / "standards" / "datapackage-2.0" / "datapackage.json"

ZONES = st.sampled_from(["", "Z", "+00:00", "+05:30", "-14:00", "+14:00"])
FRACTIONS = st.sampled_from(
    ["", ".5", ".500", ".123456", ".1234567", ".000000001", ".1234567891", ".000000000"]
)
DATES = st.dates().map(date.isoformat) | st.sampled_from(["0001-01-01", "9999-12-31"])
TIMES = st.times().map(lambda value: value.replace(microsecond=0).isoformat())
NUMBERS = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(
        ["1e3", "-.5", "5.", "+7", "INF", "-INF", "9007199254740993", "0.10000000000000000001", "-0"]
    ),
)
WHOLE = st.integers(-(2**64), 2**64).map(str) | st.sampled_from(["007", "+7", "-0", "7"])
WORDS = st.text("abé ü,\"'☃;|", min_size=1, max_size=6)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text("aé"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab"), inner, max_size=3),
    max_leaves=5,
)
DURATIONS = st.sampled_from(["P1D", "PT24H", "P12M", "P1Y", "PT0.50S", "-P3DT1M", "P0D"])
KINDS = [
    ("string", {}, WORDS),
    ("string", {"format": "uri"}, st.sampled_from(["https://example.org/a%20b", "urn:isbn:1"])),
    ("string", {"format": "wkt"}, st.sampled_from(["POINT (1 2)", "LINESTRING EMPTY"])),
    ("integer", {}, WHOLE),
    ("integer", {"groupChar": ","}, st.sampled_from(["1,000", "1000", "7"])),
    ("number", {}, NUMBERS),
    ("number", {"decimalChar": ",", "groupChar": "."}, st.sampled_from(["1.000,5", "1000,50", "-2"])),
    ("number", {"bareNumber": False}, st.sampled_from(["95%", "EUR 1.5", "3"])),
    ("boolean", {}, st.sampled_from(["true", "1", "FALSE", "0"])),
    ("boolean", {"trueValues": ["yes"], "falseValues": ["no"]}, st.sampled_from(["yes", "no"])),
    ("date", {}, DATES),
    ("date", {"format": "%d/%m/%Y"}, DATES.map(lambda day: "/".join(reversed(day.split("-"))))),
    ("date", {"format": "any"}, st.sampled_from(["3 May 2020", "2020-05-03", "5/3/2020", "14/3/2020"])),
    ("time", {}, st.tuples(TIMES, FRACTIONS, ZONES).map("".join)),
    ("datetime", {}, st.tuples(DATES, st.just("T"), TIMES, FRACTIONS, ZONES).map("".join)),
    (
        "datetime",
        {"format": "%Y-%m-%d %H:%M %z"},
        st.sampled_from(["2020-01-02 10:00 +0100", "2020-01-02 09:00 +0000"]),
    ),
    ("year", {}, st.integers(0, 9999).map(lambda year: f"{year:04}")),
    ("yearmonth", {}, st.dates().map(lambda day: day.isoformat()[:7])),
    ("duration", {}, DURATIONS),
    ("geopoint", {}, st.sampled_from(["90.50, 45.5", "90.5,45.50", "-1, 2e1"])),
    ("geojson", {}, st.sampled_from(['{"type": "Point", "coordinates": [1, 2, 3]}'])),
    ("object", {}, st.dictionaries(st.text("ab"), JSON, max_size=3).map(json.dumps)),
    ("array", {}, st.lists(JSON, max_size=3).map(json.dumps)),
    ("list", {"itemType": "number"}, st.sampled_from(["1,2", "01,2.0", "3"])),
    ("any", {}, WORDS),
]
# Frictionless knows no keys of these, or fails on their cells; tests/suites/cases/differences.json says why.
NOT_OF_BOTH = {"object", "array", "list", "geopoint", "geojson", "duration", "any"}


def is_ours_alone(item):
    return item.type in NOT_OF_BOTH or item.format == "wkt" or (item.type == "integer" and item.group_char)


NAMES = st.sampled_from(["a", "select", "Two Words", "größe", "x.y", "it's", "order"])


@st.composite
def packages(draw):
    """Tables as the helpers write them: one of some columns and maybe a key, and maybe one that points to it."""
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=4))
    names = draw(st.lists(NAMES, min_size=len(kinds), max_size=len(kinds), unique=True))
    count = draw(st.integers(0, 4))
    fields, columns = [], []
    for name, (kind, more, cells) in zip(names, kinds, strict=True):
        constraints = {"required": True} if draw(st.booleans()) else {}
        fields.append(field(name, kind, **more, **constraints))
        listed = cells if constraints else st.just("") | cells
        columns.append(draw(st.lists(listed, min_size=count, max_size=count)))
    keys = {}
    if draw(st.booleans()):
        keys["primaryKey"] = names[0]
    there = table("there", write_text(names, columns), fields, **keys)
    if not keys or not draw(st.booleans()):
        return [there]
    kind, more, cells = kinds[0]
    reference = {"resource": "there", "fields": names[0]}
    here = draw(st.lists(st.sampled_from(columns[0]) if columns[0] else st.just(""), max_size=3))
    linked = table(
        draw(st.sampled_from(["here", "Größe"])),
        write_text(["k", "o"], [[str(number) for number in range(len(here))], here]),
        [field("k", "integer"), field("o", kind, **more)],
        primaryKey="k",
        foreignKeys=[{"fields": "o", "reference": reference}],
    )
    return [there, linked]


def write_text(names, columns):
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(
        [names, *zip(*columns, strict=True)]
    )
    return text.getvalue()


read_moment, read_time = (read_type(Field({"name": "a", "type": kind})) for kind in ("datetime", "time"))


def same(stored, value, text):
    """Whether a format holds the value that a cell means."""
    if value is None:
        return stored is None
    if isinstance(value, bool | int):
        return stored == value or stored == str(value)
    if isinstance(value, Decimal):
        return float(stored) == float(value)
    if isinstance(value, datetime):
        # A workbook and a column of moments with zones hold them in UTC, or as text with their zone.
        found = read_moment(stored) if isinstance(stored, str) else stored
        return found == value and (found.tzinfo is None) == (value.tzinfo is None)
    if isinstance(value, date):
        return (stored if isinstance(stored, str) else stored.isoformat()[:10]) == value.isoformat()
    if isinstance(value, time):
        return stored == as_plain(value) or write_value(read_time(stored)) == write_value(value)
    return stored == text


def read_meant(resource, root):
    """Each row of the source as values and texts, in the order of a build."""
    readers = [make_reader(item, resource) for item in resource.fields]
    rows = list(csv.reader(io.StringIO((root / resource.paths[0]).read_text("utf-8"), newline="")))[1:]
    return [[(reader(text)[0], text) for reader, text in zip(readers, row, strict=True)] for row in rows]


def is_linked(package, resource, name):
    own = any(name in key.fields for key in resource.foreign_keys)
    return own or any(
        key.resource == resource.name and name in key.reference_fields
        for other in package.resources
        for key in other.foreign_keys
    )


def cut(value):
    """The moment that Parquet keeps where a notice says that it leaves out digits."""
    return value and find_utc(value).replace(microsecond=value.microsecond)


def read_parquet(path):
    """The columns by name, moments as texts of all their digits, for Python's have no nanoseconds."""
    kept = pq.read_table(path)
    columns = {}
    for name, column in zip(kept.column_names, kept.columns, strict=True):
        if pa.types.is_timestamp(column.type):
            column = pc.replace_substring(column.cast(pa.string()), " ", "T")
        columns[name] = column.to_pylist()
    return columns


def check_values(package, output, cut_fields):
    """SQLite, Parquet, CSV and XLSX hold what the cells of the source mean; the order of rows is that of the build."""
    (path,) = output.glob("*.db")
    workbook = load_workbook(next(output.glob("*.xlsx")))
    for resource in package.resources:
        meant = read_meant(resource, package.root)
        with (output / "csv" / f"{resource.name}.csv").open(encoding="utf-8", newline="") as file:
            published = list(csv.reader(file))[1:]
        assert sorted(published) == sorted([text for _, text in row] for row in meant)
        readers = [make_reader(item, resource) for item in resource.fields]
        with closing(sqlite3.connect(path)) as db:
            stored = db.execute(f'select * from "{resource.name}" order by rowid').fetchall()
        if [resource.field(name).type for name in resource.primary_key] == ["boolean"]:
            # SQLite keeps rows by such a key as a number, the other formats as a text.
            at = resource.field_names.index(resource.primary_key[0])
            order = [readers[at](row[at])[0] for row in published]
            stored.sort(key=lambda row: order.index(row[at]))
        columns = read_parquet(output / "parquet" / f"{resource.name}.parquet")
        sheet = workbook[resource.name].iter_rows(min_row=2, values_only=True)
        # A sheet ends with the last row that holds something.
        cells = [*sheet, *[(None,) * len(readers)] * len(published)]
        for at, item in enumerate(resource.fields):
            for number, row in enumerate(published):
                value, text = readers[at](row[at])[0], row[at]
                kept = cut(value) if (resource.paths[0], item.name) in cut_fields else value
                assert same(columns[item.name][number], kept, text), (item, text)
                assert same(cells[number][at], value, text), (item, text)
                in_key = is_linked(package, resource, item.name) and not isinstance(
                    value, bool | int | Decimal
                )
                key = write_value(value)
                assert same(stored[number][at], value, text) or (
                    in_key and stored[number][at] == key.decode()
                )


def check_archive(package, output, folder):
    """The zip is valid for us and by the standard's profile, and builds again to the same hash."""
    (path,) = output.glob("*.zip")
    with zipfile.ZipFile(path) as file:
        file.extractall(folder)
    (descriptor,) = folder.rglob("datapackage.json")
    again = packpress.read_package(descriptor)
    report = packpress.validate(again)
    assert report.is_valid, report.problems
    made = packpress.build(again, folder / "again", formats=["csv"]).folder
    assert (made / "LOGICAL_SHA256").read_bytes() == (output / "LOGICAL_SHA256").read_bytes()
    # Frictionless refuses names beyond ASCII, as the first version of the standard did.
    is_plain = all(resource.name.isascii() for resource in package.resources)
    if is_plain and not any(
        is_ours_alone(item) for resource in package.resources for item in resource.fields
    ):
        has_rows = all(read_meant(resource, package.root) for resource in package.resources)
        is_full = all(
            any(text for _, text in row)
            for resource in package.resources
            for row in read_meant(resource, package.root)
        )
        assert not has_rows or not is_full or ask_frictionless(descriptor)
    if STANDARD.exists():
        # The profile knows no lists, though the text of the standard does; what it takes, it takes again.
        profile = jsonschema.Draft7Validator(json.loads(STANDARD.read_bytes()))
        if profile.is_valid(json.loads(package.path.read_bytes())):
            profile.validate(json.loads(descriptor.read_bytes()))


def check_package(tables):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        descriptor = write_package(folder / "package", *tables, created="2024-05-06T07:08:09Z")
        package = packpress.read_package(descriptor)
        report = packpress.validate(package)
        if not report.is_valid:
            return
        refused = [notice for notice in report.notices if notice.code == "build/refused"]
        try:
            packpress.build(package, folder / "build")
        except CannotRunError as error:
            assert refused, (str(error), tables)
            assert all(notice.line for notice in refused)
            return
        assert not refused
        cut_fields = {
            (notice.path, notice.field) for notice in report.notices if notice.code == "build/rounded"
        }
        check_values(package, folder / "build", cut_fields)
        check_archive(package, folder / "build", folder / "zip")


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(packages())
def test_valid_means_buildable(tables):
    check_package(tables)


@pytest.mark.long
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(packages())
def test_valid_means_buildable_at_length(tables):
    check_package(tables)


def test_the_profile_of_the_standard_is_at_hand():
    if not STANDARD.exists():
        pytest.skip(f"no {STANDARD.name} of the standard beside the project, so zips are not held to it")
    jsonschema.Draft7Validator.check_schema(json.loads(STANDARD.read_bytes()))
