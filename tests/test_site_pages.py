"""Every page of the site answers, looks like one of ours, and says what it must."""

import hashlib
import inspect
import re
from pathlib import Path

import datasette
import pytest
from datasette.database import QueryInterrupted
from datasette.tracer import capture_traces
from ketamine_site.cells import FIRST_COLUMNS
from ketamine_site.pages import PAGES
from packpress.web.facts import read_several
from packpress.web.tables.column_titles import read_titles

from tests.site_client import NOT_VOTES, Page, Site, wait_for

pytestmark = pytest.mark.long

NONSENSE = [
    "zz' \" --",
    "%00",
    "a%00b",
    "%F0%9F%99%82",
    "*",
    "NEAR(",
    "<script>alert(1)</script>",
    "%20",
    "_",
]
# The templates of Datasette that ours stand in for; when they change, read them and bring ours along.
REPLACED = {
    "base.html": "bb22df33caea",
    "_crumbs.html": "882c9d69e133",
    "table.html": "81cec4b0f794",
    "_table.html": "f75a8872713f",
    "_facet_results.html": "622d3c764aa1",
    "database.html": "4fd5e97823bb",
    "index.html": "ed57b14bb565",
    "query.html": "bc3559df0e20",
    "row.html": "ff5dde41541c",
    "error.html": "c2115d1fdbff",
}


@pytest.fixture(scope="module")
def site(root, package, built) -> Site:
    return Site(root, package, built)


@pytest.fixture(scope="module")
def tables(site) -> dict:
    return site.metadata["databases"]["ketamine_pain"]["tables"]


@pytest.fixture(scope="module")
def queries(site) -> dict:
    return site.metadata["databases"]["ketamine_pain"]["queries"]


def test_every_table_and_view_answers_as_page_json_and_csv(site, tables):
    for name in tables:
        site.page(f"{site.database}/{name}?_size=5")
        site.page(f"{site.database}/{name}?_all=1&_size=2")
        assert site.get(f"{site.database}/{name}.csv").status_code == 200
        assert isinstance(site.rows(f"{name}.json"), list)


def test_a_row_of_every_table_answers(site, package):
    for resource in (*package.resources, *package.derived):
        rows = site.rows(f"{resource.name}.json?_labels=off")
        # Only the register of withdrawn rows may be empty, until a row is withdrawn.
        if not rows and resource.name == package.raw["validation"]["register"]:
            continue
        assert rows, resource.name
        key = ",".join(str(rows[0][name]) for name in resource.primary_key)
        # A claim has one page, to which that of its flat row leads.
        table = PAGES.aliases.get(resource.name, resource.name)
        page = site.page(f"{site.database}/{table}/{key}")
        assert len(page.texts("dt")) >= len(resource.fields)


def test_every_default_facet_can_be_chosen(site, tables):
    for name, table in tables.items():
        for facet in table.get("facets", ()):
            facet = facet if isinstance(facet, str) else facet["linked"]
            answer = site.get(f"{site.database}/{name}.json?_size=2").json()
            if not answer["rows"]:
                continue
            chosen = answer["facet_results"][facet]["results"]
            assert bool(chosen) == bool(answer["rows"]), f"{name}: {facet}"
            if chosen:
                site.page(chosen[0]["toggle_url"].replace("http://localhost", "").replace(".json", ""))


def test_every_query_answers_with_its_defaults(site, queries):
    for name, query in queries.items():
        page = site.page(f"{site.database}/{name}")
        assert query["title"] in page.texts("h1")
        rows = site.rows(f"{name}.json")
        assert not rows or list(rows[0]) == list(query["columns"])
        assert site.get(f"{site.database}/{name}.csv").status_code == 200


@pytest.mark.parametrize("value", NONSENSE)
def test_every_query_survives_nonsense(site, queries, value):
    for name in queries:
        page = site.page(f"{site.database}/{name}?q={value}&condition_id={value}&source_id={value}")
        assert "<script>alert" not in page.html


def test_every_sort_and_filter_of_the_claims_answers(site, package):
    titles = wait_for(read_titles(site.datasette))
    for field in package.by_name["claims_flat"].fields:
        site.page(f"{site.database}/claims_flat?_sort={field.name}&_size=1")
        page = site.page(f"{site.database}/claims_flat?{field.name}=zz&_size=1")
        assert f"Remove {titles.mention('claims_flat', field.name)} is zz" in "".join(
            page.texts(class_="zero-results")
        )


@pytest.mark.parametrize("path", ["/", "/sources", "/ketamine_pain", "/ketamine_pain?_show_hidden=1"])
def test_frame_of_a_page(site, path):
    page = site.page(path)
    assert page.attributes("lang", "html") == ["en"]
    assert len(page.texts("h1")) == 1
    assert page.attributes("id", "main") == ["main"]
    assert page.attributes("href", "a", class_="skip") == ["#main"]
    footer = "".join(page.texts("footer"))
    assert site.metadata["version"] in footer
    assert "Not clinical advice" in footer
    assert (
        "language models in three independent passes and adjudicated; no clinician has reviewed them"
        in footer
    )


def test_no_page_of_ours_needs_a_script_or_an_inline_style(site, queries):
    paths = [
        "/",
        "/sources",
        "/sources/guidance",
        site.database,
        f"{site.database}/claims_flat",
        "/nowhere",
    ]
    paths += [f"{site.database}/claims/guidance-c001", f"{site.database}/{next(iter(queries))}"]
    for path in paths:
        page = Page(site.get(path).text)
        assert {*page.attributes("type", "script")} <= {"application/ld+json"}, path
        assert len(page.attributes("type", "script")) == len(page.texts("script")), path
        assert not page.texts("style"), path
        assert not [attrs for _, attrs, _ in page.elements if "style" in attrs], path


def test_home_counts_what_the_tables_hold(site):
    page = site.page("/")
    claims = site.rows("claims_flat.json")
    assert f"Download the data, {len(claims)} claims" in page.texts("h2")
    counted = [int("".join(filter(str.isdigit, text))) for text in page.texts("td", class_="n sup")]
    assert sum(counted) == sum(claim["stance"] == "supports" for claim in claims)
    assert NOT_VOTES.search(page.html)


def test_start_questions_lead_to_their_answers(site):
    page = site.page("/")
    links = [
        href for href in page.attributes("href", "a") if href.removeprefix("/ketamine_pain/") in _names(site)
    ]
    assert len(links) >= 6
    for href in links:
        site.page(href)


def test_stance_is_a_word_a_shape_and_a_colour(site):
    page = site.page(f"{site.database}/claims_flat?stance=against&_size=1")
    (cell,) = [html for html in page.html.split("<td")[1:] if "col-stance" in html]
    assert '<span class="st aga">' in cell
    assert "#g-aga" in cell
    assert "against</span>" in cell


def test_search_finds_and_marks_words(site):
    page = site.page(f"{site.database}/search?q=wandering")
    assert "<b>wandering</b>" in page.html.lower()
    kinds = {row["kind"] for row in site.rows("search.json?q=wandering")}
    assert {"claim", "passage", "condition"} <= kinds


def test_search_that_finds_nothing_helps(site):
    assert "Nothing here holds “xyzzyx”" in site.page(f"{site.database}/search?q=xyzzyx").html
    assert "Type words or a whole question" in site.page(f"{site.database}/search").html
    assert site.rows("claims_flat.json?_search=xyzzyx") == []
    assert "</span>the text has “xyzzyx”" in site.page(f"{site.database}/claims_flat?_search=xyzzyx").html


@pytest.mark.parametrize(
    "path", ["/nowhere", "/sources/nobody", "/ketamine_pain/nothing", "/ketamine_pain/claims/x"]
)
def test_an_unknown_address_is_a_page_of_ours(site, path):
    page = site.page(path, status=404)
    assert page.attributes("id", "main") == ["main"]
    assert "/sources/guidance" in page.attributes("href", "a")
    assert "Database not found" not in page.html


@pytest.mark.parametrize(
    ("path", "crumbs"),
    [
        ("/ketamine_pain/claims_flat", "home / data"),
        ("/ketamine_pain/not_stated", "home / data"),
        ("/ketamine_pain/claims/guidance-c001", "home / data / claims"),
    ],
)
def test_crumbs_name_what_a_reader_knows(site, path, crumbs):
    assert site.page(path).texts("p", class_="crumbs") == [crumbs]


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("claims/guidance-c001", "Ketamine belongs to the anaesthetics – Claims"),
        ("conditions/long-pain", "long pain – Conditions"),
        ("sources/guidance", "Guild guidance – Sources"),
        ("references/guidance-ab12", "guidance-ab12 – References"),
        ("claims_flat", "Claims, one row each"),
        ("claims_flat?stance=against&source_id=nobody", "0 claims where"),
        ("claims_flat?_condition_id=heart-trouble", "1 claim where condition is heart trouble"),
    ],
)
def test_the_title_of_a_page_says_what_is_on_it(site, path, title):
    status = 200
    (found,) = site.page(f"{site.database}/{path}", status).texts("title")
    assert found.startswith(title)
    assert found.endswith(f" – {site.metadata['title']}")


@pytest.mark.parametrize("path", ["references/guidance-r02", "conditions/pain", "sources/guidance"])
def test_a_format_is_written_as_its_makers_do(site, path):
    links = site.page(f"{site.database}/{path}").texts("p", class_="export-links")
    assert any("JSON, Parquet" in text for text in links)


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/sources", "/map", "/map/routes", "/charts", "/disagreements"),
        "/ketamine_pain/conditions/long-pain",
        "/ketamine_pain/claims/guidance-c001",
        "/ketamine_pain/claims_flat",
        "/ketamine_pain/condition_evidence",
        "/ketamine_pain/hedging_by_source",
        "/ketamine_pain/support_for_condition?condition_id=harp-elbow",
        "/ketamine_pain/search?q=pain",
    ],
)
def test_a_page_that_counts_sources_says_once_that_texts_are_no_studies(site, path):
    words = "".join(Page(re.sub("<script.*?</script>", "", site.get(path).text, flags=re.S)).texts("main"))
    assert len(NOT_VOTES.findall(words)) == 1


def test_the_section_of_a_page_is_marked(site):
    for path, section in (("/sources/guidance", "Sources"), ("/map/routes", "Map")):
        marked = [
            "".join(texts)
            for _, attrs, texts in site.page(path).elements
            if attrs.get("aria-current") == "true"
        ]
        assert marked == [section]


def test_long_counts_are_folded_and_a_choice_opens_them(site):
    page = site.page(f"{site.database}/references")
    years = len({row["year"] for row in site.rows("references.json")} - {None})
    assert f"{years - 8} more of Year" in page.texts("summary")
    whole = site.page(f"{site.database}/references?_facet_size=max")
    assert not any("more of Year" in text for text in whole.texts("summary"))


def test_an_identifier_that_only_repeats_its_label_is_left_out(site):
    page = site.page(f"{site.database}/conditions")
    cells = page.texts("td", class_="col-broader_id")
    assert "long pain" in cells
    assert not any("long-pain" in text for text in cells)
    assert "/ketamine_pain/conditions/long-pain" in page.attributes("href", "a")


@pytest.mark.parametrize("name", REPLACED)
def test_the_originals_of_our_templates_are_those_we_read(name):
    original = Path(inspect.getfile(datasette)).parent / "templates" / name
    assert hashlib.sha256(original.read_bytes()).hexdigest()[:12] == REPLACED[name]


def _names(site: Site) -> set[str]:
    return {*site.metadata["databases"]["ketamine_pain"]["queries"]}


CELL = re.compile(r'<td role="cell" data-l="[^"]+" class="col-(\w+)([^>]*)>(.*?)</td>', re.DOTALL)
COLUMN_CHOICE = re.compile(r'<select class="f" name="_filter_column".*?</select>', re.DOTALL)


def list_statements(site: Site, path: str) -> list[str]:
    """The statements that Datasette runs for an address."""

    async def ask() -> list[str]:
        traces: list[dict] = []
        with capture_traces(traces):
            await site.datasette.client.get(path)
        return [trace["sql"] for trace in traces]

    return wait_for(ask())


def list_columns(site: Site, path: str) -> list[str]:
    """The columns of the claims that are read for an address."""
    (listed,) = {
        statement.partition(" from ")[0].removeprefix("select ")
        for statement in list_statements(site, path)
        if re.search(r"from claims_flat (?:where .*)?(?:order by .*)?limit \d+$", statement)
    }
    return listed.split(", ")


def test_a_list_of_claims_reads_what_it_shows_and_what_cells_are_made_from(site):
    shown = {*FIRST_COLUMNS["claims_flat"], "claim_id", "certainty", "hedge", "qualifier"}
    assert {*list_columns(site, f"{site.database}/claims_flat")} == shown
    condition_id = site.rows("claim_conditions.json")[0]["condition_id"]
    assert {*list_columns(site, f"{site.database}/claims_flat?_condition_id={condition_id}")} == shown
    sorted_by = list_columns(site, f"{site.database}/claims_flat?_sort_desc=dose")
    assert {*sorted_by} == {*shown, "dose"}


@pytest.mark.parametrize("more", ["?_all=1", ".json", ".csv", "?_nocol=dose&_all=1"])
def test_other_forms_of_a_list_read_every_column(site, more):
    left_out = {"dose"} if "_nocol" in more else set()
    known = {*wait_for(site.datasette.get_database().table_columns("claims_flat"))}
    assert {*list_columns(site, f"{site.database}/claims_flat{more}")} == known - left_out


def test_cells_look_the_same_where_every_column_is_read(site, tables):
    for name in [name for name in FIRST_COLUMNS if name in tables]:
        few, all_of_them = (
            site.get(f"{site.database}/{name}?_size=50{more}").text for more in ("", "&_all=1")
        )
        cells = [cell for cell in CELL.findall(all_of_them) if cell[0] in FIRST_COLUMNS[name]]
        assert CELL.findall(few) == cells
        assert COLUMN_CHOICE.findall(few) == COLUMN_CHOICE.findall(all_of_them)


def test_the_next_page_of_a_list_goes_on_where_it_is_sorted_by_a_column_left_out(site):
    path, seen = f"{site.database}/claims_flat?_sort=dose&_size=40", []
    while path:
        page = site.get(path).text
        seen += [cell[2] for cell in CELL.findall(page) if cell[0] == "statement"]
        found = re.search(r'<p class="next"><a href="[^"]*?(/ketamine_pain/[^"]+)"', page)
        path = found[1].replace("&amp;", "&") if found else ""
    count = len(site.rows("claims.json"))
    assert len(seen) == len({*seen}) == count


def test_answers_about_the_schema_are_copies(site):
    database = site.datasette.get_database()
    wait_for(database.table_names()).append("no_such_table")
    assert "no_such_table" not in wait_for(database.table_names())


def test_statements_read_together_stop_at_the_time_limit(site, monkeypatch):
    monkeypatch.setattr(site.datasette, "sql_time_limit_ms", 50)
    endless = "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n"
    with pytest.raises(QueryInterrupted):
        wait_for(read_several(site.datasette, ("select 1 as one", {}), (endless, {})))
