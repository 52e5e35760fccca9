"""Verification: the anchors of a build against documents that somebody holds, edition or not."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from packpress.problems import CannotRunError
from packpress.publish.sqlite import quote_identifier

SOURCES = "select source_id, short_name, sha256, encoding from sources order by position"
ANCHORS = """
select table_name, row_id, field_name, start_offset, end_offset, sha256
from anchors
where source_id = ?
order by start_offset, end_offset, table_name, row_id, field_name
"""


@dataclass(frozen=True)
class Verified:
    """What became of one source: the file that is its document, and the anchors that hold in it or fail."""

    source_id: str
    short_name: str
    file: Path | None
    held: int
    failures: tuple[str, ...]


def verify_build(database: Path, folder: Path) -> Iterator[Verified]:
    """Every source of the build with its anchors looked up in the documents of the folder.

    A document is known by its SHA-256, whatever its name. CannotRunError when build or folder is missing.
    """
    if not folder.is_dir():
        raise CannotRunError(f"{folder}: no such folder; name the one that holds the documents")
    files = {
        hashlib.sha256(file.read_bytes()).hexdigest(): file
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as db:
            for source_id, short_name, sha256, encoding in db.execute(SOURCES).fetchall():
                file = files.get(sha256)
                held, failures = 0, list[str]()
                if file:
                    text = file.read_bytes().decode(encoding)
                    for anchor in db.execute(ANCHORS, (source_id,)):
                        fault = _find_fault(db, anchor, text)
                        failures += [fault] if fault else []
                        held += not fault
                yield Verified(source_id, short_name, file, held, tuple(failures))
    except sqlite3.Error as error:
        raise CannotRunError(
            f"{database}: not a build with sources and anchors: {error}; run make build"
        ) from None


def _find_fault(db: sqlite3.Connection, anchor: tuple[str, str, str, int, int, str], text: str) -> str | None:
    """What is wrong with an anchor, or None: its characters have its hash, and are the row's own."""
    table, row_id, field, start, end, sha256 = anchor
    words = text[start:end]
    place = f"{table} {row_id}: {field}"
    if hashlib.sha256(words.encode("utf-8")).hexdigest() != sha256:
        return f'{place}: characters {start} to {end} read "{words[:60]}", which is not what was recorded'
    recorded = _read_cell(db, table, row_id, field)
    if recorded and recorded != words:
        return f'{place}: the row says "{recorded[:60]}", characters {start} to {end} read "{words[:60]}"'
    return None


def _read_cell(db: sqlite3.Connection, table: str, row_id: str, field: str) -> str | None:
    """The cell that an anchor stands for; None in an edition that leaves the words out."""
    name = quote_identifier(table)
    columns = db.execute(f"select name, pk from pragma_table_info({name})").fetchall()
    if field not in {column for column, _ in columns}:
        return None
    keys = [column for column, place in sorted(columns, key=lambda item: item[1]) if place]
    key = " || ',' || ".join(map(quote_identifier, keys))
    row = db.execute(f"select {quote_identifier(field)} from {name} where {key} = ?", (row_id,)).fetchone()
    return str(row[0]) if row and row[0] is not None else None
