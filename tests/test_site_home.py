"""The home page: what this is, the documents with their size, where to start, and what can be taken away."""

import re

import pytest
from datasette.database import QueryInterrupted
from ketamine_site import home  # noqa: E402
from packpress.web.about.downloads import format_size

from tests.site_client import Page, Site

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def site(root, package, built) -> Site:
    return Site(root, package, built)


@pytest.fixture(scope="module")
def page(site) -> Page:
    return site.page("/")


def list_items(page: Page) -> list[tuple[str, list[str]]]:
    """Text and addresses of each item of a list."""
    items = []
    for place, (tag, _, texts) in enumerate(page.elements):
        if tag == "li":
            text = " ".join("".join(texts).split())
            following = page.elements[place + 1 :]
            links = [attrs["href"] for tag, attrs, _ in following[:2] if tag == "a" and attrs.get("href")]
            items.append((text, links))
    return items


def test_home_says_what_it_is_what_it_is_not_and_who_read(page):
    text = " ".join("".join(page.texts("main")).split())
    assert "Every claim here is tied to the exact words that make it." in text
    assert "It gives no clinical advice and takes no side." in text
    assert "Language models read the documents in three independent passes" in text
    assert "no clinician has reviewed them" in text


# A number of documents in words; that of the invented ones is four.
COUNTED = re.compile(r"\b(one|two|three|four|five|six|seven) (?:documents|texts|sources)\b", re.IGNORECASE)


@pytest.mark.parametrize(
    "path", ["/", "/sources", "/map", "/charts", "/conditions", "/disagreements", "/compare"]
)
def test_a_page_counts_the_documents_that_there_are(site, package, path):
    # The title of the data set is a name, which the citation on the home page prints.
    text = " ".join("".join(site.page(path).texts("main")).split()).replace(str(package.title), "")
    found = {word.lower() for word in COUNTED.findall(text)}
    # One or two of them are spoken of too, as in "compare two sources".
    assert not found & {"five", "six", "seven"}
    assert path not in ("/", "/sources") or "four" in found


def test_every_source_stands_there_with_kind_and_size(site, page):
    heads = [" ".join(text.split()) for text in page.texts("th")]
    cells = page.texts("td", class_="r")
    for source in site.rows("sources.json"):
        kind = source["source_type"].replace("_", " ")
        assert any(source["short_name"] in head and kind in head for head in heads)
        passages = site.rows(f"passages.json?source_id={source['source_id']}")
        assert f"{max(row['end_offset'] for row in passages):,}" in cells


def test_a_start_question_says_how_large_its_answer_is(site, page):
    sizes = {link: text for text, links in list_items(page) for link in links}
    # Where most rows are silence, what counts are the findings.
    findings = {
        "contraindications": ("contraindication", "condition"),
        "named_adverse_effects": ("adverse_effect", "adverse effect"),
        "not_stated": ("item", "item"),
    }
    for name in home.START:
        if relation := home.PAIRED.get(name):
            address = f"/disagreements?relation={relation}"
            rows, noun = site.rows(f"disagreements.json?relation={relation}"), "pair"
        else:
            address, rows, noun = f"/ketamine_pain/{name}", site.rows(f"{name}.json"), "row"
        if name in findings:
            column, noun = findings[name]
            rows = {row[column] for row in rows}
        assert f"?{len(rows)} {noun}" in sizes[address], name
        site.page(address)


def test_a_question_too_slow_to_count_stands_there_without_its_size(root, package, built, monkeypatch):
    async def interrupt(*_: object, **__: object) -> None:
        raise QueryInterrupted(RuntimeError("interrupted"), "select", {})

    monkeypatch.setattr(home, "read_rows", interrupt)
    monkeypatch.setattr(home, "list_options", lambda *_: _nothing())
    page = Site(root, package, built).page("/")
    assert ("Who advises against ketamine, and for whom?", ["/ketamine_pain/advice_against"]) in list_items(
        page
    )


async def _nothing() -> list[dict]:
    return []


def test_the_small_map_holds_the_conditions_that_most_sources_name(site, page):
    named: dict[str, set[str]] = {}
    for row in site.rows("condition_evidence.json"):
        sources = named.setdefault(row["condition"], set())
        if row["role"] != "not_mentioned":
            sources.add(row["source_id"])
    counts = {label.lower(): len(sources) for label, sources in named.items()}
    heads = [text.strip().lower() for text in page.texts("th", class_="d0")]
    assert len(heads) == home.LINES
    rest = [count for label, count in counts.items() if label not in heads]
    assert min(counts[head] for head in heads) >= max(rest)
    total = [f"{counts[head]} of {len(site.rows('sources.json'))}" for head in heads]
    assert [text.strip() for text in page.texts("td", class_="tot")] == total
    assert f"All {len(named)} conditions" in page.texts("a")


def test_home_offers_every_format_with_its_size(page, built):
    items = dict(list_items(page))
    for name, file in (
        ("Data Package, zipped", next(built.glob("*.zip"))),
        ("SQLite, with views and search", built / "ketamine_pain.db"),
    ):
        text = f"{name}{format_size(file.stat().st_size)}"
        assert items[text] == [f"/files/{file.name}"]
    for folder, name in (("csv", "CSV"), ("parquet", "Parquet")):
        files = [*(built / folder).glob(f"*.{folder}")]
        size = sum(file.stat().st_size for file in files)
        assert f"{len(files)} tables as {name}{format_size(size)}" in items
    assert "/ketamine_pain/claims_flat.parquet" in page.attributes("href", "a")


@pytest.mark.parametrize(
    "path", ["/method", "/dictionary", "/charts", "/map", "/downloads", "/disagreements"]
)
def test_home_leads_to_every_page_of_ours(site, page, path):
    assert any(href.partition("?")[0] == path for href in page.attributes("href", "a"))
    site.page(path)


def test_home_says_version_and_date(site, page):
    notes = "".join(page.texts("aside"))
    assert f"{site.metadata['version']}, data of {site.metadata['created']}" in notes


def test_the_page_of_the_data_leads_to_every_format_and_page(site):
    page = site.page(site.database)
    links = page.attributes("href", "a")
    for name in ("claims", "disagreements"):
        for format_ in ("csv", "json", "parquet"):
            assert any(href.startswith(f"{site.database}/{name}.{format_}") for href in links)
    for path in ("/map", "/charts", "/dictionary", "/disagreements"):
        assert path in links


def test_the_home_page_says_how_to_cite_the_data_set_and_that_it_has_no_lasting_address(site, package):
    told = site.page("/").texts("p")
    (citation,) = [text for text in told if text.startswith(f"{package.contributors[0]['title']} (")]
    assert f"{package.title}. Version {package.version}." in citation
    assert "It has no lasting address yet." in citation
