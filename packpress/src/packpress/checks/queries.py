"""SQL checks of a package: runs its queries on the tables as typed, and reports the rows that they return.

The queries are somebody else's: they may only read, and only within bounds. What they read, and nothing else,
is loaded into a temporary database.
"""

import re
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import Any

from packpress.package.descriptor import Package
from packpress.package.resource import Resource
from packpress.package.sql_checks import HEADER, QUERY, SqlCheck, read_sql_checks
from packpress.problems import CannotRunError, Problem, shorten_value
from packpress.similar import offer_nearest
from packpress.sql import (
    LONGEST,
    authorize,
    limit_sizes,
    quote_identifier,
    quote_identifiers,
    restrict,
    write_value,
)
from packpress.tables.fast.batches import read_blocks
from packpress.tables.fast.columns import Column
from packpress.tables.rows import Table, Tables
from packpress.tables.types import type_of, write_item
from packpress.tables.values import ValueColumn, make_columns

LIMIT, IDLE, UNCHECKED = "checks/limit", "checks/idle", "checks/unchecked"
# Steps of SQLite's virtual machine, counted rather than timed, so that the verdict is the same everywhere.
# For any tables; for each row while tables are small enough to compare all with all; for each row of any.
STEPS, STEPS_A_PAIR, MOST_OF_PAIRS, STEPS_A_ROW = 50_000_000, 50_000, 2_000_000_000, 1_000
STEPS_AT_ONCE, STEPS_WHEN_EMPTY = 100_000, 1_000_000
MOST_ROWS = 100_000
# In bytes, beyond what the tables take.
MOST_MEMORY = 1 << 30
# Names of the number of a row in its table, which SQLite has unless a column is called so.
ROW_NUMBERS = ("rowid", "_rowid_", "oid")
NAMED = re.compile(r'(?:near|no such \w+:|ambiguous column name:) "?([^"\s:]+)')

# By table, the columns that a query reads.
Reads = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class PreparedCheck:
    """A check that can be run: what it reads, and the columns of its result."""

    check: SqlCheck
    reads: Reads
    columns: tuple[str, ...]

    @property
    def reads_row_numbers(self) -> bool:
        """Whether it asks for the numbers of rows, which only SQLite counts as we do."""
        return bool(re.search(rf"\b(?:{'|'.join(ROW_NUMBERS)})\b", self.check.statement, re.IGNORECASE))


@dataclass(frozen=True)
class _Found:
    """A row that a check returned: its place in the table, from 1, and the message."""

    check: SqlCheck
    message: str


@dataclass
class _Watch:
    """Interrupts a query that takes too many steps or too much memory."""

    steps: int
    reason: str = ""
    start: int = field(default_factory=lambda: measure_memory())

    def __call__(self) -> bool:
        self.steps -= STEPS_AT_ONCE
        if self.steps <= 0:
            self.reason = "takes too long"
        elif measure_memory() - self.start > MOST_MEMORY:
            self.reason = "takes more than a gigabyte of memory"
        return bool(self.reason)


def count_steps(row_count: int) -> int:
    """How many steps a query may take that reads so many rows.

    >>> count_steps(1_000) > 1_000**2
    True
    """
    return STEPS + min(STEPS_A_PAIR * row_count, MOST_OF_PAIRS) + STEPS_A_ROW * row_count


def measure_memory() -> int:
    """The largest size in bytes that the process has had; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def check_queries(package: Package, tables: Tables, found: Iterable[Problem] = ()) -> Iterator[Problem]:
    """The rows that the SQL checks of a package return, and what is wrong with these checks.

    Rows with a problem in `found` are not reported again where the check reads the faulty field.
    """
    if not package.checks:
        return
    if package.address:
        message = "SQL checks of a package on the web are not run; download it"
        yield Problem(package.path.name, 0, message, code=UNCHECKED, is_notice=True)
        return
    with closing(open_tables(package)) as db:
        prepared = list(prepare_checks(db, package))
        yield from (one for one in prepared if isinstance(one, Problem))
        # A table that could not be read is reported there.
        checks = [one for one in prepared if isinstance(one, PreparedCheck) and {*one.reads} <= tables.keys()]
        if checks:
            yield from _run_checks(db, package, tables, checks, list(found))


def prepare_checks(db: sqlite3.Connection, package: Package) -> Iterator[PreparedCheck | Problem]:
    """The SQL checks of a package as far as they can be run; a problem in place of each that cannot."""
    for check in read_sql_checks(package):
        yield check if isinstance(check, Problem) else prepare_check(db, package, check)


def open_tables(package: Package) -> sqlite3.Connection:
    """A temporary database with the tables of the package, all of them empty."""
    db = sqlite3.connect("", isolation_level=None)
    for pragma in ("journal_mode = off", "synchronous = off", "temp_store = memory", "cache_size = -65536"):
        db.execute(f"pragma {pragma}")
    for resource in package.resources:
        columns = [f"{quote_identifier(field.name)} {type_of(field).sql}" for field in resource.fields]
        # Without the primary key, so that the number of a row is never the value of one of its cells.
        db.execute(f"create table {quote_identifier(resource.name)} ({', '.join(columns)}) strict")
    return db


def prepare_check(db: sqlite3.Connection, package: Package, check: SqlCheck) -> PreparedCheck | Problem:
    """The check with the tables and columns that it reads; a problem when it cannot be run.

    >>> from packpress import read_package
    >>> from packpress.package.sql_checks import parse_check
    >>> fleet = read_package("fleet")
    >>> text = "-- built late\\n-- table: boats\\n-- mend: ask\\nselect boat_id from boats where built > 2030"
    >>> with closing(open_tables(fleet)) as db:
    ...     prepared = prepare_check(db, fleet, parse_check("checks/late.sql", text, fleet))
    >>> sorted(prepared.reads["boats"])
    ['boat_id', 'built']
    """
    reads: dict[str, set[str]] = {}
    names = {resource.name.lower(): resource.name for resource in package.resources}

    def note(action: int, first: str | None, second: str | None, *more: str | None) -> int:
        if action == sqlite3.SQLITE_READ and (table := names.get(str(first).lower())):
            reads.setdefault(table, set()).add(str(second))
        return authorize(action, first, second, *more)

    watch = _Watch(STEPS_WHEN_EMPTY)
    restrict(db, limit_sizes(0, _count_columns(package)))
    db.set_authorizer(note)
    db.set_progress_handler(watch, STEPS_AT_ONCE)
    try:
        columns = [column[0] for column in db.execute(check.statement).description or ()]
        opened = [row[3] for row in db.execute(f"explain {check.statement}") if row[1] == "OpenRead"]
    except sqlite3.Error as error:
        return _say_limit(check, watch.reason) if watch.reason else _describe_error(check, error)
    finally:
        db.set_progress_handler(None, 0)
        db.set_authorizer(None)
    resource = package.by_name[check.table]
    if fault := _find_lack(check, resource, columns):
        return fault
    pages = db.execute("select rootpage, name from sqlite_schema").fetchall()
    for name in (name for page, name in pages if page in opened):
        # SQLite does not ask about columns by which tables are joined with `using` or `natural`.
        own, words = package.by_name[name].field_names, check.statement.lower()
        is_natural = "natural" in words
        reads.setdefault(name, set()).update(one for one in own if is_natural or one.lower() in words)
    reads.setdefault(check.table, set()).update(resource.primary_key)
    used = {name: frozenset(_spell(package.by_name[name], reads[name])) for name in (check.table, *reads)}
    return PreparedCheck(check, used, tuple(columns))


def _count_columns(package: Package) -> int:
    return sum(len(resource.fields) for resource in package.resources)


def _say_limit(check: SqlCheck, reason: str) -> Problem:
    return check.problem(f"{reason}; write it so that it asks less", LIMIT)


def _spell(resource: Resource, columns: Iterable[str]) -> Iterator[str]:
    spelt = {name.lower(): name for name in resource.field_names}
    return (spelt[name.lower()] for name in columns if name.lower() in spelt)


def _find_lack(check: SqlCheck, resource: Resource, columns: Sequence[str]) -> Problem | None:
    """What the result of a check lacks: the key of the rows, or a column that its texts name."""
    if not _find_identity(resource, columns):
        own = {name.lower() for name in resource.field_names}
        key = ", ".join(resource.primary_key) or ("_rowid_ as _rowid_" if "rowid" in own else "rowid")
        return check.problem(f"does not return the key of {resource.name}; select {key} too", QUERY)
    for text in (check.title, check.mend):
        for name in re.findall(r"\{(\w+)\}", text):
            if name not in columns:
                message = f"says {{{name}}}, which is not a column of its result"
                return check.problem(f"{message}; {offer_nearest(name, set(columns))}", HEADER, 1)
    return None


def _find_identity(resource: Resource, columns: Sequence[str]) -> tuple[str, ...]:
    """The columns of a result that tell which row it is: its number, or its primary key."""
    for name in ROW_NUMBERS:
        if name in columns and name not in map(str.lower, resource.field_names):
            return (name,)
    is_there = resource.primary_key and {*resource.primary_key} <= {*columns}
    return resource.primary_key if is_there else ()


def _describe_error(check: SqlCheck, error: sqlite3.Error) -> Problem:
    """The error of SQLite at the line that it names, as far as it names one."""
    named, line = NAMED.search(str(error)), check.line
    if "not authorized" in str(error) or "prohibited" in str(error):
        return check.problem("does more than read the tables; write one select", QUERY)
    if named:
        word = re.search(rf"(?<!\w){re.escape(named[1].rpartition('.')[2])}(?!\w)", check.statement)
        line += check.statement.count("\n", 0, word.start()) if word else 0
    return check.problem(f"SQLite says: {error}; correct the query", QUERY, line)


def _run_checks(
    db: sqlite3.Connection,
    package: Package,
    tables: Tables,
    checks: list[PreparedCheck],
    found: list[Problem],
) -> Iterator[Problem]:
    columns: dict[str, set[str]] = {}
    for one in checks:
        for name, used in one.reads.items():
            columns.setdefault(name, set()).update(used)
    db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
    try:
        longest = max(_load(db, package, tables[name], used) for name, used in columns.items())
    except sqlite3.Error as error:  # such as a full disk
        where = f"{package.path.name}: the tables cannot be loaded for SQL checks"
        raise CannotRunError(f"{where}: {error}; free some space and try again") from None
    limits = limit_sizes(longest, _count_columns(package))
    returned: dict[str, dict[int, list[_Found]]] = {}
    for one in checks:
        runner = _Runner(db, package, one.check, limits, sum(len(tables[name]) for name in one.reads))
        rows = returned.setdefault(one.check.table, {})
        for name in one.reads:
            tables[name].visits[one.check.path] = len(tables[name])
        for place, found_row in runner.run():
            rows.setdefault(place, []).append(found_row)
        yield from runner.faults
        yield from runner.find_idle()
    faulty = _list_faulty(found, checks)
    for name, rows in returned.items():
        for problem in _locate(package, tables[name], rows):
            if (problem.code, problem.path, problem.line) not in faulty:
                yield problem


def _list_faulty(found: Iterable[Problem], checks: list[PreparedCheck]) -> set[tuple[str, str, int]]:
    """Codes and places of what checks find only because a cell that they read is faulty."""
    read = [(one.check.code, one.reads[one.check.table] | {one.check.field, ""}) for one in checks]
    return {
        (code, one.path, one.line) for one in found for code, used in read if one.line and one.field in used
    }


def _load(db: sqlite3.Connection, package: Package, table: Table, used: Iterable[str]) -> int:
    """Fills the columns that are used; returns the size of the longest row in bytes."""
    resource, longest = table.resource, 0
    names = [name for name in resource.field_names if name in set(used)]
    places = [resource.field_names.index(name) for name in names]
    readers = [ValueColumn(resource.field(name), resource) for name in names]
    linked = package.linked_fields(resource)
    marks = ", ".join("?" * len(names)) or "null"
    into = quote_identifiers(tuple(names) or resource.field_names[:1])
    statement = f"insert into {quote_identifier(resource.name)} ({into}) values ({marks})"
    db.execute("begin")
    for columns in _read_columns(package, table):
        chosen = [columns[place] for place in places]
        values = [
            reader.read_valid(column, is_linked=reader.field.name in linked)
            for reader, column in zip(readers, chosen, strict=True)
        ]
        longest = max(longest, sum(column.longest for column in chosen))
        db.executemany(statement, zip(*values, strict=True) if values else [()] * len(columns[0]))
    db.execute("commit")
    return longest


def _read_columns(package: Package, table: Table) -> Iterator[list[Column]]:
    """The columns of a table, as they were mended in memory."""
    if table.is_as_read:
        return (block.columns for block in read_blocks(package.root, table.resource) if len(block))
    return make_columns((row.cells for row in table.rows), len(table.resource.fields))


def _locate(package: Package, table: Table, rows: Mapping[int, list[_Found]]) -> Iterator[Problem]:
    """The problems at the lines of the rows that checks returned, by the rows' numbers."""
    before, resource = 1, table.resource
    if not table.is_as_read:
        for place in sorted(rows):
            row = table.rows[place - 1]
            for one in rows[place]:
                yield row.problem(one.check.field, one.message, one.check.code, one.check.is_warning)
        return
    sought = sorted(rows, reverse=True)
    for block in read_blocks(package.root, resource) if sought else ():
        while sought and sought[-1] < before + len(block):
            place = sought.pop()
            for one in rows[place]:
                said = (one.check.field, one.message, one.check.code, one.check.is_warning)
                yield block.problem(place - before, resource, *said)
        before += len(block)


@dataclass
class _Runner:
    """One check that is run on the loaded tables."""

    db: sqlite3.Connection
    package: Package
    check: SqlCheck
    limits: Mapping[int, int]
    row_count: int
    faults: list[Problem] = field(default_factory=list)

    @property
    def resource(self) -> Resource:
        """The table whose rows the check returns."""
        return self.package.by_name[self.check.table]

    def run(self) -> list[tuple[int, _Found]]:
        """The rows that the check returns: the number of each in its table, and what is said of it."""
        found, lost = dict[int, _Found](), 0
        for identity, message in self._query():
            places = self._find_places(identity)
            lost += not places
            for place in places:
                found.setdefault(place, _Found(self.check, message))
        if lost and not self.faults:
            message = f"returns {lost:,} rows without a key of {self.resource.name}; leave such rows out"
            self.faults.append(self.check.problem(message, QUERY))
        return list(found.items())

    def _query(self) -> list[tuple[tuple[Any, ...], str]]:
        """What tells which row each row of the result is, and the message on it."""
        watch = _Watch(count_steps(self.row_count))
        restrict(self.db, self.limits)
        self.db.set_progress_handler(watch, STEPS_AT_ONCE)
        rows = list[tuple[tuple[Any, ...], str]]()
        try:
            cursor = self.db.execute(self.check.statement)
            describe = self._make_description([column[0] for column in cursor.description])
            for row in cursor:
                if len(rows) == MOST_ROWS:
                    watch.reason = f"returns more than {MOST_ROWS:,} rows"
                    break
                rows.append(describe(row))
        except (sqlite3.Error, MemoryError, OverflowError, UnicodeError) as error:
            if not watch.reason and isinstance(error, sqlite3.Error):
                self.faults.append(_describe_error(self.check, error))
            watch.reason = watch.reason or ("" if isinstance(error, sqlite3.Error) else str(error))
        finally:
            self.db.set_progress_handler(None, 0)
            self.db.set_authorizer(None)
        if watch.reason:
            self.faults.append(_say_limit(self.check, watch.reason))
        return rows

    def _make_description(
        self, columns: Sequence[str]
    ) -> Callable[[tuple[Any, ...]], tuple[tuple[Any, ...], str]]:
        identity = [columns.index(name) for name in _find_identity(self.resource, columns)]
        message = f"{self.check.title}; {self.check.mend}"
        used = {name: columns.index(name) for name in re.findall(r"\{(\w+)\}", message)}
        self._is_number = len(identity) == 1 and columns[identity[0]] not in self.resource.field_names

        def describe(row: tuple[Any, ...]) -> tuple[tuple[Any, ...], str]:
            texts = {name: _write(row[place]) for name, place in used.items()}
            said = re.sub(r"\{(\w+)\}", lambda match: texts[match[1]], message) if used else message
            return tuple(row[place] for place in identity), said

        return describe

    def _find_places(self, identity: tuple[Any, ...]) -> list[int]:
        """The numbers of the rows with such a number or key."""
        if self._is_number:
            most = self.db.execute(
                f"select max(rowid) from {quote_identifier(self.resource.name)}"
            ).fetchone()[0]
            (number,) = identity
            return [number] if isinstance(number, int) and 1 <= number <= (most or 0) else []
        table, key = quote_identifier(self.resource.name), self.resource.primary_key
        self.db.execute(
            f"create index if not exists {quote_identifier(f'key of {self.resource.name}')}"
            f" on {table} ({quote_identifiers(key)})"
        )
        met = " and ".join(f"{quote_identifier(name)} = ?" for name in key)
        return [place for (place,) in self.db.execute(f"select rowid from {table} where {met}", identity)]

    def find_idle(self) -> Iterator[Problem]:
        """A problem for each example row that the check should return and does not."""
        for line, row in self.check.examples if not self.faults else ():
            try:
                values = self._read_example(row)
            except ValueError as error:
                yield self.check.problem(f"fails {error}", HEADER, line)
                continue
            self.db.execute("begin")
            try:
                names = quote_identifiers(tuple(values))
                marks = ", ".join("?" * len(values))
                statement = f"insert into {quote_identifier(self.resource.name)} ({names}) values ({marks})"
                place = self.db.execute(statement, [*values.values()]).lastrowid
                is_found = any(place in self._find_places(identity) for identity, _ in self._query())
            finally:
                with suppress(sqlite3.Error):
                    self.db.execute(
                        f"delete from {quote_identifier(self.resource.name)} where rowid = {place}"
                    )
                    self.db.execute("commit")
            if not is_found:
                message = "does not return the row that it should, by fails; correct the query or the row"
                yield self.check.problem(message, IDLE, line)

    def _read_example(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The typed values of an example row; ValueError for what cannot be in the table."""
        own = self.resource.field_names
        for name in row:
            if name not in own:
                raise ValueError(
                    f'names "{name}", not a field of {self.resource.name}; {offer_nearest(name, set(own))}'
                )
        if lacking := [name for name in self.resource.primary_key if name not in row]:
            raise ValueError(f"lacks {lacking[0]}, which is part of the key; add it")
        values, linked = {}, self.package.linked_fields(self.resource)
        for name, value in row.items():
            field_, text = self.resource.field(name), _write_cell(value)
            reader = ValueColumn(field_, self.resource)
            (values[name],) = reader.read_valid(Column.of([text or None]), name in linked)
            if text and values[name] is None and text not in self.resource.missing_values_of(field_):
                raise ValueError(f'has {name}="{text}", which is not of type {field_.type}; correct it')
        return values


def _write_cell(value: Any) -> str:
    return "" if value is None else write_item(value)


def _write(value: Any) -> str:
    return "" if value is None else shorten_value(write_value(value))
