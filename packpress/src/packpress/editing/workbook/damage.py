"""Damage: what spreadsheet programs do to a cell unasked, told from what an editor meant to write.

A cell that holds what it held at the export is never damaged, whatever that is.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.utils.datetime import from_excel

from packpress.checks.characters import describe_damage
from packpress.checks.spreadsheets import ERRORS
from packpress.package.field import Field
from packpress.package.resource import Resource
from packpress.publish.sheets import LONGEST_CELL, count_units

AS_TEXT = "format the cell as text and"
MEANT = ", or edit the CSV file if it is meant"
MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
# What becomes of `2-5` or `Mar 4` where text is not kept as text.
MADE_A_DATE = re.compile(rf"\d{{1,2}}-{MONTH}(?:-\d{{2,4}})?|{MONTH}-\d{{2,4}}")
SCIENTIFIC = re.compile(r"[+-]?\d(?:[.,]\d+)?E[+-]\d{2,3}")
WHOLE_AS_FLOAT = re.compile(r"([+-]?\d+)[.,]0+")
DAY_SERIAL = re.compile(r"\d{5}(?:\.0+)?")
LINE_BREAKS = re.compile("[\r\n\x0b\x0c\x85\u2028\u2029]|_x000[AD]_")
TRUTHS = {"true": "true", "1": "true", "false": "false", "0": "false"}
WHOLE = frozenset({"integer", "year"})


def read_cell(cell: Cell | MergedCell) -> str | None:
    """The text of a cell, empty for a blank one; None when it is no text."""
    if cell.value is None:
        return ""
    return cell.value if cell.data_type == "s" and isinstance(cell.value, str) else None


def interpret_cell(cell: Cell | MergedCell, field: Field) -> tuple[str, str]:
    """The text that a cell which is no text stands for, and why it cannot be taken for that; one is empty.

    Only whole numbers in a field of whole numbers are what they seem to be.
    """
    value = cell.value
    if cell.data_type == "f":
        return "", f"a formula; {AS_TEXT} write the value itself"
    if cell.data_type == "e":
        return "", "an error value of a spreadsheet; write the real value"
    if isinstance(value, bool):
        mend = f"write {str(value).lower()}" if field.type == "boolean" else "type again what is meant"
        return "", f"a truth value of a spreadsheet; {AS_TEXT} {mend}"
    if isinstance(value, datetime | date | time | timedelta):
        return "", f"a date of a spreadsheet; {AS_TEXT} {_offer_date(value, field)}"
    if isinstance(value, int | float):
        return _interpret_number(value, field)
    return "", f"no text; {AS_TEXT} type it again"


def _offer_date(value: Any, field: Field) -> str:
    if field.type == "date" and isinstance(value, datetime):
        return f"write {value.date().isoformat()}, if that is the day that is meant"
    return "type again what is meant"


def _interpret_number(value: float, field: Field) -> tuple[str, str]:
    if field.type == "date":
        return "", f"the serial number of a date; {AS_TEXT} {_offer_day(str(value))}"
    if field.type in WHOLE:
        if value == int(value) and abs(value) < 10**15:
            return str(int(value)), ""
        return "", f"a number with a fraction, or too long to be exact; {AS_TEXT} write it again"
    if field.type == "number":
        digits = Decimal(repr(value))
        if len(digits.as_tuple().digits) <= 15 and "e" not in repr(value):
            return repr(value), ""
    return "", f"a number, which may have lost zeros or digits; {AS_TEXT} type it again"


def _offer_day(serial: str) -> str:
    try:
        return f"write {from_excel(float(serial)).date().isoformat()}, if that is the day that is meant"
    except (ValueError, OverflowError, AttributeError):
        return "write a date such as 2021-11-08"


def make_judge(resource: Resource, field: Field, known: frozenset[str]) -> Callable[[str, str], str]:
    """A function from the text of a changed cell and what it was to what is wrong with it, or nothing.

    `known` are the texts of the column at the export; what stands there already is no damage elsewhere.
    """

    def judge(text: str, before: str) -> str:
        if text == before or not text:
            return ""
        fault = (
            _judge_length(text) or _judge_characters(text, before, field) or _judge_encoding(text, resource)
        )
        return fault or ("" if text in known else _judge_form(text, before, field))

    return judge


def _judge_length(text: str) -> str:
    if count_units(text) < LONGEST_CELL:
        return ""
    return f"as long as a cell can be ({LONGEST_CELL:,} characters), so its end may be lost; shorten it"


def _judge_characters(text: str, before: str, field: Field) -> str:
    if LINE_BREAKS.search(text) and not LINE_BREAKS.search(before):
        return "holds a line break; write it on one line"
    if text != text.strip() and before == before.strip():
        return "begins or ends with white space; remove it"
    if ERRORS.fullmatch(text):
        return "an error value of a spreadsheet; write the real value"
    # A source's own words may hold anything; whether they are its words is for the validator.
    return "" if field.is_printed else describe_damage(text)


def _judge_encoding(text: str, resource: Resource) -> str:
    try:
        text.encode(resource.encoding)
    except (UnicodeEncodeError, LookupError):
        return f"holds a character that {resource.encoding} has not; write it without"
    return ""


def _judge_form(text: str, before: str, field: Field) -> str:
    """Whether the text has the form that spreadsheets give to dates, numbers and truth values.

    Whoever means it nevertheless can write it into the table's file, and it is no damage any more.
    """
    if MADE_A_DATE.fullmatch(text):
        return f"a text that was made a date; {AS_TEXT} type again what is meant{MEANT}"
    if field.type == "date" and DAY_SERIAL.fullmatch(text):
        return f"the serial number of a date; {_offer_day(text)}"
    if field.type not in {"number", "any"} and SCIENTIFIC.fullmatch(text):
        return f"a number in scientific notation; {AS_TEXT} write all its digits{MEANT}"
    whole = WHOLE_AS_FLOAT.fullmatch(text)
    if whole and (field.type in WHOLE or whole[1] == before):
        return f"a whole number with a fraction; write {whole[1]}{MEANT}"
    if before.startswith("0") and before.isdecimal() and before.lstrip("0") == text:
        return f"lost its leading zeros; write {before}{MEANT}"
    if field.type == "boolean" and TRUTHS.get(text.lower(), text) != text and "trueValues" not in field.raw:
        return f"a truth value of a spreadsheet; write {TRUTHS[text.lower()]}"
    return ""
