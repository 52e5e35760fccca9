"""Pictures: a table of numbers as a standalone SVG file, with its legend, title and description."""

import textwrap
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import Response
from markupsafe import Markup

# The light colours of the style sheet, because an image cannot know its surroundings: line and fill of each.
PAINT = {
    "sup": ("#0b5394", "#e1edf8"),
    "aga": ("#ab4000", "#fce8da"),
    "mix": ("#1b1d1f", "#ededea"),
    "neu": ("#565c62", "#ededea"),
    "non": ("#565c62", "#ededea"),
    "": ("#464b50", "#ededea"),
}
PAPER = "#ffffff"
# Shown on every image that counts claims.
NOT_VOTES = "Figures count claims, not studies and not votes: texts are not studies."


@dataclass(frozen=True)
class Sizes:
    """The dimensions of a picture, in pixels."""

    margin: int = 24
    name: int = 262
    column: int = 138
    end: int = 70
    # The height of a line of text, and of a number with the space below it.
    line: int = 18
    figure: int = 26
    indent: int = 16
    # The approximate width of a letter; an image cannot measure its text.
    letter: float = 6.7


SIZES = Sizes()


@dataclass(frozen=True)
class Shape:
    """How a mark or a legend entry looks: the glyph of a stance and its background."""

    stance: str = ""
    is_hollow: bool = False
    look: str = ""

    @property
    def glyph(self) -> str:
        """The name of the glyph; empty when there is no stance."""
        return self.stance + ("h" if self.is_hollow else "") if self.stance else ""


@dataclass(frozen=True)
class Mark:
    """One number in a cell, with a word or a bar next to it."""

    number: str
    shape: Shape = Shape()
    word: str = ""
    # Shares, from 0 to 1, of the longest bar, if there is one, and of the total, if that is drawn.
    share: float | None = None
    is_of_all: bool = False
    # The number in words, and the address of what it counts.
    spoken: str = ""
    url: str = ""


@dataclass(frozen=True)
class GridColumn:
    """One column of numbers; bars begin where their numbers end."""

    name: str
    width: int = SIZES.column
    numbers: int = 56


@dataclass(frozen=True)
class PictureRow:
    """One row: a name, its indentation, the marks of each column, and a note at the end."""

    name: str
    depth: int
    cells: tuple[tuple[Mark, ...], ...]
    end: str = ""

    @property
    def name_lines(self) -> list[str]:
        """The name, wrapped to the width of its column."""
        return textwrap.wrap(self.name, int((SIZES.name - SIZES.indent * self.depth - 8) / SIZES.letter))

    @property
    def height(self) -> int:
        """The height of the name or of the tallest cell."""
        return 8 + max(
            len(self.name_lines) * SIZES.line + 8, SIZES.figure * max(map(len, self.cells), default=1)
        )


@dataclass(frozen=True)
class Band:
    """Rows under one heading, which may be empty."""

    heading: str
    rows: tuple[PictureRow, ...]


@dataclass(frozen=True)
class Grid:
    """A table of numbers; `words` describes all of it in sentences."""

    title: str
    words: tuple[str, ...]
    notes: tuple[str, ...]
    columns: tuple[GridColumn, ...]
    bands: tuple[Band, ...]
    # The legend.
    key: tuple[tuple[Shape, str], ...]
    end: str = ""
    # The text of a cell without marks.
    silence: str = "–"

    @property
    def width(self) -> int:
        """The width of the picture."""
        return 2 * SIZES.margin + SIZES.name + sum(column.width for column in self.columns) + SIZES.end


async def draw_picture(
    datasette: Datasette, grid: Grid, template: str = "grid.svg", more: dict[str, Any] | None = None
) -> Response:
    """The picture as a file."""
    key = place_key(grid)
    top = 110 + SIZES.line * len(grid.notes) + SIZES.figure * (key[-1][1] + 1 if key else 0)
    rows, bottom = place_rows(grid, top)
    context = {
        "grid": grid,
        "key": key,
        "top": top,
        "rows": rows,
        "columns": place_columns(grid),
        "height": bottom + 2 * SIZES.line + SIZES.margin,
        "defs": await draw_shapes(datasette),
        "about": datasette.metadata(),
        "paint": PAINT,
        "paper": PAPER,
        "size": SIZES,
        **(more or {}),
    }
    picture = await datasette.render_template(template, context)
    return Response(picture.strip() + "\n", content_type="image/svg+xml; charset=utf-8")


async def draw_shapes(datasette: Datasette) -> Markup:
    """The glyphs of the stances as on every page, with explicit colours."""
    shapes = await datasette.render_template("_symbols.html")
    shapes = shapes[shapes.index("<defs>") : shapes.index("</defs>") + len("</defs>")]
    for name, (line, _) in PAINT.items():
        shapes = shapes.replace(f"var(--{name})", line)
    return Markup(shapes.replace("var(--paper)", PAPER))


def place_key(grid: Grid) -> list[tuple[int, int, Shape, str]]:
    """Each legend entry with its distance from the left and its line."""
    placed, left, line = [], 0, 0
    for shape, words in grid.key:
        width = int(len(words) * SIZES.letter) + (22 if shape.stance or shape.look else 0) + 22
        if left and left + width > grid.width - 2 * SIZES.margin:
            left, line = 0, line + 1
        placed.append((left, line, shape, words))
        left += width
    return placed


def place_columns(grid: Grid) -> list[tuple[int, GridColumn]]:
    """Each column with its distance from the left."""
    lefts = accumulate((column.width for column in grid.columns), initial=SIZES.margin + SIZES.name)
    return list(zip(lefts, grid.columns, strict=False))


def place_rows(grid: Grid, top: int) -> tuple[list[tuple[int, str | PictureRow]], int]:
    """Each heading and row with its distance from the top, and the bottom of the last one."""
    placed: list[tuple[int, str | PictureRow]] = []
    for band in grid.bands:
        if band.heading:
            placed.append((top + SIZES.line, band.heading))
            top += 3 * SIZES.line
        for row in band.rows:
            placed.append((top, row))
            top += row.height
    return placed, top
