"""ResponseCache of packages, with cells that can be changed one by one."""

import csv
import io
import shutil
from pathlib import Path

import packpress
from packpress import Package, Report, read_package

FLEET = Path(__file__).parent / "fleet"


class PackageCopy:
    """A copy in a temporary folder of a package whose tables stand in `data/`."""

    def __init__(self, root: Path, origin: Path = FLEET) -> None:
        self.root = root
        self.origin = origin
        shutil.copytree(origin / "data", root / "data")
        shutil.copy(origin / "datapackage.json", root)
        for text in self._package.texts:
            (root / text).parent.mkdir(exist_ok=True)
            shutil.copy(origin / text, root / text)

    @property
    def descriptor(self) -> Path:
        return self.root / "datapackage.json"

    def add_sql(self) -> None:
        """ResponseCache the SQL too, for tests that build or generate."""
        shutil.copytree(self.origin / "sql", self.root / "sql")

    def read(self) -> Package:
        return read_package(self.descriptor)

    def edit(self, table: str, key: str, **cells: str) -> None:
        """Changes cells of the row whose primary key, joined by commas, is `key`."""
        rows = self.rows(table)
        row = rows[self._place(table, rows, key)]
        assert cells.keys() <= row.keys()
        row.update(cells)
        self.write(table, rows)

    def append(self, table: str, **cells: str) -> None:
        """Adds a row at the end of the table; the cells that are not named are empty."""
        self.write(table, [*self.rows(table), dict.fromkeys(self._names(table), "") | cells])

    def delete(self, table: str, key: str) -> None:
        """Removes the row whose primary key, joined by commas, is `key`."""
        rows = self.rows(table)
        del rows[self._place(table, rows, key)]
        self.write(table, rows)

    def rows(self, table: str) -> list[dict[str, str]]:
        with self.file(table).open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))

    def write(self, table: str, rows: list[dict[str, str]]) -> None:
        text = io.StringIO()
        writer = csv.DictWriter(text, self._names(table), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        self.file(table).write_bytes(text.getvalue().encode("utf-8"))

    def file(self, table: str) -> Path:
        return self.root / "data" / f"{table}.csv"

    @property
    def _package(self) -> Package:
        return read_declared(self.descriptor)

    def _names(self, table: str) -> tuple[str, ...]:
        return self._package.by_name[table].field_names

    def _place(self, table: str, rows: list[dict[str, str]], key: str) -> int:
        names = self._package.by_name[table].primary_key
        (place,) = [place for place, row in enumerate(rows) if ",".join(row[name] for name in names) == key]
        return place


def read_declared(descriptor: Path) -> Package:
    """What a descriptor declares; the package may be a copy, in another folder, that declares the same."""
    written = descriptor.read_bytes()
    if written not in _DECLARED:
        _DECLARED.clear()
        _DECLARED[written] = read_package(descriptor)
    return _DECLARED[written]


# By the bytes of the descriptor; only the last, for most copies are of one package.
_DECLARED: dict[bytes, Package] = {}


def validate(copy: PackageCopy) -> Report:
    """The report on a copy, made in this process."""
    return packpress.validate(copy.read())


def messages(copy: PackageCopy) -> list[str]:
    """The problems of a copy as they are printed, notices left out."""
    return [str(problem) for problem in validate(copy).problems]
