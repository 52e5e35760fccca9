"""The zip: a complete Data Package whose descriptor counts and hashes what it carries."""

import hashlib
import json
import re
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from packpress.package.descriptor import Package, is_below
from packpress.package.formats import is_table, list_paths
from packpress.package.resource import Resource
from packpress.problems import CannotRunError
from packpress.publish.content import Content
from packpress.publish.readme import write_readme
from packpress.publish.sums import hash_file

# What a resource says of its source file; the published one has the standard's defaults.
OF_SOURCE_FILE = frozenset({"data", "dialect", "compression", "bytes", "hash", "rowCount"})
CREATED = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d))?")
EARLIEST = (1980, 1, 1, 0, 0, 0)

# Derived tables are tables like others there, and texts for a site are not carried.
NOT_CARRIED = frozenset({"derived", "publishing"})

Raw = dict[str, Any]


# What an entry holds: bytes, or the file that holds them.
Entry = bytes | Path


def write_archive(
    path: Path, package: Package, contents: list[Content], csv_files: Mapping[str, Path]
) -> None:
    """Writes the zip; the same bytes for the same package, entries in order of their names."""
    entries: dict[str, Entry] = {f"data/{name}.csv": file for name, file in csv_files.items()}
    files = [raw for raw in package.raw["resources"] if not is_table(raw)]
    for raw in files:
        for name in _local_paths(raw):
            entries[name] = _read_file(package.root, name)
    descriptor = _describe_package(package, contents, files, entries)
    entries["datapackage.json"] = (json.dumps(descriptor, ensure_ascii=False, indent=2) + "\n").encode(
        "utf-8"
    )
    entries["README.md"] = write_readme(package, contents).encode("utf-8")
    for name in list_licences(package):
        entries.setdefault(name, _read_file(package.root, name))
    _zip(path, entries, date_package(package))


def list_licences(package: Package) -> list[str]:
    """The paths of the licences, of the package or a table, that are files beside the descriptor."""
    holders = (package.raw, *package.raw["resources"])
    paths = {str(item.get("path") or "") for holder in holders for item in holder.get("licenses") or ()}
    root = package.root.resolve()
    # A link may lead anywhere.
    return sorted(
        path
        for path in paths
        if is_below(path) and (root / path).is_file() and (root / path).resolve().is_relative_to(root)
    )


def _read_file(root: Path, path: str) -> bytes:
    try:
        return (root / path).read_bytes()
    except OSError as error:
        raise CannotRunError(f"{path}: cannot be read: {error.strerror}; restore it") from None


def _local_paths(raw: Mapping[str, Any]) -> list[str]:
    """The paths of a resource without a schema, those of the web left out."""
    return [path for path in list_paths(raw) if "://" not in path]


def _describe_package(
    package: Package, contents: Iterable[Content], files: Iterable[Raw], entries: Mapping[str, Entry]
) -> Raw:
    tables = [_describe_table(content, package, entries) for content in contents]
    others = [_describe_file(raw, entries) for raw in files]
    raw = {name: value for name, value in package.raw.items() if name not in NOT_CARRIED}
    return raw | {"resources": tables + others}


def _describe_table(content: Content, package: Package, entries: Mapping[str, Entry]) -> Raw:
    resource = content.resource
    path = f"data/{resource.name}.csv"
    # A derived table says by none of its own that it is a table; what the declared ones say holds for it too.
    kind = {name: value for name, value in package.resources[0].raw.items() if name in {"type", "profile"}}
    raw = {name: value for name, value in resource.raw.items() if name not in OF_SOURCE_FILE}
    if "nullSequence" in resource.dialect:
        raw["schema"] = _declare_missing(resource)
    facts = {"path": path, "format": "csv", "mediatype": "text/csv", "encoding": "utf-8"}
    return (
        {"name": resource.name}
        | kind
        | raw
        | facts
        | _fingerprint(entries[path])
        | {"rowCount": len(content)}
    )


def _declare_missing(resource: Resource) -> Raw:
    """The schema with all missing values in it, also the one of the dialect, which is not published."""
    fields = [
        dict(field.raw) | {"missingValues": list(resource.missing_values_of(field))}
        if "missingValues" in field.raw
        else dict(field.raw)
        for field in resource.fields
    ]
    return dict(resource.raw["schema"]) | {"fields": fields, "missingValues": list(resource.missing_values)}


def _describe_file(raw: Raw, entries: Mapping[str, Entry]) -> Raw:
    paths = _local_paths(raw)
    return dict(raw) | (
        _fingerprint(entries[paths[0]]) if len(paths) == 1 and isinstance(raw["path"], str) else {}
    )


def _fingerprint(entry: Entry) -> Raw:
    if isinstance(entry, Path):
        return {"bytes": entry.stat().st_size, "hash": f"sha256:{hash_file(entry)}"}
    return {"bytes": len(entry), "hash": f"sha256:{hashlib.sha256(entry).hexdigest()}"}


def date_package(package: Package) -> tuple[int, int, int, int, int, int]:
    """The date of the descriptor as written there; the earliest that a zip can hold when there is none."""
    match = CREATED.match(package.created)
    if not match or not 1980 <= int(match[1]) <= 2107:
        return EARLIEST
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    return year, month, day, hour, minute, second


def _zip(path: Path, entries: Mapping[str, Entry], timestamp: tuple[int, int, int, int, int, int]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(entries):
            info, entry = zipfile.ZipInfo(name, timestamp), entries[name]
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system, info.external_attr = 3, 0o644 << 16
            if isinstance(entry, bytes):
                archive.writestr(info, entry)
                continue
            is_large = entry.stat().st_size >= 1 << 31
            with entry.open("rb") as source, archive.open(info, "w", force_zip64=is_large) as target:
                shutil.copyfileobj(source, target, 1 << 20)
