"""What spreadsheet programs do to a workbook: each kind is refused with the address of its cell."""

import datetime

import pytest
from openpyxl.styles import Font
from packpress.editing.workbook.edits import MEANT

from invented.workbooks import Desk, find_line, write_ports

pytestmark = pytest.mark.long

TEXT = "format the cell as text and"
SIGHTING = "north-s001"
CHART = "north-c01"


@pytest.fixture
def desk(package_copy, monkeypatch):
    desk = Desk(package_copy.descriptor, monkeypatch)
    desk.export()
    return desk


# Sheet, key of the row, column, what stands there in the end, how it is shown, and what is said.
CELLS = [
    ("logs", "north", "read_date", datetime.datetime(2021, 11, 8), "2021-11-08 00:00:00",
     f"a date of a spreadsheet; {TEXT} write 2021-11-08, if that is the day that is meant"),
    ("logs", "north", "kept_date", 44508, "44508",
     f"the serial number of a date; {TEXT} write 2021-11-08, if that is the day that is meant"),
    ("logs", "south", "kept_date", "44508", "44508",
     "the serial number of a date; write 2021-11-08, if that is the day that is meant"),
    ("charts", CHART, "issue", datetime.datetime(2026, 3, 4), "2026-03-04 00:00:00",
     f"a date of a spreadsheet; {TEXT} type again what is meant"),
    ("charts", CHART, "locator", "4-Mar", "4-Mar",
     f"a text that was made a date; {TEXT} type again what is meant{MEANT}"),
    ("charts", CHART, "number", 10234567, "10234567",
     f"a number, which may have lost zeros or digits; {TEXT} type it again"),
    ("charts", CHART, "shelf_mark", "4.5E+02", "4.5E+02",
     f"a number in scientific notation; {TEXT} write all its digits{MEANT}"),
    ("sightings", SIGHTING, "quote_occurrence", 1.5, "1.5",
     f"a number with a fraction, or too long to be exact; {TEXT} write it again"),
    ("sightings", SIGHTING, "note", "=A1&B1", "=A1&B1", f"a formula; {TEXT} write the value itself"),
    ("sightings", SIGHTING, "distance", "#REF!", "#REF!", "an error value of a spreadsheet; write the real value"),
    ("sightings", SIGHTING, "statement", "one line\nanother", "one line<U+000A>another",
     "holds a line break; write it on one line"),
    ("sightings", "north-s002", "statement", "no\u00a0break", "no<U+00A0>break",
     "holds an unusual space; use an ordinary one"),
    ("sightings", "north-s003", "statement", "ends in a blank ", "ends in a blank ",
     "begins or ends with white space; remove it"),
    ("sightings", "north-s004", "mood", True, "True",
     f"a truth value of a spreadsheet; {TEXT} type again what is meant"),
    ("sightings", "north-s005", "note", "x" * 32_767, "x" * 80 + "…",
     "as long as a cell can be (32,767 characters), so its end may be lost; shorten it"),
    ("kinds", "buoy", "is_alive", True, "True", f"a truth value of a spreadsheet; {TEXT} write true"),
    ("kinds", "whale", "needs_port", "TRUE", "TRUE", "a truth value of a spreadsheet; write true"),
    ("kinds", "ice", "needs_port", "0", "0", "a truth value of a spreadsheet; write false"),
]  # fmt: skip


def test_every_damaged_cell_is_refused_with_its_address(desk):
    expected = []

    def damage(book):
        for sheet, key, column, value, shown, message in CELLS:
            (head,) = [cell for cell in book[sheet][1] if cell.value == column]
            cell = book[sheet].cell(find_line(book, sheet, key), head.column)
            cell.value = value
            expected.append(f'desk.xlsx: {sheet}!{cell.coordinate}: {column}="{shown}": {message}')

    desk.edit(damage)
    assert sorted(desk.complaints()) == sorted(expected)


def rename_column(book):
    book["ports"]["B1"] = "lable"
    return ['ports!B1: header="lable": the column "label" belongs here and has another name; write "label"']


def lose_column(book):
    book["ports"].delete_cols(2)
    return [
        'ports!B1: header="broader_id": the column "label" belongs here and is missing; put it back, or export anew'
    ]


def insert_column(book):
    sheet = book["ports"]
    sheet["F1"], sheet["F2"] = "mine", "x"
    never = "never move, rename, add or remove columns"
    return [f'ports!F1: header="mine": a column that the table has not; take it out, {never}']


def swap_columns(book):
    sheet = book["ports"]
    for row in sheet.iter_rows(max_col=4):
        row[1].value, row[3].value = row[3].value, row[1].value
    never = "never move, rename, add or remove columns"
    return [
        f'ports!B1: header="definition": the column "label" belongs here and stands in D; {never}',
        f'ports!D1: header="label": the column "definition" belongs here and stands in B; {never}',
    ]


def scribble_outside(book):
    book["ports"]["K4"] = "ask Anna"
    return ['ports!K4: "ask Anna" stands outside the table; take it out']


def merge_cells(book):
    book["ports"].merge_cells("B2:C2")
    return [
        "ports!B2:C2: merged cells, of which all but the first lost what they held; unmerge and fill them in"
    ]


def lose_sheet(book):
    del book["ports"]
    return ["ports: the sheet is missing; put it back, or export anew"]


def rename_sheet(book):
    book["ports"].title = "my ports"
    return ['ports: the sheet is missing; give "my ports" its name back']


def change_key(book):
    line = find_line(book, "ports", "oslo")
    book["ports"][f"A{line}"] = "christiania"
    return [
        f'ports!A{line}: port_id="christiania": was "oslo" at the export; a key never changes: write the old one '
        "back, or remove the row and write a new one below"
    ]


def clear_key(book):
    line = find_line(book, "ports", "oslo")
    book["ports"][f"A{line}"] = None
    return [
        f'ports!A{line}: port_id="": the row has no key; packpress next-id offers one',
        f'ports!A{line}: port_id="": was "oslo" at the export; a key never changes: write the old one back, or '
        "remove the row and write a new one below",
    ]


def repeat_key(book):
    first, line = find_line(book, "ports", "bergen"), find_line(book, "ports", "oslo")
    for column, value in {"A": "bergen", "B": "else", "D": "else"}.items():
        book["ports"][f"{column}{line + 9}"] = value
    return [f'ports!A{line + 9}: port_id="bergen": row {first} has the same key; a key names one row']


def remove_row(book):
    book["ports"].delete_rows(find_line(book, "ports", "oslo"))
    return ['ports: the row "oslo" is gone; put it back, or enter it in withdrawals with the reason']


@pytest.fixture
def small_desk(tmp_path, monkeypatch):
    """A package of one table and a register, quick to save and to read."""
    desk = Desk(write_ports(tmp_path), monkeypatch)
    desk.export()
    return desk


SHAPES = [
    rename_column, lose_column, insert_column, swap_columns, scribble_outside, merge_cells, lose_sheet,
    rename_sheet, change_key, clear_key, repeat_key, remove_row,
]  # fmt: skip


@pytest.mark.parametrize("damage", SHAPES, ids=lambda damage: damage.__name__)
def test_every_damaged_table_is_refused_with_its_place(small_desk, damage):
    expected = []
    small_desk.edit(lambda book: expected.extend(damage(book)))
    assert small_desk.complaints() == [f"desk.xlsx: {message}" for message in expected]


def test_a_sheet_of_ones_own_is_left_alone(small_desk):
    small_desk.edit(lambda book: book.create_sheet("Notes"))
    done = small_desk.bring_back()
    assert (done.exit_code, done.stdout) == (0, "the workbook changes nothing\n")
    assert done.stderr == 'notice: the sheet "Notes" is no table; it is left alone\n'


def test_a_colour_at_the_end_of_the_sheet_costs_nothing(small_desk):
    def paint(book):
        book["ports"].cell(1_048_576, 16_384).font = Font(bold=True)
        book["ports"]["D4"].value = "On the fjord."

    small_desk.edit(paint)
    assert "“On a fjord.” became “On the fjord.”" in small_desk.bring_back().stdout


def test_a_flood_of_damage_is_cut_short(small_desk):
    def shift(book):
        for line in range(2, 152):
            book["ports"][f"A{line}"], book["ports"][f"D{line}"] = f"port-{line}", "=1+1"

    small_desk.edit(shift)
    lines = small_desk.bring_back().stderr.splitlines()
    assert len(lines) == 102
    assert lines[-2:] == ["and 54 more", "154 to mend in the workbook; nothing was imported"]
