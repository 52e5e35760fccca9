"""SQLite: the database of a build, ready for Datasette."""

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from packpress.console import Step
from packpress.package.descriptor import Package
from packpress.package.dictionary import PACKAGE_TABLE, View, build_dictionary
from packpress.package.resource import Field, ForeignKey, Resource
from packpress.problems import CannotRunError
from packpress.sql import quote_identifier, quote_identifiers, quote_literal, run_script
from packpress.tables.constraints import make_reader
from packpress.tables.types import BOUNDS, LENGTHS, type_of
from packpress.tables.values import Content, ValueColumns, as_plain


def is_mandatory(field: Field, resource: Resource) -> bool:
    """Whether a cell must have a value: it is required, or part of the primary key.

    >>> from packpress import read_package
    >>> boats = read_package("fleet").by_name["boats"]
    >>> is_mandatory(boats.field("boat_id"), boats), is_mandatory(boats.field("built"), boats)
    (True, False)
    """
    return field.is_required or field.name in resource.primary_key


def table_definition(resource: Resource, package: Package) -> str:
    """The statement that creates the table, with every constraint that SQLite can enforce.

    The table is STRICT, so that SQLite refuses a value of the wrong type instead of storing it. Patterns are
    left to the validator, because SQLite has no regular expressions.

    >>> from packpress import read_package
    >>> package = read_package("fleet")
    >>> print(table_definition(package.by_name["boats"], package))
    create table "boats" (
      "boat_id" TEXT not null,
      "name" TEXT not null,
      "built" INTEGER,
      primary key ("boat_id")
    ) strict
    """
    parts = [_column_definition(field, resource) for field in resource.fields]
    if resource.primary_key:
        parts.append(f"primary key ({quote_identifiers(resource.primary_key)})")
    plain_keys = [key for key in resource.unique_keys if not _has_default(key, resource)]
    plain_keys += [(field.name,) for field in resource.fields if field.is_unique]
    parts += [
        f"unique ({quote_identifiers(key)})"
        for key in dict.fromkeys(plain_keys)
        if key != resource.primary_key
    ]
    parts += [_foreign_key_definition(key) for key in resource.foreign_keys if _is_enforceable(key, package)]
    body = ",\n  ".join(parts)
    return f"create table {quote_identifier(resource.name)} (\n  {body}\n) strict"


def _column_definition(field: Field, resource: Resource) -> str:
    words = [quote_identifier(field.name), type_of(field).sql]
    words += ["not null"] if is_mandatory(field, resource) else []
    return " ".join([*words, *(f"check ({condition})" for condition in _conditions(field, resource))])


def _conditions(field: Field, resource: Resource) -> Iterator[str]:
    column = quote_identifier(field.name)
    if field.type == "boolean":
        yield f"{column} = 0 or {column} = 1"
    elif type_of(field).is_comparable:
        if field.choices:
            # Not `in (…)`, for which SQLite would build a temporary index for every row.
            yield " or ".join(f"{column} = {_literal(value, field, resource)}" for value in field.choices)
        for name, bound in BOUNDS.items():
            if name in field.constraints:
                yield f"{column} {bound.sign} {_literal(field.constraints[name], field, resource)}"
    if field.type == "string":
        for name, length in LENGTHS.items():
            if name in field.constraints:
                yield f"length({column}) {length.sign} {int(field.constraints[name])}"


def _literal(bound: Any, field: Field, resource: Resource) -> str:
    """The value of a constraint as an SQL literal, converted as a cell of the field would be."""
    if type(bound) in (int, float):
        return quote_literal(bound)
    text = str(bound)
    value = None if field.type == "string" else make_reader(field, resource)(text)[0]
    if isinstance(value, int | Decimal):
        # Not converted as a cell is: a bound may be too large to store, but SQLite can compare with it.
        return quote_literal(value if isinstance(value, int) else float(value))
    # A bound that is spelt like a missing value stays text; SQLite compares it by the column's type.
    return quote_literal(text if value is None else as_plain(type_of(field).convert(value, text)))


def _foreign_key_definition(key: ForeignKey) -> str:
    target = f"{quote_identifier(key.resource)} ({quote_identifiers(key.reference_fields)})"
    return f"foreign key ({quote_identifiers(key.fields)}) references {target}"


def _is_enforceable(key: ForeignKey, package: Package) -> bool:
    """Whether the referenced fields are a key of their table, which SQLite requires of a foreign key."""
    target = package.by_name.get(key.resource)
    if target is None:
        return False
    fields = set(key.reference_fields)
    if fields == set(target.primary_key) or (len(fields) == 1 and target.field(*fields).is_unique):
        return True
    return any(fields == set(unique) and not _has_default(unique, target) for unique in target.unique_keys)


def _has_default(key: tuple[str, ...], resource: Resource) -> bool:
    return any(resource.field(name).empty_counts_as is not None for name in key)


def index_definitions(resource: Resource) -> Iterator[str]:
    """The statements that create indexes: for following keys both ways, for counting facets, for unique keys.

    A missing cell makes a row different from every other, unless its field declares with `emptyCountsAs`
    which value it compares as.

    >>> from packpress import read_package
    >>> print(*index_definitions(read_package("fleet").by_name["voyages"]), sep="\\n")
    create index "idx_voyages__boat_id" on "voyages" ("boat_id")
    create index "idx_voyages__facets" on "voyages" ("boat_id", "port", "voyage_id")
    """
    table = quote_identifier(resource.name)
    # An index that begins with the key is enough; referenced keys have one already.
    indexed = [resource.primary_key, *((field.name,) for field in resource.fields if field.is_unique)]
    indexed += [key for key in resource.unique_keys if not _has_default(key, resource)]
    for key in resource.foreign_keys:
        if not any(index[: len(key.fields)] == key.fields for index in indexed):
            indexed.append(key.fields)
            columns = quote_identifiers(key.fields)
            yield f"create index {_index_name(resource, key.fields)} on {table} ({columns})"
    for unique in resource.unique_keys:
        if _has_default(unique, resource):
            columns = ", ".join(_or_default(resource.field(name)) for name in unique)
            yield f"create unique index {_index_name(resource, unique)} on {table} ({columns})"
    if facets := tuple(resource.publishing.get("facets") or ()):
        # Readers filter and count by facets; with the primary key appended, the index answers without reading
        # rows.
        columns = quote_identifiers(tuple(dict.fromkeys((*facets, *resource.primary_key))))
        yield f"create index {_index_name(resource, ('facets',))} on {table} ({columns})"


def _or_default(field: Field) -> str:
    column = quote_identifier(field.name)
    default = field.empty_counts_as
    return column if default is None else f"ifnull({column}, {quote_literal(default)})"


def _index_name(resource: Resource, fields: tuple[str, ...]) -> str:
    return quote_identifier("idx_" + "__".join((resource.name, *fields)))


# "DPKG", so that `file` and other tools can identify the database.
APPLICATION_ID = int.from_bytes(b"DPKG", "big")
PAGE_SIZE = 4096
# In kibibytes; with less, the indexes of large tables are sorted on disk.
CACHE_SIZE = -65536
# Older versions of SQLite allow no more variables in a statement.
VALUES_AT_ONCE = 999
TOKENIZER = "unicode61 remove_diacritics 2"

# Properties that are instructions to tools rather than descriptions of the package.
NOT_PROPERTIES = frozenset({"resources", "derived", "validation", "publishing"})


@contextmanager
def open_database(path: Path) -> Iterator[sqlite3.Connection]:
    """A new database with an open transaction; CannotRunError for any error of SQLite.

    Temporary files of SQLite are written next to the database.

    >>> with open_database(Path("fleet.db")) as db:
    ...     db.execute("select 1").fetchall()
    [(1,)]
    """
    with _temporary_files_in(path.parent), closing(sqlite3.connect(path, isolation_level=None)) as db:
        try:
            db.execute(f"pragma page_size = {PAGE_SIZE}")
            db.execute("pragma encoding = 'UTF-8'")
            # Nobody reads the file before it is complete, so a journal would only cost time.
            db.execute("pragma journal_mode = off")
            db.execute("pragma synchronous = off")
            db.execute(f"pragma cache_size = {CACHE_SIZE}")
            db.execute("begin")
            yield db
        except sqlite3.Error as error:
            raise CannotRunError(f"{Path(path).name}: SQLite error: {error}; correct what it names") from None


@contextmanager
def _temporary_files_in(folder: Path) -> Iterator[None]:
    """Sets the folder for SQLite's temporary files, which is global to the process."""
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
    """Writes the database; CannotRunError when it would be inconsistent."""
    with open_database(path) as db:
        for content in contents:
            fill_content(db, package, content)
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


def fill_content(db: sqlite3.Connection, package: Package, content: Content) -> None:
    """Creates the table of the content, with keys in a form in which SQLite compares them as we do."""
    linked = package.linked_fields(content.resource)
    fill_table(db, content.resource, package, content.read_plain_values(linked))


def fill_table(
    db: sqlite3.Connection, resource: Resource, package: Package, blocks: Iterable[ValueColumns]
) -> None:
    """Creates the table and its indexes, and fills it with columns of typed values, some rows at a time.

    >>> from packpress import read_package
    >>> package = read_package("fleet")
    >>> with open_database(Path("fleet.db")) as db:
    ...     fill_table(db, package.by_name["boats"], package, [[["ada"], ["Ada"], [1998]]])
    ...     db.execute("select name, built from boats").fetchall()
    [('Ada', 1998)]
    """
    db.execute(table_definition(resource, package))
    for block in blocks:
        _insert_rows(db, resource, block)
    for index in index_definitions(resource):
        db.execute(index)


def _insert_rows(db: sqlite3.Connection, resource: Resource, columns: ValueColumns) -> None:
    """Inserts many rows with each statement, which takes a third less time than one row each."""
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
    """Runs one SQL file; CannotRunError names the file when it fails."""
    try:
        run_script(db, file.sql)
    except sqlite3.Error as error:
        raise CannotRunError(f"sql/{folder}/{file.name}.sql: {error}; correct the statement") from None


def _write_dictionary(db: sqlite3.Connection, package: Package, views: list[View]) -> None:
    columns = [(view, _columns_of(db, view)) for view in views]
    for resource, rows in build_dictionary(package, columns):
        fill_table(db, resource, package, [list(zip(*rows, strict=True))])
    facts = sorted(_describe_package(package))
    fill_table(db, PACKAGE_TABLE, package, [list(zip(*facts, strict=True))])


def _columns_of(db: sqlite3.Connection, view: View) -> tuple[str, ...]:
    """The columns of a view; this is also where SQLite notices tables that do not exist."""
    try:
        columns = tuple(
            column[0]
            for column in db.execute(f"select * from {quote_identifier(view.name)} limit 0").description
        )
    except sqlite3.Error as error:
        raise CannotRunError(f"sql/views/{view.name}.sql: {error}; correct the statement") from None
    for name in view.columns:
        if name not in columns:
            raise CannotRunError(
                f"sql/views/{view.name}.sql: describes {name}, not one of its columns; correct the header"
            )
    return columns


def _describe_package(package: Package) -> Iterator[tuple[str, str]]:
    for name, value in package.described().items():
        if name not in NOT_PROPERTIES:
            yield name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def create_search(db: sqlite3.Connection, resource: Resource) -> None:
    """Creates a full-text index of the fields that the descriptor wants searched, and a view of its words."""
    fields = tuple(resource.publishing.get("search") or ())
    if not fields:
        return
    index, table = quote_identifier(f"{resource.name}_fts"), quote_identifier(resource.name)
    # Datasette finds the index only when the table name is in double quotes.
    options = f"content={table}, tokenize={quote_literal(TOKENIZER)}"
    db.execute(f"create virtual table {index} using fts5({quote_identifiers(fields)}, {options})")
    for command in ("rebuild", "optimize"):
        db.execute(f"insert into {index}({index}) values ('{command}')")
    # The words as the index has them, from which a misspelt one is corrected; it holds nothing itself.
    words = quote_identifier(f"{resource.name}_fts_words")
    db.execute(f"create virtual table {words} using fts5vocab({index}, row)")


def number_version(version: str) -> int:
    """The version as a number that sorts like it: 1002003 for 1.2.3; 0 for versions of another form.

    >>> number_version("1.2.3"), number_version("2024-03")
    (1002003, 0)
    """
    match = re.match(r"(\d{1,4})\.(\d{1,3})\.(\d{1,3})(?!\d)", version)
    if not match or int(match[1]) > 2000:
        return 0
    return int(match[1]) * 1_000_000 + int(match[2]) * 1_000 + int(match[3])


def _check_soundness(db: sqlite3.Connection) -> None:
    for check in ("integrity_check", "foreign_key_check"):
        faults = [row for row in db.execute(f"pragma {check}") if row != ("ok",)]
        if faults:
            raise CannotRunError(
                f"the database fails {check}: {faults[0]}; this is a bug in packpress, please report it"
            )
