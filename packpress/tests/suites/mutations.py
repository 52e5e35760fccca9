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

from packpress.checks.descriptor import check_structure
from packpress.package.descriptor import read_descriptor
from packpress.problems import CannotRunError

COUNT = 2_500
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
            },
            "schema": {
                "fieldsMatch": ["exact"],
                "missingValues": ["", "NA"],
                "primaryKey": "boat",
                "uniqueKeys": [["boat", "built"]],
                "foreignKeys": [{"fields": "home", "reference": {"resource": "ports", "fields": "port"}}],
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
FIXED: Mapping[tuple[str | int, ...], str] = {("resources", 0, "path"): "./boats.csv"}


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
    for way, value in FIXED.items():
        raw = copy.deepcopy(dict(WHOLE))
        raw["resources"][0][way[-1]] = value
        yield way, raw
    for _ in range(COUNT - len(FIXED)):
        raw, way = copy.deepcopy(dict(WHOLE)), choose.choice(places)
        holder: Any = raw
        for name in way[:-1]:
            holder = holder[name]
        action = choose.choice(("replace", "replace", "replace", "remove", "rename", "move"))
        if action == "remove" or isinstance(way[-1], int) and action != "replace":
            del holder[way[-1]]
        elif action == "replace":
            holder[way[-1]] = copy.deepcopy(choose.choice(ODD))
        else:
            target = choose.choice([raw, raw["resources"][0], holder]) if action == "move" else holder
            target[way[-1] if action == "move" else f"{way[-1]}s"] = holder.pop(way[-1])
        yield way, raw


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
    # What our message says where ours is stricter, and what the path to the value is like where it is laxer.
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
        r"not apply to the type|not of type|twice|without categories|for two purposes|has the format|is declared|differ in|not one of the categories|fields, but refers to|groupChar|decimalChar",
    ),
    Reason(
        "A name that is blank names nothing.",
        r"^(name|fields|primaryKey|uniqueKeys) of .* is blank|is not a name or a list of names|is a?n? ?empty list|no name",
    ),
    Reason(
        "Values of other kinds than the standard's text describes are refused where its profile leaves them open.",
        r"is not (a|an|one) |has the type|has neither path nor data|is empty;",
    ),
    Reason(
        "`$schema` is a profile of the standard for that place, or one in a file beside.",
        r"not a profile|neither a profile",
    ),
    Reason("A property that is null is one that is not there.", r"null", is_laxer=True),
    Reason("A path may begin with `./` or `~`, which lead nowhere else.", r"path", is_laxer=True),
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
    """Whether a null is in the descriptor; if none is, the last name on the way to what the standard refuses."""
    if any(_get(raw, way) is None for way in list_places(raw)):
        return "null"
    return next((name for name in reversed([*error.absolute_path]) if isinstance(name, str)), "")


def _get(raw: Any, way: tuple[str | int, ...]) -> Any:
    for name in way:
        raw = raw[name]
    return raw


def compare_with_standard(validator: Any, folder: Path) -> tuple[Counter[Reason], list[str]]:
    """How many mutants are judged otherwise for which reason, and those for which there is none."""
    counts, unexplained = Counter[Reason](), list[str]()
    for way, raw in list_mutants():
        errors, message = list(validator.iter_errors(raw)), find_problem(raw, folder)
        if bool(errors) == bool(message):
            continue
        reason = find_reason(message, raw, errors[0] if errors else None)
        if reason:
            counts[reason] += 1
        else:
            unexplained.append(f"{way}: {message or errors[0].message}")
    return counts, unexplained


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
