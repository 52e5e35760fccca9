"""The SQLite database: tables, what fills them, views, full-text indexes, and the data dictionary.

Same input, same bytes: one transaction, rows in the order of their keys, fixed pragmas, a final VACUUM.
"""

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from packpress.package.descriptor import Package
from packpress.package.dictionary import PACKAGE_TABLE, build_dictionary
from packpress.package.resource import Resource
from packpress.package.views import View
from packpress.problems import CannotRunError
from packpress.progress import Step
from packpress.publish.content import Content, ValueColumns
from packpress.publish.ddl import index_definitions, table_definition
from packpress.publish.sql import quote_identifier, quote_identifiers, quote_literal, run_script

# "DPKG", so that `file` and others can tell what the database is.
APPLICATION_ID = int.from_bytes(b"DPKG", "big")
PAGE_SIZE = 4096
# In kibibytes; with less, indexes of large tables are sorted on disk.
CACHE_SIZE = -65536
# An older SQLite takes no more of them in one statement.
VALUES_AT_ONCE = 999
TOKENIZER = "unicode61 remove_diacritics 2"

# What tells tools how to treat the package, and nobody what it is.
NOT_PROPERTIES = frozenset({"resources", "derived", "validation", "publishing"})


@contextmanager
def open_database(path: Path) -> Iterator[sqlite3.Connection]:
    """A new database with one transaction open; CannotRunError for whatever SQLite refuses.

    What SQLite sorts or copies on disk meanwhile stands beside it, and nowhere else.
    """
    with _temporary_files_in(path.parent), closing(sqlite3.connect(path, isolation_level=None)) as db:
        try:
            db.execute(f"pragma page_size = {PAGE_SIZE}")
            db.execute("pragma encoding = 'UTF-8'")
            # Nobody reads the file before it is whole, so a journal would only cost time.
            db.execute("pragma journal_mode = off")
            db.execute("pragma synchronous = off")
            db.execute(f"pragma cache_size = {CACHE_SIZE}")
            db.execute("begin")
            yield db
        except sqlite3.Error as error:
            raise CannotRunError(f"{Path(path).name}: SQLite refuses: {error}; mend what it names") from None


@contextmanager
def _temporary_files_in(folder: Path) -> Iterator[None]:
    """The folder for temporary files of SQLite, which knows but one for all of a process."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute(f"pragma temp_store_directory = {quote_literal(str(folder))}")
        try:
            yield
        finally:
            db.execute("pragma temp_store_directory = ''")


def write_database(
    path: Path,
    package: Package,
    contents: Iterable[Content],
    views: list[View],
    searches: list[View],
    step: Step,
) -> None:
    """Writes the database; CannotRunError when it would not be sound."""
    with open_database(path) as db:
        for content in contents:
            fill_table(db, content.resource, package, content.read_plain_values())
        for view in views:
            run_file(db, view, "views")
        _write_dictionary(db, package, views)
        step("writing the database: full-text search")
        for content in contents:
            create_search(db, content.resource)
        for search in searches:
            run_file(db, search, "search")
        db.execute(f"pragma application_id = {APPLICATION_ID}")
        db.execute(f"pragma user_version = {number_version(package.version)}")
        step("checking the database")
        db.execute("analyze")
        _check_soundness(db)
        step("packing the database")
        db.execute("commit")
        db.execute("vacuum")


def fill_table(
    db: sqlite3.Connection, resource: Resource, package: Package, blocks: Iterable[ValueColumns]
) -> None:
    """Creates the table with its rows, given as columns of some rows at a time, and its indexes."""
    db.execute(table_definition(resource, package))
    for block in blocks:
        _insert_rows(db, resource, block)
    for index in index_definitions(resource):
        db.execute(index)


def _insert_rows(db: sqlite3.Connection, resource: Resource, columns: ValueColumns) -> None:
    """Many rows with each statement, which takes a third less than one with each."""
    width = len(resource.fields)
    values = [None] * sum(map(len, columns))
    for place, column in enumerate(columns):
        values[place::width] = column
    table, marks = quote_identifier(resource.name), f"({', '.join('?' * width)})"
    at_once = max(1, VALUES_AT_ONCE // width) * width
    for begin in range(0, len(values), at_once):
        some = values[begin : begin + at_once]
        db.execute(f"insert into {table} values {', '.join([marks] * (len(some) // width))}", some)


def run_file(db: sqlite3.Connection, file: View, folder: str) -> None:
    """Runs one SQL file; CannotRunError names the file at fault."""
    try:
        run_script(db, file.sql)
    except sqlite3.Error as error:
        raise CannotRunError(f"sql/{folder}/{file.name}.sql: {error}; mend the statement") from None


def _write_dictionary(db: sqlite3.Connection, package: Package, views: list[View]) -> None:
    columns = [(view, _columns_of(db, view)) for view in views]
    for resource, rows in build_dictionary(package, columns):
        fill_table(db, resource, package, [list(zip(*rows, strict=True))])
    facts = sorted(_describe_package(package))
    fill_table(db, PACKAGE_TABLE, package, [list(zip(*facts, strict=True))])


def _columns_of(db: sqlite3.Connection, view: View) -> tuple[str, ...]:
    """The columns of a view; SQLite notices only here whether the tables that it names exist."""
    try:
        columns = tuple(
            column[0]
            for column in db.execute(f"select * from {quote_identifier(view.name)} limit 0").description
        )
    except sqlite3.Error as error:
        raise CannotRunError(f"sql/views/{view.name}.sql: {error}; mend the statement") from None
    for name in view.columns:
        if name not in columns:
            raise CannotRunError(
                f"sql/views/{view.name}.sql: describes {name}, which is no column of it; correct the header"
            )
    return columns


def _describe_package(package: Package) -> Iterator[tuple[str, str]]:
    for name, value in package.raw.items():
        if name not in NOT_PROPERTIES:
            yield name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def create_search(db: sqlite3.Connection, resource: Resource) -> None:
    """Creates a full-text index of the fields that the descriptor wants to be searched."""
    fields = tuple(resource.publishing.get("search") or ())
    if not fields:
        return
    index, table = quote_identifier(f"{resource.name}_fts"), quote_identifier(resource.name)
    # Datasette finds the index only when the name of the table stands in double quotes.
    options = f"content={table}, tokenize={quote_literal(TOKENIZER)}"
    db.execute(f"create virtual table {index} using fts5({quote_identifiers(fields)}, {options})")
    for command in ("rebuild", "optimize"):
        db.execute(f"insert into {index}({index}) values ('{command}')")


def number_version(version: str) -> int:
    """The version as one number that grows with it: 1.2.3 is 1002003; 0 when it has no such form."""
    match = re.match(r"(\d{1,4})\.(\d{1,3})\.(\d{1,3})(?!\d)", version)
    if not match or int(match[1]) > 2000:
        return 0
    return int(match[1]) * 1_000_000 + int(match[2]) * 1_000 + int(match[3])


def _check_soundness(db: sqlite3.Connection) -> None:
    for check in ("integrity_check", "foreign_key_check"):
        faults = [row for row in db.execute(f"pragma {check}") if row != ("ok",)]
        if faults:
            raise CannotRunError(
                f"the database fails {check}: {faults[0]}; this is a fault of the build, report it"
            )
