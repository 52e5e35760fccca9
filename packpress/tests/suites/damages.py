"""What spreadsheet programs and hurried people do to a workbook, each with the finding that it must have."""

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl.styles import Font

from invented.packages import field, table, write_package
from invented.workbooks import Desk, find_line, set_cells, write_ports

DAMAGE = "workbook/damage"
SIGHTING = "north-s001"
CHART = "north-c01"

# Sheet, key of the row, column, what stands there in the end, and the value of its finding.
CELLS: list[tuple[str, str, str, Any, str]] = [
    ("logs", "north", "read_date", datetime.datetime(2021, 11, 8), "2021-11-08 00:00:00"),
    ("logs", "north", "kept_date", 44508, "44508"),
    ("logs", "south", "kept_date", "44508", "44508"),
    ("charts", CHART, "issue", datetime.datetime(2026, 3, 4), "2026-03-04 00:00:00"),
    ("charts", CHART, "locator", "4-Mar", "4-Mar"),
    ("charts", CHART, "number", 10234567, "10234567"),
    ("charts", CHART, "shelf_mark", "4.5E+02", "4.5E+02"),
    ("sightings", SIGHTING, "quote_occurrence", 1.5, "1.5"),
    ("sightings", SIGHTING, "note", "=A1&B1", "=A1&B1"),
    ("sightings", SIGHTING, "distance", "#REF!", "#REF!"),
    ("sightings", SIGHTING, "statement", "one line\nanother", "one line<U+000A>another"),
    ("sightings", "north-s002", "statement", "no\u00a0break", "no<U+00A0>break"),
    ("sightings", "north-s003", "statement", "ends in a blank ", "ends in a blank "),
    ("sightings", "north-s004", "mood", True, "True"),
    ("sightings", "north-s005", "note", "x" * 32_767, "x" * 32_767),
    ("kinds", "buoy", "is_alive", True, "True"),
    ("kinds", "whale", "needs_port", "TRUE", "TRUE"),
    ("kinds", "ice", "needs_port", "0", "0"),
]


def damage_cells(book) -> list[str]:
    """Damages every cell of the list; the findings, in no order."""
    expected = []
    for sheet, key, column, value, shown in CELLS:
        (head,) = [cell for cell in book[sheet][1] if cell.value == column]
        cell = book[sheet].cell(find_line(book, sheet, key), head.column)
        cell.value = value
        expected.append(find_at(f"{sheet}!{cell.coordinate}", f'{column}="{shown}"'))
    return expected


def find_at(place: str, cell: str = "", offers: str = "") -> str:
    """The finding of one place in the workbook."""
    return f"desk.xlsx: {place}: {cell and cell + ': '}{DAMAGE}{offers and ', offers ' + offers}"


def rename_column(book) -> list[str]:
    book["ports"]["B1"] = "lable"
    return [find_at("ports!B1", 'header="lable"', '"label"')]


def lose_column(book) -> list[str]:
    book["ports"].delete_cols(2)
    return [find_at("ports!B1", 'header="broader_id"')]


def insert_column(book) -> list[str]:
    sheet = book["ports"]
    sheet["F1"], sheet["F2"] = "mine", "x"
    return [find_at("ports!F1", 'header="mine"')]


def swap_columns(book) -> list[str]:
    sheet = book["ports"]
    for row in sheet.iter_rows(max_col=4):
        row[1].value, row[3].value = row[3].value, row[1].value
    return [find_at("ports!B1", 'header="definition"'), find_at("ports!D1", 'header="label"')]


def scribble_outside(book) -> list[str]:
    book["ports"]["K4"] = "ask Anna"
    return [find_at("ports!K4")]


def merge_cells(book) -> list[str]:
    book["ports"].merge_cells("B2:C2")
    return [find_at("ports!B2:C2")]


def lose_sheet(book) -> list[str]:
    del book["ports"]
    return [find_at("ports")]


def rename_sheet(book) -> list[str]:
    book["ports"].title = "my ports"
    return [find_at("ports", offers='"my ports"')]


def change_key(book) -> list[str]:
    line = find_line(book, "ports", "oslo")
    book["ports"][f"A{line}"] = "christiania"
    return [find_at(f"ports!A{line}", 'port_id="christiania"')]


def clear_key(book) -> list[str]:
    """Takes the key of a row away, which is a row without a key and a key that changed."""
    line = find_line(book, "ports", "oslo")
    book["ports"][f"A{line}"] = None
    return [find_at(f"ports!A{line}", 'port_id=""')] * 2


def repeat_key(book) -> list[str]:
    line = find_line(book, "ports", "oslo")
    for column, value in {"A": "bergen", "B": "else", "D": "else"}.items():
        book["ports"][f"{column}{line + 9}"] = value
    return [find_at(f"ports!A{line + 9}", 'port_id="bergen"')]


def remove_row(book) -> list[str]:
    book["ports"].delete_rows(find_line(book, "ports", "oslo"))
    return [find_at("ports")]


SHAPES = (
    rename_column,
    lose_column,
    insert_column,
    swap_columns,
    scribble_outside,
    merge_cells,
    lose_sheet,
    rename_sheet,
    change_key,
    clear_key,
    repeat_key,
    remove_row,
)


def sort_rows(book) -> None:
    """Whole rows, the last first."""
    rows = [[cell.value for cell in row] for row in book["ports"].iter_rows(2, 5)]
    for line, row in enumerate(reversed(rows), 2):
        for column, value in enumerate(row, 1):
            book["ports"].cell(line, column).value = value


def leave_blank_lines(book) -> None:
    book["ports"].insert_rows(3, 4)


def hide_rows_and_columns(book) -> None:
    book["ports"].row_dimensions[3].hidden = True
    book["ports"].column_dimensions["C"].hidden = True


def filter_rows(book) -> None:
    book["ports"].auto_filter.ref = "A1:D5"


def link_cell(book) -> None:
    book["ports"]["B4"].hyperlink = "https://ports.example/oslo"


def embolden_cell(book) -> None:
    book["ports"]["B4"].font = Font(bold=True)


def reorder_sheets(book) -> None:
    book.move_sheet("ports", 1)


def copy_sheet(book) -> None:
    book.copy_worksheet(book["ports"])


def lose_read_me(book) -> None:
    del book["Read me"]


def freeze_elsewhere(book) -> None:
    book["ports"].freeze_panes = "C9"


# What people do to a sheet that is no damage.
HARMLESS = (
    sort_rows,
    leave_blank_lines,
    hide_rows_and_columns,
    filter_rows,
    link_cell,
    embolden_cell,
    reorder_sheets,
    copy_sheet,
    lose_read_me,
    freeze_elsewhere,
)


def delete_header(book) -> list[str]:
    book["ports"].delete_rows(1)
    return [find_at("ports!A1", 'header="bergen"', '"port_id"')]


def push_header_down(book) -> list[str]:
    book["ports"].insert_rows(1)
    return [find_at("ports!A1", 'header=""')]


def repeat_header(book) -> list[str]:
    for column, value in enumerate(("port_id", "label", "broader_id", "definition"), 1):
        book["ports"].cell(8, column).value = value
    return [find_at("ports!A8", 'port_id="port_id"')]


def spell_key_in_capitals(book) -> list[str]:
    line = find_line(book, "ports", "oslo")
    book["ports"][f"A{line}"] = "Oslo"
    return [find_at(f"ports!A{line}", 'port_id="Oslo"')]


def type_lookalike_in_key(book) -> list[str]:
    line = find_line(book, "ports", "oslo")
    book["ports"][f"A{line}"] = "\u043eslo"
    return [find_at(f"ports!A{line}", 'port_id="\u043eslo"')]


def end_key_in_blank(book) -> list[str]:
    line = find_line(book, "ports", "oslo")
    book["ports"][f"A{line}"] = "oslo "
    return [find_at(f"ports!A{line}", 'port_id="oslo "')]


def garble_letters(book) -> list[str]:
    book["ports"]["D4"] = "On a fjord in NorvÃ¨ge."
    return [find_at("ports!D4", 'definition="On a fjord in NorvÃ¨ge."')]


def lose_letters(book) -> list[str]:
    book["ports"]["D4"] = "On a f\ufffdord."
    return [find_at("ports!D4", 'definition="On a f\ufffdord."')]


def paste_invisible_letters(book) -> list[str]:
    book["ports"]["D4"] = "On a fj\u200bord."
    return [find_at("ports!D4", 'definition="On a fj<U+200B>ord."')]


def leave_subtotal(book) -> list[str]:
    book["ports"]["A9"], book["ports"]["B9"] = "Total", "=COUNTA(B2:B5)"
    return [find_at("ports!B9", 'label="=COUNTA(B2:B5)"')]


def drag_key_down(book) -> list[str]:
    for line in (3, 4):
        book["ports"][f"A{line}"] = "bergen"
    return [find_at("ports!A3", 'port_id="bergen"'), find_at("ports!A4", 'port_id="bergen"')]


FURTHER = (
    delete_header,
    push_header_down,
    repeat_header,
    spell_key_in_capitals,
    type_lookalike_in_key,
    end_key_in_blank,
    garble_letters,
    lose_letters,
    paste_invisible_letters,
    leave_subtotal,
    drag_key_down,
)


def change_both(folder: Path, patch: pytest.MonkeyPatch) -> tuple[Desk, list[str]]:
    """A table that changed in its file and in its sheet."""
    desk = export(write_ports(folder), patch)
    file = desk.root / "ports.csv"
    file.write_text(file.read_text().replace("On a bay.", "On the bay."))
    desk.edit(set_cells("ports", D4="On the fjord."))
    return desk, [find_at("ports")]


def take_back_withdrawal(folder: Path, patch: pytest.MonkeyPatch) -> tuple[Desk, list[str]]:
    """A row that was withdrawn, whose entry is taken out of the register."""
    desk = export(write_ports(folder), patch)

    def withdraw(book) -> None:
        book["ports"].delete_rows(4)
        set_cells("withdrawals", A2="ports", B2="oslo", C2="Not a port of its own.")(book)

    desk.edit(withdraw)
    assert desk.bring_back("--yes").exit_code == 0
    desk.export()
    desk.edit(lambda book: book["withdrawals"].delete_rows(2))
    return desk, [find_at("withdrawals")]


ENTRIES = """\
entry_id,log_id,note
a-1,a,
a-2,a,
b-1,b,
b-2,b,
"""


def write_entries(folder: Path) -> Path:
    """A package of two logs and their entries; its descriptor."""
    logs = table("logs", "log_id\na\nb\n", [field("log_id")], primaryKey="log_id")
    key = {"fields": "log_id", "reference": {"resource": "logs", "fields": "log_id"}}
    fields = [field("entry_id"), field("log_id"), field("note")]
    entries = table("entries", ENTRIES, fields, primaryKey="entry_id", foreignKeys=[key])
    return write_package(folder, logs, entries)


def reach_into_other_rows(folder: Path, patch: pytest.MonkeyPatch) -> tuple[Desk, list[str]]:
    """The workbook of one log, with a key of another and a row for another."""
    desk = export(write_entries(folder), patch, "--only", "logs=b")
    desk.edit(set_cells("entries", A4="a-1", B4="b", A5="b-4", B5="a"))
    return desk, [find_at("entries!A4", 'entry_id="a-1"'), find_at("entries!A5", 'entry_id="b-4"')]


def type_what_the_file_cannot_hold(folder: Path, patch: pytest.MonkeyPatch) -> tuple[Desk, list[str]]:
    """A Cyrillic letter in a table of Latin-1."""
    desk = export(write_package(folder, table("t", "a\né\n", [field("a")], encoding="latin-1")), patch)
    desk.edit(set_cells("t", A2="ж"))
    return desk, [find_at("t!A2", 'a="ж"')]


def lose_form_of_numbers(folder: Path, patch: pytest.MonkeyPatch) -> tuple[Desk, list[str]]:
    """A number that lost its zeros, and a whole number that got a fraction."""
    fields = [field("id"), field("n")]
    desk = export(write_package(folder, table("t", "id,n\n1,007\n2,1\n", fields, primaryKey="id")), patch)
    desk.edit(set_cells("t", B2="7", B3="1.0"))
    return desk, [find_at("t!B2", 'n="7"'), find_at("t!B3", 'n="1.0"')]


def export(descriptor: Path, patch: pytest.MonkeyPatch, *words: str) -> Desk:
    """The workbook of a package."""
    desk = Desk(descriptor, patch)
    desk.export(*words)
    return desk


SITUATIONS = (
    change_both,
    take_back_withdrawal,
    reach_into_other_rows,
    type_what_the_file_cannot_hold,
    lose_form_of_numbers,
)


def damage_table(
    damage: Callable[[Any], list[str]], folder: Path, patch: pytest.MonkeyPatch
) -> tuple[Desk, list[str]]:
    """A small package whose workbook was damaged in one way."""
    desk, expected = export(write_ports(folder), patch), []
    desk.edit(lambda book: expected.extend(damage(book)))
    return desk, expected
