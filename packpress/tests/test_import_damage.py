"""What spreadsheet programs do to a workbook: each kind is refused with the address of its cell."""

import pytest
from openpyxl.styles import Font

from invented.workbooks import Desk, set_cells, write_ports
from tests.suites.damages import FURTHER, HARMLESS, SHAPES, SITUATIONS, damage_cells, damage_table

pytestmark = pytest.mark.long


@pytest.fixture
def desk(package_copy, monkeypatch):
    desk = Desk(package_copy.descriptor, monkeypatch)
    desk.export()
    return desk


def test_every_damaged_cell_is_refused_with_its_address(desk):
    expected = []
    desk.edit(lambda book: expected.extend(damage_cells(book)))
    assert sorted(desk.complaints()) == sorted(expected)


@pytest.fixture
def small_desk(tmp_path, monkeypatch):
    """A package of one table and a register, quick to save and to read."""
    desk = Desk(write_ports(tmp_path), monkeypatch)
    desk.export()
    return desk


@pytest.mark.parametrize("damage", SHAPES, ids=lambda damage: damage.__name__)
def test_every_damaged_table_is_refused_with_its_place(tmp_path, monkeypatch, damage):
    desk, expected = damage_table(damage, tmp_path, monkeypatch)
    assert desk.complaints() == expected


@pytest.mark.parametrize("damage", FURTHER, ids=lambda damage: damage.__name__)
def test_further_damage_is_refused_at_its_place_and_shown_first(tmp_path, monkeypatch, damage):
    desk, (first, *_) = damage_table(damage, tmp_path, monkeypatch)
    assert first in desk.complaints()


def test_a_text_that_a_program_cut_off_is_refused(tmp_path, monkeypatch):
    descriptor = write_ports(tmp_path)
    file = tmp_path / "ports.csv"
    file.write_text(file.read_text().replace("On a fjord.", "On a fjord. " * 30 + "Indeed."))
    desk = Desk(descriptor, monkeypatch)
    desk.export()
    desk.edit(lambda book: set_cells("ports", D4=book["ports"]["D4"].value[:255])(book))
    (problem,) = desk.refusals()
    assert problem.path == "desk.xlsx: ports!D4"
    assert problem.message.startswith("cut off after 255 characters; ")


@pytest.mark.parametrize("change", HARMLESS, ids=lambda change: change.__name__)
def test_what_is_no_damage_changes_nothing(small_desk, change):
    before = small_desk.tables()
    small_desk.edit(change)
    done = small_desk.bring_back("--yes")
    assert (done.exit_code, done.stdout) == (0, "the workbook changes nothing\n")
    assert small_desk.tables() == before


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.__name__)
def test_what_cannot_be_taken_back_is_refused_with_its_place(tmp_path, monkeypatch, situation):
    desk, expected = situation(tmp_path, monkeypatch)
    assert desk.complaints() == expected


def test_a_sheet_of_ones_own_is_left_alone(small_desk):
    small_desk.edit(lambda book: book.create_sheet("Notes"))
    done = small_desk.bring_back()
    assert (done.exit_code, done.stdout) == (0, "the workbook changes nothing\n")
    assert done.stderr == 'notice: the sheet "Notes" is not a table and is ignored\n'


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
    assert lines[-2:] == ["and 54 more", "154 to correct in the workbook; nothing was imported"]
