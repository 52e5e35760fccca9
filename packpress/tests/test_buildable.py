"""Valid means buildable: what `validate` calls valid without a notice of it builds, and every format holds the values.

What a build refuses, `validate` says in a notice with file and line.
"""

import csv
import gzip
import io
import json
import re
import sqlite3
import tempfile
import zipfile
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import chain
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
from packpress.sql import quote_identifier
from packpress.tables.constraints import make_reader, read_type
from packpress.tables.fast.keys import write_value
from packpress.tables.moments import find_utc
from packpress.tables.types import type_of
from packpress.tables.values import as_plain

import packpress
from invented.packages import field
from packpress import CannotRunError
from tests.conftest import ROOT
from tests.suites.conformance import ask_frictionless

VERSION_2 = "https://datapackage.org/profiles/2.0/datapackage.json"
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


# Names of columns and tables: keywords, what SQLite and file systems take for their own, other alphabets, digits first,
# the same name in other letters, punctuation, long ones.
NAMES = st.sampled_from(
    [
        "a",
        "A",
        "select",
        "order",
        "values",
        "index",
        "rowid",
        "oid",
        "Two Words",
        "größe",
        "Größe",
        "GRÖSSE",
        "温度",
    ]
    + [
        "x.y",
        "it's",
        'say "it"',
        "[b]",
        "100%",
        "a:b",
        "?1",
        "$x",
        "--",
        "1st",
        "2020",
        "_",
        "n" * 60,
        "ñ" * 130,
    ]
)
TABLE_NAMES = st.sampled_from(
    [
        "there",
        "There",
        "Größe",
        "select",
        "table",
        "group",
        "1st",
        "2020",
        "x.y",
        "two words",
        "it's",
        'say "it"',
    ]
    + [
        "100%",
        "a;b",
        "表",
        "-",
        "n" * 120,
        "ñ" * 130,
        "data_dictionary",
        "sqlite_own",
        ".hidden",
        "a/b",
        "datapackage",
    ]
)
# Where files lie, with their folder and ending: blanks, points, letters beyond ASCII, capitals, numbers and signs.
FOLDERS = st.sampled_from(["", "data/", "a b/c.d/", "Daten/größe 1/", "sql/", "csv/", "%41/", "x#y?/"])
STEMS = st.sampled_from(
    ["t", "T", "t.v1.2", "größe 2", "表", "select", "-t", "it's", "100%", "n" * 80, "README", "data"]
)
# The least and the greatest bounds, by whether the field's cells have zones.
LIMITS = {
    ("integer", False): ([-(2**63), "-99999999999999999999"], [2**63 - 1, 2**65]),
    ("number", False): (["-INF", -1.7976931348623157e308], ["INF", 1.7976931348623157e308]),
    ("date", False): (["0001-01-01"], ["9999-12-31"]),
    ("datetime", True): (["0001-01-01T00:00:00+14:00"], ["9999-12-31T23:59:59.999999999-14:00"]),
    ("datetime", False): (["0001-01-01T00:00:00"], ["9999-12-31T23:59:59.999999999"]),
    ("time", False): (["00:00:00"], ["23:59:59.9999999999"]),
    ("year", False): ([0, "0000"], [9999]),
    ("yearmonth", False): (["0001-01"], ["9999-12"]),
    ("duration", False): (["-P9999Y"], ["P9999Y"]),
}
# How a file is written: dialect, encoding, ending, compression, line ends.
LAYOUTS = [
    ({}, "utf-8", ".csv", "\n"),
    ({}, "utf-8", ".CSV", "\r\n"),
    ({}, "utf-8", ".csv.gz", "\n"),
    ({}, "utf-8", ".csv.zip", "\n"),
    ({}, "utf-8", ".tsv", "\n"),
    ({}, "utf-8", ".tab.gz", "\r\n"),
    ({"delimiter": ";"}, "iso-8859-1", ".txt", "\r\n"),
    ({"delimiter": "|", "quoteChar": "'"}, "utf-16", "", "\n"),
    ({"header": False}, "utf-8", ".csv", "\n"),
    ({"commentChar": "#", "delimiter": "\t"}, "windows-1252", ".csv", "\n"),
    ({"escapeChar": "\\", "doubleQuote": False}, "utf-8", ".dat", "\n"),
]


@dataclass
class Table:
    """A table of a package: what the descriptor says of it, its columns of texts, and how its files are written."""

    raw: dict
    columns: list
    files: dict


@st.composite
def fields(draw, name, count, is_key):
    """A field with constraints that its cells keep, and these cells."""
    kind, more, cells = draw(st.sampled_from(KINDS))
    missing = draw(st.sampled_from([None, ["NA"], ["", "-"]]))
    is_required = is_key or draw(st.booleans())
    gaps = [] if is_required else [(missing or [""])[0]]
    column = draw(st.lists(st.one_of(cells, *map(st.just, gaps)), min_size=count, max_size=count))
    item = field(name, kind, **more) | ({"missingValues": missing} if missing else {})
    read = read_type(Field(item))
    values = {text: read(text) for text in column if text not in gaps}
    by_key = {write_value(value): text for text, value in values.items()}
    constraints = {"required": True} if is_required else {}
    if len(by_key) == count and draw(st.booleans()):
        constraints["unique"] = True
    match draw(st.integers(0, 5)):
        case 0 | 1:
            constraints |= draw(bounds(kind, more, values))
        case 2 if by_key:
            constraints["enum"] = sorted(by_key.values())
        case 3 if kind == "string":
            constraints |= {
                "minLength": min(map(len, values), default=0),
                "maxLength": max(map(len, values), default=0),
            }
        case 4 if kind == "string" and not more:
            constraints["pattern"] = "[\\s\\S]+" if draw(st.booleans()) else "[^x]*"
        case 5 if kind == "string" and by_key and not more:
            item |= {"categories": sorted(by_key.values()), "categoriesOrdered": draw(st.booleans())}
    return item | ({"constraints": constraints} if constraints else {}), column


def bounds(kind, more, values):
    """Bounds at the limits of a type, or at the least and the greatest of some values."""
    zones = {getattr(value, "tzinfo", None) is not None for value in values.values()}
    if len(zones) > 1 or not type_of(Field({"name": "a", "type": kind})).is_ordered:
        return st.just({})
    limits = ([], []) if more else LIMITS.get((kind, True in zones), ([], []))
    comparable = kind == "duration" or not values
    least = [] if comparable else [min(values, key=values.get)]
    greatest = [] if comparable else [max(values, key=values.get)]
    names = (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"))
    parts = [
        st.sampled_from(
            [(inclusive, bound) for bound in [*own, *of_type]] + [(exclusive, bound) for bound in of_type]
        )
        for (inclusive, exclusive), own, of_type in zip(names, (least, greatest), limits, strict=True)
        if own or of_type
    ]
    return st.tuples(*parts).map(dict)


@st.composite
def tables(draw, name, listed, columns, **keys):
    """A table of such fields and columns, written into one file or several."""
    dialect, encoding, ending, line_end = draw(st.sampled_from(LAYOUTS))
    written = [[item["name"] for item in listed], *zip(*columns, strict=True)]
    if not is_writable(written, encoding, dialect):
        dialect, encoding, ending = {}, "utf-8", ".csv"
    stem = f"{draw(FOLDERS)}{draw(STEMS)}"
    stem = f"{stem}-{name}" if len(name) < 20 and "/" not in name else f"{stem}-{len(name)}"
    cut = draw(st.integers(1, len(written) - 1)) if len(written) > 1 and draw(st.integers(0, 3)) == 0 else 0
    pieces = [written[:cut], written[:1] * draw(st.booleans()) + written[cut:]] if cut else [written]
    if dialect.get("header") is False:
        pieces = [written[1:]]
    files = {}
    for number, piece in enumerate(pieces, 1):
        path = f"{stem}{f'-{number}' if cut else ''}{ending}"
        files[path] = compress(path, write_text(piece, ending, dialect, line_end).encode(encoding))
    paths = list(files)
    raw = {"name": name, "path": paths[0] if len(paths) == 1 else paths, "schema": {"fields": listed, **keys}}
    raw |= {"encoding": encoding} if encoding != "utf-8" else {}
    return Table(raw | ({"dialect": dialect} if dialect else {}), columns, files)


def is_writable(rows, encoding, dialect):
    """Whether an encoding has all the letters, and a dialect a way to write them."""
    text = "".join(map("".join, rows))
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    # Which signs a dialect with an escape character lets stand is the matter of tests/test_dialects.py.
    return not ({"escapeChar", "commentChar"} & dialect.keys() and set(text) & set('#\\"\t\r\n'))


def write_text(rows, ending, dialect, line_end):
    text = io.StringIO(newline="")
    delimiter = "\t" if ending.startswith((".tsv", ".tab")) else ","
    csv.writer(
        text,
        lineterminator=line_end,
        quoting=csv.QUOTE_ALL,
        delimiter=dialect.get("delimiter", delimiter),
        quotechar=dialect.get("quoteChar", '"'),
    ).writerows(rows)
    return text.getvalue()


def compress(path, data):
    if path.endswith(".gz"):
        return gzip.compress(data, mtime=0)
    if not path.endswith(".zip"):
        return data
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(Path(path).stem, data)
    return buffer.getvalue()


@st.composite
def packages(draw):
    """One table of some columns and maybe a key of one or two of them, and maybe one that points to it."""
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    count = draw(st.integers(0, 4))
    width = draw(st.integers(0, min(2, len(names))))
    drawn = [draw(fields(name, count, is_key=at < width)) for at, name in enumerate(names)]
    listed, columns = [item for item, _ in drawn], [column for _, column in drawn]
    keys = {}
    if width:
        kept = distinct_rows(listed, columns, width)
        columns = [[column[at] for at in kept] for column in columns]
        name = draw(st.sampled_from(["primaryKey", "uniqueKeys"]))
        keys[name] = names[:width] if name == "primaryKey" else [names[:width]]
    titles = draw(st.lists(TABLE_NAMES, min_size=2, max_size=2, unique=True))
    there = draw(tables(titles[0], listed, columns, **keys))
    if not width or not draw(st.booleans()):
        return [there]
    rows = [row[:width] for row in zip(*columns, strict=True)]
    chosen = draw(st.lists(st.sampled_from(rows), max_size=3)) if rows else []
    own = ["k", *draw(st.lists(NAMES, min_size=width, max_size=width, unique=True))]
    reference = {"resource": there.raw["name"], "fields": names[:width]}
    pointing = [
        {key: value for key, value in item.items() if key != "constraints"} for item in listed[:width]
    ]
    others = [item | {"name": name} for item, name in zip(pointing, own[1:], strict=True)]
    linked = tables(
        titles[1],
        [field("k", "integer"), *others],
        [
            [str(number) for number in range(len(chosen))],
            *([row[at] for row in chosen] for at in range(width)),
        ],
        primaryKey="k",
        foreignKeys=[{"fields": own[1:], "reference": reference}],
    )
    return [there, draw(linked)]


def distinct_rows(listed, columns, width):
    """The places of rows whose first values differ from those of all rows before."""
    readers = [read_type(Field(item)) for item in listed[:width]]
    rows = list(
        zip(
            *(map(write_value, map(read, column)) for read, column in zip(readers, columns, strict=False)),
            strict=True,
        )
    )
    return [at for at, row in enumerate(rows) if row not in rows[:at]]


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


def check_values(package, output, meant, cut_fields):
    """SQLite, Parquet, CSV and XLSX hold what the cells of the source mean; the order of rows is that of the build."""
    (path,) = output.glob("*.db")
    workbook = load_workbook(next(output.glob("*.xlsx")))
    # The sheets around them say what they are.
    sheets = workbook.worksheets[1 : len(meant) + 1]
    for resource, sheet, columns_meant in zip(package.resources, sheets, meant, strict=True):
        with (output / "csv" / f"{resource.name}.csv").open(encoding="utf-8", newline="") as file:
            published = list(csv.reader(file))[1:]
        assert sorted(published) == sorted(map(list, zip(*columns_meant, strict=True)))
        readers = [make_reader(item, resource) for item in resource.fields]
        with closing(sqlite3.connect(path)) as db:
            stored = db.execute(
                f"select * from {quote_identifier(resource.name)} order by _rowid_"
            ).fetchall()
        if [resource.field(name).type for name in resource.primary_key] == ["boolean"]:
            # SQLite keeps rows by such a key as a number, the other formats as a text.
            at = resource.field_names.index(resource.primary_key[0])
            order = [readers[at](row[at])[0] for row in published]
            stored.sort(key=lambda row: order.index(row[at]))
        columns = read_parquet(output / "parquet" / f"{resource.name}.parquet")
        # A sheet ends with the last row that holds something.
        cells = [*sheet.iter_rows(min_row=2, values_only=True), *[(None,) * len(readers)] * len(published)]
        for at, item in enumerate(resource.fields):
            for number, row in enumerate(published):
                value, text = readers[at](row[at])[0], row[at]
                kept = cut(value) if (resource.name, item.name) in cut_fields else value
                assert same(cells[number][at], value, text), (item, text)
                # Where columns are linked, text has the one form of a key.
                in_key = is_linked(package, resource, item.name) and not isinstance(
                    value, bool | int | Decimal
                )
                key = in_key and value is not None and write_value(value).decode()
                for held, meaning in ((columns[item.name][number], kept), (stored[number][at], value)):
                    assert same(held, meaning, text) or (in_key and held == key), (item, text)


def check_archive(package, output, meant, folder):
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
    is_plain = all(re.fullmatch("[-a-z0-9._]+", resource.name) for resource in package.resources)
    if is_plain and not any(
        is_ours_alone(item) for resource in package.resources for item in resource.fields
    ):
        # Nor does it take a row of nothing but missing values.
        is_full = all(
            any(
                text not in resource.missing_values_of(item)
                for item, text in zip(resource.fields, row, strict=True)
            )
            for resource, columns in zip(package.resources, meant, strict=True)
            for row in zip(*columns, strict=True)
        )
        assert not is_full or ask_frictionless(descriptor)
    if STANDARD.exists():
        # The profile knows no lists, though the text of the standard does; what it takes, it takes again.
        profile = jsonschema.Draft7Validator(json.loads(STANDARD.read_bytes()))
        if profile.is_valid(json.loads(package.path.read_bytes())):
            profile.validate(json.loads(descriptor.read_bytes()))


def check_package(tables):
    """Whether the package of the tables is valid, after a look at what a build makes of it."""
    meant = [one.columns for one in tables]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path, data in chain.from_iterable(one.files.items() for one in tables):
            file = folder / "package" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        raw = {
            "$schema": VERSION_2,
            "name": "p",
            "created": "2024-05-06T07:08:09Z",
            "resources": [one.raw for one in tables],
        }
        descriptor = folder / "package" / "datapackage.json"
        descriptor.write_text(json.dumps(raw), encoding="utf-8")
        package = packpress.read_package(descriptor)
        report = packpress.validate(package)
        if not report.is_valid:
            return False
        refused = [notice for notice in report.notices if notice.code == "build/refused"]
        try:
            packpress.build(package, folder / "build")
        except CannotRunError as error:
            assert refused, (str(error), tables)
            assert all(notice.line or notice.path == descriptor.name for notice in refused)
            return True
        assert not refused
        owners = {path: resource.name for resource in package.resources for path in resource.paths}
        cut_fields = {
            (owners[notice.path], notice.field) for notice in report.notices if notice.code == "build/rounded"
        }
        check_values(package, folder / "build", meant, cut_fields)
        check_archive(package, folder / "build", meant, folder / "zip")
        return True


@pytest.mark.long
@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(packages())
def test_valid_means_buildable(tables):
    check_package(tables)


@pytest.mark.long
@pytest.mark.exhaustive
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(packages())
def test_valid_means_buildable_at_length(tables):
    check_package(tables)


@pytest.mark.parametrize(
    ("kind", "more", "constraints", "cell"),
    [
        ("integer", {}, {"minimum": "-99999999999999999999", "maximum": 2**65}, "5"),
        ("integer", {}, {"enum": [5, 10**30]}, "5"),
        ("integer", {"groupChar": ","}, {"exclusiveMaximum": "9,999,999,999,999,999,999"}, "1,000"),
        ("number", {"bareNumber": False}, {"minimum": "EUR 1.5", "maximum": "95%"}, "EUR 3"),
        ("number", {}, {"minimum": "-1e400", "maximum": "INF"}, "5"),
        ("number", {}, {"enum": ["NaN", "5"]}, "5"),
        ("number", {"decimalChar": ","}, {"exclusiveMinimum": "-1,5"}, "1,5"),
    ],
)
def test_bounds_of_any_size_and_in_the_form_of_cells_build(kind, more, constraints, cell):
    item = field("a", kind, **more) | {"constraints": constraints}
    text = f'"a"\n"{cell}"\n'.encode()
    assert check_package(
        [Table({"name": "t", "path": "t.csv", "schema": {"fields": [item]}}, [[cell]], {"t.csv": text})]
    )


def test_the_profile_of_the_standard_is_at_hand():
    if not STANDARD.exists():
        pytest.skip(f"no {STANDARD.name} of the standard beside the project, so zips are not held to it")
    jsonschema.Draft7Validator.check_schema(json.loads(STANDARD.read_bytes()))
