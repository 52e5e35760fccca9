"""Views and queries: they say of silence, of corrections and of coverage what the tables say."""

import re
import sqlite3
from collections.abc import Iterator

import pytest
from packpress.package.dictionary import read_views


@pytest.fixture(scope="module")
def db(built, package) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{built / package.database_name}.db?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    yield connection
    connection.close()


def ask(db: sqlite3.Connection, sql: str, **values: object) -> list[dict]:
    return [dict(row) for row in db.execute(sql, values)]


def count(db: sqlite3.Connection, sql: str) -> int:
    return int(db.execute(f"select count(*) from ({sql})").fetchone()[0])


@pytest.mark.parametrize("folder", ["views", "queries"])
def test_headers_describe_every_column_in_order(db, root, folder):
    for view in read_views(root / "sql" / folder):
        sql = f"select * from {view.name}" if folder == "views" else view.sql
        cursor = db.execute(sql, dict.fromkeys(re.findall(r":(\w+)", sql), "") | {"q": "x"})
        assert [column[0] for column in cursor.description] == list(view.columns), view.name


def test_sql_is_lower_case_and_quotes_the_keyword(root):
    for file in sorted((root / "sql").glob("*/*.sql")):
        body = "\n".join(line for line in file.read_text().splitlines() if not line.lstrip().startswith("--"))
        assert not {"SELECT", "FROM", "WHERE", "JOIN"} & {*body.split()}, file.name
        assert " references " not in re.sub("'[^']*'|\"references\"", "", body), file.name


@pytest.mark.parametrize(
    ("view", "table", "key"),
    [
        ("condition_evidence", "conditions", "condition_id"),
        ("routes_by_source", "routes", "route_id"),
        ("adverse_effects_by_source", "adverse_effects", "adverse_effect_id"),
    ],
)
def test_silence_has_its_row(db, view, table, key):
    pairs = count(db, f"select distinct {key}, source_id from {view}")
    assert pairs == count(db, f"select 1 from {table} cross join sources")
    silent = count(db, f"select distinct {key}, source_id from {view} where role = 'not_mentioned'")
    link = "claim_" + table
    named = f"select distinct {key}, source_id from {link} join claims using (claim_id) join passages using (passage_id)"
    assert silent == pairs - count(db, named)


def test_condition_evidence_counts_every_link_once(db):
    (total,) = ask(db, "select sum(claims) as claims from condition_evidence")
    assert total["claims"] == count(db, "select 1 from claim_conditions")


def test_coverage_accounts_for_every_passage_and_no_character_twice(db):
    rows = ask(db, "select * from coverage")
    assert sum(row["passages"] for row in rows) == count(db, "select 1 from passages")
    assert sum(row["claims"] for row in rows) == count(db, "select 1 from claims")
    assert all(row["with_claims"] + row["without_claims"] == row["passages"] for row in rows)
    quoted = {
        (row["source_id"], place)
        for row in ask(db, "select * from anchors where table_name = 'claims' and field_name = 'quote'")
        for place in range(row["start_offset"], row["end_offset"])
    }
    assert sum(row["characters_quoted"] for row in rows) == len(quoted)


def test_claims_flat_stands_for_every_claim_in_its_context(db):
    rows = ask(db, "select claims_flat.*, text from claims_flat join passages using (passage_id)")
    assert len(rows) == count(db, "select 1 from claims")
    for row in rows:
        around = (row["context_before"] or "") + row["quote"] + (row["context_after"] or "")
        assert around in row["text"], row["claim_id"]
        assert len(row["context_before"] or "") <= 40
        assert len(row["context_after"] or "") <= 40


def test_labels_in_claims_flat_are_those_of_the_links(db):
    for row in ask(db, "select claim_id, conditions from claims_flat where conditions is not null"):
        labels = ask(
            db,
            "select distinct label from claim_conditions join conditions using (condition_id) where claim_id = :id",
            id=row["claim_id"],
        )
        assert row["conditions"] == "; ".join(sorted(label["label"] for label in labels))


@pytest.mark.parametrize(
    ("column", "roles"),
    [
        ("actors", ["actor"]),
        ("sites", ["site"]),
        ("jurisdictions", ["jurisdiction"]),
        ("prior_treatments", ["prior_treatment"]),
    ],
)
def test_what_a_link_is_for_is_seen_in_claims_flat(db, column, roles):
    linked = list_links(db, roles)
    assert linked
    flat = ask(db, f"select claim_id, {column} as listed from claims_flat where {column} is not null")
    assert {row["claim_id"]: row["listed"].split("; ") for row in flat} == {
        claim_id: sorted({row["label"] for row in rows}) for claim_id, rows in linked.items()
    }


def test_an_outcome_is_seen_in_claims_flat_with_its_direction(db):
    flat = ask(db, "select claim_id, outcomes from claims_flat where outcomes is not null")
    assert {row["claim_id"]: row["outcomes"].split("; ") for row in flat} == {
        claim_id: sorted(f"{row['label']} ({row['direction'].replace('_', ' ')})" for row in rows)
        for claim_id, rows in list_links(db, ["outcome"]).items()
    }


def test_a_reason_is_seen_in_claims_flat_with_its_kind(db):
    reasons = ask(db, "select * from claim_reasons")
    flat = ask(db, "select claim_id, reasons from claims_flat where reasons is not null")
    assert {(row["claim_id"], reason) for row in flat for reason in row["reasons"].split("; ")} == {
        (row["claim_id"], f"{row['kind']} {row['reason_claim_id']}") for row in reasons
    }


def list_links(db, roles):
    """The links to concepts in these roles, by claim."""
    marks = ", ".join(f"'{role}'" for role in roles)
    links: dict[str, list[dict]] = {}
    for row in ask(
        db, f"select * from claim_concepts join concepts using (concept_id) where role in ({marks})"
    ):
        links.setdefault(row["claim_id"], []).append(row)
    return links


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("who_acts", ["actor", "issuer"]),
        ("outcomes_by_direction", ["outcome"]),
        ("sites_and_jurisdictions", ["site", "jurisdiction"]),
    ],
)
def test_a_question_about_a_role_shows_every_link_in_it(db, root, name, roles):
    rows = ask(db, (root / "sql" / "queries" / f"{name}.sql").read_text(encoding="utf-8"))
    asked = sorted((row["claim_id"], next(iter(row.values()))) for row in rows)
    linked = list_links(db, roles)
    assert asked == sorted((claim_id, row["label"]) for claim_id, rows in linked.items() for row in rows)


def test_the_question_about_earlier_treatments_shows_them_and_only_treatments_beside(db, root):
    rows = ask(db, (root / "sql" / "queries" / "prior_treatments.sql").read_text(encoding="utf-8"))
    earlier = [row["claim_id"] for row in rows if row["role"] == "prior_treatment"]
    assert sorted(earlier) == sorted(
        claim_id for claim_id, links in list_links(db, ["prior_treatment"]).items() for _ in links
    )
    beside = [row["treatment"] for row in rows if row["role"] != "prior_treatment"]
    kinds = {row["label"]: row["kind"] for row in ask(db, "select label, kind from concepts")}
    assert beside
    assert {kinds[label] for label in beside} <= {"substance", "substance_class", "treatment"}


def test_the_question_about_reasons_shows_both_claims_of_every_row(db, root):
    rows = ask(db, (root / "sql" / "queries" / "reasons.sql").read_text(encoding="utf-8"))
    statements = {row["claim_id"]: row["statement"] for row in ask(db, "select * from claims")}
    assert len(rows) == count(db, "select 1 from claim_reasons")
    for row in rows:
        assert row["statement"] == statements[row["claim_id"]]
        assert row["reason_statement"] == statements[row["reason_claim_id"]]


def test_the_question_about_names_shows_each_thing_once_with_every_name(db, root):
    rows = ask(db, (root / "sql" / "queries" / "names_of_things.sql").read_text(encoding="utf-8"))
    assert len({(row["table_name"], row["row_id"]) for row in rows}) == len(rows)
    shown = [
        (row["table_name"], row["row_id"], name, kind)
        for row in rows
        for kind in ("printed", "asked")
        for name in (row[kind] or "").split("; ")
        if name
    ]
    shown += [(row["table_name"], row["row_id"], row["label"], "label") for row in rows]
    stored = ask(db, "select table_name, row_id, name, origin from searchable_names")
    assert sorted(shown) == sorted(tuple(row.values()) for row in stored)


def test_bibliography_applies_every_correction_and_flags_it(db):
    for row in ask(db, "select * from corrections"):
        (shown,) = ask(db, "select * from bibliography where reference_id = :id", id=row["reference_id"])
        assert row["field"] in shown["corrected_fields"].split("; ")
        if row["position"] is None:
            assert str(shown[row["field"]]) == row["corrected"]
        else:
            assert row["corrected"] in shown["authors"]
    assert count(db, "select 1 from bibliography") == count(db, 'select 1 from "references"')


def test_disagreements_are_the_relations_that_do_not_agree(db):
    stored = count(db, "select 1 from claim_relations where relation not in ('agrees', 'complements')")
    assert count(db, "select 1 from disagreements") == stored
    for row in ask(db, "select * from disagreements where relation = 'qualifies'"):
        pair = {"one": row["first_claim_id"], "other": row["second_claim_id"]}
        kept = "select 1 from claim_relations where claim_id = :one and related_claim_id = :other"
        assert ask(db, kept, **pair)


def test_uncited_claims_cite_nothing(db):
    cited = count(db, "select distinct claim_id from claim_references")
    assert count(db, "select 1 from uncited_claims") == count(db, "select 1 from claims") - cited


def test_every_thing_that_can_be_found_is_indexed_once(db):
    things = ["conditions", "routes", "adverse_effects", "concepts", "questions", "claim_types"]
    tables = ["sources", "claims", *things, '"references"']
    rows = sum(count(db, f"select 1 from {table}") for table in tables)
    rows += count(db, "select 1 from passages where text <> ''")
    rows += count(db, "select 1 from search_index where kind = 'query'")
    assert count(db, "select 1 from search_index") == rows
    assert count(db, "select distinct kind, row_id from search_index") == rows


def test_sources_stand_in_their_order(db):
    order = [row["short_name"] for row in ask(db, "select short_name from sources order by position")]
    for view in ("condition_evidence", "coverage", "uncited_claims"):
        seen = [row["source"] for row in ask(db, f"select source from {view}")]
        if view == "condition_evidence":
            assert list(dict.fromkeys(seen)) == order
        else:
            assert seen == sorted(seen, key=order.index)
