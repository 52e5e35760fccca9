"""Workbooks as people handle them: exported, edited with openpyxl as a spreadsheet program would, imported."""

from pathlib import Path

import openpyxl
from click.testing import CliRunner, Result
from packpress.cli import import_workbook as import_command
from packpress.cli import workbook as workbook_command
from packpress.editing.workbook.importing import propose

from invented.findings import locate
from invented.packages import field, table, write_package
from packpress import Problem, read_package

PORTS = """\
port_id,label,broader_id,definition
bergen,bergen,,On a sound.
brest,brest,west,On a bay.
oslo,oslo,,On a fjord.
west,west,,On the open sea.
"""


def write_ports(folder: Path) -> Path:
    """A package of one table and the register of its withdrawn rows; its descriptor."""
    ports = table(
        "ports",
        PORTS,
        [
            field("port_id", required=True, unique=True),
            field("label"),
            field("broader_id"),
            field("definition"),
        ],
        primaryKey="port_id",
        foreignKeys=[{"fields": "broader_id", "reference": {"resource": "ports", "fields": "port_id"}}],
        publishing={"label": "label"},
    )
    register = table(
        "withdrawals",
        "table_name,row_id,reason\n",
        [field("table_name", required=True), field("row_id", required=True), field("reason")],
        primaryKey=["table_name", "row_id"],
    )
    return write_package(folder, ports, register, validation={"register": "withdrawals"})


class Desk:
    """A package and the workbook of it, in a folder that commands run in."""

    def __init__(self, descriptor: Path, monkeypatch) -> None:
        self.descriptor = descriptor
        self.root = descriptor.parent
        self.file = self.root / "desk.xlsx"
        monkeypatch.chdir(self.root)

    def export(self, *words: str) -> Result:
        line = [str(self.descriptor), "--output", str(self.file), *words]
        return CliRunner().invoke(workbook_command, line, catch_exceptions=False)

    def edit(self, change) -> None:
        """Saves the workbook anew after `change` has had it."""
        book = openpyxl.load_workbook(self.file)
        change(book)
        book.save(self.file)

    def bring_back(self, *words: str, input: str | None = None) -> Result:
        line = [str(self.file), str(self.descriptor), *words]
        return CliRunner().invoke(import_command, line, input, catch_exceptions=False)

    def refusals(self) -> list[Problem]:
        """What is refused, as the command prints it above its count; nothing on disk may differ."""
        before = self.tables()
        done = self.bring_back("--yes")
        assert done.exit_code == 1, done.output
        assert self.tables() == before
        problems = propose(read_package(self.descriptor), self.file).problems
        *found, count = done.stderr.splitlines()
        assert found == [str(problem) for problem in problems]
        assert count == f"{len(found)} to correct in the workbook; nothing was imported"
        return problems

    def complaints(self) -> list[str]:
        """Where these are, and of what code."""
        return [locate(problem) for problem in self.refusals()]

    def tables(self) -> dict[str, bytes]:
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes() for path in self.root.rglob("*.csv")
        }


def set_cells(sheet: str, **cells: object):
    """A change that writes cells of a sheet by their addresses."""

    def change(book) -> None:
        for address, value in cells.items():
            book[sheet][address].value = value

    return change


def find_line(book, sheet: str, key: str) -> int:
    """The line of a row by its key, which stands in the first column."""
    return next(row[0].row for row in book[sheet].iter_rows() if row[0].value == key)
