"""Lint: what misleads is found, and what only looks odd is left alone."""

import pytest
from packpress.checks.cells import ColumnCheck
from packpress.checks.hygiene import Use, describe_characters
from packpress.checks.validation import validate_package
from packpress.package.descriptor import read_descriptor
from packpress.package.resource import build_resource
from packpress.tables.decoding import ByteFacts
from packpress.tables.fast.columns import Column

import packpress
from invented.findings import list_offers, locate_all
from invented.packages import field, table, write_package

TEXT, FREE, KEY, NUMBER = (
    Use(is_text=True),
    Use(is_text=True, is_free=True),
    Use(is_text=True, is_identifier=True),
    Use(is_number=True),
)


@pytest.mark.parametrize("text", ["cafÃ©", "itâ€™s", "20Â°C", "Å\u0082Ã³d\u017a", "Ð¿Ñ€Ð¸", "ï»¿id", "ðŸ˜€"])
def test_misread_text_is_found(text):
    assert describe_characters(text, TEXT) in {"cell/mojibake", "cell/control"}


@pytest.mark.parametrize(
    "text", ["«CAFÉ»", "“café”— he said", "CAFÉ’S", "Ärzte", "naïve", "SÃO", "40 µg – 5 °C", "ÎLE"]
)
def test_printed_text_is_no_misread_text(text):
    assert describe_characters(text, TEXT) == ""


@pytest.mark.parametrize(
    "text",
    [
        "bo\u0430t",
        "the \u0440H of it",
        "\u0397ydroxy",
        "CO\u0425-2",
        "\u043a\u0435\u0442a\u043c\u0438\u043d",
        "\u03ba\u03b5\u03c4o\u03bd\u03b7",
    ],
)
def test_a_word_that_mixes_letters_that_look_alike_is_found(text):
    assert describe_characters(text, TEXT) == "cell/look-alike"


@pytest.mark.parametrize(
    "text",
    [
        "gabapentinoids bind the α2δ subunit",
        "50 μg of Δ9-THC",
        "χ² = 3.1, p < 0.05",
        "TNFα, NFκB and IFNγ",
        "γδT cells",
        "β-blocker in Ω and kΩ",
        "лодка (boat)",
        "ΔT and λmax, hν",
        "ω-3",
    ],
)
def test_scripts_side_by_side_mislead_nobody(text):
    assert describe_characters(text, TEXT) == ""


@pytest.mark.parametrize(
    "text", ["=1+1", "@sum", "+cmd", "-A1", "- see below", "-2+3", "-2+3+cmd|' /C calc'!A0", "+(1)"]
)
def test_what_a_spreadsheet_runs_is_found(text):
    assert describe_characters(text, TEXT) == "cell/formula"
    assert describe_characters(text, NUMBER) == ""


@pytest.mark.parametrize(
    "text", ["-5", "+5", "-5 mg", "+49 301", "-", "--", "-1.5e3", "=", "-INF", "a=b", "5-3", "- 5"]
)
def test_what_no_spreadsheet_runs_is_left_alone(text):
    assert describe_characters(text, TEXT) == ""


@pytest.mark.parametrize(
    ("text", "use", "code"),
    [
        ("1-Jan", FREE, "cell/spreadsheet-date"),
        ("Sep-02", FREE, "cell/spreadsheet-date"),
        ("1-Jan", TEXT, ""),
        ("1.5E+10", FREE, "cell/exponent"),
        ("1.5E+10", NUMBER, "cell/exponent"),
        ("1.5e10", NUMBER, ""),
        ("1.25E+03", NUMBER, "cell/exponent"),
        ("1.250E+03", NUMBER, ""),
        ("1.25E+01", NUMBER, ""),
        ("-4.500000E+02", NUMBER, ""),
        ("3E+05", FREE, "cell/exponent"),
        ("6.02E+23", NUMBER, "cell/exponent"),
        ("1.23457E+11", NUMBER, "cell/exponent"),
        ("#WERT!", FREE, "cell/spreadsheet-error"),
        ("#¿NOMBRE?", FREE, "cell/spreadsheet-error"),
        ("#NV", FREE, "cell/spreadsheet-error"),
        ("#A12!", FREE, ""),
        ("#lichen!", FREE, ""),
        ("intra–venous", KEY, "cell/smart-quote"),
        ("intra–venous", FREE, ""),
        ("#1", FREE, ""),
        ("#N/A", NUMBER, "cell/spreadsheet-error"),
        ("a\u0091b", FREE, "cell/control"),
        ("می\u200cخواهم", FREE, ""),
        ("👩\u200d🔬", FREE, ""),
        ("boat\u200cs", FREE, "cell/invisible"),
        ("می\u200c", FREE, "cell/invisible"),
        ("می\u200bخواهم", FREE, "cell/invisible"),
    ],
)
def test_it_depends_on_the_column_what_misleads(text, use, code):
    assert describe_characters(text, use) == code


@pytest.mark.parametrize(
    ("kind", "more", "cell"),
    [
        ("number", {"missingValues": ["", "#NULL!"]}, "#NULL!"),
        ("string", {"missingValues": ["", ": "]}, ": "),
        ("string", {"missingValues": ["", "-none-"]}, "-none-"),
        ("integer", {"groupChar": "\u00a0"}, "709\u00a0037"),
        ("number", {"decimalChar": "\u066b"}, "3\u066b5"),
        ("boolean", {"trueValues": ["@on "], "falseValues": ["off"]}, "@on "),
    ],
)
def test_what_the_descriptor_declares_does_not_mislead(tmp_path, kind, more, cell):
    fields = [field("n", "integer"), field("a", kind, **more)]
    report = packpress.validate(
        packpress.read_package(write_package(tmp_path, table("t", f"n,a\n1,{cell}\n", fields)))
    )
    assert locate_all(report, with_notices=True) == []


def fault_of(text, **field):
    resource = build_resource({"name": "t", "schema": {"fields": [{"name": "a", **field}]}})
    check = ColumnCheck(resource.fields[0], resource)
    return next(
        (check.describe(wrong) for found in check.find_faults(Column.of([text])) for _, wrong in found),
        "",
    )


@pytest.mark.parametrize(
    ("text", "field", "offered"),
    [
        ("1/2/2020", {"type": "date"}, ["2020-02-01", "2020-01-02"]),
        ("31.12.99", {"type": "date"}, ["1999-12-31"]),
        ("44197", {"type": "date"}, ["2021-01-01"]),
        ("5-Mar-2020", {"type": "date"}, ["2020-03-05"]),
        ("2020-02-30", {"type": "date"}, []),
        ("1,234", {"type": "number"}, ["1234", "1.234"]),
        ("1.234,5", {"type": "number"}, ["1234.5"]),
        ("1.5", {"type": "integer"}, []),
        ("1.250,50-", {"type": "number", "decimalChar": ",", "groupChar": "."}, ["-1.250,50"]),
        ("12-", {"type": "integer"}, ["-12"]),
        ("(3.5)", {"type": "number"}, ["-3.5"]),
        ("(3.5 mg)", {"type": "number"}, []),
        ("+Inf", {"type": "number"}, ["INF"]),
        ("-infinity", {"type": "number"}, ["-INF"]),
        ("inf", {"type": "integer"}, []),
        ("0.5", {"type": "number", "constraints": {"minimum": 1}}, []),
        ("No", {"type": "boolean"}, ["false"]),
        ("417", {"type": "string", "constraints": {"pattern": "[0-9]{5}"}}, ["00417"]),
        ("\u200bcod", {"type": "string", "constraints": {"enum": ["cod"]}}, ["cod"]),
        ("#REF!", {"type": "integer"}, []),
        (
            "https://example.org/L’Aquila",
            {"type": "string", "format": "uri"},
            ["https://example.org/L%E2%80%99Aquila"],
        ),
    ],
)
def test_what_was_meant_is_offered_once_it_was_tried(text, field, offered):
    message = fault_of(text, **field)
    assert message
    assert list_offers(message) == offered


@pytest.mark.parametrize(
    ("data", "changed_at", "carriage_return_at"),
    [
        (b"a\nb\n", -1, -1),
        (b"a\r\nb\r\n", -1, 1),
        (b"a\r\nb\n", 4, 1),
        (b"a\nb\r\n", 3, 3),
        (b"a\rb\r", -1, 1),
    ],
)
def test_line_ends_are_told_whatever_the_pieces(data, changed_at, carriage_return_at):
    for size in range(1, len(data) + 1):
        facts = ByteFacts()
        for start in range(0, len(data), size):
            facts.note(data[start : start + size])
        assert (facts.changed_at, facts.carriage_return_at) == (changed_at, carriage_return_at)


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b'a,b\n1,"x\r"\n2,"y\r"\n', []),
        (b'a,b\n1,"x\r\ny"\n', []),
        (b'a,b\r\n1,"x\ny"\r\n', []),
        (b'\xef\xbb\xbfa,b\n1,"x\r\ny"\n2,y\r\n', [4]),
        (b'a,b\n1,"x""\r\ny"\r\n', [3]),
        (b"a,b\r\n1,x\n", [2]),
    ],
)
def test_line_breaks_in_quoted_cells_are_no_ends_of_lines(tmp_path, data, lines):
    path = write_package(tmp_path, table("t", "", [field("a"), field("b")]))
    (tmp_path / "t.csv").write_bytes(data)
    notices = validate_package(read_descriptor(path)).notices
    assert [notice.line for notice in notices if notice.code == "file/mixed-ends"] == lines
