"""`.parquet` in place of `.json`: the same columns and values, every row, and never success on failure."""

import asyncio
import datetime
import io
import shutil
import sqlite3
import sys
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import duckdb
import pandas
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.site_client import Site, serve_build, wait_for

pytestmark = pytest.mark.long

# Fewer rows than the table has, or another order of them, or other columns.
NARROWED = [
    "claims_flat?stance=supports",
    "claims_flat?stance__isnull=1&_sort=statement",
    "claims_flat?_search=pain&_sort_desc=statement",
    "claims_flat?_search=long+pain&certainty=hedged",
    "claims_flat?_sort=stance",
    "claims_flat?_sort_desc=stance",
    "claims_flat?_sort=claim_type&_col=statement&_col=hedge",
    "claims_flat?_nocol=quote&_nocol=statement",
    "claims_flat?_condition_id=long-pain",
    "claims_flat?_facet=stance&statement__contains=ketamine",
    "references?year__gt=2015&_sort_desc=year",
    "sources?_sort=published_date",
    "claim_concepts?role__in=subject,outcome",
    "condition_evidence?role=treated&_sort_desc=claims",
    "adverse_effects_by_source?_sort=adverse_effect",
]
ASKED = [
    "search?q=pain",
    "search?q=xyzzyx",
    "support_for_condition?condition_id=wandering-pain",
    "hedged_claims?source_id=guidance",
]
# Numbers from 1 to 5,000, with a fault in the last but one.
BREAKING = (
    "with recursive t(n) as (select 1 union all select n + 1 from t where n < 5000)"
    " select case n when 4999 then abs(-9223372036854775807 - 1) else n end as n from t"
)
ENDLESS = "with recursive t(n) as (select 1 union all select n + 1 from t) select n, n || 'x' from t"


@pytest.fixture(scope="module")
def site(root, package, built) -> Site:
    site = Site(root, package, built)
    # Below the number of claims, so that one page is not the whole.
    site.datasette.max_returned_rows = 30
    site.datasette._settings["default_allow_sql"] = True
    return site


@pytest.fixture(scope="module")
def database(built):
    with closing(sqlite3.connect(built / "ketamine_pain.db")) as database:
        yield database


def take(site: Site, path: str) -> bytes:
    address, joint, query = f"{site.database}{path}".partition("?")
    answer = site.get(f"{address}.parquet{joint}{query}")
    assert answer.status_code == 200, f"{path}: {answer.text[:200]}"
    assert answer.headers["content-type"] == "application/vnd.apache.parquet"
    assert int(answer.headers["content-length"]) == len(answer.content)
    return answer.content


def read(site: Site, path: str) -> pa.Table:
    return pq.read_table(io.BytesIO(take(site, path)))


def question(sql: str) -> str:
    return f"?{urlencode({'sql': sql})}"


def plain(table: pa.Table) -> list[tuple]:
    """The rows as SQLite has them."""

    def as_stored(value):
        if isinstance(value, bool):
            return int(value)
        return value.isoformat() if isinstance(value, datetime.date) else value

    return list(zip(*(map(as_stored, column.to_pylist()) for column in table.columns), strict=True))


def all_pages(site: Site, path: str) -> tuple[list[str], list[tuple]]:
    """Columns and rows of the JSON, one page after the other."""
    address, joint, query = f"{site.database}{path}".partition("?")
    found = site.get(f"{address}.json?{query}{'&' * bool(query)}_size=max").json()
    rows = found["rows"]
    while found.get("next_url"):
        found = site.get(found["next_url"].replace("http://localhost", "")).json()
        rows += found["rows"]
    return found["columns"], [tuple(row) for row in rows]


def names_of(database, kind: str) -> list[str]:
    found = database.execute("select name from sqlite_master where type = ?", [kind])
    return [name for (name,) in found if not name.startswith("sqlite_")]


def test_every_table_is_what_sql_reads(site, database):
    for name in names_of(database, "table"):
        table = read(site, f"/{name}")
        # What a full-text index has under its own name is a place in memory.
        table = table.select([column for column in table.column_names if column != name])
        columns = ", ".join(f'"{column}"' for column in table.column_names)
        rows = database.execute(f'select {columns} from "{name}"').fetchall()
        assert sorted(plain(table), key=repr) == sorted(rows, key=repr), name


def test_every_view_is_what_sql_reads(site, database):
    for name in names_of(database, "view"):
        found = database.execute(f'select * from "{name}"')
        table = read(site, f"/{name}")
        assert table.column_names == [column[0] for column in found.description]
        assert plain(table) == found.fetchall(), name


def test_every_declared_table_and_view_is_what_json_pages_through(site, package, database):
    for name in [*package.by_name, *names_of(database, "view")]:
        table = read(site, f"/{name}")
        assert (table.column_names, plain(table)) == all_pages(site, f"/{name}"), name


@pytest.mark.parametrize("path", NARROWED)
def test_a_narrowed_table_is_what_json_pages_through(site, path):
    table = read(site, f"/{path}")
    columns, rows = all_pages(site, f"/{path}")
    assert rows
    assert (table.column_names, plain(table)) == (columns, rows)


def test_every_query_is_what_sql_reads(site, database):
    queries = site.metadata["databases"]["ketamine_pain"]["queries"]
    for path in [*queries, *ASKED]:
        name, _, values = path.partition("?")
        asked = defaultdict(str, parse_qsl(values))
        found = database.execute(queries[name]["sql"], asked)
        table = read(site, f"/{path}")
        assert table.column_names == [column[0] for column in found.description], path
        assert plain(table) == found.fetchall(), path


def test_a_query_longer_than_a_page_is_whole(site, database):
    sql = "select * from anchors order by row_id desc, field_name, table_name"
    table = read(site, question(sql))
    assert table.num_rows > 10 * site.datasette.max_returned_rows
    assert plain(table) == database.execute(sql).fetchall()


def test_a_row_is_one_row(site, database):
    table = read(site, "/claims/guidance-c001")
    rows = database.execute("select * from claims where claim_id = 'guidance-c001'").fetchall()
    assert plain(table) == rows
    assert len(rows) == 1


def test_the_page_that_somebody_is_on_does_not_matter(site):
    columns, rows = all_pages(site, "/claims_flat?certainty=asserted")
    answer = site.get(f"{site.database}/claims_flat.json?certainty=asserted&_size=20").json()
    second = answer["next_url"].partition("?")[2]
    assert plain(read(site, f"/claims_flat?{second}&_labels=on")) == rows
    assert len(rows) > 20


def test_the_schema_is_that_of_the_build(site, package, built):
    for resource in (*package.resources, *package.derived):
        schema = read(site, f"/{resource.name}").schema
        written = pq.read_schema(built / "parquet" / f"{resource.name}.parquet")
        assert schema.remove_metadata() == written.remove_metadata(), resource.name
        for item in schema:
            assert item.equals(written.field(item.name), check_metadata=True), f"{resource.name}.{item.name}"


def test_a_view_and_a_query_say_what_their_columns_mean(site):
    for name in ("bibliography", "hedged_claims"):
        texts = [(item.metadata or {}).get(b"description") for item in read(site, f"/{name}").schema]
        assert all(texts), name


KINDS = {
    "1 union all select 2": (pa.int64(), [1, 2]),
    "1 union all select null": (pa.int64(), [1, None]),
    "9223372036854775807": (pa.int64(), [9223372036854775807]),
    "1 union all select 2.5": (pa.float64(), [1.0, 2.5]),
    "9007199254740993 union all select 0.5": (pa.string(), ["9007199254740993", "0.5"]),
    "'1' union all select 2": (pa.string(), ["1", "2"]),
    "null": (pa.string(), [None]),
    "x'00ff'": (pa.binary(), [b"\x00\xff"]),
    "x'00ff' union all select 'a'": (pa.string(), ["AP8=", "a"]),
    "1 where 0": (pa.string(), []),
}


@pytest.mark.parametrize(("sql", "kind"), KINDS.items(), ids=KINDS)
def test_values_decide_the_type_of_what_a_query_computes(site, sql, kind):
    table = read(site, question(f"select * from (select {sql.replace(' union', ' as a union', 1)})"))
    assert (table.schema.types[0], table.columns[0].to_pylist()) == kind


def test_a_value_beyond_the_first_page_decides_too(site):
    sql = "with recursive t(n) as (select 1 union all select n + 1 from t where n < 3000)"
    table = read(site, question(f"{sql} select iif(n = 2999, 'last', n) as a from t"))
    assert table.column("a").to_pylist()[-2:] == ["last", "3000"]


def test_two_columns_of_one_name_have_two(site):
    assert read(site, question("select 1 as a, 2 as A, 3 as a")).column_names == ["a", "A_2", "a_3"]


@pytest.mark.parametrize(
    "path", ["/claims_flat?stance=zzz", "/condition_evidence?source=zzz", "/search?q=xyzzyx"]
)
def test_nothing_found_is_a_file_with_columns_and_no_rows(site, path, tmp_path):
    (tmp_path / "a.parquet").write_bytes(take(site, path))
    table = pq.read_table(tmp_path / "a.parquet")
    assert (table.num_rows, table.column_names) == (0, all_pages(site, path)[0])
    assert pandas.read_parquet(tmp_path / "a.parquet").empty
    assert duckdb.sql(f"select count(*) from '{tmp_path / 'a.parquet'}'").fetchall() == [(0,)]


@pytest.mark.parametrize("path", ["/claims_flat?stance=supports", "/bibliography", "/hedged_claims"])
def test_pandas_and_duckdb_read_what_pyarrow_reads(site, path, tmp_path):
    (tmp_path / "a.parquet").write_bytes(take(site, path))
    rows = plain(pq.read_table(tmp_path / "a.parquet"))
    frame = pandas.read_parquet(tmp_path / "a.parquet", dtype_backend="numpy_nullable")
    told = [
        tuple(None if value is pandas.NA else value for value in row) for row in frame.itertuples(index=False)
    ]
    found = duckdb.sql(f"select * from '{tmp_path / 'a.parquet'}'").fetchall()
    for read_rows in (told, found):
        assert [tuple(map(str, row)) for row in read_rows] == [tuple(map(str, row)) for row in rows]


@pytest.mark.parametrize(
    "path",
    [
        "/claims_flat?stance=supports",
        "/claim_types/use",
        "/hedged_claims",
        question("select 1 as a"),
    ],
)
def test_a_page_of_rows_offers_them_as_parquet(site, path):
    page = site.page(f"{site.database}{path}")
    address = f"{site.database}{path}".partition("?")[0] + ".parquet"
    (link,) = {link for link in page.attributes("href", "a") if link.partition("?")[0] == address}
    assert plain(pq.read_table(io.BytesIO(site.get(link).content))) == plain(read(site, path))


WRONG = {
    "/nothing.parquet": 404,
    "/claims/nobody.parquet": 404,
    ".parquet": 404,
    "/claims.parquet?_col=nothing": 400,
    f".parquet{question('delete from claims')}": 400,
    f".parquet{question('select nothing')}": 400,
    f".parquet{question(BREAKING)}": 400,
}


@pytest.mark.parametrize(("path", "status"), WRONG.items(), ids=[path[:40] for path in WRONG])
def test_what_cannot_be_answered_is_a_plain_error(site, path, status):
    answer = site.get(f"{site.database}{path}")
    assert answer.status_code == status
    assert answer.text.startswith(str(status))
    assert answer.text.count("\n") == 1


def test_a_fault_in_the_middle_is_not_a_success(site):
    # The first page is without fault.
    assert len(site.get(f"{site.database}.json{question(BREAKING)}").json()["rows"]) == 30
    assert site.get(f"{site.database}.parquet{question(BREAKING)}").text == "400 integer overflow\n"


def test_who_may_not_ask_gets_nothing(root, package, built):
    site = Site(root, package, built)
    site.datasette._settings["default_allow_sql"] = False
    assert site.get(f"{site.database}.parquet{question('select 1')}").status_code == 403
    assert site.get(f"{site.database}/claims.parquet").status_code == 200


def test_other_methods_and_a_look_at_the_head(site):
    async def ask(method: str):
        return await site.datasette.client.request(method, f"{site.database}/claims.parquet")

    head = wait_for(ask("HEAD"))
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-disposition"] == 'attachment; filename="claims.parquet"'
    assert wait_for(ask("PUT")).status_code == 405


def open_files() -> list[str]:
    """What this process holds open and nobody else can find."""
    links = (str(entry.readlink()) for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink())
    return [link for link in links if link.endswith("(deleted)")]


@contextmanager
def settings(site: Site, **values: int) -> Iterator[None]:
    before = dict(site.datasette._settings)
    site.datasette._settings.update(values)
    try:
        yield
    finally:
        site.datasette._settings.update(before)


def test_a_query_without_end_is_stopped_and_leaves_nothing(site):
    before = open_files()
    with settings(site, sql_time_limit_ms=200):
        answer = site.get(f"{site.database}.parquet{question(ENDLESS)}")
    assert (answer.status_code, answer.text) == (400, "400 Finding these rows took too long; ask for fewer\n")
    assert open_files() == before


def test_an_answer_larger_than_the_site_gives_out_is_refused(site):
    sql = "with recursive t(n) as (select 1 union all select n + 1 from t where n < 20000)"
    before = open_files()
    with settings(site, max_csv_mb=1):
        large = question(f"{sql} select hex(randomblob(1000)) as a from t")
        answer = site.get(f"{site.database}.parquet{large}")
        assert (answer.status_code, answer.text[:35]) == (400, "400 These rows are more than 1 MB; ")
        assert read(site, "/claims").num_rows > 0
    assert open_files() == before


def test_a_full_disk_is_an_error(site, monkeypatch):
    full = partial(Path("/dev/full").open, "w+b", buffering=0)
    monkeypatch.setattr(sys.modules["packpress.web.tables.parquet_file"], "TemporaryFile", full)
    answer = site.get(f"{site.database}/claims.parquet")
    assert (answer.status_code, answer.text) == (507, "507 The server's disk is full\n")


def test_a_client_that_goes_away_stops_the_work(site):
    sent = []

    async def receive():
        await asyncio.sleep(0.5)
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    async def leave() -> None:
        scope = {
            "type": "http",
            "method": "GET",
            "path": f"{site.database}.parquet",
            "raw_path": f"{site.database}.parquet".encode(),
            "query_string": question(ENDLESS)[1:].encode(),
            "headers": [(b"host", b"localhost")],
        }
        await site.datasette.app()(scope, receive, send)

    before, began = open_files(), time.monotonic()
    wait_for(leave())
    assert {message.get("status", 499) for message in sent} == {499}
    while open_files() != before:
        assert time.monotonic() - began < 10, "the work goes on"
        time.sleep(0.05)


@pytest.mark.long
def test_memory_does_not_grow_with_the_rows(built, tmp_path):
    """Half a gigabyte of rows, by their types and by their values, in a server of its own."""
    file = tmp_path / "build" / "ketamine_pain.db"
    file.parent.mkdir()
    for name in (file.name, "site.json"):
        shutil.copy(built / name, file.parent)
    with closing(sqlite3.connect(file)) as database, database:
        numbers = "with recursive t(n) as (select 1 union all select n + 1 from t where n < 500000)"
        database.execute("create table many (many_id integer primary key, words text not null) strict")
        database.execute(
            f"insert into many {numbers} select n, hex(randomblob(4)) || printf('%.1000c', 'x') from t"
        )
        database.execute("create view all_of_many as select * from many")
        columns = "table_name, field_name, position, title, type, required, ordered, verbatim, left_out"
        for place, (name, kind) in enumerate([("many_id", "integer"), ("words", "string")]):
            row = ("many", name, place, name, kind, 1, 0, 0, 0)
            database.execute(
                f"insert into data_dictionary ({columns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?)", row
            )
    others = children()
    with serve_build(file.parent) as address:
        (server,) = children() - others
        fetch(f"{address}/ketamine_pain/claims.parquet", tmp_path / "a.parquet")
        before = peak_memory(server)
        for name in ("many", "all_of_many"):
            fetch(f"{address}/ketamine_pain/{name}.parquet", tmp_path / "a.parquet")
            assert pq.ParquetFile(tmp_path / "a.parquet").metadata.num_rows == 500_000
        assert peak_memory(server) - before < 150 * 2**20


def fetch(address: str, file: Path) -> None:
    with urllib.request.urlopen(address, timeout=300) as answer, file.open("wb") as sink:
        shutil.copyfileobj(answer, sink)


def peak_memory(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def children() -> set[int]:
    found = Path("/proc/self/task").glob("*/children")
    return {int(process) for file in found for process in file.read_text(encoding="ascii").split()}
