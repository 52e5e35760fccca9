"""CSV as published: UTF-8 in the standard's default dialect, whatever the source files are written in."""

from pathlib import Path

from packpress.package.resource import build_resource
from packpress.publish.content import Content
from packpress.tables.canonical import canonical_pieces


def write_csv(path: Path, content: Content) -> None:
    """Writes the canonical CSV of a table; the bytes of its source file when that is canonical."""
    raw = {name: value for name, value in content.resource.raw.items() if name not in {"dialect", "encoding"}}
    with path.open("wb") as file:
        file.writelines(canonical_pieces(build_resource(raw), content.records))
