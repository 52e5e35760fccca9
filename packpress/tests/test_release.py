"""`packpress release` and the register of withdrawn rows: what must agree, and identifiers that never return."""

import hashlib
import json
import re
import shutil

import pytest
from packpress.editing.release import check_version

from invented.commands import invoke, run
from invented.copies import FLEET, PackageCopy, validate
from invented.findings import findings, locate
from packpress import read_package

pytestmark = pytest.mark.long
VERSION = read_package(FLEET / "datapackage.json").version


@pytest.fixture
def releasable(package_copy: PackageCopy) -> PackageCopy:
    package_copy.add_sql()
    shutil.copy(FLEET / "CHANGELOG.md", package_copy.root)
    assert invoke("generate", package_copy.root).returncode == 0
    return package_copy


def release(copy: PackageCopy, version: str, *words: str):
    output = str(copy.root / "dist")
    return run("release", version, str(copy.descriptor), "--output", output, *words)


def test_a_release_is_a_whole_build_with_notes_and_sums(releasable):
    done = release(releasable, VERSION)
    assert done.returncode == 0, done.stderr
    folder = releasable.root / "dist" / f"fleet-logs-{VERSION}"
    names = {path.name for path in folder.iterdir()}
    assert {
        "NOTES.md",
        "README.md",
        "SHA256SUMS",
        "checks-spark.sql",
        "checks.sql",
        "fleet_logs.db",
        f"fleet-logs-{VERSION}.zip",
        f"fleet_logs_data-{VERSION}-py3-none-any.whl",
        "parquet",
    } <= names
    notes = (folder / "NOTES.md").read_bytes()
    assert notes.startswith(f"## {VERSION} (".encode())
    assert b"## 1.2.2" not in notes
    guide = (folder / "README.md").read_text(encoding="utf-8")
    named = {word.rstrip("/") for word in re.findall("^- `(.+?)`", guide, re.MULTILINE)}
    assert named == names - {"README.md"}
    line = f"{hashlib.sha256(notes).hexdigest()}  NOTES.md"
    assert line in (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()


def test_a_release_says_what_it_holds_as_a_mere_file(releasable):
    (releasable.root / "extra.csv").write_text("a\n", encoding="utf-8")
    raw = json.loads(releasable.descriptor.read_text(encoding="utf-8"))
    raw["resources"].append({"name": "extra", "path": "extra.csv", "format": "csv"})
    releasable.descriptor.write_text(json.dumps(raw), encoding="utf-8")
    done = release(releasable, VERSION)
    assert done.returncode == 0, done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("notice: datapackage.json: ")
    assert "extra" in line


def test_version_changelog_and_citation_must_agree(releasable):
    citation = releasable.root / "CITATION.cff"
    citation.write_text(citation.read_text(encoding="utf-8").replace(VERSION, "0.0.1"), encoding="utf-8")
    problems = list(check_version(releasable.read(), "99.0.0"))
    assert [locate(problem) for problem in problems] == [
        f'datapackage.json: version="{VERSION}": release/version',
        "CHANGELOG.md:5: release/changelog",
        "CITATION.cff: release/citation",
    ]
    done = release(releasable, "99.0.0")
    assert done.returncode == 1
    assert {str(problem) for problem in problems} <= set(done.stderr.splitlines())
    assert not (releasable.root / "dist").exists()


def test_a_row_that_is_gone_must_stand_in_the_register(releasable, built):
    (base,) = built.glob("*.zip")
    gone = releasable.rows("sighting_relations")[0]
    key = f"{gone['sighting_id']},{gone['related_sighting_id']},{gone['relation']}"
    releasable.delete("sighting_relations", key)
    done = release(releasable, VERSION, "--base", str(base))
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if f'"{key}"' in line]
    assert line.startswith("data/sighting_relations.csv: ")
    releasable.append(
        "withdrawals", table_name="sighting_relations", row_id=key, version="1.0.1", reason="The two differ."
    )
    done = release(releasable, VERSION, "--base", str(base))
    assert done.returncode == 0, done.stderr
    notes = releasable.root / "dist" / f"fleet-logs-{VERSION}" / "NOTES.md"
    assert f"  - withdrawn `{key}`\n" in notes.read_text(encoding="utf-8")


def test_a_changed_value_of_a_composite_key_is_a_correction(releasable, built):
    (base,) = built.glob("*.zip")
    row = releasable.rows("sighting_relations")[0]
    key = f"{row['sighting_id']},{row['related_sighting_id']}"
    releasable.edit("sighting_relations", f"{key},{row['relation']}", relation="contradicts")
    done = release(releasable, VERSION, "--base", str(base))
    assert done.returncode == 0, done.stderr
    notes = releasable.root / "dist" / f"fleet-logs-{VERSION}" / "NOTES.md"
    assert f"### Rows changed since {base.stem}\n" in notes.read_text(encoding="utf-8")
    line = f"  - moved `{key},{row['relation']}` to `{key},contradicts`\n"
    assert line in notes.read_text(encoding="utf-8")


def test_rows_whose_composite_key_has_other_columns_are_corrected_and_not_withdrawn(releasable, built):
    (base,) = built.glob("*.zip")
    gone, kept = releasable.rows("sighting_relations")
    raw = json.loads(releasable.descriptor.read_text(encoding="utf-8"))
    (table,) = [resource for resource in raw["resources"] if resource["name"] == "sighting_relations"]
    columns = [
        {"name": "place", "type": "integer", "title": "Place", "description": "Place.", "example": "1"}
    ]
    table["schema"]["fields"] += columns
    table["schema"]["primaryKey"] = ["sighting_id", "related_sighting_id", "place"]
    releasable.descriptor.write_text(json.dumps(raw), encoding="utf-8")
    lines = [
        "sighting_id,related_sighting_id,relation,reason,place",
        f"{kept['sighting_id']},{kept['related_sighting_id']},agrees,They are one.,1",
    ]
    releasable.file("sighting_relations").write_text("\n".join([*lines, ""]), encoding="utf-8")
    assert invoke("generate", releasable.root).returncode == 0
    done = release(releasable, VERSION, "--base", str(base))
    assert done.returncode == 0, done.stderr
    notes = (releasable.root / "dist" / f"fleet-logs-{VERSION}" / "NOTES.md").read_text(encoding="utf-8")
    assert "relation: “contradicts” became “agrees”\n" in notes
    ends = f"{gone['sighting_id']},{gone['related_sighting_id']}"
    assert f"  - withdrawn `{ends},{gone['relation']}`\n" in notes


def refuse(copy, built) -> list[str]:
    """The lines of a release that is refused, compared with the build."""
    (base,) = built.glob("*.zip")
    done = release(copy, VERSION, "--base", str(base))
    assert done.returncode == 1
    return done.stderr.splitlines()


@pytest.mark.parametrize(("table", "name"), [("charts", "chart_id"), ("sightings", "sighting_id")])
def test_no_row_loses_its_identifier_neither_by_removal_nor_by_another_name(releasable, built, table, name):
    links = ("sighting_charts", "sighting_ports", "sighting_relations")
    used = {value for link in links for row in releasable.rows(link) for value in row.values()}
    row = next(row for row in releasable.rows(table) if row[name] not in used)
    releasable.edit(table, row[name], **{name: "renamed"})
    renamed = refuse(releasable, built)
    releasable.delete(table, "renamed")
    for lines in (renamed, refuse(releasable, built)):
        (line,) = [line for line in lines if "of the last release" in line]
        assert line.startswith(f'data/{table}.csv: lacks the row "{row[name]}" of the last release; ')


def test_an_identifier_is_no_less_one_where_the_key_gained_a_column(releasable, built):
    raw = json.loads(releasable.descriptor.read_text(encoding="utf-8"))
    (table,) = [resource for resource in raw["resources"] if resource["name"] == "charts"]
    table["schema"]["primaryKey"] = ["chart_id", "log_id"]
    links = [resource for resource in raw["resources"] if resource["name"] == "sighting_charts"]
    for link in links:
        link["schema"]["foreignKeys"] = link["schema"]["foreignKeys"][:1]
    releasable.descriptor.write_text(json.dumps(raw), encoding="utf-8")
    key = releasable.rows("charts")[0]
    releasable.write("charts", releasable.rows("charts")[1:])
    assert invoke("generate", releasable.root).returncode == 0
    assert [line for line in refuse(releasable, built) if f'"{key["chart_id"]}" of the last release' in line]


def test_a_table_that_is_gone_takes_its_identifiers_with_it(releasable, built):
    raw = json.loads(releasable.descriptor.read_text(encoding="utf-8"))
    raw["resources"] = [one for one in raw["resources"] if one["name"] != "sighting_charts"]
    releasable.descriptor.write_text(json.dumps(raw), encoding="utf-8")
    releasable.file("sighting_charts").unlink()
    lines = refuse(releasable, built)
    assert 'datapackage.json: lacks the table "sighting_charts" of the last release; ' in "\n".join(lines)


def test_a_release_that_was_compared_with_nothing_names_the_one_before(releasable):
    done = release(releasable, VERSION)
    assert "not compared with 1.2.2; tag its commit v1.2.2 or name it with --base" in done.stdout
    changelog = releasable.root / "CHANGELOG.md"
    text = changelog.read_text(encoding="utf-8")
    changelog.write_text(text[: text.index("## 1.2.2")], encoding="utf-8")
    assert "no earlier release to compare with" in release(releasable, VERSION).stdout


def test_a_withdrawn_identifier_does_not_return(package_copy):
    package_copy.append(
        "withdrawals", table_name="ports", row_id="oslo", version="1.1.0", reason="Named by nobody."
    )
    line = [row["port_id"] for row in package_copy.rows("ports")].index("oslo") + 2
    (problem,) = validate(package_copy).problems
    assert locate(problem) == 'data/withdrawals.csv:2: row_id="oslo": register/reused'
    assert f"data/ports.csv:{line} " in problem.message


def test_the_register_names_tables_and_rows_that_are_there(package_copy):
    package_copy.append("withdrawals", table_name="port", row_id="x", version="1.1.0", reason="None.")
    package_copy.append(
        "withdrawals", table_name="ports", row_id="y", version="1.1.0", reason="None.", replaced_by="z"
    )
    assert findings(package_copy) == [
        'data/withdrawals.csv:2: table_name="port": register/table, offers "ports"',
        'data/withdrawals.csv:3: replaced_by="z": register/replaced',
    ]


def test_a_register_that_is_not_declared_is_a_fault_of_the_descriptor(package_copy):
    text = package_copy.descriptor.read_text(encoding="utf-8")
    package_copy.descriptor.write_text(
        text.replace('"register": "withdrawals"', '"register": "gone"'), encoding="utf-8"
    )
    assert findings(package_copy) == ["datapackage.json: register/unknown"]
