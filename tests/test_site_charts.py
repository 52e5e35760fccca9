"""Charts: every figure is what the tables hold, and a picture says what the page says."""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from ketamine_site.evidence.charts import BELOW, EVIDENCE, KINDS, LISTED, MOST_COLUMNS, TALLEST, draw_timeline

from tests.conftest import ROOT
from tests.site_client import NOT_VOTES, Page, Site

SVG = "{http://www.w3.org/2000/svg}"
NAMES = [kind.name for kind in KINDS]


@pytest.fixture(scope="module")
def site(root, package, built) -> Site:
    return Site(root, package, built)


@pytest.fixture(scope="module")
def page(site) -> Page:
    return site.page("/charts")


@pytest.fixture(scope="module")
def db(built, package) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{built / package.database_name}.db?mode=ro", uri=True)
    yield connection
    connection.close()


def list_figures(page: Page, table: str) -> list[tuple[str, str, str]]:
    """Name, text and address of every figure that leads to rows of the table with that filter."""
    return [
        (attrs["aria-label"], "".join(texts), attrs["href"])
        for tag, attrs, texts in page.elements
        if tag == "a" and "fig" in (attrs.get("class") or "").split() and table in attrs["href"]
    ]


@pytest.mark.long
def test_every_figure_counts_the_rows_behind_its_address(site, page):
    figures = list_figures(page, "?")
    assert len(figures) > 50
    for name, text, href in figures:
        answer = site.get(href.replace("?", ".json?") + "&_size=0").json()
        number = re.match(r"\d+", text)[0]
        assert answer["filtered_table_rows_count"] == int(number), href
        assert f": {number} " in name


def test_claims_by_type_and_stance_are_all_claims(page, db):
    figures = list_figures(page, "claim_type=")
    assert sum(int(text) for _, text, _ in figures) == db.execute("select count(*) from claims").fetchone()[0]
    counted = Counter()
    for name, text, _ in figures:
        counted[re.search(r": \d+ (.*)", name)[1]] += int(text)
    sql = "select coalesce(stance, 'without stance'), count(*) from claims group by stance"
    assert counted == dict(db.execute(sql).fetchall())


def test_hedging_counts_hedged_of_all_claims(page, db):
    sql = """
    select short_name, count(case when certainty = 'hedged' then 1 end) || ' of ' || count(*)
    from claims_flat
    group by short_name
    """
    shown = {name.partition(",")[0]: text for name, text, _ in list_figures(page, "certainty=hedged")}
    assert shown == dict(db.execute(sql).fetchall())


def test_kinds_of_evidence_are_those_of_all_claims(page, db):
    figures = list_figures(page, "evidence_type=")
    counted = Counter()
    for name, text, _ in figures:
        counted[name.partition(",")[0]] += int(text)
    sql = "select evidence_type, count(*) from claims group by evidence_type"
    assert counted == {kind.replace("_", " ").capitalize(): count for kind, count in db.execute(sql)}


def test_years_are_those_of_the_bibliography(page, db):
    sql = """
    select coalesce(year, 'no year'), listed_as, source, count(*)
    from bibliography
    group by year, listed_as, source
    """
    wanted = {
        f"{str(year).capitalize()}, {source}: {n} {LISTED[at]}" for year, at, source, n in db.execute(sql)
    }
    assert {name for name, _, _ in list_figures(page, "bibliography")} == wanted


def test_bars_are_as_long_as_their_numbers(page):
    lengths: dict[str, list[float]] = {"claim_type=": [], "evidence_type=": []}
    for column, found in lengths.items():
        html = [
            part.partition("</a>")[0] for part in page.html.split('<a class="fig ') if column in part[:300]
        ]
        for figure in html:
            number = int(re.search(r"<b>(\d+)</b>", figure)[1])
            length = sum(float(width) for width in re.findall(r'width="([\d.]+)%"', figure))
            found.append(length / number)
        assert len(found) > 10
        # Rounded to a tenth of a percent of the longest bar.
        assert max(found) - min(found) < 0.11


def test_a_source_without_references_keeps_its_place(page, db):
    silent = [
        name
        for (name,) in db.execute(
            'select short_name from sources where source_id not in (select source_id from "references")'
        )
    ]
    assert silent
    assert page.texts("p").count("Prints no references.") == len(silent)
    assert {*silent} <= {*page.texts("h3")}


def test_the_page_explains_what_it_counts(page):
    assert NOT_VOTES.search(page.html)
    assert "A share of claims, not a degree of certainty" in page.html
    assert len(page.texts("h2")) == len(KINDS)
    for words in LISTED.values():
        assert words in page.html


def test_what_the_charts_know_is_what_the_descriptor_declares(package):
    for table, name, known in (("claims", "evidence_type", EVIDENCE), ("references", "listed_as", LISTED)):
        field = next(field for field in package.by_name[table].fields if field.name == name)
        assert sorted(known) == sorted(field.raw["constraints"]["enum"])


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_stands_alone(site, page, name):
    answer = site.get(f"/charts/{name}.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    picture = ElementTree.fromstring(answer.text)
    assert picture.findtext(f"{SVG}title") in page.texts("h2")
    assert len(picture.findtext(f"{SVG}desc").strip().splitlines()) >= len(site.rows("sources.json"))
    ids = {element.get("id") for element in picture.iter()}
    for element in picture.iter():
        assert element.tag.removeprefix(SVG) not in ("style", "script", "image", "foreignObject", "a")
        for attribute, value in element.attrib.items():
            assert not re.search(r"url\(|var\(|http", value)
            if attribute.endswith("href"):
                assert value.startswith("#")
                assert value[1:] in ids


@pytest.mark.parametrize("name", NAMES[:-1])
def test_a_picture_shows_the_figures_of_the_page(site, page, name):
    picture = ElementTree.fromstring(site.get(f"/charts/{name}.svg").text)
    shown = [span.text for span in picture.iter(f"{SVG}tspan") if span.get("font-weight")]
    column = {"claims-by-type": "claim_type=", "hedging": "certainty=", "evidence-types": "evidence_type="}[
        name
    ]
    assert shown == [text for _, text, _ in list_figures(page, column)]


def test_columns_of_years_are_the_same_on_the_page_and_in_the_picture(site, page):
    picture = ElementTree.fromstring(site.get("/charts/reference-years.svg").text)
    numbers = [text.text for text in picture.iter(f"{SVG}text") if text.get("text-anchor") == "middle"]
    assert numbers == [text for attrs, text in list_texts(page) if attrs.get("text-anchor") == "middle"]


def list_texts(page: Page) -> list[tuple[dict[str, str | None], str]]:
    return [(attrs, "".join(texts)) for tag, attrs, texts in page.elements if tag == "text"]


def test_columns_of_years_stand_for_every_dated_reference(db):
    db.row_factory = sqlite3.Row
    rows = [dict(row) for row in db.execute(read_query("references_by_year"))]
    timeline = draw_timeline(rows)
    for panel in timeline.panels:
        entries = Counter()
        for row in rows:
            if row["source"] == panel.source and row["year"]:
                entries[row["listed_as"]] += row["entries"]
        heights = Counter()
        for bar in panel.bars:
            heights[bar.listed_as] += bar.height
            assert (bar.y >= panel.baseline) == (bar.listed_as == BELOW)
            assert 0 <= bar.y <= bar.y + bar.height <= panel.height
        assert {place: round(height / timeline.scale.unit) for place, height in heights.items()} == entries
        assert sum(int(label.text) for label in panel.labels) == entries.total()
    db.row_factory = None


def read_query(name: str) -> str:
    return (ROOT / "sql" / "queries" / f"{name}.sql").read_text(encoding="utf-8")


def test_many_years_and_many_works_stay_within_the_panel():
    rows = [
        {"source": "s", "year": year, "listed_as": place, "entries": year % 7 * 40}
        for year in range(1850, 2026)
        for place in LISTED
    ]
    rows.append({"source": "s", "year": None, "listed_as": "reference_list", "entries": 3})
    timeline = draw_timeline(rows)
    (panel,) = timeline.panels
    assert timeline.scale.columns <= MOST_COLUMNS
    assert timeline.scale.step == 5
    assert max(bar.height for bar in panel.bars) <= TALLEST
    assert all(0 <= bar.x < bar.x + bar.width <= 100 for bar in panel.bars)
    assert "3 without a year" in panel.words
    assert sum(int(label.text) for label in panel.labels) == sum(row["entries"] for row in rows) - 3


def test_no_reference_at_all_is_told():
    (panel,) = draw_timeline([{"source": "s", "year": None, "listed_as": None, "entries": 0}]).panels
    assert (panel.words, panel.bars, panel.labels) == ("Prints no references.", (), ())


def test_an_unknown_chart_is_a_page_of_ours(site):
    assert site.page("/charts/nothing.svg", status=404).attributes("id", "main") == ["main"]


def test_charts_lead_to_their_data_in_every_format(site, page):
    hrefs = page.attributes("href", "a")
    for kind in KINDS:
        assert f"/charts/{kind.name}.svg" in hrefs
        for ending in ("csv", "json", "parquet"):
            (href,) = [href for href in hrefs if re.search(rf"/{kind.query}\.{ending}(\?|$)", href)]
            assert site.get(href).status_code == 200
