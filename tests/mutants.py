"""Mutants of the real package, derived from its descriptor: each must be caught at its line with its code.

Every constraint of every field, every type, every format, every key and every kind of lint has its mutants; what
has none makes `KeyError`, so that a new one cannot be forgotten. The rules have theirs in `curation.cases`.
`python -m tests.mutants`, or `make mutate`, tries them all and prints the score.
"""

import csv
import io
import json
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

from packpress.checks.lint import FINDINGS
from packpress.checks.validation import validate_package
from packpress.package.descriptor import Package, read_descriptor
from packpress.package.field import Field
from packpress.package.resource import Resource
from packpress.problems import Problem

from scripts.rules import RULE_SET
from tests.conftest import ROOT, PackageCopy

PACKAGE = read_descriptor(ROOT / "datapackage.json")
CELL = "schema/cell"
Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Mutant:
    """Changed bytes of one table, and the problem that must come of them."""

    kind: str  # such as `pattern`, or the code of a kind of lint
    table: str
    field: str
    data: bytes
    line: int
    code: str
    sign: str  # words of the message

    def catches(self, problem: Problem) -> bool:
        """Whether a problem is the one that was expected."""
        path = PACKAGE.by_name[self.table].paths[0]
        place = (problem.path, problem.line, problem.code)
        is_there = place == (path, self.line, self.code) and problem.field in (self.field, "")
        return is_there and self.sign in problem.message


def write_rows(resource: Resource, rows: Rows) -> bytes:
    """The file of a table."""
    text = io.StringIO()
    writer = csv.DictWriter(text, resource.field_names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


@cache
def read_rows(name: str) -> Rows:
    """The rows of a table; of an empty one, a row of the examples in the descriptor."""
    resource = PACKAGE.by_name[name]
    with (ROOT / resource.paths[0]).open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return rows or [{field.name: field.raw["example"] for field in resource.fields}]


def change(resource: Resource, place: int, **cells: str) -> bytes:
    """The file with other cells in one row."""
    rows = [*read_rows(resource.name)]
    rows[place] = rows[place] | cells
    return write_rows(resource, rows)


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


def mutate_type(resource: Resource, field: Field) -> Iterator[Mutant]:
    """A text of another type, and one of another format."""
    where = (resource.name, field.name)
    if field.type != "string":
        data = change(resource, 0, **{field.name: WRONG[field.type]})
        yield Mutant(f"type {field.type}", *where, data, 2, CELL, f"not of type {field.type}")
    if field.format != "default":
        data = change(resource, 0, **{field.name: WRONG_FORMATS[field.format]})
        yield Mutant(f"format {field.format}", *where, data, 2, CELL, field.format)


def mutate_required(resource: Resource, field: Field) -> Iterator[Mutant]:
    """No value, in the first row and in the last."""
    for place in {0, len(read_rows(resource.name)) - 1}:
        data = change(resource, place, **{field.name: ""})
        yield Mutant("required", resource.name, field.name, data, place + 2, CELL, "required")


def mutate_unique(resource: Resource, field: Field) -> Iterator[Mutant]:
    """A value that another row has."""
    yield from repeat(resource, (field.name,), "unique", "already stands on line")


def mutate_enum(resource: Resource, field: Field) -> Iterator[Mutant]:
    """Each value, misspelt where it stands, or in the first row when it stands nowhere."""
    rows = read_rows(resource.name)
    for value in map(str, field.enum):
        place = next((place for place, row in enumerate(rows) if row[field.name] == value), 0)
        data = change(resource, place, **{field.name: f"{value}x"})
        sign = f'not an allowed value; use "{value}"'
        yield Mutant("enum value", resource.name, field.name, data, place + 2, CELL, sign)


def mutate_pattern(resource: Resource, field: Field) -> Iterator[Mutant]:
    """A text that breaks the pattern, and one that only a search would accept."""
    pattern, cell = (
        field.constraints["pattern"],
        read_rows(resource.name)[0][field.name] or field.raw["example"],
    )
    for text in ("§", f"{cell} §"):
        if not re.fullmatch(pattern, text):
            data = change(resource, 0, **{field.name: text})
            yield Mutant("pattern", resource.name, field.name, data, 2, CELL, "does not match the pattern")


def mutate_minimum(resource: Resource, field: Field) -> Iterator[Mutant]:
    """A value just below the minimum."""
    data = change(resource, 0, **{field.name: str(int(field.constraints["minimum"]) - 1)})
    yield Mutant("minimum", resource.name, field.name, data, 2, CELL, "below the minimum")


def mutate_maximum(resource: Resource, field: Field) -> Iterator[Mutant]:
    """A value just above the maximum."""
    data = change(resource, 0, **{field.name: str(int(field.constraints["maximum"]) + 1)})
    yield Mutant("maximum", resource.name, field.name, data, 2, CELL, "above the maximum")


def mutate_min_length(resource: Resource, field: Field) -> Iterator[Mutant]:
    """A text that is one character too short."""
    data = change(resource, 0, **{field.name: "x" * (field.constraints["minLength"] - 1)})
    sign = "shorter than" if field.constraints["minLength"] > 1 else "required"
    yield Mutant("minLength", resource.name, field.name, data, 2, CELL, sign)


def mutate_max_length(resource: Resource, field: Field) -> Iterator[Mutant]:
    """A text that is one character too long."""
    data = change(resource, 0, **{field.name: "x" * (field.constraints["maxLength"] + 1)})
    yield Mutant("maxLength", resource.name, field.name, data, 2, CELL, "longer than")


CONSTRAINTS: dict[str, Callable[[Resource, Field], Iterator[Mutant]]] = {
    "required": mutate_required,
    "unique": mutate_unique,
    "enum": mutate_enum,
    "pattern": mutate_pattern,
    "minimum": mutate_minimum,
    "maximum": mutate_maximum,
    "minLength": mutate_min_length,
    "maxLength": mutate_max_length,
}


def repeat(resource: Resource, names: tuple[str, ...], kind: str, sign: str) -> Iterator[Mutant]:
    """The last row, made to have the values of the first; of a single row, the row once more."""
    rows = read_rows(resource.name)
    rows = [*rows, rows[0]] if len(rows) == 1 else [*rows]
    rows[-1] = rows[-1] | {name: rows[0][name] for name in names}
    if all(row[names[-1]] == "" for row in rows):
        rows[0], rows[-1] = (
            row | {names[-1]: resource.field(names[-1]).raw["example"]} for row in (rows[0], rows[-1])
        )
    yield Mutant(
        kind, resource.name, names[-1], write_rows(resource, rows), len(rows) + 1, "schema/duplicate", sign
    )


def mutate_keys(resource: Resource) -> Iterator[Mutant]:
    """A primary key that is there twice and one without a part, unique keys, foreign keys to nowhere."""
    name = resource.name
    yield from repeat(resource, resource.primary_key, "primaryKey", "the primary key already stands")
    for part in resource.primary_key:
        data = change(resource, 0, **{part: ""})
        sign = "required" if resource.field(part).is_required else "part of the primary key"
        code = CELL if resource.field(part).is_required else "schema/key-missing"
        yield Mutant("primaryKey", name, part, data, 2, code, sign)
    for key in resource.unique_keys:
        yield from repeat(resource, key, "uniqueKeys", "the unique key")
    for foreign in resource.foreign_keys:
        data = change(resource, 0, **{foreign.fields[-1]: "nowhere-0"})
        sign = f"not in {PACKAGE.by_name[foreign.resource].place};"
        yield Mutant("foreignKey", name, foreign.fields[-1], data, 2, "keys/foreign", sign)


def mutate_table(resource: Resource) -> Iterator[Mutant]:
    """Every mutant of a table that its declaration calls for."""
    for field in resource.fields:
        yield from mutate_type(resource, field)
        for constraint in field.constraints:
            yield from CONSTRAINTS[constraint](resource, field)
    yield from mutate_keys(resource)
    if "minimumRows" in resource.raw:
        empty = write_rows(resource, [])
        yield Mutant("minimumRows", resource.name, "", empty, 0, "schema/row-count", "fewer than minimumRows")


# A table in which every kind of lint finds a place: free text, and a key.
LINTED, TEXT, KEY = "routes", "definition", "route_id"


def cell_of_lint(text: str, name: str = TEXT) -> Callable[[Resource], tuple[bytes, int]]:
    """Puts a text into a cell of the first row."""
    return lambda resource: (change(resource, 0, **{name: text}), 2)


def bytes_of_lint(old: bytes, new: bytes, line: int) -> Callable[[Resource], tuple[bytes, int]]:
    """Replaces bytes of the file once."""
    return lambda resource: (write_rows(resource, read_rows(resource.name)).replace(old, new, 1), line)


def lose_zeros(resource: Resource) -> tuple[bytes, int]:
    """Numbers of four digits, of which the second lost its zero."""
    rows = [
        row | {TEXT: "117" if place == 1 else f"0{place}17"}
        for place, row in enumerate(read_rows(resource.name))
    ]
    return write_rows(resource, rows + [rows[0] | {KEY: f"more-{number}"} for number in range(5)]), 3


LINT: dict[str, Callable[[Resource], tuple[bytes, int]]] = {
    "file/nul": bytes_of_lint(b"\nintr", b"\n\0intr", 2),
    "file/bom": lambda resource: (b"\xef\xbb\xbf" + write_rows(resource, read_rows(resource.name)), 1),
    "file/mixed-ends": bytes_of_lint(b"quote_occurrence\n", b"quote_occurrence\r\n", 2),
    "file/line-end": lambda resource: (
        write_rows(resource, read_rows(resource.name)).replace(b"\n", b"\r\n"),
        1,
    ),
    "file/last-line": lambda resource: (
        write_rows(resource, read_rows(resource.name))[:-1],
        len(read_rows(resource.name)) + 1,
    ),
    "file/stray-quote": bytes_of_lint(b"\nintr", b'\nin"tr', 2),
    "cell/blanks": cell_of_lint(" by vein"),
    "cell/spreadsheet-error": cell_of_lint("#REF!"),
    "cell/invisible": cell_of_lint("by\u200b vein"),
    "cell/unusual-space": cell_of_lint("by\u00a0vein"),
    "cell/control": cell_of_lint("by\u0007 vein"),
    "cell/replacement": cell_of_lint("caf\ufffd"),
    "cell/mojibake": cell_of_lint("cafÃ©"),
    "cell/look-alike": cell_of_lint("by vеin"),
    "cell/not-composed": cell_of_lint("cafe\u0301"),
    "cell/smart-quote": cell_of_lint("intra–venous", "passage_id"),
    "cell/two-spaces": cell_of_lint("by  vein"),
    "cell/formula": cell_of_lint("=HYPERLINK(1)"),
    "cell/spreadsheet-date": cell_of_lint("1-Jan"),
    "cell/exponent": cell_of_lint("1.5E+10"),
    "cell/lost-zeros": lose_zeros,
    "cell/line-break": cell_of_lint("by\nvein"),
}


def mutate_lint() -> Iterator[Mutant]:
    """One mutant of every kind of lint."""
    resource = PACKAGE.by_name[LINTED]
    for code, finding in FINDINGS.items():
        data, line = LINT[code](resource)
        field = "passage_id" if code == "cell/smart-quote" else TEXT
        yield Mutant(code, LINTED, field, data, line, code, finding.fault)


class Nursery:
    """A folder in which one table is changed at a time, and judged with the tables that it points to."""

    def __init__(self, folder: Path) -> None:
        self.copy = PackageCopy(folder)
        self._raw = json.loads(self.copy.descriptor.read_text(encoding="utf-8"))

    def package_of(self, resource: Resource) -> Package:
        """The table and those that it points to, without the rules, which the mutants of cells need not."""
        wanted = {resource.name, *(key.resource for key in resource.foreign_keys)}
        resources = [raw for raw in self._raw["resources"] if raw["name"] in wanted]
        for raw in resources:
            if raw["name"] != resource.name:
                # What those point to in turn is not here.
                raw = resources[resources.index(raw)] = json.loads(json.dumps(raw))
                raw["schema"].pop("foreignKeys", None)
        raw = {key: value for key, value in self._raw.items() if key != "derived"} | {"resources": resources}
        path = self.copy.root / f"{resource.name}.json"
        path.write_text(json.dumps(raw | {"validation": {"lint": "strict"}}), encoding="utf-8")
        return read_descriptor(path)

    def judge(self, package: Package, mutant: Mutant) -> list[Problem]:
        """What is found when the mutant stands in place of its table."""
        file = self.copy.root / PACKAGE.by_name[mutant.table].paths[0]
        before = file.read_bytes()
        file.write_bytes(mutant.data)
        try:
            report = validate_package(package)
        finally:
            file.write_bytes(before)
        return [*report.problems, *report.notices]


def list_mutants(name: str) -> list[Mutant]:
    """The mutants of a table."""
    found = list(mutate_table(PACKAGE.by_name[name]))
    return [*found, *mutate_lint()] if name == LINTED else found


def find_survivors(name: str, folder: Path) -> list[str]:
    """The mutants of a table that are not caught, and what was said instead."""
    nursery = Nursery(folder)
    package = nursery.package_of(PACKAGE.by_name[name])
    survivors = []
    for mutant in list_mutants(name):
        found = nursery.judge(package, mutant)
        if not any(map(mutant.catches, found)):
            said = "; ".join(str(problem) for problem in found[:3]) or "nothing"
            survivors.append(f"{mutant.kind} of {mutant.field} in {name}, line {mutant.line}: {said}")
    return survivors


def find_surviving_rules(folder: Path) -> tuple[int, list[str]]:
    """How many mutants the rules have, and which of them no rule reports."""
    from tests.curation.cases import CASES, check_case

    for file in sorted((ROOT / "tests" / "curation").glob("test_rules_*.py")):
        import_module(f"tests.curation.{file.stem}")
    cases = [(rule, name, run) for module in CASES.values() for (rule, name), run in module.items()]
    survivors = [
        f"the rule {rule.name} has no mutant"
        for rule in RULE_SET.rules
        if rule.name not in {c[0] for c in cases}
    ]
    for number, (rule, name, run) in enumerate(cases):
        (folder / str(number)).mkdir()
        try:
            check_case(rule, run, PackageCopy(folder / str(number)))
        except AssertionError:
            survivors.append(f"{rule}: {name}")
    return len(cases), survivors


def main() -> None:
    """Tries every mutant and prints the score by kind; exits with 1 when one survives."""
    begun, counts, survivors = time.process_time(), Counter[str](), list[str]()
    with tempfile.TemporaryDirectory() as folder:
        for resource in PACKAGE.resources:
            place = Path(folder) / resource.name
            place.mkdir()
            counts.update(mutant.kind.partition("/")[0] for mutant in list_mutants(resource.name))
            survivors += find_survivors(resource.name, place)
        rules = Path(folder) / "rules of curation"
        rules.mkdir()
        counts["curation rules"], surviving = find_surviving_rules(rules)
        survivors += surviving
    print("| what was broken | mutants |\n| --- | ---: |")
    for kind, count in sorted(counts.items()):
        print(f"| {kind} | {count} |")
    total = counts.total()
    print(f"\n{total - len(survivors)} of {total} mutants caught, {time.process_time() - begun:.0f} s CPU")
    print("\n".join(survivors))
    sys.exit(bool(survivors))


if __name__ == "__main__":
    main()
