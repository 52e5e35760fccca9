"""Parts of a table: its files, plain or compressed, or the rows that stand in the descriptor itself."""

import csv
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast

from packpress.package.paths import find_file
from packpress.package.resource import Resource
from packpress.problems import CannotReadError

Opener = Callable[[], BinaryIO]

# What reading a damaged file raises.
DAMAGED = (gzip.BadGzipFile, zipfile.BadZipFile, EOFError, zlib.error)
COMPRESSIONS = frozenset({"", "gz", "zip"})


def make_opener(root: Path, path: str, resource: Resource) -> Opener:
    """A function that opens a part of a table for reading its bytes, uncompressed."""
    if resource.is_inline:
        return partial(_open_inline, path, resource)
    locate = partial(_locate, root, path, resource)
    match resource.compression_of(path):
        case "gz":
            return lambda: cast(BinaryIO, gzip.open(locate(), "rb"))
        case "zip":
            return lambda: _open_zipped(locate(), path)
    return lambda: locate().open("rb")


def _locate(root: Path, path: str, resource: Resource) -> Path:
    return resource.fetch(path) if resource.fetch and "://" in path else find_file(root, path)


def refuse_damaged(path: str) -> CannotReadError:
    """What is said of a compressed file that cannot be read to its end."""
    return CannotReadError(path, 0, "no whole compressed file; compress it again")


def _open_zipped(file: Path, path: str) -> BinaryIO:
    archive = zipfile.ZipFile(file)
    names = [name for name in archive.namelist() if not name.endswith("/")]
    if len(names) != 1:
        archive.close()
        raise CannotReadError(path, 0, f"holds {len(names)} files, not one; unpack the one that is meant")
    try:
        return cast(BinaryIO, archive.open(names[0]))
    except (RuntimeError, NotImplementedError) as error:
        raise CannotReadError(path, 0, f"cannot be unpacked: {error}; unpack it by hand") from None


def _open_inline(path: str, resource: Resource) -> BinaryIO:
    data = resource.raw["data"]
    if isinstance(data, str):
        return io.BytesIO(data.encode("utf-8"))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for place, row in enumerate(_list_rows(path, data, resource), 1):
        if not isinstance(row, list):
            raise CannotReadError(path, place, "no row; write each row as a list, or each as an object")
        writer.writerow([_write_cell(value, resource) for value in row])
    return io.BytesIO(text.getvalue().encode("utf-8"))


def _list_rows(path: str, data: Any, resource: Resource) -> Iterator[Any]:
    """The rows with their header, whether they are written as lists or as objects."""
    if not isinstance(data, list):
        raise CannotReadError(path, 0, "no list of rows; write each row as a list, or each as an object")
    if not data or not isinstance(data[0], Mapping):
        yield from data or [list(resource.field_names)]
        return
    names = dict.fromkeys(
        (*resource.field_names, *(name for row in data if isinstance(row, Mapping) for name in row))
    )
    yield list(names)
    for row in data:
        yield [row.get(name) for name in names] if isinstance(row, Mapping) else row


def _write_cell(value: Any, resource: Resource) -> str:
    """The text of a JSON value as it would stand in a CSV file."""
    if value is None:
        return "" if "" in resource.missing_values else next(iter(resource.missing_values), "")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
