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
    assert described["license"] == raw["licenses"][0]["path"]
    assert described["creator"] == [{"@type": "Organization", "name": "The ketamine-pain project"}]
    assert [source["name"] for source in described["isBasedOn"]] == [
        source["title"] for source in raw["sources"]
    ]


def test_no_address_is_invented(described, package: Package):
    """Each is one of this server, or one that the descriptor holds."""
    known = {"https://schema.org/", *(item["path"] for item in package.raw["licenses"])}
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
    assert {**served, "resources": []} == {**published, "resources": []}


@pytest.mark.long
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


@pytest.mark.long
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
