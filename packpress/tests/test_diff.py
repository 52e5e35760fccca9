"""`packpress diff`: rows added, withdrawn and changed since a zip or a revision of git."""

import csv
import subprocess

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
    assert found == {(same, "changed", "relation"), (f"{ends['sighting_id']},south-s002,agrees", "added", "")}


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
