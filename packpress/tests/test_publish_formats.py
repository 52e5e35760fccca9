"""Parquet, CSV, zip and hashes: every format holds the same rows, and says what they mean."""

import csv
import datetime
import hashlib
import json
import sqlite3
import subprocess
import zipfile
from contextlib import closing

import frictionless
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import packpress
from invented.packages import build, field, table, write_library, write_package
from packpress import read_package


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("library")
    return build(write_library(folder / "package"), folder / "build")


def test_the_folder_holds_every_format(library):
    assert sorted(path.relative_to(library).as_posix() for path in library.rglob("*") if path.is_file()) == [
        "CITATION.cff",
        "LOGICAL_SHA256",
        "SHA256SUMS",
        "checks-spark.sql",
        "checks.sql",
        "croissant.json",
        "csv/Größe & group.csv",
        "csv/order.csv",
        "datacite.json",
        "parquet/Größe & group.parquet",
        "parquet/README.md",
        "parquet/order.parquet",
        "site.json",
        "sm-all-1.2.3.zip",
        "sm-all.xlsx",
        "sm_all.db",
        "sm_all_data-1.2.3-py3-none-any.whl",
    ]


def test_parquet_has_the_declared_types(library):
    schema = pq.read_schema(library / "parquet" / "order.parquet")
    assert {item.name: (str(item.type), item.nullable) for item in schema} == {
        "key": ("string", False),
        'say "it"': ("string", True),
        "group by": ("int64", True),
        "from": ("int64", False),
        "yes": ("bool", True),
        "weight": ("double", True),
        "day": ("date32[day]", True),
        "kind": ("dictionary<values=string, indices=int32, ordered=0>", True),
    }
    assert schema.field('say "it"').metadata[b"description"] == b"What is said."
    assert json.loads(schema.metadata[b"table_schema"])["primaryKey"] == ["key", "from"]


def test_parquet_has_the_values(library):
    assert pq.read_table(library / "parquet" / "order.parquet").to_pylist()[2] == {
        "key": "b",
        'say "it"': 'x, "y"',
        "group by": 2,
        "from": 10,
        "yes": True,
        "weight": 1.5,
        "day": datetime.date(2020, 1, 2),
        "kind": "alpha",
    }


MOMENTS = {
    "all with a zone": ("2020-01-02T12:00:00+02:00", "2020-01-02T12:00:00Z", "timestamp[us, tz=UTC]"),
    "none with a zone": ("2020-01-02T12:00:00", "2020-01-02T13:00:00", "timestamp[us]"),
    "a nanosecond": ("2020-01-02T12:00:00.000000001Z", "2020-01-02T13:00:00Z", "timestamp[ns, tz=UTC]"),
    "both": ("2020-01-02T12:00:00Z", "2020-01-02T13:00:00", "string"),
}


@pytest.mark.parametrize(("first", "second", "kind"), MOMENTS.values(), ids=MOMENTS)
def test_parquet_keeps_moments_and_their_zones(tmp_path, first, second, kind):
    item = table("t", f"a\n{first}\n{second}\n\n", [field("a", "datetime")])
    output = build(write_package(tmp_path / "p", item), tmp_path / "build")
    assert str(pq.read_schema(output / "parquet" / "t.parquet").field("a").type) == kind


def test_other_types_are_published_as_they_are_written(tmp_path):
    cells = {
        "yearmonth": "2020-01",
        "duration": "P1D",
        "object": '{"b": 1}',
        "geopoint": "1.0, 2.0",
        "time": "12:30:00",
    }
    text = (
        ",".join(cells)
        + "\n"
        + ",".join('"' + cell.replace('"', '""') + '"' for cell in cells.values())
        + "\n"
    )
    item = table("t", text, [field(kind, kind) for kind in cells])
    output = build(write_package(tmp_path / "p", item), tmp_path / "build")
    with closing(sqlite3.connect(output / "sm_all.db")) as db:
        assert db.execute("select * from t").fetchall() == [tuple(cells.values())]


def test_categories_are_a_closed_list_in_every_format(tmp_path):
    sizes = field("size", categories=[{"value": "s", "label": "Small"}, {"value": "l", "label": "Large"}])
    output = build(write_package(tmp_path / "p", table("t", 'size\nl\n""\ns\n', [sizes])), tmp_path / "build")
    column = pq.read_table(output / "parquet" / "t.parquet")["size"].combine_chunks()
    assert (column.dictionary.to_pylist(), column.to_pylist()) == (["s", "l"], ["l", None, "s"])
    assert "not in ('s', 'l')" in (output / "checks.sql").read_text(encoding="utf-8")
    with closing(sqlite3.connect(output / "sm_all.db")) as db:
        meanings = db.execute("select value, meaning from data_dictionary_values where table_name = 't'")
        assert dict(meanings) == {"s": "Small", "l": "Large"}
        with pytest.raises(sqlite3.IntegrityError):
            db.execute("insert into t values ('m')")


def test_a_table_without_rows_is_published(tmp_path):
    output = build(
        write_package(tmp_path / "p", table("t", "a,b\n", [field("a"), field("b", "integer")])),
        tmp_path / "build",
    )
    assert pq.read_table(output / "parquet" / "t.parquet").schema.field("b").type == pa.int64()
    assert (output / "csv" / "t.csv").read_bytes() == b"a,b\n"


def write_foreign(folder):
    """A package of files that are not written the way ours are."""
    first = table(
        "data",
        "a;b\n'x;y';-\nNA;wahr\n",
        [field("a"), field("b", "boolean", trueValues=["wahr"], falseValues=["-"])],
        missingValues=["NA"],
        encoding="iso-8859-1",
        dialect={"delimiter": ";", "quoteChar": "'"},
    )
    path = write_package(folder, first, licenses=[{"name": "CC0-1.0"}])
    raw = json.loads(path.read_text())
    (folder / "notes.txt").write_bytes(b"read me\r\n")
    raw["resources"] += [
        {"name": "notes", "path": "notes.txt"},
        {"name": "far", "path": "https://example.com/a.txt"},
    ]
    path.write_text(json.dumps(raw))
    return path


def unzip(output, folder):
    with zipfile.ZipFile(next(output.glob("*.zip"))) as archive:
        archive.extractall(folder)
    return folder / "datapackage.json"


def test_the_zip_is_a_package_in_the_standards_own_dialect(tmp_path):
    output = build(write_foreign(tmp_path / "p"), tmp_path / "build")
    descriptor = unzip(output, tmp_path / "z")
    raw = json.loads(descriptor.read_text())
    data = (tmp_path / "z" / "data" / "data.csv").read_bytes()
    assert data == b"a,b\nx;y,-\nNA,wahr\n" == (output / "csv" / "data.csv").read_bytes()
    assert not packpress.validate(read_package(descriptor)).problems
    first, notes, far = raw["resources"]
    assert (first["path"], first["bytes"], first["rowCount"]) == ("data/data.csv", len(data), 2)
    assert first["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
    assert "dialect" not in first
    assert (tmp_path / "z" / notes["path"]).read_bytes() == b"read me\r\n"
    assert "hash" in notes
    assert far == {"name": "far", "path": "https://example.com/a.txt"}


def test_the_zip_carries_the_licences_that_are_files(tmp_path):
    root = tmp_path / "p"
    licences = [{"path": "TERMS.md"}, {"path": "linked.md"}, {"path": "https://x.org/a.md"}]
    tables = [table("t", "a\nx\n", [field("a")], licenses=[{"path": "of-t.md"}, {"path": "README.md"}])]
    path = write_package(root, *tables, licenses=licences)
    (tmp_path / "secret").write_text("secret")
    (root / "linked.md").symlink_to(tmp_path / "secret")
    for name in ("TERMS.md", "of-t.md", "README.md", "other.md"):
        (root / name).write_text("mine")
    with zipfile.ZipFile(build(path, tmp_path / "build") / "sm-all-1.2.3.zip") as archive:
        assert archive.namelist() == ["README.md", "TERMS.md", "data/t.csv", "datapackage.json", "of-t.md"]
        assert archive.read("README.md") == archive.read("TERMS.md") == b"mine"


def test_a_build_of_the_zip_holds_the_same_rows(tmp_path, library):
    again = build(unzip(library, tmp_path / "z"), tmp_path / "again")
    assert (again / "LOGICAL_SHA256").read_bytes() == (library / "LOGICAL_SHA256").read_bytes()


def test_the_zip_is_in_order_and_dated_by_the_descriptor(library):
    with zipfile.ZipFile(library / "sm-all-1.2.3.zip") as archive:
        names = [item.filename for item in archive.infolist()]
        assert names == sorted(names)
        assert {item.date_time for item in archive.infolist()} == {(2024, 5, 6, 7, 8, 8)}


def test_the_logical_hash_is_what_its_docstring_says(library):
    lines = ['["select","Name of it"]', '[1,"\U0001f40d"]', '[2,"b"]']
    digest = hashlib.sha256("".join(f"{line}\n" for line in lines).encode("utf-8")).hexdigest()
    first, second, total = (library / "LOGICAL_SHA256").read_text(encoding="utf-8").splitlines()
    assert first == f"{digest}  Größe & group"
    above = f"{first}\n{second}\n".encode()
    assert total == f"{hashlib.sha256(above).hexdigest()}  total"


def test_the_sums_hold(library):
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=library, check=True)
    listed = (library / "SHA256SUMS").read_text(encoding="utf-8").count("\n")
    assert listed == len([path for path in library.rglob("*") if path.is_file()]) - 1


def as_texts(rows, resource):
    """The rows as canonical CSV has them."""

    def as_text(value, kind):
        if value is None:
            return ""
        return ("true" if value else "false") if kind == "boolean" else str(value)

    kinds = [item.type for item in resource.fields]
    return [tuple(as_text(value, kind) for value, kind in zip(row, kinds, strict=True)) for row in rows]


def test_every_format_of_every_table_holds_the_same_rows(package, built):
    with closing(sqlite3.connect(built / f"{package.database_name}.db")) as db:
        for resource in (*package.resources, *package.derived):
            with (built / "csv" / f"{resource.name}.csv").open(encoding="utf-8", newline="") as lines:
                header, *written = map(tuple, csv.reader(lines))
            parquet = pq.read_table(built / "parquet" / f"{resource.name}.parquet")
            assert tuple(parquet.column_names) == header == resource.field_names
            rows = [tuple(row.values()) for row in parquet.to_pylist()]
            stored = db.execute(f'select * from "{resource.name}" order by rowid').fetchall()
            assert as_texts(stored, resource) == as_texts(rows, resource) == written


def test_the_published_csv_is_the_source_file(package, built):
    for resource in package.resources:
        assert (built / "csv" / f"{resource.name}.csv").read_bytes() == (
            package.root / resource.paths[0]
        ).read_bytes()


def test_the_zip_of_every_kind_of_table_is_valid(tmp_path, built):
    report = packpress.validate(read_package(unzip(built, tmp_path)))
    assert not report.problems
    assert "sightings_flat" in report.tables


@pytest.mark.long
def test_frictionless_finds_the_zip_valid_too(tmp_path, built):
    report = frictionless.validate(str(unzip(built, tmp_path)), type="package")
    assert report.flatten(["rowNumber", "message"]) == []
    assert len(report.tasks) == len(list((built / "csv").iterdir()))


@pytest.mark.parametrize("search", ["sightings_fts", "sightings_flat_fts", "pages_fts"])
def test_a_search_for_nonsense_finds_nothing_and_for_whales_something(built, package, search):
    with closing(sqlite3.connect(built / f"{package.database_name}.db")) as db:
        count = f'select count(*) from "{search}" where "{search}" match ?'
        assert db.execute(count, ("xyzzyx",)).fetchone() == (0,)
        assert db.execute(count, ("whale",)).fetchone()[0] > 0


@pytest.mark.parametrize(
    ("more", "values", "is_ordered", "cells"),
    [
        (
            {"categories": ["low", "mid", "high"], "categoriesOrdered": True},
            ["low", "mid", "high"],
            True,
            ["high", "low"],
        ),
        ({"categories": ["b", "a"], "categoriesOrdered": False}, ["b", "a"], False, ["a", "b"]),
        (
            {"categories": [{"value": "z", "label": "last"}, {"value": "y"}], "categoriesOrdered": True},
            ["z", "y"],
            True,
            ["y", "z"],
        ),
        (
            {"categories": ["s", "m", "l"], "categoriesOrdered": True, "enum": ["l", "s"]},
            ["s", "l"],
            True,
            ["l", "s"],
        ),
    ],
)
def test_parquet_keeps_the_order_and_the_labels_of_categories(more, values, is_ordered, cells, tmp_path):
    text = "a\n" + "".join(f"{cell}\n" for cell in cells)
    folder = build(
        write_package(tmp_path / "package", table("t", text, [field("a", **more)])), tmp_path / "build"
    )
    column = pq.read_table(folder / "parquet" / "t.parquet").column("a")
    assert column.type.ordered == is_ordered
    assert column.chunk(0).dictionary.to_pylist() == values
    assert column.to_pylist() == cells
    metadata = pq.read_schema(folder / "parquet" / "t.parquet").field("a").metadata
    labels = [item.get("label") for item in json.loads(metadata[b"categories"])]
    assert labels == [one.get("label") if isinstance(one, dict) else None for one in more["categories"]]
