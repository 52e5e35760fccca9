"""The workbook: the tables as text, with lists, help, words beside the rows, and locked keys."""

import csv
import re

import openpyxl
import pytest
from click.testing import CliRunner
from packpress.cli import workbook as workbook_command
from packpress.editing.workbook.book import ALL, Selection, find_selection
from packpress.editing.workbook.export import write_workbook
from packpress.editing.workbook.layout import LONGEST_MESSAGE, LONGEST_TITLE, read_state

from invented.commands import invoke
from invented.copies import FLEET
from invented.packages import field, table, write_library, write_package
from packpress import CannotRunError, read_package


@pytest.fixture(scope="module")
def file(package, tmp_path_factory):
    path = tmp_path_factory.mktemp("workbook") / "all.xlsx"
    path.write_bytes(write_workbook(package, ALL)[0])
    return path


@pytest.fixture(scope="module")
def book(file):
    return openpyxl.load_workbook(file)


def read_csv(package, name):
    with (package.root / package.by_name[name].paths[0]).open(encoding="utf-8", newline="") as lines:
        return [tuple(row) for row in csv.reader(lines)]


def read_sheet(book, name, width):
    rows = book[name].iter_rows(max_col=width, values_only=True)
    return [tuple("" if value is None else value for value in row) for row in rows]


def test_every_sheet_holds_its_table_as_text(package, book):
    for resource in package.resources:
        assert read_sheet(book, resource.name, len(resource.fields)) == read_csv(package, resource.name)
        cells = [cell for row in book[resource.name].iter_rows() for cell in row if cell.value is not None]
        assert {(cell.data_type, cell.number_format) for cell in cells} == {("s", "@")}, resource.name


def test_new_rows_are_text_too_and_only_keys_and_words_beside_are_locked(package, book):
    for resource in package.resources:
        sheet = book[resource.name]
        assert sheet.protection.sheet and sheet.protection.password is None
        assert sheet.freeze_panes == "B2"
        assert all(cell.protection.locked for cell in sheet[1])
        for column in range(1, sheet.max_column + 1):
            # What openpyxl knows of a column that shares its form with those after it stands at the first.
            form = next(one for one in sheet.column_dimensions.values() if one.min <= column <= one.max)
            is_own = column <= len(resource.fields)
            assert form.number_format == "@"
            assert form.protection.locked is not is_own, (resource.name, column)
            if is_own and sheet.max_row > 1:
                is_key = resource.fields[column - 1].name in resource.primary_key
                filled = [cell for (cell,) in sheet.iter_rows(2, None, column, column) if cell.value]
                assert {cell.protection.locked for cell in filled} <= {is_key}


def test_words_of_others_stand_beside_the_rows(package, book):
    texts = {row[0]: row[6] for row in read_csv(package, "pages")}
    sightings = {row[0]: row for row in read_csv(package, "sightings")}
    header = [cell.value for cell in book["sightings"][1]]
    for row in book["sightings"].iter_rows(min_row=2, values_only=True):
        assert row[header.index("page_id → text")] == texts[row[1]]
    header = [cell.value for cell in book["sighting_ports"][1]]
    for row in book["sighting_ports"].iter_rows(min_row=2, values_only=True):
        assert row[header.index("sighting_id → page_id → text")] == texts[sightings[row[0]][1]]
        assert row[header.index("sighting_id → statement")] == sightings[row[0]][4]


def list_offered(book, sheet, column):
    """The values that a cell offers, read from the range that its list names."""
    for validation in book[sheet].data_validations.dataValidation:
        if f"{column}2" in validation.sqref and validation.type == "list":
            where = book.defined_names[validation.formula1].value
            name, first, last = re.fullmatch(
                r"'(.*)'!(\$\w+\$\d+):(?:(\$\w+\$\d+)|INDEX\(.*\))", where
            ).groups()
            last = last or re.sub(r"\d+", str(book[name].max_row), first)
            cells = book[name][f"{first}:{last}".replace("$", "")]
            return validation, [cell.value for (cell,) in cells]
    return None, []


def test_closed_lists_and_foreign_keys_are_offered(package, book):
    for resource in package.resources:
        pointing = {key.fields[0]: key for key in resource.foreign_keys}
        for place, item in enumerate(resource.fields):
            column = openpyxl.utils.get_column_letter(place + 1)
            validation, offered = list_offered(book, resource.name, column)
            if item.enum:
                assert offered == list(item.enum)
                assert validation.errorStyle in {None, "stop"}
            elif item.name in pointing:
                target = package.by_name[pointing[item.name].resource]
                at = target.field_names.index(pointing[item.name].reference_fields[0])
                assert offered == [row[at] for row in read_csv(package, target.name)[1:]]
            elif item.type != "boolean":
                assert validation is None


def test_every_column_says_what_it_holds(package, book):
    for resource in package.resources:
        validations = {
            str(one.sqref).split(":")[0]: one for one in book[resource.name].data_validations.dataValidation
        }
        for cell, item in zip(book[resource.name][1], resource.fields, strict=False):
            assert cell.comment.text.startswith(item.description)
            assert all(meaning in cell.comment.text for meaning in item.enum_descriptions.values())
            hint = validations[f"{cell.column_letter}2"]
            assert 0 < len(hint.prompt) <= LONGEST_MESSAGE and len(hint.promptTitle) <= LONGEST_TITLE


def test_the_first_sheet_says_how_and_leads_to_the_others(package, book):
    sheet = book.worksheets[0]
    assert sheet.title == "Read me"
    said = {row[0].value: row[1].value for row in sheet.iter_rows()}
    assert "packpress import" in said["bring it back"]
    assert "withdrawals" in said["remove a row"]
    links = [row[0].hyperlink.location for row in sheet.iter_rows() if row[0].hyperlink]
    assert links == [f"'{resource.name}'!A1" for resource in package.resources]
    assert [sheet.title for sheet in book if sheet.sheet_state != "visible"] == ["_lists", "_export"]


def test_the_same_tables_make_the_same_bytes(package, file):
    assert write_workbook(package, ALL)[0] == file.read_bytes()


def test_a_log_has_a_workbook_of_its_own(package, tmp_path):
    file = tmp_path / "north.xlsx"
    file.write_bytes(write_workbook(package, Selection("logs", "north"))[0])
    book = openpyxl.load_workbook(file)
    of_log = [row for row in read_csv(package, "sightings") if row[0].startswith("north-")]
    assert read_sheet(book, "sightings", len(of_log[0]))[1:] == of_log
    related = [
        row
        for row in read_csv(package, "sighting_relations")
        if any(key.startswith("north-") for key in row[:2])
    ]
    assert read_sheet(book, "sighting_relations", len(related[0]))[1:] == related
    assert len(read_sheet(book, "kinds", 5)) == len(read_csv(package, "kinds"))
    # Names that other logs named first can be chosen all the same.
    _, offered = list_offered(book, "sighting_ports", "B")
    assert offered == [row[0] for row in read_csv(package, "ports")[1:]]


def test_a_log_that_is_none_is_said_in_one_line(package, tmp_path):
    done = invoke("workbook", FLEET, "--only", "logs=nort", "--output", str(tmp_path / "x.xlsx"))
    message = 'nort: no row of logs; did you mean "north"?'
    assert (done.returncode, done.stderr) == (2, f"{message}\n")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(CannotRunError, match=r"^x: no row of logs; known are east, north"):
        find_selection(package, read_state(package), "logs", "x")


def export(descriptor, file):
    done = CliRunner().invoke(workbook_command, [str(descriptor), "--output", str(file)])
    assert done.exit_code == 0, done.output
    return done


def test_foreign_keys_in_a_circle_lead_to_an_end(tmp_path):
    def pointing(name, other):
        key = {"fields": "other", "reference": {"resource": other, "fields": "id"}}
        return table(
            name, "id,other\n1,1\n", [field("id"), field("other")], primaryKey="id", foreignKeys=[key]
        )

    descriptor = write_package(tmp_path, pointing("a", "b"), pointing("b", "a"))
    data, left_out = write_workbook(read_package(descriptor), Selection("a", "1"))
    assert data and not left_out


def test_what_no_sheet_keeps_is_left_out_and_named(tmp_path):
    descriptor = write_package(
        tmp_path,
        table("whole", "a\nx\n", [field("a")]),
        table("signs", "a\nx\nbell\a\n", [field("a")]),
        table("blank", "a,b\n,\n", [field("a"), field("b")]),
        table("_lists", "a\nx\n", [field("a")]),
        table("long", f"a\n{'x' * 32_768}\n", [field("a")]),
    )
    done = export(descriptor, tmp_path / "x.xlsx")
    assert done.stderr.splitlines() == [
        "notice: signs is left out: row 2 has a control character, which sheets cannot store; edit its file",
        "notice: blank is left out: row 1 is empty, and a sheet cannot represent an empty row; edit its file",
        "notice: _lists is left out: the workbook uses its name for a sheet of its own; edit its file",
        "notice: long is left out: 32,768 characters are more than the 32,767 that a cell holds; edit its file",
    ]
    assert openpyxl.load_workbook(tmp_path / "x.xlsx").sheetnames == ["Read me", "whole", "_lists", "_export"]


def test_any_package_has_a_workbook(tmp_path):
    export(write_library(tmp_path), tmp_path / "x.xlsx")
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert [cell.value for cell in book["Größe & group"][3]] == ["1", "\U0001f40d"]
    assert list_offered(book, "order", "C")[1] == ["2", "1"]


def test_a_table_with_comments_is_left_out_and_named(tmp_path):
    noted = table("noted", "a\n# mine\nx\n", [field("a")], dialect={"commentChar": "#"})
    done = export(write_package(tmp_path, noted, table("t", "a\nx\n", [field("a")])), tmp_path / "x.xlsx")
    assert (
        done.stderr
        == "notice: noted is left out: its rows are not in a single uncompressed file; edit its file\n"
    )
