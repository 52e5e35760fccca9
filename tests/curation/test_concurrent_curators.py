"""Several curators at once, in processes of their own: commands wait for each other, and nothing is lost."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from random import Random
from zipfile import ZipFile

import openpyxl
import pytest
from click.testing import CliRunner
from packpress.cli import format_tables, import_workbook, rename, workbook
from packpress.editing.format import make_record, render_saved
from packpress.transaction import hold_for_editing, write_file

from invented.copies import messages
from tests.conftest import ROOT
from tests.curation.commands import EXERCISE, accept, add_source, publish_source

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
            start("packpress", "rename", "questions", "age", "years", package_copy.descriptor, "--yes"),
        ]
    )
    assert codes == [0, 0, 0, 0], outputs
    assert "years" in {row["question_id"] for row in package_copy.rows("claim_relations")}
    claims = {row["claim_id"] for row in package_copy.rows("claims")}
    assert {f"exercise-c00{number}" for number in range(1, 7)} <= claims
    assert {"alder", "exercise"} <= {row["source_id"] for row in package_copy.rows("sources")}
    assert not [*package_copy.root.glob(".replacement*")]


# Long enough for each of these commands to have ended, if nothing kept it.
HELD = 8


@pytest.mark.long
def test_what_is_made_of_the_tables_waits_for_whoever_changes_them(package_copy):
    """Nobody exports, lists, derives or formats half of a change."""
    package_copy.add_all()
    dist = package_copy.root / "dist"
    where, book = package_copy.descriptor, dist / "desk.xlsx"
    name = package_copy.rows("sources")[1]["source_id"]
    with hold_for_editing(package_copy.root):
        package_copy.edit("sources", name, short_name="Half of it")
        processes = [
            start("packpress", "workbook", where, "--output", book),
            start("packpress", "generate", where),
            start("packpress", "format", where),
            start("scripts.todo", where, "--output", dist / "todo"),
            start("scripts.review", where, "--source", name, "--output", dist / "review"),
        ]
        time.sleep(HELD)
        ended = [process.args for process in processes if process.poll() is not None]
        package_copy.edit("sources", name, short_name="The whole of it")
    codes, outputs = finish(processes)
    assert (ended, codes) == ([], [0] * len(processes)), outputs
    assert "The whole of it" in outputs[3]
    assert not any("Half of it" in output for output in outputs)
    with ZipFile(book) as file:
        texts = file.read("xl/sharedStrings.xml").decode()
    assert ("The whole of it" in texts, "Half of it" in texts) == (True, False)
    assert not [*package_copy.root.glob(".replacement*")]


@pytest.mark.long
def test_commands_that_only_tell_need_no_lock(package_copy):
    with hold_for_editing(package_copy.root):
        telling = [
            start("packpress", "validate", package_copy.descriptor),
            start("packpress", "format", package_copy.descriptor, "--check"),
            start("packpress", "next-id", "conditions", "--descriptor", package_copy.descriptor),
        ]
        codes, outputs = finish(telling)
    assert not any(WAITED_TOO_LONG in output for output in outputs)
    assert codes[0] == 0, outputs[0]


@pytest.mark.long
def test_two_exports_into_one_file_are_one_after_the_other(package_copy):
    book = package_copy.root / "dist" / "desk.xlsx"
    words = ["packpress", "workbook", package_copy.descriptor, "--output", book]
    codes, outputs = finish([start(*words), start(*words)])
    assert codes == [0, 0], outputs
    done = start("packpress", "import", book, package_copy.descriptor)
    assert finish([done]) == ([0], ["the workbook changes nothing\n"])


# Two curators are killed in each; `make test-kills` asks for more.
ROUNDS = int(os.environ.get("KILLS") or 10) // 2


def fork(command, *words):
    """Runs a command of ours in a process of its own, which is quick to start."""
    child = os.fork()
    if child == 0:
        with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
            try:
                command.main([*map(str, words)])
            except SystemExit as end:
                os._exit(int(end.code or 0))
            finally:
                os._exit(70)
    return child


def fork_adding(copy, name):
    file = copy.root / f"{name}.txt"
    file.write_text(TEXT.format(name), encoding="utf-8")
    return fork(add_source, file, name, copy.descriptor)


def fork_accepting(copy, name):
    """Accepts a claim of a document that is there."""
    quote = f"It is given by mouth in {name}"
    cells = {"claim_id": f"{name}-c001", "passage_id": f"{name}-p003", "quote": quote, "focus": quote}
    cells |= {"about": "ketamine", "certainty": "asserted", "voice": "own", "evidence_type": "none_stated"}
    folder, resource = copy.root / "dist" / name, copy.read().by_name["claims"]
    record = make_record(resource, cells | {"extraction": "one_reader"})
    write_file(folder / "claims.csv", render_saved(resource, [record]))
    return fork(accept, folder, copy.descriptor)


def fork_formatting(copy, random):
    """Formats a table whose rows stand in another order."""
    file = copy.file("questions")
    head, *rows = file.read_text(encoding="utf-8").splitlines(keepends=True)
    random.shuffle(rows)
    file.write_text("".join([head, *rows]), encoding="utf-8")
    return fork(format_tables, copy.descriptor)


NOTE = "Noted in the workbook {0}."


def write_book(copy, number):
    """A workbook of the whole package, with another note in each of two tables."""
    file = copy.root / f"{number}.xlsx"
    line = [str(copy.descriptor), "--output", str(file), "--force"]
    assert CliRunner().invoke(workbook, line).exit_code == 0
    book = openpyxl.load_workbook(file)
    for sheet in ("claims", "sources"):
        (head,) = [cell.column for cell in book[sheet][1] if cell.value == "note"]
        book[sheet].cell(2, head).value = NOTE.format(number)
    book.save(file)
    return file


def read_notes(copy):
    """The notes that a workbook sets: one, unless it was imported in one table alone."""
    rows = [min(copy.rows(name), key=lambda row: next(iter(row.values()))) for name in ("claims", "sources")]
    return {row["note"] for row in rows}


def read_curated(copy):
    """The documents with the number of their passages, the claims, and the rows of a table."""
    copy.read()
    passages = Counter(row["source_id"] for row in copy.rows("passages"))
    sources = {row["source_id"]: passages[row["source_id"]] for row in copy.rows("sources")}
    assert passages.keys() == sources.keys()
    for name in sources:
        assert (copy.root / "data" / "sources" / f"{name}.txt").is_file()
    claims = {row["claim_id"] for row in copy.rows("claims")}
    return sources, claims, {tuple(row.values()) for row in copy.rows("questions")}


def start_both(copy, number, sources, claims, random):
    """Two commands of two curators: the process of each, and what it adds."""
    name, kind = f"d{number}", random.choice(["add", "accept", "format"])
    children = {}
    if kind == "format":
        children[fork_formatting(copy, random)] = ""
    waiting = [one for one in sources if one.startswith(("d", "first")) and f"{one}-c001" not in claims]
    if kind == "accept" and waiting:
        children[fork_accepting(copy, waiting[-1])] = f"{waiting[-1]}-c001"
    if not children:
        children[fork_adding(copy, f"{name}b")] = f"{name}b"
    return children | {fork_adding(copy, name): name}


def kill_all(children, random, longest):
    """Kills each process at a random moment; the exit code of each by what it adds."""
    for child in children:
        time.sleep(random.uniform(0, longest))
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    return {what: os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child, what in children.items()}


@pytest.mark.long
@pytest.mark.skipif(os.name != "posix", reason="made with what only POSIX systems have")
def test_kills_of_two_curators_at_once_lose_nothing(package_copy):
    random, start = Random(19), time.monotonic()
    assert os.waitpid(fork_adding(package_copy, "first"), 0)[1] == 0
    length = time.monotonic() - start
    before, added = read_curated(package_copy), set()
    for number in range(ROUNDS):
        sources, claims, questions = before
        children = start_both(package_copy, number, sources, claims, random)
        ended = kill_all(children, random, length)
        assert {*ended.values()} <= {0, -signal.SIGKILL}, ended
        now = read_curated(package_copy)
        # Nothing of before is gone, what ended well is there, and nothing else is.
        assert sources.items() <= now[0].items()
        assert claims <= now[1]
        assert questions == now[2]
        fresh = (now[0].keys() - sources.keys()) | (now[1] - claims)
        assert {what for what, code in ended.items() if what and code == 0} <= fresh <= {*ended}
        assert all(now[0].get(one, 3) == 3 for one in fresh)
        before, added = now, added | fresh
    assert added


@pytest.mark.long
@pytest.mark.skipif(os.name != "posix", reason="made with what only POSIX systems have")
def test_kills_of_a_rename_change_every_table_or_none(package_copy):
    random, keys = Random(23), ("harp-elbow", "players-elbow")
    started = time.monotonic()
    words = ("conditions", *keys, package_copy.descriptor, "--yes")
    assert os.waitpid(fork(rename, *words), 0)[1] == 0
    length = time.monotonic() - started
    for _ in range(ROUNDS):
        is_first = keys[0] in {row["condition_id"] for row in package_copy.rows("conditions")}
        child = fork(
            rename, "conditions", *(keys if is_first else keys[::-1]), package_copy.descriptor, "--yes"
        )
        kill_all({child: "rename"}, random, length * 1.2)
        package_copy.read()
        found = {row["condition_id"] for row in package_copy.rows("conditions")} & {*keys}
        for name in ("names", "mappings"):
            assert {row["row_id"] for row in package_copy.rows(name)} & {*keys} == found
        registered = {row["row_id"] for row in package_copy.rows("withdrawals")} & {*keys}
        assert registered == ({*keys[:1]} if keys[1] in found else set())
        assert messages(package_copy) == []
        assert len(found) == 1


@pytest.mark.long
@pytest.mark.skipif(os.name != "posix", reason="made with what only POSIX systems have")
def test_kills_of_imports_change_both_tables_or_none(package_copy, monkeypatch):
    """And the next import goes on from there."""
    monkeypatch.chdir(package_copy.root)
    random, killed = Random(23), 0
    length = measure(fork_importing(package_copy, 0))
    before = {NOTE.format(0)}
    assert read_notes(package_copy) == before
    for number in range(1, ROUNDS + 1):
        child, wanted = fork_importing(package_copy, number), {NOTE.format(number)}
        time.sleep(random.uniform(0, length))
        code = kill(child)
        killed += code != 0
        package_copy.read()  # the next command completes what was decided
        found = read_notes(package_copy)
        assert found == wanted or (code and found == before)
        before = found
    assert killed
    assert messages(package_copy) == []
    measure(fork_importing(package_copy, ROUNDS + 1))
    assert read_notes(package_copy) == {NOTE.format(ROUNDS + 1)}


def fork_importing(copy, number):
    return fork(import_workbook, write_book(copy, number), copy.descriptor, "--yes")


def kill(child):
    """Kills a process, unless it has ended; its exit code."""
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in {0, -signal.SIGKILL}
    return code


def measure(child):
    """How long a process takes, which ends well."""
    start = time.monotonic()
    assert os.waitpid(child, 0)[1] == 0
    return time.monotonic() - start


@pytest.mark.long
@pytest.mark.skipif(os.name != "posix", reason="made with what only POSIX systems have")
def test_kills_of_publishing_leave_a_draft_or_a_published_source(package_copy):
    random, killed = Random(29), 0
    source = package_copy.rows("sources")[1]["source_id"]
    before = package_copy.file("sources").read_bytes()
    package_copy.edit("sources", source, status="in_progress")
    draft = package_copy.file("sources").read_bytes()
    assert draft != before
    length = measure(fork(publish_source, source, package_copy.descriptor))
    for _ in range(ROUNDS):
        package_copy.file("sources").write_bytes(draft)
        child = fork(publish_source, source, package_copy.descriptor)
        time.sleep(random.uniform(0, length))
        code = kill(child)
        killed += code != 0
        package_copy.read()
        assert package_copy.file("sources").read_bytes() in ([before] if code == 0 else [draft, before])
    assert killed
    package_copy.file("sources").write_bytes(draft)
    measure(fork(publish_source, source, package_copy.descriptor))
    assert package_copy.file("sources").read_bytes() == before
    assert messages(package_copy) == []
    assert not [*package_copy.root.glob(".replacement*")]
