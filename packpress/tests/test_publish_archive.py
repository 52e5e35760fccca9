"""The zip: whatever the sources are written like, it is a package of CSV in which no two things share a path."""

import gzip
import json
import zipfile

import frictionless
import pytest
from packpress.package.descriptor import read_descriptor
from packpress.publish.archive import Entries

import packpress
from invented.packages import build, field
from tests.web.public_shapes import SHAPES

FIELDS = [field("id", "integer"), field("txt")]
TABS = b'id\ttxt\n2\tx, y\n1\t"say ""z"""\n'
BARS = b'id|txt\n2|x, y\n1|"say ""z"""\n'


def write(folder, resources, files):
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    path = folder / "datapackage.json"
    path.write_text(json.dumps({"name": "p", "resources": resources}))
    return path


def table(name, path, **properties):
    return {"name": name, "path": path, "schema": {"fields": FIELDS, "primaryKey": "id"}, **properties}


def unzip(output, folder):
    with zipfile.ZipFile(next(output.glob("*.zip"))) as archive:
        archive.extractall(folder)
        return folder / "datapackage.json", archive.namelist()


@pytest.mark.parametrize(
    ("path", "properties", "data"),
    [
        ("t.tsv", {}, TABS),
        ("T.TSV", {}, TABS),
        ("t.tab", {}, TABS),
        ("t.tsv.gz", {}, gzip.compress(TABS, mtime=0)),
        ("t.txt", {"format": "tsv"}, TABS),
        ("t.txt", {"format": ".TSV"}, TABS),
        ("t.txt", {"format": "tab"}, TABS),
        ("t.dat", {"mediatype": "text/tab-separated-values"}, TABS),
        ("t.csv", {"mediatype": "text/tab-separated-values; charset=utf-8"}, TABS),
        ("t.txt", {"dialect": {"delimiter": "\t"}}, TABS),
        ("t.tsv", {"format": "tsv", "dialect": {"delimiter": "\t", "doubleQuote": True}}, TABS),
        ("t.tsv", {"dialect": {"delimiter": "|"}}, BARS),
        ("t.tsv", {"format": "csv", "dialect": {"csv": {"delimiter": "|"}}}, BARS),
        ("t.tsv", {"bytes": len(TABS), "rowCount": 2}, TABS),
    ],
)
def test_the_zip_has_commas_whatever_parts_the_cells_of_the_source(tmp_path, path, properties, data):
    output = build(write(tmp_path / "p", [table("t", path, **properties)], {path: data}), tmp_path / "build")
    published = b'id,txt\n1,"say ""z"""\n2,"x, y"\n'
    assert (output / "csv" / "t.csv").read_bytes() == published
    descriptor, _ = unzip(output, tmp_path / "z")
    assert (tmp_path / "z" / "data" / "t.csv").read_bytes() == published
    assert packpress.validate(read_descriptor(descriptor)).is_valid
    assert frictionless.validate(str(descriptor)).valid
    again = build(descriptor, tmp_path / "again")
    assert (again / "LOGICAL_SHA256").read_bytes() == (output / "LOGICAL_SHA256").read_bytes()


def test_what_tools_say_of_a_source_file_is_not_said_of_the_published_one(tmp_path):
    of_source = {
        "stats": {"bytes": 3, "hash": "0"},
        "hashing": "md5",
        "scheme": "file",
        "control": {},
        "layout": {},
    }
    output = build(
        write(tmp_path / "p", [table("t", "t.tsv", **of_source)], {"t.tsv": TABS}), tmp_path / "build"
    )
    descriptor, _ = unzip(output, tmp_path / "z")
    assert not json.loads(descriptor.read_text())["resources"][0].keys() & of_source.keys()


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("README.md", "README.md"),
        ("readme.MD", "readme.MD"),
        ("./README.md", "./README.md"),
        ("README.md/about.txt", "README.md/about.txt"),
        ("data/t.csv", "data/t.csv"),
        ("Data/T.CSV", "Data/T.CSV"),
        ("data", "data"),
        ("data/t.csv/notes.txt", "data/t.csv/notes.txt"),
        ("DataPackage.json", "DataPackage-2.json"),
        ("docs/notes.txt", "docs/notes.txt"),
    ],
)
def test_what_a_package_lists_keeps_its_path_beside_what_we_write(tmp_path, path, kept):
    resources = [table("t", "x.csv"), {"name": "other", "path": path}]
    root = tmp_path / "p"
    files = {"x.csv": b"id,txt\n1,a\n"}
    descriptor = write(root, resources, files | {path: b"theirs"})
    output = build(descriptor, tmp_path / "build")
    unzipped, names = unzip(output, tmp_path / "z")
    first, other = json.loads(unzipped.read_text())["resources"]
    assert other["path"] == kept
    assert (tmp_path / "z" / kept).read_bytes() == b"theirs"
    assert (tmp_path / "z" / first["path"]).read_bytes() == b"id,txt\n1,a\n"
    assert len({name.casefold() for name in names}) == len(names)
    assert packpress.validate(read_descriptor(unzipped)).is_valid
    again = build(unzipped, tmp_path / "again")
    assert (again / "LOGICAL_SHA256").read_bytes() == (output / "LOGICAL_SHA256").read_bytes()


def test_files_whose_paths_differ_by_capitals_are_told_apart(tmp_path):
    resources = [
        table("t", "x.csv"),
        {"name": "notes", "path": ["Notes.txt", "notes.txt"]},
        {"name": "again", "path": "NOTES.txt"},
    ]
    files = {"x.csv": b"id,txt\n", "Notes.txt": b"1", "notes.txt": b"2", "NOTES.txt": b"3"}
    unzipped, _ = unzip(build(write(tmp_path / "p", resources, files), tmp_path / "build"), tmp_path / "z")
    _, notes, again = json.loads(unzipped.read_text())["resources"]
    assert [notes["path"], again["path"]] == [["Notes.txt", "notes-2.txt"], "NOTES-3.txt"]
    assert [(tmp_path / "z" / path).read_bytes() for path in (*notes["path"], again["path"])] == [
        b"1",
        b"2",
        b"3",
    ]
    assert packpress.validate(read_descriptor(unzipped)).is_valid


def test_the_descriptor_may_be_listed_and_one_file_twice(tmp_path):
    resources = [
        table("t", "x.csv"),
        {"name": "own", "path": "datapackage.json"},
        {"name": "a", "path": "x.txt"},
        {"name": "b", "path": "./x.txt"},
    ]
    files = {"x.csv": b"id,txt\n", "x.txt": b"x"}
    descriptor = write(tmp_path / "p", resources, files)
    unzipped, names = unzip(build(descriptor, tmp_path / "build"), tmp_path / "z")
    assert names == ["README.md", "data/t.csv", "datapackage-2.json", "datapackage.json", "x.txt"]
    assert (tmp_path / "z" / "datapackage-2.json").read_bytes() == descriptor.read_bytes()
    assert packpress.validate(read_descriptor(unzipped)).is_valid


def test_a_path_is_taken_by_its_folders_too():
    entries = Entries()
    assert [entries.add(path, b"") for path in ("a/b.txt", "a", "A/B.txt/c", "a/b.txt")] == [
        "a/b.txt",
        "a-2",
        "A/B.txt-2/c",
        "a/b-2.txt",
    ]


@pytest.mark.parametrize("name", SHAPES)
def test_the_zip_of_what_people_have_is_a_package_too(tmp_path, name):
    output = build(SHAPES[name](tmp_path / "p"), tmp_path / "build")
    descriptor, _ = unzip(output, tmp_path / "z")
    assert not packpress.validate(read_descriptor(descriptor)).problems
    again = build(descriptor, tmp_path / "again")
    assert (again / "LOGICAL_SHA256").read_bytes() == (output / "LOGICAL_SHA256").read_bytes()
