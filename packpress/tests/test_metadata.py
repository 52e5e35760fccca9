"""metadata.yml: what it names exists, and Datasette or the pages read every key of it."""

from pathlib import Path

import pytest
import yaml
from packpress.package.descriptor import build_package
from packpress.package.dictionary import OWN_TABLES, View, parse_view, read_views
from packpress.publish.site_file import derive_metadata, render_metadata

from packpress import Package

# What Datasette 0.65 reads, and after it what our own templates read.
INSTANCE_KEYS = {
    "title",
    "description",
    "license",
    "license_url",
    "about",
    "about_url",
    "source",
    "databases",
    "homepage",
    "repository",
    "version",
    "created",
}
DATABASE_KEYS = {"title", "description", "tables", "queries"}
TABLE_KEYS = {
    "title",
    "description",
    "columns",
    "label_column",
    "facets",
    "facet_size",
    "sort",
    "size",
    "hidden",
}
QUERY_KEYS = {"title", "description", "sql", "hide_sql", "columns", "defaults"}


@pytest.fixture(scope="module")
def views(package: Package) -> list[View]:
    return read_views(package.root / "sql" / "views")


@pytest.fixture(scope="module")
def queries(package: Package) -> list[View]:
    return read_views(package.root / "sql" / "queries")


@pytest.fixture(scope="module")
def metadata(package: Package, views: list[View], queries: list[View]) -> dict:
    return derive_metadata(package, views, queries)


@pytest.fixture(scope="module")
def database(package: Package, metadata: dict) -> dict:
    return metadata["databases"][package.database_name]


def test_every_key_is_read_by_somebody(metadata, database):
    assert metadata.keys() <= INSTANCE_KEYS
    assert database.keys() <= DATABASE_KEYS
    for table in database["tables"].values():
        assert table.keys() <= TABLE_KEYS
    for query in database["queries"].values():
        assert query.keys() <= QUERY_KEYS


def test_every_column_that_is_named_exists(package, database):
    for resource in (*package.resources, *package.derived):
        table = database["tables"][resource.name]
        facets = [facet for facet in table.get("facets", ()) if isinstance(facet, str)]
        named = [*facets, *filter(None, (table.get("label_column"), table.get("sort")))]
        assert {*named, *table["columns"]} <= {*resource.field_names}


def test_facets_over_link_tables_follow_those_of_columns(database):
    facets = database["tables"]["sightings_flat"]["facets"]
    assert facets == ["log_id", "kind", {"linked": "port_id"}]


def test_every_table_view_and_query_is_described(package, views, queries, database):
    names = [resource.name for resource in (*package.resources, *package.derived, *OWN_TABLES)]
    assert list(database["tables"]) == [*names, *(view.name for view in views)]
    assert list(database["queries"]) == [query.name for query in queries]
    for item in (*database["tables"].values(), *database["queries"].values()):
        assert item["title"]
        assert item["description"]
        assert item["columns"]


def test_no_query_hides_a_table_or_a_view(database):
    assert not database["queries"].keys() & database["tables"].keys()


def test_link_tables_are_hidden(package, database):
    hidden = {name for name, table in database["tables"].items() if table.get("hidden")}
    assert hidden == {
        item.name for item in (*package.resources, *package.derived) if item.publishing.get("hidden")
    }
    assert "sighting_ports" in hidden


def test_addresses_are_passed_on_when_the_descriptor_has_them(package, metadata):
    assert not {"homepage", "repository"} & metadata.keys()
    addresses = {"homepage": "https://example.org/data", "repository": "https://example.org/code"}
    named = derive_metadata(build_package(package.path, {**package.raw, **addresses}), [], [])
    assert {name: named[name] for name in addresses} == addresses


def test_the_text_is_yaml_of_the_metadata_and_the_same_twice(package, views, queries, metadata):
    text = render_metadata(package, views, queries)
    assert yaml.safe_load(text) == metadata
    assert text == render_metadata(package, views, queries)
    assert text.startswith("# Derived from datapackage.json")


def test_a_query_says_what_it_answers_when_nothing_is_asked(database):
    assert database["queries"]["sightings_of_kind"]["defaults"] == {"kind": "whale"}


def test_a_package_without_any_hint_has_metadata():
    raw = {
        "name": "other",
        "resources": [{"name": "t", "path": "t.csv", "schema": {"fields": [{"name": "a"}]}}],
    }
    package = build_package(Path("datapackage.json"), raw)
    query = parse_view("ask", "-- Ask\nselect coalesce(nullif(:x, ''), 'one') as a\n")
    metadata = derive_metadata(package, [], [query])
    for table in OWN_TABLES:
        del metadata["databases"]["other"]["tables"][table.name]
    assert metadata == {
        "title": "other",
        "databases": {
            "other": {
                "title": "other",
                "tables": {"t": {"title": "t"}},
                "queries": {
                    "ask": {
                        "title": "Ask",
                        "defaults": {"x": "one"},
                        "hide_sql": True,
                        "sql": "select coalesce(nullif(:x, ''), 'one') as a\n",
                    }
                },
            }
        },
    }
