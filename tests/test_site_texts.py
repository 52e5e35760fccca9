"""The method and the data dictionary as pages: complete, and with links that lead somewhere."""

import re
import shutil

import pytest
from packpress.web.about import texts

from packpress import Package
from tests.site_client import Page, Site


@pytest.fixture(scope="module")
def site(root, package, built) -> Site:
    return Site(root, package, built)


@pytest.fixture(scope="module")
def dictionary(site) -> Page:
    return site.page("/dictionary")


ADDRESSES = (("curation.md", "/method/curation"),)


def render(markdown: str) -> Page:
    return Page(str(texts.render_text(markdown, "/", ADDRESSES).body))


def test_every_table_and_column_has_an_address(dictionary, package: Package):
    anchors = dictionary.attributes("id")
    assert len(anchors) == len(set(anchors))
    for resource in (*package.resources, *package.derived):
        assert resource.name in anchors
        assert {f"{resource.name}.{name}" for name in resource.field_names} <= {*anchors}


def test_every_view_and_its_columns_have_an_address(dictionary, site):
    views = [row["table_name"] for row in site.rows("data_dictionary_tables.json?kind=view")]
    assert views
    for view in views:
        columns = site.rows(f"data_dictionary.json?table_name={view}")
        assert {f"{view}.{row['field_name']}" for row in columns} <= {*dictionary.attributes("id")}


def test_tables_stand_in_the_order_of_the_descriptor(dictionary, package: Package):
    anchors = dictionary.attributes("id", "h3")
    assert anchors[: len(package.resources)] == [resource.name for resource in package.resources]


def test_every_allowed_value_is_told_with_its_meaning(dictionary, package: Package):
    told = {re.sub(r"\s+", " ", text).strip() for text in dictionary.texts("li")}
    for resource in package.resources:
        for item in resource.fields:
            for value, meaning in item.enum_descriptions.items():
                assert f"{value} {meaning}" in told, f"{resource.name}.{item.name}"


def test_types_and_constraints_and_keys_are_told(dictionary):
    terms = {re.sub(r"\s+", " ", text).strip() for text in dictionary.texts("dt")}
    assert "passage_id string, required, unique; pattern [a-z0-9]+(?:-[a-z0-9]+)*" in terms
    assert "passage_id string, required, key of passages" in terms
    assert "hedge string, the source’s own words" in terms
    assert "position integer, required, at least 1" in terms
    pointing = [text for text in dictionary.texts("p") if text.startswith("Referred to by")]
    assert any("claim_conditions.claim_id" in text for text in pointing)


def test_a_list_of_values_is_told_once(dictionary):
    assert dictionary.html.count("The words judge the use of ketamine for pain favourably.") == 1
    assert "Values as in" in "".join(dictionary.texts("dd"))


@pytest.mark.long
@pytest.mark.parametrize("path", ["/dictionary", "/method", "/method/curation", "/method/using-the-data"])
def test_every_link_of_a_text_leads_somewhere(path, site):
    page = site.page(path)
    anchors = page.attributes("id")
    for address in {*page.attributes("href", "a")}:
        if address.startswith("#"):
            assert address[1:] in anchors, address
        elif address.startswith("/") and not address.startswith(("/map", "/disagreements", "/charts")):
            assert site.get(address.partition("#")[0]).status_code == 200, address


def test_the_method_is_that_of_the_docs(site, root):
    page = site.page("/method")
    assert page.texts("h1") == ["Method"]
    headings = re.findall(r"^## (.*)$", (root / "docs" / "method.md").read_text(encoding="utf-8"), re.M)
    assert [text for text in page.texts("h2") if text != "Further"] == headings
    assert "/method/curation" in page.attributes("href", "a")
    assert "<!--" not in page.html.partition("<main")[2]
    assert "&lt;!--" not in page.html


def test_the_figures_of_the_method_are_a_table_that_fits_a_telephone(site):
    page = site.page("/method")
    assert "style" not in {name for _, attrs, _ in page.elements for name in attrs}
    # Each cell carries the name of its column, for screens on which rows become blocks.
    names = page.texts("th", class_="")
    labels = {*page.attributes("data-l", "td")}
    assert labels
    assert labels <= {*names}


def test_the_protocol_has_a_page_too(site, root):
    page = site.page("/method/curation")
    assert page.texts("h1") == ["How we read a source: the curation protocol"]
    assert "/dictionary" in page.attributes("href", "a")


def test_code_in_a_text_is_shown_as_written(site, root):
    page = site.page("/method/using-the-data")
    blocks = re.findall(
        r"```\w*\n(.*?)```", (root / "docs" / "using-the-data.md").read_text(encoding="utf-8"), re.S
    )
    assert blocks
    assert page.texts("pre") == blocks


def test_nothing_else_of_the_docs_is_served(site):
    for name in ("data-dictionary", "method.md", "x"):
        assert site.get(f"/method/{name}").status_code == 404


def test_markup_in_a_text_arrives_as_letters():
    page = render("# T\n\n<script>alert(1)</script>\n\n[a](javascript:alert(1)) <b>c</b>\n")
    assert page.texts("script") == []
    assert page.texts("b") == []
    assert page.attributes("href", "a") == []


def test_a_link_to_a_file_of_the_repository_is_plain_text():
    page = render(
        "# T\n\nSee [one](curation.md#reading), [two](../scripts/x.py), [three](https://example.org/).\n"
    )
    assert page.attributes("href", "a") == ["/method/curation#reading", "https://example.org/"]
    assert page.texts("p") == ["See one, two, three."]


def test_a_database_served_alone_has_no_texts(root, package, built, tmp_path):
    shutil.copy(built / "ketamine_pain.db", tmp_path)
    page = Site(root, package, tmp_path).page("/method", 404)
    assert "This build has no texts" in page.html


def test_the_docs_are_found_from_any_folder(site, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "What counts as a claim" in site.page("/method").html
