"""The zip of a build: the package itself, so that whoever has it can validate and build it again."""

import hashlib
import json
import re
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from packpress.package.descriptor import Package
from packpress.package.dictionary import FIELDS
from packpress.package.remote import is_below
from packpress.package.resource import ListedResource, Resource
from packpress.problems import CannotRunError
from packpress.publish.values import Content

SUMS = "SHA256SUMS"


def hash_file(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_sums(folder: Path) -> None:
    """Writes `SHA256SUMS` over every file of the folder, in order of their paths."""
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    lines = [f"{hash_file(folder / name)}  {name}\n" for name in files if name != SUMS]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8", newline="\n")


EDITIONS = {
    "full": "This edition carries every word that the tables hold, and the documents.",
    "quotes": "This edition leaves out the running text of the documents; the quotes are there.",
    "none": "This edition leaves out every field that holds a source's own words.",
}
LOADING = """\
## Loading

`datapackage.json` declares types, keys and meanings. `frictionless validate datapackage.json` checks
the package against it. In Python, for example:

    import pandas
    pandas.read_csv("{path}", dtype="string", keep_default_na=False, na_values=[""])
"""
FILES = """\
## Which file

None of the first six needs a program of ours.

- `{name}.xlsx`: a workbook for Excel, LibreOffice and others. A sheet for each table; what the package is
  stands on the first, what each column and each value means on the last ones.
- `csv/`: a file for each table, UTF-8 with commas. In Excel take Data, From Text/CSV, and Text as the type
  of each column, so that nothing is made a date.
- `{database}.db`: all tables with their keys, views and search in one SQLite database, for DB Browser for
  SQLite, DBeaver or the `sqlite3` shell. What each column means stands in its table `{dictionary}`.
- `parquet/`: a typed file for each table, for R, Julia, DuckDB, Spark and pandas.
- `{name}-{version}.zip`: a Data Package, that is the CSV with a descriptor of types, keys and meanings.
- `checks.sql`: every key and constraint as a query that finds the rows which break it.
- `NOTES.md`: what is new.
- `site.json`: what `packpress serve` shows of the package beside its rows.
- `SHA256SUMS`: shows whether all of it arrived whole: `sha256sum -c SHA256SUMS`; on a Mac
  `shasum -a 256 -c SHA256SUMS`; on Windows `certutil -hashfile FILE SHA256`, to be compared by eye.
- `LOGICAL_SHA256`: a hash of the rows of each table, whatever the format.
"""


def write_readme(package: Package, contents: Iterable[Content]) -> str:
    """The text in Markdown, all of it from the descriptor; who read and what it is not for stands there."""
    lines = [*_introduce(package), "## Tables", ""]
    for content in contents:
        name, title = content.resource.name, content.resource.title
        lines.append(f"- `data/{name}.csv`: {title}, {len(content):,} rows")
    return "\n".join(lines) + "\n\n" + LOADING.format(path=f"data/{package.resources[0].name}.csv")


def write_guide(package: Package) -> str:
    """The text in Markdown for whoever has the folder of a build and wonders which file to open."""
    files = FILES.format(
        name=package.name,
        database=package.database_name,
        version=package.version,
        dictionary=FIELDS.name,
    )
    return "\n".join([*_introduce(package), files])


def _introduce(package: Package) -> list[str]:
    lines = [f"# {package.title}", "", f"Version {package.version}.", ""]
    lines += [package.description, ""] if package.description else []
    if edition := describe_edition(package):
        lines += [edition, ""]
    if licences := describe_licences(package):
        lines += [f"Licence: {licences}", ""]
    return lines


def describe_edition(package: Package) -> str:
    """How many of the sources' own words there are; nothing for a package that has none in any edition."""
    if not any(field.verbatim for resource in package.by_name.values() for field in resource.fields):
        return ""
    return f"{EDITIONS[package.edition]} No licence of ours covers a source's own words."


def describe_licences(package: Package) -> str:
    """The licences of the package in one line; nothing when it declares none."""
    licences = [
        f"{item.get('title') or item.get('name') or ''} {item.get('path', '')}".strip()
        for item in package.licenses
    ]
    terms = "Files and rows that name their own terms have those."
    return f"{'; '.join(licences)}. {terms}" if licences else ""


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
    files = [resource for resource in package.listed if not resource.is_table]
    for resource in files:
        for name in _local_paths(resource):
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
    of_tables = (licence for resource in package.listed for licence in resource.licenses)
    paths = {str(licence.get("path") or "") for licence in (*package.licenses, *of_tables)}
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


def _local_paths(resource: ListedResource) -> list[str]:
    """The paths of a resource without a schema, those of the web left out."""
    return [path for path in resource.paths if "://" not in path]


def _describe_package(
    package: Package,
    contents: Iterable[Content],
    files: Iterable[ListedResource],
    entries: Mapping[str, Entry],
) -> Raw:
    tables = [_describe_table(content, package, entries) for content in contents]
    others = [_describe_file(resource, entries) for resource in files]
    return package.described(**dict.fromkeys(NOT_CARRIED), resources=tables + others)


def _describe_table(content: Content, package: Package, entries: Mapping[str, Entry]) -> Raw:
    resource = content.resource
    path = f"data/{resource.name}.csv"
    # A derived table says by none of its own that it is a table; what the declared ones say holds for it too.
    first = package.resources[0].described()
    kind = {name: first[name] for name in first if name in {"type", "profile"}}
    raw = resource.described(**dict.fromkeys(OF_SOURCE_FILE))
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
        field.described(missingValues=list(resource.missing_values_of(field)))
        if field.has_own_missing_values
        else field.described()
        for field in resource.fields
    ]
    schema: Raw = resource.described()["schema"]
    return schema | {"fields": fields, "missingValues": list(resource.missing_values)}


def _describe_file(resource: ListedResource, entries: Mapping[str, Entry]) -> Raw:
    paths, raw = _local_paths(resource), resource.described()
    is_one = len(paths) == 1 and isinstance(raw["path"], str)
    return raw | _fingerprint(entries[paths[0]]) if is_one else raw


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
