"""Lint: what may be in a file or a cell that misleads people and programs, and how seriously it is taken.

This table is the only place that says so; `docs/validation.md` prints it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """How seriously a finding is taken, in a package as such and in one that asks for strict lint."""

    otherwise: str
    strict: str


PROBLEM = Level("problem", "problem")
STRICT = Level("notice", "problem")
NOTICE = Level("notice", "notice")
ASKED = Level("not looked for", "problem")


@dataclass(frozen=True)
class Finding:
    """One kind of finding: what is said of it, and what to do."""

    level: Level
    fault: str
    mend: str
    reach: tuple[str, ...] = ("is_own",)  # the uses of columns in which it is looked for

    @property
    def message(self) -> str:
        """What a problem says."""
        return f"{self.fault}; {self.mend}"

    def is_sought(self, is_strict: bool) -> bool:
        """Whether it is looked for at all."""
        return is_strict or self.level is not ASKED

    def is_notice(self, is_strict: bool) -> bool:
        """Whether it is a notice only."""
        return (self.level.strict if is_strict else self.level.otherwise) == "notice"


OF_FILES = {
    "file/nul": Finding(PROBLEM, "holds a NUL byte", "remove it"),
    "file/bom": Finding(STRICT, "begins with a byte order mark", "save as UTF-8 without one"),
    "file/mixed-ends": Finding(
        STRICT,
        "from here on lines end in another way than before",
        "let all lines end in a line feed alone",
    ),
    "file/line-end": Finding(ASKED, "ends in a carriage return", "let all lines end in a line feed alone"),
    "file/last-line": Finding(STRICT, "the last line has no line end", "add one"),
    "file/stray-quote": Finding(
        PROBLEM, "holds a quote in a cell that is not quoted", "quote the cell and double the quotes in it"
    ),
}

# In the order in which they are looked for; of a cell, the first is reported.
OF_CELLS = {
    "cell/blanks": Finding(STRICT, "begins or ends with white space", "remove it"),
    "cell/spreadsheet-error": Finding(
        STRICT, "an error value of a spreadsheet", "write the real value, or leave the cell empty"
    ),
    "cell/invisible": Finding(STRICT, "holds an invisible character", "type the value again"),
    "cell/unusual-space": Finding(STRICT, "holds an unusual space", "use an ordinary one"),
    "cell/control": Finding(STRICT, "holds a control character", "remove it"),
    "cell/replacement": Finding(
        STRICT, "holds a replacement character, the trace of a wrong encoding", "restore the text"
    ),
    "cell/mojibake": Finding(
        STRICT, "holds letters that come of reading UTF-8 in another encoding", "restore the text"
    ),
    "cell/look-alike": Finding(
        STRICT, "mixes Latin with Greek or Cyrillic letters that look alike", "type the value again"
    ),
    "cell/not-composed": Finding(STRICT, "is not in composed form (NFC)", "type the value again"),
    "cell/smart-quote": Finding(
        STRICT,
        "holds a curly quote or a dash in an identifier",
        "use plain quotes and hyphens",
        ("is_identifier",),
    ),
    "cell/two-spaces": Finding(ASKED, "holds two spaces in a row", "leave one"),
    "cell/formula": Finding(
        STRICT,
        "would be run as a formula by a spreadsheet",
        "begin the cell with something else",
        ("is_text",),
    ),
    "cell/spreadsheet-date": Finding(
        STRICT, "looks like a value that a spreadsheet took for a date", "write the real value", ("is_free",)
    ),
    "cell/exponent": Finding(
        STRICT,
        "is a number that a spreadsheet shortened",
        "write all its digits, as 15000000000",
        ("is_free", "is_number"),
    ),
    "cell/lost-zeros": Finding(
        NOTICE,
        "is shorter than its neighbours, which begin with zeros",
        "restore the zeros if it lost some",
        ("is_free",),
    ),
    "cell/line-break": Finding(
        STRICT, "holds a line break", "write it on one line", ("is_own", "is_printed")
    ),
}

FINDINGS = OF_FILES | OF_CELLS
