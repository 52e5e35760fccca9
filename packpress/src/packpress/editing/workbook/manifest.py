"""What a workbook records of its export on a hidden sheet, so that a stale one is known on its return."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from packpress.editing.workbook.selection import Selection
from packpress.package.resource import Resource
from packpress.problems import CannotRunError
from packpress.tables.canonical import Record, sort_records

FORMAT = "packpress workbook 1"


@dataclass(frozen=True)
class Manifest:
    """Whose tables were exported, which of their rows, and a fingerprint of each table's rows."""

    package: str
    selection: Selection
    fingerprints: dict[str, str]

    @property
    def identity(self) -> str:
        """A text that no other export of other rows has."""
        return hashlib.sha256(json.dumps(list(self.rows())).encode("utf-8")).hexdigest()

    def rows(self) -> Iterator[tuple[str, ...]]:
        """The rows of the hidden sheet."""
        yield ("format", FORMAT)
        yield ("package", self.package)
        yield ("rows of", self.selection.table, self.selection.key)
        for name, fingerprint in self.fingerprints.items():
            yield ("table", name, fingerprint)


def read_manifest(rows: Iterable[Sequence[str]], path: str) -> Manifest:
    """What the hidden sheet says; CannotRunError when it is not as an export wrote it."""
    # A row ends with its last filled cell.
    found = [(*row, "", "", "")[:3] for row in rows]
    named = {name: values for name, *values in found}
    if named.get("format", [""])[0] != FORMAT or not {"package", "rows of"} <= named.keys():
        message = (
            "its hidden sheet is not what packpress workbook wrote; export anew and copy your changes there"
        )
        raise CannotRunError(f"{path}: {message}")
    tables = {name: value for kind, name, value in found if kind == "table"}
    return Manifest(named["package"][0], Selection(*named["rows of"]), tables)


def fingerprint(resource: Resource, records: Iterable[Record]) -> str:
    """SHA-256 of the rows of a table, whatever order and form its file has."""
    content = [resource.field_names, *sort_records(resource, records)]
    return hashlib.sha256(json.dumps(content).encode("utf-8")).hexdigest()
