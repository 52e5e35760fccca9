"""Packages of other people: whatever the standard allows is built, and all else is refused in one line."""

import copy
import csv
import gzip
import io
import json
import random
import re
import sqlite3
import zipfile
from contextlib import closing

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from packpress.cli import build as build_command
from packpress.cli import format_tables as format_command
from packpress.cli import validate as validate_command
from packpress.publish.site_file import read_build
from packpress.tables.types import TYPES

from invented.findings import locate
from invented.packages import field, list_places, table
from packpress import read_package, validate
from tests.conftest import ROOT

pytestmark = pytest.mark.long

TWO = [field("a"), field("b", "integer")]


class Outcome:
    """What the command did with one package."""

    def __init__(self, folder, raw, files, command=build_command):
        self.package, self.output = folder / "package", folder / "build"
        self.package.mkdir(exist_ok=True)
        for name, data in files.items():
            (self.package / name).write_bytes(data.encode("utf-8") if isinstance(data, str) else data)
        descriptor = self.package / "datapackage.json"
        descriptor.write_text(json.dumps(raw), encoding="utf-8")
        words = [str(descriptor), *(["--output", str(self.output)] if command is build_command else [])]
        done = CliRunner().invoke(command, words)
        assert done.exception is None or isinstance(done.exception, SystemExit), (raw, done.exception)
        self.code, self.stderr, self.stdout = done.exit_code, done.stderr, done.stdout
        assert sorted(path.name for path in folder.iterdir() if path.name.startswith(".")) == []
        if self.code:
            assert not self.output.exists()
            assert (self.stderr + self.stdout).strip()

    def select(self, query="select * from t"):
        assert self.code == 0, self.stderr
        (path,) = self.output.glob("*.db")
        with closing(sqlite3.connect(path)) as db:
            return db.execute(query).fetchall()


def one(folder, fields, data, path="t.csv", **properties):
    """The outcome of a package of one table `t`; `data` are the files by name, or the one file."""
    resource = table("t", "", fields, **properties)
    del resource["text"]
    files = data if isinstance(data, dict) else {path: data}
    return Outcome(folder, {"name": "p", "resources": [resource | {"path": path}]}, files)


def inline(folder, data, **properties):
    resource = table("t", "", TWO, **properties) | {"data": data}
    del resource["text"], resource["path"]
    return Outcome(folder, {"resources": [resource]}, {})


@pytest.mark.parametrize(
    ("kind", "allowed", "cell"),
    [
        ("object", {"a": 1}, '{"a": 1.0}'),
        ("array", [1, 2], "[1, 2]"),
        ("list", ["x", "y"], "x,y"),
        ("geojson", {"type": "Point", "coordinates": [1, 2]}, '{"type": "Point", "coordinates": [1, 2]}'),
    ],
)
def test_allowed_values_may_be_lists_and_objects(kind, allowed, cell, tmp_path):
    rows = io.StringIO()
    csv.writer(rows, lineterminator="\n").writerows([["a", "b"], ["x", cell]])
    outcome = one(tmp_path, [field("a"), field("b", kind, enum=[allowed])], rows.getvalue())
    assert outcome.select() == [("x", cell)]
    listed = outcome.select("select value from data_dictionary_values where field_name = 'b'")
    assert [json.loads(value) for (value,) in listed] == [allowed]


def test_one_and_true_are_two_allowed_values(tmp_path):
    outcome = one(tmp_path, [field("a", "any", enum=[1, True])], "a\n1\ntrue\n")
    assert outcome.select() == [("1",), ("true",)]


def test_rows_in_the_descriptor_are_served(tmp_path):
    outcome = inline(tmp_path, [["a", "b"], ["x", 1]])
    assert outcome.select() == [("x", 1)]
    assert read_build(outcome.output).package.by_name["t"].field_names == ("a", "b")


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252", "mac-roman", "cp037"]
)
def test_any_encoding_is_read(tmp_path, encoding):
    text = "a,b\né,1\nü,2\n"
    outcome = one(tmp_path, TWO, text.encode(encoding), encoding=encoding)
    assert outcome.select() == [("é", 1), ("ü", 2)]
    assert (outcome.output / "csv" / "t.csv").read_bytes() == text.encode("utf-8")


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_a_fault_of_another_encoding_is_said_with_its_line(tmp_path, encoding):
    outcome = one(tmp_path, TWO, "a,b\né,1\n\0,2\n".encode(encoding), encoding=encoding)
    assert outcome.stderr.startswith("t.csv:3: ")


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ({"delimiter": ";"}, "a;b\nx;1\n"),
        ({"delimiter": "\t"}, "a\tb\nx\t1\n"),
        ({"delimiter": "|", "quoteChar": "'"}, "a|b\n'x'|1\n"),
        ({"delimiter": "é"}, "aéb\nxé1\n"),
        ({"escapeChar": "\\", "doubleQuote": False}, 'a,b\n"x",1\n'),
        ({"skipInitialSpace": True}, "a, b\nx, 1\n"),
        ({"header": False}, "x,1\n"),
        ({"lineTerminator": "\r\n", "csvddfVersion": 1.2, "caseSensitiveHeader": False}, "a,b\r\nx,1\r\n"),
        ({"csv": {"delimiter": ";"}}, "a;b\nx;1\n"),
        ({"delimiter": "::"}, "a::b\nx::1\n"),
        ({"lineTerminator": ";"}, "a,b;x,1;"),
        ({"commentChar": "#", "commentRows": [3]}, '# "\na,b\n,,,\n#\nx,1\n#'),
        ({"headerRows": [1, 3], "headerJoin": ""}, "a,b\n,\n,\nx,1\n"),
        ({"caseSensitiveHeader": False}, "A,B\nx,1\n"),
    ],
)
def test_any_dialect_is_read(tmp_path, dialect, text):
    assert one(tmp_path, TWO, text, dialect=dialect).select() == [("x", 1)]


@pytest.mark.parametrize(
    "dialect",
    [
        {"delimiter": ""},
        {"delimiter": 1},
        {"quoteChar": "''"},
        {"headerRows": [0]},
        {"commentRows": 1},
        {"header": "yes"},
        {"comentChar": "#"},
        {"nonsense": 1},
    ],
)
def test_a_dialect_that_is_not_known_is_refused(tmp_path, dialect):
    outcome = one(tmp_path, TWO, "a,b\nx,1\n", dialect=dialect)
    assert outcome.code == 1
    assert "dialect" in outcome.stderr.splitlines()[0]


def test_a_file_of_tabs_needs_no_dialect(tmp_path):
    assert one(tmp_path, TWO, "a\tb\nx\t1\n", path="t.tsv").select() == [("x", 1)]


@pytest.mark.parametrize(
    ("first", "second", "has_header"), [("a,b\nx,1\n", "a,b\ny,2\n", True), ("x,1\n", "y,2", False)]
)
def test_either_every_part_has_a_header_or_none(tmp_path, first, second, has_header):
    files, dialect = {"1.csv": first, "2.csv": second}, {"header": has_header}
    outcome = one(tmp_path, TWO, files, path=["1.csv", "2.csv"], dialect=dialect)
    assert outcome.select() == [("x", 1), ("y", 2)]
    assert (outcome.output / "csv" / "t.csv").read_bytes() == b"a,b\nx,1\ny,2\n"


def test_a_later_part_with_another_header_is_refused(tmp_path):
    outcome = one(tmp_path, TWO, {"1.csv": "a,b\nx,1\n", "2.csv": "a,c\ny,2\n"}, path=["1.csv", "2.csv"])
    assert outcome.stderr.startswith("2.csv:1: the header lacks b and has c")


@pytest.mark.parametrize(("path", "properties"), [("t.csv.gz", {}), ("t.csv", {"compression": "gz"})])
def test_gzip_is_read(tmp_path, path, properties):
    data = gzip.compress(b"a,b\nx,1\n")
    assert one(tmp_path, TWO, data, path=path, **properties).select() == [("x", 1)]


@pytest.mark.parametrize("data", [gzip.compress(b"a,b\nx,1\n", mtime=0)[:-4], b"a,b\nx,1\n", b""])
def test_a_damaged_gzip_file_is_refused(tmp_path, data):
    outcome = one(tmp_path, TWO, data, path="t.csv.gz")
    assert outcome.code == 1
    assert outcome.stderr.startswith("t.csv.gz:")


def zip_files(**files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return data.getvalue()


def test_a_zip_of_one_file_is_read(tmp_path):
    assert one(tmp_path, TWO, zip_files(x="a,b\nx,1\n"), path="t.csv.zip").select() == [("x", 1)]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"PK", "t.csv.zip: an incomplete compressed file"),
        (zip_files(x="a,b\n", y="a,b\n"), "t.csv.zip: contains 2 files, not one"),
        (zip_files(), "t.csv.zip: contains 0 files, not one"),
    ],
)
def test_any_other_zip_is_refused(tmp_path, data, message):
    assert one(tmp_path, TWO, data, path="t.csv.zip").stderr.startswith(message)


def test_another_compression_is_refused(tmp_path):
    assert "which has an unsupported compression" in one(tmp_path, TWO, b"x", path="t.csv.xz").stderr


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        ([["a", "b"], ["x, y", 1], [None, 2]], [("x, y", 1), (None, 2)]),
        ([{"b": 1, "a": 'say "x"'}, {"b": 2}], [('say "x"', 1), (None, 2)]),
        ("a,b\nx,1\n", [("x", 1)]),
        ([], []),
    ],
)
def test_data_in_the_descriptor_are_read(tmp_path, data, rows):
    assert inline(tmp_path, data).select() == rows


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"a": 1}, "data of t: not a list of rows"),
        (7, "data of t: not a list of rows"),
        ([["a", "b"], 5], "data of t:2: not a row"),
        ([{"a": 1, "z": 2}], "data of t:1: the header has z, which the descriptor does not declare"),
        ([["a", "b"], ["x", "k"]], 'data of t:2: b="k": not of type integer'),
        ([["a", "b"], ["x"]], "data of t:2: has 1 cell "),
    ],
)
def test_faulty_data_in_the_descriptor_are_refused(tmp_path, data, message):
    assert inline(tmp_path, data).stderr.startswith(message)


# Type, further properties, cell, and what SQLite holds.
STORED = [
    ("string", {"format": "email"}, "a@b.org", "a@b.org"),
    (
        "string",
        {"format": "uuid"},
        "123e4567-e89b-12d3-a456-426614174000",
        "123e4567-e89b-12d3-a456-426614174000",
    ),
    ("string", {"format": "binary"}, "YWJj", "YWJj"),
    ("integer", {}, "-9223372036854775808", -(2**63)),
    ("integer", {"bareNumber": False}, "$5 kg", 5),
    ("integer", {"groupChar": ","}, "1,000", 1000),
    ("number", {"format": "default", "decimalChar": ","}, "1,5", 1.5),
    (
        "number",
        {"decimalChar": ",", "groupChar": ".", "minimum": 1.5, "enum": [1234.5, 1.5]},
        "1.234,5",
        1234.5,
    ),
    ("number", {"bareNumber": False}, "95%", 95.0),
    ("number", {}, "-INF", float("-inf")),
    ("integer", {"maximum": 10**30}, "5", 5),
    ("boolean", {"trueValues": ["ja"], "falseValues": ["nein"]}, "ja", 1),
    (
        "date",
        {"format": "%d/%m/%Y", "minimum": "01/01/2020", "enum": ["02/01/2020"]},
        "02/01/2020",
        "2020-01-02",
    ),
    ("date", {"format": "any"}, "2020-01-02", "2020-01-02"),
    ("time", {"format": "%H:%M"}, "10:11", "10:11:00"),
    ("time", {"format": "any"}, "10:11:12", "10:11:12"),
    ("datetime", {}, "2020-01-02T10:11:12Z", "2020-01-02T10:11:12+00:00"),
    ("datetime", {"format": "%d.%m.%y %H:%M"}, "02.01.20 10:11", "2020-01-02T10:11:00"),
    ("datetime", {"format": "any"}, "2020-01-02 10:11:12", "2020-01-02T10:11:12"),
    ("year", {}, "2020", 2020),
    ("yearmonth", {"minimum": "2020-01"}, "2020-02", "2020-02"),
    ("duration", {}, "P1Y2M3DT10H30M", "P1Y2M3DT10H30M"),
    ("geopoint", {}, "1.5, -2", "1.5, -2"),
    ("geopoint", {"format": "array"}, "[1.5, -2]", "[1.5, -2]"),
    ("geopoint", {"format": "object"}, '{"lon": 1, "lat": 2}', '{"lon": 1, "lat": 2}'),
    ("geojson", {}, '{"type": "Point", "coordinates": [1, 2]}', '{"type": "Point", "coordinates": [1, 2]}'),
    ("object", {}, '{"k": 1}', '{"k": 1}'),
    ("array", {"minLength": 1}, "[1, 2]", "[1, 2]"),
    ("list", {"delimiter": ";", "itemType": "integer"}, "1;2", "1;2"),
    ("any", {}, "whatever", "whatever"),
    ("duration", {"minimum": "P1M"}, "P32D", "P32D"),
    ("object", {"constraints": {"jsonSchema": {"required": ["k"]}}}, '{"k": 1}', '{"k": 1}'),
    ("list", {"enum": ["1;2"], "delimiter": ";"}, "1;2", "1;2"),
    ("integer", {"categories": [{"value": 1, "label": "one"}]}, "1", 1),
    ("string", {"missingValues": [{"value": "NA", "label": "not asked"}]}, "NA", None),
]


@pytest.mark.parametrize(
    ("kind", "properties", "cell", "stored"), STORED, ids=[f"{s[0]} {s[2]}" for s in STORED]
)
def test_every_type_is_stored_as_documented(tmp_path, kind, properties, cell, stored):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([["a"], [cell]])
    outcome = one(tmp_path, [field("a", kind, **properties)], text.getvalue())
    assert outcome.select() == [(stored,)]
    assert (outcome.output / "csv" / "t.csv").read_bytes() == text.getvalue().encode("utf-8")
    assert pq.read_table(outcome.output / "parquet" / "t.parquet").num_rows == 1
    check_published_again(tmp_path, outcome)


def check_published_again(folder, outcome):
    """What is published is a package with the same rows again."""
    with zipfile.ZipFile(next(outcome.output.glob("*.zip"))) as archive:
        archive.extractall(folder / "again")
    done = CliRunner().invoke(
        build_command, [str(folder / "again" / "datapackage.json"), "--output", str(folder / "second")]
    )
    assert done.exit_code == 0, done.stderr
    sums = (outcome.output / "LOGICAL_SHA256", folder / "second" / "LOGICAL_SHA256")
    assert sums[0].read_bytes() == sums[1].read_bytes()


@pytest.mark.parametrize(
    ("match", "text", "rows"),
    [
        ("equal", "b,a\n1,x\n", [("x", 1)]),
        (["subset"], "c,b,a\n?,1,x\n?,,NA\n", [("x", 1), (None, None)]),
        ("superset", "b\n1\n2\n", [(None, 1), (None, 2)]),
        ("partial", 'a,c\nx,"y\nz"\n\nv,w\n', [("x", None), ("v", None)]),
    ],
)
def test_columns_matched_by_name_are_published_as_declared(tmp_path, match, text, rows):
    fields = [field("a", missingValues=["NA"]), field("b", "integer")]
    schema = {"fields": fields, "fieldsMatch": match}
    raw = {"name": "p", "resources": [{"name": "t", "path": "t.csv", "schema": schema}]}
    outcome = Outcome(tmp_path, raw, {"t.csv": text})
    assert outcome.select() == rows
    check_published_again(tmp_path, outcome)


def test_a_null_sequence_is_published_as_a_missing_value(tmp_path):
    fields = [field("a", missingValues=["-"]), field("b", "integer")]
    outcome = one(tmp_path, fields, "a,b\nx,NA\n-,1\nNA,2\n", dialect={"nullSequence": "NA"})
    assert outcome.select() == [("x", None), (None, 1), (None, 2)]
    check_published_again(tmp_path, outcome)


@pytest.mark.parametrize(
    ("kind", "properties", "cell", "named"),
    [
        ("uuid", {}, "x", '"uuid"'),
        ("string", {"format": "nonsense"}, "x", '"nonsense"'),
        ("integer", {"minimum": "x"}, "1", '"x"'),
        ("datetime", {"maximum": "2030-01-01T00:00:00"}, "2020-01-01T00:00:00Z", "2030-01-01T00:00:00"),
        ("object", {"constraints": {"jsonSchema": {"type": 1}}}, "{}", "jsonSchema"),
    ],
)
def test_what_cannot_be_stored_or_judged_is_refused(tmp_path, kind, properties, cell, named):
    outcome = one(tmp_path, [field("a", kind, **properties)], f"a\n{cell}\n")
    assert named in outcome.stderr
    assert len(outcome.stderr.splitlines()) <= 2


def refusals_of(outcome):
    """The notices of what a build of the package refuses."""
    notices = validate(read_package(outcome.package)).notices
    return [notice for notice in notices if notice.code == "build/refused"]


def show_refusal(notice):
    return str(notice).removeprefix("notice: ")


def list_said(outcome):
    """What a build says, but that a descriptor without contributors makes no citation."""
    return [line for line in outcome.stderr.splitlines() if "CITATION.cff" not in line]


@pytest.mark.parametrize(
    ("kind", "cell", "is_refused"),
    [
        ("integer", "-9223372036854775809", True),
        ("integer", "9223372036854775807", False),
        ("number", "NaN", True),
        ("number", "-1e400", True),
        ("number", "-INF", False),
        ("number", "1e300", False),
    ],
)
def test_the_validator_notices_what_a_build_refuses(tmp_path, kind, cell, is_refused):
    resource = table("t", "", [field("a", kind)])
    raw = {"name": "p", "resources": [{key: resource[key] for key in ("name", "path", "schema")}]}
    files = {"t.csv": f"a\n1\n{cell}\n"}
    checked = Outcome(tmp_path, raw, files, validate_command)
    assert checked.code == 0
    notices = refusals_of(checked)
    place = f'notice: t.csv:3: a="{cell}": build/refused'
    assert [locate(notice) for notice in notices] == ([place] if is_refused else [])
    assert [line for line in checked.stdout.splitlines() if line.startswith("notice")] == [*map(str, notices)]
    built = Outcome(tmp_path, raw, files)
    assert (built.code, list_said(built)) == (2 * is_refused, [show_refusal(one) for one in notices])


def test_the_validator_notices_names_that_a_build_refuses(tmp_path):
    resources = [{"name": name, "path": "t.csv", "schema": {"fields": TWO}} for name in ("T", "t")]
    checked = Outcome(tmp_path, {"resources": resources}, {"t.csv": "a,b\nx,1\n"}, validate_command)
    assert checked.code == 0
    (notice,) = refusals_of(checked)
    assert f"{notice}\n" in checked.stdout


def test_mixed_time_zones_keep_the_zone_that_is_written(tmp_path):
    texts = ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00", "2020-01-01T01:00:00+02:00"]
    outcome = one(tmp_path, [field("a", "datetime")], "\n".join(["a", *texts, ""]))
    assert outcome.select() == [(text.replace("Z", "+00:00"),) for text in texts]
    # As the documentation says: SQLite's own function brings them into one order.
    assert outcome.select("select min(datetime(a)) from t") == [("2019-12-31 23:00:00",)]


@pytest.mark.parametrize(
    "names",
    [
        ["select", "from", "Where"],
        ["a b", " c", "d "],
        ['quo"te', "apo'str"],
        ["rowid", "oid", "_rowid_"],
        ["a\nb", "*"],
        [";--", "/*"],
        ["1", "2"],
        ["\U0001f600", "漢字"],
        ["x" * 300, "y"],
    ],
)
def test_any_name_makes_a_column(tmp_path, names):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([names, ["v"] * len(names)])
    outcome = one(tmp_path, [field(name) for name in names], text.getvalue(), primaryKey=names[0])
    assert outcome.select() == [("v",) * len(names)]
    assert pq.read_schema(outcome.output / "parquet" / "t.parquet").names == names


@pytest.mark.parametrize("name", ["select", "Two Words", "ß", "x" * 200, "con", 'ta"b', "about", "a;b", "-"])
def test_any_name_makes_a_table(tmp_path, name):
    resource = {"name": name, "path": "t.csv", "schema": {"fields": TWO}}
    outcome = Outcome(tmp_path, {"name": "p", "resources": [resource]}, {"t.csv": "a,b\nx,1\n"})
    quoted = name.replace('"', '""')
    assert outcome.select(f'select * from "{quoted}"') == [("x", 1)]


@pytest.mark.parametrize(
    "names", [["T", "t"], ["É", "é"], ["a/b"], [".."], ["x" * 201], ["sqlite_x"], ["Package"]]
)
def test_a_name_that_makes_no_table_is_refused_as_was_noticed(tmp_path, names):
    resources = [{"name": name, "path": "t.csv", "schema": {"fields": TWO}} for name in names]
    outcome = Outcome(tmp_path, {"resources": resources}, {"t.csv": "a,b\nx,1\n"})
    (notice,) = refusals_of(outcome)
    assert locate(notice) == "notice: datapackage.json: build/refused"
    assert (outcome.code, outcome.stderr) == (2, f"{show_refusal(notice)}\n")


def test_fields_that_clash_after_case_folding_are_refused_as_was_noticed(tmp_path):
    outcome = one(tmp_path, [field("Id"), field("ID")], "Id,ID\nx,y\n")
    (notice,) = refusals_of(outcome)
    assert (outcome.code, outcome.stderr) == (2, f"{show_refusal(notice)}\n")


@pytest.mark.parametrize("text", ["a,b\n", "a,b"])
def test_a_table_may_have_no_row_and_no_key(tmp_path, text):
    assert one(tmp_path, TWO, text).select() == []


def test_a_package_needs_no_name_and_a_table_no_key(tmp_path):
    resource = {"name": "t", "path": "t.csv", "schema": {"fields": TWO}}
    outcome = Outcome(tmp_path, {"resources": [resource]}, {"t.csv": "a,b\nx,2\nx,1\n"})
    assert outcome.select() == [("x", 2), ("x", 1)]
    assert (outcome.output / "package.db").is_file()


@pytest.mark.parametrize("target", [{"resource": ""}, {}, {"resource": "t"}])
def test_a_table_may_point_to_itself_by_several_fields(tmp_path, target):
    fields = [field(name) for name in "abpq"]
    key = {"fields": ["p", "q"], "reference": {**target, "fields": ["a", "b"]}}
    properties = {"primaryKey": ["a", "b"], "foreignKeys": [key]}
    outcome = one(tmp_path, fields, "a,b,p,q\nx,1,,\ny,2,x,1\nz,1,x,\n", **properties)
    assert len(outcome.select()) == 3
    assert [row[2] for row in outcome.select("pragma foreign_key_list(t)")] == ["t", "t"]


def test_schema_and_dialect_may_stand_in_files(tmp_path):
    files = {"t.csv": "a;b\nx;1\n", "s.json": json.dumps({"fields": TWO}), "d.json": '{"delimiter": ";"}'}
    resource = {"name": "t", "path": "t.csv", "schema": "s.json", "dialect": "d.json"}
    assert Outcome(tmp_path, {"resources": [resource]}, files).select() == [("x", 1)]


def test_a_resource_that_is_no_table_is_carried_in_the_zip_and_said_so(tmp_path):
    tabular = {"schema": {"fields": TWO}}
    resources = [
        {"name": "t", "path": "t.csv", **tabular},
        {"name": "json", "path": "t.json", **tabular},
        {"name": "bare", "path": "bare.csv"},
        {"name": "picture", "path": "picture.png"},
        {"name": "far", "path": "https://example.org/far.png"},
    ]
    files = {"t.csv": "a,b\nx,1\n", "t.json": "[]", "bare.csv": "a\n", "picture.png": b"\x89PNG"}
    outcome = Outcome(tmp_path, {"resources": resources}, files)
    assert outcome.select() == [("x", 1)]
    assert [line.split(" has ")[0] for line in list_said(outcome)] == [
        "notice: datapackage.json: resource bare",
        "notice: datapackage.json: resource json",
    ]
    with zipfile.ZipFile(next(outcome.output.glob("*.zip"))) as archive:
        assert {"t.json", "bare.csv", "picture.png"} <= set(archive.namelist())


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"path": "https://example.org/t.csv"}, "https://example.org/t.csv"),
        ({"schema": "https://example.org/s.json"}, "https://example.org/s.json"),
        ({"schema": "../s.json"}, "../s.json"),
        ({"schema": "s.json"}, "s.json"),
        ({"schema": {}}, "schema of resource t"),
        ({"schema": {"fields": []}}, "fields of the schema"),
        ({"schema": {"fields": [{"name": "a"}, {}]}}, "field 2"),
        ({"schema": {"fields": TWO, "missingValues": "NA"}}, "missingValues"),
        ({"schema": {"fields": TWO, "fieldsMatch": "subsets"}}, '"subset"'),
        ({"schema": {"fields": TWO, "foreignKeys": [{"fields": "a", "reference": {}}]}}, "foreign key"),
        (
            {"schema": {"fields": [{"name": "a", "constraints": {"pattern": "["}}]}},
            "pattern",
        ),
    ],
)
def test_what_is_not_known_is_refused_where_it_stands(tmp_path, change, named):
    resource = {"name": "t", "path": "t.csv", "schema": {"fields": TWO}} | change
    outcome = Outcome(tmp_path, {"resources": [resource]}, {"t.csv": "a,b\nx,1\n"})
    assert outcome.code in {1, 2}
    line = outcome.stderr.splitlines()[0]
    assert "datapackage.json: " in line
    assert named in line


def test_formatting_leaves_compressed_files_alone(tmp_path):
    data = gzip.compress(b"a,b\r\nx,1\r\n")
    outcome = one(tmp_path, TWO, data, path="t.csv.gz")
    done = CliRunner().invoke(format_command, [str(outcome.package / "datapackage.json")])
    assert (done.exit_code, done.stdout) == (0, "every table is in canonical form\n")
    assert (outcome.package / "t.csv.gz").read_bytes() == data


def test_the_documentation_says_of_every_type_how_it_is_stored():
    text = (ROOT / "docs" / "publishing.md").read_text(encoding="utf-8")
    rows = text.split("## How each type is stored")[1].split("## ")[0].splitlines()
    listed = {word for row in rows if row.startswith("| ") for word in re.findall(r"\w+", row.split("|")[1])}
    assert listed >= TYPES.keys()


ODD = (None, True, 0, -1, 2.5, "", "x", "é\n", [], {}, [1], ["a"], {"a": 1}, [[]], [None], 10**40, "\ud800")


def put(document, place, value):
    changed = copy.deepcopy(document)
    inner = changed
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    return changed


@pytest.mark.parametrize("seed", range(4))
def test_no_descriptor_makes_a_traceback(tmp_path, seed):
    keys = [{"fields": "p", "reference": {"resource": "t", "fields": "a"}}]
    numbers = {"minimum": 0, "maximum": 9, "unique": True, "enum": [1, 2]}
    texts = {"required": True, "pattern": "x.*", "minLength": 1, "maxLength": 9}
    resource = {
        "name": "t",
        "title": "T",
        "path": ["t.csv"],
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "header": True},
        "schema": {
            "fields": [
                {"name": "a", "type": "string", "format": "default", "constraints": texts, "title": "A"},
                {"name": "b", "type": "integer", "constraints": numbers, "example": "1", "groupChar": ","},
                {"name": "p", "missingValues": ["", "-"], "description": "D"},
                {"name": "n", "type": "number", "decimalChar": "."},
                {"name": "y", "type": "boolean", "trueValues": ["1"], "falseValues": ["0"]},
            ],
            "primaryKey": ["a"],
            "uniqueKeys": [["a", "b"]],
            "foreignKeys": keys,
            "missingValues": [""],
        },
    }
    raw = {
        "name": "p",
        "version": "1.0.0",
        "created": "2020-01-01T00:00:00Z",
        "licenses": [{"name": "x", "path": "y"}],
        "contributors": [{"title": "c"}],
        "sources": [{"title": "s", "path": "z"}],
        "resources": [resource, {"name": "o", "path": "o.txt"}],
    }
    files = {"t.csv": "a,b,p,n,y\nx,1,,1.5,1\nxy,2,x,,0\n", "o.txt": "o"}
    (tmp_path / "whole").mkdir()
    assert Outcome(tmp_path / "whole", raw, files).code == 0
    choose = random.Random(seed)
    places = [place for place in list_places(raw) if place]
    for number in range(60):
        folder = tmp_path / str(number)
        folder.mkdir()
        changed = put(raw, choose.choice(places), choose.choice(ODD))
        Outcome(folder, changed, files, choose.choice([build_command, validate_command]))
