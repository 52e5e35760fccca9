"""CSV as published: UTF-8 in the standard's default dialect, whatever the source files are written in."""

from scripts.lib.canonical import canonical_bytes
from scripts.lib.publish.content import Content
from scripts.lib.resource import build_resource


def csv_bytes(content: Content) -> bytes:
    """The canonical CSV of a table; the bytes of its source file when that is canonical."""
    raw = {name: value for name, value in content.resource.raw.items() if name not in {"dialect", "encoding"}}
    return canonical_bytes(build_resource(raw), content.records)
