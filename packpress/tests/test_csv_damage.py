"""Tables that a spreadsheet program was let loose on: `format` mends what lost nothing, the rest is refused."""

import csv
import io

import pytest
from click.testing import CliRunner
from packpress.cli import format_tables

from invented.packages import field, table, write_package
from packpress import read_package, validate

ROWS = [
    ["id", "day", "count", "weight", "is_old", "code", "kind", "note"],
    ["a-1", "2021-11-08", "10234567", "12.5", "true", "0451", "buoy", "wind, then calm"],
    ["a-2", "2021-12-24", "7", "0.75", "false", "0099", "whale", "Möwe seen"],
    ["a-3", "2022-01-02", "12", "3", "true", "0007", "buoy", ""],
]
FIELDS = [
    field("id", required=True),
    field("day", "date"),
    field("count", "integer"),
    field("weight", "number"),
    field("is_old", "boolean", trueValues=["true"], falseValues=["false"]),
    field("code") | {"constraints": {"pattern": "[0-9]{4}"}},
    field("kind", enum=["buoy", "whale"]),
    field("note"),
]


def render(rows, delimiter=",", end="\n", quoting=csv.QUOTE_MINIMAL):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    return text.getvalue()


TEXT = render(ROWS)


def change(line, name, value):
    """The table with another value in one cell, as text."""
    rows = [[*row] for row in ROWS]
    rows[line][ROWS[0].index(name)] = value
    return render(rows).encode()


@pytest.fixture
def package(tmp_path):
    return read_package(
        write_package(tmp_path, table("log", TEXT, FIELDS, primaryKey="id"), validation={"lint": "strict"})
    )


def format_it(package):
    return CliRunner().invoke(format_tables, [str(package.path)])


HARMLESS = {
    "a byte order mark": ("\ufeff" + TEXT).encode(),
    "line ends of Windows": TEXT.replace("\n", "\r\n").encode(),
    "line ends of an old Mac": TEXT.replace("\n", "\r").encode(),
    "quotes around everything": render(ROWS, quoting=csv.QUOTE_ALL).encode(),
    "another order of rows": render([ROWS[0], *ROWS[:0:-1]]).encode(),
    "no last line end": TEXT.rstrip("\n").encode(),
    "blank lines": TEXT.replace("\n", "\n\n").encode(),
    "all of these": ("\ufeff" + render([ROWS[0], *ROWS[:0:-1]], end="\r\n", quoting=csv.QUOTE_ALL)).encode(),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_lost_nothing_is_mended(package, name):
    file = package.root / "log.csv"
    file.write_bytes(HARMLESS[name])
    done = format_it(package)
    assert done.exit_code == 0, done.output
    assert file.read_bytes() == TEXT.encode()
    assert validate(package).problems == []


# What was done, the bytes that are left, and the place and code of the first problem.
DAMAGED = [
    ("saved by Excel in German", render(ROWS, ";", "\r\n").encode("cp1252"), "log.csv:3", "file/encoding"),
    ("saved with semicolons", render(ROWS, ";").encode(), "log.csv:1", "file/delimiter"),
    ("saved with tabs", render(ROWS, "\t").encode(), "log.csv:1", "file/delimiter"),
    ("saved as Unicode text", render(ROWS, "\t", "\r\n").encode("utf-16"), "log.csv:1", "file/encoding"),
    ("saved as UTF-16", TEXT.encode("utf-16"), "log.csv:1", "file/encoding"),
    ("the line sep= above", ("sep=,\n" + TEXT).encode(), "log.csv:1", "file/header"),
    ("a title above", ("Our log,,,,,,,\n" + TEXT).encode(), "log.csv:1", "file/header"),
    ("without its header", TEXT.partition("\n")[2].encode(), "log.csv:1", "file/header"),
    ("a column inserted", TEXT.replace(",", ",,", 1).encode(), "log.csv:1", "file/header"),
    ("commas at the end", TEXT.replace("\n", ",,\n").encode(), "log.csv:1", "file/header"),
    ("cut off within a row", TEXT[:-12].encode(), "log.csv:4", "schema/cell-count"),
    ("cut off within quotes", TEXT[: TEXT.index("then")].encode(), "log.csv:2", "file/quotes"),
    ("cut off to nothing", b"", "log.csv:1", "file/header"),
    ("a row pasted twice", (TEXT + TEXT.splitlines()[1] + "\n").encode(), "log.csv:5", "schema/duplicate"),
    (
        "a cell with a line break",
        TEXT.replace("then calm", "then\ncalm").encode(),
        "log.csv:2",
        "cell/line-break",
    ),
    ("a day in German", change(1, "day", "08.11.2021"), "log.csv:2", "schema/cell"),
    ("a day as a number", change(1, "day", "44508"), "log.csv:2", "schema/cell"),
    ("thousands set apart", change(1, "count", "10,234,567"), "log.csv:2", "schema/cell"),
    ("a number cut short", change(1, "count", "1.02E+07"), "log.csv:2", "schema/cell"),
    ("a decimal comma", change(1, "weight", "12,5"), "log.csv:2", "schema/cell"),
    ("zeros that are lost", change(1, "code", "451"), "log.csv:2", "schema/cell"),
    ("a truth in capitals", change(1, "is_old", "TRUE"), "log.csv:2", "schema/cell"),
    ("a truth in German", change(1, "is_old", "WAHR"), "log.csv:2", "schema/cell"),
    ("a value with a capital", change(1, "kind", "Buoy"), "log.csv:2", "schema/cell"),
    ("a value with a blank", change(1, "kind", "buoy "), "log.csv:2", "schema/cell"),
    ("a no-break space", change(1, "note", "wind\u00a0then"), "log.csv:2", "cell/unusual-space"),
    ("letters of another encoding", change(2, "note", "MÃ¶we seen"), "log.csv:3", "cell/mojibake"),
    ("an error", change(1, "note", "#REF!"), "log.csv:2", "cell/spreadsheet-error"),
    ("a formula", change(1, "note", "=A1&B1"), "log.csv:2", "cell/formula"),
    ("a date of a text", change(1, "note", "4-Mar"), "log.csv:2", "cell/spreadsheet-date"),
]


@pytest.mark.parametrize(("what", "data", "place", "code"), DAMAGED, ids=[row[0] for row in DAMAGED])
def test_what_lost_something_is_refused_at_its_place(package, what, data, place, code):
    file = package.root / "log.csv"
    file.write_bytes(data)
    problem = validate(package).problems[0]
    assert (problem.place, problem.code) == (place, code), what
    done = format_it(package)
    assert done.exit_code in (0, 2)
    assert len(done.output.splitlines()) == 1
    # Whatever format writes, the mistake is still found.
    assert validate(package).problems
