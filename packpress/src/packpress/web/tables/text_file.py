"""CSV and JSON files of answers: written in a thread, batch by batch, into an anonymous temporary file."""

import csv
import io
import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from itertools import chain
from tempfile import TemporaryFile
from typing import IO, Any

from datasette.utils import CustomJSONEncoder, remove_infinites, sqlite3

from packpress.web.tables.answers import Answer, FileLimits, Rows, check_size, read_batches

# The pieces of a file, from the names of its columns and its rows in batches.
Write = Callable[[tuple[str, ...], Iterable[Rows]], Iterator[str]]


def write_text(connection: sqlite3.Connection, answer: Answer, bounds: FileLimits, write: Write) -> IO[bytes]:
    """The whole answer as an open file, which vanishes when it is closed."""
    names = tuple(column.name for column in answer.columns)
    with ExitStack() as stack:
        file = stack.enter_context(TemporaryFile())
        with closing(read_batches(connection, answer, bounds)) as batches:
            for piece in write(names, batches):
                file.write(piece.encode("utf-8"))
                check_size(file, bounds.file_bytes)
        # Complete, so it stays open for sending.
        stack.pop_all()
        return file


def write_csv(names: tuple[str, ...], batches: Iterable[Rows]) -> Iterator[str]:
    """CSV with a header, as Datasette writes it.

    >>> "".join(write_csv(("boat", "kg"), [[("Ida, the old", 5)], [("Ann", None)]]))
    'boat,kg\\r\\n"Ida, the old",5\\r\\nAnn,\\r\\n'
    """
    return chain([_join_cells([names])], write_csv_rows(names, batches))


def write_csv_rows(_: tuple[str, ...], batches: Iterable[Rows]) -> Iterator[str]:
    """CSV without a header."""
    return (_join_cells(rows) for rows in batches)


def _join_cells(rows: Iterable[tuple[Any, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([_show_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _show_cell(value: Any) -> Any:
    return b64encode(value).decode("ascii") if isinstance(value, bytes) else value


def write_array(names: tuple[str, ...], batches: Iterable[Rows]) -> Iterator[str]:
    """JSON: one array of objects, each on a line.

    >>> "".join(write_array(("boat",), [[("Ida",)], [("Ann",)]])), "".join(write_array(("boat",), []))
    ('[{"boat": "Ida"},\\n{"boat": "Ann"}]\\n', '[]\\n')
    """
    joint = "["
    for rows in batches:
        yield joint + ",\n".join(_list_objects(names, rows))
        joint = ",\n"
    yield "]\n" if joint != "[" else "[]\n"


def write_lines(names: tuple[str, ...], batches: Iterable[Rows]) -> Iterator[str]:
    """JSON: one object a line."""
    return ("".join(f"{line}\n" for line in _list_objects(names, rows)) for rows in batches)


def _list_objects(names: tuple[str, ...], rows: Rows) -> Iterator[str]:
    # JSON has no infinity.
    objects = (dict(zip(names, remove_infinites(row), strict=True)) for row in rows)
    return (json.dumps(item, cls=CustomJSONEncoder) for item in objects)
