"""Characters: what a spreadsheet, a keyboard or a wrong encoding put into a cell unseen, text by text."""

import re
import unicodedata
from dataclasses import dataclass

from packpress.checks.spreadsheets import ERRORS, is_date, is_formula, is_shortened
from packpress.checks.lint import FINDINGS
from packpress.package.field import Field
from packpress.package.resource import Resource

# Zero-width and direction marks are invisible in every editor.
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]")
STRANGE_SCRIPT = re.compile("[\u0370-\u03ff\u0400-\u04ff]")
CONTROL = re.compile("[\x01-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
SMART = re.compile("[\u2010-\u2015\u2018-\u201f\u00ab\u00bb\u2212]")

# How UTF-8 looks when it was read as windows-1252: a letter that begins a sequence, then what continues it.
FOLLOWERS = "\u0080-\u00bf\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d"
FOLLOWERS += "\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178"
# Behind most letters, real text may have closing quotes, dashes and dots.
RARE = re.sub("[\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u2122]", "", FOLLOWERS)
MOJIBAKE = re.compile(
    f"[ÂÃ][{FOLLOWERS}]|[ÄÅ][{RARE}]|(?:[Æ-ß][{FOLLOWERS}]){{2}}|[âï][{FOLLOWERS}]{{2}}"
    f"|(?:[à-ï][{FOLLOWERS}]{{2}}){{2}}|ð[{FOLLOWERS}]{{3}}"
)


@dataclass(frozen=True)
class Use:
    """What a column is for, on which it depends what misleads there."""

    is_text: bool = False
    is_identifier: bool = False  # text that other rows name, and of which no form is declared
    is_free: bool = False  # text that nobody names, and of which no form is declared
    is_number: bool = False
    is_printed: bool = False  # copied as printed, so that nothing in it misleads but a line break

    @property
    def is_own(self) -> bool:
        """Whether the cells are of our own making."""
        return not self.is_printed


# How the uses of columns are called where people read of them.
REACHES = {
    "is_own": "cells that are not copied as printed",
    "is_printed": "cells that are",
    "is_text": "text",
    "is_identifier": "keys without a pattern or a list of values",
    "is_free": "other text without a pattern or a list of values",
    "is_number": "numbers",
}


def use_of(field: Field, resource: Resource) -> Use:
    """What the column of a field is for."""
    if field.is_printed:
        return Use(is_printed=True)
    keys = (resource.primary_key, *(key.fields for key in resource.foreign_keys))
    is_named = any(field.name in names for names in keys)
    has_form = bool({"pattern", "enum"} & field.constraints.keys()) or "categories" in field.raw
    is_text = field.type in {"string", "any"}
    is_open = is_text and not has_form
    return Use(is_text, is_open and is_named, is_open and not is_named, field.type == "number")


def describe_characters(text: str, use: Use) -> str:
    """The code of what misleads in a cell; empty when nothing does."""
    if text.isascii() and text.isprintable() and "#" not in text and text == text.strip():
        return _find_form(text, use)
    if code := _find_damage(text):
        return code
    if is_mojibake(text):
        return "cell/mojibake"
    if STRANGE_SCRIPT.search(text) and re.search("[A-Za-z]", text):
        return "cell/look-alike"
    if unicodedata.normalize("NFC", text) != text:
        return "cell/not-composed"
    if use.is_identifier and SMART.search(text):
        return "cell/smart-quote"
    return _find_form(text, use)


def describe_damage(text: str) -> str:
    """What a program put into a cell and nobody types on purpose; empty when there is nothing of the kind."""
    code = _find_damage(text)
    return FINDINGS[code].message if code else ""


def _find_damage(text: str) -> str:
    if text != text.strip():
        return "cell/blanks"
    if ERRORS.fullmatch(text):
        return "cell/spreadsheet-error"
    if INVISIBLE.search(text):
        return "cell/invisible"
    if any(character.isspace() and character not in " \n\r" for character in text):
        return "cell/unusual-space"
    if CONTROL.search(text):
        return "cell/control"
    return "cell/replacement" if "\ufffd" in text else ""


def _find_form(text: str, use: Use) -> str:
    if use.is_text and is_formula(text):
        return "cell/formula"
    if use.is_free and is_date(text):
        return "cell/spreadsheet-date"
    if (use.is_free or use.is_number) and is_shortened(text):
        return "cell/exponent"
    return ""


def is_mojibake(text: str) -> bool:
    """Whether a text holds a run that is UTF-8 once it is written in windows-1252."""
    return any(_is_utf8(match.group()) for match in MOJIBAKE.finditer(text))


def _is_utf8(run: str) -> bool:
    # Five bytes are no character of windows-1252, and programs leave them as they are.
    written = b"".join(bytes([ord(c)]) if "\x80" <= c < "\xa0" else c.encode("cp1252") for c in run)
    try:
        return len(written.decode("utf-8")) < len(run)
    except UnicodeDecodeError:
        return False
