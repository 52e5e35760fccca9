"""Mutants of a package, derived from its descriptor: each must be caught at its line with its code.

Every constraint of every field, every type, every format, every key and every kind of lint has its mutants; what
has none makes `KeyError`, so that a new one cannot be forgotten.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from packpress.checks import validation
from packpress.checks.hygiene import FINDINGS
from packpress.package.resource import Field, Resource

from invented.copies import PackageCopy
from invented.signs import sign_of, sign_of_key, sign_of_missing_key, sign_of_type
from packpress import Package, Problem, read_package

CELL = "schema/cell"
Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Mutant:
    """Changed bytes of one table, and the problem that must come of them."""

    kind: str  # such as `pattern`, or the code of a kind of lint
    place: str
    field: str
    data: bytes
    line: int
    code: str
    sign: str  # words of the message, where the code does not tell all

    def catches(self, problem: Problem) -> bool:
        """Whether a problem is the one that was expected."""
        place = (problem.path, problem.line, problem.code)
        is_there = place == (self.place, self.line, self.code) and problem.field in (self.field, "")
        return is_there and self.sign in problem.message


@dataclass(frozen=True)
class TableFile:
    """A table of a package as its file has it."""

    package: Package
    resource: Resource

    @property
    def place(self) -> str:
        return self.resource.paths[0]

    @cached_property
    def rows(self) -> Rows:
        """The rows; of an empty table, a row of the examples in the descriptor."""
        with (self.package.root / self.place).open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        return rows or [{field.name: field.raw["example"] for field in self.resource.fields}]

    def write(self, rows: Rows) -> bytes:
        text = io.StringIO()
        writer = csv.DictWriter(text, self.resource.field_names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue().encode("utf-8")


def change(table: TableFile, place: int, **cells: str) -> bytes:
    """The file with other cells in one row."""
    rows = [*table.rows]
    rows[place] = rows[place] | cells
    return table.write(rows)


# What no reader takes for a value of the type; `string` takes everything.
WRONG = {
    "integer": "1.5",
    "boolean": "perhaps",
    "date": "2021-13-01",
    "year": "21",
    "number": "1,2,3",
    "any": "",
}
WRONG_FORMATS = {"uri": "not an address"}


def mutate_type(table: TableFile, field: Field) -> Iterator[Mutant]:
    """A text of another type, and one of another format."""
    where = (table.place, field.name)
    if field.type != "string":
        data = change(table, 0, **{field.name: WRONG[field.type]})
        yield Mutant(f"type {field.type}", *where, data, 2, CELL, sign_of_type(field.type, WRONG[field.type]))
    if field.format != "default":
        data = change(table, 0, **{field.name: WRONG_FORMATS[field.format]})
        yield Mutant(f"format {field.format}", *where, data, 2, CELL, field.format)


def mutate_required(table: TableFile, field: Field) -> Iterator[Mutant]:
    """No value, in the first row and in the last."""
    for place in {0, len(table.rows) - 1}:
        data = change(table, place, **{field.name: ""})
        yield Mutant("required", table.place, field.name, data, place + 2, CELL, sign_of("required"))


def mutate_unique(table: TableFile, field: Field) -> Iterator[Mutant]:
    """A value that another row has."""
    yield from repeat(table, (field.name,), "unique", "")


def mutate_enum(table: TableFile, field: Field) -> Iterator[Mutant]:
    """Each value, misspelt where it stands, or in the first row when it stands nowhere."""
    rows = table.rows
    for value in map(str, field.enum):
        place = next((place for place, row in enumerate(rows) if row[field.name] == value), 0)
        data = change(table, place, **{field.name: f"{value}x"})
        yield Mutant("enum value", table.place, field.name, data, place + 2, CELL, f'"{value}"')


def mutate_pattern(table: TableFile, field: Field) -> Iterator[Mutant]:
    """A text that breaks the pattern, and one that only a search would accept."""
    pattern, cell = (
        field.constraints["pattern"],
        table.rows[0][field.name] or field.raw["example"],
    )
    for text in ("§", f"{cell} §"):
        if not re.fullmatch(pattern, text):
            data = change(table, 0, **{field.name: text})
            yield Mutant("pattern", table.place, field.name, data, 2, CELL, sign_of("pattern"))


def mutate_minimum(table: TableFile, field: Field) -> Iterator[Mutant]:
    """A value just below the minimum."""
    data = change(table, 0, **{field.name: str(int(field.constraints["minimum"]) - 1)})
    yield Mutant("minimum", table.place, field.name, data, 2, CELL, sign_of("minimum"))


def mutate_maximum(table: TableFile, field: Field) -> Iterator[Mutant]:
    """A value just above the maximum."""
    data = change(table, 0, **{field.name: str(int(field.constraints["maximum"]) + 1)})
    yield Mutant("maximum", table.place, field.name, data, 2, CELL, sign_of("maximum"))


def mutate_min_length(table: TableFile, field: Field) -> Iterator[Mutant]:
    """A text that is one character too short."""
    data = change(table, 0, **{field.name: "x" * (field.constraints["minLength"] - 1)})
    sign = sign_of("minLength" if field.constraints["minLength"] > 1 else "required")
    yield Mutant("minLength", table.place, field.name, data, 2, CELL, sign)


def mutate_max_length(table: TableFile, field: Field) -> Iterator[Mutant]:
    """A text that is one character too long."""
    data = change(table, 0, **{field.name: "x" * (field.constraints["maxLength"] + 1)})
    yield Mutant("maxLength", table.place, field.name, data, 2, CELL, sign_of("maxLength"))


CONSTRAINTS: dict[str, Callable[[TableFile, Field], Iterator[Mutant]]] = {
    "required": mutate_required,
    "unique": mutate_unique,
    "enum": mutate_enum,
    "pattern": mutate_pattern,
    "minimum": mutate_minimum,
    "maximum": mutate_maximum,
    "minLength": mutate_min_length,
    "maxLength": mutate_max_length,
}


def repeat(table: TableFile, names: tuple[str, ...], kind: str, sign: str) -> Iterator[Mutant]:
    """The last row, made to have the values of the first; of a single row, the row once more."""
    rows = table.rows
    rows = [*rows, rows[0]] if len(rows) == 1 else [*rows]
    rows[-1] = rows[-1] | {name: rows[0][name] for name in names}
    if all(row[names[-1]] == "" for row in rows):
        rows[0], rows[-1] = (
            row | {names[-1]: table.resource.field(names[-1]).raw["example"]} for row in (rows[0], rows[-1])
        )
    yield Mutant(kind, table.place, names[-1], table.write(rows), len(rows) + 1, "schema/duplicate", sign)


def mutate_keys(table: TableFile) -> Iterator[Mutant]:
    """A primary key that is there twice and one without a part, unique keys, foreign keys to nowhere."""
    name, resource = table.place, table.resource
    yield from repeat(table, resource.primary_key, "primaryKey", sign_of_key("primaryKey"))
    for part in resource.primary_key:
        data = change(table, 0, **{part: ""})
        sign = sign_of("required") if resource.field(part).is_required else sign_of_missing_key()
        code = CELL if resource.field(part).is_required else "schema/key-missing"
        yield Mutant("primaryKey", name, part, data, 2, code, sign)
    for key in resource.unique_keys:
        yield from repeat(table, key, "uniqueKeys", sign_of_key("uniqueKeys"))
    for foreign in resource.foreign_keys:
        data = change(table, 0, **{foreign.fields[-1]: "nowhere-0"})
        sign = table.package.by_name[foreign.resource].place
        yield Mutant("foreignKey", name, foreign.fields[-1], data, 2, "keys/foreign", sign)


def mutate_table(table: TableFile) -> Iterator[Mutant]:
    """Every mutant of a table that its declaration calls for."""
    for field in table.resource.fields:
        yield from mutate_type(table, field)
        for constraint in field.constraints:
            yield from CONSTRAINTS[constraint](table, field)
    yield from mutate_keys(table)
    if "minimumRows" in table.resource.raw:
        empty = table.write([])
        yield Mutant("minimumRows", table.place, "", empty, 0, "schema/row-count", "minimumRows")


@dataclass(frozen=True)
class Linted:
    """A table in which every kind of lint finds a place."""

    name: str
    key: str
    text: str  # a field of free text
    identifier: str  # a field without a pattern that points to another table


Lint = Callable[[TableFile, Linted], tuple[bytes, int]]


def cell_of_lint(text: str, name: str = "") -> Lint:
    """Puts a text into a cell of the first row."""
    return lambda table, linted: (change(table, 0, **{name and linted.identifier or linted.text: text}), 2)


def bytes_of_lint(old: bytes, new: bytes, line: int) -> Lint:
    """Replaces bytes of the file once."""
    return lambda table, _: (table.write(table.rows).replace(old, new, 1), line)


def lose_zeros(table: TableFile, linted: Linted) -> tuple[bytes, int]:
    """Numbers of four digits, of which the second lost its zero."""
    rows = [
        row | {linted.text: "117" if place == 1 else f"0{place}17"} for place, row in enumerate(table.rows)
    ]
    return table.write(rows + [rows[0] | {linted.key: f"more-{number}"} for number in range(5)]), 3


def split_word(table: TableFile, _: Linted) -> tuple[bytes, int]:
    """A quote within the first cell."""
    head, _, rows = table.write(table.rows).partition(b"\n")
    return head + b"\n" + rows[:2] + b'"' + rows[2:], 2


LINT: dict[str, Lint] = {
    "file/nul": bytes_of_lint(b"\n", b"\n\0", 2),
    "file/bom": lambda table, _: (b"\xef\xbb\xbf" + table.write(table.rows), 1),
    "file/mixed-ends": bytes_of_lint(b"\n", b"\r\n", 2),
    "file/line-end": lambda table, _: (table.write(table.rows).replace(b"\n", b"\r\n"), 1),
    "file/last-line": lambda table, _: (table.write(table.rows)[:-1], len(table.rows) + 1),
    "file/blank-line": bytes_of_lint(b"\n", b"\n\n", 2),
    "file/empty-row": lambda table, _: (table.write([{}, *table.rows]), 2),
    "file/stray-quote": split_word,
    "cell/blanks": cell_of_lint(" by sea"),
    "cell/spreadsheet-error": cell_of_lint("#REF!"),
    "cell/invisible": cell_of_lint("by\u200b sea"),
    "cell/unusual-space": cell_of_lint("by\u00a0sea"),
    "cell/control": cell_of_lint("by\u0007 sea"),
    "cell/replacement": cell_of_lint("caf\ufffd"),
    "cell/mojibake": cell_of_lint("cafÃ©"),
    "cell/look-alike": cell_of_lint("by sеa"),
    "cell/not-composed": cell_of_lint("cafe\u0301"),
    "cell/smart-quote": cell_of_lint("first–page", "identifier"),
    "cell/two-spaces": cell_of_lint("by  sea"),
    "cell/formula": cell_of_lint("=HYPERLINK(1)"),
    "cell/spreadsheet-date": cell_of_lint("1-Jan"),
    "cell/exponent": cell_of_lint("1.5E+10"),
    "cell/lost-zeros": lose_zeros,
    "cell/line-break": cell_of_lint("by\nsea"),
}


def mutate_lint(table: TableFile, linted: Linted) -> Iterator[Mutant]:
    """One mutant of every kind of lint."""
    for code, finding in FINDINGS.items():
        data, line = LINT[code](table, linted)
        field = linted.identifier if code == "cell/smart-quote" else linted.text
        yield Mutant(code, table.place, field, data, line, code, finding.fault)


class Nursery:
    """A package in a folder, in which one table is changed at a time and judged with those that it points to."""

    def __init__(self, copy: PackageCopy, linted: Linted) -> None:
        self.copy = copy
        self.linted = linted
        self.package = copy.read()

    def list_mutants(self, name: str) -> list[Mutant]:
        """The mutants of a table."""
        table = TableFile(self.package, self.package.by_name[name])
        found = list(mutate_table(table))
        return [*found, *mutate_lint(table, self.linted)] if name == self.linted.name else found

    def package_of(self, name: str) -> Package:
        """The table and those that it points to, without rules, which the mutants of cells need not."""
        raw = json.loads(self.copy.descriptor.read_text(encoding="utf-8"))
        wanted = {name, *(key.resource for key in self.package.by_name[name].foreign_keys)}
        resources = [item for item in raw["resources"] if item["name"] in wanted]
        for item in resources:
            for export in ("bibliography", "mappings", "annotations"):
                item.get("publishing", {}).pop(export, None)  # they name other tables too
            if item["name"] != name:
                # What those point to in turn is not here.
                item["schema"].pop("foreignKeys", None)
        raw = {key: value for key, value in raw.items() if key != "derived"} | {"resources": resources}
        path = self.copy.root / f"{name}.json"
        path.write_text(json.dumps(raw | {"validation": {"lint": "strict"}}), encoding="utf-8")
        return read_package(path)

    def judge(self, package: Package, mutant: Mutant) -> list[Problem]:
        """What is found when the mutant stands in place of its table."""
        file = self.copy.root / mutant.place
        before = file.read_bytes()
        file.write_bytes(mutant.data)
        try:
            report = validation.validate_package(package)
        finally:
            file.write_bytes(before)
        return [*report.problems, *report.notices]

    def find_survivors(self, name: str) -> list[str]:
        """The mutants of a table that are not caught, and what was said instead."""
        package = self.package_of(name)
        survivors = []
        for mutant in self.list_mutants(name):
            found = self.judge(package, mutant)
            if not any(map(mutant.catches, found)):
                said = "; ".join(str(problem) for problem in found[:3]) or "nothing"
                survivors.append(f"{mutant.kind} of {mutant.field} in {name}, line {mutant.line}: {said}")
        return survivors
