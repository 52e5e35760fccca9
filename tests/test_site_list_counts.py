"""What a document lists, beside what it declares: in words, on the page of all sources and on that of each."""

from collections import Counter

import pytest
from ketamine_site.documents.list_counts import ListCount

from tests.conftest import build_edition
from tests.site_client import Site

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def site(root, package, built) -> Site:
    return Site(root, package, built)


def find_words(site: Site, path: str) -> list[str]:
    """The sentences on lists of a page."""
    page = site.page(path)
    texts = [" ".join(text.split()) for tag in ("dd", "p") for text in page.texts(tag)]
    return [text for text in texts if text.startswith("Lists ")]


def test_every_source_says_how_much_it_lists(site):
    listed = Counter(
        (row["source_id"], row["listed_as"]) for row in site.rows("references.json?_labels=off&_size=max")
    )
    sources = site.rows("sources.json?_sort=position&_labels=off")
    told = find_words(site, "/sources")
    assert len(told) == len(sources)
    for source, words in zip(sources, told, strict=True):
        source_id = source["source_id"]
        references, citing = (listed[source_id, name] for name in ("reference_list", "citing_list"))
        assert words.startswith(f"Lists {references or 'no'} reference")
        if source["declared_citing_count"] is None:
            assert f"and {citing or 'no'} citing article" in words
        else:
            assert f"{source['declared_citing_count']} citing articles it declares" in words
        assert find_words(site, f"/sources/{source_id}") == [words]
        assert find_words(site, f"{site.database}/sources/{source_id}") == [words]


def test_each_list_leads_to_its_entries(site):
    page = site.page("/sources")
    links = [href for href in page.attributes("href", "a") if "listed_as=" in href]
    shown = [text for text in page.texts("a") if text.split()[0] in ("all", *map(str, range(100)))]
    for link in links:
        rows = site.rows(link.removeprefix(f"{site.database}/").replace("?", ".json?"))
        assert any(str(len(rows)) in text for text in shown), link
    assert len(links) == len(
        {
            (row["source_id"], row["listed_as"])
            for row in site.rows("references.json?_labels=off")
            if row["listed_as"] in ("reference_list", "citing_list")
        }
    )


def test_a_shorter_list_is_explained_in_the_public_edition_too(root, package_copy, tmp_path):
    package_copy.add_all()
    listed = sum(row["listed_as"] == "citing_list" for row in package_copy.rows("references"))
    package_copy.edit("sources", "abstract-2001", declared_citing_count=str(listed + 2))
    package = package_copy.read()
    site = Site(root, package, build_edition(package, tmp_path / "build", "quotes"), "public")
    (words,) = find_words(site, "/sources/abstract-2001")
    assert (
        f"{listed} of the {listed + 2} citing articles it declares. The other 2 are not in its text" in words
    )
    assert words in find_words(site, "/sources")


@pytest.mark.parametrize(
    ("listed", "declared", "words", "note"),
    [
        (0, None, "no citing articles", ""),
        (0, 0, "no citing articles", ""),
        (1, None, "1 citing article", "It declares no number of citing articles."),
        (1, 1, "the one citing article it declares", ""),
        (3, 3, "all 3 citing articles it declares", ""),
        (
            36,
            41,
            "36 of the 41 citing articles it declares",
            "The other 5 are not in its text, so no row here has them.",
        ),
        (
            2,
            3,
            "2 of the 3 citing articles it declares",
            "The other one is not in its text, so no row here has it.",
        ),
        (0, 1, "not the one citing article it declares", "It is not in its text, so no row here has it."),
        (
            0,
            2,
            "none of the 2 citing articles it declares",
            "They are not in its text, so no row here has them.",
        ),
        (
            3,
            1,
            "2 more than the 1 citing article it declares",
            "Every entry that its text prints is a row here.",
        ),
    ],
)
def test_the_words_fit_the_numbers(listed, declared, words, note):
    found = ListCount("citing_list", listed, declared)
    assert (found.words, found.note) == (words, note)
