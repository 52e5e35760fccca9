"""The reader shows the real documents as printed, with every claim beside its words."""

import pytest

from tests import test_site_reader as of_any_reader
from tests.conftest import ROOT
from tests.site_client import Site

pytestmark = pytest.mark.long
SOURCES = sorted(file.stem for file in (ROOT / "data" / "sources").glob("*.txt"))
CHECKS = [
    of_any_reader.test_every_passage_stands_there_as_printed,
    of_any_reader.test_every_passage_and_every_claim_has_an_address,
    of_any_reader.test_a_passage_without_a_claim_says_why,
    of_any_reader.test_the_account_counts_every_passage_once,
    of_any_reader.test_a_filter_offers_each_value_with_its_number_of_claims,
]


@pytest.fixture(scope="module")
def site(root, package, built) -> Site:
    return Site(root, package, built)


@pytest.mark.parametrize("source_id", SOURCES)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__.removeprefix("test_"))
def test_what_holds_of_any_document_holds_of_this_one(check, site, source_id):
    check(site, source_id)


def test_an_entry_says_whether_it_is_corrected_or_only_completed(site):
    of_any_reader.test_an_entry_says_whether_it_is_corrected_or_only_completed(site)
