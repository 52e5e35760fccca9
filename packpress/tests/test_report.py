"""The report: one cause is one message, nothing floods, and every form says the same."""

import json
import os
import re
import subprocess
import sys

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from packpress.checks import validation as reports
from packpress.checks.validation import (
    Report,
    format_findings,
    format_github,
    format_json,
    format_text,
)
from packpress.cli import main

import packpress
from invented.copies import validate
from invented.findings import locate_all
from invented.packages import field, table, write_package
from packpress import CannotRunError, Problem, read_package
from tests.conftest import ROOT
from tests.fuzz import write_input

SCHEMA = Draft202012Validator(json.loads((ROOT / "docs" / "report.schema.json").read_text()))


def report_on(folder, *tables, **properties):
    return packpress.validate(read_package(write_package(folder, *tables, **properties)))


def test_the_report_of_a_package_of_every_kind_of_table_has_the_declared_form(package_copy):
    document = json.loads(format_json(validate(package_copy)))
    SCHEMA.validate(document)
    assert document["valid"]
    assert document["counts"]["rows"] == sum(entry["rows"] for entry in document["tables"])


@pytest.mark.parametrize("number", range(40))
def test_every_report_has_the_declared_form(number, tmp_path):
    try:
        report = packpress.validate(read_package(write_input(number, tmp_path)))
    except CannotRunError:
        return
    document = json.loads(format_json(report))
    SCHEMA.validate(document)
    listed = len(document["problems"]) + sum(entry["count"] for entry in document["omitted"])
    assert listed == document["counts"]["problems"] + document["counts"]["notices"] - len(document["notices"])


def test_a_report_of_another_form_would_be_noticed():
    assert not SCHEMA.is_valid({"version": 1, "valid": True})


def many(folder):
    names = [f"n{place}" for place in range(5)]
    text = ",".join(names) + "\n" + "x,x,x,x,x\n" * 40
    return report_on(folder, table("t", text, [field(name, "integer") for name in names]))


def test_a_wrong_file_does_not_flood_the_report(tmp_path):
    *_, first, _, _, _, last, count = format_text(many(tmp_path)).splitlines()
    more = "(and 39 more of schema/cell in"
    assert first.startswith('t.csv:2: n0="x": ')
    assert f' {more} n0, such as "x" on line 3 and "x" on line 4; ' in first
    assert last.startswith('t.csv:2: n4="x": ')
    assert f" {more} n4, " in last
    assert count == "200 problems in 1 file"


def test_all_findings_are_listed_for_whoever_asks(tmp_path):
    lines = format_text(many(tmp_path), is_whole=True).splitlines()
    assert len([line for line in lines if line.startswith("t.csv:")]) == 200
    assert lines[-1] == "200 problems in 1 file"


def test_a_forge_is_shown_some_of_many_findings(tmp_path):
    lines = format_github(many(tmp_path)).splitlines()
    assert len([line for line in lines if '="x": ' in line]) == reports.MOST_PER_CODE
    assert lines[-2].endswith(
        "t.csv: and 140 more of schema/cell (28 in n0, 28 in n1, 28 in n2, 28 in n3, 28 in n4)"
    )


@pytest.mark.parametrize("count", [reports.FOLDED_FROM - 1, reports.FOLDED_FROM])
def test_findings_are_one_line_from_a_number_on_with_different_examples(tmp_path, count):
    cells = ["x", "x", "y", *"x" * (count - 4), "z"]
    report = report_on(tmp_path, table("t", "n\n" + "\n".join(cells) + "\n", [field("n", "integer")]))
    found = [line for line in format_text(report).splitlines() if line.startswith("t.csv")]
    if count < reports.FOLDED_FROM:
        assert len(found) == count
    else:
        (line,) = found
        assert line.endswith(
            f'(and {count - 1} more of schema/cell in n, such as "y" on line 4 and "z" on line {count + 1}; '
            "--all lists them)"
        )


def test_folded_notices_keep_a_line_each(tmp_path):
    report = report_on(tmp_path, table("t", "a,b,c\n" + " x, y,z\n" * 30, [*map(field, "abc")]))
    notices = [line for line in format_text(report).splitlines() if line.startswith("notice: ")]
    assert [line.split("=")[0] for line in notices] == ["notice: t.csv:2: a", "notice: t.csv:2: b"]
    assert all("(and 29 more of cell/blanks in" in line for line in notices)


def test_rows_of_another_length_are_one_line_too(tmp_path):
    text = "a,b\n" + "x,y\nx,y,z\n" * 25
    report = report_on(tmp_path, table("t", text, [*map(field, "ab")]))
    (line,) = [line for line in format_text(report).splitlines() if line.startswith("t.csv")]
    assert "(and 24 more of schema/cell-count, such as line 5 and line 7; --all lists them)" in line


@pytest.mark.parametrize("code", ["rules/late", "of-a-rule", "build/refused"])
@pytest.mark.parametrize("is_notice", [True, False])
def test_what_rules_find_and_a_build_refuses_is_never_folded(package_copy, code, is_notice):
    report = Report(package_copy.read())
    report.add(Problem("t.csv", line, "is late", "a", "x", code, is_notice) for line in range(2, 102))
    lines = format_findings(report).splitlines()
    assert len(lines) == 101
    assert not any("--all" in line for line in lines)


def test_the_verb_lists_all_when_asked(tmp_path):
    path = write_package(tmp_path, table("t", "n\n" + "x\n" * 30, [field("n", "integer")]))
    folded, whole = (
        CliRunner().invoke(main, ["validate", str(path), *more]).output for more in ([], ["--all"])
    )
    assert "29 more" in folded
    assert len(folded.splitlines()) + 29 == len(whole.splitlines())


def test_what_was_checked_is_said_of_an_invalid_package_too(tmp_path):
    good = table("good", "n\n1\n", [field("n", "integer")])
    bad = table("bad", "m\n1\n", [field("n", "integer")])
    lines = format_text(report_on(tmp_path, good, bad)).splitlines()
    assert re.fullmatch(r"good: 1 row, 1 cell, [0-9]+ checks", lines[0])
    assert lines[1] == "bad: could not be checked"


def test_each_declared_check_is_counted(tmp_path):
    def count(*fields, **properties):
        return report_on(tmp_path, table("t", "n\n", list(fields), **properties)).checks["t"]

    plain = count(field("n", "integer"))
    assert count(field("n", "integer", minimum=1, maximum=2)) == plain + 2
    assert count(field("n", "integer"), primaryKey="n") == plain + 1
    assert count(field("n", "integer"), minimumRows=0) == plain + 1


def test_a_wrong_key_is_not_reported_where_it_is_named(tmp_path):
    people = table(
        "people", "id\n417\n00962\n", [field("id", constraints={"pattern": "[0-9]{5}"})], primaryKey="id"
    )
    keys = [{"fields": "id", "reference": {"resource": "people", "fields": "id"}}]
    visits = table("visits", "id\n00417\n00962\n00962\n", [field("id")], foreignKeys=keys)
    assert len(report_on(tmp_path, people, visits).problems) == 1


def test_a_wrong_cell_is_not_reported_as_a_foreign_key_too(tmp_path):
    people = table("people", "id\n00417\n", [field("id")], primaryKey="id")
    keys = [{"fields": "id", "reference": {"resource": "people", "fields": "id"}}]
    visits = table(
        "visits", "id\n417\n", [field("id", constraints={"pattern": "[0-9]{5}"})], foreignKeys=keys
    )
    assert len(report_on(tmp_path, people, visits).problems) == 1


def test_a_file_without_header_and_with_another_delimiter_is_one_problem(tmp_path):
    text = "1;2\n" * 30
    report = report_on(tmp_path, table("t", text, [field("a"), field("b")], dialect={"header": False}))
    assert locate_all(report) == ["t.csv:1: schema/cell-count"]


def test_commands_of_a_forge_are_escaped(tmp_path):
    text = 'a:b,"100%"\nx,"2\n3"\n'
    report = report_on(tmp_path, table("t,:%", text, [field("a:b", "integer"), field("100%", "integer")]))
    lines = format_github(report).splitlines()
    assert all(line.startswith("::") for line in lines[:-1])
    assert "file=" in lines[0]
    assert "t%2C%3A%25.csv,line=2" in lines[0]
    assert any("100%25" in line for line in lines[:-1])


def on_terminal(*words, **environment):
    """What a command prints on a terminal."""
    leader, follower = pytest.importorskip("pty").openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "packpress", "validate", *words],
        stdout=follower,
        stderr=follower,
        env={**os.environ, "TERM": "xterm", **environment},
    )
    os.close(follower)
    printed = b""
    while True:
        try:
            piece = os.read(leader, 4096)
        except OSError:
            break
        if not piece:
            break
        printed += piece
    process.wait()
    os.close(leader)
    return printed.decode()


@pytest.mark.long
def test_colours_are_for_terminals_that_want_them(tmp_path):
    path = write_package(tmp_path, table("t", "n\nx\n", [field("n", "integer")]))
    environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    os.environ.pop("NO_COLOR", None)
    try:
        assert "\x1b[36mt.csv:2\x1b[0m" in on_terminal(str(path))
        assert "\x1b[" not in on_terminal(str(path), NO_COLOR="1", TERM="dumb")
    finally:
        os.environ.update(environment)
    assert "\x1b" not in format_findings(packpress.validate(read_package(path)))
