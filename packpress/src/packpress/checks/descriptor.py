"""Checks of the descriptor: what it says of the package, its tables, schemas, fields, keys and dialects."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from packpress.checks.files import check_hash
from packpress.package.addresses import runs_code
from packpress.package.descriptor import Package, is_below, read_json
from packpress.package.profile import (
    CONSTRAINT_KEYS,
    CONTRIBUTOR_KEYS,
    COUNT,
    COUNT_FROM_1,
    DIALECT_KEYS,
    FIELD_KEYS,
    FLAG,
    FOREIGN_KEY_KEYS,
    FORMATS,
    ITEM_TYPES,
    LICENCE_KEYS,
    MOMENTS,
    OBJECTS,
    PACKAGE_KEYS,
    PACKAGE_PUBLISHING_KEYS,
    PUBLISHING,
    PUBLISHING_KEYS,
    REFERENCE_KEYS,
    RESOURCE_KEYS,
    RESOURCE_TYPES,
    SCALAR,
    SCHEMA_KEYS,
    SOURCE_KEYS,
    TEXT,
    TEXTS,
    TYPES,
    VALIDATION_KEYS,
    Shape,
    Test,
    check_shape,
    is_list_of,
)
from packpress.package.remote import find_file, leads_out
from packpress.package.resource import (
    DELIMITED,
    Field,
    ForeignKey,
    Resource,
    build_resource,
    format_of,
    is_table,
    list_paths,
)
from packpress.problems import CannotRunError, InvalidPackageError, Problem
from packpress.similar import nearest_value, offer_nearest
from packpress.tables.constraints import cast_constraint, make_reader, make_validator, read_type
from packpress.tables.decoding import COMPRESSIONS
from packpress.tables.fast.keys import kind_of
from packpress.tables.types import type_of

Raw = Mapping[str, Any]

URL = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
MOMENT = re.compile(
    r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"[Tt ](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
# The profiles of both versions of the standard; a descriptor is held to them whether it names them or not.
PROFILE = re.compile(
    r"https?://(?:datapackage\.org/profiles/([^/]+)|specs\.frictionlessdata\.io/schemas)/([a-z-]+)\.json"
)
VERSIONS = frozenset({"1.0", "2.0", "2.1"})
# The names that they have, the newest first.
NAMES = {
    "package": ("datapackage", "data-package", "tabular-data-package", "fiscal-data-package"),
    "resource": ("dataresource", "data-resource", "tabular-data-resource"),
    "schema": ("tableschema", "table-schema"),
    "dialect": ("tabledialect", "csvdialect", "csv-dialect", "table-dialect"),
}


def is_url(value: Any) -> bool:
    """Whether a value is the address of something on the web, with its scheme and host."""
    return isinstance(value, str) and bool(URL.fullmatch(value))


def is_url_or_path(value: Any) -> bool:
    """Whether a value is an address on the web, or a path below the descriptor."""
    return is_url(value) or (
        isinstance(value, str)
        and "://" not in value
        and not runs_code(value)
        and bool(value)
        and is_below(value)
    )


def _matches(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and bool(pattern.fullmatch(value))


ADDRESS = (is_url, "an address that begins with https:// or http://")
PLACE = (is_url_or_path, "an address on the web or a path below the descriptor")
MAIL = (_matches(EMAIL), "an e-mail address")
GENERAL: dict[str, tuple[Test, str]] = {
    "title": TEXT,
    "description": TEXT,
    "licenses": OBJECTS,
    "sources": OBJECTS,
    "homepage": ADDRESS,
}
PACKAGE: Shape = GENERAL | {
    "id": TEXT,
    "name": TEXT,
    "version": TEXT,
    "created": (_matches(MOMENT), "a moment such as 2024-01-26T15:00:00Z"),
    "image": PLACE,
    "keywords": TEXTS,
    "contributors": OBJECTS,
}
RESOURCE: Shape = GENERAL | {
    "type": TEXT,
    "format": TEXT,
    "mediatype": TEXT,
    "encoding": TEXT,
    "bytes": COUNT,
    "hash": TEXT,
}
LICENCE: Shape = {"name": TEXT, "path": PLACE, "title": TEXT}
SOURCE: Shape = {"title": TEXT, "path": PLACE, "email": MAIL, "version": TEXT}
CONTRIBUTOR: Shape = {
    **dict.fromkeys(("title", "givenName", "familyName", "organization", "role"), TEXT),
    "path": ADDRESS,
    "email": MAIL,
    "roles": TEXTS,
}
ITEMS = {
    "licenses": ("licence", LICENCE, LICENCE_KEYS),
    "sources": ("source", SOURCE, SOURCE_KEYS),
    "contributors": ("contributor", CONTRIBUTOR, CONTRIBUTOR_KEYS),
}


def check_metadata(where: str, raw: Raw, shape: Shape) -> Iterator[str]:
    """What is of another kind than the standard gives it, down to each licence, source and contributor."""
    yield from (f"{fault}; mend it" for fault in check_shape(where, raw, shape))
    for name, (noun, of_item, _) in ITEMS.items():
        for number, item in enumerate(list_items(raw, name), 1):
            place = f"{noun} {number} of {where}"
            yield from (f"{fault}; mend it" for fault in check_shape(place, item, of_item))
            if not item:
                yield f"{place} says nothing; name it or take it out"
            elif name == "licenses" and not {"name", "path"} & item.keys():
                yield f"{place} has neither name nor path; add one"


def list_items(raw: Raw, name: str) -> list[Raw]:
    """The objects of a list of the descriptor; none when it is no list of objects."""
    items = raw.get(name)
    return items if isinstance(items, list) and all(isinstance(item, Mapping) for item in items) else []


def check_profile(package: Package, kind: str, where: str, raw: Raw) -> Iterator[Problem]:
    """The profile that a descriptor names is one of the standard's; one in a file beside it is kept to."""
    for name in ("$schema", "profile"):
        value = raw.get(name)
        if value is None or (name == "profile" and "$schema" in raw):
            continue
        if not isinstance(value, str):
            yield _profile_problem(package, f"{name} of {where} is not a text; write an address")
            continue
        match = PROFILE.fullmatch(value)
        known = match[2] if match else value
        if known in NAMES[kind] and (not match or match[1] is None or match[1] in VERSIONS):
            continue
        if match:
            best = f"https://datapackage.org/profiles/2.0/{NAMES[kind][0]}.json"
            yield _profile_problem(
                package, f"{name} of {where} is {value}, which is no profile for it; write {best}"
            )
        elif is_url(value):
            message = f"{name} of {where} is {value}, which is not fetched; it is held to the standard alone"
            yield Problem(package.path.name, 0, message, code="descriptor/profile", is_notice=True)
        else:
            yield from _check_local_profile(package, f"{name} of {where}", value, raw)


def _check_local_profile(package: Package, where: str, place: str, raw: Raw) -> Iterator[Problem]:
    from jsonschema.exceptions import SchemaError  # a tenth of a second to import, so only when needed
    from referencing.exceptions import Unresolvable

    if not is_below(place) or not (package.root / place).is_file():
        yield _profile_problem(package, f"{where} is {place}, which is no profile and no file; correct it")
        return
    try:
        profile = read_json(package.root / place)
        validator = make_validator(profile)
        validator.check_schema(profile)
        faults = list(validator.iter_errors(raw))
    except (CannotRunError, SchemaError, Unresolvable, RecursionError) as error:
        message = " ".join(str(getattr(error, "message", error)).split())
        yield _profile_problem(package, f"{where} is {place}, which cannot be used: {message}; correct it")
        return
    for fault in faults:
        place_of_fault = ".".join(map(str, fault.absolute_path)) or "the whole"
        message = " ".join(fault.message.split())
        yield _profile_problem(package, f"{where} asks otherwise of {place_of_fault}: {message}; correct it")


def _profile_problem(package: Package, message: str) -> Problem:
    return Problem(package.path.name, 0, message, code="descriptor/profile")


CHARACTER = (lambda value: isinstance(value, str) and len(value) == 1, "one character")
CHARACTERS = (lambda value: isinstance(value, str) and bool(value), "one character or more")
ROWS = (is_list_of(COUNT_FROM_1[0]), "a list of numbers of rows, from 1")
DIALECT: Shape = {
    "header": FLAG,
    "headerRows": (lambda value: bool(value) and ROWS[0](value), ROWS[1]),
    "headerJoin": TEXT,
    "commentRows": ROWS,
    "commentChar": CHARACTERS,
    "delimiter": CHARACTERS,
    "lineTerminator": CHARACTERS,
    "quoteChar": CHARACTER,
    "doubleQuote": FLAG,
    "escapeChar": CHARACTER,
    "nullSequence": TEXT,
    "skipInitialSpace": FLAG,
    "caseSensitiveHeader": FLAG,
    "headerCase": FLAG,
    "csvddfVersion": SCALAR,
}
SIGNS = {"delimiter": ",", "quoteChar": '"', "escapeChar": ""}


def check_dialect(resource: Resource) -> Iterator[str]:
    """What the dialect of a table asks for that cannot be."""
    where = f"the dialect of {resource.name}"
    yield from (f"{fault}; mend it" for fault in check_shape(where, resource.dialect, DIALECT))
    for name, value in resource.dialect.items():
        if name not in DIALECT_KEYS:
            offer = offer_nearest(name, DIALECT_KEYS, "write the file without it", likeness=0.8)
            yield f"{where} has {name} {value}, which is not known; {offer}"
    used = [str(resource.dialect.get(name, default)) for name, default in SIGNS.items()]
    if any(count > 1 for sign, count in Counter(used).items() if sign):
        yield f"{where} uses one character in two ways; give each its own"


FIELDS_MATCH = ("exact", "equal", "subset", "superset", "partial")


def check_schema(resource: Resource) -> Iterator[str]:
    """What the schema of a table declares about its columns and keys that cannot be."""
    schema, where = resource.raw["schema"], f"the schema of {resource.name}"
    declared = schema.get("fieldsMatch", "exact")
    match = declared[0] if isinstance(declared, list) and len(declared) == 1 else declared
    if match not in FIELDS_MATCH:
        offer = offer_nearest(str(match), FIELDS_MATCH, f"use one of {', '.join(FIELDS_MATCH)}")
        yield f"fieldsMatch of {resource.name} is {match}; {offer}"
    yield from _check_missing_values(where, schema.get("missingValues"))
    if schema.get("uniqueKeys") == []:
        yield f"uniqueKeys of {resource.name} is empty; name a key or take it out"
    keys = [("primaryKey", resource.primary_key), *(("uniqueKeys", key) for key in resource.unique_keys)]
    for name, key in keys:
        if len(set(key)) < len(key):
            yield f"{name} of {resource.name} names a field twice; name each once"


def _check_missing_values(where: str, declared: Any) -> Iterator[str]:
    values = [item["value"] if isinstance(item, Mapping) else item for item in declared or ()]
    labels = [item["label"] for item in declared or () if isinstance(item, Mapping) and "label" in item]
    for what, found in (("value", values), ("label", labels)):
        if twice := find_repeated(found):
            yield f'missingValues of {where} has the {what} "{twice[0]}" twice; write it once'
    if not all(isinstance(label, str) for label in labels):
        yield f"missingValues of {where} has a label that is not a text; write it as one"
    if len({isinstance(item, Mapping) for item in declared or ()}) > 1:
        yield f"missingValues of {where} mixes texts and objects; write all as one or the other"


def find_repeated(values: Iterable[Any]) -> list[Any]:
    """The values that stand there more than once, which need not be hashable."""
    seen: list[Any] = []
    repeated: list[Any] = []
    for value in values:
        (repeated if value in seen else seen).append(value)
    return repeated


def check_field(resource: Resource, field: Field) -> Iterator[str]:
    """What a field declares by which no cell could be judged."""
    where = f"field {field.name} of {resource.name}"
    if field.type not in TYPES:
        yield f'{where} has the type "{field.type}"; use "{nearest_value(field.type, TYPES) or "string"}"'
        return
    faults = [*_check_format(field), *_check_type_keys(field)]
    yield from (f"{where} has {fault}" for fault in faults)
    yield from _check_missing_values(where, field.raw.get("missingValues"))
    if not faults:
        yield from (f"{where} has {fault}" for fault in _check_constraints(field))
        yield from (f"{where} has {fault}" for fault in _check_categories(field))
        yield from _check_examples(where, field, resource)


def list_idle_formats(resource: Resource) -> Iterator[str]:
    """Formats of types that have none; they are left aside."""
    for field in resource.fields:
        if field.type in TYPES - FORMATS.keys() - MOMENTS and field.format != "default":
            what = f"field {field.name} of {resource.name} has the format {field.format}"
            yield f"{what}, which says nothing about the type {field.type}; take it out"


def _check_format(field: Field) -> Iterator[str]:
    known, form = FORMATS.get(field.type), field.format
    if known and form not in known:
        offer = offer_nearest(form, known, f"use one of {', '.join(known)}")
        yield f'the format "{form}", which the type {field.type} has not; {offer}'
    if field.type not in MOMENTS or form in {"default", "any"}:
        return
    if "%" not in form:
        yield f'the format "{form}", which is no pattern; write one such as %d/%m/%Y'
        return
    try:
        datetime.strptime("", form)
    except re.error:
        yield f'the format "{form}", which names a part twice; name each once'
    except ValueError as error:
        if "directive" in str(error) or "stray" in str(error):
            yield f'the format "{form}", which is no pattern: {error}; mend it'


def _check_type_keys(field: Field) -> Iterator[str]:
    """The properties that change how cells of a type are read."""
    raw = field.raw
    if field.type == "boolean":
        both = set(raw.get("trueValues") or ()) & set(raw.get("falseValues") or ())
        if both:
            yield f'"{min(both)}" both in trueValues and in falseValues; take it out of one'
    if field.type in {"integer", "number"}:
        signs = [
            raw.get("groupChar") or "",
            (raw.get("decimalChar") or ".") if field.type == "number" else "",
        ]
        if any(re.search("[0-9+-]", sign) for sign in signs):
            yield "a groupChar or decimalChar with a digit or a sign in it; use another character"
        if signs[0] and signs[0] == signs[1]:
            yield "the same groupChar and decimalChar; use two characters"
        if field.type == "number" and raw.get("decimalChar") == "":
            yield "an empty decimalChar; name a character, or leave the property out"
    if field.type == "list":
        item = raw.get("itemType", "string")
        if item not in ITEM_TYPES:
            offer = offer_nearest(str(item), ITEM_TYPES, f"use one of {', '.join(ITEM_TYPES)}")
            yield f'the itemType "{item}"; {offer}'
        if not isinstance(raw.get("delimiter", ","), str) or raw.get("delimiter") == "":
            yield "a delimiter that is not one character or more; write it as a text"


def _check_constraints(field: Field) -> Iterator[str]:
    read = read_type(field) if field.constraints.keys() - {"required", "unique"} else str
    for name, value in field.constraints.items():
        if name not in CONSTRAINT_KEYS:
            yield f"the constraint {name}, which is not known; {offer_nearest(name, CONSTRAINT_KEYS)}"
        elif not type_of(field).allows(name):
            yield f"the constraint {name}, which says nothing about the type {field.type}; take it out"
        elif name == "jsonSchema":
            yield from _check_json_schema(value)
        elif name == "enum":
            wrong = [one for one in value if cast_constraint(one, field, read) is None]
            if wrong:
                yield f'"{wrong[0]}" in enum, which is not of type {field.type}; correct it'
            elif twice := find_repeated(cast_constraint(one, field, read) for one in value):
                yield f'"{twice[0]}" twice in enum; write it once'
        elif name.endswith("imum") and cast_constraint(value, field, read) is None:
            yield f'the {name} "{value}", which is not of type {field.type}; correct it'


def _check_json_schema(schema: Any) -> Iterator[str]:
    from jsonschema.exceptions import SchemaError  # a tenth of a second to import, so only when needed

    if not isinstance(schema, Mapping):
        yield "a jsonSchema that is not an object; write one"
        return
    try:
        make_validator(schema).check_schema(schema)
    except (SchemaError, RecursionError) as error:
        message = " ".join(str(getattr(error, "message", error)).split())
        yield f"a jsonSchema that is none: {message}; correct it"


def _check_categories(field: Field) -> Iterator[str]:
    declared = field.raw.get("categories")
    if declared is None:
        if field.raw.get("categoriesOrdered") is not None:
            yield "categoriesOrdered without categories; add them or take it out"
        return
    if not type_of(field).is_categorical:
        yield f"categories, which say nothing about the type {field.type}; use enum"
        return
    kind = int if field.type == "integer" else str
    wrong = [value for value in field.categories if type(value) is not kind]
    labels = [item["label"] for item in declared if isinstance(item, Mapping) and "label" in item]
    if wrong:
        yield f'"{wrong[0]}" in categories, which is not of type {field.type}; correct it'
    if not all(isinstance(label, str) for label in labels):
        yield "a label of a category that is not a text; write it as one"
    for what, found in (("category", field.categories), ("label", labels)):
        if twice := find_repeated(found):
            yield f'the {what} "{twice[0]}" twice; write it once'
    read = read_type(field)
    beyond = [one for one in field.enum if cast_constraint(one, field, read) not in field.categories]
    if beyond and not wrong:
        yield f'"{beyond[0]}" in enum, which is none of the categories; add it there or take it out'


def _check_examples(where: str, field: Field, resource: Resource) -> Iterator[str]:
    """An example is a cell of the field's type; the list of `examples` may hold its values too."""
    read = make_reader(Field({k: v for k, v in field.raw.items() if k != "constraints"}), resource)
    example, listed = field.raw.get("example"), field.raw.get("examples")
    if example is not None and not isinstance(example, str):
        cell = json.dumps(example)
        mend = "write it as a cell has it" if read(cell)[1] else f"write {json.dumps(cell)}"
        yield f"{where} has the example {cell}, which is not a text; {mend}"
    for value in [example] * isinstance(example, str) + (listed if isinstance(listed, list) else []):
        if isinstance(value, str):
            is_wrong = bool(read(value)[1])
        else:
            is_wrong = cast_constraint(value, field, read_type(field)) is None
        if is_wrong:
            yield f'{where} has the example "{value}", which is not of type {field.type}; correct it'


# The code of a notice that publishing repeats: what somebody may take for a table is none.
LEFT_AS_FILES = "descriptor/no-table"
# Names that are less alike are somebody's extensions.
MISSPELT = 0.8


def check_structure(package: Package) -> Iterator[Problem]:
    """Every fault of the descriptor that does not need the data to be seen."""
    path = package.path.name
    yield from _check_keys(path, "the package", package.raw, PACKAGE_KEYS)
    yield from _check_keys(path, "validation", package.raw.get("validation") or {}, VALIDATION_KEYS)
    yield from _check_described(package, "package", "the package", package.raw, PACKAGE)
    yield from _check_keys(path, "publishing", package.raw.get("publishing") or {}, PACKAGE_PUBLISHING_KEYS)
    yield from _check_texts(package)
    if not package.raw["resources"]:
        yield _problem(path, "resources is empty; declare one")
    for name in find_repeated(
        str(raw.get("name")) for raw in (*package.raw["resources"], *_derived(package))
    ):
        yield _problem(path, f"two resources are named {name}; rename one")
    for resource in (*package.resources, *package.derived):
        yield from _check_resource(path, package, resource)
    for number, raw in enumerate(package.raw["resources"], 1):
        where = f"resource {raw['name']}" if "name" in raw else f"resource {number}"
        if "name" not in raw:
            yield _problem(path, f"{where} has no name; give it one")
        if not {"path", "data"} & raw.keys():
            yield _problem(path, f"{where} has neither path nor data; name its file")
        yield from _check_keys(path, where, raw, RESOURCE_KEYS)
        yield from _check_described(package, "resource", where, raw, RESOURCE)
        yield from map(
            partial(_problem, path), (*check_hash(where, raw.get("hash")), *_check_kind(package, raw))
        )
        yield from _check_paths(package, raw)
        if not is_table(raw) and ("schema" in raw or format_of(raw) in DELIMITED):
            lack = f"the format {format_of(raw)}" if "schema" in raw else "no schema"
            message = f"{where} has {lack}, so it is no table; only the zip has it"
            yield Problem(path, 0, message, code=LEFT_AS_FILES, is_notice=True)


def _check_texts(package: Package) -> Iterator[Problem]:
    """Each text about the package is a file below the descriptor; the rest of a site does without it."""
    for text in package.texts:
        try:
            find_file(package.root, text)
        except (OSError, CannotRunError):
            message = f"publishing.texts names {text}, no file below the descriptor; the site is without it"
            yield Problem(package.path.name, 0, message, code="descriptor/no-text", is_notice=True)


def refuse_misdeclared(package: Package) -> None:
    """InvalidPackageError when the descriptor has problems, so that what derives from it would mislead."""
    if problems := [problem for problem in check_structure(package) if not problem.is_notice]:
        raise InvalidPackageError(problems)


def _check_kind(package: Package, raw: Mapping[str, Any]) -> Iterator[str]:
    """A resource is of the kind that it says, and of the one that the profile of its package asks for."""
    where, kind = f"resource {raw.get('name')}", raw.get("type", "table")
    if isinstance(kind, str) and kind not in RESOURCE_TYPES:
        offer = offer_nearest(kind, RESOURCE_TYPES, "use table, or take it out")
        yield f'{where} has the type "{kind}"; {offer}'
    profiles = {"tabular-data-package": package.raw, "tabular-data-resource": raw}
    for profile, owner in profiles.items():
        if profile in str(owner.get("profile")) and not is_table(raw):
            yield f"{where} is no table, which the profile {profile} asks for; give it a schema"


def _derived(package: Package) -> list[Mapping[str, Any]]:
    return [resource.raw for resource in package.derived]


def _check_described(
    package: Package, kind: str, where: str, raw: Mapping[str, Any], shape: Shape
) -> Iterator[Problem]:
    """What is said of a package or a resource for people and programs."""
    path = package.path.name
    yield from map(partial(_problem, path), check_metadata(where, raw, shape))
    yield from check_profile(package, kind, where, raw)
    for name, (noun, _, known) in ITEMS.items():
        for number, item in enumerate(list_items(raw, name), 1):
            yield from _check_keys(path, f"{noun} {number} of {where}", item, known)


def _problem(path: str, message: str) -> Problem:
    return Problem(path, 0, message, code="descriptor/structure")


def _check_keys(path: str, where: str, raw: Mapping[str, Any], known: frozenset[str]) -> Iterator[Problem]:
    # A key that is far from every known one is somebody's extension, which the standard allows.
    for key in raw.keys() - known:
        if not key.isidentifier():
            continue  # such as `title@de`
        nearest = nearest_value(key, known, MISSPELT)
        if nearest and nearest not in raw:
            yield _problem(path, f'{where} has a key "{key}"; did you mean "{nearest}"?')


def _check_resource(path: str, package: Package, resource: Resource) -> Iterator[Problem]:
    name, say = resource.name, partial(_problem, path)
    hints = f"publishing of {name}"
    yield from _check_keys(path, hints, resource.publishing, PUBLISHING_KEYS)
    misshapen = [f"{fault}; correct it" for fault in check_shape(hints, resource.publishing, PUBLISHING)]
    yield from map(say, misshapen)
    if misshapen:
        return
    yield from _check_keys(path, f"schema of {name}", resource.raw["schema"], SCHEMA_KEYS)
    yield from check_profile(package, "schema", f"the schema of {name}", resource.raw["schema"])
    yield from check_profile(package, "dialect", f"the dialect of {name}", resource.dialect)
    faults = list(check_dialect(resource))
    yield from map(say, faults)
    if faults:
        return  # the fields cannot be told from them, nor can the missing values
    yield from _check_fields(path, resource)
    yield from _check_named_fields(path, package, resource)
    yield from map(say, check_schema(resource))
    for message in list_idle_formats(resource):
        yield Problem(path, 0, message, code="descriptor/idle", is_notice=True)


def _check_paths(package: Package, raw: Mapping[str, Any]) -> Iterator[Problem]:
    """The files of a resource lie below the descriptor, and are compressed as is known."""
    path, files = package.path.name, list_paths(raw)
    if "path" in raw and "data" in raw:
        yield _problem(path, f"resource {raw.get('name')} has both path and data; take one out")
    if len({"://" in file for file in files}) > 1:
        yield _problem(
            path, f"resource {raw.get('name')} mixes paths with addresses on the web; use one kind"
        )
        return
    for file in files:
        where = f'resource {raw.get("name")} has the path "{file}"'
        if "://" in file:
            if is_table(raw) and package.fetch is None:
                mend = "download it and name the file, or validate with --allow-remote"
                yield _problem(path, f"{where}, which lies on the web; {mend}")
        elif not is_below(file):
            yield _problem(path, f"{where}; name a file below the descriptor")
        elif leads_out(package.root, file):
            yield _problem(path, f"{where}, a link that leads elsewhere; name a file below the descriptor")
        if is_table(raw) and build_resource(raw).compression_of(file) not in COMPRESSIONS:
            yield _problem(path, f"{where}, compressed; only gzip and zip are known, unpack the file")


def _check_fields(path: str, resource: Resource) -> Iterator[Problem]:
    seen: set[str] = set()
    for field in resource.fields:
        where = f"field {field.name} of {resource.name}"
        if field.name in seen:
            yield _problem(path, f"{where} is declared twice; rename or remove one")
        seen.add(field.name)
        yield from _check_keys(path, where, field.raw, FIELD_KEYS)
        yield from map(partial(_problem, path), check_field(resource, field))
        if field.enum_descriptions and set(field.enum_descriptions) != set(map(str, field.enum)):
            odd = ", ".join(sorted(set(field.enum_descriptions) ^ set(map(str, field.enum))))
            message = f"{where} has enum and enumDescriptions that differ in {odd}"
            yield _problem(path, f"{message}; give each value a meaning")


def _check_named_fields(path: str, package: Package, resource: Resource) -> Iterator[Problem]:
    """Every key and every publishing hint names a field that exists."""
    say = partial(_problem, path)
    yield from map(say, _check_own_names(resource))
    yield from map(say, _check_linked_facets(package, resource))
    for raw in resource.raw["schema"].get("foreignKeys") or ():
        yield from _check_keys(path, f"a foreign key of {resource.name}", raw, FOREIGN_KEY_KEYS)
        yield from _check_keys(path, f"a reference of {resource.name}", raw["reference"], REFERENCE_KEYS)
    for key in resource.foreign_keys:
        yield from map(say, _check_foreign_key(package, resource, key))


def _check_own_names(resource: Resource) -> Iterator[str]:
    own, hints = set(resource.field_names), resource.publishing
    named = [("primaryKey", resource.primary_key), *(("uniqueKeys", key) for key in resource.unique_keys)]
    named += [("foreignKeys", key.fields) for key in resource.foreign_keys]
    named += [(hint, tuple(hints.get(hint, ()))) for hint in ("facets", "search")]
    named += [(hint, (hints[hint],)) for hint in ("label", "sort") if hint in hints]
    for where, names in named:
        for name in set(names) - own:
            message = f'{where} of {resource.name} names "{name}", which is no field of it'
            yield f"{message}; {offer_nearest(name, own)}"


def _check_linked_facets(package: Package, resource: Resource) -> Iterator[str]:
    keys = {other.primary_key[0] for other in package.resources if len(other.primary_key) == 1}
    for name in resource.publishing.get("linkedFacets", ()):
        if name not in keys:
            message = f'linkedFacets of {resource.name} names "{name}", which is the key of no table'
            yield f"{message}; {offer_nearest(name, keys)}"


def _check_foreign_key(package: Package, resource: Resource, key: ForeignKey) -> Iterator[str]:
    where = f"foreignKeys of {resource.name}"
    if key.package:
        message = f"{where} point into the package {key.package}"
        yield f"{message}; copy the table into this one, or take the key out"
        return
    target = package.by_name.get(key.resource)
    if target is None:
        offer = offer_nearest(key.resource, set(package.by_name))
        yield f'{where} names a table "{key.resource}"; {offer}'
        return
    for name, other in zip(key.fields, key.reference_fields, strict=True):
        if other not in target.field_names:
            offer = offer_nearest(other, set(target.field_names))
            yield f'{where} names "{other}", which is no field of {target.name}; {offer}'
        elif name in resource.field_names:
            ours, theirs = resource.field(name), target.field(other)
            if kind_of(ours) != kind_of(theirs):
                message = f"{where} compare {name} of type {ours.type} with {other} of {target.name}"
                yield f"{message} of type {theirs.type}; give both one type"
