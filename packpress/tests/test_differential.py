"""The same verdict as frictionless: on generated packages and on mutations, but for declared differences.

What may explain a difference is found in the package itself, by plain rules that know nothing of the validator.
"""

import copy
import csv
import io
import json
import random
import re

import pytest
from frictionless import Field as FrictionlessField
from hypothesis import given, settings
from hypothesis import strategies as st
from packpress.package.resource import Field, build_resource
from packpress.tables.constraints import make_reader

from invented.packages import list_places
from tests.suites.conformance import ask_frictionless, list_problems, read_differences

pytestmark = [pytest.mark.long, pytest.mark.exhaustive]

DIFFERENCES = read_differences()
# Declared, for frictionless guesses what is not.
DIALECT = {
    "header": True,
    "delimiter": ",",
    "lineTerminator": "\n",
    "quoteChar": '"',
    "doubleQuote": True,
    "skipInitialSpace": False,
}
# The forms of the standard; in any other one frictionless may see a value where there is none.
FORMS = {
    "integer": r"[+-]?[0-9]+",
    "number": r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|(?i:NaN|-?INF)",
    "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "time": r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?",
    "datetime": r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?",
    "year": r"[0-9]{4}",
    "yearmonth": r"[0-9]{4}-[0-9]{2}",
    "duration": r"-?P(?=.)([0-9]+Y)?([0-9]+M)?([0-9]+D)?(T(?=.)([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]+)?S)?)?",
    "geopoint": r"[+-]?[0-9.]+, ?[+-]?[0-9.]+",
    "list": r"[+-]?[0-9]+(,[+-]?[0-9]+)*",
}
# Values, near misses and nonsense, for every type.
POOL = {
    "string": ["", "a", "b", "ab", "é", "a b", "abc", "x,y", 'q"q', "1"],
    "integer": [
        "",
        "0",
        "1",
        "2",
        "-1",
        "+5",
        "007",
        "9" * 20,
        "1.0",
        "x",
        "1e3",
        " 1",
        "1_0",
        "٣",
        "--1",
        "1,0",
    ],
    "number": [
        "",
        "0",
        "1.5",
        "1.50",
        "-.5",
        "5.",
        "1e2",
        "NaN",
        "INF",
        "-inf",
        "x",
        ".",
        " 1",
        "1,5",
        "Infinity",
    ],
    "boolean": ["", "true", "False", "1", "0", "yes", "tRUE", " true", "TRUE"],
    "date": [
        "",
        "2024-01-26",
        "2024-02-30",
        "2024-1-5",
        "0001-01-01",
        "26.1.2024",
        "2024-01-26T00:00:00",
        "x",
    ],
    "time": ["", "10:11:12", "24:00:00", "25:00:00", "10:11", "10:11:12Z", "10:11:12.5", "1:1:1", "x"],
    "datetime": [
        "",
        "2024-01-26T10:11:12",
        "2024-01-26T10:11:12.123Z",
        "2024-01-26 10:11:12",
        "2024-01-26",
        "x",
    ],
    "year": ["", "2024", "0999", "24", "12024", "+202", "-999", "x"],
    "yearmonth": ["", "2024-01", "2024-13", "2024-1", "24-01", "2024", "x"],
    "duration": ["", "P1Y", "PT1H", "P1Y2M3DT4H5M6.7S", "-P1D", "P", "P1W", "1Y", "PT", "x"],
    "geopoint": ["", "1, 2", "1,2", "-180,90", "181, 0", "0, 91", "1", "1, 2, 3", "a, b", " 1 ,2"],
    "object": ["", "{}", '{"a": 1}', "[]", "{", "null", '{"a": NaN}', "x"],
    "array": ["", "[]", "[1]", '["a", 2]', "{}", "[1", "3", "x"],
    "list": ["", "1", "1,2", "1,x", "1,,2", "1, 2", "x"],
    "any": ["", "1", "x", "[", "é"],
}
BOUNDS = {
    "integer": [0, 1, "2"],
    "number": [0, 1.5, "1.5"],
    "date": ["2024-01-01", "2024-12-31"],
    "time": ["10:00:00", "12:00:00"],
    "datetime": ["2024-01-01T00:00:00", "2025-01-01T00:00:00"],
    "year": [1000, 2024],
    "yearmonth": ["2024-01", "2023-12"],
}
ENUMS = {"string": ["a", "ab", "é"], "integer": [1, 2, "7"], "number": [1.5, 100], "boolean": [True]}
PATTERNS = ["a.*", "[a-z]+", "(?:a|b)c?", r"\w+", "a|b"]


def some(values):
    return st.sampled_from(values)


@st.composite
def fields(draw, name):
    kind = draw(some(sorted(POOL)))
    constraints = {}
    if draw(st.booleans()):
        constraints["required"] = draw(st.booleans())
    if draw(st.integers(0, 3)) == 0:
        constraints["unique"] = True
    if kind in BOUNDS:
        for bound in draw(
            st.sets(some(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]), max_size=2)
        ):
            constraints[bound] = draw(some(BOUNDS[kind]))
    if kind in ENUMS and draw(st.integers(0, 3)) == 0:
        constraints["enum"] = draw(st.lists(some(ENUMS[kind]), min_size=1, unique_by=str))
    if kind in {"string", "array", "object", "list"} and draw(st.integers(0, 2)) == 0:
        constraints[draw(some(["minLength", "maxLength"]))] = draw(st.integers(0, 3))
    if kind == "string" and draw(st.integers(0, 2)) == 0:
        constraints["pattern"] = draw(some(PATTERNS))
    field = {"name": name, "type": kind} | ({"constraints": constraints} if constraints else {})
    if kind == "list":
        field["itemType"] = "integer"
    if draw(st.integers(0, 4)) == 0:
        field["missingValues"] = draw(some([["", "-"], ["-"], [""], ["", "1"]]))
    return field


@st.composite
def cells(draw, field):
    choice = draw(st.integers(0, 9))
    if choice == 0:
        return draw(st.text(some("0123456789.-+eETZ:PYMDHS[]{}ab \"'"), max_size=12))
    if choice == 1:
        return draw(some(["-", "NA", "x"]))
    return draw(some(POOL[field["type"]]))


@st.composite
def packages(draw):
    """A descriptor, and its files as lists of rows."""
    names = draw(some([["a", "b"], ["a", "b", "c"], ["a"]]))
    listed = [draw(fields(name)) for name in names]
    schema = {"fields": listed}
    if draw(st.booleans()):
        schema["primaryKey"] = draw(some([["a"], "a", names]))
    if draw(st.integers(0, 2)) == 0:
        schema["missingValues"] = draw(some([["", "NA"], [""]]))
    match = draw(some([None, None, "equal", "subset", "superset", "partial"]))
    if match:
        schema["fieldsMatch"] = match
    header = list(names)
    if draw(st.integers(0, 4)) == 0:
        header = draw(st.permutations([*names, "z"]))[: draw(st.integers(1, len(names) + 1))]
    kinds = {field["name"]: field for field in listed}
    rows = [
        [draw(cells(kinds.get(name, {"type": "string"}))) for name in header]
        for _ in range(draw(st.integers(0, 4)))
    ]
    if rows and draw(st.integers(0, 9)) == 0:
        rows[0] = (rows[0] + ["x"])[draw(st.integers(0, 1)) :]
    resources = [{"name": "t", "path": "t.csv", "encoding": "utf-8", "dialect": DIALECT, "schema": schema}]
    tables = {"t.csv": [header, *rows]}
    if draw(st.integers(0, 2)) == 0:
        target = draw(some(names))
        schema["foreignKeys"] = [{"fields": [target], "reference": {"resource": "u", "fields": ["k"]}}]
        key = {"name": "k", "type": kinds[target]["type"]} | (
            {"itemType": "integer"} if kinds[target]["type"] == "list" else {}
        )
        keys = draw(st.lists(cells(key), max_size=5))
        resources.append(resources[0] | {"name": "u", "path": "u.csv", "schema": {"fields": [key]}})
        tables["u.csv"] = [["k"], *([cell] for cell in keys)]
    raw = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "p",
        "resources": resources,
    }
    return raw, tables


def explain(raw, tables):
    """Names of the declared differences that a package may show."""
    found = set()
    for resource in raw["resources"]:
        header, *rows = tables[resource["path"]]
        schema = resource["schema"]
        kinds = {field["name"]: field for field in schema["fields"]}
        missing = {
            name: field.get("missingValues", schema.get("missingValues", [""]))
            for name, field in kinds.items()
        }
        for row in rows:
            named = [(kinds[name], cell) for name, cell in zip(header, row, strict=False) if name in kinds]
            if all(cell in missing[field["name"]] or not cell for field, cell in named):
                found.add("blank rows")
            found |= {name for field, cell in named for name in explain_cell(field, cell)}
        key = schema.get("primaryKey", ())
        if len(key) > 1:
            found.add("parts of a key")
        held = {*key, *(name for one in schema.get("foreignKeys", ()) for name in one["fields"])}
        held |= {name for name, field in kinds.items() if field.get("constraints", {}).get("unique")}
        if any(kinds[name]["type"] in {"array", "object", "list"} for name in held & kinds.keys()):
            found.add("keys of any type")
        if resource["name"] == "u" and len({row[0] for row in rows}) < len(rows):
            found.add("targets")
    return found


def explain_cell(field, cell):
    if not re.fullmatch(FORMS.get(field["type"], "(?s:.*)"), cell):
        yield "lexical forms"
        yield "special numbers"
    if "NaN" in cell:
        yield "lexical forms"
    if field.get("constraints", {}).get("pattern") == "a|b":
        yield "patterns"


def write(folder, raw, tables):
    for name, rows in tables.items():
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows(rows)
        (folder / name).write_bytes(text.getvalue().encode())
    path = folder / "datapackage.json"
    path.write_text(json.dumps(raw), encoding="utf-8")
    return path


def check_alike(path, may_explain):
    problems, theirs = list_problems(path), ask_frictionless(path)
    if (not problems) != theirs:
        explanations = {name for name in may_explain if DIFFERENCES[name].explains(not problems)}
        assert explanations, (
            [*map(str, problems)],
            path.read_text(),
            [file.read_bytes() for file in path.parent.glob("*.csv")],
        )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("differential")


@settings(max_examples=1500, deadline=None)
@given(packages())
def test_packages_are_judged_alike(folder, package):
    raw, tables = package
    check_alike(write(folder, raw, tables), explain(raw, tables))


@settings(max_examples=3000, deadline=None)
@given(fields("a").flatmap(lambda field: st.tuples(st.just(field), cells(field))))
def test_cells_are_judged_alike(pair):
    raw, cell = pair
    resource = build_resource({"name": "t", "schema": {"fields": [raw]}})
    ours = not make_reader(Field(raw), resource)(cell)[1]
    try:
        theirs = FrictionlessField.from_descriptor(raw).create_cell_reader()(cell)[1] is None
    except TypeError:  # moments with a zone and without, which it cannot compare
        theirs = False
    may_explain = [name for name in explain_cell(raw, cell) if DIFFERENCES[name].explains(ours)]
    assert ours == theirs or may_explain


FISH = {
    "name": "fish",
    "path": "fish.csv",
    "title": "Fish",
    "description": "One row is a fish.",
    "format": "csv",
    "mediatype": "text/csv",
    "encoding": "utf-8",
    "licenses": [{"name": "CC0-1.0"}],
    "sources": [{"title": "The sea", "path": "https://example.org/sea"}],
    "dialect": DIALECT,
    "schema": {
        "fields": [
            {
                "name": "id",
                "type": "integer",
                "constraints": {"required": True, "minimum": 1},
                "example": "7",
            },
            {
                "name": "name",
                "type": "string",
                "constraints": {"unique": True, "enum": ["cod", "eel", "ray"]},
            },
            {"name": "length", "type": "number", "decimalChar": ".", "constraints": {"maximum": 99.5}},
            {"name": "seen", "type": "date", "format": "%d/%m/%Y", "missingValues": ["", "never"]},
            {"name": "kept", "type": "boolean", "trueValues": ["yes"], "falseValues": ["no"]},
            {"name": "note", "type": "string", "constraints": {"pattern": "[a-z ]+", "maxLength": 12}},
        ],
        "primaryKey": ["id"],
        "missingValues": ["", "-"],
        "fieldsMatch": "exact",
    },
}
BOATS = {
    "name": "boats",
    "path": "boats.csv",
    "encoding": "utf-8",
    "dialect": DIALECT,
    "schema": {
        "fields": [{"name": "boat", "type": "string"}, {"name": "catch", "type": "integer"}],
        "foreignKeys": [{"fields": ["catch"], "reference": {"resource": "fish", "fields": ["id"]}}],
    },
}
WHOLE = {
    "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
    "name": "fleet",
    "id": "fleet",
    "title": "Fleet",
    "description": "Fish and boats.",
    "homepage": "https://example.org/",
    "version": "1.0.0",
    "created": "2024-01-26T10:11:12Z",
    "keywords": ["fish", "boats"],
    "licenses": [{"name": "CC0-1.0", "path": "https://example.org/cc0", "title": "Zero"}],
    "contributors": [
        {"title": "Ann", "email": "ann@example.org", "path": "https://example.org", "roles": ["creator"]}
    ],
    "resources": [FISH, BOATS],
}
TABLES = {
    "fish.csv": [
        ["id", "name", "length", "seen", "kept", "note"],
        ["1", "cod", "60.5", "26/01/2024", "yes", "large"],
        ["2", "eel", "99.5", "never", "no", ""],
        ["3", "ray", "", "", "-", "a b"],
    ],
    "boats.csv": [["boat", "catch"], ["Anna", "1"], ["Berta", ""], ["Clara", "3"]],
}
ODD = [True, 0, -1, 2.5, "", "x", "é\n", [], {}, [1], ["a"], {"a": 1}, [[]], 10**40]
# What a mutation under a key may bring up; under the last key of its place that is listed.
UNDER = {
    "$schema": {"profiles"},
    "name": {"names", "misspelt keys"},
    "resources": {"metadata", "contradictions"},
    "dialect": {"contradictions", "sniffing", "separators"},
    "schema": {"contradictions", "misspelt keys"},
    "fieldsMatch": {"fieldsMatch as a list"},
    **dict.fromkeys(
        (
            "id",
            "title",
            "description",
            "homepage",
            "version",
            "created",
            "keywords",
            "licenses",
            "contributors",
            "sources",
        ),
        {"metadata"},
    ),
}


def mutate_descriptor(choose):
    """A change of one value or one key of the descriptor, and the names of what it may bring up."""
    raw = copy.deepcopy(WHOLE)
    place = choose.choice([place for place in list_places(raw) if place])
    inner = raw
    for name in place[:-1]:
        inner = inner[name]
    keys = [name for name in place if isinstance(name, str)]
    under = set().union(*(UNDER.get(name, set()) for name in keys))
    if len(place) == 3 and place[-1] == "format":
        under |= {"formats of files"}
    match choose.choice(["replace", "replace", "remove", "rename"]):
        case "replace":
            inner[place[-1]] = choose.choice(ODD)
        case "remove":
            del inner[place[-1]]
        case "rename" if isinstance(place[-1], str):
            inner[place[-1][:-1]] = inner.pop(place[-1])
            under |= {"misspelt keys", "misplaced keys"}
    return raw, TABLES, under


def mutate_table(choose):
    """A change of one cell or one row, and the names of what it may bring up."""
    tables = copy.deepcopy(TABLES)
    path = choose.choice(sorted(tables))
    rows = tables[path]
    row = choose.choice(rows)
    at = choose.randrange(len(row))
    match choose.choice(["cell", "cell", "cell", "twice", "drop", "longer", "shorter", "swap"]):
        case "cell":
            row[at] = choose.choice(
                [*(cell for pool in POOL.values() for cell in pool), *(cell for row in rows for cell in row)]
            )
        case "twice":
            rows.insert(choose.randrange(len(rows) + 1), list(row))
        case "drop":
            rows.remove(row)
        case "longer":
            row.insert(at, "x")
        case "shorter":
            del row[at]
        case "swap":
            row[0], row[at] = row[at], row[0]
    return WHOLE, tables, explain(WHOLE, tables)


@settings(max_examples=1500, deadline=None)
@given(st.integers(0, 2**32), some([mutate_descriptor, mutate_table]))
def test_mutations_are_judged_alike(folder, seed, mutate):
    raw, tables, may_explain = mutate(random.Random(seed))
    check_alike(write(folder, raw, tables), may_explain)


def test_the_whole_package_is_valid_for_both(folder):
    path = write(folder, WHOLE, TABLES)
    assert list_problems(path) == []
    assert ask_frictionless(path)
