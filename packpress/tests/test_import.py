"""Taking a workbook back: unchanged it changes nothing, and what was edited is written whole or not at all."""

import contextlib
import signal
import subprocess
import sys
import time
import zipfile
from functools import partial

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from packpress.editing.diff import WITHDRAWN
from packpress.editing.workbook.book import open_book
from packpress.editing.workbook.importing import read_proposal
from packpress.editing.workbook.layout import UNHOLDABLE
from packpress.transaction import DECIDED, finish_replacement, replace_files

from invented.packages import field, table, write_library, write_package
from invented.workbooks import PORTS, Desk, set_cells, write_ports
from packpress import read_package
from tests.conftest import needs_posix
from tests.kills import run_and_die
from tests.suites.damages import ENTRIES, write_entries


@pytest.fixture
def desk(tmp_path, monkeypatch):
    desk = Desk(write_ports(tmp_path), monkeypatch)
    desk.export()
    return desk


@pytest.fixture
def fleet_desk(package_copy, monkeypatch):
    desk = Desk(package_copy.descriptor, monkeypatch)
    desk.export()
    return desk


def test_a_package_of_every_kind_of_table_comes_back_byte_for_byte(fleet_desk):
    before = fleet_desk.tables()
    done = fleet_desk.bring_back("--yes")
    assert (done.exit_code, done.output) == (0, "the workbook changes nothing\n")
    assert fleet_desk.tables() == before


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
    desk.edit(set_cells("ports", D4="On the fjord.", A6="aarhus", B6="aarhus", D6='By a "stream", inside.'))
    done = desk.bring_back("--yes")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [
        "- `ports`: 1 added, 1 changed",
        "  - added `aarhus`",
        "  - changed `oslo`, definition: “On a fjord.” became “On the fjord.”",
        "written: ports.csv; now run packpress validate",
    ]
    head, *lines = PORTS.replace("On a fjord.", "On the fjord.").splitlines()
    added = 'aarhus,aarhus,,"By a ""stream"", inside."'
    assert (desk.root / "ports.csv").read_text().splitlines() == [head, *sorted([*lines, added])]


def test_nobody_to_ask_and_no_yes_writes_nothing(desk):
    desk.edit(set_cells("ports", D4="On the fjord."))
    done = desk.bring_back()
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "- `ports`: 1 changed",
        "  - changed `oslo`, definition: “On a fjord.” became “On the fjord.”",
        f"nothing was written; to import this, run packpress import {desk.file} --yes",
    ]
    assert (desk.root / "ports.csv").read_text() == PORTS


@pytest.mark.parametrize(("answer", "is_written"), [("y", True), ("n", False), ("", False)])
def test_somebody_is_asked(desk, monkeypatch, answer, is_written):
    desk.edit(set_cells("ports", D4="On the fjord."))
    monkeypatch.setattr("packpress.cli.can_ask", lambda: True)
    done = desk.bring_back(input=f"{answer}\n")
    assert done.exit_code == 0
    assert ("Import this? [y/N]" in done.output) and (("nothing was written" in done.output) != is_written)
    assert ("On the fjord." in (desk.root / "ports.csv").read_text()) == is_written


def test_the_same_workbook_is_edited_and_imported_again(desk):
    for text in ("On the fjord.", "Far inland.", "On a fjord.", "Far inland."):
        desk.edit(set_cells("ports", D4=text, A9="riga", B9="riga", D9=text))
        assert desk.bring_back("--yes").exit_code == 0
        assert (desk.root / "ports.csv").read_text().count(text) == 2
        assert desk.bring_back("--yes").output == "the workbook changes nothing\n"


def edit_file(desk, old, new):
    file = desk.root / "ports.csv"
    file.write_text(file.read_text().replace(old, new))


def test_a_table_that_only_others_changed_stays_as_it_is(desk):
    edit_file(desk, "On a bay.", "On the bay.")
    desk.edit(set_cells("withdrawals", A2="ports", B2="baku", C2="Never used."))
    done = desk.bring_back("--yes")
    assert done.stderr == "notice: ports.csv: changed since the export, but not in the workbook; it is kept\n"
    assert done.stdout.endswith("written: withdrawals.csv; now run packpress validate\n")
    assert "On the bay." in (desk.root / "ports.csv").read_text()


def test_a_workbook_imported_elsewhere_is_stale_here(desk):
    desk.edit(set_cells("ports", D4="On the fjord."))
    desk.bring_back("--yes")
    desk.file = desk.file.rename(desk.root / "copy.xlsx")
    desk.edit(set_cells("ports", D4="Far inland."))
    assert desk.complaints() == ["copy.xlsx: ports: workbook/damage"]


def test_a_row_that_the_register_withdraws_may_go(desk):
    def withdraw(book):
        book["ports"].delete_rows(4)
        set_cells("withdrawals", A2="ports", B2="oslo", C2="Not a port of its own.")(book)

    desk.edit(withdraw)
    done = desk.bring_back("--yes")
    assert done.exit_code == 0, done.output
    assert "oslo" not in (desk.root / "ports.csv").read_text()
    assert (desk.root / "withdrawals.csv").read_text().endswith("ports,oslo,Not a port of its own.\n")


def test_rows_of_a_draft_may_go_without_a_trace(desk):
    desk.edit(lambda book: book["ports"].delete_rows(4))
    book, package = open_book(desk.file), read_package(desk.descriptor)
    assert read_proposal(package, book, desk.root, {"ports": {"bergen"}}).problems
    proposal = read_proposal(package, book, desk.root, {"ports": {"oslo"}})
    assert not proposal.problems
    assert [(change.key, change.kind) for change in proposal.changes] == [("oslo", WITHDRAWN)]


def test_the_workbook_of_a_log_leaves_all_other_rows_alone(tmp_path, monkeypatch):
    desk = Desk(write_entries(tmp_path), monkeypatch)
    desk.export("--only", "logs=b")
    desk.edit(set_cells("entries", C3="Read twice.", A4="b-3", B4="b"))
    assert desk.bring_back("--yes").exit_code == 0
    expected = ENTRIES.replace("b-2,b,", "b-2,b,Read twice.") + "b-3,b,\n"
    assert (tmp_path / "entries.csv").read_text() == expected


def test_a_table_without_keys_is_edited_all_the_same(tmp_path, monkeypatch):
    desk = Desk(write_package(tmp_path, table("t", "a,b\n2,x\n1,y\n", [field("a"), field("b")])), monkeypatch)
    desk.export()
    desk.edit(set_cells("t", B2="z", A4="3"))
    assert desk.bring_back("--yes").stdout.splitlines()[0] == "- `t`: 2 added, 1 withdrawn"
    assert (tmp_path / "t.csv").read_text() == "a,b\n2,z\n1,y\n3,\n"


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


def make_other(desk):
    desk.descriptor.write_text(desk.descriptor.read_text().replace('"sm-all"', '"other"'))
    return f"{desk.file}: a workbook of sm-all, not of other; name the right descriptor"


def make_text(desk):
    desk.file.write_text("id,label\n")
    return f"{desk.file}: not a workbook; save it as .xlsx in the program in which you edit it"


def make_cut(desk):
    data = desk.file.read_bytes()
    desk.file.write_bytes(data[: len(data) // 2])
    return f"{desk.file}: damaged or cut off; copy or save the whole file again"


def make_empty(desk):
    desk.file.write_bytes(b"")
    return f"{desk.file}: empty; save the workbook again, or restore it"


def make_flipped(desk):
    data = bytearray(desk.file.read_bytes())
    data[300:320] = bytes(20)
    desk.file.write_bytes(data)
    return f"{desk.file}: damaged; save it again, or restore an earlier copy"


def make_old(desk):
    desk.file.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    return (
        f"{desk.file}: a workbook with a password, or of Excel 2003 or older; "
        "save it as .xlsx in the program in which you edit it, without a password"
    )


def make_open_document(desk):
    with zipfile.ZipFile(desk.file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    return f"{desk.file}: an OpenDocument spreadsheet (.ods); save it as .xlsx in the program in which you edit it"


def make_archive(desk):
    with zipfile.ZipFile(desk.file, "w") as archive:
        archive.writestr("ports.csv", PORTS)
    return f"{desk.file}: an archive, not a workbook; save it as .xlsx in the program in which you edit it"


UNREADABLE = (make_text, make_cut, make_empty, make_flipped, make_old, make_open_document, make_archive)


def make_plain(desk):
    openpyxl.Workbook().save(desk.file)
    return f"{desk.file}: its hidden sheet is missing or was changed; export a new workbook and copy your changes there"


def make_missing(desk):
    desk.file.unlink()
    return f"{desk.file}: no such file; name a workbook that packpress workbook wrote"


@pytest.mark.parametrize(
    "make", [make_other, *UNREADABLE, make_plain, make_missing], ids=lambda m: m.__name__
)
def test_what_is_no_workbook_of_the_package_is_one_line(desk, make):
    expected = make(desk)
    done = desk.bring_back("--yes")
    assert (done.exit_code, done.stderr) == (2, f"{expected}\n")


def test_comments_on_cells_are_said_to_stay_behind(desk):
    def comment(book):
        book["ports"]["D4"].comment = Comment("Ask Anna\nabout this", "Anna")
        book["ports"]["D4"].value = "On the fjord."
        for line in range(20, 45):
            book["ports"][f"E{line}"].comment = Comment(f"No {line}", "Anna")

    desk.edit(comment)
    done = desk.bring_back("--yes")
    first, *_, last = done.stderr.splitlines()
    assert first == (
        "notice: desk.xlsx: ports!D4: the comment “Ask Anna<U+000A>about this” is not imported; write it in a cell"
    )
    assert last == "notice: and 6 comments more, which are not imported"
    assert done.exit_code == 0
    assert "On the fjord." in (desk.root / "ports.csv").read_text()


def test_messages_name_what_people_type_where_make_calls(desk, monkeypatch):
    monkeypatch.setenv("PACKPRESS_CALLER", "make")
    desk.edit(set_cells("ports", D4="On the fjord.", B9="no key"))
    assert " next-id TABLE=ports prints one" in desk.bring_back().stderr
    assert desk.export().stderr.endswith("import it, move it away, or replace it with FORCE=1\n")
    desk.edit(set_cells("ports", B9=None))
    done = desk.bring_back()
    assert done.stdout.endswith(f"import WORKBOOK={desk.file} YES=1\n")


def test_an_export_does_not_bury_changes_that_were_not_imported(desk):
    assert desk.export().exit_code == 0
    desk.edit(set_cells("ports", D4="On the fjord."))
    done = desk.export()
    assert (done.exit_code, done.stderr) == (
        2,
        f"{desk.file}: contains changes that were not imported; import it, move it away, or replace it with "
        "--force\n",
    )
    desk.bring_back("--yes")
    assert desk.export().exit_code == 0
    desk.edit(set_cells("ports", D4="Far inland."))
    assert desk.export("--force").exit_code == 0
    desk.file.write_text("notes of mine")
    assert desk.export().stderr.startswith(
        f"{desk.file}: exists, but is not a workbook of sm-all; move it away, or"
    )


FILES = ("a.csv", "data/b.csv", "data/c.csv")


def write_all(root, text):
    (root / "data").mkdir(parents=True, exist_ok=True)
    for name in FILES:
        (root / name).write_text(text)


def texts(root):
    return {(root / name).read_text() for name in FILES}


@needs_posix
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
    (desk.root / DECIDED / "ports.csv").write_text(PORTS.replace("On a fjord.", "Far inland."))
    read_package(desk.descriptor)
    assert "Far inland." in (desk.root / "ports.csv").read_text()
    assert not (desk.root / DECIDED).exists()


@needs_posix
@pytest.mark.long
def test_an_import_killed_at_any_moment_leaves_all_old_or_all_new(fleet_desk, package_copy):
    old = fleet_desk.tables()

    def edit(book):
        for name, column in {"logs": "I", "kinds": "B", "sightings": "K", "ports": "D"}.items():
            book[name][f"{column}2"].value = "Read twice."

    fleet_desk.edit(edit)
    line = [
        sys.executable,
        "-m",
        "packpress",
        "import",
        "--yes",
        str(fleet_desk.file),
        str(fleet_desk.descriptor),
    ]
    outcomes = set()
    began = time.monotonic()
    subprocess.run(line, check=True, capture_output=True)
    duration = time.monotonic() - began
    new = fleet_desk.tables()
    assert sum(old[name] != new[name] for name in old) > 3
    for number in range(20):
        for name, data in old.items():
            (fleet_desk.root / name).write_bytes(data)
        with subprocess.Popen(line, stdout=subprocess.DEVNULL) as process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                # Most of the time is reading; what matters is near the end.
                process.wait(duration * (0.2 if number == 0 else 0.6 + number / 40 if number < 19 else 60))
            process.send_signal(signal.SIGKILL)
        package_copy.read()
        assert fleet_desk.tables() in (old, new)
        outcomes.add(fleet_desk.tables() == new)
    assert outcomes == {True, False}


def test_the_whole_difference_is_in_a_file_when_the_screen_shows_only_some(desk):
    def add_ports(book):
        for line in range(6, 36):
            for column, value in {"A": f"port-{line}", "B": f"port {line}", "D": "By the sea."}.items():
                book["ports"][f"{column}{line}"] = value

    desk.edit(add_ports)
    assert "  - and 10 more added, all in dist/desk-changes.csv" in desk.bring_back().stdout.splitlines()
    whole = (desk.root / "dist" / "desk-changes.csv").read_text().splitlines()
    assert whole[0] == "table_name,row_id,change,field_name,old,new"
    assert len(whole) == 31


def test_what_validation_will_report_is_said_before_by_sheet_and_cell(desk):
    desk.edit(set_cells("ports", C3="east", A9="riga", B9="riga", C9="rigga"))
    done = desk.bring_back()
    assert done.stderr.splitlines() == [
        'desk.xlsx: ports!C3: broader_id="east": not in ports.csv; use "west" or add the row',
        'desk.xlsx: ports!C9: broader_id="rigga": not in ports.csv; use "riga" or add the row',
        "2 that packpress validate will report after the import",
    ]
    assert "nothing was written" in done.stdout
    # What was wrong before is not said again.
    assert desk.bring_back("--yes").exit_code == 0
    desk.edit(set_cells("ports", D9="Inland."))
    assert desk.bring_back().stderr == ""
