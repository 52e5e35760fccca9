"""Headers: whether the first record of a part of a table names its columns."""

from pathlib import Path

from scripts.lib.parts import make_opener
from scripts.lib.records import LineFeeder, read_lines
from scripts.lib.resource import Resource
from scripts.lib.stream import ByteFacts, open_pieces


def has_header(root: Path, path: str, resource: Resource) -> bool:
    """Whether a part begins with a header.

    The first part does when the dialect says so. A later one may go on with rows, as the standard's first
    version has it: it begins with a header when any cell of its first record is the name of a field.
    """
    if not resource.dialect.get("header", True):
        return False
    if path == resource.parts[0]:
        return True
    pieces = open_pieces(make_opener(root, path, resource), path, resource.encoding, ByteFacts())
    first = next((cells for _, cells in read_lines(LineFeeder(pieces, path), path, resource.dialect)), ())
    return not first or not set(first).isdisjoint(resource.field_names)
