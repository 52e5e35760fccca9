"""Profiles of one's own in several files: references are followed below the package's folder, and nowhere else."""

import json

import pytest
from packpress.package.named_profiles import find_kind

from invented.findings import locate_all
from packpress import build, read_package, validate

TITLED = {"required": ["title"]}
REACHES_TITLED = {
    "beside": {"own.json": {"$ref": "titled.json"}, "titled.json": TITLED},
    "a part": {"own.json": {"allOf": [{"$ref": "a%20b.json#/x/y"}]}, "a b.json": {"x": {"y": TITLED}}},
    "above": {"rules/own.json": {"$ref": "../titled.json#"}, "titled.json": TITLED},
    "a chain": {
        "rules/own.json": {"$ref": "deep/one.json"},
        "rules/deep/one.json": {"$ref": "../two.json"},
        "rules/two.json": TITLED,
    },
    "a file that refers back": {
        "own.json": {
            "$ref": "titled.json",
            "properties": {"contributors": {"items": {"required": ["title"]}}},
        },
        "titled.json": TITLED
        | {"properties": {"contributors": {"$ref": "own.json#/properties/contributors"}}},
    },
    "itself": {"own.json": {"$ref": "own.json#/$defs/titled", "$defs": {"titled": TITLED}}},
    "with an address": {
        "own.json": {"$id": "https://example.org/a/own.json", "$ref": "titled.json"},
        "titled.json": TITLED,
    },
    "of YAML": {"own.json": {"$ref": "titled.yaml"}, "titled.yaml": TITLED},
    "of another draft": {
        "own.json": {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "allOf": [{"$ref": "titled.json"}],
        },
        "titled.json": TITLED,
    },
}
USELESS = {
    "a missing file": {"own.json": {"$ref": "gone.json"}},
    "a missing file further on": {
        "own.json": {"$ref": "a/b.json"},
        "a/b.json": {"items": {"$ref": "c.json"}},
    },
    "a missing part": {"own.json": {"$ref": "b.json#/nowhere"}, "b.json": {}},
    "out": {"own.json": {"$ref": "../secret.json"}},
    "out, written otherwise": {"own.json": {"$ref": "a/%2E%2E/%2e%2e/secret.json"}},
    "an absolute path": {"own.json": {"$ref": "/etc/hostname"}},
    "a file address": {"own.json": {"$ref": "file:///etc/hostname"}},
    "a loop": {"own.json": {"$ref": "b.json"}, "b.json": {"$ref": "own.json"}},
    "no JSON": {"own.json": {"$ref": "t.csv"}},
    "no schema": {"own.json": {"$ref": "b.json"}, "b.json": [1]},
    "a part that is no schema": {"own.json": {"$ref": "b.json#/x"}, "b.json": {"x": {"required": 3}}},
    "a list": {"own.json": [TITLED]},
}


def write(folder, files, **properties):
    """A package of one table whose profile is the first file."""
    table = {"name": "t", "path": "t.csv", "schema": {"fields": [{"name": "n"}]}}
    raw = {"name": "p", "profile": next(iter(files)), "resources": [table], **properties}
    (folder / "t.csv").write_text("n\n1\n", encoding="utf-8")
    for name, content in {**files, "datapackage.json": raw}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return folder / "datapackage.json"


@pytest.mark.parametrize("files", REACHES_TITLED.values(), ids=REACHES_TITLED)
def test_a_profile_may_refer_to_other_files_and_is_zipped_with_them(files, tmp_path):
    assert locate_all(validate(read_package(write(tmp_path, files)))) == [
        "datapackage.json: descriptor/profile"
    ]
    titled = read_package(write(tmp_path, files, title="T"))
    assert validate(titled).problems == []
    build(titled, tmp_path / "dist", formats=["zip"])
    (zipped,) = (tmp_path / "dist").glob("*.zip")
    assert validate(read_package(zipped)).problems == []


@pytest.mark.parametrize("files", USELESS.values(), ids=USELESS)
def test_a_profile_that_cannot_be_used_has_one_line(files, tmp_path):
    folder = tmp_path / "p"
    folder.mkdir()
    (tmp_path / "secret.json").write_text("{}", encoding="utf-8")
    (problem,) = validate(read_package(write(folder, files))).problems
    assert problem.code == "descriptor/profile" and str(tmp_path) not in problem.message
    assert problem.message.isprintable() and problem.message.count("; correct") == 1


def test_a_link_that_leads_out_is_not_followed(tmp_path):
    folder = tmp_path / "p"
    folder.mkdir()
    (tmp_path / "secret.json").write_text("{}", encoding="utf-8")
    (folder / "b.json").symlink_to("../secret.json")
    (problem,) = validate(read_package(write(folder, {"own.json": {"$ref": "b.json"}}))).problems
    assert problem.code == "descriptor/profile" and "not below" in problem.message


def test_values_that_look_like_references_are_none(tmp_path):
    files = {"own.json": {"properties": {"name": {"enum": ["p", {"$ref": "gone.json"}]}}}}
    assert validate(read_package(write(tmp_path, files))).problems == []


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("https://frictionlessdata.io/schemas/table-schema.json", "schema"),
        ("https://schemas.frictionlessdata.io/data-package.json", "package"),
        ("http://schemas.datapackages.org/json-table-schema.json", "schema"),
        (
            "https://raw.githubusercontent.com/frictionlessdata/specs/master/schemas/data-resource.json",
            "resource",
        ),
        (
            "https://raw.githubusercontent.com/frictionlessdata/datapackage/main/profiles/tabledialect.json",
            "dialect",
        ),
        (
            "https://raw.githubusercontent.com/frictionlessdata/datapackage/2.0/public/profiles/2.0/tableschema.json#",
            "schema",
        ),
        ("https://datapackage.org/profiles/9.0/tableschema.json", ""),
        ("https://example.org/schemas/table-schema.json", ""),
        ("https://raw.githubusercontent.com/somebody/datapackage/main/profiles/tabledialect.json", ""),
    ],
)
def test_the_standards_profiles_are_known_by_all_their_addresses(address, kind):
    assert find_kind(address) == kind


@pytest.mark.parametrize("part", [{"required": 3}, {"type": "textt"}, 3, {"$ref": "#/x"}])
def test_a_cell_whose_json_schema_refers_to_no_schema_is_a_problem(part, tmp_path):
    schema = {
        "fields": [{"name": "n", "type": "object", "constraints": {"jsonSchema": {"$ref": "#/x", "x": part}}}]
    }
    table = {"name": "t", "path": "t.csv", "schema": schema}
    (tmp_path / "t.csv").write_text('n\n"{""a"": 1}"\n', encoding="utf-8")
    (tmp_path / "datapackage.json").write_text(
        json.dumps({"name": "p", "resources": [table]}), encoding="utf-8"
    )
    (problem,) = validate(read_package(tmp_path)).problems
    assert (problem.code, problem.line) == ("schema/cell", 2)
