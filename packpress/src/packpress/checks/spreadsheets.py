"""Spreadsheets: what they make of a cell when they open a file, and what their cells look like afterwards."""

import re

ERRORS = re.compile(r"#(?:REF|NAME|VALUE|DIV/0|N/A|NULL|NUM)[!?]?")
MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
DATE = re.compile(rf"[0-9]{{1,2}}-{MONTH}(?:-[0-9]{{2}}(?:[0-9]{{2}})?)?|{MONTH}-[0-9]{{2}}")
EXPONENT = re.compile(r"-?[0-9](?:\.[0-9]+)?E\+[0-9]{2,3}")
# As RE2 has it, for whole columns; and a value that a spreadsheet made is no longer than this.
DAMAGED = rf"\A(?:{DATE.pattern}|{EXPONENT.pattern})\z"
LONGEST_DAMAGE = 12

# Behind a sign: a word or a bracket, or a calculation. A number is none, whatever unit follows it.
AFTER_SIGN = re.compile(r"[+-]+\s*[^\W\d]|[+-]+\s*[(=@\"']|[+-][\d.,\s()]+(?:[+*/^-][\d.,\s()]+)+\Z")
CALL = re.compile(r"[A-Za-z]\(")
NO_FORMULAS = frozenset({"-INF", "+INF"})


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would run a text: `=1+1`, `@name`, `- see`, but not `-5 mg` or `+49 301`."""
    if text[:1] in ("=", "@"):
        return len(text) > 1
    if text[:1] not in ("+", "-") or text in NO_FORMULAS:
        return False
    _, bar, behind = text.partition("|")  # a command of another program: -2+cmd|' /C calc'!A0
    return bool(AFTER_SIGN.match(text) or CALL.search(text) or (bar and "!" in behind))


def is_date(text: str) -> bool:
    """Whether a text is what a spreadsheet makes of a value that it takes for a date: `1-Jan`, `Sep-02`."""
    return len(text) <= LONGEST_DAMAGE and bool(DATE.fullmatch(text))


def is_shortened(text: str) -> bool:
    """Whether a text is a number as a spreadsheet shortens it: `1.5E+10`."""
    return len(text) <= LONGEST_DAMAGE and bool(EXPONENT.fullmatch(text))
