"""Logical hashes: the same for the same rows on every platform, whatever library wrote the files."""

import hashlib
import json
from collections.abc import Iterable
from itertools import chain, islice

from packpress.publish.content import ROWS_AT_ONCE, Content


def hash_rows(content: Content) -> str:
    """SHA-256 over the rows in order of their key, each a JSON array on a line of UTF-8, the names first.

    Numbers are JSON numbers, booleans true or false, dates ISO texts, and a missing cell is null.
    """
    digest = hashlib.sha256()
    write_row = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    rows = chain([content.resource.field_names], content.plain_rows)
    while lines := "\n".join(map(write_row, islice(rows, ROWS_AT_ONCE))):
        digest.update(lines.encode("utf-8") + b"\n")
    return digest.hexdigest()


def logical_sums(contents: Iterable[Content]) -> str:
    """One line a table with its hash, in order of their names, then `total`, the hash of these lines."""
    lines = sorted(f"{hash_rows(content)}  {content.resource.name}\n" for content in contents)
    lines.sort(key=lambda line: line.split("  ", 1)[1])
    text = "".join(lines)
    return f"{text}{hashlib.sha256(text.encode('utf-8')).hexdigest()}  total\n"
