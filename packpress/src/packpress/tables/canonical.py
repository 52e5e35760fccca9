"""Canonical CSV: the one sequence of bytes that a table has, whoever writes it."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal, InvalidOperation
from itertools import chain, islice
from typing import Any

from packpress.package.resource import Resource
from packpress.tables.types import type_of

Record = tuple[str, ...]

LINES_AT_ONCE = 10_000


def canonical_bytes(resource: Resource, records: Iterable[Record]) -> bytes:
    """The table as CSV in its declared encoding and dialect: rows sorted by key, few quotes, line feeds."""
    return b"".join(canonical_pieces(resource, sort_records(resource, records)))


def canonical_pieces(resource: Resource, records: Iterable[Record]) -> Iterator[bytes]:
    """The same piece by piece, of records that stand in order of the key."""
    header = [resource.field_names] if resource.dialect.get("header", True) else []
    encoding = "utf-8" if resource.encoding.lower() == "utf-8-sig" else resource.encoding
    # Encoded at once, or every piece of some encodings would begin with a mark of its own.
    encoder = codecs.getincrementalencoder(encoding)()
    format_record = _make_formatter(resource)
    lines = map(format_record, chain(header, records))
    while piece := "".join(islice(lines, LINES_AT_ONCE)):
        yield encoder.encode(piece)


def render_lines(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    """A header and rows as CSV of no declared table: commas, line feeds, quotes where they are needed."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def sort_records(resource: Resource, records: Iterable[Record]) -> list[Record]:
    """The records in order of their key, numbers by value, all else by code points; untouched without."""
    return sorted(records, key=key_order(resource)) if resource.primary_key else list(records)


def key_order(resource: Resource) -> Callable[[Record], list[tuple[Any, ...]]]:
    """A function from a record to what it is sorted by."""
    positions = [resource.field_names.index(name) for name in resource.primary_key]
    numeric = [type_of(resource.fields[position]).text_order == "number" for position in positions]

    def order(record: Record) -> list[tuple[Any, ...]]:
        return [_order_of(record[at], is_number) for at, is_number in zip(positions, numeric, strict=True)]

    return order


def _order_of(text: str, is_number: bool) -> tuple[Any, ...]:
    if is_number:
        try:
            value = Decimal(text)
            if not value.is_nan():
                return (0, value, text)
        except InvalidOperation:
            pass  # what is no number is reported by the validator; here it only needs a place
    return (1, text)


def _make_formatter(resource: Resource) -> Callable[[Record], str]:
    """A function from a record to its line."""
    dialect = resource.dialect
    delimiter, quote = str(dialect.get("delimiter", ",")), str(dialect.get("quoteChar", '"'))
    escape = str(dialect.get("escapeChar") or "")
    needs_quotes = re.compile(f"[{re.escape(delimiter + quote + escape)}\r\n]").search
    doubled = quote * 2 if dialect.get("doubleQuote", True) else escape + quote

    def format_cell(cell: str) -> str:
        if not needs_quotes(cell):
            return cell
        inner = cell.replace(escape, escape * 2) if escape else cell
        return f"{quote}{inner.replace(quote, doubled)}{quote}"

    def format_record(record: Record) -> str:
        # The one empty cell of a narrow table must not look like a blank line, which is no record.
        if record == ("",):
            return quote * 2 + "\n"
        line = delimiter.join(record)
        # Most records need no quotes, which one look at the line tells.
        if needs_other(line) or line.count(delimiter) >= len(record):
            line = delimiter.join(map(format_cell, record))
        return line + "\n"

    needs_other = re.compile(f"[{re.escape(quote + escape)}\r\n]").search
    return format_record
