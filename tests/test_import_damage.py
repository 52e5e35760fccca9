"""What spreadsheet programs do to a workbook: each kind is refused with the address of its cell."""

import datetime

import pytest
from openpyxl.styles import Font
from packpress.editing.workbook.damage import MEANT

from tests.workbooks import Desk, find_line, write_routes

pytestmark = pytest.mark.long

TEXT = "format the cell as text and"
CLAIM = "fpm-ketamine-c001"
REFERENCE = "pmid-34746491-r01"


@pytest.fixture
def desk(package_copy, monkeypatch):
    desk = Desk(package_copy.descriptor, monkeypatch)
    desk.export()
    return desk


# Sheet, key of the row, column, what stands there in the end, how it is shown, and what is said.
CELLS = [
    ("sources", "fpm-ketamine", "retrieved_date", datetime.datetime(2021, 11, 8), "2021-11-08 00:00:00",
     f"a date of a spreadsheet; {TEXT} write 2021-11-08, if that is the day that is meant"),
    ("sources", "fpm-ketamine", "published_date", 44508, "44508",
     f"the serial number of a date; {TEXT} write 2021-11-08, if that is the day that is meant"),
    ("sources", "clinic-ketamine", "published_date", "44508", "44508",
     "the serial number of a date; write 2021-11-08, if that is the day that is meant"),
    ("references", REFERENCE, "issue", datetime.datetime(2026, 3, 4), "2026-03-04 00:00:00",
     f"a date of a spreadsheet; {TEXT} type again what is meant"),
    ("references", REFERENCE, "locator", "4-Mar", "4-Mar",
     f"a text that was made a date; {TEXT} type again what is meant{MEANT}"),
    ("references", REFERENCE, "pmid", 34746491, "34746491",
     f"a number, which may have lost zeros or digits; {TEXT} type it again"),
    ("references", REFERENCE, "pmcid", "3.4746E+07", "3.4746E+07",
     f"a number in scientific notation; {TEXT} write all its digits{MEANT}"),
    ("claims", CLAIM, "quote_occurrence", 1.5, "1.5",
     f"a number with a fraction, or too long to be exact; {TEXT} write it again"),
    ("claims", CLAIM, "note", "=A1&B1", "=A1&B1", f"a formula; {TEXT} write the value itself"),
    ("claims", CLAIM, "dose", "#REF!", "#REF!", "an error value of a spreadsheet; write the real value"),
    ("claims", CLAIM, "statement", "one line\nanother", "one line<U+000A>another",
     "holds a line break; write it on one line"),
    ("claims", "fpm-ketamine-c002", "statement", "no\u00a0break", "no<U+00A0>break",
     "holds an unusual space; use an ordinary one"),
    ("claims", "fpm-ketamine-c003", "statement", "ends in a blank ", "ends in a blank ",
     "begins or ends with white space; remove it"),
    ("claims", "fpm-ketamine-c004", "voice", True, "True",
     f"a truth value of a spreadsheet; {TEXT} type again what is meant"),
    ("claims", "fpm-ketamine-c005", "note", "x" * 32_767, "x" * 80 + "…",
     "as long as a cell can be (32,767 characters), so its end may be lost; shorten it"),
    ("claim_types", "use", "carries_stance", True, "True", f"a truth value of a spreadsheet; {TEXT} write true"),
    ("claim_types", "use", "requires_condition", "TRUE", "TRUE", "a truth value of a spreadsheet; write true"),
    ("claim_types", "use", "requires_effect_or_note", "0", "0", "a truth value of a spreadsheet; write false"),
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
    book["routes"]["B1"] = "lable"
    return ['routes!B1: header="lable": the column "label" belongs here and has another name; write "label"']


def lose_column(book):
    book["routes"].delete_cols(2)
    return [
        'routes!B1: header="broader_id": the column "label" belongs here and is missing; put it back, or export anew'
    ]


def insert_column(book):
    sheet = book["routes"]
    sheet["F1"], sheet["F2"] = "mine", "x"
    never = "never move, rename, add or remove columns"
    return [f'routes!F1: header="mine": a column that the table has not; take it out, {never}']


def swap_columns(book):
    sheet = book["routes"]
    for row in sheet.iter_rows(max_col=4):
        row[1].value, row[3].value = row[3].value, row[1].value
    never = "never move, rename, add or remove columns"
    return [
        f'routes!B1: header="definition": the column "label" belongs here and stands in D; {never}',
        f'routes!D1: header="label": the column "definition" belongs here and stands in B; {never}',
    ]


def scribble_outside(book):
    book["routes"]["K4"] = "ask Anna"
    return ['routes!K4: "ask Anna" stands outside the table; take it out']


def merge_cells(book):
    book["routes"].merge_cells("B2:C2")
    return [
        "routes!B2:C2: merged cells, of which all but the first lost what they held; unmerge and fill them in"
    ]


def lose_sheet(book):
    del book["routes"]
    return ["routes: the sheet is missing; put it back, or export anew"]


def rename_sheet(book):
    book["routes"].title = "my routes"
    return ['routes: the sheet is missing; give "my routes" its name back']


def change_key(book):
    line = find_line(book, "routes", "oral")
    book["routes"][f"A{line}"] = "by-mouth"
    return [
        f'routes!A{line}: route_id="by-mouth": was "oral" at the export; a key never changes: write the old one '
        "back, or remove the row and write a new one below"
    ]


def clear_key(book):
    line = find_line(book, "routes", "oral")
    book["routes"][f"A{line}"] = None
    return [
        f'routes!A{line}: route_id="": the row has no key; packpress next-id offers one',
        f'routes!A{line}: route_id="": was "oral" at the export; a key never changes: write the old one back, or '
        "remove the row and write a new one below",
    ]


def repeat_key(book):
    first, line = find_line(book, "routes", "intranasal"), find_line(book, "routes", "oral")
    for column, value in {"A": "intranasal", "B": "else", "D": "else"}.items():
        book["routes"][f"{column}{line + 9}"] = value
    return [f'routes!A{line + 9}: route_id="intranasal": row {first} has the same key; a key names one row']


def remove_row(book):
    book["routes"].delete_rows(find_line(book, "routes", "oral"))
    return ['routes: the row "oral" is gone; put it back, or enter it in withdrawals with the reason']


@pytest.fixture
def small_desk(tmp_path, monkeypatch):
    """A package of one table and a register, quick to save and to read."""
    desk = Desk(write_routes(tmp_path), monkeypatch)
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
        book["routes"].cell(1_048_576, 16_384).font = Font(bold=True)
        book["routes"]["D4"].value = "By the mouth."

    small_desk.edit(paint)
    assert "“By mouth.” became “By the mouth.”" in small_desk.bring_back().stdout


def test_a_flood_of_damage_is_cut_short(small_desk):
    def shift(book):
        for line in range(2, 152):
            book["routes"][f"A{line}"], book["routes"][f"D{line}"] = f"route-{line}", "=1+1"

    small_desk.edit(shift)
    lines = small_desk.bring_back().stderr.splitlines()
    assert len(lines) == 102
    assert lines[-2:] == ["and 54 more", "154 to mend in the workbook; nothing was imported"]
