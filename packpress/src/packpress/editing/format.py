"""Rewriting a table: its records read exactly, the canonical bytes they make, and what is new in those."""

import codecs
from collections import Counter
from collections.abc import Sequence
from functools import partial

from packpress.package.descriptor import Package
from packpress.package.resource import Resource
from packpress.problems import CannotRunError
from packpress.tables.canonical import Record, canonical_bytes, sort_records
from packpress.tables.dialect import Layout, fields_match
from packpress.tables.fast.blocks import FileReader
from packpress.tables.lines import LineFeeder
from packpress.tables.records import read_records


def can_rewrite(resource: Resource, path: str) -> bool:
    """Whether a file of a table has a canonical form.

    Compressed ones have none, nor have those with comments, several rows of header or columns of their own.
    """
    is_plain = fields_match(resource) == "exact" and Layout(resource.dialect).is_plain
    return is_plain and not resource.compression_of(path)


def find_changes(package: Package, resource: Resource) -> list[tuple[str, bytes, str]]:
    """Path, canonical bytes and what is new in them, of each file of a table that has others.

    Raises CannotRunError when a file cannot be read or its header is not the declared one.
    """
    changes = []
    for path in filter(partial(can_rewrite, resource), resource.paths):
        records = read_exact_records(package, resource, path)
        data, old = rewrite(resource, path, records), (package.root / path).read_bytes()
        if data != old:
            changes.append((path, data, ", ".join(describe_rewriting(resource, records, old, data))))
    return changes


def read_exact_records(package: Package, resource: Resource, path: str) -> list[Record]:
    """The records of one file, each with a cell for every declared field.

    Raises CannotRunError when the file cannot be read, its header is not the declared one, or a record has
    more cells or fewer: whoever wrote such a file anew would damage it.
    """
    file = FileReader(package.root, path, resource)
    if file.header != resource.field_names:
        message = "the header is not the declared one; run packpress validate and mend it first"
        raise CannotRunError(f"{path}:1: {message}")
    records = list[Record]()
    for block in file.blocks():
        for place, count in block.odd.items():
            message = f"has {count} cells, not {block.width}; mend the row first"
            raise CannotRunError(f"{path}:{block.line(place)}: {message}")
        records += (cells for _, cells in block.records())
    return records


def rewrite(resource: Resource, path: str, records: Sequence[Record]) -> bytes:
    """The canonical bytes of a table.

    CannotRunError when its encoding or dialect is such that the rows would not be read back as they are.
    """
    try:
        data = canonical_bytes(resource, records)
        lines = LineFeeder(iter([data.decode(resource.encoding).encode("utf-8")]), path)
    except UnicodeError as error:
        raise CannotRunError(f"{path}: {error}; declare another encoding") from None
    layout = Layout(resource.dialect)
    found = [cells for _, cells in read_records(lines, path, layout, 1)][layout.has_header :]
    if found != sort_records(resource, records):
        raise CannotRunError(f"{path}: its dialect does not keep these rows; mend it in the descriptor")
    return data


def describe_rewriting(resource: Resource, records: Sequence[Record], old: bytes, new: bytes) -> list[str]:
    """What becomes of a file whose records are written in canonical form."""
    texts = [data.decode(resource.encoding).removeprefix("\ufeff") for data in (old, new)]
    lines, canonical = [text.replace("\r\n", "\n").replace("\r", "\n").split("\n") for text in texts]
    filled = [line for line in lines if line]
    is_so = {
        "no byte order mark": old.startswith(codecs.BOM_UTF8),
        "line feeds at line ends": "\r" in texts[0] and "\r" not in texts[1],
        "a line end behind the last line": bool(lines[-1]),
        "no blank lines": len(filled) < len(lines) - 1,
        "rows in order of their key": list(records) != sort_records(resource, records),
        "quotes only where they are needed": Counter(filled) != Counter(filter(None, canonical)),
    }
    return [what for what, holds in is_so.items() if holds] or ["other bytes for the same rows"]
