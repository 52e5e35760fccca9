"""Lists of rows for people: titles, facets, order, columns to choose, and what a page says when something is missing."""

import asyncio
import csv
import html
import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from packpress.publish.site_file import read_build
from packpress.web.profiles import PROFILES
from packpress.web.site import open_site
from tests.web.packages import field, key_to, table, write_package

import packpress
from invented.commands import invoke
from invented.marks import keep_short

HEAD = re.compile(r"<th role=\"columnheader\"([^>]*)>(.*?)</th>", re.DOTALL)
CELL = re.compile(r'<td role="cell" data-l="([^"]*)" class="([^"]*)">(.*?)</td>', re.DOTALL)


@dataclass
class Answer:
    """What came back from an address."""

    status: int
    text: str
    headers: Any

    def heads(self) -> list[str]:
        return [strip(inside) for _, inside in HEAD.findall(self.text)]

    def find(self, pattern: str) -> list[str]:
        return [html.unescape(found) for found in re.findall(pattern, self.text, re.DOTALL)]


def strip(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", text)).split()).rstrip(" ▲▼")


def write_fleet(folder: Path) -> Path:
    ports = table(
        "ports",
        [field("port_id"), field("label")],
        [["kiel", "Kiel"], ["visby", "Visby"]],
        primaryKey="port_id",
        publishing={"label": "label"},
    )
    boats = table(
        "boats",
        [
            field("boat_id"),
            field("name", title="Name on the stern", description="As it is painted."),
            field("rig_type", title="Rig", enum=["gaff_sloop", "ketch"]),
            field("port_id", title="Home port id"),
            field("motto", title="Written over the wheel"),
            field("is_afloat", "boolean", title="Afloat"),
        ],
        [
            ["ida", "Ida", "gaff_sloop", "kiel", "steady & slow", "true"],
            ["gull", "Gull", "ketch", "visby", "", "false"],
            ["heron", "Heron", "ketch", "kiel", "", ""],
        ],
        title="Boats",
        primaryKey="boat_id",
        foreignKeys=[key_to("port_id", "ports")],
        publishing={"facets": ["rig_type", "port_id"], "search": ["name", "motto"], "label": "name"},
    )
    view = (
        "-- Pairs\ncreate view pairs as select a.name as first_name, a.rig_type, b.name as other_one,"
        " a.motto as first_motto, b.motto as first__motto from boats a, boats b\n"
    )
    files = {
        "sql/views/pairs.sql": view,
        "sql/queries/all.sql": "-- All\nselect rig_type, motto from boats\n",
        "sql/queries/races.sql": "-- Races\nselect a.name, b.motto, :year as year from boats a, boats b"
        " order by 1, b.boat_id\n",
    }
    return write_package(folder, [ports, boats], files, name="titled", title="Titled")


@pytest.fixture(scope="module")
def fleet(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("titled")
    return packpress.build(packpress.read_package(write_fleet(folder / "package")), folder / "build").folder


@pytest.fixture(scope="module")
def ask(fleet):
    """Returns the answer to a path of the site."""
    return open_fleet(fleet)


def open_fleet(built: Path, origin: str = "", **settings: Any) -> Callable[[str], Answer]:
    profile = PROFILES["local"]
    datasette = open_site(
        read_build(built), replace(profile, settings={**profile.settings, **settings}), origin
    )

    def get(path: str) -> Answer:
        async def answer() -> Any:
            await datasette.invoke_startup()
            return await datasette.client.get(path)

        found = asyncio.run(answer())
        return Answer(found.status_code, found.text, found.headers)

    return get


def test_a_page_calls_columns_by_their_titles_and_files_by_their_names(ask):
    page = ask("/titled/boats")
    assert page.heads() == [
        "Boat id",
        "Name on the stern",
        "Rig",
        "Home port id",
        "Written over the wheel",
        "Afloat",
    ]
    tips = [re.search(r'title="([^"]*)"', head)[1] for head, _ in HEAD.findall(page.text)]
    assert tips[:3] == ["boat_id", "name: As it is painted.", "rig_type"]
    assert {label for label, _, _ in CELL.findall(page.text)} == {*page.heads()}
    assert ask("/titled/boats.csv").text.splitlines()[0] == "boat_id,name,rig_type,port_id,motto,is_afloat"


def test_views_and_questions_use_the_same_titles(ask):
    assert ask("/titled/pairs").heads() == [
        "First name on the stern",
        "Rig",
        "Other one",
        "First written over the wheel",
        "First written over the wheel",
    ]
    assert ask("/titled/all").heads() == ["Rig", "Written over the wheel"]


def test_facets_are_named_after_what_they_count_and_their_values_are_words(ask):
    page = ask("/titled/boats")
    heads = [strip(head) for head in page.find(r'<h2 class="facet-info-name"[^>]*>(.*?)</h2>')]
    # The values of a key are the labels of its rows, so that its title says what these are.
    assert heads == ["Rig", "Home port"]
    assert ">gaff sloop</a>" in page.text
    assert ">Kiel</a>" in page.text
    assert [cell for label, _, cell in CELL.findall(page.text) if label == "Rig"] == [
        "ketch",
        "ketch",
        "gaff sloop",
    ]


def test_what_is_selected_is_said_in_words_and_can_be_taken_away(ask):
    page = ask("/titled/boats?rig_type=ketch&port_id=kiel&motto__isnull=1&_sort_desc=name")
    said = (
        "1 boat where written over the wheel is empty, home port is Kiel and rig is ketch,"
        " sorted by name on the stern, descending"
    )
    assert said in [strip(head) for head in page.find(r"<h2>(.*?)</h2>")]
    assert page.find(r"<title>(.*?)</title>") == [f"{said} – Boats – Titled"]
    removals = page.find(r'<p class="removals">(.*?)</p>')[0]
    addresses = [html.unescape(address) for address in re.findall(r'href="([^"]*)"', removals)]
    assert len(addresses) == 3
    for gone, address in zip(("motto__isnull=", "port_id=", "rig_type="), addresses, strict=True):
        assert gone not in address
        assert ask(address).status == 200
    nothing = ask("/titled/boats?rig_type=ketch&name=Ida")
    assert "No boat matches." in nothing.text
    assert "</span>rig is ketch" in nothing.text


def test_a_search_is_a_condition_like_others(ask):
    page = ask("/titled/boats?_search=steady")
    assert "1 boat where the text has “steady”" in [strip(head) for head in page.find(r"<h2>(.*?)</h2>")]


@pytest.mark.parametrize(
    ("asked", "name", "order"),
    [("", "Boat id", "ascending"), ("?_sort=name", "Name on the stern", "ascending")]
    + [("?_sort_desc=rig_type", "Rig", "descending"), ("?_sort=rig_type&_sort_by_desc=on", "", "")],
)
def test_heads_sort_and_say_the_order(ask, asked, name, order):
    page = ask(f"/titled/boats{asked}")
    if not name:  # what the form sends without a script
        assert page.status == 302
        assert page.headers["location"].endswith("_sort_desc=rig_type")
        return
    sorted_by = [
        (strip(inside), order)
        for head, inside in HEAD.findall(page.text)
        for order in re.findall('aria-sort="([a-z]+)"', head)
    ]
    assert sorted_by == [(name, order)]
    links = [re.search('href="([^"]*)"', inside) for _, inside in HEAD.findall(page.text)]
    assert all(links)
    assert all(ask(html.unescape(link[1])).status == 200 for link in links if link)


def test_columns_are_chosen_by_a_form_and_files_follow(ask):
    page = ask("/titled/boats?rig_type=ketch")
    form = page.find(r'<details class="choose">(.*?)</details>')[0]
    assert re.findall('name="_col" value="([^"]*)" checked', form) == [
        "boat_id",
        "name",
        "rig_type",
        "port_id",
        "motto",
        "is_afloat",
    ]
    assert '<input type="hidden" name="rig_type" value="ketch">' in form
    chosen = ask("/titled/boats?rig_type=ketch&_col=motto&_col=name")
    assert chosen.heads() == ["Boat id", "Written over the wheel", "Name on the stern"]
    form = chosen.find(r'<details class="choose">(.*?)</details>')[0]
    assert {*re.findall('name="_col" value="([^"]*)" checked', form)} == {"boat_id", "motto", "name"}
    files = [address for address in chosen.find('href="([^"]*)"') if ".csv" in address]
    assert ask(files[0]).text.splitlines()[0] == "boat_id,motto,name"


def test_an_empty_cell_is_not_left_blank(ask):
    cells = [cell for label, _, cell in CELL.findall(ask("/titled/boats").text) if "wheel" in label]
    assert [strip(cell) for cell in cells] == ["– empty", "– empty", "steady & slow"]


def test_what_is_true_says_yes(ask):
    cells = [strip(cell) for label, _, cell in CELL.findall(ask("/titled/boats").text) if label == "Afloat"]
    assert cells == ["no", "– empty", "yes"]
    row = ask("/titled/boats/ida")
    assert row.find('<dt title="is_afloat">Afloat</dt>\\s*<dd>(.*?)</dd>') == ["yes"]
    assert "where afloat is yes" in ask("/titled/boats?is_afloat=1").text


def test_columns_of_one_title_are_told_apart_where_they_are_chosen(ask):
    form = ask("/titled/pairs").find(r'<details class="choose">(.*?)</details>')[0]
    labels = [strip(label) for label in re.findall("<label[^>]*>(.*?)</label>", form)]
    assert "First written over the wheel (first_motto)" in labels
    assert "First written over the wheel (first__motto)" in labels
    assert "Rig" in labels


@pytest.mark.parametrize("sql", ["selct", "delete from boats", "select * from nowhere", "selct <b>&"])
def test_a_statement_that_cannot_be_answered_stays_to_be_corrected(ask, sql):
    page = ask(f"/titled?{urlencode({'sql': sql})}")
    assert page.status == 400
    assert page.find(r"<textarea[^>]*>(.*?)</textarea>") == [sql]
    assert len(page.find('<p class="zero-results">(.+?)</p>')) == 1
    assert ask(f"/titled.json?{urlencode({'sql': sql})}").status == 400


def test_a_row_that_is_not_there_offers_its_table_and_a_search(ask):
    page = ask("/titled/boats/no-such-boat")
    assert page.status == 404
    assert page.find("<h1>(.*?)</h1>") == ["No row no-such-boat in Boats"]
    ways = page.find('href="([^"]*)"')
    assert "/titled/boats" in ways
    searches = [way for way in ways if way.startswith("/search?q=")]
    assert len(searches) == 1
    assert ask(searches[0]).status == 200
    assert ask("/titled/nothing").find("<h1>(.*?)</h1>") == ["Page not found"]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/titled/boats.csv", "boats.csv"),
        ("/titled/boats.csv?_stream=on&_size=max", "boats.csv"),
        ("/titled/all.csv", "all.csv"),
        ("/titled.csv?sql=select+1", "titled.csv"),
        ("/titled/boats.parquet", "boats.parquet"),
        ("/files/csv/boats.csv", "boats.csv"),
        ("/files/titled.xlsx", "titled.xlsx"),
        ("/files/SHA256SUMS", "SHA256SUMS"),
        ("/titled.db", "titled.db"),
    ],
)
def test_a_download_is_saved_under_its_name(ask, path, name):
    answer = ask(path)
    assert answer.status == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'


RACES = [
    {"name": name, "motto": motto, "year": "1 & 2"}
    for name in ("Gull", "Heron", "Ida")
    for motto in (None, None, "steady & slow")
]


def test_the_answer_to_a_query_is_downloaded_whole_however_few_rows_a_page_has(fleet):
    ask = open_fleet(fleet, max_returned_rows=2)
    rows = ask("/titled/races.csv?year=1+%26+2")
    assert rows.headers["content-type"] == "text/csv; charset=utf-8"
    assert [{**row, "motto": row["motto"] or None} for row in csv.DictReader(io.StringIO(rows.text))] == RACES
    without = ask("/titled/races.csv?year=1+%26+2&_header=off").text
    assert without == rows.text.partition("\r\n")[2]
    assert json.loads(ask("/titled/races.json?year=1+%26+2&_shape=array&_size=max").text) == RACES
    lines = ask("/titled/races.json?year=1+%26+2&_shape=array&_nl=on").text.splitlines()
    assert list(map(json.loads, lines)) == RACES
    assert json.loads(ask("/titled/all.json?_shape=array").text)[0].keys() == {"rig_type", "motto"}


def test_an_answer_that_is_cut_says_so(fleet):
    ask = open_fleet(fleet, max_returned_rows=2)
    assert json.loads(ask("/titled/races.json").text)["truncated"]
    assert "More than 2 rows" in ask("/titled/races").text


def test_an_answer_larger_than_the_site_gives_out_is_refused(fleet):
    answer = open_fleet(fleet, max_returned_rows=2, max_csv_mb=0.02)(f"/titled/races.csv?year={'9' * 10_000}")
    assert (answer.status, answer.text) == (400, "400 These rows are more than 0.02 MB; ask for fewer\n")


def test_pages_and_refused_files_are_not_downloads(ask):
    for path in ("/titled/boats", "/titled/boats.json", "/titled/boats.csv?_sort=nothing", "/titled/no.csv"):
        assert "content-disposition" not in ask(path).headers, path


def test_sizes_are_in_units_that_people_read(ask):
    page = ask("/downloads")
    shown = re.findall(r'<td role="cell" class="n" title="([\d,]+ bytes)">([^<]*)</td>', page.text)
    assert shown
    for exact, short in shown:
        number, unit = short.split()
        factor = {"byte": 1, "bytes": 1, "kB": 1e3, "MB": 1e6}[unit]
        assert float(number) * factor == pytest.approx(int(exact.split()[0].replace(",", "")), rel=0.06)


HOME = "https://example.org"
LINK = re.compile(r'<a [^>]*href="([^"#]+)')


@pytest.mark.parametrize("passed", ["", "/harbour"])
@pytest.mark.parametrize(
    "path",
    keep_short(
        ["/", "/titled", "/titled/boats", "/titled/boats?_size=2", "/dictionary"],
        "/",
        "/titled/boats?_size=2",
    ),
)
def test_links_lead_somewhere_whether_a_proxy_passes_the_base_path_on_or_not(fleet, path, passed):
    app = open_site(read_build(fleet), PROFILES["local"], f"{HOME}/harbour/").app()

    async def follow() -> dict[str, int]:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=HOME) as client:
            page = await client.get(passed + path)
            links = {html.unescape(link).removeprefix(HOME) for link in LINK.findall(page.text)}
            ours = {link for link in links if link.startswith("/")}
            assert all(link.startswith("/harbour/") for link in ours)
            return {link: (await client.get(link)).status_code for link in sorted(ours)}

    answers = asyncio.run(follow())
    assert answers
    assert {link: status for link, status in answers.items() if status != 200} == {}


@pytest.fixture(scope="module")
def nameless(tmp_path_factory) -> Path:
    """A build of a package without a version, with a table that has no key."""
    folder = tmp_path_factory.mktemp("nameless")
    catches = table("catches", [field("port"), field("kg", "number")], [["kiel", "2"], ["visby", "1"]])
    people = [{"title": "A. Crew", "roles": ["creator", "publisher"]}]
    properties = {"name": "nameless", "version": None, "contributors": people}
    descriptor = write_package(folder / "p", [catches], **properties)
    assert invoke("generate", descriptor).returncode == 0
    return packpress.build(descriptor, folder / "build").folder


def test_rows_without_a_key_have_one_number_which_links_to_them(nameless):
    ask = open_fleet(nameless)
    page = ask("/nameless/catches?_sort_desc=kg")
    assert page.heads() == ["Row", "Port", "Kg"]
    first = CELL.findall(page.text)[0]
    assert (first[0], strip(first[2])) == ("Row", "1") and 'href="/nameless/catches/1"' in first[2]
    row = ask("/nameless/catches/1").text
    assert "<h1>Row 1</h1>" in row and "<title>Row 1 – catches" in row and "Rowid" not in row
    assert ask("/nameless/catches?_col=kg").heads() == ["Kg"]
    assert ask("/nameless/catches.csv").text.splitlines()[0] == "rowid,port,kg"


def test_a_package_without_a_version_has_none_anywhere(nameless, tmp_path):
    ask = open_fleet(nameless)
    for path in ("/", "/nameless/catches", "/dictionary", "/downloads"):
        assert not re.search(r"[Vv]ersion 0|>0, data of", ask(path).text), path
    assert "<p>Data of 2024-05-06. All formats" in ask("/").text
    with zipfile.ZipFile(nameless / "nameless-0.zip") as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    made = {file for file in nameless.rglob("*") if file.suffix in {".cff", ".json", ".sql", ".md"}}
    for file in (*made, *nameless.parent.glob("p/*.yml"), *nameless.parent.glob("p/docs/*.md")):
        texts[str(file)] = file.read_text(encoding="utf-8")
    assert len(texts) > 12
    for name, text in texts.items():
        assert not re.search(r"version\W{1,3}0\W|nameless 0", text, re.IGNORECASE), name
    assert "-- Checks of nameless, derived" in texts[str(nameless / "checks.sql")]
    # Names of files have a number all the same.
    assert [*nameless.glob("nameless_data-0-*.whl")]
