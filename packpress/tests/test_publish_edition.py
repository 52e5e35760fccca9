"""Editions: what each leaves out is nowhere in its files, and each is a valid package."""

import json
import sqlite3
import zipfile
from contextlib import closing

import pytest

import packpress
from invented.copies import FLEET
from invented.packages import build, field, table, write_package
from packpress import CannotRunError, read_package


@pytest.fixture(scope="module", params=["quotes", "none"])
def edition(request, tmp_path_factory):
    """The name of an edition and a build in it."""
    output = tmp_path_factory.mktemp(request.param) / "build"
    return request.param, build(FLEET / "datapackage.json", output, request.param)


LEFT_OUT = {"quotes": ("document",), "none": ("document", "quote")}


def open_db(folder):
    return closing(sqlite3.connect(folder / "fleet_logs.db"))


def column_of(db, table, name):
    return [value for (value,) in db.execute(f'select "{name}" from "{table}" order by rowid')]


def test_the_fields_left_out_are_empty_and_all_others_as_they_were(package, built, edition):
    name, folder = edition
    with open_db(folder) as db, open_db(built) as full:
        for resource in (*package.resources, *package.derived):
            for item in resource.fields:
                values = column_of(db, resource.name, item.name)
                if item.verbatim in LEFT_OUT[name]:
                    assert set(values) <= {None}, (resource.name, item.name)
                else:
                    assert values == column_of(full, resource.name, item.name), (resource.name, item.name)


def test_the_dictionary_names_the_columns_left_out(package, built, edition):
    name, folder = edition
    asked = "select table_name, field_name from data_dictionary where left_out"
    with open_db(folder) as db, open_db(built) as full:
        assert not full.execute(asked).fetchall()
        found = db.execute(asked).fetchall()
    tables = {resource.name: resource for resource in (*package.resources, *package.derived)}
    assert {(table, column) for table, column in found if table in tables} == {
        (table, item.name)
        for table, resource in tables.items()
        for item in resource.fields
        if item.verbatim in LEFT_OUT[name]
    }


def test_no_file_holds_the_words_left_out(package, built, edition):
    name, folder = edition
    kept = "\n".join(path.read_text(encoding="utf-8") for path in (folder / "csv").iterdir())
    with open_db(built) as full:
        words = {
            value
            for resource in package.resources
            for item in resource.fields
            if item.verbatim in LEFT_OUT[name]
            for value in column_of(full, resource.name, item.name)
            # Shorter ones, and bibliographic facts, stand in fields that are ours as well.
            if value and len(value) > 8 and value not in kept
        }
    assert len(words) > 5
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".zip"]
    with zipfile.ZipFile(next(folder.glob("*.zip"))) as archive:
        files += [archive.read(item) for item in archive.namelist()]
    for data in files:
        assert not [value for value in words if value.encode("utf-8") in data]


def test_the_zip_is_valid_and_says_its_edition(tmp_path, edition):
    name, folder = edition
    with zipfile.ZipFile(next(folder.glob("*.zip"))) as archive:
        archive.extractall(tmp_path)
    report = packpress.validate(read_package(tmp_path / "datapackage.json"))
    assert not report.problems
    raw = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))
    assert raw["edition"] == name
    assert "rules" not in raw.get("validation", {})


def verbatim_table(**properties):
    fields = [
        field("id", "integer"),
        field("words", verbatim="quote", required=True, minLength=1, example="printed"),
        field("page", verbatim="document", required=True),
    ]
    return table("t", "id,words,page\n1,a,b\n2,c,d\n", fields, **properties)


def test_keys_that_hold_words_go_with_the_words(tmp_path):
    path = write_package(tmp_path / "p", verbatim_table(primaryKey="id", uniqueKeys=[["words"], ["id"]]))
    output = build(path, tmp_path / "build", "none")
    with zipfile.ZipFile(next(output.glob("*.zip"))) as archive:
        schema = json.loads(archive.read("datapackage.json"))["resources"][0]["schema"]
    assert schema["uniqueKeys"] == [["id"]]
    assert schema["fields"][1:] == [
        {"name": "words", "type": "string", "verbatim": "quote"},
        {"name": "page", "type": "string", "verbatim": "document"},
    ]
    assert (output / "csv" / "t.csv").read_bytes() == b"id,words,page\n1,,\n2,,\n"


def test_a_primary_key_of_words_has_no_edition_without_them(tmp_path):
    path = write_package(tmp_path / "p", verbatim_table(primaryKey="words"))
    message = (
        "t: its key contains text from the source, so it has no edition without it; use --source-text full"
    )
    with pytest.raises(CannotRunError, match=message):
        build(path, tmp_path / "build", "none")
