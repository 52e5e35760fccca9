"""Links of pages without a server: found in the text, and called from where a page stands."""

import html
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packpress.package.descriptor import build_package
from packpress.publish.site_file import read_build
from packpress.web.static.export import Addresses
from packpress.web.static.pages import (
    NowhereError,
    Site,
    Writer,
    below,
    find_links,
    find_origins,
    relative_to,
    replace_links,
)
from packpress.web.tables.listing import list_row_tables

from packpress import CannotRunError
from tests.site_client import wait_for

DB = "/ketamine_pain"
PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "&amp;",
                "é\n",
                'href="x"',
                "<b title='href'>",
                "<script>1<2</script>",
                '<script>"<a href="' + "'x'>\"</script>",
            ]
        ),
        st.text(st.sampled_from("ab &\"'<>/?=#é\n")).map(lambda url: f'<a href="{html.escape(url)}">'),
    )
)


def read_links(text):
    """The links that a whole parser of HTML finds."""
    found = []
    parser = HTMLParser()
    parser.handle_starttag = lambda _, attrs: found.extend(value for name, value in attrs if name == "href")
    parser.feed(text)
    return found


@given(PIECES)
def test_links_are_replaced_where_they_stand_and_nowhere_else(pieces):
    text = "".join(pieces)
    links = find_links(text)
    assert replace_links(text, {}) == text
    assert [link.address for link in links] == read_links(text)
    assert [html.unescape(text[link.start : link.end]) for link in links] == read_links(text)
    new = replace_links(text, {link: f"«{link.address}»" for link in links})
    assert [link.address for link in find_links(new)] == [f"«{link.address}»" for link in links]
    again = find_links(new)
    assert replace_links(new, {link: link.address[1:-1] for link in again}) == replace_links(
        text, {link: link.address for link in links}
    )


def test_what_stands_in_a_script_or_in_the_text_is_no_link():
    text = (
        '<script type="application/ld+json">{"a": "<a href=\\"x\\">"}</script><pre>&lt;a href="y"&gt;</pre>'
    )
    assert find_links(text) == []


def test_whole_strings_that_are_addresses_are_found():
    text = '{"url": "http://localhost/a/b", "text": "see http://localhost/a"} <loc>http://localhost/c?d=e&amp;f</loc>'
    found = [link.address for link in find_origins(text, ("http://localhost",))]
    assert found == ["http://localhost/a/b", "http://localhost/c?d=e&f"]
    assert find_origins('"http://localhosts/a" "https://localhost/a"', ("http://localhost",)) == []


@pytest.mark.parametrize(
    ("page", "file", "call"),
    [
        ("index.html", "index.html", "./"),
        ("index.html", "a/index.html", "a/"),
        ("a/index.html", "a/index.html", "./"),
        ("a/b/index.html", "index.html", "../../"),
        ("a/b/index.html", "a/c.csv", "../c.csv"),
        ("a/b/index.html", "a/index.html", "../"),
        ("a/b/index.html", "d/e=f,g=h/index.html", "../../d/e=f,g=h/"),
    ],
)
def test_a_page_calls_a_file_from_where_it_stands(page, file, call):
    assert relative_to(page)(file) == call


def test_a_page_that_is_shown_anywhere_calls_files_from_the_root():
    assert below("/pain/")("index.html") == "/pain/"
    assert below("/pain/")("a/index.html") == "/pain/a/"
    assert below("/")("a b.csv") == "/a%20b.csv"


@pytest.fixture(scope="module")
def site(package, built):
    return Site(read_build(built))


@pytest.fixture(scope="module")
def addresses(site, built):
    return find_addresses(site, built)


def find_addresses(site, built):
    files = frozenset(path.relative_to(built).as_posix() for path in built.rglob("*") if path.is_file())
    return Addresses(site, wait_for(site.list_tables()), wait_for(list_row_tables(site.datasette)), files)


@pytest.mark.parametrize(
    ("address", "file", "query"),
    [
        ("/", "index.html", ""),
        ("/sources", "sources/index.html", ""),
        ("/sources/guidance?at=p5", "sources/guidance/index.html", ""),
        ("/map/routes", "map/routes/index.html", ""),
        ("/map.svg", "map.svg", ""),
        ("/disagreements?relation=contradicts&from=1", "disagreements/relation=contradicts/index.html", ""),
        (f"{DB}", "ketamine_pain/index.html", ""),
        (f"{DB}?sql=", "sql/index.html", ""),
        (f"{DB}?sql=select+1&x=2", "sql/index.html", "?sql=select+1&x=2"),
        (f"{DB}/search?q=pain", "search/index.html", "?q=pain"),
        (f"{DB}/claims/guidance-c001", "ketamine_pain/claims/guidance-c001/index.html", ""),
        (f"{DB}/claims_flat/guidance-c001", "ketamine_pain/claims/guidance-c001/index.html", ""),
        (
            f"{DB}/claims_flat?stance=supports&source_id=x",
            "ketamine_pain/claims_flat/source_id=x,stance=supports/index.html",
            "",
        ),
        (f"{DB}/claims_flat.csv?_stream=on&_size=max", "files/csv/claims_flat.csv", ""),
        (f"{DB}/claims_flat.parquet", "files/parquet/claims_flat.parquet", ""),
        (f"{DB}/claims_flat.json?_shape=array", "ketamine_pain/claims_flat.json", ""),
        (f"{DB}/coverage.csv?_stream=on", "ketamine_pain/coverage.csv", ""),
        (
            f"{DB}/claims_flat.csv?_route_id=oral&_stream=on",
            "ketamine_pain/claims_flat/_route_id=oral/rows.csv",
            "",
        ),
        (f"{DB}.db", "files/ketamine_pain.db", ""),
        ("/files/SHA256SUMS", "files/SHA256SUMS", ""),
        ("/-/datapackage.json", "datapackage.json", ""),
        ("/-/static/app.css?1", "static/app.css", ""),
    ],
)
def test_every_kind_of_address_has_its_file(address, file, query, addresses):
    target = wait_for(addresses.find(address))
    assert (target.file, target.query) == (file, query)


@pytest.mark.parametrize(
    ("address", "sql"),
    [
        (
            f"{DB}/corrections?reference_id=x%27y",
            "select *\nfrom \"corrections\"\nwhere \"reference_id\" = 'x''y'",
        ),
        (
            f"{DB}/passages/guidance-p001",
            'select *\nfrom "passages"\nwhere "passage_id" = \'guidance-p001\'',
        ),
        (
            f"{DB}/claim_conditions?role__contains=treat",
            "select {columns}\nfrom claim_conditions "
            "where \"role\" like '%treat%' order by claim_id, condition_id, role",
        ),
    ],
)
def test_what_has_no_page_is_asked_by_sql(address, sql, addresses, package):
    columns = ", ".join(package.by_name["claim_conditions"].field_names)
    target = wait_for(addresses.find(address))
    assert target.file == "sql/index.html"
    assert addresses.ask({"sql": sql.format(columns=columns)}) == target


@pytest.mark.parametrize(
    "address", ["/nowhere", f"{DB}/no_table", f"{DB}/no_table/x", "/-/settings", "/map.svg?x=1"]
)
def test_an_address_that_stands_for_nothing_is_refused(address, addresses):
    with pytest.raises(NowhereError):
        wait_for(addresses.find(address))


def test_a_site_that_is_at_home_somewhere_says_where(package, built, tmp_path):
    raw = {**package.raw, "homepage": "https://pain.example/k/", "repository": "https://pain.example/k/git"}
    site = Site(replace(read_build(built), package=build_package(package.path, raw)))
    writer = Writer(site, find_addresses(site, built).find, tmp_path, "/k/")

    def read(address):
        return wait_for(writer.read(address, relative_to("a/index.html"))).decode("utf-8")

    card = read(f"{DB}/claims/guidance-c001")
    lasting = "https://pain.example/k/ketamine_pain/claims/guidance-c001/"
    assert f'<link rel="canonical" href="{lasting}">' in card
    assert f'<a href="{lasting}">Permanent address</a>' in card
    assert '<a href="../sources/">' in card
    assert '<a href="https://pain.example/k/git/' in card
    assert '"contentUrl": "https://pain.example/k/files/ketamine_pain.db"' in read("/")
    assert "<loc>https://pain.example/k/map/routes/</loc>" in read("/sitemap.xml")
    assert f"<loc>{lasting}</loc>" in read("/sitemap.xml")
    assert "Sitemap: https://pain.example/k/sitemap.xml" in read("/robots.txt")


def test_a_page_that_leads_nowhere_is_named(site, addresses, tmp_path):
    async def find(address):
        if address == "/map":
            raise NowhereError(address)
        return await addresses.find(address)

    writer = Writer(site, find, tmp_path, "/")
    with pytest.raises(CannotRunError, match="/sources: links to /map, which has no page"):
        wait_for(writer.write_all(["/sources"], lambda _: None))
