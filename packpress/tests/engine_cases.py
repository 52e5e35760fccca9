"""Cells and keys that break each constraint in turn, and what engines that run the checks find in them.

Each case is a table or two, of few rows, with the faults that it holds. The cases are put together into packages
in which every table and column has an odd name. What must be found is written here, and the validator must find
the same; an engine that runs `checks.sql` or `checks-spark.sql` is asked in the tests, and by `tests.spark`.
"""

import csv
import json
import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
from packpress.publish.portable import Dialect, list_checks, list_left_out
from packpress.sql import quote_identifier

from packpress import Package, read_package, validate

# Names that some engine takes for something else, unless they are quoted as that engine quotes.
NAMES = (
    *("select", "order", "ORDER BY", "table", "value", "row_key", "c0", "k0", "t", "null", "1a", "_x", "-"),
    *("a b", " a", 'a"b', '"', "a`b", "``", "it's", "a.b", ".", "a;b", "a;", "a,b (c) {d}=e", "a[0]", "%_"),
    *("--a", "/*a", "a*/", "été", "ÉTÉ2", "名前", "😀", "a​b", "${env:HOME}", "${a}", "$1", ":a", "?", "@a"),
    *("a\\b", "\\", "a\\", "a\\'b", "\\u0041", "a/b", "~", "#", "&", "|", "!", "a:b", "<a>", "ſ", "ß"),
)
# Allowed values that some engine reads as more than themselves, and others that are like them.
TEXTS = (
    *(
        "it's",
        "'",
        "''",
        "a\\b",
        "\\",
        "\\\\",
        "\\n",
        "\\'",
        "\\u0041",
        "a\\",
        "${env:HOME}",
        "${x}",
        "$",
        "$$",
    ),
    *("a;b", ";", "a;\nb", "a\nb", "\n", "\t", "\r", '"', '"a"', "`", "`a`", "--", "/*a*/", "%", "_", "\\%"),
    *(
        "😀",
        "é",
        "e\u0301",
        "ﬁ",
        "​",
        "\U000e0041",
        "\x7f",
        "\x01",
        " ",
        " a",
        "a ",
        "null",
        "NULL",
        "{",
        "}",
        "{}",
    ),
    *("{fn x}", ":a", "?", "@a", "#", "İ", "ı", "0", "true"),
)
UNLIKE = (
    "its",
    "ab",
    "a",
    "A",
    "n",
    "${y}",
    "/root",
    "b",
    "a;\n",
    "e",
    "É",
    "fi",
    "I",
    "i",
    "\U000e0042",
    "''''",
)


@dataclass(frozen=True)
class Table:
    """A table of a case: its fields, each with a key `name` of its own, its rows, and what else its schema says."""

    fields: list[dict[str, Any]]
    rows: list[tuple[str, ...]]
    # The faults of each row: the number of a field and the constraint that its cell breaks.
    faults: list[tuple[tuple[int, str], ...]]
    schema: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """What breaks one kind of constraint, in one table; foreign keys may point to further ones."""

    kind: str
    tables: tuple[Table, ...]


Fault = tuple[str, str, str, str, str]


def _cells(kind: str, declared: dict[str, Any], cells: dict[str, str], **schema: Any) -> Case:
    """A case of single cells, each with the constraint that it breaks."""
    rows = [(f"r{n}", cell) for n, cell in enumerate(cells)]
    faults = [((1, fault),) if fault else () for fault in cells.values()]
    fields = [{"name": "0", "type": "string"}, {"name": "1", **declared}]
    return Case(kind, (Table(fields, rows, faults, {"primaryKey": ["0"], **schema}),))


def _texts(good: str | Iterable[str], fault: str, bad: str | Iterable[str]) -> dict[str, str]:
    good, bad = (one.split() if isinstance(one, str) else one for one in (good, bad))
    return dict.fromkeys(good, "") | dict.fromkeys(bad, fault)


def _bounded(kind: str, name: str, bound: Any, good: str, bad: str, unread: str = "") -> Case:
    cells = _texts(good, name, bad) | dict.fromkeys(unread.split(), "type") | {"": ""}
    return _cells(name, {"type": kind, "constraints": {name: bound}}, cells)


def _repeated(kind: str, *cells: str) -> Case:
    """A unique field, in which all cells before an empty one are equal, and no two others."""
    twice = cells.index("")
    faults = [((1, "unique"),) if n < twice else () for n in range(len(cells))]
    fields = [{"name": "0"}, {"name": "1", "type": kind, "constraints": {"unique": True}}]
    rows = [(f"r{n}", cell) for n, cell in enumerate(cells)]
    return Case("unique", (Table(fields, rows, faults, {"primaryKey": ["0"]}),))


def _keys(kind: str, fields: list[dict[str, Any]], rows: dict[tuple[str, ...], str], **schema: Any) -> Case:
    """A case of keys of several fields; a fault stands at the field that is named after it, as `required 1`."""
    faults = [
        tuple((int(fault.split()[1]), fault.split()[0]) for fault in text.split(", ") if text)
        for text in rows.values()
    ]
    declared = [{"name": str(n), **one} for n, one in enumerate(fields)]
    return Case(kind, (Table(declared, list(rows), faults, schema),))


def _linked(
    kinds: tuple[str, ...], targets: tuple[str, ...], there: list[tuple[str, ...]], here: Any
) -> Case:
    names = [str(n + 1) for n in range(len(kinds))]
    owner = [{"name": "0"}, *({"name": name, "type": kind} for name, kind in zip(names, kinds, strict=True))]
    rows = [(f"r{n}", *cells) for n, cells in enumerate(here)]
    faults = [((len(names), "foreignKey"),) if fault else () for fault in here.values()]
    reference = {"resource": "1", "fields": [str(n) for n in range(len(targets))]}
    key = {"fields": names, "reference": reference}
    target = [{"name": str(n), "type": kind} for n, kind in enumerate(targets)]
    return Case(
        "foreignKey",
        (
            Table(owner, rows, faults, {"primaryKey": ["0"], "foreignKeys": [key]}),
            Table(target, there, [()] * len(there), {}),
        ),
    )


TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
LONG = "12345678901234567890123456789012345678901234567890"
UUIDS = ("123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-42661417400A")
BOTH_EMPTY = {"missingValues": ["", "-"]}
ODD_MISSING = ["", "n/a;", "it's", "${env:HOME}", "\\", "a\\nb"]
CASES = (
    _cells(
        "required", {"constraints": {"required": True}}, _texts("a x", "required", ["", "-"]), **BOTH_EMPTY
    ),
    _cells(
        "required",
        {"type": "integer", "constraints": {"required": True}},
        _texts("0 1", "required", ODD_MISSING) | {"its": "type"},
        missingValues=ODD_MISSING,
    ),
    _cells(
        "type",
        {"type": "integer"},
        _texts(f"5 +5 -0 007 {LONG}", "type", "5. 1e3 - + 5- --5 ٣ ५ 1_0 0x1 -+5 ½"),
    ),
    _cells(
        "type",
        {"type": "number"},
        _texts(
            f"1e3 1E-3 +5 .5 5. -.5e-07 INF -INF NaN inf -iNf nAn {LONG}.{LONG} 1e400 1e-400 -0 00.00E+00",
            "type",
            "+INF -NaN . e3 1e 1e+ .e1 1.2.3 1,5 0x10 1e5.5 Infinity 1e1e1 1-2 --1 ٣ 1e٣ -. 1d 1f e . NaNs ∞ nan1 ınf İNF",
        ),
    ),
    _cells("type", {"type": "boolean"}, _texts("true True TRUE 1 false 0", "type", "yes tRUE 2 01 1.0 t")),
    _cells(
        "type",
        {"type": "boolean", "trueValues": ["yes;", "it's"], "falseValues": ["\\n", "${env:HOME}"]},
        _texts("yes; it's \\n ${env:HOME}", "type", "true yes its n /root 0"),
    ),
    _cells(
        "type",
        {"type": "date"},
        _texts(
            "2020-02-29 2000-02-29 0001-01-01 9999-12-31 2021-02-28 2021-04-30 2024-02-29",
            "type",
            "2021-02-29 1900-02-29 2020-02-30 2020-04-31 2020-00-10 2020-13-01 2020-01-00 2020-01-32 2020-1-1"
            " 0000-01-01 20200101 2020/01/01 ２０２０-01-01 2020-01-011 2100-02-29 2020-W1-01 -020-01-01",
        ),
    ),
    _cells("type", {"type": "year"}, _texts("2021 0021 0000", "type", "21 +2021 20211 -021 20.1 ２０２０")),
    _cells(
        "type",
        {"type": "yearmonth"},
        _texts("2021-01 0000-12", "type", "2021-13 2021-00 2021-1 2021-011 202101"),
    ),
    _cells(
        "type",
        {"type": "string", "format": "uuid"},
        _texts(
            UUIDS, "type", [UUIDS[0][:-1], UUIDS[0][1:] + "-", "g" + UUIDS[0][1:], UUIDS[0].replace("-", "0")]
        ),
    ),
    _bounded("integer", "minimum", -2, "-2 0 +7 -002 -0", "-3 -10 -0003", "x -x 1e3"),
    _bounded("integer", "minimum", 9007199254740993, "9007199254740993 9007199254740994", "9007199254740992"),
    _bounded("integer", "maximum", 30, f"30 +30 -31 -{LONG} 0 029", f"31 +031 300 {LONG}", "3o 30."),
    _bounded("integer", "exclusiveMinimum", 0, "1 +1 10", "0 -0 -1 000"),
    _bounded("integer", "exclusiveMaximum", -10, "-11 -100", "-10 -9 0 5 -010"),
    _bounded(
        "number",
        "minimum",
        1000,
        "1e3 1E3 1000.0000 1000. INF inf 1e400 0.1e4 100000e-2 +1000.5",
        "999.9999999999999999999999 1e-3 1E-3 -INF NaN nan +5 .5 5. -1e9 -1e400 0.09999999999999999999e4 0 -0",
        "x -x 1e",
    ),
    _bounded("number", "minimum", "1e-3", "1e-3 .001 0.0010 1E3 INF", ".00099999 1e-4 0 -1 -INF NaN 1e-400"),
    _bounded(
        "number",
        "maximum",
        -0.5,
        "-.5 -0.50 -5e-1 -1 -INF -1e3",
        "-.4 -0.49999999999999999999 0 .5 INF NaN 1e3",
    ),
    _bounded(
        "number",
        "maximum",
        1.5,
        "1.5 1.50 15e-1 0 -1e3 -INF 1E-3",
        "1.50000000000000000001 1.6 1e3 INF NaN 2.",
    ),
    _bounded("number", "exclusiveMinimum", 0, ".5 1e-400 +5 INF 5.", "0 -0 0.0e5 -1E-3 -INF NaN .0"),
    _bounded(
        "number", "exclusiveMaximum", 1.5, "1.4999999999999999999999 -INF 1E-3", "1.5 1.500 15E-1 1e3 INF NaN"
    ),
    _bounded("number", "exclusiveMaximum", "INF", "1e999 -INF 0", "INF inf NaN"),
    _bounded("number", "minimum", "-1.5e2", "-150 -15e1 -149.99 0 INF", "-151 -1.51E2 -INF NaN -1e3"),
    _bounded(
        "date", "minimum", "2020-02-03", "2020-02-03 2021-01-01", "2020-02-02 0999-12-31", "2020-02-30 x"
    ),
    _bounded("date", "maximum", "2020-12-31", "2020-12-31 0001-01-01", "2021-01-01 9999-12-31", "zzzz"),
    _bounded("date", "exclusiveMinimum", "2020-02-03", "2020-02-04", "2020-02-03 2020-02-02"),
    _bounded("date", "exclusiveMaximum", "2020-02-03", "2020-02-02", "2020-02-03 2020-02-04"),
    _bounded("year", "minimum", 1000, "1000 2020", "0999 0000", "999 x"),
    _bounded("year", "exclusiveMaximum", 2020, "2019 0000", "2020 9999"),
    _bounded("yearmonth", "minimum", "2020-06", "2020-06 2021-01", "2020-05 0000-01", "2020-13"),
    _bounded("yearmonth", "exclusiveMaximum", "2020-06", "2020-05", "2020-06 2021-01"),
    _cells(
        "minLength",
        {"constraints": {"minLength": 2}},
        _texts(["ab", "é", "😀😀", "\\'", "a\n"], "minLength", "a é 😀"),
    ),
    _cells(
        "maxLength",
        {"constraints": {"maxLength": 2}},
        _texts(["ab", "é", "😀😀", "''"], "maxLength", "abc 😀😀😀 e\u0301\u0301"),
    ),
    _cells("enum", {"constraints": {"enum": list(TEXTS)}}, _texts(TEXTS, "enum", UNLIKE)),
    _cells(
        "enum",
        {"type": "integer", "constraints": {"enum": [1, 20, -3]}},
        _texts("1 +1 01 20 -3 -03", "enum", "2 200 3 0") | {"1.0": "type", "it's": "type"},
    ),
    _cells(
        "enum",
        {"type": "number", "constraints": {"enum": [0.5, 1000, "INF"]}},
        _texts(".50 1e3 1000.0 5E-1 inf", "enum", "5 1e4 -INF NaN 0.50000000000000000001") | {"x": "type"},
    ),
    _cells(
        "enum",
        {"type": "date", "constraints": {"enum": ["2020-02-29", "2021-01-01"]}},
        _texts("2020-02-29", "enum", "2020-02-28") | {"2021-02-29": "type"},
    ),
    _cells(
        "enum",
        {"type": "boolean", "constraints": {"enum": [True]}},
        _texts("true 1", "enum", "false 0") | {"x": "type"},
    ),
    _cells("categories", {"categories": ["a;", "it's"]}, _texts("a; it's", "categories", "a its")),
    _cells(
        "categories",
        {"type": "integer", "categories": [1, 2]},
        _texts("1 02", "categories", "3 12") | {"x": "type"},
    ),
    *(
        _cells("pattern", {"constraints": {"pattern": pattern}}, _texts(good, "pattern", bad))
        for pattern, good, bad in (
            (r"^[A-Z]{2}-\d+$", "AB-1 AB-٣", ["A-1", "AB-", "xAB-1", "AB-1x", "AB-1\n"]),
            (r"a|bc", "a bc", "ab b abc ac"),
            (r"[^;']*", ["", "é😀", "a\nb"], ["a;b", "it's"]),
            (r".+", ["a", "\\", "${env:HOME}", "😀"], ["a\nb", "\n"]),
            (r"\w+\s\S*", ["é 😀", "a b", "a "], ["a", " a", "-", "a-b"]),
            (r"\$\{x\}|\\n|\"|`", ["${x}", "\\n", '"', "`"], ["x", "n", "\n", "\\"]),
            (r"(?!x)[^\d]{1,3}?", "a é 😀😀😀", ["x", "xa", "a1", "٣", "😀😀😀😀"]),
            (r"a$\n?|^b$", ["a", "a\n", "b"], ["b\n", "a\n\n"]),
        )
    ),
    _repeated("string", "a", "a", "a", "", "", "A", "á", "a ", "it's", "\\", "-"),
    _repeated("integer", "7", "+07", "007", "", "-7", "70", LONG, LONG[:-1] + "1"),
    _repeated("number", "1e3", "1000", "1000.0", "+.1E4", "", "1e-3", "INF", "-INF", "NaN", "0"),
    _repeated("number", "INF", "inf", "", "-INF", "1", "-1", "0", "10"),
    _repeated("number", "0", "-0", "0e5", ".0", "", "1e-400", "1e-401"),
    _repeated("date", "2020-01-01", "2020-01-01", "", "2020-01-02"),
    _repeated("boolean", "true", "1", "True", "", "false"),
    _repeated("year", "0021", "0021", "", "2021"),
    _keys(
        "primaryKey",
        [WHOLE, TEXT],
        {("1", "a"): "primaryKey 0", ("01", "b"): "primaryKey 0", ("2", "a"): "", ("", "c"): "required 0"},
        primaryKey=["0"],
    ),
    _keys(
        "primaryKey",
        [TEXT, WHOLE, TEXT],
        {
            ("a", "1", "x"): "primaryKey 1",
            ("a", "+1", "y"): "primaryKey 1",
            ("a", "2", "z"): "",
            ("b", "1", "z"): "",
            ("", "1", "z"): "required 0",
            ("a", "", "z"): "required 1",
        },
        primaryKey=["0", "1"],
    ),
    _keys(
        "uniqueKeys",
        [TEXT, {"type": "string", "emptyCountsAs": "it's"}, {"type": "number", "emptyCountsAs": 1.0}],
        {
            ("a", "", ""): "uniqueKeys 2",
            ("a", "it's", "1e0"): "uniqueKeys 2",
            ("a", "its", "1"): "",
            ("a", "", "2"): "",
            ("b", "", ""): "",
            ("", "", "1"): "",
            ("", "it's", "1.0"): "",
        },
        uniqueKeys=[["0", "1", "2"]],
    ),
    _keys(
        "uniqueKeys",
        [TEXT, {"type": "string", "emptyCountsAs": 1}],
        {
            ("a", ""): "uniqueKeys 1",
            ("a", "-"): "uniqueKeys 1",
            ("a", "1"): "",
            ("a", "?1"): "",
            ("a", "=1"): "",
        },
        uniqueKeys=[["0", "1"]],
        missingValues=["", "-"],
    ),
    _linked(
        ("string",),
        ("string",),
        [("it's",), ("a\\b",), ("${env:HOME}",), ("😀",), ("a;\nb",)],
        {("it's",): "", ("a\\b",): "", ("${env:HOME}",): "", ("😀",): "", ("a;\nb",): "", ("",): ""}
        | dict.fromkeys([("nowhere at all",), ("/root",), ("quite another",)], "foreignKey"),
    ),
    _linked(
        ("number",),
        ("integer",),
        [("1000",), ("7",), (LONG,)],
        {
            ("1e3",): "",
            ("7.0",): "",
            ("+7",): "",
            (LONG,): "",
            ("7.5",): "foreignKey",
            ("INF",): "foreignKey",
        },
    ),
    _linked(
        ("integer", "string"),
        ("integer", "string"),
        [("1", "a"), ("2", "b"), ("", "c")],
        {("01", "a"): "", ("2", "b"): "", ("", "a"): "", ("1", ""): "", ("1", "b"): "x", ("3", "c"): "x"},
    ),
    _linked(
        ("date",),
        ("date",),
        [("2020-01-01",), ("2020-02-29",)],
        {("2020-01-01",): "", ("2020-02-29",): "", ("1999-12-31",): "foreignKey"},
    ),
    _linked(("boolean",), ("integer",), [("1",)], {("true",): "", ("1",): "", ("false",): "foreignKey"}),
)
KINDS = tuple(dict.fromkeys(case.kind for case in CASES))

# ---- cells by chance

ALPHABETS = {
    "integer": ("0123456789", "+-", " .e"),
    "number": ("00123459", "..eE+-", "INFNaninf ,"),
    "year": ("0123456789", "", "+-."),
    "yearmonth": ("0123456789", "--", "+ "),
    "date": ("01234589", "---", "/ "),
    "boolean": ("true", "false", "TF01"),
}
EXAMPLES = {
    "integer": ["-12", "+305", "000", "9007199254740993"],
    "number": ["-1.5e3", "+.5E-2", "INF", "NaN", "12.", "-0.00120"],
    "year": ["2021", "0001"],
    "yearmonth": ["2021-12", "0999-01"],
    "date": ["2020-02-29", "1999-12-31", "2000-11-30"],
    "boolean": ["true", "False", "1"],
}
LIMITS: dict[str, dict[str, Any]] = {
    "integer": {"minimum": -13, "exclusiveMaximum": 9007199254740993},
    "number": {"exclusiveMinimum": -1500, "maximum": 0.005},
    "year": {"minimum": 21, "maximum": 2021},
    "yearmonth": {"exclusiveMinimum": "0999-01", "maximum": "2021-10"},
    "date": {"minimum": "1999-12-31", "exclusiveMaximum": "2020-02-29"},
    "boolean": {},
}


def draw_cell(chance: random.Random, kind: str) -> str:
    """A cell that is of the type, or nearly."""
    cell = list(chance.choice(EXAMPLES[kind]))
    for _ in range(chance.choice((0, 1, 1, 2, 3))):
        place, letter = chance.randrange(len(cell) + 1), chance.choice(chance.choice(ALPHABETS[kind]) or "0")
        cell[place : place + chance.choice((0, 1))] = chance.choice(([letter], [letter], []))
    return "".join(cell)


def make_random(kind: str, cells: Iterable[str]) -> Case:
    """A case of cells whose faults the validator alone tells."""
    return _cells("by chance", {"type": kind, "constraints": LIMITS[kind]}, dict.fromkeys(cells, ""))


# ---- packages of the cases


@dataclass
class Written:
    """A package of cases, with the faults that it holds and the kind of constraint of each of its tables."""

    package: Package
    faults: "Counter[Fault]"
    kinds: dict[str, str]


def name_table(place: int) -> str:
    """The name of the table at a place; those beyond the list have their number too."""
    return NAMES[place % len(NAMES)] + (str(place) if place >= len(NAMES) else "")


def name_column(place: int, n: int) -> str:
    """The name of a column of the table at a place."""
    return NAMES[(5 * place + n) % len(NAMES)]


def write_cases(folder: Path, cases: Iterable[Case], first: int = 0) -> Written:
    """A package of the cases; names of tables and columns are taken from NAMES in turn, from one on."""
    folder.mkdir(parents=True, exist_ok=True)
    resources: list[dict[str, Any]] = []
    faults: Counter[Fault] = Counter()
    kinds = {}
    for case in cases:
        place = first + len(resources)
        for n, table in enumerate(case.tables):
            name, file = name_table(place + n), f"t{len(resources)}.csv"
            rename = partial(name_column, place + n)
            schema = _rename_schema(table, rename, place)
            _write_rows(folder / file, [field["name"] for field in schema["fields"]], table.rows)
            resources.append({"name": name, "path": file, "schema": schema})
            faults.update(_list_faults(table, name, rename))
            kinds[name] = case.kind
    path = folder / "datapackage.json"
    path.write_text(json.dumps({"name": "cases", "resources": resources}), encoding="utf-8")
    return Written(read_package(path), faults, kinds)


def _write_rows(path: Path, names: list[str], rows: Iterable[Iterable[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([names, *rows])


def _rename_schema(table: Table, rename: Callable[[int], str], place: int) -> dict[str, Any]:
    """The schema with names for the numbers of fields, and of the tables that foreign keys point to."""
    schema = dict(table.schema)
    for name, value in schema.items():
        if name == "primaryKey":
            schema[name] = [rename(int(part)) for part in value]
        elif name == "uniqueKeys":
            schema[name] = [[rename(int(part)) for part in key] for key in value]
        elif name == "foreignKeys":
            schema[name] = [_rename_key(key, rename, place) for key in value]
    return {"fields": [field | {"name": rename(int(field["name"]))} for field in table.fields], **schema}


def _rename_key(key: dict[str, Any], rename: Callable[[int], str], place: int) -> dict[str, Any]:
    target = place + int(key["reference"]["resource"])
    fields = [name_column(target, int(part)) for part in key["reference"]["fields"]]
    reference = {"resource": name_table(target), "fields": fields}
    return {"fields": [rename(int(part)) for part in key["fields"]], "reference": reference}


def _list_faults(table: Table, name: str, rename: Callable[[int], str]) -> Iterator[Fault]:
    keys = [int(part) for part in table.schema.get("primaryKey", ())]
    for row, faults in zip(table.rows, table.faults, strict=True):
        row_key = ",".join(row[key] for key in keys)
        for n, fault in faults:
            yield name, rename(n), fault, row_key, row[n]


# ---- what the validator and the engines find

CODES = {"schema/duplicate": "repeated", "keys/foreign": "foreignKey"}
REPEATED = frozenset({"primaryKey", "uniqueKeys", "unique"})
UNASKED = frozenset({"hygiene", "build", "descriptor", "files"})


def find_by_validator(package: Package) -> "Counter[Fault]":
    """What the validator finds; of cells it does not say the constraint, and of keys the later row alone.

    So the package is judged a second time with its rows in the opposite order.
    """
    found = _find_in_order(package)
    for resource in package.resources:
        path = package.root / resource.paths[0]
        with path.open(newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        _write_rows(path, header, reversed(rows))
    # A cell is found in both orders, but the first of two rows with one key only in the other.
    return found | _find_in_order(package)


def _find_in_order(package: Package) -> "Counter[Fault]":
    tables = {
        path: (one, _read_by_line(package.root / path)) for one in package.resources for path in one.paths
    }
    found: Counter[Fault] = Counter()
    for problem in validate(package).problems:
        if problem.code.split("/")[0] in UNASKED:
            continue
        resource, rows = tables[problem.path]
        row = dict(zip(resource.field_names, rows[problem.line], strict=True))
        row_key = ",".join(row[name] for name in resource.primary_key)
        what = CODES.get(problem.code, "cell")
        found[resource.name, problem.field, what, row_key, row[problem.field]] += 1
    return found


def _read_by_line(path: Path) -> dict[int, list[str]]:
    """The cells of each record, by the line on which it begins."""
    rows, begins = {}, 1
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.reader(file)
        for cells in reader:
            rows[begins] = cells
            begins = reader.line_num + 1
    return rows


def without_constraints(faults: "Counter[Fault]") -> "Counter[Fault]":
    """The faults as the validator tells them: of cells, of repeated keys, of foreign keys."""
    merged: Counter[Fault] = Counter()
    for (table, name, fault, row_key, value), count in faults.items():
        what = "repeated" if fault in REPEATED else fault if fault == "foreignKey" else "cell"
        merged[table, name, what, row_key, value] += count
    return merged


def find_by_engine(engine: str, package: Package, dialect: Dialect) -> "Counter[Fault]":
    """What the queries find on SQLite or DuckDB, all columns as text."""
    db: Any = sqlite3.connect(":memory:") if engine == "sqlite" else duckdb.connect()
    found: Counter[Fault] = Counter()
    with closing(db):
        for resource in package.resources:
            columns = ", ".join(f"{quote_identifier(name)} varchar" for name in resource.field_names)
            db.execute(f"create table {quote_identifier(resource.name)} ({columns})")
            marks = ", ".join("?" * len(resource.fields))
            with (package.root / resource.paths[0]).open(newline="", encoding="utf-8") as file:
                rows = list(csv.reader(file))[1:]
            db.executemany(f"insert into {quote_identifier(resource.name)} values ({marks})", rows)
        for check in list_checks(package.resources, dialect):
            found.update(db.execute(check.query).fetchall())
    return found


def list_asked(written: Written, dialect: Dialect) -> "Counter[Fault]":
    """The faults that the queries of a dialect are to find: all but those that its file names as left out."""
    left_out = {
        line.rpartition(": ")[2].split()[0] for line in list_left_out(written.package.resources, dialect)
    }
    return Counter({fault: count for fault, count in written.faults.items() if fault[2] not in left_out})
