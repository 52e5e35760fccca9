"""Streams of CSV: ended when they are whole, and only then."""

import csv
import io

import pytest

from tests.site_client import Site

PATH = "/ketamine_pain/claims_flat.csv?_stream=on&_size=max"


@pytest.fixture
def site(root, package, built) -> Site:
    return Site(root, package, built)


def test_a_csv_within_its_limit_is_whole(site):
    rows = list(csv.DictReader(io.StringIO(site.get(PATH).text)))
    assert len(rows) == len(site.rows("claims_flat.json"))
    assert site.get("/ketamine_pain/claims_flat.csv?claim_id=nothing&_header=off").text == ""


def test_a_csv_beyond_its_limit_is_broken_off(site):
    """Datasette would end it as if it were whole, with a last line that is no row."""
    site.datasette._settings["max_csv_mb"] = 0.02
    with pytest.raises(AssertionError):
        # So httpx says that an answer has no end.
        site.get(PATH)


def test_an_error_in_place_of_a_csv_is_whole(site):
    answer = site.get("/ketamine_pain/claims_flat.csv?_sort=nothing")
    assert (answer.status_code, answer.text) == (
        400,
        "400 _sort=nothing: this table has no column of that name\n",
    )


def test_a_file_of_the_build_is_sent_as_it_is(site, built):
    assert site.get("/files/csv/claims.csv").content == (built / "csv" / "claims.csv").read_bytes()
