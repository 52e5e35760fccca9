"""What a command takes as a package: a descriptor, its folder, a zip, standard input; and what it refuses."""

import bz2
import gc
import gzip
import io
import json
import lzma
import stat
import subprocess
import sys
import zipfile

import pytest
from packpress.checks.validation import validate_package
from packpress.package import argument
from packpress.package.descriptor import read_descriptor
from packpress.problems import CannotRunError

from invented.findings import locate_all

RAW = {
    "name": "p",
    "resources": [
        {"name": "t", "path": "data/t.csv", "schema": {"fields": [{"name": "n", "type": "integer"}]}}
    ],
}
FILES = {"datapackage.json": json.dumps(RAW), "data/t.csv": "n\n1\nx\n"}
FOUND = ['data/t.csv:3: n="x": schema/cell']


def write_zip(folder, files, name="p.zip"):
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return folder / name


def list_problems(path):
    return locate_all(validate_package(read_descriptor(path)))


@pytest.mark.parametrize("name", ["p.zip", "p.dat"])
def test_a_zip_is_read_and_problems_name_the_files_in_it(name, tmp_path):
    assert list_problems(write_zip(tmp_path, FILES, name)) == FOUND


def test_a_zip_may_have_one_folder_at_its_top_and_what_a_mac_adds(tmp_path):
    files = {f"fleet/{path}": text for path, text in FILES.items()}
    files |= {"__MACOSX/fleet/._datapackage.json": "\0", "fleet/.DS_Store": "\0", "fleet/data/._t.csv": "\0"}
    path = write_zip(tmp_path, files)
    assert list_problems(path) == FOUND
    root = read_descriptor(path).root
    assert not root.exists()  # nobody holds the package any more
    package = read_descriptor(path)
    names = sorted(file.relative_to(package.root).as_posix() for file in package.root.rglob("*.*"))
    assert names == ["data/t.csv", "datapackage.json"]


def test_a_zip_may_have_paths_of_windows_and_a_descriptor_of_yaml(tmp_path):
    path = write_zip(tmp_path, {"datapackage.yaml": json.dumps(RAW), "data\\t.csv": FILES["data/t.csv"]})
    assert list_problems(path) == FOUND


def test_what_was_unpacked_lives_as_long_as_the_package_or_another_made_of_it(tmp_path):
    package = read_descriptor(write_zip(tmp_path, FILES))
    root = package.root
    changed = package.replaced(title="T")
    del package
    gc.collect()
    assert locate_all(validate_package(changed)) == FOUND
    del changed
    gc.collect()
    assert not root.exists()


def write_link(folder):
    info = zipfile.ZipInfo("data/t.csv")
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    path = write_zip(folder, {"datapackage.json": FILES["datapackage.json"]})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(info, "/etc/passwd")
    return path


def write_twice(folder):
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(folder / "p.zip", "w") as archive:
        for text in "{}":
            archive.writestr("datapackage.json", text)
    return folder / "p.zip"


def write_damaged(folder):
    path = write_zip(folder, FILES)
    path.write_bytes(path.read_bytes()[:-40])
    return path


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (
            lambda folder: write_zip(folder, {"../../a": "x", **FILES}),
            "the path ../../a, which leads out of it",
        ),
        (lambda folder: write_zip(folder, {"/a": "x", **FILES}), "the path /a, which leads out of it"),
        (lambda folder: write_zip(folder, {"..\\a": "x", **FILES}), "the path ../a, which leads out of it"),
        (lambda folder: write_zip(folder, {"a": "x", "a/b": "x", **FILES}), "contains a twice"),
        (lambda folder: write_zip(folder, {"t.csv": "n\n"}), "contains no datapackage.json"),
        (
            lambda folder: write_zip(folder, {f"{name}/datapackage.json": "{}" for name in "ab"}),
            "contains 2 data packages",
        ),
        (write_link, "contains the link data/t.csv"),
        (write_twice, "contains datapackage.json twice"),
        (write_damaged, "cannot be unpacked"),
    ],
)
def test_a_zip_that_is_no_package_or_an_attack_is_refused_and_leaves_nothing(
    write, message, tmp_path, monkeypatch
):
    inner = tmp_path / "within"
    inner.mkdir()
    monkeypatch.setattr(argument.tempfile, "tempdir", str(inner))
    path = write(tmp_path)
    before = {file: file.stat().st_size for file in tmp_path.rglob("*")}
    with pytest.raises(CannotRunError) as raised:
        read_descriptor(path)
    assert str(raised.value).startswith(f"{path}: ") and message in str(raised.value)
    del raised
    gc.collect()
    assert {file: file.stat().st_size for file in tmp_path.rglob("*")} == before


@pytest.mark.parametrize("name", ["p.zip", "P.ZIP", "datapackage.json.gz"])
@pytest.mark.parametrize("text", [FILES["datapackage.json"], "name: p\nresources: []\n", "Häfen"])
def test_plain_text_with_the_name_of_an_archive_is_called_so(name, text, tmp_path):
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(CannotRunError, match=rf"{name}: plain text, although .*; rename it"):
        read_descriptor(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("datapackage.json.gz", gzip.compress(b"{}", mtime=0), "gzip"),
        ("p.tar.bz2", bz2.compress(b"x"), "bzip2"),
        ("p.xz", lzma.compress(b"x"), "xz"),
        ("p.7z", b"7z\xbc\xaf\x27\x1c\0\4", "7z"),
        ("p.zip", gzip.compress(b"{}", mtime=0), "gzip"),
    ],
)
def test_an_archive_that_is_no_zip_says_what_it_is(name, data, kind, tmp_path):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(CannotRunError, match=rf"{name}: a {kind} file; unpack it"):
        read_descriptor(tmp_path / name)


def test_a_zip_of_too_many_files_names_the_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(argument, "MOST_FILES", 3)
    path = write_zip(tmp_path, {**FILES, "a": "", "b": ""})
    with pytest.raises(CannotRunError, match="contains 4 files, more than the limit of 3; "):
        read_descriptor(path)


@pytest.mark.long
def test_a_zip_that_grows_beyond_measure_is_refused_before_it_is_unpacked(tmp_path):
    path = write_zip(tmp_path, FILES)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("zeros", "w") as file:
        for _ in range((argument.MOST_BYTES >> 20) + 1):
            file.write(bytes(1 << 20))
    assert path.stat().st_size < 1 << 20
    with pytest.raises(
        CannotRunError, match=r"unpacks to 257 MB, more than the limit of 256 MB for a zip of its size"
    ):
        read_descriptor(path)


def test_a_fault_of_a_descriptor_in_a_zip_names_the_zip(tmp_path):
    path = write_zip(tmp_path, {"datapackage.json": "{"})
    with pytest.raises(CannotRunError, match=r"p\.zip/datapackage\.json:1: not JSON"):
        read_descriptor(path)


@pytest.mark.parametrize(
    "text", [json.dumps(RAW), "name: p\nresources:\n- " + json.dumps(RAW["resources"][0])]
)
def test_standard_input_is_read_with_paths_from_where_one_is(text, tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "t.csv").write_text(FILES["data/t.csv"], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert list_problems(argument.Path("-")) == FOUND


def run(*words, **options):
    line = [sys.executable, "-m", "packpress", *map(str, words)]
    return subprocess.run(line, capture_output=True, text=True, check=False, **options)


@pytest.mark.long
@pytest.mark.parametrize("path", ["fleet/datapackage.json", "fleet//a/..//datapackage.json?u=http://x"])
def test_an_address_says_what_to_do(path):
    done = run("validate", f"https://example.org/{path}")
    assert done.returncode == 2
    assert done.stderr.startswith(f"https://example.org/{path}: on the web; ")
    assert "--allow-remote" in done.stderr


@pytest.mark.long
@pytest.mark.parametrize("verb", ["format", "generate", "workbook"])
def test_nothing_is_changed_in_a_zip(verb, tmp_path):
    path = write_zip(tmp_path, FILES)
    before = path.read_bytes()
    done = run(verb, path, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{path}: a zip, which cannot be edited; unpack it and name the folder\n"
    assert path.read_bytes() == before


@pytest.mark.long
def test_a_build_of_a_zip_is_that_of_its_folder(tmp_path):
    files = FILES | {"data/t.csv": "n\n1\n"}
    (tmp_path / "folder" / "data").mkdir(parents=True)
    for path, text in files.items():
        (tmp_path / "folder" / path).write_text(text, encoding="utf-8")
    for place, output in ((write_zip(tmp_path, files), "one"), (tmp_path / "folder", "other")):
        done = run("build", place, "--output", tmp_path / output, "--formats", "sqlite,csv")
        assert done.returncode == 0, done.stderr
    sums = [(tmp_path / name / "SHA256SUMS").read_text() for name in ("one", "other")]
    assert sums[0] == sums[1]
