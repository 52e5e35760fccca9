"""Logical hashes: the same for the same rows on every platform, whatever library wrote the files."""

import hashlib
import json
from collections.abc import Iterable

from scripts.lib.publish.content import Content


def hash_rows(content: Content) -> str:
    """SHA-256 over the rows in order of their key, each a JSON array on a line of UTF-8, the names first.

    Numbers are JSON numbers, booleans true or false, dates ISO texts, and a missing cell is null.
    """
    digest = hashlib.sha256()
    for row in (content.resource.field_names, *content.plain_rows):
        line = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
        digest.update(line.encode("utf-8") + b"\n")
    return digest.hexdigest()


def logical_sums(contents: Iterable[Content]) -> str:
    """One line a table with its hash, in order of their names, then `total`, the hash of these lines."""
    lines = sorted(f"{hash_rows(content)}  {content.resource.name}\n" for content in contents)
    lines.sort(key=lambda line: line.split("  ", 1)[1])
    text = "".join(lines)
    return f"{text}{hashlib.sha256(text.encode('utf-8')).hexdigest()}  total\n"
