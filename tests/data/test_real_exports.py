"""The references, mappings and anchors of the data as other tools read them: what the tables say, and nothing else."""

import csv
import json
import sqlite3
from contextlib import closing
from urllib.parse import unquote

import pytest
from packpress.publish.catalogues.addresses import escape_key

from tests.conftest import ROOT

VARIABLES = {
    "title": "title",
    "container-title": "container_title",
    "volume": "volume",
    "issue": "issue",
    "page": "locator",
    "number": "number",
    "edition": "edition",
    "publisher": "publisher",
    "DOI": "doi",
    "PMID": "pmid",
    "PMCID": "pmcid",
    "URL": "url",
}


@pytest.fixture(scope="module")
def db(built):
    with closing(sqlite3.connect(built / "ketamine_pain.db")) as db:
        db.row_factory = sqlite3.Row
        yield db


def read_json(file):
    return json.loads(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("form", "table"), [("corrected", "bibliography"), ("printed", '"references"')])
def test_works_are_as_the_tables_have_them(built, db, form, table):
    works = {work["id"]: work for work in read_json(built / "bibliography" / f"references.{form}.csl.json")}
    rows = db.execute(f"select * from {table}").fetchall()
    assert {row["reference_id"] for row in rows} == works.keys()
    for row in rows:
        work = works[row["reference_id"]]
        assert {name: work.get(name) for name in VARIABLES} == {
            name: row[column] for name, column in VARIABLES.items()
        }
        assert work.get("issued") == ({"date-parts": [[row["year"]]]} if row["year"] else None)
        if form == "corrected":
            names = (f"{name['family']} {name.get('given', '')}".strip() for name in work.get("author", ()))
            assert ", ".join(names) == (row["authors"] or "")


def test_every_correction_is_told_apart(built, db):
    forms = (
        read_json(built / "bibliography" / f"references.{form}.csl.json") for form in ("printed", "corrected")
    )
    printed, corrected = ({work["id"]: work for work in form} for form in forms)
    changed = {key for key in printed if printed[key] != corrected[key]}
    assert changed == {row[0] for row in db.execute("select reference_id from corrections")}


def test_mappings_have_the_rows_of_their_table(built, db):
    lines = (built / "mappings.sssom.tsv").read_text(encoding="utf-8").splitlines()
    found = list(csv.DictReader([line for line in lines if not line.startswith("#")], delimiter="\t"))
    rows = {row["mapping_id"]: row for row in db.execute("select * from mappings")}
    assert len(found) == len(rows)
    for mapping in found:
        row = rows[mapping["record_id"].removeprefix("ketamine-pain.mappings:")]
        assert mapping["subject_id"] == f"ketamine-pain.{row['table_name']}:{row['row_id']}"
        assert (mapping["object_id"], mapping["rights"]) == (row["object_id"], row["license"])


def test_every_selector_leads_to_its_anchor(built, db):
    collection = read_json(built / "anchors.jsonld")
    annotations = {item["id"].partition("#")[2]: item for item in collection["first"]["items"]}
    anchors = db.execute("select * from anchors join sources using (source_id)").fetchall()
    texts = {row["path"]: (ROOT / row["path"]).read_bytes().decode(row["encoding"]) for row in anchors}
    assert len(annotations) == len(anchors) == collection["total"]
    for row in anchors:
        key = ",".join(map(escape_key, (row["table_name"], row["row_id"], row["field_name"])))
        annotation = annotations[key]
        body, target = annotation["body"], annotation["target"]
        assert body["source"].startswith(f"ketamine_pain/{row['table_name']}/")
        assert body["selector"]["value"] == row["field_name"]
        position, quote = target["selector"]
        start, end = row["start_offset"], row["end_offset"]
        assert (position["start"], position["end"]) == (start, end)
        text = texts[unquote(target["source"])]
        assert quote["exact"] == text[start:end]
        words = quote.get("prefix", "") + quote["exact"] + quote.get("suffix", "")
        assert text.find(words) == start - len(quote.get("prefix", ""))
        assert text.find(words, text.find(words) + 1) < 0


def test_every_body_is_a_row(built, db):
    for item in read_json(built / "anchors.jsonld")["first"]["items"]:
        _, table, key = item["body"]["source"].split("/")
        names = [
            row["name"]
            for row in db.execute("select name, pk from pragma_table_info(?)", [table])
            if row["pk"]
        ]
        where = " and ".join(f'"{name}" = ?' for name in names)
        assert db.execute(f'select 1 from "{table}" where {where}', key.split(",")).fetchall()
