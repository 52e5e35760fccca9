"""The headlines of lists: findings are counted, not rows, and the sentence is right whatever is chosen below it."""

from collections import Counter

import pytest
from ketamine_site.entities.references import spell_number
from ketamine_site.entities.topics import TOPICS
from ketamine_site.evidence.evidence import SUBJECTS, Cell, Chip, MapLine
from ketamine_site.headlines import HEADLINES, say_contraindications, say_named, say_own, say_stated

from tests.conftest import build_edition
from tests.site_client import NOT_VOTES, Site

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def site(root, package, built) -> Site:
    return Site(root, package, built)


def headline(site: Site, path: str) -> str:
    page = site.page(f"{site.database}/{path}")
    assert NOT_VOTES.search(page.html), path
    (words,) = page.texts("p", class_="lede")
    return words


def name_sources(site: Site, view: str, column: str) -> dict[str, set[str]]:
    """The documents that name each thing of a view."""
    named: dict[str, set[str]] = {}
    for row in site.rows(f"{view}.json"):
        named.setdefault(row[column], set()).update({row["source"]} if row["role"] != "not_mentioned" else ())
    return {thing: sources for thing, sources in named.items() if sources}


@pytest.mark.parametrize("table", SUBJECTS)
def test_things_are_counted_once_and_split_by_how_many_documents_name_them(site, table):
    named = name_sources(site, SUBJECTS[table].view, TOPICS[table].noun.replace(" ", "_"))
    words = headline(site, SUBJECTS[table].view).lower()
    several = sum(len(sources) > 1 for sources in named.values())
    speaking = set().union(*named.values())
    assert words.startswith(f"{spell_number(len(named))} {TOPICS[table].noun}s are named, by ")
    sources = len(site.rows("sources.json"))
    assert f"{spell_number(len(speaking))} of the {spell_number(sources)} documents" in words or (
        len(speaking) == sources and f"all {spell_number(sources)} documents" in words
    )
    assert f"{spell_number(several)} by more than one" in words
    assert f"{spell_number(len(named) - several)} by only one" in words
    assert words in site.page(f"/{SUBJECTS[table].title.lower().replace(' ', '-')}").html.lower()


def test_a_query_of_the_same_things_has_the_same_headline(site):
    assert headline(site, "named_adverse_effects") == headline(site, "adverse_effects_by_source")


def test_contraindications_are_conditions_and_not_rows(site):
    rows = [row for row in site.rows("contraindications.json") if row["named"] == "yes"]
    found = {row["contraindication"] for row in rows}
    words = headline(site, "contraindications")
    assert words.lower().startswith(f"{spell_number(len(found))} condition")
    sources = {row["source"] for row in rows}
    assert (" in hedged words, " in words) == any(row["hedge"] for row in rows)
    assert f"by {spell_number(len(sources))} of the four documents" in words
    assert len(sources) > 1 or words.endswith(f": {sources.pop()}.")


def test_what_nobody_states_is_counted_by_items(site):
    items: dict[str, list[str]] = {}
    for row in site.rows("source_reporting.json"):
        items.setdefault(row["item"], []).append(row["stated"])
    unstated = [stated for stated in items.values() if "yes" not in stated]
    everywhere = sum({*stated} == {"yes"} for stated in items.values())
    words = headline(site, "not_stated")
    assert words.startswith(f"{spell_number(len(unstated)).capitalize()} of the {len(items)} things asked")
    assert f"{spell_number(sum({*stated} == {'no'} for stated in unstated))} " in words
    assert words.endswith(
        f"{spell_number(everywhere).capitalize()} {'is' if everywhere == 1 else 'are'} stated by all."
    )
    assert headline(site, "source_reporting") == words


def test_what_one_source_states_is_told_where_its_rows_are_listed(site):
    for source in site.rows("sources.json"):
        source_id = source["source_id"]
        counts = Counter(
            row["stated"] for row in site.rows(f"source_reporting.json?source_id={source_id}&_labels=off")
        )
        words = headline(site, f"source_reporting?source_id={source_id}&stated=no")
        assert words.startswith(
            f"{source['short_name']} states {spell_number(counts['yes']) if counts['yes'] else 'none'} of the"
            f" {counts.total()} things asked"
        )
        assert f"leaves out {spell_number(counts['no'])}" in words


def test_a_filter_does_not_make_the_sentence_wrong(site):
    whole = headline(site, "routes_by_source")
    source = site.rows("sources.json")[0]["short_name"]
    filtered = headline(site, f"routes_by_source?source={source}")
    assert filtered == f"Without the filter, {whole[0].lower()}{whole[1:]}"
    assert headline(site, "routes_by_source?_sort=route") == whole


def test_what_only_one_source_names_is_counted_by_table(site):
    rows = site.rows("named_by_one_source.json")
    counts = Counter(row["kind"] for row in rows)
    words = headline(site, "named_by_one_source").lower()
    for topic in TOPICS.values():
        of_all = f" of the {spell_number(len(site.rows(topic.table + '.json')))} {topic.noun}s"
        assert f"{spell_number(counts[topic.noun])}{of_all}" in words
    source = next(row for row in site.rows("sources.json") if row["short_name"] == rows[0]["source"])
    alone = headline(site, f"named_by_one_source?source_id={source['source_id']}")
    own = Counter(row["kind"] for row in rows if row["source"] == source["short_name"])
    assert alone.startswith(f"{source['short_name']} alone names ")
    assert all(f"{spell_number(count)} of the " in alone for count in own.values())
    assert site.page(f"{site.database}/named_by_one_source?source_id=nobody").texts("p", class_="lede") == []


def test_the_public_edition_has_the_same_headlines(site, root, package, tmp_path):
    public = Site(root, package, build_edition(package, tmp_path / "build", "quotes"), "public")
    for name in HEADLINES:
        assert headline(public, name) == headline(site, name)


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ([], "No document names any adverse effect."),
        ([["a"]], "One adverse effect is named, by one of the two documents."),
        ([["a"], ["a"]], "Two adverse effects are named, by one of the two documents."),
        ([["a", "b"]], "One adverse effect is named, by both documents."),
        ([["a", "b"], ["a"]], "by both documents: one by more than one, one by only one."),
        ([["a"], ["b"]], "by both documents: each by only one."),
    ],
)
def test_numbers_and_verbs_agree(named, words):
    chip = Chip(None, "concern", 1, 0, False, "", "")
    lines = [
        MapLine("x", "x", "", 0, "", tuple(Cell(name, name, (chip,) * (name in sources)) for name in "ab"))
        for sources in named
    ]
    assert words in say_named(TOPICS["adverse_effects"], lines)


def test_other_sentences_agree_too():
    assert say_contraindications([], 5) == "No document names a condition as a contraindication."
    assert say_contraindications([["a"], ["a"]], 1).endswith("contraindications, by the only document: a.")
    assert ", one of them only in hedged words, by" in say_contraindications([["a"], ["a"]], 2, hedged=1)
    assert ", all in hedged words, by" in say_contraindications([["a"], ["a"]], 2, hedged=2)
    rows = [{"item": "x", "stated": stated, "short_name": "A"} for stated in ("no", "unspecific")]
    rows += [{"item": "y", "stated": "yes", "short_name": "A"}]
    assert say_stated(rows) == (
        "One of the two things asked is stated by no document: one is only touched on. One is stated by all."
    )
    assert say_own(rows[1:]) == "A states one of the two things asked: it only touches on one."
