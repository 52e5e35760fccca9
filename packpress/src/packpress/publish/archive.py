"""The zip of a build, which is itself a Data Package, and the README, guide and checksums around it."""

import hashlib
import json
import posixpath
import re
import shutil
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from packpress.package.descriptor import Package
from packpress.package.dictionary import FIELDS
from packpress.package.exports import read_annotations, read_bibliography, read_mapping_set
from packpress.package.named_profiles import list_profile_files
from packpress.package.paths import has_file
from packpress.package.resource import ListedResource
from packpress.package.sql_checks import list_check_files
from packpress.problems import CannotRunError
from packpress.tables.values import Content

SUMS = "SHA256SUMS"


def hash_file(path: Path) -> str:
    """The SHA-256 hash of a file, as 64 hexadecimal digits.

    >>> _ = Path("boats.csv").write_bytes(b"boat_id")
    >>> hash_file(Path("boats.csv"))
    'd82bebe5137c76b4481c2f2e20d5c006879d97c7af48319041e02a732626ecb9'
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_sums(folder: Path) -> None:
    """Writes `SHA256SUMS` with the hash of every file in the folder, sorted by path.

    >>> Path("out").mkdir()
    >>> _ = Path("out/boats.csv").write_bytes(b"boat_id")
    >>> write_sums(Path("out"))
    >>> Path("out/SHA256SUMS").read_text().split()[1]
    'boats.csv'
    """
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    lines = [f"{hash_file(folder / name)}  {name}\n" for name in files if name != SUMS]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8", newline="\n")


EDITIONS = {
    "full": "This edition contains the full text of the tables and the documents.",
    "quotes": "This edition leaves out the running text of the documents, but keeps the quotes.",
    "none": "This edition leaves out every field with text copied from a source.",
}
LOADING = """\
## Loading

`datapackage.json` declares types, keys and meanings. `frictionless validate datapackage.json` checks
the package against it. In Python, for example:

    import pandas
    pandas.read_csv("{path}", dtype="string", keep_default_na=False, na_values=[""])
"""
FILES = """\
## Which file to use

The first six can be used without packpress.

- `{name}.xlsx`: a workbook for Excel, LibreOffice and others, with a sheet for each table. The first sheet
  describes the package, the last ones describe the columns and values.
- `csv/`: a CSV file for each table, in UTF-8 with commas. In Excel, use Data, From Text/CSV, and set the type
  of each column to Text, so that nothing is converted to a date.
- `{database}.db`: all tables in one SQLite database, with keys, views and full-text search, for DB Browser
  for SQLite, DBeaver or the `sqlite3` shell. The table `{dictionary}` describes the columns.
- `parquet/`: a typed file for each table, for R, Julia, DuckDB, Spark and pandas. With its `README.md`,
  the folder is a data set for Hugging Face.
- `{name}-{version}.zip`: a Data Package: the CSV files with a descriptor of types, keys and meanings.{wheel}
- `CITATION.cff`: whom and what to cite, for reference managers and repositories.
- `datacite.json`: the same, and the rights, as repositories ask for when data are deposited.
- `croissant.json`: the Parquet files as loaders for machine learning read them, and how the data came about.
{exports}- `checks.sql`: every type, constraint and key as a query that finds the rows violating it.
- `checks-spark.sql`: the same for Apache Spark.
- `NOTES.md`: what is new.
- `site.json`: what `packpress serve` needs besides the rows.
- `SHA256SUMS`: checksums of all files. Check them with `sha256sum -c SHA256SUMS`, on a Mac with
  `shasum -a 256 -c SHA256SUMS`; on Windows, compare the output of `certutil -hashfile FILE SHA256`.
- `LOGICAL_SHA256`: a hash of the rows of each table, independent of the format.
"""


def write_readme(package: Package, contents: Iterable[Content], paths: Mapping[str, str]) -> str:
    """The README of the zip in Markdown, written from the descriptor alone.

    `paths` are the paths of the tables in the zip, by name.

    >>> from packpress import read_package
    >>> print(write_readme(read_package("fleet"), [], {"boats": "boats.csv"}).splitlines()[0])
    # A small fleet
    """
    lines = [*introduce(package), "## Tables", ""]
    for content in contents:
        name, title = content.resource.name, content.resource.title
        lines.append(f"- `{paths[name]}`: {title}, {len(content):,} rows")
    return "\n".join(lines) + "\n\n" + LOADING.format(path=paths[package.resources[0].name])


WHEEL = "\n- `{wheel}`: a Python package: after `pip install`, each table is a pandas data frame."


def write_guide(package: Package, wheel: str = "") -> str:
    """The guide to the files of a release in Markdown, for readers who wonder which one to open.

    `wheel` is the name of the wheel, if there is one.
    """
    files = FILES.format(
        name=package.name,
        database=package.database_name,
        version=package.version,
        dictionary=FIELDS.name,
        wheel=WHEEL.format(wheel=wheel) if wheel else "",
        exports="".join(_list_exports(package)),
    )
    return "\n".join([*introduce(package), files])


def _list_exports(package: Package) -> Iterator[str]:
    """What the files are that tables are exported as, a line for each."""
    tables = package.by_name.values()
    if any(map(read_bibliography, tables)):
        yield "- `bibliography/`: works to cite, as CSL-JSON, BibTeX and RIS.\n"
    for table in tables:
        if read_mapping_set(table):
            yield f"- `{table.name}.sssom.tsv`: codes of terminologies for rows, as SSSOM.\n"
        if read_annotations(table):
            yield f"- `{table.name}.jsonld`: places in documents, as Web Annotations.\n"


def introduce(package: Package) -> list[str]:
    """The lines with which a text about the package begins: title, version, description, edition, licence.

    >>> from packpress import read_package
    >>> introduce(read_package("fleet"))[:4]
    ['# A small fleet', '', 'Version 1.0.0.', '']
    """
    lines = [f"# {package.title}", ""]
    lines += [f"Version {package.declared_version}.", ""] if package.declared_version else []
    lines += [package.description, ""] if package.description else []
    if edition := describe_edition(package):
        lines += [edition, ""]
    if set_aside := package.describe_set_aside():
        lines += [set_aside, ""]
    if licences := describe_licences(package):
        lines += [f"Licence: {licences}", ""]
    return lines


def describe_edition(package: Package) -> str:
    """How much of the sources' own text the edition contains; empty when the package has no such fields."""
    if not any(field.verbatim for resource in package.by_name.values() for field in resource.fields):
        return ""
    return f"{EDITIONS[package.edition]} Our licences do not cover text copied from sources."


def describe_licences(package: Package) -> str:
    """The licences of the package on one line; empty when it declares none.

    >>> from packpress import read_package
    >>> describe_licences(read_package("fleet").replaced(licenses=[{"name": "CC0-1.0"}]))
    'CC0-1.0. Files and rows that state their own terms are subject to those.'
    """
    licences = [
        f"{item.get('title') or item.get('name') or ''} {item.get('path', '')}".strip()
        for item in package.licenses
    ]
    terms = "Files and rows that state their own terms are subject to those."
    return f"{'; '.join(licences)}. {terms}" if licences else ""


CREATED = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d))?")
EARLIEST = (1980, 1, 1, 0, 0, 0)

# Derived tables become ordinary resources in the zip, and the site's texts are not included.
NOT_CARRIED = frozenset({"derived", "publishing"})

Raw = dict[str, Any]


# The contents of an entry: bytes, or a file that holds them.
Entry = bytes | Path


class Entries:
    """The entries of a zip, by path. Paths must differ in more than case, and no path is also a folder."""

    def __init__(self) -> None:
        self.by_path: dict[str, Entry] = {}
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def is_free(self, path: str) -> bool:
        """Whether a path is free for a new entry."""
        key, *folders = _fold_path(path)
        return not (key in self._files | self._folders or self._files & {*folders})

    def add(self, path: str, entry: Entry) -> str:
        """Adds an entry under a path, or a similar free one, and returns the path."""
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
        """The path, with a number added if it is taken; several entries may share a folder."""
        taken = self._files if is_folder else self._files | self._folders
        stem, suffix = (path, "") if is_folder else posixpath.splitext(path)
        free = path
        for number in count(2):
            if _fold_path(free)[0] not in taken:
                break
            free = f"{stem}-{number}{suffix}"
        return free


def _fold_path(path: str) -> list[str]:
    """The path and its parent folders, in a form that is equal for paths that some system considers equal."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
    parts = PurePosixPath(posixpath.normpath(folded)).parts
    return ["/".join(parts[:length]) for length in range(len(parts), 0, -1)]


DESCRIPTOR, README = "datapackage.json", "README.md"


def write_archive(
    path: Path,
    package: Package,
    contents: list[Content],
    csv_files: Mapping[str, Path],
    catalogues: Mapping[str, Path] = MappingProxyType({}),
) -> None:
    """Writes the zip: the same bytes for the same package, with entries sorted by name.

    `catalogues` are the catalogue files, by name; one is left out where the package has a file of its name.
    Files that the package lists keep their paths. Generated files get another name if theirs is taken, except
    the descriptor.
    """
    entries = Entries()
    entries.add(DESCRIPTOR, b"")  # reserves the name until all other paths are known
    for name in (*list_profile_files(package), *list_licences(package), *list_check_files(package)):
        if entries.is_free(name):
            entries.add(name, read_carried_file(package.root, name))
    files = [resource for resource in package.listed if not resource.is_table]
    listed = {posixpath.normpath(path): path for resource in files for path in _local_paths(resource)}
    carried = {}
    for name, local in listed.items():
        is_there = name in entries.by_path and name != DESCRIPTOR  # as a licence or a profile
        carried[name] = name if is_there else entries.add(name, read_carried_file(package.root, local))
    tables = {name: entries.add(f"data/{name}.csv", file) for name, file in csv_files.items()}
    descriptor = package.described(
        **dict.fromkeys(NOT_CARRIED),
        resources=[
            *(describe_table(content, package, tables, entries.by_path) for content in contents),
            *(_describe_file(resource, carried, entries.by_path) for resource in files),
        ],
    )
    written = json.dumps(descriptor, ensure_ascii=False, indent=2) + "\n"
    entries.by_path[DESCRIPTOR] = written.encode("utf-8")
    if entries.is_free(README):
        entries.add(README, write_readme(package, contents, tables).encode("utf-8"))
    for name, file in catalogues.items():
        if entries.is_free(name):
            entries.add(name, file)
    write_zip(path, {name: entries.by_path[name] for name in sorted(entries.by_path)}, date_package(package))


def list_licences(package: Package) -> list[str]:
    """Paths of licences, of the package or of a table, that are local files.

    >>> from packpress import read_package
    >>> _ = Path("fleet/LICENSE").write_text("CC0 1.0 Universal")
    >>> list_licences(read_package("fleet").replaced(licenses=[{"name": "CC0-1.0", "path": "LICENSE"}]))
    ['LICENSE']
    """
    of_tables = (licence for resource in package.listed for licence in resource.licenses)
    paths = {str(licence.get("path") or "") for licence in (*package.licenses, *of_tables)}
    return sorted(path for path in paths if has_file(package.root, path))


def copy_licences(package: Package, folder: Path) -> None:
    """Copies licences that are files beside the descriptor into a folder, where catalogues refer to them."""
    for name in list_licences(package):
        if PurePosixPath(name).name == name:
            (folder / name).write_bytes(read_carried_file(package.root, name))


def read_carried_file(root: Path, path: str) -> bytes:
    """The bytes of a file that the package names; CannotRunError when it cannot be read."""
    try:
        return (root / path).read_bytes()
    except OSError as error:
        raise CannotRunError(f"{path}: cannot be read: {error.strerror}; restore it") from None


def _local_paths(resource: ListedResource) -> list[str]:
    """The local paths of a resource without a schema."""
    return [path for path in resource.paths if "://" not in path]


def describe_table(
    content: Content, package: Package, paths: Mapping[str, str], entries: Mapping[str, Entry]
) -> Raw:
    """The table as a resource of a published descriptor, with the path, size and hash of its file."""
    resource = content.resource
    path = paths[resource.name]
    # Derived tables do not declare a profile or similar; what the first declared table says applies to them
    # too.
    first = package.resources[0].described()
    kind = {name: first[name] for name in first if name in {"type", "profile"}}
    facts = {**fingerprint(entries[path]), "rowCount": len(content)}
    return {"name": resource.name} | kind | resource.published(path, **facts)


def _describe_file(resource: ListedResource, paths: Mapping[str, str], entries: Mapping[str, Entry]) -> Raw:
    local, raw = _local_paths(resource), resource.described()
    if not local:
        return raw
    carried = [paths[posixpath.normpath(path)] for path in local]
    # Paths as written in the descriptor, where they did not change.
    written = [
        new if new != posixpath.normpath(old) else old for old, new in zip(local, carried, strict=True)
    ]
    is_one = isinstance(raw["path"], str)
    raw["path"] = written[0] if is_one else written
    return raw | fingerprint(entries[carried[0]]) if len(local) == 1 and is_one else raw


def fingerprint(entry: Entry) -> Raw:
    """The size and the hash of an entry, as a descriptor has them.

    >>> fingerprint(b"boat_id")["bytes"]
    7
    """
    if isinstance(entry, Path):
        return {"bytes": entry.stat().st_size, "hash": f"sha256:{hash_file(entry)}"}
    return {"bytes": len(entry), "hash": f"sha256:{hashlib.sha256(entry).hexdigest()}"}


def date_package(package: Package) -> tuple[int, int, int, int, int, int]:
    """The date of the package as declared; the earliest date that a zip can hold when there is none.

    The tuple has year, month, day, hour, minute and second, as `zipfile` expects.

    >>> from packpress import read_package
    >>> date_package(read_package("fleet").replaced(created="2024-03-09"))
    (2024, 3, 9, 0, 0, 0)
    """
    match = CREATED.match(package.created)
    if not match or not 1980 <= int(match[1]) <= 2107:
        return EARLIEST
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    return year, month, day, hour, minute, second


def make_entry(name: str, timestamp: tuple[int, int, int, int, int, int]) -> zipfile.ZipInfo:
    """An entry of a zip that is the same on every system.

    >>> make_entry("boats.csv", EARLIEST).date_time
    (1980, 1, 1, 0, 0, 0)
    """
    info = zipfile.ZipInfo(name, timestamp)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system, info.external_attr = 3, 0o644 << 16
    return info


def write_zip(
    path: Path, entries: Mapping[str, Entry], timestamp: tuple[int, int, int, int, int, int]
) -> None:
    """Writes a zip of the entries, in their order, that is the same on every system."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, entry in entries.items():
            info = make_entry(name, timestamp)
            if isinstance(entry, bytes):
                archive.writestr(info, entry)
                continue
            is_large = entry.stat().st_size >= 1 << 31
            with entry.open("rb") as source, archive.open(info, "w", force_zip64=is_large) as target:
                shutil.copyfileobj(source, target, 1 << 20)
