"""Editions of the data: no document can be read in one without them, and every quote can be verified."""

import base64
import collections
import csv
import html
import io
import itertools
import json
import re
import sqlite3
import unicodedata
import zipfile
from contextlib import closing
from pathlib import PurePath

import pyarrow.parquet as pq
import pytest
from packpress.tables.rows import read_tables

from invented.packages import build
from packpress import read_package
from scripts.curation.anchors import derive_anchors
from scripts.curation.words import RUN_LENGTH, split_words
from tests.conftest import ROOT

pytestmark = pytest.mark.long

PACKAGE = read_package(ROOT / "datapackage.json")
# How many characters of its passage stand before and behind a quote in claims_flat.
CONTEXT = 40
# What begins the name of a place that is a file as it is, in which cells run into each other.
BYTES = "bytes of "


@pytest.fixture(scope="module", params=["quotes", "none"])
def edition(request, tmp_path_factory):
    """The name of an edition and a build of the real package in it."""
    output = tmp_path_factory.mktemp(request.param) / "build"
    return request.param, build(ROOT / "datapackage.json", output, request.param)


def open_db(folder):
    return closing(sqlite3.connect(folder / "ketamine_pain.db"))


def column_of(db, table, name):
    return [value for (value,) in db.execute(f'select "{name}" from "{table}" order by rowid')]


def test_every_quote_can_still_be_verified(edition):
    with open_db(edition[1]) as db:
        anchored = db.execute(
            "select row_id from anchors where table_name = 'claims' and field_name = 'quote'"
        )
        assert sorted(key for (key,) in anchored) == column_of(db, "claims", "claim_id")


def test_the_full_edition_carries_the_documents_under_their_own_rights(root, built):
    with zipfile.ZipFile(next(built.glob("*.zip"))) as archive:
        raw = json.loads(archive.read("datapackage.json"))
        documents = [item for item in raw["resources"] if item["path"].endswith(".txt")]
        assert len(documents) == len(list((root / "data" / "sources").iterdir()))
        for item in documents:
            assert archive.read(item["path"]) == (root / item["path"]).read_bytes()
            assert item["licenses"] != raw["licenses"]


def plain(text):
    """The text without accents, as the full-text indexes hold it."""
    return "".join(
        letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter)
    )


def runs_of(text):
    """Every run of eight words."""
    words = split_words(plain(text))
    return {tuple(words[at : at + RUN_LENGTH]) for at in range(len(words) - RUN_LENGTH + 1)}


def read_documents(tables):
    return {
        row["source_id"]: (ROOT / row["path"]).read_bytes().decode(row["encoding"])
        for row in tables["sources"].rows
    }


def read_cells(db):
    """Every text of every table, shadow tables too, by table; blobs as far as they are text."""
    tables = [name for (name,) in db.execute("select name from sqlite_master where type = 'table'")]
    for name in [*tables, "sqlite_master"]:
        for row in db.execute(f'select * from "{name}"'):
            for value in row:
                if isinstance(value, str | bytes):
                    yield name, value if isinstance(value, str) else value.decode("utf-8", "replace")


def read_indexes(db):
    """The words of each cell that a full-text index was made of, put together again from the index alone."""
    indexes = db.execute("select name from sqlite_master where sql like 'create virtual table%fts5(%'")
    for (name,) in indexes.fetchall():
        db.execute(f"create virtual table temp.words using fts5vocab(main, '{name}', 'instance')")
        found = db.execute("select doc, col, term from temp.words order by doc, col, offset")
        for _, group in itertools.groupby(found, lambda row: row[:2]):
            yield name, " ".join(term for _, _, term in group)
        db.execute("drop table temp.words")


def read_strings(value):
    """Every string in a JSON document."""
    if isinstance(value, str):
        yield value
    for item in value if isinstance(value, list) else value.values() if isinstance(value, dict) else ():
        yield from read_strings(item)


def read_parquet(data):
    file = pq.ParquetFile(io.BytesIO(data))
    for key, value in (file.metadata.metadata or {}).items():
        text = base64.b64decode(value) if key == b"ARROW:schema" else value
        yield text.decode("utf-8", "replace")
    for column in file.read().columns:
        yield from (str(value) for value in column.to_pylist())


def read_file(name, data):
    """The texts in a file by the place where each stands: its bytes as they are, then cell by cell."""
    text = data.decode("utf-8", "replace")
    yield f"{BYTES}{name}", text
    match PurePath(name).suffix:
        case ".zip" | ".xlsx":
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for item in archive.namelist():
                    for place, inner in read_file(item, archive.read(item)):
                        yield place.replace(item, f"{name}/{item}"), inner
        case ".parquet":
            yield from ((name, value) for value in read_parquet(data))
        case ".json":
            yield from ((name, value) for value in read_strings(json.loads(text)))
        case ".xml" | ".rels":
            yield f"{BYTES}{name}", html.unescape(re.sub("<[^>]*>", " ", text))
            yield from ((name, html.unescape(value)) for value in re.findall(">([^<]+)<", text))
        case ".csv":
            yield from ((name, cell) for row in csv.reader(io.StringIO(text, newline="")) for cell in row)
        case ".db":
            pass  # its tables and indexes are read as such
        case _:
            yield name, text


def read_build(folder):
    """Every text of a build, by the file, table or index that it stands in."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield from read_file(path.relative_to(folder).as_posix(), path.read_bytes())
    with open_db(folder) as db:
        yield from ((f"table {name}", text) for name, text in read_cells(db))
        yield from ((f"index {name}", text) for name, text in read_indexes(db))


def list_facts(tables):
    """The bibliographic facts of each reference, as words: its fields, its authors, the names of its numbers."""
    authors = collections.defaultdict(list)
    for row in tables["reference_authors"].rows:
        authors[row["reference_id"]].append(f"{row['family']} {row['initials']}")
    names = [item.name for item in tables["references"].resource.fields if item.raw.get("printed")]
    for row in tables["references"].rows:
        texts = [row[name] for name in names] + authors[row["reference_id"]] + ["doi", "pmid", "pmcid"]
        yield {words for text in texts if (words := tuple(split_words(plain(text))))}
    yield {tuple(split_words(plain(row["title"]))) for row in tables["sources"].rows if row["title"]}


def is_made_of(run, facts):
    """Whether a run of words is a stretch of facts that stand one after the other."""
    places = range(len(run))
    return any(
        fact[at : at + len(run)] == run for fact in facts for at in range(len(fact) - len(run) + 1)
    ) or any(
        run[: at + 1] == fact[-at - 1 :] and begins_with_facts(run[at + 1 :], facts)
        for at in places
        for fact in facts
    )


def begins_with_facts(run, facts):
    return not run or any(
        fact[: len(run)] == run or (run[: len(fact)] == fact and begins_with_facts(run[len(fact) :], facts))
        for fact in facts
    )


def list_quoted(tables, documents):
    """Every stretch of a document that an anchor says is quoted, those of claims with their stated context."""
    for source_id, start, end in list_spans(tables):
        yield documents[source_id][start:end]


def list_joined(tables, documents):
    """The same stretches, joined where nothing but blanks is between them, as pages show them in place."""
    spans = sorted(list_spans(tables))
    source_id, start, end = spans[0]
    for other in spans[1:]:
        if other[0] == source_id and not documents[source_id][end : other[1]].strip():
            end = max(end, other[2])
        else:
            yield documents[source_id][start:end]
            source_id, start, end = other
    yield documents[source_id][start:end]


def list_spans(tables):
    """The source, start and end of every quoted stretch."""
    positions = PACKAGE.by_name["anchors"].field_names
    passages = {row.key: row for row in tables["passages"].rows}
    claims = {row.key: passages[row["passage_id"]] for row in tables["claims"].rows}
    for record in derive_anchors(PACKAGE, tables):
        anchor = dict(zip(positions, record, strict=True))
        start, end = int(anchor["start_offset"]), int(anchor["end_offset"])
        if (anchor["table_name"], anchor["field_name"]) == ("claims", "quote"):
            passage = claims[anchor["row_id"]]
            start = max(start - CONTEXT, int(passage["start_offset"]))
            end = min(end + CONTEXT, int(passage["end_offset"]))
        if (anchor["table_name"], anchor["field_name"]) != ("passages", "text"):
            yield anchor["source_id"], start, end


@pytest.fixture(scope="module")
def words_of_documents():
    """The runs of the documents that each edition may not hold, and all of them."""
    tables = read_tables(PACKAGE)
    documents = read_documents(tables)
    every = set().union(*map(runs_of, documents.values()))
    facts = list(list_facts(tables))
    own = {run for run in every if not any(is_made_of(run, of_one) for of_one in facts)}
    quoted = set().union(*map(runs_of, list_quoted(tables, documents)))
    return {"every": every, "none": own, "quotes": own - quoted}


def test_no_eight_words_in_a_row_are_left_of_what_an_edition_leaves_out(edition, words_of_documents):
    name, folder = edition
    forbidden = words_of_documents[name]
    assert len(forbidden) > 500
    found = {
        (place, " ".join(run))
        for place, text in read_build(folder)
        # Quotes that stand side by side in a row may happen to continue each other.
        if name == "none" or not place.startswith(BYTES)
        for run in runs_of(text) & forbidden
    }
    assert sorted(found) == []


def test_eight_words_in_a_row_are_found_wherever_they_stand(built, words_of_documents):
    forbidden = words_of_documents["quotes"]
    places = {place for place, text in read_build(built) if runs_of(text) & forbidden}
    tables = {place for place in places if not place.startswith(BYTES)}
    zipped, workbook = f"{PACKAGE.name}-{PACKAGE.version}.zip", f"{PACKAGE.name}.xlsx"
    documents = [f"data/sources/{name}.txt" for name in read_documents(read_tables(PACKAGE))]
    assert tables - {place for place in tables if place.startswith(workbook)} == {
        *("csv/passages.csv", "parquet/passages.parquet"),
        *("table passages", "table passages_fts", "table search_index", "table search_index_content"),
        *("index passages_fts", "index search_index", "table search_stems", "index search_stems"),
        "anchors.jsonld",
        *(f"{zipped}/{name}" for name in (*documents, "data/passages.csv", "anchors.jsonld")),
    }
    assert len([place for place in tables if place.startswith(f"{workbook}/xl/worksheets/sheet")]) == 1
    assert f"{BYTES}{PACKAGE.database_name}.db" in places
