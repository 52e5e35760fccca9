"""Views: the SQL files of a folder, and what their headers tell readers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

COLUMN = re.compile(r"(\w+): (.+)")


@dataclass(frozen=True)
class View:
    """One SQL file: its name, its title, its description, what its columns mean, and its statement."""

    name: str
    title: str
    description: str
    columns: Mapping[str, str]
    sql: str


def read_views(folder: Path) -> list[View]:
    """The files of a folder in order of their names; none when there is no such folder."""
    # By their names as text: paths of Windows are compared without regard to capitals.
    files = sorted(folder.glob("*.sql"), key=lambda file: file.name)
    return [parse_view(file.stem, file.read_text(encoding="utf-8")) for file in files]


def parse_view(name: str, sql: str) -> View:
    """The view that a file describes in the comments above its statement.

    The first line is the title, `-- column: text` describes a column, and the rest is the description.
    """
    title, prose, columns = "", [], {}
    for line in sql.splitlines():
        if not line.startswith("--"):
            break
        text = line.removeprefix("--").strip()
        column = COLUMN.fullmatch(text)
        if not title:
            title = text
        elif column:
            columns[column[1]] = column[2]
        elif text:
            prose.append(text)
    return View(name, title or name, " ".join(prose), columns, sql)
