"""`packpress diff`: rows added, withdrawn and changed since a zip or a revision of git."""

import csv
import json
import subprocess
from dataclasses import astuple

import pytest
from packpress.editing.diff import compare_packages, open_revision

from invented.commands import invoke
from invented.copies import FLEET


@pytest.fixture
def base(built):
    (zip_file,) = built.glob("*.zip")
    return zip_file


def test_nothing_changed_since_the_zip_of_the_same_tables(base, package):
    with open_revision(str(base), package) as old:
        assert compare_packages(old, package) == []


def test_each_kind_of_change_is_told_with_its_cells(base, package_copy, tmp_path):
    package_copy.edit("sightings", "north-s001", note="Another note.")
    gone = package_copy.rows("sighting_relations")[0]
    key = f"{gone['sighting_id']},{gone['related_sighting_id']},{gone['relation']}"
    package_copy.delete("sighting_relations", key)
    package_copy.append("kinds", kind="zeal", definition="Eagerness.", is_alive="false", needs_port="false")
    done = invoke("diff", str(base), str(package_copy.descriptor), "--output", str(tmp_path / "dist"))
    assert done.returncode == 0, done.stderr
    name = f"changes-since-{base.stem}"
    with (tmp_path / "dist" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        changes = {tuple(row.values()) for row in csv.DictReader(lines)}
    assert ("sightings", "north-s001", "changed", "note") in {change[:4] for change in changes}
    assert ("sighting_relations", key, "withdrawn", "", "", "") in changes
    assert ("kinds", "zeal", "added", "", "", "") in changes
    text = (tmp_path / "dist" / f"{name}.md").read_text(encoding="utf-8")
    assert text == done.stdout
    assert "- `sightings`: 1 changed" in text
    assert "became “Another note.”" in text


def test_of_several_rows_that_differ_in_one_value_of_the_key_each_is_the_same_row_once(base, package_copy):
    (row, _) = package_copy.rows("sighting_relations")
    ends = {name: row[name] for name in ("sighting_id", "related_sighting_id")}
    package_copy.delete("sighting_relations", ",".join([*ends.values(), row["relation"]]))
    package_copy.append("sighting_relations", **ends, relation="contradicts", reason=row["reason"])
    package_copy.append(
        "sighting_relations", **ends | {"related_sighting_id": "south-s002"}, relation="agrees", reason="New."
    )
    with open_revision(str(base), package_copy.read()) as old:
        changes = compare_packages(old, package_copy.read())
    found = {(change.key, change.kind, change.field) for change in changes}
    same = f"{ends['sighting_id']},{ends['related_sighting_id']},contradicts"
    assert found == {
        (same, "moved", ""),
        (same, "changed", "relation"),
        (f"{ends['sighting_id']},south-s002,agrees", "added", ""),
    }
    (moved,) = [change for change in changes if change.kind == "moved"]
    assert (moved.old, moved.new) == (",".join([*ends.values(), row["relation"]]), same)


def compare(base, copy):
    """What changed, as table, key, kind, field, old and new."""
    with open_revision(str(base), copy.read()) as old:
        return [astuple(change) for change in compare_packages(old, copy.read())]


def test_a_row_whose_two_ends_are_exchanged_has_moved(base, package_copy):
    package_copy.edit(
        "sighting_relations",
        "north-s001,south-s001,agrees",
        sighting_id="south-s001",
        related_sighting_id="north-s001",
    )
    changes = compare(base, package_copy)
    key, then = "south-s001,north-s001,agrees", "north-s001,south-s001,agrees"
    assert changes[0] == ("sighting_relations", key, "moved", "", then, key)
    assert [change[3] for change in changes[1:]] == ["sighting_id", "related_sighting_id"]


def test_of_two_candidates_the_one_with_more_equal_cells_is_the_row_that_moved(base, package_copy):
    package_copy.delete("sighting_ports", "north-s001,bergen,near")
    package_copy.append("sighting_ports", sighting_id="north-s001", port_id="brest", role="near", mention="x")
    package_copy.append(
        "sighting_ports", sighting_id="north-s001", port_id="oslo", role="near", mention="Bergen"
    )
    kinds = {change[1]: change[2] for change in compare(base, package_copy)}
    assert kinds == {"north-s001,brest,near": "added", "north-s001,oslo,near": "changed"}
    assert "moved" in [change[2] for change in compare(base, package_copy)]


def test_a_withdrawn_row_names_what_the_register_says_replaces_it(base, package_copy):
    row = package_copy.rows("ports")[0]
    package_copy.delete("ports", row["port_id"])
    package_copy.append(
        "withdrawals", table_name="ports", row_id=row["port_id"], version="1.2.4", replaced_by="brest"
    )
    changes = compare(base, package_copy)
    assert ("ports", row["port_id"], "withdrawn", "", "", "brest") in changes


def declare(copy, change):
    """Changes the declaration of the relations, which get the header that they then have."""
    raw = json.loads(copy.descriptor.read_text(encoding="utf-8"))
    (table,) = [one for one in raw["resources"] if one["name"] == "sighting_relations"]
    change(raw, table["schema"])
    copy.descriptor.write_text(json.dumps(raw), encoding="utf-8")
    names = ",".join(field["name"] for field in table["schema"]["fields"])
    file = copy.file("sighting_relations")
    _, *lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([names, *lines, ""]), encoding="utf-8")


@pytest.mark.parametrize("column", ["reason", "relation", "sighting_id"])
def test_a_renamed_column_is_the_same_where_it_says_what_it_was_called(base, package_copy, column):
    def rename(raw, schema):
        (field,) = [field for field in schema["fields"] if field["name"] == column]
        field |= {"name": "renamed", "formerly": column}
        schema["primaryKey"] = ["renamed" if name == column else name for name in schema["primaryKey"]]
        del schema["foreignKeys"]

    declare(package_copy, rename)
    renamed = ("sighting_relations", "", "column renamed", "renamed", column, "renamed")
    assert compare(base, package_copy) == [renamed]


def test_a_renamed_column_that_does_not_say_so_is_one_new_and_one_gone(base, package_copy):
    def rename(raw, schema):
        (field,) = [field for field in schema["fields"] if field["name"] == "reason"]
        field["name"] = "why"

    declare(package_copy, rename)
    assert compare(base, package_copy) == [
        ("sighting_relations", "", "column added", "why", "", ""),
        ("sighting_relations", "", "column removed", "reason", "", ""),
    ]


def test_other_allowed_values_and_tables_are_told(base, package_copy, tmp_path):
    def change(raw, schema):
        (field,) = [field for field in schema["fields"] if field["name"] == "relation"]
        field["constraints"]["enum"] = ["agrees", "denies"]
        raw["resources"] = [one for one in raw["resources"] if one["name"] != "sighting_charts"]

    package_copy.edit("sighting_relations", "north-s004,south-s003,contradicts", relation="denies")
    declare(package_copy, change)
    (name,) = [change[4] for change in compare(base, package_copy) if change[2] == "value removed"]
    assert name == "contradicts"
    done = invoke("diff", str(base), str(package_copy.descriptor), "--output", str(tmp_path / "dist"))
    assert done.stdout.splitlines()[2:] == [
        "- `sighting_charts`: the table is gone",
        "- `sighting_relations`: 1 moved",
        "  - `relation` may now be `denies`",
        "  - `relation` may no longer be `contradicts`",
        "  - values of `relation`: `contradicts` became `denies` in 1 row",
        "  - moved `north-s004,south-s003,contradicts` to `north-s004,south-s003,denies`",
    ]


def test_a_revision_of_git_is_a_base_too(package_copy):
    def git(*words: str) -> None:
        identity = ["-c", "user.name=tests", "-c", "user.email=tests@localhost", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *words], cwd=package_copy.root, check=True, capture_output=True)

    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "--message", "first")
    package_copy.edit("ports", "oslo", definition="Far inland.")
    with open_revision("HEAD", package_copy.read()) as old:
        (change,) = compare_packages(old, package_copy.read())
    assert (change.table, change.key, change.kind, change.field) == (
        "ports",
        "oslo",
        "changed",
        "definition",
    )
    assert change.new == "Far inland."


@pytest.mark.parametrize("base", ["no-such-revision", "--output=x", "README.md"])
def test_a_base_that_is_none_is_said_in_one_line(base, tmp_path):
    done = invoke("diff", "--output", str(tmp_path), "--", base, FLEET)
    assert done.returncode == 2
    assert done.stderr == f"{base}: neither a git revision nor a zip; name one or the other\n"
    assert list(tmp_path.iterdir()) == []
