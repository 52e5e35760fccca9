"""The rows of a table's files in order of its key: streamed when they stand so, else sorted on disk."""

import heapq
import pickle
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import IO

from packpress.package.resource import Resource
from packpress.publish.content import Columns, Content, make_columns, new_content
from packpress.tables.canonical import Record, key_order, sort_records
from packpress.tables.fast.blocks import read_blocks
from packpress.tables.rows import Table

# So many rows are sorted in memory at once.
ROWS_IN_MEMORY = 100_000
PICKLED_AT_ONCE = 1_000


def open_content(root: Path, table: Table, folder: Path, scratch: ExitStack) -> Content:
    """The content of a valid table; `folder` takes temporary files, which vanish when `scratch` is closed."""
    resource = table.resource
    if not table.is_as_read:
        return new_content(resource, (row.cells for row in table.rows))

    def start() -> Iterator[Columns]:
        return (block.columns for block in read_blocks(root, resource))

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
    """A file of the records in order of the key, sorted piece by piece and merged."""
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
    """The records of a run; the place is kept here, for several runs are read in turns."""
    while True:
        file.seek(at)
        chunk: list[Record] = pickle.load(file)
        at = file.tell()
        if not chunk:
            return
        yield from chunk
