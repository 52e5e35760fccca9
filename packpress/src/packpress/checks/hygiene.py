"""Hygiene: damage that programs and keyboards cause unnoticed, from byte order marks to lost zeros."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from packpress.package.resource import Field, Resource
from packpress.problems import Problem
from packpress.tables.fast.batches import Block
from packpress.tables.fast.characters import Characters
from packpress.tables.fast.columns import Column, Mask, Verdicts

# In any language: #REF!, #WERT!, #¡VALOR!, and those that need no sign at their end.
ERRORS = re.compile(r"#(?:REF|NAME|VALUE|DIV/0|N/A|NV|NULL|NUM)[!?]?|#[¡¿]?[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ/0_]+[!?]")
MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
DATE = re.compile(rf"[0-9]{{1,2}}-{MONTH}(?:-[0-9]{{2}}(?:[0-9]{{2}})?)?|{MONTH}-[0-9]{{2}}")
EXPONENT = re.compile(r"-?[0-9](?:\.[0-9]+)?E\+[0-9]{2,3}")
# Values made by a spreadsheet are no longer than this.
LONGEST_DAMAGE = 12
# With more decimal places than its exponent, a number lost no digits: instruments write 1.25E+01.
MOST_DECIMALS = 6
LOST = "|".join(
    rf"-?[0-9]{rf'[.][0-9]{{{count}}}' if count else ''}E\+(?:0[{count + 1}-9]|[1-9][0-9]{{1,2}})"
    for count in range(MOST_DECIMALS + 1)
)
ABBREVIATED = re.compile(LOST)
# In RE2 syntax, for whole columns.
DAMAGED = rf"\A(?:{DATE.pattern}|{LOST})\z"
SHORTENED = rf"\A(?:{LOST})\z"

# After a sign: a word or bracket, or a calculation, but not a number, whatever its unit.
AFTER_SIGN = re.compile(r"[+-]+\s*[^\W\d]|[+-]+\s*[(=@\"']|[+-][\d.,\s()]+(?:[+*/^-][\d.,\s()]+)+\Z")
CALL = re.compile(r"[A-Za-z]\(")
NO_FORMULAS = frozenset({"-INF", "+INF"})


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would evaluate a text: `=1+1`, `@name`, `- see`, but not `-5 mg` or `+49 301`.

    >>> is_formula("=1+1"), is_formula("-5 mg")
    (True, False)
    """
    if text[:1] in ("=", "@"):
        return len(text) > 1
    if text[:1] not in ("+", "-") or text in NO_FORMULAS:
        return False
    _, bar, behind = text.partition("|")  # a command for another program: -2+cmd|' /C calc'!A0
    return bool(AFTER_SIGN.match(text) or CALL.search(text) or (bar and "!" in behind))


def is_date(text: str) -> bool:
    """Whether a text looks like a value that a spreadsheet turned into a date: `1-Jan`, `Sep-02`.

    >>> is_date("1-Jan"), is_date("2024-01-01")
    (True, False)
    """
    return len(text) <= LONGEST_DAMAGE and bool(DATE.fullmatch(text))


def is_shortened(text: str) -> bool:
    """Whether a text is a number as a spreadsheet abbreviates it: `1.5E+10`.

    >>> is_shortened("1.5E+10"), is_shortened("1.25E+01"), is_shortened("15000000000")
    (True, False, False)
    """
    return len(text) <= LONGEST_DAMAGE and bool(ABBREVIATED.fullmatch(text))


@dataclass(frozen=True)
class Level:
    """The severity of a finding, by default and under strict lint."""

    otherwise: str
    strict: str


PROBLEM = Level("problem", "problem")
STRICT = Level("notice", "problem")
NOTICE = Level("notice", "notice")
ASKED = Level("not checked", "problem")


@dataclass(frozen=True)
class Finding:
    """One kind of finding: its message, and what to do."""

    level: Level
    fault: str
    mend: str
    reach: tuple[str, ...] = ("is_own",)  # the uses of columns that are searched for it

    @property
    def message(self) -> str:
        """The text of a problem."""
        return f"{self.fault}; {self.mend}"

    def is_sought(self, is_strict: bool) -> bool:
        """Whether columns are searched for it at all."""
        return is_strict or self.level is not ASKED

    def is_notice(self, is_strict: bool) -> bool:
        """Whether it is only a notice."""
        return (self.level.strict if is_strict else self.level.otherwise) == "notice"


OF_FILES = {
    "file/nul": Finding(PROBLEM, "contains a NUL byte", "remove it"),
    "file/bom": Finding(STRICT, "begins with a byte order mark", "save as UTF-8 without one"),
    "file/mixed-ends": Finding(
        STRICT,
        "lines end differently from here on",
        "end all lines with a single line feed",
    ),
    "file/line-end": Finding(ASKED, "ends with a carriage return", "end all lines with a single line feed"),
    "file/last-line": Finding(STRICT, "the last line has no line end", "add one"),
    "file/blank-line": Finding(NOTICE, "is a blank line, not a row", "remove it"),
    "file/empty-row": Finding(NOTICE, "is a row without any value", "remove it or fill it in"),
    "file/stray-quote": Finding(
        PROBLEM, "has a quote in an unquoted cell", "quote the cell and double the quotes inside it"
    ),
}

# In the order in which they are checked; only the first finding of a cell is reported.
OF_CELLS = {
    "cell/blanks": Finding(STRICT, "begins or ends with white space", "remove it"),
    "cell/spreadsheet-error": Finding(
        STRICT, "a spreadsheet error", "write the real value, or leave the cell empty"
    ),
    "cell/invisible": Finding(STRICT, "contains an invisible character", "type the value again"),
    "cell/unusual-space": Finding(STRICT, "contains an unusual space", "use an ordinary one"),
    "cell/control": Finding(STRICT, "contains a control character", "remove it"),
    "cell/replacement": Finding(
        STRICT, "contains a replacement character, a sign of a wrong encoding", "restore the text"
    ),
    "cell/mojibake": Finding(
        STRICT, "looks like UTF-8 that was decoded with another encoding", "restore the text"
    ),
    "cell/look-alike": Finding(
        STRICT, "mixes Latin with Greek or Cyrillic letters that look alike", "type the value again"
    ),
    "cell/not-composed": Finding(STRICT, "is not in composed form (NFC)", "type the value again"),
    "cell/smart-quote": Finding(
        STRICT,
        "has a curly quote or a dash in an identifier",
        "use plain quotes and hyphens",
        ("is_identifier",),
    ),
    "cell/two-spaces": Finding(ASKED, "contains two consecutive spaces", "keep one"),
    "cell/formula": Finding(
        STRICT,
        "would be evaluated as a formula by a spreadsheet",
        "begin the cell with something else",
        ("is_text",),
    ),
    "cell/spreadsheet-date": Finding(
        STRICT,
        "looks like a value that a spreadsheet turned into a date",
        "write the real value",
        ("is_free",),
    ),
    "cell/exponent": Finding(
        STRICT,
        "is a number that a spreadsheet abbreviated",
        "write all its digits, such as 15000000000",
        ("is_free", "is_number"),
    ),
    "cell/lost-zeros": Finding(
        NOTICE,
        "is shorter than the other values, which have leading zeros",
        "restore the zeros if some were lost",
        ("is_free",),
    ),
    "cell/line-break": Finding(
        STRICT, "contains a line break", "write it on one line", ("is_own", "is_printed")
    ),
}

FINDINGS = OF_FILES | OF_CELLS


# Zero-width and direction marks are invisible in every editor.
MARKS, JOINERS = "\u200b\u200e\u200f\u202a-\u202e\u2060\ufeff\u00ad", "\u200c\u200d"
INVISIBLE = re.compile(f"[{MARKS}{JOINERS}]")
# Persian, other scripts and emoji need joiners, which are stray at an end or next to Latin letters.
STRAY = re.compile(f"[{MARKS}]|(?:\\A|[\\x00-\u024f])[{JOINERS}]|[{JOINERS}](?:[\\x00-\u024f]|\\Z)")
UNUSUAL_SPACE = re.compile(r"[^\S \n\r]")
STRANGE_SCRIPT = re.compile("[\u0370-\u03ff\u0400-\u04ff]")
WORD = re.compile(r"[^\W\d_]+")
# Cyrillic and Greek letters that look exactly like Latin ones, without those that occur among Latin letters
# in formulas and names of substances (α, β, κ, μ, ν …).
LIKE_LATIN = frozenset("аеорсухіјѕһԁԛԝАВЕКМНОРСТУХІЈЅҮԌԚԜοΑΒΕΖΗΙΚΜΝΟΡΤΥΧϲϳϹ")
LATIN_ALIKE = frozenset("aeopcyxijshvABEKMHOPCTXIJSYZN")
CONTROL = re.compile("[\x01-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
SMART = re.compile("[\u2010-\u2015\u2018-\u201f\u00ab\u00bb\u2212]")

# UTF-8 decoded as windows-1252: a letter that begins a sequence, and what continues it.
FOLLOWERS = "\u0080-\u00bf\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d"
FOLLOWERS += "\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178"
# After most letters, real text may have closing quotes, dashes and dots.
RARE = re.sub("[\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u2122]", "", FOLLOWERS)
MISREAD_LEAD = re.compile("[Â-ð]")
MOJIBAKE = re.compile(
    f"[ÂÃ][{FOLLOWERS}]|[ÄÅ][{RARE}]|(?:[Æ-ß][{FOLLOWERS}]){{2}}|[âï][{FOLLOWERS}]{{2}}"
    f"|(?:[à-ï][{FOLLOWERS}]{{2}}){{2}}|ð[{FOLLOWERS}]{{3}}"
)


@dataclass(frozen=True)
class Use:
    """What a column is used for, which determines what is misleading in it."""

    is_text: bool = False
    is_identifier: bool = False  # text that other rows refer to, without a declared form
    is_free: bool = False  # text that no row refers to, without a declared form
    is_number: bool = False
    is_printed: bool = False  # copied as printed, so that only line breaks mislead

    @property
    def is_own(self) -> bool:
        """Whether the cells are not copied from a source."""
        return not self.is_printed


# Descriptions of the uses of columns, for the documentation.
REACHES = {
    "is_own": "cells that are not copied as printed",
    "is_printed": "cells that are",
    "is_text": "text",
    "is_identifier": "keys without a pattern or a list of values",
    "is_free": "other text without a pattern or a list of values",
    "is_number": "numbers",
}


def use_of(field: Field, resource: Resource) -> Use:
    """What the column of a field is used for.

    >>> from packpress import read_package
    >>> boats = read_package("fleet").by_name["boats"]
    >>> use_of(boats.field("name"), boats)
    Use(is_text=True, is_identifier=False, is_free=True, is_number=False, is_printed=False)
    """
    if field.is_printed:
        return Use(is_printed=True)
    keys = (resource.primary_key, *(key.fields for key in resource.declared_keys))
    is_named = any(field.name in names for names in keys)
    has_form = bool({"pattern", "enum"} & field.constraints.keys()) or "categories" in field.declared
    is_text = field.type in {"string", "any"}
    is_open = is_text and not has_form
    return Use(is_text, is_open and is_named, is_open and not is_named, field.type == "number")


def describe_characters(text: str, use: Use) -> str:
    """The code for what is misleading in a cell, or the empty string.

    >>> describe_characters("ada\\u200b", Use(is_text=True)), describe_characters("ada", Use(is_text=True))
    ('cell/invisible', '')
    """
    if text.isascii() and text.isprintable() and "#" not in text and text == text.strip():
        return _find_form(text, use)
    if code := _find_damage(text):
        return code
    if is_mojibake(text):
        return "cell/mojibake"
    if STRANGE_SCRIPT.search(text) and any(map(is_disguised, WORD.findall(text))):
        return "cell/look-alike"
    if unicodedata.normalize("NFC", text) != text:
        return "cell/not-composed"
    if use.is_identifier and SMART.search(text):
        return "cell/smart-quote"
    return _find_form(text, use)


def is_disguised(word: str) -> bool:
    """Whether a word mixes scripts with letters that look like those of the other script.

    >>> is_disguised("bоat"), is_disguised("TNFα")
    (True, False)
    """
    if word.isascii():
        return False
    strange = STRANGE_SCRIPT.findall(word)
    latin = [letter for letter in word if letter.isascii()]
    if not strange or not latin:
        return False
    # In a longer word of another script, a few Latin letters are the foreign ones.
    is_other = len(strange) > max(len(latin), 2) and LATIN_ALIKE.issuperset(latin)
    return is_other or not LIKE_LATIN.isdisjoint(strange)


def describe_damage(text: str) -> str:
    """What a program put into a cell that nobody types on purpose, or the empty string.

    >>> describe_damage("#REF!")
    'a spreadsheet error; write the real value, or leave the cell empty'
    """
    code = _find_damage(text)
    return FINDINGS[code].message if code else ""


def _find_damage(text: str) -> str:
    if text != text.strip():
        return "cell/blanks"
    if ERRORS.fullmatch(text):
        return "cell/spreadsheet-error"
    if INVISIBLE.search(text) and STRAY.search(text):  # the first is found ten times as fast
        return "cell/invisible"
    if UNUSUAL_SPACE.search(text):
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
    """Whether a text contains UTF-8 that was decoded as windows-1252.

    >>> is_mojibake("MÃ¼nchen"), is_mojibake("München")
    (True, False)
    """
    if not MISREAD_LEAD.search(text):
        return False
    return any(_is_utf8(match.group()) for match in MOJIBAKE.finditer(text))


def _is_utf8(run: str) -> bool:
    # windows-1252 does not define five bytes, which programs leave unchanged.
    written = b"".join(bytes([ord(c)]) if "\x80" <= c < "\xa0" else c.encode("cp1252") for c in run)
    try:
        return len(written.decode("utf-8")) < len(run)
    except UnicodeDecodeError:
        return False


FORMULA = b"=+-@"
# White space at the ends of a cell.
ENDS = b" \n\r"
ODD = f"[{MARKS}]|{UNUSUAL_SPACE.pattern}|{CONTROL.pattern}|\ufffd"


def _write_mixed() -> str:
    """An RE2 expression for all words that `is_disguised` may find, and a few more."""
    like, alike = (f"[{''.join(sorted(letters))}]" for letters in (LIKE_LATIN, LATIN_ALIKE))
    # RE2 is much slower with a class of all letters than with this one of even more characters.
    rest, latin, strange = r"[A-Za-z\x{80}-\x{10FFFF}]*", "[A-Za-z]", STRANGE_SCRIPT.pattern
    orders = [[latin, like], [like, latin]]
    orders += [[*[strange] * count, alike, *[strange] * (3 - count)] for count in range(4)]
    return "|".join(map(rest.join, orders))


REST = f"[{JOINERS}]", f"[{FOLLOWERS}]", _write_mixed()
SUSPICIOUS = Characters(ODD, *REST)
OF_IDENTIFIERS = Characters(f"{ODD}|{SMART.pattern}", *REST)


def find_misleading(column: Column, use: Use) -> Verdicts[str]:
    """The misleading cells of a column, with a code for each.

    >>> list(find_misleading(Column.of(["ada", "ida "]), Use(is_text=True)))
    [(1, 'cell/blanks')]
    """
    return column.judge(lambda text: describe_characters(text, use), _find_unusual(column, use))


def _find_unusual(column: Column, use: Use) -> Mask:
    """The cells that need a closer look."""
    begins = ENDS + b"#" + FORMULA * use.is_text
    found = column.beginning(begins) | column.ending(ENDS)
    if use.is_free:
        found |= column.matching(DAMAGED, column.with_length(4, LONGEST_DAMAGE) & column.holding(b"-+"))
    elif use.is_number:
        found |= column.holding(b"E")
    characters = OF_IDENTIFIERS if use.is_identifier else SUSPICIOUS
    return found | characters.find_suspicious(column)


def find_shortened(column: Column) -> Verdicts[str]:
    """The numbers of a column that a spreadsheet abbreviated.

    >>> list(find_shortened(Column.of(["12", "1.5E+10"])))
    [(1, 'cell/exponent')]
    """
    return column.mark(
        "cell/exponent",
        column.matching(SHORTENED, column.holding(b"E") & column.with_length(1, LONGEST_DAMAGE)),
    )


def find_line_breaks(column: Column) -> Verdicts[str]:
    """The cells of a column with a line break.

    >>> list(find_line_breaks(Column.of(["ada", "a\\nb"])))
    [(1, 'cell/line-break')]
    """
    return column.mark("cell/line-break", column.holding(b"\r\n"))


def find_two_spaces(column: Column) -> Verdicts[str]:
    """The cells of a column with two spaces in a row.

    >>> list(find_two_spaces(Column.of(["Ada  of Lerwick"])))
    [(0, 'cell/two-spaces')]
    """
    return column.mark("cell/two-spaces", column.matching("  ", column.holding(b" ")))


CODE = "cell/lost-zeros"
# If more than one in so many cells is shorter, that is no mistake.
FEWEST = 5
# Longer digit strings are not numbers that lost zeros.
MOST_DIGITS = 19


class ZeroCheck:
    """Finds short cells in a column of digits where all cells with leading zeros have the same length.

    >>> from packpress import read_package
    >>> check = ZeroCheck(read_package("fleet").by_name["boats"], place=2, is_strict=False)
    >>> check.add(Column.of(["01998"] * 200 + ["2011"]))
    >>> columns = [Column.of([""]), Column.of([""]), Column.of(["2011"])]
    >>> [problem.value for problem in check.find_short(lambda: [Block("boats.csv", columns, 0, [202])])]
    ['2011']
    """

    def __init__(self, resource: Resource, place: int, is_strict: bool) -> None:
        self._resource = resource
        self._is_strict = is_strict
        self._place = place
        self._counts = Counter[int]()  # number of cells, by length
        self._lengths: set[int] = set()  # of cells with a leading zero
        self._is_of_digits = True

    def add(self, column: Column) -> None:
        """Adds the next cells."""
        self._is_of_digits = self._is_of_digits and column.is_within("0", "9", MOST_DIGITS)
        if self._is_of_digits:
            self._counts.update(column.count_lengths())
            self._lengths |= column.count_lengths(column.beginning(b"0")).keys() - {1}

    def find_short(self, read_blocks: Callable[[], Iterable[Block]]) -> Iterator[Problem]:
        """The cells that have probably lost zeros; the blocks are read again only if there are any."""
        full = max(self._counts, default=0)
        short = sum(count for length, count in self._counts.items() if 0 < length < full)
        if not self._is_of_digits or self._lengths != {full} or not 0 < short * FEWEST <= self._counts[full]:
            return
        name, finding = self._resource.fields[self._place].name, FINDINGS[CODE]
        is_notice = finding.is_notice(self._is_strict)
        for block in read_blocks():
            column = block.columns[self._place]
            for index, code in column.judge(lambda _: CODE, column.with_length(1, full - 1)):
                yield block.problem(index, self._resource, name, finding.message, code, is_notice)
