"""Canonical CSV: the one sequence of bytes that a table has, whoever writes it."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from scripts.lib.resource import Resource

Record = tuple[str, ...]

NUMERIC = frozenset({"integer", "number", "year"})


def canonical_bytes(resource: Resource, records: Iterable[Record]) -> bytes:
    """The table as CSV in its declared encoding and dialect: rows sorted by key, few quotes, line feeds."""
    header = [resource.field_names] if resource.dialect.get("header", True) else []
    lines = [_format_record(resource, record) for record in (*header, *sort_records(resource, records))]
    return "".join(lines).encode("utf-8" if resource.encoding.lower() == "utf-8-sig" else resource.encoding)


def sort_records(resource: Resource, records: Iterable[Record]) -> list[Record]:
    """The records in order of their key, numbers by value, all else by code points; untouched without."""
    positions = [resource.field_names.index(name) for name in resource.primary_key]
    numeric = [resource.fields[position].type in NUMERIC for position in positions]

    def order(record: Record) -> list[tuple[Any, ...]]:
        return [_order_of(record[at], is_number) for at, is_number in zip(positions, numeric, strict=True)]

    return sorted(records, key=order) if positions else list(records)


def _order_of(text: str, is_number: bool) -> tuple[Any, ...]:
    if is_number:
        try:
            value = Decimal(text)
            if not value.is_nan():
                return (0, value, text)
        except InvalidOperation:
            pass  # what is no number is reported by the validator; here it only needs a place
    return (1, text)


def _format_record(resource: Resource, record: Record) -> str:
    dialect = resource.dialect
    delimiter, quote = dialect.get("delimiter", ","), dialect.get("quoteChar", '"')
    escape = dialect.get("escapeChar") or ""
    special = {delimiter, quote, escape, "\r", "\n"} - {""}

    def format_cell(cell: str) -> str:
        if special.isdisjoint(cell):
            return cell
        inner = cell.replace(escape, escape * 2) if escape else cell
        doubled = quote * 2 if dialect.get("doubleQuote", True) else escape + quote
        return f"{quote}{inner.replace(quote, doubled)}{quote}"

    # The one empty cell of a narrow table must not look like a blank line, which is no record.
    line: str = quote * 2 if record == ("",) else delimiter.join(map(format_cell, record))
    return line + "\n"
