"""Values: the rows of tables as typed values, by whole columns or one by one."""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from itertools import islice
from typing import Any

from packpress.package.resource import Field, Resource
from packpress.problems import CannotRunError
from packpress.tables.constraints import make_reader
from packpress.tables.csv import Record, sort_records
from packpress.tables.fast.columns import Column
from packpress.tables.fast.keys import write_value as write_key
from packpress.tables.types import custom_keys, type_of


class ValueColumn:
    """Converts the cells of a field to values; CannotRunError when some format cannot hold a value.

    >>> from packpress import read_package
    >>> boats = read_package("fleet").by_name["boats"]
    >>> ValueColumn(boats.field("built"), boats).read_values(Column.of(["1998", None]))
    [1998, None]
    """

    def __init__(self, field: Field, resource: Resource) -> None:
        self.field, self.resource = field, resource
        self._read = make_reader(field, resource)
        self._missing = [text for text in resource.missing_values_of(field) if text]
        # When the declared missing values do not include the empty text, an empty cell is a value.
        self.type = type_of(field)
        is_missing = self.type.store is not None or "" in resource.missing_values_of(field)
        self._empty: str | None = None if is_missing else self._read("")[0]
        # Up to this length, Arrow converts texts to the same values as Python.
        self.longest_plain = 0 if custom_keys(field) else self.type.longest_plain
        # A day in the default format is written in but one way.
        self.is_plain_day = self.type.arrow == "date32" and self.longest_plain > 0

    def drop_missing(self, column: Column) -> Column:
        """The column without cells that count as missing, and with empty cells restored that do not."""
        return (column if self._empty is None else column.fill(self._empty)).without(self._missing)

    def read_values(self, column: Column, convert: Callable[[Any], Any] | None = None) -> list[Any]:
        """The values as Python objects; each distinct one is passed through `convert`."""
        column = self.drop_missing(column)
        if self.type.store is None:
            # When a few texts repeat, sharing one object each is faster and smaller.
            return column.map(str) if self.field.choices else column.texts()
        if self.is_plain_day and convert is as_plain:
            return column.texts()
        # A date is made for each distinct text alone, which is the quicker way to those of Python.
        longest = self.longest_plain if self.field.type != "date" else 0
        plain = column.read_plain(self.type.arrow, longest)
        if plain is not None:
            return plain
        return column.map(lambda text: convert(self.read(text)) if convert else self.read(text))

    def read_linked(self, column: Column) -> list[Any]:
        """The values of a key field, in a form in which equal values are equal as text too.

        Values with several spellings get one; date-times are converted to UTC; anything else is unchanged.
        """
        if self.type.is_text_unique or self.type.sql != "TEXT":
            return self.read_values(column, as_plain)
        return self.drop_missing(column).map(self._write_key)

    def _write_key(self, text: str) -> str | None:
        self.read(text)
        key = write_key(self._read(text)[0])
        return None if key is None else key.decode("utf-8", "surrogatepass")

    def read_valid(self, column: Column, is_linked: bool = False) -> list[Any]:
        """The values as SQLite stores them, in a comparable form if linked; None for invalid ones."""
        try:
            return self.read_linked(column) if is_linked else self.read_values(column, as_plain)
        except CannotRunError:
            return [self._read_valid(text, is_linked) for text in self.drop_missing(column).texts()]

    def _read_valid(self, text: str | None, is_linked: bool) -> Any:
        try:
            (value,) = self.read_linked(Column.of([text])) if is_linked else [self.read(text or "")]
        except CannotRunError:
            value = None
        return as_plain(value)

    def read_distinct(self, column: Column) -> list[Any]:
        """The distinct values of a column, without missing ones."""
        return [value for value in map(self.read, self.drop_missing(column).distinct()) if value is not None]

    def read(self, text: str) -> Any:
        """The value of a text; None when it counts as missing."""
        value, message = self._read(text)
        try:
            if message:
                raise ValueError(message)
            return None if value is None else self.type.convert(value, text)
        except (ValueError, OverflowError) as error:
            raise CannotRunError(f'{self.resource.name}: {self.field.name}="{text}": {error}') from None

    def check(self, column: Column) -> None:
        """Raises CannotRunError when a cell is not of its type or violates a constraint."""
        for text in ([""] if column.has_missing else []) + column.distinct():
            if message := self._read(text)[1]:
                raise CannotRunError(f'{self.resource.name}: {self.field.name}="{text}": {message}')


def as_plain(value: Any) -> Any:
    """The value, as ISO text when it is a date or a time.

    >>> as_plain(date(2024, 3, 1)), as_plain(310.5)
    ('2024-03-01', 310.5)
    """
    return value.isoformat() if isinstance(value, date | time | datetime) else value


Values = tuple[Any, ...]
# The cells of a row as text, by field; missing ones are left out.
Cells = dict[str, str]
# Columns of text, of some rows.
Columns = list[Column]
# Columns of typed values, of some rows.
ValueColumns = Sequence[Sequence[Any]]

ROWS_AT_ONCE = 1 << 15


@dataclass(frozen=True)
class Rows:
    """Rows that can be iterated over any number of times.

    >>> rows = Rows(lambda: iter([("ada", 1998)]), 1)
    >>> list(rows), list(rows), len(rows)
    ([('ada', 1998)], [('ada', 1998)], 1)
    """

    start: Callable[[], Iterator[Values]]
    count: int

    def __iter__(self) -> Iterator[Values]:
        return self.start()

    def __len__(self) -> int:
        return self.count


@dataclass(frozen=True)
class Content:
    """One table, declared or derived, in key order; `start` begins reading its columns.

    >>> from packpress import read_package
    >>> content = new_content(read_package("fleet").by_name["boats"], [("ada", "Ada", "1998")])
    >>> list(content.records), list(content.rows)
    ([('ada', 'Ada', '1998')], [('ada', 'Ada', 1998)])
    """

    resource: Resource
    start: Callable[[], Iterator[Columns]]
    count: int
    is_validated: bool = False

    def __len__(self) -> int:
        return self.count

    @property
    def records(self) -> Rows:
        """The rows as text."""
        return Rows(self._iterate_records, self.count)

    @property
    def rows(self) -> Rows:
        """The rows as typed values; CannotRunError when a value has the wrong type or fits in no database."""
        return Rows(self._iterate_rows, self.count)

    @property
    def plain_rows(self) -> Rows:
        """The rows with dates and times as ISO text, as in SQLite and JSON."""
        return Rows(lambda: self._iterate_rows(as_plain), self.count)

    @property
    def cells(self) -> Iterator[Cells]:
        """The rows as texts by field, without missing cells.

        >>> from packpress import read_package
        >>> boats = read_package("fleet").by_name["boats"]
        >>> list(new_content(boats, [("ada", "Ada", "")]).cells)
        [{'boat_id': 'ada', 'name': 'Ada'}]
        """
        names = self.resource.field_names
        for row in self.plain_rows:
            yield {name: str(value) for name, value in zip(names, row, strict=True) if value is not None}

    @cached_property
    def columns(self) -> list[ValueColumn]:
        """The converters of the fields."""
        return [ValueColumn(field, self.resource) for field in self.resource.fields]

    def read_columns(self) -> Iterator[Columns]:
        """The columns of text, in batches of some thousand rows, checked to be of their types."""
        for columns in self.start():
            if not self.is_validated:
                for reader, column in zip(self.columns, columns, strict=True):
                    reader.check(column)
            yield columns

    def read_values(self, convert: Callable[[Any], Any] | None = None) -> Iterator[ValueColumns]:
        """The columns of typed values, in batches of some thousand rows, passed through `convert`."""
        for columns in self.read_columns():
            yield [
                reader.read_values(column, convert)
                for reader, column in zip(self.columns, columns, strict=True)
            ]

    def read_plain_values(self, linked: Container[str] = ()) -> Iterator[ValueColumns]:
        """Like `read_values`, but with dates and times as ISO text, and `linked` fields comparable."""
        for columns in self.read_columns():
            yield [
                reader.read_linked(column)
                if reader.field.name in linked
                else reader.read_values(column, as_plain)
                for reader, column in zip(self.columns, columns, strict=True)
            ]

    def _iterate_records(self) -> Iterator[Record]:
        for columns in self.start():
            yield from zip(*([text or "" for text in column.texts()] for column in columns), strict=True)

    def _iterate_rows(self, convert: Callable[[Any], Any] | None = None) -> Iterator[Values]:
        for values in self.read_values(convert):
            yield from zip(*values, strict=True)


def make_columns(records: Iterable[Record], width: int) -> Iterator[Columns]:
    """The records as columns, in batches of some thousand rows.

    >>> (columns,) = make_columns([("ada", "1998"), ("ida", "2011")], width=2)
    >>> [column.texts() for column in columns]
    [['ada', 'ida'], ['1998', '2011']]
    """
    source = iter(records)
    while chunk := list(islice(source, ROWS_AT_ONCE)):
        yield (
            [Column.of([cell or None for cell in column]) for column in zip(*chunk, strict=True)]
            if width
            else []
        )


def new_content(resource: Resource, records: Iterable[Record]) -> Content:
    """The content made from records.

    >>> from packpress import read_package
    >>> len(new_content(read_package("fleet").by_name["boats"], [("ada", "Ada", "1998")]))
    1
    """
    listed = sort_records(resource, records)
    return Content(resource, lambda: make_columns(listed, len(resource.fields)), len(listed))


def write_value(value: Any, field: Field, resource: Resource) -> str:
    """The text of a value read from a database.

    >>> from packpress import read_package
    >>> boats = read_package("fleet").by_name["boats"]
    >>> write_value(1998, boats.field("built"), boats), write_value(None, boats.field("built"), boats)
    ('1998', '')
    """
    if value is None:
        return resource.missing_text(field)
    if field.type == "boolean":
        return "true" if value else "false"
    return str(value)
