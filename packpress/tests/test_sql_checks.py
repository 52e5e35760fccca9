"""SQL checks: the rows that a query of the package returns are problems, and each query proves that it can fail."""

import json
import re
import sqlite3
import zipfile
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from packpress.checks import queries
from packpress.checks.validation import format_json, format_text
from packpress.package.sql_checks import SqlCheck, read_sql_checks

import packpress
from invented.commands import invoke
from invented.findings import locate_all
from invented.packages import field, table, write_package
from packpress import read_package
from tests.conftest import ROOT
from tests.walkthrough import follow, write_files

PAGE = ROOT / "docs" / "sql-checks.md"
KEY = {"fields": "boat", "reference": {"resource": "boats", "fields": "id"}}


def write_fleet(folder, voyages, checks, boats="id,built\nada,1998\nida,2011\n", **properties):
    """A package of two tables and its checks, by name."""
    (folder / "checks").mkdir(parents=True, exist_ok=True)
    for name, text in checks.items():
        (folder / "checks" / f"{name}.sql").write_text(text, encoding="utf-8")
    return write_package(
        folder,
        table("boats", boats, [field("id"), field("built", "year")], primaryKey="id"),
        table(
            "voyages",
            voyages,
            [
                field("id"),
                field("boat"),
                field("day", "date"),
                field("kg", "number"),
                field("sold", "boolean"),
                field("port"),
            ],
            primaryKey="id",
            foreignKeys=[KEY],
        ),
        **{"validation": {"checks": ["checks/*.sql"]}, **properties},
    )


def check_text(query, **header):
    entries = {"table": "voyages", "mend": "mend it", **header}
    return "-- wrong\n" + "".join(f"-- {name}: {text}\n" for name, text in entries.items()) + query


def found(descriptor, with_notices=False):
    return locate_all(packpress.validate(read_package(descriptor)), with_notices)


HEAD = "id,boat,day,kg,sold,port\n"
VALID = f"{HEAD}v1,ada,2024-01-02,12,true,Wick\nv2,ida,2024-01-03,900.5,false,Wick\nv3,ida,,,,\n"
# Of each shape of rule one, with what makes a valid package break it: the cell, and where it is then found.
RULES = {
    "required-if": (
        "select id from voyages where kg > 500 and port is null",
        ("900.5,false,Wick", "900.5,false,"),
        3,
    ),
    "joined": (
        "select v.id from voyages v join boats b on b.id = v.boat where substr(day, 1, 4) < cast(built as text)",
        ("2024-01-03", "2010-12-31"),
        3,
    ),
    "using": (
        "with b as (select id as boat, built from boats) select id from voyages join b using (boat) where built > 2011 - kg and kg < 99",
        ("12,true", "13.5,true"),
        2,
    ),
    "truth": ("select id from voyages where sold = 1 and kg is null", ("12,true", ",true"), 2),
    "window": (
        "select id from (select id, day, lag(day) over (order by id) as before from voyages) where before > day",
        ("2024-01-02", "2024-02-02"),
        3,
    ),
    "rowid": ("select rowid from voyages where port = 'Wick' and boat is null", ("v1,ada", "v1,"), 2),
    "json": (
        "select voyages.id from voyages, json_each('[\"Kirkwall\"]') as j where port = j.value",
        ("true,Wick", "true,Kirkwall"),
        2,
    ),
    "all": (
        "select * from voyages where port not in (select port from voyages where port = 'Wick')",
        ("true,Wick", "true,Oban"),
        2,
    ),
    "missing-partner": (
        "select id from voyages v where not exists (select 1 from boats b where b.id = v.boat)",
        ("v3,ida", "v3,"),
        4,
    ),
}


@pytest.mark.parametrize("name", RULES)
def test_every_shape_of_rule_passes_what_is_valid_and_finds_its_mutant(name, tmp_path):
    query, (old, new), line = RULES[name]
    checks = {name: check_text(query)}
    assert found(write_fleet(tmp_path / "valid", VALID, checks)) == []
    mutant = VALID.replace(old, new)
    assert mutant.count(new) == 1 and mutant != VALID
    assert found(write_fleet(tmp_path / "mutant", mutant, checks)) == [f"voyages.csv:{line}: sql/{name}"]


@pytest.mark.parametrize(
    ("query", "mutant"),
    [
        ("select id from voyages where kg > 500", "select id from voyages where kg > 5000"),
        ("select id from voyages where kg >= 501", "select id from voyages where kg < 501"),
        ("select id from voyages where port is null", "select id from voyages where port = null"),
        ("select id from voyages where sold", "select id from voyages where not sold"),
    ],
)
def test_an_example_catches_a_slip_in_the_query(query, mutant, tmp_path):
    row = '{"id": "x", "kg": 501, "sold": true, "port": null}'
    text = f"{HEAD}v1,ada,2024-01-02,12,false,Wick\n"
    assert found(write_fleet(tmp_path / "a", text, {"c": check_text(query, fails=row)})) == []
    idle = "checks/c.sql:4: checks/idle"
    assert idle in found(write_fleet(tmp_path / "b", text, {"c": check_text(mutant, fails=row)}))


def test_an_example_leaves_no_row_behind(tmp_path):
    one = check_text("select id from voyages where kg > 500", fails='{"id": "x", "kg": 501}')
    other = check_text("select max(rowid) as rowid from voyages having max(kg) > 500")
    text = f"{HEAD}v1,ada,,12,,\n"
    assert found(write_fleet(tmp_path, text, {"a": one, "b": other})) == []


def test_a_warning_is_a_notice(tmp_path):
    checks = {"c": check_text("select id from voyages where kg > 500", level="warning", field="kg")}
    descriptor = write_fleet(tmp_path, VALID, checks)
    assert found(descriptor, True) == ['notice: voyages.csv:3: kg="900.5": sql/c']
    assert invoke("validate", descriptor).returncode == 0


def test_texts_show_columns_of_the_result_shortened(tmp_path):
    text = "-- {kg} of {word}\n-- table: voyages\n-- mend: ask {id}\n"
    text += f"select id, kg, '{'x ' * 90}' as word from voyages where id = 'v2'"
    (problem,) = packpress.validate(read_package(write_fleet(tmp_path, VALID, {"c": text}))).problems
    assert problem.message.startswith("900.5 of x x ") and problem.message.endswith("…; ask v2")
    assert len(problem.message) < 120


def test_a_row_with_a_faulty_cell_is_not_reported_twice(tmp_path):
    checks = {
        "kg": check_text("select id from voyages where kg is null and port is not null"),
        "port": check_text("select id from voyages where port = 'Wick'"),
    }
    text = f"{HEAD}v1,ada,,heavy,,Wick\nv2,ada,,,,Oban\n"
    assert found(write_fleet(tmp_path, text, checks)) == [
        "voyages.csv:2: sql/port",
        'voyages.csv:2: kg="heavy": schema/cell',
        "voyages.csv:3: sql/kg",
    ]


def test_a_key_that_was_changed_counts_as_restored(tmp_path):
    checks = {
        "c": check_text("select v.id from voyages v left join boats b on b.id = v.boat where b.id is null")
    }
    text = f"{HEAD}v1,idaa,,,,\nv2,idaa,,,,\nv3,ada,,,,\n"
    assert found(write_fleet(tmp_path, text, checks)) == [
        'boats.csv:3: id="ida": keys/renamed, offers "idaa"'
    ] or found(write_fleet(tmp_path, text, checks)) == ['boats.csv:3: id="ida": keys/renamed']


def test_a_table_that_cannot_be_read_leaves_its_checks_out(tmp_path):
    checks = {"c": check_text("select id from voyages where port = 'Wick'")}
    assert found(write_fleet(tmp_path, b"id\nv1\n".decode(), checks)) == ["voyages.csv:1: file/header"]


def test_a_table_without_a_key_is_reported_by_the_numbers_of_rows_also_in_parts(tmp_path):
    (tmp_path / "b.csv").write_text('a,rowid\n"x\ny",1\nz,2\n')
    raw = table("t", "a,rowid\np,3\n\nz,4\n", [field("a"), field("rowid", "integer")])
    (tmp_path / "c.sql").write_text(
        check_text("select _rowid_ as _rowid_ from t where a = 'z'", table="t", field="rowid")
    )
    descriptor = write_package(tmp_path, raw, validation={"checks": ["c.sql"]})
    raw = json.loads(descriptor.read_text())
    raw["resources"][0]["path"] = ["t.csv", "b.csv"]
    descriptor.write_text(json.dumps(raw))
    assert found(descriptor) == ['b.csv:4: rowid="2": sql/c', 't.csv:4: rowid="4": sql/c']


def test_keys_of_numbers_and_of_several_fields_are_found_again(tmp_path):
    fields = [field("n", "integer"), field("d", "date", format="%d.%m.%Y"), field("x", "number")]
    text = "n,d,x\n007,02.01.2024,1e3\n8,03.01.2024,999\n"
    (tmp_path / "c.sql").write_text(
        check_text("select d, n from t where x > 999 and d = '2024-01-02'", table="t")
    )
    item = table("t", text, fields, primaryKey=["n", "d"])
    assert found(write_package(tmp_path, item, validation={"checks": ["c.sql"]})) == ["t.csv:2: sql/c"]


def test_names_may_be_keywords_of_any_letters_and_tables_wide_and_cells_long(tmp_path):
    names = [f"Größe {n}" for n in range(300)] + ['a "b"']
    cells = [""] * 300 + ["x" * 300_000]
    head = ",".join(names[:-1]) + ',"a ""b"""\n'
    item = table("order", head + ",".join(cells) + "\n", [field(name) for name in names])
    query = 'select rowid, * from "order" where length("a ""b""") = 300000 and "größe 7" is null'
    (tmp_path / "c.sql").write_text(check_text(query, table="order"), encoding="utf-8")
    assert found(write_package(tmp_path, item, validation={"checks": ["c.sql"]})) == ["order.csv:2: sql/c"]


def test_many_findings_of_a_check_are_one_line(tmp_path):
    rows = "".join(f"v{n},ada,,{n},,\n" for n in range(500))
    descriptor = write_fleet(tmp_path, HEAD + rows, {"c": check_text("select id from voyages", field="kg")})
    report = packpress.validate(read_package(descriptor))
    lines = [line for line in format_text(report).splitlines() if line.startswith("voyages.csv")]
    assert len(lines) == 1 and "and 499 more of sql/c in kg" in lines[0]
    assert len(json.loads(format_json(report))["problems"]) == 500


@pytest.mark.parametrize("name", ["a", "rule-2", "a_b0"])
def test_the_code_of_a_check_is_one_that_the_schema_of_reports_allows(name, tmp_path):
    schema = json.loads((ROOT / "docs" / "report.schema.json").read_text(encoding="utf-8"))
    checks = {name: check_text("select id from voyages where kg > 500")}
    document = json.loads(format_json(packpress.validate(read_package(write_fleet(tmp_path, VALID, checks)))))
    Draft202012Validator(schema).validate(document)
    assert [one["code"] for one in document["problems"]] == [f"sql/{name}"]


def test_checks_are_counted_as_rules_of_the_tables_they_read(tmp_path):
    checks = {"c": check_text("select v.id from voyages v join boats b on b.id = v.boat where kg < 0")}
    report = packpress.validate(read_package(write_fleet(tmp_path, VALID, checks)))
    rules = {entry["name"]: entry["rules"] for entry in json.loads(format_json(report))["tables"]}
    assert rules == {"boats": 1, "voyages": 1}


HARMFUL = {
    "update voyages set kg = 1": "checks/query",
    "drop table voyages": "checks/query",
    "create table x (a)": "checks/query",
    "pragma journal_mode = wal": "checks/query",
    "vacuum into 'x.db'": "checks/query",
    "begin": "checks/query",
    "select load_extension('x')": "checks/query",
    "select id, printf('%.*c', 900000000, 'x') from voyages": "checks/query",
    "select id, hex(zeroblob(900000000)) from voyages": "checks/query",
    "select id from voyages, (with recursive n(i) as (select 1 union all select i + 1 from n) select * from n)": "checks/limit",
    "with recursive n(i) as (select randomblob(100000) from voyages union all select randomblob(100000) from n)"
    " select v.id from voyages v, n order by i": "checks/limit",
}


@pytest.mark.parametrize("query", HARMFUL)
def test_a_query_that_harms_is_stopped_and_reported_at_its_file(query, tmp_path, monkeypatch):
    monkeypatch.setattr(queries, "STEPS", 1_000_000)
    monkeypatch.setattr(queries, "STEPS_A_PAIR", 0)
    monkeypatch.setattr(queries, "MOST_MEMORY", 1 << 26)
    descriptor = write_fleet(tmp_path, VALID, {"c": check_text(query)})
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    (finding,) = found(descriptor)
    assert re.fullmatch(rf"checks/c.sql:\d+: {HARMFUL[query]}", finding)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_disk_without_room_for_the_tables_is_one_line(tmp_path, monkeypatch):
    def fail(*_):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(queries, "_load", fail)
    done = invoke("validate", write_fleet(tmp_path, VALID, {"c": check_text("select id from voyages")}))
    assert done.returncode == 2 and "disk is full; free some space" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@given(st.text(max_size=40))
def test_no_text_of_a_query_makes_a_traceback(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("any")
    descriptor = write_fleet(folder, VALID, {})
    (folder / "checks" / "c.sql").write_bytes(check_text(text).encode("utf-8", "surrogatepass"))
    for problem in packpress.validate(read_package(descriptor)).problems:
        assert problem.path in {"checks/c.sql", "voyages.csv"}


# ---- in a build


def build(folder, checks, text=VALID):
    output = folder / "out"
    done = invoke("build", write_fleet(folder / "in", text, checks), "--output", output)
    assert done.returncode == 0, done.stderr
    return output


def test_a_package_that_breaks_a_check_is_not_published(tmp_path):
    checks = {"c": check_text("select id from voyages where kg > 500")}
    done = invoke("build", write_fleet(tmp_path / "in", VALID, checks), "--output", tmp_path / "out")
    assert done.returncode == 1 and "voyages.csv:3: wrong; mend it" in done.stderr
    assert not (tmp_path / "out").exists()


def test_the_zip_has_the_checks_and_is_held_to_them(tmp_path):
    output = build(tmp_path, {"c": check_text("select id from voyages where kg > 1000")})
    (zipped,) = output.glob("*.zip")
    report = packpress.validate(read_package(zipped))
    assert report.is_valid and "checks/c.sql" in zipfile.ZipFile(zipped).namelist()
    assert report.tables["voyages"].visits["checks/c.sql"] == 3


def statements_of(output):
    text = (output / "checks.sql").read_text(encoding="utf-8")
    return re.findall(r"^-- \w+: (sql/[a-z-]+).*\n((?:.*\n)*?.*);$", text, re.MULTILINE)


def connect_all(folder):
    duckdb = pytest.importorskip("duckdb")
    for db in (sqlite3.connect(":memory:"), duckdb.connect()):
        for name in ("boats", "voyages"):
            head, *rows = (folder / f"{name}.csv").read_text().splitlines()
            columns = ", ".join(f'"{column}" varchar' for column in head.split(","))
            db.execute(f"create table {name} ({columns})")
            for row in rows:
                cells = [cell or None for cell in row.split(",")]
                db.execute(f"insert into {name} values ({', '.join('?' * len(cells))})", cells)
        yield db


def test_checks_sql_finds_the_same_rows_in_other_engines(tmp_path):
    portable = {
        name: check_text(RULES[name][0]) for name in ("required-if", "joined", "window", "missing-partner")
    }
    output = build(tmp_path, portable)
    written = dict(statements_of(output))
    assert {*written} == {f"sql/{name}" for name in portable}
    for name in portable:
        _, (old, new), line = RULES[name]
        (tmp_path / "in" / "voyages.csv").write_text(VALID.replace(old, new))
        for db in connect_all(tmp_path / "in"):
            (row,) = db.execute(written[f"sql/{name}"]).fetchall()
            assert row[:4] == ("voyages", "", f"sql/{name}", f"v{line - 1}")


def test_what_checks_sql_cannot_ask_is_listed(tmp_path):
    output = build(tmp_path, {"c": check_text("select rowid from voyages where kg < 0")})
    assert statements_of(output) == []
    for name in ("checks.sql", "checks-spark.sql"):
        assert "-- voyages: sql/c wrong\n" in (output / name).read_text()


# ---- the page


def test_the_page_on_rules_as_sql_runs(tmp_path):
    assert follow(PAGE, tmp_path) == ["packpress validate", "echo $?", "packpress validate"]


def test_the_checks_of_the_page_find_a_mutant_of_every_row(tmp_path):
    write_files(PAGE, tmp_path)
    checks = [one for one in read_sql_checks(read_package(tmp_path)) if isinstance(one, SqlCheck)]
    assert [check.code for check in checks] == ["sql/early", "sql/port"]
    (tmp_path / "voyages.csv").write_text(
        "voyage_id,boat_id,port,landed,catch_kg\n"
        + "".join(
            f"{boat}-{day},{boat},,{day}-01-01,501\n" for boat, day in product(("ada", "ida"), (1997, 2020))
        )
    )
    assert len(found(tmp_path)) == 4 and len(found(tmp_path, True)) == 6
