"""The bytes of a file as UTF-8, piece by piece, so that a file of any size is read in little memory."""

import codecs
import csv
import gzip
import io
import json
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast

from packpress.package.paths import find_file
from packpress.package.resource import Resource
from packpress.problems import CannotReadError, shorten_value
from packpress.similar import offer_nearest

Opener = Callable[[], BinaryIO]

# What reading a damaged file raises.
DAMAGED = (gzip.BadGzipFile, zipfile.BadZipFile, EOFError, zlib.error)
COMPRESSIONS = frozenset({"", "gz", "zip"})
# What systems put into a zip by themselves: a Mac beside every file, Windows into folders.
UNSEEN = re.compile(r"(?:^|[/\\])(?:__MACOSX[/\\]|\._[^/\\]*$|\.DS_Store$|Thumbs\.db$|desktop\.ini$)")
LONGEST_LIST = 500


def make_opener(root: Path, path: str, resource: Resource) -> Opener:
    """A function that opens a part of a table for reading its bytes, uncompressed."""
    if resource.is_inline:
        return partial(_open_inline, path, resource)
    locate = partial(_locate, root, path, resource)
    match resource.compression_of(path):
        case "gz":
            return lambda: cast(BinaryIO, gzip.open(locate(), "rb"))
        case "zip":
            return lambda: _open_zipped(locate(), path, resource.inner_path)
    return lambda: locate().open("rb")


def _locate(root: Path, path: str, resource: Resource) -> Path:
    return resource.fetch(path) if resource.fetch and "://" in path else find_file(root, path)


def refuse_damaged(path: str) -> CannotReadError:
    """What is said of a compressed file that cannot be read to its end."""
    return CannotReadError(path, 0, "an incomplete compressed file; compress it again")


def _open_zipped(file: Path, path: str, wanted: str) -> BinaryIO:
    """The file in a zip that is wanted, or the only one there is."""
    archive = zipfile.ZipFile(file)
    try:
        return cast(BinaryIO, archive.open(_choose_member(archive.namelist(), path, wanted)))
    except (RuntimeError, NotImplementedError) as error:
        raise CannotReadError(path, 0, f"cannot be unpacked: {error}; unpack it by hand") from None


def _choose_member(members: Iterable[str], path: str, wanted: str) -> str:
    """The name of the file in a zip that is wanted; what systems add unseen is none of them."""
    names = {
        posixpath.normpath(name.replace("\\", "/")): name
        for name in members
        if not name.endswith(("/", "\\")) and not UNSEEN.search(name)
    }
    if wanted:
        name = posixpath.normpath(wanted.replace("\\", "/"))
        if name in names:
            return names[name]
        mend = offer_nearest(name, list(names), f"it has {_list_members(names)}")
        raise CannotReadError(path, 0, f"does not contain {wanted}, which innerpath names; {mend}")
    if len(names) != 1:
        mend = f"name one as innerpath: {_list_members(names)}" if names else "put the table into it"
        raise CannotReadError(path, 0, f"contains {len(names)} files, not one; {mend}")
    return next(iter(names.values()))


def _list_members(names: Iterable[str]) -> str:
    return shorten_value(", ".join(sorted(names)), LONGEST_LIST)


def _open_inline(path: str, resource: Resource) -> BinaryIO:
    data = resource.data
    if isinstance(data, str):
        return io.BytesIO(data.encode("utf-8"))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for place, row in enumerate(_list_rows(path, data, resource), 1):
        if not isinstance(row, list):
            raise CannotReadError(
                path, place, "not a row; write every row as a list, or every row as an object"
            )
        writer.writerow([_write_cell(value, resource) for value in row])
    return io.BytesIO(text.getvalue().encode("utf-8"))


def _list_rows(path: str, data: Any, resource: Resource) -> Iterator[Any]:
    """The rows with their header, whether they are written as lists or as objects."""
    if not isinstance(data, list):
        raise CannotReadError(
            path, 0, "not a list of rows; write every row as a list, or every row as an object"
        )
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


PIECE = 1 << 21
BARE_FEED = re.compile(rb"[^\r]\n")
BOM = codecs.BOM_UTF8
MARKS = {
    "utf-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE),
    "utf-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),
}
UTF16_STARTS = (b"\xff", b"\xfe")
# Under these names the standard's default is meant, with or without a byte order mark.
UTF8_NAMES = frozenset({"utf-8", "utf8", "utf-8-sig"})


@dataclass
class ByteFacts:
    """What the text of a file as UTF-8 tells about how it was saved; -1 for nowhere."""

    nul_at: int = -1
    carriage_return_at: int = -1
    bare_feed_at: int = -1  # the first line feed without a carriage return before it
    has_bom: bool = False
    size: int = 0
    last: bytes = b""

    @property
    def changed_at(self) -> int:
        """Where the first line end stands that is not like those before it."""
        places = (self.carriage_return_at, self.bare_feed_at)
        return max(places) if min(places) >= 0 else -1

    def note(self, raw: bytes) -> None:
        """Takes the next bytes into account."""
        if self.nul_at < 0 and (at := raw.find(b"\0")) >= 0:
            self.nul_at = self.size + at
        if self.carriage_return_at < 0 and (at := raw.find(b"\r")) >= 0:
            self.carriage_return_at = self.size + at
        if self.bare_feed_at < 0 and (at := find_bare_feed(raw, self.last)) >= 0:
            self.bare_feed_at = self.size + at
        if not self.size:
            self.has_bom = raw.startswith(BOM)
        self.size += len(raw)
        self.last = raw[-1:] or self.last


def find_bare_feed(raw: bytes, before: bytes) -> int:
    """The place of the first line feed without a carriage return before it; -1 when there is none."""
    at = raw.find(b"\n")
    if at < 0 or (raw[at - 1 : at] if at else before) != b"\r":
        return at
    # To count is much quicker than to search.
    if raw.count(b"\n", at + 1) == raw.count(b"\r\n", at + 1):
        return -1
    bare = BARE_FEED.search(raw, at)
    return bare.start() + 1 if bare else -1


def open_pieces(opener: Opener, path: str, encoding: str, facts: ByteFacts) -> Iterator[bytes]:
    """The text of a file as pieces of whole characters in UTF-8, line ends as they are and without a BOM.

    Raises CannotReadError when the file is missing, is not in its encoding, or the encoding is not known.
    """
    try:
        with opener() as handle:
            read = _read_utf8 if is_utf8(encoding) else _read_encoded
            yield from read(handle, opener, path, encoding, facts)
    except DAMAGED:
        raise refuse_damaged(path) from None
    except FileNotFoundError:
        raise CannotReadError(path, 0, "no such file; restore it or correct path in the descriptor") from None
    except LookupError:
        raise CannotReadError(path, 0, f"encoding {encoding} is not known; name one such as utf-8") from None
    except OSError as error:
        raise CannotReadError(path, 0, f"cannot be read: {error.strerror}; fix that and try again") from None


def is_utf8(encoding: str) -> bool:
    """Whether the encoding is the standard's default, whose bytes need no translation."""
    return encoding.lower() in UTF8_NAMES


def find_line(opener: Opener, path: str, encoding: str, at: int) -> int:
    """The line of a readable file that a place of its `ByteFacts` stands on."""
    if is_utf8(encoding):
        return count_lines(opener, at)
    line = 1
    for piece in open_pieces(opener, path, encoding, ByteFacts()):
        line += piece.count(b"\n", 0, max(at, 0))
        at -= len(piece)
    return line


def count_lines(opener: Opener, end: int) -> int:
    """The line of a file, counted from 1 by its line feeds, that the byte at `end` stands on."""
    line = 1
    with opener() as handle:
        for raw in read_until(handle, end):
            line += raw.count(b"\n")
    return line


def codec_of(encoding: str, start: bytes) -> str:
    """The codec of a file that begins so; without a mark, as bytes.decode has it on our machines."""
    name = codecs.lookup(encoding).name
    return f"{name}-le" if name in MARKS and not start.startswith(MARKS[name]) else name


def refuse_byte(handle: BinaryIO, at: int, path: str, encoding: str) -> CannotReadError:
    """What is said of the byte at a place of a file, which is not in the file's encoding."""
    line, column = 1, 1
    name = "utf-8-sig" if is_utf8(encoding) else codec_of(encoding, handle.read(4))
    decoder = codecs.getincrementaldecoder(name)("replace")
    handle.seek(0)
    for piece in read_until(handle, at):
        text = decoder.decode(piece)
        line += text.count("\n")
        column = len(text) - text.rfind("\n") if "\n" in text else column + len(text)
    byte = handle.read(1)
    # So begins a file that a spreadsheet saved as Unicode.
    mend = (
        f"save the file, which looks like utf-16, as {encoding}"
        if line == column == 1 and byte in UTF16_STARTS
        else f"save the file as {encoding}, or declare its actual encoding"
    )
    message = f"byte {byte.hex().upper()} at column {column} is not {encoding}; {mend}"
    return CannotReadError(path, line, message, "file/encoding")


def _refuse(opener: Opener, path: str, encoding: str, at: int) -> CannotReadError:
    with opener() as handle:
        return refuse_byte(handle, at, path, encoding)


def read_until(handle: BinaryIO, end: int) -> Iterator[bytes]:
    """The first bytes of a file, piece by piece."""
    while end > 0 and (raw := handle.read(min(PIECE, end))):
        yield raw
        end -= len(raw)


def _read_utf8(
    handle: BinaryIO, opener: Opener, path: str, encoding: str, facts: ByteFacts
) -> Iterator[bytes]:
    pending, done, skipped = b"", 0, 0
    while True:
        raw = handle.read(PIECE)
        facts.note(raw)
        piece = pending + raw if pending else raw
        if not done and not skipped and piece.startswith(BOM):
            piece, skipped = piece[len(BOM) :], len(BOM)
        pending = b""
        if not piece.isascii():
            try:
                piece.decode("utf-8")
            except UnicodeDecodeError as error:
                # A character may continue in the bytes that come next.
                if not raw or error.end < len(piece) or len(piece) - error.start > 3:
                    raise _refuse(opener, path, encoding, done + error.start + skipped) from None
                pending, piece = piece[error.start :], piece[: error.start]
        done += len(piece)
        if piece:
            yield piece
        if not raw:
            return


def _read_encoded(
    handle: BinaryIO, opener: Opener, path: str, encoding: str, facts: ByteFacts
) -> Iterator[bytes]:
    with suppress(UnicodeError):
        bytes(4).decode(encoding)  # refuses what is known to Python but no encoding of text
    raw = handle.read(PIECE)
    decoder = codecs.getincrementaldecoder(codec_of(encoding, raw))()
    done = 0
    while True:
        kept = len(decoder.getstate()[0])
        try:
            piece = decoder.decode(raw, final=not raw).encode("utf-8")
        except UnicodeDecodeError as error:
            raise _refuse(opener, path, encoding, done - kept + error.start) from None
        except UnicodeEncodeError:
            message = "contains a lone surrogate (half of a character); save the file as utf-8"
            raise CannotReadError(path, count_lines(opener, done), message, "file/encoding") from None
        done += len(raw)
        facts.note(piece)
        if piece:
            yield piece
        if not raw:
            return
        raw = handle.read(PIECE)
