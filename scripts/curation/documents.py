"""The documents: the text of each source as it stands on disk."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from packpress.tables.rows import Row

DOCUMENTS = "data/sources"
# Stands in a draft until a curator says whose the text is.
RIGHTS_NOT_STATED = "Not stated yet."


@dataclass(frozen=True)
class Document:
    """The text of one source; empty, with the field at fault and a message, when it cannot be read."""

    row: Row
    sha256: str = ""
    text: str = ""
    faulty_field: str = ""
    fault: str = ""

    @property
    def is_genuine(self) -> bool:
        """Whether the text is the one that the source's row was written for."""
        return not self.fault and self.sha256 == self.row["sha256"]


def is_line_start(text: str, place: int) -> bool:
    """Whether a printed line begins at a place of the text, or after white space before it."""
    while place and text[place - 1].isspace():
        if text[place - 1].splitlines() == [""]:
            return True
        place -= 1
    return place == 0


def read_document(root: Path, row: Row) -> Document:
    """The document of a source, or what keeps it from being read."""
    path = f"{DOCUMENTS}/{row['source_id']}.txt"
    if row["path"] != path:
        return Document(row, faulty_field="path", fault=f"a document is named after its source; write {path}")
    try:
        data = (root / path).read_bytes()
    except (OSError, ValueError):
        return Document(row, faulty_field="path", fault="no such file; restore it or take the source out")
    sha256, encoding = hashlib.sha256(data).hexdigest(), row["encoding"]
    try:
        return Document(row, sha256, data.decode(encoding))
    except LookupError:
        fault = "not a known encoding; name one such as utf-8"
    except ValueError:
        fault = f"{path} cannot be decoded with it; name the encoding it was saved in"
    return Document(row, sha256, faulty_field="encoding", fault=fault)
