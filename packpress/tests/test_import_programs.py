"""What programs and hands do to cells and sheets, kind by kind: refused at its place, or no damage at all."""

import io
import zipfile

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from invented.packages import field, table, write_package
from invented.workbooks import Desk, set_cells, write_ports

pytestmark = pytest.mark.long

FIELDS = {
    "day": field("cell", "date"),
    "number": field("cell", "number"),
    "whole": field("cell", "integer"),
    "truth": field("cell", "boolean"),
    "text": field("cell"),
    "printed": field("cell", verbatim="quote"),
}

# What was done, the kind of the column, the cell before and after, and how the message begins.
CELLS = [
    ("curly quotes", "text", 'the master\'s "log"', "the master’s “log”", "quotes, dashes or signs"),
    ("a dash for a hyphen", "text", "wind - then calm", "wind – then calm", "quotes, dashes or signs"),
    ("a dash for two hyphens", "text", "wind -- then calm", "wind — then calm", "quotes, dashes or signs"),
    ("an ellipsis", "text", "and so on...", "and so on…", "quotes, dashes or signs"),
    ("a sign of copyright", "text", "(c) the guild", "© the guild", "quotes, dashes or signs"),
    ("a fraction", "text", "1/2 a mile", "½ a mile", "quotes, dashes or signs"),
    ("a minus that is none", "text", "-5", "−5", "quotes, dashes or signs"),
    ("a hyphen that does not break", "text", "log-book", "log\u2011book", "quotes, dashes or signs"),
    ("a date in German", "text", "4-7", "04. Jul", "text that was converted to a date"),
    ("a date in German with its year", "text", "3-26", "01. Mrz 2026", "text that was converted to a date"),
    ("a date in French", "text", "4-7", "04-juil", "text that was converted to a date"),
    ("a date in Spanish", "text", "4-1", "04-ene", "text that was converted to a date"),
    ("a month in Dutch", "text", "3-26", "mrt-26", "text that was converted to a date"),
    ("a day as Germans write it", "day", "2021-11-08", "08.11.2021", "a date as a program shows it"),
    ("a day as Americans write it", "day", "2021-11-08", "11/8/2021", "a date as a program shows it"),
    (
        "thousands set apart by commas",
        "text",
        "10234567",
        "10,234,567",
        "a number with separators of thousands",
    ),
    (
        "thousands set apart by points",
        "whole",
        "10234567",
        "10.234.567",
        "a number with separators of thousands",
    ),
    (
        "thousands set apart by blanks",
        "number",
        "10234.5",
        "10 234.5",
        "a number with separators of thousands",
    ),
    ("a decimal comma", "number", "12.5", "12,5", "a number with a decimal comma"),
    ("an apostrophe that forces text", "text", "0451", "'0451", "an apostrophe before the text"),
    ("quotes around a text", "text", 'a "log", found', '"a ""log"", found"', "quotes around the text"),
    ("entities of HTML", "text", "wind & rain", "wind &amp; rain", "characters that became entities of HTML"),
    ("accents of their own", "text", "Möwe", "Mo\u0308we", "letters that were taken apart"),
    ("nothing, as pandas writes it", "text", "", "nan", "what a program writes for an empty cell"),
    ("nothing, as Python writes it", "text", "calm", "None", "what a program writes for an empty cell"),
    ("a truth in German", "truth", "true", "WAHR", "a spreadsheet boolean; write true"),
    ("a truth in French", "truth", "true", "FAUX", "a spreadsheet boolean; write false"),
    ("a tab", "text", "wind", "wi\tnd", "contains an unusual space"),
    ("a soft hyphen", "text", "weather", "wea\u00adther", "contains an invisible character"),
    ("an error in German", "text", "calm", "#WERT!", "a spreadsheet error"),
    (
        "accents of their own in a printed text",
        "printed",
        "Möwe",
        "Mo\u0308we",
        "letters that were taken apart",
    ),
]


def write_cell(folder, kind, text):
    quoted = '"' + text.replace('"', '""') + '"'
    return write_package(
        folder, table("t", f"id,cell\na,{quoted}\n", [field("id"), FIELDS[kind]], primaryKey="id")
    )


@pytest.mark.parametrize(("what", "kind", "before", "after", "message"), CELLS, ids=[row[0] for row in CELLS])
def test_a_cell_that_a_program_rewrote_is_refused(tmp_path, monkeypatch, what, kind, before, after, message):
    desk = Desk(write_cell(tmp_path, kind, before), monkeypatch)
    desk.export()
    desk.edit(set_cells("t", B2=after))
    (problem,) = desk.refusals()
    assert (problem.path, problem.field, problem.value) == ("desk.xlsx: t!B2", "cell", after)
    assert problem.message.startswith(message), what


# What people write, which looks a little like that.
MEANT = [
    ("text", "a log", "a log, of 1866"),
    ("text", "the master’s log", "the master's log"),
    ("text", "4", "4 May"),
    ("text", "wind", "calm - then wind"),
    ("text", "Fish & Sons", "Fish &amp; Sons Ltd"),
    ("text", "1234", "1,235"),
    ("number", "12.5", "12.75"),
    ("day", "2021-11-08", "2021-11-09"),
    ("printed", "the master's log", "the master’s log"),
]


@pytest.mark.parametrize(("kind", "before", "after"), MEANT)
def test_a_cell_that_somebody_wrote_is_none(tmp_path, monkeypatch, kind, before, after):
    desk = Desk(write_cell(tmp_path, kind, before), monkeypatch)
    desk.export()
    desk.edit(set_cells("t", B2=after))
    assert desk.bring_back("--yes").exit_code == 0


@pytest.fixture
def desk(tmp_path, monkeypatch):
    desk = Desk(write_ports(tmp_path), monkeypatch)
    desk.export()
    return desk


def copy_and_edit(book):
    copied = book.copy_worksheet(book["ports"])
    copied.title = "ports (2)"
    copied["D4"].value = "On the fjord."
    return "desk.xlsx: 'ports (2)'"


def insert_column_between(book):
    book["ports"].insert_cols(2)
    return "desk.xlsx: ports!B1"


def insert_title(book):
    book["ports"].insert_rows(1)
    book["ports"]["A1"].value = "Our ports"
    return "desk.xlsx: ports!A1"


def clear_sheet(book):
    book["ports"].delete_rows(1, 9)
    return "desk.xlsx: ports!A1"


def translate_header(book):
    book["ports"]["B1"].value = "Bezeichnung"
    return "desk.xlsx: ports!B1"


def merge_a_column(book):
    book["ports"].merge_cells("D2:D5")
    return "desk.xlsx: ports!D2:D5"


def link_a_cell(book):
    book["ports"]["B3"].value = '=HYPERLINK("https://ports.example", "brest")'
    return "desk.xlsx: ports!B3"


def refer_to_another_book(book):
    book["ports"]["B3"].value = "='[other.xlsx]ports'!B3"
    return "desk.xlsx: ports!B3"


def number_the_rows(book):
    sheet = book["ports"]
    sheet["E1"].value = "#"
    for line in range(2, 6):
        sheet[f"E{line}"].value = line - 1
    return "desk.xlsx: ports!E1"


SHEETS = [
    copy_and_edit,
    insert_column_between,
    insert_title,
    clear_sheet,
    translate_header,
    merge_a_column,
    link_a_cell,
    refer_to_another_book,
    number_the_rows,
]


@pytest.mark.parametrize("damage", SHEETS, ids=lambda damage: damage.__name__)
def test_a_sheet_that_was_rebuilt_is_refused_at_its_place(desk, damage):
    places = []
    desk.edit(lambda book: places.append(damage(book)))
    assert desk.refusals()[0].path == places[0]


def hide(book):
    book["ports"].sheet_state = "veryHidden"


def write_in_bold(book):
    text = book["ports"]["D4"].value
    book["ports"]["D4"].value = CellRichText(TextBlock(InlineFont(b=True), text[:4]), text[4:])


def name_a_range(book):
    book.defined_names["ports"] = openpyxl.workbook.defined_name.DefinedName(
        "ports", attr_text="ports!$A$1:$D$5"
    )


def unlock(book):
    book["ports"].protection.disable()


@pytest.mark.parametrize(
    "change", [hide, write_in_bold, name_a_range, unlock], ids=lambda change: change.__name__
)
def test_what_does_not_touch_a_cell_changes_nothing(desk, change):
    desk.edit(change)
    assert desk.bring_back("--yes").stdout == "the workbook changes nothing\n"


def test_rows_that_are_all_gone_are_refused(tmp_path, monkeypatch):
    text = "id,note\n" + "".join(f"n{n},x\n" for n in range(9))
    desk = Desk(
        write_package(tmp_path, table("t", text, [field("id"), field("note")], primaryKey="id")), monkeypatch
    )
    desk.export()
    desk.edit(lambda book: book["t"].delete_rows(2, 9))
    (problem,) = desk.refusals()
    assert (problem.path, problem.message) == (
        "desk.xlsx: t!A1",
        "all 9 rows are gone; restore them; if it is meant, import with --moved",
    )
    assert desk.bring_back("--moved", "--yes").exit_code == 0


def test_the_workbook_of_an_older_descriptor_is_refused_with_its_columns(desk):
    text = desk.descriptor.read_text()
    desk.descriptor.write_text(
        text.replace('{"name": "definition"', '{"name": "chart"}, {"name": "definition"')
    )
    file = desk.root / "ports.csv"
    rows = [line.split(",", 3) for line in file.read_text().splitlines()]
    head, *others = [",".join([*row[:3], "chart" if row[0] == "port_id" else "", row[3]]) for row in rows]
    file.write_text("\n".join([head, *others, ""]))
    assert [problem.path for problem in desk.refusals()] == ["desk.xlsx: ports!D1"]


def refuse(desk, data):
    """What is said of a file that is no workbook of this package; nothing may be written."""
    desk.file.write_bytes(data)
    before = desk.tables()
    done = desk.bring_back("--yes")
    assert (done.exit_code, desk.tables()) == (2, before)
    (line,) = done.stderr.splitlines()
    return line


def test_a_file_that_is_cut_off_is_refused_in_one_line(desk):
    data = desk.file.read_bytes()
    for share in (0.1, 0.5, 0.9):
        assert "damaged or cut off" in refuse(desk, data[: int(len(data) * share)])


def test_a_file_that_another_program_wrote_anew_is_refused_in_one_line(desk):
    book = openpyxl.load_workbook(desk.file)
    for name in book.sheetnames:
        if name != "ports":
            del book[name]
    anew = io.BytesIO()
    book.save(anew)
    assert "its hidden sheet is missing or was changed" in refuse(desk, anew.getvalue())


def test_a_table_named_as_a_workbook_is_refused_in_one_line(desk):
    assert "not a workbook" in refuse(desk, b"port_id;label\r\nbergen;Bergen\r\n")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("ports.csv", "port_id\n")
    assert "an archive, not a workbook" in refuse(desk, archive.getvalue())


def test_many_cells_that_were_autocorrected_are_all_named(tmp_path, monkeypatch):
    text = "id,note\n" + "".join(f"n{n:02},the master's log {n}\n" for n in range(30))
    desk = Desk(
        write_package(tmp_path, table("t", text, [field("id"), field("note")], primaryKey="id")), monkeypatch
    )
    desk.export()

    def correct(book):
        for row in book["t"].iter_rows(2, 31):
            row[1].value = row[1].value.replace("'", "’")

    desk.edit(correct)
    assert [problem.path for problem in desk.refusals()] == [f"desk.xlsx: t!B{line}" for line in range(2, 32)]
