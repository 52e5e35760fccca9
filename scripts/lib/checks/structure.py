"""Checks of the descriptor itself: misspelt keys, keys that name no field, enumerations without meanings."""

from collections.abc import Iterator, Mapping
from typing import Any

from scripts.lib.checks.vocabulary import (
    CONSTRAINT_KEYS,
    DIALECT_DEFAULTS,
    DIALECT_KEYS,
    FIELD_KEYS,
    PACKAGE_KEYS,
    PUBLISHING_KEYS,
    RESOURCE_KEYS,
    SCHEMA_KEYS,
    TYPES,
    VALIDATION_KEYS,
)
from scripts.lib.descriptor import Package, is_below
from scripts.lib.formats import DELIMITED, format_of, is_table
from scripts.lib.nearest import nearest_value
from scripts.lib.parts import COMPRESSIONS
from scripts.lib.problems import InvalidPackageError, Problem
from scripts.lib.resource import Resource, build_resource

# The code of a notice that publishing repeats: what somebody may take for a table is none.
LEFT_AS_FILES = "descriptor/no-table"
# Names that are less alike are somebody's extensions.
MISSPELT = 0.8


def check_structure(package: Package) -> Iterator[Problem]:
    """Every fault of the descriptor that does not need the data to be seen."""
    path = package.path.name
    yield from _check_keys(path, "the package", package.raw, PACKAGE_KEYS)
    yield from _check_keys(path, "validation", package.raw.get("validation") or {}, VALIDATION_KEYS)
    seen: set[str] = set()
    for resource in (*package.resources, *package.derived):
        if resource.name in seen:
            yield _problem(path, f"two tables are named {resource.name}; rename one")
        seen.add(resource.name)
        yield from _check_resource(path, package, resource)
    for raw in package.raw["resources"]:
        yield from _check_paths(path, raw)
        if not is_table(raw) and ("schema" in raw or format_of(raw) in DELIMITED):
            lack = f"the format {format_of(raw)}" if "schema" in raw else "no schema"
            message = f"resource {raw.get('name')} has {lack}, so it is no table; only the zip has it"
            yield Problem(path, 0, message, code=LEFT_AS_FILES, is_notice=True)


def refuse_misdeclared(package: Package) -> None:
    """InvalidPackageError when the descriptor has problems, so that what derives from it would mislead."""
    if problems := [problem for problem in check_structure(package) if not problem.is_notice]:
        raise InvalidPackageError(problems)


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
    name = resource.name
    yield from _check_keys(path, f"resource {name}", resource.raw, RESOURCE_KEYS)
    yield from _check_keys(path, f"publishing of {name}", resource.publishing, PUBLISHING_KEYS)
    yield from _check_keys(path, f"schema of {name}", resource.raw["schema"], SCHEMA_KEYS)
    yield from _check_fields(path, resource)
    yield from _check_named_fields(path, package, resource)
    yield from _check_dialect(path, resource)
    match = resource.raw["schema"].get("fieldsMatch", "exact")
    if match not in ("exact", ["exact"]):
        yield _problem(path, f"fieldsMatch of {name} is {match}; only exact is known, declare every column")


def _check_paths(path: str, raw: Mapping[str, Any]) -> Iterator[Problem]:
    """The files of a resource lie below the descriptor, and are compressed as is known."""
    files = raw.get("path") or ()
    for file in (files,) if isinstance(files, str) else files:
        where = f'resource {raw.get("name")} has the path "{file}"'
        if "://" in file:
            if is_table(raw):
                yield _problem(path, f"{where}, which lies on the web; download it and name the file")
        elif not is_below(file):
            yield _problem(path, f"{where}; name a file below the descriptor")
        elif is_table(raw) and build_resource(raw).compression_of(file) not in COMPRESSIONS:
            yield _problem(path, f"{where}, compressed; only gzip and zip are known, unpack the file")


def _check_dialect(path: str, resource: Resource) -> Iterator[Problem]:
    """The dialect asks for nothing that is not known here."""
    for name, value in resource.dialect.items():
        if name not in DIALECT_KEYS and value != DIALECT_DEFAULTS.get(name):
            message = f"the dialect of {resource.name} has {name} {value}, which is not known"
            yield _problem(path, f"{message}; write the file without it")


def _check_fields(path: str, resource: Resource) -> Iterator[Problem]:
    seen: set[str] = set()
    for field in resource.fields:
        where = f"field {field.name} of {resource.name}"
        if field.name in seen:
            yield _problem(path, f"{where} is declared twice; rename or remove one")
        seen.add(field.name)
        yield from _check_keys(path, where, field.raw, FIELD_KEYS)
        yield from _check_keys(path, f"constraints of {where}", field.constraints, CONSTRAINT_KEYS)
        if field.type not in TYPES:
            mend = nearest_value(field.type, TYPES) or "string"
            yield _problem(path, f'{where} has the type "{field.type}"; use "{mend}"')
        if field.enum_descriptions and set(field.enum_descriptions) != set(map(str, field.enum)):
            odd = ", ".join(sorted(set(field.enum_descriptions) ^ set(map(str, field.enum))))
            message = f"{where} has enum and enumDescriptions that differ in {odd}"
            yield _problem(path, f"{message}; give each value a meaning")


def _check_named_fields(path: str, package: Package, resource: Resource) -> Iterator[Problem]:
    """Every key and every publishing hint names a field that exists."""
    own = set(resource.field_names)
    hints = resource.publishing
    named = [("primaryKey", resource.primary_key), *(("uniqueKeys", key) for key in resource.unique_keys)]
    named += [("foreignKeys", key.fields) for key in resource.foreign_keys]
    named += [(hint, tuple(hints.get(hint, ()))) for hint in ("facets", "search")]
    named += [(hint, (hints[hint],)) for hint in ("label", "sort") if hint in hints]
    for where, names in named:
        for name in names:
            if name not in own:
                message = f'{where} of {resource.name} names "{name}", which is no field of it'
                yield _problem(path, f"{message}; {_offer(name, own)}")
    keys = {other.primary_key[0] for other in package.resources if len(other.primary_key) == 1}
    for name in hints.get("linkedFacets", ()):
        if name not in keys:
            message = f'linkedFacets of {resource.name} names "{name}", which is the key of no table'
            yield _problem(path, f"{message}; {_offer(name, keys)}")
    for key in resource.foreign_keys:
        where = f"foreignKeys of {resource.name}"
        if key.package:
            message = f"{where} point into the package {key.package}"
            yield _problem(path, f"{message}; copy the table into this one, or take the key out")
            continue
        target = package.by_name.get(key.resource)
        if target is None:
            offer = _offer(key.resource, set(package.by_name))
            yield _problem(path, f'{where} names a table "{key.resource}"; {offer}')
            continue
        for name in key.reference_fields:
            if name not in target.field_names:
                offer = _offer(name, set(target.field_names))
                yield _problem(path, f'{where} names "{name}", which is no field of {target.name}; {offer}')


def _offer(name: str, allowed: set[str]) -> str:
    nearest = nearest_value(name, allowed)
    return f'did you mean "{nearest}"?' if nearest else "correct it or take it out"
