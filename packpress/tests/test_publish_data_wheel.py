"""The wheel of a build: whole by its own record, installable without a network, and typed as declared."""

import base64
import csv
import hashlib
import importlib
import io
import json
import os
import subprocess
import sys
import zipfile
from contextlib import contextmanager

import pandas as pd
import pyarrow.parquet as pq
import pytest
from packaging.metadata import Metadata

import packpress
from invented.copies import FLEET
from invented.packages import build, field, table, write_library, write_package

TYPES = {
    "text": ("string", "ada", "string"),
    "whole": ("integer", "3", "Int64"),
    "built": ("year", "1998", "Int64"),
    "weight": ("number", "310.5", "Float64"),
    "afloat": ("boolean", "true", "boolean"),
    "landed": ("date", "2024-03-01", "datetime64[ms]"),
    "left": ("datetime", "2024-03-01T10:00:00Z", "datetime64[us, UTC]"),
    "noon": ("time", "12:00:00", "string"),
    "long": ("duration", "PT3H", "string"),
}


def write_types(folder, **properties):
    """A package of a table with a filled and an empty row, a column of each type, and two of allowed values."""
    fields = [
        field("key"),
        *(field(name, kind) for name, (kind, _, _) in TYPES.items()),
        field("kind", enum=["zulu", "alpha", "mike"]),
        field("size", categories=["small", "large"], categoriesOrdered=True),
    ]
    header = ",".join(item["name"] for item in fields)
    filled = ",".join(["a", *(cell for _, cell, _ in TYPES.values()), "alpha", "large"])
    text = f"{header}\n{filled}\nb{',' * (len(fields) - 1)}\n"
    hauls = table("hauls", text, fields, primaryKey="key", title="Hauls")
    boats = table("boats", "boat_id\n", [field("boat_id")], primaryKey="boat_id", title="Boats")
    return write_package(folder, hauls, boats, **properties)


def find_wheel(output):
    (wheel,) = output.glob("*.whl")
    return wheel


def install(output, target):
    """Installs the wheel of a build as anybody would who has no network."""
    line = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    line += ["--no-index", "--no-deps", "--target", str(target), str(find_wheel(output))]
    done = subprocess.run(line, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return target


@contextmanager
def imported(place, name):
    """The module of a wheel, found in a folder or in a zip, and forgotten afterwards."""
    sys.path.insert(0, str(place))
    importlib.invalidate_caches()
    try:
        yield importlib.import_module(name)
    finally:
        sys.path.remove(str(place))
        sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def hauls(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hauls")
    output = build(write_types(folder / "p"), folder / "build")
    with imported(install(output, folder / "installed"), "sm_all") as module:
        yield module


@pytest.mark.parametrize("name", TYPES)
def test_a_column_has_the_type_that_is_declared(hauls, name):
    column = hauls.load("hauls")[name]
    assert str(column.dtype) == TYPES[name][2]
    assert [*column.isna()] == [False, True]


def test_values_are_those_of_the_cells(hauls):
    (row,) = hauls.load("hauls").iloc[:1].to_dict("records")
    assert row == {
        "key": "a",
        "text": "ada",
        "whole": 3,
        "built": 1998,
        "weight": 310.5,
        "afloat": True,
        "landed": pd.Timestamp("2024-03-01"),
        "left": pd.Timestamp("2024-03-01T10:00:00Z"),
        "noon": "12:00:00",
        "long": "PT3H",
        "kind": "alpha",
        "size": "large",
    }


def test_allowed_values_are_categories_in_the_declared_order(hauls):
    kind, size = (hauls.load("hauls")[name].cat for name in ("kind", "size"))
    assert ([*kind.categories], kind.ordered) == (["zulu", "alpha", "mike"], False)
    assert ([*size.categories], size.ordered) == (["small", "large"], True)


def test_a_table_without_rows_is_typed_too(hauls):
    empty = hauls.load("boats")
    assert (len(empty), str(empty.dtypes["boat_id"])) == (0, "string")


def test_tables_have_titles_and_paths(hauls):
    assert hauls.tables() == {"hauls": "Hauls", "boats": "Boats"}
    assert pq.read_table(hauls.path("hauls")).num_rows == 2
    assert hauls.__all__ == ["descriptor", "load", "path", "tables"]
    assert hauls.path("hauls").with_name("hauls.parquet").parent.parent.joinpath("py.typed").is_file()


def test_the_descriptor_says_where_each_table_is_and_what_it_means(hauls):
    (resource, _) = hauls.descriptor["resources"]
    file = hauls.path("hauls")
    assert file.as_posix().endswith(resource["path"])
    assert resource["bytes"] == file.stat().st_size
    assert resource["hash"] == f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"
    assert (resource["format"], resource["rowCount"], "encoding" in resource) == ("parquet", 2, False)
    assert [item["name"] for item in resource["schema"]["fields"]] == ["key", *TYPES, "kind", "size"]


@pytest.mark.parametrize("function", ["load", "path"])
@pytest.mark.parametrize(("asked", "offered"), [("haul", "hauls"), ("zzz", "hauls, boats")])
def test_a_table_that_does_not_exist_is_told_with_those_that_do(hauls, function, asked, offered):
    with pytest.raises(LookupError) as error:
        getattr(hauls, function)(asked)
    assert str(error.value) == f'no table "{asked}" in sm_all; choose from {offered}'


def test_it_loads_from_within_the_wheel_too_where_nothing_has_a_path(tmp_path):
    output = build(write_types(tmp_path / "p", name="zipped"), tmp_path / "build")
    with imported(find_wheel(output), "zipped") as module:
        assert len(module.load("hauls")) == 2
        with pytest.raises(RuntimeError, match="install it with pip"):
            module.path("hauls")


@pytest.mark.long
def test_a_program_of_its_own_imports_it_and_nothing_of_packpress(tmp_path):
    output = build(write_library(tmp_path / "p"), tmp_path / "build")
    code = (
        "import json, sys, sm_all; print(json.dumps([{name: len(sm_all.load(name)) for name in sm_all.tables()},"
        " [name for name in sys.modules if name.startswith('packpress')]]))"
    )
    environment = {**os.environ, "PYTHONPATH": str(install(output, tmp_path / "installed"))}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [{"Größe & group": 2, "order": 3}, []]


def read_entries(output):
    with zipfile.ZipFile(find_wheel(output)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def read_metadata(output):
    (text,) = [data for name, data in read_entries(output).items() if name.endswith("/METADATA")]
    return Metadata.from_email(text, validate=True)


def test_the_record_has_every_file_with_its_hash_and_size(built):
    entries = read_entries(built)
    (name,) = [name for name in entries if name.endswith(".dist-info/RECORD")]
    assert [*entries][-1] == name
    *rows, last = csv.reader(io.StringIO(entries[name].decode("utf-8")))
    assert last == [name, "", ""]
    assert [row[0] for row in rows] == [*entries][:-1]
    for path, digest, size in rows:
        data = entries[path]
        encoded = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        assert (digest, size) == (f"sha256={encoded}", str(len(data))), path


def test_the_wheel_holds_the_very_parquet_files_of_the_build(built, package):
    entries = read_entries(built)
    for name in package.by_name:
        assert (
            entries[f"fleet_logs/parquet/{name}.parquet"]
            == (built / "parquet" / f"{name}.parquet").read_bytes()
        )


def test_a_wheel_alone_is_built_without_leaving_parquet_files(tmp_path, package, built):
    made = packpress.build(package, tmp_path / "build", formats=["wheel"])
    assert not (made.folder / "parquet").exists()
    assert find_wheel(made.folder).read_bytes() == find_wheel(built).read_bytes()


def test_the_metadata_are_what_the_descriptor_says(tmp_path):
    described = {
        "title": "All small\nthings",
        "description": "What one\n\nsays.",
        "keywords": ["fish", "boats, small"],
        "contributors": [{"title": "A. Crew", "roles": ["creator"]}],
        "homepage": "https://example.org/fleet",
    }
    metadata = read_metadata(build(write_types(tmp_path / "p", **described), tmp_path / "build"))
    assert (metadata.name, str(metadata.version)) == ("sm-all-data", "1.2.3")
    assert (metadata.summary, metadata.author) == ("All small things", "A. Crew")
    assert metadata.keywords == ["fish", "boats small"]
    assert metadata.project_urls == {"Homepage": "https://example.org/fleet"}
    assert [*map(str, metadata.requires_dist)] == ["pandas>=2.2", "pyarrow>=16"]
    assert str(metadata.requires_python) == ">=3.11"
    assert "What one\n\nsays." in metadata.description
    assert "- `hauls`: Hauls, 2 rows" in metadata.description


def test_what_the_descriptor_lacks_the_metadata_lack(tmp_path):
    metadata = read_metadata(build(write_types(tmp_path / "p"), tmp_path / "build"))
    for name in ("author", "author_email", "keywords", "project_urls", "license_expression", "license_files"):
        assert not getattr(metadata, name), name


CC0 = {"name": "CC0-1.0", "path": "https://creativecommons.org/publicdomain/zero/1.0/"}
OPEN = {"name": "other-open", "title": "Open"}
EXPRESSIONS = {
    "one that is listed": ([CC0], {}, "full", "CC0-1.0"),
    "one that is not": ([CC0, OPEN], {}, "full", "CC0-1.0 AND LicenseRef-other-open"),
    "a table with its own": (
        [CC0],
        {"licenses": [{"path": "LICENSE"}]},
        "full",
        "CC0-1.0 AND LicenseRef-own-terms",
    ),
    "copied text": ([CC0], {"quote": True}, "full", "CC0-1.0 AND LicenseRef-copied-text"),
    "copied text left out": ([CC0], {"quote": True}, "none", "CC0-1.0"),
    "copied text with terms": (
        [CC0, {"title": "Their owners'", "path": "LICENSE", "appliesTo": "verbatim"}],
        {"quote": True},
        "quotes",
        "CC0-1.0 AND LicenseRef-copied-text",
    ),
    "none, but copied text": ([], {"quote": True}, "full", None),
}


@pytest.mark.parametrize("case", EXPRESSIONS)
def test_licences_are_an_expression_with_what_they_do_not_cover_apart(tmp_path, case):
    licences, properties, edition, expression = EXPRESSIONS[case]
    quote = {"verbatim": "quote"} if properties.get("quote") else {}
    own = {name: value for name, value in properties.items() if name == "licenses"}
    boats = table("boats", "id,said\n1,x\n", [field("id"), field("said", **quote)], primaryKey="id", **own)
    declared = {"licenses": licences} if licences else {}
    descriptor = write_package(tmp_path / "p", boats, **declared)
    (tmp_path / "p" / "LICENSE").write_text("Terms", encoding="utf-8")
    metadata = read_metadata(build(descriptor, tmp_path / "build", edition))
    assert metadata.license_expression == expression
    is_file = any(item.get("path") == "LICENSE" for item in (*licences, *own.get("licenses", ())))
    assert metadata.license_files == (["LICENSE"] if is_file else None)


def test_licences_that_are_files_are_in_the_wheel_where_pip_and_the_descriptor_look_for_them(tmp_path):
    described = {"licenses": [{"name": "CC0-1.0", "path": "docs/LICENSE"}]}
    descriptor = write_types(tmp_path / "p", **described)
    (tmp_path / "p" / "docs").mkdir()
    (tmp_path / "p" / "docs" / "LICENSE").write_text("Terms", encoding="utf-8")
    entries = read_entries(build(descriptor, tmp_path / "build"))
    paths = ("sm_all/docs/LICENSE", "sm_all_data-1.2.3.dist-info/licenses/docs/LICENSE")
    assert [entries[path] for path in paths] == [b"Terms", b"Terms"]


NAMES = {
    "fleet": ("fleet_data-1.2.3", "fleet"),
    "North.Sea_fleet": ("north_sea_fleet_data-1.2.3", "north_sea_fleet"),
    "json": ("json_data-1.2.3", "data_json"),
    "site": ("site_data-1.2.3", "data_site"),
    "pandas": ("pandas_data-1.2.3", "data_pandas"),
    "class": ("class_data-1.2.3", "data_class"),
    "2024-data": ("2024_data_data-1.2.3", "data_2024_data"),
    "Größe 1": ("grosse_1_data-1.2.3", "grosse_1"),
}


@pytest.mark.parametrize("name", NAMES)
def test_whatever_a_package_is_called_its_wheel_can_be_imported(tmp_path, name):
    stem, module = NAMES[name]
    output = build(write_types(tmp_path / "p", name=name), tmp_path / "build")
    assert find_wheel(output).name == f"{stem}-py3-none-any.whl"
    with imported(find_wheel(output), module) as found:
        assert found.descriptor["name"] == name


VERSIONS = {
    "2": "2",
    "v1.0": "1.0",
    "1.0.0-rc.1": "1.0.0rc1",
    "1.0.0-beta+exp.sha": "1.0.0b0+exp.sha",
    "1.0.0-drafts": "1.0.0.dev0+drafts",
    "1.0.0-snapshot.3+5": "1.0.0.dev0+snapshot.3",
    "2024-03": "2024.3",
    "2024-03-09": "2024.3.9",
}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_version_is_normalised(tmp_path, version):
    output = build(write_types(tmp_path / "p", version=version), tmp_path / "build")
    assert find_wheel(output).name == f"sm_all_data-{VERSIONS[version]}-py3-none-any.whl"
    assert str(read_metadata(output).version) == VERSIONS[version]


NONE = {
    "version": ("spring tide", 'version="spring tide" is none for Python; write one such as 1.0.0'),
    "name": ("данные-2", 'name="данные-2" has no letter from a to z; write one such as fleet-2024'),
}


@pytest.mark.parametrize("property", NONE)
def test_what_python_has_no_name_for_is_told_and_everything_else_is_built(tmp_path, property):
    value, reason = NONE[property]
    package = packpress.read_package(write_types(tmp_path / "p", **{property: value}))
    made = packpress.build(package, tmp_path / "build")
    assert f"notice: the wheel is left out: {reason}" in made.left_out
    assert not [*made.folder.glob("*.whl")]
    assert [*made.folder.glob("parquet/hauls.parquet")] and [*made.folder.glob("*.zip")]


def test_an_edition_leaves_out_of_the_wheel_what_it_leaves_out(tmp_path, package):
    output = build(FLEET / "datapackage.json", tmp_path / "build", "none")
    with imported(install(output, tmp_path / "installed"), "fleet_logs") as module:
        assert module.descriptor["edition"] == "none"
        for resource in (*package.resources, *package.derived):
            left_out = [item.name for item in resource.fields if item.verbatim]
            assert module.load(resource.name)[left_out].isna().all(axis=None), resource.name


def test_two_wheels_are_the_same_bytes(tmp_path):
    first, second = (build(write_types(tmp_path / name / "p"), tmp_path / name / "build") for name in "ab")
    assert find_wheel(first).read_bytes() == find_wheel(second).read_bytes()
