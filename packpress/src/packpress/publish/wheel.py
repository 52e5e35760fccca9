"""The Python package of a build: a wheel that holds the tables as Parquet and a module that loads them."""

import base64
import csv
import io
import json
import keyword
import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

from packpress.package.contributors import list_creators
from packpress.package.descriptor import Package
from packpress.package.licences import read_licences, read_table_licences
from packpress.package.resource import change
from packpress.publish.archive import (
    DESCRIPTOR,
    NOT_CARRIED,
    Entries,
    Entry,
    date_package,
    describe_table,
    fingerprint,
    introduce,
    list_licences,
    read_carried_file,
    write_zip,
)
from packpress.tables.values import Content

# The source of the module that every wheel contains.
MODULE = Path(__file__).with_name("data_module.py")
TAG = "py3-none-any"
# The oldest versions with which `data_module.py` was tried.
REQUIRED = (("Requires-Python", ">=3.11"), ("Requires-Dist", "pandas>=2.2"), ("Requires-Dist", "pyarrow>=16"))
# What pandas and pyarrow import, which a module of the same name could hide.
IMPORTED = frozenset({"dateutil", "numpy", "pandas", "pyarrow", "pytz", "six", "tzdata"})
# Versions that PEP 440 would misread or refuse: dates, and pre-releases of Semantic Versioning.
DATED = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d))?")
PRE_RELEASE = re.compile(r"(\d+\.\d+\.\d+)-([0-9A-Za-z.-]+)(?:\+.*)?")
# How the descriptor declares the tables. A profile of the standard says that a table is CSV.
FORM = {
    "format": "parquet",
    "mediatype": "application/vnd.apache.parquet",
    "encoding": None,
    "profile": None,
}
USAGE = """\
## Loading

    import {module}

    {module}.tables()  # the names and titles of the tables
    {module}.load("{table}")  # a pandas data frame with the declared types
    {module}.path("{table}")  # its Parquet file, for Polars, DuckDB and others
    {module}.descriptor  # what each table, column and value means

## Tables
"""


@dataclass(frozen=True)
class WheelNames:
    """What the parts of a wheel are called.

    - `distribution`: what `pip install` is given, if the wheel is on a registry.
    - `module`: what Python imports.
    - `version`: the version, normalised as in PEP 440.
    """

    distribution: str
    module: str
    version: str

    @property
    def stem(self) -> str:
        """Distribution and version as file names have them.

        >>> WheelNames("fleet-data", "fleet", "1.0.0").stem
        'fleet_data-1.0.0'
        """
        return f"{self.distribution.replace('-', '_')}-{self.version}"

    @property
    def file(self) -> str:
        """The file name of the wheel."""
        return f"{self.stem}-{TAG}.whl"


def choose_names(name: str, version: str) -> WheelNames:
    """The names for a package; ValueError when Python has none for its name or its version.

    `-data` tells the distribution from a project that makes the data. The module is called like the package,
    or like `data_json` where that would be no name, a keyword, or the name of another module that is needed.

    >>> choose_names("ketch-2", "2024-03-09")
    WheelNames(distribution='ketch-2-data', module='ketch_2', version='2024.3.9')
    >>> [choose_names(name, "1").module for name in ("json", "class", "2024-data", "Größe")]
    ['data_json', 'data_class', 'data_2024_data', 'grosse']
    """
    folded = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode("ascii")
    plain = "-".join(re.findall("[a-z0-9]+", folded))
    if not re.search("[a-z]", plain):
        raise ValueError(f'name="{name}" has no letter from a to z; write one such as fleet-2024')
    module = plain.replace("-", "_")
    is_taken = keyword.iskeyword(module) or module in sys.stdlib_module_names | IMPORTED
    if is_taken or not module.isidentifier():
        module = f"data_{module}"
    return WheelNames(f"{plain}-data", module, normalise_version(version))


def normalise_version(version: str) -> str:
    """The version as PEP 440 writes it; ValueError when it cannot.

    A date is read as numbers. A pre-release that PEP 440 does not know comes before the release, as in
    Semantic Versioning.

    >>> [normalise_version(text) for text in ("1.0.0-alpha.2", "2024-03", "1.0.0-drafts")]
    ['1.0.0a2', '2024.3', '1.0.0.dev0+drafts']
    """
    if match := DATED.fullmatch(version):
        return str(Version(".".join(filter(None, match.groups()))))
    try:
        return str(Version(version))
    except InvalidVersion:
        if match := PRE_RELEASE.fullmatch(version):
            return str(Version(f"{match[1]}.dev0+{'.'.join(re.findall('[0-9A-Za-z]+', match[2]))}"))
        raise ValueError(f'version="{version}" is none for Python; write one such as 1.0.0') from None


def name_wheel(package: Package) -> str:
    """The file name of the wheel of a package; empty when it has none.

    >>> from packpress import read_package
    >>> name_wheel(read_package("fleet"))
    'fleet_data-1.0.0-py3-none-any.whl'
    """
    with suppress(ValueError):
        return choose_names(package.name, package.version).file
    return ""


def write_wheel(
    folder: Path, package: Package, contents: list[Content], parquet_files: Mapping[str, Path]
) -> list[str]:
    """Writes the wheel into a folder: the same bytes for the same package.

    `parquet_files` are the Parquet files of the tables, by name. Returns a line with the reason when Python
    has no name for the package or its version, and the wheel is left out.
    """
    try:
        names = choose_names(package.name, package.version)
    except ValueError as error:
        return [f"the wheel is left out: {error}"]
    module = _list_module(package, contents, parquet_files)
    info = f"{names.stem}.dist-info"
    metadata = render_metadata(names, package, contents)
    entries: dict[str, Entry] = {f"{names.module}/{path}": module[path] for path in sorted(module)}
    for path in list_licences(package):
        entries[f"{info}/licenses/{path}"] = read_carried_file(package.root, path)
    entries[f"{info}/METADATA"] = metadata.encode("utf-8")
    entries[f"{info}/WHEEL"] = _render_headers(
        [("Wheel-Version", "1.0"), ("Generator", "packpress"), ("Root-Is-Purelib", "true"), ("Tag", TAG)]
    ).encode("utf-8")
    record = f"{info}/RECORD"
    entries[record] = _render_record(entries, record).encode("utf-8")
    write_zip(folder / names.file, entries, date_package(package))
    return []


def _list_module(
    package: Package, contents: Iterable[Content], parquet_files: Mapping[str, Path]
) -> dict[str, Entry]:
    """The files of the module by path: its code, the tables, the descriptor and the licences it names."""
    entries = Entries()
    entries.add("__init__.py", MODULE.read_bytes())
    entries.add("py.typed", b"")
    entries.add(DESCRIPTOR, b"")  # reserves the name until the tables are described
    paths = {name: entries.add(f"parquet/{file.name}", file) for name, file in parquet_files.items()}
    described = (describe_table(content, package, paths, entries.by_path) for content in contents)
    resources = [change(table, FORM) for table in described]
    for path in list_licences(package):
        if entries.is_free(path):
            entries.add(path, read_carried_file(package.root, path))
    descriptor = package.described(**dict.fromkeys({*NOT_CARRIED, "profile"}), resources=resources)
    written = json.dumps(descriptor, ensure_ascii=False, indent=2) + "\n"
    entries.by_path[DESCRIPTOR] = written.encode("utf-8")
    return entries.by_path


def render_metadata(names: WheelNames, package: Package, contents: Iterable[Content]) -> str:
    """The text of `METADATA`, version 2.4 of the core metadata of Python packages.

    >>> from packpress import read_package
    >>> names = choose_names("fleet", "1.0.0")
    >>> print(render_metadata(names, read_package("fleet"), []).splitlines()[3])
    Summary: A small fleet
    """
    headers = [
        ("Metadata-Version", "2.4"),
        ("Name", names.distribution),
        ("Version", names.version),
        ("Summary", package.title),
        ("Description-Content-Type", "text/markdown; charset=UTF-8"),
        ("Keywords", ",".join(word.replace(",", " ") for word in package.keywords)),
        ("Author", ", ".join(person.name for person in list_creators(package.contributors))),
        ("License-Expression", render_licence_expression(package)),
        *(("License-File", path) for path in list_licences(package)),
        ("Classifier", "Programming Language :: Python :: 3"),
        ("Classifier", "Typing :: Typed"),
        ("Project-URL", f"Homepage, {package.homepage}" if package.homepage else ""),
        ("Project-URL", f"Repository, {package.repository}" if package.repository else ""),
        *REQUIRED,
    ]
    return f"{_render_headers(headers)}\n{_render_description(names, package, contents)}"


def _render_description(names: WheelNames, package: Package, contents: Iterable[Content]) -> str:
    usage = USAGE.format(module=names.module, table=package.resources[0].name)
    resources = [(content.resource.name, content.resource.title, len(content)) for content in contents]
    tables = [f"- `{name}`: {title}, {count:,} rows" for name, title, count in resources]
    return "\n".join([*introduce(package), usage, *tables]) + "\n"


def render_licence_expression(package: Package) -> str:
    """The licences as one SPDX expression; empty when none is declared.

    Copied text, which they do not cover, and licences that SPDX does not list have a name of their own.

    >>> from packpress import read_package
    >>> names = [{"name": "CC0-1.0"}, {"name": "other-open"}]
    >>> render_licence_expression(read_package("fleet").replaced(licenses=names))
    'CC0-1.0 AND LicenseRef-other-open'
    """
    licences = read_licences(package.licenses)
    told = (*licences, *read_table_licences(package))
    names = [licence.spdx or f"LicenseRef-{licence.label}" for licence in told]
    if package.has_copied_text:
        names.append("LicenseRef-copied-text")
    return " AND ".join(dict.fromkeys(names)) if licences else ""


def _render_headers(headers: Iterable[tuple[str, str]]) -> str:
    """One header a line, without those that have no value."""
    return "".join(f"{name}: {' '.join(value.split())}\n" for name, value in headers if value)


def _render_record(entries: Mapping[str, Entry], record: str) -> str:
    """The text of `RECORD`: path, hash and size of every other file."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    for path, entry in entries.items():
        facts = fingerprint(entry)
        digest = bytes.fromhex(facts["hash"].removeprefix("sha256:"))
        encoded = base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
        writer.writerow((path, f"sha256={encoded}", facts["bytes"]))
    writer.writerow((record, "", ""))
    return written.getvalue()
