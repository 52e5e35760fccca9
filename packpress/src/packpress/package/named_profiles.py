"""Profiles that a descriptor names: those of the standard are known, others are read from files."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from packpress.package.descriptor import Package
from packpress.package.document import read_document
from packpress.package.paths import is_below, leads_out
from packpress.package.profile import DEFINITIONS, PROFILE, is_url
from packpress.problems import CannotRunError, Problem

if TYPE_CHECKING:
    from referencing import Registry

# Returns the errors of a value against a JSON Schema whose references a registry resolves.
Judge = Callable[[Any, "Registry[Any]", Any], list[Any]]

# Profiles of both versions of the standard. A descriptor is checked against them whether it names them or
# not.
ADDRESS = re.compile(
    r"https?://(?:datapackage\.org/profiles/([^/]+)|specs\.frictionlessdata\.io/schemas)/([a-z-]+)\.json#?"
)
VERSIONS = frozenset({"1.0", "2.0", "2.1"})
# Their names, newest first, by the part of our profile that corresponds to them.
NAMES = {
    "package": ("datapackage", "data-package", "tabular-data-package", "fiscal-data-package"),
    "resource": ("dataresource", "data-resource", "tabular-data-resource"),
    "schema": ("tableschema", "table-schema"),
    "dialect": ("tabledialect", "csvdialect", "csv-dialect", "table-dialect"),
}


# Addresses by which profiles refer to a schema of GeoJSON, as Camtrap DP's does for `spatial`.
GEOJSON_ADDRESS = re.compile(
    r"https?://(?:(?:www\.)?json\.schemastore\.org/geojson(?:\.json)?|geojson\.org/schema/GeoJSON\.json)#?"
)


def _require(member: str, *kinds: str) -> dict[str, Any]:
    """A schema by which objects of one of the kinds must have the member."""
    kind = {"properties": {"type": {"enum": [*kinds]}}, "required": ["type"]}
    return {"if": kind, "then": {"required": [member]}}


_SHAPES = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon")
# https://datatracker.ietf.org/doc/html/rfc7946#section-3
GEOJSON = {
    "$schema": PROFILE["$schema"],
    "type": "object",
    "required": ["type"],
    "properties": {
        "type": {"enum": [*_SHAPES, "GeometryCollection", "Feature", "FeatureCollection"]},
        "bbox": {"type": "array", "minItems": 4, "items": {"type": "number"}},
        "coordinates": {"type": "array"},
        # Optional, because null properties are removed when a descriptor is read.
        "geometry": {"$ref": "#"},
        **dict.fromkeys(("geometries", "features"), {"type": "array", "items": {"$ref": "#"}}),
    },
    "allOf": [
        _require("coordinates", *_SHAPES),
        _require("geometries", "GeometryCollection"),
        _require("features", "FeatureCollection"),
    ],
}


def find_kind(named: str) -> str:
    """The kind of descriptor that a standard profile of this address or name is for, or the empty string.

    >>> find_kind("tabular-data-package"), find_kind("https://example.org/profile.json")
    ('package', '')
    """
    match = ADDRESS.fullmatch(named)
    if match and match[1] is not None and match[1] not in VERSIONS:
        return ""
    name = match[2] if match else named
    return next((kind for kind, names in NAMES.items() if name in names), "")


def make_registry() -> "Registry[Any]":
    """A registry that resolves references to the standard's profiles and to GeoJSON, and to nothing else."""
    from referencing import Registry, Resource  # slow to import, so only when a descriptor names a profile
    from referencing.exceptions import NoSuchResource

    def retrieve(address: str) -> Any:
        if kind := find_kind(address):
            return Resource.from_contents(
                {"$schema": PROFILE["$schema"], "definitions": DEFINITIONS, **DEFINITIONS[kind]}
            )
        if GEOJSON_ADDRESS.fullmatch(address):
            return Resource.from_contents(GEOJSON)
        raise NoSuchResource(address)

    return Registry(retrieve=retrieve)  # type: ignore[call-arg]


@dataclass(frozen=True)
class _Part:
    """A part of a descriptor that may name a profile, as written."""

    kind: str
    where: str
    raw: Mapping[str, Any]


def check_named_profiles(package: Package, judge: Judge) -> Iterator[Problem]:
    """Checks that each named profile is known, and that the part fits it when it is a file.

    `judge` returns the errors of a value against a JSON Schema.
    """
    for part in _list_parts(package):
        for name in ("$schema", "profile"):
            value = part.raw.get(name)
            if isinstance(value, str) and not (name == "profile" and "$schema" in part.raw):
                yield from _check(package, part, f"{name} of {part.where}", value, judge)


def list_profile_files(package: Package) -> list[str]:
    """Paths of the profiles that are files, relative to the descriptor."""
    named = {
        str(part.raw.get(name) or "") for part in _list_parts(package) for name in ("$schema", "profile")
    }
    return sorted(
        path
        for path in named
        if path
        and is_below(path)
        and not is_url(path)
        and (package.root / path).is_file()
        and not leads_out(package.root, path)
    )


def _list_parts(package: Package) -> Iterator[_Part]:
    written = package.raw if package.written is None else package.written
    yield _Part("package", "the package", written)
    for number, raw in enumerate(written["resources"], 1):
        yield _Part("resource", f"resource {raw.get('name') or number}", raw)
    for resource in (*package.resources, *package.derived):
        yield _Part("schema", f"the schema of {resource.name}", resource.raw["schema"])
        yield _Part("dialect", f"the dialect of {resource.name}", resource.dialect)


def _check(package: Package, part: _Part, where: str, named: str, judge: Judge) -> Iterator[Problem]:
    if find_kind(named) == part.kind:
        return
    if ADDRESS.fullmatch(named):
        best = f"https://datapackage.org/profiles/2.0/{NAMES[part.kind][0]}.json"
        yield _report(package, f"{where} is {named}, which is not a profile for it; write {best}")
    elif is_url(named) or (package.address and is_below(named) and {"/", "."} & set(named)):
        message = f"{where} is {named}, which is not downloaded; only the standard is checked"
        yield Problem(package.path.name, 0, message, code="descriptor/profile", is_notice=True)
    elif not is_below(named) or not (package.root / named).is_file():
        yield _report(package, f"{where} is {named}, which is neither a profile nor a file; correct it")
    else:
        yield from _check_by_file(package, part, where, named, judge)


def _check_by_file(package: Package, part: _Part, where: str, file: str, judge: Judge) -> Iterator[Problem]:
    from jsonschema.exceptions import SchemaError
    from referencing.exceptions import Unresolvable

    try:
        profile = read_document(package.root / file, schema={})
        faults = judge(profile, make_registry(), part.raw)
    except (CannotRunError, SchemaError, Unresolvable, RecursionError) as error:
        message = " ".join(str(getattr(error, "message", error)).split())
        yield _report(package, f"{where} is {file}, which cannot be used: {message}; correct it")
        return
    for fault in faults:
        place = ".".join(map(str, fault.absolute_path))
        message = " ".join(f"{place + ': ' if place else ''}{fault.message}".split())
        yield _report(package, f"{part.where} does not fit its profile {file}: {message}; correct it")


def _report(package: Package, message: str) -> Problem:
    return Problem(package.path.name, 0, message, code="descriptor/profile")
