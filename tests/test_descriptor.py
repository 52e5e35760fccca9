"""The descriptor says everything once, and says it completely."""

import json

import pytest
from jsonschema import Draft7Validator
from packpress.extension import find_extension
from packpress.package.profile import render_editor_schema
from packpress.tables.constraints import make_reader

from packpress import read_package
from tests.conftest import ROOT

PACKAGE = read_package(ROOT / "datapackage.json")
TABLES = {resource.name: resource for resource in (*PACKAGE.resources, *PACKAGE.derived)}


@pytest.mark.parametrize("table", TABLES)
def test_every_field_is_described_in_one_sentence(table):
    descriptions = {field.name: field.description for field in TABLES[table].fields}
    assert [name for name, text in descriptions.items() if text[-1:] != "." or not text[0].isupper()] == []


@pytest.mark.parametrize("table", TABLES)
def test_every_example_is_a_valid_value(table):
    for field in TABLES[table].fields:
        example = field.raw["example"]
        assert isinstance(example, str), field.name
        assert make_reader(field, TABLES[table])(example)[1] == "", field.name


@pytest.mark.parametrize("table", TABLES)
def test_every_allowed_value_has_a_meaning(table):
    for field in TABLES[table].fields:
        assert list(field.enum) == list(field.enum_descriptions), field.name
        assert all(meaning.endswith(".") for meaning in field.enum_descriptions.values()), field.name


def test_columns_of_one_name_have_one_type_and_one_meaning():
    seen = {}
    for table, field in [(name, field) for name, resource in TABLES.items() for field in resource.fields]:
        first_table, first = seen.setdefault(field.name, (table, field))
        where = f"{field.name} in {first_table} and {table}"
        assert field.type == first.type, where
        # A title or a name may be printed in one table, and ours or the readers' in another.
        assert bool(field.verbatim) == bool(first.verbatim) or field.name in ("title", "name"), where


@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_described_and_has_a_key(table):
    assert TABLES[table].title
    assert TABLES[table].description.endswith(".")
    assert TABLES[table].primary_key


def test_every_rule_set_that_is_asked_for_exists():
    assert find_extension(PACKAGE).rules


def test_the_package_invents_no_person_and_no_address():
    assert [person["title"] for person in PACKAGE.raw["contributors"]] == ["The ketamine-pain project"]
    assert not {"homepage", "repository", "id"} & PACKAGE.raw.keys()


def test_the_changelog_begins_with_this_version_below_what_is_unreleased():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = [line for line in changelog.splitlines() if line.startswith("## ") and line != "## Unreleased"]
    assert headings[0] == f"## {PACKAGE.version} ({PACKAGE.raw['created'][:10]})"


def test_the_descriptor_keeps_to_the_schema_for_editors():
    assert list(Draft7Validator(json.loads(render_editor_schema())).iter_errors(PACKAGE.raw)) == []
