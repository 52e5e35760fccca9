"""Mutations of descriptors: one part of a whole descriptor exchanged, taken out or renamed, the same each time."""

import copy
import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from packpress.checks.descriptor import check_structure
from packpress.package.descriptor import read_descriptor
from packpress.problems import CannotRunError

COUNT = 4_000
PERSON = {
    "title": "Ida",
    "givenName": "I",
    "familyName": "D",
    "email": "ida@example.org",
    "roles": ["author"],
}
# A descriptor with nearly all properties of the standard's second version.
WHOLE: Mapping[str, Any] = {
    "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
    "name": "fleet",
    "id": "https://example.org/fleet",
    "title": "Fleet",
    "description": "Boats and what they caught.",
    "homepage": "https://example.org/",
    "version": "1.0.0",
    "created": "2024-01-26T15:00:00Z",
    "keywords": ["boats", "fish"],
    "image": "logo.png",
    "contributors": [PERSON | {"path": "https://example.org/ida", "organization": "Harbour"}],
    "licenses": [{"name": "CC0-1.0", "path": "https://example.org/cc0", "title": "CC0"}],
    "sources": [
        {"title": "Log", "path": "https://example.org/log", "email": "a@example.org", "version": "2"}
    ],
    "resources": [
        {
            "name": "boats",
            "type": "table",
            "path": "boats.csv",
            "title": "Boats",
            "description": "One row a boat.",
            "homepage": "https://example.org/boats",
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "bytes": 10,
            "hash": "d41d8cd98f00b204e9800998ecf8427e",
            "licenses": [{"name": "CC0-1.0"}],
            "sources": [{"title": "Log"}],
            "dialect": {
                "header": True,
                "delimiter": ",",
                "lineTerminator": "\n",
                "quoteChar": '"',
                "doubleQuote": True,
                "skipInitialSpace": False,
                "commentChar": "#",
                "commentRows": [9],
                "headerRows": [1],
                "headerJoin": " ",
                "nullSequence": "-",
                "property": "rows",
                "itemType": "object",
                "itemKeys": ["boat"],
                "sheetNumber": 1,
                "sheetName": "Boats",
                "table": "boats",
            },
            "schema": {
                "fieldsMatch": ["exact"],
                "missingValues": ["", "NA"],
                "primaryKey": "boat",
                "uniqueKeys": [["boat", "built"]],
                "foreignKeys": [
                    {"fields": "home", "reference": {"resource": "ports", "fields": "port"}},
                    {"fields": ["boat"], "reference": {"resource": "boats", "fields": ["boat"]}},
                ],
                "fields": [
                    {
                        "name": "boat",
                        "type": "string",
                        "title": "Boat",
                        "description": "Its name.",
                        "example": "Anna",
                        "rdfType": "https://example.org/Boat",
                        "constraints": {
                            "required": True,
                            "unique": True,
                            "minLength": 1,
                            "pattern": "[A-Z].*",
                        },
                    },
                    {"name": "built", "type": "year", "constraints": {"minimum": 1900, "maximum": 2030}},
                    {"name": "home", "type": "string"},
                    {
                        "name": "length",
                        "type": "number",
                        "decimalChar": ".",
                        "groupChar": " ",
                        "bareNumber": True,
                    },
                    {"name": "sails", "type": "boolean", "trueValues": ["yes"], "falseValues": ["no"]},
                    {
                        "name": "rig",
                        "type": "string",
                        "categories": ["sloop", "ketch"],
                        "categoriesOrdered": True,
                    },
                    {"name": "seen", "type": "date", "format": "%d/%m/%Y", "missingValues": ["never"]},
                    {"name": "crew", "type": "integer", "constraints": {"enum": [1, 2, 3]}},
                    {
                        "name": "berths",
                        "type": "integer",
                        "categories": [{"value": 1, "label": "one"}, {"value": 2, "label": "two"}],
                        "groupChar": ",",
                    },
                    {
                        "name": "draught",
                        "type": "number",
                        "format": "default",
                        "missingValues": [{"value": "-9", "label": "aground"}],
                        "constraints": {"exclusiveMinimum": 0.5, "exclusiveMaximum": "9"},
                    },
                    {
                        "name": "log",
                        "type": "string",
                        "format": "uri",
                        "constraints": {"enum": ["urn:a", "urn:b"]},
                    },
                    {"name": "afloat", "type": "boolean", "constraints": {"enum": [True]}},
                    {"name": "left", "type": "time", "constraints": {"minimum": "08:00:00"}},
                    {"name": "back", "type": "datetime", "format": "any"},
                    {"name": "paid", "type": "yearmonth", "constraints": {"enum": ["2024-01"]}},
                    {"name": "out", "type": "duration", "constraints": {"maximum": "P9D"}},
                    {"name": "place", "type": "geopoint", "format": "array"},
                    {"name": "track", "type": "geojson", "format": "topojson"},
                    {"name": "gear", "type": "object", "constraints": {"jsonSchema": {"type": "object"}}},
                    {"name": "haul", "type": "array", "constraints": {"minLength": 1, "enum": [[1], [2, 3]]}},
                    {"name": "notes", "type": "any"},
                ],
            },
        },
        {
            "name": "ports",
            "data": [{"port": "Kiel"}],
            "schema": {"fields": [{"name": "port"}], "primaryKey": ["port"]},
        },
    ],
}
ODD = (
    None,
    True,
    False,
    0,
    -1,
    2.5,
    "",
    " ",
    "x",
    "[",
    "../x",
    "Häfen & Co",
    [],
    {},
    [1],
    ["a"],
    [[]],
    {"a": 1},
    [{}],
)

# What chance does not bring up.
FIXED: tuple[tuple[tuple[str | int, ...], Any], ...] = (
    (("resources", 0, "path"), "./boats.csv"),
    (("resources", 0, "path"), ".logs/boats.csv"),
    (("resources", 0, "path"), "file:boats.csv"),
    (("resources", 0, "dialect"), "dialect.json"),
    (("resources", 0, "type"), "file"),
    (("resources", 0), {"name": "boats", "url": "boats.csv"}),
    (("resources", 0, "schema", "uniqueKeys"), ["boat"]),
    (("resources", 0, "schema", "uniqueKeys"), [["boat"], ["boat"]]),
    (("resources", 0, "schema", "fields", 0, "format"), ""),
    (("resources", 0, "schema", "fields", 2, "format"), "wkt"),
    (("resources", 0, "schema", "fields", 2, "format"), "fmt:uri"),
    (("resources", 0, "schema", "fields", 1, "format"), "any"),
    (("resources", 0, "schema", "fields", 20, "type"), "list"),
    (("resources", 0, "schema", "fields", 7, "constraints", "enum"), [1, "2"]),
    (("resources", 0, "schema", "fields", 11, "constraints", "enum"), ["true"]),
)


def list_places(part: Any, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The ways to all parts of a descriptor."""
    items = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for name, value in items:
        yield (*way, name)
        yield from list_places(value, (*way, name))


def list_mutants() -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    """Descriptors that differ from the whole one at one place, and where."""
    choose = random.Random(14)
    places = list(list_places(WHOLE))
    for way, value in FIXED:
        raw = copy.deepcopy(dict(WHOLE))
        _get(raw, way[:-1])[way[-1]] = value
        yield way, raw
    for _ in range(COUNT - len(FIXED)):
        raw, way = copy.deepcopy(dict(WHOLE)), choose.choice(places)
        holder, last = _get(raw, way[:-1]), way[-1]
        action = choose.choice(("replace", "replace", "remake", "remake", "remove", "rename", "move"))
        if action == "replace":
            holder[last] = copy.deepcopy(choose.choice(ODD))
        elif action == "remake":
            holder[last] = choose.choice(remake(holder[last], _get(WHOLE, choose.choice(places))))
        elif action == "remove" or isinstance(last, int):
            del holder[last]
        else:
            target = choose.choice([raw, raw["resources"][0], holder]) if action == "move" else holder
            target[last if action == "move" else f"{last}s"] = holder.pop(last)
        yield way, raw


def remake(value: Any, other: Any) -> list[Any]:
    """Near relatives of a value: in a list, out of its list, as text, with an item twice or of another kind.

    `other` is a value of another place.

    >>> remake(["a"], 2)
    [['a', 'a'], ['a', ['a']], ['a', {'value': 'a'}], ['a', 1], 'a', 2]
    >>> remake("a", 2), remake(3, 2)
    ([['a'], {'value': 'a'}, 'A', 'a ', 2], [[3], {'value': 3}, '3', 2])
    """
    other = copy.deepcopy(other)
    if isinstance(value, list) and value:
        further = (value[0], [value[0]], {"value": value[0]}, 1)
        return [*([*value, item] for item in further), value[0], other]
    alike = [f"{value}".swapcase(), f"{value} "] if isinstance(value, str) else [json.dumps(value)]
    return [[value], {"value": value}, *alike, other]


def find_problem(raw: Mapping[str, Any], folder: Path) -> str:
    """The first problem of a descriptor alone; nothing when there is none."""
    path = folder / "datapackage.json"
    path.write_text(json.dumps(raw), encoding="utf-8")
    try:
        found = [problem for problem in check_structure(read_descriptor(path)) if not problem.is_notice]
    except CannotRunError as error:
        return re.sub(r"^.*?datapackage\.json: ", "", str(error))
    return found[0].message if found else ""


@dataclass(frozen=True)
class Reason:
    """Why some mutants are judged otherwise than by the standard's JSON Schema: ours is stricter, or laxer."""

    sentence: str
    # What our message says where ours is stricter. Where it is laxer, `null` or the name and the value.
    pattern: str
    is_laxer: bool = False


REASONS = (
    Reason(
        "A name that leads nowhere is refused: of a field in a key, of a table in a foreign key, of a file.",
        r"which is not (a field|one of its fields|a file)|names a table|foreignKeys of .* point to|which is on the web|name a file below|^path of .* is blank|leads elsewhere|is a folder",
    ),
    Reason("A key of the standard at a place where it has no effect is refused.", r"has no effect here"),
    Reason(
        "A property of `constraints` or of a dialect that nobody knows is refused.",
        r"(property|constraint) .* which is not known",
    ),
    Reason(
        "`fieldsMatch` is one of its five values. The standard's profile has a slip there, and takes any list.",
        r"has the fieldsMatch",
    ),
    Reason(
        "Addresses, e-mail addresses, date-times and paths must be such, as the standard's text says.",
        r"is not an (address|e-mail)|is not a date-time",
    ),
    Reason(
        "A declaration that contradicts itself is refused: values of another type, a value twice, a property that does not apply to a type.",
        r"not apply to the type|not of type|twice|without categories|for two purposes|has the format|is declared|differ in|not one of the categories|fields, but refers to|groupChar|decimalChar|are named|compare|in both",
    ),
    Reason(
        "A name or a format that is blank names nothing.",
        r"^(name|format|fields|primaryKey|uniqueKeys) of .* is blank|is not a name or a list of names|is a?n? ?empty list|no name",
    ),
    Reason(
        "Values of other kinds than the standard's text describes are refused where its profile leaves them open.",
        r"is not (a|an|one) |has the type|has neither path nor data|is empty;|invalid jsonSchema",
    ),
    Reason(
        "`$schema` is a profile of the standard for that place, or one in a file beside.",
        r"not a profile|neither a profile",
    ),
    Reason("A property that is null is one that is not there.", r"null", is_laxer=True),
    Reason("A path may begin with `./` or `~`, which lead nowhere else.", r'path: "(\./|~)', is_laxer=True),
    Reason("The scheme of an address may be in capitals.", r'path: "(HTTP|FTP)S?:', is_laxer=True),
    Reason("A dialect may be in a file, as the standard's text says.", r'dialect: "', is_laxer=True),
    Reason(
        "The `type` of a resource may be one of those that frictionless writes.",
        r'type: "file"',
        is_laxer=True,
    ),
    Reason("`url` stands for `path`, as before version 1 of the standard.", r'"url": ', is_laxer=True),
    Reason("`fieldsMatch` is a text, as the standard's text says.", r'fieldsMatch: "', is_laxer=True),
    Reason("`list` is a type, as the standard's text says.", r'"type": "list"', is_laxer=True),
    Reason(
        "`wkt` is a format of strings, and the prefix `fmt:` of old versions is ignored.",
        r'"format": "(wkt|fmt:)',
        is_laxer=True,
    ),
    Reason(
        "A format of a type that has none is ignored, with a notice.",
        r'"type": "(?!(string|date|time|datetime|geopoint|geojson|any)").*"format": "[^"]',
        is_laxer=True,
    ),
    Reason(
        "Values of `enum` may be written as values or as cells, also of booleans, and both in one list.",
        r'"enum": \[("true"|\d[^\]]*, "\d|"\d[^\]]*, \d)',
        is_laxer=True,
    ),
)


def find_reason(message: str, raw: Mapping[str, Any], error: Any) -> Reason | None:
    """Why a mutant is judged so: our message where ours is stricter, or nothing and an error of the standard's."""
    for reason in REASONS:
        if message and not reason.is_laxer and re.search(reason.pattern, message):
            return reason
        if not message and reason.is_laxer and re.search(reason.pattern, _describe_laxness(raw, error)):
            return reason
    return None


def _describe_laxness(raw: Mapping[str, Any], error: Any) -> str:
    """Whether a null is in the descriptor; if none is, the name and the value that the standard refuses."""
    if any(_get(raw, way) is None for way in list_places(raw)):
        return "null"
    name = next((name for name in reversed([*error.absolute_path]) if isinstance(name, str)), "")
    return f"{name}: {json.dumps(error.instance)}"


def _get(raw: Any, way: tuple[str | int, ...]) -> Any:
    for name in way:
        raw = raw[name]
    return raw


def compare_with_standard(validator: Any, folder: Path) -> tuple[Counter[Reason], list[str]]:
    """How many mutants are judged otherwise for which reason, and those for which there is none."""
    counts, unexplained = Counter[Reason](), list[str]()
    (folder / "dialect.json").write_text("{}", encoding="utf-8")
    validator = _remember_choices(validator)
    for way, raw in list_mutants():
        error, message = next(validator.iter_errors(raw), None), find_problem(raw, folder)
        if bool(error) == bool(message):
            continue
        reason = find_reason(message, raw, error)
        if reason:
            counts[reason] += 1
        else:
            unexplained.append(f"{way}: {message or error.message}")
    return counts, unexplained


def _remember_choices(validator: Any) -> Any:
    """The validator, which judges equal fields once: trying each against every type takes most of the time."""
    known: dict[tuple[int, str], list[str]] = {}
    plain = validator.VALIDATORS["oneOf"]

    def choose(validator: Any, choices: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
        key = id(choices), json.dumps(value)
        if key not in known:
            known[key] = [error.message for error in plain(validator, choices, value, schema)]
        yield from map(ValidationError, known[key])

    return extend(type(validator), {"oneOf": choose})(validator.schema)


def render_reasons(counts: Mapping[Reason, int]) -> str:
    """A table of Markdown of why mutants are judged otherwise, and how many are."""
    lines = ["| ours is | what differs | mutants |", "| --- | --- | --- |"]
    rows = [
        (r.is_laxer, f"| {'laxer' if r.is_laxer else 'stricter'} | {r.sentence} | {counts[r]} |")
        for r in REASONS
        if counts[r]
    ]
    same = COUNT - sum(counts.values())
    return f"Of {COUNT:,} descriptors, {same:,} are judged alike.\n\n" + "\n".join(
        [*lines, *(line for _, line in rows)]
    )
