"""Merges in git: tables are merged by their keys, and what both sides changed is a conflict that is named."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packpress.cli import git_setup, merge_driver

from invented.packages import field, table, write_package

BOATS = """\
boat_id,name,built,note
b-001,Ada,1998,
b-002,Ida,2011,
b-003,Una,,
b-004,Eda,2001,"blue, white"
"""
ATTRIBUTES = "*.csv merge=packpress\n"


def write_boats(folder, text=BOATS, **declared):
    fields = [field("boat_id"), field("name"), field("built"), field("note")]
    boats = table("boats", text, fields, **{"primaryKey": "boat_id"} | declared)
    return write_package(folder, boats)


def edit(*pairs, text=BOATS):
    """The table with one text in place of another, for each pair."""
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


@dataclass
class Merged:
    """What a merge left: the file, what was said, and the exit code."""

    text: str
    said: list[str]
    code: int


def run_driver(folder, path="boats.csv"):
    before = Path.cwd()
    os.chdir(folder)
    try:
        return CliRunner().invoke(merge_driver, ["base", "ours", "theirs", path], catch_exceptions=False)
    finally:
        os.chdir(before)


def merge(folder, ours, theirs, base=BOATS, **declared):
    """Merges two versions of the table of boats by the command that git calls."""
    write_boats(folder, base, **declared)
    for name, text in {"base": base, "ours": ours, "theirs": theirs}.items():
        (folder / name).write_bytes(text.encode())
    done = run_driver(folder)
    assert done.stdout == ""
    return Merged((folder / "ours").read_bytes().decode(), done.stderr.splitlines(), done.exit_code)


ADDED = "b-005,Ola,2020,\n"
CLEAN = {
    "the same row added by both": (BOATS + ADDED, BOATS + ADDED, BOATS + ADDED),
    "rows that both add at the same place": (
        BOATS + ADDED,
        BOATS + "b-006,Pia,,\n",
        BOATS + ADDED + "b-006,Pia,,\n",
    ),
    "cells of one row": (
        edit(("Ida,2011,", "Ida,2012,")),
        edit(("Ida,2011,", "Ida of Lerwick,2011,")),
        edit(("Ida,2011,", "Ida of Lerwick,2012,")),
    ),
    "cells of neighbouring rows": (
        edit(("Ida", "Ina")),
        edit(("Una", "Ulla")),
        edit(("Ida", "Ina"), ("Una", "Ulla")),
    ),
    "the same cell changed alike": (edit(("Ida", "Ina")), edit(("Ida", "Ina")), edit(("Ida", "Ina"))),
    "a row removed, and another changed": (
        edit(("b-002,Ida,2011,\n", "")),
        edit(("Una", "Ulla")),
        edit(("b-002,Ida,2011,\n", ""), ("Una", "Ulla")),
    ),
    "a row removed by both": (edit(("b-003,Una,,\n", "")),) * 3,
    "rows in another order, and line ends of another system": (
        edit(("b-001,Ada,1998,\n", "")) + "b-001,Ada,1998,\n",
        edit(("Una", "Ulla"), ("\n", "\r\n")),
        edit(("Una", "Ulla")),
    ),
}


@pytest.mark.parametrize("name", CLEAN)
def test_what_one_side_changed_is_merged(tmp_path, name):
    ours, theirs, expected = CLEAN[name]
    assert merge(tmp_path, ours, theirs) == Merged(expected, [], 0)


def test_a_column_of_one_side_is_merged_with_cells_and_rows_of_the_other(tmp_path):
    migrated = "boat_id,port,name,built,note\nb-001,Ayr,Ada,1998,\nb-002,,Ida,2011,\nb-003,,Una,,\n"
    ours = migrated + 'b-004,,Eda,2001,"blue, white"\n'
    theirs = edit(("Ida", "Ina")) + ADDED
    expected = ours.replace("Ida", "Ina") + "b-005,,Ola,2020,\n"
    assert merge(tmp_path, ours, theirs) == Merged(expected, [], 0)
    assert merge(tmp_path, theirs, ours) == Merged(expected, [], 0)


def test_columns_that_each_side_added_are_both_there(tmp_path):
    base = "boat_id,name\na,Ada\nb,Bea\n"
    ours, theirs = "boat_id,port,name\na,Ayr,Ada\nb,,Bea\n", "boat_id,name,crew\na,Ada,3\nb,Bea,4\n"
    expected = "boat_id,port,name,crew\na,Ayr,Ada,3\nb,,Bea,4\n"
    assert merge(tmp_path, ours, theirs, base) == Merged(expected, [], 0)


def test_columns_in_another_order_and_a_removed_column_are_merged(tmp_path):
    base = "boat_id,name,built\na,Ada,1998\nb,Bea,\n"
    theirs = base.replace("Bea", "Bee")
    assert merge(tmp_path, "boat_id,built,name\na,1998,Ada\nb,,Bea\n", theirs, base) == Merged(
        "boat_id,built,name\na,1998,Ada\nb,,Bee\n", [], 0
    )
    assert merge(tmp_path, "boat_id,name\na,Ada\nb,Bea\n", theirs, base) == Merged(
        "boat_id,name\na,Ada\nb,Bee\n", [], 0
    )


def mark(ours, theirs):
    return f"<<<<<<< ours\n{ours}=======\n{theirs}>>>>>>> theirs\n"


def test_a_cell_that_both_changed_is_a_conflict_of_its_row_alone(tmp_path):
    ours = edit(("Ida,2011,", "Ida,2012,red"), ("Ada", "Ann"))
    done = merge(tmp_path, ours, edit(("Ida,2011,", "Ina,2013,"), ("Una", "Ulla")))
    lines = mark("b-002,Ina,2012,red\n", "b-002,Ina,2013,red\n")
    assert done.text == edit(("b-002,Ida,2011,\n", lines), ("Ada", "Ann"), ("Una", "Ulla"))
    message = 'this is ours, and theirs is "2013", in the row "b-002"; keep one of the two lines'
    assert (done.said, done.code) == ([f'boats.csv:3: built="2012": {message}'], 1)


@pytest.mark.parametrize("is_ours", [True, False])
def test_a_row_that_one_side_removed_and_the_other_changed_is_a_conflict(tmp_path, is_ours):
    gone, changed = edit(("b-002,Ida,2011,\n", "")), edit(("Ida,2011,", "Ida,2012,"))
    done = merge(tmp_path, *((gone, changed) if is_ours else (changed, gone)))
    line = "b-002,Ida,2012,\n"
    lines = mark("", line) if is_ours else mark(line, "")
    assert done.text == edit(("b-002,Ida,2011,\n", lines))
    who = ("ours", "theirs") if is_ours else ("theirs", "ours")
    message = f'{who[0]} removed the row "b-002", and {who[1]} changed its built; keep its line, or remove it'
    assert (done.said, done.code) == ([f"boats.csv:3: {message}"], 1)


def test_an_identifier_that_both_took_is_named_with_the_next_free_one(tmp_path):
    more = BOATS + "b-006,Pia,,\n"
    done = merge(tmp_path, more + ADDED, BOATS + "b-005,Ula,,\n")
    lines = mark(ADDED, "b-005,Ula,,\n")
    assert done.text == BOATS + lines + "b-006,Pia,,\n"
    message = 'both sides took it for a new row; leave it to one of them, and name the other "b-007"'
    assert (done.said, done.code) == ([f'boats.csv:6: boat_id="b-005": {message}'], 1)


def test_several_identifiers_that_both_took_get_different_ones(tmp_path):
    ours, theirs = BOATS + "b-005,A,,\nb-006,B,,\n", BOATS + "b-005,C,,\nb-006,D,,\n"
    said = merge(tmp_path, ours, theirs).said
    assert [line.split('"')[-2] for line in said] == ["b-007", "b-008"]


def test_a_key_without_a_number_that_both_took_names_the_cells(tmp_path):
    done = merge(tmp_path, BOATS + "x,Pia,,\n", BOATS + "x,Ria,,\n")
    assert done.code == 1
    assert done.said == [
        'boats.csv:6: name="Pia": this is ours, and theirs is "Ria", in the row "x"; keep one of the two lines'
    ]


BY_LINE = {
    "no key": (BOATS + ADDED, edit(("Ada", "Ann")), {"primaryKey": None}),
    "a repeated key": (BOATS + "b-001,Again,,\n", edit(("Eda", "Edda")), {}),
    "a row with too few cells": (edit(("b-003,Una,,", "b-003,Una")), edit(("Ada", "Ann")), {}),
    "bytes of another encoding": (BOATS.replace("Una", "Üna").encode("latin-1"), edit(("Ada", "Ann")), {}),
    "an unfinished merge": (edit(("b-001,Ada,1998,\n", mark("x\n", ""))), edit(("Eda", "Edda")), {}),
}


@pytest.mark.parametrize("name", BY_LINE)
def test_what_cannot_be_matched_is_merged_line_by_line_with_a_notice(tmp_path, name):
    ours, theirs, declared = BY_LINE[name]
    ours = ours if isinstance(ours, bytes) else ours.encode()
    labels = ["-L", "ours", "-L", "base", "-L", "theirs"]
    for file, data in {"base": BOATS.encode(), "ours": ours, "theirs": theirs.encode()}.items():
        (tmp_path / file).write_bytes(data)
    line = ["git", "merge-file", "-p", *labels, "ours", "base", "theirs"]
    expected = subprocess.run(line, cwd=tmp_path, capture_output=True, check=False)
    write_boats(tmp_path, **declared)
    done = run_driver(tmp_path)
    assert (tmp_path / "ours").read_bytes() == expected.stdout
    assert done.exit_code == min(expected.returncode, 1)
    assert done.stderr.splitlines()[0].startswith("notice: boats.csv: merged line by line, not by key: ")


def test_a_header_that_both_changed_is_a_conflict_of_lines(tmp_path):
    ours, theirs = edit(("note", "remark")), edit(("note", "comment"))
    done = merge(tmp_path, ours, theirs)
    assert done.code == 1
    assert done.text.startswith("<<<<<<< ours\nboat_id,name,built,remark\n=======\n")
    assert done.said[0].endswith("both sides changed its header")


def test_a_descriptor_that_cannot_be_read_is_no_reason_to_stop(tmp_path):
    write_boats(tmp_path)
    for name, text in {"base": BOATS, "ours": edit(("Ada", "Ann")), "theirs": edit(("Eda", "Edda"))}.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "datapackage.json").write_text("<<<<<<< ours\n{}\n=======\n{\n>>>>>>> theirs\n")
    done = run_driver(tmp_path)
    assert (done.exit_code, (tmp_path / "ours").read_text()) == (0, edit(("Ada", "Ann"), ("Eda", "Edda")))
    assert "datapackage.json:1: the merge in git is unfinished" in done.stderr


QUOTED = {'a "b", c': '"a ""b"", c"'}
CELLS = st.sampled_from(["", "x", "y", *QUOTED])
ROWS = st.dictionaries(st.sampled_from("abcdef"), st.tuples(CELLS, CELLS), max_size=6)


def render(rows):
    lines = ["id,one,two"]
    for key, cells in sorted(rows.items()):
        lines.append(",".join([key, *(QUOTED.get(cell, cell) for cell in cells)]))
    return "\n".join(lines) + "\n"


def settle(was, ours, theirs):
    """A three-way merge of one value, written anew; None when it is a conflict."""
    if ours == theirs or theirs == was:
        return [ours]
    return [theirs] if ours == was else None


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("merges")
    write_package(folder, table("t", "id\n", [field("id"), field("one"), field("two")], primaryKey="id"))
    return folder


@pytest.mark.long
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS, ROWS, ROWS)
def test_any_merge_is_the_same_as_cell_by_cell(folder, base, ours, theirs):
    """And no side's change is lost without a conflict; the sides can be exchanged."""
    expected, conflicts = {}, set()
    for key in {*base, *ours, *theirs}:
        sides = [side.get(key) for side in (base, ours, theirs)]
        if None in sides:
            settled = settle(*sides)
            conflicts |= set() if settled else {key}
            expected |= {key: settled[0]} if settled and settled[0] else {}
            continue
        cells = [settle(*one) for one in zip(*sides, strict=True)]
        conflicts |= {key} if None in cells else set()
        expected |= {} if None in cells else {key: tuple(cell[0] for cell in cells)}
    for first, second in ((ours, theirs), (theirs, ours)):
        for name, rows in {"base": base, "ours": first, "theirs": second}.items():
            (folder / name).write_text(render(rows))
        done, text = run_driver(folder, "t.csv"), (folder / "ours").read_text()
        assert done.exit_code == bool(conflicts)
        assert text.count("<<<<<<< ours\n") == len(conflicts)
        kept, is_in = [], False
        for line in text.splitlines():
            is_in = line.startswith("<<<<<<<") or (is_in and not line.startswith(">>>>>>>"))
            kept += [] if is_in or line.startswith(">>>>>>>") else [line]
        assert "\n".join(kept) + "\n" == render(expected)


# ---- With git itself


class Repository:
    """A package in a repository of git, and what git does with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "user.name", "Nobody")
        self.git("config", "user.email", "nobody@example.org")
        self.git("config", "commit.gpgsign", "false")

    def git(self, *words, code=0):
        line = ["git", "-C", str(self.folder), *words]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        assert code is None or done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def commit(self, text):
        (self.folder / "boats.csv").write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "Change boats")

    def set_up(self):
        return CliRunner().invoke(git_setup, [str(self.folder)], catch_exceptions=False)


@pytest.fixture
def repository(tmp_path):
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    write_boats(tmp_path)
    (tmp_path / ".gitattributes").write_text(ATTRIBUTES)
    repository = Repository(tmp_path)
    repository.commit(BOATS)
    return repository


def diverge(repository, ours, theirs):
    """Two branches that changed the table."""
    repository.git("switch", "--quiet", "--create", "theirs")
    repository.commit(theirs)
    repository.git("switch", "--quiet", "main")
    repository.commit(ours)


def test_one_command_sets_git_up_and_git_merges_by_key(repository):
    ours, theirs, expected = CLEAN["rows that both add at the same place"]
    diverge(repository, ours, theirs)
    assert "CONFLICT" in repository.git("merge", "theirs", code=1)
    repository.git("merge", "--abort")
    assert repository.set_up().exit_code == 0
    repository.git("merge", "--no-edit", "theirs")
    assert (repository.folder / "boats.csv").read_text() == expected


def test_a_conflict_is_gits_own_and_validate_says_that_the_merge_is_unfinished(repository):
    repository.set_up()
    diverge(repository, edit(("Ida", "Ina")), edit(("Ida", "Isa")))
    said = repository.git("merge", "theirs", code=1)
    assert 'boats.csv:3: name="Ina": this is ours, and theirs is "Isa", in the row "b-002"' in said
    assert repository.git("diff", "--name-only", "--diff-filter=U") == "boats.csv\n"
    line = [sys.executable, "-m", "packpress", "validate", str(repository.folder)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "boats.csv:3: the merge in git is unfinished from here on; " in done.stdout
    assert done.stdout.splitlines()[-1] == "1 problem in 1 file"
    (repository.folder / "boats.csv").write_text(edit(("Ida", "Isa")))
    repository.git("commit", "--quiet", "--all", "--no-edit")
    assert subprocess.run(line, capture_output=True, check=False).returncode == 0


def test_the_set_up_can_be_repeated(repository):
    first, second = repository.set_up(), repository.set_up()
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "merge.packpress.driver set" in first.stdout
    assert "already; nothing was changed" in second.stdout
    assert repository.git("config", "--get-all", "merge.packpress.driver").count("merge-driver") == 1


def test_the_set_up_says_what_the_attributes_lack(repository):
    file = repository.folder / ".gitattributes"
    file.write_text("*.txt -text\n")
    done = repository.set_up()
    mend = 'add "/*.csv merge=packpress", and commit it'
    assert (done.exit_code, done.stderr) == (1, f"{file}: lacks the tables of sm-all; {mend}\n")
    file.write_text("/*.csv merge=packpress\n")
    assert repository.set_up().exit_code == 0


def test_attributes_that_nobody_added_to_git_are_named(tmp_path):
    write_boats(tmp_path)
    (tmp_path / ".gitattributes").write_text(ATTRIBUTES)
    done = Repository(tmp_path).set_up()
    assert done.exit_code == 1
    assert done.stderr.endswith(".gitattributes: is not in git; commit it, so that every clone has it\n")


def test_outside_a_repository_nothing_is_set_up(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    done = CliRunner().invoke(git_setup, [str(write_boats(tmp_path))])
    assert done.exit_code == 2
    assert done.stderr == f"{tmp_path}: not in a git repository; clone it, or run git init there\n"
