"""Edits: what was changed in a workbook, and what a spreadsheet program damaged."""

import html
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Protocol

from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import from_excel

from packpress.checks.hygiene import ERRORS, describe_damage, is_mojibake
from packpress.checks.withdrawals import ROW, TABLE
from packpress.editing.workbook.book import Book, SheetRow
from packpress.editing.workbook.layout import Page, State
from packpress.package.descriptor import Package
from packpress.package.resource import Field, Resource
from packpress.problems import Problem, name_command, shorten_value
from packpress.publish.sheet import LONGEST_CELL, count_units
from packpress.tables.csv import Record
from packpress.tables.types import type_of

AS_TEXT = "format the cell as text and"
MEANT = ", or edit the CSV file if it is intended"
MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
# The same in German, and in French, Spanish, Italian and Dutch.
GERMAN_MONTH = "(?:Jan|Feb|Mrz|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez)"
OTHER_MONTH = (
    "(?:janv?|ene|gen|f[eé]vr?|febr?|mars?|mrt|avr|abr|apr|mag|mayo?|mai|mei|juin|jui?n|giu|juil|jul|lug"
    "|ao[uû]t|ago|aug|sept?|set|oct|ott|okt|nov|d[eé]c|dic)"
)
# What spreadsheets make of `2-5` or `Mar 4` in cells that are not formatted as text.
MADE_A_DATE = re.compile(
    rf"\d{{1,2}}-{MONTH}(?:-\d{{2,4}})?|{MONTH}-\d{{2,4}}|\d{{1,2}}\. {GERMAN_MONTH}(?: \d{{2,4}})?"
    rf"|\d{{1,2}}-{OTHER_MONTH}\.?(?:-\d{{2,4}})?|{OTHER_MONTH}\.?-\d{{2}}"
)
SHOWN_DATE = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}")
ISO_DATE = re.compile(r"-?\d{4,}-\d\d-\d\d")
# What programs write where there is nothing.
NOTHING = frozenset({"nan", "NaN", "NaT", "None", "NULL", "<NA>"})
SCIENTIFIC = re.compile(r"[+-]?\d(?:[.,]\d+)?E[+-]\d{2,3}")
WHOLE_AS_FLOAT = re.compile(r"([+-]?\d+)[.,]0+")
DAY_SERIAL = re.compile(r"\d{5}(?:\.0+)?")
LINE_BREAKS = re.compile("[\r\n\x0b\x0c\x85\u2028\u2029]|_x000[AD]_")
TRUTHS = {
    **dict.fromkeys(("true", "1", "wahr", "vrai", "verdadero", "vero", "waar"), "true"),
    **dict.fromkeys(("false", "0", "falsch", "faux", "falso", "onwaar"), "false"),
}


def read_cell(cell: Cell | MergedCell) -> str | None:
    """The text of a cell, empty for a blank one; None when it is not text.

    >>> from openpyxl import Workbook
    >>> sheet = Workbook().active
    >>> sheet["A1"], sheet["A2"] = "ada", 1998
    >>> read_cell(sheet["A1"]), read_cell(sheet["A2"]), read_cell(sheet["A3"])
    ('ada', None, '')
    """
    if cell.value is None:
        return ""
    return cell.value if cell.data_type == "s" and isinstance(cell.value, str) else None


def interpret_cell(cell: Cell | MergedCell, field: Field) -> tuple[str, str]:
    """The text that a non-text cell stands for, or why it cannot be accepted; the other one is empty.

    Only whole numbers in integer fields are accepted.

    >>> from openpyxl import Workbook
    >>> sheet = Workbook().active
    >>> sheet["A1"] = 1998
    >>> interpret_cell(sheet["A1"], Field({"name": "built", "type": "year"}))
    ('1998', '')
    """
    value = cell.value
    if cell.data_type == "f":
        return "", f"a formula; {AS_TEXT} write the value itself"
    if cell.data_type == "e":
        return "", "a spreadsheet error; write the real value"
    if isinstance(value, bool):
        is_truth = type_of(field).in_spreadsheet == "truth"
        mend = f"write {str(value).lower()}" if is_truth else "type the intended value again"
        return "", f"a spreadsheet boolean; {AS_TEXT} {mend}"
    if isinstance(value, datetime | date | time | timedelta):
        return "", f"a spreadsheet date; {AS_TEXT} {_offer_date(value, field)}"
    if isinstance(value, int | float):
        return _interpret_number(value, field)
    return "", f"not text; {AS_TEXT} type it again"


def _offer_date(value: Any, field: Field) -> str:
    if type_of(field).in_spreadsheet == "day" and isinstance(value, datetime):
        return f"write {value.date().isoformat()}, if that is the intended day"
    return "type the intended value again"


def _interpret_number(value: float, field: Field) -> tuple[str, str]:
    kind = type_of(field).in_spreadsheet
    if kind == "day":
        return "", f"the serial number of a date; {AS_TEXT} {_offer_day(str(value))}"
    if kind == "whole":
        if value == int(value) and abs(value) < 10**15:
            return str(int(value)), ""
        return "", f"a number with a fraction, or too long to be exact; {AS_TEXT} write it again"
    if kind == "number":
        digits = Decimal(repr(value))
        if len(digits.as_tuple().digits) <= 15 and "e" not in repr(value):
            return repr(value), ""
    return "", f"a number, which may have lost zeros or digits; {AS_TEXT} type it again"


def _offer_day(serial: str) -> str:
    try:
        return f"write {from_excel(float(serial)).date().isoformat()}, if that is the intended day"
    except (ValueError, OverflowError, AttributeError):
        return "write a date such as 2021-11-08"


def make_judge(resource: Resource, field: Field, known: frozenset[str]) -> Callable[[str, str], str]:
    """Returns a function that says what is wrong with a changed cell, given its new and old text.

    `known` are the texts of the column at export time, which are never treated as damage.

    >>> from packpress import read_package
    >>> boats = read_package("fleet").by_name["boats"]
    >>> make_judge(boats, boats.field("name"), frozenset())("#REF!", "Ida")
    'a spreadsheet error; write the real value'
    """

    def judge(text: str, before: str) -> str:
        if text == before or not text:
            return ""
        fault = (
            _judge_length(text, before)
            or _judge_characters(text, before, field)
            or _judge_encoding(text, resource)
        )
        if fault or text in known:
            return fault
        return _judge_form(text, before, field) or _judge_rewriting(text, before, field)

    return judge


# Where some programs cut a text off.
CUT_AFTER = {255, 256}


def _judge_length(text: str, before: str) -> str:
    if len(text) in CUT_AFTER and before.startswith(text):
        return f"cut off after {len(text)} characters; write the rest, or clear the cell first"
    if count_units(text) < LONGEST_CELL:
        return ""
    return f"as long as a cell can be ({LONGEST_CELL:,} characters), so its end may be lost; shorten it"


def _judge_characters(text: str, before: str, field: Field) -> str:
    if LINE_BREAKS.search(text) and not LINE_BREAKS.search(before):
        return "contains a line break; write it on one line"
    if text != text.strip() and before == before.strip():
        return "begins or ends with white space; remove it"
    if ERRORS.fullmatch(text):
        return "a spreadsheet error; write the real value"
    # Text copied from a source may contain anything; the validator checks that it is copied faithfully.
    if field.is_printed:
        return ""
    if is_mojibake(text) and not is_mojibake(before):
        return "letters that were decoded with another encoding; type them again"
    return describe_damage(text)


def _judge_encoding(text: str, resource: Resource) -> str:
    try:
        text.encode(resource.encoding)
    except (UnicodeEncodeError, LookupError):
        return f"has a character that {resource.encoding} lacks; remove it"
    return ""


def _judge_form(text: str, before: str, field: Field) -> str:
    """What is wrong if the text looks like a date, number or truth value as spreadsheets write them.

    If the text is really meant, it can be entered in the table's file, and is then not treated as damage.
    """
    kind = type_of(field).in_spreadsheet
    if MADE_A_DATE.fullmatch(text):
        return f"text that was converted to a date; {AS_TEXT} type the intended value again{MEANT}"
    if kind == "day" and DAY_SERIAL.fullmatch(text):
        return f"the serial number of a date; {_offer_day(text)}"
    if kind not in {"number", "anything"} and SCIENTIFIC.fullmatch(text):
        return f"a number in scientific notation; {AS_TEXT} write all its digits{MEANT}"
    whole = WHOLE_AS_FLOAT.fullmatch(text)
    if whole and (kind == "whole" or whole[1] == before):
        return f"a whole number with a fraction; write {whole[1]}{MEANT}"
    if before.startswith("0") and before.isdecimal() and before.lstrip("0") == text:
        return f"lost its leading zeros; write {before}{MEANT}"
    if text in NOTHING and kind != "number":
        return f"what a program writes for an empty cell; clear the cell{MEANT}"
    if kind == "day" and SHOWN_DATE.fullmatch(text) and not ISO_DATE.fullmatch(text):
        return "a date as a program shows it; write it as 2021-11-08"
    if kind == "truth" and TRUTHS.get(text.lower(), text) != text and field.true_values is None:
        return f"a spreadsheet boolean; write {TRUTHS[text.lower()]}"
    return ""


# What programs write for characters that are typed, and how these were typed.
AUTOCORRECTED = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        "…": "...",
        "©": "(c)",
        "®": "(r)",
        "™": "(tm)",
        "½": "1/2",
        "¼": "1/4",
        "¾": "3/4",
        "→": "->",
    }
)
SEPARATED = re.compile(r"[+-]?\d{1,3}(?:([,.'\u2019 ])\d{3})(?:\1\d{3})*(?:[.,]\d+)?")
DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")


def _type_again(text: str) -> str:
    return text.translate(AUTOCORRECTED).replace("--", "-")


def _join_digits(text: str) -> str:
    match = SEPARATED.fullmatch(text)
    return text.replace(match[1], "") if match else text


def _unquote(text: str) -> str:
    is_quoted = len(text) > 2 and text[0] == text[-1] == '"'
    return text[1:-1].replace('""', '"') if is_quoted else text


# What a program did to a text, and how it is undone.
REWRITINGS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("characters that became entities of HTML", html.unescape),
    ("letters that were taken apart from their accents", partial(unicodedata.normalize, "NFC")),
    ("an apostrophe before the text", lambda text: text.removeprefix("'")),
    ("quotes around the text", _unquote),
    ("a number with separators of thousands", _join_digits),
    (
        "a number with a decimal comma",
        lambda text: text.replace(",", ".") if DECIMAL_COMMA.fullmatch(text) else text,
    ),
)
AUTOCORRECTION = "quotes, dashes or signs that were autocorrected"


def _judge_rewriting(text: str, before: str, field: Field) -> str:
    """What is wrong if a text is the one from before, but rewritten as a program does.

    Text that is copied as printed may get the quotes and dashes that are printed there.
    """
    autocorrection = () if field.is_printed else ((AUTOCORRECTION, _type_again),)
    for what, undo in (*REWRITINGS, *autocorrection):
        if text != undo(text) == undo(before):
            return f"{what}; write {shorten_value(before)}{MEANT}"
    return ""


Key = tuple[str, ...]


class Places(Protocol):
    """Where edited rows stand: a workbook, or the files to which a form saves."""

    def problem(self, sheet: str, address: str, message: str, field: str = "", value: str = "") -> Problem:
        """A problem with one cell of a sheet."""


@dataclass(frozen=True)
class Edited:
    """The edited rows of a table, with their lines, as they are now and as they were before.

    Cells that a spreadsheet program damaged are read as empty.
    """

    page: Page
    lines: tuple[int, ...]
    records: tuple[Record, ...]
    before: Sequence[Record]
    faults: tuple[Problem, ...]

    @property
    def name(self) -> str:
        """The name of the table."""
        return self.page.resource.name

    @property
    def has_keys(self) -> bool:
        """Whether the rows have keys, none of which is damaged."""
        key = self.page.resource.primary_key
        return bool(key) and not any(fault.field in key for fault in self.faults)

    def key_of(self, record: Record) -> Key:
        """The values of the primary key; empty without one."""
        names = self.page.resource.field_names
        return tuple(record[names.index(name)] for name in self.page.resource.primary_key)

    def address(self, line: int) -> str:
        """The address of the cell in which a row's key begins."""
        resource = self.page.resource
        return f"{get_column_letter(resource.field_names.index(resource.primary_key[0]) + 1)}{line}"


def read_edited(book: Book, page: Page, rows: Sequence[SheetRow], before: Sequence[Record]) -> Edited:
    """The rows of a sheet, with a problem for every cell that a spreadsheet program damaged."""
    resource = page.resource
    judges = [
        make_judge(resource, field, frozenset(record[place] for record in before))
        for place, field in enumerate(resource.fields)
    ]
    faults, records = [], []
    for row, old in zip(rows, _match_rows(resource, rows, before), strict=True):
        record = []
        for place, (cell, field) in enumerate(zip(row.cells, resource.fields, strict=True)):
            text, fault = read_cell(cell), ""
            if text is None:
                text, fault = interpret_cell(cell, field)
            fault = fault or judges[place](text, old[place] if old else "")
            if fault:
                shown = text or str(cell.value)
                faults.append(book.problem(page.sheet, cell.coordinate, fault, field.name, shown))
            record.append(text)
        records.append(tuple(record))
    return Edited(page, tuple(row.line for row in rows), tuple(records), before, tuple(faults))


def _match_rows(
    resource: Resource, rows: Sequence[SheetRow], before: Sequence[Record]
) -> list[Record | None]:
    """The exported record of each row: the one with its key or, in tables without keys, at its position."""
    if not resource.primary_key:
        by_line = dict(enumerate(before, 2))
        return [by_line.get(row.line) for row in rows]
    places = [resource.field_names.index(name) for name in resource.primary_key]
    by_key = {tuple(record[place] for place in places): record for record in before}
    return [by_key.get(tuple(read_cell(row.cells[place]) or "" for place in places)) for row in rows]


def check_keys(book: Places, edited: Edited, others: Sequence[Record]) -> Iterator[Problem]:
    """Checks that every row has a key, and that no other row has the same."""
    resource = edited.page.resource
    name = resource.primary_key[0]
    elsewhere = {edited.key_of(record) for record in others}
    lines: dict[Key, int] = {}
    for line, record in zip(edited.lines, edited.records, strict=True):
        key = edited.key_of(record)
        message = ""
        if key == resource.primary_key and record not in edited.before:
            message = "the header once more; remove the row"
        elif not any(key):
            message = f"the row has no key; {name_command('next-id', 'TABLE', edited.name)} prints one"
        elif key in lines:
            message = f"row {lines[key]} has the same key; keys must be unique"
        elif key in elsewhere:
            message = (
                f"{resource.paths[0]} has a row of this key that is not in this workbook; choose another"
            )
        if message:
            yield book.problem(edited.page.sheet, edited.address(line), message, name, ",".join(key))
        lines.setdefault(key, line)


def check_removed(
    book: Places, edited: Edited, package: Package, state: State, drafts: Collection[str]
) -> Iterator[Problem]:
    """Checks that no key was changed, and that removed rows are registered as withdrawn.

    Nothing has to be registered if the package has no register. Rows in `drafts` were never published and
    need no entry.
    """
    resource = edited.page.resource
    register = package.register
    registered = _list_registered(package, state, register)
    old = {edited.key_of(record): record for record in edited.before}
    new = dict(zip(map(edited.key_of, edited.records), edited.lines, strict=True))
    added = [
        (line, record)
        for line, record in zip(edited.lines, edited.records, strict=True)
        if edited.key_of(record) not in old
    ]
    for key, record in old.items():
        row_id = ",".join(key)
        if key in new or (edited.name, row_id) in registered:
            continue
        is_draft = row_id in drafts
        twin = _find_twin(edited, record, added)
        if twin and (len(key) == 1 or not is_draft):
            line, other = twin
            message = f'was "{row_id}" at the export; a key never changes: restore the old one, or remove '
            message += "the row and write a new one below"
            value = ",".join(edited.key_of(other))
            yield book.problem(
                edited.page.sheet, edited.address(line), message, resource.primary_key[0], value
            )
        elif edited.name == register:
            message = f'the entry "{row_id}" is gone; restore it, entries of the register are never removed'
            yield book.problem(edited.page.sheet, "", message)
        elif register in state and not is_draft:
            message = f'the row "{row_id}" is gone; restore it, or enter it in {register} with the reason'
            yield book.problem(edited.page.sheet, "", message)


def _list_registered(package: Package, state: State, register: str) -> set[tuple[str, str]]:
    """Table and key of each row that is registered as withdrawn."""
    if register not in state:
        return set()
    names = package.by_name[register].field_names
    if not {TABLE, ROW} <= {*names}:
        return set()
    return {(record[names.index(TABLE)], record[names.index(ROW)]) for record in state[register]}


def _find_twin(
    edited: Edited, record: Record, added: Sequence[tuple[int, Record]]
) -> tuple[int, Record] | None:
    """The new row that is most similar to a removed one; None when none has half of its cells."""
    resource = edited.page.resource
    places = [place for place, name in enumerate(resource.field_names) if name not in resource.primary_key]
    held = sum(len(record[place]) for place in places)

    def likeness(candidate: tuple[int, Record]) -> int:
        return sum(len(record[place]) for place in places if record[place] == candidate[1][place])

    best = max(added, key=likeness, default=None)
    return best if best and held and 2 * likeness(best) >= held else None


def check_belonging(book: Book, edited: Edited, belonging: Sequence[Record]) -> Iterator[Problem]:
    """Checks that every row belongs, by its foreign keys, to the row that the workbook was exported for."""
    known = {*belonging}
    for line, record in zip(edited.lines, edited.records, strict=True):
        if record not in known:
            message = f"the row does not belong to {book.manifest.selection.key}; correct its foreign keys, "
            message += "or export a workbook of all rows"
            name = edited.page.resource.primary_key[0]
            value = ",".join(edited.key_of(record))
            yield book.problem(edited.page.sheet, edited.address(line), message, name, value)
