"""The evidence maps: `/map` and the maps below it, as a table, in words and as an image."""

import re
from collections.abc import Iterable
from itertools import groupby
from typing import Protocol, TypeVar

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response
from markupsafe import Markup
from packpress.web.facts import Row, read_rows

from ketamine_site.cells import NO_STANCE, STANCES, draw_glyph, stance_class
from ketamine_site.evidence.evidence import (
    SUBJECTS,
    Cell,
    Chip,
    MapLine,
    Subject,
    read_map,
    say_line,
    sort_known,
)
from ketamine_site.evidence.pictures import (
    NOT_VOTES,
    SIZES,
    Band,
    Grid,
    GridColumn,
    Mark,
    PictureRow,
    Shape,
    draw_picture,
)
from ketamine_site.facts import read_facts

TITLE = "Evidence map"
NESTED = "Indented names are kinds of the one above. A narrower one is not counted again in the broader row."
OUTLINE = "hollow, outlined: every claim is hedged"
ROLES = """
select
  value,
  meaning
from data_dictionary_values
where table_name = :table
and field_name = 'role'
"""
# Headings for kinds; other kinds use their own name.
KINDS = {
    "pain_condition": "Pain conditions",
    "other_condition": "Other conditions",
    "procedure": "Procedures",
    "circumstance": "Circumstances",
}
# Where long words may break in a narrow cell.
BREAKS = {
    word.replace("|", ""): word.replace("|", "\N{SOFT HYPHEN}")
    for word in ("contra|indication", "popu|lation", "recom|mended", "unspeci|fied", "compar|ator")
}
BREAK = re.compile("|".join(BREAKS))


async def show_map(request: Request, datasette: Datasette) -> Response:
    """The page of one map; a 404 page when there is no such map."""
    subject = find_subject(request)
    if not subject:
        return await refuse_map(request, datasette)
    lines = await read_map(datasette, subject.table)
    context = {
        "subject": subject,
        "tabs": [(other, len(await read_map(datasette, other.table))) for other in SUBJECTS.values()],
        "lines": lines,
        "looks": find_looks(lines),
        "nested": NESTED,
        "roles": await read_roles(datasette, subject),
        "sentences": [say_line(line) for line in lines],
        "database": (await read_facts(datasette)).database,
    }
    return Response.html(await datasette.render_template("map.html", context, request=request))


async def download_map(request: Request, datasette: Datasette) -> Response:
    """The map as a standalone image."""
    subject = find_subject(request)
    if not subject:
        return await refuse_map(request, datasette)
    return await draw_picture(datasette, picture_map(subject, await read_map(datasette, subject.table)))


async def list_paths(_: Datasette) -> list[str]:
    """The paths of the maps other than the first."""
    return [f"/map/{subject.path}" for subject in SUBJECTS.values() if subject.path]


def find_subject(request: Request) -> Subject | None:
    """The subject of the requested map."""
    path = request.url_vars.get("path") or ""
    return next((subject for subject in SUBJECTS.values() if subject.path == path), None)


async def refuse_map(request: Request, datasette: Datasette) -> Response:
    """A page with status 404."""
    error = f"There are maps of {', '.join(subject.title.lower() for subject in SUBJECTS.values())}."
    context = {"status": 404, "title": "No such map", "error": error}
    return Response.html(await datasette.render_template("error.html", context, request=request), status=404)


async def read_roles(datasette: Datasette, subject: Subject) -> list[Row]:
    """The roles with their meanings, in the order of the map."""
    rows = await read_rows(datasette, ROLES, table=f"claim_{subject.table}")
    meanings = {row["value"]: row for row in rows}
    return [meanings[role] for role in sort_known(meanings, (*subject.roles, *subject.beside))]


def find_looks(lines: list[MapLine]) -> set[str]:
    """What occurs in the map: stances, outlines, dots, indented names."""
    chips = [chip for line in lines for cell in line.cells for chip in cell.chips]
    found = {choose_look(chip) for chip in chips}
    found |= {"stance" for chip in chips if chip.stance}
    return found | {"nested" for line in lines if line.depth}


def choose_look(chip: Chip) -> str:
    """The background of a chip."""
    return "dots" if chip.is_beside else "outline" if chip.is_hedged else "tint"


class HasKind(Protocol):
    """A line about a thing of some kind."""

    @property
    def kind(self) -> str:
        """The kind; empty where things have none."""


Line = TypeVar("Line", bound=HasKind)


def group_lines(lines: Iterable[Line], by_kind: bool) -> list[tuple[str, list[Line]]]:
    """The lines by kind if kinds are headings, otherwise under a single empty heading."""
    groups = groupby(lines, key=lambda line: line.kind if by_kind else "")
    return [(kind, list(group)) for kind, group in groups]


def name_kind(kind: str) -> str:
    """A kind as a heading."""
    words = kind.replace("_", " ")
    return KINDS.get(kind, words[:1].upper() + words[1:])


def draw_chip(line: MapLine, cell: Cell, chip: Chip) -> Markup:
    """A link to the claims of the chip, with the glyph of the stance, their number, and both in words."""
    name = f"{line.name}, {cell.short_name}: {chip.spoken}"
    look = f"{stance_class(chip.stance)}{' by' if chip.is_beside else ' hg' if chip.is_hedged else ''}"
    word = Markup("<span>{}</span>").format(break_words(chip.shown))
    return Markup('<a class="chip {}" href="{}" aria-label="{}" title="{}">{}<b>{}</b>{}</a>').format(
        look, chip.url, name, name, draw_glyph(chip.stance, chip.is_hedged), f"{chip.claims:,}", word
    )


def break_words(words: str) -> str:
    """The words, with places where the long ones may break in a narrow cell."""
    return BREAK.sub(lambda found: BREAKS[found[0]], words)


def picture_map(subject: Subject, lines: list[MapLine]) -> Grid:
    """The map as an image."""
    bands = [
        Band(
            name_kind(kind),
            tuple(
                PictureRow(
                    line.name,
                    line.depth,
                    tuple(tuple(map(mark_chip, cell.chips)) for cell in line.cells),
                    f"{line.named_by} of {len(line.cells)}",
                )
                for line in group
            ),
        )
        for kind, group in group_lines(lines, subject.has_headings)
    ]
    chips = (chip for line in lines for cell in line.cells for chip in cell.chips)
    width = max(SIZES.column, int(max((len(chip.shown) for chip in chips), default=0) * SIZES.letter) + 56)
    columns = tuple(GridColumn(cell.short_name, width) for cell in lines[0].cells) if lines else ()
    return Grid(
        f"{TITLE}: {subject.title.lower()} by source",
        tuple(str(say_line(line)) for line in lines),
        (NOT_VOTES, NESTED) if "nested" in find_looks(lines) else (NOT_VOTES,),
        columns,
        tuple(bands),
        explain_marks(subject, find_looks(lines)),
        "named by",
    )


def mark_chip(chip: Chip) -> Mark:
    """The chip as a mark of an image."""
    shape = Shape(stance_class(chip.stance), chip.is_hedged, choose_look(chip))
    return Mark(f"{chip.claims:,}", shape, chip.shown)


def explain_beside(subject: Subject) -> str:
    """The meaning of a dotted chip."""
    *roles, last = (role.replace("_", " ") for role in subject.beside)
    return f"dotted: the {subject.noun} only stands beside the stance, as {', '.join(roles)} or {last}"


def explain_marks(subject: Subject, looks: set[str]) -> tuple[tuple[Shape, str], ...]:
    """The legend for the marks that occur in the image."""
    stances = tuple((Shape(stance_class(stance)), stance) for stance in STANCES) if "stance" in looks else ()
    outline = ((Shape("sup", True, "outline"), OUTLINE),) if "outline" in looks else ()
    dots = ((Shape(look="dots"), explain_beside(subject)),) if "dots" in looks else ()
    plain = ((Shape(), f"no role named: {subject.plain}"),) if subject.plain else ()
    rest = ((Shape(stance_class(None)), NO_STANCE),)
    return (*stances, *rest, *outline, *dots, *plain, (Shape(), "– the source does not name it"))
