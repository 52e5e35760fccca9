"""The package: what its descriptor declares, as frozen objects from which everything else is derived."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packpress.package.argument import FoundDescriptor, TemporaryFolder, find_descriptor
from packpress.package.document import read_document
from packpress.package.paths import find_file, find_spelling, is_below, offer_path, resolve_path
from packpress.package.profile import DEFINITIONS, Fault, UnknownKey, find_faults, find_unknown_keys
from packpress.package.resource import (
    Fetch,
    ForeignKey,
    ListedResource,
    Resource,
    build_resource,
    change,
    is_table,
    keep_no_quote,
    list_open_questions,
)
from packpress.problems import CannotRunError, shorten_value
from packpress.transaction import finish_replacement

if TYPE_CHECKING:  # slow to import, so only when something is downloaded
    from packpress.package.remote import Downloads

DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
# The values of `verbatim` that each edition leaves out.
LEFT_OUT: dict[str, frozenset[str]] = {
    "full": frozenset(),
    "quotes": frozenset({"document"}),
    "none": frozenset({"document", "quote"}),
}


@dataclass(frozen=True)
class Package:
    """A package as its descriptor declares it, with paths relative to the folder of the descriptor.

    - `path`: the path of the descriptor.
    - `raw`: the descriptor, with schemas and dialects in place of references to them.
    - `resources`: the tables, in the order of the descriptor.
    - `derived`: the tables that a build computes.

    The properties return empty strings and empty tuples for what is not declared. Code outside
    `packpress.package` uses them, not `raw`; `described` returns the descriptor to publish.

    >>> from packpress import read_package
    >>> package = read_package("fleet")
    >>> package.title, package.version
    ('A small fleet', '1.0.0')
    >>> package.by_name["voyages"].field_names
    ('voyage_id', 'boat_id', 'port', 'landed', 'catch_kg', 'remarks')
    """

    path: Path
    raw: Mapping[str, Any]
    resources: tuple[Resource, ...]
    derived: tuple[Resource, ...]
    fetch: Fetch | None = None
    # The descriptor before references to schemas and dialects were resolved.
    written: Mapping[str, Any] | None = None
    # Keeps the files alive if they come from a zip or from the web.
    unpacked: TemporaryFolder | None = None
    # The web address at which the descriptor was found, if it was downloaded.
    address: str = ""
    # Folders with the packages that foreign keys point into, and whether these must be there.
    package_folders: tuple[Path, ...] = ()
    requires_packages: bool = False

    @cached_property
    def listed(self) -> tuple[ListedResource, ...]:
        """Everything listed under `resources`, in that order: tables and other files."""
        tables = iter(self.resources)
        return tuple(
            next(tables) if is_table(item) else ListedResource(item) for item in self.raw["resources"]
        )

    def described(self, **changes: Any) -> dict[str, Any]:
        """The descriptor with some properties replaced; None removes a property.

        >>> from packpress import read_package
        >>> package = read_package("fleet")
        >>> package.described(title=None, version="1.0.1", resources=[])
        {'name': 'fleet', 'version': '1.0.1', 'resources': []}
        """
        return change(self.raw, changes)

    def replaced(self, **changes: Any) -> "Package":
        """The package with some properties of its descriptor replaced; None removes a property.

        >>> from packpress import read_package
        >>> read_package("fleet").replaced(version="1.0.1").version
        '1.0.1'
        """
        made = build_package(self.path, self.described(**changes), self.fetch)
        return replace(self, raw=made.raw, resources=made.resources, derived=made.derived, written=None)

    def beside(self, folders: Iterable[Path], is_required: bool = False) -> "Package":
        """The package with folders in which the packages are found that its foreign keys point into."""
        beside = replace(self, package_folders=tuple(folders), requires_packages=is_required)
        vars(beside)["faults"] = self.faults
        return beside

    def without_rules(self) -> "Package":
        """The package without rules of its own: those of an extension, and SQL checks."""
        if not (self.rule_set or self.checks):
            return self
        kept = change(self._validation, {"rules": None, "checks": None})
        return self.replaced(validation=kept or None)

    def with_any_files(self) -> "Package":
        """The package without the request that every file beside its tables is named."""
        kept = change(self._validation, {"otherFiles": None})
        return self if self.other_files is None else self.replaced(validation=kept or None)

    @cached_property
    def faults(self) -> tuple[Fault, ...]:
        """Where the descriptor does not fit the profile."""
        return tuple(find_faults(self.raw))

    def list_unknown_keys(self) -> list[UnknownKey]:
        """The properties that the profile does not know at their places."""
        return find_unknown_keys(self.raw)

    @property
    def root(self) -> Path:
        """The folder of the descriptor."""
        return self.path.parent

    @property
    def name(self) -> str:
        """The name of the package; `package` when none is declared."""
        return str(self.raw.get("name") or "package")

    @property
    def id(self) -> str:
        """The identifier of the package, such as a DOI; or the empty string."""
        return str(self.raw.get("id") or "")

    @property
    def doi(self) -> str:
        """The DOI that the identifier is, without the address of a resolver; or the empty string.

        >>> from packpress import read_package
        >>> read_package("fleet").replaced(id="https://doi.org/10.5555/fleet").doi
        '10.5555/fleet'
        """
        match = DOI.fullmatch(self.id)
        return match[1] if match else ""

    @property
    def declared_version(self) -> str:
        """The version of the data as it is told to readers; the empty string when none is declared."""
        return str(self.raw.get("version") or "")

    @property
    def version(self) -> str:
        """The version of the data, for names of files; `0` when none is declared."""
        return self.declared_version or "0"

    @property
    def database_name(self) -> str:
        """The name of the database: the package's name with `_` for `-`, which would need quoting in SQL."""
        return self.name.replace("-", "_")

    @property
    def title(self) -> str:
        """The title; the name when no title is declared."""
        return str(self.raw.get("title") or self.name)

    @property
    def titled_version(self) -> str:
        """The title, with the version if one is declared.

        >>> from packpress import read_package
        >>> package = read_package("fleet")
        >>> package.titled_version, package.replaced(version="").titled_version
        ('A small fleet, version 1.0.0', 'A small fleet')
        """
        return f"{self.title}, version {self.declared_version}" if self.declared_version else self.title

    @property
    def description(self) -> str:
        """The description of the package, or the empty string."""
        return str(self.raw.get("description") or "")

    @property
    def created(self) -> str:
        """The date, or date and time, at which the data were created, as declared; or the empty string."""
        return str(self.raw.get("created") or "")

    @property
    def homepage(self) -> str:
        """The address of the package's home page, or the empty string."""
        return str(self.raw.get("homepage") or "")

    @property
    def repository(self) -> str:
        """The address of the source repository, declared as npm does; or the empty string. Our extension."""
        declared = self.raw.get("repository")
        return str((declared.get("url") if isinstance(declared, Mapping) else declared) or "")

    @property
    def edition(self) -> str:
        """How much of the fields marked verbatim is included: `full` unless a build says otherwise."""
        return str(self.raw.get("edition") or "full")

    @property
    def left_out(self) -> frozenset[str]:
        """The values of `verbatim` whose fields this edition leaves out; none for an unknown edition."""
        return LEFT_OUT.get(self.edition, frozenset())

    @property
    def keywords(self) -> tuple[str, ...]:
        """The keywords of the package."""
        return tuple(map(str, self.raw.get("keywords") or ()))

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages of the data as BCP 47 tags, the main one first. Our extension."""
        return tuple(map(str, self.raw.get("languages") or ()))

    @property
    def responsible_ai(self) -> dict[str, str | list[str]]:
        """How the data came about and what they are not good for, by property of Croissant. Our extension."""
        declared = self.raw.get("responsibleAI")
        return dict(declared) if isinstance(declared, Mapping) else {}

    @property
    def has_copied_text(self) -> bool:
        """Whether the tables or files hold text copied from a source, as far as this edition includes it."""
        kinds = {field.verbatim for resource in self.by_name.values() for field in resource.fields}
        kinds |= {item.verbatim for item in self.listed}
        return bool(kinds - self.left_out - {""})

    @property
    def licenses(self) -> tuple[Mapping[str, Any], ...]:
        """The licences of the package, each with some of `name`, `path` and `title`."""
        return tuple(self.raw.get("licenses") or ())

    @property
    def contributors(self) -> tuple[Mapping[str, Any], ...]:
        """The contributors, each as the standard defines them."""
        return tuple(self.raw.get("contributors") or ())

    @property
    def sources(self) -> tuple[Mapping[str, Any], ...]:
        """The sources of the data, each with some of `title`, `path` and `email`."""
        return tuple(self.raw.get("sources") or ())

    @property
    def profile(self) -> str:
        """The profile that the package names, or the empty string."""
        return str(self.raw.get("profile") or "")

    @property
    def rule_set(self) -> str:
        """The name of the extension whose rules the package asks for, or the empty string."""
        return str(self._validation.get("rules") or "")

    @property
    def register(self) -> str:
        """The name of the table that registers withdrawn rows, or the empty string."""
        return str(self._validation.get("register") or "")

    @property
    def checks(self) -> tuple[str, ...]:
        """Paths of SQL checks, which may be patterns. Our extension."""
        return tuple(map(str, self._validation.get("checks") or ()))

    @property
    def is_strict(self) -> bool:
        """Whether findings of the linter are problems rather than notices."""
        return bool(self._validation.get("lint") == "strict")

    @property
    def other_files(self) -> tuple[str, ...] | None:
        """Glob patterns of files that may lie next to those of tables; None when any may."""
        allowed = self._validation.get("otherFiles")
        return None if allowed is None else tuple(allowed)

    @property
    def _validation(self) -> Mapping[str, Any]:
        return self.raw.get("validation") or {}

    @property
    def open_questions(self) -> tuple[str, ...]:
        """What is still doubtful about the package as a whole. Our extension."""
        return list_open_questions(self.raw)

    @property
    def texts(self) -> tuple[str, ...]:
        """Paths of the Markdown texts that the site shows, the main one first."""
        texts = (self.raw.get("publishing") or {}).get("texts")
        return tuple(map(str, texts)) if isinstance(texts, list) else ()

    @property
    def set_aside(self) -> dict[str, int]:
        """How many rows of each table were left out because they are invalid, as a build wrote it."""
        declared = self.raw.get("setAside")
        return dict(declared) if isinstance(declared, Mapping) else {}

    def describe_set_aside(self, *tables: str) -> str:
        """How many rows were left out of some or all tables because they are invalid; empty when none were.

        >>> from packpress import read_package
        >>> read_package("fleet").replaced(setAside={"boats": 1, "voyages": 2}).describe_set_aside()
        'Left out because they are invalid: 1 row of boats, 2 rows of voyages.'
        """
        counts = [
            f"{count:,} row{'s' * (count != 1)} of {name}"
            for name, count in self.set_aside.items()
            if not tables or name in tables
        ]
        return f"Left out because they are invalid: {', '.join(counts)}." if counts else ""

    @property
    def prefixes(self) -> dict[str, str]:
        """The address that each prefix of a code stands for."""
        declared = self.raw.get("prefixes")
        pairs = declared.items() if isinstance(declared, Mapping) else ()
        return {str(name): str(address) for name, address in pairs}

    @cached_property
    def by_name(self) -> dict[str, Resource]:
        """Declared and derived tables by name."""
        return {resource.name: resource for resource in (*self.resources, *self.derived)}

    def linked_fields(self, resource: Resource) -> frozenset[str]:
        """The fields of a table that take part in foreign keys, as source or as target.

        >>> from packpress import read_package
        >>> package = read_package("fleet")
        >>> sorted(package.linked_fields(package.by_name["boats"]))
        ['boat_id']
        """
        own = [key.fields for key in resource.foreign_keys]
        others = [
            key.reference_fields
            for other in self.by_name.values()
            for key in other.foreign_keys
            if key.resource == resource.name
        ]
        return frozenset(name for names in own + others for name in names)


def read_descriptor(named: str | Path, downloads: "Downloads | None" = None) -> Package:
    """The package that a descriptor declares.

    - `named`: a JSON or YAML descriptor, a folder or zip that contains one, `-` for standard input, or the
      web address of a descriptor or zip.
    - `downloads`: downloads what is on the web; without it, references to the web are refused.

    An import that was interrupted while it replaced tables is completed first, so that nobody reads half of
    it. Raises CannotRunError when the descriptor cannot be read or its structure is unusable.

    >>> package = read_descriptor(Path("fleet"))
    >>> package.path.as_posix(), len(package.resources)
    ('fleet/datapackage.json', 2)
    """
    found = find_descriptor(named, downloads)
    fetch = downloads.fetch if downloads else None
    path, where = found.path, found.name
    finish_replacement(path.parent)
    raw = read_document(path, where)
    if not isinstance(raw, Mapping) or not isinstance(raw.get("resources"), list):
        raise CannotRunError(f"{where}: {_describe_stranger(raw)}")
    resources = [
        _resolve(found, item, fetch) if isinstance(item, Mapping) else item for item in raw["resources"]
    ]
    written = drop_nulls(raw)
    # Most packages refer to no other files, so what is read is what is written.
    raw = written if resources == raw["resources"] else drop_nulls({**raw, "resources": resources})
    faults = tuple(find_faults(raw))
    for fault in faults:
        if fault.is_grave:
            mend = "correct the descriptor" if fault.mend in {"correct it", "add it"} else fault.mend
            raise CannotRunError(f"{where}: {fault.message}; {mend}")
    package = build_package(path, raw, fetch)
    package = replace(package, written=written, unpacked=found.folder, address=found.base)
    # Fills the cached property, so that a descriptor is checked only once.
    vars(package)["faults"] = faults
    return package


def _describe_stranger(raw: Any) -> str:
    """What a document is that is not the descriptor of a package, and what to do about it."""
    names = raw.keys() if isinstance(raw, Mapping) else frozenset()
    if "resources" not in names and "fields" in names:
        return "a table schema, not a data package; name it as the schema of a resource in a datapackage.json"
    if "resources" not in names and names & {"path", "data"}:
        return "a resource, not a data package; write it into the list resources of a datapackage.json"
    return "not a data package: it needs a list named resources; name the descriptor of a data package"


def _resolve(found: FoundDescriptor, resource: Mapping[str, Any], fetch: Fetch | None) -> Mapping[str, Any]:
    """The resource with its schema and its dialect in place of references to them."""
    resolved = dict(resource)
    if not resolved.keys() & {"path", "data"} and "url" in resolved:
        resolved["path"] = resolved.pop("url")  # the standard's name for it before version 1.0
    if found.base:
        resolved |= _resolve_on_web(resolved, found.base)
    for name in ("schema", "dialect"):
        place = resolved.get(name)
        if not isinstance(place, str):
            continue
        where = f"{found.name}: {name} of resource {resource.get('name')} is {shorten_value(place)}"
        if "://" in place:
            if fetch is None:
                hint = "download it and name the file, or allow it with --allow-remote"
                raise CannotRunError(f"{where}, which is on the web; {hint}")
            resolved[name] = read_document(fetch(place), place, DEFINITIONS[name])
            continue
        if not is_below(place):
            raise CannotRunError(f"{where}{offer_path(found.path.parent, place)}")
        try:
            resolved[name] = _read_part(found.path.parent, place, name)
        except OSError:
            meant = find_spelling(found.path.parent, place)
            mend = f'write "{meant}"' if meant else f"restore it or write the {name} in its place"
            raise CannotRunError(f"{where}, which is not a file; {mend}") from None
    if isinstance(resolved.get("dialect"), Mapping):
        resolved["dialect"] = keep_no_quote(resolved["dialect"])
    return resolved


def _resolve_on_web(resource: Mapping[str, Any], base: str) -> dict[str, Any]:
    """The properties that name files below a descriptor on the web, with addresses in place of paths."""

    def resolve(place: Any) -> Any:
        if isinstance(place, list):
            return list(map(resolve, place))
        is_relative = isinstance(place, str) and "://" not in place and is_below(place)
        return resolve_path(base, place) if is_relative else place

    return {name: resolve(resource[name]) for name in ("path", "schema", "dialect") if name in resource}


def _read_part(root: Path, place: str, name: str) -> Any:
    return read_document(find_file(root, place), schema=DEFINITIONS[name])


def drop_nulls(value: Any) -> Any:
    """The document without null properties, which many tools write for values they do not have.

    >>> drop_nulls({"name": "fleet", "title": None, "resources": [{"path": None}]})
    {'name': 'fleet', 'resources': [{}]}
    """
    if isinstance(value, dict):
        return {
            name: item if name == "data" else drop_nulls(item)
            for name, item in value.items()
            if item is not None
        }
    return [drop_nulls(item) for item in value] if isinstance(value, list) else value


def build_package(path: Path, raw: Mapping[str, Any], fetch: Fetch | None = None) -> Package:
    """The package of a descriptor that is already parsed.

    Raises KeyError or TypeError when the descriptor does not have the structure of a package.

    >>> build_package(Path("datapackage.json"), {"name": "fleet", "resources": []}).database_name
    'fleet'
    """
    return Package(
        path,
        raw,
        _tell_keys_of_lists([build_resource(item, fetch) for item in raw["resources"] if is_table(item)]),
        tuple(build_resource(item) for item in raw.get("derived") or ()),
        fetch,
    )


def _tell_keys_of_lists(resources: list[Resource]) -> tuple[Resource, ...]:
    """The tables, whose foreign keys know whether they point to lists."""
    lists = {resource.name: resource.list_fields for resource in resources}
    if not any(lists.values()):
        return tuple(resources)

    def tell(key: ForeignKey) -> ForeignKey:
        here = frozenset() if key.package else lists.get(key.resource, frozenset())
        return replace(key, is_of_lists=bool(here.intersection(key.reference_fields)))

    return tuple(
        replace(resource, declared_keys=tuple(map(tell, resource.declared_keys))) for resource in resources
    )
