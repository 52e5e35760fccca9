"""Profiles that a descriptor names: those of the standard are known, others are read from files."""

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urldefrag, urlsplit

from packpress.package.descriptor import Package
from packpress.package.document import read_document
from packpress.package.paths import find_spelling, has_file, is_below, leads_out
from packpress.package.profile import DEFINITIONS, PROFILE, is_url
from packpress.problems import CannotRunError, Problem

if TYPE_CHECKING:
    from referencing import Registry

# Returns the errors of a value against a JSON Schema whose references a registry resolves. Raises
# CannotRunError when the schema cannot be used.
Judge = Callable[[Any, "Registry[Any]", Any], list[Any]]

# Profiles of both versions of the standard, at all addresses at which they have been published: besides
# those of version 2, `specs.` (version 1), `schemas.` (before version 1), and their repositories. A
# descriptor is checked against them whether it names them or not.
ADDRESS = re.compile(
    r"https?://(?:"
    r"(?:www\.)?datapackage\.org/profiles/(?P<version>[^/]+)"
    r"|(?:(?:specs|www)\.)?frictionlessdata\.io/schemas"
    r"|schemas\.(?:frictionlessdata\.io|datapackages\.org)"
    r"|raw\.githubusercontent\.com/frictionlessdata/(?:datapackage|specs)/(?:refs/\w+/)?[^/]+"
    r"/(?:schemas|(?:public/)?profiles(?:/target)?(?:/[12]\.[01])?)"
    r"|raw\.githubusercontent\.com/frictionlessdata/schemas/(?:refs/\w+/)?[^/]+"
    r")/(?P<name>[a-z-]+)\.json#?"
)
VERSIONS = frozenset({"1.0", "2.0", "2.1"})
# Their names, newest first, by the part of our profile that corresponds to them.
NAMES = {
    "package": ("datapackage", "data-package", "tabular-data-package", "fiscal-data-package"),
    "resource": ("dataresource", "data-resource", "tabular-data-resource"),
    "schema": ("tableschema", "table-schema", "json-table-schema"),
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
    if match and match["version"] is not None and match["version"] not in VERSIONS:
        return ""
    name = match["name"] if match else named
    return next((kind for kind, names in NAMES.items() if name in names), "")


def make_registry(files: Mapping[str, Any] | None = None) -> "Registry[Any]":
    """A registry that resolves references to the standard's profiles, to GeoJSON, and to schemas in files.

    `files` has the schemas by their addresses; nothing else is available.
    """
    from referencing import Registry, Resource  # slow to import, so only when a descriptor names a profile
    from referencing.exceptions import NoSuchResource
    from referencing.jsonschema import DRAFT202012

    def retrieve(address: str) -> Any:
        if kind := find_kind(address):
            return Resource.from_contents(
                {"$schema": PROFILE["$schema"], "definitions": DEFINITIONS, **DEFINITIONS[kind]}
            )
        if GEOJSON_ADDRESS.fullmatch(address):
            return Resource.from_contents(GEOJSON)
        raise NoSuchResource(address)

    registry: Registry[Any] = Registry(retrieve=retrieve)  # type: ignore[call-arg]
    return registry.with_resources(
        (address, Resource.from_contents(schema, default_specification=DRAFT202012))
        for address, schema in (files or {}).items()
    )


# The folder of the package as an address, by which profiles in files are known to each other.
FOLDER = "file:///package/"


def read_profile_files(root: Path, path: str) -> dict[str, Any]:
    """The profile in a file and all schemas in files that it refers to, by their paths.

    References to files are relative to the file that contains them, and are returned as addresses below
    FOLDER. Raises CannotRunError when a file is missing or no JSON Schema, or a reference leads out of the
    package's folder.

    >>> folder = Path("fleet")
    >>> _ = (folder / "own.json").write_text('{"allOf": [{"$ref": "title.json#/short"}]}')
    >>> _ = (folder / "title.json").write_text('{"short": {"maxLength": 9}}')
    >>> read_profile_files(folder, "own.json")["own.json"]
    {'allOf': [{'$ref': 'file:///package/title.json#/short'}]}
    """
    found: dict[str, Any] = {}
    waiting = {path: ""}
    while waiting:
        path, owner = waiting.popitem()
        found[path] = _locate_references(root, path, _read_schema(root, path, owner))
        waiting |= {other: path for other in list_files_referred_to(found[path]) if other not in found}
    return found


def _read_schema(root: Path, path: str, owner: str) -> Any:
    """The JSON Schema in a file, to which the file `owner` refers."""
    if owner and not has_file(root, path):
        raise CannotRunError(f"{owner} refers to {path}, which is not a file")
    schema = read_document(root / path, path, schema={})
    if not isinstance(schema, Mapping | bool):
        raise CannotRunError(f"{path} is not a JSON Schema, which is an object")
    return schema


def _locate_references(root: Path, path: str, part: Any) -> Any:
    """A part of a schema with addresses below FOLDER in its references to files."""
    if isinstance(part, list):
        return [_locate_references(root, path, item) for item in part]
    if not isinstance(part, Mapping):
        return part
    return {
        name: _locate_reference(root, path, item)
        if name == "$ref" and isinstance(item, str)
        else item
        if name in {"enum", "examples"} and isinstance(item, list)  # values, not schemas
        else _locate_references(root, path, item)
        for name, item in part.items()
    }


def _locate_reference(root: Path, path: str, reference: str) -> str:
    named, fragment = urldefrag(reference)
    if not named or urlsplit(named).scheme not in {"", "file"}:
        return reference
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(named)))
    if not is_below(target) or leads_out(root, target) or urlsplit(named).scheme:
        raise CannotRunError(f"{path} refers to {named}, which is not below the descriptor")
    return f"{FOLDER}{quote(target)}#{fragment}"


def list_files_referred_to(part: Any) -> Iterator[str]:
    """The paths of the files that a schema refers to, by addresses below FOLDER.

    >>> list(list_files_referred_to({"anyOf": [{"$ref": f"{FOLDER}own.json#/a"}, {"$ref": "#/b"}]}))
    ['own.json']
    """
    if isinstance(part, list):
        for item in part:
            yield from list_files_referred_to(item)
    elif isinstance(part, Mapping):
        reference = part.get("$ref")
        if isinstance(reference, str) and reference.startswith(FOLDER):
            yield unquote(urldefrag(reference)[0].removeprefix(FOLDER))
        for item in part.values():
            yield from list_files_referred_to(item)


@dataclass(frozen=True)
class _Part:
    """A part of a descriptor that may name a profile, as written."""

    kind: str
    where: str
    raw: Mapping[str, Any]


def check_named_profiles(package: Package, judge: Judge) -> Iterator[Problem]:
    """Checks that each named profile is known, and that the part fits it when it is a file."""
    for part in _list_parts(package):
        for name in ("$schema", "profile"):
            value = part.raw.get(name)
            if isinstance(value, str) and not (name == "profile" and "$schema" in part.raw):
                yield from _check(package, part, f"{name} of {part.where}", value, judge)


def list_profile_files(package: Package) -> list[str]:
    """Paths of the profiles in files, and of the files that they refer to, relative to the descriptor."""
    named = {
        str(part.raw.get(name) or "") for part in _list_parts(package) for name in ("$schema", "profile")
    }
    return sorted(
        {
            file
            for path in named
            if not is_url(path) and has_file(package.root, path)
            for file in read_profile_files(package.root, path)
        }
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
    elif not has_file(package.root, named):
        meant = find_spelling(package.root, named)
        mend = f'write "{meant}"' if meant else "correct it"
        yield _report(package, f"{where} is {named}, which is neither a profile nor a file; {mend}")
    else:
        yield from _check_by_file(package, part, where, named, judge)


def _check_by_file(package: Package, part: _Part, where: str, file: str, judge: Judge) -> Iterator[Problem]:
    try:
        files = read_profile_files(package.root, file)
        registry = make_registry({f"{FOLDER}{quote(path)}": schema for path, schema in files.items()})
        faults = judge(files[file], registry, part.raw)
    except CannotRunError as error:
        mend = "" if "; " in str(error) else "; correct it"
        yield _report(package, f"{where} is {file}, which cannot be used: {error}{mend}")
        return
    for fault in faults:
        place = ".".join(map(str, fault.absolute_path))
        message = " ".join(f"{place + ': ' if place else ''}{fault.message}".split())
        yield _report(package, f"{part.where} does not fit its profile {file}: {message}; correct it")


def _report(package: Package, message: str) -> Problem:
    return Problem(package.path.name, 0, message, code="descriptor/profile")
