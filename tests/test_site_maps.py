"""Evidence maps: every chip counts the claims behind it, and the words say what the chips show."""

import re
import sqlite3
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree

import pytest
from ketamine_site.cells import STANCES
from ketamine_site.evidence.evidence import (
    AS_ROLES,
    KINDS,
    SAYS,
    SUBJECTS,
    Cell,
    Chip,
    MapLine,
    arrange_things,
    make_chip,
    read_map,
    say_chip,
    say_line,
)
from ketamine_site.evidence.maps import draw_chip, name_kind
from ketamine_site.evidence.pictures import PAINT, PAPER
from ketamine_site.pages import PAGES
from packpress.web.templates import join_sheets

from tests.site_client import NOT_VOTES, Page, Site, wait_for

pytestmark = pytest.mark.long

CELL = Cell("clinic-page", "Hedge Clinic page", ())
SVG = "{http://www.w3.org/2000/svg}"
CLAIMS = """
select
  count(distinct claims_flat.claim_id) as claims,
  count(distinct case when certainty = 'hedged' then claims_flat.claim_id end) as hedged
from claims_flat
join claim_{table} as links using (claim_id)
where links.{key} = ?
and links.role = ?
and source_id = ?
and stance is ?
"""


@pytest.fixture(scope="module")
def site(root, package, built) -> Site:
    return Site(root, package, built)


@pytest.fixture(scope="module")
def db(built, package) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{built / package.database_name}.db?mode=ro", uri=True)
    yield connection
    connection.close()


@pytest.fixture(scope="module", params=SUBJECTS)
def table(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def path(table) -> str:
    return "/map" + ("/" + SUBJECTS[table].path).rstrip("/")


@pytest.fixture(scope="module")
def page(site, path) -> Page:
    return site.page(path)


@pytest.fixture(scope="module")
def picture(site, path) -> ElementTree.Element:
    answer = site.get(f"{path}.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    return ElementTree.fromstring(answer.text)


@pytest.fixture(scope="module")
def lines(site, table) -> list[MapLine]:
    async def ask() -> list[MapLine]:
        await site.datasette.invoke_startup()
        return await read_map(site.datasette, table)

    return wait_for(ask())


def list_chips(lines: list[MapLine]) -> list[Chip]:
    return [chip for line in lines for cell in line.cells for chip in cell.chips]


def test_a_map_counts_every_link_of_a_claim_once(lines, db, table):
    (links,) = db.execute(f"select count(*) from claim_{table}").fetchone()
    assert sum(chip.claims for chip in list_chips(lines)) == links > 0


def test_every_chip_counts_the_claims_of_its_place(lines, db, table):
    sql = CLAIMS.format(table=table, key=SUBJECTS[table].key)
    for line in lines:
        for cell in line.cells:
            for chip in cell.chips:
                found = db.execute(sql, (line.row_id, chip.role, cell.source_id, chip.stance)).fetchone()
                assert found == (chip.claims, chip.hedged), (line.label, cell.short_name, chip)


def test_the_address_of_a_chip_holds_exactly_its_claims(site, lines, table):
    key = SUBJECTS[table].key
    for line in lines:
        for cell in line.cells:
            for chip in cell.chips:
                asked = dict(parse_qsl(urlsplit(chip.url).query))
                assert asked == {
                    f"_{key}": line.row_id,
                    SUBJECTS[table].role_filter: chip.role,
                    "source_id": cell.source_id,
                    **({"stance": chip.stance} if chip.stance else {"stance__isnull": "1"}),
                }
                answer = site.get(chip.url.replace("?", ".json?") + "&_size=0").json()
                assert answer["filtered_table_rows_count"] == chip.claims, chip.url


def test_a_role_is_asked_of_the_thing_that_is_asked_for(site, db):
    pairs = db.execute("select condition_id, role, count(*) from claim_conditions group by 1, 2").fetchall()
    for condition, role, claims in pairs[:20]:
        path = f"claims_flat.json?_condition_id={condition}&_condition_role={role}&_size=0"
        answer = site.get(f"{site.database}/{path}").json()
        assert answer["filtered_table_rows_count"] == claims
        assert f"condition role is {role.replace('_', ' ')}" in answer["human_description_en"]
    (claims,) = db.execute("select count(distinct claim_id) from claim_conditions where role = 'context'")
    answer = site.get(f"{site.database}/claims_flat.json?_condition_role=context&_size=0").json()
    assert (answer["filtered_table_rows_count"],) == claims


def test_the_page_shows_every_chip_of_the_map(page, lines):
    drawn = [
        (attrs["href"], "".join(texts).replace("\N{SOFT HYPHEN}", ""))
        for tag, attrs, texts in page.elements
        if tag == "a" and "chip" in (attrs.get("class") or "").split()
    ]
    assert drawn == [(chip.url, f"{chip.claims}{chip.shown}") for chip in list_chips(lines)]
    names = page.attributes("aria-label", "a", class_="chip")
    assert len(names) == len({*names}) == len(drawn)
    for name, chip in zip(names, list_chips(lines), strict=True):
        assert name.partition(": ")[2] == chip.spoken


def test_a_chip_says_in_words_what_its_glyph_and_frame_show(page, lines):
    words = [text.replace("\N{SOFT HYPHEN}", "") for text in page.texts("a", class_="chip")]
    for said, chip in zip(words, list_chips(lines), strict=True):
        assert (chip.stance or "") in said
        assert chip.stance or chip.role.replace("_", " ") in said
        assert ("hedged" in said) == chip.is_hedged


def test_silence_has_its_place(page, lines):
    silent = sum(not cell.chips for line in lines for cell in line.cells)
    assert page.texts("span", class_="sil") == ["–not named"] * silent
    assert page.texts("td", class_="tot") == [f"{line.named_by} of {len(line.cells)}" for line in lines]


def test_named_by_counts_the_sources_that_have_a_claim(lines, db, table):
    key = SUBJECTS[table].key
    sql = f"select {key}, count(distinct source_id) from claim_{table} join claims_flat using (claim_id) group by 1"
    assert {line.row_id: line.named_by for line in lines} == dict(db.execute(sql).fetchall())


def test_the_words_say_what_the_chips_show(page, lines):
    items = [" ".join(text.split()) for text in page.texts("li")]
    sentences = [text for text in items if re.search(r"(Not named: .*|Every source names it)\.$", text)]
    assert sentences == [str(say_line(line)) for line in lines]
    for sentence, line in zip(sentences, lines, strict=True):
        said, _, silent = sentence.partition("Not named: ")
        assert sentence.startswith(f"{line.name}. ")
        # The figures of the clauses, read from the words alone.
        figures = [int(number) for number in re.findall(r" in (\d+) claims?", said)]
        assert figures == [chip.claims for cell in line.cells for chip in cell.chips]
        hedged = [int(number) for number in re.findall(r"(\d+) hedged", said)]
        assert hedged == [
            chip.hedged for cell in line.cells for chip in cell.chips if chip.hedged and not chip.is_hedged
        ]
        assert silent.rstrip(".") == ", ".join(cell.short_name for cell in line.cells if not cell.chips)


@pytest.mark.parametrize("stance", [*STANCES, None])
@pytest.mark.parametrize("role", SUBJECTS["conditions"].beside)
def test_a_condition_beside_a_claim_never_looks_judged(stance, role):
    row = {"stance": stance, "role": role, "claims": 2, "hedged": 0}
    chip = make_chip(SUBJECTS["conditions"], row, "/x")
    line = MapLine("x", "x", "other_condition", 0, "/x", ())
    (tag, attrs, _), *_ = Page(draw_chip(line, CELL, chip)).elements
    assert tag == "a"
    assert ("by" in attrs["class"].split()) == (stance is not None)
    assert chip.word == role
    assert attrs["aria-label"].endswith(role)
    assert attrs["title"] == attrs["aria-label"]
    assert say_chip(chip).startswith("names it ")
    assert not any(say_chip(chip).startswith(verb) for verb in SAYS.values())


def test_a_chip_is_outlined_only_when_every_claim_is_hedged():
    looks = []
    for hedged in (0, 1, 2):
        row = {"stance": "supports", "role": "treated", "claims": 2, "hedged": hedged}
        html = draw_chip(
            MapLine("x", "x", "", 0, "/x", ()), CELL, make_chip(SUBJECTS["conditions"], row, "/x")
        )
        looks.append(("chip sup hg" in html, "#g-suph" in html, "hedged" in html))
    assert looks == [(False, False, False), (False, False, True), (True, True, True)]


def test_narrower_things_stand_below_broader_ones_of_their_kind(lines, db, table):
    things = dict(db.execute(f"select {SUBJECTS[table].key}, broader_id from {table}").fetchall())
    assert sorted(line.row_id for line in lines) == sorted(things)
    above: list[str] = []
    for line in lines:
        above = above[: line.depth]
        if line.depth:
            assert things[line.row_id] == above[-1]
        above.append(line.row_id)


def test_a_broader_thing_of_another_kind_stands_under_its_own_heading():
    things = [
        {"row_id": "a", "broader_id": None, "kind": "procedure"},
        {"row_id": "b", "broader_id": "a", "kind": "pain_condition"},
        {"row_id": "c", "broader_id": "b", "kind": "pain_condition"},
    ]
    assert [(thing["row_id"], depth) for thing, depth in arrange_things(things)] == [
        ("b", 0),
        ("c", 1),
        ("a", 0),
    ]


def test_kinds_are_headings_of_the_conditions(site, db):
    headings = site.page("/map").texts("tr", class_="kind")
    kinds = {kind for (kind,) in db.execute("select distinct kind from conditions")}
    assert [text.strip() for text in headings] == [name_kind(kind) for kind in KINDS if kind in kinds]


def test_a_map_explains_its_marks_and_its_roles(page, db, table):
    text = page.html
    assert NOT_VOTES.search(text)
    assert "a type of claim that does not judge" in text
    roles = {role.replace("_", " ") for (role,) in db.execute(f"select distinct role from claim_{table}")}
    assert roles <= {*page.texts("dt")}


def test_what_a_map_knows_is_what_the_descriptor_declares(package, table):
    subject = SUBJECTS[table]
    links = package.by_name[f"claim_{table}"]
    roles = next(field for field in links.fields if field.name == "role").raw["constraints"]["enum"]
    assert sorted((*subject.roles, *subject.beside)) == sorted(roles)
    if table == "conditions":
        kinds = next(field for field in package.by_name[table].fields if field.name == "kind")
        assert [*KINDS] == kinds.raw["constraints"]["enum"]
    assert {*AS_ROLES} <= {
        role for subject in SUBJECTS.values() for role in (*subject.roles, *subject.beside)
    }


def test_the_picture_stands_alone_and_says_what_it_shows(picture, lines):
    assert picture.tag == f"{SVG}svg"
    assert picture.findtext(f"{SVG}title")
    assert [text for text in picture.findtext(f"{SVG}desc").splitlines() if text] == [
        str(say_line(line)) for line in lines
    ]
    tags = {element.tag.removeprefix(SVG) for element in picture.iter()}
    assert not tags & {"style", "script", "image", "foreignObject", "a"}
    ids = {element.get("id") for element in picture.iter()}
    for element in picture.iter():
        for name, value in element.attrib.items():
            assert "url(" not in value
            assert "var(" not in value
            assert "http" not in value
            if name.endswith("href"):
                assert value.removeprefix("#") in ids
                assert value.startswith("#")


def test_the_picture_shows_every_chip(picture, lines):
    drawn = []
    for element in picture.iter(f"{SVG}text"):
        spans = [span.text for span in element.iter(f"{SVG}tspan")]
        drawn += [" ".join(spans)] * bool(spans)
    assert drawn == [f"{chip.claims} {chip.shown}" for chip in list_chips(lines)]
    texts = "".join(picture.itertext())
    assert all(line.named_by == 0 or f"{line.named_by} of {len(line.cells)}" in texts for line in lines)


def test_pictures_have_the_light_colours_of_the_style_sheet():
    tokens = dict(re.findall(r"--([a-z0-9]+): (#\w+);", join_sheets(PAGES.stylesheets))[::-1])
    assert tokens["paper"] == PAPER
    for name in ("sup", "aga", "neu"):
        assert PAINT[name] == (tokens[name], tokens[f"{name}t"])


@pytest.mark.parametrize("path", ["/map/nothing", "/map/nothing.svg"])
def test_an_unknown_map_is_a_page_of_ours(site, path):
    page = site.page(path, status=404)
    assert page.attributes("id", "main") == ["main"]


def test_a_map_leads_to_its_data_in_every_format(site, page, table):
    hrefs = page.attributes("href", "a")
    for ending in ("csv", "json", "parquet"):
        (href,) = [
            href for href in hrefs if re.search(rf"{SUBJECTS[table].view}\.{ending}(\?|$)", href or "")
        ]
        assert site.get(href).status_code == 200
