"""Which workbooks were imported, so that the same file can be edited and imported again.

After an import the tables differ from those that were exported, by the very changes of the workbook. What
both looked like then is remembered by the place of the workbook and its export.
"""

import hashlib
import json
from pathlib import Path

from packpress.atomic import write_file
from packpress.editing.workbook.book import Book

IMPORTED = Path("dist") / "imported"

# Fingerprints of a table's rows at the last import, by its name: those of the workbook, and those on disk.
Settled = dict[str, tuple[str, str]]


def read_settled(folder: Path, book: Book) -> Settled:
    """What is remembered of the last import of the workbook; nothing when it never was imported."""
    try:
        remembered = json.loads(_place_of(folder, book.path).read_text(encoding="utf-8"))
        if remembered["export"] != book.manifest.identity:
            return {}
        return {name: (of_sheet, of_disk) for name, (of_sheet, of_disk) in remembered["tables"].items()}
    except (OSError, ValueError, LookupError, AttributeError, TypeError):
        return {}  # who is not remembered has to export anew


def write_settled(folder: Path, book: Book, settled: Settled) -> None:
    """Remembers an import of the workbook; CannotRunError when it cannot be written."""
    tables = {**read_settled(folder, book), **settled}
    text = json.dumps({"export": book.manifest.identity, "tables": tables}, indent=1)
    write_file(_place_of(folder, book.path), text.encode("utf-8"))


def forget(folder: Path, workbook: Path) -> None:
    """Forgets the imports of a workbook that another export replaces."""
    _place_of(folder, workbook).unlink(missing_ok=True)


def _place_of(folder: Path, workbook: Path) -> Path:
    name = hashlib.sha256(str(workbook.resolve()).encode("utf-8", "surrogateescape")).hexdigest()
    return folder / f"{name[:32]}.json"
