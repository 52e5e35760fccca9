"""Mends: what a text that is wrong was probably meant to be, to be tried before it is offered."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from scripts.lib.checks.characters import INVISIBLE
from scripts.lib.checks.spreadsheets import EXPONENT
from scripts.lib.field import Field

# The day from which spreadsheets count.
EPOCH = date(1899, 12, 30)
SERIAL = re.compile(r"[1-9][0-9]{4}")
LOCAL_DATE = re.compile(r"([0-9]{1,4})([-/. ]{1,2})([0-9]{1,2}|[A-Za-z]{3})\2([0-9]{2,4})(?:[T ][0:.]+)?")
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
PLAIN = str.maketrans("‘’‚‛“”„‟‐‑‒–—―−", "''''\"\"\"\"-------")
WORDS = dict.fromkeys(("yes", "y", "on", "t"), "true") | dict.fromkeys(("no", "n", "off", "f"), "false")
MOST_ZEROS = 12
# What is longer was not mistyped.
LONGEST = 200


def list_mends(text: str, field: Field) -> Iterator[tuple[str, str]]:
    """Texts that may be meant, each with what happened to it; none of them need be right."""
    if len(text) > LONGEST:
        return
    stripped = text.strip()
    yield stripped, "white space around it"
    cleaned = unicodedata.normalize("NFC", INVISIBLE.sub("", " ".join(stripped.split())))
    yield cleaned, "odd spaces or letters in it"
    yield cleaned.translate(PLAIN), "curly quotes or dashes in it"
    match field.type:
        case "date":
            yield from _list_dates(cleaned)
        case "integer" | "number":
            yield from _list_numbers(cleaned)
        case "boolean":
            yield WORDS.get(cleaned.lower(), ""), "a word for it"
    if cleaned.isdecimal() and cleaned.isascii():
        for count in range(1, MOST_ZEROS):
            yield "0" * count + cleaned, "without its zeros, as a spreadsheet leaves it"
    for written in (cleaned.lower(), cleaned.upper()):
        yield written, "in other letters"


def _list_dates(text: str) -> Iterator[tuple[str, str]]:
    if SERIAL.fullmatch(text):
        yield (EPOCH + timedelta(int(text))).isoformat(), "the number by which a spreadsheet keeps a date"
    match = LOCAL_DATE.fullmatch(text)
    if not match:
        return
    first, _, second, third = match.groups()
    if second.isalpha():
        second = str(MONTHS.index(second.lower()) + 1) if second.lower() in MONTHS else "0"
        orders = [(third, second, first)]
    else:
        orders = [(third, second, first), (third, first, second)]
    for year, month, day in [(first, second, third)] if len(first) == 4 else orders:
        full = int(year) + (2000 if int(year) < 70 else 1900) * (len(year) == 2)
        yield f"{full:04d}-{int(month):02d}-{int(day):02d}", "in the form of some country or program"


def _list_numbers(text: str) -> Iterator[tuple[str, str]]:
    if EXPONENT.fullmatch(text):
        yield f"{Decimal(text):f}", "shortened by a spreadsheet, so look up its last digits"
    if text.endswith(".0"):
        yield text[:-2], "a whole number with a point"
    for group, mark in (("", ","), (".", ","), (",", "."), ("'", "."), (" ", "."), (" ", ","), ("_", ".")):
        if mark == "," and text.count(",") == 1 and re.search(r"[.,\d]\d*,\d{3}\Z", text) and not group:
            continue  # a thousand, or a fraction: nobody knows
        yield (
            text.replace(group, "").replace(mark, ".") if group else text.replace(mark, "."),
            ("written with other signs"),
        )
