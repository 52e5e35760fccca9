"""The index pages `/conditions`, `/adverse-effects` and `/routes`: a sentence and signs for each thing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response
from markupsafe import Markup
from packpress.web.facts import ask_once

from ketamine_site.cells import NOT_NAMED_DASH, SIDES, draw_glyph, stance_class
from ketamine_site.documents.reader import cut_part, list_turns, read_number
from ketamine_site.entities.claim_counts import NO_CLAIMS, count_claims
from ketamine_site.entities.summaries import state_finding
from ketamine_site.entities.topics import TOPICS
from ketamine_site.evidence.evidence import SUBJECTS, Cell, Chip, MapLine, Subject, read_map, sort_known
from ketamine_site.evidence.maps import break_words, group_lines
from ketamine_site.facts import read_facts

# The tables that have an index, by its path.
INDEXES = {subject.title.lower().replace(" ", "-"): subject for subject in SUBJECTS.values()}
PATHS = {subject.table: f"/{path}" for path, subject in INDEXES.items()}
# How many things a page lists.
SIZE = 100
# The role of a thing that is given as a reason not to use ketamine.
WARNING = "contraindication"


@dataclass(frozen=True)
class Sign:
    """What a source says of a thing, as a shape and a word."""

    # None where the claims do not judge, or judge something else.
    stance: str | None
    is_hedged: bool
    # A stance, or the roles of the thing in the claims.
    word: str

    @property
    def spoken(self) -> str:
        """The sign in words."""
        return f"{self.word}, hedged" if self.is_hedged else self.word


@dataclass(frozen=True)
class IndexLine:
    """One thing: its line of the map, the sentence about it, and the number of claims that name it."""

    thing: MapLine
    finding: str
    claims: int

    @property
    def kind(self) -> str:
        """The kind of the thing."""
        return self.thing.kind


async def show_index(request: Request, datasette: Datasette) -> Response:
    """The index of one table of things, one page at a time."""
    subject = INDEXES[request.url_vars["path"]]
    lines = await list_lines(datasette, subject.table)
    part = cut_part(read_number(request.args.get("from") or "") or 1, len(lines), SIZE)
    shown = lines[part.first - 1 : part.last]
    context = {
        "subject": subject,
        "here": datasette.urls.path(PATHS[subject.table]),
        "groups": group_lines(shown, subject.has_headings),
        "cells": shown[0].thing.cells if shown else (),
        "has_stances": any(sign.stance for line in shown for sign in list_all_signs(subject, line.thing)),
        "is_nested": any(line.thing.depth for line in shown),
        "part": part,
        "turns": list_turns(part, "from", {}),
        "database": (await read_facts(datasette)).database,
    }
    return Response.html(await datasette.render_template("things.html", context, request=request))


async def list_paths(_: Datasette) -> list[str]:
    """The paths of the indexes."""
    return list(PATHS.values())


@ask_once
async def list_lines(datasette: Datasette, table: str) -> list[IndexLine]:
    """Every thing of a table, in the order of its map."""
    topic = TOPICS[table]
    counts = await count_claims(datasette, topic.linked)
    sources = len((await read_facts(datasette)).sources)
    return [
        IndexLine(line, state_finding(topic, counted.groups, sources), counted.claims)
        for line in await read_map(datasette, table)
        for counted in [counts.get(line.row_id, NO_CLAIMS)]
    ]


def list_all_signs(subject: Subject, line: MapLine) -> list[Sign]:
    """The signs of all sources."""
    return [sign for cell in line.cells for sign in list_signs(subject, cell)]


def list_signs(subject: Subject, cell: Cell) -> list[Sign]:
    """The signs of one source: one for each stance on the thing, or else one for its roles; none when silent.

    A source has no stance of its own: where its claims differ, it has several signs.
    """
    judged = [chip for chip in cell.chips if chip.stance and not chip.is_beside]
    warnings = [chip for chip in cell.chips if chip.role == WARNING]
    if sides := [stance for stance in SIDES if any(chip.stance == stance for chip in judged)]:
        return [make_sign(stance, [chip for chip in judged if chip.stance == stance]) for stance in sides]
    if warnings:
        stance = next((chip.stance for chip in warnings if chip.stance), None)
        return [make_sign(stance, warnings, "reason against")]
    if judged:
        return [make_sign("neutral", judged)]
    return [make_sign(None, cell.chips, name_roles(subject, cell.chips))] if cell.chips else []


def make_sign(stance: str | None, chips: Sequence[Chip], word: str = "") -> Sign:
    """The sign for these chips; its word is the stance unless there is another."""
    return Sign(stance, all(chip.is_hedged for chip in chips), word or stance or "")


def name_roles(subject: Subject, chips: Iterable[Chip]) -> str:
    """The roles of the thing in these chips, as a list."""
    roles = sort_known((chip.role for chip in chips), (*subject.roles, *subject.beside))
    return ", ".join(role.replace("_", " ") for role in roles)


def show_signs(subject: Subject, line: MapLine, cell: Cell) -> Markup:
    """The signs of one source, as a link to what it says of the thing."""
    signs = list_signs(subject, cell)
    if not signs:
        return NOT_NAMED_DASH
    shown = Markup("").join(
        Markup('<span class="sign {}">{}<span>{}</span></span>').format(
            stance_class(sign.stance), draw_glyph(sign.stance, sign.is_hedged), break_words(sign.spoken)
        )
        for sign in signs
    )
    name = f"{line.name}, {cell.short_name}: {'; '.join(sign.spoken for sign in signs)}"
    return Markup('<a href="{}#{}" aria-label="{}">{}</a>').format(
        line.url, name_anchor(cell.source_id), name, shown
    )


def name_anchor(source_id: str) -> str:
    """The anchor of what a source says on the page of a thing."""
    return f"said-by-{source_id}"
