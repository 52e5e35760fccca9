"""Derived tables: filled by SQL or by an extension, after the tables that they read."""

import heapq
import pickle
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import IO

from packpress.package.descriptor import Package
from packpress.package.dictionary import read_views
from packpress.package.link_tables import LinkTableSource, list_link_tables
from packpress.package.resource import Resource
from packpress.problems import CannotRunError
from packpress.publish.sqlite import (
    fill_content,
    fill_table,
    open_database,
    run_file,
)
from packpress.sql import quote_identifier, quote_identifiers
from packpress.tables.constraints import make_reader
from packpress.tables.csv import Record, key_order, sort_records
from packpress.tables.fast.batches import read_columns
from packpress.tables.rows import Table, Tables
from packpress.tables.types import write_item
from packpress.tables.values import Columns, Content, make_columns, new_content, write_value

# How many rows are sorted in memory at once.
ROWS_IN_MEMORY = 100_000
PICKLED_AT_ONCE = 1_000


def open_content(root: Path, table: Table, folder: Path, scratch: ExitStack) -> Content:
    """The content of a valid table; temporary files in `folder` are removed when `scratch` is closed."""
    resource = table.resource
    if not table.is_as_read:
        return new_content(resource, (row.cells for row in table.rows))

    def start() -> Iterator[Columns]:
        return read_columns(root, resource, table.stamps)

    as_read = Content(resource, start, len(table), is_validated=True)
    if table.is_in_order:
        return as_read
    if len(table) <= ROWS_IN_MEMORY:
        return new_content(resource, as_read.records)
    file = scratch.enter_context(_sort_on_disk(resource, as_read, folder))
    return Content(
        resource,
        lambda: make_columns(_read_run(file, 0), len(resource.fields)),
        len(table),
        is_validated=True,
    )


def _sort_on_disk(resource: Resource, content: Content, folder: Path) -> IO[bytes]:
    """A file of the records in key order, sorted in runs and merged."""
    records, runs = iter(content.records), []
    spill, merged = tempfile.TemporaryFile(dir=folder), tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
    while chunk := list(islice(records, ROWS_IN_MEMORY)):
        runs.append(spill.tell())
        _write_run(spill, iter(sort_records(resource, chunk)))
    sources = [_read_run(spill, at) for at in runs]
    _write_run(merged, heapq.merge(*sources, key=key_order(resource)))
    spill.close()
    return merged


def _write_run(file: IO[bytes], records: Iterator[Record]) -> None:
    while chunk := list(islice(records, PICKLED_AT_ONCE)):
        pickle.dump(chunk, file)
    pickle.dump([], file)


def _read_run(file: IO[bytes], at: int) -> Iterator[Record]:
    """The records of a run; keeps its own position, because several runs are read in turn."""
    while True:
        file.seek(at)
        chunk: list[Record] = pickle.load(file)
        at = file.tell()
        if not chunk:
            return
        yield from chunk


def split_items(source: LinkTableSource, table: Table) -> Iterator[Record]:
    """The records of a link table: one for each different item of each list."""
    resource = source.resource
    read = make_reader(resource.field(source.key.fields[0]), resource)
    for row in table.rows:
        own = tuple(row[name] for name in resource.primary_key)
        first: dict[str, int] = {}
        for position, item in enumerate(read(row[source.key.fields[0]])[0] or (), 1):
            if item is not None:
                first.setdefault(write_item(item), position)
        yield from ((*own, item, str(position)) for item, position in first.items())


def derive_links(package: Package) -> dict[str, "Derivation"]:
    """The functions that fill the link tables of a package, by name."""

    def fill(source: LinkTableSource) -> Derivation:
        return lambda _, tables: split_items(source, tables[source.resource.name])

    return {source.name: fill(source) for source in list_link_tables(package)}


# Computes the records of one derived table from the declared tables.
Derivation = Callable[[Package, Tables], Iterable[Record]]


def derive_contents(
    package: Package,
    tables: Tables,
    contents: list[Content],
    folder: Path,
    scratch: Path,
    functions: Mapping[str, Derivation],
) -> list[Content]:
    """The contents of all derived tables, computed from the full text of every field.

    A table without a function is filled by the SQL file of its name in `folder`, which may read all declared
    tables and the derived tables listed before it in the descriptor. `scratch` is a file for a temporary
    database.
    """
    derived: list[Content] = []
    if not package.derived:
        return derived
    files = {file.name: file for file in read_views(folder)}
    with open_database(scratch) as db:
        for content in contents:
            fill_content(db, package, content)
        for resource in package.derived:
            if resource.name in functions:
                content = new_content(resource, functions[resource.name](package, tables))
                fill_content(db, package, content)
            elif resource.name in files:
                fill_table(db, resource, package, ())
                run_file(db, files[resource.name], "derived")
                content = _read_content(db, resource)
            else:
                raise CannotRunError(_explain_missing(package, resource))
            derived.append(content)
    scratch.unlink()
    return derived


def _explain_missing(package: Package, resource: Resource) -> str:
    file = f"sql/derived/{resource.name}.sql"
    if package.rule_set:
        mend = f"install the extension {package.rule_set}, if it computes the table, or add {file}"
        return f"{package.path}: nothing fills the derived table {resource.name}; {mend}"
    return f"{file}: no such file; the derived table needs it"


def _read_content(db: sqlite3.Connection, resource: Resource) -> Content:
    rows = db.execute(
        f"select {quote_identifiers(resource.field_names)} from {quote_identifier(resource.name)}"
    )
    return new_content(
        resource,
        (
            tuple(
                write_value(value, field, resource) for value, field in zip(row, resource.fields, strict=True)
            )
            for row in rows
        ),
    )
