"""The descriptor: what `datapackage.json` declares, as frozen objects that everything else derives from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from packpress.package.argument import FoundDescriptor, TemporaryFolder, find_descriptor
from packpress.package.document import read_document
from packpress.package.profile import DEFINITIONS, Fault, UnknownKey, find_faults, find_unknown_keys
from packpress.package.remote import Downloads, find_file, is_below, offer_path, resolve_path
from packpress.package.resource import (
    Fetch,
    ListedResource,
    Resource,
    build_resource,
    change,
    is_table,
    keep_no_quote,
)
from packpress.problems import CannotRunError
from packpress.transaction import finish_replacement


@dataclass(frozen=True)
class Package:
    """The whole descriptor, and the folder that its paths are relative to.

    Nobody else reads the descriptor itself: what is asked of it is a property here, and `described` renders
    it, changed or as it is, for whatever is published.
    """

    path: Path
    raw: Mapping[str, Any]
    resources: tuple[Resource, ...]
    derived: tuple[Resource, ...]
    fetch: Fetch | None = None
    # The descriptor before schemas and dialects came in the place of their addresses.
    written: Mapping[str, Any] | None = None
    # What the files live as long as, where they come out of a zip or from the web.
    unpacked: TemporaryFolder | None = None
    # Where the descriptor was found, if that was on the web.
    address: str = ""

    @cached_property
    def listed(self) -> tuple[ListedResource, ...]:
        """All that is listed under resources, in that order: tables, and other files."""
        tables = iter(self.resources)
        return tuple(
            next(tables) if is_table(item) else ListedResource(item) for item in self.raw["resources"]
        )

    def described(self, **changes: Any) -> dict[str, Any]:
        """The descriptor with other properties; one that becomes None is left out."""
        return change(self.raw, changes)

    def replaced(self, **changes: Any) -> "Package":
        """The package with other properties; one that becomes None is left out."""
        made = build_package(self.path, self.described(**changes), self.fetch)
        return replace(made, unpacked=self.unpacked, address=self.address)

    def without_rules(self) -> "Package":
        """The package as one that asks to be held to no rules of an extension."""
        return self.replaced(validation=change(self._validation, {"rules": None})) if self.rule_set else self

    @cached_property
    def faults(self) -> tuple[Fault, ...]:
        """Where the descriptor has another shape than the profile gives it."""
        return tuple(find_faults(self.raw))

    def list_unknown_keys(self) -> list[UnknownKey]:
        """Properties that the profile does not have where they stand."""
        return find_unknown_keys(self.raw)

    @property
    def root(self) -> Path:
        """Folder that the descriptor stands in."""
        return self.path.parent

    @property
    def name(self) -> str:
        """Name of the package; `package` when none is declared."""
        return str(self.raw.get("name") or "package")

    @property
    def version(self) -> str:
        """Version of the data; `0` when none is declared."""
        return str(self.raw.get("version") or "0")

    @property
    def database_name(self) -> str:
        """Name of the database, in which `-` would be awkward, so that it becomes `_`."""
        return self.name.replace("-", "_")

    @property
    def title(self) -> str:
        """Name for people; the name of the package when no title is declared."""
        return str(self.raw.get("title") or self.name)

    @property
    def description(self) -> str:
        """What the package holds, or nothing."""
        return str(self.raw.get("description") or "")

    @property
    def created(self) -> str:
        """Date or date and time of the data as declared, or nothing."""
        return str(self.raw.get("created") or "")

    @property
    def homepage(self) -> str:
        """Where the package is at home on the web, or nothing."""
        return str(self.raw.get("homepage") or "")

    @property
    def repository(self) -> str:
        """Where the package is worked on, an extension of ours, written as npm has it; or nothing."""
        declared = self.raw.get("repository")
        return str((declared.get("url") if isinstance(declared, Mapping) else declared) or "")

    @property
    def edition(self) -> str:
        """How much of the fields marked verbatim the package holds: `full` unless a build says otherwise."""
        return str(self.raw.get("edition") or "full")

    @property
    def keywords(self) -> tuple[str, ...]:
        """Words by which the package is found."""
        return tuple(map(str, self.raw.get("keywords") or ()))

    @property
    def licenses(self) -> tuple[Mapping[str, Any], ...]:
        """The licences of the package, each with some of name, path and title."""
        return tuple(self.raw.get("licenses") or ())

    @property
    def contributors(self) -> tuple[Mapping[str, Any], ...]:
        """Who made the package, each as the standard describes a contributor."""
        return tuple(self.raw.get("contributors") or ())

    @property
    def sources(self) -> tuple[Mapping[str, Any], ...]:
        """What the package was made from, each with some of title, path and e-mail."""
        return tuple(self.raw.get("sources") or ())

    @property
    def profile(self) -> str:
        """The profile that the package names, or nothing."""
        return str(self.raw.get("profile") or "")

    @property
    def rule_set(self) -> str:
        """Name of the set of further rules that the package asks to be held to, or nothing."""
        return str(self._validation.get("rules") or "")

    @property
    def register(self) -> str:
        """Name of the table that lists withdrawn rows, or nothing."""
        return str(self._validation.get("register") or "")

    @property
    def is_strict(self) -> bool:
        """Whether what misleads a reader is a problem, as the package declares, or only a notice."""
        return bool(self._validation.get("lint") == "strict")

    @property
    def other_files(self) -> tuple[str, ...] | None:
        """Patterns of files that may lie beside those of tables; None when any may."""
        allowed = self._validation.get("otherFiles")
        return None if allowed is None else tuple(allowed)

    @property
    def _validation(self) -> Mapping[str, Any]:
        return self.raw.get("validation") or {}

    @property
    def texts(self) -> tuple[str, ...]:
        """Paths of the texts about the package, in Markdown, that its site shows; the first of them leads."""
        texts = (self.raw.get("publishing") or {}).get("texts")
        return tuple(map(str, texts)) if isinstance(texts, list) else ()

    @cached_property
    def by_name(self) -> dict[str, Resource]:
        """Declared and derived tables by name."""
        return {resource.name: resource for resource in (*self.resources, *self.derived)}


def read_descriptor(path: Path, downloads: Downloads | None = None) -> Package:
    """The package that a descriptor declares; CannotRunError when its shape cannot be read at all.

    The path may be that of a descriptor of JSON or YAML, of the folder or the zip that holds one, `-` for
    standard input, or an address. What lies on the web is brought by `downloads`, and refused without. An
    import that was killed while it replaced tables is finished first, so that nobody reads half of it.
    """
    found = find_descriptor(path, downloads)
    fetch = downloads.fetch if downloads else None
    path, where = found.path, found.name
    finish_replacement(path.parent)
    raw = read_document(path, where)
    if not isinstance(raw, Mapping) or not isinstance(raw.get("resources"), list):
        raise CannotRunError(f"{where}: no data package: it needs a list named resources")
    resources = [
        _resolve(found, item, fetch) if isinstance(item, Mapping) else item for item in raw["resources"]
    ]
    written, raw = drop_nulls(raw), drop_nulls({**raw, "resources": resources})
    faults = tuple(find_faults(raw))
    for fault in faults:
        if fault.is_grave:
            mend = "mend the descriptor" if fault.mend in {"mend it", "add it"} else fault.mend
            raise CannotRunError(f"{where}: {fault.message}; {mend}")
    package = build_package(path, raw, fetch)
    package = replace(package, written=written, unpacked=found.folder, address=found.base)
    # The property's answer, so that a descriptor is judged once.
    vars(package)["faults"] = faults
    return package


def _resolve(found: FoundDescriptor, resource: Mapping[str, Any], fetch: Fetch | None) -> Mapping[str, Any]:
    """The resource with its schema and its dialect in the place of their addresses."""
    resolved = dict(resource)
    if not resolved.keys() & {"path", "data"} and "url" in resolved:
        resolved["path"] = resolved.pop("url")  # as the standard had it before its first version
    if found.base:
        resolved |= _resolve_on_web(resolved, found.base)
    for name in ("schema", "dialect"):
        place = resolved.get(name)
        if not isinstance(place, str):
            continue
        where = f"{found.name}: {name} of resource {resource.get('name')} is {place}"
        if "://" in place:
            if fetch is None:
                raise CannotRunError(f"{where}, which lies on the web; download it and name the file")
            resolved[name] = read_document(fetch(place), place, DEFINITIONS[name])
            continue
        if not is_below(place):
            raise CannotRunError(f"{where}{offer_path(found.path.parent, place)}")
        try:
            resolved[name] = _read_part(found.path.parent, place, name)
        except (FileNotFoundError, NotADirectoryError):
            raise CannotRunError(
                f"{where}, which is no file; restore it or write the {name} in its place"
            ) from None
    if isinstance(resolved.get("dialect"), Mapping):
        resolved["dialect"] = keep_no_quote(resolved["dialect"])
    return resolved


def _resolve_on_web(resource: Mapping[str, Any], base: str) -> dict[str, Any]:
    """What names files below a descriptor on the web, with their addresses instead."""

    def resolve(place: Any) -> Any:
        if isinstance(place, list):
            return list(map(resolve, place))
        is_relative = isinstance(place, str) and "://" not in place and is_below(place)
        return resolve_path(base, place) if is_relative else place

    return {name: resolve(resource[name]) for name in ("path", "schema", "dialect") if name in resource}


def _read_part(root: Path, place: str, name: str) -> Any:
    return read_document(find_file(root, place), schema=DEFINITIONS[name])


def drop_nulls(value: Any) -> Any:
    """The document without properties that are null, which many tools write for what they have not."""
    if isinstance(value, Mapping):
        return {
            name: item if name == "data" else drop_nulls(item)
            for name, item in value.items()
            if item is not None
        }
    return [drop_nulls(item) for item in value] if isinstance(value, list) else value


def build_package(path: Path, raw: Mapping[str, Any], fetch: Fetch | None = None) -> Package:
    """The package of an already parsed descriptor; KeyError or TypeError when its shape is not one."""
    return Package(
        path,
        raw,
        tuple(build_resource(item, fetch) for item in raw["resources"] if is_table(item)),
        tuple(build_resource(item) for item in raw.get("derived") or ()),
        fetch,
    )
