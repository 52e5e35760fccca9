"""Checks of the descriptor itself: misspelt keys, keys that name no field, enumerations without meanings."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from packpress.checks.declarations import check_field, check_schema, list_idle_formats
from packpress.checks.dialects import check_dialect
from packpress.checks.integrity import check_hash
from packpress.checks.declarations import find_repeated
from packpress.checks.metadata import check_metadata, check_profile, ITEMS, list_items
from packpress.package.descriptor import Package, is_below
from packpress.package.formats import DELIMITED, format_of, is_table, list_paths
from packpress.package.paths import find_file, leads_out
from packpress.package.resource import ForeignKey, Resource, build_resource
from packpress.package.shape import PUBLISHING, Shape, check_shape
from packpress.package.vocabulary import (
    FIELD_KEYS,
    FOREIGN_KEY_KEYS,
    PACKAGE_KEYS,
    PACKAGE_PUBLISHING_KEYS,
    PUBLISHING_KEYS,
    REFERENCE_KEYS,
    RESOURCE_KEYS,
    RESOURCE_TYPES,
    SCHEMA_KEYS,
    VALIDATION_KEYS,
)
from packpress.problems import CannotRunError, InvalidPackageError, Problem
from packpress.similar import nearest_value, offer_nearest
from packpress.tables.fast.keyvalues import kind_of
from packpress.tables.parts import COMPRESSIONS

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
