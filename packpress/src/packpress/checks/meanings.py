"""Meanings: what a text that is wrong was probably meant to be, to be tried before it is offered."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from packpress.checks.characters import INVISIBLE
from packpress.checks.spreadsheets import EXPONENT
from packpress.package.field import Field

# The day from which spreadsheets count.
EPOCH = date(1899, 12, 30)
SERIAL = re.compile(r"[1-9][0-9]{4}")
LOCAL_DATE = re.compile(r"([0-9]{1,4})([-/. ]{1,2})([0-9]{1,2}|[A-Za-z]{3})\2([0-9]{1,4})(?:[T ][0:.]+)?")
THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
PLAIN = str.maketrans("‘’‚‛“”„‟‐‑‒–—―−", "''''\"\"\"\"-------")
WORDS = dict.fromkeys(("yes", "y", "on", "t"), "true") | dict.fromkeys(("no", "n", "off", "f"), "false")
MOST_ZEROS = 12
# What is longer was not mistyped.
LONGEST = 200


def list_meanings(text: str, field: Field) -> Iterator[tuple[tuple[str, ...], str]]:
    """Texts that may be meant, by what happened to them, the likeliest first; none of them need be right."""
    if len(text) > LONGEST:
        return
    stripped = text.strip()
    yield (stripped,), "with white space around it"
    cleaned = unicodedata.normalize("NFC", INVISIBLE.sub("", " ".join(stripped.split())))
    yield (cleaned,), "with odd spaces or letters in it"
    yield (cleaned.translate(PLAIN),), "with curly quotes or dashes in it"
    match field.type:
        case "date" if field.format == "default":
            yield from _list_dates(cleaned)
        case "integer" | "number" if not field.raw.keys() & {"decimalChar", "groupChar", "bareNumber"}:
            yield from _list_numbers(cleaned)
        case "boolean":
            yield (WORDS.get(cleaned.lower(), ""),), "a word for it"
            yield (cleaned.lower(),), "in other letters"
        case "string":
            if cleaned.isdecimal():
                for count in range(1, MOST_ZEROS):
                    yield ("0" * count + cleaned,), "without its zeros, as a spreadsheet leaves it"
            yield (cleaned.lower(), cleaned.upper()), "in other letters"


def _list_dates(text: str) -> Iterator[tuple[tuple[str, ...], str]]:
    if SERIAL.fullmatch(text):
        yield ((EPOCH + timedelta(int(text))).isoformat(),), "the number by which a spreadsheet keeps a day"
    match = LOCAL_DATE.fullmatch(text)
    if not match:
        return
    first, sign, second, third = match.groups()
    if second.lower() in MONTHS:
        second = str(MONTHS.index(second.lower()) + 1)
    if not second.isdecimal():
        return
    orders = [(third, second, first), (third, first, second)]
    if len(first) == 4:
        orders = [(first, second, third)]
    elif "." in sign or not match.group(3).isdecimal():
        orders = orders[:1]
    yield tuple(_write_date(*order) for order in orders), "written in another form"


def _write_date(year: str, month: str, day: str) -> str:
    full = int(year) + (2000 if int(year) < 70 else 1900) * (len(year) == 2)
    return f"{full:04d}-{int(month):02d}-{int(day):02d}"


def _list_numbers(text: str) -> Iterator[tuple[tuple[str, ...], str]]:
    if EXPONENT.fullmatch(text):
        yield (f"{Decimal(text):f}",), "shortened by a spreadsheet, so look up its last digits"
    yield (text.removesuffix(".0"),), "with a point, though whole"
    if THOUSANDS.fullmatch(text):
        # With one comma, nobody knows whether it stands before thousands or before a fraction.
        other = (text.replace(",", "."),) if text.count(",") == 1 and "." not in text else ()
        yield (text.replace(",", ""), *other), "with commas in it"
    if "," in text:
        yield (text.replace(".", "").replace(",", "."),), "with a comma for a point"
    for sign in " '_":
        yield (text.replace(sign, ""), text.replace(sign, "").replace(",", ".")), "with signs between digits"
