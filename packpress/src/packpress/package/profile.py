"""The profile: one JSON Schema for descriptors, and the messages for descriptors that do not fit it.

Every structural rule and its wording are defined once, in `profile.json`, which editors use too. A misshapen
descriptor cannot be read, so its faults are reported before anything is derived from it. Besides the keywords
of JSON Schema, the profile has some for messages:

- `x-place` is how messages name an object: by its name, its number, and the package or resource that
  owns it.
- `x-kind` is what a property should be, `x-fault` what is wrong with an object as a whole, and `x-unknown`
  what an unknown property is called.
- `x-home` is what an object is called as a place for properties, and `x-binds` lists its properties that
  affect how cells are read or checked, and that have no effect anywhere else.
- `x-meant` lists names that other tools use, by the known value, or value and format, that they mean.
- `x-own` marks properties that are not part of the standard.
- `x-mend` is what to do about a fault, `x-blank` what to do about a blank, and `x-otherwise` what to do when
  no known name or value is similar.
- `x-read` lists the properties without which an object cannot be read; by default, all of them.
"""

import json
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain, islice
from pathlib import Path, PurePosixPath
from typing import Any

from packpress.package.paths import is_below, runs_code
from packpress.package.resource import is_table
from packpress.problems import shorten_value
from packpress.similar import find_slip, offer_nearest

Schema = dict[str, Any]

PROFILE_FILE = Path(__file__).with_name("profile.json")
PROFILE: Schema = json.loads(PROFILE_FILE.read_text(encoding="utf-8"))
DEFINITIONS: Mapping[str, Schema] = PROFILE["definitions"]

# Names with any such character are extensions, such as `title@de` or `dc:subject`.
EXTENSION = r"[^A-Za-z0-9_$]"
# How many levels too high a property is still recognised, such as a constraint in a schema.
TOO_HIGH = 2

# ---- formats

URL = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
MOMENT = re.compile(
    r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"[Tt ](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
# Subtraction of character classes in XML Schema, which Python reads differently.
SUBTRACTION = re.compile(r"\[[^\]]*-\[")


def is_url(text: str) -> bool:
    """Whether a text is a URL with a scheme and a host.

    >>> is_url("https://example.org/"), is_url("boats.csv")
    (True, False)
    """
    return bool(URL.fullmatch(text))


def is_url_or_path(text: str) -> bool:
    """Whether a text is a URL, or a path below the folder of the descriptor.

    >>> is_url_or_path("data/boats.csv"), is_url_or_path("../boats.csv")
    (True, False)
    """
    return is_url(text) or ("://" not in text and not runs_code(text) and bool(text) and is_below(text))


def is_pattern(text: str) -> bool:
    """Whether a text is a regular expression that Python understands.

    >>> is_pattern("[a-z]+"), is_pattern("[a-z")
    (True, False)
    """
    try:
        with warnings.catch_warnings():
            # Python warns about XML Schema's subtraction of character classes.
            warnings.simplefilter("error", FutureWarning)
            return not SUBTRACTION.search(text) and bool(re.compile(text))
    except (re.error, OverflowError, RecursionError, FutureWarning):
        return False


FORMATS: Mapping[str, Callable[[str], bool]] = {
    "harmless": lambda text: not runs_code(text),
    "uri": is_url,
    "uri-reference": is_url_or_path,
    "email": lambda text: bool(EMAIL.fullmatch(text)),
    "date-time": lambda text: bool(MOMENT.fullmatch(text)),
    "regex": is_pattern,
}

# ---- checking

# A document with this many faults is not a descriptor.
MOST_FAULTS = 10_000


@dataclass(frozen=True)
class Fault:
    """One place where a descriptor does not fit the profile.

    A grave fault means that the model cannot read the descriptor at all.
    """

    path: tuple[str | int, ...]
    message: str
    mend: str = "correct it"
    is_grave: bool = True


def find_faults(raw: Mapping[str, Any]) -> list[Fault]:
    """Where a descriptor does not fit the profile, grave faults first.

    Schemas of resources that are not tables are ignored. The search stops when there are too many faults, and
    the descriptor then counts as unreadable.

    >>> (fault,) = find_faults({"name": "fleet", "title": 3, "resources": []})
    >>> fault.message
    'title of the package is not a text'
    """
    if _make_profile_test()(raw):
        return list(_compare_keys(raw))
    errors = make_profile_validator().iter_errors(raw)
    found = (_weigh(fault, raw) for error in errors for fault in _describe(error, raw))
    faults = list(dict.fromkeys(islice(chain.from_iterable(found), MOST_FAULTS)))
    if len(faults) == MOST_FAULTS:
        return [replace(fault, is_grave=True) for fault in faults]
    faults.sort(key=lambda fault: not fault.is_grave)
    is_grave = bool(faults) and faults[0].is_grave
    return faults if is_grave else [*_compare_keys(raw), *faults]


def _weigh(fault: Fault, raw: Mapping[str, Any]) -> Iterator[Fault]:
    """The fault with its severity in context; nothing when it is in a part that is not read."""
    match fault.path:
        case ("resources", int(number), str(name), *_) if name != "path" and not _is_read(raw, number):
            if name != "schema" and not _is_of_other_reader(fault.path[2:]):
                yield replace(fault, is_grave=False)
        case ("resources", int(number)) if not _is_read(raw, number):
            yield replace(fault, is_grave=False)
        case _:
            yield fault


def _is_of_other_reader(path: tuple[str | int, ...]) -> bool:
    """Whether a property of a dialect is unknown, such as those of other tools for JSON and spreadsheets."""
    return path[0] == "dialect" and len(path) == 2 and path[1] not in DEFINITIONS["dialect"]["properties"]


def _is_read(raw: Mapping[str, Any], number: int) -> bool:
    """Whether a resource is a table, as far as its path tells."""
    resource = raw["resources"][number]
    if not isinstance(resource, Mapping):
        return True
    return fits(resource.get("path", "path"), DEFINITIONS["names"]) and is_table(resource)


@cache
def make_profile_validator() -> Any:
    """The jsonschema validator for whole descriptors."""
    # Slow to import, so only when the quick check fails.
    from jsonschema import Draft4Validator, Draft7Validator, FormatChecker
    from jsonschema.validators import extend

    checker = FormatChecker(formats=())
    for name, test in FORMATS.items():
        checker.checks(name)(lambda value, test=test: not isinstance(value, str) or test(value))
    # From draft 6 on, 2.0 is an integer, but code that counts characters or rows needs an int.
    validator = extend(Draft7Validator, type_checker=Draft4Validator.TYPE_CHECKER)
    return validator(PROFILE, format_checker=checker)


Test = Callable[[Any], bool]


def fits(value: Any, schema: Schema) -> bool:
    """Whether a value fits a part of the profile; agrees with jsonschema, but is much faster.

    Supports only the keywords that the profile uses, and does not say what is wrong.

    >>> fits("boats", {"type": "string"}), fits(2011, {"type": "string"})
    (True, False)
    """
    return _make_test(schema)(value)


@cache
def _make_profile_test() -> Test:
    """The test of whole descriptors, whose schema is taken apart only once."""
    return _make_test(PROFILE)


@cache
def _make_definition_test(reference: str) -> Test:
    return _make_test(_follow(reference))


def _make_test(schema: Schema) -> Test:
    tests = [KEYWORDS[name](told, schema) for name, told in schema.items() if name in KEYWORDS]
    return tests[0] if len(tests) == 1 else lambda value: all(test(value) for test in tests)


TYPES: Mapping[str, Test] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: type(value) is int,
    "number": lambda value: type(value) in (int, float),
}


def _test_types(told: str | list[str], _: Schema) -> Test:
    tests = [TYPES[name] for name in ([told] if isinstance(told, str) else told)]
    return tests[0] if len(tests) == 1 else lambda value: any(test(value) for test in tests)


def _test_parts(told: Mapping[str, Schema], _: Schema) -> Test:
    tests = {name: _make_test(part) for name, part in told.items()}
    return lambda value: (
        not isinstance(value, dict) or all(tests[name](item) for name, item in value.items() if name in tests)
    )


def _test_other_names(told: Any, schema: Schema) -> Test:
    known = schema.get("properties", {})
    test = _make_test({"enum": []} if told is False else told)
    return lambda value: (
        not isinstance(value, dict) or all(test(item) for name, item in value.items() if name not in known)
    )


def _test_items(told: Schema, _: Schema) -> Test:
    test = _make_test(told)
    return lambda value: not isinstance(value, list) or all(map(test, value))


def _test_all(told: list[Schema], _: Schema) -> Test:
    tests = [*map(_make_test, told)]
    return lambda value: all(test(value) for test in tests)


def _test_any(told: list[Schema], _: Schema) -> Test:
    tests = [*map(_make_test, told)]
    return lambda value: any(test(value) for test in tests)


def _test_pattern(told: str, _: Schema) -> Test:
    search = re.compile(told).search
    return lambda value: not isinstance(value, str) or bool(search(value))


# What makes the test of a keyword, from what it is told and the schema that it stands in.
Keyword = Callable[[Any, Schema], Test]
# As JSON Schema defines, each keyword applies to values of one type and accepts all others.
KEYWORDS: Mapping[str, Keyword] = {
    # Made when it is asked for, because definitions refer to each other.
    "$ref": lambda told, _: lambda value: _make_definition_test(told)(value),
    "type": _test_types,
    "enum": lambda told, _: lambda value: value in told,
    "allOf": _test_all,
    "anyOf": _test_any,
    "required": lambda told, _: (
        lambda value: not isinstance(value, dict) or all(name in value for name in told)
    ),
    "minProperties": lambda told, _: lambda value: not isinstance(value, dict) or len(value) >= told,
    "properties": _test_parts,
    "additionalProperties": _test_other_names,
    "minItems": lambda told, _: lambda value: not isinstance(value, list) or len(value) >= told,
    "items": _test_items,
    "minLength": lambda told, _: lambda value: not isinstance(value, str) or len(value) >= told,
    "maxLength": lambda told, _: lambda value: not isinstance(value, str) or len(value) <= told,
    "pattern": _test_pattern,
    "format": lambda told, _: lambda value: not isinstance(value, str) or FORMATS[told](value),
    "minimum": lambda told, _: lambda value: type(value) not in (int, float) or value >= told,
    "maximum": lambda told, _: lambda value: type(value) not in (int, float) or value <= told,
}


def _follow(reference: str) -> Schema:
    return DEFINITIONS[reference.removeprefix("#/definitions/")]


def resolve(schema: Schema) -> Schema:
    """A part of the profile with its reference resolved; keywords beside the reference take precedence."""
    while "$ref" in schema:
        schema = {**_follow(schema["$ref"]), **{k: v for k, v in schema.items() if k != "$ref"}}
    return schema


def descend(schema: Schema, name: str | int) -> Schema:
    """The schema of a property or of the items of a list; empty when the schema does not define one."""
    whole = resolve(schema)
    for part in (whole, *map(resolve, whole.get("allOf", ()))):
        if isinstance(name, int):
            inner = part.get("items")
        else:
            inner = part.get("properties", {}).get(name) or part.get("additionalProperties")
        if inner:
            return resolve(inner)
    return {}


def wants_text(schema: Schema) -> bool:
    """Whether scalars at this place are text, whatever they look like."""
    kinds = schema.get("type", ())
    return "string" in kinds and not {"number", "integer", "boolean"} & {
        *([kinds] * isinstance(kinds, str) or kinds)
    }


# ---- messages


@dataclass(frozen=True)
class _Step:
    """A part of a descriptor on the path to a fault, with its schema."""

    schema: Schema
    value: Any
    # The property name or list index by which it is reached; empty for the descriptor itself.
    name: str | int = ""
    is_property: bool = False
    # Whether it is a level of its own, or the same part under another rule.
    is_own: bool = True


def _retrace(error: Any, raw: Mapping[str, Any]) -> list[_Step]:
    """The parts and schemas that jsonschema went through to reach a fault, starting at the descriptor."""
    steps = [_Step(resolve(PROFILE), raw)]
    way, path = iter(error.absolute_schema_path), iter(error.absolute_path)
    for keyword in way:
        last, told = steps[-1], steps[-1].schema.get(keyword) or {}
        if keyword == "allOf":
            steps.append(replace(last, schema=resolve(told[next(way)]), is_own=False))
        elif keyword in {"properties", "items", "additionalProperties"} and told:
            name = next(path)
            schema = told[next(way)] if keyword == "properties" else told
            steps.append(_Step(resolve(schema), last.value[name], name, keyword == "properties"))
        else:
            break
    return steps


def _name_place(steps: Iterable[_Step]) -> str:
    """The name, in messages, of the innermost named object on a path."""
    place = owner = ""
    for step in steps:
        if template := step.schema.get("x-place"):
            number = step.name + 1 if isinstance(step.name, int) else ""
            name = (step.value.get("name") if isinstance(step.value, Mapping) else "") or number
            place = template.format(name=name, number=number, owner=owner)
            owner = owner if "{owner}" in template else place
    return place


def _describe(error: Any, raw: Mapping[str, Any]) -> Iterator[Fault]:
    """The messages for an error that jsonschema found."""
    steps = _retrace(error, raw)
    is_grave = all(
        step.name in before.schema.get("x-read", (step.name,))
        for before, step in zip(steps, steps[1:], strict=False)
        if step.is_property
    )
    fault = Fault(tuple(error.absolute_path), _name_place(steps), is_grave=is_grave)
    match error.validator:
        case "anyOf" | "minProperties":
            message, mend = error.schema["x-fault"].split("; ")
            yield replace(fault, message=f"{fault.message} {message}", mend=mend)
        case "required" if _is_named(steps):
            for name in error.validator_value:
                if name not in error.instance:
                    message = f"{fault.message} has no {name}"
                    yield replace(fault, message=message, mend=_offer_name(error.instance, name))
        case "additionalProperties":
            yield from _describe_unknown(fault, steps)
        case "enum":
            yield _describe_choice(fault, steps)
        case _:
            yield _describe_kind(fault, steps)


def _offer_name(part: Mapping[str, Any], name: str) -> str:
    """What to do about an object without a property that it must have."""
    if name == "name" and isinstance(part.get("id"), str):
        return 'rename its key "id" to "name"'  # as in versions of the standard before the first
    path = part.get("path")
    stem = PurePosixPath(path).name.split(".")[0] if isinstance(path, str) else ""
    return f'add it, such as "{stem}"' if name == "name" and stem else "add it"


def _is_named(steps: list[_Step]) -> bool:
    """Whether the innermost object has a name of its own, rather than being the value of a property."""
    return any("x-place" in step.schema for step in steps if step.value is steps[-1].value)


def _describe_unknown(fault: Fault, steps: list[_Step]) -> Iterator[Fault]:
    step = steps[-1]
    known, what = step.schema["properties"], step.schema["x-unknown"]
    for name in step.value:
        if name not in known:
            message = f"{fault.message} has {what} {name}, which is not known"
            home = _find_home(name, steps) or _find_owner(name, steps)
            mend = f"it belongs in {home}" if home else offer_nearest(name, known, step.schema["x-otherwise"])
            yield replace(fault, path=(*fault.path, name), message=message, mend=mend, is_grave=False)


def _find_owner(name: str, steps: list[_Step]) -> str:
    """The enclosing object that knows a property of that name, or the empty string."""
    owners = (step.schema for step in reversed(steps[:-1]) if "x-home" in step.schema)
    return next((str(schema["x-home"]) for schema in owners if name in schema["properties"]), "")


def _describe_choice(fault: Fault, steps: list[_Step]) -> Fault:
    *before, last = steps
    choices = [choice for choice in last.schema["enum"] if isinstance(choice, str)]
    otherwise = last.schema.get("x-otherwise") or f"use one of {', '.join(choices)}"
    message = f'{_name_place(before)} has the {last.name} "{shorten_value(str(last.value))}"'
    meant = _find_meant(str(last.value), last.schema)
    mend = f"write {meant}" if meant else offer_nearest(str(last.value), choices, otherwise)
    return replace(fault, message=message, mend=mend, is_grave=False)


# What other systems write around the name of a type: xsd:decimal, np.int64, decimal(10,2), int unsigned.
AROUND = re.compile(r"^\w+[:.](?=\w)|[\[(<].*$|\bunsigned\b|[^A-Za-z]")
# How other systems write the type of a list: integer[], _int4, list<string>, array of text.
LIST = re.compile(r"(.+)\[\]|_(\w+)|list[<(\[](.+)[>)\]]|(?:list|array) of (.+)", re.IGNORECASE)


def find_type(name: str) -> tuple[str, str]:
    """The type that other tools call by this name, and its format, or the type of the items of a list.

    The type is empty if no such tool is known.

    >>> find_type("varchar(20)"), find_type("uuid"), find_type("int[]"), find_type("colour")
    (('string', ''), ('string', 'uuid'), ('list', 'integer'), ('', ''))
    """
    if match := LIST.fullmatch(name):
        item, _ = find_type(next(filter(None, match.groups())))
        return ("list", item) if item in DEFINITIONS["itemType"]["enum"] else ("array" if item else "", "")
    kind, _, form = _list_meant().get(_strip_name(name), "").partition(" ")
    return kind, form


@cache
def _list_meant() -> Mapping[str, str]:
    """The types, with a format for some, by their names here and elsewhere."""
    meant = resolve(DEFINITIONS["field"]["properties"]["type"])
    known = {name: kind for kind, names in meant["x-meant"].items() for name in names}
    return {
        _strip_name(name): kind for name, kind in (known | {kind: kind for kind in meant["enum"]}).items()
    }


def _strip_name(name: str) -> str:
    while (bare := AROUND.sub("", name)) != name:
        name = bare
    return name.casefold()


def _find_meant(value: str, schema: Schema) -> str:
    """What to write in place of a type that other tools have, or the empty string."""
    kind, further = find_type(value) if "x-meant" in schema else ("", "")
    if not further:
        return f'"{kind}"' if kind else ""
    return f'"{kind}" and the {"itemType" if kind == "list" else "format"} {further}'


def _describe_kind(fault: Fault, steps: list[_Step]) -> Fault:
    """The fault, saying what kind of value its innermost described property should be."""
    place = max(at for at, step in enumerate(steps) if step.is_property and "x-kind" in step.schema)
    step, kind = steps[place], steps[place].schema["x-kind"]
    is_bare = kind == "a text" and isinstance(step.value, bool | int | float)
    mend = f"write {json.dumps(json.dumps(step.value))}" if is_bare else "correct it"
    if step.schema.get("format") == "date-time" and MOMENT.fullmatch(f"{step.value}T00:00:00Z"):
        mend = f'write "{step.value}T00:00:00Z"'
    is_blank = "pattern" in step.schema and isinstance(step.value, str) and not step.value.strip()
    fault = replace(fault, path=fault.path[: sum(before.is_own for before in steps[1 : place + 1])])
    where = f"{step.name} of {_name_place(steps[:place])}"
    if step.value == [] and "minItems" in step.schema:
        return replace(fault, message=f"{where} is an empty list", mend="fill it or leave it out")
    if isinstance(step.value, str) and runs_code(step.value):
        mend = "write one that begins with https:// or http://"
        return replace(fault, message=f"{where} is an address that runs code", mend=mend)
    return replace(
        fault,
        message=f"{where} is {'blank' if is_blank else f'not {kind}'}",
        mend=step.schema.get("x-blank" if is_blank else "x-mend") or mend,
    )


def _compare_keys(raw: Mapping[str, Any]) -> Iterator[Fault]:
    """Foreign keys whose fields do not match those of their target, which JSON Schema cannot express."""
    for steps in _list_objects(raw):
        key, path = steps[-1].value, tuple(step.name for step in steps[1:] if step.is_own)
        if path[-2:-1] == ("foreignKeys",):
            both = key["fields"], key["reference"]["fields"]
            counts = [*map(_count, both)]
            if counts[0] != counts[1]:
                message = f"{_name_place(steps)} has {counts[0]} fields, but refers to {counts[1]}"
                yield Fault(path, message)
            elif isinstance(both[0], str) != isinstance(both[1], str):
                message = f"{_name_place(steps)} has a text and a list as fields"
                yield Fault(path, message, "write both as texts or both as lists", is_grave=False)


def _count(names: str | list[str]) -> int:
    return 1 if isinstance(names, str) else len(names)


# ---- unknown properties


@dataclass(frozen=True)
class UnknownKey:
    """A property that the profile does not know at its place: misplaced, misspelt, or a custom one."""

    place: str
    name: str
    # The property that is probably meant, or the empty string.
    meant: str = ""
    # Where the property belongs if it is misplaced; it has no effect here. Otherwise the empty string.
    home: str = ""
    # How many more objects of the same kind have it.
    more: int = 0


def find_unknown_keys(raw: Mapping[str, Any]) -> list[UnknownKey]:
    """The properties that the profile does not know, in a descriptor without grave faults.

    The standard allows custom properties. Those that look like extensions, such as `title@de`, are skipped
    unless they are misspelt. Repetitions of a property in objects of the same kind are only counted.

    >>> (key,) = find_unknown_keys({"name": "fleet", "resources": [], "licences": []})
    >>> key.name, key.meant
    ('licences', 'licenses')
    """
    found: dict[tuple[str, str], UnknownKey] = {}
    for steps in _list_objects(raw):
        if steps[-1].schema.get("additionalProperties") is False:
            continue  # reported as a fault there
        for key in _compare_names(steps):
            cause = (_find_kind(steps), key.name)
            first = found.get(cause)
            found[cause] = replace(first, more=first.more + 1) if first else key
    return list(found.values())


def _find_kind(steps: tuple[_Step, ...]) -> str:
    return next((step.schema["x-place"] for step in reversed(steps) if "x-place" in step.schema), "")


def _compare_names(steps: tuple[_Step, ...]) -> Iterator[UnknownKey]:
    value, known = steps[-1].value, steps[-1].schema["properties"]
    for name in value:
        if name in known:
            continue
        home, meant = _find_home(name, steps), find_slip(name, known)
        if home or (meant and meant not in value):
            yield UnknownKey(_name_place(steps), name, "" if home else meant, home)
        elif not re.search(EXTENSION, name):
            yield UnknownKey(_name_place(steps), name)


def _find_home(name: str, steps: Iterable[_Step]) -> str:
    """Where a misplaced property would have an effect: in an inner or neighbouring object, or further up."""
    for step in reversed([*steps]):
        level = [step.schema]
        for _ in range(TOO_HIGH + 1):
            for schema in level:
                if name in schema.get("x-binds", ()):
                    return str(schema["x-home"])
            level = [inner for schema in level for inner in _list_inner(schema)]
    return ""


def _list_inner(schema: Schema) -> Iterator[Schema]:
    """The schemas of the objects directly inside an object."""
    for part in map(resolve, schema.get("properties", {}).values()):
        item = resolve(part.get("items", part))
        yield item
        yield from map(resolve, item.get("allOf", ()))


def _list_objects(raw: Mapping[str, Any], steps: tuple[_Step, ...] = ()) -> Iterator[tuple[_Step, ...]]:
    """The paths to all objects of a descriptor that are read and whose properties the profile knows."""
    steps = steps or (_Step(resolve(PROFILE), raw, is_own=True),)
    last = steps[-1]
    for branch in last.schema.get("allOf", ()):
        yield from _list_objects(raw, (*steps, replace(last, schema=resolve(branch), is_own=False)))
    known = last.schema.get("properties", {})
    if isinstance(last.value, dict) and known:
        if "object" in last.schema.get("type", ()):
            yield steps
        # Most values are texts and numbers, below which nothing has a name.
        parts = [(name, known[name]) for name in last.value if name in known and _has_parts(last.value[name])]
    elif isinstance(last.value, list) and "items" in last.schema:
        parts = [(place, last.schema["items"]) for place, item in enumerate(last.value) if _has_parts(item)]
    else:
        parts = []
    for name, schema in parts:
        step = _Step(resolve(schema), last.value[name], name, isinstance(name, str), is_own=True)
        if name != "schema" or steps[1].name == "derived" or is_table(last.value):
            yield from _list_objects(raw, (*steps, step))


def _has_parts(value: Any) -> bool:
    return isinstance(value, dict | list)


# ---- schema for editors


def render_editor_schema() -> str:
    """The JSON Schema with which editors complete and check descriptors.

    It is the profile without the keywords for our messages. Unlike the validator, it treats every unknown
    property as a mistake, unless its name is that of an extension such as `title@de`.

    >>> '"title": ' in render_editor_schema(), "x-mend" in render_editor_schema()
    (True, False)
    """
    return json.dumps(_close(PROFILE), indent=2, ensure_ascii=False) + "\n"


def _close(part: Any) -> Any:
    if isinstance(part, list):
        return [_close(item) for item in part]
    if not isinstance(part, dict):
        return part
    closed = {name: _close(item) for name, item in part.items() if not name.startswith("x-")}
    if "properties" in part and "object" in part.get("type", ()):
        return {"patternProperties": {EXTENSION: {}}, "additionalProperties": False} | closed
    return closed
