"""SQL checks: queries of a package that return the rows breaking one of its own rules, and what they say.

`"validation": {"checks": ["checks/*.sql"]}` names the files. The comments at the top of a file describe it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from packpress.package.descriptor import Package
from packpress.package.paths import describe_missing, find_file, has_file, is_below
from packpress.problems import CannotReadError, Problem
from packpress.similar import find_slip, offer_nearest

ENTRY = re.compile(r"(\w+):\s*(.*)")
ENTRIES = ("table", "field", "mend", "level", "fails")
LEVELS = ("problem", "warning")
# The name of a check is part of the code of what it finds.
NAME = re.compile(r"[a-z][a-z0-9_-]*")
PATTERN = re.compile(r"[*?\[]")
FILE, HEADER, QUERY = "checks/file", "checks/header", "checks/query"


@dataclass(frozen=True)
class SqlCheck:
    """One query, and what it says of the rows that it returns.

    - `path`, `line`: its file, and the line on which its statement begins.
    - `title`, `mend`: what is wrong with a row and what to do; `{name}` stands for a column of the result.
    - `table`, `field`: the table whose rows it returns, and the field in which they are wrong, or the empty
      string.
    - `examples`: rows, given with the line that declares them, each of which it must return.
    """

    path: str
    line: int
    title: str
    mend: str
    table: str
    field: str
    is_warning: bool
    statement: str
    examples: tuple[tuple[int, Mapping[str, Any]], ...] = ()

    @property
    def name(self) -> str:
        """The name of the file without its extension."""
        return PurePosixPath(self.path).stem

    @property
    def code(self) -> str:
        """The code of what it finds, such as `sql/late`."""
        return f"sql/{self.name}"

    def problem(self, message: str, code: str, line: int = 0) -> Problem:
        """A problem with the check itself."""
        return Problem(self.path, line or self.line, message, code=code)


def list_check_files(package: Package) -> list[str]:
    """The paths of the files that the package names as checks, with the files that patterns match.

    >>> from packpress import read_package
    >>> list_check_files(read_package("fleet").replaced(validation={"checks": ["checks/late.sql"]}))
    ['checks/late.sql']
    """
    listed: list[str] = []
    for named in package.checks:
        listed += _list_matches(package.root, named) if PATTERN.search(named) else [named]
    return list(dict.fromkeys(listed))


def _list_matches(root: Path, pattern: str) -> list[str]:
    found = root.glob(pattern) if is_below(pattern) else ()
    paths = sorted(file.relative_to(root).as_posix() for file in found)
    return [path for path in paths if has_file(root, path)]


def read_sql_checks(package: Package) -> Iterator[SqlCheck | Problem]:
    """The SQL checks of a package; a problem in place of each that cannot be used."""
    for named in package.checks:
        if PATTERN.search(named) and not _list_matches(package.root, named):
            message = f"validation.checks names {named}, which matches no file; correct or remove it"
            yield Problem(package.path.name, 0, message, code=FILE)
    names: dict[str, str] = {}
    for path in list_check_files(package):
        try:
            text = find_file(package.root, path).read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            yield Problem(path, 0, f"not UTF-8 at byte {error.start}; save it as UTF-8", code=FILE)
            continue
        except (OSError, CannotReadError):
            yield Problem(path, 0, describe_missing(package.root, path, "checks"), code=FILE)
            continue
        if "\0" in text:
            yield Problem(path, 0, "contains a NUL byte; remove it", code=FILE)
            continue
        stem = PurePosixPath(path).stem
        if first := names.get(stem):
            yield Problem(path, 0, f"has the name of {first}; rename it", code=FILE)
            continue
        names[stem] = path
        yield parse_check(path, text, package)


@dataclass
class _Header:
    title: str = ""
    entries: dict[str, tuple[int, str]] = field(default_factory=dict)
    examples: list[tuple[int, str]] = field(default_factory=list)
    fault: tuple[int, str] = (0, "")

    def read(self, number: int, text: str) -> None:
        entry = ENTRY.fullmatch(text)
        name = entry[1].lower() if entry else ""
        if entry and name == "fails":
            self.examples.append((number, entry[2]))
        elif entry and name in self.entries:
            self.fault = self.fault if self.fault[0] else (number, f"has {name} twice; write it once")
        elif entry and name in ENTRIES:
            self.entries[name] = (number, entry[2])
        elif meant := find_slip(name, ENTRIES) if self.title and name else "":
            self.fault = self.fault if self.fault[0] else (number, f'has "{name}:"; write "{meant}:"')
        elif not self.title:
            self.title = text

    def get(self, name: str) -> str:
        return self.entries.get(name, (0, ""))[1]

    def line(self, name: str) -> int:
        return self.entries.get(name, (1, ""))[0]


def parse_check(path: str, text: str, package: Package) -> SqlCheck | Problem:
    r"""The check in the text of a file, or what is wrong with it.

    The first comment is the title; `table`, `field`, `mend`, `level` and `fails` are entries of the header.
    All other comments are for readers.

    >>> from packpress import read_package
    >>> header = "-- no remark\n-- table: voyages\n-- mend: write one\n"
    >>> check = parse_check("checks/late.sql", f"{header}select rowid from voyages", read_package("fleet"))
    >>> check.title, check.code, check.line
    ('no remark', 'sql/late', 4)
    """
    from packpress.sql import split_statements  # needs sqlite3, which packages without checks do not

    header, line = _Header(), 1
    lines = text.removeprefix("\ufeff").splitlines()
    for line, written in enumerate(lines, 1):
        if written.strip() and not written.startswith("--"):
            break
        if words := written.removeprefix("--").strip():
            header.read(line, words)
    else:
        lines = []
    statements = [one for one in split_statements("\n".join(lines[line - 1 :])) if one]
    fault = _find_fault(path, header, package) or _count(statements, line)
    if fault:
        return Problem(path, fault[0], fault[1], code=QUERY if fault[0] == line > 1 else HEADER)
    try:
        examples = tuple((place, json.loads(row)) for place, row in header.examples)
        wrong = next((place for place, row in examples if not isinstance(row, dict)), 0)
    except ValueError:
        wrong = header.examples[0][0]
    if wrong:
        message = 'fails is not a row; write one such as {"boat_id": "ida", "built": 1998}'
        return Problem(path, wrong, message, code=HEADER)
    is_warning = header.get("level") == "warning"
    named = (header.title, header.get("mend"), header.get("table"), header.get("field"))
    return SqlCheck(path, line, *named, is_warning, statements[0], examples)


def _count(statements: list[str], line: int) -> tuple[int, str] | None:
    if len(statements) == 1:
        return None
    many = f"has {len(statements)} statements; keep one" if len(statements) > 1 else "has no query; write one"
    return (line, many)


def _find_fault(path: str, header: _Header, package: Package) -> tuple[int, str] | None:
    """The line and the message of what is wrong with a header."""
    name, tables = PurePosixPath(path).stem, {resource.name for resource in package.resources}
    if not NAME.fullmatch(name):
        return (
            0,
            "is named with other characters than a-z, 0-9, - and _, or begins with none of a-z; rename it",
        )
    if header.fault[0]:
        return header.fault
    if not header.title:
        return 1, "has no title; say in a comment at the top what is wrong with a row that it returns"
    for needed, meaning in (("table", "the table whose rows it returns"), ("mend", "what to do about them")):
        if not header.get(needed):
            return 1, f'has no {needed}; add a comment "-- {needed}: …" with {meaning}'
    table, chosen, level = map(header.get, ("table", "field", "level"))
    if table not in tables:
        return header.line("table"), f'names a table "{table}"; {offer_nearest(table, tables)}'
    fields = set(package.by_name[table].field_names)
    if chosen and chosen not in fields:
        return header.line(
            "field"
        ), f'names "{chosen}", not a field of {table}; {offer_nearest(chosen, fields)}'
    if level and level not in LEVELS:
        return header.line("level"), f'has the level "{level}"; write problem or warning'
    return None
