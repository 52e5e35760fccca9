"""A build: from a valid package to a folder with all its formats."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from packpress.checks.storage import find_unfit
from packpress.package.descriptor import Package, build_package
from packpress.package.views import read_views
from packpress.problems import CannotRunError
from packpress.progress import Step
from packpress.publish.archive import write_archive
from packpress.publish.content import Columns, Content
from packpress.publish.csv_files import write_csv
from packpress.publish.derive import Derivation, derive_contents
from packpress.publish.edition import make_edition
from packpress.publish.logical import logical_sums
from packpress.publish.ordering import open_content
from packpress.publish.parquet import write_parquet
from packpress.publish.portable import render_checks
from packpress.publish.sqlite import write_database
from packpress.publish.sums import write_sums
from packpress.publish.swap import check_output, new_folder
from packpress.publish.xlsx import write_xlsx
from packpress.tables.rows import Tables


@dataclass(frozen=True)
class Curation:
    """What a kind of package adds to its build: rows to leave out, tables to compute, files to carry."""

    select_rows: Callable[[Package, Tables], Tables] = lambda _, tables: tables
    derivations: Mapping[str, Derivation] = field(default_factory=dict)
    list_files: Callable[[Package, Tables], list[dict[str, Any]]] = lambda _, __: []


def build_folder(
    package: Package,
    tables: Tables,
    output: Path,
    edition: str,
    curation: Curation,
    step: Step,
    extra_files: Mapping[str, bytes] = MappingProxyType({}),
) -> list[str]:
    """Puts a build of the package, which must be valid, in the place of the folder.

    Extra files stand beside the formats, under the names that they are given. Returns a line for each
    table that a format cannot hold. CannotRunError when that cannot be done; the folder is then as it was.
    """
    if not package.resources:
        raise CannotRunError(f"{package.path}: declares no table; there is nothing to build")
    for message in find_unfit(package):
        raise CannotRunError(f"{package.path}: {message}")
    sql = package.root / "sql"
    check_output(output, _list_inputs(package, sql))
    with new_folder(output) as folder, ExitStack() as scratch:
        step("deriving tables")
        tables = curation.select_rows(package, tables)
        contents = [
            open_content(package.root, tables[resource.name], folder, scratch)
            for resource in package.resources
        ]
        contents += derive_contents(
            package, tables, contents, sql / "derived", folder / "derived.db", curation.derivations
        )
        files = {"resources": [*package.raw["resources"], *curation.list_files(package, tables)]}
        package, contents = make_edition(
            build_package(package.path, {**package.raw, **files}), contents, edition
        )
        write_database(
            folder / f"{package.database_name}.db",
            package,
            _watch(contents, "writing the database", step),
            read_views(sql / "views"),
            read_views(sql / "search"),
            step,
        )
        _write_files(folder, package, contents, step)
        workbook = folder / f"{package.name}.xlsx"
        notices = write_xlsx(workbook, package, _watch(contents, "writing the workbook", step))
        for name, data in extra_files.items():
            (folder / name).write_bytes(data)
        checks = render_checks(package, (content.resource for content in contents))
        (folder / "checks.sql").write_bytes(checks.encode("utf-8"))
        sums = logical_sums(_watch(contents, "computing the hash of the rows", step))
        (folder / "LOGICAL_SHA256").write_bytes(sums.encode("utf-8"))
        # On Windows temporary files have names, which the sums would list.
        scratch.close()
        step("computing checksums")
        write_sums(folder)
    return notices


def _write_files(folder: Path, package: Package, contents: list[Content], step: Step) -> None:
    for name in ("parquet", "csv"):
        (folder / name).mkdir()
    csv_files = {
        content.resource.name: folder / "csv" / f"{content.resource.name}.csv" for content in contents
    }
    for content in _watch(contents, "writing Parquet", step):
        write_parquet(folder / "parquet" / f"{content.resource.name}.parquet", content)
    for content in _watch(contents, "writing CSV", step):
        write_csv(csv_files[content.resource.name], content)
    step("writing the zip")
    write_archive(folder / f"{package.name}-{package.version}.zip", package, contents, csv_files)


def _watch(contents: list[Content], what: str, step: Step) -> list[Content]:
    """The contents, each of which tells how far it has been read."""
    return [
        replace(content, start=partial(_read_watched, content, f"{what}: {content.resource.name}", step))
        for content in contents
    ]


def _read_watched(content: Content, what: str, step: Step) -> Iterator[Columns]:
    count = 0
    for columns in content.start():
        step(f"{what}, {count:,} of {len(content):,} rows")
        yield columns
        count += len(columns[0]) if columns else 0


def _list_inputs(package: Package, sql: Path) -> list[Path]:
    paths = (package.root / path for resource in package.resources for path in resource.paths)
    return [package.path, *paths, *([sql] if sql.exists() else [])]
