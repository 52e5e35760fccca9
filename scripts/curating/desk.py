"""The desk of one reader of a draft: the rows that the reader sees, and how a save reaches the disk.

The first reader works on the tables themselves. A second reader sees them as they are without anything that
was drawn from the draft, and everything saved goes to a folder of its own.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar, cast

from packpress.editing.format import find_problems, render_rows, tolerate_known
from packpress.editing.row_edits import EditPlan, RowEdit, plan_edits
from packpress.package.descriptor import Package, read_descriptor
from packpress.problems import CannotRunError, Problem
from packpress.tables.csv import Record, canonical_bytes, render_lines
from packpress.tables.rows import Row, Table, Tables
from packpress.transaction import hold_for_editing, replace_files

from scripts.curating.readings import SECOND_READERS, BlindReading
from scripts.curation.agreement import READINGS, RELATION_READERS
from scripts.curation.corpus import ENTITY_LINKS, RUNNING_TEXT, Corpus, build_corpus, require_source
from scripts.curation.curation_progress import publish_all, read_curated_tables
from scripts.curation.drafts import STILL_OPEN, find_drafts
from scripts.curation.guesses import Guesses, learn_guesses
from scripts.curation.learned_counts import LearnedCounts, learn
from scripts.curation.rejections import REJECTED_FIELDS, place_rejected, read_beside, read_rejected
from scripts.rules import RULE_SET

T = TypeVar("T")
LINKS = (*ENTITY_LINKS, "claim_references")
# Suggestions that were rejected, which no table of the package has.
REJECTED = "rejected"
# How differences of two readers were settled, which is no table of the package either.
ADJUDICATED = "adjudicated"
ADJUDICATION_FIELDS = ("passage_id", "claim_id", "field", "reader_a", "reader_b", "decided", "reason")
# How differences of two readers of relations were settled.
SETTLED = "settled"
SETTLED_FIELDS = (
    *("claim_id", "related_claim_id", "topic"),
    *(reader.replace("-", "_") for reader in RELATION_READERS),
    *("version_1", "decided", "reason"),
)
BESIDE = {REJECTED: REJECTED_FIELDS, ADJUDICATED: ADJUDICATION_FIELDS, SETTLED: SETTLED_FIELDS}
# The logs that only the first reader writes.
LOGS = {
    ADJUDICATED: f"{READINGS}/adjudication.csv",
    SETTLED: f"{READINGS}/relations/adjudication.csv",
}
# What is checked as one types whatever document it belongs to.
ALWAYS = {"sources", "claim_types", "questions", "mappings", *ENTITY_LINKS.values()}
# So many saves can be undone, and of so many rows; the last one always can.
MOST_SAVES = 200
MOST_ROWS = 5_000
# What is copied from the document by the mechanism and compared with it by rules: no damage of a spreadsheet.
COPIED = {("passages", "text"), ("passages", "section"), ("sources", "title")}


class StalePageError(Exception):
    """The rows that a page was made from have changed since."""


class MissingRowError(Exception):
    """There is no such row in the draft."""


class RefusedError(Exception):
    """What a save would write is wrong: each problem, with the edit that put a row there if one did."""

    def __init__(self, problems: Iterable[tuple[Problem, RowEdit | None]]) -> None:
        self.problems = list(problems)
        super().__init__(f"{len(self.problems)} to correct; nothing was saved")


@dataclass(frozen=True)
class Save:
    """One save, in words, with the edits of its rows."""

    label: str
    edits: tuple[RowEdit, ...]

    def to_json(self) -> dict[str, object]:
        """The save as JSON can hold it."""
        return {"label": self.label, "edits": [[edit.table, edit.before, edit.after] for edit in self.edits]}


def read_save(raw: Mapping[str, object]) -> Save:
    """A save as the log has it."""
    edits: object = raw["edits"]
    if not isinstance(edits, list):
        raise ValueError("a save has a list of edits")
    rows = (
        RowEdit(table, tuple(before) if before else None, tuple(after) if after else None)
        for table, before, after in edits
    )
    return Save(str(raw["label"]), tuple(rows))


@dataclass(frozen=True)
class DraftView:
    """What a reader sees of a draft, at one moment."""

    package: Package
    corpus: Corpus
    source: Row
    rejected: tuple[Record, ...] = ()
    adjudicated: tuple[Record, ...] = ()
    settled: tuple[Record, ...] = ()
    saves: tuple[Save, ...] = ()
    # What was learned last, with the rows that taught it.
    lessons: dict[str, tuple[object, object]] = field(default_factory=dict)

    @property
    def source_id(self) -> str:
        """The id of the draft."""
        return self.source["source_id"]

    @property
    def tables(self) -> Tables:
        """The tables that the reader sees."""
        return self.corpus.tables

    @property
    def state(self) -> dict[str, list[Record]]:
        """The records of each table, by name; of the rejected suggestions too."""
        records = {name: [row.cells for row in table.rows] for name, table in self.tables.items()}
        return {**records, **{name: list(getattr(self, name)) for name in BESIDE}}

    @cached_property
    def passages(self) -> list[Row]:
        """The passages of the draft, in order."""
        return self.corpus.passages.get(self.source_id, [])

    @cached_property
    def running(self) -> list[Row]:
        """The sentences and list items, each of which needs a claim or a reason."""
        return [row for row in self.passages if row["kind"] in RUNNING_TEXT]

    @cached_property
    def as_published(self) -> Corpus:
        """The corpus as if no draft were one, from which suggestions are made."""
        return build_corpus(self.package, publish_all(self.tables), self.corpus.rejected)

    @cached_property
    def learned(self) -> LearnedCounts:
        """What all documents teach about names."""
        return self._recall("names", lambda: learn(self.corpus, self.source_id))

    @cached_property
    def guesses(self) -> Guesses:
        """What all documents teach about roles, stances and directions."""
        return self._recall("guesses", lambda: learn_guesses(self.corpus))

    def _recall(self, name: str, teach: Callable[[], T]) -> T:
        """What was learned from the same rows before, as one types, or else what they teach."""
        rows = [[row.cells for row in table.rows] for table in self.tables.values()], self.corpus.rejected
        known, lesson = self.lessons.get(name, (None, None))
        if known != rows:
            lesson = teach()
            self.lessons[name] = rows, lesson
        return cast(T, lesson)

    def is_accounted(self, passage: Row) -> bool:
        """Whether a passage has a claim or a reason."""
        return bool(passage["reason"] or self.corpus.claims_of(passage))

    def find_passage(self, passage_id: str) -> Row | None:
        """The passage of the draft with that id; None when there is none."""
        passage = self.corpus["passages"].get(passage_id)
        return passage if passage and passage["source_id"] == self.source_id else None

    def require_passage(self, passage_id: str) -> Row:
        """The passage of the draft with that id; MissingRowError when there is none."""
        passage = self.find_passage(passage_id)
        if passage is None:
            raise MissingRowError(passage_id)
        return passage

    def list_rows(self, passage: Row) -> Iterator[Row]:
        """The rows that a page on a passage is made from."""
        yield passage
        for claim in self.corpus.claims_of(passage):
            yield claim
            yield from self.corpus.links_of(claim, *LINKS)

    def list_rows_by_place(self, changed: Collection[str]) -> dict[tuple[str, int], Row]:
        """The rows by path and line, but for tables that change, whose lines may be others then."""
        tables = (table for name, table in self.tables.items() if name not in changed)
        return {(row.path, row.line): row for table in tables for row in table.rows}

    def version(self, passage: Row) -> str:
        """A hash of the rows that a page on a passage is made from."""
        return hash_rows(row.cells for row in self.list_rows(passage))


def hash_rows(rows: Iterable[Record]) -> str:
    """A short hash of rows, the same whatever their order.

    >>> hash_rows([("a", "b"), ("c",)]) == hash_rows([("c",), ("a", "b")])
    True
    """
    return hashlib.sha256(json.dumps(sorted(rows)).encode()).hexdigest()[:24]


@dataclass(frozen=True)
class Outcome:
    """What was saved: the save, and the cells that it leaves open."""

    save: Save
    left_open: list[tuple[Problem, RowEdit | None]] = field(default_factory=list)


@dataclass(frozen=True)
class Desk:
    """One reader's place of work: the descriptor, the draft, and which reader it is.

    The first reader has no name; another is called as the folder of the reading is, such as `reader-b`.
    """

    descriptor: Path
    source_id: str
    reader: str = ""
    lessons: dict[str, tuple[object, object]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def reading(self) -> BlindReading | None:
        """What kind of reading a second reader makes; None for the first reader."""
        return SECOND_READERS.get(self.reader)

    @property
    def folder(self) -> str:
        """The folder of a second reading, relative to the package."""
        return f"{self.reading.folder}/{self.source_id}" if self.reading else ""

    @property
    def rejected_path(self) -> str:
        """The file of the suggestions that this reader rejected."""
        return place_rejected(self.source_id, self.reading.folder if self.reading else "")

    @property
    def beside(self) -> dict[str, str]:
        """The files of rows that are saved beside the tables; a second reader adjudicates nothing."""
        own = {REJECTED: self.rejected_path}
        return own if self.reader else {**own, **LOGS}

    @property
    def log_path(self) -> str:
        """The file of the saves that this reader can undo."""
        return f"dist/curate/{self.source_id}/{self.reader or 'tables'}.json"

    def read(self) -> DraftView:
        """What the reader sees now; CannotRunError when the draft is gone or published."""
        package = read_descriptor(self.descriptor)
        tables = read_curated_tables(package)
        if self.reading:
            tables = self.reading.overlay(package, tables, self.source_id, package.root / self.folder)
        rejected = read_rejected(package.root, self.reading.folder if self.reading else "")
        corpus = build_corpus(package, tables, rejected)
        source = require_source(corpus, self.source_id)
        if source["status"] != "in_progress":
            message = "published, and only drafts are curated here; correct it in a workbook"
            raise CannotRunError(f"{self.source_id}: {message}")
        beside = {name: read_beside(package.root / path, BESIDE[name]) for name, path in self.beside.items()}
        saves = tuple(read_log(package.root / self.log_path))
        return DraftView(package, corpus, source, **beside, saves=saves, lessons=self.lessons)

    def save(self, label: str, make_edits: Callable[[DraftView], Sequence[RowEdit]]) -> Outcome:
        """Saves what the edits change, all or nothing; on disk when this returns.

        `make_edits` is called with the rows as they are then, which nobody else changes meanwhile. Raises
        RefusedError when a row would be wrong. What it leaves empty can be filled in later.
        """
        with hold_for_editing(read_descriptor(self.descriptor).root):
            view = self.read()
            edits = tuple(edit for edit in make_edits(view) if edit.before != edit.after)
            outcome = Outcome(Save(label, edits))
            if edits:
                plan = self.plan(view, edits)
                outcome.left_open.extend(judge(self, view, plan))
                self._write(view, plan, (*view.saves, outcome.save))
        return outcome

    def undo(self) -> str:
        """Undoes the last save, and returns its label.

        CannotRunError when there is none, or when its rows changed since.
        """
        with hold_for_editing(read_descriptor(self.descriptor).root):
            view = self.read()
            if not view.saves:
                raise CannotRunError("there is nothing to undo")
            last = view.saves[-1]
            edits = tuple(edit.reversed for edit in reversed(last.edits))
            plan = self.plan(view, edits)
            judge(self, view, plan)
            self._write(view, plan, view.saves[:-1])
        return last.label

    def plan(self, view: DraftView, edits: Sequence[RowEdit]) -> EditPlan:
        """The tables of the package with the edits; those of rejected suggestions are no table of it."""
        drafts = find_drafts(view.package, view.tables)
        for name in ENTITY_LINKS.values():
            # Those that no claim is linked with hang on nothing, and were never published either.
            placed = (row for row in view.tables[name].rows if view.corpus.source_id(row) == view.source_id)
            drafts[name] = drafts.get(name, set()) | {row.key for row in placed}
        plan = plan_edits(
            view.package, view.state, [edit for edit in edits if edit.table not in BESIDE], drafts
        )
        plan.problems = [
            problem
            for problem in plan.problems
            if not ((edit := plan.edit_at(problem)) and (edit.table, problem.field) in COPIED)
        ]
        for name in BESIDE:
            plan.records[name] = apply_edits(view.state[name], (edit for edit in edits if edit.table == name))
        return plan

    def list_files(self, view: DraftView, plan: EditPlan) -> dict[str, bytes]:
        """The files with which the package is checked: of a second reader all that the reader sees."""
        if not self.reader:
            return plan.files
        return {**render_tables(view.tables), **plan.files}

    def _write(self, view: DraftView, plan: EditPlan, saves: Sequence[Save]) -> None:
        log = json.dumps([save.to_json() for save in list_undoable(saves)], ensure_ascii=False)
        files = {self.log_path: log.encode()}
        for name, path in self.beside.items():
            if plan.records[name] != view.state[name]:
                files[path] = render_lines(BESIDE[name], plan.records[name])
        if self.reading:
            merged = apply_plan(view.tables, plan)
            files |= self.reading.render(view.package, merged, self.source_id, self.folder)
        else:
            files |= plan.files
        replace_files(view.package.root, files)


def apply_edits(records: Iterable[Record], edits: Iterable[RowEdit]) -> list[Record]:
    """Records that have an order of their own with the edits: a changed one stays in its place.

    >>> apply_edits([("a",), ("b",)], [RowEdit("boats", ("a",), ("c",)), RowEdit("boats", None, ("d",))])
    [('c',), ('b',), ('d',)]
    """
    kept = list(records)
    for edit in edits:
        place = kept.index(edit.before) if edit.before in kept else len(kept)
        kept[place : place + 1] = [edit.after] if edit.after else []
    return kept


def list_undoable(saves: Sequence[Save]) -> list[Save]:
    """The last saves, as far back as they can be undone.

    >>> edits = (RowEdit("boats", None, ("a",)),) * MOST_ROWS
    >>> [save.label for save in list_undoable([Save("one", ()), Save("two", edits), Save("three", edits)])]
    ['three']
    """
    rows, kept = 0, list[Save]()
    for save in reversed(saves[-MOST_SAVES:]):
        rows += len(save.edits)
        if kept and rows > MOST_ROWS:
            break
        kept.insert(0, save)
    return kept


def judge(desk: Desk, view: DraftView, plan: EditPlan) -> list[tuple[Problem, RowEdit | None]]:
    """What the rows of a plan leave open; RefusedError when one is wrong, as for accepted suggestions."""
    if plan.problems:
        raise RefusedError((problem, plan.edit_at(problem)) for problem in plan.problems)
    files = desk.list_files(view, plan)
    known = desk.list_files(view, EditPlan(records=plan.records)) if desk.reader else {}
    is_known = tolerate_known(view.package, RULE_SET) if not known else _tolerate(view.package, known)
    wrong, left_open = [], []
    for problem in find_problems(view.package, files, RULE_SET):
        edit = plan.edit_at(problem)
        if is_open(problem) and (edit or is_known(problem)):
            left_open.append((problem, edit))
        elif edit or not is_known(problem):
            wrong.append((problem, edit))
    if wrong:
        raise RefusedError(wrong)
    return left_open


def check_as_typed(desk: Desk, view: DraftView, edits: Sequence[RowEdit]) -> list[tuple[Problem, RowEdit]]:
    """The problems that edited rows have by themselves: a part of those that a save would find, but sooner.

    Rows of other documents are left out, unless an edit names a claim of theirs. What only they contradict is
    found when the form is saved.
    """
    plan = desk.plan(view, edits)
    found = list(plan.problems)
    if not found:
        merged = apply_plan(view.tables, plan)
        corpus = build_corpus(view.package, merged)
        files, sources = {}, {view.source_id, *_list_named_sources(view, edits)}
        for table in merged.values():
            own = (row.cells for row in table.rows if _stays(corpus, sources, row))
            files[table.resource.paths[0]] = canonical_bytes(table.resource, own)
        plan.places = _find_places(view.package, files, plan)
        found = find_problems(view.package, files, RULE_SET)
    return [(problem, edit) for problem in found if (edit := plan.edit_at(problem))]


def _list_named_sources(view: DraftView, edits: Sequence[RowEdit]) -> Iterator[str]:
    """The sources of the claims that relations to be saved name."""
    for edit in edits:
        if edit.table == "claim_relations" and edit.after:
            claims = (view.corpus["claims"].get(key) for key in edit.after[:2])
            yield from (view.corpus.source_id(claim) for claim in claims if claim)


def _stays(corpus: Corpus, sources: Collection[str], row: Row) -> bool:
    """Whether a row is checked as one types: of the sources, something to link, or something given."""
    name = row.table.resource.name
    return name in ALWAYS or corpus.source_id(row) in sources


def _find_places(
    package: Package, files: Mapping[str, bytes], plan: EditPlan
) -> dict[tuple[str, int], RowEdit]:
    """The edits by the lines that their rows have in fewer rows; every row of our tables is one line."""
    places = {}
    for edit in plan.places.values():
        resource = package.by_name[edit.table]
        path = resource.paths[0]
        line = canonical_bytes(resource, [edit.after or ()]).splitlines()[1]
        places[path, files[path].splitlines().index(line) + 1] = edit
    return places


def _tolerate(package: Package, files: Mapping[str, bytes]) -> Callable[[Problem], bool]:
    known = {
        (item.path, item.field, item.value, item.message) for item in find_problems(package, files, RULE_SET)
    }
    return lambda item: (item.path, item.field, item.value, item.message) in known


def is_open(problem: Problem) -> bool:
    """Whether a row is only incomplete, which can be mended later."""
    return problem.code in STILL_OPEN or bool(problem.field and not problem.value)


def render_tables(tables: Tables) -> dict[str, bytes]:
    """The file of every table, by path."""
    return {table.resource.paths[0]: render_rows(table) for table in tables.values()}


def apply_plan(tables: Tables, plan: EditPlan) -> Tables:
    """The tables with the records of a plan."""
    changed = {}
    for name, records in plan.records.items():
        if name in tables:
            table = changed[name] = Table(tables[name].resource)
            path = table.resource.paths[0]
            table.rows = [Row(table, path, line, record) for line, record in enumerate(records, 2)]
    return {**tables, **changed}


def read_log(file: Path) -> list[Save]:
    """The saves of a log; none when it is missing, and those of an unreadable one cannot be undone."""
    try:
        return [read_save(raw) for raw in json.loads(file.read_text(encoding="utf-8"))]
    except (OSError, ValueError, KeyError, TypeError):
        return []
