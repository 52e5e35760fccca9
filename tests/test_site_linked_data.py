"""What machines read: schema.org, the Data Package descriptor, the sitemap; all of it true."""

import hashlib
import json
import shutil
import sqlite3
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path

import frictionless
import pytest
from packpress.package.descriptor import build_package

from invented.packages import build
from packpress import Package
from tests.site_client import Page, Site, serve_build

pytestmark = pytest.mark.long

HOST = "http://localhost"
HOMEPAGE = "https://example.org/ketamine"


@pytest.fixture(scope="module")
def site(root, package, built) -> Site:
    return Site(root, package, built)


@pytest.fixture(scope="module")
def at_home(root, package, built) -> Site:
    """The site of a package that has an address."""
    raw = {**package.raw, "homepage": HOMEPAGE + "/", "repository": "https://example.org/code"}
    return Site(root, build_package(package.path, raw), built)


@pytest.fixture(scope="module")
def described(site) -> dict:
    return read_description(site.page("/"))


def read_description(page: Page) -> dict:
    (text,) = page.texts("script", class_="") or [""]
    return json.loads(text)


def test_the_home_page_describes_the_package(described, package: Package):
    raw = package.raw
    assert described["@context"] == "https://schema.org/"
    assert described["@type"] == "Dataset"
    assert described["name"] == raw["title"]
    assert described["description"] == raw["description"]
    assert described["version"] == raw["version"]
    assert described["datePublished"] == raw["created"][:10]
    assert described["keywords"] == raw["keywords"]
    assert described["license"] == [raw["licenses"][0]["path"]]
    (terms,) = described["usageInfo"]
    assert terms["name"] == raw["licenses"][1]["title"]
    assert terms["url"] == f"{HOST}/-/LICENSE-DATA.md"
    assert described["creator"] == [{"@type": "Organization", "name": "The ketamine-pain project"}]
    assert [source["name"] for source in described["isBasedOn"]] == [
        source["title"] for source in raw["sources"]
    ]


def test_no_address_is_invented(described, package: Package):
    """Each is one of this server, or one that the descriptor holds."""
    known = {"https://schema.org/", package.raw["licenses"][0]["path"]}
    known |= {source["path"] for source in package.raw["sources"] if "path" in source}
    texts = [text for text in list_texts(described) if "://" in text]
    assert {text for text in texts if not text.startswith(f"{HOST}/")} == known


def test_the_files_are_as_they_are_described(site, described):
    files = described["distribution"]
    assert {Path(file["contentUrl"]).suffix for file in files} >= {".db", ".zip"}
    for path in ("claims", "references"):
        files = [*files, *read_description(site.page(f"{site.database}/{path}"))["distribution"]]
    assert {file["encodingFormat"] for file in files} >= {"text/csv", "application/vnd.apache.parquet"}
    for file in files:
        answer = site.get(file["contentUrl"].removeprefix(HOST))
        assert answer.headers["content-type"].partition(";")[0] == file["encodingFormat"]
        assert f"{len(answer.content)} B" == file["contentSize"]
        assert hashlib.sha256(answer.content).hexdigest() == file["sha256"]


def test_the_parts_are_the_tables_and_lead_to_them(site, described):
    names = {row["table_name"] for row in site.rows("data_dictionary_tables.json")}
    assert {part["url"] for part in described["hasPart"]} == {
        f"{HOST}{site.database}/{name}" for name in names
    }


def test_a_table_describes_itself_as_a_part(site, described, package: Package):
    claims = read_description(site.page(f"{site.database}/claims_flat"))
    assert claims["isPartOf"] == {"@type": "Dataset", "name": described["name"], "url": described["url"]}
    measured = {item["name"]: item["description"] for item in claims["variableMeasured"]}
    assert measured == {item.name: item.description for item in package.by_name["claims_flat"].fields}


def test_terms_of_quotes_are_those_of_tables_that_have_quotes(site):
    terms = {
        name: read_description(site.page(f"{site.database}/{name}")).get("usageInfo")
        for name in ("claims", "questions")
    }
    assert terms["claims"]
    assert terms["questions"] is None
    # Rows that have licences of their own are not under that of the rest.
    (own,) = read_description(site.page(f"{site.database}/mappings"))["license"]
    assert own["url"] == f"{HOST}/-/LICENSE-DATA.md"


def test_a_claim_describes_itself_and_its_words_apart(site):
    (row,) = site.rows("claims.json?_size=1")
    address = f"{site.database}/claims/{row['claim_id']}"
    claim = read_description(site.page(address))
    assert (claim["@type"], claim["name"], claim["identifier"]) == (
        "Claim",
        row["statement"],
        row["claim_id"],
    )
    assert claim["url"] == HOST + address
    assert claim["isPartOf"]["url"] == f"{HOST}{site.database}/claims"
    assert claim["isPartOf"]["isPartOf"]["url"] == f"{HOST}/"
    words = claim["hasPart"]
    assert (words["@type"], words["text"]) == ("Quotation", row["quote"])
    assert words["usageInfo"] == claim["usageInfo"]
    assert claim["usageInfo"][0]["url"] == f"{HOST}/-/LICENSE-DATA.md"
    assert "license" not in words
    assert claim["appearance"] == words["isPartOf"]
    assert row["claim_id"] in claim["creditText"]
    for term in claim["about"]:
        assert site.get(term["url"].removeprefix(HOST)).status_code == 200
    assert claim["about"]


def test_a_row_describes_itself_and_not_its_table(site):
    (row,) = site.rows("conditions.json?_size=1")
    term = read_description(site.page(f"{site.database}/conditions/{row['condition_id']}"))
    assert (term["@type"], term["name"], term["termCode"]) == (
        "DefinedTerm",
        row["label"],
        row["condition_id"],
    )
    (row,) = site.rows("names.json?_size=1")
    page = read_description(site.page(f"{site.database}/names/{row['name_id']}"))
    assert (page["@type"], page["identifier"]) == ("WebPage", row["name_id"])


def read_links(page):
    return [
        (attrs["rel"], attrs.get("type", ""), attrs["href"])
        for tag, attrs, _ in page.elements
        if tag == "link" and attrs["rel"] in RELATIONS
    ]


RELATIONS = ("alternate", "cite-as", "collection", "describedby", "item", "license", "type")


@pytest.mark.parametrize(
    "path", ["/", "{db}/claims", "{db}/claims/{claim}", "{db}/mappings", "{db}/claims_flat"]
)
def test_links_lead_to_what_they_say_in_the_page_and_in_its_header(site, path):
    (row,) = site.rows("claims.json?_size=1")
    path = path.format(db=site.database, claim=row["claim_id"])
    links = read_links(site.page(path))
    assert {rel for rel, *_ in links} >= {"license", "alternate"}
    header = site.get(path).headers["link"]
    for rel, kind, href in links:
        if "+datasette" in kind:
            continue
        address = href if "://" in href else HOST + href
        more = f'; rel="{rel}"' + (f'; type="{kind}"' if kind else "")
        assert f"<{address}>{more}" in header
        if not address.startswith(HOST):
            continue
        answer = site.get(href)
        assert answer.status_code == 200, href
        if rel not in ("describedby", "license"):
            assert answer.headers["content-type"].partition(";")[0] == kind.partition(";")[0]


def test_the_home_page_says_what_it_is_of_and_where_that_is_described(site):
    links = read_links(site.page("/"))
    assert {href for rel, _, href in links if rel == "type"} == {
        "https://schema.org/AboutPage",
        "https://schema.org/Dataset",
    }
    assert {href.rpartition("/")[2] for rel, _, href in links if rel == "describedby"} == {
        "CITATION.cff",
        "croissant.json",
        "datacite.json",
        "datapackage.json",
    }
    assert {href.rpartition("/")[2] for rel, _, href in links if rel == "license"} == {"", "LICENSE-DATA.md"}
    # Nobody has registered an address that lasts.
    assert "cite-as" not in {rel for rel, *_ in links}


def test_at_home_a_page_says_by_what_address_to_cite(at_home):
    assert ("cite-as", "", f"{HOMEPAGE}/") in read_links(at_home.page("/"))


def test_a_claim_offers_its_citations(site):
    (row,) = site.rows("claims.json?_size=1")
    links = read_links(site.page(f"{site.database}/claims/{row['claim_id']}"))
    offered = {href for rel, _, href in links if rel == "alternate" and "/cite/" in href}
    assert offered == {f"/cite/{row['claim_id']}.{form}" for form in ("txt", "bib", "ris", "json")}


def test_a_part_of_a_table_is_not_described_as_the_table(site):
    assert site.page(f"{site.database}/claims_flat?stance=supports").texts("script") == []


def test_a_description_cannot_end_its_script(root, package, built, tmp_path):
    shutil.copy(built / "ketamine_pain.db", tmp_path)
    with sqlite3.connect(tmp_path / "ketamine_pain.db") as database:
        database.execute("update package set value = ? where property = 'title'", ("a</script><b>&amp;",))
    site = Site(root, package, tmp_path)
    page = site.page("/")
    assert read_description(page)["name"] == "a</script><b>&amp;"
    # Served alone, without the files of its build, it offers none.
    assert "distribution" not in read_description(page)
    assert site.get("/-/datapackage.json").status_code == 404


def test_the_descriptor_is_the_published_one_with_addresses(site, built):
    served = site.get("/-/datapackage.json").json()
    (archive,) = built.glob("*.zip")
    with zipfile.ZipFile(archive) as entries:
        published = json.loads(entries.read("datapackage.json"))
    tables = [item for item in published["resources"] if "schema" in item]
    for item in tables:
        item["path"] = f"{HOST}/files/csv/{item['name']}.csv"
    assert [item["path"] for item in served["resources"]] == [item["path"] for item in tables]
    assert [item["schema"] for item in served["resources"]] == [item["schema"] for item in tables]
    # Licences that are files have addresses too.
    moved = {"resources": [], "licenses": []}
    assert {**served, **moved} == {**published, **moved}


def test_frictionless_validates_the_served_package(built):
    """As anybody would who has nothing but the address; `trusted` is for addresses on this machine."""
    with serve_build(built) as address, frictionless.system.use_context(trusted=True):
        report = frictionless.Package(f"{address}/-/datapackage.json").validate()
        assert report.flatten(["rowNumber", "message"]) == []
        assert len(report.tasks) == len(list((built / "csv").iterdir()))


def test_the_descriptor_counts_and_hashes_what_is_served(site):
    for resource in site.get("/-/datapackage.json").json()["resources"]:
        data = site.get(resource["path"].removeprefix(HOST)).content
        assert len(data) == resource["bytes"]
        assert f"sha256:{hashlib.sha256(data).hexdigest()}" == resource["hash"]


def test_no_path_of_the_descriptor_is_relative(site):
    text = site.get("/-/datapackage.json").json()
    licences = [item for holder in (text, *text["resources"]) for item in holder.get("licenses", ())]
    assert licences
    for licence in licences:
        assert "://" in licence["path"]
    (ours,) = {item["path"] for item in licences if item["path"].startswith(HOST)}
    assert "licence" in site.get(ours.removeprefix(HOST)).text.lower()


def test_an_edition_describes_itself(root, package, tmp_path):
    output = build(package.path, tmp_path / "build", "none")
    site = Site(root, package, output)
    served = site.get("/-/datapackage.json").json()
    assert served["edition"] == "none"
    assert read_description(site.page("/"))["distribution"]
    assert site.get("/dictionary").status_code == 200


def test_without_a_homepage_nothing_claims_to_be_lasting(site):
    assert "canonical" not in site.page("/").attributes("rel", "link")
    assert site.get("/sitemap.xml").status_code == 404
    assert "Sitemap" not in site.get("/robots.txt").text


@pytest.mark.parametrize(
    ("path", "lasting"),
    [
        ("/", "/"),
        ("/method", "/method"),
        ("/sources/guidance?stance=against", "/sources/guidance"),
        ("/ketamine_pain/claims_flat?_sort=stance", "/ketamine_pain/claims_flat"),
        ("/ketamine_pain/claims/guidance-c001", "/ketamine_pain/claims/guidance-c001"),
    ],
)
def test_a_page_names_its_lasting_address(path, lasting, at_home):
    page = at_home.page(path)
    links = [attrs for tag, attrs, _ in page.elements if tag == "link" and attrs.get("rel") == "canonical"]
    assert [link["href"] for link in links] == [HOMEPAGE + lasting]


def test_at_home_the_description_names_the_lasting_address(at_home):
    described = read_description(at_home.page("/"))
    assert described["url"] == f"{HOMEPAGE}/"
    # Files are where they are served, whatever stands elsewhere.
    assert all(file["contentUrl"].startswith(f"{HOST}/files/") for file in described["distribution"])


def test_every_page_of_the_sitemap_answers_and_every_claim_is_in_it(at_home):
    answer = at_home.get("/sitemap.xml")
    assert answer.headers["content-type"].startswith("application/xml")
    tree = ElementTree.fromstring(answer.text)
    places = [element.text for element in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert len(places) == len(set(places))
    assert all(place.startswith(f"{HOMEPAGE}/") for place in places)
    claims = {f"{HOMEPAGE}{at_home.database}/claims/{row['claim_id']}" for row in at_home.rows("claims.json")}
    assert claims <= {*places}
    others = [place for place in places if f"{at_home.database}/" not in place]
    for place in [*others, *sorted(claims)[:3]]:
        assert at_home.get(place.removeprefix(HOMEPAGE)).status_code == 200, place


def test_crawlers_are_told_of_the_sitemap_and_kept_from_filters(at_home):
    lines = at_home.get("/robots.txt").text.splitlines()
    assert lines == [
        "User-agent: *",
        "Disallow: /*?",
        "Allow: /-/static/",
        f"Sitemap: {HOMEPAGE}/sitemap.xml",
    ]


def list_texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in list_texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in list_texts(item)]
    return [value] if isinstance(value, str) else []
