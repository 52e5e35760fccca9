"""Taking a workbook back: unchanged it changes nothing, and what was edited is written whole or not at all."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from functools import partial

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packpress.editing.diff import WITHDRAWN
from packpress.editing.workbook.book import open_book
from packpress.editing.workbook.damage import MEANT
from packpress.editing.workbook.layout import UNHOLDABLE
from packpress.editing.workbook.proposal import read_proposal
from packpress.package.descriptor import read_descriptor
from packpress.tables.rows import read_tables
from packpress.transaction import DECIDED, finish_replacement, replace_files

from scripts.curation.drafts import find_drafts
from tests.conftest import ROOT
from tests.kills import run_and_die
from tests.packages import field, table, write_library, write_package
from tests.workbooks import ROUTES, Desk, set_cells, write_routes


@pytest.fixture
def desk(tmp_path, monkeypatch):
    desk = Desk(write_routes(tmp_path), monkeypatch)
    desk.export()
    return desk


@pytest.fixture
def real_desk(package_copy, monkeypatch):
    desk = Desk(package_copy.descriptor, monkeypatch)
    desk.export()
    return desk


def test_the_real_package_comes_back_byte_for_byte(real_desk):
    before = real_desk.tables()
    done = real_desk.bring_back("--yes")
    assert (done.exit_code, done.output) == (0, "the workbook changes nothing\n")
    assert real_desk.tables() == before


TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], include_characters="\n\r\t \"'<&_=\u00a0\u2028é"), max_size=12
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_table_comes_back_byte_for_byte(tmp_path_factory, data):
    names = data.draw(st.lists(TEXTS.filter(str.strip), min_size=1, max_size=3, unique=True))
    width = len(names)
    rows = data.draw(st.lists(st.tuples(*[TEXTS] * width), max_size=4))
    title = data.draw(TEXTS.filter(str.strip))
    tables = [
        table("t.csv", "", [field(name) for name in names]) | {"name": title},
        table("u.csv", "", [field(name) for name in names], primaryKey=names[:1]) | {"name": f"{title} u"},
    ]
    for item in tables:
        item["path"] = f"{item['path'][0]}.csv"
        item["text"] = write_rows([tuple(names), *rows], data.draw(st.sampled_from(["\n", "\r\n"])))
    with pytest.MonkeyPatch.context() as patch:
        desk = Desk(write_package(tmp_path_factory.mktemp("any"), *tables), patch)
        left_out = desk.export().stderr
        before = desk.tables()
        done = desk.bring_back("--yes")
        assert (done.exit_code, done.stdout) == (0, "the workbook changes nothing\n"), done.stderr
        assert desk.tables() == before
        is_holdable = not any(map(UNHOLDABLE.search, (title, *names))) and all(
            any(row) and not any(map(UNHOLDABLE.search, row)) for row in rows
        )
        assert is_holdable == (not left_out)


def write_rows(rows, end):
    quoted = ([f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row] for row in rows)
    return "".join(",".join(row) + end for row in quoted)


def test_an_awkward_package_comes_back_after_a_spreadsheet_saved_it(tmp_path, monkeypatch):
    desk = Desk(write_library(tmp_path), monkeypatch)
    desk.export()
    desk.edit(lambda _: None)
    assert desk.bring_back("--yes").output == "the workbook changes nothing\n"
    desk.edit(set_cells("order", B4="said"))
    done = desk.bring_back("--yes")
    assert done.exit_code == 0, done.output
    lines = (tmp_path / "order.csv").read_text(encoding="utf-8").splitlines()
    assert lines[1] == "a,said,,1,,-2e3,,beta"


def test_edited_and_new_rows_are_shown_and_written_in_canonical_form(desk):
    desk.edit(
        set_cells("routes", D4="By the mouth.", A6="epidural", B6="epidural", D6='Around "dura", outside.')
    )
    done = desk.bring_back("--yes")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [
        "- `routes`: 1 added, 1 changed",
        "  - added `epidural`",
        "  - changed `oral`, definition: “By mouth.” became “By the mouth.”",
        "written: routes.csv; now packpress validate",
    ]
    head, *lines = ROUTES.replace("By mouth.", "By the mouth.").splitlines()
    added = 'epidural,epidural,,"Around ""dura"", outside."'
    assert (desk.root / "routes.csv").read_text().splitlines() == [head, *sorted([*lines, added])]


def test_nobody_to_ask_and_no_yes_writes_nothing(desk):
    desk.edit(set_cells("routes", D4="By the mouth."))
    done = desk.bring_back()
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "- `routes`: 1 changed",
        "  - changed `oral`, definition: “By mouth.” became “By the mouth.”",
        f"nothing is written yet; to import this: packpress import {desk.file} --yes",
    ]
    assert (desk.root / "routes.csv").read_text() == ROUTES


@pytest.mark.parametrize(("answer", "is_written"), [("y", True), ("n", False), ("", False)])
def test_somebody_is_asked(desk, monkeypatch, answer, is_written):
    desk.edit(set_cells("routes", D4="By the mouth."))
    monkeypatch.setattr("packpress.cli.can_ask", lambda: True)
    done = desk.bring_back(input=f"{answer}\n")
    assert done.exit_code == 0
    assert ("Import this? [y/N]" in done.output) and (("nothing is written" in done.output) != is_written)
    assert ("By the mouth." in (desk.root / "routes.csv").read_text()) == is_written


def test_the_same_workbook_is_edited_and_imported_again(desk):
    for text in ("By the mouth.", "Swallowed.", "By mouth.", "Swallowed."):
        desk.edit(set_cells("routes", D4=text, A9="rectal", B9="rectal", D9=text))
        assert desk.bring_back("--yes").exit_code == 0
        assert (desk.root / "routes.csv").read_text().count(text) == 2
        assert desk.bring_back("--yes").output == "the workbook changes nothing\n"


def edit_file(desk, old, new):
    file = desk.root / "routes.csv"
    file.write_text(file.read_text().replace(old, new))


def test_a_table_that_both_changed_is_refused(desk):
    edit_file(desk, "Into a vein.", "Into the vein.")
    desk.edit(set_cells("routes", D4="By the mouth."))
    assert desk.complaints() == [
        "desk.xlsx: routes: routes.csv changed since the export, and so did this sheet; export anew and repeat your "
        "changes there"
    ]


def test_a_table_that_only_others_changed_stays_as_it_is(desk):
    edit_file(desk, "Into a vein.", "Into the vein.")
    desk.edit(set_cells("withdrawals", A2="routes", B2="anal", C2="Never used."))
    done = desk.bring_back("--yes")
    assert (
        done.stderr == "notice: routes.csv: changed since the export, not in the workbook; stays as it is\n"
    )
    assert done.stdout.endswith("written: withdrawals.csv; now packpress validate\n")
    assert "Into the vein." in (desk.root / "routes.csv").read_text()


def test_a_workbook_imported_elsewhere_is_stale_here(desk):
    desk.edit(set_cells("routes", D4="By the mouth."))
    desk.bring_back("--yes")
    desk.file = desk.file.rename(desk.root / "copy.xlsx")
    desk.edit(set_cells("routes", D4="Swallowed."))
    assert "export anew" in desk.complaints()[0]


def test_a_row_that_the_register_withdraws_may_go(desk):
    def withdraw(book):
        book["routes"].delete_rows(4)
        set_cells("withdrawals", A2="routes", B2="oral", C2="Not a route of its own.")(book)

    desk.edit(withdraw)
    done = desk.bring_back("--yes")
    assert done.exit_code == 0, done.output
    assert "oral" not in (desk.root / "routes.csv").read_text()
    assert (desk.root / "withdrawals.csv").read_text().endswith("routes,oral,Not a route of its own.\n")
    desk.export()
    desk.edit(lambda book: book["withdrawals"].delete_rows(2))
    assert desk.complaints() == [
        'desk.xlsx: withdrawals: the entry "routes,oral" is gone; put it back, the register only grows'
    ]


def test_rows_of_a_draft_may_go_without_a_trace(desk):
    desk.edit(lambda book: book["routes"].delete_rows(4))
    book, package = open_book(desk.file), read_descriptor(desk.descriptor)
    assert read_proposal(package, book, desk.root, {"routes": {"intranasal"}}).problems
    proposal = read_proposal(package, book, desk.root, {"routes": {"oral"}})
    assert not proposal.problems
    assert [(change.key, change.kind) for change in proposal.changes] == [("oral", WITHDRAWN)]


def test_the_rows_that_hang_off_a_source_in_progress_are_drafts(package_copy):
    package_copy.edit("sources", "clinic-ketamine", status="in_progress")
    package = package_copy.read()
    drafts = find_drafts(package, read_tables(package))
    claims = {row["claim_id"] for row in package_copy.rows("claims") if row["claim_id"].startswith("clinic-")}
    assert claims and drafts["claims"] == claims
    assert drafts["sources"] == {"clinic-ketamine"}
    assert drafts["claim_types"] == set()


CLAIMS = """\
claim_id,source_id,note
a-1,a,
a-2,a,
b-1,b,
b-2,b,
"""


def test_the_workbook_of_a_source_leaves_all_other_rows_alone(tmp_path, monkeypatch):
    sources = table("sources", "source_id\na\nb\n", [field("source_id")], primaryKey="source_id")
    claims = table(
        "claims",
        CLAIMS,
        [field("claim_id"), field("source_id"), field("note")],
        primaryKey="claim_id",
        foreignKeys=[{"fields": "source_id", "reference": {"resource": "sources", "fields": "source_id"}}],
    )
    desk = Desk(write_package(tmp_path, sources, claims), monkeypatch)
    desk.export("--only", "sources=b")
    desk.edit(set_cells("claims", C3="Read twice.", A4="b-3", B4="b"))
    assert desk.bring_back("--yes").exit_code == 0
    expected = CLAIMS.replace("b-2,b,", "b-2,b,Read twice.") + "b-3,b,\n"
    assert (tmp_path / "claims.csv").read_text() == expected
    desk.edit(set_cells("claims", A5="a-1", B5="b", A6="b-4", B6="a"))
    assert desk.complaints() == [
        'desk.xlsx: claims!A5: claim_id="a-1": claims.csv has a row of this key that is not in this workbook; '
        "choose another",
        'desk.xlsx: claims!A6: claim_id="b-4": the row does not belong to b; mend its foreign keys, or export a '
        "workbook of all rows",
    ]


def test_a_table_without_keys_is_edited_all_the_same(tmp_path, monkeypatch):
    desk = Desk(write_package(tmp_path, table("t", "a,b\n2,x\n1,y\n", [field("a"), field("b")])), monkeypatch)
    desk.export()
    desk.edit(set_cells("t", B2="z", A4="3"))
    assert desk.bring_back("--yes").stdout.splitlines()[0] == "- `t`: 2 added, 1 withdrawn"
    assert (tmp_path / "t.csv").read_text() == "a,b\n2,z\n1,y\n3,\n"


def test_a_character_that_the_file_cannot_hold_is_refused(tmp_path, monkeypatch):
    desk = Desk(write_package(tmp_path, table("t", "a\né\n", [field("a")], encoding="latin-1")), monkeypatch)
    desk.export()
    desk.edit(set_cells("t", A2="ж"))
    assert desk.complaints() == [
        'desk.xlsx: t!A2: a="ж": holds a character that latin-1 has not; write it without'
    ]


def test_printed_words_may_get_and_lose_unusual_spaces_which_the_difference_shows(tmp_path, monkeypatch):
    item = table("t", "id,quote\n1,10 mg\n", [field("id"), field("quote", printed=True)], primaryKey="id")
    desk = Desk(write_package(tmp_path, item), monkeypatch)
    desk.export()
    for old, new in (("10 mg", "10\u00a0mg"), ("10\u00a0mg", "10 mg")):
        desk.edit(set_cells("t", B2=new))
        shown = [text.replace("\u00a0", "<U+00A0>") for text in (old, new)]
        done = desk.bring_back("--yes")
        assert done.stdout.splitlines()[1] == f"  - changed `1`, quote: “{shown[0]}” became “{shown[1]}”"


def test_what_stood_in_the_column_before_is_no_damage(tmp_path, monkeypatch):
    desk = Desk(
        write_package(
            tmp_path,
            table(
                "t",
                "id,when,n\n1,4-Mar,007\n2,x,1\n",
                [field("id"), field("when"), field("n")],
                primaryKey="id",
            ),
        ),
        monkeypatch,
    )
    desk.export()
    desk.edit(set_cells("t", B3="4-Mar"))
    assert desk.bring_back("--yes").exit_code == 0
    desk.edit(set_cells("t", C2="7"))
    assert desk.complaints() == [f'desk.xlsx: t!C2: n="7": lost its leading zeros; write 007{MEANT}']
    desk.edit(set_cells("t", C2="007", C3="1.0"))
    assert desk.complaints() == [f'desk.xlsx: t!C3: n="1.0": a whole number with a fraction; write 1{MEANT}']


def make_other(desk):
    desk.descriptor.write_text(desk.descriptor.read_text().replace('"sm-all"', '"other"'))
    return f"{desk.file}: a workbook of sm-all, not of other; name the right descriptor"


def make_text(desk):
    desk.file.write_text("id,label\n")
    return f"{desk.file}: no workbook that can be read: File is not a zip file; save it as .xlsx"


def make_plain(desk):
    openpyxl.Workbook().save(desk.file)
    return f"{desk.file}: its hidden sheet is not what packpress workbook wrote; export anew and copy your changes there"


def make_missing(desk):
    desk.file.unlink()
    return f"{desk.file}: no such file; name a workbook that packpress workbook wrote"


@pytest.mark.parametrize("make", [make_other, make_text, make_plain, make_missing], ids=lambda m: m.__name__)
def test_what_is_no_workbook_of_the_package_is_one_line(desk, make):
    expected = make(desk)
    done = desk.bring_back("--yes")
    assert (done.exit_code, done.stderr) == (2, f"{expected}\n")


def test_an_export_does_not_bury_changes_that_were_not_imported(desk):
    assert desk.export().exit_code == 0
    desk.edit(set_cells("routes", D4="By the mouth."))
    done = desk.export()
    assert (done.exit_code, done.stderr) == (
        2,
        f"{desk.file}: holds changes that were not imported; import it, name another --output, or replace it with "
        "--force\n",
    )
    desk.bring_back("--yes")
    assert desk.export().exit_code == 0
    desk.edit(set_cells("routes", D4="Swallowed."))
    assert desk.export("--force").exit_code == 0
    desk.file.write_text("notes of mine")
    assert desk.export().stderr.startswith(
        f"{desk.file}: no workbook of sm-all, and in the way; name another"
    )


FILES = ("a.csv", "data/b.csv", "data/c.csv")


def write_all(root, text):
    (root / "data").mkdir(parents=True, exist_ok=True)
    for name in FILES:
        (root / name).write_text(text)


def texts(root):
    return {(root / name).read_text() for name in FILES}


def test_a_replacement_killed_at_any_step_is_all_old_or_all_new_at_the_next_start(tmp_path, monkeypatch):
    outcomes = []
    files = dict.fromkeys(FILES, b"new")
    for step in range(60):
        root = tmp_path / str(step)
        write_all(root, "old")
        has_ended = run_and_die(partial(replace_files, root, files), step, monkeypatch)
        finish_replacement(root)
        (text,) = texts(root)
        outcomes.append(text)
        assert not (root / DECIDED).exists()
        replace_files(root, dict.fromkeys(FILES, b"newer"))
        assert texts(root) == {"newer"}
        assert sorted(path.name for path in root.iterdir()) == ["a.csv", "data"]
        if has_ended:
            assert outcomes == sorted(outcomes, reverse=True) and len(set(outcomes)) == 2
            return
    pytest.fail("the replacement never ended")


def test_whoever_reads_a_package_finishes_what_was_cut_off(desk):
    write_all(desk.root / DECIDED, "")
    (desk.root / DECIDED / "routes.csv").write_text(ROUTES.replace("By mouth.", "Swallowed."))
    read_descriptor(desk.descriptor)
    assert "Swallowed." in (desk.root / "routes.csv").read_text()
    assert not (desk.root / DECIDED).exists()


@pytest.mark.long
def test_an_import_killed_at_any_moment_leaves_all_old_or_all_new(real_desk, package_copy):
    old = real_desk.tables()

    def edit(book):
        for resource in package_copy.read().resources:
            if "note" in resource.field_names:
                column = resource.field_names.index("note") + 1
                book[resource.name].cell(2, column).value = "Read twice."

    real_desk.edit(edit)
    line = [
        sys.executable,
        "-m",
        "packpress",
        "import",
        "--yes",
        str(real_desk.file),
        str(real_desk.descriptor),
    ]
    outcomes = set()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    began = time.monotonic()
    subprocess.run(line, check=True, env=environment, capture_output=True)
    duration = time.monotonic() - began
    new = real_desk.tables()
    assert sum(old[name] != new[name] for name in old) > 3
    for number in range(20):
        for name, data in old.items():
            (real_desk.root / name).write_bytes(data)
        with subprocess.Popen(line, env=environment, stdout=subprocess.DEVNULL) as process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                # Most of the time is reading; what matters is near the end.
                process.wait(duration * (0.2 if number == 0 else 0.6 + number / 40 if number < 19 else 60))
            process.send_signal(signal.SIGKILL)
        package_copy.read()
        assert real_desk.tables() in (old, new)
        outcomes.add(real_desk.tables() == new)
    assert outcomes == {True, False}
