"""Several curators at once, in processes of their own: commands wait for each other, and nothing is lost."""

import subprocess
import sys

import pytest

from invented.copies import messages
from tests.conftest import ROOT
from tests.curation.commands import EXERCISE

TEXT = "Ketamine for {0}\n\nNobody of {0} wrote this before. It is given by mouth in {0}.\n"


def start(*words):
    line = [sys.executable, "-m", *map(str, words)]
    return subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def start_adding(copy, name):
    file = copy.root / f"{name}.txt"
    file.write_text(TEXT.format(name), encoding="utf-8")
    return start("scripts.add_source", file, name, copy.descriptor)


def finish(processes):
    """The exit codes and outputs of processes that run at once."""
    outputs = [process.communicate(timeout=300)[0] for process in processes]
    return [process.returncode for process in processes], outputs


WAITED_TOO_LONG = "another command is changing its files; nothing was changed, so try again later"


def test_documents_that_are_added_at_once_are_all_there(package_copy):
    names = ["alder", "birch"]
    codes, outputs = finish([start_adding(package_copy, name) for name in names])
    added = []
    for name, code, output in zip(names, codes, outputs, strict=True):
        assert code == 0 or (code == 2 and WAITED_TOO_LONG in output), output
        added += [] if code else [name]
    rows = {row["source_id"]: row["position"] for row in package_copy.rows("sources")}
    assert added
    assert {*added} == {*names} & rows.keys()
    assert len({rows[name] for name in added}) == len(added)
    passages = {row["passage_id"] for row in package_copy.rows("passages")}
    assert {*added} == {name for name in names if f"{name}-p003" in passages}
    assert messages(package_copy) == []


@pytest.mark.long
def test_every_writing_command_waits_for_the_others(package_copy):
    inbox = package_copy.root / "dist" / "todo"
    add = start("scripts.add_source", EXERCISE, "exercise", package_copy.descriptor)
    assert finish([add])[0] == [0]
    todo = start("scripts.todo", package_copy.descriptor, "--source", "exercise", "--output", inbox)
    assert finish([todo])[0] == [0]
    codes, outputs = finish(
        [
            start("scripts.accept", inbox / "exercise", package_copy.descriptor),
            start_adding(package_copy, "alder"),
            start("packpress", "format", package_copy.descriptor),
        ]
    )
    assert codes == [0, 0, 0], outputs
    claims = {row["claim_id"] for row in package_copy.rows("claims")}
    assert {f"exercise-c00{number}" for number in range(1, 7)} <= claims
    assert {"alder", "exercise"} <= {row["source_id"] for row in package_copy.rows("sources")}
    assert not [*package_copy.root.glob(".replacement*")]
