"""Validation of any data package: what is wrong is found once, and said where it can be mended."""

import csv
import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packpress.checks.rules import Rule, RuleSet
from packpress.checks.validation import validate_package
from packpress.package.resource import build_resource
from packpress.problems import shorten_value

from invented.findings import locate, locate_all
from invented.packages import parse_records
from invented.workbooks import PORTS, write_ports
from packpress import CannotRunError, Problem, read_package

FISH = {
    "name": "fish",
    "path": "fish.csv",
    "schema": {"fields": [{"name": "id", "type": "integer"}], "primaryKey": "id"},
}


def write_package(folder, resources, files, **properties):
    descriptor = folder / "datapackage.json"
    descriptor.write_text(json.dumps({"name": "p", "resources": resources, **properties}), encoding="utf-8")
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return descriptor


def problems_of(folder, fields, text, rules=None, schema=None, **properties):
    """The problems of a package of one table `t`."""
    resource = {"name": "t", "path": "t.csv", "schema": {"fields": fields, **(schema or {})}}
    descriptor = write_package(folder, [resource], {"t.csv": text}, **properties)
    return locate_all(validate_package(read_package(descriptor), rules))


INTEGER = [{"name": "n", "type": "integer"}]
CASES = {
    "type": (INTEGER, "n\nx\n", 't.csv:2: n="x": schema/cell'),
    "blank around a number": (
        INTEGER,
        "n\n 12 \n",
        't.csv:2: n=" 12 ": schema/cell, offers "12"',
    ),
    "underscore in a number": (
        INTEGER,
        "n\n1_000\n",
        't.csv:2: n="1_000": schema/cell, offers "1000"',
    ),
    "digits that are not ASCII": (
        INTEGER,
        "n\n٣\n",
        't.csv:2: n="٣": schema/cell',
    ),
    "date without zeros": (
        [{"name": "d", "type": "date"}],
        "d\n2024-1-5\n",
        't.csv:2: d="2024-1-5": schema/cell, offers "2024-01-05"',
    ),
    "required": (
        [{"name": "a", "constraints": {"required": True}}, *INTEGER],
        "a,n\n,1\n",
        't.csv:2: a="": schema/cell',
    ),
    "enum": (
        [{"name": "c", "type": "string", "constraints": {"enum": ["red", "green"]}}],
        "c\ngren\n",
        't.csv:2: c="gren": schema/cell, offers "green"',
    ),
    "pattern is a full match": (
        [{"name": "c", "type": "string", "constraints": {"pattern": "a|b"}}],
        "c\nbx\n",
        't.csv:2: c="bx": schema/cell',
    ),
    "minimum": (
        [{"name": "n", "type": "integer", "constraints": {"minimum": 3}}],
        "n\n2\n",
        't.csv:2: n="2": schema/cell',
    ),
    "too many cells": (
        INTEGER,
        "n\n1,2\n",
        "t.csv:2: schema/cell-count",
    ),
    "unclosed quote": (
        INTEGER,
        'n\n1\n"2\n',
        "t.csv:3: file/quotes",
    ),
    "not UTF-8": (
        INTEGER,
        b"n\n1\n\xff\n",
        "t.csv:3: file/encoding",
    ),
    "header": (INTEGER, "m\n1\n", "t.csv:1: file/header"),
    "semicolons where commas are declared": (
        [{"name": "a", "type": "string"}, {"name": "b", "type": "string"}],
        "a;b\n1;2\n",
        "t.csv:1: file/delimiter",
    ),
    "empty file": (INTEGER, "", "t.csv:1: file/header"),
}


@pytest.mark.parametrize("name", CASES)
def test_one_fault_is_one_message(name, tmp_path):
    fields, text, expected = CASES[name]
    found = problems_of(tmp_path, fields, text)
    assert found == [expected]


def test_a_nul_byte_is_found(tmp_path):
    assert "t.csv:2: file/nul" in problems_of(tmp_path, INTEGER, b"n\n1\x00\n")


def test_keys_are_unique(tmp_path):
    found = problems_of(tmp_path, INTEGER, "n\n1\n1\n", schema={"primaryKey": "n"})
    assert found == ['t.csv:3: n="1": schema/duplicate']


def test_each_key_is_unique_by_itself(tmp_path):
    fields = [{"name": "a", "type": "string"}, {"name": "b", "constraints": {"unique": True}}]
    found = problems_of(tmp_path, fields, "a,b\n1,x\n1,y\n2,y\n", schema={"primaryKey": "a"})
    assert [line.split(":")[1:3] for line in found] == [["3", ' a="1"'], ["4", ' b="y"']]


def test_a_missing_part_of_a_primary_key_is_a_problem(tmp_path):
    fields = [{"name": "a", "type": "string"}, {"name": "b", "type": "string"}]
    found = problems_of(tmp_path, fields, "a,b\nx,\n", schema={"primaryKey": ["a", "b"]})
    assert found == ['t.csv:2: b="": schema/key-missing']


def test_a_foreign_key_offers_the_nearest_row(tmp_path):
    fleet = {
        "name": "boats",
        "path": "boats.csv",
        "schema": {
            "fields": [{"name": "fish_id", "type": "integer"}],
            "foreignKeys": [{"fields": "fish_id", "reference": {"resource": "fish", "fields": "id"}}],
        },
    }
    descriptor = write_package(
        tmp_path, [FISH, fleet], {"fish.csv": "id\n1200\n", "boats.csv": "fish_id\n120\n"}
    )
    assert locate_all(validate_package(read_package(descriptor))) == [
        'boats.csv:2: fish_id="120": keys/foreign, offers "1200"'
    ]


@pytest.mark.parametrize(
    ("paths", "place"),
    [
        ("in/fleet-2024.csv", "in/fleet-2024.csv"),
        (["in/a.csv", "in/b.csv"], "in/a.csv and 1 more"),
        (None, "data of fish"),
    ],
)
def test_a_key_that_leads_nowhere_names_the_file_of_its_target(tmp_path, paths, place):
    rows = {"path": paths} if paths else {"data": [["id"], [1200], [1300]]}
    trips = {
        "name": "trips",
        "path": "trips.csv",
        "schema": {
            "fields": [{"name": "fish_id", "type": "integer"}],
            "foreignKeys": [{"fields": "fish_id", "reference": {"resource": "fish", "fields": "id"}}],
        },
    }
    fish = {"name": "fish", **rows, "schema": FISH["schema"]}
    (tmp_path / "in").mkdir()
    texts = {
        name: f"id\n1{number}00\n"
        for number, name in enumerate([paths] if isinstance(paths, str) else paths or (), 2)
    }
    descriptor = write_package(tmp_path, [fish, trips], {**texts, "trips.csv": "fish_id\n7\n"})
    (problem,) = validate_package(read_package(descriptor)).problems
    assert locate(problem) == 'trips.csv:2: fish_id="7": keys/foreign'
    assert f" {place};" in problem.message


def test_a_header_only_table_is_valid_unless_a_minimum_is_declared(tmp_path):
    assert problems_of(tmp_path, INTEGER, "n\n") == []
    resource = {"name": "t", "path": "t.csv", "minimumRows": 1, "schema": {"fields": INTEGER}}
    descriptor = write_package(tmp_path, [resource], {})
    assert locate_all(validate_package(read_package(descriptor))) == ["t.csv: schema/row-count"]


@pytest.mark.parametrize("cell", ["a\u00a0b", "a\u200bb", "#REF!", "pаin"])
def test_what_misleads_is_a_notice_or_by_declaration_a_problem(cell, tmp_path):
    fields = [{"name": "c", "type": "string"}]
    assert problems_of(tmp_path, fields, f"c\n{cell}\n") == []
    assert len(problems_of(tmp_path, fields, f"c\n{cell}\n", validation={"lint": "strict"})) == 1


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"primaryKey": "m"}, "descriptor/structure"),
        ({"constraints": {"required": True}}, "descriptor/misplaced"),
        (
            {"foreignKeys": [{"fields": "n", "reference": {"resource": "tt", "fields": "n"}}]},
            'descriptor/structure, offers "t"',
        ),
    ],
)
def test_a_key_that_names_nothing_is_found(change, expected, tmp_path):
    assert f"datapackage.json: {expected}" in problems_of(tmp_path, INTEGER, "n\n1\n", schema=change)


def test_a_facet_over_links_names_the_key_of_a_table(tmp_path):
    fish = FISH | {"publishing": {"linkedFacets": ["nobody_id"]}}
    descriptor = write_package(tmp_path, [fish], {"fish.csv": "id\n1\n"})
    assert locate_all(validate_package(read_package(descriptor))) == [
        "datapackage.json: descriptor/structure"
    ]


def test_a_hint_for_the_rows_of_a_page_is_known(tmp_path):
    for size in (1, 100, 10_000):
        fish = FISH | {"publishing": {"size": size}}
        descriptor = write_package(tmp_path, [fish], {"fish.csv": "id\n1\n"})
        assert validate_package(read_package(descriptor)).is_valid


def test_a_path_may_not_leave_the_folder(tmp_path):
    descriptor = write_package(tmp_path, [FISH | {"path": "../fish.csv"}], {})
    assert locate_all(validate_package(read_package(descriptor))) == [
        "datapackage.json: descriptor/structure"
    ]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"resources": {}}', '{"resources": [{"schema": {}}]}', "\x00"]
)
def test_what_is_no_descriptor_cannot_be_run(text, tmp_path):
    descriptor = tmp_path / "datapackage.json"
    descriptor.write_text(text)
    with pytest.raises(CannotRunError) as raised:
        read_package(descriptor)
    assert "\n" not in str(raised.value)


def idle(prepared):
    """Looks at nothing."""
    return iter(())


def test_a_rule_that_visits_no_row_is_a_problem(tmp_path):
    rules = RuleSet(lambda package, tables: tables, (Rule("idle", idle, ("t",)),))
    found = problems_of(tmp_path, INTEGER, "n\n1\n", rules, validation={"rules": "r"})
    assert found == ["datapackage.json: rules/idle"]


def test_a_table_that_the_rules_need_is_a_problem_when_it_is_not_there(tmp_path):
    rules = RuleSet(lambda package, tables: tables, (Rule("idle", idle, ("u",)),))
    found = problems_of(tmp_path, INTEGER, "n\n1\n", rules, validation={"rules": "r"})
    assert found == ["datapackage.json: rules/table"]


def test_rules_that_nobody_brings_are_a_notice_or_where_they_are_required_a_problem(tmp_path):
    assert problems_of(tmp_path, INTEGER, "n\n1\n", validation={"rules": "r"}) == []
    package = read_package(tmp_path / "datapackage.json")
    said = "datapackage.json: rules/unchecked"
    assert locate_all(validate_package(package), with_notices=True) == [f"notice: {said}"]
    assert locate_all(validate_package(package, require_rules=True)) == [said]


@pytest.mark.long
@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), min_size=1))
def test_records_know_their_physical_line(records):
    resource = build_resource(FISH)
    written, expected = io.StringIO(newline=""), []
    writer = csv.writer(written, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for record in records:
        # The csv module, like every editor, counts a carriage return as a line end too.
        text = written.getvalue()
        expected.append(len(re.findall("\r\n|\r|\n", text)) + 1)
        writer.writerow(record)
    found = parse_records(written.getvalue(), resource)
    assert found == list(zip(expected, records, strict=True))


@given(st.text())
def test_a_message_is_always_one_line(value):
    line = str(Problem("a.csv", 1, "wrong; mend it", "f", value))
    assert line.splitlines() == [line]
    assert len(shorten_value(value)) <= 82


def write_fleet(folder, fish, boats):
    boat = {
        "name": "boats",
        "path": "boats.csv",
        "schema": {
            "fields": [{"name": "fish", "type": "string"}],
            "foreignKeys": [{"fields": "fish", "reference": {"resource": "fish", "fields": "id"}}],
        },
    }
    kind = {"fields": [{"name": "id", "type": "string"}], "primaryKey": "id"}
    return write_package(
        folder,
        [{"name": "fish", "path": "fish.csv", "schema": kind}, boat],
        {"fish.csv": "\n".join(["id", *fish, ""]), "boats.csv": "\n".join(["fish", *boats, ""])},
    )


@pytest.mark.parametrize(
    ("fish", "boats", "expected"),
    [
        (
            ["herring", "salmonx"],
            ["salmon", "salmon", "herring"],
            ['fish.csv:3: id="salmonx": keys/renamed'],
        ),
        (
            ["salmonx"],
            ["salmon"],
            ['boats.csv:2: fish="salmon": keys/foreign, offers "salmonx"'],
        ),
        (
            ["salmonx"],
            ["salmon", "salmonx"],
            ['boats.csv:2: fish="salmon": keys/foreign, offers "salmonx"'],
        ),
        (
            # The next number is another row, whose own rows are not to be taken for these.
            ["cod-2", "cod-3"],
            ["cod-1", "cod-1", "cod-2"],
            ['boats.csv:2: fish="cod-1": keys/foreign', 'boats.csv:3: fish="cod-1": keys/foreign'],
        ),
    ],
)
def test_a_key_that_was_changed_is_reported_where_it_was_changed(fish, boats, expected, tmp_path):
    descriptor = write_fleet(tmp_path, fish, boats)
    assert locate_all(validate_package(read_package(descriptor))) == expected


@pytest.mark.parametrize(("replaced", "mend"), [("brest", 'use "brest", which replaces it, or '), ("", "")])
def test_a_withdrawn_key_says_so_and_offers_no_neighbour(tmp_path, replaced, mend):
    descriptor = write_ports(tmp_path)
    (tmp_path / "ports.csv").write_text(PORTS.replace(",west,On a bay", ",bremen,On a bay"), encoding="utf-8")
    with (tmp_path / "withdrawals.csv").open("w", encoding="utf-8") as register:
        register.write(f"table_name,row_id,reason,replaced_by\nports,bremen,Named by nobody.,{replaced}\n")
    raw = json.loads(descriptor.read_text(encoding="utf-8"))
    raw["resources"][1]["schema"]["fields"].append({"name": "replaced_by", "type": "string"})
    descriptor.write_text(json.dumps(raw), encoding="utf-8")
    (problem,) = validate_package(read_package(descriptor)).problems
    assert str(problem) == (
        f'ports.csv:3: broader_id="bremen": withdrawn, as withdrawals.csv:2 says; {mend}remove this row'
    )
