"""Filters and facets over link tables, the words for a table's question, and addresses that make no sense."""

import sqlite3
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.site_client import Page, Site, wait_for

pytestmark = pytest.mark.long

# Key at the other end, link table, table at the other end.
LINKS = [
    ("condition_id", "claim_conditions", "conditions"),
    ("route_id", "claim_routes", "routes"),
    ("adverse_effect_id", "claim_adverse_effects", "adverse_effects"),
    ("reference_id", "claim_references", '"references"'),
    ("concept_id", "claim_concepts", "concepts"),
]
# Arguments beside a facet, and what they ask in SQL.
FILTERS = {
    "": "1",
    "stance=supports": "stance = 'supports'",
    "stance__isnull=1": "stance is null",
    "source_id=clinic-page&certainty=asserted": "source_id = 'clinic-page' and certainty = 'asserted'",
    "_search=pain": "rowid in (select rowid from claims_flat_fts where claims_flat_fts match '\"pain\"')",
    "_condition_id=long-pain": (
        "claim_id in (select claim_id from claim_conditions where condition_id = 'long-pain')"
    ),
    "_condition_id=harp-elbow&_condition_id=twisted-pain&claim_type=efficacy": (
        "claim_id in (select claim_id from claim_conditions where condition_id = 'harp-elbow')"
        " and claim_id in (select claim_id from claim_conditions where condition_id = 'twisted-pain')"
        " and claim_type = 'efficacy'"
    ),
    "_where=dose+is+not+null": "dose is not null",
}
WRONG = [
    "_facet=nonsense",
    "_facet=",
    "_facet={bad",
    "_facet={}",
    '_facet={"simple":1}',
    "_facet_array=nonsense",
    "_facet_date=nonsense",
    "_facet_linked=nonsense",
    "_facet_linked=claim_id",
    "_facet_linked={",
    "_facet_nonsense=stance",
    "_facetnonsense=1",
    "_sort=nonsense",
    "_sort_desc=nonsense",
    "_sort=claim_id&_sort_desc=claim_id",
    "_size=nonsense",
    "_size=-1",
    "_size=1000000",
    "_col=nonsense",
    "_nocol=nonsense",
    "_where=junk",
    "_where=select",
    "_timelimit=nonsense",
    "_through=nonsense",
    "_through={}",
    "_through=[]",
    "_fts_table=nonsense&_search=x",
    "_searchmode=raw&_search=%22",
    "nonsense=1",
    "condition_id=wandering-pain",
    "_condition_id__isnull=1",
    "stance__nonsense=1",
    "stance__in=[",
    "stance__in=[[1]]",
    "stance__gt=99999999999999999999999",
    "stance__arraycontains=x",
    "__in=1",
    "=1",
    "%00=1",
]


@pytest.fixture(scope="module")
def site(root, package, built) -> Site:
    return Site(root, package, built)


@pytest.fixture(scope="module")
def db(built, package) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{built / package.database_name}.db?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    yield connection
    connection.close()


def count(db: sqlite3.Connection, where: str) -> int:
    return int(db.execute(f"select count(*) from claims_flat where {where}").fetchone()[0])


def ask_claims(site: Site, arguments: str) -> dict:
    return site.get(f"{site.database}/claims_flat.json?{arguments}").json()


def local(url: str) -> str:
    return url.replace("http://localhost", "").replace(".json", "")


@pytest.mark.parametrize("asked", FILTERS)
@pytest.mark.parametrize(("key", "table", "target"), LINKS)
def test_a_facet_counts_the_claims_at_hand_by_what_they_are_linked_to(site, db, key, table, target, asked):
    answer = ask_claims(site, f"{asked}&_facet_linked={key}&_facet_size=max")
    facet = answer["facet_results"][key]
    expected = {
        (row["value"], row["label"] or row["value"], row["claims"])
        for row in db.execute(
            f"select {key} as value, {_label(target)} as label, count(distinct claim_id) as claims"
            f" from {table} join {target} using ({key})"
            f" where claim_id in (select claim_id from claims_flat where {FILTERS[asked]}) group by 1"
        )
    }
    assert {(item["value"], item["label"], item["count"]) for item in facet["results"]} == expected
    assert answer["filtered_table_rows_count"] == count(db, FILTERS[asked])


def _label(target: str) -> str:
    return "title" if target == '"references"' else "label"


def test_some_filters_leave_claims_and_links(db):
    assert all(count(db, where) for where in FILTERS.values())


@pytest.mark.parametrize(("key", "table", "target"), LINKS)
def test_choosing_a_value_leaves_as_many_claims_as_were_counted(site, key, table, target):
    answer = ask_claims(site, f"claim_type__not=background&_facet_linked={key}&_facet_size=3")
    for value in answer["facet_results"][key]["results"]:
        path = local(value["toggle_url"])
        assert f"_{key}={value['value']}" in path
        chosen = site.get(path.replace("claims_flat?", "claims_flat.json?")).json()
        assert chosen["filtered_table_rows_count"] == value["count"]
        (back,) = [item for item in chosen["facet_results"][key]["results"] if item["selected"]]
        assert back["count"] == value["count"]
        assert f"_{key}=" not in local(back["toggle_url"])


def test_a_facet_shows_the_largest_counts_and_says_how_many_are_left(site):
    whole = ask_claims(site, "_facet_size=max")["facet_results"]["condition_id"]
    some = ask_claims(site, "_facet_size=2")["facet_results"]["condition_id"]
    assert some["results"][0]["count"] == max(item["count"] for item in whole["results"])
    assert len(some["results"]) == 2
    assert (some["truncated"], whole["truncated"]) == (True, False)
    assert some["total"] == len(whole["results"])
    page = site.page(f"{site.database}/claims_flat")
    assert f"{some['total'] - 5} more of Condition" in [" ".join(text.split()) for text in page.texts("li")]


def test_links_are_read_from_the_keys_of_the_database(site):
    answer = ask_claims(site, "_facet_linked=condition_id")
    assert set(answer["facet_results"]) >= {key for key, _, _ in LINKS[:4]}
    # A table that ties claims to claims leads to no other thing.
    assert site.get(f"{site.database}/claims_flat?_facet_linked=related_claim_id").status_code == 400
    # The same links work from the other end, and from the table of claims itself.
    conditions = site.rows("conditions.json?_claim_id=clinic-page-c003&_labels=off")
    assert "wandering-pain" in [row["condition_id"] for row in conditions]
    claims = site.rows("claims.json?_condition_id=wandering-pain&_labels=off")
    assert [row["claim_id"] for row in claims] == [
        row["claim_id"] for row in site.rows("claims_flat.json?_condition_id=wandering-pain&_labels=off")
    ]


def test_a_role_narrows_the_link(site, db):
    where = "condition_id = 'wandering-pain' and role = 'treated'"
    treated = [
        row["claim_id"]
        for row in db.execute(f"select claim_id from claim_conditions where {where} order by claim_id")
    ]
    rows = site.rows("claims_flat.json?_condition_id=wandering-pain&_condition_role=treated&_labels=off")
    assert [row["claim_id"] for row in rows] == treated


def test_the_default_facets_stand_in_their_order(site):
    page = site.page(f"{site.database}/claims_flat")
    heads = [" ".join(text.split()) for text in page.texts("h2", class_="facet-info-name")]
    assert heads == [
        "Source",
        "Type",
        "Stance",
        "Certainty",
        "Read by",
        "Condition counts overlap",
        "Route counts overlap",
        "Adverse effect counts overlap",
        "Reference counts overlap",
    ]
    # The names in files are one hover away.
    tips = page.attributes("title", "h2", class_="facet-info-name")
    assert [tip.partition(":")[0] for tip in tips][:6] == [
        "source_id",
        "claim_type",
        "stance",
        "certainty",
        "extraction",
        "condition_id",
    ]
    assert "/ketamine_pain/claims_flat?_facet_linked=concept_id" in page.attributes("href", "a")


def test_a_facet_that_is_asked_for_twice_is_shown_once(site):
    page = site.page(f"{site.database}/claims_flat?_facet=stance&_facet_linked=condition_id&_facet=voice")
    heads = [" ".join(text.split()) for text in page.texts("h2", class_="facet-info-name")]
    assert [head for head in heads if head.startswith(("Stance", "Condition"))] == [
        "Stance",
        "Condition counts overlap",
    ]
    assert [head for head in heads if head.startswith("Voice")] == ["Voice ✕"]


def test_the_heading_is_the_question_in_words(site):
    page = site.page(f"{site.database}/claims_flat?certainty=hedged&_condition_id=wandering-pain")
    rows = site.rows("claims_flat.json?certainty=hedged&_condition_id=wandering-pain")
    noun = "claim" if len(rows) == 1 else "claims"
    words = f"{len(rows)} {noun} where condition is wandering pain and certainty is hedged"
    assert words in page.texts("h2")
    total = len(site.rows("claims_flat.json"))
    assert f"{total} claims" in [
        text.strip() for text in site.page(f"{site.database}/claims_flat").texts("h2")
    ]
    sorted_page = site.page(f"{site.database}/claims_flat?_sort_desc=stance&stance=supports")
    assert any(
        text.endswith("where stance is supports, sorted by stance, descending")
        for text in sorted_page.texts("h2")
    )
    assert any(
        text.split()[1:] == ["adverse", "effects"]
        for text in site.page(f"{site.database}/adverse_effects").texts("h2")
    )


def test_a_filter_can_be_taken_away(site):
    page = site.page(f"{site.database}/claims_flat?stance=supports&_condition_id=wandering-pain")
    links = zip(page.attributes("href", "a"), page.texts("a"), strict=True)
    (link,) = [href for href, text in links if text == "Remove condition is wandering pain ✕"]
    assert link == "/ketamine_pain/claims_flat?stance=supports"
    inputs = [attrs for tag, attrs, _ in page.elements if tag == "input"]
    assert {"type": "hidden", "name": "_condition_id", "value": "wandering-pain"} in inputs


@pytest.mark.parametrize("key", [key for key, _, _ in LINKS])
@pytest.mark.parametrize("value", ["zz", "zz' or 1", "a\0b", "🙂", "%"])
def test_an_unknown_key_leaves_nothing_and_can_be_removed(site, key, value):
    answer = site.get(f"{site.database}/claims_flat", params={f"_{key}": value})
    assert answer.status_code == 200
    (told,) = Page(answer.text).texts("p", class_="zero-results")
    name = key.removesuffix("_id").replace("_", " ")
    assert told.startswith("No claim matches.")
    assert f"Remove {name} is {value.split(chr(0))[0]}" in told


def test_an_empty_key_asks_nothing(site):
    whole = ask_claims(site, "")["filtered_table_rows_count"]
    assert ask_claims(site, "_condition_id=")["filtered_table_rows_count"] == whole


def test_the_filter_works_in_every_format_sorted_and_page_by_page(site, db):
    where = "claim_id in (select claim_id from claim_conditions where condition_id = 'long-pain')"
    ids = sorted(row["claim_id"] for row in db.execute(f"select claim_id from claims_flat where {where}"))
    assert len(ids) > 8
    asked = "_condition_id=long-pain"
    path = f"{site.database}/claims_flat"
    for arguments in (asked, f"{asked}&_stream=on&_size=5", f"{asked}&_size=max"):
        lines = site.get(f"{path}.csv?{arguments}&_col=claim_id").text.split()
        assert [line.partition(",")[0] for line in lines[1:]] == ids
    assert sorted(site.get(f"{path}.json?{asked}&_shape=object").json()) == ids
    for order in ("", "&_sort=stance", "&_sort_desc=short_name"):
        seen, url = [], f"{path}.json?{asked}{order}&_size=3&_shape=objects"
        while url:
            answer = site.get(url.replace("http://localhost", "")).json()
            seen += [row["claim_id"] for row in answer["rows"]]
            url = answer["next_url"]
        assert sorted(seen) == ids, order


def test_a_value_chosen_on_a_later_page_begins_at_the_first(site):
    answer = ask_claims(site, "_size=2")
    page = site.page(f"{site.database}/claims_flat?_size=2&_next={quote(answer['next'])}")
    links = [
        href for href in page.attributes("href", "a") if "stance=supports" in href or "_condition_id=" in href
    ]
    assert links
    assert not [href for href in links if "_next=" in href]


def test_a_table_of_many_rows_is_offered_whole(site):
    page = site.page(f"{site.database}/claims_flat?stance=supports")
    formats = [
        href
        for href in page.attributes("href", "a")
        if href.startswith(f"{site.database}/claims_flat.") and "stance=supports" in href
    ]
    assert {href.partition("?")[0].rpartition(".")[2] for href in formats} == {"csv", "json", "parquet"}
    for href in formats:
        assert site.get(href).status_code == 200


@pytest.mark.parametrize("arguments", WRONG)
@pytest.mark.parametrize("form", ["", ".json", ".csv"])
def test_an_address_that_makes_no_sense_is_told_so(site, capsys, form, arguments):
    answer = site.get(f"{site.database}/claims_flat{form}?{arguments}")
    assert answer.status_code == 400, answer.text[:300]
    printed = "".join(capsys.readouterr())
    assert "Traceback" not in printed
    assert "Traceback" not in answer.text
    if form == ".json":
        assert answer.json()["ok"] is False
        assert answer.json()["error"]
    elif form == "":
        page = Page(answer.text)
        assert page.texts("h1") == ["This request could not be answered"]
        assert page.texts("p", class_="lede")[0].strip()
        assert "/ketamine_pain/claims_flat" in page.attributes("href", "a")
    else:
        assert answer.text.startswith("400 ")


# Datasette forgets the facets behind the one that fails.
@pytest.mark.filterwarnings("ignore:coroutine:RuntimeWarning")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("claims_flat?_facet_array=stance", 400),
        ("uncited_claims?_next=nonsense", 400),
        ("uncited_claims?_sort=nonsense", 400),
        ("uncited_claims?_facet=nonsense", 400),
        ("search?_timelimit=nonsense", 400),
        ("claim_conditions/a", 400),
        ("claims/nobody", 404),
        ("nothing", 404),
        ("nothing.json", 404),
        ("claims_flat?_next=nonsense", 200),
    ],
)
def test_other_pages_say_so_too(site, capsys, path, status):
    answer = site.get(f"{site.database}/{path}")
    assert answer.status_code == status
    assert "Traceback" not in "".join(capsys.readouterr())


def test_a_query_that_takes_too_long_is_told_so(site):
    endless = "with recursive c(x) as (select 1 union all select x + 1 from c) select count(*) from c"
    for form in ("", ".json", ".csv"):
        answer = site.get(f"{site.database}{form}", params={"sql": endless, "_timelimit": "5"})
        assert answer.status_code == 400
        assert "took too long" in answer.text
        # What was typed stays, to be made cheaper.
        assert (endless in answer.text.partition("<textarea")[2]) == (form == "")


def test_a_fault_of_ours_is_logged_and_not_shown(site, capsys, monkeypatch):
    def fail(*_: object) -> str:
        raise ValueError("a secret of the machine")

    site.get(f"{site.database}/claims_flat")  # makes the templates
    monkeypatch.setitem(site.datasette.jinja_env.globals, "count_rows", fail)
    answer = site.get(f"{site.database}/claims_flat")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "an error of the site" in answer.text
    assert "a secret of the machine" in capsys.readouterr().err


def test_what_is_wrong_is_named_with_its_mend(site):
    told = site.get(f"{site.database}/claims_flat.json?condition_id=wandering-pain").json()["error"]
    assert told == "condition_id: this table has no column condition_id; use _condition_id"
    told = site.get(f"{site.database}/claims_flat.json?_facet=nonsense").json()["error"]
    assert told == "_facet=nonsense: this table has no column of that name"


def test_a_search_for_nonsense_returns_no_row_of_any_table(site):
    tables = site.metadata["databases"]["ketamine_pain"]["tables"]
    database = site.datasette.get_database()
    searchable = [name for name in tables if wait_for(database.fts_table(name))]
    assert {"claims_flat", "claims", "passages", "conditions", "references"} <= {*searchable}
    for name in searchable:
        for words in ("xyzzyx", '"xyzzyx', "pain xyzzyx"):
            answer = site.get(f"{site.database}/{name}.json", params={"_search": words})
            assert answer.json()["rows"] == [], name


def test_labels_show_for_text_keys(site, package):
    """A key that is a text is shown by the label of its row, on tables and in facets."""
    seen = 0
    for resource in (*package.resources, *package.derived):
        for key in resource.foreign_keys:
            target = package.by_name[key.resource or resource.name]
            label = target.publishing.get("label")
            if label in (None, *key.reference_fields) or not site.rows(f"{resource.name}.json"):
                continue
            (column,) = key.fields
            rows = site.rows(f"{resource.name}.json?{column}__notnull=1&_label={column}&_size=1")
            if rows:
                seen += 1
                cell = rows[0][column]
                (shown,) = site.rows(
                    f"{target.name}.json?{key.reference_fields[0]}={cell['value']}&_labels=off"
                )
                assert cell["label"] == shown[label], (resource.name, column)
    assert seen > 10
    sources = ask_claims(site, "")["facet_results"]["source_id"]["results"]
    assert {item["label"] for item in sources} == {row["short_name"] for row in site.rows("sources.json")}


def test_facets_of_columns_are_counted_from_an_index_alone(db):
    for column in ("source_id", "stance", "certainty"):
        sql = f"select {column}, count(*) from claims_flat where certainty = 'hedged' group by {column}"
        plan = " ".join(row["detail"] for row in db.execute(f"explain query plan {sql}"))
        assert "COVERING INDEX" in plan, column
