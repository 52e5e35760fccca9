"""Checks of what a descriptor says about itself: its profile, its people, its sources, its licences."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from packpress.package.descriptor import Package, is_below, read_json
from packpress.package.shape import COUNT, OBJECTS, TEXT, TEXTS, Shape, Test, check_shape
from packpress.package.vocabulary import CONTRIBUTOR_KEYS, LICENCE_KEYS, SOURCE_KEYS
from packpress.problems import CannotRunError, Problem
from packpress.tables.constraints import make_validator

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
        isinstance(value, str) and "://" not in value and bool(value) and is_below(value)
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
            yield _profile_problem(package, f"{name} of {where} is {value}, which is no profile for it; write {best}")
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
