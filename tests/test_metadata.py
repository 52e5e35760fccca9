"""metadata.yml of the data: what a visitor must know is said, and what leads on is offered."""

import pytest
from packpress.package.dictionary import read_views
from packpress.publish.site_file import derive_metadata


@pytest.fixture(scope="module")
def metadata(package) -> dict:
    views, queries = (read_views(package.root / "sql" / folder) for folder in ("views", "queries"))
    return derive_metadata(package, views, queries)


@pytest.fixture(scope="module")
def database(package, metadata) -> dict:
    return metadata["databases"][package.database_name]


def test_facets_over_link_tables_follow_those_of_columns(database):
    facets = database["tables"]["claims_flat"]["facets"]
    assert facets[:2] == ["source_id", "claim_type"]
    assert facets[-4:] == [
        {"linked": "condition_id"},
        {"linked": "route_id"},
        {"linked": "adverse_effect_id"},
        {"linked": "reference_id"},
    ]


def test_every_table_view_and_query_is_described(database):
    for item in (*database["tables"].values(), *database["queries"].values()):
        assert item["title"]
        assert item["description"]
        assert item["columns"]
