"""Consensus on relations: two readings beside each other, and what is decided where they differ.

Both readers relate the same claims, so their rows are compared by the two claims and the topic of the
question, as in the log of the first five documents.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from packpress.editing.format import make_record
from packpress.problems import CannotRunError
from packpress.tables.rows import Row

from scripts.curating.app import Request, Response
from scripts.curating.consensus import ENOUGH, begin_decision, keep_first_reading
from scripts.curating.desk import SETTLED, Desk, DraftView, StalePageError, hash_rows
from scripts.curating.forms import Filled
from scripts.curating.readings import RELATION_READING, Questions, joins_claim_of, read_relation_rows
from scripts.curating.relation_pages import tell_relation
from scripts.curating.relation_rows import RELATIONS, TURNED, replace_relations
from scripts.curating.workbench import Attempt, Workbench
from scripts.curation.agreement import Comparison, Record, group_relations
from scripts.curation.figures import compare_relations
from scripts.rules.relations import DIRECTED, arrange_relation

BOTH = "Both readers have it."
NONE = "none"


@dataclass(frozen=True)
class ComparedRelation:
    """What two readers, and the tables now, have between two claims on a topic, the smaller id first."""

    key: Comparison
    first: tuple[Record, ...]
    second: tuple[Record, ...]
    current: tuple[Record, ...]

    @property
    def name(self) -> str:
        """The name of the pair in forms."""
        return "+".join(self.key)

    @property
    def is_alike(self) -> bool:
        """Whether both readers have the same relations, in the same direction."""
        return tell_all(self.first) == tell_all(self.second)


def tell_all(rows: tuple[Record, ...]) -> str:
    """The relations of the rows in words, the smaller id first; empty for no rows."""
    return " and ".join(sorted({tell_row(row) for row in rows}))


def tell_row(row: Record) -> str:
    """The relation of a row in words, seen from the claim with the smaller id."""
    is_turned = row["relation"] == DIRECTED and row["claim_id"] > row["related_claim_id"]
    return tell_relation(TURNED) if is_turned else row["relation"]


def list_compared(view: DraftView) -> list[ComparedRelation]:
    """What either reader has, in the order of the claims."""
    first, second = (_group(read_reading(view, folder)) for folder in _list_folders())
    current = _group(list_current(view))
    keys = sorted({*first, *second})
    return [
        ComparedRelation(key, *(tuple(side.get(key, ())) for side in (first, second, current)))
        for key in keys
    ]


def _list_folders() -> tuple[str, str]:
    return RELATION_READING.first, RELATION_READING.folder


def read_reading(view: DraftView, folder: str) -> list[Record]:
    """The rows that a reader of relations recorded on the draft."""
    return read_relation_rows(view.package.root / folder / view.source_id)


def list_current(view: DraftView) -> Iterator[Record]:
    """The relations of the draft as the tables have them, with their questions in words."""
    for row in view.tables[RELATIONS].rows:
        question = view.tables["questions"].get(row["question_id"])
        if question and joins_claim_of(view.corpus, row, view.source_id):
            yield {**row.named, "question": question["question"], "topic": question["topic"]}


def _group(rows: "list[Record] | Iterator[Record]") -> dict[Comparison, list[Record]]:
    grouped: dict[Comparison, list[Record]] = {}
    for row in rows:
        one, other = sorted((row["claim_id"], row["related_claim_id"]))
        grouped.setdefault((one, other, row["topic"]), []).append(row)
    return grouped


def find_log(view: DraftView, key: Comparison) -> tuple[str, ...] | None:
    """The row of the log that settles a comparison; None while there is none."""
    return next((row for row in view.settled if row[:3] == key), None)


def measure_relations(view: DraftView, first: list[Record], second: list[Record]) -> list[tuple[str, ...]]:
    """The agreement of two readers on the draft, by topic, as the method page computes it."""
    passages = {row.key: row["passage_id"] for row in view.tables["claims"].rows}
    one, other = (group_relations(rows, passages) for rows in (first, second))
    documents = {row.key for row in view.corpus.sources}
    *lines, last = compare_relations(view.corpus, one, other, documents)
    # Topics on which neither has anything say nothing.
    return [*(line for line in lines if not line[1].startswith("– ")), ("all", *last[1:])]


def agree_on_relations(view: DraftView) -> Filled:
    """The rows of the log for what both readers have alike."""
    filled = Filled()
    for pair in list_compared(view):
        if pair.is_alike and find_log(view, pair.key) is None:
            told = tell_all(pair.first)
            filled.add(SETTLED, None, (*pair.key, told, told, "", told, BOTH))
    return filled


def decide_relation(view: DraftView, pair: ComparedRelation, choice: str, reason: str) -> Filled:
    """The edits by which a comparison becomes that of one reader, or none, with the row of the log."""
    sides = {"first": pair.first, "second": pair.second, "written": pair.current, "neither": ()}
    filled = begin_decision(choice, sides, reason)
    if filled.errors:
        return filled
    chosen = sides[choice]
    if choice != "written":
        _put(view, pair, chosen, filled)
    log = find_log(view, pair.key)
    told = (tell_all(pair.first), tell_all(pair.second), "", tell_all(chosen) or NONE, reason.strip())
    filled.add(SETTLED, log, (*pair.key, *told))
    return filled


def _put(view: DraftView, pair: ComparedRelation, chosen: tuple[Record, ...], filled: Filled) -> None:
    """Puts the rows of a side in place of what the tables have."""
    questions = Questions(view.tables["questions"])
    made = []
    for row in chosen:
        cells = {**row, "question_id": questions.find(row["question"], row["topic"])}
        made.append(make_record(view.package.by_name[RELATIONS], arrange_relation(RELATIONS, cells)))
    for question in questions.new:
        filled.add("questions", None, question)
    replace_relations(view, _find_rows(view, pair), made, filled)


def _find_rows(view: DraftView, pair: ComparedRelation) -> Iterator[Row]:
    questions = {row["question_id"] for row in pair.current}
    for row in view.tables[RELATIONS].rows:
        if row["question_id"] in questions and {row["claim_id"], row["related_claim_id"]} == {*pair.key[:2]}:
            yield row


# ---- the page ----


def show_compared(bench: Workbench, request: Request) -> Response:
    """Both readings of the relations beside each other, with their agreement."""
    return _answer_compared(bench)


def _answer_compared(bench: Workbench, *attempt: Attempt) -> Response:
    view = bench.desk.read()
    second = read_reading(view, RELATION_READING.folder)
    kept = read_reading(view, RELATION_READING.first)
    first = kept or list(list_current(view))
    is_shown = bool(kept) or min(len(first), len(second)) >= ENOUGH
    pairs = [describe_compared(view, pair) for pair in list_compared(view)] if kept else []
    shown: dict[str, Any] = {
        "second": len(second),
        "enough": ENOUGH,
        "is_begun": bool(kept),
        "agreement": measure_relations(view, first, second) if is_shown and second else [],
        "pairs": pairs,
        "settled": sum(pair["log"] is not None for pair in pairs),
    }
    title = "Two readings of the relations"
    return bench.answer("compare_relations.html", view, *attempt, title=title, here="/relations", **shown)


def describe_compared(view: DraftView, pair: ComparedRelation) -> dict[str, Any]:
    """What the page shows of a comparison."""
    claims = [view.tables["claims"].get(key) for key in pair.key[:2]]
    passages = [view.corpus.passage(claim) for claim in claims if claim]
    draft = sorted(passages, key=lambda row: row is None or row["source_id"] != view.source_id)
    way = [row.key for row in draft if row]
    return {
        "name": pair.name,
        "topic": pair.key[2],
        "claims": [
            (key, claim["statement"] if claim else "") for key, claim in zip(pair.key, claims, strict=False)
        ],
        "sides": [(tell_all(rows).replace("_", " "), rows) for rows in (pair.first, pair.second)],
        "current": tell_all(pair.current).replace("_", " "),
        "alike": pair.is_alike,
        "log": find_log(view, pair.key),
        "path": f"/relations/{way[0]}/{way[1]}" if len(way) == 2 and way[0] != way[1] else "",
        "version": version_of_compared(pair),
    }


def version_of_compared(pair: ComparedRelation) -> str:
    """A hash of what the two readers and the tables have of a comparison."""
    sides = enumerate((pair.first, pair.second, pair.current))
    return hash_rows((str(side), *row.values()) for side, rows in sides for row in rows)


def begin_comparing(bench: Workbench, request: Request) -> Response:
    """Keeps the first reading of the relations, and logs what both readers have alike."""
    keep_first_relations(bench.desk)
    attempt = bench.save("what both readers of relations have alike", agree_on_relations)
    return _tell(bench, attempt)


def keep_first_relations(desk: Desk) -> None:
    """Keeps the relations that the tables have of the draft, unless they are kept already.

    Raises CannotRunError while the second reader has recorded nothing, or the tables have nothing.
    """
    view = desk.read()
    if not read_reading(view, RELATION_READING.folder):
        raise CannotRunError(
            "there is no second reading of the relations yet; "
            f"start one with make curate SOURCE={desk.source_id} READER=reader-d"
        )
    if not any(list_current(view)):
        raise CannotRunError("the tables have no relation of this draft yet; record those first")
    keep_first_reading(desk, RELATION_READING)


def decide_compared(bench: Workbench, request: Request) -> Response:
    """Settles a comparison on what one reader has, on what was written anew, or on none."""

    def fill_decision(view: DraftView) -> Filled:
        pairs = {pair.name: pair for pair in list_compared(view)}
        pair = pairs.get(request.form.get("pair", ""))
        if pair is None or request.form.get("version") != version_of_compared(pair):
            raise StalePageError
        return decide_relation(view, pair, request.form.get("choice", ""), request.form.get("reason", ""))

    return _tell(bench, bench.save(f"the decision on {request.form.get('pair', '')}", fill_decision))


def _tell(bench: Workbench, attempt: Attempt) -> Response:
    if attempt.outcome:
        return bench.tell(attempt.outcome, "/compare/relations")
    return _answer_compared(bench, attempt)


ROUTES = {
    ("GET", "compare/relations"): show_compared,
    ("POST", "compare/relations"): begin_comparing,
    ("POST", "compare/relations/decide"): decide_compared,
}
