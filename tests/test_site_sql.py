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
        cursor = db.execute(sql, {"q": "x", "kind": "", "condition_id": "", "source_id": ""})
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
