"""Entity and reference pages show each claim of the tables once, silence as silence, and true sentences."""

import re
import sqlite3
from collections.abc import Callable
from functools import cache
from html import unescape

import pytest
from datasette.database import Database
from ketamine_site.entities.claim_counts import MANY_CLAIMS, Linked, arrange_counts, list_statements
from ketamine_site.entities.hierarchy import Hierarchy
from ketamine_site.entities.names import make_code, match_titles
from ketamine_site.entities.references import find_same_works, index_works
from ketamine_site.entities.summaries import state_finding
from ketamine_site.entities.topics import TOPICS
from packpress.web.facts import Row

from tests.conftest import build_edition
from tests.site_client import NOT_VOTES, Page, Site

pytestmark = pytest.mark.long

MOST = 12
NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven"]
JUDGED = {"treated", "studied", "recommended", "not_recommended"}


@pytest.fixture(scope="module")
def site(root, package, built) -> Site:
    return Site(root, package, built)


@pytest.fixture(scope="module")
def read(site) -> Callable[[str, str], Page]:
    """The page of a row, asked for once."""
    return cache(lambda table, row_id: site.page(f"{site.database}/{table}/{row_id}"))


@pytest.fixture(scope="module")
def database(built) -> sqlite3.Connection:
    connection = sqlite3.connect(f"file:{built / 'ketamine_pain.db'}?immutable=1", uri=True)
    connection.row_factory = sqlite3.Row
    return connection


def ask(database: sqlite3.Connection, sql: str, *values: str) -> list[Row]:
    return [dict(row) for row in database.execute(sql, values)]


def list_entities(database: sqlite3.Connection, table: str) -> list[Row]:
    return ask(database, f"select {TOPICS[table].key} as row_id, * from {table}")


def list_links(database: sqlite3.Connection, table: str, row_id: str) -> list[Row]:
    topic = TOPICS[table]
    return ask(
        database,
        f"select passages.source_id, claims.*, links.role, links.mention from {topic.links} as links"
        f" join claims using (claim_id) join passages using (passage_id) where links.{topic.key} = ?",
        row_id,
    )


def read_source_sections(page: Page) -> dict[str, str]:
    """The HTML of the section of each source that names the thing."""
    sections = page.html.split('<section class="who" id="said-by-')[1:]
    return {section.partition('"')[0]: section.partition("</section>")[0] for section in sections}


def read_silence(page: Page) -> str:
    """The HTML of what is said about sources that do not name the thing; empty when all do."""
    return page.html.partition('id="not-named">')[2].partition("</div>")[0]


def read_text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def read_finding(page: Page) -> str:
    (finding,) = page.texts("p", class_="finding")
    return finding


@pytest.mark.parametrize("table", TOPICS)
def test_each_source_has_its_claims_or_is_named_once_as_silent(read, database, table):
    sources = ask(database, "select source_id, short_name from sources order by position")
    found = set()
    for row in list_entities(database, table):
        page = read(table, row["row_id"])
        sections = read_source_sections(page)
        links = list_links(database, table, row["row_id"])
        naming = {link["source_id"] for link in links}
        assert list(sections) == [source["source_id"] for source in sources if source["source_id"] in naming]
        for source_id, section in sections.items():
            claims = {link["claim_id"]: link for link in links if link["source_id"] == source_id}
            shown = re.findall(r'<p class="ours"><a href="/ketamine_pain/claims/([^"]+)">', section)
            assert len(shown) == len(set(shown)) == min(len(claims), MOST), (row["row_id"], source_id)
            assert set(shown) <= claims.keys()
            judging = {claim_id for claim_id, claim in claims.items() if claim["stance"]}
            assert judging <= set(shown) or set(shown) <= judging
            if len(claims) > MOST:
                words = f"{MOST} of {len(claims)} claims are shown, those that judge first."
                assert words in read_text(section)
                assert f"?_{TOPICS[table].key}={row['row_id']}&amp;source_id={source_id}" in section
        silent = [source["short_name"] for source in sources if source["source_id"] not in naming]
        said = read_text(read_silence(page)).replace(" ,", ",").replace(" .", ".")
        expected = f"Not named by: {', '.join(silent)}." if silent else ""
        assert said.startswith(expected) and bool(said) == bool(silent)
        assert read_text(page.html).count("Not named by:") == bool(silent)
        found.add(bool(silent))
    assert True in found


def test_a_passage_is_printed_once_with_the_letters_of_its_claims(read, database):
    lettered = 0
    for row in list_entities(database, "conditions"):
        for section in read_source_sections(read("conditions", row["row_id"])).values():
            passages = re.findall(r'<p class="by"><a [^>]*>(.*?)</a>', section)
            assert len(passages) == len(set(passages)), row["row_id"]
            for said in section.split('<div class="say">')[1:]:
                claims = re.findall(r'<div class="one[^"]*" id="([^"]+)">', said)
                letters = re.findall(r'<span class="id">(\w+)</span>', said)
                marks = re.findall(r'<a class="k [^"]*" href="#([^"]+)"[^>]*data-k="(\w+)"', said)
                assert letters == ([chr(ord("a") + n) for n in range(len(claims))] if len(claims) > 1 else [])
                assert sorted(marks) == sorted(zip(claims, letters, strict=False))
                lettered += bool(letters)
    assert lettered


def test_an_outcome_goes_the_way_that_its_claim_says(read, database):
    links = ask(
        database, "select claim_id, concept_id, direction from claim_concepts where direction is not null"
    )
    assert {link["direction"] for link in links} > {"improves", "not_stated"}
    for link in links:
        shown = read("concepts", link["concept_id"]).html.split('<p class="ours">')[1:]
        (said,) = [text for text in shown if f'/claims/{link["claim_id"]}">' in text]
        assert f"direction: {link['direction'].replace('_', ' ')}" in read_text(said)


@pytest.mark.parametrize("table", TOPICS)
def test_page_of_an_entity_is_whole(site, read, database, table):
    for row in list_entities(database, table):
        page = read(table, row["row_id"])
        label = row["label"][:1].upper() + row["label"][1:]
        assert page.texts("h1") == [label]
        assert row["definition"] in page.html.replace("&#39;", "'")
        assert NOT_VOTES.search(page.html)
        assert 'class="key"' in page.html
        levels = [int(tag[1]) for tag, _, _ in page.elements if re.fullmatch("h[1-6]", tag)]
        assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))
        count = len({link["claim_id"] for link in list_links(database, table, row["row_id"])})
        asked = f"_{TOPICS[table].key}={row['row_id']}"
        hrefs = page.attributes("href", "a")
        for suffix in ("", ".csv", ".json", ".parquet"):
            assert any(href.startswith(f"{site.database}/claims_flat{suffix}?{asked}") for href in hrefs), (
                suffix
            )
        words = "This claim as" if count == 1 else f"These {count} claims as"
        assert any(text.startswith(words) for text in page.texts("p", class_="acts"))


@pytest.mark.parametrize("table", TOPICS)
def test_finding_counts_the_sources_that_name_it(read, database, table):
    (sources,) = ask(database, "select count(*) as n from sources")
    whole = NUMBERS[sources["n"]]
    for row in list_entities(database, table):
        named = len({link["source_id"] for link in list_links(database, table, row["row_id"])})
        verb = "names it" if named == 1 else "name it"
        is_all = named == sources["n"]
        words = f"All {whole} sources" if is_all else f"{NUMBERS[named].capitalize()} of {whole} sources"
        page = read(table, row["row_id"])
        assert read_finding(page).startswith(f"{words} {verb}"), row["row_id"]


def test_finding_of_a_condition_counts_judgements(read, database):
    """Numbers are read back from the sentence and compared with the tables."""
    patterns = {
        "supports": r"(?:(\w+)|and) supports? ketamine for it",
        "against": r"(?:(\w+)|and) advises? against ketamine for it",
        "mixed": r"(?:(\w+)|and) takes? a mixed stance on ketamine for it",
        "several": r"(?:(\w+)|and) differs? from claim to claim on ketamine for it",
        "contraindication": r"(?:(\w+) gives? it )?as a reason against ketamine",
    }
    for row in list_entities(database, "conditions"):
        finding = read_finding(read("conditions", row["row_id"]))
        by_source: dict[str, list[Row]] = {}
        for link in list_links(database, "conditions", row["row_id"]):
            by_source.setdefault(link["source_id"], []).append(link)
        expected = dict.fromkeys(patterns, 0)
        for links in by_source.values():
            stances = {link["stance"] for link in links if link["role"] in JUDGED} - {None, "neutral"}
            if stances:
                expected[stances.pop() if len(stances) == 1 else "several"] += 1
            elif any(link["role"] == "contraindication" for link in links):
                expected["contraindication"] += 1
        for name, pattern in patterns.items():
            found = re.search(pattern, finding)
            number = 0 if not found else _read_number(found[1], len(by_source))
            assert number == expected[name], f"{row['row_id']}: {finding}"


@pytest.mark.parametrize("table", TOPICS)
def test_a_thing_tells_the_disagreements_that_name_it(site, read, database, table):
    key, links = TOPICS[table].key, TOPICS[table].links
    sql = f"""
    select
      claim_relations.*,
      one.statement as statement,
      other.statement as related_statement,
      questions.question
    from claim_relations
    join claims as one using (claim_id)
    join claims as other on other.claim_id = related_claim_id
    join questions using (question_id)
    where relation in ('contradicts', 'in_tension', 'qualifies')
    and exists (
      select *
      from {links} as links
      where links.claim_id in (claim_relations.claim_id, related_claim_id)
      and links.{key} = ?
    )
    """
    found = set()
    for row in list_entities(database, table):
        pairs = ask(database, sql, row["row_id"])
        page = read(table, row["row_id"])
        told = page.html.partition('<h2 id="disagreements">')[2].partition("<h2>")[0]
        words = read_text(told)
        ties = told.split('<div class="tie">')[1:]
        assert len(ties) == min(len(pairs), 12)
        if pairs:
            noun = "disagreement" if len(pairs) == 1 else "disagreements"
            assert f"A claim that names it is one side of {len(pairs)} recorded {noun}" in words
            assert (f"{len(ties)} are told here" in words) == (len(ties) < len(pairs))
        else:
            assert "No recorded disagreement" in words
        if len(ties) == len(pairs):
            for pair in pairs:
                (tie,) = [
                    tie
                    for tie in ties
                    if f'/claims/{pair["claim_id"]}"' in tie
                    and f'/claims/{pair["related_claim_id"]}"' in tie
                    and read_text(pair["reason"]) in read_text(tie)
                ]
                assert f'"#r-{pair["relation"]}"' in tie
                assert pair["question"] in words
                assert f"{site.database}/questions/{pair['question_id']}" in told
        found.add(bool(pairs))
    assert True in found


def test_what_is_said_of_a_class_from_elsewhere_is_marked_and_not_counted(read, database):
    page = read("conditions", "harp-elbow")
    (section,) = page.html.split('<section class="class" id="class-')[1:]
    section = section.partition('<h2 id="disagreements">')[0]
    (note,) = re.findall(r'<p class="flag">(.*?)</p>', section)
    assert read_text(note).startswith(
        "ICD-11 puts it within lasting ache , nearly the same as long pain here; the documents do not."
    )
    shown = set(re.findall(r'<p class="ours"><a href="/ketamine_pain/claims/([^"]+)">', section))
    of_class = {link["claim_id"] for link in list_links(database, "conditions", "long-pain")}
    own = {link["claim_id"] for link in list_links(database, "conditions", "harp-elbow")}
    assert shown and shown <= of_class
    assert re.search(rf"These {len(own)} claims as", "".join(page.texts("p", class_="acts")))
    ids = page.attributes("id")
    assert len(ids) == len(set(ids))


def test_a_class_that_is_broader_here_is_not_brought_in_twice(read, database):
    """Our own hierarchy has its place already."""
    for row in list_entities(database, "conditions"):
        classes = re.findall(
            r'id="class-([\w-]+)"><h2|<section class="class" id="class-([\w-]+)"',
            read("conditions", row["row_id"]).html,
        )
        assert row["broader_id"] not in {name for found in classes for name in found}


def _read_number(word: str | None, whole: int) -> int:
    if word in (None, "and"):
        return 1
    return whole if word.lower() in ("all", "both", "neither") else NUMBERS.index(word.lower())


@pytest.mark.parametrize("table", ["routes", "adverse_effects", "concepts"])
def test_finding_of_a_role_counts_its_sources(read, database, table):
    for row in list_entities(database, table):
        finding = read_finding(read(table, row["row_id"]))
        links = list_links(database, table, row["row_id"])
        named = {link["source_id"] for link in links}
        for role, words in TOPICS[table].roles.items():
            sources = {link["source_id"] for link in links if link["role"] == role}
            assert (words in finding) == bool(sources)
            if len(named) > 1 and sources:
                word = NUMBERS[len(sources)]
                if len(sources) == len(named):
                    word = "both" if len(sources) == 2 else f"all {word}"
                assert f"{word} {words}" in finding, finding
        assert set(TOPICS[table].roles) >= {link["role"] for link in links}


def state(*rows: str, sources: int = 5, table: str = "conditions") -> str:
    """The finding of rows such as `a treated supports hedged`."""
    names = ("source_id", "role", "stance", "certainty")
    found = [dict(zip(names, row.split(), strict=True)) for row in rows]
    cleaned = [{**row, "stance": None if row["stance"] == "-" else row["stance"]} for row in found]
    return state_finding(TOPICS[table], cleaned, sources)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ((), "No source names it."),
        (("a treated neutral asserted",), "One of five sources names it, without taking a side."),
        (
            ("a treated supports hedged", "b treated supports hedged", "c studied - asserted"),
            "Three of five sources name it. Two support ketamine for it, both in hedged words;"
            " one names it without taking a side.",
        ),
        (
            ("a treated supports hedged", "a treated supports asserted"),
            "One of five sources names it, and supports ketamine for it, partly in hedged words.",
        ),
        (
            ("a treated supports hedged", "b treated supports asserted", "c recommended supports hedged"),
            "Three of five sources name it. All three support ketamine for it, two of them in hedged words only.",
        ),
        (
            ("a treated supports asserted", "a not_recommended against asserted"),
            "One of five sources names it, and differs from claim to claim on ketamine for it.",
        ),
        (
            ("a contraindication against hedged",),
            "One of five sources names it, as a reason against ketamine, in hedged words.",
        ),
        (
            ("a population supports hedged",),
            "One of five sources names it, only as context or population of what it judges.",
        ),
        (
            ("a context - asserted", "b treated neutral asserted"),
            "Two of five sources name it. Neither takes a side.",
        ),
        (
            tuple(f"{name} context - asserted" for name in "abcde"),
            "All five sources name it. None takes a side.",
        ),
        (
            ("a not_recommended against asserted", "b context against asserted"),
            "Two of five sources name it. One advises against ketamine for it;"
            " one names it only as context or population of what it judges.",
        ),
    ],
)
def test_finding_of_a_condition(rows, sentence):
    assert state(*rows) == sentence


def test_finding_of_a_route_tells_judgements_of_that_route_alone():
    assert state("a for_pain supports hedged", "b product_form supports asserted", table="routes") == (
        "Two of five sources name it: one as a way to give ketamine for pain and one as the form of a product."
        " One supports ketamine given this way, in hedged words."
    )


def test_finding_explains_numbers_that_add_up_to_more_than_the_sources():
    rows = ("a reported - asserted", "a concern - asserted", "b reported - asserted")
    assert state(*rows, table="adverse_effects") == (
        "Two of five sources name it: both as something that occurs and one as something feared."
        " A source can do so in more than one way."
    )
    assert state("a reported - asserted", "b concern - asserted", table="adverse_effects") == (
        "Two of five sources name it: one as something that occurs and one as something feared."
    )


@pytest.mark.parametrize("table", ["conditions", "routes", "adverse_effects"])
def test_a_silent_source_points_to_its_nearest_broader_claims(read, database, table):
    broader = {row["row_id"]: row["broader_id"] for row in list_entities(database, table)}
    labels = {row["row_id"]: row["label"] for row in list_entities(database, table)}
    sources = ask(database, "select source_id, short_name from sources")
    for row_id in broader:
        page = read(table, row_id)
        said = [
            read_text(html).replace(" :", ":").replace(" .", ".")
            for html in read_silence(page).split("<li>")[1:]
        ]
        linked = set(re.findall(r"/ketamine_pain/claims/([^\"]+)", read_silence(page)))
        expected, claims_of_all = [], set()
        for source in sources:
            source_id, name = source["source_id"], source["short_name"]
            if source_id in read_source_sections(page):
                continue

            def count(key: str, source_id: str = source_id) -> list[str]:
                links = list_links(database, table, key)
                return sorted({link["claim_id"] for link in links if link["source_id"] == source_id})

            nearest = broader[row_id]
            while nearest and not count(nearest):
                nearest = broader[nearest]
            if nearest:
                claims_of_all |= {*count(nearest)}
                expected.append(f"{name} names the broader {labels[nearest]} in {say(count(nearest))}: ")
            for key in [key for key, above in broader.items() if above == row_id]:
                if count(key):
                    expected.append(f"{name} names the narrower {labels[key]} in {say(count(key))}.")
        for words in expected:
            assert any(text.startswith(words.rstrip()) for text in said), (row_id, words)
        assert linked <= claims_of_all
        assert ("is not counted here:" in read_text(read_silence(page))) == bool(said)


def say(claims: list[str]) -> str:
    return f"{len(claims)} claim{'s' if len(claims) != 1 else ''}"


def test_silence_without_anything_broader_only_says_so(site):
    page = site.page(f"{site.database}/conditions/heart-trouble")
    silence = read_text(read_silence(page))
    assert "Guild guidance" in silence
    assert silence.endswith(".")
    assert "nearest" not in silence


@pytest.mark.parametrize("table", ["conditions", "routes", "adverse_effects"])
def test_broader_and_narrower_count_the_claims_that_name_them(site, read, database, table):
    rows = {row["row_id"]: row for row in list_entities(database, table)}
    for row_id, row in rows.items():
        page = read(table, row_id)
        kin = page.texts("ul", class_="kin")
        related = {key for key, other in rows.items() if other["broader_id"] == row_id}
        related |= {row["broader_id"]} - {None}
        assert bool(kin) == bool(related)
        for key in related:
            claims = len({link["claim_id"] for link in list_links(database, table, key)})
            words = f"{rows[key]['label']} {'broader' if key == row['broader_id'] else 'narrower'},"
            assert f"{words} {claims} claim" in " ".join(kin[0].split())
            assert f"{site.database}/{table}/{key}" in page.attributes("href", "a")


@pytest.mark.parametrize("table", ["conditions", "routes", "adverse_effects"])
def test_row_of_the_map_holds_the_counts_of_the_table(read, database, table):
    for row in list_entities(database, table):
        page = read(table, row["row_id"])
        (strip,) = re.findall(r'<ul class="strip".*?</ul>', page.html, re.DOTALL)
        cells = strip.split("<li>")[1:]
        links = list_links(database, table, row["row_id"])
        names = [row["short_name"] for row in ask(database, "select * from sources order by position")]
        ids = {row["short_name"]: row["source_id"] for row in ask(database, "select * from sources")}
        assert [re.search("<b>(.*?)</b>", cell)[1] for cell in cells] == names
        for name, cell in zip(names, cells, strict=True):
            expected: dict[tuple[str, str], int] = {}
            for link in links:
                if link["source_id"] == ids[name]:
                    key = (link["stance"] or "no stance", link["role"].replace("_", " "))
                    expected[key] = expected.get(key, 0) + 1
            found = {
                (stance, role.strip()): int(number)
                for number, stance, role in re.findall(r"<b>(\d+) ([a-z ]+)</b> <span>([a-z ]+)", cell)
            }
            assert found == expected
            assert ("not named" in cell) == (not expected)


@pytest.mark.parametrize("table", [*TOPICS, "references"])
def test_a_page_visits_the_database_for_its_row_and_for_what_it_shows(site, database, table, monkeypatch):
    """What is counted over all claims is known after the first page, and what no page shows is not counted.

    The third visit is for what machines read of a thing; that of a reference is on its page already.
    """
    keys = [row[0] for row in database.execute(f'select * from "{table}"')]
    site.page(f"{site.database}/{table}/{keys[0]}")
    visits = []
    visit = Database.execute_fn

    async def count_visit(self, fn):
        visits.append(fn)
        return await visit(self, fn)

    monkeypatch.setattr(Database, "execute_fn", count_visit)
    site.page(f"{site.database}/{table}/{keys[-1]}")
    assert len(visits) == (2 if table == "references" else 3)


def test_of_hundreds_of_claims_a_few_are_shown_and_all_are_counted():
    """A claim counts once, however many links it has; those with a stance come first."""
    db = sqlite3.connect(":memory:")
    db.row_factory = sqlite3.Row
    db.executescript(
        "create table claims_flat (claim_id primary key, source_id, stance, certainty, quote);"
        "create table claim_things (claim_id, thing_id, role);"
    )
    for source_id, claims in (("large", MANY_CLAIMS + 1), ("small", MANY_CLAIMS)):
        for number in range(claims):
            claim_id, stance = f"{source_id}-{number:03}", "mixed" if number == claims - 1 else None
            db.execute(
                "insert into claims_flat values (?, ?, ?, 'asserted', 'words')", (claim_id, source_id, stance)
            )
            for role in ("target", "context"):
                db.execute("insert into claim_things values (?, 'thing', ?)", (claim_id, role))
    groups, claims = list_statements(Linked("claim_things", "thing_id"))
    counted = arrange_counts(*([dict(row) for row in db.execute(*asked)] for asked in (groups, claims)))
    assert counted["thing"].counts == {"large": MANY_CLAIMS + 1, "small": MANY_CLAIMS}
    assert counted["thing"].shown["large"] == ["large-500", "large-000", "large-001", "large-002"]
    assert counted["thing"].shown["small"] == ["small-499", *(f"small-{number:03}" for number in range(11))]
    assert {row["role"] for row in counted["thing"].groups} == {"target", "context"}


def test_a_row_that_is_broader_than_itself_does_not_keep_a_page_waiting():
    above = {"a": "b", "b": "c", "c": "a"}
    below = {broader: [row_id] for row_id, broader in above.items()}
    hierarchy = Hierarchy({}, above, below)
    assert hierarchy.list_broader("a") == [("a", 3), ("c", 2), ("b", 1)]
    assert hierarchy.list_narrower("a") == [("c", 1), ("b", 2), ("a", 3)]


def test_a_concept_has_no_row_of_the_map(site):
    assert 'class="strip"' not in site.page(f"{site.database}/concepts/ketamine").html


@pytest.mark.parametrize("table", TOPICS)
def test_what_no_source_states_is_what_no_claim_has(read, database, table):
    """Told from the anchors and the tables of links, by which the page does not tell it."""
    links, key = TOPICS[table].links, TOPICS[table].key
    fields = {"dose": "a dose", "duration_of_effect": "a duration of effect"}
    fields |= {"evidence_basis": "words on what it rests on"}
    own = {"formulation": "a formulation", "frequency": "a frequency", "course": "a course over time"}
    other = {"claim_conditions": "a condition", "claim_routes": "a route"}
    other |= {"claim_adverse_effects": "an adverse effect", "claim_references": "a reference"}
    for row in list_entities(database, table):
        page = read(table, row["row_id"])
        text = read_text(
            page.html.partition("What no source states about it</h2>")[2].partition('<p class="acts"')[0]
        )
        absent = text.partition("No claim that names it carries ")[2].partition(".")[0]
        present = text.partition("Carried by at least one: ")[2].partition(".")[0]
        asked = 0
        for name, words in (fields | own | other).items():
            if name in fields:
                on = f"anchors.table_name = 'claims' and anchors.row_id = links.claim_id and field_name = '{name}'"
                joined = f"join anchors on {on}"
            elif name in own:
                on = f"anchors.table_name = '{links}' and field_name = '{name}'"
                on += f" and anchors.row_id = links.claim_id || ',' || links.{key} || ',' || links.role"
                joined = f"join anchors on {on}"
            else:
                joined = f"join {name} as others using (claim_id)"
            (count,) = ask(
                database,
                f"select count(*) as n from {links} as links {joined} where links.{key} = ?",
                row["row_id"],
            )
            if words in absent.replace(" or ", ", ").split(", "):
                assert not count["n"], f"{row['row_id']}: {words}"
                asked += 1
            elif words in present.split(", "):
                assert count["n"], f"{row['row_id']}: {words}"
                asked += 1
        assert asked == len(TOPICS[table].states)


@pytest.mark.parametrize("table", TOPICS)
def test_names_stand_as_printed(read, database, table):
    for row in list_entities(database, table):
        page = read(table, row["row_id"])
        shown = {words.lower() for words in page.texts("span", class_="src")}
        names = {
            link["mention"].lower() for link in list_links(database, table, row["row_id"]) if link["mention"]
        }
        if len(names) <= 8:
            assert names <= shown, row["row_id"]


@pytest.mark.parametrize("table", TOPICS)
def test_names_that_only_readers_use_stand_apart_from_printed_ones(read, database, table):
    for row in list_entities(database, table):
        names = ask(
            database, "select name from names where table_name = ? and row_id = ?", table, row["row_id"]
        )
        text = " ".join(read_text(read(table, row["row_id"]).html).split())
        shown = re.findall(r"Also asked for as (.*?)\. First named", text)
        expected = sorted((name["name"] for name in names), key=str.casefold)
        assert shown == ([", ".join(expected)] if expected else [])


@pytest.mark.parametrize("table", TOPICS)
def test_every_code_stands_with_its_relation(read, database, table):
    relations = {
        "skos:exactMatch": "same as",
        "skos:closeMatch": "nearly the same as",
        "skos:broadMatch": "narrower than",
        "skos:narrowMatch": "broader than",
        "skos:relatedMatch": "related to",
    }
    for row in list_entities(database, table):
        page = read(table, row["row_id"])
        lines = [
            " ".join(text.split())
            for block in re.findall(r'<ul class="codes">.*?</ul>', page.html, re.DOTALL)
            for text in map(read_text, block.split("<li>")[1:])
        ]
        codes = ask(
            database, "select * from mappings where table_name = ? and row_id = ?", table, row["row_id"]
        )
        assert len(lines) == len({code["predicate_id"] for code in codes})
        for code in codes:
            name = f"{code['object_source']} {code['object_id'].partition(':')[2]}"
            line = next(line for line in lines if line.startswith(f"{relations[code['predicate_id']]} "))
            assert name in line


def test_a_code_leads_where_the_descriptor_says(site, package):
    hrefs = site.page(f"{site.database}/conditions/harp-elbow").attributes("href", "a")
    for prefix, code in (("MESH", "D9990002"), ("MONDO", "9990001"), ("icd11.code", "XX99")):
        assert package.prefixes[prefix] + code in hrefs


def test_a_code_without_an_address_leads_nowhere():
    row = {
        "object_id": "XX:1",
        "object_label": "ache",
        "object_source": "X",
        "predicate_id": "skos:exactMatch",
    }
    assert make_code(row, {"XX": "https://example.org/"}).url == "https://example.org/1"
    assert make_code(row, {"YY": "https://example.org/"}).url is None


def test_titles_that_name_it_are_no_claims(site):
    page = site.page(f"{site.database}/conditions/harp-elbow")
    assert "A title in the bibliographies also names it. Titles are not counted as claims." in " ".join(
        page.html.split()
    )
    assert f"{site.database}/references/abstract-2001-r01" in page.attributes("href", "a")
    assert not site.page(f"{site.database}/conditions/heart-trouble").texts("ul", class_="titles")


def test_a_title_names_a_thing_only_by_whole_words():
    rows = [
        {"title": title, "source": "S", "listed_as": "in_text", "ordinal": None}
        for title in ("A painting", "PAIN, again", "acute")
    ]
    mentions = [
        {"mention": "pain", "mention_type": "named"},
        {"mention": "acute", "mention_type": "elliptical"},
    ]
    assert [row["title"] for row in match_titles(rows, mentions)] == ["PAIN, again"]
    assert match_titles(rows, []) == []


def list_references(database: sqlite3.Connection) -> list[Row]:
    return ask(database, 'select * from "references"')


def test_every_reference_stands_as_printed_with_its_claims(read, database):
    for row in list_references(database):
        page = read("references", row["reference_id"])
        lines = ask(
            database,
            "select text from passages where coalesce(part_of, passage_id) ="
            " (select coalesce(part_of, passage_id) from passages where passage_id = ?) order by position",
            row["passage_id"],
        )
        entry = page.texts("blockquote")[0]
        assert entry.startswith(" ".join(line["text"] for line in lines)), row["reference_id"]
        claims = ask(database, "select * from claim_references where reference_id = ?", row["reference_id"])
        shown = re.findall(r'<p class="ours"><a href="/ketamine_pain/claims/([^"]+)">', page.html)
        assert sorted(shown) == sorted(claim["claim_id"] for claim in claims)
        for claim in claims:
            assert f'cites it as <span class="src">{claim["marker"]}</span>' in page.html
        assert len(claims) < len(NUMBERS)
        verb = "claim rests" if len(claims) < 2 else "claims rest"
        assert read_finding(page).endswith(f"; {NUMBERS[len(claims)]} {verb} on it.")


def test_an_entry_that_no_claim_cites_says_why(read, database):
    reasons = {
        "citing_list": "so it points the other way: the document does not rest on it",
        "this_record": "the work that the document itself is a record of",
        "reference_list": "no marker in its text leads to it",
    }
    cited = {row["reference_id"] for row in ask(database, "select reference_id from claim_references")}
    checked = set()
    for row in list_references(database):
        if row["reference_id"] not in cited:
            page = read("references", row["reference_id"])
            assert reasons[row["listed_as"]] in page.texts("p", class_="silent alone")[0]
            checked.add(row["listed_as"])
    assert checked == set(reasons)


def test_every_correction_stands_beside_what_is_printed(read, database):
    bases = {
        "entry_itself": "Another part of the same entry shows it.",
        "outside_source": "A source outside the document shows it.",
    }
    for row in list_references(database):
        page = read("references", row["reference_id"])
        expected = []
        for correction in ask(
            database, "select * from corrections where reference_id = ?", row["reference_id"]
        ):
            name = {"family": "family name"}.get(correction["field"], correction["field"])
            field = f" {name} of author {correction['position']}"
            printed = f"printed {correction['printed']}" if correction["printed"] else "not printed"
            expected.append(
                ("Corrected" if correction["kind"] == "misprint" else "Supplied")
                + (field if correction["position"] else "")
                + f": {correction['corrected']}; {printed}. {bases[correction['basis']]} {correction['evidence']}"
            )
        assert sorted(page.texts("p", class_="flag")) == sorted(expected)


def test_identifiers_lead_to_the_work_corrected(read, database):
    addresses = {
        "doi": "https://doi.org/{}",
        "pmid": "https://pubmed.ncbi.nlm.nih.gov/{}/",
        "pmcid": "https://pmc.ncbi.nlm.nih.gov/articles/PMC{}/",
    }
    for row in ask(database, "select * from bibliography"):
        page = read("references", row["reference_id"])
        (place,) = re.findall("Where the work is</h2>(.*?)</section>", page.html, re.DOTALL)
        wanted = [address.format(row[name]) for name, address in addresses.items() if row[name]]
        assert re.findall('href="([^"]+)"', place) == wanted, row["reference_id"]
        assert wanted or "No DOI and no PubMed number is recorded." in place


def test_all_columns_of_a_reference_are_on_its_page(read, package, database):
    for row in list_references(database):
        page = read("references", row["reference_id"])
        assert set(package.by_name["references"].field_names) <= set(page.texts("dt"))
        authors = ask(database, "select * from reference_authors where reference_id = ?", row["reference_id"])
        assert all(author["family"] in page.html for author in authors)


def test_the_same_work_has_the_same_doi_or_number():
    def work(reference_id: str, doi: str | None = None, pmid: str | None = None) -> Row:
        return {"reference_id": reference_id, "doi": doi, "pmid": pmid}

    def is_same_work(one: Row, other: Row) -> bool:
        return find_same_works(one, index_works([one, other])) == [other]

    assert is_same_work(work("a", doi="10.1/X"), work("b", doi="10.1/x"))
    assert is_same_work(work("a", pmid="1"), work("b", doi="10.1/x", pmid="1"))
    assert is_same_work(work("a", doi="10.1/x", pmid="1"), work("b", doi="10.1/x", pmid="1"))
    assert not is_same_work(work("a"), work("b"))
    assert not is_same_work(work("a", doi="10.1/x"), work("a", doi="10.1/x"))
    assert not is_same_work(work("a", doi="10.1/x", pmid="1"), work("b", doi="10.1/y", pmid="2"))


@pytest.mark.parametrize("edition", ["quotes", "none"])
def test_pages_of_editions_without_text_say_what_is_withheld(site, root, package, tmp_path, edition):
    full = read_finding(site.page(f"{site.database}/conditions/harp-elbow"))
    site = Site(root, package, build_edition(package, tmp_path / "build", edition))
    entity = site.page(f"{site.database}/conditions/harp-elbow")
    reference = site.page(f"{site.database}/references/guidance-r06")
    assert read_finding(entity) == full
    assert ("We give intravenous infusions of" in entity.html) == (edition == "quotes")
    assert ("Withheld; characters" in entity.html) == (edition == "none")
    assert ("The names as printed are withheld" in entity.html) == (edition == "none")
    # Whether a dose is stated cannot be told where the words are gone; a link can.
    assert ("carries a dose" in entity.html) == (edition == "quotes")
    assert "a reference" in entity.html
    assert ("The rest of the printed entry is left out" in reference.html) == (edition == "quotes")
    assert ("Withheld; characters" in reference.html) == (edition == "none")
    assert "Ketamine beside willow bark for long pain" in reference.texts("h1")[0]


def test_a_thing_leads_to_those_whose_names_hold_its_own(read, database):
    found = 0
    for table, topic in TOPICS.items():
        for row_id, label in database.execute(f"select {topic.key}, label from {table}").fetchall():
            words = re.compile(rf"\b{re.escape(label.removesuffix('s'))}s?\b", re.IGNORECASE)
            page = read(table, row_id)
            beside = re.search(r'id="within-other-names">(.*?)</p>', page.html, re.DOTALL)
            aside = re.search(r'<ul class="kin">(.*?)</ul>', page.html, re.DOTALL)
            shown, relatives = (
                {unescape(link) for link in re.findall(r">([^<]+)</a>", part[1] if part else "")}
                for part in (beside, aside)
            )
            longer = {
                other
                for of, held in TOPICS.items()
                for (other,) in database.execute(f"select label from {of}").fetchall()
                if words.search(other)
                and len(other.split()) > len(label.split())
                and not (of == table and other in relatives)
            }
            assert shown == longer, (table, row_id)
            found += len(longer)
    assert found
