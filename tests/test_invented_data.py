"""The invented data set: valid by every rule, canonical, and with a row of every kind that pages and rules tell apart."""

import json

import pytest
from packpress.tables.rows import read_tables

import packpress
from invented.copies import messages
from packpress import read_package
from scripts.rules import RULE_SET
from tests.conftest import INVENTED, ROOT, build_edition, invoke
from tests.site_client import Site

PACKAGE = read_package(ROOT / "datapackage.json")
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
    # A column that only the descriptor has is empty in every row.
    header = (INVENTED / "data" / f"{name}.csv").read_text(encoding="utf-8").partition("\n")[0].split(",")
    for field in tables[name].resource.fields:
        if field.enum and field.name in header and (name, field.name) not in WITHOUT_ROWS:
            sharing = LINKS if field.name == "mention_type" else (name,)
            assert {row[field.name] for table in sharing for row in tables[table].rows} >= {*field.enum}


def test_it_shares_no_document_with_the_real_data():
    ours, theirs = (
        {file.name for file in (folder / "data/sources").glob("*.txt")} for folder in (INVENTED, ROOT)
    )
    assert ours and not ours & theirs


LATER = {"name": "later", "type": "string", "title": "Later", "description": "Added later.", "example": "x"}
# One page of every kind.
PAGES = [
    *("", "/sources", "/sources/guidance", "/map", "/map/routes", "/charts", "/disagreements", "/dictionary"),
    *("/downloads", "/ketamine_pain", "/ketamine_pain/claims_flat", "/ketamine_pain/claims/guidance-c009"),
    *("/ketamine_pain/conditions/harp-elbow", "/ketamine_pain/references/guidance-r02"),
    *("/ketamine_pain/search?q=pain", "/ketamine_pain/hedged_claims", "/cite/guidance-c001.bib"),
]


@pytest.fixture
def wider(package_copy):
    """The invented data set when every table of the descriptor has gained a column."""
    raw = json.loads(package_copy.descriptor.read_text(encoding="utf-8"))
    for resource in raw["resources"]:
        resource["schema"]["fields"].append(LATER)
    package_copy.descriptor.write_text(json.dumps(raw), encoding="utf-8")
    package_copy.complete()
    return package_copy


def test_a_column_more_is_empty_and_breaks_no_rule(wider):
    assert messages(wider) == []
    assert {row["later"] for row in wider.rows("claims")} == {""}


@pytest.mark.long
def test_a_column_more_breaks_no_page(wider, root, tmp_path):
    wider.add_all()
    site = Site(root, wider.read(), build_edition(wider.read(), tmp_path / "build"))
    for path in PAGES:
        assert site.get(path or "/").status_code == 200, path
    assert "later" in site.page("/ketamine_pain/claims/guidance-c009").texts("dt")
