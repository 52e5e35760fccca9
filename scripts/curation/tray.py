"""The tray: a folder of suggested rows, a CSV file for each table, to be completed, deleted and accepted.

The files are written for spreadsheet programs, with a byte order mark, and read as these save them.
"""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.lib.canonical import canonical_bytes
from scripts.lib.changes import make_record
from scripts.lib.descriptor import Package
from scripts.lib.files import write_file
from scripts.lib.nearest import nearest_value
from scripts.lib.problems import CannotRunError, Problem
from scripts.lib.resource import Resource

MARK = "\ufeff".encode()
DELIMITERS = (",", ";", "\t")
# Fingerprints of the files as they were written, so that what somebody edited is not replaced.
SUMS = "SHA256SUMS"


@dataclass(frozen=True)
class Offer:
    """One row of a tray: its table, its cells in the order of the fields, and where it stands."""

    resource: Resource
    record: tuple[str, ...]
    path: str
    line: int

    @property
    def key(self) -> tuple[str, ...]:
        """The values of its primary key."""
        names = self.resource.field_names
        return tuple(self.record[names.index(name)] for name in self.resource.primary_key)


def write_tray(folder: Path, package: Package, rows: Mapping[str, Iterable[Mapping[str, str]]]) -> bool:
    """The folder holds the rows; False, and all stays as it is, when somebody edited what is there."""
    if is_edited(folder):
        return False
    remove_tray(folder)
    sums = []
    for table, cells in rows.items():
        resource = package.by_name[table]
        data = MARK + canonical_bytes(resource, (make_record(resource, row) for row in cells))
        write_file(folder / f"{table}.csv", data)
        sums.append(f"{hashlib.sha256(data).hexdigest()}  {table}.csv\n")
    if sums:
        write_file(folder / SUMS, "".join(sums).encode())
    return True


def is_edited(folder: Path) -> bool:
    """Whether the folder holds anything else than what was written into it."""
    written = {}
    if (folder / SUMS).is_file():
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
        written = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    found = {file.name: file for file in folder.iterdir() if file.name != SUMS} if folder.is_dir() else {}
    return found.keys() != written.keys() or any(
        not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != written[name]
        for name, file in found.items()
    )


def remove_tray(folder: Path) -> None:
    """Removes the files of a tray, and the folder when nothing else is in it."""
    if folder.is_dir():
        for file in [*folder.glob("*.csv"), folder / SUMS]:
            file.unlink(missing_ok=True)
        if not any(folder.iterdir()):
            folder.rmdir()


def read_tray(folder: Path, package: Package) -> Iterator[Offer | Problem]:
    """The rows of a tray and what is wrong with its files; CannotRunError when there is no tray."""
    files = sorted(folder.glob("*.csv")) if folder.is_dir() else []
    if not files:
        raise CannotRunError(f"{folder}: no folder of suggested rows; run make todo, which writes them")
    for file in files:
        resource = package.by_name.get(file.stem)
        if resource is None:
            near = nearest_value(file.stem, list(package.by_name))
            hint = f"did you mean {near}.csv?" if near else "name it as its table, or take it out"
            yield Problem(str(file), 0, f"no table has this name; {hint}")
        else:
            yield from _read_file(file, resource)


def _read_file(file: Path, resource: Resource) -> Iterator[Offer | Problem]:
    path = str(file)
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        yield Problem(path, 0, "not UTF-8; save it from the spreadsheet as CSV UTF-8")
        return
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = next(lines, [])
        if fault := _describe_header(header, resource):
            yield Problem(path, 1, f"{fault}; write it as {','.join(resource.field_names)}")
            return
        before = lines.line_num
        for cells in lines:
            line, before = before + 1, lines.line_num
            if len(cells) > len(header) and any(cells[len(header) :]):
                yield Problem(path, line, f"has {len(cells)} cells, not {len(header)}; mend the row")
            elif any(cells):
                record = make_record(resource, dict(zip(header, cells, strict=False)))
                yield Offer(resource, record, path, line)
    except csv.Error as error:
        yield Problem(path, lines.line_num, f"cannot be read as CSV: {error}; mend the quotes there")


def _describe_header(header: list[str], resource: Resource) -> str:
    """What is wrong with a header; columns may stand in any order, and may be missing but for the key."""
    unknown = [name for name in header if name not in resource.field_names]
    if unknown:
        return f"the header has {', '.join(unknown)}, which {resource.name} has not"
    missing = [name for name in resource.primary_key if name not in header]
    if missing:
        return f"the header lacks {', '.join(missing)}"
    return "the header repeats a name" if len({*header}) < len(header) else ""
