"""Decoding: the bytes of a file as UTF-8, in pieces, so that files of any size need little memory."""

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

from packpress.conflict_markers import refuse_conflicts
from packpress.package.paths import describe_missing, find_file, recognise_file
from packpress.package.resource import Resource
from packpress.problems import CannotReadError, shorten_value
from packpress.similar import offer_nearest
from packpress.tables.fast.columns import is_valid_utf8

Opener = Callable[[], BinaryIO]

# Exceptions raised when reading a damaged file.
DAMAGED = (gzip.BadGzipFile, zipfile.BadZipFile, EOFError, zlib.error)
COMPRESSIONS = frozenset({"", "gz", "zip"})
KINDS = {"gz": "gzip", "zip": "zip"}
# Files that operating systems add to a zip: macOS next to every file, Windows in folders.
UNSEEN = re.compile(r"(?:^|[/\\])(?:__MACOSX[/\\]|\._[^/\\]*$|\.DS_Store$|Thumbs\.db$|desktop\.ini$)")
LONGEST_LIST = 500


def make_opener(root: Path, path: str, resource: Resource) -> Opener:
    """A function that opens one file of a table for reading its uncompressed bytes.

    >>> from packpress import read_package
    >>> make_opener(Path("fleet"), "boats.csv", read_package("fleet").by_name["boats"])().readline()
    b'boat_id,name,built\\n'
    """
    if resource.is_inline:
        return partial(_open_inline, path, resource)
    locate = partial(_locate, root, path, resource)
    match resource.compression_of(path):
        case "gz":
            return lambda: cast(BinaryIO, gzip.open(_check_kind(locate(), path, "gz"), "rb"))
        case "zip":
            return lambda: _open_zipped(_check_kind(locate(), path, "zip"), path, resource.inner_path)
    return lambda: locate().open("rb")


def _locate(root: Path, path: str, resource: Resource) -> Path:
    if resource.fetch and "://" in path:
        return resource.fetch(path)
    try:
        return find_file(root, path)
    except FileNotFoundError:
        raise CannotReadError(path, 0, describe_missing(root, path)) from None


def _check_kind(file: Path, path: str, kind: str) -> Path:
    """The file; CannotReadError when it is of another kind than its name or declaration says."""
    found = recognise_file(file)
    if found in {KINDS[kind], ""}:
        return file
    if path.lower().endswith(f".{kind}"):
        said, plain = "its name", f"name it {path[: -len(kind) - 1]}"
    else:
        said, plain = "the descriptor", "remove compression there"
    mend = f"compress it, or {plain}" if found == "text" else "create it again"
    what = "plain text" if found == "text" else f"a {found} file"
    raise CannotReadError(path, 0, f"{what}, although {said} says {KINDS[kind]}; {mend}")


def refuse_damaged(path: str) -> CannotReadError:
    """The error for a compressed file that cannot be read to its end.

    >>> print(refuse_damaged("boats.csv.gz"))
    boats.csv.gz: an incomplete compressed file; compress it again
    """
    return CannotReadError(path, 0, "an incomplete compressed file; compress it again")


def _open_zipped(file: Path, path: str, wanted: str) -> BinaryIO:
    """Opens the wanted file in a zip, or its only file."""
    archive = zipfile.ZipFile(file)
    try:
        return cast(BinaryIO, archive.open(_choose_member(archive.namelist(), path, wanted)))
    except (RuntimeError, NotImplementedError) as error:
        raise CannotReadError(path, 0, f"cannot be unpacked: {error}; unpack it by hand") from None


def _choose_member(members: Iterable[str], path: str, wanted: str) -> str:
    """The name of the wanted file in a zip; files added by operating systems are ignored."""
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
    """The rows with their header, whether they are given as lists or as objects."""
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
    """The text of a JSON value as a cell of a CSV file."""
    if value is None:
        return "" if "" in resource.missing_values else next(iter(resource.missing_values), "")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


PIECE, AT_ONCE = 1 << 21, 1 << 17
# The first bytes of UTF-8 characters with more than so many bytes.
LEADS = {1: 0xC0, 2: 0xE0, 3: 0xF0}
BARE_FEED = re.compile(rb"[^\r]\n")
BOM = codecs.BOM_UTF8
MARKS = {
    "utf-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE),
    "utf-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),
}
UTF16_STARTS = (b"\xff", b"\xfe")
# Names of the standard's default encoding, with or without a byte order mark.
UTF8_NAMES = frozenset({"utf-8", "utf8", "utf-8-sig"})


@dataclass
class ByteFacts:
    """How the text of a file was saved, as positions in its UTF-8; -1 if there is none.

    >>> facts = ByteFacts()
    >>> facts.note(b"boat_id\\r\\nada\\n")
    >>> facts.carriage_return_at, facts.bare_feed_at, facts.changed_at, facts.size
    (7, 12, 12, 13)
    """

    nul_at: int = -1
    carriage_return_at: int = -1
    bare_feed_at: int = -1  # the first line feed without a carriage return before it
    has_bom: bool = False
    size: int = 0
    last: bytes = b""

    @property
    def changed_at(self) -> int:
        """The position of the first line end that differs from those before it."""
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
    """The position of the first line feed that does not follow a carriage return; -1 if there is none.

    >>> find_bare_feed(b"ada\\r\\nida\\n", b""), find_bare_feed(b"\\n", b"\\r")
    (8, -1)
    """
    at = raw.find(b"\n")
    if at < 0 or (raw[at - 1 : at] if at else before) != b"\r":
        return at
    # Counting is much faster than searching.
    if raw.count(b"\n", at + 1) == raw.count(b"\r\n", at + 1):
        return -1
    bare = BARE_FEED.search(raw, at)
    return bare.start() + 1 if bare else -1


def open_pieces(opener: Opener, path: str, encoding: str, facts: ByteFacts) -> Iterator[bytes]:
    """The text of a file as UTF-8 in pieces of whole characters, with its line ends, without a BOM.

    Raises CannotReadError if the file is missing, is not in its encoding, contains an unfinished merge, or
    the encoding is unknown.

    >>> b"".join(open_pieces(lambda: io.BytesIO(b"M\\xf6we"), "a.csv", "latin-1", ByteFacts())).decode()
    'Möwe'
    """
    unused = iter((facts,))
    # Opened again, the file gives no facts a second time.
    return refuse_conflicts(lambda: _open_decoded(opener, path, encoding, next(unused, ByteFacts())), path)


def _open_decoded(opener: Opener, path: str, encoding: str, facts: ByteFacts) -> Iterator[bytes]:
    """The same, whatever it contains."""
    try:
        with opener() as handle:
            read = _read_utf8 if is_utf8(encoding) else _read_encoded
            yield from read(handle, opener, path, encoding, facts)
    except DAMAGED:
        raise refuse_damaged(path) from None
    except FileNotFoundError:
        raise CannotReadError(path, 0, "no such file; restore it") from None
    except LookupError:
        raise CannotReadError(path, 0, f"encoding {encoding} is not known; name one such as utf-8") from None
    except OSError as error:
        raise CannotReadError(path, 0, f"cannot be read: {error.strerror}; fix that and try again") from None


def is_utf8(encoding: str) -> bool:
    """Whether the encoding is the standard's default, which needs no conversion.

    >>> is_utf8("UTF-8"), is_utf8("latin-1")
    (True, False)
    """
    return encoding.lower() in UTF8_NAMES


def find_line(opener: Opener, path: str, encoding: str, at: int) -> int:
    """The line of a readable file that contains a position of its `ByteFacts`.

    >>> find_line(lambda: io.BytesIO("é\\nö".encode("latin-1")), "a.csv", "latin-1", 3)
    2
    """
    if is_utf8(encoding):
        return count_lines(opener, at)
    line = 1
    for piece in open_pieces(opener, path, encoding, ByteFacts()):
        line += piece.count(b"\n", 0, max(at, 0))
        at -= len(piece)
    return line


def count_lines(opener: Opener, end: int) -> int:
    """The line that contains the byte at `end`, counted from 1 by line feeds.

    >>> count_lines(lambda: io.BytesIO(b"boat_id\\nada\\nida\\n"), 8)
    2
    """
    line = 1
    with opener() as handle:
        for raw in read_until(handle, end):
            line += raw.count(b"\n")
    return line


def codec_of(encoding: str, start: bytes) -> str:
    """The codec for a file with these first bytes; without a byte order mark, little-endian.

    >>> codec_of("utf-16", b"a\\0"), codec_of("utf-16", b"\\xfe\\xff")
    ('utf-16-le', 'utf-16')
    """
    name = codecs.lookup(encoding).name
    return f"{name}-le" if name in MARKS and not start.startswith(MARKS[name]) else name


def refuse_byte(handle: BinaryIO, at: int, path: str, encoding: str) -> CannotReadError:
    """The error for the byte at a position of a file, which is invalid in the file's encoding.

    >>> print(refuse_byte(io.BytesIO(b"boat_id\\nM\\xf6we\\n"), 9, "boats.csv", "utf-8"))
    boats.csv:2: byte F6 at column 2 is not utf-8; save the file as utf-8, or declare its actual encoding
    """
    line, column = 1, 1
    name = "utf-8-sig" if is_utf8(encoding) else codec_of(encoding, handle.read(4))
    decoder = codecs.getincrementaldecoder(name)("replace")
    handle.seek(0)
    for piece in read_until(handle, at):
        text = decoder.decode(piece)
        line += text.count("\n")
        column = len(text) - text.rfind("\n") if "\n" in text else column + len(text)
    byte = handle.read(1)
    # Files that a spreadsheet program saved as Unicode begin like this.
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
    """The first bytes of a file, in pieces.

    >>> list(read_until(io.BytesIO(b"boat_id\\nada\\n"), 7))
    [b'boat_id']
    """
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
        whole = len(piece)
        if not piece.isascii():
            try:
                whole = _count_whole(piece)
            except UnicodeDecodeError as error:
                raise _refuse(opener, path, encoding, done + error.start + skipped) from None
            if whole < len(piece) and not raw:
                raise _refuse(opener, path, encoding, done + whole + skipped)
        piece, pending = piece[:whole], piece[whole:]
        done += len(piece)
        if piece:
            yield piece
        if not raw:
            return


def _count_whole(piece: bytes) -> int:
    """How many bytes are whole characters: all, but perhaps up to three at the end that others may continue.

    Raises UnicodeDecodeError with the position of the first other byte.
    """
    end = len(piece) - _count_cut(piece)
    return end if is_valid_utf8(memoryview(piece)[:end]) else _count_decoded(piece)


def _count_cut(piece: bytes) -> int:
    """How many bytes at the end begin a character without its last ones."""
    for count in range(1, min(len(piece), 3) + 1):
        if piece[-count] >= 0xC0:
            return count if piece[-count] >= LEADS[count] else 0
    return 0


def _count_decoded(piece: bytes) -> int:
    """The same, by decoding; few at a time, because memory for more would be new each time."""
    view, count = memoryview(piece), 0
    while count < len(piece):
        try:
            used = codecs.utf_8_decode(view[count : count + AT_ONCE], "strict", False)[1]
        except UnicodeDecodeError as error:
            error.start += count
            raise
        if not used:
            break
        count += used
    return count


def _read_encoded(
    handle: BinaryIO, opener: Opener, path: str, encoding: str, facts: ByteFacts
) -> Iterator[bytes]:
    with suppress(UnicodeError):
        bytes(4).decode(encoding)  # refuses codecs of Python that do not encode text
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
