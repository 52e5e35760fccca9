"""Byte ranges of files (RFC 9110, section 14), by which other programs read parts of them from afar."""

import re

RANGE = re.compile(rb"bytes=([0-9]{0,18})-([0-9]{0,18})")
# What a response says that may be asked for in parts.
ACCEPTED = (b"accept-ranges", b"bytes")


def find_range(asked: bytes, size: int) -> range | None:
    """The bytes that a Range header asks for of so many; empty when there are none of them.

    None without such a header, or with one that may be ignored: in other units, of several ranges, or wrong.

    >>> find_range(b"bytes=2-5", 10), find_range(b"bytes=-3", 10), find_range(b"bytes=10-", 10)
    (range(2, 6), range(7, 10), range(0, 0))
    >>> find_range(b"bytes=0-1,4-5", 10), find_range(b"lines=1-2", 10)
    (None, None)
    """
    match = RANGE.fullmatch(asked.replace(b" ", b""))
    if not match or match[1] == match[2] == b"":
        return None
    if not match[1]:
        start, end = max(size - int(match[2]), 0), size
    else:
        start, end = int(match[1]), min(int(match[2] or size) + 1, size)
        if match[2] and int(match[2]) < start:
            return None
    return range(start, end) if start < end else range(0)


def name_range(part: range, size: int) -> bytes:
    """The Content-Range header of a part; of an empty one, that of the refusal.

    >>> name_range(range(2, 6), 10), name_range(range(0), 10)
    (b'bytes 2-5/10', b'bytes */10')
    """
    return f"bytes {f'{part.start}-{part.stop - 1}' if part else '*'}/{size}".encode()


def choose_part(
    headers: dict[bytes, bytes], size: int, etag: bytes
) -> tuple[int, range, list[tuple[bytes, bytes]]]:
    """The status, the bytes to send of so many, and the headers of the answer to a request for a file.

    `If-Range` asks for all of it when the file is no longer the one with that ETag.
    """
    part = find_range(headers.get(b"range", b""), size) if headers.get(b"if-range", etag) == etag else None
    if part is None:
        return 200, range(size), [ACCEPTED]
    return 206 if part else 416, part, [ACCEPTED, (b"content-range", name_range(part, size))]
