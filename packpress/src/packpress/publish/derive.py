"""Derived tables: declared in the descriptor, filled by a function or by a file of SQL."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from packpress.package.descriptor import Package
from packpress.package.resource import Resource
from packpress.package.views import read_views
from packpress.problems import CannotRunError
from packpress.publish.content import Content, new_content, write_value
from packpress.publish.sql import quote_identifier, quote_identifiers
from packpress.publish.sqlite import fill_table, open_database, run_file
from packpress.tables.canonical import Record
from packpress.tables.rows import Tables

# A function that computes the records of one derived table from the declared ones.
Derivation = Callable[[Package, Tables], Iterable[Record]]


def derive_contents(
    package: Package,
    tables: Tables,
    contents: list[Content],
    folder: Path,
    scratch: Path,
    functions: Mapping[str, Derivation],
) -> list[Content]:
    """The content of every derived table, from the words as they are in full.

    A table that no function computes is filled by the file of its name in `folder`, which may use
    all declared tables and the derived ones above it in the descriptor. `scratch` is a file that
    takes them meanwhile.
    """
    derived: list[Content] = []
    if not package.derived:
        return derived
    files = {file.name: file for file in read_views(folder)}
    with open_database(scratch) as db:
        for content in contents:
            fill_table(db, content.resource, package, content.read_plain_values())
        for resource in package.derived:
            if resource.name in functions:
                content = new_content(resource, functions[resource.name](package, tables))
                fill_table(db, resource, package, content.read_plain_values())
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
        mend = f"install the extension {package.rule_set}, if that computes it, or add {file}"
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
