"""The invented data set: valid by every rule, canonical, and with a row of every kind that pages and rules tell apart."""

import json

import pytest
from packpress.package.descriptor import read_descriptor
from packpress.tables.rows import read_tables

import packpress
from scripts.rules import RULE_SET
from tests.conftest import INVENTED, ROOT, invoke

PACKAGE = read_descriptor(ROOT / "datapackage.json")
# Values that no row needs: drafts are made by the tests, and a correction is one whatever the field.
WITHOUT_ROWS = {("sources", "status"), ("corrections", "field")}
# How words name a row is told apart in all link tables by the same code.
LINKS = tuple(resource.name for resource in PACKAGE.resources if "mention_type" in resource.field_names)


@pytest.fixture(scope="module")
def tables(package):
    return read_tables(package)


def test_it_is_valid_and_no_rule_is_idle(package):
    report = packpress.validate(package)
    assert [str(problem) for problem in (*report.problems, *report.notices)] == []
    assert {name for rule in RULE_SET.rules for name in rule.visits} <= report.tables.keys()
    assert all(table.rows for table in report.tables.values())


def test_its_tables_are_canonical(package_copy):
    done = invoke("format", str(package_copy.descriptor), "--check")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", [resource.name for resource in PACKAGE.resources])
def test_every_allowed_value_has_a_row(name, tables):
    for field in tables[name].resource.fields:
        if field.enum and (name, field.name) not in WITHOUT_ROWS:
            sharing = LINKS if field.name == "mention_type" else (name,)
            assert {row[field.name] for table in sharing for row in tables[table].rows} >= {*field.enum}


def test_it_shares_no_document_with_the_real_data():
    ours, theirs = (
        {file.name for file in (folder / "data/sources").glob("*.txt")} for folder in (INVENTED, ROOT)
    )
    assert ours and not ours & theirs


def test_a_column_more_changes_nothing(package_copy, tmp_path_factory):
    """The data set follows the descriptor: a column that it gains is there, and is empty."""
    raw = json.loads(package_copy.descriptor.read_text(encoding="utf-8"))
    for resource in raw["resources"]:
        resource["schema"]["fields"].append(
            {
                "name": "later",
                "type": "string",
                "title": "Later",
                "description": "Added later.",
                "example": "x",
            }
        )
    package_copy.descriptor.write_text(json.dumps(raw), encoding="utf-8")
    package_copy.complete()
    report = packpress.validate(package_copy.read())
    assert [str(problem) for problem in report.problems] == []
    assert {row["later"] for row in package_copy.rows("claims")} == {""}
