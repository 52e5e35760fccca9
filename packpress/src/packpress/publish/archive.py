"""The zip of a build: the package itself, so that whoever has it can validate and build it again."""

import hashlib
import json
import posixpath
import re
import shutil
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any

from packpress.package.descriptor import Package
from packpress.package.dictionary import FIELDS
from packpress.package.named_profiles import list_profile_files
from packpress.package.remote import is_below
from packpress.package.resource import ListedResource
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


def write_readme(package: Package, contents: Iterable[Content], paths: Mapping[str, str]) -> str:
    """The text in Markdown, all of it from the descriptor; who read and what it is not for stands there.

    `paths` are those of the tables, by name.
    """
    lines = [*_introduce(package), "## Tables", ""]
    for content in contents:
        name, title = content.resource.name, content.resource.title
        lines.append(f"- `{paths[name]}`: {title}, {len(content):,} rows")
    return "\n".join(lines) + "\n\n" + LOADING.format(path=paths[package.resources[0].name])


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


CREATED = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d))?")
EARLIEST = (1980, 1, 1, 0, 0, 0)

# Derived tables are tables like others there, and texts for a site are not carried.
NOT_CARRIED = frozenset({"derived", "publishing"})

Raw = dict[str, Any]


# What an entry holds: bytes, or the file that holds them.
Entry = bytes | Path


class Entries:
    """What a zip holds, by path; no two paths are one where capitals do not count, none is a folder too."""

    def __init__(self) -> None:
        self.by_path: dict[str, Entry] = {}
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def is_free(self, path: str) -> bool:
        """Whether an entry may have that path."""
        key, *folders = _fold_path(path)
        return not (key in self._files | self._folders or self._files & {*folders})

    def add(self, path: str, entry: Entry) -> str:
        """Adds an entry under the path, or a similar one that is free; which one it is."""
        parts = PurePosixPath(posixpath.normpath(path)).parts
        free = ""
        for place, part in enumerate(parts):
            free = self._find_free(posixpath.join(free, part), is_folder=place < len(parts) - 1)
        self.by_path[free] = entry
        key, *folders = _fold_path(free)
        self._files.add(key)
        self._folders.update(folders)
        return free

    def _find_free(self, path: str, is_folder: bool) -> str:
        """The path, with a number where it is taken; several entries may share a folder."""
        taken = self._files if is_folder else self._files | self._folders
        stem, suffix = (path, "") if is_folder else posixpath.splitext(path)
        free = path
        for number in count(2):
            if _fold_path(free)[0] not in taken:
                break
            free = f"{stem}-{number}{suffix}"
        return free


def _fold_path(path: str) -> list[str]:
    """What tells a path from others on every system, then the same of the folders that it lies in."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
    parts = PurePosixPath(posixpath.normpath(folded)).parts
    return ["/".join(parts[:length]) for length in range(len(parts), 0, -1)]


DESCRIPTOR, README = "datapackage.json", "README.md"


def write_archive(
    path: Path, package: Package, contents: list[Content], csv_files: Mapping[str, Path]
) -> None:
    """Writes the zip; the same bytes for the same package, entries in order of their names.

    Files that the package lists keep their paths; what is written here gives way to them, but for the
    descriptor.
    """
    entries = Entries()
    entries.add(DESCRIPTOR, b"")  # until all else has its path
    for name in (*list_profile_files(package), *list_licences(package)):
        if entries.is_free(name):
            entries.add(name, _read_file(package.root, name))
    files = [resource for resource in package.listed if not resource.is_table]
    listed = {posixpath.normpath(path): path for resource in files for path in _local_paths(resource)}
    carried = {}
    for name, local in listed.items():
        is_there = name in entries.by_path and name != DESCRIPTOR  # as a licence or a profile
        carried[name] = name if is_there else entries.add(name, _read_file(package.root, local))
    tables = {name: entries.add(f"data/{name}.csv", file) for name, file in csv_files.items()}
    descriptor = package.described(
        **dict.fromkeys(NOT_CARRIED),
        resources=[
            *(_describe_table(content, package, tables, entries.by_path) for content in contents),
            *(_describe_file(resource, carried, entries.by_path) for resource in files),
        ],
    )
    written = json.dumps(descriptor, ensure_ascii=False, indent=2) + "\n"
    entries.by_path[DESCRIPTOR] = written.encode("utf-8")
    if entries.is_free(README):
        entries.add(README, write_readme(package, contents, tables).encode("utf-8"))
    _zip(path, entries.by_path, date_package(package))


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


def _describe_table(
    content: Content, package: Package, paths: Mapping[str, str], entries: Mapping[str, Entry]
) -> Raw:
    resource = content.resource
    path = paths[resource.name]
    # A derived table says by none of its own that it is a table; what the declared ones say holds for it too.
    first = package.resources[0].described()
    kind = {name: first[name] for name in first if name in {"type", "profile"}}
    facts = {**_fingerprint(entries[path]), "rowCount": len(content)}
    return {"name": resource.name} | kind | resource.published(path, **facts)


def _describe_file(resource: ListedResource, paths: Mapping[str, str], entries: Mapping[str, Entry]) -> Raw:
    local, raw = _local_paths(resource), resource.described()
    if not local:
        return raw
    carried = [paths[posixpath.normpath(path)] for path in local]
    # As they are written, where they stayed.
    written = [
        new if new != posixpath.normpath(old) else old for old, new in zip(local, carried, strict=True)
    ]
    is_one = isinstance(raw["path"], str)
    raw["path"] = written[0] if is_one else written
    return raw | _fingerprint(entries[carried[0]]) if len(local) == 1 and is_one else raw


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


def make_entry(name: str, timestamp: tuple[int, int, int, int, int, int]) -> zipfile.ZipInfo:
    """An entry of a zip that is the same on every system."""
    info = zipfile.ZipInfo(name, timestamp)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system, info.external_attr = 3, 0o644 << 16
    return info


def _zip(path: Path, entries: Mapping[str, Entry], timestamp: tuple[int, int, int, int, int, int]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(entries):
            info, entry = make_entry(name, timestamp), entries[name]
            if isinstance(entry, bytes):
                archive.writestr(info, entry)
                continue
            is_large = entry.stat().st_size >= 1 << 31
            with entry.open("rb") as source, archive.open(info, "w", force_zip64=is_large) as target:
                shutil.copyfileobj(source, target, 1 << 20)
