"""The checks as SQL: the queries find on SQLite and on DuckDB what the validator finds, and nothing else.

`tests.spark` asks the same of Apache Spark.
"""

import csv
import json
import re
import sqlite3
import tempfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packpress.publish.portable import DIALECTS, SPARK, STANDARD, list_checks, list_left_out, render_checks
from packpress.sql import quote_identifier
from packpress.tables.types import BOUNDS, LENGTHS

from invented.signs import sign_of
from packpress import Package, read_package, validate
from tests.engine_cases import (
    CASES,
    EXAMPLES,
    KINDS,
    draw_cell,
    find_by_engine,
    find_by_validator,
    list_asked,
    make_random,
    without_constraints,
    write_cases,
)

pytestmark = pytest.mark.long

FIELDS = [
    {"name": "id", "type": "string"},
    {"name": "amount", "type": "integer", "constraints": {"minimum": -2, "maximum": 30}},
    {"name": "share", "type": "number", "constraints": {"exclusiveMinimum": 0, "exclusiveMaximum": 1.5}},
    {"name": "kind", "type": "string", "constraints": {"required": True, "enum": ["a", "it's"]}},
    {"name": "name", "type": "string", "constraints": {"minLength": 2, "maxLength": 3}},
    {"name": "day", "type": "date", "constraints": {"minimum": "2020-02-03", "maximum": "2020-12-31"}},
    {"name": "code", "type": "string", "constraints": {"unique": True}},
    {"name": "order", "type": "string"},
    {"name": "group", "type": "string", "emptyCountsAs": "1"},
    {"name": "parent", "type": "string"},
]
SCHEMA = {
    "fields": FIELDS,
    "missingValues": ["", "-"],
    "primaryKey": "id",
    "uniqueKeys": [["order", "group"]],
    "foreignKeys": [{"fields": "parent", "reference": {"resource": "parents", "fields": "parent_id"}}],
}
PARENTS = {"fields": [{"name": "parent_id", "type": "string"}], "primaryKey": "parent_id"}
# Enough good rows that every parent is named; a parent that nobody names could look renamed.
GOOD = [["g1", "1", "0.5", "a", "ab", "2020-03-01", "c1", "o1", "2", "north"]]
GOOD += [["g2", "", "", "it's", "", "", "", "o2", "", "south"]]
VALUES = {
    "id": ["r1", "r2", "r3", "", "-"],
    "amount": ["-3", "-2", "30", "31", "+31", "x", "1-2", "", "-"],
    "share": ["0", "0.0", ".5", "1.5", "1.49", "-1", "", "."],
    "kind": ["a", "it's", "A", "", "-"],
    "name": ["é", "ab", "abc", "abcd", "😀", "😀😀", ""],
    "day": ["2020-02-02", "2020-02-03", "2021-01-01", ""],
    "code": ["c1", "c2", "c3", ""],
    "order": ["o1", "o3", ""],
    "group": ["1", "2", ""],
    "parent": ["north", "south", "nowhere at all", ""],
}
CHECKS = (
    "required",
    "enum",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
)
Finding = tuple[str, str, str]


def write_package(folder: Path, rows: list[list[str]]) -> Package:
    resources = [
        {"name": "things", "path": "things.csv", "schema": SCHEMA},
        {"name": "parents", "path": "parents.csv", "schema": PARENTS},
    ]
    (folder / "datapackage.json").write_text(json.dumps({"name": "x", "resources": resources}))
    _write_csv(folder / "things.csv", [[field["name"] for field in FIELDS], *rows])
    _write_csv(folder / "parents.csv", [["parent_id"], ["north"], ["south"]])
    return read_package(folder / "datapackage.json")


def _write_csv(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def ask(engine: str, package: Package) -> list[tuple[str, ...]]:
    """What the queries answer over the CSV files, all columns as text."""
    db = sqlite3.connect(":memory:") if engine == "sqlite" else duckdb.connect()
    for resource in package.resources:
        columns = ", ".join(f"{quote_identifier(name)} varchar" for name in resource.field_names)
        db.execute(f"create table {quote_identifier(resource.name)} ({columns})")
        with (package.root / resource.paths[0]).open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))[1:]
        marks = ", ".join("?" * len(resource.fields))
        for row in rows:
            db.execute(f"insert into {quote_identifier(resource.name)} values ({marks})", row)
    return [row for check in list_checks(package.resources) for row in db.execute(check.query).fetchall()]


def findings_of(package: Package, rows: list[list[str]]) -> tuple[set[Finding], set[Finding]]:
    """What the validator says of the rows: single cells, and keys that stand twice."""
    single, repeated = set(), set()
    for problem in validate(package).problems:
        row = rows[problem.line - 2]
        place = next(n for n, field in enumerate(FIELDS) if field["name"] == problem.field)
        cell = (problem.field, row[0], row[place])
        if problem.code == "schema/duplicate":
            repeated.add(cell)
        elif problem.code == "keys/foreign":
            single.add(("foreignKey", *cell[:2]))
        elif problem.code == "schema/key-missing":
            single.add(("required", *cell[:2]))
        else:
            name = next((name for name in CHECKS if problem.message.startswith(sign_of(name))), None)
            kind = next(field.get("type", "string") for field in FIELDS if field["name"] == problem.field)
            assert name or f" {kind}" in problem.message, problem
            single.add((name or "type", *cell[:2]))
    return single, repeated


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(*(st.sampled_from(VALUES[field["name"]]) for field in FIELDS)).map(list), max_size=6)
)
def test_both_engines_find_what_the_validator_finds(drawn):
    rows = GOOD + drawn
    with tempfile.TemporaryDirectory() as folder:
        package = write_package(Path(folder), rows)
        single, repeated = findings_of(package, rows)
        for engine in ("sqlite", "duckdb"):
            found = ask(engine, package)
            names = {"primaryKey", "uniqueKeys", "unique"}
            assert {(check, field, key) for _, field, check, key, _ in found if check not in names} == single
            twice = {(field, key, value) for _, field, check, key, value in found if check in names}
            # The validator names the later of two rows, a query both.
            assert repeated <= twice
            assert bool(repeated) == bool(twice)


def test_the_good_rows_break_nothing(tmp_path):
    package = write_package(tmp_path, GOOD)
    assert validate(package).is_valid
    assert ask("sqlite", package) == ask("duckdb", package) == []


def test_every_constraint_is_checked_or_listed_as_left_out(package):
    resources = (*package.resources, *package.derived)
    covered = {(check.table, check.field, check.name.split()[0]) for check in list_checks(resources)}
    left_out = list(list_left_out(resources))
    for resource in resources:
        for field in resource.fields:
            for name in field.constraints:
                is_left_out = any(
                    line.startswith(f"{resource.name}.{field.name}: {name}") for line in left_out
                )
                is_covered = (resource.name, field.name, name) in covered
                is_key = name == "unique" and (field.name,) == resource.primary_key
                assert is_covered != is_left_out or is_key, f"{resource.name}.{field.name}: {name}"


@pytest.mark.parametrize("engine", ["sqlite", "duckdb"])
def test_a_build_passes_its_own_checks(engine, built, package):
    db = sqlite3.connect(":memory:") if engine == "sqlite" else duckdb.connect()
    for file in sorted((built / "csv").glob("*.csv")):
        table = quote_identifier(file.stem)
        if engine == "duckdb":
            db.execute(f"create table {table} as from read_csv('{file}', all_varchar = true, header = true)")
            continue
        with file.open(newline="", encoding="utf-8") as lines:
            header, *rows = csv.reader(lines)
        db.execute(f"create table {table} ({', '.join(map(quote_identifier, header))})")
        db.executemany(f"insert into {table} values ({', '.join('?' * len(header))})", rows)
    text = (built / "checks.sql").read_text(encoding="utf-8")
    statements = [part for part in re.split(r";\n", text) if re.search(r"^select", part, re.MULTILINE)]
    assert len(statements) == len(list(list_checks((*package.resources, *package.derived))))
    for statement in statements:
        assert db.execute(statement).fetchall() == [], statement
    # And one of them fails when a row breaks it.
    db.execute("update sightings set mood = 'yes' where sighting_id = 'north-s001'")
    assert [row for part in statements for row in db.execute(part).fetchall()] == [
        ("sightings", "mood", "enum", "north-s001", "yes")
    ]


ENGINES = ("sqlite", "duckdb")


@pytest.fixture(scope="module", params=[0, 23], ids=["names", "other names"])
def written(request, tmp_path_factory):
    return write_cases(tmp_path_factory.mktemp("cases"), CASES, request.param)


def test_the_validator_finds_what_the_cases_say(written):
    assert find_by_validator(written.package) == without_constraints(written.faults)


@pytest.mark.parametrize("engine", ENGINES)
def test_engines_find_what_the_cases_say(engine, written):
    assert find_by_engine(engine, written.package, STANDARD) == list_asked(written, STANDARD)


def test_every_constraint_has_a_case():
    keys = {"primaryKey", "uniqueKeys", "unique", "foreignKey"}
    assert {*KINDS} == {*BOUNDS, *LENGTHS, *keys, "type", "required", "enum", "categories", "pattern"}


@pytest.mark.parametrize("kind", EXAMPLES)
@given(chance=st.randoms(use_true_random=False))
@settings(max_examples=5, deadline=None)
def test_engines_judge_cells_as_the_validator_does(kind, chance):
    cells = [draw_cell(chance, kind) for _ in range(200)]
    with tempfile.TemporaryDirectory() as folder:
        written = write_cases(Path(folder), [make_random(kind, cells)])
        told = {*find_by_validator(written.package)}
        for engine in ENGINES:
            found = without_constraints(find_by_engine(engine, written.package, STANDARD))
            assert {*found} == told


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.file)
def test_a_file_falls_into_its_statements(dialect, written):
    resources = written.package.resources
    statements = re.split(r";\n(?:\n|$)", render_checks(written.package, resources)[dialect.file])
    queries = [text for text in statements if re.search("^select ", text, re.MULTILINE)]
    checks = [check.query for check in list_checks(resources, dialect)]
    assert [text[text.index("\nselect ") + 1 :] for text in queries] == checks


def test_spark_has_patterns_and_names_what_is_left_out(written):
    resources = written.package.resources
    asked = {fault[2] for fault in list_asked(written, SPARK)}
    assert asked == {*KINDS}
    assert asked - {fault[2] for fault in list_asked(written, STANDARD)} == {"pattern"}
    assert len(list(list_left_out(resources, STANDARD))) == sum(
        "pattern" in field.constraints for resource in resources for field in resource.fields
    )


@pytest.mark.parametrize(
    ("kind", "more", "line"),
    [
        ("string", {"constraints": {"pattern": r"(?<=a)b"}}, r"pattern (?<=a)b"),
        ("string", {"constraints": {"pattern": "(?i)a"}}, "pattern (?i)a"),
        ("string", {"format": "email"}, "type string, email"),
        ("date", {"format": "%d.%m.%Y"}, "type date, %d.%m.%Y"),
        ("number", {"decimalChar": ",", "constraints": {"minimum": 1}}, "minimum 1"),
        ("datetime", {"constraints": {"minimum": "2020-01-01T00:00:00"}}, "minimum 2020-01-01T00:00:00"),
        ("list", {"constraints": {"minLength": 2}}, "minLength 2"),
        ("object", {"constraints": {"jsonSchema": {"type": "object"}}}, "jsonSchema {'type': 'object'}"),
        ("duration", {"constraints": {"unique": True}}, "unique a"),
    ],
)
@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.file)
def test_what_no_query_judges_is_named_in_the_file(dialect, kind, more, line, tmp_path):
    schema = {"fields": [{"name": "a", "type": kind, **more}]}
    resource = {"name": "t", "path": "t.csv", "schema": schema}
    (tmp_path / "datapackage.json").write_text(json.dumps({"name": "x", "resources": [resource]}))
    (tmp_path / "t.csv").write_text("a\n")
    package = read_package(tmp_path / "datapackage.json")
    text = render_checks(package, package.resources)[dialect.file]
    assert re.search(rf"^-- t(?:\.a)?: {re.escape(line)}$", text, re.MULTILINE)
