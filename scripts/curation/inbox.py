"""The inbox: a folder of suggested rows, one CSV file per table, to be completed, deleted and accepted."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from packpress.editing.format import SavedRow, make_record, read_saved, render_saved
from packpress.package.descriptor import Package
from packpress.problems import CannotRunError, Problem
from packpress.similar import nearest_value
from packpress.transaction import write_file

# Hashes of the files as written, so that files somebody edited are not replaced.
SUMS = "SHA256SUMS"


def write_inbox(folder: Path, package: Package, rows: Mapping[str, Iterable[Mapping[str, str]]]) -> bool:
    """Writes the rows to the folder; returns False, and changes nothing, when its files were edited."""
    if is_edited(folder):
        return False
    remove_inbox(folder)
    sums = []
    for table, cells in rows.items():
        resource = package.by_name[table]
        data = render_saved(resource, (make_record(resource, row) for row in cells))
        write_file(folder / f"{table}.csv", data)
        sums.append(f"{hashlib.sha256(data).hexdigest()}  {table}.csv\n")
    if sums:
        write_file(folder / SUMS, "".join(sums).encode())
    return True


def is_edited(folder: Path) -> bool:
    """Whether the folder contains anything else than what was written to it.

    >>> is_edited(Path("no such folder"))
    False
    """
    written = {}
    if (folder / SUMS).is_file():
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
        written = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    found = {file.name: file for file in folder.iterdir() if file.name != SUMS} if folder.is_dir() else {}
    return found.keys() != written.keys() or any(
        not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != written[name]
        for name, file in found.items()
    )


def remove_inbox(folder: Path) -> None:
    """Removes the files of an inbox, and the folder when nothing else is in it."""
    if folder.is_dir():
        for file in [*folder.glob("*.csv"), folder / SUMS]:
            file.unlink(missing_ok=True)
        if not any(folder.iterdir()):
            folder.rmdir()


def read_inbox(folder: Path, package: Package) -> Iterator[SavedRow | Problem]:
    """The rows of an inbox and the problems of its files; CannotRunError when there is no inbox."""
    files = sorted(folder.glob("*.csv")) if folder.is_dir() else []
    if not files:
        raise CannotRunError(f"{folder}: not a folder of suggested rows; run make todo, which writes them")
    for file in files:
        resource = package.by_name.get(file.stem)
        if resource is None:
            near = nearest_value(file.stem, list(package.by_name))
            hint = f"did you mean {near}.csv?" if near else "name it after its table, or remove it"
            yield Problem(str(file), 0, f"no table has this name; {hint}")
        else:
            yield from read_saved(file, resource)
