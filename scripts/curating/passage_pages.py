"""Pages on how the text is divided: the kind of a passage, and where it is split or joined.

A save is written at once, as everywhere in the workbench, and *Undo* takes it back to the byte.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from packpress.editing.row_edits import RowEdit
from packpress.problems import CannotRunError, InvalidPackageError
from packpress.tables.rows import Row

from scripts.curating.app import Request, Response, Values
from scripts.curating.desk import REJECTED, DraftView, MissingRowError, StalePageError, hash_rows
from scripts.curating.forms import Filled
from scripts.curating.workbench import Attempt, Workbench
from scripts.curation.cuts import ENTRY_LINE, PASSAGES, Recut, plan_join, plan_kind, plan_split
from scripts.curation.originals import shorten_text

NEARBY = 2
OCCURRENCE = re.compile("[1-9][0-9]{0,3}")
# What becomes of the rows as they are, and of one passage among them.
Plan = Callable[[DraftView, Row], Recut]


def show_cut(bench: Workbench, request: Request) -> Response:
    """A passage between its neighbours, with what can be corrected of it."""
    view = bench.desk.read()
    return _answer_cut(bench, view, view.require_passage(request.parts[1]), request.query)


def _answer_cut(
    bench: Workbench, view: DraftView, passage: Row, values: Values, *attempt: Attempt
) -> Response:
    title = f"Cut and kind of passage {passage['position']}"
    return bench.answer("cut.html", view, *attempt, title=title, **describe_cut(view, passage, values))


def save_kind(bench: Workbench, request: Request) -> Response:
    """Saves what a passage is on the page."""
    is_part = bool(request.form.get("continues"))

    def plan(view: DraftView, passage: Row) -> Recut:
        kind = request.form.get("kind", "")
        if kind not in list_kinds(view):
            raise CannotRunError("choose what the passage is")
        return plan_kind(view.corpus, passage.key, kind, is_part=is_part)

    return _save(bench, request, "kind", "the kind of {}", plan)


def split(bench: Workbench, request: Request) -> Response:
    """Makes two passages of one."""

    def plan(view: DraftView, passage: Row) -> Recut:
        words, nth = (request.form.get(name, "").strip() for name in ("before", "occurrence"))
        if not words:
            raise CannotRunError("empty; copy the words with which the second part begins")
        if nth and not OCCURRENCE.fullmatch(nth):
            raise CannotRunError(f"the occurrence is a number such as 2, not {shorten_text(nth)}")
        return plan_split(view.corpus, passage.key, words, int(nth or 0))

    return _save(bench, request, "before", "a split of {}", plan)


def join(bench: Workbench, request: Request) -> Response:
    """Makes one passage of two that stand one after the other."""

    def plan(view: DraftView, passage: Row) -> Recut:
        neighbours = find_neighbours(view, passage)
        if request.form.get("with") not in neighbours:
            raise StalePageError
        first, last = sorted((passage, neighbours[request.form["with"]]), key=view.passages.index)
        return plan_join(view.corpus, first.key, last.key)

    return _save(bench, request, "with", "{} joined with the passage {with} it", plan)


ROUTES = {
    ("GET", "passages/*/cut"): show_cut,
    ("POST", "passages/*/kind"): save_kind,
    ("POST", "passages/*/split"): split,
    ("POST", "passages/*/join"): join,
}


def _save(bench: Workbench, request: Request, field: str, label: str, plan: Plan) -> Response:
    """Saves what a plan makes of a passage; why it cannot be stands at the field."""
    recut, start = Recut(), ""

    def fill_cut(view: DraftView) -> Filled:
        nonlocal recut, start
        try:
            passage = view.require_passage(request.parts[1])
        except MissingRowError:
            raise StalePageError from None
        if request.form.get("version") != version_of_cut(view, passage):
            raise StalePageError
        start = passage["start_offset"]
        try:
            recut = plan(view, passage)
        except (CannotRunError, InvalidPackageError) as error:
            return Filled(errors={field: "; ".join(describe_error(view, error))})
        return Filled([*recut.edits, *follow_rejections(view, recut.edits)])

    name = label.format(request.parts[1], **{"with": request.form.get("with", "")})
    attempt = bench.save(name, fill_cut)
    view = bench.desk.read()
    if attempt.outcome:
        return bench.say(describe_outcome(attempt.outcome.save.label, recut), place_of(view, start))
    try:
        passage = view.require_passage(request.parts[1])
    except MissingRowError:
        return bench.refuse(attempt)
    return _answer_cut(bench, view, passage, request.form, attempt)


# ---- what they save ----


def follow_rejections(view: DraftView, edits: Sequence[RowEdit]) -> Iterator[RowEdit]:
    """The edits by which rejected suggestions stay with their words, in whichever passage these are then."""
    table = view.tables[PASSAGES]
    records = (edit.after for edit in edits if edit.table == PASSAGES and edit.after)
    after = [dict(zip(table.positions, record, strict=True)) for record in records]
    for row in view.rejected:
        passage_id, _, _, words = row
        passage = table.get(passage_id)
        if passage is None:
            continue
        place = int(passage["start_offset"]) + max(passage["text"].lower().find(words), 0)
        for named in after:
            if int(named["start_offset"]) <= place < int(named["end_offset"]):
                yield RowEdit(REJECTED, row, (named["passage_id"], *row[1:]))


def describe_error(view: DraftView, error: CannotRunError | InvalidPackageError) -> Iterator[str]:
    """Why nothing can be cut so, with the rows that are in the way by their ids."""
    if isinstance(error, CannotRunError):
        yield str(error)
        return
    rows = {(row.path, row.line): row for table in view.tables.values() for row in table.rows}
    for problem in error.problems:
        row = rows.get((problem.path, problem.line))
        yield f"{row.key}: {problem.cell}{problem.message}" if row else str(problem)


def describe_outcome(label: str, recut: Recut) -> str:
    """What was saved, and what followed by itself."""
    if not recut.edits:
        return "Nothing was changed."
    others = {edit.table: 0 for edit in recut.edits if edit.table != PASSAGES}
    for edit in recut.edits:
        if edit.table in others:
            others[edit.table] += 1
    rows = [f"rows that follow: {count} of {table}" for table, count in others.items()]
    return " ".join(f"{line[0].upper()}{line[1:]}." for line in (f"saved: {label}", *recut.followed, *rows))


def place_of(view: DraftView, start: str) -> str:
    """The page of the passage in which an offset is."""
    rows = [row for row in view.passages if int(row["start_offset"]) <= int(start)]
    return f"/passages/{rows[-1].key}/cut"


# ---- what they show ----


def list_kinds(view: DraftView) -> dict[str, str]:
    """What a passage can be, with what that means, as the descriptor has it."""
    return dict(view.package.by_name[PASSAGES].field("kind").enum_descriptions)


def find_neighbours(view: DraftView, passage: Row) -> dict[str, Row]:
    """The passages before and after one, by these words, where there are any."""
    at = view.passages.index(passage)
    found = {"before": view.passages[at - 1 : at], "after": view.passages[at + 1 : at + 2]}
    return {name: rows[0] for name, rows in found.items() if rows}


def version_of_cut(view: DraftView, passage: Row) -> str:
    """A hash of the rows that the page is made from: a passage, its neighbours, and what quotes them."""
    rows = (passage, *find_neighbours(view, passage).values())
    return hash_rows(other.cells for row in rows for other in view.list_rows(row))


def describe_cut(view: DraftView, passage: Row, values: Values) -> dict[str, Any]:
    """What the page is made from."""
    at = view.passages.index(passage)
    neighbours = find_neighbours(view, passage)
    above = neighbours.get("before")
    can_join = {
        "before": above is not None and passage["starts_line"] == "false",
        "after": "after" in neighbours and neighbours["after"]["starts_line"] == "false",
    }
    return {
        "passage": passage.named,
        "before": view.passages[max(0, at - NEARBY) : at],
        "after": view.passages[at + 1 : at + 1 + NEARBY],
        "rows": 1 + len(passage["text"]) // 60,
        "is_running": passage in view.running,
        "kinds": list(list_kinds(view).items()),
        "kind": values.get("kind", passage["kind"]),
        "can_continue": above is not None and above["kind"] == ENTRY_LINE,
        "continues": values.get("continues") if "kind" in values else passage["part_of"],
        "joins": [(name, neighbours[name]) for name in neighbours if can_join[name]],
        "values": values,
        "version": version_of_cut(view, passage),
        "undo": view.saves[-1].label if view.saves else "",
    }
