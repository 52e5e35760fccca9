"""What the real documents list, beside what they declare."""

import pytest

from tests.site_client import Site
from tests.test_site_list_counts import find_words

pytestmark = pytest.mark.long


@pytest.mark.parametrize(
    ("source_id", "words"),
    [
        ("pmid-34746491", "5 of the 13 citing articles it declares. The other 8 are not in its text"),
        ("pmid-37622028", "4 citing articles. It declares no number of citing articles."),
        ("fpm-ketamine", "10 references and no citing articles."),
    ],
)
def test_the_lists_of_a_document_are_counted(root, package, built, source_id, words):
    (told,) = find_words(Site(root, package, built), f"/sources/{source_id}")
    assert words in told
