"""Paths in a descriptor: what is no path is a problem, and a path that is nearly right gets the right one."""

import gzip
import json
import unicodedata

import pytest

from invented.findings import list_offers
from packpress import CannotRunError, read_package, validate

LONG = "x" * 5_000


def write(folder, files=None, **properties):
    """A package of the table t.csv, whose resource has further properties."""
    table = {"name": "t", "path": "t.csv", "schema": {"fields": [{"name": "n"}]}, **properties}
    for name, content in {"t.csv": "n\n1\n", **(files or {})}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    (folder / "datapackage.json").write_text(
        json.dumps({"name": "p", "resources": [table]}), encoding="utf-8"
    )
    return folder / "datapackage.json"


@pytest.mark.parametrize("name", ["path", "schema", "dialect", "profile", "$schema"])
@pytest.mark.parametrize(
    "path", [LONG, f"a/{LONG}", "nul\0", f"\\{LONG}"], ids=["long", "a part", "NUL", "backslash"]
)
def test_what_cannot_be_a_path_has_one_line(name, path, tmp_path):
    descriptor = write(tmp_path, **{name: path})
    try:
        problems = [str(problem) for problem in validate(read_package(descriptor)).problems]
    except CannotRunError as error:
        problems = [str(error)]
    (line,) = problems
    assert "\n" not in line and "; " in line


COMPOSED = unicodedata.normalize("NFC", "Häfen/Ärø.csv")
SPELLINGS = [
    ("t.csv", "T.CSV"),
    ("Data/Boats.csv", "data/boats.csv"),
    ("a b.csv", "a%20b.csv"),
    ("100%25.csv", "100%.csv"),
    (COMPOSED, unicodedata.normalize("NFD", COMPOSED)),
    (unicodedata.normalize("NFD", COMPOSED), COMPOSED),
    ("data/t.csv", "C:\\work\\Data\\T.csv"),
]


@pytest.mark.parametrize(("there", "written"), SPELLINGS)
@pytest.mark.parametrize("has_schema", [True, False], ids=["a table", "a file"])
def test_a_path_in_another_spelling_gets_that_of_the_file(there, written, has_schema, tmp_path):
    properties = {} if has_schema else {"schema": None}
    descriptor = write(tmp_path, {there: "n\n1\n"}, path=written, **properties)
    (problem,) = validate(read_package(descriptor)).problems
    assert list_offers(problem.message) == [there]
    assert validate(read_package(write(tmp_path, path=there, **properties))).problems == []


@pytest.mark.parametrize("name", ["schema", "dialect", "profile"])
def test_a_part_in_another_spelling_gets_that_of_the_file(name, tmp_path):
    text = '{"fields": [{"name": "n"}]}' if name == "schema" else "{}"
    descriptor = write(tmp_path, {"Parts/one two.json": text}, **{name: "parts/one%20two.json"})
    try:
        (message,) = (problem.message for problem in validate(read_package(descriptor)).problems)
    except CannotRunError as error:
        message = str(error)
    assert list_offers(message) == ["Parts/one two.json"]


@pytest.mark.parametrize("written", ["u.csv", "t.cvs", "%2e%2e/t.csv"])
def test_a_path_to_nothing_alike_gets_none(written, tmp_path):
    (problem,) = validate(read_package(write(tmp_path, path=written))).problems
    assert problem.code == "file/unreadable" and list_offers(problem.message) == []


def test_one_of_two_files_that_differ_in_case_is_not_guessed(tmp_path):
    descriptor = write(tmp_path, {"U.csv": "n\n", "u.CSV": "n\n"}, path="u.csv")
    (problem,) = validate(read_package(descriptor)).problems
    assert list_offers(problem.message) == []


@pytest.mark.parametrize(
    ("path", "compression"), [("t.csv.gz", None), ("T.CSV.ZIP", None), ("t.csv", "gz"), ("t.csv", "zip")]
)
def test_plain_text_that_should_be_compressed_is_called_so(path, compression, tmp_path):
    descriptor = write(tmp_path, {path: "n\n1\n"}, path=path, compression=compression)
    (problem,) = validate(read_package(descriptor)).problems
    assert problem.code == "file/unreadable" and problem.message.startswith("plain text, ")


def test_a_file_compressed_in_another_way_is_called_so(tmp_path):
    descriptor = write(tmp_path, path="t.zip")
    (tmp_path / "t.zip").write_bytes(gzip.compress(b"n\n1\n"))
    (problem,) = validate(read_package(descriptor)).problems
    assert problem.message.startswith("a gzip file, ")
